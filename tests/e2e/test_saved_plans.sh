#!/bin/bash
# Plans that are saved, shown and applied: they do what was reviewed or nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"

echo "# Saved plans"
emulator
repository
template greeting en_US "Hello." es_ES "Hola."
template other en_US "Something else."
commit "First"
expect 0 "a plan is saved" "$hsmctl" plan --out "$work/plan"
cp "$work/out" "$work/shown"
expect 0 "show as text" env -u GENESYSCLOUD_OAUTHCLIENT_ID -u GENESYSCLOUD_OAUTHCLIENT_SECRET "$hsmctl" -C / show "$work/plan"
cmp -s "$work/out" "$work/shown" && ok "it is what plan said" || bad "it is what plan said"
"$hsmctl" plan --format json >"$work/plan.json" 2>/dev/null
expect 0 "show as JSON" "$hsmctl" show "$work/plan" --format json
cmp -s "$work/out" "$work/plan.json" && ok "it is what plan says" || bad "it is what plan says"
expect 0 "the same plan again" "$hsmctl" plan --out "$work/again"
cmp -s "$work/plan" "$work/again" && ok "the same bytes" || bad "the same bytes"
if grep -q "planted-secret\|id-of-the-tests" "$work/plan"; then bad "a secret is in the plan"; else ok "no secret in the plan"; fi
expect 2 "--detailed-exitcode with differences" "$hsmctl" plan --detailed-exitcode
expect 66 "a plan that is not there" "$hsmctl" show "$work/nowhere"
expect 1 "a plan that can't be written" "$hsmctl" plan --out "$work/no/such/folder/plan"

expect 64 "stdout is for what plan shows" "$hsmctl" plan --out -
if mkfifo "$work/pipe"; then
	cat "$work/pipe" >"$work/piped" &
	expect 0 "a pipe stays one" "$hsmctl" plan --out "$work/pipe"
	wait $!
	cmp -s "$work/plan" "$work/piped" && [ -p "$work/pipe" ] && ok "and gets the plan" || bad "and gets the plan"
fi

echo "# JSON"
equals "the keys" "$(jq -r 'keys_unsorted | join(" ")' "$work/plan.json")" \
	"format_version tool_version command environment provider_id provider_name commit dirty hash changes summary quota"
equals "the keys of a row" "$(jq -r '.changes[0] | keys_unsorted | join(" ")' "$work/plan.json")" \
	"action kind template name version languages origin file line column"
equals "the keys of the summary" "$(jq -r '.summary | keys_unsorted | join(" ")' "$work/plan.json")" \
	"create replace update reuse activate settings retire delete wait blocked conflict recategorised in_sync unmanaged requests"
equals "languages share a row" "$(actions "$work/plan.json")" "create greeting_v1 en_US,es_ES|create other_v1 en_US|"
equals "the commit" "$(jq -r .commit "$work/plan.json")" "$(git rev-parse HEAD)"
equals "nothing is null" "$(jq '[.. | select(. == null)] | length' "$work/plan.json")" 0
equals "a plan writes nothing" "$(writes)" 0

echo "# apply FILE does not look at the work tree"
template greeting en_US "Something that nobody has reviewed."
rm templates/other.yaml
expect 0 "from another folder" "$hsmctl" -C / apply "$work/plan" --yes
live | cut -d' ' -f1,2,4- >"$work/got"
printf '%s\n' "greeting_v1 en_US Hello." "greeting_v1 es_ES Hola." "other_v1 en_US Something else." >"$work/wanted"
cmp -s "$work/got" "$work/wanted" && ok "what the plan says is live" || bad "what the plan says is live: $(cat "$work/got")"
git checkout -q .
expect 0 "done already: nothing differs" "$hsmctl" plan --detailed-exitcode
contains out "in sync" "Nothing to do. 3 in sync."
count=$(posts)
expect 0 "the same plan again" "$hsmctl" apply "$work/plan" --yes
contains out "all is done already" "0 done, 3 done already"
equals "nothing is created twice" "$(posts)" "$count"
expect 0 "the second apply of a commit" "$hsmctl" apply --yes
equals "it writes nothing" "$(posts)" "$count"

