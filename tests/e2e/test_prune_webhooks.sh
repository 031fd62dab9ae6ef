#!/bin/bash
# What goes with --prune and when; webhooks; thresholds.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"

# version N BODY: the template t keeps N versions
keeping() {
	template t en_US "$2"
	printf 'lifecycle: {keep: %s}\n' "$1" >>templates/t.yaml
}
apply() { "$hsmctl" apply --yes "$@" >/dev/null 2>&1; }
names() { live | cut -d' ' -f1,2 | tr '\n' '|'; }

echo "# Delete"
emulator
repository
template keep en_US "Stays." es_ES "Se queda."
template gone en_US "Goes." es_ES "Se va."
commit "First"
apply
seed foreign_v1 en_US "Somebody's."
seed gone_v2 en_US "Somebody's version of it."
git rm -q templates/gone.yaml
template keep en_US "Stays."
commit "Without gone, and without Spanish"
expect 0 "without --prune nothing is deleted" "$hsmctl" apply --yes --strict
contains out "but said" "3 that git no longer has: --prune deletes."
expect 0 "and it is no difference" "$hsmctl" plan --detailed-exitcode
expect 2 "with --prune it is" "$hsmctl" plan --prune --detailed-exitcode --format json
equals "what git had goes" "$(actions)" "delete gone_v1 en_US,es_ES|delete keep_v1 es_ES|"
equals "what no commit ever had stays" "$(jq .summary.unmanaged "$work/out")" 1
expect 0 "--prune --target" "$hsmctl" plan --prune --target 'k*' --format json
equals "is of that one" "$(actions)" "delete keep_v1 es_ES|"
expect 0 "a plan that deletes is saved" "$hsmctl" plan --prune --out "$work/plan"

echo "# Nothing old goes while something new is on its way"
template new en_US "New."
commit "Something new"
expect 0 "with a create" "$hsmctl" plan --prune --format json
equals "deletes wait" "$(jq -c '[.changes[] | select(.action == "delete") | .waiting] | unique' "$work/out")" "[true]"
equals "and are no requests" "$(jq .summary.requests "$work/out")" 1
expect 0 "as text" "$hsmctl" plan --prune
contains out "with the reason" "waits until every translation in git is APPROVED: 1 is not"
expect 0 "applied" "$hsmctl" apply --prune --yes
equals "all is there still" "$(names)" "foreign_v1 en_US|gone_v1 en_US|gone_v1 es_ES|gone_v2 en_US|keep_v1 en_US|keep_v1 es_ES|new_v1 en_US|"
for status in PENDING REJECTED PAUSED; do
	review "{\"name\": \"new_v1\", \"status\": \"$status\"}"
	expect 0 "$status" "$hsmctl" apply --prune --yes
	equals "nothing goes" "$(live | wc -l)" 7
	expect 0 "$status, with --target of another" "$hsmctl" apply --prune --yes --target keep
	equals "nor does that" "$(live | wc -l)" 7
done
review '{"name": "new_v1", "status": "APPROVED"}'
expect 0 "all is APPROVED" "$hsmctl" apply "$work/plan" --yes
equals "they go" "$(names)" "foreign_v1 en_US|gone_v2 en_US|keep_v1 en_US|new_v1 en_US|"
expect 0 "the plan applied again" "$hsmctl" apply "$work/plan" --yes
contains out "finds it done" "0 done, 3 done already"
expect 0 "and nothing is left to prune" "$hsmctl" plan --prune --detailed-exitcode

echo "# A deleted name is locked"
git checkout -q HEAD~1 -- . && git checkout -q HEAD~2 -- templates
commit "Gone is back"
expect 0 "its language that somebody has otherwise is a conflict" "$hsmctl" plan --target gone --format json
equals "the other is created" "$(actions)" "create gone_v2 es_ES|conflict gone_v2 en_US|"
expect 75 "keep_v1 is locked" "$hsmctl" apply --yes --target keep
contains err "it is said" "keep_v1 es_ES"
contains err "with the date" "$(date -u -d '+30 days' +%Y-%m-%d)"
contains err "and what to do" "--resubmit keep"
expect 0 "--resubmit takes the next number" "$hsmctl" apply --yes --target keep --resubmit keep
equals "keep_v2" "$(live | grep '^keep.*es_ES')" "keep_v2 es_ES APPROVED Se queda."
expect 0 "and all is well" "$hsmctl" plan --target keep --detailed-exitcode

