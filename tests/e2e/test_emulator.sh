#!/bin/bash
# What genesys-emulator promises, asked for over HTTP.
# HSM_BUILD is the folder with the binary (default: build).
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${HSM_BUILD:-$root/build}
emulator=$build/genesys-emulator
work=$(mktemp -d)
failures=0
pid=
receiver=
unset http_proxy https_proxy all_proxy

cleanup() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	[ -z "$receiver" ] || kill "$receiver" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT

ok() { echo "ok    $*"; }
bad() {
	echo "FAIL  $*"
	failures=$((failures + 1))
}
equals() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: got '$2', wanted '$3'"; fi; }

# start [OPTION...]: a new emulator and a token of it; the one before ends.
start() {
	stop
	: >"$work/log" # the one before said "listening", too
	"$emulator" --port 0 "$@" >"$work/log" 2>"$work/err" &
	pid=$!
	for _ in $(seq 300); do
		grep -q listening "$work/log" && break
		sleep 0.02
	done
	url=$(sed -n 's/^genesys-emulator: listening on \(http:.*\)$/\1/p' "$work/log")
	[ -n "$url" ] || { cat "$work/err"; bad "start $*"; exit 1; }
	provider=7f3a2d90-emulated-whatsapp
	templates=/api/v2/messaging/providers/$provider/templates
	login
}

stop() {
	local code=0
	[ -n "$pid" ] || return 0
	kill "$pid"
	wait "$pid" || code=$?
	[ "$code" = 0 ] || { bad "a clean end: exit code $code"; cat "$work/err"; }
	pid=
}

login() { token=$(curl -sS -u "${client:-some-id:some-secret}" -d grant_type=client_credentials "$url/oauth/token" | jq -r '.access_token // empty'); }

