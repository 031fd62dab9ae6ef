#!/bin/bash
# The controller: webhooks in, decisions, answers for flows.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/serve.sh"

emulator --review manual
repository
cat >templates/order.yaml <<'Y'
name: order
category: UTILITY
parameters:
  order_id: {type: TEXT, default: ORD-1}
translations:
  en_US: {body: "Your order {{order_id}} is on its way to you."}
  es: {body: "Su pedido {{order_id}} va en camino a su casa."}
fallback:
  - template: plain
  - channel: sms
    text: {en_US: "Your order is on its way."}
Y
template plain en_US "Your order is on its way, as you asked us."
commit "First"
"$hsmctl" apply --yes -q >/dev/null 2>&1
review '{"status": "APPROVED"}'
sed -i 's/is on its way to you/comes to you today/; s/va en camino a su casa/llega hoy a su casa/' templates/order.yaml
commit "Second"
"$hsmctl" apply --yes -q >/dev/null 2>&1
cat >"$work/serve.yaml" <<Y
listen: 127.0.0.1:0
registry: sqlite:$work/registry.db
default_language: en_US
tokens: [FLOW_TOKEN, {file: $work/token}]
webhook: {secret: HOOK_SECRET, verify_token: VERIFY_TOKEN}
push: {secret: PUSH_SECRET}
Y
echo second-token >"$work/token"
serve "$work/serve.yaml"
until_equals "what git and the organisation say is read" 200 ask /readyz

# Answers for flows.
equals "the approved version is in use, not the pending one" "$(use order en_US)" "template order_v1"
equals "es_MX is answered with es" "$(ask '/v1/templates/order?language=es_MX'; jq -r .language "$work/out")" 200es
equals "fr with the default" "$(ask '/v1/templates/order?language=fr'; jq -r .language "$work/out")" 200en_US
ask '/v1/templates/order?language=en_US' >/dev/null
equals "what a sender fills in" "$(jq -c '.parameters' "$work/out")" '[{"component":"body","name":"order_id","type":"TEXT"}]'
etag=$(curl -sk -D - -o /dev/null -H "Authorization: Bearer $FLOW_TOKEN" "$base/v1/templates/order?language=en_US" | tr -d '\r' | sed -n 's/^ETag: //p')
equals "unchanged by its ETag" "$(ask '/v1/templates/order?language=en_US' -H "If-None-Match: $etag")" 304
equals "by another one it is not" "$(ask '/v1/templates/order?language=en_US' -H 'If-None-Match: "0"')" 200
equals "HEAD" "$(ask '/v1/templates/order?language=en_US' --head)" 200
equals "a template that is not there" "$(ask '/v1/templates/nothing?language=en_US')" 404
equals "all of them" "$(ask /v1/templates; jq -c '[.templates[] | "\(.template) \(.language) \(.health)"]' "$work/out")" \
	'200["order en_US healthy","order es healthy","plain en_US healthy"]'
equals "without a token" "$(curl -s -o /dev/null -w '%{http_code}' "$base/v1/templates")" 401
equals "with a wrong one" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer planted-secret-tokem' "$base/v1/templates")" 401
equals "with the other one" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer second-token' "$base/v1/templates")" 200
equals "by another method" "$(ask /v1/templates -X DELETE)" 405
equals "elsewhere" "$(ask /v2)" 404
equals "the document" "$(ask /openapi.json; jq -r '.openapi, (.paths | length > 5)' "$work/out" | tr '\n' ' ')" "2003.0.3 true "

