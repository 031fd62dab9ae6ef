#!/bin/bash
# The benchmarks in short: each gives its figures, and the instructions of validate and plan,
# which repeat, are within their goals.
. "$(dirname "$0")/lib.sh"

case $HSM_BUILD in
*/san | */cov | */fuzz) echo "SKIPPED: instructions are counted in a release build"; exit 0 ;;
esac
export COUNTED=200 TEMPLATES=20 CREATES=20 COUNTS=3 LATENCIES=0 PEERS=node RUNS=1
# rows NAME COUNT COMMAND...: so many rows of five cells, none without its figures.
rows() {
	expect 0 "$1" "${@:3}"
	equals "$1: its rows" "$(grep -c '^| [^|]* | [-0-9][^|]* |\( [^|]* |\)\{3\}$' "$work/out")" "$2"
	lacks out "$1: each with a ratio" "| - |"
}
rows "instructions" 2 "$top/tests/bench/speed" instructions
rows "the others" 14 "$top/tests/bench/speed" cpu plan-50ms apply changed growth memory
rows "messages" 1 "$HSM_BUILD/messages" 2000
npm_tools
rows "a peer" 2 "$top/tests/bench/peers/run"
finish
