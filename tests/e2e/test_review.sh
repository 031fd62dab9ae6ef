#!/bin/bash
# What reviews are made of: a plan held to its hash, snapshots, drift that is known,
# versions beside commits, several environments, and what policy refuses.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"

plan_hash() { "$hsmctl" plan --format json "$@" 2>/dev/null | jq -r .hash; }

echo "# A plan that is held to its hash"
emulator
repository
template greeting en_US "Hello there, friend."
template other en_US "Something else entirely."
commit "First"
hash=$(plan_hash)
equals "of 64 digits" "$(echo "$hash" | grep -cE '^[0-9a-f]{64}$')" 1
git commit -q --amend -m "The same under another name"
equals "the commit is not in it" "$(plan_hash)" "$hash"
seed somebody_elses_v1 en_US "Not ours."
equals "nor what is not git's" "$(plan_hash)" "$hash"
expect 64 "too short a hash" "$hsmctl" apply --expect "${hash:0:8}" --yes
expect 64 "no hash" "$hsmctl" apply --expect "zz${hash:2}" --yes
expect 4 "another plan" "$hsmctl" apply --expect "$(printf '0%.0s' $(seq 64))" --yes
contains err "says what is planned now" "${hash:0:16}"
equals "and writes nothing" "$(posts)" 0
seed greeting_v1 en_US "Hello, by somebody's hand."
expect 4 "what it touches moved" "$hsmctl" apply --expect "$hash" --yes
equals "and nothing is written" "$(posts)" 0
remove_live greeting_v1+en_US
expect 0 "a saved plan of that hash" "$hsmctl" plan --out "$work/plan"
expect 4 "is held to it, too" "$hsmctl" apply "$work/plan" --expect "$(printf '1%.0s' $(seq 64))" --yes
expect 0 "the reviewed plan, by the digits that are shown" "$hsmctl" apply --expect "${hash:0:16}" --yes
equals "it is done" "$(posts)" 2

echo "# Formats"
template greeting en_US "Hello there, \`friend\` <b>you</b> @acme/team #12 [x](https://e.example) |."
commit "Hostile \`code\` </details> @all"
for format in text json markdown html sarif github gitlab; do
	expect 0 "plan as $format" "$hsmctl" plan --format "$format"
	cp "$work/out" "$work/direct"
	expect 0 "saved" "$hsmctl" plan --out "$work/plan" -q
	expect 0 "show as $format" "$hsmctl" show "$work/plan" --format "$format"
	cmp -s "$work/out" "$work/direct" && ok "the same bytes" || bad "the same bytes as $format"
done
expect 0 "Markdown" "$hsmctl" plan --format markdown
lacks out "no mention" "@acme"
lacks out "no HTML" "<b>you"
lacks out "no code" '`friend`'
lacks out "no link" "](https://e.example"
equals "its details end once" "$(grep -c '</details>' "$work/out")" 1
expect 0 "GitHub's links" env GITHUB_SERVER_URL=https://github.com GITHUB_REPOSITORY=acme/messages "$hsmctl" plan --format markdown
contains out "to the line" "/acme/messages/blob/$(git rev-parse HEAD)/templates/greeting.yaml#L4)"
expect 0 "GitLab's links" env CI_PROJECT_URL=https://gitlab.com/acme/messages "$hsmctl" plan --format markdown
contains out "to the line" "https://gitlab.com/acme/messages/-/blob/"
expect 0 "a link that would not be one" env GITHUB_SERVER_URL='javascript:x(' GITHUB_REPOSITORY='a)b' "$hsmctl" plan --format markdown
lacks out "is left out" "javascript"
expect 0 "HTML" "$hsmctl" plan --format html
equals "loads and runs nothing" "$(grep -ciE '<script|<img|<link|<iframe| src=| href=|url\(' "$work/out")" 0

