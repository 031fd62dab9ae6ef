# Sourced after lib.sh by tests that ask the emulator for Meta's API.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/emulator.sh" # start, stop, get

waba=102290129340398765 other_waba=215589469943870121 phone=106540352242922001 app=670843887433847123
graph_token=EAAB-token-of-the-tests graph_version=v23.0

# graph METHOD PATH [BODY]: sets $status; the answer is in $work/body, its headers in $work/headers.
graph() {
	local data=()
	[ $# -lt 3 ] || data=(-H 'Content-Type: application/json' --data-binary "$3")
	: >"$work/body"
	status=$(curl -gsS -m 20 -X "$1" ${graph_token:+-H "Authorization: Bearer $graph_token"} "${data[@]}" -D "$work/headers" \
		-o "$work/body" -w '%{http_code}' "$url/$graph_version/$2" 2>"$work/curl")
}

header() { sed -n "s/^$1: \(.*\)\r$/\1/Ip" "$work/headers"; }

# answers NAME STATUS [CODE [SUBCODE]]: what the last call got, of the errors that Meta has.
answers() {
	local got=$status wanted=$2
	[ $# -lt 3 ] || { got="$got $(get .error.code)" wanted="$wanted $3"; }
	[ $# -lt 4 ] || { got="$got $(get .error.error_subcode)" wanted="$wanted $4"; }
	equals "$1" "$got" "$wanted"
}

# body TEXT [SAMPLE...]: a BODY with positional samples.
body() {
	local text=$1
	shift
	jq -cn --arg text "$text" '{type:"BODY",text:$text} + if $ARGS.positional == [] then {} else {example:{body_text:[$ARGS.positional]}} end' \
		--args -- "$@"
}

# create NAME LANGUAGE COMPONENTS [CATEGORY [MORE]]
create() {
	graph POST "$waba/message_templates" "$(jq -cn --arg name "$1" --arg language "$2" --argjson components "$3" \
		--arg category "${4:-UTILITY}" --argjson more "${5:-"{}"}" \
		'{name:$name,language:$language,category:$category,components:$components} + $more')"
}

# upload TYPE FILE: sets $handle.
upload() {
	graph POST "$app/uploads?file_length=$(stat -c %s "$2")&file_type=$1&file_name=file"
	session=$(get .id)
	handle=$(curl -sS -X POST -H "Authorization: OAuth $graph_token" -H 'file_offset: 0' -H 'Content-Type:' --data-binary "@$2" \
		"$url/$graph_version/$session" | jq -r .h)
}

# eventually COMMAND...: true within five seconds.
eventually() {
	for _ in $(seq 100); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}
