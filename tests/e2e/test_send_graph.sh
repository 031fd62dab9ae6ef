#!/bin/bash
# hsmctl send where Meta holds the templates: through its POST /{phone number id}/messages.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/meta.sh"

# "PHONE TEMPLATE VALUES", sorted
sent() { admin GET conversations | jq -r '.[] | "\(.participant.address.phoneNumber) \(.messages[0].templateName) \(.messages[0].parameters | join("|"))"' | sort; }
messages() { requests POST '/messages$'; }
# Nothing that is kept tells whom was written to: no number, and no id of Meta's, which has it in base64.
keeps_nobody() {
	if grep -qE -e '346[0-9]{8}' -e 'wamid' -e 'HBgL' "$@"; then bad "$1: it tells whom was written to"; else ok "$1 tells nobody"; fi
}

emulator --review approve
meta_repository
sample files/logo.png
cat >templates/order.yaml <<'Y'
name: order
category: UTILITY
parameters:
  order_id: {default: ORD-1, max_length: 12}
  eta: {type: DATE, default: 2026-11-30}
translations:
  en_US:
    header: {image: files/logo.png}
    body: "Your order {{order_id}} will be with you on {{eta}}, as we said."
    buttons:
      - url: {title: See it, url: "https://shop.example.com/{{order_id}}"}
      - reply: {title: Stop, id: STOP, data: {from: order}}
routes: {STOP: none}
fallback:
  - template: plain
Y
cat >templates/plain.yaml <<'Y'
name: plain
category: UTILITY
parameter_format: NAMED
parameters: {order_id: {default: A-1}}
translations:
  en_US: {body: "Your order {{order_id}} is on its way to you, slowly."}
fallback:
  - channel: sms
    text: {en_US: "Your order {{order_id}} is on its way."}
Y
cat >templates/items.yaml <<'Y'
name: items
category: MARKETING
translations:
  en_US:
    body: "See what there is in the shop of all shops."
    buttons: [{multi_product: {title: View items}}]
