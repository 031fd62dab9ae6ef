#ifndef HSM_WORKER_H
#define HSM_WORKER_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "reconciler/lifecycle/keeper.h"

/*
 * A thread that does its own work, again and again, until it is stopped; and what
 * it says. The mutex guards whatever its owner shares with others.
 */
struct hsm_worker {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	volatile sig_atomic_t stopping;
	bool started;
	void (*log)(void *user, enum hsm_log_level level, const char *message);
	void *user;
};

/* run(context) looks at stopping. log and user are kept. */
int hsm_worker_start(struct hsm_worker *worker, void *(*run)(void *context), void *context,
		     void (*log)(void *user, enum hsm_log_level level, const char *message), void *user,
		     struct hsm_error *error);
/* Waits until run has returned. */
void hsm_worker_stop(struct hsm_worker *worker);
/* After that, or where it never started. */
void hsm_worker_release(struct hsm_worker *worker);

/* With the mutex held: until somebody wakes it, or so long. */
void hsm_worker_sleep(struct hsm_worker *worker, unsigned milliseconds);

void hsm_worker_log(const struct hsm_worker *worker, enum hsm_log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
