#!/bin/bash
# hsmctl send where Meta holds the templates and messages go out through Genesys: by canned responses, and as SMS.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/meta.sh"

# What was asked for, oldest first.
asked() { admin GET messages | jq -c '.[].request'; }
# "ADDRESS MESSENGER VALUES|TEXT", sorted
sent() { asked | jq -r '"\(.toAddress) \(.toAddressMessengerType) \(.textBody // ([.messagingTemplate | .headerParameters, .bodyParameters, .buttonUrlParameters | .[]?.value] | join("|")))"' | sort; }
posts() { requests POST '/agentless$'; }

emulator --review approve --delivery-delay 200
meta_repository
sed -i "s|^    app:|    genesys: {base_url: \"$url\", library: WhatsApp, send: agentless}\n    app:|" hsmctl.yaml
cat >templates/order.yaml <<'Y'
name: order
category: UTILITY
parameters:
  order_id: {default: ORD-1, max_length: 12}
  eta: {type: DATE, default: 2026-11-30}
translations:
  en_US:
    header: "Order {{order_id}} of yours"
    body: "Your order {{order_id}} will be with you on {{eta}}, as we said."
    buttons:
      - url: {title: See it, url: "https://shop.example.com/{{order_id}}"}
fallback:
  - channel: sms
    text: {en_US: "Your order {{order_id}} is on its way."}
Y
cat >templates/offer.yaml <<'Y'
name: offer
category: MARKETING
translations:
  en_US:
    body: "Take what you like of all that there is."
    buttons: [{copy_code: {example: 25OFF}}]
Y
commit "First"
expect 0 "applied" "$hsmctl" apply --yes -q
expect 0 "what is approved has its response" "$hsmctl" apply --yes -q
values=(--value order_id=A-1 --value eta=2026-12-01)
one=("$hsmctl" send order --to +34600123456 --yes)

# One message.
expect 0 "sent" "${one[@]}" "${values[@]}"
contains out "and it says what" "Sent: order_v1 en_US, conversation"
equals "by the ids of the response, a component each" "$(asked | jq -c '[.toAddress, .fromAddress, .messagingTemplate.headerParameters, .messagingTemplate.bodyParameters, .messagingTemplate.buttonUrlParameters]')" \
	'["34600123456","2f6c1f3e-0d57-4a7e-9d0c-5e8b4c1a0001",[{"id":"1","value":"A-1"}],[{"id":"2","value":"A-1"},{"id":"3","value":"December 1, 2026"}],[{"id":"4","value":"A-1"}]]'
equals "nothing went out through Meta" "$(requests POST "$graph/.*/messages$")" 0
expect 0 "a dry run" "${one[@]}" "${values[@]}" --dry-run
equals "prints the body" "$(jq -r '.toAddressMessengerType' "$work/out")" whatsapp
equals "and sends nothing" "$(posts)" 1

# What is wrong, and what this way cannot do.
expect 65 "no day" "${one[@]}" --value order_id=A-1 --value eta=tomorrow
expect 6 "a code to copy" "$hsmctl" send offer --to +34600123456 --yes --value button.copy_code=X
contains err "and which it is" "hsmctl can't send what the button 1 of it needs (by way of: agentless)"
response=$(curl -fsS -H "Authorization: Bearer $(curl -fsS -u "$GENESYSCLOUD_OAUTHCLIENT_ID:$GENESYSCLOUD_OAUTHCLIENT_SECRET" -d grant_type=client_credentials "$url/oauth/token" | jq -r .access_token)" \
	-H 'Content-Type: application/json' -d '{"pageSize": 100, "pageNumber": 1}' "$url/api/v2/responsemanagement/responses/query" | jq -r '.results.entities[] | select(.messagingTemplate.whatsApp.name == "order_v1").id')
equals "nothing was sent" "$(posts)" 1

# An integration of another account, and none.
cp hsmctl.yaml kept.yaml
sed -i 's/send: agentless/send: agentless, integration: "2f6c1f3e-0d57-4a7e-9d0c-00000000dead"/' hsmctl.yaml
expect 65 "an integration that is not there" "${one[@]}" "${values[@]}"
cp kept.yaml hsmctl.yaml

