#ifndef HSM_EMULATOR_LISTING_H
#define HSM_EMULATOR_LISTING_H

#include <cJSON.h>
#include <stddef.h>

struct hsm_emu_request;

/* The objects that a request asks for, borrowed. */
struct hsm_emu_listing {
	const cJSON **items;
	size_t count, capacity;
};

void hsm_emu_listing_add(struct hsm_emu_listing *listing, const cJSON *item);

/* Answers with the page that the query wants, and forgets them. */
void hsm_emu_listing_answer(struct hsm_emu_listing *listing, struct hsm_emu_request *request);

/* As above, with the page that the body wants, as "results". */
void hsm_emu_listing_answer_results(struct hsm_emu_listing *listing, struct hsm_emu_request *request,
				    const cJSON *body);

#endif
