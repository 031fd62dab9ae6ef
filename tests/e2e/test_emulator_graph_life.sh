#!/bin/bash
# What becomes of a template of Meta's API: what listings change in it, uploads, edits, reviews,
# deletions, limits, faults.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/graph.sh"

buttons() { jq -cn '{type:"BUTTONS",buttons:$ARGS.positional}' --jsonargs -- "$@"; }
advance() { admin POST clock "{\"advance_seconds\":$1}" >"$work/clock"; }
# node FIELDS: of the template whose id is $id
node() { graph GET "$id?fields=$1"; }
make() { create "$@"; id=$(get .id); }
review() { admin POST "templates/$id/review" "$1" >"$work/review"; }
hello=$(body "Hello, this is a text.")

echo "== uploads, and what listings change"
start --data "$work/db"
printf 'not really a picture' >"$work/logo.png"
upload image/png "$work/logo.png"
case $session in "upload:"*"?sig=AR"*) ok "a session" ;; *) bad "a session: $session" ;; esac
case $handle in 4::aW1hZ2UvcG5n:*) ok "a handle, with its type" ;; *) bad "a handle: $handle" ;; esac
[[ $handle == *$(sha256sum <"$work/logo.png" | cut -c1-64)* ]] && ok "and its content" || bad "and its content: $handle"
create pictured en_US '[{"format":"image","example":{"header_handle":["'"$handle"'"]},"type":"header"},{"text":"Look at this.","type":"body"},
	{"buttons":[{"phone_number":"34600000000","text":"Call","type":"phone_number"}],"type":"buttons"}]'
id=$(get .id)
node components
equals "a handle becomes a URL of a CDN" "$(get '.components[0].example.header_handle[0] | .[0:35]')" "https://scontent.whatsapp.net/v/t61"
equals "members stand in Meta's order" "$(get '.components[0], .components[1] | keys_unsorted | join(",")' | tr '\n' ' ')" "type,format,example type,text "
equals "enums are upper case" "$(get '[.components[0].format, .components[2].buttons[0].type] | join(" ")')" "IMAGE PHONE_NUMBER"
equals "a phone number has its plus" "$(get .components[2].buttons[0].phone_number)" "+34600000000"
video='[{"type":"HEADER","format":"VIDEO","example":{"header_handle":["'"$handle"'"]}},'"$hello]"
create video en_US "$video"
answers "a picture is no video" 400 100 2388047
stop KILL
start --data "$work/db"
create video en_US "$video"
answers "after a restart neither" 400 100 2388047
advance 2592001
create late en_US "${video/VIDEO/IMAGE}"
answers "a handle lives for 30 days" 400 100 2388047
graph POST "$app/uploads?file_length=20&file_type=image/png"
session=$(get .id)
put() { curl -sS -o "$work/body" -w '%{http_code}' -X POST -H "Authorization: OAuth $graph_token" -H "file_offset: $1" -H 'Content-Type:' \
	--data-binary "$2" "$url/v23.0/$session"; }
equals "half of the bytes" "$(put 0 0123456789) $(get .file_offset)" "200 10"
graph GET "$session"
equals "says how many are there" "$(get .file_offset)" 10
equals "at another offset: refused" "$(put 0 0123456789) $(get .error.code)" "400 100"
equals "too many: refused" "$(put 10 0123456789x) $(get .error.code)" "400 100"
equals "the rest" "$(put 10 0123456789 >"$work/put"; cut -c1-3 "$work/put") $(get '.h | .[0:3]')" "200 4::"
graph GET "$session"
answers "the session is over" 400 100 33
graph GET "${session%?sig=*}"
answers "nothing without its signature" 400 100 33
graph POST "$app/uploads?file_length=20&file_type=text/html"
answers "a type that is not taken" 400 100
graph POST "$app/uploads?file_type=image/png"
answers "no length" 400 100
head -c 3000000 /dev/zero >"$work/large.pdf"
upload application/pdf "$work/large.pdf"
create large en_US '[{"type":"HEADER","format":"DOCUMENT","example":{"header_handle":["'"$handle"'"]}},'"$hello]"
answers "a large one" 200
start --graph-strict-handles
create strange en_US '[{"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::aW1hZ2U="]}},'"$hello]"
answers "somebody else's handle, where only our own are taken" 400 100 2388047
otp=$(buttons '{"type":"OTP","otp_type":"COPY_CODE","text":"Copy"}')
make code en_US '[{"type":"BODY","add_security_recommendation":true},{"type":"FOOTER","code_expiration_minutes":10},'"$otp]" AUTHENTICATION
node components
equals "the text of a code is Meta's" "$(get '.components[0].text')" "*{{1}}* is your verification code. For your security, do not share this code."
equals "its footer too" "$(get '.components[1].text')" "This code expires in 10 minutes."
make code es_ES '[{"type":"BODY"},{"type":"FOOTER","code_expiration_minutes":10},'"$otp]" AUTHENTICATION
node components
equals "in every language" "$(get '[.components[0].text, .components[1].text] | join(" ")')" \
	"*{{1}}* es tu código de verificación. Este código caduca en 10 minutos."

