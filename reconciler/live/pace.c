#include "reconciler/live/pace.h"

#include <openssl/rand.h>
#include <time.h>

/* Windows end within the second that the header names. */
#define WINDOW_MARGIN 0.05
/* Another client may use the same token's limit. */
#define KEPT_FREE(allowed) ((allowed) / 20)

void hsm_pace_start(struct hsm_pace *pace)
{
	*pace = (struct hsm_pace){ 0 };
	if (RAND_bytes((unsigned char *)&pace->random, sizeof(pace->random)) != 1 || !pace->random)
		pace->random = (uint64_t)time(NULL) | 1;
}

double hsm_pace_next(struct hsm_pace *pace, double now)
{
	double next = pace->closed_until > now ? pace->closed_until : now;
	if (!pace->allowed)
		return next;
	if (now >= pace->window_end)
		pace->spent = 0; /* and the first answer of the new window tells its end */
	else if (pace->spent >= pace->allowed - KEPT_FREE(pace->allowed) && pace->window_end > next)
		next = pace->window_end;
	return next;
}

void hsm_pace_note_sent(struct hsm_pace *pace)
{
	pace->spent++;
}

void hsm_pace_note_answer(struct hsm_pace *pace, double now, int64_t count, int64_t allowed, int64_t reset,
			  unsigned under_way)
{
	if (allowed <= 0 || count < 0 || reset < 0)
		return;
	double end = now + (double)(reset > 3600 ? 3600 : reset) + WINDOW_MARGIN;
	/* Answers overtake each other: within a window the highest count is the latest. */
	if (now >= pace->window_end || allowed != pace->allowed || count >= pace->counted) {
		pace->counted = count;
		pace->window_end = end;
	}
	pace->allowed = allowed;
	pace->spent = pace->counted + under_way;
}

void hsm_pace_note_refused(struct hsm_pace *pace, double now, int64_t retry_after)
{
	double until = now + (retry_after > 0 ? (double)retry_after : 1.0) + WINDOW_MARGIN;
	if (until > pace->closed_until)
		pace->closed_until = until;
}

double hsm_pace_backoff(struct hsm_pace *pace, unsigned attempt)
{
	double ceiling = 0.25 * (double)(1u << (attempt < 7 ? attempt - 1 : 6));
	pace->random ^= pace->random << 13;
	pace->random ^= pace->random >> 7;
	pace->random ^= pace->random << 17;
	return (ceiling > 10 ? 10 : ceiling) * (double)(pace->random >> 11) / (double)(UINT64_C(1) << 53);
}
