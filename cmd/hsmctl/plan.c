#include <string.h>

#include "cmd/hsmctl/planning.h"
#include "cmd/hsmctl/save.h"

static int save_plan(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_error *error)
{
	struct hsm_buffer bytes = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_plan_save(plan, &bytes);
	int rc = hsm_save_file(session->options.out, &bytes, error);
	hsm_buffer_release(&bytes);
	if (!rc)
		hsm_output_log(&session->output, HSM_LEVEL_INFO, "saved: hsmctl apply %s does exactly this",
			       session->options.out);
	return rc;
}

int hsm_command_plan(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_planning planning = { 0 };
	if (session->options.out && strcmp(session->options.out, "-") == 0)
		return hsm_error_set(error, HSM_ERROR_USAGE, "--out wants a file: what plan shows goes to stdout");
	int rc = hsm_planning_make(session, &planning, error);
	if (!rc) {
		hsm_planning_print(session, &planning.plan);
		if (session->options.out)
			rc = save_plan(session, &planning.plan, error);
	}
	if (!rc)
		rc = hsm_planning_check_policy(session, &planning.plan, error);
	if (!rc && session->options.detailed_exitcode && hsm_plan_has_differences(&planning.plan))
		rc = HSM_DIFFERENCES;
	hsm_planning_release(&planning);
	return rc;
}
