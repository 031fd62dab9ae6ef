#include "cmd/hsmctl/exit.h"

#include <stddef.h>

/* By importance. What is wrong with the call itself first: nothing else was
 * tried then. 77 and 69 come before what they explain. */
static const struct hsm_exit rows[] = {
	{ HSM_ERROR_USAGE, 64, "wrong usage" },
	{ HSM_ERROR_NO_INPUT, 66, "no such repository, revision or file; no hsmctl.yaml" },
	{ HSM_ERROR_CONFIG, 78, "bad hsmctl.yaml" },
	{ HSM_ERROR_INVALID, 65, "invalid templates" },
	{ HSM_ERROR_AUTH, 77,
	  "credentials missing, wrong, for another organisation, or lacking a permission" },
	{ HSM_ERROR_UNAVAILABLE, 69, "API unavailable after retries or at the timeout" },
	{ HSM_ERROR_FAILED, 1, "failed for a reason not listed here" },
	{ HSM_ERROR_POLICY, 5, "refused by a policy or a safety threshold" },
	{ HSM_ERROR_STALE, 4, "the saved plan is stale" },
	{ HSM_ERROR_PARTIAL, 3, "applied in part: what is done stays done, run again" },
	{ HSM_ERROR_TRY_LATER, 75, "try later: still pending at the timeout, quota spent, locked" },
	{ HSM_ERROR_BLOCKED, 6, "a template is rejected, blocked or in conflict (--strict, wait)" },
	{ HSM_DIFFERENCES, 2, "differences (plan --detailed-exitcode, drift)" },
	{ HSM_OK, 0, "done; nothing differs" },
};
#define ROWS (sizeof(rows) / sizeof(*rows))

static size_t find(int result)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].result == result)
			return i;
	return find(HSM_ERROR_FAILED);
}

int hsm_exit_code(int result)
{
	return rows[find(result)].code;
}

int hsm_exit_pick(int first, int second)
{
	return find(first) <= find(second) ? first : second;
}

const struct hsm_exit *hsm_exit_next(const struct hsm_exit *row)
{
	const struct hsm_exit *next = NULL;
	for (size_t i = 0; i < ROWS; i++)
		if ((!row || rows[i].code > row->code) && (!next || rows[i].code < next->code))
			next = &rows[i];
	return next;
}
