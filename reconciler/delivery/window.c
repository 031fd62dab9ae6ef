/* The 24 hours after a customer's last message, in which he may be sent anything. */
#include <string.h>

#include "reconciler/delivery/window.h"
#include "schema/base/age.h"

#define WINDOW_SECONDS (24 * 3600)
#define WINDOW_MARGIN 60 /* that a message may be on its way */

bool hsm_window_is_open(const struct hsm_conversation *conversations, size_t count, int64_t now, double skew)
{
	int64_t last = -1;
	const char *status = NULL;
	for (size_t i = 0; i < count; i++) {
		int64_t time = hsm_age_read_time(conversations[i].last_user_message);
		last = time > last ? time : last;
		status = status ? status : conversations[i].session_status;
	}
	if (status && strcmp(status, "OPEN") != 0)
		return false;
	if (last >= 0)
		return now / 1000 + (int64_t)skew < last + WINDOW_SECONDS - WINDOW_MARGIN;
	return status != NULL;
}
