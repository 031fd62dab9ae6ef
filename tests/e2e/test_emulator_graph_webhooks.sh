#!/bin/bash
# Webhooks of Meta's API out of the emulator, and messages through it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/graph.sh"

cat >"$work/receiver.py" <<'PY'
import hashlib, hmac, http.server, json, sys, urllib.parse
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        good = query.get("hub.mode") == ["subscribe"] and query.get("hub.verify_token") == ["right & proper"]
        self.send_response(200 if good else 403)
        self.end_headers()
        self.wfile.write(query["hub.challenge"][0].encode() if good else b"")
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        want = "sha256=" + hmac.new(b"hook-secret", body, hashlib.sha256).hexdigest()
        with open(sys.argv[1], "ab") as log:
            log.write(body + b"\n")
        self.send_response(200 if self.headers.get("X-Hub-Signature-256") == want else 401)
        self.end_headers()
    def log_message(self, *arguments):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
touch "$work/events"
python3 "$work/receiver.py" "$work/events" >"$work/receiver" &
eventually test -s "$work/receiver"
hook=http://127.0.0.1:$(cat "$work/receiver")/hook
hello=$(body "Hello, this is a text.")
review() { admin POST "templates/$id/review" "$1" >"$work/review"; }
make() { create "$@"; id=$(get .id); }
# event JQ: of the latest one
event() { tail -n 1 "$work/events" | jq -r ".entry[0].changes[0] | $1"; }
arrived() { [ "$(wc -l <"$work/events")" -ge "$1" ]; }
await() { eventually arrived "$1" || bad "no $1 events: $(cat "$work/events")"; }

echo "== subscriptions"
start --review manual --graph-app-secret hook-secret --data "$work/db" --delivery-delay 1000
graph GET "$waba/subscribed_apps"
equals "nobody at first" "$(get tojson)" '{"data":[]}'
subscribe() { graph POST "$waba/subscribed_apps" "$(jq -cn --arg uri "$1" --arg token "$2" '{override_callback_uri:$uri,verify_token:$token}')"; }
subscribe "$hook" wrong
answers "a receiver that refuses" 400 2200
subscribe http://127.0.0.1:9/ "right & proper"
answers "one that is not there" 400 2200
subscribe ftp://example.com/ "right & proper"
answers "one that is none" 400 100
graph POST "$waba/subscribed_apps" "{\"override_callback_uri\":\"$hook\"}"
answers "without verify_token" 400 100
subscribe "$hook" "right & proper"
equals "one that gives the challenge back" "$(get tojson)" '{"success":true}'
graph GET "$waba/subscribed_apps"
equals "is there" "$(get '.data[0] | [.whatsapp_business_api_data.id, .override_callback_uri] | join(" ")')" "$app $hook"

echo "== what it hears"
make first en_US "[$hello]"
review '{"status":"APPROVED"}'
await 1
equals "the envelope" "$(jq -r '[.object, .entry[0].id, (.entry[0].time > 1700000000), .entry[0].changes[0].field] | join(" ")' "$work/events")" \
	"whatsapp_business_account $waba true message_template_status_update"
equals "the value" "$(event '.value | [.event, .message_template_name, .message_template_language, .reason, .message_template_category] | join(" ")')" \
	"APPROVED first en-US NONE UTILITY"
grep -q "\"message_template_id\":$id," "$work/events" && ok "the id is an integer" || bad "the id is an integer"
review '{"status":"PAUSED"}'
await 2
equals "paused" "$(event '.value | [.event, .other_info.title] | join(" ")')" "PAUSED FIRST_PAUSE"
review '{"status":"APPROVED"}'
await 3
equals "and back" "$(event '.value | [.event, .other_info.title] | join(" ")')" "APPROVED UNPAUSE"
review '{"status":"PAUSED"}'
await 4
equals "a second time" "$(event .value.other_info.title)" SECOND_PAUSE
review '{"status":"REJECTED"}'
await 5
equals "rejected for its format" "$(event '.value | [.event, .reason, (.rejection_info | has("recommendation"))] | join(" ")')" "REJECTED INVALID_FORMAT true"
review '{"status":"REINSTATED"}'
await 6
equals "an event that is no status" "$(event .value.event)" REINSTATED
review '{"status":"FLAGGED"}'
await 7
equals "flagged" "$(event '.value | [.event, (.disable_info.disable_date | type)] | join(" ")')" "FLAGGED number"
review '{"status":"APPROVED","quality":"YELLOW"}'
await 9
equals "quality" "$(jq -sr '.[7].entry[0].changes[0] | [.field, .value.previous_quality_score, .value.new_quality_score, .value.message_template_language] | join(" ")' "$work/events")" \
	"message_template_quality_update UNKNOWN YELLOW en_US"
