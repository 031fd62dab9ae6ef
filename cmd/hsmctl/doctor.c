#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cmd/hsmctl/doctor_report.h"
#include "cmd/hsmctl/planning.h"
#include "reconciler/plan/versions.h"
#include "schema/limits.h"

#define SKEW_MAX 60.0 /* seconds */

struct doctor {
	struct hsm_session *session;
	struct hsm_doctor_report report;
	struct hsm_live live;
	struct hsm_live_responses responses;
	bool templates_valid;
	struct probe {
		enum hsm_outcome outcome;
		struct hsm_error error;
	} probe;
};

static bool check_repository(struct doctor *doctor)
{
	struct hsm_error error;
	if (hsm_session_open_repository(doctor->session, &error)) {
		hsm_doctor_fail(&doctor->report, "repository", NULL, &error);
		return false;
	}
	if (hsm_repository_is_shallow(doctor->session->repository))
		hsm_doctor_note(&doctor->report, HSM_CHECK_WARNING, "repository",
				"git fetch --unshallow (actions/checkout: fetch-depth: 0)",
				"a shallow clone: whose a difference is cannot be told");
	else
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "repository", NULL,
				"a git repository with its history");
	return true;
}

/* Findings are validate's to show. */
static bool check_config(struct doctor *doctor)
{
	struct hsm_session *session = doctor->session;
	struct hsm_error error;
	int rc = hsm_desired_read_config(session->repository, session->options.revision, &session->desired,
					 &session->findings, &error);
	if (!rc && !session->options.revision)
		rc = hsm_desired_find_dirty(session->repository, &session->desired, &error);
	if (rc) {
		hsm_doctor_fail(&doctor->report, "hsmctl.yaml",
				rc == HSM_ERROR_CONFIG ? "hsmctl validate shows each at its place" : NULL,
				&error);
		return false;
	}
	if (session->desired.dirty)
		hsm_doctor_note(&doctor->report, HSM_CHECK_WARNING, "hsmctl.yaml",
				"commit, or apply with --allow-dirty",
				"it or a template file differs from the commit: apply refuses that");
	else
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "hsmctl.yaml", NULL, "%zu environment%s",
				session->desired.config->environments.count,
				session->desired.config->environments.count == 1 ? "" : "s");
	return true;
}

static bool check_environment(struct doctor *doctor)
{
	struct hsm_error error;
	if (hsm_session_choose_environment(doctor->session, &error)) {
		hsm_doctor_fail(&doctor->report, "environment", NULL, &error);
		return false;
	}
	hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "environment", NULL, "%s",
			doctor->session->desired.environment->node.key.text);
	return true;
}

/* Before an environment is chosen, those of every environment. */
static void check_templates(struct doctor *doctor)
{
	struct hsm_session *session = doctor->session;
	struct hsm_error error;
	int rc = hsm_desired_read_templates(session->repository, session->options.revision, &session->desired,
					    &session->findings, &error);
	if (rc)
		hsm_doctor_fail(&doctor->report, "templates", "hsmctl validate shows each at its place",
				&error);
	else
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "templates", NULL, "%zu, all valid",
				session->desired.count);
	doctor->templates_valid = !rc;
}

/* The host, and the presence of credentials: nothing is sent yet. */
static bool check_settings(struct doctor *doctor)
{
	struct hsm_session *session = doctor->session;
	struct hsm_error error;
	int rc = hsm_session_connect(session, &error);
	if (rc) {
		hsm_doctor_fail(&doctor->report, rc == HSM_ERROR_AUTH ? "credentials" : "host", NULL, &error);
		return false;
	}
	hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "host", NULL, "%s", session->settings.base_url);
	hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "credentials", NULL, "%s",
			session->settings.access_token ? "an access token is set"
						       : "a client id and secret are set");
	return true;
}

/* "Acme (3f2a)", or the id alone. */
static const char *describe(struct doctor *doctor, const char *name, const char *id)
{
	return name ? hsm_arena_format(&doctor->report.arena, "%s (%s)", name, id) : id;
}

