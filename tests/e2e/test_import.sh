#!/bin/bash
# Files for what is live, and for payloads: planning them shows no difference.
. "$(dirname "$0")/lib.sh"

emulator
repository
admin POST templates '[
 {"name":"order_update_v1","language":"en_US","category":"UTILITY","status":"APPROVED","components":[{"type":"BODY","text":"An old text."}]},
 {"name":"order_update_v2","language":"en_US","category":"UTILITY","status":"APPROVED","components":[
   {"type":"HEADER","format":"TEXT","text":"Order {{1}}","parameters":[{"type":"TEXT","text":{"default":"ORD-1"}}]},
   {"type":"BODY","text":"Hi {{1}}, it costs ${ {{2}} } today.","parameters":[{"type":"TEXT","text":{"default":"Ana"}},{"type":"CURRENCY","currency":{"default":"$1","code":"USD","amount_1000":1000}}]},
   {"type":"BUTTONS","buttons":[{"type":"REPLY","reply":{"id":"OK_1","title":"Yes"}},{"type":"REPLY","reply":{"id":"T1_Q0hFQ0tfT1JERVI_c3RlcD0yJnRpZXI9Z29sZA","title":"My order"}},{"type":"URL","url":{"title":"Track","url":"https://example.com/{{1}}","parameters":[{"type":"TEXT","text":{"default":"x"}}]}}]}]},
 {"name":"order_update_v1","language":"es_ES","category":"UTILITY","status":"APPROVED","components":[{"type":"BODY","text":"Un texto."}]},
 {"name":"plain","language":"en","category":"MARKETING","status":"APPROVED","components":[{"type":"BODY","text":"Spring: \"50% off\" # now"}]},
 {"name":"odd_v1","language":"en","category":"UTILITY","status":"APPROVED","components":[{"type":"BODY","text":"First {{2}}, then {{1}}.","parameters":[{"type":"TEXT","text":{"default":"a"}},{"type":"TEXT","text":{"default":"b"}}]}]},
 {"name":"gone_v1","language":"en","category":"UTILITY","status":"REJECTED","components":[{"type":"BODY","text":"No."}]}]' >/dev/null
commit "Nothing yet"

expect 65 "an import of what is live" "$hsmctl" import
contains out "a file" "wrote templates/order_update.yaml (en_US, es_ES)"
contains out "another" "wrote templates/plain.yaml (en)"
contains out "what cannot be written down is named" "left out odd_v1 en: en: the placeholders of its BODY"
[ ! -e templates/gone.yaml ] && ok "what was rejected is not imported" || bad "what was rejected is not imported"
commit "Imported"
contains repository/templates/order_update.yaml "a token as id and data" '          id: CHECK_ORDER
          data:
            step: "2"
            tier: gold'
contains repository/templates/order_update.yaml "languages that differ are excused" \
	"    # hsmctl: ignore HSM160 imported as it is live"
expect 0 "planning it shows no difference" "$hsmctl" plan --detailed-exitcode
contains out "everything in sync" "3 in sync"
expect 65 "again" "$hsmctl" import
lacks out "writes nothing" wrote

admin POST templates '[{"name":"plain_v2","language":"en","category":"MARKETING","status":"APPROVED","components":[{"type":"BODY","text":"By hand."}]}]' >/dev/null
sed -i 's/Spring/Summer/' templates/plain.yaml
commit "Summer"
expect 2 "somebody's change by hand is a conflict" "$hsmctl" plan --detailed-exitcode
contains out "that is" "conflict"
expect 0 "it is adopted" "$hsmctl" import --adopt plain
contains out "its diff is shown" '+    body: "By hand."'
expect 64 "what is git's own is not adopted" "$hsmctl" import --adopt order_update
contains repository/templates/plain.yaml "its text" "By hand."
commit "Adopt it"
expect 0 "then nothing differs" "$hsmctl" plan --detailed-exitcode

sed -i 's/^    default: Ana$/&\n    max_length: 9\n    truncate: true\n    emoji: strip\n    allowed: "[A-Za-z]"/' templates/order_update.yaml
commit "How names are sent"
expect 0 "how values are sent is no difference" "$hsmctl" plan --detailed-exitcode
admin POST templates '[{"name":"order_update_v3","language":"en_US","category":"UTILITY","status":"APPROVED","components":[{"type":"BODY","text":"Dear {{1}}, by hand.","parameters":[{"type":"TEXT","text":{"default":"Bo"}}]}]}]' >/dev/null
sed -i 's/it costs/it takes/' templates/order_update.yaml
commit "It takes"
expect 0 "a text by hand is adopted" "$hsmctl" import --adopt order_update
contains repository/templates/order_update.yaml "its sample" "default: Bo"
for line in "max_length: 9" "truncate: true" "emoji: strip" 'allowed: "[A-Za-z]"'; do
	contains repository/templates/order_update.yaml "and how its values are sent stays" "$line"
done
commit "Adopt it"

printf '{"name":"From_Meta","language":"en_US","category":"utility","components":[{"type":"body","text":"Hello {{1}}, welcome.","example":{"body_text":[["Ana"]]}}]}' >"$work/bad.json"
printf '{"data":[{"name":"from_meta","language":"en_US","category":"UTILITY","status":"APPROVED","id":"1","components":[{"type":"BODY","text":"Hello {{1}}, welcome.","example":{"body_text":[["Ana"]]}},{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Yes, please"},{"type":"URL","text":"Open","url":"https://example.com/a/{{1}}","example":["https://example.com/a/b"]}]}]},{"name":"login","language":"en_US","category":"AUTHENTICATION","components":[{"type":"BODY","add_security_recommendation":true}]}],"paging":{}}' >"$work/list.json"
expect 65 "a name that cannot be" "$hsmctl" import --from "$work/bad.json"
contains out "is told" "left out From_Meta en_US: its name is none of"
expect 65 "Meta's list" "$hsmctl" import --from "$work/list.json"
contains out "is written" "wrote templates/from_meta.yaml (en_US)"
contains out "what Meta writes itself is left out" "left out login en_US: the messaging API of Genesys has no text of its own for one-time passwords"
contains repository/templates/from_meta.yaml "with a name for the number" "Hello {{customer}}, welcome."
contains repository/templates/from_meta.yaml "and an id for the button" PAYLOAD_YES_PLEASE
expect 0 "and is valid" "$hsmctl" validate
printf '{"a":1}' >"$work/none.json"
expect 65 "no template in it" "$hsmctl" import --from "$work/none.json"
expect 66 "no such file" "$hsmctl" import --from "$work/nothing.json"
expect 64 "a payload without --from" "$hsmctl" import "$work/list.json"

echo "== the API of the environments"
mixed='environments: {dev: {region: eu-west-1}, prod: {backend: meta, account: "1"}}'
echo 'environments: {dev: {backend: meta, account: "1"}, prod: {backend: meta, account: "2"}}' >hsmctl.yaml
rm templates/*
expect 0 "all are on Meta" "$hsmctl" import --from "$work/list.json"
contains out "which writes it itself" "wrote templates/login.yaml (en_US)"
echo "$mixed" >hsmctl.yaml
rm templates/*
expect 65 "some are" "$hsmctl" import --from "$work/list.json"
contains out "as the file says" "left out login en_US: the messaging API of Genesys"
rm templates/*
expect 0 "one that is named" "$hsmctl" import --env prod --from "$work/list.json"
contains out "is on its own" "wrote templates/login.yaml (en_US)"
finish
