#!/bin/bash
# What hsmctl says, told to GitHub: a comment, an issue, a deployment, a summary.
# hsmctl writes the texts and escapes them; here they are carried, by jq alone.
# The API may fail without failing a job whose hsmctl did its work.
set -euo pipefail

: "${HSMCTL_COMMAND:?}" "${HSMCTL_TOKEN:?}" "${GITHUB_REPOSITORY:?}" "${GITHUB_RUN_ID:?}" "${GITHUB_RUN_NUMBER:?}"
api_url=${GITHUB_API_URL:-https://api.github.com}
repository=/repos/$GITHUB_REPOSITORY
run_url=${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
author=${HSMCTL_AUTHOR:-github-actions[bot]}
pause=${HSMCTL_RETRY_SECONDS:-5} # doubled with each try
tries=4
summary=${GITHUB_STEP_SUMMARY:-/dev/null}
folder=${RUNNER_TEMP:-/tmp}/hsmctl-$HSMCTL_COMMAND-$GITHUB_RUN_ID
mkdir -p "$folder"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

options=(-C "${HSMCTL_DIRECTORY:-.}")
[ -z "${HSMCTL_ENVIRONMENT:-}" ] || options+=(--env "$HSMCTL_ENVIRONMENT")

# The token in a file that only we can read: everybody reads a command line.
(umask 077 && printf 'header = "Authorization: Bearer %s"\nheader = "Accept: application/vnd.github+json"\nheader = "X-GitHub-Api-Version: 2022-11-28"\n' \
	"$HSMCTL_TOKEN" >"$tmp/curl")

warn() { echo "::warning::$1"; }

# How long GitHub wants us to wait: Retry-After, or until the limit is reset.
wanted_pause() {
	local after reset
	after=$(sed -n 's/^retry-after: *\([0-9]*\).*/\1/Ip' "$tmp/headers" | tail -1)
	reset=$(sed -n 's/^x-ratelimit-reset: *\([0-9]*\).*/\1/Ip' "$tmp/headers" | tail -1)
	if [ -n "$after" ]; then
		echo "$after"
	elif grep -qi '^x-ratelimit-remaining: *0' "$tmp/headers" && [ -n "$reset" ]; then
		echo $((reset > $(date +%s) ? reset - $(date +%s) : 1))
	fi
}

# api METHOD PATH [FILE]: sends FILE; the answer is in $tmp/body. What was not
# answered is repeated only where that can do no harm: a GET, PATCH or PUT.
api() {
	local method=$1 path=$2 wait=$pause status wanted
	for ((try = 1; try <= tries; try++)); do
		status=$(curl -sS -K "$tmp/curl" -X "$method" ${3:+-H "Content-Type: application/json" --data-binary "@$3"} \
			--max-time 60 --max-filesize 50000000 -D "$tmp/headers" -o "$tmp/body" -w '%{http_code}' \
			"$api_url$path" 2>"$tmp/curl.err") || status=000
		case $status in
		2??)
			[ "$status" = 204 ] && return 0
			jq -e . "$tmp/body" >/dev/null 2>&1 && return 0
			status="$status and no JSON"
			[ "$method" = POST ] && break
			;;
		403 | 429)
			wanted=$(wanted_pause)
			[ -n "$wanted" ] || [ "$status" = 429 ] || break
			[ "${wanted:-0}" -le 300 ] || break
			wait=$((${wanted:-0} > wait ? wanted : wait))
			;;
		000 | 5??) [ "$method" != POST ] || break ;;
		*) break ;;
		esac
		[ "$try" = "$tries" ] || sleep "$wait"
		wait=$((wait * 2))
	done
	warn "GitHub: $method ${path%%\?*}: $status"
	return 1
}

# pages PATH: all pages as one array in $tmp/pages.
pages() {
	local separator='?'
	[[ $1 = *\?* ]] && separator='&'
	echo '[]' >"$tmp/pages"
	for ((page = 1; page <= 100; page++)); do
		api GET "$1${separator}per_page=100&page=$page" || return 1
		jq -s '.[0] + (.[1] | if type == "array" then . else [] end)' "$tmp/pages" "$tmp/body" >"$tmp/more"
		mv "$tmp/more" "$tmp/pages"
		[ "$(jq 'length' "$tmp/body")" -ge 100 ] || return 0
	done
}

# The hidden lines by which our own texts are found again: whose, and of which run.
marker() { jq -rn --arg kind "$1" --arg env "$2" --arg folder "${HSMCTL_DIRECTORY:-.}" '"<!-- hsmctl \($kind) \($env | @uri) \($folder | @uri) -->"'; }
run_line() { echo "<!-- hsmctl run $GITHUB_RUN_NUMBER -->"; }

