#ifndef HSM_DELIVERY_RATE_H
#define HSM_DELIVERY_RATE_H

#include <stdbool.h>
#include <stdint.h>


/*
 * How many of a version's messages arrive. A rate that drops sharply is the first that
 * anybody sees of a template that is withdrawn. Zero-initialise.
 */

#define HSM_DELIVERY_RECENT 20   /* messages: the last ones */
#define HSM_DELIVERY_EARLIER 50  /* at least, to compare them with */
#define HSM_DELIVERY_DROP 30     /* percentage points less than before: a sharp drop */
#define HSM_DELIVERY_RECOVERY 10 /* within so many it is as before */

struct hsm_delivery_rate {
	uint32_t recent; /* a bit for each of the last ones: it arrived; the newest lowest */
	unsigned recent_count;
	uint64_t earlier, earlier_arrived;
	bool dropped;
};

/* Counts one that has arrived or failed. True where the rate dropped with it. */
bool hsm_delivery_rate_note(struct hsm_delivery_rate *rate, bool arrived);

/*
 * What a delivery's error says of its template, as a webhook would: PAUSED of 132015,
 * DISABLED of 132016. NULL of others; 132001 (it is not there, or not approved) is a
 * listing's to tell: *doubtful. https://developers.facebook.com, error codes.
 */
const char *hsm_delivery_judge_error(int64_t code, bool *doubtful);

#endif
