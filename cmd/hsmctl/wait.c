#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/hsmctl/planning.h"
#include "reconciler/clock.h"
#include "reconciler/plan/versions.h"
#include "schema/base/text.h"
#include "schema/json.h"

/* A translation whose review is waited for, and what it was seen as last. */
struct awaited {
	struct waiting *waiting;
	const char *base, *language;
	struct hsm_content content;
	int64_t version; /* 0: any */
	const char *name; /* NULL: not live */
	enum hsm_status status;
	const char *status_word, *reason;
};

struct waiting {
	struct hsm_session *session;
	struct awaited *items; /* in the session's arena, as all that is kept */
	size_t count;
	size_t pending, refused;
	const struct awaited *first_pending, *first_refused;
	const char *provider_id;
	size_t pages; /* that a listing takes */
	struct hsm_error error; /* the first of the lookups */
};

static void add(struct waiting *waiting, const char *base, const char *language, struct hsm_content content,
		int64_t version)
{
	waiting->items[waiting->count++] = (struct awaited){
		.waiting = waiting, .base = base, .language = language, .content = content, .version = version,
	};
}

static void list_desired(struct waiting *waiting)
{
	const struct hsm_desired *desired = &waiting->session->desired;
	struct hsm_plan_options options = { .targets = waiting->session->options.targets.items,
					    .target_count = waiting->session->options.targets.count };
	size_t room = 0;
	for (size_t i = 0; i < desired->count; i++)
		room += desired->templates[i].count;
	waiting->items = hsm_arena_allocate_array(&waiting->session->arena, room, sizeof(*waiting->items));
	for (size_t i = 0; i < desired->count; i++) {
		const struct hsm_desired_template *template = &desired->templates[i];
		for (size_t j = 0; j < template->count && hsm_plan_is_targeted(&options, template->name); j++)
			add(waiting, template->name, template->translations[j].language,
			    template->translations[j].compiled.content, template->translations[j].version);
	}
}

static void list_planned(struct waiting *waiting, const struct hsm_plan *plan)
{
	size_t room = 0;
	for (size_t i = 0; i < plan->changes.count; i++)
		room += HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i)->submit.count;
	waiting->items = hsm_arena_allocate_array(&waiting->session->arena, room, sizeof(*waiting->items));
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		for (size_t j = 0; j < change->submit.count; j++) {
			const struct hsm_plan_submission *submission =
				HSM_LIST_ITEM(change->submit, struct hsm_plan_submission, j);
			add(waiting, change->template.text, submission->node.key.text,
			    (struct hsm_content){ submission->content.text }, change->version.value);
		}
	}
}

/* Of several that are equal the highest that is not burnt counts. */
static const struct hsm_live_template *find_equal(const struct hsm_versions *versions, const struct awaited *awaited)
{
	const struct hsm_version_list *list = hsm_versions_find(versions, awaited->base, awaited->language);
	const struct hsm_live_template *found = NULL;
	for (size_t i = 0; list && i < list->count; i++) {
		const struct hsm_live_template *live = list->items[i].live;
		if (!hsm_content_equals(&live->content, &awaited->content) ||
		    (awaited->version && awaited->version != list->items[i].number))
			continue;
		if (!found || !hsm_status_is_burnt(live->status) || hsm_status_is_burnt(found->status))
			found = live;
	}
	return found;
}

/* PAUSED is no review: it ends by itself after hours, or never. */
static bool is_pending(const struct awaited *awaited)
{
	return awaited->name && hsm_status_is_waiting(awaited->status) && awaited->status != HSM_STATUS_PAUSED;
}

static void see(struct awaited *awaited, const struct hsm_live_template *live)
{
	struct hsm_session *session = awaited->waiting->session;
	const char *before = awaited->status_word;
	if (live && before && strcmp(before, live->status_word) == 0)
		return;
	awaited->name = live ? hsm_arena_copy_string(&session->arena, live->name) : NULL;
	awaited->status = live ? live->status : HSM_STATUS_UNKNOWN;
	awaited->status_word = live ? hsm_arena_copy_string(&session->arena, live->status_word) : NULL;
	awaited->reason = live ? hsm_arena_copy_string(&session->arena, live->rejection_reason) : NULL;
	if (live && before)
		hsm_output_log(&session->output, HSM_LEVEL_INFO, "%s %s: %s%s%s", awaited->name, awaited->language,
			       awaited->status_word, awaited->reason ? ": " : "", awaited->reason ? awaited->reason : "");
}

static void count(struct waiting *waiting)
{
	waiting->pending = waiting->refused = 0;
	for (size_t i = waiting->count; i-- > 0;) {
		const struct awaited *awaited = &waiting->items[i];
		if (is_pending(awaited)) {
			waiting->pending++;
			waiting->first_pending = awaited;
		} else if (awaited->name && hsm_status_is_burnt(awaited->status)) {
			waiting->refused++;
			waiting->first_refused = awaited;
		}
	}
}

/* Everything that is live; a saved plan's place was connected to already. */
static int look_at_all(struct waiting *waiting, struct hsm_error *error)
{
	struct hsm_live live = { 0 };
	struct hsm_arena arena = { 0 };
	struct hsm_versions versions;
	int rc = hsm_planning_read_live(waiting->session, false, &live, error);
	if (!rc) {
		hsm_versions_make(&arena, &live, &versions);
		for (size_t i = 0; i < waiting->count; i++)
			see(&waiting->items[i], find_equal(&versions, &waiting->items[i]));
		waiting->provider_id = hsm_arena_copy_string(&waiting->session->arena, live.provider_id);
		waiting->pages = live.page_count;
		count(waiting);
	}
	hsm_arena_release(&arena);
	hsm_live_release(&live);
	return rc;
}