review '{"correct_category":"MARKETING"}'
await 10
equals "a category that will move" "$(event '[.field, .value.new_category, .value.correct_category, (.value.category_update_timestamp | type)] | join(" ")')" \
	"template_category_update UTILITY MARKETING number"
review '{"category":"MARKETING"}'
await 11
equals "and has moved" "$(event '[.value.previous_category, .value.new_category] | join(" ")')" "UTILITY MARKETING"
graph POST "$id" '{"components":[{"type":"HEADER","format":"TEXT","text":"Head"},{"type":"BODY","text":"Changed."},{"type":"FOOTER","text":"Foot"},
	{"type":"BUTTONS","buttons":[{"type":"URL","text":"See","url":"https://example.com/"},{"type":"PHONE_NUMBER","text":"Call","phone_number":"346"}]}]}'
await 12
equals "components" "$(event '[.field, .value.message_template_title, .value.message_template_element, .value.message_template_footer,
	(.value.message_template_buttons[] | .message_template_button_type, .message_template_button_url // .message_template_button_phone_number)] | join(" ")')" \
	"message_template_components_update Head Changed. Foot URL https://example.com/ PHONE_NUMBER +346"
graph DELETE "$waba/message_templates?name=first"
await 13
equals "deleted" "$(event .value.event)" DELETED
equals "all were signed" "$(admin GET counters | jq -c '.deliveries | [.delivered, .failed]')" "[13,0]"
start --review manual --graph-app-secret hook-secret --data "$work/db" --delivery-delay 1000
make second en_US "[$hello]"
review '{"status":"APPROVED"}'
await 14
equals "after a restart, too" "$(event .value.message_template_name)" second
graph POST "$other_waba/message_templates" '{"name":"elsewhere","language":"en","category":"UTILITY","components":[{"type":"BODY","text":"Hello"}]}'
id=$(get .id)
review '{"status":"APPROVED"}'

echo "== messages"
parameter() { jq -cn --arg text "$1" '{type:"text",text:$text}'; }
# send NAME [COMPONENTS [TO]]
send() {
	graph POST "$phone/messages" "$(jq -cn --arg name "$1" --argjson components "${2:-"[]"}" --arg to "${3:-"+34 600 123 456"}" \
		'{messaging_product:"whatsapp",recipient_type:"individual",to:$to,type:"template",biz_opaque_callback_data:"row 7",
		template:{name:$name,language:{code:"en_US"},components:$components}}')"
}
send second
equals "accepted" "$(get '[.messaging_product, .contacts[0].wa_id, .messages[0].message_status, (.messages[0].id | startswith("wamid."))] | join(" ")')" \
	"whatsapp 34600123456 accepted true"
message=$(get '.messages[0].id')
admin POST clock '{"advance_seconds":1}' >"$work/clock"
await 15
equals "sent" "$(event '[.field, .value.metadata.phone_number_id, (.value.statuses[0] | .id, .status, .recipient_id, .biz_opaque_callback_data)] | join(" ")')" \
	"messages $phone $message sent 34600123456 row 7"
admin POST clock '{"advance_seconds":1}' >"$work/clock"
await 16
equals "delivered" "$(event .value.statuses[0].status)" delivered
equals "nothing of the account that nobody is subscribed to" "$(grep -c elsewhere "$work/events")" 0
admin POST outcomes '{"mode":"fail","code":131026,"template":"second"}' >"$work/outcome"
send second
# On its way over a restart.
start --review manual --graph-app-secret hook-secret --data "$work/db" --delivery-delay 1000
admin POST clock '{"advance_seconds":1}' >"$work/clock"
await 17
equals "failed" "$(event '.value.statuses[0] | [.status, .errors[0].code, .errors[0].title] | join(" ")')" "failed 131026 Message undeliverable"
equals "the admin path shows them" "$(admin GET conversations | jq -c '[.[].messages[0] | .templateName, .status]')" '["second","DELIVERED","second","FAILED"]'
graph DELETE "$waba/subscribed_apps"
equals "no longer subscribed" "$(get tojson)" '{"success":true}'
before=$(wc -l <"$work/events")
review '{"status":"REJECTED"}'
graph GET "$waba/subscribed_apps"
equals "nobody is" "$(get .data) $(($(wc -l <"$work/events") - before))" "[] 0"

start --review manual --graph-app-secret hook-secret --graph-callback "$hook"
graph POST "$waba/subscribed_apps"
make third en_US "[$hello]"
before=$(wc -l <"$work/events")
review '{"status":"APPROVED"}'
await $((before + 1))
equals "without override_callback_uri: --graph-callback" "$(event .value.message_template_name)" third