echo "== edits"
start --review manual
make edited en_US "[$hello]" UTILITY
other=$(body "Hello, this is another text.")
edit() { graph POST "$id" "${1:-"{\"components\":[$other]}"}"; }
edit
answers "in review" 400 100 2388039
review '{"status":"APPROVED"}'
edit '{"category":"MARKETING"}'
answers "another category, once APPROVED" 400 100 null
edit '{"name":"renamed"}'
answers "another name" 400 100 null
edit '{"components":[{"type":"FOOTER","text":"x"}]}'
answers "components that are wrong" 400 100 null
edit '{"message_send_ttl_seconds":5}'
answers "a time to live that is" 400 100 null
edit
equals "an edit" "$(get tojson)" '{"success":true}'
node components,status
equals "is reviewed anew" "$(get '[.status, .components[0].text] | join(" ")')" "PENDING Hello, this is another text."
review '{"status":"APPROVED"}'
edit
answers "one a day" 400 100 2388039
for day in 1 2 3 4 5 6 7 8 9; do
	advance 86401
	edit '{"message_send_ttl_seconds":60}'
	review '{"status":"APPROVED"}'
done
node message_send_ttl_seconds
equals "its time to live" "$(get .message_send_ttl_seconds)" 60
advance 86401
edit
answers "ten in thirty days" 400 100 2388039
review '{"status":"PAUSED"}'
edit '{"components":['"$hello"'],"category":"MARKETING","message_send_ttl_seconds":43200}'
answers "a paused one at any time, its category too" 200
node category
equals "which is another now" "$(get .category)" MARKETING

echo "== reviews"
cat >"$work/script" <<'JSON'
[{"name":"moved_*","status":"APPROVED","category":"MARKETING"},
 {"name":"promo_*","status":"REJECTED","reason":"PROMOTIONAL"},
 {"name":"notice_*","then":[{"after_ms":1000,"correct_category":"MARKETING"},{"after_ms":86400000,"category":"MARKETING"}]}]
JSON
start --review "$work/script"
make moved_a en_US "[$hello]" UTILITY
equals "the category comes back other than sent" "$(get '[.status, .category] | join(" ")')" "APPROVED MARKETING"
node previous_category,category
equals "previous_category" "$(get .previous_category)" UTILITY
create moved_a es_ES "[$hello]" UTILITY
answers "and the name has it for all languages" 400 100 null
make moved_b en_US "[$hello]" UTILITY '{"allow_category_change":false}'
node rejected_reason,status
equals "unless that was forbidden" "$(get '[.status, .rejected_reason] | join(" ")')" "REJECTED TAG_CONTENT_MISMATCH"
make promo_a en_US "[$hello]" MARKETING
node rejected_reason,status
equals "a rejection, with its reason" "$(get '[.status, .rejected_reason] | join(" ")')" "REJECTED PROMOTIONAL"
make notice_a es_ES "[$hello]"
make notice_a en_US "[$hello]"
advance 1
node category,correct_category
equals "a move that is to come" "$(get '[.category, .correct_category] | join(" ")')" "UTILITY MARKETING"
advance 86401
node category,correct_category,previous_category
equals "and has come" "$(get '[.category, .correct_category, .previous_category] | join(" ")')" "MARKETING  UTILITY"
graph GET "$waba/message_templates?name=notice&fields=category"
equals "for every language" "$(get '[.data[].category] | join(" ")')" "MARKETING MARKETING"
review '{"quality":"RED"}'
node quality_score
equals "quality" "$(get .quality_score.score)" RED
admin POST review '{"name":"moved_*","status":"DELETED"}' >"$work/many"
equals "templates that Meta deletes" "$(jq .total "$work/many")" 2
graph GET "$waba/message_templates?name=moved"
equals "are gone" "$(get '.data | length')" 0
admin POST templates "[{\"providerId\":\"$waba\",\"id\":\"9007199254740993\",\"name\":\"seeded\",\"language\":\"en\",\"status\":\"PAUSED\",
	\"parameter_format\":\"NAMED\",\"previous_category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"x\"}]}]" >"$work/seeded"
graph GET 9007199254740993
equals "a seed" "$(get '[.status, .parameter_format, .previous_category, .id] | join(" ")')" "PAUSED NAMED UTILITY 9007199254740993"
equals "whose id is no number" "$(curl -sS -o "$work/body" -w '%{http_code}' -H 'Content-Type: application/json' \
	-d "[{\"providerId\":\"$waba\",\"id\":\"x\",\"name\":\"a\",\"language\":\"en\"}]" "$url/_emulator/templates")" 400
admin POST templates/seeded+en/review '{"status":"DISABLED"}' >"$work/review"
equals "by name and language" "$(admin GET state | jq -r --arg waba "$waba" '.templates[] | select(.name == "seeded" and .providerId == $waba) | .status')" DISABLED

echo "== deletions"
graph DELETE "$waba/message_templates?name=seeded"
answers "a disabled one stays" 400 100 2388039
delete() { graph DELETE "$waba/message_templates?$1"; }
delete hsm_id=9007199254740993
answers "no name" 400 100
delete name=nobody
answers "nobody's" 400 100
make gone en_US "[$hello]"
create gone es_ES "[$hello]"
delete "name=other&hsm_id=$id"
answers "an id under another name" 400 100
delete "name=gone&hsm_id=$id"
equals "one language" "$(get tojson)" '{"success":true}'
graph GET "$waba/message_templates?name=gone&fields=language"
equals "the other one stays" "$(get '[.data[].language] | join(" ")')" es_ES
create gone en_US "[$hello]"
answers "its name is locked" 400 100 2388023
delete name=gone
create gone es_ES "[$hello]"
answers "all languages of a name" 400 100 2388023
advance 2592001
create gone en_US "[$hello]"
answers "for 30 days" 200
make promo_b en_US "[$hello]"
delete "name=promo_b&hsm_id=$id"
create promo_b en_US "[$hello]"
answers "what was never approved locks nothing" 200
make busy en_US "[$hello]"
graph POST "$phone/messages" '{"messaging_product":"whatsapp","to":"34600123456","type":"template","template":{"name":"busy","language":{"code":"en_US"}}}'
answers "a message" 200
delete "name=busy&hsm_id=$id"
node status
equals "what is still on its way keeps the template" "$(get .status)" PENDING_DELETION
create busy en_US "[$hello]"
answers "whose name is locked" 400 100 2388023
delete "name=busy&hsm_id=$id"
answers "and which is not deleted twice" 400 100
advance 2592001
node status
answers "for 30 days" 400 100 33

echo "== limits"
start --limit-templates 2 --limit-hourly 3
create a en_US "[$hello]"
make a es_ES "[$hello]"
create b en_US "[$hello]"
answers "the account is full" 400 100 2388019
delete "name=a&hsm_id=$id"
make c en_US "[$hello]"
delete "name=c&hsm_id=$id"
create d en_US "[$hello]"
answers "the hour is spent" 400 80007
equals "which may be tried again" "$(get .error.is_transient)" true
equals "and is told" "$(header X-Business-Use-Case-Usage | jq -c ".\"$waba\"[0] | [.call_count, .estimated_time_to_regain_access]")" '[100,60]'
advance 3601
create d en_US "[$hello]"
answers "another hour" 200
start --limit-graph-calls 4 --rate 10/min
for _ in 1 2 3 4; do graph GET "$waba"; done
graph GET "$waba"
answers "too many calls about an account" 400 80008
graph GET "$other_waba"
answers "the other has its own" 200
for _ in 1 2 3 4; do graph GET me; done
equals "the app's usage" "$(header X-App-Usage | jq .call_count)" 100
graph GET me
answers "too many of the app" 429 4 2446079
graph POST "$phone/messages" '{}'
answers "too many messages" 429 130429

echo "== faults"
start
admin POST templates "$(jq -cn --arg waba "$waba" '[range(9) | {providerId:$waba,name:"f\(.)",language:"en_US",components:[{type:"BODY",text:"x"},{type:"BUTTONS",buttons:[{type:"QUICK_REPLY",text:"y"}]}]}]')" >"$work/seeded"
fault() { admin DELETE faults; admin POST faults "[\"$1\"]" >"$work/fault"; }
names() { graph GET "$waba/message_templates?limit=4&fields=name${1:+&after=$1}"; get '[.data[].name] | join(" ")'; }
list="GET:*/message_templates*"
fault "$list:cursors=loop"
first=$(names)
cursor=$(get .paging.cursors.after)
equals "cursors that loop" "$first|$(names "$cursor")|$(names "$(get .paging.cursors.after)")" "f8 f7 f6 f5|f7 f6 f5 f4|f7 f6 f5 f4"
fault "$list:cursors=repeat"
first=$(names)
equals "pages that repeat" "$first|$(names "$(get .paging.cursors.after)")" "f8 f7 f6 f5|f8 f7 f6 f5"
fault "$list:number-ids"
graph GET "$waba/message_templates?limit=1"
grep -Eq '"id":[0-9]{18}' "$work/body" && ok "ids as numbers" || bad "ids as numbers: $(cat "$work/body")"
fault "$list:lower-case"
graph GET "$waba/message_templates?limit=1"
equals "enums in lower case" "$(get '.data[0] | [.status, .category, .parameter_format, .components[1].buttons[0].type] | join(" ")')" "approved utility positional quick_reply"
fault "$list:unknown-part"
graph GET "$waba/message_templates?limit=1"
equals "an unknown component" "$(get '[.data[0].components[].type] | join(" ")')" "BODY BUTTONS HOLOGRAM"
fault "$list:unknown-part=button"
graph GET "$waba/message_templates?limit=1"
equals "an unknown button" "$(get '[.data[0].components[1].buttons[].type] | join(" ")')" "QUICK_REPLY TELEPORT"
fault "$list:unknown-status=FROZEN"
graph GET "$waba/message_templates?limit=2"
equals "an unknown status" "$(get '[.data[].status] | join(" ")')" "FROZEN APPROVED"
fault "$list:noise"
graph GET "$waba/message_templates?fields=name,components,quality_score"
equals "noise" "$status $(get '.data | length')" "200 9"
fault "$list:shift-listing=insert"
graph GET "$waba/message_templates?limit=255"
equals "a listing that moves" "$(get '.data | length')" 10
fault "$list:graph-error=190/463"
graph GET "$waba/message_templates"
answers "an error by its numbers" 401 190 463
fault "$list:graph-error"
graph GET "$waba/message_templates"
equals "a temporary one" "$status $(get '.error | [.code, .is_transient] | join(" ")')" "500 2 true"
fault "$list:html=502"
graph GET "$waba/message_templates"
equals "a gateway's page" "$status $(head -c 9 "$work/body")" "502 <!DOCTYPE"
fault "$list:status=503"
graph GET "$waba/message_templates"
answers "a status" 503 2
fault "$list:429"
graph GET "$waba/message_templates"
answers "too many" 429 4
fault "POST:*/message_templates:status-after=500"
create after en_US "[$hello]"
answers "done, and the answer is lost" 500 2
fault "POST:*/message_templates:rewrite"
create after en_US "[$hello]"
answers "it is there" 400 100 2388024
make rewritten en_US "[$hello]"
node components
equals "a text that is not what was sent" "$(get '.components[0].text')" "Hello, this is a text. (rewritten)"
stop TERM
finish
