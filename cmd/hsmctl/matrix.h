#ifndef HSM_MATRIX_H
#define HSM_MATRIX_H

#include "cmd/hsmctl/planning.h"

/*
 * Several environments side by side: `-e dev,test,prod` of plan, drift and
 * status. Each is read by itself; one that cannot be read does not hide the
 * others.
 */

/* Whether the command line names several. */
bool hsm_matrix_is_wanted(const struct hsm_session *session);

/*
 * A row per translation that is not equally in sync everywhere (of status: per
 * translation), a column per environment; as JSON an array of what the command
 * says of each. Returns the worst of the environments' results.
 */
int hsm_matrix_plan(struct hsm_session *session, struct hsm_error *error);
int hsm_matrix_status(struct hsm_session *session, struct hsm_error *error);

#endif
