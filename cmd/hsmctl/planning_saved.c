/* A plan that was saved: where it goes, and what is live there. */
#include <string.h>

#include "cmd/hsmctl/planning.h"
#include "reconciler/review/review.h"

#define PLAN_FILE_MAX ((size_t)512 << 20)

int hsm_planning_load(struct hsm_session *session, const char *path, struct hsm_plan *plan, struct hsm_error *error)
{
	const char *data;
	size_t length;
	int rc = hsm_session_read_file(session, path, PLAN_FILE_MAX, &data, &length, error);
	if (rc)
		return rc;
	rc = hsm_plan_load(&session->arena, data, length, plan, error);
	return rc ? hsm_error_prefix(error, "%s", path) : 0;
}

static struct hsm_genesys make_genesys(const struct hsm_plan *plan)
{
	const struct hsm_plan_target *target = &plan->genesys;
	return (struct hsm_genesys){
		.node.present = target->node.present && plan->library.text,
		.base_url = target->base_url,
		.login_url = target->login_url,
		.organization = target->organization,
		.library = plan->library,
		.credentials = { .node.present = target->client_id.text && target->client_secret.text,
				 .client_id = target->client_id, .client_secret = target->client_secret },
	};
}

static struct hsm_environment *make_environment(struct hsm_session *session, const struct hsm_plan *plan)
{
	struct hsm_environment *environment = hsm_arena_allocate(&session->arena, sizeof(*environment));
	environment->node.key = plan->environment;
	environment->node.present = true;
	environment->backend = plan->target.backend;
	environment->account = plan->provider_id;
	environment->app = plan->target.app;
	environment->api_version = plan->target.api_version;
	environment->credentials.access_token = plan->target.access_token;
	environment->base_url = plan->target.base_url;
	environment->login_url = plan->target.login_url;
	environment->organization = plan->target.organization;
	environment->provider = plan->provider_id;
	environment->credentials.client_id = plan->target.client_id;
	environment->credentials.client_secret = plan->target.client_secret;
	environment->credentials.node.present = plan->target.client_id.text && plan->target.client_secret.text;
	environment->genesys = make_genesys(plan);
	return environment;
}

int hsm_planning_connect(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_error *error)
{
	const char *environment = session->options.environment;
	if (environment && strcmp(environment, plan->environment.text) != 0)
		return hsm_error_set(error, HSM_ERROR_USAGE, "the plan is for '%s', not for '%s'",
				     plan->environment.text, environment);
	if (!plan->target.node.present)
		return hsm_error_set(error, HSM_ERROR_INVALID,
				     "the plan was made against a snapshot and can be read, not applied: hsmctl apply --expect "
				     "%.*s plans anew and does it where it is the same", HSM_REVIEW_HASH_LENGTH, plan->hash.text);
	return hsm_session_connect_to(session, make_environment(session, plan), error);
}

static bool has_webhooks(const struct hsm_plan *plan)
{
	for (size_t i = 0; i < plan->changes.count; i++)
		if (HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i)->kind.value == HSM_KIND_WEBHOOK)
			return true;
	return false;
}

int hsm_planning_read_saved(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_live *live,
			    struct hsm_live_responses *responses, struct hsm_error *error)
{
	size_t count;
	const char **ids = hsm_plan_list_removed_responses(&session->arena, plan, &count);
	int rc = hsm_planning_connect(session, plan, error);
	if (!rc)
		rc = hsm_planning_read_live(session, has_webhooks(plan), live, error);
	if (!rc)
		rc = hsm_planning_read_responses(session, make_environment(session, plan), live, responses, error);
	return rc || !count ? rc : hsm_responses_read_users(session->responses, responses, ids, count, error);
}
