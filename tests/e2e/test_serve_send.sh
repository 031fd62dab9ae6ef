#!/bin/bash
# POST /v1/send of the controller: once for each key, by what the registry knows.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/serve.sh"
export SEND_TOKEN=planted-secret-send

sent() { admin GET conversations | jq -r '.[] | "\(.participant.address.phoneNumber) \(.messages[0].templateName // "text") \(.messages[0].parameters // [.messages[0].text] | join("|"))"' | sort; }
# send KEY BODY [OPTION...]: "STATUS"; the answer in $work/out
send() {
	local key=$1 body=$2
	shift 2
	curl -sk -o "$work/out" -w '%{http_code}' -H "Authorization: Bearer $SEND_TOKEN" -H "Idempotency-Key: $key" \
		-H 'Content-Type: application/json' --data-binary "$body" "$@" "$base/v1/send"
}
# body PHONE [TEMPLATE]
body() { printf '{"template": "%s", "language": "en_US", "to": "%s", "values": {"order_id": "A-1"}}' "${2:-order}" "$1"; }
say() { jq -r '[.state, .template, .channel, .message] | map(. // "-") | join(" ")' "$work/out"; }

# arrived COUNT: whether as many or more did.
arrived() { jq -n --argjson a "$(metric 'deliveries_total{result="arrived"}')" --argjson b "$1" '$a >= $b'; }

emulator
repository
cat >templates/order.yaml <<'Y'
name: order
category: UTILITY
parameters:
  order_id: {type: TEXT, default: ORD-1, max_length: 12}
translations:
  en_US: {body: "Your order {{order_id}} is on its way to you."}
fallback:
  - channel: sms
    text: {en_US: "Your order is on its way."}
Y
template lonely en_US "Nothing may take the place of this message."
commit "First"
"$hsmctl" apply --yes -q >/dev/null 2>&1
review '{"status": "APPROVED"}'
cat >"$work/serve.yaml" <<Y
listen: 127.0.0.1:0
registry: sqlite:$work/registry.db
default_language: en_US
tokens: [FLOW_TOKEN]
send_tokens: [SEND_TOKEN]
webhook: {secret: HOOK_SECRET, verify_token: VERIFY_TOKEN}
Y
serve "$work/serve.yaml"
until_equals "what git and the organisation say is read" 200 ask /readyz

# Who may, and what is asked.
equals "a token that may read may not send" "$(curl -sk -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $FLOW_TOKEN" -H 'Idempotency-Key: k' --data "$(body +34600000001)" "$base/v1/send")" 401
equals "one that may send may read" "$(curl -sk -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $SEND_TOKEN" "$base/v1/templates")" 200
equals "without a key" "$(curl -sk -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $SEND_TOKEN" --data "$(body +34600000001)" "$base/v1/send")" 400
equals "a key that is too long" "$(send "$(printf 'k%.0s' $(seq 129))" "$(body +34600000001)")" 400
equals "no JSON" "$(send k 'nothing')" 400
equals "no recipient" "$(send k '{"template": "order", "language": "en_US"}')" 400
equals "a recipient that is none" "$(send k "$(body 0034600000001)")" 400
equals "values that are no texts" "$(send k '{"template": "order", "language": "en_US", "to": "+34600000001", "values": {"order_id": 1}}')" 400
equals "by another method" "$(curl -sk -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $SEND_TOKEN" "$base/v1/send")" 405
equals "nothing was sent" "$(sent)" ""

# Once for each key.
equals "a message" "$(send k1 "$(body +34600000001)")" 200
equals "what became of it" "$(say)" "sent order_v1 - -"
cp "$work/out" "$work/first"
equals "the same key again" "$(send k1 "$(body +34600000001)")" 200
cmp -s "$work/first" "$work/out" && ok "the same answer" || bad "another answer: $(cat "$work/out")"
equals "the same key for another message" "$(send k1 "$(body +34600000002)")" 422
equals "was sent once" "$(sent)" "+34600000001 order_v1 A-1"
equals "another key" "$(send k2 "$(body +34600000001)")" 200
equals "is another message" "$(sent | wc -l)" 2
equals "values that do not fit" "$(send k3 '{"template": "order", "language": "en_US", "to": "+34600000001", "values": {"order_id": "much too long a value", "colour": "red"}}')" 422
equals "each by its name" "$(jq -c '[.problems[].parameter]' "$work/out")" '["order_id","colour"]'
equals "corrected, with the same key" "$(send k3 "$(body +34600000003)")" 200
equals "a template that is not there" "$(send k4 "$(body +34600000001 nothing)")" 404
equals "fr is answered with the default" "$(send k5 '{"template": "order", "language": "fr", "to": "+34600000005", "values": {"order_id": "A"}}')" 200
# Many at once with one key.
for i in $(seq 20); do (send many "$(body +34600000020)" >"$work/status.$i") & done
wait $(jobs -p | grep -v -x -e "$serve_pid" -e "$emulator_pid")
equals "twenty at once with one key: one message" "$(sent | grep -c +34600000020)" 1
equals "each was told so, or to ask again" "$(cat "$work"/status.* | sed 's/200/\n200/g; s/409/\n409/g' | grep -cxE '200|409')" 20