static void looked_up(void *user, const struct hsm_write_result *result)
{
	struct awaited *awaited = user;
	if (result->outcome == HSM_OUTCOME_DONE)
		see(awaited, result->template);
	else if (!awaited->waiting->error.class)
		awaited->waiting->error = result->error;
}

static int look_at_pending(struct waiting *waiting, struct hsm_error *error)
{
	waiting->error = (struct hsm_error){ 0 };
	for (size_t i = 0; i < waiting->count; i++)
		if (is_pending(&waiting->items[i]))
			hsm_connection_find_template(waiting->session->connection, waiting->provider_id,
						     waiting->items[i].name, waiting->items[i].language, looked_up,
						     &waiting->items[i]);
	hsm_connection_run(waiting->session->connection);
	count(waiting);
	if (!waiting->error.class)
		return 0;
	*error = waiting->error;
	return error->class;
}

static bool is_over(const struct hsm_session *session)
{
	return hsm_interrupted || (session->deadline > 0 && hsm_clock_monotonic() >= session->deadline);
}

static void sleep_between(const struct hsm_session *session)
{
	const double until = hsm_clock_monotonic() + session->options.interval;
	while (hsm_clock_monotonic() < until && !is_over(session)) {
		double left = until - hsm_clock_monotonic();
		struct timespec pause = { .tv_nsec = left > 0.1 ? 100000000 : left > 0 ? (long)(left * 1e9) : 0 };
		nanosleep(&pause, NULL);
	}
}

static void show_progress(struct waiting *waiting)
{
	const struct awaited *first = waiting->first_pending;
	char line[256];
	snprintf(line, sizeof(line), "%zu of %zu pending: %.*s %.*s %.*s", waiting->pending, waiting->count,
		 HSM_TEXT_FIT(first->name, 100), HSM_TEXT_FIT(first->language, 20), HSM_TEXT_FIT(first->status_word, 20));
	hsm_output_progress(&waiting->session->output, line);
}

static int conclude(const struct waiting *waiting, struct hsm_error *error)
{
	const struct awaited *first = waiting->pending ? waiting->first_pending : waiting->first_refused;
	if (waiting->pending)
		return hsm_error_set(error, HSM_ERROR_TRY_LATER, "%zu of %zu still pending, %s %s among them: wait again",
				     waiting->pending, waiting->count, first->name, first->language);
	if (waiting->refused)
		return hsm_error_set(error, HSM_ERROR_BLOCKED, "%zu of %zu ended badly: %s %s is %s%s%s",
				     waiting->refused, waiting->count, first->name, first->language, first->status_word,
				     first->reason ? ": " : "", first->reason ? first->reason : "");
	return 0;
}

static void print(const struct waiting *waiting)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer;
	if (waiting->session->options.format == HSM_FORMAT_JSON) {
		hsm_output_begin_json(&writer, &text);
		hsm_json_begin_array(&writer, "translations");
		for (size_t i = 0; i < waiting->count; i++) {
			const struct awaited *awaited = &waiting->items[i];
			hsm_json_begin_object(&writer, NULL);
			hsm_json_write_string(&writer, "template", awaited->base);
			hsm_json_write_string(&writer, "language", awaited->language);
			if (awaited->name) {
				hsm_json_write_string(&writer, "name", awaited->name);
				hsm_json_write_string(&writer, "status", awaited->status_word);
			}
			if (awaited->reason)
				hsm_json_write_string(&writer, "reason", awaited->reason);
			hsm_json_end_object(&writer);
		}
		hsm_json_end_array(&writer);
		hsm_output_end_json(&writer);
	} else if (!waiting->pending && !waiting->refused) {
		hsm_buffer_append_format(&text, "Nothing is pending: %zu translation%s.\n", waiting->count,
					 waiting->count == 1 ? "" : "s");
	}
	hsm_output_write(&waiting->session->output, &text);
	hsm_buffer_release(&text);
}

static int wait_for_all(struct waiting *waiting, struct hsm_error *error)
{
	int rc = look_at_all(waiting, error);
	while (!rc && waiting->pending && !is_over(waiting->session)) {
		show_progress(waiting);
		sleep_between(waiting->session);
		if (is_over(waiting->session))
			break;
		/* One by one where that takes fewer requests. */
		rc = waiting->pending <= waiting->pages ? look_at_pending(waiting, error) : look_at_all(waiting, error);
	}
	hsm_output_progress(&waiting->session->output, NULL);
	/* The time ran out within a look. */
	if (rc == HSM_ERROR_UNAVAILABLE && waiting->pending && is_over(waiting->session))
		rc = 0;
	if (rc)
		return rc;
	print(waiting);
	return conclude(waiting, error);
}

/* The environment and the translations to wait for; connects. */
static int begin(struct waiting *waiting, struct hsm_error *error)
{
	struct hsm_session *session = waiting->session;
	struct hsm_plan plan;
	int rc;
	if (session->options.for_file) {
		rc = hsm_planning_load(session, session->options.for_file, &plan, error);
		if (!rc)
			list_planned(waiting, &plan);
		return rc ? rc : hsm_planning_connect(session, &plan, error);
	}
	rc = hsm_session_read_templates(session, error);
	if (!rc)
		list_desired(waiting);
	return rc ? rc : hsm_session_connect(session, error);
}

int hsm_command_wait(struct hsm_session *session, struct hsm_error *error)
{
	struct waiting waiting = { .session = session };
	int rc = begin(&waiting, error);
	return rc ? rc : wait_for_all(&waiting, error);
}
