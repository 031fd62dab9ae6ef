#!/bin/bash
# The emulator's conversations, asked for over HTTP: what is refused, what becomes of messages, and what proves
# that a message was sent once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/emulator.sh"

conversations=/api/v2/messaging/conversations
phone=+34600123456

# parameter TYPE
parameter() { jq -cn --arg type "$1" '{type: $type, ($type | ascii_downcase): ({default: "1"} + if $type == "CURRENCY" then {code: "EUR", amount_1000: 1000} else {} end)}'; }

# seed NAME STATUS COMPONENTS
seed() { admin POST templates "[{\"name\":\"$1\",\"language\":\"${language:-en_US}\",\"status\":\"$2\",\"components\":$3}]" >"$work/seeded"; }
plain='[{"type":"BODY","text":"Hello."}]'
typed='[{"type":"BUTTONS","buttons":[{"type":"REPLY","reply":{"id":"A","title":"A"}},{"type":"URL","url":{"title":"Go","url":"https://example.com/{{1}}","parameters":['$(parameter TEXT)']}}]},
	{"type":"BODY","text":"{{1}}, {{2}} at {{3}} for {{4}}, {{1}}.","parameters":['$(parameter TEXT),$(parameter DATE),$(parameter DATE_TIME),$(parameter CURRENCY)']},
	{"type":"HEADER","format":"TEXT","text":"Order {{1}}","parameters":['$(parameter TEXT)']}]'

# message NAME [PARAMETERS]: a template's, as JSON
message() { jq -cn --arg name "$1" --arg language "${language:-en_US}" --argjson parameters "${2:-[]}" \
	'{type:"whatsapp_template",templateName:$name,language:$language,parameters:$parameters}'; }

# send MESSAGE [LABEL]: sets $status; the answer is in $work/body
send() {
	call POST "$conversations" "$(jq -cn --argjson message "$1" --arg tag "${2:-x}" --arg phone "$phone" \
		'{label:$tag,participant:{address:{phoneNumber:$phone,channelType:"whatsapp"}},messages:[$message]}')"
}

list() { call GET "$conversations?phoneNumber=%2B${phone#+}&pageSize=100"; }
# states: of the messages with the phone, newest first
states() { list; get '[.entities[].messages[] | .status + if .errors then " \(.errors[0].code)" else "" end] | join(", ")'; }
advance() { admin POST clock "{\"advance_seconds\":$1}" >"$work/clock"; }
kept() { admin GET conversations; }
# sent [LABEL]: how many conversations there are
sent() { kept | jq --arg tag "${1:-}" '[.[] | select($tag == "" or .label == $tag)] | length'; }

echo "== what is refused"
start
seed typed APPROVED "$typed"
good='["ORD-1","Ana","2026-11-20","2026-11-20T10:00:00+01:00","12,99 €","a%20b"]'
send "$(message typed "$good")"
answers "the header's, the body's, then the buttons' values" 200
# refused NAME JQ CODE META FIELD: the good values after this change
refused() {
	send "$(message typed "$(jq -c "$2" <<<"$good")")"
	equals "$1" "$status $(get '"\(.code) \(.details[0].errorCode) \(.details[0].fieldName)"')" "400 $3 $4 messages[0].parameters${5:-}"
}
refused "one too few" 'del(.[5])' invalid.parameter.count 132000
refused "one too many" '. + ["x"]' invalid.parameter.count 132000
refused "no array" '{}' invalid.parameter.count 132000
refused "a number" '.[1] = 1' invalid.parameter invalid.value '[1]'
refused "two in the wrong order" '[.[0], .[2], .[1], .[3], .[4], .[5]]' invalid.parameter 132012 '[2]'
refused "a date that is no day" '.[2] = "2026-02-30"' invalid.parameter 132012 '[2]'
refused "a time without its offset" '.[3] = "2026-11-20T10:00:00"' invalid.parameter 132012 '[3]'
refused "a newline" '.[1] = "a\nb"' invalid.parameter 132018 '[1]'
refused "a carriage return" '.[1] = "a\rb"' invalid.parameter 132018 '[1]'
refused "a tab" '.[4] = "a\tb"' invalid.parameter 132018 '[4]'
refused "five blanks" '.[5] = "a     b"' invalid.parameter 132018 '[5]'
refused "1025 characters" '.[5] = "ä" * 1025' invalid.parameter 132005 '[5]'
refused "a header that gets 61 characters" '.[0] = "x" * 55' invalid.parameter 132005 ''
refused "a body that gets too long" '.[1] = "x" * 500' invalid.parameter 132005 ''
# accepted NAME JQ
accepted() {
	send "$(message typed "$(jq -c "$2" <<<"$good")")"
	answers "$1" 200
}
accepted "four blanks" '.[1] = "a    b"'
accepted "1024 characters" '.[5] = "ä" * 1024'
accepted "a header of 60" '.[0] = "x" * 54'
accepted "any text for an amount" '.[4] = "around ten"'
send "$(message typd "$good")"
equals "a template that is not there" "$status $(get '"\(.code) \(.details[0].errorCode)"')" "400 messaging.template.not.found 132001"
language=es_ES send "$(language=es_ES message typed "$good")"
answers "another language" 400 messaging.template.not.found 'messages[0].language'
call POST "$conversations" '{"label":7,"participant":{"address":{"phoneNumber":"+34600123456","channelType":"whatsapp"}},"messages":[]}'
answers "a label that is no string" 400 bad.request label
equals "nothing that was refused was sent" "$(sent)" 5