echo "== what may not be sent"
start
make parts en_US "[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"Order {{1}}\",\"example\":{\"header_text\":[\"7\"]}},
	$(body 'Hi {{1}}, your order {{2}} is on its way, and {{1}} will have it.' Ana 7),
	{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"URL\",\"text\":\"See\",\"url\":\"https://example.com/{{1}}\",\"example\":[\"7\"]}]}]"
# parts HEADER BODY BUTTON: arrays of parameters
parts() { echo "[{\"type\":\"header\",\"parameters\":[$1]},{\"type\":\"BODY\",\"parameters\":[$2]},{\"type\":\"button\",\"sub_type\":\"url\",\"index\":\"0\",\"parameters\":[$3]}]"; }
p=$(parameter 7)
send parts "$(parts "$p" "$p,$p" "$p")"
answers "all parameters" 200
equals "are kept" "$(admin GET conversations | jq -c '.[0].messages[0].parameters')" '["7","7","7","7"]'
send parts "$(parts "$p" "$p" "$p")"
answers "one too few" 400 132000
equals "says where" "$(get '.error.error_data | [.messaging_product, (.details | .[0:5])] | join(" ")')" "whatsapp body:"
send parts "$(parts "$p" "$p,$p,$p" "$p")"
answers "one too many" 400 132000
send parts "$(parts "" "$p,$p" "$p")"
answers "none in the header" 400 132000
send parts "$(parts "$p" "$p,$p" "")"
answers "none for the button" 400 132000
send parts "$(parts "$p" "$p,$(parameter $'a\nb')" "$p")"
answers "a newline" 400 132018
send parts "$(parts "$p" "$p,$(parameter 'a     b')" "$p")"
answers "five blanks" 400 132018
send parts "$(parts "$(parameter "$(printf '%060d' 1)")" "$p,$p" "$p")"
answers "a header that is too long" 400 132005
send nobody
answers "no such template" 404 132001
for state in PAUSED:400:132015 DISABLED:400:132016 REJECTED:404:132001 PENDING:404:132001; do
	review "{\"status\":\"${state%%:*}\"}"
	send parts "$(parts "$p" "$p,$p" "$p")"
	rest=${state#*:}
	answers "one that is ${state%%:*}" "${rest%:*}" "${rest#*:}"
done
create named en_US '[{"type":"BODY","text":"Hi {{who}}, this is yours.","example":{"body_text_named_params":[{"param_name":"who","example":"Ana"}]}}]' UTILITY '{"parameter_format":"NAMED"}'
send named '[{"type":"body","parameters":[{"type":"text","parameter_name":"who","text":"Ana"}]}]'
answers "a named parameter" 200
send named '[{"type":"body","parameters":[{"type":"text","parameter_name":"whom","text":"Ana"}]}]'
answers "another name" 400 132000
create pictured en_US '[{"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::a"]}},'"$hello]"
send pictured
answers "no picture" 400 132012
send pictured '[{"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/a.png"}}]}]'
answers "one" 200
create money en_US "[$(body 'You owe us {{1}} since {{2}}, please pay it.' 1 2)]"
send money '[{"type":"body","parameters":[{"type":"currency","currency":{"fallback_value":"$7","code":"USD","amount_1000":7000}},{"type":"date_time","date_time":{"fallback_value":"May 1"}}]}]'
answers "money and a date" 200
equals "as they are shown" "$(admin GET conversations | jq -c '.[-1].messages[0].parameters')" '["$7","May 1"]'
create code en_US '[{"type":"BODY"},{"type":"BUTTONS","buttons":[{"type":"OTP","otp_type":"COPY_CODE","text":"Copy"}]}]' AUTHENTICATION
send code "$(parts "" "$p" "$p")"
answers "a code, in body and button" 200
send code "[{\"type\":\"body\",\"parameters\":[$p]}]"
answers "in the body alone" 400 132012
send code "$(parts "" "$p" "$p")" nonsense
answers "to nobody" 400 131009
graph POST "$phone/messages" '{"to":"34600123456"}'
answers "no product" 400 100
graph POST "$phone/messages" '{"messaging_product":"whatsapp","to":"34600123456","type":"sticker"}'
answers "another type" 400 131051
graph POST 1/messages '{}'
answers "no such number" 400 100 33
admin POST outcomes '{"mode":"refuse","code":131049,"template":"named"}' >"$work/outcome"
send named '[{"type":"body","parameters":[{"type":"text","parameter_name":"who","text":"Ana"}]}]'
answers "an outcome" 400 131049
text='{"messaging_product":"whatsapp","to":"34600123456","type":"text","text":{"body":"Hi"}}'
graph POST "$phone/messages" "$text"
answers "a text outside the window is accepted" 200
admin POST conversations/+34600123456/message
graph POST "$phone/messages" "$text"
admin POST clock '{"advance_seconds":5}' >"$work/clock"
equals "and fails; within it, it does not" "$(admin GET conversations | jq -c '[.[-2:][].messages[0] | .status, .errors[0].code]')" '["FAILED",131047,"DELIVERED",null]'
stop TERM
finish
