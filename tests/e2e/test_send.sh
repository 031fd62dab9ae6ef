#!/bin/bash
# hsmctl send: what is sent, to whom, and what is not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"

# What was sent: "PHONE TEMPLATE LANGUAGE PARAMETERS" or "PHONE text TEXT", sorted
sent() {
	admin GET conversations | jq -r '.[] | .participant.address.phoneNumber as $p | .messages[] |
		if .type == "text" then "\($p) text \(.text)" else "\($p) \(.templateName) \(.language) \(.parameters | join("|"))" end' | sort
}
count_sent() { sent | wc -l; }
lookups() { requests 'GET /api/v2/messaging/conversations'; }

emulator --review manual
repository
cat >templates/order.yaml <<'Y'
name: order
category: UTILITY
parameters:
  order_id: {type: TEXT, default: ORD-1, max_length: 12}
  customer: {type: TEXT, default: Ana, emoji: strip, max_length: 20, truncate: true}
  eta: {type: DATE, default: 2026-11-30}
translations:
  en_US:
    header: "Order {{order_id}}"
    body: "Hi {{customer}}, your order {{order_id}} will be with you on {{eta}}, as we said."
  es:
    header: "Pedido {{order_id}}"
    body: "Hola {{customer}}, su pedido {{order_id}} llega el {{eta}} a su casa."
fallback:
  - template: plain
Y
parameters='{customer: {type: TEXT, default: Ana}, order_id: {type: TEXT, default: A}, eta: {type: DATE, default: 2026-11-30}}' \
	template plain en_US "Hi {{customer}}, the order {{order_id}} that you made will come on {{eta}}, we think."
template alone en_US "Nothing may take the place of this message, which is alone."
commit "First"
"$hsmctl" apply --yes -q >/dev/null 2>&1
values=(--value order_id=A-1 --value "customer=Ana" --value eta=2026-12-01)
one=("$hsmctl" send order --to +34600123456 --language en_US "${values[@]}")

# Who may be asked, and how.
expect 64 "nobody can be asked" "${one[@]}"
contains err "and it says what to say" "--yes"
expect 64 "no recipient" "$hsmctl" send order --yes
expect 64 "two kinds of them" "$hsmctl" send order --to +34600123456 --from rows.csv --yes
expect 64 "a number that is none" "$hsmctl" send order --to 0034600123456 --yes
expect 64 "a physical name" "$hsmctl" send order_v1 --to +34600123456 --yes
expect 64 "a template in several languages" "$hsmctl" send order --to +34600123456 --yes "${values[@]}"
expect 66 "no such template" "$hsmctl" send nothing --to +34600123456 --yes --language en_US
equals "nothing was sent" "$(count_sent)" 0

# Only what is approved.
expect 75 "a review is under way" "${one[@]}" --yes
contains err "and it says which" "order_v1"
equals "nothing was sent" "$(count_sent)" 0
printf 'recipient,order_id,customer,eta,language\n+34600000001,A-1,Ana,soon,en_US\n' >waited.csv
expect 65 "values are checked before it is waited for" "$hsmctl" send order --from waited.csv --yes --wait 20s
contains err "at its place" "waited.csv:2: eta"
(sleep 1; review '{"name": "plain_v1", "status": "APPROVED"}') &
expect 0 "waited for, with the fallback approved meanwhile" "${one[@]}" --yes --wait 20s
equals "the fallback was sent, its array in its own order" "$(sent)" '+34600123456 plain_v1 en_US Ana|A-1|2026-12-01'
review '{"name": "order_v1", "status": "APPROVED"}'
expect 0 "the approved version" "${one[@]}" --yes
contains out "and what was sent" "Sent: order_v1 en_US"
equals "header's, then body's" "$(sent | sed -n 1p)" '+34600123456 order_v1 en_US A-1|Ana|A-1|2026-12-01'
review '{"name": "order_v1", "language": "en_US", "status": "PAUSED"}'
review '{"name": "plain_v1", "status": "REJECTED"}'
expect 75 "paused, and its fallback rejected" "${one[@]}" --yes
contains err "and why" "order_v1 is PAUSED"
review '{"name": "order_v1", "language": "en_US", "status": "REJECTED", "reason": "SCAM"}'
expect 6 "rejected" "${one[@]}" --yes
contains err "and why" "order_v1 is REJECTED: SCAM"
equals "nothing was" "$(count_sent)" 2
review '{"name": "order_v1", "language": "en_US", "status": "APPROVED", "category": "MARKETING"}'
expect 6 "nor in a category that git does not accept" "${one[@]}" --yes
equals "nothing was" "$(count_sent)" 2
review '{"status": "APPROVED", "category": "UTILITY"}'

