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
pids="$pids $!"
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
# tell COMMAND...: however it ends, it tells no secret. Sets $code.
tell() {
	local log=(-v)
	[ $((++runs % 2)) = 0 ] || log=(-v --log-format json)
	code=0
	"$@" "${log[@]}" >"$work/out" 2>"$work/err" </dev/null || code=$?
	heard "$*"
}

# fails COMMAND...: likewise, and it does not end well.
fails() {
	tell "$@"
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
tell "$hsmctl" apply --yes --allow-dirty
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
	everywhere "send" "$final" "$hsmctl" send order --from rows.csv --yes --timeout 1
	rm -f rows.csv.journal rows.csv.results.ndjson
	everywhere "send" "$final" "${one[@]}" --timeout 1
done
forms=(plain base64 percent hex)
everywhere "send" "$passing;$strange" "${one[@]}" --timeout 1
everywhere "send" "$passing;$strange" "$hsmctl" send order --from rows.csv --yes --timeout 1
at "$echo_url/none/200/json/plain"
tell "$hsmctl" send order --from rows.csv --yes --follow 5s
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
finish
