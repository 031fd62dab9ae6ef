#!/bin/bash
# wait and status while reviews go on: an emulator that approves late, rejects,
# and changes its mind, as a script says.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"

cat >"$work/reviews" <<'END'
[
  {"name": "slow_*", "language": "es_ES", "delay_ms": 900, "status": "APPROVED"},
  {"name": "slow_*", "delay_ms": 300},
  {"name": "bad_*", "delay_ms": 300, "status": "REJECTED", "reason": "PROMOTIONAL"},
  {"name": "never_*", "delay_ms": 3600000},
  {"name": "appeal_*", "status": "REJECTED", "then": [{"after_ms": 300, "status": "IN_APPEAL"}, {"after_ms": 600, "status": "APPROVED"}]},
  {"name": "moved_*", "delay_ms": 300, "category": "MARKETING"}
]
END
emulator --review "$work/reviews"
repository
template slow en_US "Slow." es_ES "Lento."
template never en_US "Never."
template fast en_US "Fast."
commit "First"
row() { jq -c ".versions[] | select(.name == \"$1\" and .language == \"$2\")" "$work/out"; }
take() { jq -r "$1"; }

echo "# Nothing is live"
expect 0 "status before the first apply" "$hsmctl" status --format json
equals "all is missing" "$(jq -r '.versions[] | "\(.template) \(.language) \(.health) \(.active) \(.target) \(.reason)"' "$work/out" | sort -u | head -1)" \
	"fast en_US missing false false not live: plan and apply"
expect 0 "nothing to wait for" "$hsmctl" wait
equals "waiting writes nothing" "$(writes)" 0

echo "# wait"
expect 0 "a plan is saved" "$hsmctl" plan --target slow --out "$work/slow.plan"
expect 0 "applied" "$hsmctl" apply "$work/slow.plan" --yes
expect 0 "wait --for a plan, anywhere" "$hsmctl" -C / wait --for "$work/slow.plan" --interval 0.1 --timeout 20
contains err "a line for each that changes" "slow_v1 en_US: APPROVED"
contains err "and for the other" "slow_v1 es_ES: APPROVED"
contains out "the result" "Nothing is pending: 2 translations."
expect 0 "again" "$hsmctl" wait --for "$work/slow.plan"
expect 64 "a plan for another environment" "$hsmctl" wait --for "$work/slow.plan" -e prod
expect 66 "a plan that is not there" "$hsmctl" wait --for "$work/nowhere"
expect 0 "the rest is applied" "$hsmctl" apply --yes
expect 0 "--target" "$hsmctl" wait --target 'fast' --target 'slow' --timeout 20 --interval 0.1
begin=$(date +%s)
expect 75 "still pending at the timeout" "$hsmctl" wait --timeout 1 --interval 30
[ $(($(date +%s) - begin)) -lt 10 ] && ok "the timeout ends the pause" || bad "the timeout ends the pause"
contains err "what is pending" "1 of 4 still pending, never_v1 en_US among them"
expect 75 "as JSON" "$hsmctl" wait --timeout 1 --interval 0.2 --format json
equals "all that it waits for" "$(jq -r '.translations[] | "\(.template) \(.language) \(.status)"' "$work/out" | tr '\n' '|')" \
	"fast en_US APPROVED|never en_US PENDING|slow en_US APPROVED|slow es_ES APPROVED|"
equals "the keys" "$(jq -r 'keys_unsorted | join(" ")' "$work/out") $(jq -r '.translations[0] | keys_unsorted | join(" ")' "$work/out")" \
	"format_version translations template language name status"
"$hsmctl" wait >"$work/out" 2>"$work/err" &
victim=$!
sleep 0.5
kill -INT $victim
code=0
wait $victim || code=$?
equals "Ctrl-C" "$code" 75
review '{"name": "never_v1", "status": "APPROVED"}'

echo "# Rejections"
template bad en_US "Bad."
commit "Bad"
"$hsmctl" plan --out "$work/bad.plan" >/dev/null 2>&1
expect 0 "applied" "$hsmctl" apply --yes
expect 6 "rejected while waiting" "$hsmctl" wait --interval 0.1 --timeout 20
contains err "a line says so" "bad_v1 en_US: REJECTED: PROMOTIONAL"
contains err "and the end" "1 of 5 ended badly: bad_v1 en_US is REJECTED: PROMOTIONAL"
expect 6 "rejected before" "$hsmctl" wait --for "$work/bad.plan"
expect 0 "not what is targeted" "$hsmctl" wait --target slow
template appeal en_US "Appealed."
commit "Appealed"
expect 0 "applied" "$hsmctl" apply --yes --target appeal
sleep 0.35
expect 0 "an appeal is waited for" "$hsmctl" wait --target appeal --interval 0.1 --timeout 20
template bad en_US "Better."
commit "Better"
review '{"name": "bad_v1", "status": "PENDING"}'
expect 0 "what git has no more is not waited for" "$hsmctl" wait --interval 0.1
admin POST faults '["GET:*/templates:status=503"]' >/dev/null
expect 69 "the API is away" "$hsmctl" wait --target slow --timeout 2
admin DELETE faults >/dev/null

echo "# status"
fresh status --review manual
parameters='{order: {type: TEXT, default: A1}, day: {type: DATE, default: 2023-10-25}}'
template t en_US "Order {{order}} is here." es_ES "Aquí {{order}} está."
commit "First"
"$hsmctl" apply --yes >/dev/null 2>&1
expect 0 "pending" "$hsmctl" status --format json
equals "the keys" "$(jq -r 'keys_unsorted | join(" ")' "$work/out")" "format_version tool_version environment provider_id commit versions"
equals "the keys of a row" "$(row t_v1 en_US | take 'keys_unsorted | join(" ")')" \
	"template language health active target name version id status category held since"