# own MARKER: ours among $tmp/pages, newest last: a marker that somebody else wrote is none.
own() { jq -c --arg marker "$1" --arg author "$author" '[.[] | select(.user.login == $author and ((.body // "") | startswith($marker)))] | sort_by(.id)' "$tmp/pages"; }

body_json() { jq -Rs '{body: .[0:65536]}' "$1" >"$tmp/json"; }

# supersede ID: an older comment of ours is folded.
supersede() {
	api GET "$repository/issues/comments/$1" || return 0
	jq -r '.body' "$tmp/body" >"$tmp/old"
	grep -q '^<!-- hsmctl closed -->' "$tmp/old" && return 0
	{ echo "$2"; run_line; echo '<!-- hsmctl closed -->'; printf '\n%s\n\n<details><summary>the plan</summary>\n\n' "$3"
		grep -v '^<!-- hsmctl' "$tmp/old" | head -c 60000
		printf '\n\n</details>\n'; } >"$tmp/folded"
	body_json "$tmp/folded"
	api PATCH "$repository/issues/comments/$1" "$tmp/json" || true
}

# upsert_comment NUMBER MARKER FILE MUST: one comment per environment, edited in
# place; MUST "no": only where there is one already.
upsert_comment() {
	local number=$1 mark=$2 file=$3 must=$4 mine newest id
	{ echo "$mark"; run_line; cat "$file"; } >"$tmp/comment"
	for ((attempt = 1; attempt <= 3; attempt++)); do
		pages "$repository/issues/$number/comments" || return 0
		mine=$(own "$mark")
		newest=$(jq -r '.[-1].id // ""' <<<"$mine")
		for id in $(jq -r '.[0:-1][].id' <<<"$mine"); do
			supersede "$id" "$mark" "Superseded by a newer comment."
		done
		body_json "$tmp/comment"
		if [ -n "$newest" ]; then
			# A run that was overtaken keeps silent.
			[ "$(jq -r '.[-1].body' <<<"$mine" | sed -n 's/^<!-- hsmctl run \([0-9]*\) -->.*/\1/p' | head -1)" -gt "$GITHUB_RUN_NUMBER" ] 2>/dev/null && return 0
			api PATCH "$repository/issues/comments/$newest" "$tmp/json" && return 0
		else
			[ "$must" = yes ] || return 0
			api POST "$repository/issues/$number/comments" "$tmp/json" && return 0
			case $(head -1 "$tmp/headers" 2>/dev/null) in *" 4"*) return 0 ;; esac
		fi
		sleep "$pause" # a lost answer may have been a success: look again
	done
}

event() { jq -r "$1 // empty" "${GITHUB_EVENT_PATH:-/dev/null}" 2>/dev/null || true; }