echo "# Snapshots"
expect 0 "a snapshot" "$hsmctl" snapshot --out "$work/snapshot"
expect 0 "to stdout" "$hsmctl" snapshot
equals "it holds what is live" "$(jq '.templates | length' "$work/out")" "$(live | wc -l)"
if grep -q "planted-secret\|id-of-the-tests" "$work/snapshot"; then bad "a secret is in the snapshot"; else ok "no secret in the snapshot"; fi
none="env -u GENESYSCLOUD_OAUTHCLIENT_ID -u GENESYSCLOUD_OAUTHCLIENT_SECRET"
expect 0 "a plan against it, without credentials" $none "$hsmctl" plan --against "$work/snapshot" --format json --out "$work/offline"
equals "is the plan" "$(jq -r .hash "$work/out")" "$(plan_hash)"
equals "and says as of when" "$(jq -r .snapshot "$work/out" | grep -c Z)" 1
equals "and not where it goes" "$(jq 'has("target")' "$work/out")" false
expect 65 "it cannot be applied" "$hsmctl" apply "$work/offline" --yes
contains err "but its hash can" "--expect"
printf 'environments:\n  prod:\n    base_url: %s\n' "$url" >hsmctl.yaml
expect 64 "another environment's snapshot" "$hsmctl" plan --against "$work/snapshot"
git checkout -q hsmctl.yaml
for broken in '' '{}' '[]' 'x' '{"format_version":"9","tool_version":"x","environment":"dev","taken":"x","provider_id":"p","templates":[]}' \
	'{"format_version":"1","tool_version":"x","environment":"dev","taken":"x","provider_id":"p","templates":[{"name":1}]}' \
	'{"format_version":"1","tool_version":"x","environment":"dev","taken":"x","provider_id":"p"}'; do
	printf '%s' "$broken" >"$work/broken"
	expect 65 "no snapshot: '${broken:0:30}'" "$hsmctl" plan --against "$work/broken"
done
expect 66 "no such snapshot" "$hsmctl" plan --against "$work/nothing"

echo "# Drift that is known"
expect 2 "drift" "$hsmctl" drift
contains out "of the commit that made it" "git-ahead: $(git rev-parse --short=7 HEAD)"
contains out "titled so" "hsmctl drift: dev"
expect 0 "known until a day" "$hsmctl" drift --ignore 'greet*:2999-12-31'
contains out "is said to be" "ignored until 2999-12-31"
contains out "and counted" "1 ignored"
expect 2 "known until a day that is over" "$hsmctl" drift --ignore 'greet*:2020-01-01'
contains err "which is said" "has expired"
expect 2 "of other names" "$hsmctl" drift --ignore 'other:2999-12-31'
for wrong in greeting greeting: greeting:tomorrow :2999-12-31 greeting:2999-13-31 greeting:2999-1-31; do
	expect 64 "--ignore $wrong" "$hsmctl" drift --ignore "$wrong"
done
expect 2 "as JSON" "$hsmctl" drift --format json
equals "with the commit's author and date" "$(jq -r '.changes[0].origin | "\(.author) \(.date | length)"' "$work/out")" "Ana Ruiz 10"
review '{"name": "other*", "category": "MARKETING"}'
expect 2 "a category that Meta changed" "$hsmctl" drift --format json
equals "is a class of its own, with its cost" "$(jq -r '.changes[] | select(.action == "recategorised") | .cost' "$work/out")" higher
review '{"name": "other*", "category": "UTILITY"}'

echo "# One variable, many templates"
fresh grouped
printf 'variables: {legal: Acme Ltd}\n' >>hsmctl.yaml
for i in $(seq 12); do template "note_$i" en_US "Note number $i for you, by \${legal} of London."; done
template plain en_US "Nothing of the sort in here."
commit "First"
expect 0 "applied" "$hsmctl" apply --yes
sed -i 's/Acme Ltd/Acme GmbH/' hsmctl.yaml
template plain en_US "Nothing of that sort in here."
commit "Another form"
expect 0 "a plan" "$hsmctl" plan
contains out "is grouped by the cause" "12 templates"
contains out "which is named" "changed by hsmctl.yaml's variables alone: legal"
equals "and shown once" "$(grep -c 'Acme GmbH' "$work/out")" 1
contains out "what has another cause is not in it" "plain_v1 → v2"
sed -i 's/for you/for all/' templates/note_3.yaml
commit "And other words"
expect 0 "a plan" "$hsmctl" plan
contains out "a file that changed, too, is not" "11 templates"

echo "# Versions beside commits"
fresh versions
template greeting en_US "Hello there, friend." es_ES "Hola, buenos amigos."
commit "First words"
"$hsmctl" apply --yes -q >/dev/null 2>&1
template greeting en_US "Hello there, my friend." es_ES "Hola, buenos amigos."
commit "Second words"
"$hsmctl" apply --yes -q >/dev/null 2>&1
seed greeting_v7 en_US "By hand."
template greeting en_US "Never applied, my friend." es_ES "Hola, buenos amigos."
commit "Third words"
expect 0 "history" "$hsmctl" history greeting
equals "who made the first" "$(grep 'greeting_v1 *en_US' "$work/out" | grep -c 'Ana Ruiz *First words')" 1
equals "who made the second" "$(grep 'greeting_v2 *en_US' "$work/out" | grep -c 'Second words')" 1
equals "what nobody made" "$(grep 'greeting_v7' "$work/out" | grep -c 'no commit ever had it')" 1
equals "what is not live" "$(grep 'not live' "$work/out" | grep -c 'Third words')" 1
expect 0 "as JSON" "$hsmctl" history greeting --format json
equals "all of them" "$(jq '.versions | length' "$work/out")" 5
expect 64 "a name with a version" "$hsmctl" history greeting_v1
expect 64 "a name that never was" "$hsmctl" history nothing
expect 0 "diff of two versions" "$hsmctl" diff greeting v1 v2
contains out "what went" "- body: Hello there, friend."
contains out "what came" "+ body: Hello there, my friend."
contains out "a language without the second" "greeting es_ES: v1 → nothing"
expect 0 "of a version and git" "$hsmctl" diff greeting 2 git --format json
equals "as JSON" "$(jq -r '.diffs[0].new' "$work/out")" "Never applied, my friend."
expect 64 "a version that never was" "$hsmctl" diff greeting v1 v9
expect 64 "no version" "$hsmctl" diff greeting v1 second
git clone -q --depth 1 "file://$PWD" "$work/shallow" && cd "$work/shallow" || exit 1
expect 0 "in a shallow clone" "$hsmctl" history greeting
contains out "what is not known is said" "the history is not all here"

