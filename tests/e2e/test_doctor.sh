#!/bin/bash
# What doctor finds before an apply would: each with its exit code, and nothing
# written by looking.
. "$(dirname "$0")/lib.sh"

# check NAME STATE: the check of the last report, as JSON, is in this state.
check() {
	equals "$1: $2" "$(jq -r --arg name "$1" '.checks[] | select(.name == $name) | .state' "$work/out")" "$2"
}

expect 66 "no repository" "$hsmctl" -C "$work" doctor
contains out "it says what to do" "git init"
emulator --organization org-1
repository
printf '    organization: org-1\n' >>hsmctl.yaml
template t en_US "Hello." es_ES "Hola."
expect 0 "a work tree before its first commit is only a warning" "$hsmctl" doctor --format json
check hsmctl.yaml warning
commit "First"
expect 0 "all is well" "$hsmctl" doctor
contains out "the organisation is named" org-1
contains out "what an apply would create" "0 live, 2 to create"
contains out "nothing is wrong" "0 problems, 0 warnings"
expect 0 "all is well, as JSON" "$hsmctl" doctor --format json
equals "every check is ok" "$(jq -r '[.checks[].state] | unique | join(" ")' "$work/out")" ok
equals "the environment" "$(jq -r .environment "$work/out")" dev
equals "nothing is written" "$(admin GET state | jq '.templates | length')" 0
expect 0 "an apply" "$hsmctl" apply --yes
expect 0 "after it" "$hsmctl" doctor
contains out "nothing is left to create" "2 live, 0 to create"

git clone -q --depth 1 "file://$PWD" "$work/shallow"
expect 0 "a shallow clone is a warning" "$hsmctl" -C "$work/shallow" doctor --format json
check repository warning
contains out "how to get the rest" "git fetch --unshallow"

printf 'name: bad\nfoo: 1\n' >templates/bad.yaml
expect 65 "invalid templates" "$hsmctl" doctor --format json
check templates problem
check permission ok
rm templates/bad.yaml
GENESYSCLOUD_OAUTHCLIENT_SECRET= expect 77 "no secret" "$hsmctl" doctor --format json
check credentials problem
check templates ok
expect 78 "a host that is not allowed" sh -c "sed -i 's|http://127.*|https://evil.example.com|' hsmctl.yaml; '$hsmctl' doctor --format json"
check host problem
sed -i "s|https://evil.*|$url|" hsmctl.yaml
sed -i 's/org-1/org-2/' hsmctl.yaml
expect 77 "another organisation" "$hsmctl" doctor --format json
check access problem
sed -i 's/org-2/org-1/' hsmctl.yaml

first=$url
emulator --organization org-1 --no-scope messaging:template:write
sed -i "s|$first|$url|" hsmctl.yaml
expect 77 "no permission to create" "$hsmctl" doctor --format json
check access ok
check permission problem
check account ok
equals "nothing is created by asking" "$(admin GET state | jq '.templates | length')" 0
first=$url
emulator --organization org-1 --client "id-of-the-tests:another"
sed -i "s|$first|$url|" hsmctl.yaml
expect 77 "wrong credentials" "$hsmctl" doctor --format json
check access problem
kill "$emulator_pid"
expect 69 "server gone" "$hsmctl" doctor --timeout 20 --format json
check API problem
printf 'foo: 1\n' >>hsmctl.yaml
expect 78 "a bad hsmctl.yaml" "$hsmctl" doctor --format json
check hsmctl.yaml problem
check repository ok
finish