# Decisions.
equals "one language is approved" "$(happens order_v2 en_US APPROVED)" 200
equals "and waits for the other" "$(use order en_US)" "template order_v1"
equals "both are" "$(happens order_v2 es APPROVED)" 200
equals "and both move" "$(use order en_US), $(use order es)" "template order_v2, template order_v2"
happens order_v2 en_US PAUSED FIRST_PAUSE >/dev/null
equals "paused: the version before, whose signature is equal" "$(use order en_US)" "template order_v1"
ask '/v1/templates/order?language=en_US' >/dev/null
equals "and why" "$(jq -c '[.health, .fallback]' "$work/out")" '["fallback",{"kind":"version","for":"order_v2","reason":"order_v2 is PAUSED: FIRST_PAUSE"}]'
equals "the other language is not touched" "$(use order es)" "template order_v2"
happens order_v1 en_US REJECTED POLICY_VIOLATION >/dev/null
equals "that one is rejected: the file's fallback" "$(use order en_US)" "template plain_v1"
happens plain_v1 en_US DISABLED >/dev/null
equals "that one is disabled: the channel" "$(use order en_US)" "channel sms"
ask '/v1/templates/order?language=en_US' >/dev/null
equals "with its text" "$(jq -r .text "$work/out")" "Your order is on its way."
equals "and the fallback itself has nothing" "$(use plain en_US)" "none -"
happens plain_v1 en_US APPROVED >/dev/null
equals "it recovers" "$(use order en_US)" "template plain_v1"
happens order_v2 en_US APPROVED >/dev/null
equals "the best one recovers" "$(use order en_US)" "template order_v2"
ask /v1/templates/order/history >/dev/null
equals "all of it is in the history" "$(jq -r '[.changes[] | select(.language == "en_US") | .after // "-"] | join(" ")' "$work/out")" \
	"order_v2 plain_v1 sms plain_v1 order_v1 order_v2 order_v1"
tell order_v2 en_US PAUSED "" 2020-01-01T00:00:00Z >/dev/null
equals "an old event changes nothing" "$(use order en_US)" "template order_v2"
equals "and is counted" "$(metric stale_events_total)" 1

# Meta's envelope: category, quality, anything.
meta() { jq -nc --arg f "$1" --argjson v "$2" --argjson t "$(date +%s)" '{object: "whatsapp_business_account", entry: [{id: "1", time: $t, changes: [{field: $f, value: $v}]}]}'; }
recategorised=$(meta template_category_update '{"message_template_id":1,"message_template_name":"order_v2","message_template_language":"es","previous_category":"UTILITY","new_category":"MARKETING"}')
review '{"name": "order_v2", "language": "es", "category": "MARKETING"}'
equals "Meta's envelope is taken" "$(post /webhooks/whatsapp "$recategorised")" 200
equals "marketing is not sent where git says utility" "$(use order es)" "template order_v1"
equals "the same again" "$(post /webhooks/whatsapp "$recategorised")" 200
equals "is counted once" "$(metric duplicate_events_total)" 1
review '{"name": "order_v2", "language": "es", "category": "UTILITY"}'
post /webhooks/whatsapp "$(meta template_category_update '{"message_template_id":1,"message_template_name":"order_v2","message_template_language":"es","previous_category":"MARKETING","new_category":"UTILITY"}')" >/dev/null
equals "and back" "$(use order es)" "template order_v2"
post /webhooks/whatsapp "$(meta message_template_quality_update '{"previous_quality_score":"GREEN","new_quality_score":"RED","message_template_id":2,"message_template_name":"order_v2","message_template_language":"en-US"}')" >/dev/null
ask '/v1/templates/order?language=en_US' >/dev/null
equals "quality is told" "$(jq -r .quality "$work/out")" RED
equals "and a metric" "$(metric 'translations_quality{quality="RED"}')" 1
equals "an event that nobody knows" "$(post /webhooks/whatsapp "$(meta phone_number_name_update '{"x":1}')")" 200
equals "is counted" "$(metric 'events_total{kind="unknown"}')" 1
equals "a template that nobody knows" "$(tell stranger_v1 en_US APPROVED)" 200
equals "is, too" "$(metric stranger_events_total)" 1

