#include "reconciler/live/http_rate.h"

/* What is left to other users of the token, and to windows that end a little
 * later than the whole seconds of the header say. */
#define SHARE_PERCENT 95

/* From here on requests keep apart, the more so the less is left: others use the same app and account. */
#define SLOW_PERCENT 80
#define GAP_STEP 0.1 /* seconds for each percent beyond */

/* Windows are a minute long: what says more says it in another unit. */
#define RESET_MAX 300

double hsm_http_rate_wait(const struct hsm_http_rate *rate, double now)
{
	int64_t most = rate->allowed * SHARE_PERCENT / 100;
	double until = now;
	if (rate->allowed && rate->count >= (most ? most : 1) && rate->end > until)
		until = rate->end;
	if (rate->next > until)
		until = rate->next;
	return rate->pause > until ? rate->pause : until;
}

void hsm_http_rate_sent(struct hsm_http_rate *rate, double now)
{
	/* What the next window allows is told by its first answer: until then, the same. */
	if (now >= rate->end) {
		rate->count = 0;
		rate->end = now + rate->length;
	}
	rate->count++;
	rate->next = now + rate->gap;
}

/* Answers of one window arrive in any order, so a lower count tells nothing; a
 * window that ends seconds later than ours is the next one. */
void hsm_http_rate_answered(struct hsm_http_rate *rate, int64_t count, int64_t allowed, int64_t reset,
			    size_t in_flight, double now)
{
	if (count < 0 || allowed <= 0 || reset < 0)
		return;
	double end = now + (double)(reset < RESET_MAX ? reset : RESET_MAX);
	if (end - now > rate->length)
		rate->length = end - now;
	if (end > rate->end + 2 || !rate->allowed)
		rate->count = count + (int64_t)in_flight;
	else if (count > rate->count)
		rate->count = count;
	rate->allowed = allowed;
	rate->end = end;
}

/* Of one account creates may be spent and looks not: only what is refused tells. */
void hsm_http_rate_used(struct hsm_http_rate *rate, const struct hsm_usage *usage, bool refused, double now)
{
	if (usage->percent < 0)
		return;
	int over = usage->percent < 100 ? usage->percent - SLOW_PERCENT : 100 - SLOW_PERCENT;
	rate->percent = usage->percent + 1;
	rate->gap = over > 0 ? over * GAP_STEP : 0;
	if (refused && now + usage->minutes * 60.0 > rate->pause)
		rate->pause = now + usage->minutes * 60.0;
}
