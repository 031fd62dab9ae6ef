# Sourced by the benchmarks: the binaries, a work folder, the emulator, and what a command takes.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
top=$PWD
bin=${HSM_BUILD:-build}
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
work=$(mktemp -d)
worlds=${HSM_WORLDS:-$work} # kept from one script to the next
runs=${RUNS:-5}
pids=
cleanup() {
	[ -z "$pids" ] || kill $pids 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
export GENESYSCLOUD_OAUTHCLIENT_ID=bench GENESYSCLOUD_OAUTHCLIENT_SECRET=bench GIT_CONFIG_GLOBAL=/dev/null

# start_emulator [OPTION...]: sets $url.
start_emulator() {
	: >"$work/emulator.log"
	"$bin/genesys-emulator" --port 0 "$@" >>"$work/emulator.log" &
	emulator=$!
	pids="$pids $emulator"
	for _ in $(seq 1000); do grep -q listening "$work/emulator.log" && break; sleep 0.05; done
	url=$(sed -n 's/.*listening on \(http[^ ]*\).*/\1/p' "$work/emulator.log")
}

stop_emulator() {
	kill "$emulator"
	wait "$emulator" 2>/dev/null || true
}

# admin METHOD PATH: the emulator's own.
admin() { curl -fsS -X "$1" "$url/_emulator/$2"; }

# ratio A B [FORMAT]
ratio() { awk -v a="$1" -v b="$2" -v format="${3:-%.1f}" 'BEGIN { if (b > 0) printf format, a / b; else printf "-" }'; }

# row WORK HSMCTL BESIDE RATIO GOAL: one of the table of README.md.
row() { printf '| %s | %s | %s | %s | %s |\n' "$@"; }

# pick FIELD: the smallest and the median of a column of measurements.
pick() { awk -v field="$1" '{ print $field }' | sort -n | awk '{ all[NR] = $1 } END { print all[1], all[int((NR + 1) / 2)] }'; }

# measure COMMAND...: "wall CPU memory", in seconds and KiB; what it prints is in $work/output.
measure() {
	"$bin/measure" "$@" >"$work/output" 2>"$work/measured" </dev/null || { cat "$work/measured" >&2; return 1; }
	tail -1 "$work/measured" | awk '{ printf "%.3f %.3f %d\n", $1, $2 + $3, $4 }'
}