echo "# Stale, and not"
template greeting en_US "Hello there." es_ES "Hola."
commit "A friendlier greeting"
expect 0 "a replace is saved" "$hsmctl" plan --out "$work/plan"
contains out "with the difference" "+ Hello there."
contains out "with its commit" "git-ahead: $(git rev-parse --short=7 HEAD) \"A friendlier greeting\" Ana Ruiz, "
contains out "both versions" "greeting_v1 → v2"
cp "$work/plan" "$work/replace"
expect 64 "a plan for another environment" "$hsmctl" apply "$work/replace" --yes -e prod
expect 64 "--prune with a saved plan" "$hsmctl" apply "$work/replace" --yes --prune
expect 64 "nobody to ask" "$hsmctl" apply "$work/replace"
seed greeting_v2 en_US "Hello from somebody else."
count=$(posts)
expect 4 "the name was taken with other content" "$hsmctl" apply "$work/replace" --yes
contains err "what moved is said" "greeting_v2 en_US was created since, with other content than planned"
remove_live greeting_v2+en_US
seed greeting_v5 en_US "Hello from a third."
expect 4 "a later version of the translation" "$hsmctl" apply "$work/replace" --yes
contains err "it is named" "greeting_v5 en_US was created since"
remove_live greeting_v5+en_US
remove_live greeting_v1+en_US
expect 4 "the version before is gone" "$hsmctl" apply "$work/replace" --yes
contains err "it is named, too" "greeting_v1 en_US is gone since"
seed greeting_v1 en_US "Hello, edited."
expect 4 "the version before was changed" "$hsmctl" apply "$work/replace" --yes
contains err "and named" "greeting_v1 en_US has other content now"
equals "a stale plan writes nothing" "$(posts)" "$count"
remove_live greeting_v1+en_US
seed greeting_v1 en_US "Hello."
seed somebody_elses_v1 en_US "Not ours."
seed other_v2 en_US "Unrelated movement."
remove_live greeting_v1+es_ES
expect 0 "what it does not touch may move" "$hsmctl" apply "$work/replace" --yes
contains out "one create" "Applied: 1 done."

echo "# Tampered, cut, of another version"
for change in 's/greeting_v2/greeting_v9/' 's/"environment":"dev"/"environment":"prod"/' 's/}$//' 's/^{"checksum"/{"chequesum"/'; do
	sed "$change" "$work/replace" >"$work/tampered"
	code=0
	"$hsmctl" apply "$work/tampered" --yes >"$work/out" 2>"$work/err" </dev/null || code=$?
	case $code in 4 | 65) ok "refused: $change" ;; *) bad "not refused ($code): $change" ;; esac
done
for bytes in 0 1 70 100 $(($(wc -c <"$work/replace") - 1)); do
	head -c "$bytes" "$work/replace" >"$work/cut"
	code=0
	"$hsmctl" show "$work/cut" >"$work/out" 2>"$work/err" || code=$?
	case $code in 4 | 65) ok "refused: the first $bytes bytes" ;; *) bad "not refused ($code): the first $bytes bytes" ;; esac
