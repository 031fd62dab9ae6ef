#!/bin/bash
# Meta's own OpenAPI document, in a validating proxy before the emulator, refuses nothing: neither
# what is asked nor what is answered. What is excepted stands in graph_contract.json, with reasons.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/graph.sh"

[ -d "${HSM_CORPUS:-}" ] || { echo "SKIPPED: HSM_CORPUS is not set"; exit 0; }
npm_tools
start
NODE_PATH=$npm_folder/node_modules node "$top/tests/e2e/graph_contract.js" "$HSM_CORPUS/meta-openapi/business-messaging-api_v23.0.yaml" \
	"$waba" >"$work/contract.json" || { bad "the document"; finish; }
emulator_url=$url
# The proxy takes no port 0: one below those that connections get, and another where it is somebody's.
for _ in 1 2 3; do
	port=$((20000 + RANDOM % 12000))
	"$npm_folder/node_modules/.bin/prism" proxy --errors --port $port "$work/contract.json" "$emulator_url" >"$work/prism" 2>&1 &
	proxy=$!
	for _ in $(seq 300); do
		grep -q 'listening' "$work/prism" && break 2
		kill -0 $proxy 2>/dev/null || break
		sleep 0.1
	done
done
url=http://127.0.0.1:$port

# reset: as the admin path has it, which the proxy does not know.
reset() { curl -fsS -X POST "$emulator_url/_emulator/reset"; }
for file in "$HSM_CORPUS"/meta-openapi/extracted/create/*.json; do
	reset
	graph POST "$waba/message_templates" "$(sed 's/<TEMPLATE_NAME>/template_name/; s/{{Flow-/{{flow_/' "$file")"
	answers "Meta's own $(basename "$file" .json)" 200
done
id=$(get .id)
graph POST "$waba/message_templates" '{"name":"offer","language":"en_US","category":"MARKETING","message_send_ttl_seconds":43200,"components":[
	{"type":"BODY","text":"Good news, {{1}}! Use this code soon.","example":{"body_text":[["Ana"]]}},
	{"type":"BUTTONS","buttons":[{"type":"URL","text":"See","url":"https://example.com/{{1}}","example":["a"]},{"type":"QUICK_REPLY","text":"Stop"}]}]}'
answers "a create" 200
graph GET "$waba/message_templates"
answers "a listing" 200
graph GET "$waba/message_templates?limit=1&fields=name,status,quality_score,rejected_reason&summary=total_count"
answers "a page of it" 200
graph GET "$id"
answers "one" 200
graph POST "$id" '{"components":[{"type":"BODY","text":"Another text."}]}'
answers "an edit" 200
graph POST "$id" '{"components":[{"type":"BODY","text":"Another text."}]}'
answers "another, too soon" 400 100 2388039
graph POST "$waba/message_templates" '{"name":"Offer","language":"en_US","category":"MARKETING","components":[]}'
answers "a wrong create" 400 100 2388046
graph GET 123456
answers "no such template" 400 100 33
graph GET "$waba?fields=id,name,currency,country,account_review_status,business_verification_status,ownership_type"
answers "the account" 200
graph GET "$waba/phone_numbers?limit=10"
answers "its phone numbers" 200
graph POST "$waba/subscribed_apps" '{}'
answers "a subscription" 200
graph GET "$waba/subscribed_apps"
answers "is there" 200
graph DELETE "$waba/subscribed_apps"
answers "and goes" 200
message() { jq -cn --argjson parts "$1" '{messaging_product:"whatsapp",recipient_type:"individual",to:"34600123456",type:"template",
	template:{name:"offer",language:{code:"en_US"},components:$parts}}'; }
graph POST "$phone/messages" "$(message '[{"type":"body","parameters":[{"type":"text","text":"Ana"}]},
	{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"a"}]}]')"
answers "a message" 200
graph POST "$phone/messages" "$(message '[]')"
answers "without its parameters" 400 132000
graph DELETE "$waba/message_templates?name=offer"
answers "a deletion" 200
graph DELETE "$waba/message_templates?name=offer"
answers "of nothing" 400 100
if grep -iE 'violation|stoplight.io/prism/errors' "$work/prism" >"$work/violations"; then
	bad "the document is broken"
	cat "$work/violations"
fi
ok "$(grep -c 'upstream call' "$work/prism") requests and answers keep the document, but for $(jq '.exceptions | length + 1' "$top/tests/e2e/graph_contract.json") exceptions"
stop TERM
finish
