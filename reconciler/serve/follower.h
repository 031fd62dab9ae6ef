#ifndef HSM_FOLLOWER_H
#define HSM_FOLLOWER_H

#include "reconciler/lifecycle/keeper.h"

/*
 * Follows git and the organisation: fetches, lists what is live, plans, and in
 * mode apply does it. One thread; only the process that leads does anything. What
 * breaks is told, tried again later, and the last good state stays.
 */
struct hsm_follower;

struct hsm_follower_options {
	struct hsm_keeper *keeper;
	const char *environment;
	/* What is followed: a URL through a mirror, or the repository that holds `path` itself. */
	const char *url, *branch, *path, *folder; /* url NULL: path is the repository; folder of hsmctl.yaml, NULL: its top */
	double fetch_timeout;
	bool apply;
	double interval; /* seconds between plans */
	unsigned parallelism;
	void (*log)(void *user, enum hsm_log_level level, const char *message);
	void *user;
};

/* The options are copied, their texts borrowed. Where it fails, it is to be freed all the same. */
int hsm_follower_open(struct hsm_follower **follower, const struct hsm_follower_options *options,
		      struct hsm_error *error);
/* Stops what is under way: an apply after the requests that are in flight. The others may still be called. */
void hsm_follower_stop(struct hsm_follower *follower);
void hsm_follower_free(struct hsm_follower *follower);

/* From any thread: git moved; something is to be asked of the API. */
void hsm_follower_push(struct hsm_follower *follower);
void hsm_follower_doubt(struct hsm_follower *follower);

/* Other settings, from the next cycle on. */
void hsm_follower_set(struct hsm_follower *follower, bool apply, double interval);

/* For metrics and the status page. */
struct hsm_follower_status {
	char commit[HSM_COMMIT_SIZE]; /* "" before the first */
	int64_t planned, listed, fetched; /* milliseconds since 1970; 0: never */
	double list_duration, plan_duration; /* seconds */
	size_t templates;      /* live */
	size_t differences, problems; /* rows of the last plan */
	char summary[512];     /* of the last plan */
	char failure[HSM_ERROR_MESSAGE_SIZE];     /* "" where the last cycle was good */
	uint64_t cycles, failures, applies, failed_applies;
	int64_t rate_count, rate_allowed;
};
void hsm_follower_read_status(struct hsm_follower *follower, struct hsm_follower_status *status);

#endif
