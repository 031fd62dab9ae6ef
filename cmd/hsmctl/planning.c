#include "cmd/hsmctl/planning.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/review/review.h"
#include "schema/limits.h"

#define PLAN_FILE_MAX ((size_t)512 << 20)

void hsm_planning_release(struct hsm_planning *planning)
{
	hsm_live_release(&planning->live);
	hsm_history_release(&planning->history);
}

static void show_pages(void *user, size_t done, size_t total)
{
	struct hsm_session *session = user;
	char line[64];
	snprintf(line, sizeof(line), "reading templates: page %zu of %zu", done, total);
	hsm_output_progress(&session->output, line);
}

int hsm_planning_read_live(struct hsm_session *session, bool webhooks, struct hsm_live *live, struct hsm_error *error)
{
	int rc = hsm_live_read(session->connection, webhooks, live, show_pages, session, error);
	hsm_output_progress(&session->output, NULL);
	if (!rc)
		hsm_output_log(&session->output, HSM_LEVEL_DEBUG, "%zu templates live, %zu requests",
			       live->template_count, hsm_connection_count_requests(session->connection));
	return rc;
}

static struct hsm_plan_options plan_options(const struct hsm_options *options)
{
	return (struct hsm_plan_options){
		.prune = options->prune,
		.resubmit = options->resubmit.items,
		.resubmit_count = options->resubmit.count,
		.overwrite = options->overwrite.items,
		.overwrite_count = options->overwrite.count,
		.targets = options->targets.items,
		.target_count = options->targets.count,
		.now = hsm_session_now(),
	};
}

/* A name that nothing has is a mistake, and must not look like "nothing to do". */
static int check_names(const struct hsm_session *session, const struct hsm_option_list *names, const char *option,
		       struct hsm_error *error)
{
	for (size_t i = 0; i < names->count; i++)
		if (!hsm_desired_find(&session->desired, names->items[i], strlen(names->items[i])))
			return hsm_error_set(error, HSM_ERROR_USAGE, "%s %s: git has no template of that name here",
					     option, names->items[i]);
	return 0;
}

static int read_history(struct hsm_session *session, bool all_versions, bool webhooks, struct hsm_planning *planning,
			struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct hsm_plan_options options = plan_options(&session->options);
	size_t count;
	int rc = 0;
	const char **bases = hsm_plan_list_questions(&arena, &session->desired, &planning->live, &options, all_versions,
						     &count);
	planning->history.complete = true;
	if (count || (webhooks && planning->live.webhook_count))
		rc = hsm_history_read(session->repository, &session->desired, bases, count, &planning->history, error);
	hsm_arena_release(&arena);
	return rc;
}

int hsm_planning_read(struct hsm_session *session, bool all_versions, struct hsm_planning *planning,
		      struct hsm_error *error)
{
	const struct hsm_options *options = &session->options;
	int rc = hsm_session_read_templates(session, error);
	if (!rc)
		rc = check_names(session, &options->resubmit, "--resubmit", error);
	if (!rc)
		rc = check_names(session, &options->overwrite, "--overwrite", error);
	if (!rc)
		rc = hsm_session_connect(session, error);
	if (rc)
		return rc;
	bool webhooks = session->desired.environment->webhooks.count || options->prune;
	rc = hsm_planning_read_live(session, webhooks, &planning->live, error);
	return rc ? rc : read_history(session, all_versions || options->prune, webhooks, planning, error);
}

/* Where a saved plan goes: no secret, only the names of the variables. */
static struct hsm_plan_target describe_target(const struct hsm_session *session)
{
	const struct hsm_environment *environment = session->desired.environment;
	return (struct hsm_plan_target){
		.node.present = true,
		.base_url.text = session->settings.base_url,
		.login_url.text = session->settings.login_url,
		.organization = environment->organization,
		.client_id = environment->credentials.client_id,
		.client_secret = environment->credentials.client_secret,
	};
}

/* Nothing is lost: what the hour has no room for is refused, and made by the next apply. */
static void warn_of_hour(struct hsm_session *session, const struct hsm_plan_summary *summary)
{
	int64_t creates = summary->create.value + summary->replace.value;
	if (creates > HSM_LIMIT_CREATES_PER_HOUR)
		hsm_output_log(&session->output, HSM_LEVEL_WARNING,
			       "%lld to submit, and an account takes %d an hour: run apply again each hour until it is done",
			       (long long)creates, HSM_LIMIT_CREATES_PER_HOUR);
}

static struct hsm_string describe_folder(struct hsm_session *session)
{
	const char *prefix = hsm_repository_prefix(session->repository);
	return (struct hsm_string){ .text = *prefix ? hsm_arena_format(&session->arena, "%s/", prefix) : NULL };
}

