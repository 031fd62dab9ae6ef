#ifndef HSM_KEEPER_H
#define HSM_KEEPER_H

#include "reconciler/lifecycle/answers.h"
#include "reconciler/lifecycle/event.h"
#include "reconciler/lifecycle/routing.h"
#include "reconciler/lifecycle/store.h"
#include "reconciler/lifecycle/world.h"

/*
 * Keeps the registry: the one thread that has the database. Others give it work,
 * which it does in order, as much as waits in one transaction; so however many
 * events arrive at once, one sync of the disk makes all of them durable.
 */
struct hsm_keeper;

enum hsm_log_level { HSM_LOG_ERROR, HSM_LOG_WARNING, HSM_LOG_INFO, HSM_LOG_DEBUG };

struct hsm_keeper_options {
	const char *url, *environment;
	void (*log)(void *log_user, enum hsm_log_level level, const char *message); /* from any thread */
	void *log_user;
	/* Answers or routes are other ones now, or a poll is wanted: from the keeper's thread, and while it opens. */
	void (*changed)(void *user);
	void (*doubt)(void *user);
	void *user;
	void (*detach)(void *attachment); /* answers.h */
};

/* Opens the database, reads it and begins. The options' texts are copied. */
int hsm_keeper_open(struct hsm_keeper **keeper, const struct hsm_keeper_options *options, struct hsm_error *error);
/* Does what waits, and ends. */
void hsm_keeper_close(struct hsm_keeper *keeper);

/* Locked as answers.h and routing.h say. */
struct hsm_answers *hsm_keeper_answers(struct hsm_keeper *keeper);
struct hsm_routing *hsm_keeper_routing(struct hsm_keeper *keeper);
bool hsm_keeper_leads(const struct hsm_keeper *keeper);

/*
 * Work. run is called within a transaction, at most twice: where another work's
 * failure takes the transaction with it, it is run again alone. done comes after
 * what it changed is durable and answers have changed, or with the error; it may
 * be NULL. Both in the keeper's thread.
 */
struct hsm_work {
	int (*run)(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error);
	void (*done)(struct hsm_work *work, int rc, const struct hsm_error *error);
	size_t weight; /* how many bytes wait for it */
	bool reads;    /* run changes nothing */
	struct hsm_work *next;
};

#define HSM_KEEPER_WAITING_MAX ((size_t)64 << 20)

/* Whether so many bytes may wait, too. Only one thread may ask and then queue. */
bool hsm_keeper_has_room(struct hsm_keeper *keeper, size_t weight);
void hsm_keeper_queue(struct hsm_keeper *keeper, struct hsm_work *work);
/* Queues it and waits until it is done. */
int hsm_keeper_do(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error);

/* People are told of it. From any thread but the keeper's. */
void hsm_keeper_tell(struct hsm_keeper *keeper, enum hsm_alert_kind kind, const char *subject, const char *text);

/* For the run of some work. */
struct hsm_store *hsm_keeper_store(struct hsm_keeper *keeper);
struct hsm_registry *hsm_keeper_registry(struct hsm_keeper *keeper);
int hsm_keeper_take_events(struct hsm_keeper *keeper, const struct hsm_events *events, const char *source,
			   int64_t received, struct hsm_error *error);
int hsm_keeper_take_world(struct hsm_keeper *keeper, const struct hsm_world *world, struct hsm_error *error);

/* Keeps what was looked up, forgets messages of a week ago, and tells of fallbacks that nobody has used for 11 months. */
int hsm_keeper_sweep(struct hsm_keeper *keeper, struct hsm_error *error);

/* Counters, for metrics. */
struct hsm_keeper_counts {
	_Atomic uint64_t events[HSM_EVENT_KIND_MAX_], duplicates, stale, strangers; /* strangers: templates nobody knows */
	_Atomic uint64_t transactions, failures, changes;
	_Atomic uint64_t alerts[HSM_ALERT_KIND_MAX_];
	_Atomic int64_t last_event; /* milliseconds since 1970; 0: never */
	_Atomic size_t waiting;     /* bytes */
	_Atomic bool down;          /* the last transaction failed */
	_Atomic bool waits, doubtful; /* some version is under review; something is to be asked */
	_Atomic bool unplanned;       /* a listing without git showed a version that was not known */
};
struct hsm_keeper_counts *hsm_keeper_counts(struct hsm_keeper *keeper);

#endif