# A lost answer: nobody can be asked, and it is not sent again.
admin POST faults '["POST:*/agentless:reset-after:times=1"]' >/dev/null
expect 69 "a lost answer" "$hsmctl" send order --to +34600123459 --yes "${values[@]}"
contains err "it may have been sent" "it may have been sent, and nobody can tell"
equals "once" "$(sent | grep -c 34600123459)" 1

# Paused: the fallback's SMS, from the number that hsmctl.yaml gives; without one it is left to whoever asked.
review '{"name": "order_v1", "status": "PAUSED"}'
expect 6 "no number for SMS" "$hsmctl" send order --to +34600123460 --yes "${values[@]}"
contains err "it is left to whoever asked" "the fallback is by sms"
sed -i 's/^    app:/    sms: "+15550100009"\n    app:/' hsmctl.yaml
expect 0 "as an SMS" "$hsmctl" send order --to +34600123460 --yes "${values[@]}"
contains out "and it says so" "Sent: sms, conversation"
contains err "and why" "an SMS is sent instead"
equals "with its values" "$(sent | grep 34600123460)" "+34600123460 sms Your order A-1 is on its way."
equals "from that number" "$(asked | jq -r 'select(.toAddressMessengerType == "sms").fromAddress')" "+15550100009"
printf 'recipient,order_id,eta\n+34655000001,B-1,2026-12-01\n+34655000002,B-2,2026-12-01\n' >sms.csv
expect 0 "many" "$hsmctl" send order --from sms.csv --yes
equals "by their way" "$(jq -r '[.state, .way, .template // "-"] | join(" ")' sms.csv.results.ndjson | sort -u)" "sent sms -"
equals "each once" "$(sent | grep '^+34655')" "$(printf '+34655000001 sms Your order B-1 is on its way.\n+34655000002 sms Your order B-2 is on its way.')"
admin POST faults '["POST:*/agentless:reset-after:times=1"]' >/dev/null
expect 69 "an SMS whose answer is lost" "$hsmctl" send order --to +34600123461 --yes "${values[@]}"
equals "is not sent again" "$(sent | grep -c 34600123461)" 1
review '{"status": "APPROVED"}'

# Many, killed and gone on with, and followed.
awk 'BEGIN { print "recipient,order_id,eta"; for (i = 1; i <= 100; i++) printf "+34611%06d,B-%d,2026-12-01\n", i, i }' >rows.csv
admin POST faults '["POST:*/agentless:delay=60"]' >/dev/null
"$hsmctl" send order --from rows.csv --yes -q --parallelism 4 >"$work/out" 2>"$work/err" &
victim=$!
for _ in $(seq 500); do
	[ "$(sent | grep -c '^34611')" -ge 40 ] && break
	sleep 0.02
done
kill -9 $victim
wait $victim 2>/dev/null
admin DELETE faults >/dev/null
expect 3 "gone on with" "$hsmctl" send order --from rows.csv --yes --follow 8s
unknown=$(jq -r 'select(.state == "unknown").row' rows.csv.results.ndjson | wc -l)
[ "$unknown" -ge 1 ] && [ "$unknown" -le 4 ] && ok "only those that were under way are unknown ($unknown)" || bad "$unknown are unknown"
equals "the others are sent, and have arrived" "$(jq -r '[.state, .delivery // "-"] | join(" ")' rows.csv.results.ndjson | sort | uniq -c | tr -s ' ' | tr -d '\n')" " $((100 - unknown)) sent DELIVERED $unknown unknown -"
equals "nobody got two" "$(sent | grep '^34611' | cut -d' ' -f1 | uniq -d | wc -l)" 0
before=$(posts)
"$hsmctl" send order --from rows.csv --yes -q >/dev/null 2>&1
equals "a run more sends none" "$(posts)" "$before"
if grep -q 34611 rows.csv.journal rows.csv.results.ndjson; then bad "a number is kept"; else ok "no number is kept"; fi

# A response that was taken away.
curl -fsS -X DELETE -H "Authorization: Bearer $(curl -fsS -u "$GENESYSCLOUD_OAUTHCLIENT_ID:$GENESYSCLOUD_OAUTHCLIENT_SECRET" -d grant_type=client_credentials "$url/oauth/token" | jq -r .access_token)" \
	"$url/api/v2/responsemanagement/responses/$response"
expect 6 "no response" "${one[@]}" "${values[@]}"
contains err "and which is missing" "no response of Genesys refers to order_v1 en_US"
finish
