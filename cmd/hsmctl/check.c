#include <string.h>

#include "cmd/hsmctl/planning.h"
#include "reconciler/plan/versions.h"
#include "schema/base/text.h"
#include "schema/json.h"
#include "schema/payload.h"
#include "schema/requirement.h"

/* A template's language that a flow needs. */
struct row {
	const char *template, *language;
	const char *name;   /* of the active version; NULL: none */
	const char *reason; /* why it does not do; NULL: it does */
	bool pending;       /* it may yet */
};

struct checking {
	struct hsm_session *session;
	const struct hsm_planning *planning;
	struct hsm_requirements requirements;
	struct hsm_versions versions;
	struct row *rows; /* in the session's arena */
	size_t count, failed, pending;
};

static void fail(struct checking *checking, struct row *row, bool pending, const char *reason)
{
	row->reason = reason;
	row->pending = pending;
	checking->failed += !pending;
	checking->pending += pending;
}

static bool has_parameters(const struct hsm_message *message, const struct hsm_list *wanted)
{
	bool same = message->name_count == wanted->count;
	for (size_t i = 0; same && i < wanted->count; i++)
		same = strcmp(message->names[i], HSM_LIST_ITEM(*wanted, struct hsm_string, i)->text) == 0;
	return same;
}

/* By its id, whatever its data, or by all that it sends. */
static bool has_reply(struct hsm_arena *arena, const struct hsm_replies *replies, const char *id)
{
	for (size_t i = 0; i < replies->count; i++) {
		const char *sent = replies->sent[i];
		if (sent && (strcmp(sent, id) == 0 || strcmp(hsm_payload_decode(arena, sent).id, id) == 0))
			return true;
	}
	return false;
}

/* Why the buttons of the active version do not do; NULL: they do. */
static const char *find_missing(struct hsm_arena *arena, const struct hsm_translation_state *state,
				const struct hsm_message *message, const struct hsm_requirement *requirement)
{
	struct hsm_replies replies;
	bool told = hsm_versions_list_replies(arena, state->active, &message->components, state->translation, &replies);
	for (size_t i = 0; i < requirement->buttons.count; i++) {
		const char *id = HSM_LIST_ITEM(requirement->buttons, struct hsm_string, i)->text;
		if (has_reply(arena, &replies, id))
			continue;
		return told ? hsm_arena_format(arena, "it has no button '%s'", id) :
			      hsm_arena_format(arena, "Meta does not tell what the buttons of v%lld send, and git has another "
						      "content: button '%s' is not known", (long long)state->active->number, id);
	}
	return NULL;
}

static const char *join(struct hsm_arena *arena, const char *const *names, size_t count)
{
	const char *text = "";
	for (size_t i = 0; i < count; i++)
		text = hsm_arena_format(arena, "%s%s%s", text, i ? ", " : "", names[i]);
	return text;
}

/* The active version is there: is it what the flow was made for? */
static void check_active(struct checking *checking, struct row *row, const struct hsm_requirement *requirement,
			 const struct hsm_translation_state *state)
{
	struct hsm_arena *arena = &checking->session->arena;
	const struct hsm_version *active = state->active;
	bool waits = state->target && state->target != active && hsm_status_is_waiting(state->target->live->status);
	struct hsm_message message =
		hsm_versions_read_message(arena, &checking->planning->history, state->template, active);
	if (requirement->version.present && active->number < requirement->version.value) {
		fail(checking, row, waits && state->target->number >= requirement->version.value,
		     hsm_arena_format(arena, "v%lld is active, v%lld is needed", (long long)active->number,
				      (long long)requirement->version.value));
		return;
	}
	if (requirement->parameters.present && !has_parameters(&message, &requirement->parameters)) {
		fail(checking, row, waits, hsm_arena_format(arena, "it takes [%s]",
							     join(arena, message.names, message.name_count)));
		return;
	}
	const char *missing = find_missing(arena, state, &message, requirement);
	if (missing)
		fail(checking, row, waits, missing);
}

static void check_state(struct checking *checking, const struct hsm_requirement *requirement,
			const struct hsm_translation_state *state)
{
	struct row *row = &checking->rows[checking->count++];
	const struct hsm_version *target = state->target;
	*row = (struct row){ .template = state->template->name, .language = state->translation->language };
	if (state->active) {
		row->name = state->active->live->name;
		check_active(checking, row, requirement, state);
	} else if (!target) {
		fail(checking, row, false, "not live: plan and apply");
	} else {
		const char *why = target->live->rejection_reason;
		fail(checking, row, hsm_status_is_waiting(target->live->status),
		     hsm_arena_format(&checking->session->arena, "%s is %s%s%s", target->live->name,
				      target->live->status_word, why ? ": " : "", why ? why : ""));
	}
}

static void add_missing(struct checking *checking, const char *template, const char *language, const char *reason)
{
	struct row *row = &checking->rows[checking->count++];
	*row = (struct row){ .template = template, .language = language };
	fail(checking, row, false, reason);
}

