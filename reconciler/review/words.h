#ifndef HSM_WORDS_H
#define HSM_WORDS_H

#include <stdbool.h>

#include "schema/base/arena.h"

/*
 * Which words of two texts only one of them has. A placeholder is a word; in
 * scripts without spaces each character is.
 */

/* Bytes of a text. */
struct hsm_word_run {
	size_t start, length;
};

struct hsm_word_runs { /* in order, with something unchanged between any two */
	struct hsm_word_run *items; /* in the arena */
	size_t count;
};

/* Either text may be NULL: nothing. */
void hsm_words_compare(struct hsm_arena *arena, const char *old_text, const char *new_text,
		       struct hsm_word_runs *old_runs, struct hsm_word_runs *new_runs);

#endif
