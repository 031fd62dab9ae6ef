# Sourced after lib.sh by the tests of plan and apply: what they do to, and ask
# of, the live state.
# shellcheck shell=bash

posts() { requests 'POST /api/v2/messaging/providers/[^/]*/templates'; }
writes() { requests '\(POST\|PUT\|PATCH\|DELETE\) /api/v2/messaging'; }

# What somebody else makes: seed NAME LANGUAGE BODY [STATUS [CATEGORY]]
seed() {
	admin POST templates "$(jq -n --arg n "$1" --arg l "$2" --arg b "$3" --arg s "${4:-APPROVED}" --arg c "${5:-UTILITY}" \
		'[{name: $n, language: $l, category: $c, status: $s, components: [{type: "BODY", text: $b}]}]')" >/dev/null
}

# review '{"name": GLOB, "language": GLOB, "status": …, "reason": …, "category": …}'
review() { admin POST review "$1" >/dev/null; }

remove_live() { admin DELETE "templates/$1" >/dev/null; }

# actions [FILE]: "action name languages" of each row of a plan as JSON, then |
actions() { jq -j '.changes[] | "\(.action) \(.name) \((.languages // []) | join(","))|"' "${1:-$work/out}"; }

# fresh FOLDER [OPTION...]: another emulator, another repository; cd there.
fresh() {
	local folder=$1
	shift
	kill "$emulator_pid" 2>/dev/null
	emulator "$@"
	repository "$work/$folder"
}
