#!/bin/bash
# Rules where people meet them: in validate, before an apply, and in what a team says of them.
. "$(dirname "$0")/lib.sh"

emulator
repository
template order en_US "Your order    is packed." es_ES "Su pedido ya salió."
commit "First"

echo "== severities"
expect 0 "a warning is no refusal" "$hsmctl" validate
contains out "with line and caret" "templates/order.yaml:5:22: warning HSM107: 4 spaces in a row: three at most
    body: \"Your order    is packed.\""
contains out "counted" "0 errors, 1 warning in 2 files"
expect 65 "but with --strict" "$hsmctl" validate --strict
expect 0 "a plan counts warnings" "$hsmctl" plan
contains err "in a line" "1 warning in the files: hsmctl validate shows it"
lacks err "and no more" HSM107
expect 0 "and shows them" "$hsmctl" plan --verbose
contains err "where that is asked for" HSM107
sed -i 's/Su pedido ya salió./Su pedido\\n\\n\\nya salió./' templates/order.yaml
expect 65 "an error is one for validate" "$hsmctl" validate
expect 65 "for plan" "$hsmctl" plan
expect 65 "and for apply" "$hsmctl" apply --yes --allow-dirty
equals "which submits nothing" "$(requests 'POST /api')" 0

echo "== comments"
sed -i 's/salió."/salió." # hsmctl: ignore HSM104 the shop wants it/' templates/order.yaml
expect 0 "a comment ignores it" "$hsmctl" validate
contains out "the other stays" HSM107
expect 0 "for plan, too" "$hsmctl" plan
sed -i 's/ the shop wants it//' templates/order.yaml
expect 0 "without a reason" "$hsmctl" validate
contains out "it is a warning" "warning HSM018: an ignore without a reason"
sed -i 's/\\n\\n\\n/ /' templates/order.yaml
expect 0 "with nothing left to ignore" "$hsmctl" validate
contains out "it is one, too" "warning HSM019: HSM104 finds nothing here any more"

echo "== policy"
template order en_US "Your order    is packed."
printf 'policy:\n  names: "^acme_"\n  rules:\n    HSM107: off\n' >>hsmctl.yaml
expect 65 "names have a form" "$hsmctl" validate
contains out "it is named" "templates/order.yaml:1:7: error HSM185: 'order' does not match policy.names: ^acme_"
lacks out "a rule is off" HSM107
sed -i 's/\^acme_/^order/; s/HSM107: off/HSM107: {"templates\/old*": off, "*": error}/' hsmctl.yaml
expect 65 "a rule is an error" "$hsmctl" validate
contains out "here" "error HSM107"
mv templates/order.yaml templates/old_order.yaml
expect 0 "and not there" "$hsmctl" validate
sed -i 's/HSM107:/HSM999:/' hsmctl.yaml
expect 78 "no such rule" "$hsmctl" validate
contains out "at its place" "hsmctl.yaml:7:5: error HSM017: there is no rule HSM999"

echo "== an hour's room"
repository "$work/many"
for i in $(seq 101); do template "many_$i" en_US "Number $i is on its way to you."; done
commit "Many"
expect 0 "a plan of more than an hour takes" "$hsmctl" plan
contains err "says so" "101 to submit, and an account takes 100 an hour"
rm templates/many_101.yaml
expect 0 "one less" "$hsmctl" plan
lacks err "does not" "an hour"
finish