# Bad input.
equals "a forged event" "$(post /webhooks/whatsapp "$recategorised" wrong)" 401
equals "one without a signature" "$(curl -s -o /dev/null -w '%{http_code}' -d "$recategorised" "$base/webhooks/whatsapp")" 401
equals "a truncated one" "$(post /webhooks/whatsapp "${recategorised:0:60}")" 400
equals "one nested deeply" "$(post /webhooks/whatsapp "$(printf '[%.0s' $(seq 500))")" 400
head -c 3200000 /dev/zero | tr '\0' ' ' >"$work/large"
equals "one too large" "$(curl -s -o /dev/null -w '%{http_code}' --data-binary @"$work/large" "$base/webhooks/whatsapp")" 413
equals "one too large, in pieces" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Transfer-Encoding: chunked' --data-binary @"$work/large" "$base/webhooks/whatsapp")" 413
equals "Meta verifies" "$(curl -s "$base/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1158201444")" 1158201444
equals "somebody else does not" "$(curl -s -o /dev/null -w '%{http_code}' "$base/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1")" 403
equals "a forged push" "$(post /webhooks/push '{}' wrong)" 401
equals "a push of GitHub's" "$(post /webhooks/push '{}' "$PUSH_SECRET")" 202
equals "of GitLab's" "$(curl -s -o /dev/null -w '%{http_code}' -H "X-Gitlab-Token: $PUSH_SECRET" -d '{}' "$base/webhooks/push")" 202
equals "still alive" "$(ask /healthz)" 200

# What no webhook told is found by asking.
review '{"name": "order_v2", "status": "DISABLED"}'
post /webhooks/push '{}' "$PUSH_SECRET" >/dev/null
until_equals "a status that nobody told" "template order_v1" use order es
if command -v promtool >/dev/null; then
	curl -s "$base/metrics" | promtool check metrics >"$work/out" 2>&1 && ok "metrics as Prometheus wants them" || { bad "metrics"; cat "$work/out"; }
else
	echo "SKIPPED: no promtool"
fi

# Operations.
expect 1 "a second one on the same registry" timeout 20 "$hsmctl" serve "$work/serve.yaml"
contains err "is refused" "another hsmctl serve has this registry"
echo third-token >"$work/token"
kill -HUP "$serve_pid"
until_equals "SIGHUP reads tokens again" 200 curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer third-token' "$base/v1/templates"
equals "the old one ends" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer second-token' "$base/v1/templates")" 401
stop
equals "SIGTERM ends it" "$?" 0
if grep -q planted-secret "$work/serve.log" "$work/serve.out"; then bad "a secret is logged"; else ok "no secret is logged"; fi
serve "$work/serve.yaml"
equals "a restart remembers" "$(use order en_US)" "template plain_v1"
stop

# A review shows that production moves, where the registry can be read.
sed -i '/channel: sms/,$d' templates/order.yaml
commit "No SMS"
expect 0 "a plan beside the registry" env HSMCTL_REGISTRY="sqlite:$work/registry.db" "$hsmctl" plan --format json
equals "shows what flows will get" "$(jq -c '[.changes[] | select(.action == "settings") | [.name, (.diffs[] | select(.language == "es") | .path, .new)]]' "$work/out")" \
	'[["order","fallback","[{\"template\":\"plain\"}]"]]'
expect 0 "a registry that is not there" env HSMCTL_REGISTRY="sqlite:$work/none.db" "$hsmctl" plan --format json
[ -e "$work/none.db" ] && bad "is made by a plan" || ok "is not made by a plan"

# Wrong files.
printf 'listen: 0.0.0.0:0\nregistry: sqlite:%s/other.db\n' "$work" >"$work/open.yaml"
expect 78 "without tokens only on loopback" timeout 20 "$hsmctl" serve "$work/open.yaml"
contains err "is said" "give it tokens"
printf 'tokens: [NOT_SET_ANYWHERE]\n' >"$work/unset.yaml"
expect 78 "a secret that is not there" timeout 20 "$hsmctl" serve "$work/unset.yaml"
contains err "is named" "NOT_SET_ANYWHERE"
printf 'listen: 127.0.0.1:0\nalerts:\n  - {url: HOOK_SECRET}\n' >"$work/url.yaml"
expect 78 "an alert's address that is none" timeout 20 "$hsmctl" serve "$work/url.yaml"
lacks err "is not shown" planted-secret-hook
printf 'listen: nowhere\nmode: maybe\n' >"$work/wrong.yaml"
expect 78 "a wrong file" timeout 20 "$hsmctl" serve "$work/wrong.yaml"
contains err "at its line" "wrong.yaml:2:"
expect 66 "no file" timeout 20 "$hsmctl" serve "$work/nothing.yaml"
finish