# call METHOD PATH [BODY]: sets $status; the answer is in $work/body, its headers in $work/headers.
call() {
	local data=()
	[ $# -lt 3 ] || data=(-H 'Content-Type: application/json' --data-binary "$3")
	: >"$work/body"
	status=$(curl -sS -m 20 -X "$1" -H "Authorization: Bearer $token" "${data[@]}" -D "$work/headers" -o "$work/body" \
		-w '%{http_code}' "$url$2" 2>"$work/curl")
	curl_code=$?
}

get() { jq -r "$1" "$work/body"; }
header() { sed -n "s/^$1: \(.*\)\r$/\1/Ip" "$work/headers"; }

# answers NAME STATUS [CODE [FIELD]]: what the last call got.
answers() {
	local got=$status wanted=$2
	[ $# -lt 3 ] || { got="$got $(get .code)" wanted="$wanted $3"; }
	[ $# -lt 4 ] || { got="$got $(get '[.details[].fieldName] | join(",")')" wanted="$wanted $4"; }
	equals "$1" "$got" "$wanted"
}

# admin METHOD PATH [BODY]
admin() { call "$1" "/_emulator/$2" ${3:+"$3"}; }
advance() { admin POST clock "{\"advance_seconds\":$1}"; }

body_json() { jq -cn --arg text "$1" --argjson parameters "${2:-[]}" '{type:"BODY",text:$text} + if $parameters == [] then {} else {parameters:$parameters} end'; }
text_parameter='{"type":"TEXT","text":{"default":"x"}}'

# template NAME LANGUAGE [COMPONENTS [CATEGORY]]: the body of a create.
template() {
	jq -cn --arg name "$1" --arg language "$2" --argjson components "${3:-[$(body_json "Hello, this is $1 $2.")]}" \
		--arg category "${4:-UTILITY}" '{name:$name,language:$language,category:$category,components:$components}'
}
create() { call POST "$templates" "$(template "$@")"; }

# eventually COMMAND...: true within five seconds.
eventually() {
	for _ in $(seq 100); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}

echo "== command line"
for options in --nonsense "--port x" "--rate 5" "--review $work/missing" "--fault nonsense" "--fault GET:*:nonsense" \
	"--fault GET:*:status" "--fault GET:*:reset-after:at=0" "--no-scope x" "--client x" extra; do
	# shellcheck disable=SC2086
	"$emulator" --port 0 $options >"$work/out" 2>&1
	code=$?
	equals "exit code of $options" "$code:$(grep -c genesys-emulator: "$work/out")" "64:1"
done
"$emulator" --help >"$work/out" && grep -q -- --limit-hourly "$work/out" && ok "--help" || bad "--help"
"$emulator" --version | grep -Eq '^genesys-emulator [0-9]' && ok "--version" || bad "--version"

echo "== tokens"
start --client one:secret --token-lifetime 100
equals "any other client gets none" "$token" ""
client=one:secret login
[ -n "$token" ] && ok "the client gets a token" || bad "the client gets a token"
oauth() { status=$(curl -sS -o "$work/body" -w '%{http_code}' "$@" "$url/oauth/token"); }
oauth -d 'grant_type=client_credentials&client_id=one&client_secret=secre%74'
equals "credentials as form fields" "$status $(get '.token_type') $(get .expires_in)" "200 bearer 100"
oauth -u one:wrong -d grant_type=client_credentials
equals "a wrong secret" "$status $(get .error)" "401 invalid_client"
oauth -d grant_type=client_credentials
equals "no credentials" "$status $(get .error)" "400 invalid_client"
oauth -u one:secret -d grant_type=password
equals "another grant" "$status $(get .error)" "400 unsupported_grant_type"
oauth -u one:secret -H 'Content-Type: application/json' -d '{"grant_type":"client_credentials"}'
equals "no form" "$status $(get .error)" "400 invalid_request"
call GET /api/v2/organizations/me
answers "a token works" 200
equals "the organisation" "$(get .name)" "Emulated Organization"
[ -n "$(header inin-correlation-id)" ] && ok "a correlation id on an answer" || bad "a correlation id on an answer"
equals "no rate-limit headers without a limit" "$(header inin-ratelimit-count)" ""
advance 101
call GET /api/v2/organizations/me
answers "an expired token" 401 bad.credentials
equals "contextId is the correlation id" "$(get .contextId)" "$(header inin-correlation-id)"
token=
call GET /api/v2/organizations/me
answers "no token" 401
start --organization my-org
call GET /api/v2/organizations/me
equals "--organization" "$(get .id)" my-org

echo "== providers"
call GET /api/v2/messaging/providers
equals "one active WHATSAPP provider" "$(get '[.entities[] | select(.type == "WHATSAPP" and .status == "ACTIVE") | .name] | join(",")')" "Acme WhatsApp"
equals "and another" "$(get '[.entities[].type] | length')" 2
call GET /api/v2/messaging/providers/5c1b6f1e-emulated-facebook/templates
answers "templates of a FACEBOOK provider" 400 bad.request
call GET /api/v2/messaging/providers/none/templates
answers "templates of no provider" 404 not.found
admin POST providers '[{"id":"w1","type":"WHATSAPP","status":"INACTIVE"},{"id":"w2","type":"WHATSAPP"}]'
answers "providers can be replaced" 200
call POST /api/v2/messaging/providers/w1/templates "$(template a en_US)"
answers "an inactive provider takes no template" 400 bad.request
call POST /api/v2/messaging/providers/w2/templates "$(template a en_US)"
answers "one without status does" 200
admin POST providers '[]'
call GET /api/v2/messaging/providers
equals "no provider" "$(get .total) $(get .pageCount)" "0 0"
admin POST organization '{"id":"other-org","name":"Other"}'
call GET /api/v2/organizations/me
equals "the organisation can be replaced" "$(get .id)" other-org

echo "== templates"
start
seed_components=$(sed -n '/^{$/,/^}$/p' <<'JSON'
{
"components": [
{"type": "HEADER", "format": "TEXT", "text": "Order #{{1}}", "parameters": [{"type": "TEXT", "text": {"default": "ORD-00000"}}]},
{"type": "BODY", "text": "Hi {{1}}, your order {{2}} is confirmed. Estimated delivery: {{3}}.", "parameters": [
{"type": "TEXT", "text": {"default": "Customer"}}, {"type": "TEXT", "text": {"default": "ORD-12345"}},
{"type": "DATE", "date": {"default": "2023-10-25"}}]},
{"type": "FOOTER", "text": "Reply STOP to opt-out."}
]
}
JSON
)
seed_components=$(jq -c .components <<<"$seed_components")
create order_confirmation_v2 en_US "$seed_components"
answers "a create" 200
equals "is approved at once by default" "$(get .status)" APPROVED
equals "keeps what was sent" "$(jq -cS .components "$work/body")" "$(jq -cS . <<<"$seed_components")"
id=$(get .id)
equals "selfUri" "$(get .selfUri)" "$templates/$id"
call GET "$templates/$id"
answers "get" 200
call GET "$templates/nothing"
answers "get of nothing" 404 not.found
create order_confirmation_v2 en_US
answers "the same name and language" 409 messaging.template.duplicate
create order_confirmation_v2 es_ES '[{"type":"BODY","text":"Hola."}]' MARKETING
answers "another category for another language" 400 invalid.template category
create order_update_v1 es_ES "$seed_components"
answers "body and footer of another base" 400 messaging.template.content.duplicate components
create order_confirmation_v3 en_US "$seed_components"
answers "body and footer of the same base" 200
create code_a en_US '[{"type":"BODY","text":"Your code is {{1}}.","parameters":['"$text_parameter"']}]' AUTHENTICATION
create code_b en_US '[{"type":"BODY","text":"Your code is {{1}}.","parameters":['"$text_parameter"']}]' AUTHENTICATION
answers "AUTHENTICATION templates may be alike" 200
call DELETE "$templates/$id"
answers "delete" 204
call GET "$templates/$id"
answers "and it is gone" 404
create order_confirmation_v2 en_US "$seed_components"
answers "its name is locked" 409 messaging.template.name.locked
until=$(get .messageParams.until)
[[ $until =~ ^20[0-9-]+T[0-9:.]+Z$ && $(get .message) == *"$until"* ]] && ok "until when" || bad "until when: '$until'"
create order_confirmation_v2 fr_FR
answers "in this language only" 200
advance $((30 * 86400 + 10))
login
create order_confirmation_v2 en_US "$seed_components"
answers "free after 30 days" 200

echo "== paging"
start
for i in 1 2 3 4 5 6 7; do create "page_v$i" en_US; done
create page_v7 es_ES
call GET "$templates?pageSize=3&pageNumber=2"
equals "a page" "$(get '[.entities[].name] | join(" ")') $(get '"\(.pageSize) \(.pageNumber) \(.total) \(.pageCount)"')" \
	"page_v4 page_v5 page_v6 3 2 8 3"
equals "uris" "$(get '[.selfUri,.firstUri,.previousUri,.nextUri,.lastUri] | map(split("pageNumber=")[1]) | join(" ")')" "2 1 1 3 3"
call GET "$templates?pageNumber=9"
equals "past the end" "$(get '.entities | length') $(get .pageSize)" "0 25"
call GET "$templates?name=page_v7"
equals "the exact name" "$(get '[.entities[].language] | join(" ")') $(get .total)" "en_US es_ES 2"
call GET "$templates?name=page_v"
equals "not a part of it" "$(get .total)" 0
for query in pageSize=101 pageSize=0 pageSize=x pageNumber=0 pageNumber=-1 pageNumber=99999999999999999999; do
	call GET "$templates?$query"
	answers "$query" 400 bad.request "${query%=*}"
done

echo "== HTTP"
call POST "$templates" '{"name":'
answers "no JSON" 400 bad.request
for text in '' '[]' '{"a":01}' '{"a":"\ud800"}' '{"a":"\u0000"}' '{} x' "$(printf '{"a":"\xff"}')" \
	"$(head -c 3000 /dev/zero | tr '\0' '[')"; do
	call POST "$templates" "$text"
	answers "JSON like ${text:0:12}" 400 bad.request
done
status=$(curl -sS -H "Authorization: Bearer $token" -d a=b -o "$work/body" -w '%{http_code}' "$url$templates")
answers "another content type" 415 unsupported.media.type
head -c 512001 /dev/zero | tr '\0' ' ' >"$work/large"
call POST "$templates" "@$work/large"
answers "a large body" 413 request.too.large
head -c 511000 /dev/zero | tr '\0' ' ' >"$work/large"
template large en_US >>"$work/large"
call POST "$templates" "@$work/large"
answers "just not too large" 200
call GET /api/v2/nothing
answers "an unknown path" 404 not.found
call PATCH "$templates"
answers "a wrong method" 405 method.not.allowed
equals "what is allowed" "$(header allow)" "GET, POST"

echo "== rules"
start
# refused NAME FIELDS COMPONENTS [CATEGORY]; taken NAME COMPONENTS [CATEGORY]
number=0
refused() {
	number=$((number + 1))
	create "rule_$number" en_US "$3" "${4:-UTILITY}"
	answers "refused: $1" 400 invalid.template "$2"
}
taken() {
	number=$((number + 1))
	create "rule_$number" en_US "$2" "${3:-UTILITY}"
	answers "taken: $1" 200
}
body() { echo "[$(body_json "$@")]"; }
with() { echo "[$1,$(body_json "With part $((++parts)) $RANDOM$RANDOM.")]"; }
parts=0
repeat() { printf "%$2s" '' | sed "s/ /$1/g"; }
for name in Upper 'a-b' 'a b' '' "$(repeat a 513)" ä; do
	call POST "$templates" "$(template "$name" en_US)"
	answers "refused: the name '${name:0:10}'" 400 invalid.template name
done
create "$(repeat a 512)" en_US
answers "taken: a name of 512" 200
for language in en-US EN en_us english en_USA ''; do
	call POST "$templates" "$(template lang "$language")"
	answers "refused: the language '$language'" 400 invalid.template language
done
for language in en fil zh_CN; do
	create lang "$language"
	answers "taken: the language $language" 200
done
call POST "$templates" "$(template cat en_US "$(body 'Some text.')" PROMO)"
answers "refused: a category" 400 invalid.template category
call POST "$templates" '{"components":[{"type":"BODY"}]}'
answers "refused: everything missing" 400 invalid.template name,language,category,components[0].text
refused "no BODY" components '[{"type":"FOOTER","text":"x"}]'
refused "two BODYs" 'components[1].type' "[$(body_json 'One.'),$(body_json 'Two.')]"
refused "an unknown component" 'components[0].type' "$(with '{"type":"CAROUSEL"}')"
refused "a component that is no object" 'components[0].type' "$(with 5)"
refused "a body of 1025" 'components[0].text' "$(body "$(repeat a 1025)")"
taken "a body of 1024 two-byte letters" "$(body "$(repeat é 1024)")"
refused "a body of spaces" 'components[0].text' "$(body '  ')"
refused "a gap" 'components[0].text' "$(body 'a {{1}} b {{3}} c.' "[$text_parameter,$text_parameter]")"
refused "a named variable" 'components[0].text' "$(body 'a {{name}} b.')"
refused "a lone brace" 'components[0].text' "$(body 'a {{1} b.')"
refused "{{0}}" 'components[0].text' "$(body 'a {{0}} b.')"
refused "too few parameters" 'components[0].parameters' "$(body 'a {{1}} b {{2}} c.' "[$text_parameter]")"
refused "too many parameters" 'components[0].parameters' "$(body 'a b.' "[$text_parameter]")"
taken "a variable used twice" "$(body 'a {{1}} b {{1}} c.' "[$text_parameter]")"
refused "a variable first" 'components[0].text' "$(body '{{1}} a b.' "[$text_parameter]")"
refused "a variable last" 'components[0].text' "$(body 'a b {{1}}' "[$text_parameter]")"
taken "a full stop after it" "$(body 'a b {{1}}.' "[$text_parameter]")"
taken "markup around it" "$(body '*{{1}}* is it *{{2}}*' "[$text_parameter,$text_parameter]")"
taken "more variables than words" "$(body 'x {{1}} {{2}} {{3}}.' "[$text_parameter,$text_parameter,$text_parameter]")"
refused "adjacent variables" 'components[0].text' "$(body 'a {{1}}{{2}} b.' "[$text_parameter,$text_parameter]")"
refused "three newlines" 'components[0].text' "$(body $'a\n\n\nb')"
taken "two newlines" "$(body $'a\n\nb\n\nc')"
refused "11 emoji" 'components[0].text' "$(body "Party $(repeat 🎉 11)!")"
taken "10 emoji, some of several characters" "$(body "Party $(repeat 🎉 7) 👨‍👩‍👧 🇩🇪 ❤️!")"
taken "signs that are no emoji" "$(body "Acme© 1 2 3 4 5 6 7 8 9 10 11 # * ™ ❤ $(repeat → 20).")"
refused "a header of 61" 'components[0].text' "$(with '{"type":"HEADER","format":"TEXT","text":"'"$(repeat a 61)"'"}')"
refused "a header with two variables" 'components[0].text' \
	"$(with '{"type":"HEADER","format":"TEXT","text":"{{1}} and {{2}}.","parameters":['"$text_parameter,$text_parameter"']}')"
refused "markdown in a header" 'components[0].text' "$(with '{"type":"HEADER","format":"TEXT","text":"A *bold* one"}')"
taken "stars and underscores in a header" "$(with '{"type":"HEADER","format":"TEXT","text":"5 * 3 * 2 of my_order_id"}')"
refused "a header's format" 'components[0].format' "$(with '{"type":"HEADER","format":"GIF","text":"x"}')"
refused "an image without media" 'components[0].media' "$(with '{"type":"HEADER","format":"IMAGE"}')"
taken "an image" "$(with '{"type":"HEADER","format":"IMAGE","media":"https://example.com/a.png"}')"
taken "a location" "$(with '{"type":"HEADER","format":"LOCATION"}')"
refused "a location in AUTHENTICATION" 'components[0].format' "$(with '{"type":"HEADER","format":"LOCATION"}')" AUTHENTICATION
refused "a URL in AUTHENTICATION" 'components[0].text' "$(body 'See https://example.com now.')" AUTHENTICATION
refused "an emoji in AUTHENTICATION" 'components[0].text' "$(body 'Hello 🎉 you.')" AUTHENTICATION
refused "a long parameter in AUTHENTICATION" 'components[0].parameters[0].text.default' \
	"$(body 'Code {{1}}.' '[{"type":"TEXT","text":{"default":"1234567890123456"}}]')" AUTHENTICATION
refused "a footer of 61" 'components[0].text' "$(with '{"type":"FOOTER","text":"'"$(repeat a 61)"'"}')"
refused "a variable in a footer" 'components[0].text' "$(with '{"type":"FOOTER","text":"Bye {{1}}."}')"
parameter() { body "Value $RANDOM {{1}}." "[$1]"; }
refused "a TEXT without default" 'components[0].parameters[0].text.default' "$(parameter '{"type":"TEXT"}')"
refused "a DATE that is none" 'components[0].parameters[0].date.default' "$(parameter '{"type":"DATE","date":{"default":"2023-02-30"}}')"
refused "a DATE_TIME that is none" 'components[0].parameters[0].date_time.default' \
	"$(parameter '{"type":"DATE_TIME","date_time":{"default":"2023-02-03 10:00"}}')"
refused "a CURRENCY's code" 'components[0].parameters[0].currency.code' \
	"$(parameter '{"type":"CURRENCY","currency":{"default":"$5","code":"usd","amount_1000":5000}}')"
refused "a CURRENCY's amount" 'components[0].parameters[0].currency.amount_1000' \
	"$(parameter '{"type":"CURRENCY","currency":{"default":"$5","code":"USD","amount_1000":1e300}}')"
refused "an unknown parameter type" 'components[0].parameters[0].type' "$(parameter '{"type":"NUMBER"}')"
taken "all parameter types" "$(body 'a {{1}} b {{2}} c {{3}} d {{4}} e.' "[$text_parameter,"'{"type":"DATE","date":{"default":"2024-02-29"}},{"type":"DATE_TIME","date_time":{"default":"2023-02-03T10:00:00.5+01:00"}},{"type":"CURRENCY","currency":{"default":"$5","code":"USD","amount_1000":5000}}]')"
buttons() { with '{"type":"BUTTONS","buttons":['"$1"']}'; }
reply='{"type":"REPLY","reply":{"id":"a","title":"A"}}'
link='{"type":"URL","url":{"title":"Go","url":"https://example.com/"}}'
phone='{"type":"PHONE_NUMBER","phone_number":{"title":"Call","phone_number":"+15550100"}}'
code='{"type":"COPY_CODE","copy_code":{"example":"SAVE25"}}'
refused "no buttons" 'components[0].buttons' "$(buttons '')"
refused "11 buttons" 'components[0].buttons' "$(buttons "$reply$(repeat ",REPLYBUTTON" 10 | sed "s/REPLYBUTTON/$(sed 's/[&/]/\\&/g' <<<"$reply")/g")")"
refused "three URLs" 'components[0].buttons' "$(buttons "$link,$link,$link")"
refused "two phone numbers" 'components[0].buttons' "$(buttons "$phone,$phone")"
refused "two codes" 'components[0].buttons' "$(buttons "$code,$code")"
refused "replies apart" 'components[0].buttons' "$(buttons "$reply,$link,$reply")"
refused "replies in the middle" 'components[0].buttons' "$(buttons "$link,$reply,$link")"
taken "replies first" "$(buttons "$reply,$reply,$link,$phone")"
taken "replies last" "$(buttons "$code,$link,$reply")"
refused "a title of 26" 'components[0].buttons[0].reply.title' "$(buttons '{"type":"REPLY","reply":{"id":"a","title":"'"$(repeat a 26)"'"}}')"
refused "an id of 257" 'components[0].buttons[0].reply.id' "$(buttons '{"type":"REPLY","reply":{"title":"a","id":"'"$(repeat a 257)"'"}}')"
refused "a button without its value" 'components[0].buttons[0].url' "$(buttons '{"type":"URL"}')"
refused "an unknown button" 'components[0].buttons[0].type' "$(buttons '{"type":"FLOW"}')"
refused "a variable within a URL" 'components[0].buttons[0].url.url' \
	"$(buttons '{"type":"URL","url":{"title":"Go","url":"https://example.com/{{1}}/x","parameters":['"$text_parameter"']}}')"
refused "a URL without its parameter" 'components[0].buttons[0].url.parameters' \
	"$(buttons '{"type":"URL","url":{"title":"Go","url":"https://example.com/{{1}}"}}')"
taken "a URL that ends in a variable" \
	"$(buttons '{"type":"URL","url":{"title":"Go","url":"https://example.com/{{1}}","parameters":['"$text_parameter"']}}')"
refused "a URL of 2001" 'components[0].buttons[0].url.url' "$(buttons '{"type":"URL","url":{"title":"Go","url":"https://'"$(repeat a 1993)"'"}}')"
refused "a phone number of 21" 'components[0].buttons[0].phone_number.phone_number' \
	"$(buttons '{"type":"PHONE_NUMBER","phone_number":{"title":"Call","phone_number":"'"$(repeat 1 21)"'"}}')"
refused "a code of 16" 'components[0].buttons[0].copy_code.example' "$(buttons '{"type":"COPY_CODE","copy_code":{"example":"'"$(repeat 1 16)"'"}}')"

echo "== scopes"
start --no-scope messaging:template:write
call POST "$templates" '{}'
answers "permission comes before validation" 403 not.authorized
[[ $(get .message) == *messaging:template:write* ]] && ok "the scope is named" || bad "the scope is named: $(get .message)"
call GET "$templates"
answers "other scopes work" 200
start --no-scope messaging:provider:read --no-scope messaging:conversation:write
call GET /api/v2/messaging/providers
answers "no provider:read" 403 not.authorized
call POST /api/v2/messaging/conversations '{}'
answers "no conversation:write" 403 not.authorized
call POST "$templates" '{}'
answers "with permission, validation" 400 invalid.template

echo "== limits"
start --rate 3/min
for _ in 1 2; do call GET /api/v2/organizations/me; done
equals "rate headers" "$(header inin-ratelimit-count) $(header inin-ratelimit-allowed)" "2 3"
reset=$(header inin-ratelimit-reset)
[ "$reset" -ge 1 ] && [ "$reset" -le 60 ] && ok "seconds until the reset" || bad "seconds until the reset: $reset"
call GET "$templates/x"
equals "on errors too" "$status $(header inin-ratelimit-count)" "404 3"
call GET /api/v2/organizations/me
answers "too many requests" 429 too.many.requests.retry.after
equals "says when" "$(get .message)" "Rate limit exceeded the maximum. Retry the request in [$(header retry-after)] seconds"
login
call GET /api/v2/organizations/me
answers "another token has its own" 200
for _ in 1 2 3; do call GET /api/v2/organizations/me; done
advance 60
call GET /api/v2/organizations/me
answers "a new window" 200
start --rate 2/s
for _ in 1 2 3; do call GET /api/v2/organizations/me; done
equals "per second" "$status $(header retry-after)" "429 1"
start --limit-templates 2 --limit-hourly 3
create a en_US
create a es_ES
create b en_US
answers "the account is full" 400 messaging.template.limit
equals "the limit" "$(get .limit.value)" 2
admin DELETE templates/a+en_US
create b en_US
admin DELETE templates/a+es_ES
create c en_US
answers "the hour is spent" 429 messaging.template.hourly.limit
[ "$(header retry-after)" -gt 3500 ] && ok "retry after the hour" || bad "retry after the hour: $(header retry-after)"
advance 3600
create c en_US
answers "the next hour" 200
start --latency 300
begin=$(date +%s%N)
call GET /api/v2/organizations/me
elapsed=$((($(date +%s%N) - begin) / 1000000))
[ "$elapsed" -ge 300 ] && ok "--latency" || bad "--latency: $elapsed ms"

echo "== reviews"
start --review-delay 60000
create slow en_US
equals "PENDING first" "$(get .status)" PENDING
id=$(get .id)
advance 61
call GET "$templates/$id"
equals "APPROVED after the delay" "$(get .status)" APPROVED
start --review manual
create one en_US
one=$(get .id)
create two en_US
create two es_ES
advance 100000
login
call GET "$templates"
equals "manual reviews wait" "$(get '[.entities[].status] | unique | join(",")')" PENDING
admin POST "templates/$one/review" '{"status":"REJECTED","reason":"PROMOTIONAL"}'
call GET "$templates/$one"
equals "rejected by id" "$(get .status) $(get .rejection_reason)" "REJECTED PROMOTIONAL"
admin POST templates/two+es_ES/review '{"status":"APPROVED","category":"MARKETING"}'
equals "approved by name and language, with another category" "$(get .status) $(get .category) $(get .rejection_reason)" "APPROVED MARKETING null"
admin POST review '{"name":"tw*","status":"PAUSED"}'
equals "many at once" "$(get .total)" 2
call GET "$templates?name=two"
equals "are PAUSED" "$(get '[.entities[].status] | unique | join(",")')" PAUSED
admin POST review '{"name":"tw*","language":"en*","status":"APPROVED"}'
equals "of one language" "$(get .total)" 1
admin POST templates/nothing+en_US/review '{"status":"APPROVED"}'
answers "no such template" 404
admin POST review '{}'
answers "no decision" 400
cat >"$work/script.json" <<'JSON'
[{"name": "promo_*", "language": "en*", "delay_ms": 10000, "status": "REJECTED", "reason": "PROMOTIONAL"},
 {"name": "moved", "category": "MARKETING"},
 {"name": "stuck", "status": "PENDING"},
 {"name": "life", "delay_ms": 1000, "status": "APPROVED",
  "then": [{"after_ms": 5000, "status": "PAUSED"}, {"after_ms": 5000, "status": "REJECTED", "reason": "POLICY_VIOLATION"}]}]
JSON
start --review "$work/script.json"
create promo_a en_US
promo=$(get .id)
create promo_a es_ES
equals "no rule matches: approved" "$(get .status)" APPROVED
create moved en_US
equals "recategorised" "$(get .status) $(get .category)" "APPROVED MARKETING"
create stuck en_US
equals "a rule can leave it PENDING" "$(get .status)" PENDING
create life en_US
life=$(get .id)
states=$(get .status)
for seconds in 3 5 5; do # the machine's own time goes on, too
	advance $seconds
	call GET "$templates/$life"
	states="$states $(get .status)"
done
equals "steps one after the other" "$states" "PENDING APPROVED PAUSED REJECTED"
call GET "$templates/$promo"
equals "a rule's decision" "$(get .status) $(get .rejection_reason)" "REJECTED PROMOTIONAL"

echo "== webhooks"
cat >"$work/receiver.py" <<'PY'
import hashlib, hmac, http.server, json, sys
fail = int(sys.argv[2])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global fail
        body = self.rfile.read(int(self.headers["Content-Length"]))
        want = "sha256=" + hmac.new(b"topsecret", body, hashlib.sha256).hexdigest()
        got = self.headers.get("X-Hub-Signature-256", "none")
        event = json.loads(body)
        with open(sys.argv[1], "a") as log:
            log.write("%s %s %s %s %s %s\n" % ("fail" if fail else "done", "signed" if got == want else got, self.path,
                event["template"]["name"], event["template"]["status"], event["id"]))
        self.send_response(500 if fail else 204)
        self.end_headers()
        fail = max(0, fail - 1)
    def log_message(self, *arguments):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
touch "$work/events"
python3 "$work/receiver.py" "$work/events" 1 >"$work/receiver" &
receiver=$!
eventually test -s "$work/receiver"
hook=http://127.0.0.1:$(cat "$work/receiver")
start --review manual --webhook-backoff 50
call POST /api/v2/messaging/webhooks "{\"name\":\"h\",\"url\":\"$hook/signed\",\"events\":[\"whatsapp_status_update\"],\"secret\":\"topsecret\"}"
answers "register a webhook" 200
equals "enabled by default, the secret is not shown" "$(get .enabled) $(get .secret)" "true null"
webhook=$(get .id)
call POST /api/v2/messaging/webhooks '{"name":"dead","url":"http://127.0.0.1:9/x","events":["whatsapp_status_update"]}'
dead=$(get .id)
call POST /api/v2/messaging/webhooks "{\"name\":\"other\",\"url\":\"$hook/other\",\"events\":[\"something_else\"]}"
call POST /api/v2/messaging/webhooks "{\"name\":\"off\",\"url\":\"$hook/off\",\"events\":[\"whatsapp_status_update\"],\"enabled\":false}"
for wrong in '{}' '{"name":"a","url":"ftp://x","events":["e"]}' '{"name":"a","url":"http://x","events":[]}'; do
	call POST /api/v2/messaging/webhooks "$wrong"
	answers "refused: $wrong" 400 bad.request
done
create hooked en_US
equals "a create is no change" "$(wc -l <"$work/events")" 0
admin POST templates/hooked+en_US/review '{"status":"APPROVED"}'
delivered() { [ "$(grep -c "^done signed /signed hooked $1 " "$work/events")" = 1 ]; }
eventually delivered APPROVED && ok "an event arrives, signed, after a failure" || bad "an event arrives: $(cat "$work/events")"
equals "with the same id on both deliveries" "$(awk '{print $6}' "$work/events" | sort -u | wc -l) $(wc -l <"$work/events")" "1 2"
call PUT "/api/v2/messaging/webhooks/$webhook" "{\"name\":\"h\",\"url\":\"$hook/unsigned\",\"events\":[\"whatsapp_status_update\"]}"
answers "replace a webhook" 200
admin POST templates/hooked+en_US/review '{"status":"DISABLED"}'
eventually grep -q "^done none /unsigned hooked DISABLED" "$work/events" && ok "unsigned without a secret" || bad "unsigned: $(cat "$work/events")"
gave_up() { admin GET counters; [ "$(get .deliveries.failed)" = 2 ]; }
eventually gave_up && ok "nobody listens: given up, no harm" || bad "nobody listens: $(get .deliveries)"
call GET /api/v2/messaging/webhooks
equals "list" "$(get '[.entities[].name] | join(" ")') $(get .total)" "h dead other off 4"
call DELETE "/api/v2/messaging/webhooks/$dead"
answers "unregister" 204
call DELETE "/api/v2/messaging/webhooks/$dead"
answers "twice" 404
admin POST templates/hooked+en_US/review '{"status":"APPROVED"}'
eventually grep -q "/unsigned hooked APPROVED" "$work/events" && ok "the others go on" || bad "the others go on"
equals "nothing for other events or disabled ones" "$(grep -c '/other\|/off' "$work/events")" 0

echo "== conversations"
start
create order_confirmation_v2 en_US "$seed_components"
create links en_US "$(buttons '{"type":"URL","url":{"title":"Go","url":"https://example.com/{{1}}","parameters":['"$text_parameter"']}}')"
conversation() { jq -cn --argjson messages "[$1]" --arg phone "${2:-+1234567890}" '{label:"x",participant:{address:{phoneNumber:$phone,channelType:"whatsapp"}},messages:$messages}'; }
send() { call POST /api/v2/messaging/conversations "$(conversation "$@")"; }
hsm() { echo '{"type":"whatsapp_template","templateName":"'"$1"'","language":"en_US","parameters":'"$2"'}'; }
send "$(hsm order_confirmation_v2 '["ORD-98765","John Doe","ORD-98765","2023-11-01"]')"
answers "a template message" 200
equals "the session is closed" "$(get .session_status) $(get .last_user_message_timestamp) $(get '.messages[0].status')" "CLOSED null ACCEPTED"
send "$(hsm order_confirmation_v2 '["ORD-98765","John Doe","2023-11-01"]')"
answers "too few parameters" 400 invalid.parameter.count 'messages[0].parameters'
send "$(hsm order_confirmation_v2 '["a","b","c","tomorrow"]')"
answers "a parameter of the wrong format" 400 invalid.parameter 'messages[0].parameters[3]'
send "$(hsm order_confirmation_v2 "[\"a\",\"b\",\"$(repeat c 1025)\",\"2023-11-01\"]")"
answers "a parameter of 1025" 400 invalid.parameter 'messages[0].parameters[2]'
send "$(hsm links '["a"]')"
answers "a button's parameter" 200
send "$(hsm nothing '[]')"
answers "no such template" 400 messaging.template.not.found
admin POST templates/links+en_US/review '{"status":"PAUSED"}'
send "$(hsm links '["a"]')"
answers "a template that is not approved" 400 messaging.template.not.approved
send '{"type":"text","text":"Hello"}'
answers "a text outside the window" 400 session.closed
admin POST conversations/+1234567890/message
answers "the user wrote" 204
send '{"type":"text","text":"Hello"}'
equals "a text within it" "$status $(get .session_status)" "200 OPEN"
advance 86401
login
send '{"type":"text","text":"Hello"}'
answers "a day later" 400 session.closed
call GET '/api/v2/messaging/conversations?phoneNumber=%2B1234567890&pageSize=1'
equals "newest first" "$(get .total) $(get '.entities[0].messages[0].type')" "3 text"
[[ $(get .nextUri) == *phoneNumber=%2B1234567890* ]] && ok "nextUri keeps the number" || bad "nextUri: $(get .nextUri)"
call GET /api/v2/messaging/conversations
answers "no number" 400 bad.request phoneNumber
send '{"type":"text","text":"Hello"}' 0123
answers "a wrong number" 400 bad.request participant.address.phoneNumber
send ''
answers "no message" 400 bad.request messages

echo "== faults"
start --review manual
fault() { admin DELETE faults; admin POST faults "[\"$1\"]"; [ "$status" = 200 ] || bad "fault $1: $(cat "$work/body")"; }
count() { admin GET state; get '.templates | length'; }
fault "POST:*/templates:reset-before"
create f1 en_US
equals "reset-before" "$((curl_code == 52 || curl_code == 56)) $(count)" "1 0"
fault "POST:*/templates:reset-after:at=2"
create f1 en_US
answers "at=2: not the first" 200
create f2 en_US
equals "reset-after: the second is done, its answer is lost" "$((curl_code == 52 || curl_code == 56)) $(count)" "1 2"
create f3 en_US
answers "not the third" 200
fault "GET:*/templates:truncate"
call GET "$templates"
equals "truncate" "$curl_code $(($(header content-length) > $(wc -c <"$work/body")))" "18 1"
fault "GET:*/templates:status=503:times=2:retry-after=7"
call GET "$templates"
equals "status" "$status $(get .code) $(header retry-after)" "503 internal.server.error 7"
call GET "$templates"
call GET "$templates"
answers "times=2" 200
fault "POST:*/templates:status-after=500"
create f4 en_US
equals "status-after acts first" "$status $(count)" "500 4"
fault "GET:*:429=3:every=2"
call GET "$templates"
answers "every=2: not the first" 200
call GET "$templates"
equals "429 with Retry-After" "$status $(header retry-after)" "429 3"
fault "GET:*:429"
call GET "$templates"
equals "429 without" "$status $(header retry-after)" "429 "
fault "POST:/oauth/token:429"
oauth -u a:b -d grant_type=client_credentials
equals "minting too fast" "$status $(get .error) $(get .description)" "400 invalid_request rate limit exceeded"
fault "GET:*:html=502"
call GET "$templates"
equals "html" "$status $(header content-type) $(head -c 9 "$work/body")" "502 text/html; charset=utf-8 <!DOCTYPE"
fault "GET:*:garbage"
call GET "$templates"
jq . "$work/body" >/dev/null 2>&1 && bad "garbage" || ok "garbage"
fault "GET:*:deep=2000"
call GET "$templates"
equals "deep" "$(tr -cd '[' <"$work/body" | wc -c)" 2000
fault "GET:*:huge=1000000"
call GET "$templates"
equals "huge" "$(wc -c <"$work/body")" 1000000
fault "GET:*:huge=0"
equals "endless" "$(curl -sS -H "Authorization: Bearer $token" "$url$templates" 2>/dev/null | head -c 100000000 | wc -c)" 100000000
fault "GET:*/me:slow=500"
begin=$(date +%s%N)
call GET /api/v2/organizations/me
elapsed=$((($(date +%s%N) - begin) / 1000000))
equals "slow arrives whole" "$status $(get .name)" "200 Emulated Organization"
[ "$elapsed" -ge 150 ] && ok "slow is slow" || bad "slow is slow: $elapsed ms"
fault "GET:*/me:delay=300"
begin=$(date +%s%N)
call GET /api/v2/organizations/me
elapsed=$((($(date +%s%N) - begin) / 1000000))
[ "$elapsed" -ge 300 ] && ok "delay" || bad "delay: $elapsed ms"
fault "GET:*/me:expire-token:at=1"
call GET /api/v2/organizations/me
answers "expire-token" 401 bad.credentials
call GET /api/v2/organizations/me
answers "the token stays dead" 401 bad.credentials
login
call GET /api/v2/organizations/me
answers "a new one works" 200
names() { for page in 1 2; do call GET "$templates?pageSize=2&pageNumber=$page"; get '.entities[].name, .total'; done | tr '\n' ' '; }
equals "four templates" "$(names)" "f1 f2 4 f3 f4 4 "
fault "GET:*/templates*pageNumber=2:shift-listing=insert"
equals "shift-listing=insert: one comes twice" "$(names)" "f1 f2 4 f2 f3 5 "
admin POST review '{"name":"emulator_shift_*","status":"PAUSED"}'
fault "GET:*/templates*pageNumber=2:shift-listing"
admin DELETE "templates/$(admin GET state; get '.templates[0].id')"
equals "shift-listing: one is missed" "$(names)" "f1 f2 4 f4 3 "
fault "GET:*/templates*pageNumber=2:shift-listing=total"
equals "shift-listing=total" "$(names)" "f2 f3 3 f4 4 "
fault "POST:*/templates:rewrite"
create f5 en_US "$(body 'Hello.')"
equals "rewrite: the answer" "$(get '.components[0].text')" "Hello. (rewritten)"
id=$(get .id)
fault "POST:*/templates:rewrite=trim"
call GET "$templates/$id"
equals "rewrite: what is kept" "$(get '.components[0].text')" "Hello. (rewritten)"
create f6 en_US "$(body 'Helloé')"
equals "rewrite=trim" "$(get '.components[0].text')" Hello
fault "GET:*/templates*:unknown-status=FROZEN"
call GET "$templates/$id"
equals "unknown-status" "$(get .status)" FROZEN
call GET "$templates"
equals "of a listing's first" "$(get '.entities[0].status')" FROZEN
admin DELETE faults
create f7 en_US "$(body $'Hell\u00e9\nthere.')"
id=$(get .id)
call GET "$templates/$id"
cp "$work/body" "$work/plain"
same() { jq -S '.components |= sort_by(.type)' "$1"; }
fault "GET:*/templates*:noise=order"
call GET "$templates/$id"
equals "noise=order: the same" "$(same "$work/body")" "$(same "$work/plain")"
cmp -s "$work/body" "$work/plain" && bad "and other bytes" || ok "and other bytes"
fault "GET:*/templates*:noise=fields"
call GET "$templates/$id"
equals "noise=fields: a quality" "$(get '.quality_score.score | test("GREEN|YELLOW|RED|UNKNOWN")')" true
equals "and nothing else is another" "$(jq -S 'del(.quality_score, .previous_category, ._revision, .components[]._revision,
	.components[].parameters, .components[].media)' "$work/body")" "$(jq -S . "$work/plain")"
fault "GET:*/templates*:noise=text"
for _ in 1 2 3 4 5 6 7 8; do
	call GET "$templates/$id"
	equals "noise=text: decomposed, CR LF, a newline" "$(get '.components[0].text | explode | map(tostring) | join(" ")')" \
		"72 101 108 108 101 769 13 10 116 104 101 114 101 46 10"
done
fault "GET:*/templates*:noise=times"
call GET "$templates/$id"
equals "noise=times" "$(get '.dateModified | test("^20[0-9-]*T[0-9:]{8}Z$")')" true
fault "GET:*/templates*:noise"
call GET "$templates"
equals "noise: all of it, in listings, too" "$(get '.entities | map(select(.quality_score and (.components[0].text | endswith("\n")))) | length')" "$(get .total)"
admin GET faults
equals "a fault tells of its requests" "$(get '.[0] | "\(.fault) \(.seen) \(.hits)"')" "GET:*/templates*:noise 1 1"
fault "GET:*/me:delay=3600000"
(call GET /api/v2/organizations/me; echo "$status" >"$work/held") &
held=$!
for _ in $(seq 100); do admin GET faults; [ "$(get '.[0].hits')" = 1 ] && break; sleep 0.02; done
equals "a request is held back" "$([ -e "$work/held" ] && echo answered)" ""
admin POST clock '{"advance_seconds": 3600}'
wait $held
equals "until the clock is moved on" "$(cat "$work/held")" 200
admin DELETE faults
call GET "$templates/$id"
equals "no faults any more" "$(get .status)" PENDING
admin POST faults '["GET:*:nonsense"]'
answers "a fault that is none" 400 bad.request
pattern() { start --seed 7 --fault "GET:*:status=503:probability=50%"; statuses=; for _ in $(seq 20); do call GET /api/v2/organizations/me; statuses="$statuses $status"; done; }
pattern
first=$statuses
pattern
equals "probability with a seed repeats" "$first" "$statuses"
[[ $first == *503* && $first == *200* ]] && ok "and hits some" || bad "and hits some: $first"

echo "== admin path"
start --review manual
admin POST templates '[{"name":"old_v1","language":"en_US","status":"DISABLED","category":"MARKETING","dateCreated":"2020-01-01T00:00:00Z"},{"name":"Not-Valid","language":"en_US","components":[{"type":"BODY","text":"{{1}}"}]}]'
equals "seeds" "$status $(get .total) $(get '.ids | length')" "200 2 2"
create new en_US
admin POST templates '[{"name":"older_v1","language":"en_US","status":"IN_APPEAL","rejection_reason":"SCAM","dateCreated":"2019-01-01T00:00:00Z"}]'
call GET "$templates"
equals "listed by creation" "$(get '[.entities[] | "\(.name):\(.status)"] | join(" ")')" "older_v1:IN_APPEAL old_v1:DISABLED Not-Valid:APPROVED new:PENDING"
admin POST templates '[{"name":"old_v1","language":"en_US","components":[{"type":"BODY","text":"Changed."}]}]'
admin GET state
equals "a seed replaces" "$(get '[.templates[] | select(.name == "old_v1") | .components[0].text] | join(",")')" "Changed."
admin POST templates '[{"language":"en_US"}]'
answers "a seed without name" 400
call POST /api/v2/messaging/webhooks '{"name":"h","url":"http://127.0.0.1:9/","events":["e"],"secret":"s"}'
call DELETE "$templates/$(get .id)"
admin GET state
equals "the state" "$(get '"\(.templates | length) \(.webhooks | length) \(.locks | length) \(.providers | length)"')" "4 1 0 2"
admin DELETE requests
create logged en_US
call GET "$templates?pageSize=7"
admin GET requests
equals "the log" "$(get '[.requests[] | "\(.method) \(.path) \(.query) \(.status)"] | join(";")')" "POST $templates  200;GET $templates pageSize=7 200"
equals "with the body of writes" "$(get '.requests[0].body | fromjson | .name')" logged
equals "and no secrets" "$(grep -c some-secret "$work/body")" 0
[ "$(get '.requests[0].token')" = "$(get '.requests[1].token')" ] && ok "and who asked" || bad "and who asked"
admin GET counters
equals "counters" "$(jq -cS '{requests,statuses}' "$work/body")" '{"requests":{"GET /api/v2/messaging/providers/{providerId}/templates":1,"POST /api/v2/messaging/providers/{providerId}/templates":1},"statuses":{"200":2}}'
admin POST reset
admin GET state
equals "reset" "$(get '"\(.templates | length) \(.webhooks | length) \(.counters.total)"')" "0 0 0"
call GET "$templates"
answers "tokens are gone too" 401

echo "== persistence"
printf '[{"name":"later","delay_ms":3600000,"status":"REJECTED","reason":"SCAM"}]' >"$work/script.json"
start --data "$work/data.db" --review "$work/script.json"
create kept en_US "$seed_components"
kept=$(jq -cS . "$work/body")
create later en_US
later=$(get .id)
create gone en_US
call DELETE "$templates/$(get .id)"
call POST /api/v2/messaging/webhooks '{"name":"h","url":"http://127.0.0.1:9/","events":["e"],"secret":"s"}'
send "$(hsm kept '["a","b","c","2023-11-01"]')"
admin POST conversations/+1234567890/message
admin POST providers "[{\"id\":\"$provider\",\"type\":\"WHATSAPP\",\"name\":\"Kept\"}]"
old=$token
advance 60
kill -9 "$pid"
wait "$pid" 2>/dev/null
pid=
start --data "$work/data.db"
token=$old
call GET "$templates?name=kept"
equals "a template outlives a kill" "$(jq -cS '.entities[0]' "$work/body")" "$kept"
create gone en_US
answers "a lock too" 409 messaging.template.name.locked
admin GET state
equals "webhooks, conversations, providers too" "$(get '"\(.webhooks[0].secret) \(.conversations[0].session_status) \(.providers[0].name)"')" "s OPEN Kept"
advance 3601
call GET "$templates/$later"
equals "a review goes on" "$(get .status) $(get .rejection_reason)" "REJECTED SCAM"
"$emulator" --port 0 --data "$work/data.db" >"$work/out" 2>&1
equals "one process a file" $? 1
admin POST reset
start --data "$work/data.db"
admin GET state
equals "a reset is kept" "$(get '.templates | length')" 0
printf 'not a database, just text that is long enough to be looked at' >"$work/text"
"$emulator" --port 0 --data "$work/text" >"$work/out" 2>&1
equals "a file that is no data" $? 1

stop
echo "$failures failed"
[ "$failures" = 0 ]
