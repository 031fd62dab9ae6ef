#ifndef HSM_COURIER_H
#define HSM_COURIER_H

#include "reconciler/lifecycle/keeper.h"

/*
 * Takes alerts to people. What happens within a short while is one message; it
 * waits in the database until each receiver has it, a day at most. One thread; only
 * the process that leads sends.
 */
struct hsm_courier;

struct hsm_receiver {
	const char *name;           /* in the database and in logs; never the address */
	const char *url;            /* http or https; NULL: a command */
	const char *const *command; /* NULL-terminated; gets the message on stdin */
	enum hsm_alert_format format;
	const char *const *kinds; /* NULL: all */
	size_t kind_count;
};

struct hsm_courier_options {
	struct hsm_keeper *keeper;
	const char *environment;
	const struct hsm_receiver *receivers; /* borrowed */
	size_t receiver_count;
	double quiet; /* seconds without news that end a message; it waits six times as long at most */
	void (*log)(void *user, enum hsm_log_level level, const char *message);
	void *user;
};

/* Where it fails, it is to be closed all the same. */
int hsm_courier_open(struct hsm_courier **courier, const struct hsm_courier_options *options,
		     struct hsm_error *error);
/* Letters that are not taken yet wait in the database for the next start. */
void hsm_courier_close(struct hsm_courier *courier);

struct hsm_courier_counts {
	_Atomic uint64_t sent, failed, dropped;
};
const struct hsm_courier_counts *hsm_courier_read_counts(const struct hsm_courier *courier);

#endif
