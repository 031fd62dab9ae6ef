#include <string.h>

#include "cmd/hsmctl/planning.h"
#include "cmd/hsmctl/table.h"
#include "reconciler/plan/versions.h"
#include "schema/json.h"

/* A version that is live, or what some commit wanted and is not. */
struct row {
	const char *language;
	const struct hsm_version *version;            /* NULL: not live */
	const struct hsm_translation_state *state;    /* NULL: git has the translation no more */
	const struct hsm_history_entry *entry;        /* the first commit that had it; NULL: none ever did */
};

struct rows {
	struct row *items; /* in the session's arena */
	size_t count;
};

/* The commit that brought it first: later ones went back to it. */
static const struct hsm_history_entry *find_first(const struct hsm_history *history, const char *base,
						  const char *language, const struct hsm_content *content)
{
	size_t count;
	const struct hsm_history_entry *entries = hsm_history_find(history, base, language, &count), *first = NULL;
	for (size_t i = 0; i < count; i++)
		if (hsm_content_equals(&entries[i].compiled.content, content))
			first = &entries[i];
	return first;
}

static bool is_live(const struct hsm_version_list *list, const struct hsm_content *content)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (hsm_content_equals(&list->items[i].live->content, content))
			return true;
	return false;
}

static const struct hsm_translation_state *find_state(const struct hsm_translation_state *states,
						      const struct hsm_desired_template *template, const char *language)
{
	for (size_t i = 0; template && i < template->count; i++)
		if (strcmp(template->translations[i].language, language) == 0)
			return &states[i];
	return NULL;
}

struct listing {
	struct hsm_session *session;
	const struct hsm_planning *planning;
	const char *base;
	const struct hsm_desired_template *template; /* NULL: git has it no more */
	struct hsm_versions versions;
	const struct hsm_translation_state *states;
	struct rows rows;
};

static void add_versions(struct listing *listing)
{
	const struct hsm_history *history = &listing->planning->history;
	size_t count;
	const struct hsm_version_list *lists = hsm_versions_find_base(&listing->versions, listing->base, &count);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < lists[i].count; j++)
			listing->rows.items[listing->rows.count++] = (struct row){
				.language = lists[i].language,
				.version = &lists[i].items[j],
				.state = find_state(listing->states, listing->template, lists[i].language),
				.entry = find_first(history, listing->base, lists[i].language,
						    &lists[i].items[j].live->content),
			};
}

/* What commits had and is not live: never applied, refused for good, or deleted. */
static void add_others(struct listing *listing)
{
	const struct hsm_history *history = &listing->planning->history;
	size_t count;
	const struct hsm_history_entry *entries = hsm_history_find(history, listing->base, NULL, &count);
	for (size_t i = count; i > 0; i--) {
		const struct hsm_history_entry *entry = &entries[i - 1];
		const struct hsm_content *content = &entry->compiled.content;
		if (!is_live(hsm_versions_find(&listing->versions, listing->base, entry->language), content) &&
		    entry == find_first(history, listing->base, entry->language, content))
			listing->rows.items[listing->rows.count++] =
				(struct row){ .language = entry->language, .entry = entry };
	}
}

static const char *row_name(struct hsm_session *session, const struct row *row)
{
	if (row->version)
		return row->version->live->name;
	return row->entry->version ? hsm_arena_format(&session->arena, "%s_v%lld", row->entry->base,
						      (long long)row->entry->version) :
				     row->entry->base;
}

static const char *row_use(const struct row *row)
{
	if (!row->version || !row->state)
		return NULL;
	return row->version == row->state->active ? "active" : row->version == row->state->target ? "target" : NULL;
}

static const char *row_since(const struct row *row)
{
	if (!row->version)
		return NULL;
	return row->version->live->modified ? row->version->live->modified : row->version->live->created;
}

