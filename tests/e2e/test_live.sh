#!/bin/bash
# What comes from outside when an organisation is read: tokens that end, servers
# that fail, refuse, hang, lie and shift; and what is said of it.
. "$(dirname "$0")/lib.sh"

faults() {
	admin DELETE faults >/dev/null
	[ $# = 0 ] || admin POST faults "$(jq -n '$ARGS.positional' --args -- "$@")" >/dev/null
	admin DELETE requests >/dev/null
}
# statuses CODE: how many answers had it
statuses() { admin GET counters | jq ".statuses[\"$1\"] // 0"; }
# creates: how many were accepted
creates() { admin GET requests | jq '[.requests[] | select(.method == "POST" and (.path | endswith("/templates")) and .status < 300)] | length'; }
listing='GET /api/v2/messaging/providers/[^/]*/templates'
# took LEAST MOST NAME COMMAND...: the seconds that a command takes
seconds() { date +%s.%N; }
between() { # NAME SECONDS LEAST MOST
	if awk "BEGIN { exit !($2 >= $3 && $2 <= $4) }"; then ok "$1"; else bad "$1: $2 s is not from $3 to $4"; fi
}
since() { awk "BEGIN { print $(seconds) - $1 }"; }
# seed FIRST LAST: live templates
seed() {
	seq "$1" "$2" | jq -s '[.[] | {name: "seeded_\(.)", language: "en_US", components: [{type: "BODY", text: "Number \(.)."}]}]' >"$work/seed.json"
	admin POST templates @"$work/seed.json" >/dev/null
}

emulator --organization org-1
repository
template t en_US "Hello."
commit "First"
expect 0 "a first apply" "$hsmctl" apply --yes

echo "== tokens"
faults "GET:*/templates:expire-token:at=1"
expect 0 "a token that ends early is got anew" "$hsmctl" plan
equals "with one more token" "$(requests 'POST /oauth/token')" 2
equals "and one request more" "$(requests "$listing")" 2
faults "GET:/api/*:status=401"
expect 77 "a token that is never good" "$hsmctl" plan
equals "is got anew once" "$(requests 'POST /oauth/token')" 2
contains err "the request is named" "GET /api/v2/messaging/providers"
contains err "and what it answered" "401"
contains err "and its correlation id" "correlation id"
template many en_US "One." es_ES "Dos." fr_FR "Trois." de_DE "Vier."
template more en_US "A." es_ES "B." fr_FR "C." de_DE "D."
faults "POST:*/templates:status=401"
expect 77 "creates that are never authorised" "$hsmctl" apply --yes --allow-dirty --parallelism 2
between "nothing more is tried" "$(requests 'POST /api')" 2 4
faults "POST:*/templates:expire-token:every=3"
expect 0 "creates whose token ends now and then" "$hsmctl" apply --yes --allow-dirty --parallelism 1
equals "each is accepted once" "$(creates)" 8
faults
token=$(curl -fsS -u id:secret -d grant_type=client_credentials "$url/oauth/token" | jq -r .access_token)
faults
GENESYSCLOUD_OAUTHCLIENT_ID= GENESYSCLOUD_OAUTHCLIENT_SECRET= GENESYSCLOUD_ACCESS_TOKEN=$token \
	expect 0 "a token of the environment" "$hsmctl" plan
equals "no other is asked for" "$(requests 'POST /oauth/token')" 0
GENESYSCLOUD_OAUTHCLIENT_ID= GENESYSCLOUD_OAUTHCLIENT_SECRET= GENESYSCLOUD_ACCESS_TOKEN=planted-secret-token \
	expect 77 "one that is not good" "$hsmctl" plan
equals "is tried once" "$(requests 'GET /api/v2/messaging/providers$')" 2
GENESYSCLOUD_OAUTHCLIENT_ID= GENESYSCLOUD_OAUTHCLIENT_SECRET= GENESYSCLOUD_ACCESS_TOKEN=$'bad\r\nX-Evil: 1' \
	expect 77 "one that would end the header line" "$hsmctl" plan
GENESYSCLOUD_OAUTHCLIENT_SECRET= expect 77 "no secret" "$hsmctl" plan
faults "POST:/oauth/token:429:times=2"
expect 0 "minting that is limited is repeated" "$hsmctl" plan
equals "after both refusals" "$(requests 'POST /oauth/token')" 3
for kind in garbage truncate html deep huge; do
	faults "POST:/oauth/token:$kind"
	expect 69 "a token answer that is $kind" "$hsmctl" plan --timeout 30
	contains err "$kind: the request is named" "POST /oauth/token"
	equals "$kind: nothing else is asked" "$(requests 'GET /api')" 0
done
faults "POST:/oauth/token:status=503:times=3"
expect 0 "a login server that is not there for a while" "$hsmctl" plan
equals "asked until it is" "$(requests 'POST /oauth/token')" 4

echo "== repetition"
for kind in reset-before reset-after status=500 status=502 status=503 status=504 status=408 truncate; do
	faults "GET:*/templates:$kind:times=2"
	expect 0 "a listing that fails twice: $kind" "$hsmctl" plan
	count=$(requests "$listing")
	# libcurl itself repeats on a connection that was in use before.
	case $kind in
	reset*) between "$kind: asked until it answers" "$count" 3 3 ;;
	*) equals "$kind: asked three times" "$count" 3 ;;
	esac
