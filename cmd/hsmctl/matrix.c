#include "cmd/hsmctl/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/hsmctl/table.h"
#include "reconciler/plan/versions.h"
#include "schema/base/markdown.h"
#include "schema/base/memory.h"
#include "schema/json.h"

struct column {
	const char *name;
	struct hsm_session session;
	struct hsm_planning planning;
	bool read; /* its cells are there */
	int result;
	struct hsm_error error;
};

/* What one environment says of a translation. */
struct cell {
	const char *template, *language;
	size_t column;
	const char *text;
	bool differs;
};

struct matrix {
	struct hsm_session *session;
	struct column *columns; /* in the session's arena */
	size_t column_count;
	struct cell *cells;
	size_t count, capacity;
};

bool hsm_matrix_is_wanted(const struct hsm_session *session)
{
	return session->options.environment && strchr(session->options.environment, ',');
}

static int read_columns(struct matrix *matrix, struct hsm_error *error)
{
	struct hsm_session *session = matrix->session;
	char *names = hsm_arena_copy_string(&session->arena, session->options.environment), *rest = names;
	matrix->columns = hsm_arena_allocate_array(&session->arena, strlen(names), sizeof(*matrix->columns));
	if (session->options.out || session->options.against)
		return hsm_error_set(error, HSM_ERROR_USAGE, "--out and --against are of one environment: name one with --env");
	for (char *name; (name = strsep(&rest, ","));) {
		for (size_t i = 0; i < matrix->column_count; i++)
			if (strcmp(matrix->columns[i].name, name) == 0)
				return hsm_error_set(error, HSM_ERROR_USAGE, "--env names '%s' twice", name);
		if (*name)
			matrix->columns[matrix->column_count++].name = name;
	}
	return 0;
}

/* A session of its own for an environment; warnings of the files are told once. */
static void begin_column(struct matrix *matrix, struct column *column)
{
	const struct hsm_session *session = matrix->session;
	column->session = (struct hsm_session){ .command = session->command, .options = session->options,
						.output = session->output, .deadline = session->deadline };
	column->session.options.environment = column->name;
	column->session.output.quiet |= column != matrix->columns;
}

static void end_column(struct column *column)
{
	hsm_planning_release(&column->planning);
	column->session.options = (struct hsm_options){ 0 }; /* the parent's */
	hsm_session_end(&column->session);
}

static void add_cell(struct matrix *matrix, size_t column, const char *template, const char *language,
		     const char *text, bool differs)
{
	HSM_MEMORY_GROW(matrix->cells, matrix->count, matrix->capacity);
	matrix->cells[matrix->count++] = (struct cell){ template, language, column, text, differs };
}

/* By template and language; of one environment's rows for a translation the first stays first. */
static int compare_cells(const void *left, const void *right)
{
	const struct cell *a = left, *b = right;
	int order = strcmp(a->template, b->template);
	if (!order)
		order = strcmp(a->language, b->language);
	if (!order)
		order = (a->column > b->column) - (a->column < b->column);
	return order ? order : (int)b->differs - (int)a->differs;
}

static bool same_row(const struct cell *a, const struct cell *b)
{
	return strcmp(a->template, b->template) == 0 && strcmp(a->language, b->language) == 0;
}

static const char *describe_change(struct hsm_arena *arena, const struct hsm_plan_change *change)
{
	const char *action = hsm_action_words[change->action.value - 1];
	if (!change->version.present)
		return action;
	return hsm_arena_format(arena, "%s v%lld%s", action, (long long)change->version.value,
				change->compatibility.value == HSM_BREAKING ? " BREAKING" : "");
}

/* Everything that git has is in sync unless a row says otherwise. */
static void add_plan(struct matrix *matrix, size_t index)
{
	const struct column *column = &matrix->columns[index];
	const struct hsm_desired *desired = &column->session.desired;
	const struct hsm_plan *plan = &column->planning.plan;
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		int kind = change->kind.value;
		const char *base = change->template.text ? change->template.text : change->name.text;
		const char *name = kind == HSM_KIND_TEMPLATE ? base :
				   hsm_arena_format(&matrix->session->arena, "%s %s", hsm_kind_words[kind - 1], base);
		const char *text = describe_change(&matrix->session->arena, change);
		if (!change->languages.count)
			add_cell(matrix, index, name, "", text, true);
		for (size_t j = 0; j < change->languages.count; j++)
			add_cell(matrix, index, name, HSM_LIST_ITEM(change->languages, struct hsm_string, j)->text, text,
				 true);
	}
	for (size_t i = 0; i < desired->count; i++)
		for (size_t j = 0; j < desired->templates[i].count; j++)
			add_cell(matrix, index, desired->templates[i].name,
				 desired->templates[i].translations[j].language, "in sync", false);
}

