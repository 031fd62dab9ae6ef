#!/bin/bash
# The controller on one machine: the emulator, a repository, hsmctl serve, and a
# night in their life. On a terminal it goes on until Ctrl-C, so that you can look
# at http://127.0.0.1:8090 (any name, the password is flow-token).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
bin=${HSM_BUILD:-$here/../../build}
bin=$(cd "$bin" && pwd)
work=$(mktemp -d)
emulator= controller=
cleanup() {
	[ -z "$controller" ] || kill "$controller" 2>/dev/null || true
	[ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT

export GENESYSCLOUD_OAUTHCLIENT_ID=demo GENESYSCLOUD_OAUTHCLIENT_SECRET=demo
export FLOW_TOKEN=flow-token HOOK_SECRET=hook-secret
say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
api=http://127.0.0.1:8080 base=http://127.0.0.1:8090
review() { curl -fsS -o /dev/null -H 'Content-Type: application/json' -d "$1" "$api/_emulator/review"; }
lookup() { curl -fsS -H "Authorization: Bearer $FLOW_TOKEN" "$base/v1/templates/delivery_update?language=$1"; }

# until TEXT LANGUAGE: waits until a flow is answered with it, ten seconds at most.
until_answered() {
	for _ in $(seq 100); do
		if lookup "$2" 2>/dev/null | grep -q "$1"; then
			printf '\033[36m$ curl %s/v1/templates/delivery_update?language=%s\033[0m\n' "$base" "$2"
			lookup "$2"
			return
		fi
		sleep 0.1
	done
	echo "no '$1' in the answer for $2" >&2
	cat "$work/serve.log" >&2
	exit 1
}

say "The emulator stands for Genesys Cloud; reviews are ours to decide"
"$bin/genesys-emulator" --port 8080 --review manual &
emulator=$!
until curl -fsS "$api/_emulator/counters" >/dev/null 2>&1; do sleep 0.1; done

say "A repository with two templates, and the controller that follows it"
cp -r "$here"/{hsmctl.yaml,serve.yaml,templates} "$work/"
cd "$work"
git init -q -b main . && git add hsmctl.yaml templates
git -c user.name=Ana -c user.email=ana@example.com commit -qm "Two templates"
"$bin/hsmctl" serve serve.yaml 2>serve.log &
controller=$!
until curl -fsS "$api/_emulator/state" | grep -q '"name":"delivery_update_v1"'; do sleep 0.1; done
echo "submitted"

say "Meta approves: the webhook tells, flows are answered"
review '{"status": "APPROVED"}'
until_answered '"name":"delivery_update_v1"' en_US

say "At night it is paused: flows get the fallback, with other parameters, in the next moment"
review '{"name": "delivery_update_v1", "status": "PAUSED"}'
until_answered '"name":"order_notice_v1"' en_US

say "That one goes, too: the text for an SMS"
review '{"name": "order_notice_v1", "language": "es", "status": "DISABLED"}'
until_answered '"channel":"sms"' es

say "It recovers, and flows are back where they were"
review '{"name": "delivery_update_v1", "status": "APPROVED"}'
until_answered '"name":"delivery_update_v1"' es

say "What happened, newest first"
curl -fsS -H "Authorization: Bearer $FLOW_TOKEN" "$base/v1/templates/delivery_update/history" | tr '}' '\n' | grep -o '"why":"[^"]*"' | head -8

if [ -t 0 ]; then
	say "It goes on: look at $base (any name, password flow-token); Ctrl-C ends it"
	wait "$controller"
fi
