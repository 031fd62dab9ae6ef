#ifndef HSM_HTTP_RATE_H
#define HSM_HTTP_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reconciler/live/usage.h"

/*
 * The window of a rate limit as the server's headers tell it and as we count on
 * between two answers; or how much of a rolling hour is used. Times are
 * CLOCK_MONOTONIC seconds. Zero-initialise.
 */
struct hsm_http_rate {
	int64_t count, allowed; /* allowed 0: not known */
	double end;             /* of the window */
	double length;          /* of a window: the longest rest of one that was told */
	double pause;           /* a 429 said to send nothing until then */
	int percent;            /* of a rolling hour, plus 1; 0: not known */
	double gap;             /* between two requests, since little of it is left */
	double next;            /* when the gap after the last one is over */
};

/* When the next request may be sent: now, or a time to come. */
double hsm_http_rate_wait(const struct hsm_http_rate *rate, double now);
void hsm_http_rate_sent(struct hsm_http_rate *rate, double now);
/* What an answer's headers said; -1: nothing. in_flight: others that are under way. */
void hsm_http_rate_answered(struct hsm_http_rate *rate, int64_t count, int64_t allowed, int64_t reset,
			    size_t in_flight, double now);
/* Likewise, of a rolling hour; refused: it was no good answer, so that how long is to be believed. */
void hsm_http_rate_used(struct hsm_http_rate *rate, const struct hsm_usage *usage, bool refused, double now);

#endif