echo "== statuses"
start --delivery-delay 60000
seed hello APPROVED "$plain"
send "$(message hello | jq -c '. + {id: "mine", status: "READ", errors: [], more: {"a": [1]}}')" first
equals "accepted" "$status $(get '.messages[0] | "\(.status) \(.id != "mine") \(has("errors")) \(.more)"')" '200 ACCEPTED true false {"a":[1]}'
advance 60
equals "sent" "$(states)" SENT
advance 59
equals "still" "$(states)" SENT
advance 1
equals "delivered" "$(states)" DELIVERED
send "$(message hello)" second
equals "newest first" "$(states)" "ACCEPTED, DELIVERED"
advance 86400
login
equals "never read by itself" "$(states)" "DELIVERED, DELIVERED"
start --delivery-delay 0
seed hello APPROVED "$plain"
send "$(message hello)"
equals "without a delay" "$(get '.messages[0].status')" DELIVERED

echo "== what becomes of them"
start --delivery-delay 0
outcome() { admin POST outcomes "$1" >"$work/outcomes"; }
for name in order_v1 order_v2 menu_v1; do seed $name APPROVED "$plain"; done
language=es_ES seed order_v1 APPROVED "$plain"
outcome '{"template":"order_*","language":"en*","code":132015,"mode":"fail"}'
send "$(message menu_v1)"
send "$(language=es_ES message order_v1)"
send "$(message order_v2)"
equals "those that match fail" "$(states)" "FAILED 132015, DELIVERED, DELIVERED"
equals "with Meta's words" "$(get '.entities[0].messages[0].errors[0].message')" "Template is paused"
admin DELETE outcomes
send "$(message order_v2)"
equals "until it is taken back" "$(states)" "DELIVERED, FAILED 132015, DELIVERED, DELIVERED"
outcome '{"template":"order_v2","code":132016,"mode":"refuse"}'
send "$(message order_v2)"
equals "refused" "$status $(get '"\(.code) \(.details[0].errorCode) \(.details[0].fieldName)"')" "400 bad.request 132016 messages[0].language"
equals "and not sent" "$(sent)" 4
admin DELETE outcomes
outcome '{"template":"menu_v1","mode":"drop"}'
send "$(message menu_v1)"
advance 86400
login
equals "dropped: accepted for ever" "$(states | cut -d, -f1)" ACCEPTED
admin DELETE outcomes
outcome '{"template":"order_v1","code":131026,"mode":"fail","share":0.25}'
for _ in 1 2 3 4 5 6 7 8; do send "$(message order_v1)"; done
equals "each fourth fails" "$(states | cut -d, -f1-8)" "FAILED 131026, DELIVERED, DELIVERED, DELIVERED, FAILED 131026, DELIVERED, DELIVERED, DELIVERED"
equals "counted" "$(admin GET state | jq -c '.outcomes | map([.template, .mode, .code, .share, .seen, .hits])')" '[["order_v1","fail",131026,0.25,8,2]]'
admin DELETE outcomes
outcome '{"template":"order_v1","code":131026,"mode":"fail","share":0.3}'
for _ in $(seq 10); do send "$(message order_v1)"; done
equals "0.3 of ten are three" "$(admin GET state | jq .outcomes[0].hits)" 3
for wrong in '{}' '{"mode":"lose"}' '{"mode":"fail"}' '{"mode":"fail","code":"132015"}' '{"mode":"fail","code":0}' \
	'{"mode":"drop","share":1.5}' '{"mode":"drop","share":"1"}' '{"mode":"drop","template":1}' '{"mode":"drop","unapproved":1}' '[]'; do
	call POST /_emulator/outcomes "$wrong"
	answers "no outcome: $wrong" 400 bad.request
done

