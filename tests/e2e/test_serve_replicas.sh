#!/bin/bash
# Several controllers on one PostgreSQL: any takes webhooks and answers, one leads;
# a leader that is killed, a database that goes away.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/serve.sh"
. "$(dirname "$0")/postgres.sh"

postgres_is_installed || { echo "SKIPPED: no PostgreSQL"; exit 0; }
postgres
emulator --review approve
repository "$work/author"
template order en_US "Your order is on its way to you, thank you."
commit "First"
git clone -q --bare . "$work/origin.git"
git remote add origin "$work/origin.git"

# replica NAME: another controller; its address in $work/NAME.base, its process in $work/NAME.pid
replica() {
	cat >"$work/$1.yaml" <<Y
listen: 127.0.0.1:0
environment: dev
registry: $registry_url
tokens: [FLOW_TOKEN]
send_tokens: [SEND_TOKEN]
webhook: {secret: HOOK_SECRET}
push: {secret: PUSH_SECRET}
repository: {url: file://$work/origin.git, mirror: $work/$1.git}
mode: apply
Y
	serve "$work/$1.yaml"
	mv "$work/serve.log" "$work/$1.log"
	echo "$base" >"$work/$1.base"
	echo "$serve_pid" >"$work/$1.pid"
}
at() { base=$(cat "$work/$1.base"); }
# on NAME COMMAND...: asks that one.
on() {
	at "$1"
	shift
	"$@"
}
leaders() {
	for name in "$@"; do on "$name" metric leader; done | grep -c 1
}

export SEND_TOKEN=planted-secret-send
# send_at KEY PHONE: a message; "STATUS", the answer in $work/answer.KEY.NAME
send_at() {
	curl -sk -o "$work/answer" -w '%{http_code}' -H "Authorization: Bearer $SEND_TOKEN" -H "Idempotency-Key: $1" \
		--data "{\"template\": \"order\", \"language\": \"en_US\", \"to\": \"$2\"}" "$base/v1/send"
}
count_sent() { admin GET conversations | jq --arg p "$1" '[.[] | select(.participant.address.phoneNumber == $p)] | length'; }

replica one
until_equals "the first one leads and applies" "template order_v1" on one use order en_US
replica two
replica three
until_equals "others answer, too" "template order_v1" on three use order en_US
equals "one leads" "$(leaders one two three)" 1
equals "what is told to one that does not" "$(on two happens order_v1 en_US PAUSED)" 200
equals "changes its answer at once" "$(on two use order en_US)" "none -"
until_equals "and that of the others" "none -" on three use order en_US
until_equals "the leader's, too" "none -" on one use order en_US
equals "it is told again to another" "$(on three happens order_v1 en_US APPROVED)" 200
until_equals "which all follow" "template order_v1" on one use order en_US
equals "one that does not lead sends" "$(on two send_at k1 +34600000001)" 200
first=$(cat "$work/answer")
equals "another knows the key" "$(on three send_at k1 +34600000001)$(cat "$work/answer")" "200$first"
equals "so it was sent once" "$(count_sent +34600000001)" 1
for i in $(seq 10); do
	(on two send_at "at-once-$i" +34600000002 >"$work/s.two.$i") &
	(on three send_at "at-once-$i" +34600000002 >"$work/s.three.$i") &
	wait $!
done
sleep 1
equals "ten keys at two at once: ten messages" "$(count_sent +34600000002)" 10
creates=$(posts)

kill -9 "$(cat "$work/one.pid")"
begin=$(date +%s%N)
for _ in $(seq 150); do [ "$(leaders two three)" = 1 ] && break; sleep 0.1; done
taken=$((($(date +%s%N) - begin) / 1000000))
[ "$taken" -lt 10000 ] && ok "another leads within ten seconds (after $taken ms)" || bad "nobody leads after $taken ms"
template order en_US "Your order comes to you today, thank you."
commit "Second"
git push -q origin main
on two post /webhooks/push '{}' "$PUSH_SECRET" >/dev/null
on three post /webhooks/push '{}' "$PUSH_SECRET" >/dev/null
until_equals "and applies" "template order_v2" on two use order en_US
until_equals "for all" "template order_v2" on three use order en_US
equals "nothing is made twice" "$(($(posts) - creates))" 1

# The database goes away and comes back.
postgres_stop immediate
equals "answers go on" "$(on two use order en_US)" "template order_v2"
equals "webhooks are refused, to be sent again" "$(on two tell order_v2 en_US PAUSED)" 503
until_equals "not ready" 503 on two ask /readyz
postgres_start
until_equals "ready again" 200 on two ask /readyz
equals "webhooks are taken again" "$(on two happens order_v2 en_US PAUSED)" 200
until_equals "and followed by the other one" "template order_v1" on three use order en_US
until_equals "somebody leads" 1 leaders two three
for name in two three; do
	kill "$(cat "$work/$name.pid")"
	wait "$(cat "$work/$name.pid")"
	equals "$name ends" $? 0
done
equals "each event is there once" "$(postgres_query "SELECT COUNT(*), COUNT(DISTINCT id) FROM event" | tr '\t' ' ')" "3 3"
finish
