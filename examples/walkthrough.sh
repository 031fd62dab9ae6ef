# Sourced by the examples that walk through hsmctl's daily life against the emulator, each in
# a temporary copy of its repository: bash and git are all that they need.
# shellcheck shell=bash
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${HSM_BUILD:-$top/build}
case $bin in /*) ;; *) bin=$top/$bin ;; esac
work=$(mktemp -d)
emulator=
cleanup() {
	[ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
export PATH="$bin:$PATH" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
export GIT_AUTHOR_NAME="Ana Ruiz" GIT_AUTHOR_EMAIL=ana@example.com
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
run() {
	printf '\033[36m$ %s\033[0m\n' "$*"
	"$@"
}

# start_emulator OPTION...: sets $port.
start_emulator() {
	"$bin/genesys-emulator" --port 0 "$@" >"$work/emulator.log" &
	emulator=$!
	for _ in $(seq 100); do
		grep -q listening "$work/emulator.log" && break
		sleep 0.05
	done
	port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/emulator.log")
}

# take FOLDER: a copy of the example's repository, for this emulator; goes there.
take() {
	mkdir "$work/repository"
	cp -r "$top/examples/$1"/{hsmctl.yaml,templates} "$work/repository/"
	[ ! -d "$top/examples/$1/files" ] || cp -r "$top/examples/$1/files" "$work/repository/"
	cd "$work/repository"
	sed -i "s/127.0.0.1:8080/127.0.0.1:$port/" hsmctl.yaml
	sed -i '/yaml-language-server/d' hsmctl.yaml templates/*.yaml
	git init -q -b main .
}