done
faults "GET:*/templates:status=503"
expect 69 "a listing that never answers" "$hsmctl" plan
equals "is asked five times" "$(requests "$listing")" 5
contains err "the request is named" "/templates?pageSize=100&pageNumber=1: 503"
contains err "with its correlation id" "correlation id"
for status in 400 404 501; do
	faults "GET:*/templates:status=$status"
	expect "$([ $status = 501 ] && echo 69 || echo 1)" "status $status" "$hsmctl" plan
	equals "$status is not repeated" "$(requests "$listing")" 1
done
faults "GET:*/templates:status=403"
expect 77 "a permission that is missing" "$hsmctl" plan
equals "is not asked for again" "$(requests "$listing")" 1
faults "GET:*/templates:429=2:times=1"
begin=$(seconds)
expect 0 "a 429" "$hsmctl" plan
between "is obeyed" "$(since "$begin")" 2 4
equals "and not met twice" "$(statuses 429)" 1
faults "GET:*/templates:status=503:times=1:retry-after=2"
begin=$(seconds)
expect 0 "a 503 with Retry-After" "$hsmctl" plan
between "is obeyed, too" "$(since "$begin")" 2 4
faults "GET:*/templates:status=503:times=1:retry-after=7200"
begin=$(seconds)
expect 69 "one that says two hours" "$hsmctl" plan
between "is not waited for" "$(since "$begin")" 0 2

echo "== senseless answers"
for kind in html garbage deep huge huge=0; do
	faults "GET:*/templates:$kind"
	expect 69 "a listing that is $kind" "$hsmctl" plan --timeout 60
	contains err "$kind: the request is named" "GET /api/v2/messaging/providers/"
	contains err "$kind: with its path" "/templates?pageSize=100&pageNumber=1"
	contains err "$kind: with its correlation id" "correlation id"
	equals "$kind: asking again does not help" "$(requests "$listing")" 1
done
faults "GET:*/templates:truncate"
expect 69 "a listing that is cut" "$hsmctl" plan
contains err "truncate: with its correlation id" "correlation id"
faults "GET:*/templates:html=502"
expect 69 "a gateway's page" "$hsmctl" plan
contains err "its status" "502"
lacks err "not its markup" "<h1>"
faults "GET:*/templates:garbage"
expect 69 "an apply that cannot read" "$hsmctl" apply --yes --allow-dirty
equals "writes nothing" "$(requests 'POST /api')" 0
faults "GET:*/templates:unknown-status"
expect 0 "a status that nobody knows" "$hsmctl" plan
faults

echo "== shifting listings"
seed 1 250
admin DELETE requests >/dev/null
expect 0 "a listing of three pages" "$hsmctl" plan --format json
all=$(jq '.summary.unmanaged' "$work/out")
for kind in delete insert total; do
	faults "GET:*pageNumber=2*:shift-listing=$kind:times=1"
	expect 0 "a listing that shifts once: $kind" "$hsmctl" plan --format json
	case $kind in delete) all=$((all - 1)) ;; insert) all=$((all + 1)) ;; esac
	live_names=$(admin GET state | jq '[.templates[].name | select(test("^(seeded|emulator)"))] | length')
	equals "$kind: neither lost nor doubled" "$(jq '.summary.unmanaged' "$work/out")" "$live_names"
	equals "$kind: read twice" "$(requests "$listing")" 6
done
faults "GET:*pageNumber=2*:shift-listing=total"
expect 69 "a listing that never holds still" "$hsmctl" plan
contains err "it says so" "shifted each of"
equals "an end is put to it" "$(requests "$listing")" 15

echo "== rate limits"
kill "$emulator_pid"
emulator --rate 20/s --organization org-1
seed 1 3000
repository "$work/rate"
for i in $(seq 40); do template "r$i" en_US "Rate $i."; done
commit "Forty"
expect 0 "a plan over 31 pages where 20 requests a second go" "$hsmctl" plan
equals "no request is refused" "$(statuses 429)" 0
equals "every page is read once" "$(requests "$listing")" 30
expect 0 "forty creates" "$hsmctl" apply --yes
equals "no create is refused" "$(statuses 429)" 0
equals "each is made" "$(creates)" 40
kill "$emulator_pid"
emulator --rate 5/s --organization org-1
seed 1 1500
repository "$work/slow-rate"
template r en_US "Rate."
commit "One"
expect 0 "a limit that is lower than the requests side by side" "$hsmctl" plan --parallelism 16
equals "not one too many" "$(statuses 429)" 0
kill "$emulator_pid"

echo "== providers and organisation"
emulator --organization org-1
repository "$work/providers"
template t en_US "Hello."
commit "First"
whatsapp=$(admin GET state | jq -r '.providers[] | select(.type == "WHATSAPP") | .id')
name=$(admin GET state | jq -r '.providers[] | select(.type == "WHATSAPP") | .name')
base=$(cat hsmctl.yaml)
provider() { printf '%s\n    provider: "%s"\n' "$base" "$1" >hsmctl.yaml; }
provider "$name"
expect 0 "a provider by name" "$hsmctl" plan
provider "$whatsapp"
expect 0 "a provider by id" "$hsmctl" plan
provider "Nobody"
expect 78 "a provider that is not there" "$hsmctl" plan
contains err "what there is" "$name"
printf '%s\n    organization: org-2\n' "$base" >hsmctl.yaml
admin DELETE requests >/dev/null
expect 77 "credentials of another organisation" "$hsmctl" plan
contains err "both are named" "org-2"
equals "nothing else is asked" "$(requests .)" 2
expect 77 "nor applied" "$hsmctl" apply --yes --allow-dirty
equals "and nothing written" "$(requests 'POST /api')" 0
printf '%s\n    organization: ORG-1\n' "$base" >hsmctl.yaml
expect 0 "the organisation that is meant" "$hsmctl" plan
finish
