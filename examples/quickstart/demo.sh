#!/bin/bash
# Walks through hsmctl's daily life against the emulator, in a temporary git
# repository: create, no-op, replace, revert, drift. `make demo` runs it.
. "$(dirname "$0")/../walkthrough.sh"

# For commands that answer by their exit code.
run_expecting() {
	local expected=$1 code=0
	shift
	printf '\033[36m$ %s\033[0m\n' "$*"
	"$@" || code=$?
	echo "(exit code $code)"
	[ "$code" = "$expected" ] || { echo "expected exit code $expected" >&2; exit 1; }
}
# What another operator does behind git's back: one request, without curl.
post() {
	exec 3<>"/dev/tcp/127.0.0.1/$port"
	printf 'POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
		"$1" "${#2}" "$2" >&3
	local status
	read -r _ status _ <&3
	exec 3>&-
	[ "${status:0:1}" = 2 ] || { echo "POST $1: $status" >&2; exit 1; }
}

start_emulator --review-delay 300
export GENESYSCLOUD_OAUTHCLIENT_ID=demo GENESYSCLOUD_OAUTHCLIENT_SECRET=demo

say "A git repository with two templates, and an (emulated) Genesys Cloud organisation on port $port"
take quickstart
git add . && git commit -q -m "Order confirmation and support menu"
run cat templates/support_menu.yaml

say "CREATE: what would happen? Nothing is changed by a plan"
run hsmctl plan
say "Do it: each language of each template is submitted once, and reviewed"
run hsmctl apply --yes
run hsmctl wait --interval 1s
run hsmctl status

say "NO-OP: git and the organisation are equal, so there is nothing to do"
run hsmctl plan

say "REPLACE: an approved template is never edited; a change is a new version beside it"
sed -i 's/Estimated delivery: {{eta}}\./It arrives on {{eta}}./' templates/order_confirmation.yaml
git commit -q -a -m "Shorter delivery line"
run hsmctl plan
run hsmctl apply --yes
run hsmctl wait --interval 1s

say "REVERT: the old version is still there and approved, so it is used again: no create, no review"
git revert --no-edit HEAD >/dev/null
run hsmctl plan
run hsmctl apply --yes

say "DRIFT: somebody adds a version by hand. Git never had it, and drift says so (exit code 2)"
post /_emulator/templates '[{"name":"order_confirmation_v3","language":"en_US","category":"UTILITY","status":"APPROVED","components":[{"type":"BODY","text":"Your order is on its way, hurry!"}]}]'
sed -i 's/Reply STOP to opt-out/Reply STOP to end/' templates/order_confirmation.yaml
git commit -q -a -m "Plainer footer"
run_expecting 2 hsmctl drift

say "Nothing foreign is overwritten by accident; somebody must say so"
run hsmctl plan --overwrite order_confirmation

say "That was hsmctl. README.md tells the rest; hsmctl help lists the commands."