state() { row "$@" | take '"\(.status) \(.health) active:\(.active) target:\(.target) held:\(.held)"'; }
equals "the target, not active" "$(state t_v1 en_US)" "PENDING progressing active:false target:true held:false"
review '{"name": "t_v1", "status": "APPROVED"}'
template t en_US "Order {{order}} has arrived." es_ES "Aquí {{order}} está."
commit "Compatible"
"$hsmctl" apply --yes >/dev/null 2>&1
expect 0 "a new one is pending" "$hsmctl" status --format json
equals "the old one is active" "$(state t_v1 en_US)" "APPROVED healthy active:true target:false held:null"
equals "the new one is the target" "$(state t_v2 en_US)" "PENDING progressing active:false target:true held:false"
equals "the other language has one" "$(state t_v1 es_ES)" "APPROVED healthy active:true target:true held:false"
review '{"name": "t_v2", "status": "APPROVED"}'
expect 0 "it is approved" "$hsmctl" status --format json
equals "it is active" "$(state t_v2 en_US) $(row t_v1 en_US | take .active)" "APPROVED healthy active:true target:true held:false false"
review '{"name": "t_v2", "status": "DISABLED", "reason": "LOW_QUALITY"}'
expect 0 "and withdrawn" "$hsmctl" status --format json
equals "the one before is active" "$(state t_v2 en_US) $(row t_v1 en_US | take .active)" "DISABLED degraded active:false target:true held:false true"
equals "with the reason" "$(row t_v2 en_US | take .reason)" LOW_QUALITY
expect 0 "as text" "$hsmctl" status
contains out "the columns" "NAME  LANGUAGE  STATUS    HEALTH    USE     CATEGORY  AGE  REASON"
equals "a row" "$(grep 't_v2 .*en_US' "$work/out" | tr -s ' ' | sed 's/ [0-9]*s / AGE /')" "t_v2 en_US DISABLED degraded target UTILITY AGE LOW_QUALITY"
review '{"name": "t_v2", "status": "PAUSED"}'
expect 0 "paused" "$hsmctl" status --format json
equals "is suspended" "$(state t_v2 en_US)" "PAUSED suspended active:false target:true held:false"
review '{"name": "t_v2", "status": "APPROVED"}'

echo "# Held"
template t en_US "On {{day}} order {{order}} arrives." es_ES "Su {{order}} llega el {{day}} seguro."
commit "Breaking"
expect 0 "a breaking change" "$hsmctl" plan --format json
equals "will be held" "$(jq -r '.changes[0] | "\(.compatibility) \(.held)"' "$work/out")" "breaking true"
"$hsmctl" apply --yes >/dev/null 2>&1
review '{"name": "t_v3", "status": "APPROVED"}'
expect 0 "it is approved" "$hsmctl" status --format json
equals "and held" "$(state t_v3 en_US)" "APPROVED suspended active:false target:true held:true"
equals "the old one is active" "$(row t_v2 en_US | take .active) $(row t_v1 es_ES | take .active)" "true true"
row t_v3 en_US | take .reason | grep -q "^it breaks t_v2 (" && ok "with the reason" || bad "with the reason: $(row t_v3 en_US)"
printf 'lifecycle: {accept_breaking: 3}\n' >>templates/t.yaml
commit "Flows are ready"
review '{"name": "t_v3", "language": "es_ES", "status": "PENDING"}'
expect 0 "accepted, one language is not approved" "$hsmctl" status --format json
equals "all its languages move together" "$(row t_v3 en_US | take .active) $(row t_v2 en_US | take .active)" "false true"
review '{"name": "t_v3", "status": "APPROVED"}'
expect 0 "accepted and approved" "$hsmctl" status --format json
equals "both are active" "$(state t_v3 en_US) $(row t_v3 es_ES | take .active)" "APPROVED healthy active:true target:true held:false true"
review '{"name": "t_v3", "language": "es_ES", "category": "MARKETING"}'
expect 0 "recategorised" "$hsmctl" status --format json
equals "is held" "$(state t_v3 es_ES)" "APPROVED suspended active:false target:true held:true"
equals "with both categories" "$(row t_v3 es_ES | take .reason)" "its category is MARKETING and the file's is UTILITY"

echo "# Ages, other people's text"
seed t_v9 en_US "Seeded."
printf 'name: u\ncategory: UTILITY\ntranslations: {en_US: {body: "Missing."}}\n' >templates/u.yaml
review '{"name": "t_v9", "status": "REJECTED", "reason": "red\u001b[31m\u202e\nnew line"}'
expect 0 "control characters in a reason" "$hsmctl" status
if LC_ALL=C grep -q "$(printf '\033')" "$work/out"; then bad "an escape is printed"; else ok "no escape is printed"; fi
equals "nor a line more" "$(wc -l <"$work/out")" 8
equals "a missing one as text" "$(grep '^u ' "$work/out" | tr -s ' ')" "u en_US - missing not live: plan and apply"
expect 0 "twice" "$hsmctl" status --format json
cp "$work/out" "$work/first"
expect 0 "the same" "$hsmctl" status --format json
cmp -s "$work/out" "$work/first" && ok "bytes" || bad "bytes"
finish