output() { [ -z "${GITHUB_OUTPUT:-}" ] || printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# run_hsmctl ARGUMENT...: its exit code in $code.
run_hsmctl() {
	code=0
	hsmctl "${options[@]}" "$@" 2>"$folder/stderr" || code=$?
	cat "$folder/stderr" >&2
}

# What a saved plan says, in every form. False where there is none.
show_plan() {
	output exit-code "$code"
	output folder "$folder"
	[ -s "$folder/plan" ] || return 1
	for format in json markdown html sarif; do
		hsmctl show "$folder/plan" --format "$format" >"$folder/plan.${format/markdown/md}"
	done
	hsmctl show "$folder/plan" --format github
	hash=$(jq -r '.hash // ""' "$folder/plan.json")
	[[ $hash =~ ^[0-9a-f]{64}$ ]] && output hash "$hash"
	output changes "$(jq '[.changes[] | select(.action != "wait" and .action != "reuse" and (has("ignored_until") | not))] | length > 0' "$folder/plan.json")"
	environment=$(jq -r '.environment' "$folder/plan.json")
	cat "$folder/plan.md" >>"$summary"
}

# hsmctl's own words where there is no plan: escaped, since they quote files.
show_failure() {
	environment=${HSMCTL_ENVIRONMENT:-default}
	{ printf '### hsmctl %s failed with exit code %s\n\n<pre>' "$HSMCTL_COMMAND" "$code"
		head -c 20000 "$folder/stderr" | jq -Rrs 'explode | map(select(. >= 32 or . == 10)) | implode | @html | gsub("\n"; "&#10;")'
		printf '</pre>\n'; } >"$folder/plan.md"
	cat "$folder/plan.md" >>"$summary"
}

plan() {
	local number must=yes
	number=$(event .pull_request.number)
	if [ -n "${HSMCTL_AGAINST:-}" ] && [ ! -e "$HSMCTL_AGAINST" ]; then
		echo "::notice::there is no snapshot yet: a run of the apply or drift workflow on the default branch saves one"
		code=0
		return
	fi
	# -C moves hsmctl to another folder, and the snapshot stays where it is.
	run_hsmctl plan --out "$folder/plan" --format text ${HSMCTL_AGAINST:+--against "$(realpath "$HSMCTL_AGAINST")"}
	if show_plan; then
		[ "$(jq '.changes | length' "$folder/plan.json")" -gt 0 ] || must=no
	else
		show_failure
	fi
	[ -z "$number" ] || upsert_comment "$number" "$(marker plan "$environment")" "$folder/plan.md" "$must"
}

close_pull() {
	local number mark id
	code=0
	number=$(event .pull_request.number)
	mark=$(marker plan "${HSMCTL_ENVIRONMENT:-}")
	pages "$repository/issues/$number/comments" || return 0
	# Without an environment: all of this folder.
	for id in $(jq -r --arg author "$author" --arg mark "${mark% -->}" --argjson all "$([ -z "${HSMCTL_ENVIRONMENT:-}" ] && echo true || echo false)" \
		'.[] | select(.user.login == $author) | select((.body // "") | if $all then startswith("<!-- hsmctl plan ") else startswith($mark) end) | "\(.id)"' "$tmp/pages"); do
		supersede "$id" "$(api GET "$repository/issues/comments/$id" && jq -r '.body | split("\n")[0]' "$tmp/body")" "The pull request is closed: nothing will come of this plan but what was merged."
	done
}

# How far the organisation is with what a plan shows: "STATE DESCRIPTION".
judge() {
	jq -r 'def place: if .file then " (\(.file)\(if .line then ":\(.line)" else "" end))" else "" end;
		def line: "\(.name) \((.languages // []) | join(", ")): \(.reason // .action)\(place)" | gsub("\\s+"; " ");
		([.changes[] | select(.action == "blocked" or .action == "conflict" or .action == "recategorised")] | .[0]) as $problem
		| ([.changes[] | select(.action == "wait") | (.languages // []) | length] | add // 0) as $waiting
		| ([.changes[] | select(.action != "wait" and .action != "reuse")] | length) as $open
		| if $problem then "failure \($problem | line)"
		  elif $waiting > 0 then "pending \($waiting) in review"
		  elif $open > 0 then "failure \($open) changes are not applied"
		  else "success all of it is approved" end' "$1" | cut -c 1-148
}

deployment_status() {
	jq -n --arg state "$2" --arg description "${3:0:140}" --arg url "$run_url" --arg environment "$environment" \
		'{state: $state, description: $description, log_url: $url, environment: $environment, auto_inactive: true}' >"$tmp/json"
	api POST "$repository/deployments/$1/statuses" "$tmp/json" || true
}

begin_deployment() {
	deployment=
	jq -n --arg ref "$GITHUB_SHA" --arg environment "$environment" \
		'{ref: $ref, task: "hsmctl", environment: $environment, auto_merge: false, required_contexts: [], description: "WhatsApp templates"}' >"$tmp/json"
	if api POST "$repository/deployments" "$tmp/json"; then
		deployment=$(jq -r '.id // ""' "$tmp/body")
		deployment_status "$deployment" in_progress "applying"
	fi
}

end_deployment() {
	local verdict
	[ -n "$deployment" ] || return 0
	if [ "$code" != 0 ]; then
		deployment_status "$deployment" failure "hsmctl apply failed with exit code $code: $(head -c 300 "$folder/stderr" | tr -cd '[:print:]' | tail -c 90)"
		return
	fi
	(run_hsmctl plan --out "$folder/after" --format text >/dev/null 2>&1) || true
	[ -s "$folder/after" ] || return 0
	hsmctl show "$folder/after" --format json >"$folder/after.json"
	verdict=$(judge "$folder/after.json")
	deployment_status "$deployment" "${verdict%% *}" "${verdict#* }"
}

# The pull request that the commit came from: its comment says what became of it.
tell_pull() {
	local number
	api GET "$repository/commits/$GITHUB_SHA/pulls" || return 0
	number=$(jq -r '[.[] | select(.merged_at)] | .[0].number // empty' "$tmp/body")
	[ -n "$number" ] || return 0
	{ if [ "$code" = 0 ]; then echo "**Applied** in [this run]($run_url)."; else echo "**The apply failed** with exit code $code, in [this run]($run_url)."; fi
		echo
		cat "$folder/plan.md"; } >"$folder/applied.md"
	upsert_comment "$number" "$(marker plan "$environment")" "$folder/applied.md" no
}

apply() {
	run_hsmctl plan --out "$folder/plan" --format text
	if ! show_plan; then
		show_failure
		return
	fi
	begin_deployment
	run_hsmctl apply "$folder/plan" --yes ${HSMCTL_EXPECT:+--expect "$HSMCTL_EXPECT"}
	output exit-code "$code"
	local applied=$code
	printf '\nhsmctl apply ended with exit code %s.\n' "$code" >>"$summary"
	end_deployment
	code=$applied
	tell_pull
}

label_issue() {
	api GET "$repository/labels/hsmctl-drift" && return 0
	jq -n '{name: "hsmctl-drift", color: "d4c5f9", description: "WhatsApp templates differ from git"}' >"$tmp/json"
	api POST "$repository/labels" "$tmp/json" || true
}

# One issue per environment: opened, updated, closed and opened again.
drift_issue() {
	local mark issue number state
	mark=$(marker drift "$environment")
	pages "$repository/issues?state=all&labels=hsmctl-drift" || return 0
	issue=$(own "$mark" | jq -c '[.[] | select(has("pull_request") | not)] | .[-1] // empty')
	number=$(jq -r '.number // empty' <<<"${issue:-{\}}")
	state=$(jq -r '.state // empty' <<<"${issue:-{\}}")
	{ echo "$mark"; cat "$folder/plan.md"; printf 'Seen by [this run](%s).\n' "$run_url"; } >"$tmp/issue"
	if [ "$code" = 0 ]; then
		[ "$state" = open ] || return 0
		echo "Nothing differs any more: [this run]($run_url)." >"$tmp/text"
		body_json "$tmp/text"
		api POST "$repository/issues/$number/comments" "$tmp/json" || true
		echo '{"state": "closed", "state_reason": "completed"}' >"$tmp/json"
		api PATCH "$repository/issues/$number" "$tmp/json" || true
	elif [ -n "$number" ]; then
		# Only what is new is written: every edit tells its watchers.
		if [ "$state" = open ] && diff -q <(jq -j '.body' <<<"$issue" | grep -v '^Seen by' | tr -d '\r') <(grep -v '^Seen by' "$tmp/issue") >/dev/null; then
			return 0
		fi
		jq -Rs '{body: .[0:65536], state: "open"}' "$tmp/issue" >"$tmp/json"
		api PATCH "$repository/issues/$number" "$tmp/json" || true
	else
		label_issue
		jq -Rs --arg environment "$environment" '{title: "WhatsApp templates of \($environment) differ from git"[0:256], body: .[0:65536], labels: ["hsmctl-drift"]}' "$tmp/issue" >"$tmp/json"
		api POST "$repository/issues" "$tmp/json" || true
	fi
}

# A review takes a day: what an apply left pending is settled by a later run.
settle_deployment() {
	local id sha state verdict
	api GET "$repository/deployments?task=hsmctl&environment=$(jq -rn --arg e "$environment" '$e | @uri')&per_page=1" || return 0
	id=$(jq -r '.[0].id // empty' "$tmp/body")
	sha=$(jq -r '.[0].sha // empty' "$tmp/body")
	[[ $id =~ ^[0-9]+$ && $sha =~ ^[0-9a-f]{40}$ ]] || return 0
	api GET "$repository/deployments/$id/statuses?per_page=1" || return 0
	state=$(jq -r '.[0].state // ""' "$tmp/body")
	[ "$state" = pending ] || [ "$state" = in_progress ] || return 0
	(run_hsmctl plan --rev "$sha" --out "$folder/deployed" --format text >/dev/null 2>&1) || true
	[ -s "$folder/deployed" ] || return 0
	hsmctl show "$folder/deployed" --format json >"$folder/deployed.json"
	verdict=$(judge "$folder/deployed.json")
	[ "${verdict%% *}" = "$state" ] || deployment_status "$id" "${verdict%% *}" "${verdict#* }"
}

drift() {
	run_hsmctl drift --out "$folder/plan" --format text
	if ! show_plan; then
		show_failure
		return
	fi
	drift_issue
	local found=$code
	settle_deployment
	code=$found
}

case $HSMCTL_COMMAND in
plan) plan ;;
apply) apply ;;
drift) drift ;;
close) close_pull ;;
*) echo "::error::command is plan, apply, drift or close, not '$HSMCTL_COMMAND'" && exit 64 ;;
esac
exit "$code"
