#include "reconciler/delivery/wave.h"

#include <time.h>

#include "reconciler/clock.h"

void hsm_wave_fail(struct hsm_wave *wave, const struct hsm_error *error)
{
	if (wave->rc)
		return;
	*wave->error = *error;
	wave->rc = error->class;
}

void hsm_wave_refuse(struct hsm_delivery *delivery, enum hsm_row_state state, enum hsm_error_class problem,
		     const char *reason)
{
	delivery->state = state;
	delivery->problem = problem;
	delivery->reason = reason;
}

bool hsm_wave_is_stopped(const struct hsm_wave *wave)
{
	const struct hsm_sender *sender = wave->sender;
	return wave->rc || (sender->interrupted && *sender->interrupted) ||
	       (sender->deadline > 0 && hsm_clock_monotonic() >= sender->deadline);
}

void hsm_wave_sleep(const struct hsm_wave *wave, double seconds)
{
	double until = hsm_clock_monotonic() + seconds, left;
	while (!hsm_wave_is_stopped(wave) && (left = until - hsm_clock_monotonic()) > 0) {
		long nanoseconds = left < 0.1 ? (long)(left * 1e9) : 100000000;
		nanosleep(&(struct timespec){ .tv_nsec = nanoseconds }, NULL);
	}
}
