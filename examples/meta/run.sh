#!/bin/bash
# A repository for an account of Meta's, against the emulator: created, changed, taken over
# by somebody else. Runs in a temporary copy.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${HSM_BUILD:-$top/build}
case $bin in /*) ;; *) bin=$top/$bin ;; esac
work=$(mktemp -d)
emulator=
cleanup() {
	[ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
run() {
	printf '\033[36m$ %s\033[0m\n' "$*"
	"$@"
}

"$bin/genesys-emulator" --port 0 --review approve >"$work/emulator.log" &
emulator=$!
for _ in $(seq 100); do
	grep -q listening "$work/emulator.log" && break
	sleep 0.05
done
port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/emulator.log")

export ACME_META_TOKEN=any GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME="Ana Ruiz" GIT_AUTHOR_EMAIL=ana@example.com
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export PATH="$bin:$PATH"

cp -r "$top/examples/meta" "$work/repository"
cd "$work/repository"
sed -i "s/127.0.0.1:8080/127.0.0.1:$port/" hsmctl.yaml
sed -i '/yaml-language-server/d' hsmctl.yaml templates/*.yaml
git init -q -b main . && git add . && git commit -q -m "Four templates of Acme Plants"

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
