#!/bin/bash
# Several environments: pinned versions and bump, subsets, variables, credentials
# and organisations of their own, revisions, bare repositories and folders.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"

unset GENESYSCLOUD_OAUTHCLIENT_ID GENESYSCLOUD_OAUTHCLIENT_SECRET
export DEV_ID=dev-id DEV_SECRET=planted-secret-dev PROD_ID=prod-id PROD_SECRET=planted-secret-prod
emulator --organization org-dev --client "$DEV_ID:$DEV_SECRET"
dev_url=$url
emulator --organization org-prod --client "$PROD_ID:$PROD_SECRET"
prod_url=$url
at() { url=$1; shift; "$@"; } # one of the emulators
bodies() { at "$1" live | cut -d' ' -f1,2,4-; }

repository
config() {
	cat >hsmctl.yaml <<-END
	environments:
	  dev:
	    base_url: $dev_url
	    organization: ${1:-org-dev}
	    credentials: {client_id: DEV_ID, client_secret: DEV_SECRET}
	    languages: [en_US, es_ES]
	    templates: [order_*, "common"]
	    variables: {brand: Test shop, legal: {es_ES: "Legal"}}
	  prod:
	    base_url: $prod_url
	    organization: org-prod
	    credentials: {client_id: PROD_ID, client_secret: PROD_SECRET}
	    variables: {brand: Acme}
	variables:
	  legal: {en_US: London, es_ES: Londres, fr_FR: Londres-sur-Tamise}
	END
}
config
cat >templates/order_new.yaml <<'END'
name: order_new
category: UTILITY
# The translations, in alphabetical order.
translations:
  en_US:
    # English first
    body: "Your order at ${brand} of ${legal} is here. $${x} $1"   # a comment
  es_ES:   { body: "Su pedido en ${brand} de ${legal}." }
END
mkdir -p templates/order_new
printf 'body: "Votre commande chez ${brand}, ${legal}."\r\n' >templates/order_new/fr_FR.yaml
printf 'name: invoice\r\ncategory: UTILITY\r\ntranslations:\r\n  en_US:\r\n    body: An invoice of ${brand}.\r\n' >templates/invoice.yaml
commit "Without versions"

echo "# Pinned versions"
expect 65 "each translation needs a version" "$hsmctl" validate
for place in order_new.yaml:5:3 order_new.yaml:8:3 order_new/fr_FR.yaml:1:1 invoice.yaml:4:3; do
	contains out "at $place" "templates/$place: error"
done
expect 65 "a plan is refused, offline" env -u DEV_SECRET "$hsmctl" plan -e dev
cp -r templates "$work/before"
expect 0 "bump" "$hsmctl" bump --base HEAD
contains out "says what it wrote" "templates/invoice.yaml:5 invoice en_US none → v1"
changed() { diff -r "$1" templates | grep '^[<>]' | sort; }
equals "those lines and no others" "$(changed "$work/before" | tr -d '\r')" '<   es_ES:   { body: "Su pedido en ${brand} de ${legal}." }
>     version: 1
>     version: 1
>   es_ES:   { version: 1, body: "Su pedido en ${brand} de ${legal}." }
> version: 1'
equals "CRLF stays" "$(grep -c $'\r$' templates/invoice.yaml) $(grep -vc $'\r$' templates/invoice.yaml)" "6 0"
expect 0 "and that is all" "$hsmctl" validate --base HEAD
expect 0 "a second bump" "$hsmctl" bump --base HEAD
equals "has nothing to do" "$(cat "$work/out")" ""
commit "Versions"

echo "# Which environment"
expect 64 "several and none named" "$hsmctl" plan
contains err "they are listed" "dev, prod"
expect 64 "one that is not there" "$hsmctl" plan -e test
expect 0 "HSMCTL_ENV" env HSMCTL_ENV=dev "$hsmctl" plan --format json
equals "is taken" "$(jq -r .environment "$work/out")" dev
expect 0 "-e is stronger" env HSMCTL_ENV=dev "$hsmctl" plan -e prod --format json
equals "than it" "$(jq -r .environment "$work/out")" prod

echo "# Subsets and variables"
expect 0 "dev" "$hsmctl" apply -e dev --yes
printf '%s\n' 'order_new_v1 en_US Your order at Test shop of London is here. ${x} $1' \
	'order_new_v1 es_ES Su pedido en Test shop de Legal.' >"$work/wanted"
