#!/bin/bash
# The emulator's data tables, asked for over HTTP.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/emulator.sh"

tables=/api/v2/flows/datatables

# schema [PROPERTIES]: a schema with key and these.
schema() {
	jq -cn --argjson more "${1:-{\}}" '{"$schema":"http://json-schema.org/draft-04/schema#",type:"object",required:["key"],
		additionalProperties:false,
		properties:({key:{"$id":"/properties/key",type:"string",title:"Key",displayOrder:0}} + $more)}'
}

# table NAME [SCHEMA]: the body of a create.
table() { jq -cn --arg name "$1" --argjson schema "${2:-$(schema)}" '{name:$name,schema:$schema}'; }

# create NAME [SCHEMA]: sets $id
create() {
	call POST "$tables" "$(table "$@")"
	id=$(get .id)
}

columns='{"live":{"$id":"/properties/live","type":"boolean","title":"Live","default":true,"displayOrder":1},
	"text":{"$id":"/properties/text","type":"string","title":"Text","displayOrder":2},
	"count":{"$id":"/properties/count","type":"integer","title":"Count","displayOrder":3},
	"share":{"$id":"/properties/share","type":"number","title":"Share","default":0.5,"displayOrder":4},
	"on":{"$id":"/properties/on","type":"boolean","title":"On","displayOrder":5}}'

echo "== tables"
start
call POST "$tables" "$(table Templates "$(schema "$columns")" | jq -c '. + {description:"Ours",division:{id:"d-1",name:"Home"}}')"
answers "a create" 200
id=$(get .id)
equals "what it answers" "$(jq -cS 'del(.id,.selfUri)' "$work/body")" \
	'{"description":"Ours","division":{"id":"d-1","name":"Home"},"name":"Templates"}'
call GET "$tables/$id"
equals "get" "$(get '"\(.name) \(has("schema"))"')" "Templates false"
call GET "$tables/$id?expand=schema"
equals "get with its schema" "$(jq -cS .schema "$work/body")" "$(schema "$columns" | jq -cS .)"
call GET "$tables/$id?expand=rows"
answers "another expand" 400 bad.request expand
call GET "$tables/nothing"
answers "get of nothing" 404 not.found
create tEMPLATES
answers "the same name in another case" 409 datatable.duplicate name
create Ärger
create ÄRGER
answers "beyond ASCII too" 409 datatable.duplicate
call PATCH "$tables/$id" '{}'
answers "another method" 405 method.not.allowed

echo "== refused tables"
# refused NAME FIELD JQ: a create of a good table after this change
refused() {
	call POST "$tables" "$(table refused "$(schema "$columns")" | jq -c "$3")"
	answers "$1" 400 bad.request "$2"
}
refused "no name" name 'del(.name)'
refused "an empty name" name '.name = ""'
refused "a description of another type" description '.description = 1'
refused "a division without id" division.id '.division = {}'
refused "no schema" schema 'del(.schema)'
refused "another draft" 'schema.$schema' '.schema["$schema"] = "http://json-schema.org/draft-07/schema#"'
refused "no object" schema.type '.schema.type = "array"'
refused "nothing required" schema.required 'del(.schema.required)'
refused "more required" schema.required '.schema.required += ["text"]'
refused "additional properties" schema.additionalProperties '.schema.additionalProperties = true'
refused "no properties" schema.properties 'del(.schema.properties)'
refused "no key" schema.properties.key 'del(.schema.properties.key)'
refused "a key that is no string" schema.properties.key.type '.schema.properties.key.type = "integer"'
refused "another type" schema.properties.text.type '.schema.properties.text.type = "array"'
refused "no type" schema.properties.text.type 'del(.schema.properties.text.type)'
refused "a property that is no object" schema.properties.text '.schema.properties.text = 1'
refused "an id of another property" 'schema.properties.text.$id' '.schema.properties.text["$id"] = "/properties/live"'
refused "a title of another type" schema.properties.text.title '.schema.properties.text.title = 1'
refused "an order of another type" schema.properties.text.displayOrder '.schema.properties.text.displayOrder = "1"'
refused "a default of another type" schema.properties.live.default '.schema.properties.live.default = "true"'
refused "a default that is no integer" schema.properties.count.default '.schema.properties.count.default = 1.5'
many() { jq -cn --argjson n "$1" '[range(1; $n) | {key: "p\(.)", value: {"$id": "/properties/p\(.)", type: "string"}}] | from_entries'; }
create fifty "$(schema "$(many 50)")"
answers "50 properties" 200
create more "$(schema "$(many 51)")"
answers "51 properties" 400 bad.request schema.properties
call POST "$tables" '{"name":"twice","schema":{"type":"object","required":["key"],"properties":{"key":{"type":"string"},"a":{"type":"string"},"a":{"type":"number"}}}}'
answers "a property twice" 400 bad.request schema.properties.a
call POST "$tables" '[]'
answers "no object" 400 bad.request

