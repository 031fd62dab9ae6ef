#!/bin/sh
# The demo is what a newcomer sees first: it must run to its end, and show each
# kind of row.
set -eu
cd "$(dirname "$0")/../.."
output=$(examples/quickstart/demo.sh 2>&1) || { echo "$output"; exit 1; }
for expected in '+ create' 'Nothing to do' '± replace' 'order_confirmation_v1 → v2' 'reuse' '! conflict' \
	'That was hsmctl'; do
	case $output in
	*"$expected"*) ;;
	*) echo "$output"; echo "FAIL: no '$expected'"; exit 1 ;;
	esac
done
echo "ok: the demo runs to its end"
