#!/bin/bash
# The controller where Meta holds the templates: what it sends, and what Meta's webhook tells of it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/meta.sh"
. "$(dirname "$0")/serve.sh"
export SEND_TOKEN=planted-secret-send

# send KEY PHONE: "STATUS"; the answer in $work/out
send() {
	curl -sk -o "$work/out" -w '%{http_code}' -H "Authorization: Bearer $SEND_TOKEN" -H "Idempotency-Key: $1" \
		-H 'Content-Type: application/json' \
		--data-binary "{\"template\": \"order\", \"language\": \"en_US\", \"to\": \"$2\", \"values\": {\"order_id\": \"A-1\"}}" "$base/v1/send"
}
say() { jq -r '[.state, .template, .channel] | map(. // "-") | join(" ")' "$work/out"; }
sent() { admin GET conversations | jq -r '.[] | "\(.participant.address.phoneNumber) \(.messages[0].templateName)"' | grep -c "$1"; }
arrived() { metric 'deliveries_total{result="arrived"}'; }
failed() { metric 'deliveries_total{result="failed"}'; }

emulator --review approve --delivery-delay 300 --graph-app-secret "$HOOK_SECRET"
meta_repository
sed -i "s|^    app:|    genesys: {base_url: \"$url\", library: WhatsApp}\n    sms: \"+15550100009\"\n    app:|" hsmctl.yaml
cat >templates/order.yaml <<'Y'
name: order
category: UTILITY
parameters:
  order_id: {default: ORD-1, max_length: 12}
translations:
  en_US:
    body: "Your order {{order_id}} is on its way to you."
    buttons: [{reply: {title: Stop, id: STOP}}]
routes: {STOP: none}
fallback:
  - channel: sms
    text: {en_US: "Your order {{order_id}} is on its way."}
Y
commit "First"
expect 0 "applied" "$hsmctl" apply --yes -q
cat >"$work/serve.yaml" <<Y
listen: 127.0.0.1:0
registry: sqlite:$work/registry.db
default_language: en_US
tokens: [FLOW_TOKEN]
send_tokens: [SEND_TOKEN]
webhook: {secret: HOOK_SECRET, verify_token: VERIFY_TOKEN}
Y
serve "$work/serve.yaml"
until_equals "what git and the account say is read" 200 ask /readyz
equals "Meta's webhook is ours" "$(call POST "$account/subscribed_apps" "{\"override_callback_uri\": \"$base/webhooks/whatsapp\", \"verify_token\": \"$VERIFY_TOKEN\"}")" '{"success":true}'

# Once for each key, and its end by the webhook: delivered counts, sent does not.
equals "a message" "$(send k1 +34600000001)" 200
equals "what became of it" "$(say)" "sent order_v1 -"
equals "no id of Meta's" "$(jq -r '.message_id | test("^meta-[0-9a-f]{32}$")' "$work/out")" true
equals "the same key again" "$(send k1 +34600000001)" 200
equals "was sent once" "$(sent +34600000001)" 1
equals "the reply answers with git's id" "$(admin GET conversations | jq -r '.[0].messages[0].components[] | select(.sub_type == "quick_reply").parameters[0].payload')" STOP
until_equals "it has arrived" 1 arrived
equals "nobody is asked what became of it" "$(requests GET '(messaging/conversations|/details)')" 0

# A lost answer: nobody can be asked, until the webhook tells.
admin POST outcomes '{"template": "order_v1", "code": 131026, "share": 1.0, "mode": "drop"}' >/dev/null
admin POST faults '["POST:*/messages:reset-after:times=1"]' >/dev/null
equals "an answer that is lost, and no webhook" "$(send l1 +34600000002)" 202
equals "nobody knows" "$(say | cut -d' ' -f1)" unknown
equals "asked again it is not sent again" "$(send l1 +34600000002) $(sent +34600000002)" "202 1"
admin DELETE outcomes >/dev/null
admin POST faults '["POST:*/messages:reset-after:times=1"]' >/dev/null
equals "one of which the webhook will tell" "$(send l2 +34600000003)" 202
settled() { send l2 +34600000003; }
until_equals "it has told: the same key is answered" 200 settled
equals "it was sent, once" "$(say | cut -d' ' -f1) $(sent +34600000003)" "sent 1"

# What fails says why, and of which template; what Meta refuses is no template's at once.
admin POST outcomes '{"template": "order_v1", "code": 131026, "share": 1.0, "mode": "fail"}' >/dev/null
equals "one that will not arrive" "$(send f1 +34600000004)" 200
until_equals "it has failed" 1 failed
equals "its template is as it was" "$(use order en_US)" "template order_v1"
admin DELETE outcomes >/dev/null
admin POST outcomes '{"template": "order_v1", "code": 132015, "share": 1.0, "mode": "refuse"}' >/dev/null
equals "paused a moment ago: an SMS in its place, at once" "$(send p1 +34600000005; say)" "200sent - sms"
equals "with its values" "$(admin GET messages | jq -r '.[].request | "\(.toAddress) \(.toAddressMessengerType) \(.textBody)"')" "+34600000005 sms Your order A-1 is on its way."
equals "the same key again" "$(send p1 +34600000005) $(admin GET messages | jq length)" "200 1"
admin POST faults '["POST:*/agentless:reset-after:times=1"]' >/dev/null
equals "an SMS whose answer is lost" "$(send p2 +34600000006)" 202
equals "is not sent again" "$(send p2 +34600000006) $(admin GET messages | jq length)" "202 2"
admin DELETE outcomes >/dev/null

# A drop of what arrives, by webhooks alone.
happens order_v1 en_US APPROVED >/dev/null
until_equals "it is in use again" "template order_v1" use order en_US
for i in $(seq 75); do send "d$i" +34600000070 >/dev/null; done
at_least() { jq -n --argjson a "$(arrived)" --argjson b "$1" '$a >= $b'; }
until_equals "they arrive" true at_least 75
admin POST outcomes '{"template": "order_v1", "code": 131026, "share": 1.0, "mode": "fail"}' >/dev/null
for i in $(seq 20); do send "e$i" +34600000070 >/dev/null; done
until_equals "they do not, and people are told once" 1 metric 'alerts_total{kind="delivery"}'

# What customers write, and who they are, is nowhere.
inbound='{"object":"whatsapp_business_account","entry":[{"id":"1","time":1700000000,"changes":[{"field":"messages","value":{"messaging_product":"whatsapp","contacts":[{"wa_id":"34600000099","profile":{"name":"Ana"}}],"messages":[{"from":"34600000099","text":{"body":"my secret wish"}}]}}]}]}'
equals "a customer's message is taken" "$(post /webhooks/whatsapp "$inbound")" 200
stop && ok "it ends well" || bad "it ends badly"
if cat "$work"/registry.db* "$work/serve.log" | grep -aqE -e '346000000' -e 'secret wish' -e 'wamid' -e 'HBgL'; then bad "somebody is named"; else ok "nobody is named in the registry, nor in the log"; fi
finish
