#!/bin/bash
# Some of what `make torture` lets fail; all of it takes hours.
. "$(dirname "$0")/lib.sh"
case $HSM_BUILD in */cov) echo "SKIPPED: gcov's own files would fail, too"; exit 0 ;; esac
torture() { expect 0 "$*" "$top/tests/faults/torture" --build "$HSM_BUILD" --seed 7 "$@"; }

commands=
for command in init bump plan plan-over apply apply-prune apply-saved import import-files import-adopt snapshot preview \
	validate status; do
	commands="$commands --command $command"
done
torture --short 1 $commands
# A template, a commit or a version number that cannot be read must not pass for one that is not there.
torture --short 12 --kind listing --command bump
torture --short 12 --kind open --command bump --command plan
# What was answered 200 is kept.
for kind in write sync; do torture --short 2 --kind $kind --command serve; done
torture --short 2 --kind rename --command serve-git
finish
