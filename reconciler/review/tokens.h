#ifndef HSM_TOKENS_H
#define HSM_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

/* A part of a text: a sentence, a word. */
struct hsm_token {
	const char *text; /* not ended by a NUL */
	size_t length;
	bool changed;
};

/* Beyond this the rest of a text is one token: more than any message has, and no text takes long. */
#define HSM_TOKENS_MAX 1024

/* Marks what only one of the two has, so that as many as can be stay unmarked, in order. */
void hsm_tokens_compare(struct hsm_token *old_tokens, size_t old_count, struct hsm_token *new_tokens,
			size_t new_count);

#endif
