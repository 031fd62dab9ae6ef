#ifndef HSM_TEMPLATE_READER_H
#define HSM_TEMPLATE_READER_H

#include "schema/base/arena.h"

#define HSM_TEMPLATE_WORDS 256

/* Templates out of JSON. Words that come again and again (languages, statuses,
 * a name in all its languages) are kept once: 60,000 rows are to fit. */
struct hsm_template_reader {
	struct hsm_arena *arena;  /* where rows go */
	struct hsm_arena scratch; /* to be released, at any time */
	const char *words[HSM_TEMPLATE_WORDS];
	size_t word_count;
	const char *name; /* the last one */
};

/* NULL stays NULL. */
const char *hsm_template_reader_keep_word(struct hsm_template_reader *reader, const char *text);
/* Likewise, in upper case. */
const char *hsm_template_reader_keep_upper(struct hsm_template_reader *reader, const char *text);
const char *hsm_template_reader_keep_name(struct hsm_template_reader *reader, const char *name);

#endif
