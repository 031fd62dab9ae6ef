#!/bin/bash
# What a flow needs of templates at Meta, which tells no ids of buttons.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/meta.sh"

emulator --review approve
meta_repository
sample files/shoes.jpg
cat >templates/order.yaml <<'END'
name: order
category: UTILITY
parameters: {order_id: {default: ORD-1}}
routes: {TRACK: none, RATE: none}
translations:
  en_US:
    body: "Your order {{order_id}} is on its way."
    buttons:
      - reply: {id: TRACK, title: Where is it}
      - reply: {id: RATE, data: {stars: "5"}, title: Very good}
END
cp "$top/tests/e2e/screenshots_meta.yaml" templates/shoes.yaml
commit "First"
expect 0 "both are live" "$hsmctl" apply --yes
printf 'templates:\n  order: {parameters: [order_id], buttons: [TRACK, RATE]}\n  shoes: {buttons: [RED, BLUE, GREEN]}\n' >"$work/requires"
expect 0 "git tells what buttons send, of cards, too" "$hsmctl" check --requires "$work/requires"
contains out "of each" "ok      shoes en_US: shoes_v1"
sed -i 's/RATE\]/CANCEL]/' "$work/requires"
expect 6 "a button that it has not" "$hsmctl" check --requires "$work/requires"
contains out "is named" "missing order en_US: it has no button 'CANCEL'"
sed -i 's/CANCEL/TRACK/' "$work/requires"
sed -i 's/is on its way/has left us/; s/id: TRACK/id: FOLLOW/; s/TRACK: none/FOLLOW: none/' templates/order.yaml
commit "Another text, another id"
expect 6 "what is live is not what git has" "$hsmctl" check --requires "$work/requires"
contains out "nobody tells" "missing order en_US: Meta does not tell what the buttons of v1 send, and git has another content: button 'TRACK' is not known"
sed -i 's/\[TRACK, TRACK\]/[FOLLOW]/' "$work/requires"
expect 0 "once it is applied" "$hsmctl" apply --yes
expect 0 "git tells it again" "$hsmctl" check --requires "$work/requires"
finish