echo "# Histories that were moved, merged, undone and rewritten"
fresh rewritten
template greeting en_US "Hello there, friend."
commit "First"
"$hsmctl" apply --yes -q >/dev/null 2>&1
mkdir templates/sub && git mv templates/greeting.yaml templates/sub/hello.yaml && commit "Moved and renamed"
expect 0 "a file that moved" "$hsmctl" plan --detailed-exitcode
sed -i 's/friend/my friend/' templates/sub/hello.yaml
commit "Warmer"
"$hsmctl" apply --yes -q >/dev/null 2>&1
git revert --no-edit HEAD >/dev/null
expect 0 "a revert" "$hsmctl" plan --format json
equals "goes back to what is approved" "$(actions)" "reuse greeting_v1 en_US|"
git revert --no-edit HEAD >/dev/null
expect 0 "a revert that is reverted" "$hsmctl" plan --detailed-exitcode
git checkout -q -b side HEAD~2
template side en_US "Something from another branch."
commit "On a branch"
git checkout -q main && git merge -q --no-edit side
expect 0 "a merge" "$hsmctl" plan --format json
equals "brings what its branch made" "$(jq -r '.changes[] | select(.action == "create") | .origin.subject' "$work/out")" "On a branch"
git checkout -q --orphan other && git reset -q && rm -rf templates && mkdir templates
template greeting en_US "Quite another history."
template side en_US "Something from another branch."
commit "Forced"
git branch -qD main side && git reflog expire --expire=now --all && git gc -q --prune=now
expect 0 "after a forced push" "$hsmctl" plan
contains out "no commit is made up" "no commit ever had what is live"
equals "and nothing is overwritten" "$("$hsmctl" plan --format json 2>/dev/null | actions /dev/stdin | tr '|' '\n' | grep -c '^conflict greeting')" 1

echo "# What a flow needs"
fresh flows
template greeting en_US "Hello there, friend." es_ES "Hola, buenos amigos."
commit "First"
"$hsmctl" apply --yes -q >/dev/null 2>&1
template greeting en_US "Hello there, my friend." es_ES "Hola, buenos amigos."
commit "Second"
"$hsmctl" apply --yes -q >/dev/null 2>&1
printf 'templates:\n  greeting: {}\n' >"$work/requires"
expect 0 "all of it is active" "$hsmctl" check --requires "$work/requires"
printf 'templates:\n  greeting: {languages: [en_US], version: 3}\n' >"$work/requires"
expect 6 "a later version" "$hsmctl" check --requires "$work/requires"
contains out "is missing" "missing greeting en_US: v2 is active, v3 is needed"
printf 'templates:\n  greeting: {languages: [fr], parameters: [name], buttons: [A]}\n  gone: {}\n' >"$work/requires"
expect 6 "languages, templates" "$hsmctl" check --requires "$work/requires" --format json
equals "which are named" "$(jq -r '[.requirements[].reason] | join("; ")' "$work/out")" "git has not this language here; git has no template of that name here"
printf 'templates:\n  greeting: {languages: [en_US], parameters: [name]}\n' >"$work/requires"
expect 6 "parameters that it does not take" "$hsmctl" check --requires "$work/requires"
printf 'templates:\n  greeting: {languages: [en_US], buttons: [A]}\n' >"$work/requires"
expect 6 "a button that it has not" "$hsmctl" check --requires "$work/requires"
printf 'templates:\n  greeting: {lang: en}\n' >"$work/requires"
expect 65 "a key that is not known" "$hsmctl" check --requires "$work/requires"
contains err "is an error at its line" "requires:2:"
expect 64 "without a file" "$hsmctl" check
expect 66 "without that file" "$hsmctl" check --requires "$work/nowhere"
seed waits_v1 en_US "It waits for a review." PENDING
template waits en_US "It waits for a review."
commit "Waits"
printf 'templates:\n  waits: {}\n' >"$work/requires"
expect 75 "a review is awaited" "$hsmctl" check --requires "$work/requires"

