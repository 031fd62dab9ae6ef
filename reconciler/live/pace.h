#ifndef HSM_PACE_H
#define HSM_PACE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * When the next request may go: the API tells with every answer how many
 * requests it counted and how many it allows in this window, so that nobody has
 * to run into a 429; and how long a failed request waits. Times are seconds of
 * CLOCK_MONOTONIC.
 */
struct hsm_pace {
	int64_t allowed;  /* in a window; 0: not told yet */
	int64_t counted;  /* as the last answer said */
	int64_t spent;    /* counted, and those sent since or under way then */
	double window_end;
	double closed_until; /* after a 429, for every request */
	uint64_t random;
};

void hsm_pace_start(struct hsm_pace *pace);

/* The earliest time for the next request: now, or later. */
double hsm_pace_next(struct hsm_pace *pace, double now);

void hsm_pace_note_sent(struct hsm_pace *pace);

/* What an answer's headers say; reset in seconds, under_way beside this one. */
void hsm_pace_note_answer(struct hsm_pace *pace, double now, int64_t count, int64_t allowed, int64_t reset,
			  unsigned under_way);

/* A 429 with its Retry-After (0: none). */
void hsm_pace_note_refused(struct hsm_pace *pace, double now, int64_t retry_after);

/* Seconds before attempt n (1 is the first repetition): 0.25 to 10, doubling, with full jitter. */
double hsm_pace_backoff(struct hsm_pace *pace, unsigned attempt);

#endif