static const char *describe_state(struct hsm_arena *arena, const struct hsm_translation_state *state)
{
	const struct hsm_version *active = state->active, *target = state->target;
	const char *text = active ? hsm_arena_format(arena, "v%lld %s", (long long)active->number,
						      active->live->status_word) : "nothing active";
	if (!target)
		return hsm_arena_format(arena, "%s, git's is not live", text);
	if (target == active)
		return text;
	return hsm_arena_format(arena, "%s, then v%lld %s%s", text, (long long)target->number,
				target->live->status_word, state->held ? " held" : "");
}

static void add_status(struct matrix *matrix, size_t index)
{
	struct column *column = &matrix->columns[index];
	struct hsm_arena *arena = &matrix->session->arena;
	const struct hsm_desired *desired = &column->session.desired;
	struct hsm_versions versions;
	hsm_versions_make(arena, &column->planning.live, &versions);
	for (size_t i = 0; i < desired->count; i++) {
		const struct hsm_translation_state *states = hsm_versions_judge(
			arena, &versions, &column->planning.history, &desired->templates[i], column->name);
		for (size_t j = 0; j < desired->templates[i].count; j++)
			add_cell(matrix, index, desired->templates[i].name,
				 desired->templates[i].translations[j].language, describe_state(arena, &states[j]), true);
	}
}

/* A row's cells by column; true where one of them is worth a row. */
static bool fill_row(const struct matrix *matrix, const struct cell *cells, size_t count, const char **texts)
{
	bool differs = false;
	for (size_t i = 0; i < matrix->column_count; i++)
		texts[i] = matrix->columns[i].read ? "-" : "?";
	for (size_t i = count; i > 0; i--) { /* the first of a column counts */
		texts[cells[i - 1].column] = cells[i - 1].text;
		differs |= cells[i - 1].differs;
	}
	return differs;
}

typedef void each_row(void *user, const char *template, const char *language, const char *const *texts);

static void walk_rows(const struct matrix *matrix, each_row *visit, void *user)
{
	const char **texts = hsm_arena_allocate_array(&matrix->session->arena, matrix->column_count, sizeof(*texts));
	for (size_t i = 0, size; i < matrix->count; i += size) {
		const struct cell *first = &matrix->cells[i];
		for (size = 1; i + size < matrix->count && same_row(first, &matrix->cells[i + size]);)
			size++;
		if (fill_row(matrix, first, size, texts))
			visit(user, first->template, first->language, texts);
	}
}

/* Where rows go: one of the three. */
struct output_rows {
	const struct matrix *matrix;
	struct hsm_table table;
	struct hsm_buffer *markdown;
	struct hsm_json_writer json;
};

static void add_text_row(void *user, const char *template, const char *language, const char *const *texts)
{
	struct output_rows *rows = user;
	const struct matrix *matrix = rows->matrix;
	const char **cells = hsm_arena_allocate_array(&matrix->session->arena, rows->table.columns, sizeof(*cells));
	cells[0] = template;
	cells[1] = language;
	memcpy(cells + 2, texts, matrix->column_count * sizeof(*cells));
	hsm_table_add(&rows->table, cells);
}

static void add_markdown_row(void *user, const char *template, const char *language, const char *const *texts)
{
	struct output_rows *rows = user;
	hsm_buffer_append_string(rows->markdown, "| ");
	hsm_markdown_append(rows->markdown, template);
	hsm_buffer_append_string(rows->markdown, " | ");
	hsm_markdown_append(rows->markdown, language);
	for (size_t i = 0; i < rows->matrix->column_count; i++) {
		hsm_buffer_append_string(rows->markdown, " | ");
		hsm_markdown_append(rows->markdown, texts[i]);
	}
	hsm_buffer_append_string(rows->markdown, " |\n");
}

static const char **list_titles(const struct matrix *matrix)
{
	const char **titles = hsm_arena_allocate_array(&matrix->session->arena, matrix->column_count, sizeof(*titles));
	for (size_t i = 0; i < matrix->column_count; i++)
		titles[i] = matrix->columns[i].name;
	return titles;
}

static void append_text(const struct matrix *matrix, struct hsm_buffer *text)
{
	struct output_rows rows = { .matrix = matrix, .table.columns = matrix->column_count + 2 };
	add_text_row(&rows, "TEMPLATE", "LANGUAGE", list_titles(matrix));
	size_t titles = rows.table.count;
	walk_rows(matrix, add_text_row, &rows);
	if (rows.table.count > titles)
		hsm_table_append(&rows.table, text);
	else
		hsm_buffer_append_string(text, "All of them are as git says.\n");
	hsm_table_release(&rows.table);
}

