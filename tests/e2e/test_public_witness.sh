#!/bin/bash
# Genesys' own client, purecloud-platform-client-v2, talks to the emulator, and sees what hsmctl made there.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/meta.sh"

npm_tools
# Its home would hold its settings. witness [LIBRARY]
witness() { HOME=$work NPM_FOLDER=$npm_folder node "$top/tests/e2e/genesys_witness.js" "$url" "$@" >"$work/witness" 2>&1 || bad "the witness"; }
emulator --delivery-delay 0
witness
cat "$work/witness"

emulator --delivery-delay 0 --review approve
account=102290129340398765
meta_repository
cat >>hsmctl.yaml <<YAML
    genesys: {base_url: $url, library: "WhatsApp dev"}
YAML
sed -i "s/account: .*/account: \"$account\"/" hsmctl.yaml
cat >templates/order.yaml <<YAML
name: order
category: UTILITY
parameters: {order_id: {default: A-1}, customer: {default: Ana}}
translations:
  en_US:
    header: "Order {{order_id}}"
    body: "Dear {{customer}}, your order {{order_id}} left the house."
    buttons:
      - url: {title: See it, url: "https://shop.example.com/{{order_id}}"}
YAML
cat >templates/welcome.yaml <<YAML
name: welcome
category: MARKETING
parameter_format: NAMED
parameters: {customer: {default: Ana}}
translations:
  en_US: {body: "Dear {{customer}}, welcome to the shop of all shops."}
YAML
commit "templates"
expect 0 "hsmctl creates templates" "$hsmctl" apply --yes
expect 0 "and their responses" "$hsmctl" apply --yes
witness "WhatsApp dev"
grep -v ^made "$work/witness"
equals "Genesys' client sees them" "$(sed -n 's/^made  //p' "$work/witness" | sort)" \
	"order_v1 en_US: Dear {{2}}, your order {{3}} left the house.
welcome_v1 en_US: Dear {{customer}}, welcome to the shop of all shops."
finish
