#!/bin/bash
# Real create bodies: imported, created on an empty account, listed: no difference at any step.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/meta.sh"

if [ ! -d "${HSM_CORPUS:-}" ]; then
	echo "SKIPPED: HSM_CORPUS names no folder of real templates"
	exit 0
fi
corpus=$(cd "$HSM_CORPUS" && pwd)
emulator --review approve
meta_repository

# samples: a file for each header that names one.
samples() {
	grep -rhoE '(image|video|document): "?files/[^"]*' templates | sed 's/.*files/files/' | sort -u |
		while read -r path; do sample "$path"; done
}

# Fresh repository with the same hsmctl.yaml.
empty() { rm -rf templates files .git && mkdir templates && git init -q -b main .; }

rounds=0 bodies=0
for file in $(cd "$corpus" && find . -path '*create*' -name '*.json' -o -path './pywa/templates/*' -name '*.json' | sort); do
	admin POST reset >/dev/null
	empty
	jq '[.. | objects | select((.components | type) == "array" and has("name") and has("category"))]' "$corpus/$file" >"$work/bodies.json"
	"$hsmctl" import --from "$work/bodies.json" >"$work/imported" 2>&1 || true
	[ -n "$(ls templates)" ] || continue
	samples
	commit imported
	"$hsmctl" validate >"$work/out" 2>&1 || { echo "      $file: $(grep -o 'error HSM[0-9]*' "$work/out" | sort | uniq | tr '\n' ' ')"; continue; }
	rounds=$((rounds + 1))
	bodies=$((bodies + $(ls templates | wc -l)))
	expect 0 "$file: created on an empty account" "$hsmctl" apply --yes
	expect 0 "$file: as listed, nothing differs" "$hsmctl" plan --detailed-exitcode
	mv templates "$work/before.$rounds"
	empty
	expect 0 "$file: imported from the account" "$hsmctl" import
	samples
	commit imported
	expect 0 "$file: and nothing differs" "$hsmctl" plan --detailed-exitcode
done
[ "$bodies" -ge 20 ] && ok "$bodies bodies went round" || bad "only $bodies bodies went round"
finish
