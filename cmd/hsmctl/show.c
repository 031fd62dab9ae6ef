#include "cmd/hsmctl/planning.h"

int hsm_command_show(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_plan plan;
	int rc = hsm_planning_load(session, session->options.arguments.items[0], &plan, error);
	if (!rc)
		hsm_planning_print(session, &plan);
	return rc;
}
