#ifndef HSM_STEPS_H
#define HSM_STEPS_H

#include "reconciler/apply/apply.h"
#include "reconciler/live/responses.h"
#include "reconciler/plan/versions.h"

/* Private to apply: the writes of a plan, one by one, in the order of phases. */

enum hsm_phase {
	HSM_PHASE_CREATE,
	HSM_PHASE_WEBHOOK,
	HSM_PHASE_LIBRARY,
	HSM_PHASE_RESPONSE,
	HSM_PHASE_RESPONSE_DELETE, /* before the versions that they name */
	HSM_PHASE_DELETE,
	HSM_PHASE_RETIRE,
	HSM_PHASE_MAX_
};

/* The phase of a row, or HSM_PHASE_MAX_ where it writes nothing. */
enum hsm_phase hsm_step_phase(const struct hsm_plan_change *change);

/* What a create of this step submits; NULL for other steps. */
const struct hsm_plan_submission *hsm_step_submission(const struct hsm_step *step);

/* What a delete or retire of this step removes; NULL for other steps. */
const struct hsm_plan_live *hsm_step_removal(const struct hsm_step *step);

/* All steps of a plan, by phase. In the report's arena. */
void hsm_steps_make(const struct hsm_plan *plan, struct hsm_apply_report *report);

/* The live template of a physical name and language, or NULL. */
const struct hsm_live_template *hsm_steps_find_live(const struct hsm_versions *versions, const char *name,
						    const char *language);

/* Whether the live webhook is what the row wants. */
bool hsm_steps_webhook_equals(const struct hsm_live_webhook *live, const struct hsm_plan_webhook *wanted);
const struct hsm_live_webhook *hsm_steps_find_webhook(const struct hsm_live *live, const char *name);

/* responses.c: whether a step of a library or a response was done already. */
bool hsm_steps_response_is_done(const struct hsm_live_responses *live, const struct hsm_step *step);
/* What moved of a row of responses, each told to report. */
typedef void hsm_moved(void *user, const char *name, const char *language, const char *what);
void hsm_steps_check_responses(const struct hsm_live_responses *live, const struct hsm_plan_change *change,
			       hsm_moved *report, void *user);
/* Queues the step's write. library_id: of the plan's library. */
void hsm_steps_write_response(struct hsm_connection *connection, const struct hsm_step *step, const char *library_id,
			      hsm_write_done *done, void *user);

#endif
