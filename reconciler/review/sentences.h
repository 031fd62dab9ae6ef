#ifndef HSM_SENTENCES_H
#define HSM_SENTENCES_H

#include <stddef.h>

/*
 * What differs between two texts, by sentences and lines: a template's body is
 * often one long line, of which one sentence changed.
 */

struct hsm_sentence {
	const char *text; /* in one of the two texts, not ended by a NUL */
	size_t length;    /* without the space or newline after it */
	char side;        /* '-': only the old text has it, '+': only the new one */
};

struct hsm_sentences {
	struct hsm_sentence *items; /* in order; free() */
	size_t count, capacity;
};

/* Either text may be NULL: nothing. */
void hsm_sentences_compare(const char *old_text, const char *new_text, struct hsm_sentences *differences);

#endif