static void append_markdown(const struct matrix *matrix, struct hsm_buffer *text)
{
	struct output_rows rows = { .matrix = matrix, .markdown = text };
	add_markdown_row(&rows, "template", "language", list_titles(matrix));
	for (size_t i = 0; i < matrix->column_count + 2; i++)
		hsm_buffer_append_string(text, "|---");
	hsm_buffer_append_string(text, "|\n");
	walk_rows(matrix, add_markdown_row, &rows);
}

static void add_json_row(void *user, const char *template, const char *language, const char *const *texts)
{
	struct output_rows *rows = user;
	hsm_json_begin_object(&rows->json, NULL);
	hsm_json_write_string(&rows->json, "template", template);
	hsm_json_write_string(&rows->json, "language", language);
	hsm_json_begin_object(&rows->json, "states");
	for (size_t i = 0; i < rows->matrix->column_count; i++)
		hsm_json_write_string(&rows->json, rows->matrix->columns[i].name, texts[i]);
	hsm_json_end_object(&rows->json);
	hsm_json_end_object(&rows->json);
}

static void append_json(const struct matrix *matrix, struct hsm_buffer *text)
{
	struct output_rows rows = { .matrix = matrix };
	hsm_output_begin_json(&rows.json, text);
	hsm_json_begin_array(&rows.json, "environments");
	for (size_t i = 0; i < matrix->column_count; i++)
		hsm_json_write_string(&rows.json, NULL, matrix->columns[i].name);
	hsm_json_end_array(&rows.json);
	hsm_json_begin_array(&rows.json, "rows");
	walk_rows(matrix, add_json_row, &rows);
	hsm_json_end_array(&rows.json);
	hsm_output_end_json(&rows.json);
}

static void print(const struct matrix *matrix)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (matrix->count)
		qsort(matrix->cells, matrix->count, sizeof(*matrix->cells), compare_cells);
	if (matrix->session->options.format == HSM_FORMAT_JSON)
		append_json(matrix, &text);
	else if (matrix->session->options.format == HSM_FORMAT_MARKDOWN)
		append_markdown(matrix, &text);
	else
		append_text(matrix, &text);
	hsm_output_write(&matrix->session->output, &text);
	hsm_buffer_release(&text);
}

static int finish(struct matrix *matrix, struct hsm_error *error)
{
	int worst = 0;
	for (size_t i = 0; i < matrix->column_count; i++) {
		struct column *column = &matrix->columns[i];
		if (column->result < 0)
			hsm_output_error(&matrix->session->output, &column->error);
		worst = hsm_exit_pick(worst, column->result);
		end_column(column);
	}
	free(matrix->cells);
	*error->message = '\0'; /* each has been told */
	return worst;
}

static int check_format(const struct hsm_session *session, struct hsm_error *error)
{
	int format = session->options.format;
	if (format == HSM_FORMAT_TEXT || format == HSM_FORMAT_JSON || format == HSM_FORMAT_MARKDOWN)
		return 0;
	return hsm_error_set(error, HSM_ERROR_USAGE, "--format %s is of one environment: name one with --env",
			     hsm_format_words[format - 1]);
}

static int begin(struct matrix *matrix, struct hsm_error *error)
{
	int rc = check_format(matrix->session, error);
	return rc ? rc : read_columns(matrix, error);
}

int hsm_matrix_plan(struct hsm_session *session, struct hsm_error *error)
{
	struct matrix matrix = { .session = session };
	bool drift = session->command == &hsm_commands[HSM_COMMAND_DRIFT];
	int rc = begin(&matrix, error);
	if (rc)
		return rc;
	for (size_t i = 0; i < matrix.column_count; i++) {
		struct column *column = &matrix.columns[i];
		begin_column(&matrix, column);
		column->result = hsm_planning_make(&column->session, &column->planning, &column->error);
		if (column->result)
			continue;
		column->read = true;
		add_plan(&matrix, i);
		column->result = hsm_planning_check_policy(session, &column->planning.plan, &column->error);
		if (!column->result && (drift || session->options.detailed_exitcode) &&
		    hsm_plan_has_differences(&column->planning.plan))
			column->result = HSM_DIFFERENCES;
	}
	print(&matrix);
	return finish(&matrix, error);
}

int hsm_matrix_status(struct hsm_session *session, struct hsm_error *error)
{
	struct matrix matrix = { .session = session };
	int rc = begin(&matrix, error);
	if (rc)
		return rc;
	for (size_t i = 0; i < matrix.column_count; i++) {
		struct column *column = &matrix.columns[i];
		begin_column(&matrix, column);
		column->result = hsm_planning_read(&column->session, true, &column->planning, &column->error);
		column->read = !column->result;
		if (column->read)
			add_status(&matrix, i);
	}
	print(&matrix);
	return finish(&matrix, error);
}
