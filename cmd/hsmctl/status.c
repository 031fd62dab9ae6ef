#include <string.h>

#include "cmd/hsmctl/matrix.h"
#include "cmd/hsmctl/planning.h"
#include "cmd/hsmctl/table.h"
#include "reconciler/plan/versions.h"
#include "schema/base/age.h"
#include "schema/json.h"

/* One live version of what git has, or a translation that is not live at all. */
struct row {
	const char *template, *language;
	const struct hsm_version *version; /* NULL: not live */
	const struct hsm_translation_state *state;
};

struct rows {
	struct row *items; /* in the session's arena */
	size_t count;
};

/* Argo's words: people know them. */
static const char *find_health(const struct row *row)
{
	if (!row->version)
		return "missing";
	enum hsm_status status = row->version->live->status;
	if (status == HSM_STATUS_APPROVED)
		return row->version == row->state->target && row->state->held ? "suspended" : "healthy";
	if (status == HSM_STATUS_PAUSED)
		return "suspended";
	if (hsm_status_is_waiting(status))
		return "progressing";
	return hsm_status_is_burnt(status) ? "degraded" : "unknown";
}

static bool is_active(const struct row *row)
{
	return row->version && row->version == row->state->active;
}

static bool is_target(const struct row *row)
{
	return row->version && row->version == row->state->target;
}

static const char *find_reason(const struct row *row)
{
	if (!row->version)
		return "not live: plan and apply";
	if (row->version->live->rejection_reason)
		return row->version->live->rejection_reason;
	return is_target(row) && row->state->held ? row->state->held_reason : NULL;
}

static const char *find_since(const struct row *row)
{
	if (!row->version)
		return NULL;
	return row->version->live->modified ? row->version->live->modified : row->version->live->created;
}

static const char *find_age(struct hsm_session *session, const struct row *row)
{
	int64_t since = hsm_age_read_time(find_since(row));
	return since < 0 ? "" : hsm_age_format(&session->arena, hsm_session_now() - since);
}

static void add_translation(struct rows *rows, const struct hsm_translation_state *state)
{
	size_t count = state->versions ? state->versions->count : 0;
	for (size_t i = 0; i < count || i < 1; i++)
		rows->items[rows->count++] = (struct row){
			.template = state->template->name,
			.language = state->translation->language,
			.version = count ? &state->versions->items[i] : NULL,
			.state = state,
		};
}

static struct rows make_rows(struct hsm_session *session, const struct hsm_planning *planning)
{
	const struct hsm_desired *desired = &session->desired;
	struct hsm_versions versions;
	struct rows rows = { 0 };
	size_t room = planning->live.template_count;
	hsm_versions_make(&session->arena, &planning->live, &versions);
	for (size_t i = 0; i < desired->count; i++)
		room += desired->templates[i].count;
	rows.items = hsm_arena_allocate_array(&session->arena, room, sizeof(*rows.items));
	for (size_t i = 0; i < desired->count; i++) {
		const struct hsm_desired_template *template = &desired->templates[i];
		const struct hsm_translation_state *states =
			hsm_versions_judge(&session->arena, &versions, &planning->history, template,
					   desired->environment->node.key.text);
		for (size_t j = 0; j < template->count; j++)
			add_translation(&rows, &states[j]);
	}
	return rows;
}

static void append_table(struct hsm_session *session, const struct rows *rows, struct hsm_buffer *text)
{
	static const char *const titles[] = { "NAME", "LANGUAGE", "STATUS", "HEALTH", "USE", "CATEGORY", "AGE", "REASON" };
	struct hsm_table table = { .columns = sizeof(titles) / sizeof(titles[0]) };
	hsm_table_add(&table, titles);
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->items[i];
		const struct hsm_live_template *live = row->version ? row->version->live : NULL;
		hsm_table_add(&table, (const char *const[]){
			live ? live->name : row->template, row->language, live ? live->status_word : "-",
			find_health(row), is_active(row) ? "active" : is_target(row) ? "target" : NULL,
			live ? live->category : NULL, find_age(session, row), find_reason(row) });
	}
	hsm_table_append(&table, text);
	hsm_table_release(&table);
}

static void write_row(struct hsm_json_writer *writer, const struct row *row)
{
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "template", row->template);
	hsm_json_write_string(writer, "language", row->language);
	hsm_json_write_string(writer, "health", find_health(row));
	hsm_json_write_boolean(writer, "active", is_active(row));
	hsm_json_write_boolean(writer, "target", is_target(row));
	if (row->version) {
		const struct hsm_live_template *live = row->version->live;
		hsm_json_write_string(writer, "name", live->name);
		hsm_json_write_integer(writer, "version", row->version->number);
		hsm_json_write_string(writer, "id", live->id);
		hsm_json_write_string(writer, "status", live->status_word);
		hsm_json_write_string(writer, "category", live->category);
		if (is_target(row))
			hsm_json_write_boolean(writer, "held", row->state->held);
	}
	if (find_reason(row))
		hsm_json_write_string(writer, "reason", find_reason(row));
	if (find_since(row))
		hsm_json_write_string(writer, "since", find_since(row));
	hsm_json_end_object(writer);
}

static void append_json(struct hsm_session *session, const struct hsm_planning *planning, const struct rows *rows,
			struct hsm_buffer *text)
{
	struct hsm_json_writer writer;
	hsm_output_begin_json(&writer, text);
	hsm_json_write_string(&writer, "tool_version", HSM_VERSION);
	hsm_json_write_string(&writer, "environment", session->desired.environment->node.key.text);
	hsm_json_write_string(&writer, "provider_id", planning->live.provider_id);
	if (*session->desired.commit)
		hsm_json_write_string(&writer, "commit", session->desired.commit);
	hsm_json_begin_array(&writer, "versions");
	for (size_t i = 0; i < rows->count; i++)
		write_row(&writer, &rows->items[i]);
	hsm_json_end_array(&writer);
	hsm_output_end_json(&writer);
}

int hsm_command_status(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_planning planning = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (hsm_matrix_is_wanted(session))
		return hsm_matrix_status(session, error);
	int rc = hsm_planning_read(session, true, &planning, error);
	if (!rc) {
		struct rows rows = make_rows(session, &planning);
		if (session->options.format == HSM_FORMAT_JSON)
			append_json(session, &planning, &rows, &text);
		else
			append_table(session, &rows, &text);
		hsm_output_write(&session->output, &text);
	}
	hsm_buffer_release(&text);
	hsm_planning_release(&planning);
	return rc;
}