echo "== listing tables"
start
for name in beta Alpha 'a?b' gamma_x; do create "$name" "$(schema "$columns")"; done
names() { call GET "$tables?$1" && get '[.entities[].name] | join(" ")'; }
equals "by name" "$(names sortBy=name)" "a?b Alpha beta gamma_x"
equals "descending" "$(names 'sortBy=name&sortOrder=descending')" "gamma_x beta Alpha a?b"
call GET "$tables"
equals "by id otherwise" "$(get '[.entities[].id] == ([.entities[].id] | sort)') $(get '.entities | map(has("schema")) | any')" "true false"
call GET "$tables?expand=schema"
equals "with schemas" "$(get '[.entities[].schema.properties.live.type] | unique | join(" ")')" boolean
call GET "$tables?sortBy=name&pageSize=3&pageNumber=2"
equals "pages" "$(jq -c '[.pageSize, .pageNumber, .total, .pageCount, .entities[].name]' "$work/body")" '[3,2,4,2,"gamma_x"]'
equals "a name" "$(names name=ALPHA)" Alpha
equals "is exact" "$(names name=alph)" ""
equals "but for *" "$(names 'sortBy=name&name=*A')" "Alpha beta"
equals "in the middle" "$(names 'name=ga*_x')" gamma_x
equals "more than one" "$(names 'name=*a*m*')" gamma_x
equals "nothing else is special" "$(names 'name=a?*')" "a?b"
call GET "$tables?name=%FF"
equals "a name that is no UTF-8" "$status $(get .total)" "200 0"
call GET "$tables?sortBy=size"
answers "another order" 400 bad.request sortBy
call GET "$tables?sortOrder=up"
answers "another direction" 400 bad.request sortOrder
call GET "$tables?pageSize=0"
answers "another page size" 400 bad.request pageSize

