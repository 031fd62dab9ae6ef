#ifndef HSM_PLANNING_H
#define HSM_PLANNING_H

#include "cmd/hsmctl/session.h"
#include "reconciler/lifecycle/registry.h"
#include "reconciler/live/responses.h"
#include "reconciler/live/snapshot.h"
#include "reconciler/plan/plan.h"

/* From the session to a plan: what plan, apply and drift share. Zero-initialise;
 * release when done. */
struct hsm_planning {
	struct hsm_live live;
	struct hsm_live_responses responses; /* which live points to, where an organisation has some */
	struct hsm_history history;
	struct hsm_snapshot snapshot; /* of --against */
	struct hsm_registry registry; /* what a controller keeps, where there is one */
	struct hsm_plan plan; /* lives in the session's arena and the two above */
};

/*
 * Reads git and the organisation. With all_versions the history of templates
 * with several live versions is read too: whoever asks which one is active must
 * know it.
 */
int hsm_planning_read(struct hsm_session *session, bool all_versions, struct hsm_planning *planning,
		      struct hsm_error *error);

/* Reads git and the organisation, and the history of one template: HSM_ERROR_USAGE for what is no base name. */
int hsm_planning_read_template(struct hsm_session *session, const char *base, struct hsm_planning *planning,
			       struct hsm_error *error);

/* Reads, and plans by the command line's options. */
int hsm_planning_make(struct hsm_session *session, struct hsm_planning *planning, struct hsm_error *error);

void hsm_planning_release(struct hsm_planning *planning);

/* What is live, with progress on a terminal. */
int hsm_planning_read_live(struct hsm_session *session, bool webhooks, struct hsm_live *live, struct hsm_error *error);

/* The responses beside what is live, into *responses, which live then points to; nothing where the
 * environment has no organisation. */
int hsm_planning_read_responses(struct hsm_session *session, const struct hsm_environment *environment,
				struct hsm_live *live, struct hsm_live_responses *responses, struct hsm_error *error);

/* The plan on stdout, as text or JSON. */
void hsm_planning_print(struct hsm_session *session, const struct hsm_plan *plan);

/* Where --out says; nothing without it. */
int hsm_planning_save(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_error *error);

/* Where the registry is: HSMCTL_REGISTRY, or hsmctl.yaml's; NULL: nowhere. */
const char *hsm_planning_find_registry(const struct hsm_config *config);

/* Whether --exceed names the policy. */
bool hsm_planning_may_exceed(const struct hsm_session *session, const char *policy);

/* HSM_ERROR_POLICY where a threshold is exceeded that --exceed does not name. */
int hsm_planning_check_policy(const struct hsm_session *session, const struct hsm_plan *plan,
			      struct hsm_error *error);

/* A plan that was saved in a file, in the session's arena. */
int hsm_planning_load(struct hsm_session *session, const char *path, struct hsm_plan *plan, struct hsm_error *error);

/* Connects to where a saved plan was made for. The plan is borrowed. */
int hsm_planning_connect(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_error *error);

/* As above, and reads what is live there. */
int hsm_planning_read_saved(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_live *live,
			    struct hsm_live_responses *responses, struct hsm_error *error);

#endif
