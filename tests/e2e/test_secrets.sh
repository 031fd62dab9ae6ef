#!/bin/bash
# No secret in anything that hsmctl says, writes or starts, whatever goes wrong: each command where everybody
# it speaks to tells it what it said, in any form. What is left behind is searched at the end, as of every test.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/serve.sh"
. "$(dirname "$0")/postgres.sh"

export GENESYSCLOUD_OAUTHCLIENT_ID=planted-secret-id GENESYSCLOUD_OAUTHCLIENT_SECRET='planted-secret+client/5f=2c'
export HOOK_SECRET='planted-secret=hook/+1' SEND_TOKEN=planted-secret-send VERIFY_TOKEN=planted-secret-verify
phone=$planted_recipient value='planted-secret-value, Ana'

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/certificate.pem" -days 2 \
	-subj /CN=elsewhere >/dev/null 2>&1
emulator
"$top/tests/e2e/echo_server.py" "$url" "$work/certificate.pem" "$work/key.pem" >"$work/echo" &
for _ in $(seq 200); do grep -q listening "$work/echo" && break; sleep 0.02; done
echo_url=$(sed 's/.* on \(http:[^ ]*\) .*/\1/' "$work/echo") tls_url=$(sed 's/.* and //' "$work/echo")

# at ADDRESS: where the environment is.
at() {
	cat >hsmctl.yaml <<-Y
	environments:
	  dev:
	    base_url: $1
	    webhooks:
	      - {name: hook, url: "https://hooks.example.com/", events: [whatsapp_status_update], enabled: true, secret: HOOK_SECRET}
	Y
}

runs=0
# run COMMAND...: however it ends, it tells no secret. Sets $code.
run() {
	local log=(-v)
	[ $((++runs % 2)) = 0 ] || log=(-v --log-format json)
	code=0
	"$@" "${log[@]}" >"$work/out" 2>"$work/err" </dev/null || code=$?
	heard "$*"
}

# fails COMMAND...: likewise, and it does not end well.
fails() {
	run "$@"
	[ "$code" != 0 ] || bad "at $place $*: exit code 0: $(cat "$work/out" "$work/err")"
}

# Answers that end it, that are no answers, and that are asked for again.
final="302 json;400 json;401 json;403 html;404 json;409 json;422 json"
strange="200 json;200 text"
passing="429 json;500 json;503 html;200 cut;200 held"
forms=(plain base64 percent hex)
# everywhere "PLACE..." "STATUS SHAPE;..." COMMAND...: it fails wherever this comes to it, in one form after the other.
everywhere() {
	local places=$1 answers=$2 answer
	shift 2
	for place in $places; do
		while read -r -d ';' answer; do
			at "$echo_url/$place/${answer/ //}/${forms[runs % 4]}"
			fails "$@"
		done <<<"$answers;"
	done
}

repository
cat >templates/order.yaml <<'Y'
name: order
category: UTILITY
parameters:
  order_id: {type: TEXT, default: ORD-1}
  customer: {type: TEXT, default: Ana}
translations:
  en_US: {body: "Hi {{customer}}, your order {{order_id}} is on its way to you."}
fallback:
  - {channel: sms, text: {en_US: "Your order {{order_id}} is on its way, {{customer}}."}}
Y
printf 'environment: dev\ntemplates:\n  - {name: order, languages: [en_US]}\n' >needed.yaml
printf 'recipient,order_id,customer,language\n%s,A-1,"%s",en_US\n' "$phone" "$value" >rows.csv
planted repository/rows.csv
at "$echo_url/none/200/json/plain"
commit "First"

echo "# Everything that may be answered, in every form"
for form in plain base64 percent hex; do
	forms=("$form" "$form" "$form" "$form")
	everywhere "token api" "$final;$strange" "$hsmctl" status
	everywhere "token api" "$passing" "$hsmctl" status --timeout 0.5
	# The first of these creates the templates; all of them fail to make the webhook.
	everywhere "webhook" "$final" "$hsmctl" apply --yes --allow-dirty
done
forms=(plain base64 percent hex)
everywhere "webhook" "$passing" "$hsmctl" apply --yes --allow-dirty --timeout 1
template note en_US "A note that nobody has submitted yet, on its way to you."
commit "Second"
for form in plain base64 percent hex; do
	forms=("$form" "$form" "$form" "$form")
	everywhere "create" "$final" "$hsmctl" apply --yes --allow-dirty
done
forms=(plain base64 percent hex)
everywhere "create" "$passing;$strange" "$hsmctl" apply --yes --allow-dirty --timeout 1
ok "$runs runs of status and apply"
at "$echo_url/none/200/json/plain"
run "$hsmctl" apply --yes --allow-dirty
equals "where nobody tells, it is applied" "$code" 0