echo "# Several environments"
first=$url first_pid=$emulator_pid
emulator
mkdir -p "$work/matrix/templates" && cd "$work/matrix" && git init -q -b main . || exit 1
printf 'environments:\n  dev: {base_url: "%s"}\n  prod: {base_url: "%s"}\n  down: {base_url: "http://127.0.0.1:1"}\n' "$first" "$url" >hsmctl.yaml
printf 'name: waits\ncategory: UTILITY\ntranslations:\n  en_US: {version: 1, body: It waits for a review.}\n' >templates/waits.yaml
commit "First"
expect 0 "a plan of two" "$hsmctl" plan -e dev,prod
contains out "a column each" "TEMPLATE  LANGUAGE  dev      prod"
contains out "what differs where" "waits     en_US     wait v1  create v1"
expect 2 "drift of two" "$hsmctl" drift -e dev,prod --format json
equals "as JSON" "$(jq -r '.rows[] | select(.template == "waits") | .states.prod' "$work/out")" "create v1"
expect 0 "as Markdown" "$hsmctl" plan -e dev,prod --format markdown
contains out "a table" "| waits | en_US | wait v1 | create v1 |"
expect 0 "their status" "$hsmctl" status -e prod,dev
contains out "beside each other" "nothing active, git's is not live  nothing active, then v1 PENDING"
expect 69 "one is down" "$hsmctl" plan -e dev,down,prod --timeout 20
contains out "which hides no other" "wait v1  ?     create v1"
expect 64 "twice the same" "$hsmctl" plan -e dev,dev
expect 64 "a format of one" "$hsmctl" plan -e dev,prod --format html
expect 64 "an apply to two" "$hsmctl" apply -e dev,prod --yes
kill "$first_pid"

echo "# Policy"
fresh policy
template greeting en_US "Hello there, friend."
template legal en_US "Our terms are as they are."
commit "First"
"$hsmctl" apply --yes -q >/dev/null 2>&1
printf 'policy: {protect: ["legal*"]}\n' >>hsmctl.yaml
template legal en_US "Our terms are other terms now."
commit "Other terms"
count=$(posts)
expect 5 "a protected template" "$hsmctl" plan --out "$work/protected"
contains err "is named, with its policy" "1 that policy protects: legal; where that is meant: --exceed protect"
for flags in "" "--exceed max_change_percent" "--exceed apply_window" "--allow-dirty" "--strict" "--overwrite legal" "--resubmit legal" \
	"--prune" "--target legal" "--expect $(plan_hash)" "--parallelism 1"; do
	expect 5 "no flag applies it: $flags" "$hsmctl" apply --yes $flags
done
expect 5 "nor a saved plan" "$hsmctl" apply "$work/protected" --yes
equals "nothing is written" "$(posts)" "$count"
expect 0 "others may go" "$hsmctl" apply --yes --target greeting
expect 0 "but the one that names it" "$hsmctl" apply --yes --exceed protect
equals "it is written" "$(posts)" $((count + 1))
now=$(date -u +%H:%M) later=$(date -u -d '+2 hours' +%H:%M) latest=$(date -u -d '+3 hours' +%H:%M)
printf 'environments:\n  dev:\n    base_url: %s\n    apply_window: {from: "%s", to: "%s"}\n' "$url" "$later" "$latest" >hsmctl.yaml
template greeting en_US "Hello there, my good friend."
commit "A window"
expect 0 "a plan at any time" "$hsmctl" plan --out "$work/windowed"
expect 5 "an apply outside its window" "$hsmctl" apply --yes
contains err "says when" "dev may be applied every day from $later to $latest UTC only"
expect 5 "nor by another flag" "$hsmctl" apply --yes --exceed protect --exceed max_change_percent --allow-dirty
expect 5 "nor a saved plan" "$hsmctl" apply "$work/windowed" --yes
expect 0 "but by its own" "$hsmctl" apply "$work/windowed" --yes --exceed apply_window
expect 0 "with nothing to do it is open" "$hsmctl" apply --yes
sed -i "s/from: \"$later\", to: \"$latest\"/from: \"00:00\", to: \"00:00\"/" hsmctl.yaml
template greeting en_US "Hello there, my best friend."
commit "Always"
expect 0 "within its window" "$hsmctl" apply --yes
sed -i 's/apply_window: .*/apply_window: {from: "25:00", to: "9"}/' hsmctl.yaml
expect 78 "a time that is none" "$hsmctl" plan
finish
