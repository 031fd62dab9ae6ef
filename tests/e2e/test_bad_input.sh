#!/bin/bash
# What comes from outside and is wrong: a clear message, the right exit code,
# nothing applied, no secret and no control character printed.
. "$(dirname "$0")/lib.sh"

emulator
expect 66 "no repository" "$hsmctl" -C "$work" plan
repository
template t en_US "Hello."
expect 0 "before the first commit a plan is of the work tree" "$hsmctl" plan
commit "First"
expect 66 "no such revision" "$hsmctl" plan --rev nowhere
contains err "the revision is named" nowhere
mv hsmctl.yaml "$work/kept"
expect 66 "no hsmctl.yaml" "$hsmctl" plan
contains err "init is offered" "hsmctl init"
printf 'environments: []\n' >hsmctl.yaml
expect 78 "a broken hsmctl.yaml" "$hsmctl" plan
contains err "at its place" "hsmctl.yaml:1:15: error HSM007"
printf 'environments: {a: {base_url: "http://127.0.0.1:1"}, b: {base_url: "http://127.0.0.1:1"}}\n' >hsmctl.yaml
expect 64 "several environments and none chosen" "$hsmctl" plan
expect 65 "several environments want versions" "$hsmctl" plan -e a
contains err "bump writes them" "hsmctl bump"
cp "$work/kept" hsmctl.yaml

printf 'name: a\ncategory: UTILITY\nfoo: 1\ntranslations: {en: {body: *x}}\n' >templates/a.yaml
printf 'name: b\ncategory: UTILITY\ntranslations:\n\ten: {}\n' >templates/b.yaml
printf 'name: c\ncategory: UTILITY\ntranslations: {en: {body: "\\e[31mred"}}\nx\033: 1\n' >templates/c.yaml
printf 'name: d\xff\n' >templates/d.yaml
expect 65 "all errors of all files" "$hsmctl" plan
for place in a.yaml:3:1 a.yaml:4:27 b.yaml:4:1 c.yaml:4:2 d.yaml:1:8; do
	contains err "error at $place" "templates/$place: error HSM"
done
if LC_ALL=C grep -q "$(printf '\033')" "$work/err" "$work/out"; then bad "an escape reaches the terminal"; else ok "no escape reaches the terminal"; fi

# The organisation is read at the same time: the files come first, whatever it says.
plain_url=$url
GENESYSCLOUD_OAUTHCLIENT_SECRET= expect 65 "wrong files and no credentials" "$hsmctl" plan
lacks err "of which only the files are told" GENESYSCLOUD_OAUTHCLIENT_SECRET
sed -i "s|$url|http://127.0.0.1:1|" hsmctl.yaml
expect 65 "wrong files and no server" timeout 5 "$hsmctl" plan
contains err "the files are told" "templates/a.yaml:3:1: error HSM"
lacks err "the server is not" "127.0.0.1:1"
emulator --latency 1000
sed -i "s|http://127.0.0.1:1|$url|" hsmctl.yaml
expect 65 "wrong files and a slow server" "$hsmctl" plan
equals "nothing is asked once they are known to be wrong" "$(requests 'GET /api')" 0
kill "$emulator_pid"
rm templates/[abcd].yaml
sed -i "s|$url|$plain_url|" hsmctl.yaml
url=$plain_url

GENESYSCLOUD_OAUTHCLIENT_SECRET= expect 64 "a name that git has not, and no credentials" "$hsmctl" plan --resubmit nobody
GENESYSCLOUD_OAUTHCLIENT_SECRET= expect 77 "no credentials" "$hsmctl" plan
contains err "the variable is named" GENESYSCLOUD_OAUTHCLIENT_SECRET
sed -i "s|$url|http://192.0.2.1|" hsmctl.yaml
expect 78 "plain http beyond loopback" "$hsmctl" plan
sed -i "s|http://192.0.2.1|https://evil.example.com|" hsmctl.yaml
expect 78 "a host outside Genesys' domains" "$hsmctl" plan
contains err "the variable that allows it" HSMCTL_ALLOW_HOSTS
sed -i "s|base_url: https://evil.example.com|region: us-east-1|" hsmctl.yaml
expect 78 "a region that differs" env GENESYSCLOUD_REGION=eu-west-1 "$hsmctl" plan
contains err "both of them" "eu-west-1 (mypurecloud.ie) and hsmctl.yaml says mypurecloud.com"
sed -i "s|region: us-east-1|base_url: $url|" hsmctl.yaml
expect 0 "an emulator has no region" env GENESYSCLOUD_REGION=eu-west-1 "$hsmctl" plan

emulator --client "id-of-the-tests:another"
sed -i "s|$plain_url|$url|" hsmctl.yaml
expect 77 "wrong credentials" "$hsmctl" plan
kill "$emulator_pid"
expect 69 "server gone" "$hsmctl" plan --timeout 20
emulator --organization org-1
sed -i "s|http://127.*|$url|" hsmctl.yaml
printf '    organization: org-2\n' >>hsmctl.yaml
expect 77 "credentials of another organisation" "$hsmctl" apply --yes --allow-dirty
contains err "both are named" org-1
equals "nothing but the organisation is asked for" "$(requests 'GET /api/v2/messaging')" 0
sed -i '/organization/d' hsmctl.yaml

for fault in html garbage truncate deep status=503; do
	admin DELETE faults >/dev/null
	emulator --fault "GET:*/templates:$fault"
	sed -i "s|http://127.*|$url|" hsmctl.yaml
	expect 69 "$fault in place of a listing" "$hsmctl" apply --yes --allow-dirty --timeout 60
	contains err "the request is named" "GET /api/v2/messaging/providers/"
	equals "nothing is applied" "$(requests 'POST /api')" 0
done
finish