echo "# Every command that asks"
template more en_US "Another note that nobody has submitted yet, on its way to you."
commit "Third"
commands=("doctor" "plan" "plan --format json" "plan --prune --out saved.plan" "apply --yes --allow-dirty" "drift" "drift --format json"
	"wait --timeout 1" "check --requires needed.yaml" "history order" "diff order v1 git" "import" "import --adopt order"
	"snapshot --out live.json" "status --format json" "send order --from rows.csv --yes")
for command in "${commands[@]}"; do
	# shellcheck disable=SC2086
	everywhere "token api listing" "401 json;403 json;200 json" "$hsmctl" $command
done
GENESYSCLOUD_ACCESS_TOKEN="planted-secret.token/77+5=" everywhere "api" "$final" "$hsmctl" plan
ok "${#commands[@]} commands"

echo "# Sending"
one=("$HSM_BUILD/hsmctl" send order --to "$phone" --language en_US --value order_id=A-1 --value "customer=$value" --yes)
for form in plain base64 percent hex; do
	forms=("$form" "$form" "$form" "$form")
	everywhere "send" "$final" "$hsmctl" send order --from rows.csv --yes --timeout 0.5
	rm -f rows.csv.journal rows.csv.results.ndjson
	everywhere "send" "$final" "${one[@]}" --timeout 0.5
done
forms=(plain base64 percent hex)
everywhere "send" "$passing;$strange" "${one[@]}" --timeout 0.5
everywhere "send" "$passing;$strange" "$hsmctl" send order --from rows.csv --yes --timeout 0.5
at "$echo_url/none/200/json/plain"
rm -f rows.csv.journal
run "$hsmctl" send order --from rows.csv --yes --follow 2s
ok "to one and to many"

echo "# Refused certificates, and proxies"
at "$tls_url/none/200/json/plain"
fails "$hsmctl" plan
proxies=("http://bob:planted-secret-proxy@127.0.0.1:1" "${echo_url/\/\//\/\/bob:planted-secret-proxy@}" "planted://bob:planted-secret-proxy@127.0.0.1:1"
	"bob:planted-secret-proxy@127.0.0.1:port" "http://bob:planted-secret-proxy@127.0.0.1:99999" "http://bob:planted-secret proxy@[::"
	"socks5h://bob:planted-secret-proxy@127.0.0.1:1" "https://bob:planted-secret-proxy@${tls_url#https://}" "http://bob:planted-secret-proxy@nowhere.invalid:1")
for proxy in "${proxies[@]}"; do
	https_proxy=$proxy fails "$hsmctl" plan --timeout 2
	ALL_PROXY=$proxy fails "$hsmctl" doctor --timeout 2
done
ok "${#proxies[@]} proxies"

echo "# The registry's password"
at "$echo_url/none/200/json/plain"
registries=("postgres://bob:planted-secret/db@127.0.0.1/x" "postgres://bob:planted-secret@db@127.0.0.1/x" "postgres://bob:planted-secret%db@127.0.0.1/x"
	"postgres://bob:planted-secret-db@127.0.0.1:1/x" "postgres://bob:planted-secret-db@nowhere.invalid/x" "mysql://bob:planted-secret-db@127.0.0.1/x"
	"postgres://bob@127.0.0.1/x?password=a&planted-secret-db")
if postgres_is_installed; then
	postgres
	postgres_query "ALTER USER hsmctl PASSWORD 'planted-secret/db'"
	as_postgres sed -i 's/trust$/scram-sha-256/' "$postgres_folder/data/pg_hba.conf"
	as_postgres "$postgres_bin/pg_ctl" -D "$postgres_folder/data" reload >/dev/null
	registries+=("postgres://hsmctl:planted-secret-wrong@/postgres?host=$postgres_folder" "postgres://hsmctl:planted-secret%2Fdb@/nothing?host=$postgres_folder")
fi
for registry in "${registries[@]}"; do
	HSMCTL_REGISTRY=$registry run "$hsmctl" plan
	contains err "of a registry that cannot be read a plan says so" "what is in use is not compared"
	HSMCTL_REGISTRY=$registry fails "$hsmctl" serve
done

