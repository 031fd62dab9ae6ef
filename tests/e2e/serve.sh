# Sourced after lib.sh and live.sh by the tests of serve: starts one, asks it, and tells it things.
# shellcheck shell=bash

export FLOW_TOKEN=planted-secret-token HOOK_SECRET=planted-secret-hook VERIFY_TOKEN=verify-me PUSH_SECRET=planted-secret-push

# serve [ARGUMENT...]: starts one; sets $serve_pid, $base. Its log: $work/serve.log
serve() {
	"$hsmctl" serve "$@" >"$work/serve.out" 2>"$work/serve.log" &
	serve_pid=$!
	for _ in $(seq 1500); do
		grep -q "listening on" "$work/serve.log" && break
		kill -0 "$serve_pid" 2>/dev/null || break
		sleep 0.02
	done
	base=$(sed -n 's/.*listening on \(http[^ ]*\).*/\1/p' "$work/serve.log" | tail -1)
	[ -n "$base" ] || { cat "$work/serve.log"; bad "serve does not start"; }
}

# stop: SIGTERM, and what it exits with.
stop() {
	kill "$serve_pid"
	wait "$serve_pid"
}

# ask PATH [OPTION...]: with a token; the body in $work/out and, for the search at the end, in answers, "STATUS" printed.
ask() {
	local path=$1
	shift
	curl -sk -o "$work/out" -w '%{http_code}' -H "Authorization: Bearer $FLOW_TOKEN" "$@" "$base$path"
	cat "$work/out" >>"$work/answers"
}

# use NAME LANGUAGE: what should be sent.
use() { ask "/v1/templates/$1?language=$2" >/dev/null; jq -r '"\(.use) \(.name // .channel // "-")"' "$work/out"; }

sign() { printf 'sha256=%s' "$(printf '%s' "$2" | openssl dgst -sha256 -hmac "$1" | sed 's/.*= //')"; }

# post PATH BODY [SECRET]: signed; "STATUS" printed.
post() { curl -sk -o "$work/out" -w '%{http_code}' -H "X-Hub-Signature-256: $(sign "${3:-$HOOK_SECRET}" "$2")" --data-binary "$2" "$base$1"; }

events=0
# tell NAME LANGUAGE STATUS [REASON] [TIME]: a StatusEvent; "STATUS" printed.
tell() {
	events=$((events + 1))
	post /webhooks/whatsapp "$(jq -nc --arg id "event-$$-$events-$RANDOM" --arg n "$1" --arg l "$2" --arg s "$3" --arg r "${4:-}" \
		--arg t "${5:-$(date -u +%FT%T.%3NZ)}" '{id: $id, event: "whatsapp_status_update", timestamp: $t, providerId: "p",
		template: ({id: "t", name: $n, language: $l, status: $s} + if $r == "" then {} else {rejection_reason: $r} end)}')"
}

# happens NAME LANGUAGE STATUS [REASON]: the organisation has it so, and the webhook tells: a listing at any moment
# says the same. "STATUS" printed.
happens() {
	review "$(jq -nc --arg n "$1" --arg l "$2" --arg s "$3" --arg r "${4:-}" '{name: $n, language: $l, status: $s} + if $r == "" then {} else {reason: $r} end')"
	tell "$@"
}

metric() { curl -sk "$base/metrics" | sed -n "s/^hsmctl_$1 //p"; }

# until_equals NAME WANTED COMMAND...: within ten seconds.
until_equals() {
	local name=$1 wanted=$2 got=
	shift 2
	for _ in $(seq 200); do
		got=$("$@")
		[ "$got" = "$wanted" ] && break
		sleep 0.05
	done
	equals "$name" "$got" "$wanted"
}