# Values by their names.
expect 65 "missing, extra, mistyped and overlong" "$hsmctl" send order --to +34600123456 --language en_US --yes \
	--value order_id=A-1234567890123 --value eta=tomorrow --value colour=red
for name in order_id customer eta colour; do contains err "by name: $name" "$name"; done
lacks err "no value is told" "tomorrow"
expect 0 "sanitised" "$hsmctl" send order --to +34600123457 --language en_US --yes --value order_id=$'A\t1' \
	--value customer=$'Ana\u0301\u202e 🎉 Ruiz de la Fuente Mayor' --value eta=2026-12-01
equals "NFC, no override, no emoji, cut" "$(sent | grep +34600123457)" '+34600123457 order_v1 en_US A 1|Aná  Ruiz de la Fuen|A 1|2026-12-01'
contains err "and it is told where" "customer: removed at character 5 (U+202E)"
expect 0 "es for es_MX" "$hsmctl" send order --to +34600123458 --language es_MX --yes "${values[@]}"
equals "is sent" "$(sent | grep +34600123458)" '+34600123458 order_v1 es A-1|Ana|A-1|2026-12-01'

# The exact body.
before=$(count_sent)
expect 0 "a dry run" "$hsmctl" send order --to +34600123456 --language en_US --dry-run "${values[@]}"
equals "prints the body" "$(jq -c '.messages' "$work/out")" '[{"type":"whatsapp_template","templateName":"order_v1","language":"en_US","parameters":["A-1","Ana","A-1","2026-12-01"]}]'
equals "and sends nothing" "$(count_sent)" "$before"
expect 0 "JSON" "${one[@]}" --yes --format json
equals "what became of it" "$(jq -c '[.state, .sent, .language, .category, (.conversation | length > 0)]' "$work/out")" '["sent","order_v1","en_US","UTILITY",true]'

# The 24 hours.
text=(--text "It is on its way, {{customer}}.")
expect 0 "closed: the template" "$hsmctl" send order --to +34600123460 --language en_US --yes "${values[@]}" "${text[@]}"
equals "was sent" "$(sent | grep +34600123460)" '+34600123460 order_v1 en_US A-1|Ana|A-1|2026-12-01'
admin POST conversations/+34600123461/message
expect 0 "never a conversation, and the customer wrote: nothing tells so: the template" \
	"$hsmctl" send order --to +34600123461 --language en_US --yes "${values[@]}" "${text[@]}"
expect 0 "open: the text" "$hsmctl" send order --to +34600123461 --language en_US --yes "${values[@]}" "${text[@]}"
equals "with its values" "$(sent | grep '+34600123461 text')" '+34600123461 text It is on its way, Ana.'
admin POST clock '{"advance_seconds": 86370}' >/dev/null
expect 0 "about to close: the template" "$hsmctl" send order --to +34600123461 --language en_US --yes "${values[@]}" "${text[@]}"
equals "not the text" "$(sent | grep -c '+34600123461 text')" 1

