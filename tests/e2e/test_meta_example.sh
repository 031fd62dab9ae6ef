#!/bin/bash
# The example of a repository for Meta runs to its end and shows what it says; and an
# organisation of 500 templates in 12 languages is taken over in three commands.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/meta.sh"

expect 0 "the example runs to its end" "$top/examples/meta/run.sh"
for text in '5 to create' 'Applied: 5 done' 'parcel_on_its_way_v1 → v2' 'wrote templates/spring_plants.yaml' 'That was hsmctl on Meta'; do
	contains out "it shows '$text'" "$text"
done
equals "and twice that nothing is to do" "$(grep -c 'Nothing to do. 5 in sync' "$work/out")" 2

emulator --review approve
meta_repository
jq -nc --arg account "$account" '[range(500) as $i | ("en_US es_ES fr de it pt_BR nl pl sv da fi cs" / " ")[] as $language |
	{providerId: $account, name: "notice_\($i)", language: $language, category: "UTILITY", status: "APPROVED",
	 components: [{type: "BODY", text: "Notice \($i) in \($language): your order {{1}} is packed and ready.",
	 example: {body_text: [["A-\($i)"]]}}]}]' >"$work/seed.json"
curl -fsS -X POST -H 'Content-Type: application/json' -d "@$work/seed.json" "$url/_emulator/templates" >/dev/null || bad "seeding"
forget
expect 0 "6,000 translations are imported" "$hsmctl" import
equals "into 500 files" "$(ls templates | wc -l)" 500
expect 0 "committed" commit "what the account has"
expect 0 "and planned: nothing differs" "$hsmctl" plan --detailed-exitcode
contains out "all are in sync" "6000 in sync"
pages=$(((6000 + 254) / 255))
equals "each reads the pages of the largest size once" "$(admin GET requests | jq --argjson pages "$pages" \
	'[.requests[] | select(.path | endswith("/message_templates")) | select(.status == 200)] | length == 2 * $pages')" true
finish
