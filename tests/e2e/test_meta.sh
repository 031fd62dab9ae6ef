#!/bin/bash
# The same files, plans and commands where Meta holds the templates.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/meta.sh"

emulator --review approve
meta_repository
sample files/logo.png
cat >templates/order.yaml <<'YAML'
name: order_confirmation
category: UTILITY
parameters:
  order: {default: A-1}
  eta: {type: DATE, default: 2026-11-30}
translations:
  en_US:
    header: {image: files/logo.png}
    body: "Your order {{order}} is packed and comes on {{eta}} with the courier."
    buttons:
      - url: {title: See it, url: "https://shop.example.com/{{order}}"}
      - reply: {title: Stop, id: STOP}
  es_ES:
    header: {image: files/logo.png}
    body: "Su pedido {{order}} llega el {{eta}} con el mensajero de siempre."
    buttons:
      - url: {title: Verlo, url: "https://shop.example.com/{{order}}"}
      - reply: {title: Basta, id: STOP}
routes: {STOP: none}
YAML
cat >templates/code.yaml <<'YAML'
name: login_code
category: AUTHENTICATION
time_to_live: 300
translations:
  en_US:
    authentication: {security_recommendation: true, code_expiration_minutes: 5}
    buttons:
      - otp: {type: COPY_CODE, title: Copy code}
YAML
cat >templates/welcome.yaml <<'YAML'
name: welcome
category: MARKETING
parameter_format: NAMED
parameters: {customer: {default: Ana}}
translations:
  en_US: {body: "Dear {{customer}}, welcome to the shop of all shops."}
YAML
commit "first templates"

# Creates, and nothing to do after them.
expect 0 "doctor knows the account" "$hsmctl" doctor
contains out "it says which account it is" "$account"
expect 0 "plan creates all" "$hsmctl" plan
contains out "four translations" "4 to create"
forget
expect 0 "apply does it" "$hsmctl" apply --yes
equals "one create each" "$(requests POST '/message_templates$')" 4
equals "a sample that two translations show is uploaded once" "$(requests POST '/uploads$')" 1
forget
expect 0 "nothing differs from what was created" "$hsmctl" plan --detailed-exitcode
equals "one account and its pages are asked for, no template by itself" "$(requests GET "$graph/[0-9]+$")" 1
equals "nothing is written by a plan" "$(requests POST '.*')" 0

# Sampling another file, or giving a reply another id, is nothing that the account holds.
printf ' more' >>files/logo.png
sed -i 's/id: STOP/id: NO_MORE/; s/STOP: none/NO_MORE: none/' templates/order.yaml
commit "another logo"
expect 0 "a sample and an id are no differences" "$hsmctl" plan --detailed-exitcode

# A change is a new version, once.
sed -i 's/is packed and comes/left the house and comes/' templates/order.yaml
commit "the order leaves"
expect 2 "a changed text differs" "$hsmctl" plan --detailed-exitcode
contains out "it is a replace" "order_confirmation_v1 → v2"
contains out "git is ahead" "git-ahead"
expect 0 "apply replaces it" "$hsmctl" apply --yes
contains err "under the next number" "order_confirmation_v2 en_US"
expect 0 "nothing differs then" "$hsmctl" plan --detailed-exitcode

# Names that are part of the content.
sed -i 's/customer/client/g' templates/welcome.yaml
commit "clients"
expect 2 "another name of a NAMED parameter differs" "$hsmctl" plan --detailed-exitcode
contains out "it breaks who sends it" "BREAKING"
git checkout -q HEAD~1 -- templates && commit "back"

# A saved plan carries the samples by their hash.
sed -i 's/left the house/is on its way/' templates/order.yaml
commit "on its way"
expect 0 "a plan is saved" "$hsmctl" plan --out "$work/plan.json"
expect 0 "and applied" "$hsmctl" apply "$work/plan.json" --yes
lacks out "with nothing failed" "failed"
sed -i 's/is on its way/comes soon/' templates/order.yaml
sample files/other.png
sed -i 's/logo.png/other.png/' templates/order.yaml
commit "soon"
expect 0 "a plan with another sample is saved" "$hsmctl" plan --out "$work/plan.json"
sed -i 's/"sha256":"[0-9a-f]\{8\}/"sha256":"00000000/' "$work/plan.json"
expect 4 "a plan whose bytes were changed is refused" "$hsmctl" apply "$work/plan.json" --yes

