#!/bin/bash
# A repository for an account of Meta's, against the emulator: created, changed, taken over
# by somebody else. Runs in a temporary copy.
. "$(dirname "$0")/../walkthrough.sh"

start_emulator --review approve
export ACME_META_TOKEN=any
take meta
git add . && git commit -q -m "Four templates of Acme Plants"

say "What would happen to the account?"
run hsmctl doctor
run hsmctl plan
say "Samples are uploaded, templates created, each language once"
run hsmctl apply --yes
run hsmctl plan

say "A change is a new version beside the old one"
sed -i 's/has left our warehouse/is on its way/; s/ha salido de nuestro almacén/está en camino/' templates/parcel_on_its_way.yaml
git commit -q -a -m "Shorter"
run hsmctl plan
run hsmctl apply --yes
run hsmctl status

say "Another repository takes over what the account has: import, commit, and nothing differs"
mkdir "$work/other" && cp hsmctl.yaml "$work/other" && cd "$work/other" && git init -q -b main .
run hsmctl import
run cat templates/login_code.yaml
cp -r "$work/repository/files" . # an account does not give its samples back
for sample in $(grep -rhoE 'files/[a-z0-9_A-Z]+\.jpg' templates | sort -u); do cp files/fern.png "$sample"; done
git add . && git commit -q -m "What the account has"
run hsmctl plan
say "That was hsmctl on Meta"
