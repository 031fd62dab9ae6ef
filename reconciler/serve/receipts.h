#ifndef HSM_RECEIPTS_H
#define HSM_RECEIPTS_H

#include <pthread.h>

#include "reconciler/lifecycle/event.h"

/* What webhooks told of messages, on its way to the thread that counts it. */
struct hsm_receipts {
	pthread_mutex_t mutex;
	struct hsm_receipt_item *first; /* newest first */
	size_t count;
};

void hsm_receipts_init(struct hsm_receipts *receipts);
void hsm_receipts_release(struct hsm_receipts *receipts);

/* Copied; from any thread. What is beyond a hundred thousand is not counted: a rate is of many. */
void hsm_receipts_add(struct hsm_receipts *receipts, const struct hsm_receipt *items, size_t count);

/* Hands over all that are there, and forgets them. */
void hsm_receipts_take(struct hsm_receipts *receipts, void (*take)(void *user, const struct hsm_receipt *receipt),
		       void *user);

#endif