# What others do.
call POST "$account/message_templates" '{"name":"foreign","language":"en_US","category":"UTILITY","components":[{"type":"BODY","text":"Nobody asked for this."}]}' >"$work/foreign"
expect 0 "what no commit ever had is left alone" "$hsmctl" plan
contains out "and counted" "1 unmanaged"

# What was edited there by hand becomes git's, without what Meta does not hold.
meta_repository "$work/adopting"
sample files/gift.png
cat >templates/gift.yaml <<'YAML'
name: gift
category: UTILITY
parameters: {day: {type: DATE, default: 2026-11-30}}
translations:
  en_US:
    header: {image: files/gift.png}
    body: "Your gift comes on {{day}} in the morning."
    buttons: [{reply: {title: Thanks, id: THANKED}}]
routes: {THANKED: none}
YAML
commit "a gift"
expect 0 "a gift is made" "$hsmctl" apply --yes
id=$(call GET "$account/message_templates?name=gift_v1&limit=100" | jq -r '.data[] | select(.name == "gift_v1") | .id')
call POST "$id" '{"components":[{"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::x"]}},{"type":"BODY","text":"Your gift comes on {{1}} in the evening.","example":{"body_text":[["2026-11-30"]]}},{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Thanks"}]}]}' >/dev/null
expect 0 "it is adopted" "$hsmctl" import --adopt gift
cp templates/gift.yaml "$work/out"
contains out "with the text of there" "in the evening"
contains out "the file that it shows" "files/gift.png"
contains out "the id that flows know" "id: THANKED"
contains out "and the type" "type: DATE"
commit adopted
expect 0 "nothing differs" "$hsmctl" plan --detailed-exitcode

# Samples of a folder's, from any other of the repository.
meta_repository "$work/folders/shop"
cd .. && rm -rf shop/.git && git init -q -b main . && sample shop/files/logo.png
printf 'name: parcel\ncategory: UTILITY\ntranslations:\n  en_US:\n    header: {image: files/logo.png}\n    body: Your parcel is on its way to you.\n' >shop/templates/parcel.yaml
template=shop/templates/parcel.yaml
commit "a parcel"
expect 0 "a folder's plan is saved" "$hsmctl" -C shop plan --out "$work/plan.json"
expect 0 "and applied above it" "$hsmctl" apply "$work/plan.json" --yes
sed -i 's/logo.png/later.png/; s/way/last way/' $template
commit "without its sample"
sample shop/files/later.png
expect 66 "a sample that is not committed ends the plan" "$hsmctl" -C shop plan
contains err "which says what to do" "later.png is not in commit $(git rev-parse --short=12 HEAD): commit the sample"
truncate -s 101M shop/files/later.png
expect 65 "nor is one that is too large shown" "$hsmctl" -C shop validate
contains out "which is told at its line" "parcel.yaml:5:21: error HSM028: files/later.png has more than 100 MiB"
truncate -s 100 shop/files/later.png
sed -i '/app:/d' shop/hsmctl.yaml
printf 'name: a_first\ncategory: UTILITY\ntranslations:\n  en_US: {body: This one shows no sample at all.}\n' >shop/templates/first.yaml
commit "no app"
forget
expect 78 "without an app no sample is uploaded" "$hsmctl" -C shop apply --yes
equals "and nothing is written before that is found" "$(requests POST '.*')" 0

# An hour's creates are fewer than there is to do.
emulator --review approve --limit-hourly 4
meta_repository "$work/hour"
for i in 1 2 3 4 5 6; do template "notice_$i" en_US "Notice number $i is about your order."; done
commit "six notices"
expect 3 "an hour that is spent ends the apply" "$hsmctl" apply --yes
contains out "what is done is told" "4 done"
admin POST clock '{"advance_seconds":3700}' >/dev/null
expect 0 "in the next hour the rest is done" "$hsmctl" apply --yes
admin POST reset >/dev/null
(sleep 1.5; admin POST clock '{"advance_seconds":3700}' >/dev/null) &
expect 0 "or the apply waits for it" "$hsmctl" apply --yes --wait 30s --interval 1s
contains err "and says so" "no room for 2 more"
contains out "all are its own doing" "Applied: 6 done"
expect 0 "nothing differs" "$hsmctl" plan --detailed-exitcode
finish
