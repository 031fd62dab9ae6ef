#ifndef HSM_CHOOSER_H
#define HSM_CHOOSER_H

#include "reconciler/delivery/sender.h"

/*
 * Chooses for a sender where no controller does: by a registry of the moment, whose
 * statuses are read again when what it chose may not be sent any more.
 */
struct hsm_chooser {
	struct hsm_connection *connection;
	const char *provider_id;
	const struct hsm_way *way; /* that messages will go */
	struct hsm_registry *registry; /* settled: world.h */
	const char *default_language;  /* NULL: none */
	/* the chooser's own; zero-initialise */
	struct hsm_arena arena; /* choices: they live until it is released */
	struct hsm_chosen *chosen;
};

void hsm_chooser_release(struct hsm_chooser *chooser);

/* A hsm_sender_choose; chooser is its user. */
int hsm_chooser_choose(void *chooser, const char *template, const char *language, bool afresh,
		       const struct hsm_choice **choice, struct hsm_error *error);

#endif