static void append_text(struct listing *listing, struct hsm_buffer *text)
{
	static const char *const titles[] = { "NAME", "LANGUAGE", "STATUS", "USE", "SINCE", "COMMIT", "DATE", "AUTHOR",
					      "SUBJECT" };
	struct hsm_table table = { .columns = sizeof(titles) / sizeof(titles[0]) };
	struct hsm_arena *arena = &listing->session->arena;
	hsm_table_add(&table, titles);
	for (size_t i = 0; i < listing->rows.count; i++) {
		const struct row *row = &listing->rows.items[i];
		const struct hsm_history_commit *commit = row->entry ? row->entry->commit : NULL;
		const char *since = row_since(row);
		hsm_table_add(&table, (const char *const[]){
			row_name(listing->session, row), row->language,
			row->version ? row->version->live->status_word : "not live", row_use(row),
			since ? hsm_arena_format(arena, "%.10s", since) : NULL,
			commit ? hsm_arena_format(arena, "%.7s", commit->id) : "-",
			commit ? commit->date : NULL, commit ? commit->author : NULL,
			commit ? commit->subject :
			listing->planning->history.complete ? "no commit ever had it" :
							      "not known: the history is not all here" });
	}
	hsm_table_append(&table, text);
	hsm_table_release(&table);
}

static void write_optional(struct hsm_json_writer *writer, const char *key, const char *value)
{
	if (value)
		hsm_json_write_string(writer, key, value);
}

static void write_row(struct listing *listing, struct hsm_json_writer *writer, const struct row *row)
{
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "name", row_name(listing->session, row));
	hsm_json_write_string(writer, "language", row->language);
	hsm_json_write_boolean(writer, "live", row->version != NULL);
	if (row->version) {
		hsm_json_write_integer(writer, "version", row->version->number);
		hsm_json_write_string(writer, "status", row->version->live->status_word);
		hsm_json_write_string(writer, "fingerprint", hsm_content_fingerprint(&listing->session->arena, &row->version->live->content));
	}
	write_optional(writer, "use", row_use(row));
	write_optional(writer, "since", row_since(row));
	if (row->entry) {
		hsm_json_begin_object(writer, "commit");
		hsm_json_write_string(writer, "id", row->entry->commit->id);
		hsm_json_write_string(writer, "author", row->entry->commit->author);
		hsm_json_write_string(writer, "date", row->entry->commit->date);
		hsm_json_write_string(writer, "subject", row->entry->commit->subject);
		hsm_json_end_object(writer);
	}
	hsm_json_end_object(writer);
}

static void append_json(struct listing *listing, struct hsm_buffer *text)
{
	struct hsm_json_writer writer;
	hsm_output_begin_json(&writer, text);
	hsm_json_write_string(&writer, "template", listing->base);
	hsm_json_write_string(&writer, "environment", listing->session->desired.environment->node.key.text);
	hsm_json_begin_array(&writer, "versions");
	for (size_t i = 0; i < listing->rows.count; i++)
		write_row(listing, &writer, &listing->rows.items[i]);
	hsm_json_end_array(&writer);
	hsm_output_end_json(&writer);
}

static int print(struct listing *listing, struct hsm_error *error)
{
	struct hsm_session *session = listing->session;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	size_t entries;
	hsm_history_find(&listing->planning->history, listing->base, NULL, &entries);
	hsm_versions_make(&session->arena, &listing->planning->live, &listing->versions);
	listing->template = hsm_desired_find(&session->desired, listing->base, strlen(listing->base));
	if (listing->template)
		listing->states = hsm_versions_judge(&session->arena, &listing->versions, &listing->planning->history,
						     listing->template, session->desired.environment->node.key.text);
	listing->rows.items = hsm_arena_allocate_array(
		&session->arena, listing->planning->live.template_count + entries, sizeof(struct row));
	add_versions(listing);
	add_others(listing);
	if (!listing->rows.count)
		return hsm_error_set(error, HSM_ERROR_USAGE, "neither git nor the organisation ever had a template '%s'",
				     listing->base);
	if (session->options.format == HSM_FORMAT_JSON)
		append_json(listing, &text);
	else
		append_text(listing, &text);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return 0;
}

int hsm_command_history(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_planning planning = { 0 };
	const char *base = session->options.arguments.items[0];
	int rc = hsm_planning_read_template(session, base, &planning, error);
	if (!rc)
		rc = print(&(struct listing){ .session = session, .planning = &planning, .base = base }, error);
	hsm_planning_release(&planning);
	return rc;
}