echo "== rows"
start
create T "$(schema "$columns")"
rows=$tables/$id/rows
call POST "$rows" '{"key":"b","text":"Grüße","count":-3,"share":1.25,"live":false,"on":true}'
answers "a create" 200
whole='{"count":-3,"key":"b","live":false,"on":true,"share":1.25,"text":"Grüße"}'
equals "what it answers" "$(jq -cS . "$work/body")" "$whole"
call POST "$rows" '{"key":"a"}'
equals "defaults" "$(jq -cS . "$work/body")" '{"count":0,"key":"a","live":true,"on":false,"share":0.5,"text":""}'
call POST "$rows" '{"key":"b"}'
answers "a key that is there" 409 datatable.row.duplicate key
row_refused() {
	call POST "$rows" "$3"
	answers "$1" 400 bad.request "$2"
}
row_refused "no key" key '{"text":"x"}'
row_refused "an empty key" key '{"key":""}'
row_refused "a key of another type" key '{"key":1}'
row_refused "an unknown field" other '{"key":"x","other":1}'
row_refused "a name in another case" Text '{"key":"x","Text":"x"}'
row_refused "a number for a string" text '{"key":"x","text":1}'
row_refused "null" text '{"key":"x","text":null}'
row_refused "a string for a boolean" live '{"key":"x","live":"true"}'
row_refused "a string for a number" share '{"key":"x","share":"1"}'
row_refused "a number past all" share '{"key":"x","share":1e999}'
row_refused "a fraction for an integer" count '{"key":"x","count":1.5}'
row_refused "an integer past all" count '{"key":"x","count":1e300}'
call POST "$tables/nothing/rows" '{"key":"x"}'
answers "of no table" 404 not.found
call POST "$rows" '{"key":"c"}'
call GET "$rows"
equals "a listing has keys" "$(jq -c .entities "$work/body")" '[{"key":"a"},{"key":"b"},{"key":"c"}]'
call GET "$rows?showbrief=false"
equals "or whole rows" "$(jq -cS '.entities[1]' "$work/body")" "$whole"
call GET "$rows?sortOrder=descending&pageSize=2&pageNumber=2&showbrief=true"
equals "pages, descending" "$(jq -c '[.total, .pageCount, .entities]' "$work/body")" '[3,2,[{"key":"a"}]]'
call GET "$rows?showbrief=no"
answers "another showbrief" 400 bad.request showbrief
call GET "$rows?sortOrder=no"
answers "another order" 400 bad.request sortOrder
call GET "$rows/b"
equals "get has the key" "$(jq -c . "$work/body")" '{"key":"b"}'
call GET "$rows/b?showbrief=false"
equals "or the whole row" "$(jq -cS . "$work/body")" "$whole"
call GET "$rows/B"
answers "get of nothing" 404 not.found
call PUT "$rows/b" '{"key":"b","text":"new"}'
equals "a replace" "$status $(jq -cS . "$work/body")" '200 {"count":0,"key":"b","live":true,"on":false,"share":0.5,"text":"new"}'
call GET "$rows/b?showbrief=false"
equals "stays" "$(get .text)" new
call PUT "$rows/b" '{"key":"c"}'
answers "another key in the body" 400 bad.request key
call PUT "$rows/b" '{"text":"x"}'
answers "none in the body" 400 bad.request key
call PUT "$rows/b" '{"key":"b","other":"x"}'
answers "a replace with an unknown field" 400 bad.request other
call PUT "$rows/x" '{"key":"x"}'
answers "a replace of nothing" 404 not.found
call DELETE "$rows/b"
answers "a delete" 204
call GET "$rows"
equals "is gone" "$(get '[.entities[].key] | join(" ")')" "a c"
call DELETE "$rows/b"
answers "a delete of nothing" 404 not.found

echo "== keys"
start
create T
rows=$tables/$id/rows
for key in 'a/b' 'order:v1/en_US' ' two  words ' 'größe/日本' '100%2F' 'a+b&c=d?e#f' '/' '%' '..'; do
	encoded=$(jq -rn --arg key "$key" '$key | @uri | gsub("\\.";"%2E")')
	call POST "$rows" "$(jq -cn --arg key "$key" '{key:$key}')"
	call GET "$rows/$encoded"
	equals "get of '$key'" "$status $(get .key)" "200 $key"
	call PUT "$rows/$encoded" "$(jq -cn --arg key "$key" '{key:$key}')"
	answers "replace of '$key'" 200
	call DELETE "$rows/$encoded"
	answers "delete of '$key'" 204
done
call POST "$rows" '{"key":"a"}'
call GET "$rows/a%00b"
answers "a NUL ends no key" 404 not.found
call GET "$rows/%FF"
answers "a key that is no UTF-8" 404 not.found
call GET "$rows/a/b"
answers "a slash separates" 404 not.found
call GET "/api/v2/flows%2Fdatatables"
answers "an encoded one does not" 404 not.found
call GET "/api/v2/flows/%64atatables"
answers "what else is encoded is decoded" 200
call GET "$rows/"
answers "no key" 404 not.found

