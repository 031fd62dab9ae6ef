#!/bin/bash
# The reviews in examples/reviews are what hsmctl writes today.
. "$(dirname "$0")/lib.sh"

mkdir "$work/reviews"
expect 0 "they are made" "$top/examples/reviews/reviews.sh" "$work/reviews"
for file in "$top"/examples/reviews/*.md "$top"/examples/reviews/*.html; do
	name=$(basename "$file")
	[ "$name" = README.md ] && continue
	cmp -s "$file" "$work/reviews/$name" && ok "$name" || { bad "$name is not what stands in examples/reviews"; diff "$file" "$work/reviews/$name" | head -10; }
done
equals "and no others" "$(ls "$work/reviews" | wc -l)" 6
finish