Y
commit "First"
expect 0 "applied" "$hsmctl" apply --yes -q
values=(--value order_id=A-1 --value eta=2026-12-01 --value header.image=https://cdn.example.com/a.png)
one=("$hsmctl" send order --to +34600123456 --yes)

# One message.
expect 0 "sent" "${one[@]}" "${values[@]}"
contains out "and it says what" "Sent: order_v1 en_US, message meta-"
keeps_nobody "$work/out" "$work/err"
equals "header's, body's and the button's" "$(admin GET conversations | jq -c '[.[0].messages[0].components[] | [.type, .sub_type, .index, (.parameters[0] | .text // .payload // .image.link)]]')" \
	'[["header",null,null,"https://cdn.example.com/a.png"],["body",null,null,"A-1"],["button","url","0","A-1"],["button","quick_reply","1","'"$(admin GET conversations | jq -r '.[0].messages[0].components[3].parameters[0].payload')"'"]]'
contains err "nothing is told of a conversation" "UTILITY"
equals "the reply answers with git's token" "$(admin GET conversations | jq -r '.[0].messages[0].components[3].parameters[0].payload' | sed 's/^T1_//; s/$/=/' | tr -- -_ +/ | base64 -d 2>/dev/null)" 'STOP?from=order'
equals "a date as people read it" "$(admin GET conversations | jq -r '.[0].messages[0].components[1].parameters[1].text')" "December 1, 2026"
expect 0 "a dry run" "${one[@]}" "${values[@]}" --dry-run
equals "prints the body" "$(jq -c '[.messaging_product, .to, .template.name, .template.language.code]' "$work/out")" '["whatsapp","+34600123456","order_v1","en_US"]'
expect 0 "JSON" "${one[@]}" "${values[@]}" --format json
equals "without a conversation" "$(jq -c '[.state, .sent, has("conversation"), (.message | test("^meta-[0-9a-f]{32}$"))]' "$work/out")" '["sent","order_v1",false,true]'
equals "two were sent, not the dry one" "$(sent | wc -l)" 2

# What is wrong, and what this way cannot do.
before=$(messages)
expect 65 "a header without its address" "${one[@]}" --value order_id=A-1 --value eta=2026-12-01
contains err "by its name" "header.image: no value is given"
expect 65 "a file is no address" "${one[@]}" --value order_id=A-1 --value eta=2026-12-01 --value header.image=files/logo.png
expect 65 "too long, no day" "${one[@]}" --value order_id=A-1234567890123 --value eta=tomorrow --value header.image=https://e.com/a.png
contains err "each by its name" "eta"
expect 6 "products" "$hsmctl" send items --to +34600123456 --yes
contains err "what it is that can't be sent" "hsmctl can't send what the button 1 of it needs"
expect 78 "a text while the 24 hours are open" "${one[@]}" "${values[@]}" --text "Hello"
contains err "nobody can tell" "leave out --text"
expect 78 "to follow" "${one[@]}" "${values[@]}" --follow 5s
contains err "the webhook does" "leave out --follow"
equals "nothing was sent" "$(messages)" "$before"

# Which number.
sed -i 's/^    app:/    phone_number: "1"\n    app:/' hsmctl.yaml
expect 77 "a number that is not there" "${one[@]}" "${values[@]}"
sed -i '/phone_number/d' hsmctl.yaml

# Refusals by their codes.
admin POST faults '["POST:*/messages:graph-error=131026:times=1"]' >/dev/null
expect 65 "it can't be delivered" "${one[@]}" "${values[@]}"
contains err "and what it means" "131026: it cannot be delivered to this recipient"
admin POST faults '["POST:*/messages:graph-error=131056:times=1"]' >/dev/null
expect 75 "too many to one recipient" "${one[@]}" "${values[@]}"
admin POST faults '["POST:*/messages:graph-error=131042:times=1"]' >/dev/null
expect 1 "the account's payment" "${one[@]}" "${values[@]}"
keeps_nobody "$work/err"

# Paused between the look and the message: what takes its place is sent.
admin POST outcomes '{"template": "order_v1", "code": 132015, "share": 1.0, "mode": "refuse"}' >/dev/null
review '{"name": "order_v1", "status": "PAUSED"}'
expect 0 "paused: the fallback" "$hsmctl" send order --to +34600123457 --yes "${values[@]}"
equals "which has a name for its parameter" "$(sent | grep 123457)" "+34600123457 plain_v1 A-1"
contains err "and it says so" "plain_v1 is sent instead"
review '{"name": "plain_v1", "status": "PAUSED"}'
expect 6 "both paused, and no number for SMS" "$hsmctl" send plain --to +34600123458 --yes --value order_id=A-1
contains err "whoever asked sends it" "the fallback is by sms"
admin DELETE outcomes >/dev/null
review '{"status": "APPROVED"}'

# An answer that is lost: nobody can be asked, and it is not sent again.
forget
admin POST faults '["POST:*/messages:reset-after:times=1"]' >/dev/null
expect 69 "a lost answer" "$hsmctl" send order --to +34600123459 --yes "${values[@]}"
contains err "it may have been sent" "it may have been sent, and nobody can tell"
equals "once" "$(messages) $(sent | grep -c 123459)" "1 1"

# Many, killed and gone on with: what was under way at that moment is unknown, nothing is sent twice.
awk 'BEGIN { print "recipient,order_id,eta,header.image"; for (i = 1; i <= 100; i++) printf "+34611%06d,B-%d,2026-12-01,https://cdn.example.com/%d.png\n", i, i, i }' >rows.csv
admin POST faults '["POST:*/messages:delay=60"]' >/dev/null
"$hsmctl" send order --from rows.csv --yes -q --parallelism 4 >"$work/out" 2>"$work/err" &
victim=$!
for _ in $(seq 500); do
	[ "$(sent | grep -c '^+34611')" -ge 40 ] && break
	sleep 0.02
done
kill -9 $victim
wait $victim 2>/dev/null
admin DELETE faults >/dev/null
expect 3 "gone on with" "$hsmctl" send order --from rows.csv --yes
contains err "what is unknown is said" "no run sends them again"
unknown=$(jq -r 'select(.state == "unknown").row' rows.csv.results.ndjson | wc -l)
equals "all are sent or unknown" "$(jq -r .state rows.csv.results.ndjson | sort | uniq -c | tr -s ' ' | tr -d '\n')" " $((100 - unknown)) sent $unknown unknown"
[ "$unknown" -ge 1 ] && [ "$unknown" -le 4 ] && ok "only those that were under way are unknown ($unknown)" || bad "$unknown are unknown"
equals "nobody got two" "$(sent | grep '^+34611' | cut -d' ' -f1 | uniq -d | wc -l)" 0
equals "a run more sends none" "$(forget; "$hsmctl" send order --from rows.csv --yes -q >/dev/null 2>&1; messages)" 0
keeps_nobody rows.csv.results.ndjson
keeps_nobody rows.csv.journal

# Lost answers in a bulk.
awk 'BEGIN { print "recipient,order_id,eta,header.image"; for (i = 1; i <= 10; i++) printf "+34622%06d,B-%d,2026-12-01,https://cdn.example.com/%d.png\n", i, i, i }' >lost.csv
admin POST faults '["POST:*/messages:reset-after:every=5", "POST:*/messages:status-after=502:times=1"]' >/dev/null
expect 3 "some are lost" "$hsmctl" send order --from lost.csv --yes -q
admin DELETE faults >/dev/null
"$hsmctl" send order --from lost.csv --yes -q >/dev/null 2>&1
equals "each was sent once all the same" "$(sent | grep -c '^+34622') $(sent | grep '^+34622' | cut -d' ' -f1 | uniq -d | wc -l)" "10 0"

# Rates: waited for, or said.
sent_before=$(sent | grep -c +34600123456)
for code in 4 80007 130429; do
	forget
	admin POST faults "[\"POST:*/messages:graph-error=$code:times=1\"]" >/dev/null
	expect 0 "$code passes" "${one[@]}" "${values[@]}"
	equals "it was asked for again, and sent once" "$(messages) $(admin GET conversations | jq '[.[] | select(.participant.address.phoneNumber == "+34600123456")] | length')" "2 $((++sent_before))"
done
awk 'BEGIN { print "recipient,order_id,eta,header.image"; for (i = 1; i <= 8; i++) printf "+34633%06d,B-%d,2026-12-01,https://cdn.example.com/%d.png\n", i, i, i }' >rate.csv
admin POST faults '["POST:*/messages:graph-error=131056:at=5:times=1"]' >/dev/null
expect 75 "one too many to one recipient" "$hsmctl" send order --from rate.csv --yes -q --parallelism 1
admin DELETE faults >/dev/null
expect 0 "and another run goes on" "$hsmctl" send order --from rate.csv --yes -q
equals "each once" "$(sent | grep '^+34633' | cut -d' ' -f1 | uniq -c | awk '{ print $1 }' | sort -u) $(sent | grep -c '^+34633')" "1 8"
finish
