#include <strings.h>

#include "reconciler/live/live.h"

static const char *const words[] = {
	[HSM_STATUS_APPROVED] = "APPROVED",
	[HSM_STATUS_PENDING] = "PENDING",
	[HSM_STATUS_IN_REVIEW] = "IN_REVIEW",
	[HSM_STATUS_IN_APPEAL] = "IN_APPEAL",
	[HSM_STATUS_PAUSED] = "PAUSED",
	[HSM_STATUS_REJECTED] = "REJECTED",
	[HSM_STATUS_DISABLED] = "DISABLED",
	[HSM_STATUS_PENDING_DELETION] = "PENDING_DELETION",
	[HSM_STATUS_DELETED] = "DELETED",
	[HSM_STATUS_ARCHIVED] = "ARCHIVED",
};

enum hsm_status hsm_status_find(const char *word)
{
	for (size_t i = HSM_STATUS_UNKNOWN + 1; word && i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(words[i], word) == 0)
			return (enum hsm_status)i;
	return HSM_STATUS_UNKNOWN;
}

bool hsm_status_is_gone(enum hsm_status status)
{
	return status == HSM_STATUS_PENDING_DELETION || status == HSM_STATUS_DELETED;
}

bool hsm_status_is_burnt(enum hsm_status status)
{
	return status == HSM_STATUS_REJECTED || status == HSM_STATUS_DISABLED || hsm_status_is_gone(status);
}

bool hsm_status_is_waiting(enum hsm_status status)
{
	return status == HSM_STATUS_PENDING || status == HSM_STATUS_IN_REVIEW ||
	       status == HSM_STATUS_IN_APPEAL || status == HSM_STATUS_PAUSED;
}