static void note_organization(struct doctor *doctor)
{
	const struct hsm_live *live = &doctor->live;
	if (live->organization_id)
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "organisation", NULL, "%s",
				describe(doctor, live->organization_name, live->organization_id));
	else
		hsm_doctor_note(&doctor->report, HSM_CHECK_WARNING, "organisation",
				"write its id as organization: in hsmctl.yaml",
				"not named: credentials of any organisation would be used");
}

static bool is_meta(const struct doctor *doctor)
{
	return doctor->session->settings.backend == HSM_BACKEND_META;
}

static void note_account(struct doctor *doctor)
{
	hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "business account", NULL, "%s",
			describe(doctor, doctor->live.provider_name, doctor->live.provider_id));
	if (!doctor->session->settings.app)
		hsm_doctor_note(&doctor->report, HSM_CHECK_WARNING, "app", "write the Meta app's id as app: in hsmctl.yaml",
				"not named: no file of a header can be uploaded");
}

/* Token, organisation, provider, listing: the first that fails says what it is. */
static int check_api(struct doctor *doctor)
{
	struct hsm_session *session = doctor->session;
	struct hsm_error error;
	bool webhooks = session->desired.environment->webhooks.count > 0;
	int rc = hsm_planning_read_live(session, webhooks, &doctor->live, &error);
	if (rc) {
		hsm_doctor_fail(&doctor->report, rc == HSM_ERROR_AUTH ? "access" : "API", NULL, &error);
		return rc;
	}
	hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "access", NULL,
			"the credentials are accepted and may read");
	if (is_meta(doctor)) {
		note_account(doctor);
		return 0;
	}
	note_organization(doctor);
	hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "provider", NULL, "%s is active",
			describe(doctor, doctor->live.provider_name, doctor->live.provider_id));
	return 0;
}

/* The organisation beside an account of Meta's. */
static void check_responses(struct doctor *doctor)
{
	struct hsm_session *session = doctor->session;
	const struct hsm_environment *environment = session->desired.environment;
	const struct hsm_live_responses *responses = &doctor->responses;
	struct hsm_error error;
	if (!environment->genesys.node.present)
		return;
	int rc = hsm_planning_read_responses(session, environment, &doctor->live, &doctor->responses, &error);
	if (rc)
		hsm_doctor_fail(&doctor->report, "responses", NULL, &error);
	else if (!responses->library_id)
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "responses", NULL,
				"there is no library '%s' yet: an apply makes it", responses->library);
	else
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "responses", NULL,
				"%zu of WhatsApp in the library '%s', for %zu integration%s of the account", responses->count,
				responses->library, responses->integrations, responses->integrations == 1 ? "" : "s");
}

static void note_probe(void *user, const struct hsm_write_result *result)
{
	struct probe *note = user;
	note->outcome = result->outcome;
	note->error = result->error;
}

static void check_write(struct doctor *doctor)
{
	struct hsm_session *session = doctor->session;
	hsm_connection_probe_write(session->connection, doctor->live.provider_id, note_probe, &doctor->probe);
	hsm_connection_run(session->connection);
	if (doctor->probe.outcome == HSM_OUTCOME_DONE)
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "permission", NULL,
				"the credentials may create templates");
	else
		hsm_doctor_fail(&doctor->report, "permission",
				doctor->probe.outcome != HSM_OUTCOME_FORBIDDEN ? NULL :
				is_meta(doctor) ? "give the system user the account, and its token "
						  "whatsapp_business_management" :
						  "give the OAuth client a role that may create templates",
				&doctor->probe.error);
}

static void check_clock(struct doctor *doctor)
{
	double skew = hsm_connection_clock_skew(doctor->session->connection);
	if (fabs(skew) > SKEW_MAX)
		hsm_doctor_note(&doctor->report, HSM_CHECK_WARNING, "clock", "set this machine's clock",
				"the server's clock is %.0f s %s", fabs(skew), skew > 0 ? "ahead" : "behind");
	else
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "clock", NULL, "as the server's");
}

