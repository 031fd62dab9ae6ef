#!/bin/bash
# The findings of validate for people, programs, code scanning and GitHub.
. "$(dirname "$0")/lib.sh"

url=http://127.0.0.1:1
repository "$work/all"
mkdir -p "$work/all/sub,1%/templates"
cd "$work/all/sub,1%" || exit 1
mv ../hsmctl.yaml .
printf 'name: a\ncategory: UTILITY\ntranslations:\n  en_US: {body: "One.\\n\\n\\nTwo: 100%%, yes."}\n  es_ES: {body: "Uno.", foter: x}\n' >templates/a.yaml
git add -A && git commit -q -m one

expect 65 "SARIF" "$hsmctl" validate --format sarif
equals "its version" "$(jq -r .version "$work/out")" 2.1.0
equals "its results have rules" "$(jq -r '.runs[0] | [.results[] | . as $r | .ruleId] | join(" ")' "$work/out")" HSM004
equals "its rules say why" "$(jq -r '.runs[0].tool.driver.rules[] | select(.id == "HSM004") | .defaultConfiguration.level' "$work/out")" error
equals "each at its place" "$(jq -r '.runs[0].results[0].locations[0].physicalLocation | [.artifactLocation.uri, .region.startLine, .region.startColumn] | join(" ")' "$work/out")" "sub%2C1%25/templates/a.yaml 5 25"

expect 65 "GitHub" "$hsmctl" validate --format github
equals "a line each, escaped" "$(cut -d: -f1-3 "$work/out")" "::error file=sub%2C1%25/templates/a.yaml,line=5,col=25,endLine=5,endColumn=30,title=HSM004 unknown-key"

sed -i 's/, foter: x//' templates/a.yaml
expect 65 "a rule" "$hsmctl" validate --format json
equals "its id" "$(jq -r '[.diagnostics[].rule] | unique | join(" ")' "$work/out")" HSM104

expect 0 "the rules, a line each" "$hsmctl" explain
contains out "one of them" "HSM104  error    a body has at most two newlines in a row"
expect 0 "a rule by its name" "$hsmctl" explain newlines
contains out "its fix" "Fix:    leave one empty line"
expect 64 "no such rule" "$hsmctl" explain HSM999
"$hsmctl" explain --format markdown >"$work/page"
if cmp -s "$work/page" "$top/schema/rules/README.md"; then
	ok "the reference page is fresh"
else
	bad "schema/rules/README.md is stale: make rules"
fi
finish