echo "# A controller"
# controls SETTING...: it runs with these lines in its file.
controls() {
	{
		printf 'listen: 127.0.0.1:0\nenvironment: dev\ntokens: [FLOW_TOKEN]\nsend_tokens: [SEND_TOKEN]\n'
		printf 'webhook: {secret: HOOK_SECRET, verify_token: VERIFY_TOKEN}\npush: {secret: PUSH_SECRET}\n'
		printf '%s\n' "$@"
	} >"$work/serve.yaml"
	cat "$work/serve.log" >>"$work/serve.logs" 2>/dev/null
	serve "$work/serve.yaml" -v --log-format "${logs:-text}"
}
page() { curl -s -u "x:$FLOW_TOKEN" "$base/" | grep -c "$1"; }
says() { grep -m1 -c "$1" "$work/serve.log"; }
git checkout -q . && git clean -qfdx
at "$echo_url/send/400/json/base64"
commit "Fourth"
if postgres_is_installed; then controls "registry: postgres://hsmctl:planted-secret%2Fdb@/postgres?host=$postgres_folder"; else controls "registry: sqlite:$work/registry.db"; fi
planted serve.yaml
until_equals "it knows what is live" 200 ask /readyz
send() {
	FLOW_TOKEN=$SEND_TOKEN ask /v1/send -H "Idempotency-Key: $1" --data \
		"$(jq -nc --arg to "$phone" --arg v "$value" '{template: "order", language: "en_US", to: $to, values: {order_id: "A-1", customer: $v}}')"
}
for answer in 400/json/plain 401/json/hex 500/json/percent 200/json/base64; do
	at "$echo_url/send/$answer"
	commit "$answer"
	post /webhooks/push '{}' "$PUSH_SECRET" >/dev/null
	until_equals "the controller is where $answer comes" 1 page "$(git rev-parse HEAD | cut -c1-12)"
	send "$answer" >/dev/null
done
equals "a stranger" "$(FLOW_TOKEN=planted-secret-other ask /v1/templates)" 401
equals "a forged event" "$(post /webhooks/whatsapp '{"planted-secret": 1}' planted-secret-other)" 401
equals "no event" "$(post /webhooks/whatsapp '{"planted-secret: 1')" 400
equals "Meta's question, with another token" "$(ask '/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=planted-secret-other&hub.challenge=7')" 403
equals "with ours" "$(ask "/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=$VERIFY_TOKEN&hub.challenge=7")" 200
for path in / /metrics /openapi.json /v1/templates /v1/routes "/v1/templates/order?language=xx" /readyz; do ask "$path" >/dev/null; done
at "$echo_url/none/200/json/plain"
commit "Fifth"
post /webhooks/push '{}' "$PUSH_SECRET" >/dev/null
until_equals "the controller is where nobody tells" 1 page "$(git rev-parse HEAD | cut -c1-12)"
send_anew() { send "$RANDOM$RANDOM"; }
until_equals "it sends" 200 send_anew
happens order_v1 en_US PAUSED >/dev/null
equals "or says what to send" "$(send later; jq -r .channel "$work/out")" "200sms"
kill -HUP "$serve_pid"
stop && ok "it ends" || bad "it ends badly"

echo "# Mirrors and alerts"
export GIT_SSL_NO_VERIFY=1
export ECHO_URL=$echo_url/all/500/json/plain/planted-secret-url NOBODY_URL=http://127.0.0.1:1/planted-secret-url
export TLS_URL=$tls_url/all/200/json/plain/planted-secret-url MOVED_URL=$echo_url/all/302/json/plain/planted-secret-url
mirror() { echo "repository: {url: \"https://bob:planted-secret-git%2F+1@${tls_url#https://}/all/$1/x.git\", mirror: $work/mirror.git}"; }
for answer in 401/text/base64 403/json/plain 404/html/hex 500/json/percent 302/text/plain 200/text/base64 200/cut/plain; do
	[ "${logs:-text}" = text ] && logs=json || logs=text
	controls "$(mirror $answer)" "registry: sqlite:$work/mirrored.db"
	until_equals "a mirror that gets $answer" 1 says "x.git"
	stop
done
for proxy in "${proxies[@]}"; do
	https_proxy=$proxy controls "$(mirror 401/text/base64)" "registry: sqlite:$work/mirrored.db"
	until_equals "and by a proxy" 1 says "x.git"
	stop
done
controls "$(mirror 401/text/base64)" "registry: sqlite:$work/mirrored.db" "alerts: [{url: ECHO_URL}, {url: NOBODY_URL, format: slack}, {url: TLS_URL, format: teams}, {url: MOVED_URL},
  {command: [sh, -c, \"cat >/dev/null; echo no >&2; exit 1\"]}]"
for _ in $(seq 300); do [ "$(grep -c 'alert to' "$work/serve.log")" -ge 5 ] && break; sleep 0.1; done
equals "nobody takes an alert" "$(grep -o 'alert to alerts.[0-9].' "$work/serve.log" | sort -u | wc -l)" 5
stop
URL=ftp://planted-secret-url/ fails "$hsmctl" serve <(printf 'alerts: [{url: URL}]\n')
finish