static void check_rate(struct doctor *doctor)
{
	int64_t count, allowed;
	int used = hsm_connection_usage(doctor->session->connection);
	hsm_connection_rate(doctor->session->connection, &count, &allowed);
	if (used >= 80)
		hsm_doctor_note(&doctor->report, HSM_CHECK_WARNING, "rate limit",
				"something else uses the app or the account: hsmctl slows down",
				"%d %% of an hour's calls are spent", used);
	else if (used >= 0)
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "rate limit", NULL, "%d %% of an hour's calls are spent", used);
	else if (!allowed)
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "rate limit", NULL, "the API names none");
	else if (count * 10 > allowed * 8)
		hsm_doctor_note(&doctor->report, HSM_CHECK_WARNING, "rate limit",
				"something else uses these credentials: hsmctl waits for its turn",
				"%" PRId64 " of %" PRId64 " requests of this window are spent", count,
				allowed);
	else
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "rate limit", NULL,
				"%" PRId64 " of %" PRId64 " requests of this window are spent", count,
				allowed);
}

static bool is_live(const struct hsm_version_list *list, const struct hsm_desired_translation *translation)
{
	for (size_t i = 0; list && i < list->count; i++) {
		const struct hsm_version *version = &list->items[i];
		if ((!translation->version || translation->version == version->number) &&
		    hsm_content_equals(&version->live->content, &translation->compiled.content))
			return true;
	}
	return false;
}

/* Translations that an apply would submit, but for what history forbids. */
static size_t count_creates(struct doctor *doctor)
{
	const struct hsm_desired *desired = &doctor->session->desired;
	struct hsm_versions versions = { 0 };
	size_t creates = 0;
	hsm_versions_make(&doctor->session->arena, &doctor->live, &versions);
	for (size_t i = 0; i < desired->count; i++) {
		const struct hsm_desired_template *template = &desired->templates[i];
		for (size_t j = 0; j < template->count; j++)
			creates += !is_live(
			    hsm_versions_find(&versions, template->name, template->translations[j].language),
			    &template->translations[j]);
	}
	return creates;
}

static void check_room(struct doctor *doctor, size_t creates)
{
	size_t count = doctor->live.template_count, after = count + creates;
	struct hsm_error error;
	if (after > HSM_LIMIT_VERIFIED) {
		hsm_error_set(&error, HSM_ERROR_TRY_LATER, "%zu live and %zu to create: an account holds %d",
			      count, creates, HSM_LIMIT_VERIFIED);
		hsm_doctor_fail(&doctor->report, "account",
				"hsmctl apply --prune deletes what git has no more", &error);
	} else if (count <= HSM_LIMIT_UNVERIFIED && after > HSM_LIMIT_UNVERIFIED) {
		hsm_doctor_note(&doctor->report, HSM_CHECK_WARNING, "account",
				"verify the business with Meta, or create fewer",
				"%zu live and %zu to create: an account that is not verified holds %d", count,
				creates, HSM_LIMIT_UNVERIFIED);
	} else {
		hsm_doctor_note(&doctor->report, HSM_CHECK_OK, "account", NULL, "%zu live, %zu to create",
				count, creates);
	}
	if (creates > HSM_LIMIT_CREATES_PER_HOUR)
		hsm_doctor_note(&doctor->report, HSM_CHECK_WARNING, "hourly limit",
				"run apply again each hour until it is done",
				"%zu to create, and an account takes %d an hour", creates, HSM_LIMIT_CREATES_PER_HOUR);
}

static void check_all(struct doctor *doctor)
{
	if (!check_repository(doctor) || !check_config(doctor))
		return;
	bool chosen = check_environment(doctor);
	check_templates(doctor);
	if (!chosen || !check_settings(doctor))
		return;
	int rc = check_api(doctor);
	if (!rc) {
		check_write(doctor);
		check_responses(doctor);
	}
	if (rc != HSM_ERROR_UNAVAILABLE) { /* it did answer */
		check_clock(doctor);
		check_rate(doctor);
	}
	if (!rc && doctor->templates_valid)
		check_room(doctor, count_creates(doctor));
}

int hsm_command_doctor(struct hsm_session *session, struct hsm_error *error)
{
	struct doctor doctor = { .session = session };
	check_all(&doctor);
	hsm_doctor_report_write(&doctor.report, session);
	int rc = doctor.report.result;
	*error->message = '\0'; /* the report says it */
	hsm_live_release(&doctor.live);
	hsm_responses_release(&doctor.responses);
	hsm_doctor_report_release(&doctor.report);
	return rc;
}
