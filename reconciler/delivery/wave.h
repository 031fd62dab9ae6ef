#ifndef HSM_WAVE_H
#define HSM_WAVE_H

#include "reconciler/delivery/sender.h"

/* Private to delivery: what is sent at once. */

struct hsm_wave {
	struct hsm_sender *sender;
	struct hsm_arena *arena;
	struct hsm_delivery *deliveries;
	size_t count;
	double deadline; /* of templates that are waited for, CLOCK_MONOTONIC seconds */
	unsigned pauses;
	struct hsm_error *error;
	int rc; /* why the wave stops */
};

/* One request of a delivery. */
struct hsm_wave_request {
	struct hsm_wave *wave;
	struct hsm_delivery *delivery;
};

void hsm_wave_fail(struct hsm_wave *wave, const struct hsm_error *error);
/* It is not sent: for good, or (NEW) not in this wave. */
void hsm_wave_refuse(struct hsm_delivery *delivery, enum hsm_row_state state, enum hsm_error_class problem,
		     const char *reason);
bool hsm_wave_is_stopped(const struct hsm_wave *wave);

/* Sleeps; shorter where the user or an error stops the wave. */
void hsm_wave_sleep(const struct hsm_wave *wave, double seconds);

/* sender_request.c: a choice of another channel: an SMS where they can be sent, else nothing of ours. */
void hsm_wave_choose_channel(struct hsm_wave *wave, struct hsm_delivery *delivery);

/* sender_choice.c: the choices and messages of those that are NEW, and their statuses. */
void hsm_wave_choose(struct hsm_wave *wave);

/* sender_lookup.c: what was begun and is not known to be sent. */
void hsm_wave_look_up(struct hsm_wave *wave);

#endif