echo "== more columns"
start --data "$work/columns.db"
create T "$(schema "$columns")"
rows=$tables/$id/rows
call POST "$rows" '{"key":"a","text":"kept"}'
# put JQ: a replace of the table by itself with this change
put() {
	call GET "$tables/$id?expand=schema"
	call PUT "$tables/$id?expand=schema" "$(jq -c "$1" "$work/body")"
}
put 'del(.schema.properties.text)'
answers "a removed column" 400 bad.request schema.properties.text
put '.schema.properties.text.type = "number"'
answers "another type" 400 bad.request schema.properties.text
put '.schema.properties.share.default = 1'
answers "another default" 400 bad.request schema.properties.share
put '.schema.properties.text.type = "none"'
answers "a type that there is not" 400 bad.request schema.properties.text.type
put '.schema.properties.more = {"$id":"/properties/more",type:"string",default:"yes"} | .schema.properties.size = {type:"integer"}'
answers "more columns" 200
equals "with the schema" "$(get '.schema.properties.more.default')" yes
added='{"count":0,"key":"a","live":true,"more":"yes","on":false,"share":0.5,"size":0,"text":"kept"}'
call GET "$rows/a?showbrief=false"
equals "old rows have them" "$(jq -cS . "$work/body")" "$added"
call POST "$rows" '{"key":"b","more":"no"}'
equals "new ones too" "$(get .more)" no
stop KILL
start --data "$work/columns.db"
call GET "$rows/a?showbrief=false"
equals "after a restart too" "$(jq -cS . "$work/body")" "$added"
put '.name = "Other" | .description = "New" | .division = {id:"d-2"}'
equals "a new name" "$(jq -c '[.name, .description, .division]' "$work/body")" '["Other","New",{"id":"d-2"}]'
put 'del(.description, .division)'
equals "a division stays" "$(jq -c '[.description, .division]' "$work/body")" '[null,{"id":"d-2"}]'
put '.name = "OTHER"'
equals "its own name in another case" "$status $(get .name)" "200 OTHER"
other=$id
create Taken
id=$other
put '.name = "taken"'
answers "the name of another" 409 datatable.duplicate name
call PUT "$tables/nothing" "$(table x)"
answers "a replace of nothing" 404 not.found
call DELETE "$tables/$id"
answers "a delete" 204
call GET "$tables/$id"
answers "is gone" 404 not.found
call GET "$rows"
answers "its rows too" 404 not.found
call DELETE "$tables/$id"
answers "a delete of nothing" 404 not.found
create Other
answers "the name is free" 200
stop TERM
start --data "$work/columns.db"
call GET "$tables/$id"
answers "no row is left behind in --data" 200

echo "== limits"
start --limit-datatable-rows 2
create T
rows=$tables/$id/rows
for key in a b c; do call POST "$rows" "{\"key\":\"$key\"}"; done
answers "a third row" 400 datatable.row.limit
call POST "$rows" '{"key":"a"}'
answers "a key that is there comes first" 409 datatable.row.duplicate
call PUT "$rows/a" '{"key":"a"}'
answers "a replace in a full table" 200
call DELETE "$rows/a"
call POST "$rows" '{"key":"c"}'
answers "a row after a delete" 200
"$HSM_BUILD/genesys-emulator" --port 0 --limit-datatable-rows 0 >"$work/out" 2>&1
equals "a limit of 0" $? 64
start --data "$work/full.db"
for table in $(seq 16); do
	create "Table $table" "$(schema "$columns")"
	ids[table]=$id
done
# One connection, 5000 creates in a scrambled order.
jq -rn --arg url "$url$tables/${ids[1]}/rows" --arg token "$token" 'range(5000) | (. * 3779 % 5000) as $n |
	"url = \"\($url)\"\nheader = \"Authorization: Bearer \($token)\"\nheader = \"Content-Type: application/json\"
