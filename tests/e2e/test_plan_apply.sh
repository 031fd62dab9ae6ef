#!/bin/bash
# What a plan says of each difference and whose it is; what --target, --prune,
# --resubmit and --overwrite do; thresholds, webhooks, questions and exit codes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"

origin() { jq -r '.changes[0].origin | "\(.kind) \(.commit // "")"' "$work/out"; }

echo "# Drift, and whose it is"
emulator
repository
template greeting en_US "Hello." es_ES "Hola."
template other en_US "Something else."
commit "First"
expect 0 "applied" "$hsmctl" apply --yes
expect 0 "no drift" "$hsmctl" drift
contains out "the title" "hsmctl drift: dev"
template greeting en_US "Hello there." es_ES "Hola."
commit "A friendlier greeting"
expect 2 "drift: git is ahead" "$hsmctl" drift --format json
equals "by which commit" "$(origin)" "git-ahead $(git rev-parse HEAD)"
expect 0 "a plan without --detailed-exitcode" "$hsmctl" plan
git clone -q --depth 1 "file://$PWD" "$work/shallow"
expect 2 "drift in a shallow clone" "$hsmctl" -C "$work/shallow" drift --format json
equals "it can't tell" "$(origin)" "unknown "
expect 2 "and as text" "$hsmctl" -C "$work/shallow" drift
contains out "how to get history" "git fetch --unshallow"
expect 0 "nothing is overwritten that is unknown" "$hsmctl" -C "$work/shallow" apply --yes
equals "it is a conflict" "$(live | grep -c Hello)" 1
git checkout -q HEAD~1
expect 0 "no drift at the commit before" "$hsmctl" drift
git checkout -q main
remove_live other_v1+en_US
expect 2 "drift: deleted by hand" "$hsmctl" drift --target other --format json
equals "it is created anew" "$(actions)" "create other_v1 en_US|"

echo "# Conflict, --overwrite"
fresh conflict
template greeting en_US "Hello." es_ES "Hola."
commit "First"
"$hsmctl" apply --yes >/dev/null 2>&1
seed greeting_v2 en_US "Hello from the console."
expect 0 "another version beside the one that git has" "$hsmctl" drift --format json
equals "is not used" "$(actions)" "reuse greeting_v1 en_US|"
template greeting en_US "Hello there." es_ES "Hola."
commit "An unrelated change"
expect 2 "drift: out of band" "$hsmctl" drift --format json
expect 2 "a conflict" "$hsmctl" plan --format json --detailed-exitcode
equals "not overwritten" "$(actions)" "conflict greeting_v2 en_US|"
equals "out of band" "$(origin)" "out-of-band "
expect 0 "apply goes on" "$hsmctl" apply --yes
contains err "with a warning" "greeting_v2 is in conflict: no commit ever had what is live: apply --overwrite greeting"
expect 6 "--strict" "$hsmctl" apply --yes --strict
expect 64 "--overwrite of a name that git has not" "$hsmctl" apply --yes --overwrite greting
expect 0 "--overwrite" "$hsmctl" apply --yes --strict --overwrite greeting
equals "the next number" "$(live | grep 'Hello there')" "greeting_v3 en_US APPROVED Hello there."

echo "# Blocked, --resubmit"
review '{"name": "greeting_v3", "status": "REJECTED", "reason": "PROMOTIONAL"}'
expect 2 "a rejection is a difference" "$hsmctl" plan --detailed-exitcode
contains out "blocked, with the reason" "REJECTED: PROMOTIONAL"
contains out "and the place in git" "templates/greeting.yaml:4:3"
expect 6 "blocked with --strict" "$hsmctl" apply --yes --strict
expect 0 "--resubmit" "$hsmctl" apply --yes --strict --resubmit greeting
equals "it takes the next number" "$(live | grep 'Hello there' | tail -1)" "greeting_v4 en_US APPROVED Hello there."
review '{"name": "greeting_v4", "status": "ARCHIVED"}'
expect 0 "a status that nobody knows what to do about" "$hsmctl" plan
contains out "is blocked with it" "ARCHIVED"
review '{"name": "greeting_v4", "status": "PAUSED"}'
expect 0 "PAUSED is waited for" "$hsmctl" plan --detailed-exitcode
contains out "it waits" "… wait  greeting_v4"
review '{"name": "greeting_v4", "status": "APPROVED"}'