bodies "$dev_url" | diff "$work/wanted" - && ok "its templates, languages and variables" || bad "its templates, languages and variables"
expect 0 "prod" "$hsmctl" apply -e prod --yes
printf '%s\n' 'invoice_v1 en_US An invoice of Acme.' 'order_new_v1 en_US Your order at Acme of London is here. ${x} $1' \
	'order_new_v1 es_ES Su pedido en Acme de Londres.' \
	'order_new_v1 fr_FR Votre commande chez Acme, Londres-sur-Tamise.' >"$work/wanted"
bodies "$prod_url" | diff "$work/wanted" - && ok "all of it" || bad "all of it"
for environment in dev prod; do
	expect 0 "$environment is in sync" "$hsmctl" plan -e "$environment" --detailed-exitcode
done

echo "# A missing bump"
git checkout -q -b change
sed -i 's/is here/has arrived/' templates/order_new.yaml
cp -r templates "$work/edited"
commit "It arrived"
expect 65 "validate --base" "$hsmctl" validate --base main
contains out "at the number" "templates/order_new.yaml:7:14: error"
contains out "and what to write" "its version is still 1: write 2, or run hsmctl bump"
expect 65 "as JSON" "$hsmctl" validate --base main --format json
equals "one error" "$(jq -r '.diagnostics[] | select(.severity == "error") | "\(.range.filename) \(.range.start.line)"' "$work/out")" "templates/order_new.yaml 7"
expect 65 "of a revision" "$hsmctl" validate --base main --rev change
expect 0 "of the base itself" "$hsmctl" validate --base main --rev main
expect 2 "a plan says so, too" "$hsmctl" plan -e dev --detailed-exitcode
contains out "blocked" "! blocked"
expect 6 "one number, one content" "$hsmctl" apply -e dev --yes --strict
expect 66 "a base that is not there" "$hsmctl" validate --base nowhere
expect 0 "bump" "$hsmctl" bump --base main
equals "one line" "$(changed "$work/edited")" "<     version: 1
>     version: 2"
expect 0 "validate --base passes" "$hsmctl" validate --base main
commit "Bump"
expect 0 "validate --base of the revision" "$hsmctl" validate --base main --rev change
expect 0 "the merge base is found by itself" bash -c '
	git clone -q . '"$work/clone"' && cd '"$work/clone"' && git checkout -q change &&
	sed -i "s/Su pedido/El pedido/" templates/order_new.yaml && "$0" bump' "$hsmctl"
contains out "above the branch's number" "order_new es_ES v1 → v3"
git clone -q --depth 1 --no-single-branch "file://$work/repository" "$work/shallow"
sed -i "s/Su pedido/El pedido/" "$work/shallow/templates/order_new.yaml"
expect 1 "bump in a shallow clone" "$hsmctl" -C "$work/shallow" bump --base HEAD
contains err "how to get history" "git fetch --unshallow"
git checkout -q main

echo "# The same names everywhere"
git checkout -q change
expect 0 "dev" "$hsmctl" apply -e dev --yes
git checkout -q main
sed -i 's/Acme}/Acme Bank}/' hsmctl.yaml
expect 65 "a variable of one environment changes content, too" "$hsmctl" validate --base HEAD
expect 0 "bump" "$hsmctl" bump --base HEAD
equals "of all that it touches, above every branch" "$(cut -d' ' -f2- "$work/out" | tr '\n' '|')" \
	"invoice en_US v1 → v2|order_new en_US v1 → v3|order_new es_ES v1 → v3|order_new fr_FR v1 → v3|"
git checkout -q .
expect 0 "the older commit, where the newer is applied" "$hsmctl" plan -e dev --format json
equals "its names, whatever else is live" "$(actions)" "reuse order_new_v1 en_US|"

