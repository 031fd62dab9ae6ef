# Sourced by the tests: a work folder, the emulator, and checks that count.
# shellcheck shell=bash
set -u

HSM_BUILD=${HSM_BUILD:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
failures=0

# hsmctl, with a note in $work/argv of how it and its children were started: everybody on the machine can read that.
# What it says to /dev/null is in $work/argv.discarded.
hsmctl=$HSM_BUILD/hsmctl
if [ -e "$HSM_BUILD/note_argv.so" ]; then
	hsmctl=$work/bin/hsmctl
	mkdir "$work/bin"
	printf '#!/bin/sh\nNOTE_ARGV=%s LD_PRELOAD=%s exec %s "$@"\n' "$work/argv" "$HSM_BUILD/note_argv.so" "$HSM_BUILD/hsmctl" >"$hsmctl"
	chmod +x "$hsmctl"
fi

# planted FILE...: in the work folder, where the test itself has written secrets.
planted() { printf '%s\n' "$@" >>"$work/planted"; }

# forms TEXT: it, percent-encoded, in hexadecimal, and in base64 at each place of three bytes.
forms() {
	local skip before= hex
	hex=$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n')
	printf '%s\n' "$1" "${1//-/%2D}" "$hex" "${hex^^}"
	for skip in 0 1 2; do
		printf %s "$before$1" | base64 -w0 | cut -c$(((skip * 8 + 5) / 6 + 1))-$(((skip + ${#1}) * 8 / 6))
		before=-$before
	done
}

# Secrets begin like this; and the recipient whose number nobody is told.
planted_recipient=+34699887766
secret_forms=$(forms planted-secret; forms "${planted_recipient#+}")

# Whatever hsmctl printed, logged, wrote, or gave its children: no secret of the tests stands in it, in any form.
find_secrets() {
	touch "$work/planted"
	(cd "$work" && grep -rlaF -e "$secret_forms" . | sed 's|^\./||' | grep -vxFf planted)
}

# heard NAME: nor in what it said last.
heard() {
	local found
	found=$(grep -ohaF -e "$secret_forms" "$work/out" "$work/err") || return
	bad "$1: a secret is printed: $(echo $found)"
	cat "$work/out" "$work/err"
}

cleanup() {
	local secrets
	kill $(jobs -rp) 2>/dev/null # what still runs: numbers of others are somebody else's soon
	wait 2>/dev/null
	secrets=$(find_secrets)
	rm -rf "$work"
	[ -z "$secrets" ] || { echo "FAIL  a secret is in $secrets"; exit 1; }
}
trap cleanup EXIT

export GIT_AUTHOR_NAME="Ana Ruiz" GIT_AUTHOR_EMAIL=ana@example.com GIT_COMMITTER_NAME="Ana Ruiz" \
	GIT_COMMITTER_EMAIL=ana@example.com GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GENESYSCLOUD_OAUTHCLIENT_ID=id-of-the-tests GENESYSCLOUD_OAUTHCLIENT_SECRET=planted-secret-5f2c

ok() { echo "ok    $*"; }
bad() {
	echo "FAIL  $*"
	failures=$((failures + 1))
}

# emulator [OPTION...]: starts one; sets $url, $emulator_pid.
emulator() {
	local log=$work/emulator.$RANDOM.log
	"$HSM_BUILD/genesys-emulator" --port 0 "$@" >"$log" 2>&1 &
	emulator_pid=$!
	for _ in $(seq 200); do
		grep -q listening "$log" && break
		sleep 0.02
	done
	url=$(sed -n 's/.*listening on \(http[^ ]*\).*/\1/p' "$log" | head -1)
	[ -n "$url" ] || { cat "$log"; echo "FAIL  the emulator does not start"; exit 1; }
}

admin() { curl -fsS -X "$1" -H 'Content-Type: application/json' ${3:+-d "$3"} "$url/_emulator/$2"; }

# repository [FOLDER]: a git repository with hsmctl.yaml for the emulator; cd there.
repository() {
	mkdir -p "${1:-$work/repository}/templates" && cd "${1:-$work/repository}" || exit 1
	git init -q -b main .
	printf 'environments:\n  dev:\n    base_url: %s\n' "$url" >hsmctl.yaml
}

commit() { git add -A && git commit -q --allow-empty -m "$1"; }

# template NAME BODY [LANGUAGE BODY]...: writes templates/NAME.yaml
template() {
	local name=$1
	shift
	{
		printf 'name: %s\ncategory: %s\n' "$name" "${category:-UTILITY}"
		[ -z "${parameters:-}" ] || printf 'parameters: %s\n' "$parameters"
		printf 'translations:\n'
		while [ $# -gt 0 ]; do
			printf '  %s:\n    body: "%s"\n' "$1" "$2"
			shift 2
		done
	} >"templates/$name.yaml"
}

# expect CODE NAME COMMAND...: runs it; keeps stdout in $work/out, stderr in $work/err.
expect() {
	local code=0 expected=$1 name=$2
	shift 2
	"$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
	if [ "$code" = "$expected" ]; then
		ok "$name"
	else
		bad "$name: exit code $code, not $expected"
		cat "$work/out" "$work/err"
	fi
	heard "$name"
}

# contains FILE NAME TEXT: the output has the text.
contains() {
	if grep -qF -- "$3" "$work/$1"; then
		ok "$2"
	else
		bad "$2: no '$3' in $1:"
		cat "$work/$1"
	fi
}

lacks() {
	if grep -qF -- "$3" "$work/$1"; then
		bad "$2: '$3' in $1:"
		cat "$work/$1"
	else
		ok "$2"
	fi
}

npm_folder=${HSM_NPM:-$top/build/npm}

# Installs the tools of tests/npm once; ends the test as skipped where npm cannot.
npm_tools() {
	if ! "$top/tests/npm/install" "$npm_folder" >"$work/npm" 2>&1; then
		echo "SKIPPED: npm could not install the test tools: $(tail -1 "$work/npm")"
		exit 0
	fi
}

# equals NAME GOT WANTED
equals() {
	if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: got '$2', wanted '$3'"; fi
}

# How often the API was asked for a route: "GET /api/v2/organizations/me"
requests() { admin GET requests | jq -r '.requests[] | "\(.method) \(.path)"' | grep -c "^$1" || true; }

# name language status content-text of all live templates, sorted
live() {
	admin GET state | jq -r '.templates[] | "\(.name) \(.language) \(.status) \([.components[] | select(.type == "BODY") | .text] | join(""))"' | sort
}

finish() {
	echo "$failures failed"
	[ "$failures" = 0 ]
	exit $?
}