data = \"{\\\"key\\\":\\\"k\($n)\\\",\\\"count\\\":\($n)}\"\noutput = \"/dev/null\"\nnext"' | sed '$d' >"$work/creates"
begin=$(date +%s)
curl -sS -K "$work/creates" || bad "5000 creates"
call GET "$tables/${ids[1]}/rows?pageSize=100&pageNumber=50&showbrief=false"
equals "5000 rows, in order" "$(get '"\(.total) \(.entities[99].key) \(.entities[99].count)"')" "5000 k999 999"
call POST "$tables/${ids[1]}/rows" '{"key":"one more"}'
answers "and no more by default" 400 datatable.row.limit
[ $(($(date +%s) - begin)) -lt 60 ] && ok "in time" || bad "in time: $(($(date +%s) - begin)) s"
stop KILL
start --data "$work/full.db"
call GET "$tables/${ids[1]}/rows/k4999?showbrief=false"
equals "all of it after a kill" "$(get .count)" 4999
call DELETE "$tables/${ids[1]}"
answers "a delete of a full table" 204

echo "== state"
start --data "$work/data.db"
create T "$(schema "$columns")"
rows=$tables/$id/rows
call POST "$rows" '{"key":"a/b","text":"ü"}'
call POST "$rows" '{"key":"gone"}'
call DELETE "$rows/gone"
call POST "$rows" '{"key":"c"}'
call PUT "$rows/c" '{"key":"c","count":7}'
admin GET state | jq -cS .datatables >"$work/before"
equals "the state" "$(jq -c 'map([keys, .name, [.rows[] | [.key, .text, .count]]])' "$work/before")" \
	'[[["id","name","rows"],"T",[["a/b","ü",0],["c","",7]]]]'
stop KILL
start --data "$work/data.db"
equals "outlives a kill" "$(admin GET state | jq -cS .datatables)" "$(cat "$work/before")"
call GET "$tables/$id?expand=schema"
equals "and the schema" "$(jq -cS .schema "$work/body")" "$(schema "$columns" | jq -cS .)"
admin POST reset
equals "reset" "$(admin GET state | jq -c .datatables)" "[]"
stop TERM
start --data "$work/data.db"
equals "is kept" "$(admin GET state | jq -c .datatables)" "[]"

echo "== scope, rate, faults, log"
start --no-scope architect
for request in "GET $tables" "POST $tables" "GET $tables/x" "PUT $tables/x" "DELETE $tables/x" "GET $tables/x/rows" \
	"POST $tables/x/rows" "GET $tables/x/rows/y" "PUT $tables/x/rows/y" "DELETE $tables/x/rows/y"; do
	call ${request% *} "${request#* }" '{}'
	equals "no scope: ${request% *} ${request#*flows}" "$status $(get .messageParams.scopes)" "403 architect"
done
call GET /api/v2/messaging/providers
answers "other scopes work" 200
token=
call GET "$tables"
answers "no token" 401
start --rate 2/min
for _ in 1 2 3; do call GET "$tables"; done
answers "the rate limit" 429 too.many.requests.retry.after
start --fault 'POST:*/rows:reset-after:at=1' --fault 'PUT:*/rows/a%2Fb:status=503:at=1'
create T
rows=$tables/$id/rows
call POST "$rows" '{"key":"a/b"}'
equals "an answer is lost" "$status" 000
call POST "$rows" '{"key":"a/b"}'
answers "but it was done" 409 datatable.row.duplicate
call PUT "$rows/a%2Fb" '{"key":"a/b"}'
answers "a fault by path" 503
call PUT "$rows/a%2Fb" '{"key":"a/b"}'
answers "once" 200
equals "the log" "$(requests "PUT $rows/a/b")" 2
equals "counters" "$(admin GET counters | jq -c '.requests["PUT /api/v2/flows/datatables/{datatableId}/rows/{rowId}"]')" 2
stop TERM
finish