echo "# Revisions, bare repositories, folders"
git clone -q --bare . "$work/bare.git"
expect 66 "a bare repository has no work tree" "$hsmctl" -C "$work/bare.git" plan -e dev
contains err "--rev is offered" "--rev"
expect 0 "--rev" "$hsmctl" -C "$work/bare.git" plan -e dev --rev change --format json --detailed-exitcode
equals "in sync with what dev has" "$(jq -r '"\(.commit) \(.summary.in_sync)"' "$work/out")" "$(git rev-parse change) 2"
expect 65 "validate --base of a bare one" "$hsmctl" -C "$work/bare.git" validate --rev change~1 --base main
expect 0 "and after the bump" "$hsmctl" -C "$work/bare.git" validate --rev change --base main
sed -i "s|$prod_url|http://127.0.0.1:1|; s/org-prod/org-wrong/" hsmctl.yaml
expect 0 "a revision's hsmctl.yaml is used" "$hsmctl" apply -e prod --yes --rev change
equals "prod has it" "$(bodies "$prod_url" | grep -c arrived)" 1
git checkout -q .
mkdir -p "$work/mono/messages" && cp -r hsmctl.yaml templates "$work/mono/messages"
(cd "$work/mono" && git init -q -b main . && git add -A && git commit -q -m "In a folder" && mkdir elsewhere && echo x >elsewhere/dirty)
expect 0 "-C of a folder" "$hsmctl" -C "$work/mono/messages" apply -e dev --yes
expect 0 "and of a revision" "$hsmctl" -C "$work/mono/messages" plan -e dev --rev HEAD
expect 66 "the folder above has none" "$hsmctl" -C "$work/mono" plan -e dev
echo "# more" >>"$work/mono/messages/templates/order_new.yaml"
expect 1 "dirty there" "$hsmctl" -C "$work/mono/messages" apply -e dev --yes
contains err "is named as seen from there" "'templates/order_new.yaml' differs"

echo "# No write to an organisation that the file does not mean"
counts() { echo "$(at "$dev_url" writes) $(at "$prod_url" writes)"; }
git checkout -q main
"$hsmctl" plan -e dev --rev change --out "$work/dev.plan" >/dev/null 2>&1
"$hsmctl" plan -e prod --rev main --out "$work/prod.plan" >/dev/null 2>&1
sed -i 's/is here/is somewhere/; s/version: 1/version: 9/' templates/order_new.yaml
commit "Something to write"
count=$(counts)
refused() {
	local code=0 name=$1
	shift
	timeout 60 "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
	case $code in 64 | 77 | 78) ok "refused ($code): $name" ;; *) bad "not refused ($code): $name"; cat "$work/err" ;; esac
	if grep -q planted-secret "$work/out" "$work/err"; then bad "$name: a secret is printed"; fi
	equals "nothing is written" "$(counts)" "$count"
}
for other in "DEV_ID=prod-id DEV_SECRET=planted-secret-prod" "DEV_SECRET=planted-secret-prod" "DEV_ID=" "-u DEV_SECRET"; do
	# shellcheck disable=SC2086
	refused "dev with $other" env $other "$hsmctl" apply -e dev --yes
	# shellcheck disable=SC2086
	refused "dev's plan with $other" env $other "$hsmctl" apply "$work/dev.plan" --yes
done
refused "the usual variables are not for it" env -u DEV_ID -u DEV_SECRET GENESYSCLOUD_OAUTHCLIENT_ID=dev-id \
	GENESYSCLOUD_OAUTHCLIENT_SECRET=planted-secret-dev "$hsmctl" apply -e dev --yes
token=$(curl -fsS -u "$DEV_ID:$DEV_SECRET" -d grant_type=client_credentials "$dev_url/oauth/token" | jq -r .access_token)
refused "nor is a token" env -u DEV_ID -u DEV_SECRET GENESYSCLOUD_ACCESS_TOKEN="$token" "$hsmctl" apply -e dev --yes
refused "a plan of dev as prod" "$hsmctl" apply "$work/dev.plan" --yes -e prod
refused "or by HSMCTL_ENV" env HSMCTL_ENV=prod "$hsmctl" apply "$work/dev.plan" --yes
config org-prod
commit "dev says that it is prod's"
refused "an organisation that the host is not" "$hsmctl" apply -e dev --yes
contains err "both are named" org-dev
config
sed -i "s|$dev_url|$prod_url|" hsmctl.yaml
commit "dev's host is prod's"
refused "dev's credentials at prod's host" "$hsmctl" apply -e dev --yes
sed -i "s|DEV_|PROD_|g" hsmctl.yaml
commit "And its credentials"
refused "prod's host and credentials, dev's organisation" "$hsmctl" apply -e dev --yes
config
sed -i "s|base_url: $dev_url|region: eu-west-1|" hsmctl.yaml
commit "A region"
refused "another region than the shell's" env GENESYSCLOUD_REGION=us-east-1 "$hsmctl" apply -e dev --yes
equals "the organisation was asked before anything else" "$(at "$prod_url" admin GET requests | jq -r '.requests[-1].path')" /api/v2/organizations/me
config
commit "As it was"
expect 0 "and with all as it should be" "$hsmctl" apply -e dev --yes
finish
