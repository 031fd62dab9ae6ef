#ifndef HSM_PUBLISHER_H
#define HSM_PUBLISHER_H

#include "reconciler/lifecycle/publication.h"
#include "reconciler/serve/follower.h"

/*
 * Keeps data tables of Architect equal to the answers, or to the routes: what
 * changed at once, everything now and then, since people may edit a table. One
 * thread; only the process that leads writes.
 */
struct hsm_publisher;

struct hsm_publisher_options {
	struct hsm_keeper *keeper;
	struct hsm_follower *follower; /* tells the commit */
	const char *environment, *path, *folder; /* as the follower's */
	enum hsm_publication publication;
	const char *name; /* of the table */
	size_t tables, rows;
	unsigned parallelism;
	void (*log)(void *user, enum hsm_log_level level, const char *message);
	void *user;
};

/* Where it fails, it is to be freed all the same. */
int hsm_publisher_open(struct hsm_publisher **publisher, const struct hsm_publisher_options *options,
		       struct hsm_error *error);
/* The others may still be called. */
void hsm_publisher_stop(struct hsm_publisher *publisher);
void hsm_publisher_free(struct hsm_publisher *publisher);

/* Answers or routes changed; from any thread. */
void hsm_publisher_wake(struct hsm_publisher *publisher);

struct hsm_publisher_status {
	int64_t published;  /* when the tables were last equal, milliseconds since 1970; 0: never */
	size_t rows;
	uint64_t runs, failures, writes;
	char failure[HSM_ERROR_MESSAGE_SIZE]; /* "" where the last run was good */
};
void hsm_publisher_read_status(struct hsm_publisher *publisher, struct hsm_publisher_status *status);

#endif