static bool is_wanted(const struct hsm_requirement *requirement, const char *language)
{
	for (size_t i = 0; i < requirement->languages.count; i++)
		if (strcmp(HSM_LIST_ITEM(requirement->languages, struct hsm_string, i)->text, language) == 0)
			return true;
	return !requirement->languages.count;
}

static void check_requirement(struct checking *checking, const struct hsm_requirement *requirement)
{
	struct hsm_session *session = checking->session;
	const char *base = requirement->node.key.text;
	const struct hsm_desired_template *template = hsm_desired_find(&session->desired, base, strlen(base));
	if (!template) {
		add_missing(checking, base, "", "git has no template of that name here");
		return;
	}
	const struct hsm_translation_state *states =
		hsm_versions_judge(&session->arena, &checking->versions, &checking->planning->history, template,
				   session->desired.environment->node.key.text);
	for (size_t i = 0; i < template->count; i++)
		if (is_wanted(requirement, template->translations[i].language))
			check_state(checking, requirement, &states[i]);
	for (size_t i = 0; i < requirement->languages.count; i++) {
		const char *language = HSM_LIST_ITEM(requirement->languages, struct hsm_string, i)->text;
		if (!hsm_desired_find_translation(template, language))
			add_missing(checking, base, language, "git has not this language here");
	}
}

static void append_text(const struct checking *checking, struct hsm_buffer *text)
{
	for (size_t i = 0; i < checking->count; i++) {
		const struct row *row = &checking->rows[i];
		hsm_buffer_append_format(text, "%s %s%s%s: ", !row->reason ? "ok     " : row->pending ? "pending" : "missing",
					 row->template, *row->language ? " " : "", row->language);
		hsm_text_append_printable_line(text, row->reason ? row->reason : row->name);
		hsm_buffer_append_char(text, '\n');
	}
}

static void append_json(const struct checking *checking, struct hsm_buffer *text)
{
	struct hsm_json_writer writer;
	hsm_output_begin_json(&writer, text);
	hsm_json_write_string(&writer, "environment", checking->session->desired.environment->node.key.text);
	hsm_json_write_boolean(&writer, "ready", !checking->failed && !checking->pending);
	hsm_json_begin_array(&writer, "requirements");
	for (size_t i = 0; i < checking->count; i++) {
		const struct row *row = &checking->rows[i];
		hsm_json_begin_object(&writer, NULL);
		hsm_json_write_string(&writer, "template", row->template);
		hsm_json_write_string(&writer, "language", row->language);
		hsm_json_write_string(&writer, "state", !row->reason ? "ok" : row->pending ? "pending" : "missing");
		if (row->name)
			hsm_json_write_string(&writer, "name", row->name);
		if (row->reason)
			hsm_json_write_string(&writer, "reason", row->reason);
		hsm_json_end_object(&writer);
	}
	hsm_json_end_array(&writer);
	hsm_output_end_json(&writer);
}

static size_t count_rows(const struct checking *checking)
{
	size_t room = 0;
	for (size_t i = 0; i < checking->requirements.templates.count; i++) {
		const struct hsm_requirement *requirement =
			HSM_LIST_ITEM(checking->requirements.templates, struct hsm_requirement, i);
		const char *base = requirement->node.key.text;
		const struct hsm_desired_template *template =
			hsm_desired_find(&checking->session->desired, base, strlen(base));
		room += requirement->languages.count + (template ? template->count : 1);
	}
	return room;
}

static int check(struct checking *checking, struct hsm_error *error)
{
	struct hsm_session *session = checking->session;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_versions_make(&session->arena, &checking->planning->live, &checking->versions);
	checking->rows = hsm_arena_allocate_array(&session->arena, count_rows(checking), sizeof(*checking->rows));
	for (size_t i = 0; i < checking->requirements.templates.count; i++)
		check_requirement(checking, HSM_LIST_ITEM(checking->requirements.templates, struct hsm_requirement, i));
	if (session->options.format == HSM_FORMAT_JSON)
		append_json(checking, &text);
	else
		append_text(checking, &text);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	if (checking->failed)
		return hsm_error_set(error, HSM_ERROR_BLOCKED, "%zu of %zu required translations are not active in %s",
				     checking->failed + checking->pending, checking->count,
				     session->desired.environment->node.key.text);
	if (checking->pending)
		return hsm_error_set(error, HSM_ERROR_TRY_LATER, "%zu of %zu required translations are still in review in %s",
				     checking->pending, checking->count, session->desired.environment->node.key.text);
	return 0;
}

int hsm_command_check(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_planning planning = { 0 };
	struct checking checking = { .session = session, .planning = &planning };
	if (!session->options.requires)
		return hsm_error_set(error, HSM_ERROR_USAGE, "check wants --requires FILE");
	int rc = hsm_session_read_yaml(session, session->options.requires, &hsm_requirements_object,
				       &checking.requirements, HSM_ERROR_INVALID, error);
	if (!rc)
		rc = hsm_planning_read(session, true, &planning, error);
	if (!rc)
		rc = check(&checking, error);
	hsm_planning_release(&planning);
	return rc;
}