done
# forge FILTER: the plan changed by jq, with a hash that fits
forge() {
	local body hash
	body=$(jq -c ".plan | $1" "$work/replace")
	hash=$(printf %s "$body" | sha256sum | cut -d' ' -f1)
	printf '{"checksum":"%s","plan":%s}\n' "$hash" "$body" >"$work/forged"
}
forge .
expect 0 "a hash that fits is taken" "$hsmctl" show "$work/forged"
forge '.tool_version = "0.0.1"'
expect 4 "saved by another version" "$hsmctl" apply "$work/forged" --yes
contains err "both versions are named" "saved by hsmctl 0.0.1"
forge '.format_version = "2"'
expect 4 "another format" "$hsmctl" apply "$work/forged" --yes
remove_live greeting_v2+en_US
count=$(posts)
for filter in '.changes[0].action = "explode"' '.changes[0].submit.en_US.content = "{}"' 'del(.target)' \
	'.changes[0].name = "greeting_v2\u001b[31m"' '.changes[0].submit.en_US.content = "["' \
	'.changes[0].name = "greeting_v7"' '.changes[0].kind = "webhook"' '.provider_id = "../../x"' \
	'.target.base_url = "http://192.0.2.1"' '.changes[0].submit["../x"] = .changes[0].submit.en_US' \
	'.changes[0].template = null' '.changes = null' '.changes[0].version = 1e99'; do
	forge "$filter"
	code=0
	timeout 60 "$hsmctl" apply "$work/forged" --yes >"$work/out" 2>"$work/err" </dev/null || code=$?
	case $code in 4 | 65 | 78) ok "refused ($code): $filter" ;; *) bad "not refused ($code): $filter" ;; esac
	if LC_ALL=C grep -q "$(printf '\033')" "$work/out" "$work/err"; then bad "an escape is printed"; fi
	equals "and nothing is written" "$(posts)" "$count"
done

echo "# Killed halfway"
template many en_US "One." es_ES "Uno." fr_FR "Un." de_DE "Eins." it_IT "Uno, per favore." pt_PT "Um."
commit "Many"
expect 0 "a plan of many" "$hsmctl" plan --target many --out "$work/plan"
# killed_apply N: begins to apply the plan, kills it at the Nth create
killed_apply() {
	count=$(($(posts) + $1))
	"$hsmctl" apply "$work/plan" --yes --parallelism 1 >/dev/null 2>&1 &
	victim=$!
	for _ in $(seq 500); do
		[ "$(posts)" -lt $count ] && kill -0 $victim 2>/dev/null || break
		sleep 0.005
	done
	kill -9 $victim 2>/dev/null
	wait $victim 2>/dev/null
}
admin POST faults '["POST:*/templates:delay=30"]' >/dev/null || bad "the fault is not taken"
killed_apply 2
killed_apply 2
admin DELETE faults >/dev/null
expect 0 "killed twice, applied again" "$hsmctl" apply "$work/plan" --yes
contains out "some were done already" "done already"
equals "all are there, once" "$(live | grep -c '^many_v1 ')" 6
expect 0 "nothing is left to do" "$hsmctl" plan --detailed-exitcode --target many
template many en_US "One more." es_ES "Uno más." fr_FR "Un." de_DE "Eins." it_IT "Uno, per favore." pt_PT "Um."
commit "Two of many"
"$hsmctl" plan --target many --out "$work/plan" >/dev/null 2>&1
admin POST faults '["POST:*/templates:delay=30"]' >/dev/null
killed_apply 1
admin DELETE faults >/dev/null
expect 0 "half a replace, applied again" "$hsmctl" apply "$work/plan" --yes
equals "both have the number of the plan" "$(live | grep -c '^many_v2 ')" 2

echo "# A lost answer, and a server that rewrites"
template lost en_US "Was it created?" es_ES "¿Fue creada?"
commit "Lost"
"$hsmctl" plan --target lost --out "$work/plan" >/dev/null 2>&1
admin POST faults '["POST:*/templates:reset-after:at=1"]' >/dev/null
expect 0 "the answer to a create is lost" "$hsmctl" apply "$work/plan" --yes --parallelism 1
expect 0 "it is there, and nothing differs" "$hsmctl" plan --target lost --detailed-exitcode
admin DELETE faults >/dev/null
template rewritten en_US "What was sent." es_ES "Lo que se envió."
commit "Rewritten"
"$hsmctl" plan --target rewritten --out "$work/plan" >/dev/null 2>&1
admin POST faults '["POST:*/templates:rewrite=Kept:at=1"]' >/dev/null
expect 3 "a server that keeps other content stops the apply" "$hsmctl" apply "$work/plan" --yes --parallelism 1
contains err "it is said" "the API keeps other content than was sent"
contains out "what was not begun is named" "Not begun: rewritten_v1 es_ES"
finish
