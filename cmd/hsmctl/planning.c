#include "cmd/hsmctl/planning.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/hsmctl/save.h"
#include "reconciler/apply/media.h"
#include "reconciler/lifecycle/store.h"
#include "reconciler/review/review.h"
#include "schema/limits.h"
#include "schema/name.h"

#define SNAPSHOT_MAX ((size_t)512 << 20)

void hsm_planning_release(struct hsm_planning *planning)
{
	hsm_live_release(&planning->live);
	hsm_responses_release(&planning->responses);
	hsm_history_release(&planning->history);
	hsm_registry_clear(&planning->registry);
}

static void show_pages(void *user, size_t done, size_t total)
{
	struct hsm_session *session = user;
	char line[64];
	if (total)
		snprintf(line, sizeof(line), "reading templates: page %zu of %zu", done, total);
	else
		snprintf(line, sizeof(line), "reading templates: page %zu", done);
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

int hsm_planning_read_responses(struct hsm_session *session, const struct hsm_environment *environment,
				struct hsm_live *live, struct hsm_live_responses *responses, struct hsm_error *error)
{
	if (!environment->genesys.node.present)
		return 0;
	int rc = hsm_session_connect_responses(session, environment, error);
	if (!rc)
		rc = hsm_responses_read(session->responses, session->settings.account, environment->genesys.library.text,
					responses, error);
	if (rc)
		return rc;
	live->responses = responses;
	hsm_output_log(&session->output, HSM_LEVEL_DEBUG, "%zu responses live, %zu requests", responses->count,
		       hsm_connection_count_requests(session->responses));
	if (responses->integrations > 1)
		hsm_output_log(&session->output, HSM_LEVEL_DEBUG, "%zu WhatsApp integrations are of the account %s: a response "
			       "serves all of them", responses->integrations, session->settings.account);
	return 0;
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
	/* Webhooks were anywhere; what no commit has yet must be told from what is older. */
	bool has_webhooks = webhooks && planning->live.webhook_count;
	bool everything = all_versions || has_webhooks || session->desired.dirty;
	size_t want_count = 0;
	const struct hsm_history_want *wants =
		everything ? NULL :
			     hsm_plan_list_wants(&arena, &session->desired, &planning->live, bases, count, &want_count);
	if (everything && (count || has_webhooks))
		rc = hsm_history_read(session->repository, &session->desired, bases, count, &planning->history, error);
	else if (count)
		rc = hsm_history_read_wanted(session->repository, &session->desired, bases, count, wants, want_count,
					     &planning->history, error);
	hsm_arena_release(&arena);
	return rc;
}

static int read_snapshot(struct hsm_session *session, struct hsm_planning *planning, struct hsm_error *error)
{
	const char *path = session->options.against, *environment = session->desired.environment->node.key.text, *data;
	size_t length;
	int rc = hsm_session_read_file(session, path, SNAPSHOT_MAX, &data, &length, error);
	if (rc)
		return rc;
	rc = hsm_snapshot_load(data, length, &planning->live, &planning->snapshot, error);
	if (rc)
		return hsm_error_prefix(error, "%s", path);
	if (strcmp(planning->snapshot.environment, environment) != 0)
		return hsm_error_set(error, HSM_ERROR_USAGE, "%s is a snapshot of '%s', not of '%s'", path,
				     planning->snapshot.environment, environment);
	return 0;
}

static int read_organization(struct hsm_session *session, bool webhooks, struct hsm_live *live, struct hsm_error *error)
{
	int rc = hsm_session_connect(session, error);
	if (rc)
		return rc;
	hsm_session_read_meanwhile(session);
	return hsm_planning_read_live(session, webhooks, live, error);
}

/* Git, and the organisation meanwhile. What is wrong with the files is told first. */
static int read_both(struct hsm_session *session, bool webhooks, struct hsm_planning *planning, struct hsm_error *error)
{
	const struct hsm_options *options = &session->options;
	struct hsm_error failure;
	int live = options->against ? 0 : read_organization(session, webhooks, &planning->live, &failure);
	int rc = hsm_session_read_templates(session, error);
	if (!rc)
		rc = check_names(session, &options->resubmit, "--resubmit", error);
	if (!rc)
		rc = check_names(session, &options->overwrite, "--overwrite", error);
	if (!rc && live)
		rc = hsm_error_set(error, failure.class, "%s", failure.message);
	if (!rc && options->against)
		rc = read_snapshot(session, planning, error);
	return rc;
}

static int read_all(struct hsm_session *session, bool all_versions, bool responses, struct hsm_planning *planning,
		    struct hsm_error *error)
{
	const struct hsm_options *options = &session->options;
	int rc = hsm_session_choose_environment(session, error);
	if (rc)
		return rc;
	bool webhooks = session->desired.environment->webhooks.count || options->prune;
	rc = read_both(session, webhooks, planning, error);
	if (!rc && responses && !options->against)
		rc = hsm_planning_read_responses(session, session->desired.environment, &planning->live,
						 &planning->responses, error);
	return rc ? rc : read_history(session, all_versions || options->prune, webhooks, planning, error);
}

int hsm_planning_read(struct hsm_session *session, bool all_versions, struct hsm_planning *planning,
		      struct hsm_error *error)
{
	return read_all(session, all_versions, false, planning, error);
}

int hsm_planning_read_template(struct hsm_session *session, const char *base, struct hsm_planning *planning,
			       struct hsm_error *error)
{
	if (!hsm_pattern_matches(&hsm_name_base_pattern, base))
		return hsm_error_set(error, HSM_ERROR_USAGE, "'%s' is no template's name: name it without _vN", base);
	int rc = hsm_session_choose_environment(session, error);
	if (!rc)
		rc = read_both(session, false, planning, error);
	if (!rc)
		rc = hsm_history_read(session->repository, &session->desired, &base, 1, &planning->history, error);
	return rc;
}

/* Where a saved plan goes: no secret, only the names of the variables. */
static struct hsm_plan_target describe_target(const struct hsm_session *session)
{
	const struct hsm_environment *environment = session->desired.environment;
	bool meta = session->settings.backend == HSM_BACKEND_META;
	return (struct hsm_plan_target){
		.node.present = true,
		.backend.value = meta ? HSM_BACKEND_META : 0,
		.app = environment->app,
		.api_version.text = session->settings.api_version,
		.access_token = environment->credentials.access_token,
		.base_url.text = session->settings.base_url,
		.login_url.text = session->settings.login_url,
		.organization = environment->organization,
		.client_id = environment->credentials.client_id,
		.client_secret = environment->credentials.client_secret,
	};
}

static struct hsm_plan_target describe_genesys(const struct hsm_session *session)
{
	const struct hsm_genesys *genesys = &session->desired.environment->genesys;
	return (struct hsm_plan_target){
		.node.present = true,
		.base_url.text = session->genesys.base_url,
		.login_url.text = session->genesys.login_url,
		.organization = genesys->organization,
		.client_id = genesys->credentials.client_id,
		.client_secret = genesys->credentials.client_secret,
	};
}

/* Nothing is lost: what the hour has no room for is refused, and made by the next apply. */
static void warn_of_hour(struct hsm_session *session, const struct hsm_plan *plan)
{
	size_t creates = hsm_plan_count_submissions(plan);
	if (creates > HSM_LIMIT_CREATES_PER_HOUR)
		hsm_output_log(&session->output, HSM_LEVEL_WARNING,
			       "%zu to submit, and an account takes %d an hour: run apply again each hour until it is done",
			       creates, HSM_LIMIT_CREATES_PER_HOUR);
}

static struct hsm_string describe_folder(struct hsm_session *session)
{
	const char *prefix = hsm_repository_prefix(session->repository);
	return (struct hsm_string){ .text = *prefix ? hsm_arena_format(&session->arena, "%s/", prefix) : NULL };
}

/* "GLOB:YYYY-MM-DD": known until that day is over, in UTC. */
static int read_ignore(struct hsm_session *session, const char *given, struct hsm_plan_options *options,
		       struct hsm_plan_ignore *ignores, struct hsm_error *error)
{
	const char *colon = strrchr(given, ':'), *end = NULL;
	struct tm day = { 0 };
	if (colon && colon > given && strlen(colon + 1) == strlen("2027-01-31"))
		end = strptime(colon + 1, "%Y-%m-%d", &day);
	if (!end || *end)
		return hsm_error_set(error, HSM_ERROR_USAGE,
				     "--ignore %s: a glob of names, a colon and the last day, such as promo_*:2027-01-31", given);
	if (timegm(&day) + 86400 > options->now)
		ignores[options->ignore_count++] = (struct hsm_plan_ignore){
			hsm_arena_copy(&session->arena, given, (size_t)(colon - given)), colon + 1 };
	else
		hsm_output_log(&session->output, HSM_LEVEL_WARNING, "--ignore %s has expired: it ignores nothing", given);
	return 0;
}

static int read_ignores(struct hsm_session *session, struct hsm_plan_options *options, struct hsm_error *error)
{
	const struct hsm_option_list *given = &session->options.ignore;
	struct hsm_plan_ignore *ignores = hsm_arena_allocate_array(&session->arena, given->count, sizeof(*ignores));
	int rc = 0;
	options->ignores = ignores;
	for (size_t i = 0; !rc && i < given->count; i++)
		rc = read_ignore(session, given->items[i], options, ignores, error);
	return rc;
}

const char *hsm_planning_find_registry(const struct hsm_config *config)
{
	const char *variable = getenv("HSMCTL_REGISTRY");
	return variable && *variable ? variable : config->registry.text;
}

/* What is in use, for a plan to compare with. A plan without it is a plan, too. */
static const struct hsm_registry_state *read_registry(struct hsm_session *session, struct hsm_planning *planning)
{
	const char *url = hsm_planning_find_registry(session->desired.config);
	struct hsm_store *store = NULL;
	struct hsm_error error;
	int rc = url && !session->options.against ?
			 hsm_store_open_existing(&store, url, session->desired.environment->node.key.text, &error) :
			 HSM_ERROR_NO_INPUT;
	if (!rc)
		rc = hsm_store_refresh(store, &planning->registry, &error);
	hsm_store_close(store);
	if (rc && rc != HSM_ERROR_NO_INPUT)
		hsm_output_log(&session->output, HSM_LEVEL_WARNING, "what is in use is not compared: %s", error.message);
	return rc ? NULL : hsm_registry_make_state(&session->arena, &planning->registry);
}

/* What would go is asked for: nothing goes that a flow or a campaign uses. Then it is planned anew. */
static int make_plan(struct hsm_session *session, struct hsm_planning *planning,
		     const struct hsm_registry_state *registry, const struct hsm_plan_options *options,
		     struct hsm_error *error)
{
	size_t count;
	hsm_plan_make(&session->arena, &session->desired, &planning->live, &planning->history, registry, options,
		      &planning->plan);
	const char **ids = hsm_plan_list_removed_responses(&session->arena, &planning->plan, &count);
	if (!count)
		return 0;
	int rc = hsm_responses_read_users(session->responses, &planning->responses, ids, count, error);
	if (!rc)
		hsm_plan_make(&session->arena, &session->desired, &planning->live, &planning->history, registry, options,
			      &planning->plan);
	return rc;
}

int hsm_planning_make(struct hsm_session *session, struct hsm_planning *planning, struct hsm_error *error)
{
	struct hsm_plan_options options = plan_options(&session->options);
	options.command = session->command == &hsm_commands[HSM_COMMAND_DRIFT] ? "drift" : "plan";
	if (session->options.out && strcmp(session->options.out, "-") == 0)
		return hsm_error_set(error, HSM_ERROR_USAGE, "--out wants a file: what is shown goes to stdout");
	int rc = read_ignores(session, &options, error);
	if (!rc)
		rc = read_all(session, false, true, planning, error);
	if (!rc)
		rc = make_plan(session, planning, read_registry(session, planning), &options, error);
	if (rc)
		return rc;
	/* A plan of what was live once is for reading: it does not say where it goes. */
	if (session->options.against)
		planning->plan.snapshot.text = planning->snapshot.taken;
	else
		planning->plan.target = describe_target(session);
	if (session->responses)
		planning->plan.genesys = describe_genesys(session);
	planning->plan.folder = describe_folder(session);
	warn_of_hour(session, &planning->plan);
	return hsm_apply_note_media(&session->arena, session->repository, &planning->plan, error);
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
	case HSM_FORMAT_HTML:
		hsm_review_append_html(plan, &style, &text);
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

int hsm_planning_save(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_error *error)
{
	const char *path = session->options.out;
	struct hsm_buffer bytes = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (!path)
		return 0;
	hsm_plan_save(plan, &bytes);
	int rc = hsm_save_file(path, &bytes, error);
	hsm_buffer_release(&bytes);
	if (!rc)
		hsm_output_log(&session->output, HSM_LEVEL_INFO,
			       plan->target.node.present ? "saved: hsmctl apply %s does exactly this" :
							   "saved: hsmctl show %s shows it again", path);
	return rc;
}

bool hsm_planning_may_exceed(const struct hsm_session *session, const char *policy)
{
	const struct hsm_option_list *allowed = &session->options.exceed;
	for (size_t i = 0; i < allowed->count; i++)
		if (strcmp(allowed->items[i], policy) == 0)
			return true;
	return false;
}

int hsm_planning_check_policy(const struct hsm_session *session, const struct hsm_plan *plan,
			      struct hsm_error *error)
{
	for (size_t i = 0; i < plan->violations.count; i++) {
		const struct hsm_plan_violation *violation =
			HSM_LIST_ITEM(plan->violations, struct hsm_plan_violation, i);
		if (!hsm_planning_may_exceed(session, violation->policy.text))
			return hsm_error_set(error, HSM_ERROR_POLICY,
					     "%s; where that is meant: --exceed %s", violation->message.text,
					     violation->policy.text);
	}
	return 0;
}
