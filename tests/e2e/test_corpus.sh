#!/bin/bash
# What becomes of real templates: HSM_CORPUS names a folder of their JSON.
. "$(dirname "$0")/lib.sh"
golden=$top/tests/golden/corpus.md

if [ ! -d "${HSM_CORPUS:-}" ]; then
	echo "SKIPPED: HSM_CORPUS names no folder of real templates"
	exit 0
fi
sed '/^| file/,$d' "$golden" >"$work/table"
HSM_BUILD=$HSM_BUILD "$top/tests/corpus-table" "$HSM_CORPUS" >>"$work/table"
[ -z "${HSM_GOLDEN:-}" ] || cp "$work/table" "$golden"
if diff "$golden" "$work/table"; then ok "the table is as it was"; else bad "the table changed: HSM_GOLDEN=write writes it"; fi

# rows STATUS [COLUMN]: the outcomes that their owners know; on Meta with 6.
rows() { awk -F' [|] ' -v status="$1" -v column="${2:-5}" '$4 == status { print $column }' "$work/table"; }
meta() { awk -F' [|] ' '/^[|] [a-z].*json/ { print $6 }' "$work/table"; }
equals "bodies that were read" "$(grep -c '^| [a-z].*json' "$work/table")" 51
equals "approved bodies with an error" "$(rows APPROVED | grep -c 'error\|left out')" 0
[ "$(rows APPROVED | grep -c imported)" -ge 10 ] && ok "approved bodies are imported" || bad "approved bodies are left out"
# The same one stands alone in two more lists, without the approved one that it doubles.
equals "the rejected one beside its double has an error" "$(rows REJECTED | grep -c 'error HSM183')" 1
equals "nothing is left out without a rule" "$(grep -o '| left out[^|]*' "$work/table" | grep -vc 'HSM021')" 0
equals "approved bodies with an error on Meta" "$(rows APPROVED 6 | grep -c 'error\|left out')" 0
equals "what is rejected has one there, too" "$(rows REJECTED 6 | grep -c 'error HSM183')" 1
equals "Meta carries all but old categories and names that are none" \
	"$(meta | grep 'left out' | grep -vc 'category TRANSACTIONAL\|its name is none')" 0
equals "and no body of Meta's own has an error" "$(grep '^| \(meta\|pywa\)' "$work/table" | awk -F' [|] ' '{ print $6 }' | grep -c error)" 0
finish
