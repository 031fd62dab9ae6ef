#ifndef HSM_WORDING_H
#define HSM_WORDING_H

#include <stddef.h>

/* Phrases that say what a text is about, in the languages that most templates have. */

enum hsm_wording_id {
	HSM_WORDING_PROMOTIONAL,
	HSM_WORDING_ONE_TIME,
	HSM_WORDING_SHORTENERS,
	HSM_WORDING_MAX_
};

struct hsm_wording {
	const char *const *phrases;
	size_t count;
};

extern const struct hsm_wording hsm_wordings[HSM_WORDING_MAX_];

/* The first phrase in a text, as whole words in any case: its length and offset; 0: none. */
size_t hsm_wording_find(const struct hsm_wording *wording, const char *text, size_t *offset);

#endif