# The window.
equals "closed: the template" "$(send w1 '{"template": "order", "language": "en_US", "to": "+34600000030", "values": {"order_id": "A"}, "text": "On its way."}')" 200
admin POST conversations/+34600000030/message
equals "open: the text" "$(send w2 '{"template": "order", "language": "en_US", "to": "+34600000030", "values": {"order_id": "A"}, "text": "On its way."}')" 200
equals "was sent" "$(sent | grep +34600000030 | cut -d' ' -f2- | tr '\n' ' ')" "order_v1 A text On its way. "

# What may not be sent.
happens order_v1 en_US PAUSED FIRST_PAUSE >/dev/null
equals "paused: the channel" "$(send p1 "$(body +34600000040)")" 200
equals "and its text" "$(jq -r '[.state, .channel, .text] | join(" ")' "$work/out")" "fallback sms Your order is on its way."
happens lonely_v1 en_US REJECTED POLICY >/dev/null
equals "nothing may be sent" "$(send p2 '{"template": "lonely", "language": "en_US", "to": "+34600000041"}')" 409
contains out "and why" "lonely_v1 is REJECTED"
equals "neither was" "$(sent | grep -c '+3460000004')" 0
happens order_v1 en_US APPROVED >/dev/null
happens lonely_v1 en_US APPROVED >/dev/null
equals "with the same key, once it may be" "$(send p2 '{"template": "lonely", "language": "en_US", "to": "+34600000041"}')" 200

# What is lost.
admin POST faults '["POST:*/conversations:reset-after:times=1"]' >/dev/null
equals "an answer that is lost is looked up" "$(send l1 "$(body +34600000050)")" 200
equals "once" "$(sent | grep -c +34600000050)" 1
admin POST faults '["POST:*/conversations:delay=3000:times=1"]' >/dev/null
send l2 "$(body +34600000051)" >/dev/null &
sleep 0.5
kill -9 "$serve_pid"
wait "$serve_pid" 2>/dev/null
serve "$work/serve.yaml"
until_equals "it begins again" 200 ask /readyz
sleep 3
equals "the controller was killed in the middle: the same key waits" "$(send l2 "$(body +34600000051)")" 409
equals "and nobody gets it twice" "$(sent | grep -c +34600000051)" 1

# What becomes of messages reaches the registry: the organisation withdraws a version, and no webhook tells.
admin POST outcomes '{"template": "order_v1", "code": 132015, "share": 1.0, "mode": "fail"}' >/dev/null
equals "a message that will fail" "$(send f1 "$(body +34600000060)")" 200
review '{"name": "order_v1", "status": "PAUSED"}'
until_equals "its template is paused, by what the delivery says" "channel sms" use order en_US
ask /v1/templates/order/history >/dev/null
contains out "and the history tells from where" "delivery error 132015"
admin DELETE outcomes
happens order_v1 en_US APPROVED >/dev/null
admin POST outcomes '{"template": "order_v1", "code": 132015, "share": 1.0, "mode": "refuse"}' >/dev/null
equals "one that is refused, before any webhook tells: the fallback, at once" "$(send f2 "$(body +34600000061)"; say)" "200fallback - sms by sms: order_v1 is PAUSED: delivery error 132015"
admin DELETE outcomes
until_equals "a listing says that it is approved all the same" "template order_v1" use order en_US
review '{"name": "order_v1", "status": "PAUSED"}'
equals "refused without a reason: not now" "$(send f3 "$(body +34600000062)")" 409
until_equals "until a listing tells" "channel sms" use order en_US
equals "with the same key: the fallback" "$(send f3 "$(body +34600000062)"; say)" "200fallback - sms by sms: order_v1 is PAUSED"
equals "the metrics tell" "$(($(metric 'deliveries_total{result="failed"}') > 0))" 1
# A delivery rate that drops sharply.
happens order_v1 en_US APPROVED >/dev/null
for i in $(seq 75); do send "d$i" "$(body +34600000070)" >/dev/null; done
until_equals "they arrive" true arrived 75
admin POST outcomes '{"template": "order_v1", "code": 131026, "share": 1.0, "mode": "fail"}' >/dev/null
for i in $(seq 20); do send "e$i" "$(body +34600000070)" >/dev/null; done
until_equals "they do not, and people are told once" 1 metric 'alerts_total{kind="delivery"}'
equals "what is undeliverable says nothing of its template" "$(use order en_US)" "template order_v1"
lacks serve.log "no recipient in the log" +346000
equals "the document has it" "$(ask /openapi.json; jq -r '.paths["/v1/send"].post.responses | keys | join(" ")' "$work/out")" "200200 202 400 401 404 409 413 422 429 503"
stop && ok "it ends well" || bad "it ends badly"
finish