echo "== a template that is not approved"
start --delivery-delay 0
seed paused PAUSED "$plain"
seed fine APPROVED "$plain"
send "$(message paused)"
answers "is refused" 400 messaging.template.not.approved
outcome '{"unapproved":true,"mode":"drop"}'
send "$(message paused)"
equals "or accepted and silently dropped" "$status $(states)" "200 ACCEPTED"
send "$(message fine)"
equals "approved ones go on" "$(states)" "DELIVERED, ACCEPTED"
admin DELETE outcomes
outcome '{"template":"paused","unapproved":true,"mode":"fail","code":132015}'
send "$(message paused)"
equals "or fails later" "$status $(states | cut -d, -f1)" "200 FAILED 132015"
admin DELETE outcomes
outcome '{"template":"paused","mode":"drop"}'
send "$(message paused)"
answers "an outcome of approved ones does not count" 400 messaging.template.not.approved

echo "== what proves that a message was sent once"
start --data "$work/data.db"
seed typed APPROVED "$typed"
seed hello APPROVED "$plain"
send "$(message typed "$good")" label-1
first=$(get .id)
send "$(message hello)" label-2
equals "label, phone, template, language, parameters and ids" \
	"$(kept | jq -c '.[0] | [.id, .label, .participant.address.phoneNumber, (.messages[] | .templateName, .language, .parameters, (.id | length))]')" \
	"$(jq -cn --arg id "$first" --argjson good "$good" '[$id, "label-1", "+34600123456", "typed", "en_US", $good, 36]')"
equals "oldest first" "$(kept | jq -r '[.[].label] | join(" ")')" "label-1 label-2"
# 10,000 on one connection
for ((i = 1; i <= 10000; i++)); do
	printf 'url = "%s"\nheader = "Authorization: Bearer %s"\nheader = "Content-Type: application/json"\noutput = "/dev/null"\n' "$url$conversations" "$token"
	printf 'data = "{\\"label\\":\\"bulk-%05d\\",\\"participant\\":{\\"address\\":{\\"phoneNumber\\":\\"+1555%07d\\",\\"channelType\\":\\"whatsapp\\"}},' $i $i
	printf '\\"messages\\":[{\\"type\\":\\"whatsapp_template\\",\\"templateName\\":\\"hello\\",\\"language\\":\\"en_US\\",\\"parameters\\":[]}]}"\n'
	[ $i = 10000 ] || echo next
done >"$work/bulk"
curl -sS -K "$work/bulk" 2>"$work/curl" || bad "10,000 sends: $(cat "$work/curl")"
kept >"$work/before"
equals "10,000 of them" "$(jq -c '[length, ([.[].label] | unique | length), ([.[].id] | unique | length)]' "$work/before")" '[10002,10002,10002]'
admin POST conversations/$phone/message
stop KILL
start --data "$work/data.db"
equals "they outlive a kill" "$(kept | jq -cS 'map(del(.session_status, .last_user_message_timestamp, .messages[].status))' | sha256sum)" \
	"$(jq -cS 'map(del(.session_status, .last_user_message_timestamp, .messages[].status))' "$work/before" | sha256sum)"
list
equals "and the window with them" "$(get '[.entities[] | .label, .session_status] | join(" ")')" "label-2 OPEN label-1 OPEN"
phone=+15550010000
list
equals "one of many phones" "$(get '"\(.total) \(.entities[0].label)"')" "1 bulk-10000"
admin POST reset
equals "a reset forgets them" "$(sent)" 0
phone=+34600123456

echo "== faults"
start
seed hello APPROVED "$plain"
# fault SPEC NAME STATUS SENT: what the client meets, and how often it was sent
fault() {
	admin POST faults "[\"POST:$conversations:$1:at=1\"]" >"$work/faults"
	send "$(message hello)" "$2"
	equals "$2" "$status $(sent "$2")" "$3 $4"
	admin DELETE faults
	[ "$1" != expire-token ] || login
}
fault reset-before "reset before it acted" 000 0
fault reset-after "reset after it acted" 000 1
fault status=503 "refused for now" 503 0
fault status-after=500 "an error after it acted" 500 1
fault 429=1 "too many" 429 0
fault expire-token "a token that ends" 401 0
fault html=502 "a gateway's page" 502 0
fault garbage "an answer that is no JSON" 200 1
jq . "$work/body" >"$work/parsed" 2>&1 && bad "garbage is JSON"
fault truncate "half of an answer" 200 1
fault delay=10 "a slow one" 200 1
admin POST faults "[\"GET:$conversations?phoneNumber=*:unknown-status=FROZEN\"]" >"$work/faults"
list
equals "a status that nobody knows" "$(get '[.entities[0].messages[0].status, .entities[0].session_status] | join(" ")')" "FROZEN CLOSED"
stop TERM
finish
