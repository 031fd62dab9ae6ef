#!/bin/bash
# What an editor makes of the JSON Schemas: good files pass, bad ones are marked.
. "$(dirname "$0")/lib.sh"
npm_tools

cat >"$work/check.js" <<'JS'
// check.js SCHEMA FILE...: which files break the schema, and where.
const fs = require("fs");
const path = require("path");
const tools = process.env.NPM_FOLDER + "/node_modules/";
const Ajv = require(tools + "ajv/dist/2020");
const yaml = require(tools + "yaml");
const schema = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const validate = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
for (const file of process.argv.slice(3)) {
	const document = yaml.parse(fs.readFileSync(file, "utf8"));
	const where = validate(document) ? "valid" : validate.errors.map((error) => error.instancePath || "/").sort().join(" ");
	console.log(path.basename(file) + " " + where);
}
JS
check() { NPM_FOLDER=$npm_folder node "$work/check.js" "$@" >"$work/out" 2>"$work/err"; }

"$hsmctl" schema template >"$work/template.schema.json"
"$hsmctl" schema config >"$work/config.schema.json"
check "$work/template.schema.json" "$top"/examples/quickstart/templates/*.yaml
equals "the examples are valid" "$(grep -c ' valid$' "$work/out")" "$(ls "$top"/examples/quickstart/templates/*.yaml | wc -l)"
[ -s "$work/err" ] && bad "the schema is none: $(head -3 "$work/err")" || ok "ajv takes the schema in its strict mode"
check "$work/config.schema.json" "$top/examples/quickstart/hsmctl.yaml"
equals "the example's hsmctl.yaml is valid" "$(cat "$work/out")" "hsmctl.yaml valid"

# Whatever is good for the rules is good for the schema.
mkdir "$work/good"
"$hsmctl" explain --format markdown | awk -v folder="$work/good" '
	/^## HSM/ { id = $2 }
	/^```/ { good = 0 }
	/^---$/ { good = 0 }
	good { print > (folder "/" id ".yaml") }
	/^# good$/ { good = 1 }'
check "$work/template.schema.json" "$work"/good/*.yaml
equals "good examples that the schema refuses" "$(grep -vc ' valid$' "$work/out")" 0
[ "$(wc -l <"$work/out")" -ge 60 ] && ok "of sixty rules and more" || bad "only $(wc -l <"$work/out") good examples"

# bad NAME WHERE: the template on stdin breaks the schema there.
mkdir "$work/bad"
bad_template() {
	cat >"$work/bad/$1.yaml"
	check "$work/template.schema.json" "$work/bad/$1.yaml"
	if grep -q -- "$2" "$work/out" && ! grep -q ' valid$' "$work/out"; then ok "$1"; else bad "$1: $(cat "$work/out" "$work/err")"; fi
}
head='name: t
category: UTILITY
translations:'
bad_template unknown-key /translations/en <<<"$head {en: {bdy: x, body: y}}"
bad_template no-body /translations/en <<<"$head {en: {footer: x}}"
bad_template versioned-name /name <<<'{name: t_v2, category: UTILITY, translations: {en: {body: x}}}'
bad_template category /category <<<'{name: t, category: utility, translations: {en: {body: x}}}'
bad_template number-for-text /translations/en/body <<<"$head {en: {body: 12}}"
bad_template language / <<<"$head {en-US: {body: x}}"
bad_template two-headers /translations/en/header <<<"$head {en: {header: {image: a, video: b}, body: x}}"
bad_template long-id /translations/en/buttons/0/reply/id <<<"$head {en: {body: x, buttons: [{reply: {id: $(printf 'a%.0s' $(seq 257)), title: x}}]}}"
bad_template bad-id /translations/en/buttons/0/reply/id <<<"$head {en: {body: x, buttons: [{reply: {id: 'a b', title: x}}]}}"
bad_template eleven-buttons /translations/en/buttons <<<"$head {en: {body: x, buttons: [$(printf '{copy_code: {example: a}},%.0s' $(seq 11))]}}"
bad_template version-zero /translations/en/version <<<"$head {en: {body: x, version: 0}}"
bad_template parameter-name / <<<'{name: t, category: UTILITY, parameters: {A: {default: x}}, translations: {en: {body: x}}}'
bad_template no-default /parameters/a <<<'{name: t, category: UTILITY, parameters: {a: {type: TEXT}}, translations: {en: {body: x}}}'

# bad_config NAME WHERE
bad_config() {
	cat >"$work/bad/$1.yaml"
	check "$work/config.schema.json" "$work/bad/$1.yaml"
	if grep -q -- "$2" "$work/out" && ! grep -q ' valid$' "$work/out"; then ok "$1"; else bad "$1: $(cat "$work/out" "$work/err")"; fi
}
bad_config no-environments / <<<'{templates: x}'
bad_config secret-in-the-file /environments/dev/credentials <<<'{environments: {dev: {credentials: {client_id: "a b", client_secret: C}}}}'
bad_config percent /policy/max_change_percent <<<'{environments: {dev: {region: eu-west-1}}, policy: {max_change_percent: 101}}'
bad_config rule-level /policy/rules/HSM107 <<<'{environments: {dev: {region: eu-west-1}}, policy: {rules: {HSM107: maybe}}}'
bad_config rule-id /policy/rules <<<'{environments: {dev: {region: eu-west-1}}, policy: {rules: {HSM1: off}}}'

# An editor completes and explains from these.
for kind in template config; do
	equals "fields of $kind without a description" "$(jq '[.. | objects | select(has("properties")) | .properties[] |
		select((.description // .["$ref"] // .title) == null and has("type"))] | length' "$work/$kind.schema.json")" 0
done
equals "categories are listed" "$(jq -c '.properties.category.enum' "$work/template.schema.json")" '["UTILITY","MARKETING","AUTHENTICATION"]'
equals "defaults are told" "$(jq '[.. | objects | select(has("default"))] | length > 2' "$work/template.schema.json")" true
equals "examples are given" "$(jq '[.. | objects | select(has("examples"))] | length > 5' "$work/template.schema.json")" true

# What init writes refers to what init writes.
mkdir "$work/init" && cd "$work/init" && git init -q .
expect 0 "init" "$hsmctl" init
for file in hsmctl.yaml templates/order_confirmation.yaml; do
	schema=$(sed -n '1s/^# yaml-language-server: $schema=//p' "$file")
	check "$(dirname "$file")/$schema" "$file"
	equals "$file is valid by the schema in its first line" "$(cat "$work/out")" "$(basename "$file") valid"
done
finish