int hsm_planning_make(struct hsm_session *session, struct hsm_planning *planning, struct hsm_error *error)
{
	struct hsm_plan_options options = plan_options(&session->options);
	int rc = hsm_planning_read(session, false, planning, error);
	if (rc)
		return rc;
	hsm_plan_make(&session->arena, &session->desired, &planning->live, &planning->history, NULL, &options,
		      &planning->plan);
	planning->plan.target = describe_target(session);
	planning->plan.folder = describe_folder(session);
	warn_of_hour(session, &planning->plan.summary);
	return 0;
}

/* Where the CI that hsmctl runs in shows a commit's files; NULL elsewhere. */
static const char *find_files_url(struct hsm_session *session)
{
	const char *server = getenv("GITHUB_SERVER_URL"), *repository = getenv("GITHUB_REPOSITORY");
	const char *project = getenv("CI_PROJECT_URL"), *url = NULL;
	if (server && repository)
		url = hsm_arena_format(&session->arena, "%s/%s/blob", server, repository);
	else if (project)
		url = hsm_arena_format(&session->arena, "%s/-/blob", project);
	for (const char *c = url; c && *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-._~:/", *c))
			return NULL;
	return url;
}

static void append_findings(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_buffer *text)
{
	struct hsm_findings findings = { 0 };
	const char *folder = plan->folder.text ? plan->folder.text : "";
	hsm_review_find(plan, &findings);
	hsm_output_append_findings(session->options.format, &findings, folder, text);
	hsm_findings_release(&findings);
}

void hsm_planning_print(struct hsm_session *session, const struct hsm_plan *plan)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_review_style style = {
		.command = session->command == &hsm_commands[HSM_COMMAND_DRIFT] ? "drift" : "plan",
		.color = session->output.color,
		.now = hsm_session_now(),
		.files_url = find_files_url(session),
	};
	switch ((enum hsm_format)session->options.format) {
	case HSM_FORMAT_JSON:
		hsm_plan_append_json(plan, &text);
		break;
	case HSM_FORMAT_MARKDOWN:
		hsm_review_append_markdown(plan, &style, &text);
		break;
	case HSM_FORMAT_SARIF:
	case HSM_FORMAT_GITHUB:
	case HSM_FORMAT_GITLAB:
		append_findings(session, plan, &text);
		break;
	case HSM_FORMAT_TEXT:
	case HSM_FORMAT_MAN:
		hsm_review_append_text(plan, &style, &text);
		break;
	}
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
}

static bool is_allowed(const struct hsm_options *options, const char *policy)
{
	for (size_t i = 0; i < options->exceed.count; i++)
		if (strcmp(options->exceed.items[i], policy) == 0)
			return true;
	return false;
}

int hsm_planning_check_policy(const struct hsm_session *session, const struct hsm_plan *plan,
			      struct hsm_error *error)
{
	for (size_t i = 0; i < plan->violations.count; i++) {
		const struct hsm_plan_violation *violation =
			HSM_LIST_ITEM(plan->violations, struct hsm_plan_violation, i);
		if (!is_allowed(&session->options, violation->policy.text))
			return hsm_error_set(error, HSM_ERROR_POLICY,
					     "%s; where that is meant: --exceed %s", violation->message.text,
					     violation->policy.text);
	}
	return 0;
}

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

static struct hsm_environment *make_environment(struct hsm_session *session, const struct hsm_plan *plan)
{
	struct hsm_environment *environment = hsm_arena_allocate(&session->arena, sizeof(*environment));
	environment->node.key = plan->environment;
	environment->node.present = true;
	environment->base_url = plan->target.base_url;
	environment->login_url = plan->target.login_url;
	environment->organization = plan->target.organization;
	environment->provider = plan->provider_id;
	environment->credentials.client_id = plan->target.client_id;
	environment->credentials.client_secret = plan->target.client_secret;
	environment->credentials.node.present = plan->target.client_id.text && plan->target.client_secret.text;
	return environment;
}

int hsm_planning_connect(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_error *error)
{
	const char *environment = session->options.environment;
	if (environment && strcmp(environment, plan->environment.text) != 0)
		return hsm_error_set(error, HSM_ERROR_USAGE, "the plan is for '%s', not for '%s'",
				     plan->environment.text, environment);
	if (!plan->target.node.present)
		return hsm_error_set(error, HSM_ERROR_INVALID, "the plan does not say where it goes: plan again");
	return hsm_session_connect_to(session, make_environment(session, plan), error);
}
