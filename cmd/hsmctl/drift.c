#include "cmd/hsmctl/matrix.h"

int hsm_command_drift(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_planning planning = { 0 };
	if (hsm_matrix_is_wanted(session))
		return hsm_matrix_plan(session, error);
	int rc = hsm_planning_make(session, &planning, error);
	if (!rc) {
		hsm_planning_print(session, &planning.plan);
		rc = hsm_planning_save(session, &planning.plan, error);
	}
	if (!rc && hsm_plan_has_differences(&planning.plan))
		rc = HSM_DIFFERENCES;
	hsm_planning_release(&planning);
	return rc;
}
