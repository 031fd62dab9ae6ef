#ifndef HSM_DISPATCHER_H
#define HSM_DISPATCHER_H

#include "reconciler/delivery/sender.h"
#include "reconciler/serve/follower.h"
#include "reconciler/serve/tracker.h"

/*
 * Sends what is asked for over HTTP. One thread; what waits is one wave. The same key is
 * the same message: it is on record before it is sent, and asked for again it is answered
 * from the record, or looked up.
 */
struct hsm_dispatcher;

#define HSM_DISPATCH_WAITING_MAX 1000 /* requests */
#define HSM_SEND_KEY_MAX 128          /* bytes */

/* A request until it is answered; everything is in its arena. */
struct hsm_dispatch {
	struct hsm_arena arena;
	const char *key;     /* Idempotency-Key */
	const char *request; /* SHA-256 of the body */
	struct hsm_delivery delivery;
	const char *owner;   /* the dispatcher's: the process that began it before; NULL */
	double since;        /* the dispatcher's: when it came, CLOCK_MONOTONIC */
	/* Called once from the dispatcher's thread; frees it. answer is JSON. */
	void (*done)(struct hsm_dispatch *dispatch, unsigned status, const char *answer);
	void *user;
	struct hsm_dispatch *next;
};

struct hsm_dispatcher_options {
	struct hsm_keeper *keeper;
	struct hsm_follower *follower; /* is told of doubts */
	const char *environment;
	const char *default_language; /* NULL: none */
	unsigned parallelism;
	void (*log)(void *user, enum hsm_log_level level, const char *message);
	void *user;
};

/* Where it fails, it is to be freed all the same. */
int hsm_dispatcher_open(struct hsm_dispatcher **dispatcher, const struct hsm_dispatcher_options *options,
			struct hsm_error *error);
/* What waits is answered 503; what is under way ends. */
void hsm_dispatcher_stop(struct hsm_dispatcher *dispatcher);
void hsm_dispatcher_free(struct hsm_dispatcher *dispatcher);

/* false: too much waits. From any thread; it may be done before this returns. */
bool hsm_dispatcher_take(struct hsm_dispatcher *dispatcher, struct hsm_dispatch *dispatch);

/* What a webhook of Meta's told of messages; copied. From any thread. */
void hsm_dispatcher_note_receipts(struct hsm_dispatcher *dispatcher, const struct hsm_receipt *receipts, size_t total);

struct hsm_dispatcher_counts {
	_Atomic uint64_t sent, repeated, refused, fallbacks, unavailable, unknown;
};
const struct hsm_dispatcher_counts *hsm_dispatcher_read_counts(const struct hsm_dispatcher *dispatcher);
const struct hsm_tracker_counts *hsm_dispatcher_read_deliveries(const struct hsm_dispatcher *dispatcher);

#endif
