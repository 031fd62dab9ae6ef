#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/genesys.h"

/* What the codes of the messaging API say that a status does not. */

static bool is_code(const struct hsm_fault *fault, const char *wanted)
{
	return fault->code.text && strcmp(fault->code.text, wanted) == 0;
}

/* The hour's creates are spent: no rate limit that waiting a minute helps. */
enum hsm_http_verdict hsm_genesys_verdict(const struct hsm_http_answer *answer)
{
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	enum hsm_http_verdict verdict = HSM_HTTP_AS_STATUS;
	/* Where an earlier write is not known everywhere yet; CX as Code repeats it, too. */
	if (answer->status == 412)
		return HSM_HTTP_REPEAT;
	if (answer->status != 429)
		return verdict;
	hsm_genesys_read_fault(&arena, answer, &fault);
	if (is_code(&fault, "messaging.template.hourly.limit"))
		verdict = HSM_HTTP_FINAL;
	hsm_arena_release(&arena);
	return verdict;
}

enum hsm_outcome hsm_genesys_judge(const struct hsm_http_answer *answer, const struct hsm_fault *fault,
				   enum hsm_error_class *class)
{
	enum hsm_outcome outcome = hsm_answer_outcome(answer);
	if (is_code(fault, "messaging.template.hourly.limit") || is_code(fault, "messaging.template.limit"))
		outcome = HSM_OUTCOME_QUOTA;
	else if (outcome == HSM_OUTCOME_EXISTS && is_code(fault, "messaging.template.name.locked"))
		outcome = HSM_OUTCOME_LOCKED;
	*class = hsm_outcome_class(outcome, answer);
	return outcome;
}
