#!/bin/bash
# A validating proxy stands between hsmctl and the emulator, and refuses whatever
# breaks the contract on either side.
. "$(dirname "$0")/lib.sh"

npm_tools
prism=$npm_folder/node_modules/.bin/prism

emulator
emulator_url=$url
port=$((20000 + RANDOM % 20000))
"$prism" proxy --errors --port $port "$top/cmd/emulator/genesys-messaging.openapi.yaml" "$emulator_url" >"$work/prism" 2>&1 &
pids="$pids $!"
for _ in $(seq 300); do
	grep -q 'listening' "$work/prism" && break
	sleep 0.1
done
url=http://127.0.0.1:$port
repository
cat >>hsmctl.yaml <<'YAML'
    webhooks:
      - {name: hook, url: "https://hooks.example.com/whatsapp", events: [whatsapp_status_update], secret: HOOK_SECRET}
YAML
url=$emulator_url
export HOOK_SECRET=planted-secret-hook
cp "$top"/examples/quickstart/templates/*.yaml templates/
template order_gone en_US "Goodbye then."
commit "First"

expect 0 "apply through the proxy" "$hsmctl" apply --yes
expect 0 "plan through the proxy" "$hsmctl" plan --detailed-exitcode
sed -i 's/Estimated delivery/Delivery/' templates/order_confirmation.yaml
sed -i 's/hooks.example.com/hooks2.example.com/' hsmctl.yaml
rm templates/order_gone.yaml
commit "Second"
expect 0 "a replace, and a webhook's update" "$hsmctl" apply --yes
expect 0 "a delete" "$hsmctl" apply --yes --prune
expect 0 "nothing is left" "$hsmctl" plan --prune --detailed-exitcode
expect 0 "doctor's probe" "$hsmctl" doctor
equals "deleted" "$(live | grep -c order_gone)" 0

# What the proxy refuses it answers itself, with a problem of its own.
if grep -iE 'violation|stoplight.io/prism/errors' "$work/prism" >"$work/violations"; then
	# doctor's probe is an empty create on purpose: refused for its permission first.
	grep -vi 'request' "$work/violations" >"$work/answers" && { bad "the contract is broken"; cat "$work/prism"; }
fi
ok "$(grep -c 'GET\|POST\|PUT\|DELETE' "$work/prism") requests and answers keep the contract"
finish