echo "# Recategorised"
review '{"name": "greeting_v4", "category": "MARKETING"}'
expect 2 "another category" "$hsmctl" plan --detailed-exitcode
contains out "with both" "UTILITY in git, MARKETING live: write category: MARKETING to accept it"
expect 6 "--strict, too" "$hsmctl" apply --yes --strict
equals "never resubmitted by itself" "$(live | grep -c 'Hello there')" 2
sed -i 's/UTILITY/MARKETING/' templates/greeting.yaml
commit "Accept MARKETING"
expect 0 "accepted by a line in git" "$hsmctl" plan --target greeting --format json
equals "of the language that moved" "$(actions)" "recategorised greeting_v1 es_ES|"
contains out "where git changed the row says so" "apply --resubmit greeting, or a bump, submits it anew"
expect 0 "--resubmit of what git recategorised" "$hsmctl" apply --yes --resubmit greeting
equals "under the new category" "$(admin GET state | jq -r '.templates[] | select(.language == "es_ES") | "\(.name) \(.category)"' | sort | tail -1)" "greeting_v4 MARKETING"

echo "# Reuse"
fresh reuse
template greeting en_US "Hello." es_ES "Hola."
commit "First"
"$hsmctl" apply --yes >/dev/null 2>&1
template greeting en_US "Hello there." es_ES "Hola, amigo."
commit "Second"
"$hsmctl" apply --yes >/dev/null 2>&1
git revert --no-edit HEAD >/dev/null
expect 0 "back to the first commit" "$hsmctl" plan --format json --detailed-exitcode
equals "nothing is submitted" "$(actions)" "reuse greeting_v1 en_US,es_ES|"
count=$(posts)
expect 0 "a revert applied" "$hsmctl" apply --yes
equals "nothing was written" "$(posts)" "$count"

echo "# --target"
fresh target
for name in alpha beta gamma; do template "$name" en_US "This is $name."; done
commit "Three"
expect 0 "--target" "$hsmctl" apply --yes --target 'al*' --target gamma
equals "only those" "$(live | cut -d' ' -f1 | tr '\n' ' ')" "alpha_v1 gamma_v1 "
expect 0 "what is not targeted does not count" "$hsmctl" plan --target alpha --detailed-exitcode
expect 2 "the rest does" "$hsmctl" plan --detailed-exitcode

echo "# Dirty"
fresh dirty
template t en_US "Hello."
expect 1 "nothing is committed" "$hsmctl" apply --yes
commit "First"
expect 0 "clean" "$hsmctl" apply --yes
dirty() { expect 1 "dirty: $1" "$hsmctl" apply --yes; contains err "the file is named" "$2"; }
template t en_US "Hello!"
dirty "a change" templates/t.yaml
git add -A
dirty "a change that is staged" templates/t.yaml
git commit -qm "Second"
template u en_US "Untracked."
dirty "a file that is not tracked" templates/u.yaml
printf 'u.yaml\n' >.gitignore
git add .gitignore && git commit -qm "Ignore"
dirty "a template that git ignores is read all the same" templates/u.yaml
expect 0 "a plan says so" "$hsmctl" plan --format json
equals "dirty" "$(jq .dirty "$work/out")" true
rm templates/u.yaml
git rm -q --cached templates/t.yaml
expect 0 "the index is no matter" "$hsmctl" apply --yes
git reset -q
rm templates/t.yaml
dirty "a file that is gone" templates/t.yaml
git checkout -q .
printf '# more\n' >>hsmctl.yaml
dirty "the config" hsmctl.yaml
git checkout -q .
mkdir -p templates/t
printf 'body: "Hola."\n' >templates/t/es_ES.yaml
dirty "a translation's file" templates/t/es_ES.yaml
rm -r templates/t
echo notes >templates/README.md
echo notes >notes.txt
expect 0 "other files don't matter" "$hsmctl" apply --yes
template t en_US "Hello, dirty."
expect 0 "--rev does not look at the work tree" "$hsmctl" apply --yes --rev HEAD
equals "nothing of it is live" "$(live | grep -c dirty)" 0
expect 0 "--allow-dirty" "$hsmctl" apply --yes --allow-dirty
equals "it is live" "$(live | grep -c dirty)" 1

echo "# Questions"
fresh asked
template t en_US "Hello, asked."
commit "Asked"
expect 64 "no terminal and no --yes" "$hsmctl" apply
contains err "what to say" "--yes"
if command -v script >/dev/null; then
	# answer TEXT CODE NAME
	answer() {
		local code=0
		printf '%s' "$1" | SHELL=/bin/bash timeout 60 script -qec "'$hsmctl' apply" /dev/null >"$work/out" 2>&1 || code=$?
		equals "$3" "$code" "$2"
	}
	answer $'n\n' 1 "the answer no"
	contains out "it was asked" "Apply 1 request to dev? [y/N]"
	contains out "nothing was applied" "not confirmed: nothing was applied"
	answer $'\n' 1 "Enter is no"
	answer $'yesterday\n' 1 "another word is no"
	answer $'\004' 1 "the end of the input is no"
	equals "nothing was" "$(live | grep -c asked)" 0
	answer $'y\n' 0 "the answer yes"
	equals "it was" "$(live | grep -c asked)" 1
	answer $'\n' 0 "nothing to do is not asked"
else
	echo "skipped: no script(1) here"
fi
finish
