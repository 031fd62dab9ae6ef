#!/bin/bash
# An apply that is killed at any request, and run again, ends in the same live
# state as one that nobody disturbed; and nothing is created twice.
. "$(dirname "$0")/lib.sh"

write_world() {
	template one en_US "One." es_ES "Uno." fr_FR "Un."
	template two en_US "Two." es_ES "Dos."
	commit "First"
	"$hsmctl" apply --yes >/dev/null 2>&1 || exit 1
	template one en_US "One, changed." es_ES "Uno, cambiado." fr_FR "Un."
	template two en_US "Two." es_ES "Dos, cambiado." de_DE "Zwei."
	template three en_US "Three." es_ES "Tres."
	commit "Second"
}

emulator
repository "$work/undisturbed"
write_world
expect 0 "an undisturbed apply" "$hsmctl" apply --yes
live >"$work/wanted"
equals "it made eleven creates" "$(requests 'POST /api/v2/messaging/providers/[^/]*/templates')" 11
kill "$emulator_pid"

# The requests of the apply: token, providers, listing, six creates. Killed when
# the Nth arrives, before and after the server acted.
for fault in reset-before reset-after; do
	for n in $(seq 1 9); do
		emulator --latency 20
		repository "$work/$fault-$n"
		write_world
		admin DELETE requests >/dev/null
		"$hsmctl" apply --yes --parallelism 2 >/dev/null 2>&1 &
		victim=$!
		for _ in $(seq 500); do
			[ "$(requests .)" -ge "$n" ] && break
			kill -0 $victim 2>/dev/null || break
			sleep 0.005
		done
		[ $fault = reset-after ] && sleep 0.015
		kill -9 $victim 2>/dev/null
		wait $victim 2>/dev/null
		expect 0 "killed at request $n, run again" "$hsmctl" apply --yes
		live >"$work/got"
		if cmp -s "$work/wanted" "$work/got"; then
			ok "the same live state"
		else
			bad "another live state:"
			diff "$work/wanted" "$work/got"
		fi
		expect 0 "and nothing is left to do" "$hsmctl" plan --detailed-exitcode
		kill "$emulator_pid"
	done
done
finish
