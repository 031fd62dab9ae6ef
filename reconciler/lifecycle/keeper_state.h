#ifndef HSM_KEEPER_STATE_H
#define HSM_KEEPER_STATE_H

#include "reconciler/lifecycle/keeper.h"

/* Private to the keeper. */

struct hsm_keeper {
	struct hsm_keeper_options options;
	struct hsm_store *store;
	struct hsm_registry registry;
	struct hsm_answers answers;
	struct hsm_routing routing;
	struct hsm_keeper_counts counts;
	_Atomic bool leads;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct hsm_work *first, **last;
	bool stopping;
	/* of the transaction */
	struct hsm_registry_template **changed; /* to be decided anew */
	size_t changed_count, changed_capacity;
	struct hsm_registry_version **unsaved; /* once each, however often events changed them */
	size_t unsaved_count, unsaved_capacity;
	bool doubt;
	struct hsm_arena scratch; /* of an event or a decision: a new one for each would cost more than they do */
};

/* Decides what the transaction's work changed, and then whatever leans on that. */
int hsm_keeper_settle(struct hsm_keeper *keeper, struct hsm_error *error);

#endif