echo "# Retire"
fresh retire
for n in 1 2 3 4; do
	keeping 2 "Number $n."
	commit "Number $n"
	apply
done
expect 2 "versions beyond those to keep" "$hsmctl" plan --prune --detailed-exitcode --format json
equals "the oldest" "$(actions)" "retire t_v1 en_US|retire t_v2 en_US|"
equals "with the commits that replaced them" "$(jq -r '.changes[].origin | "\(.kind) \(.subject)"' "$work/out" | tr '\n' '|')" \
	"git-ahead Number 2|git-ahead Number 3|"
keeping 1 "Number 4."
commit "Keep one"
expect 0 "keep: 1" "$hsmctl" plan --prune --format json
equals "the one active before stays" "$(actions)" "retire t_v1 en_US|retire t_v2 en_US|"
keeping 1 "Number 1."
commit "Back to the first"
expect 0 "git went back" "$hsmctl" plan --prune --format json
equals "the target stays, and the one active before" "$(actions)" "reuse t_v1 en_US|retire t_v2 en_US|retire t_v3 en_US|"
keeping 1 "Number 4."
commit "Forward again"
seed t_v3 es_ES "Somebody's."
remove_live t_v2+en_US
seed t_v2 en_US "Somebody's, too."
expect 0 "applied with --prune" "$hsmctl" apply --yes --prune
equals "what no commit ever had stays" "$(names)" "t_v2 en_US|t_v3 en_US|t_v3 es_ES|t_v4 en_US|"
keeping 1 "Number 5."
commit "Number 5"
review '{"name": "*", "status": "APPROVED"}'
expect 0 "while the new one is created" "$hsmctl" apply --yes --prune
equals "nothing is retired" "$(names)" "t_v2 en_US|t_v3 en_US|t_v3 es_ES|t_v4 en_US|t_v5 en_US|"
expect 0 "and then" "$hsmctl" apply --yes --prune
equals "it is" "$(names)" "t_v2 en_US|t_v3 es_ES|t_v4 en_US|t_v5 en_US|"

echo "# Webhooks"
fresh webhooks
hooks() { admin GET state | jq -c '[.webhooks[] | del(.id, .dateCreated, .dateModified)]'; }
hook() {
	printf 'environments:\n  dev:\n    base_url: %s\n    webhooks:\n' "$url" >hsmctl.yaml
	printf '      - {name: life, url: "%s", events: [whatsapp_status_update], enabled: %s, secret: HOOK_SECRET}\n' "$1" "$2" >>hsmctl.yaml
}
export HOOK_SECRET=planted-secret-of-the-hook
hook http://127.0.0.1:1/a true
template t en_US "Hello."
commit "A webhook"
expect 77 "the secret's variable is not set" env -u HOOK_SECRET "$hsmctl" apply --yes
contains err "it is named" HOOK_SECRET
equals "nothing at all is written" "$(writes)" 0
expect 77 "nor where it is empty" env HOOK_SECRET= "$hsmctl" apply --yes
expect 2 "a plan needs no secret" env -u HOOK_SECRET "$hsmctl" plan --out "$work/plan" --detailed-exitcode
if grep -q planted-secret "$work/plan"; then bad "the secret is in the plan"; else ok "the secret is not in the plan"; fi
expect 0 "created" "$hsmctl" apply "$work/plan" --yes
equals "as it is in git" "$(hooks | jq -r '.[0] | "\(.name) \(.url) \(.events | join(",")) \(.enabled)"')" \
	"life http://127.0.0.1:1/a whatsapp_status_update true"