# Many.
cat >rows.csv <<'C'
recipient,order_id,customer,eta,language
+34611000001,B-1,Ana,2026-12-01,en_US
+34611000002,B-2,"Ruiz, Eva",2026-12-02,es
+34611000003,B-3,"{{order_id}} {{1}}",2026-12-03,en_US
C
expect 0 "a dry run of many" "$hsmctl" send order --from rows.csv --dry-run
equals "a body a line" "$(jq -c '[.participant.address.phoneNumber, .messages[0].language]' "$work/out" | tr '\n' ' ')" \
	'["+34611000001","en_US"] ["+34611000002","es"] ["+34611000003","en_US"] '
expect 0 "to many" "$hsmctl" send order --from rows.csv --yes
contains out "how many" "Of 3: 3 sent"
equals "each has its own" "$(sent | grep +34611)" "+34611000001 order_v1 en_US B-1|Ana|B-1|2026-12-01
+34611000002 order_v1 es B-2|Ruiz, Eva|B-2|2026-12-02
+34611000003 order_v1 en_US B-3|{{order_id}} {{1}}|B-3|2026-12-03"
equals "a line for each" "$(jq -c '[.row, .line, .state, .template]' rows.csv.results.ndjson | tr '\n' ' ')" \
	'[1,2,"sent","order_v1"] [2,3,"sent","order_v1"] [3,4,"sent","order_v1"] '
if grep -q '34611\|Ruiz' rows.csv.results.ndjson rows.csv.journal "$work/err"; then bad "a recipient or a value is told"; else ok "no recipient, no value"; fi
expect 0 "once more" "$hsmctl" send order --from rows.csv --yes
equals "sends nothing" "$(sent | grep -c +34611)" 3
expect 0 "with recipients, where asked" "$hsmctl" send order --from rows.csv --yes --show-recipients --results named.ndjson
equals "they are there" "$(jq -r .recipient named.ndjson | head -1)" +34611000001
echo "+34611000004,B-4,Ana,2026-12-01,en_US" >>rows.csv
expect 4 "another file under the same name" "$hsmctl" send order --from rows.csv --yes
contains err "is told" "rows.csv.journal"

cat >wrong.csv <<'C'
recipient,order_id,customer,eta,language
+34612000001,C-1,Ana,2026-12-01,en_US
34612000002,C-2,Ana,2026-12-01,en_US
+34612000003,C-3,Ana,soon,en_US
+34612000004,C-4,Ana
+34612000005,C-5,Ana,2026-12-01,fr
+34612000001,C-1,Ana,2026-12-01,en_US
+34612000006,C-6,Ana,2026-12-01,en_US
C
expect 65 "wrong rows" "$hsmctl" send order --from wrong.csv --yes
for place in wrong.csv:3 wrong.csv:4 wrong.csv:5 wrong.csv:6; do contains err "at its place: $place" "$place"; done
contains err "the same twice" "row 6 is the same as row 1"
contains err "and how many" "5 of 7 rows are wrong"
lacks err "no number is told" 34612
equals "nothing was sent" "$(sent | grep -c +34612)" 0
expect 3 "without them" "$hsmctl" send order --from wrong.csv --yes --skip-invalid
equals "the others were sent" "$(sent | grep +34612 | cut -d' ' -f1 | tr '\n' ' ')" "+34612000001 +34612000006 "
equals "and each has its line" "$(jq -r .state wrong.csv.results.ndjson | tr '\n' ' ')" "sent refused refused refused refused refused sent "
printf '{"recipient": "+34613000001", "order_id": 12345678901234567890, "customer": "Ana", "eta": "2026-12-01"}\n' >rows.ndjson
expect 65 "a number that is too long stays what it is" "$hsmctl" send order --from rows.ndjson --yes --language en_US
sed -i 's/12345678901234567890/1234567890/' rows.ndjson
expect 0 "NDJSON" "$hsmctl" send order --from rows.ndjson --yes --language en_US
equals "was sent" "$(sent | grep +34613)" '+34613000001 order_v1 en_US 1234567890|Ana|1234567890|2026-12-01'
expect 64 "a file of another kind" "$hsmctl" send order --from rows.txt --yes
expect 66 "a file that is not there" "$hsmctl" send order --from nowhere.csv --yes
printf 'recipient\n' >none.csv
expect 65 "a file without rows" "$hsmctl" send alone --from none.csv --yes

