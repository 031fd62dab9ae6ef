#ifndef HSM_WORDING_H
#define HSM_WORDING_H

#include <stddef.h>
#include <stdint.h>

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

/* The letters that phrases begin with: most words of a text begin with others. */
struct hsm_wording_filter {
	/* By the first: a bit for each letter that follows it, in a phrase of one kind, and of any. */
	uint32_t seconds[HSM_WORDING_MAX_][128];
	uint32_t any[128];
	unsigned char classes[256]; /* what each byte may do */
};
void hsm_wording_make_filter(struct hsm_wording_filter *filter);

/* Where a text has the first phrase of each kind, as whole words in any case; length 0: nowhere. */
struct hsm_wording_place {
	size_t offset, length;
};
void hsm_wording_find(const struct hsm_wording_filter *filter, const char *text,
		      struct hsm_wording_place places[HSM_WORDING_MAX_]);

#endif