expect 0 "nothing differs" "$hsmctl" plan --detailed-exitcode
expect 0 "applied again" "$hsmctl" apply "$work/plan" --yes
contains out "done already" "0 done, 2 done already"
hook http://127.0.0.1:1/b false
commit "It moved"
expect 2 "changed" "$hsmctl" plan --detailed-exitcode --format json --out "$work/plan"
equals "an update" "$(actions)" "update life |"
equals "with what differs" "$(jq -r '.changes[0].diffs[] | "\(.path) \(.old) \(.new)"' "$work/out" | tr '\n' '|')" \
	"url http://127.0.0.1:1/a http://127.0.0.1:1/b|enabled true false|"
expect 0 "updated" "$hsmctl" apply --yes
equals "it is as git says" "$(hooks | jq -r '.[0] | "\(.url) \(.enabled)"')" "http://127.0.0.1:1/b false"
hook http://127.0.0.1:1/c false
commit "It moved again"
apply
expect 4 "the plan of before is stale" "$hsmctl" apply "$work/plan" --yes
contains err "it is the webhook" "life (webhook) was changed since"
printf 'environments:\n  dev:\n    base_url: %s\n' "$url" >hsmctl.yaml
commit "No webhook"
expect 0 "gone from git: nothing without --prune" "$hsmctl" apply --yes
equals "it is there" "$(hooks | jq length)" 1
token=$(curl -fsS -u "id-of-the-tests:x" -d grant_type=client_credentials "$url/oauth/token" | jq -r .access_token)
curl -fsS -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
	-d '{"name": "somebodys", "url": "http://127.0.0.1:1/s", "events": ["whatsapp_status_update"]}' \
	"$url/api/v2/messaging/webhooks" >/dev/null || bad "somebody's webhook is not made"
expect 0 "--prune" "$hsmctl" apply --yes --prune
equals "git's is deleted, somebody's stays" "$(hooks | jq -r '.[].name')" "somebodys"

echo "# Thresholds"
fresh policy
for n in 1 2 3 4; do template "t$n" en_US "This is number $n."; done
policy() { printf 'environments: {dev: {base_url: "%s"}}\npolicy: {%s}\n' "$url" "$1" >hsmctl.yaml; }
policy 'max_change_percent: 30, max_delete_percent: 10'
commit "Four"
expect 0 "creates are no changes" "$hsmctl" apply --yes
template t1 en_US "Changed."
commit "One of four"
expect 0 "25% of 30%" "$hsmctl" plan
template t2 en_US "Changed, too."
commit "Two of four"
expect 5 "50%" "$hsmctl" plan --out "$work/plan"
contains out "the plan is complete" "Plan: 2 to replace (2 requests). 2 in sync."
contains err "the threshold and how to exceed it" "max_change_percent is 30: this plan replaces, deletes or retires 2 of 4 managed templates (50%); where that is meant: --exceed max_change_percent"
expect 5 "apply, too" "$hsmctl" apply --yes
expect 5 "and a saved plan" "$hsmctl" apply "$work/plan" --yes
expect 5 "another policy's name does not help" "$hsmctl" apply --yes --exceed max_delete_percent
expect 5 "before --detailed-exitcode" "$hsmctl" plan --detailed-exitcode
equals "nothing is applied" "$(posts)" 4
policy 'max_change_percent: 30, max_delete_percent: 10, min_existing: 5'
commit "A minimum"
expect 0 "percentages are not checked under the minimum" "$hsmctl" plan
policy 'max_change_percent: 30, max_delete_percent: 10, min_existing: 4'
commit "Another minimum"
expect 5 "at the minimum they are" "$hsmctl" plan
expect 64 "--exceed of a policy that is none" "$hsmctl" plan --exceed max_changes
expect 0 "--exceed" "$hsmctl" apply --yes --exceed max_change_percent
git rm -q templates/t4.yaml
commit "Without t4"
expect 0 "no delete without --prune" "$hsmctl" plan
expect 5 "25% of 10%" "$hsmctl" plan --prune
contains err "the delete's threshold" "max_delete_percent is 10: this plan deletes 1 of 4 managed templates (25%)"
expect 0 "--exceed of a delete" "$hsmctl" apply --yes --prune --exceed max_delete_percent
policy 'max_change_percent: 0'
template t1 en_US "Changed again."
commit "None may change"
expect 5 "0 is a threshold" "$hsmctl" plan
expect 2 "drift has none" "$hsmctl" drift
finish
