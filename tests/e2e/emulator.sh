# Sourced after lib.sh by tests that ask the emulator over HTTP.
# shellcheck shell=bash

login() { token=$(curl -sS -u some-id:some-secret -d grant_type=client_credentials "$url/oauth/token" | jq -r .access_token); }

# start [OPTION...]: a new emulator and a token of it; the one before ends.
start() {
	stop TERM
	emulator "$@"
	login
}

# stop SIGNAL
stop() {
	local code=0
	[ -n "${emulator_pid:-}" ] || return 0
	kill "-$1" "$emulator_pid"
	wait "$emulator_pid" 2>/dev/null || code=$?
	[ "$code" = 0 ] || [ "$1" = KILL ] || bad "a clean end: exit code $code"
	emulator_pid=
}

# call METHOD PATH [BODY]: sets $status; the answer is in $work/body, its headers in $work/headers.
call() {
	local data=()
	[ $# -lt 3 ] || data=(-H 'Content-Type: application/json' --data-binary "$3")
	: >"$work/body"
	status=$(curl -sS -m 20 -X "$1" -H "Authorization: Bearer $token" "${data[@]}" -D "$work/headers" -o "$work/body" \
		-w '%{http_code}' "$url$2" 2>"$work/curl")
}

get() { jq -r "$1" "$work/body"; }

# answers NAME STATUS [CODE [FIELD]]: what the last call got.
answers() {
	local got=$status wanted=$2
	[ $# -lt 3 ] || { got="$got $(get .code)" wanted="$wanted $3"; }
	[ $# -lt 4 ] || { got="$got $(get '[.details[].fieldName] | join(",")')" wanted="$wanted $4"; }
	equals "$1" "$got" "$wanted"
}