# What became of them.
admin POST outcomes '{"template": "order_v1", "language": "es", "code": 132016, "share": 1.0, "mode": "fail"}' >/dev/null
sed 's/3461100/3461600/' rows.csv >followed.csv
expect 0 "followed" "$hsmctl" send order --from followed.csv --yes --follow 30s
equals "what the API tells" "$(jq -c '[.delivery, .delivery_error]' followed.csv.results.ndjson | tr '\n' ' ')" \
	'["DELIVERED",null] ["FAILED",132016] ["DELIVERED",null] ["DELIVERED",null] '
contains out "how many arrived" "3 have arrived"
admin DELETE outcomes

# A fallback that wants fewer values, and a code that is about everybody.
cat >rate.csv <<'C'
recipient,order_id,customer,eta,language
+34617000001,B-1,Ana,2026-12-01,en_US
+34617000002,B-2,Eva,2026-12-02,en_US
C
admin POST outcomes '{"template": "*", "code": 130429, "share": 1.0, "mode": "refuse"}' >/dev/null
expect 75 "too many at once: the bulk stops" "$hsmctl" send order --from rate.csv --yes
admin DELETE outcomes
expect 0 "and goes on" "$hsmctl" send order --from rate.csv --yes
equals "each once" "$(sent | grep +34617 | cut -d' ' -f1 | tr '\n' ' ')" "+34617000001 +34617000002 "
admin POST outcomes '{"template": "order_v1", "code": 132015, "share": 1.0, "mode": "refuse"}' >/dev/null
expect 75 "refused though it is APPROVED: not now" "$hsmctl" send order --to +34617000003 --language en_US --yes "${values[@]}"
admin DELETE outcomes
equals "nobody got it" "$(sent | grep -c +34617000003)" 0

# What is lost is looked up.
admin POST faults '["POST:*/conversations:reset-after:times=1"]' >/dev/null || bad "no such fault"
admin DELETE requests >/dev/null
expect 0 "an answer that is lost" "$hsmctl" send order --to +34614000001 --language en_US --yes "${values[@]}"
equals "was sent once" "$(sent | grep -c +34614000001)" 1
equals "and found" "$(($(lookups) > 0))" 1
admin POST faults '["POST:*/conversations:reset-before:times=1"]' >/dev/null
expect 0 "a request that is lost" "$hsmctl" send order --to +34614000002 --language en_US --yes "${values[@]}"
equals "was sent once" "$(sent | grep -c +34614000002)" 1
# A version that changes in the middle: each message is of one version.
for i in $(seq 40); do echo "+346150000$(printf %02d "$i"),D-$i,Ana,2026-12-01"; done | sed '1i recipient,order_id,customer,eta' >many.csv
"$hsmctl" send order --from many.csv --yes --language en_US --rate 600 --parallelism 2 >"$work/out" 2>"$work/err" &
sender=$!
for _ in $(seq 200); do [ "$(sent | grep -c +34615)" -ge 6 ] && break; sleep 0.05; done
review '{"name": "order_v1", "language": "en_US", "status": "PAUSED"}'
wait $sender
equals "all were sent" "$(sent | grep -c +34615)" 40
equals "each with the array of its version" "$(sent | grep +34615 | grep -cvE ' (order_v1 en_US D-[0-9]+\|Ana\|D-[0-9]+|plain_v1 en_US Ana\|D-[0-9]+)\|2026-12-01$')" 0
equals "by both" "$(sent | grep +34615 | cut -d' ' -f2 | sort -u | tr '\n' ' ')" "order_v1 plain_v1 "
finish
