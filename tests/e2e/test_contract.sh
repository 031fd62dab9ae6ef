#!/bin/bash
# A validating proxy stands between hsmctl and the emulator, and refuses whatever
# breaks the contract on either side.
. "$(dirname "$0")/lib.sh"

npm_tools
prism=$npm_folder/node_modules/.bin/prism

emulator
emulator_url=$url
# The proxy takes no port 0: one below those that connections get, and another where it is somebody's.
for _ in 1 2 3; do
	port=$((20000 + RANDOM % 12000))
	"$prism" proxy --errors --port $port "$top/cmd/emulator/genesys-messaging.openapi.yaml" "$emulator_url" >"$work/prism" 2>&1 &
	proxy=$!
	for _ in $(seq 300); do
		grep -q 'listening' "$work/prism" && break 2
		kill -0 $proxy 2>/dev/null || break
		sleep 0.1
	done
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

proxy=http://127.0.0.1:$port
token=$(curl -sS -u id:secret -d grant_type=client_credentials "$proxy/oauth/token" | jq -r .access_token)
# ask NAME STATUS PATH [BODY]
ask() {
	equals "$1" "$(curl -sS -o "$work/answer" -w '%{http_code}' -H "Authorization: Bearer $token" \
		${4:+-H 'Content-Type: application/json' -d "$4"} "$proxy/api/v2/messaging/$3")" "$2"
}
conversation() { echo '{"label":"t","participant":{"address":{"phoneNumber":"+34600123456","channelType":"whatsapp"}},"messages":['"$1"']}'; }
hello() { conversation '{"type":"whatsapp_template","templateName":"'"$1"'","language":"en_US","parameters":['"${2:-}"']}'; }
admin POST templates '[{"id":"one","name":"hello_v1","language":"en_US"},{"name":"hello_v2","language":"en_US","status":"PAUSED"}]' >"$work/seeded"
provider=$(curl -sS -H "Authorization: Bearer $token" "$proxy/api/v2/messaging/providers" | jq -r '.entities[] | select(.type == "WHATSAPP" and .status != "INACTIVE") | .id')
ask "one template" 200 "providers/$provider/templates/one"
ask "none of that id" 404 "providers/$provider/templates/two"
ask "a message" 200 conversations "$(hello hello_v1)"
ask "too many parameters" 400 conversations "$(hello hello_v1 '"x"')"
ask "a template that is paused" 400 conversations "$(hello hello_v2)"
ask "no such template" 400 conversations "$(hello hello_v3)"
ask "a text outside the window" 400 conversations "$(conversation '{"type":"text","text":"Hi"}')"
admin POST conversations/+34600123456/message
ask "a text within it" 200 conversations "$(conversation '{"type":"text","text":"Hi"}')"
admin POST outcomes '{"mode":"fail","code":132015}' >"$work/outcomes"
ask "one that will fail" 200 conversations "$(hello hello_v1)"
admin DELETE outcomes
admin POST outcomes '{"mode":"refuse","code":132015}' >"$work/outcomes"
ask "one that is refused" 400 conversations "$(hello hello_v1)"
admin POST clock '{"advance_seconds":5}' >"$work/clock"
ask "what became of them" 200 'conversations?phoneNumber=%2B34600123456&pageSize=2'
equals "newest first" "$(jq -c '[.total, .entities[].messages[0].status]' "$work/answer")" '[3,"FAILED","DELIVERED"]'
ask "nothing of nobody" 200 'conversations?phoneNumber=%2B34600123457&pageNumber=2'
ask "of no number" 400 'conversations?phoneNumber=me'

# What the proxy refuses it answers itself, with a problem of its own.
if grep -iE 'violation|stoplight.io/prism/errors' "$work/prism" >"$work/violations"; then
	# doctor's probe is an empty create on purpose: refused for its permission first.
	grep -vi 'request' "$work/violations" >"$work/answers" && { bad "the contract is broken"; cat "$work/prism"; }
fi
ok "$(grep -c 'GET\|POST\|PUT\|DELETE' "$work/prism") requests and answers keep the contract"
finish
