#ifndef HSM_TRACKER_H
#define HSM_TRACKER_H

#include "reconciler/delivery/sender.h"
#include "reconciler/lifecycle/event.h"
#include "reconciler/lifecycle/keeper.h"

/*
 * What became of the messages that were sent: asked of the API some seconds after, and
 * less and less often. What a failure says of its template reaches the registry as a
 * webhook's event does. Recipients are held in memory only, and forgotten with the end.
 * One thread uses a tracker.
 */
struct hsm_tracker;

struct hsm_tracker_options {
	struct hsm_keeper *keeper;
	void (*doubt)(void *user); /* a listing should tell */
	void *user;
};

struct hsm_tracker *hsm_tracker_make(const struct hsm_tracker_options *options);
void hsm_tracker_free(struct hsm_tracker *tracker);

/* One that was sent with a template, by a way that can be asked; of more than a thousand at once some are not followed. */
void hsm_tracker_add(struct hsm_tracker *tracker, const struct hsm_delivery *delivery);

/* The API refused one for its template, by this error of Meta's; 0: it does not say why. */
void hsm_tracker_note_refusal(struct hsm_tracker *tracker, const char *name, const char *language, int64_t code);

/* Whether some are, and the last round was some seconds ago. */
bool hsm_tracker_is_due(const struct hsm_tracker *tracker);

/* Asks about those that are due, few at a time: sending comes first. */
void hsm_tracker_look(struct hsm_tracker *tracker, struct hsm_messenger *messenger);

/* What a webhook told of one: each message counts once, however often and whatever it tells. */
void hsm_tracker_note_receipt(struct hsm_tracker *tracker, const struct hsm_receipt *receipt);

/* Counters, for metrics. */
struct hsm_tracker_counts {
	_Atomic uint64_t arrived, failed, given_up;
};
const struct hsm_tracker_counts *hsm_tracker_read_counts(const struct hsm_tracker *tracker);

#endif
