#!/bin/bash
# hsmctl serve, killed at any moment under load and started again, has every event
# that it answered 200, once; and the registry is what the events say.
# HSM_KILLS=200: so many kills on each database.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"
deliver=$HSM_BUILD/deliver
export HOOK_SECRET=planted-secret-hook
names=100 connections=16

# The world: names templates, approved. The emulator ends once they are read, as
# afterwards the events alone are to tell what the registry says.
make_world() {
	emulator
	repository "$work/world-$1"
	awk -v names=$names 'BEGIN {
		printf "[" > "seed.json"
		for (i = 0; i < names; i++) {
			file = sprintf("templates/template_%05d.yaml", i)
			printf "name: template_%05d\ncategory: UTILITY\ntranslations:\n  en_US:\n    body: \"Number %d.\"\n", i, i > file
			close(file)
			printf "%s{\"name\": \"template_%05d_v1\", \"language\": \"en_US\", \"status\": \"APPROVED\", \"category\": \"UTILITY\", \"components\": [{\"type\": \"BODY\", \"text\": \"Number %d.\"}]}", i ? ", " : "", i, i > "seed.json"
		}
		printf "]" > "seed.json"
	}'
	admin POST templates @seed.json >/dev/null
	rm seed.json
	commit "Templates"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_serve() {
	"$hsmctl" serve "$work/serve.yaml" --env dev >>"$work/serve.log" 2>&1 &
	serve_pid=$!
	for _ in $(seq 1000); do
		curl -fs -o "$work/ready" "http://127.0.0.1:$port/readyz" && return
		sleep 0.02
		kill -0 "$serve_pid" 2>/dev/null || break
	done
	tail -20 "$work/serve.log"
	bad "serve starts"
	finish
}

# kill_round BATCH COUNT: delivers, and kills in the midst of it.
kill_round() {
	timeout 120 "$deliver" -a 127.0.0.1 "$port" "$HOOK_SECRET" "$first" "$2" $connections "$1" $names \
		>>"$work/acknowledged" 2>>"$work/deliver.log" &
	local delivering=$!
	sleep "$(awk -v r=$RANDOM 'BEGIN { printf "%.3f", 0.05 + r / 32767 * 0.35 }')"
	kill -9 "$serve_pid"
	wait "$serve_pid" 2>/dev/null
	start_serve
	wait $delivering || { tail -3 "$work/deliver.log"; bad "the events of a round are delivered"; }
	first=$((first + $2))
}

# Every event as "its own id, name, time, status", tabs between; and every version.
sqlite_rows() {
	timeout 300 python3 - "$work/registry.db" "$1" <<'END'
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]):
    print("\t".join("" if value is None else str(value) for value in row))
END
}
rows() { case $registry_url in sqlite:*) sqlite_rows "$1" ;; *) postgres_query "$1" ;; esac }

check() {
	rows "SELECT id, name, sent, value, body FROM event" >"$work/rows"
	# Meta's events have no id of their own: it stands in their reason.
	awk -F '\t' '{ id = $1; if (match($5, /"reason":"e[0-9]+"/)) id = substr($5, RSTART + 10, RLENGTH - 11)
		print id "\t" $2 "\t" $3 "\t" $4 }' "$work/rows" | sort >"$work/events"
	sort "$work/acknowledged" >"$work/acknowledged.sorted"
	cut -f 1 "$work/events" | sort >"$work/ids"
	equals "$1: no event is there twice" "$(uniq -d "$work/ids" | wc -l)" 0
	equals "$1: no event was answered 200 twice" "$(uniq -d "$work/acknowledged.sorted" | wc -l)" 0
	equals "$1: every event that was answered 200 is there" "$(comm -23 "$work/acknowledged.sorted" "$work/ids" | wc -l)" 0
	awk -F '\t' '!($2 in at) || $3 >= at[$2] { at[$2] = $3; status[$2] = $4 }
		END { for (name in at) print name "\t" status[name] }' "$work/events" | sort >"$work/wanted"
	rows "SELECT name, status FROM version" | sort >"$work/got"
	if cmp -s "$work/wanted" "$work/got"; then
		ok "$1: the registry is what the events say ($(wc -l <"$work/got") versions)"
	else
		bad "$1: the registry is not what the events say:"
		diff "$work/wanted" "$work/got" | head
	fi
}

# What is answered is what was told last, too.
check_answers() {
	curl -fsS "http://127.0.0.1:$port/v1/templates" |
		jq -r '.templates[] | "\(.template)_v1\t\(if .use == "template" then "APPROVED" else "PAUSED" end)"' | sort >"$work/told"
	if cmp -s "$work/wanted" "$work/told"; then ok "$1: and so are the answers"; else bad "$1: the answers are others"; fi
}

# kills NAME ROUNDS, with $registry_url
kills() {
	make_world "$1"
	port=$(free_port)
	printf 'listen: 127.0.0.1:%s\nregistry: "%s"\nwebhook:\n  secret: HOOK_SECRET\n' "$port" "$registry_url" >"$work/serve.yaml"
	: >"$work/acknowledged"
	: >"$work/deliver.log"
	first=0
	DELIVER_TIME=$(date +%s)000
	export DELIVER_TIME
	start_serve
	kill "$emulator_pid"
	for round in $(seq "$2"); do
		if [ $((round % 3)) = 0 ]; then kill_round 10 9000; else kill_round 1 3000; fi
	done
	check "$1"
	local broken
	broken=$(awk '{ sum += $NF } END { print sum }' "$work/deliver.log")
	if [ "$broken" -gt 0 ]; then ok "$1: $2 kills broke $broken requests"; else bad "$1: no kill broke a request"; fi
	# The provider sends what it got no answer to again, and whatever else it likes.
	cp "$work/acknowledged" "$work/acknowledged.once"
	timeout 300 "$deliver" -a 127.0.0.1 "$port" "$HOOK_SECRET" 0 3000 $connections 1 $names \
		>"$work/acknowledged" 2>>"$work/deliver.log" || bad "$1: delivered again"
	equals "$1: the first events delivered again" "$(wc -l <"$work/acknowledged")" 3000
	check "$1, delivered again"
	check_answers "$1"
	kill "$serve_pid"
	wait "$serve_pid" 2>/dev/null
}

registry_url=sqlite:$work/registry.db
kills sqlite "${HSM_KILLS:-10}"
if postgres_is_installed; then
	postgres
	kills postgres "${HSM_KILLS:-5}"
else
	echo "SKIPPED: PostgreSQL 15 is not installed"
fi
finish
