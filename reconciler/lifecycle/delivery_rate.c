#include "reconciler/lifecycle/delivery_rate.h"

#include <stddef.h>

/* What leaves the last ones is one of those before. */
static void move_oldest(struct hsm_delivery_rate *rate)
{
	rate->earlier++;
	rate->earlier_arrived += rate->recent >> (HSM_DELIVERY_RECENT - 1) & 1;
	rate->recent_count--;
}

bool hsm_delivery_rate_note(struct hsm_delivery_rate *rate, bool arrived)
{
	int count = 0;
	if (rate->recent_count == HSM_DELIVERY_RECENT)
		move_oldest(rate);
	rate->recent = (rate->recent << 1 | arrived) & ((1u << HSM_DELIVERY_RECENT) - 1);
	rate->recent_count++;
	if (rate->recent_count < HSM_DELIVERY_RECENT || rate->earlier < HSM_DELIVERY_EARLIER)
		return false;
	for (uint32_t bits = rate->recent; bits; bits &= bits - 1)
		count++;
	int now = count * 100 / HSM_DELIVERY_RECENT, before = (int)(rate->earlier_arrived * 100 / rate->earlier);
	bool drops = now + HSM_DELIVERY_DROP <= before, told = rate->dropped;
	if (drops)
		rate->dropped = true;
	else if (now + HSM_DELIVERY_RECOVERY >= before)
		rate->dropped = false;
	return drops && !told;
}

const char *hsm_delivery_judge_error(int64_t code, bool *doubtful)
{
	*doubtful = code == 132001 || code == 132015 || code == 132016;
	return code == 132015 ? "PAUSED" : code == 132016 ? "DISABLED" : NULL;
}
