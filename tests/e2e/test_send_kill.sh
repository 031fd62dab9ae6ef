#!/bin/bash
# A bulk send that is killed again and again: everybody gets exactly one message.
# HSM_SEND_ROWS recipients and HSM_SEND_KILLS kills, or few of them.
. "$(dirname "$0")/lib.sh"
rows=${HSM_SEND_ROWS:-400} kills=${HSM_SEND_KILLS:-4}

emulator --latency 50
repository
parameters='{order_id: {type: TEXT, default: A}, customer: {type: TEXT, default: Ana}}' \
	template order en_US "Hi {{customer}}, the order {{order_id}} that you made is on its way to you."
commit "First"
"$hsmctl" apply --yes -q >/dev/null 2>&1
admin POST review '{"status": "APPROVED"}' >/dev/null
awk -v rows="$rows" 'BEGIN { print "recipient,order_id,customer"; for (i = 1; i <= rows; i++) printf "+34600%06d,A-%d,Ana %d\n", i, i, i }' >rows.csv

count() { admin GET conversations | jq length; }

for kill in $(seq "$kills"); do
	wanted=$((rows * kill / (kills + 1)))
	"$hsmctl" send order --from rows.csv --yes -q >"$work/out" 2>"$work/err" &
	victim=$!
	# Where nobody chose: some milliseconds after so many are sent.
	for _ in $(seq 3000); do
		[ "$(count)" -ge "$wanted" ] && break
		kill -0 $victim 2>/dev/null || break
		sleep 0.1
	done
	sleep 0.$((RANDOM % 100 + 100))
	kill -9 $victim 2>/dev/null && echo "killed after $(count) messages"
	wait $victim 2>/dev/null
done
expect 0 "run to its end" "$hsmctl" send order --from rows.csv --yes -q
admin GET conversations | jq -r '.[] | "\(.participant.address.phoneNumber) \(.messages[0].parameters | join("|"))"' | sort >"$work/sent"
awk -v rows="$rows" 'BEGIN { for (i = 1; i <= rows; i++) printf "+34600%06d Ana %d|A-%d\n", i, i, i }' | sort >"$work/wanted"
if cmp -s "$work/sent" "$work/wanted"; then
	ok "$rows recipients, $kills kills: each has exactly one message, and the right one"
else
	bad "not one message for each:"
	diff "$work/wanted" "$work/sent" | head
fi
equals "all are sent by the results, too" "$(jq -r .state rows.csv.results.ndjson | sort | uniq -c | tr -s ' ')" " $rows sent"
finish
