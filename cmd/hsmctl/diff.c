#include <stdlib.h>
#include <string.h>

#include "cmd/hsmctl/planning.h"
#include "reconciler/plan/versions.h"
#include "reconciler/review/fields.h"
#include "schema/base/text.h"
#include "schema/json.h"
#include "schema/name.h"
#include "schema/signature.h"

/* One of the two versions that are compared. */
struct side {
	const char *given; /* "v2", "git" */
	int64_t number;    /* 0: git's */
};

struct comparing {
	struct hsm_session *session;
	const struct hsm_planning *planning;
	const char *base;
	const struct hsm_desired_template *template; /* NULL: git has it no more */
	struct hsm_versions versions;
	struct side sides[2];
};

static int read_side(const char *given, struct side *side, struct hsm_error *error)
{
	char *end;
	side->given = given;
	side->number = 0;
	if (strcmp(given, "git") == 0)
		return 0;
	const char *digits = *given == 'v' ? given + 1 : given;
	side->number = *digits >= '1' && *digits <= '9' ? strtol(digits, &end, 10) : 0;
	if (!side->number || *end || side->number > HSM_VERSION_MAXIMUM)
		return hsm_error_set(error, HSM_ERROR_USAGE, "'%s' is no version: write v2, or git for what git says", given);
	return 0;
}

static struct hsm_message read_compiled(struct hsm_arena *arena, const struct hsm_compiled *compiled)
{
	struct hsm_message message = { .names = compiled->names, .name_count = compiled->name_count };
	struct hsm_error error;
	/* It was compiled: it can be read. */
	hsm_content_read(arena, compiled->content.json, &message.components, &error);
	return message;
}

static const struct hsm_version *find_live(const struct comparing *comparing, const char *language, int64_t number)
{
	const struct hsm_version_list *list = hsm_versions_find(&comparing->versions, comparing->base, language);
	for (size_t i = 0; list && i < list->count; i++)
		if (list->items[i].number == number)
			return &list->items[i];
	return NULL;
}

/* What is live no more is what the newest commit with its number said. */
static const struct hsm_compiled *find_pinned(const struct comparing *comparing, const char *language, int64_t number)
{
	size_t count;
	const struct hsm_history_entry *entries =
		hsm_history_find(&comparing->planning->history, comparing->base, language, &count);
	for (size_t i = 0; i < count; i++)
		if (entries[i].version == number)
			return &entries[i].compiled;
	return NULL;
}

/* False where this side has nothing of the language. */
static bool read_message(const struct comparing *comparing, const struct side *side, const char *language,
			 struct hsm_message *message)
{
	struct hsm_arena *arena = &comparing->session->arena;
	const struct hsm_compiled *compiled = NULL;
	if (!side->number) {
		const struct hsm_desired_translation *translation =
			comparing->template ? hsm_desired_find_translation(comparing->template, language) : NULL;
		compiled = translation ? &translation->compiled : NULL;
	} else {
		const struct hsm_version *version = find_live(comparing, language, side->number);
		if (version) {
			*message = hsm_versions_read_message(arena, &comparing->planning->history, comparing->template,
							     version);
			return true;
		}
		compiled = find_pinned(comparing, language, side->number);
	}
	if (compiled)
		*message = read_compiled(arena, compiled);
	return compiled != NULL;
}

static void append_line(struct hsm_buffer *text, char side, const char *label, const char *value)
{
	hsm_buffer_append_format(text, "%c %s: ", side, label);
	hsm_text_append_printable_line(text, value);
	hsm_buffer_append_char(text, '\n');
}

static void append_fields(struct hsm_arena *arena, const struct hsm_message messages[2], const char *language,
			  struct hsm_buffer *text)
{
	struct hsm_review_fields fields[2];
	for (size_t i = 0; i < 2; i++)
		hsm_review_list_fields(arena, &messages[i], language, &fields[i]);
	for (size_t i = 0; i < fields[1].count; i++) {
		const struct hsm_review_field *field = &fields[1].items[i];
		const char *old = hsm_review_find_field(&fields[0], field->label);
		bool same = old && strcmp(old, field->text) == 0;
		if (old && !same)
			append_line(text, '-', field->label, old);
		append_line(text, same ? ' ' : '+', field->label, field->text);
	}
	for (size_t i = 0; i < fields[0].count; i++)
		if (!hsm_review_find_field(&fields[1], fields[0].items[i].label))
			append_line(text, '-', fields[0].items[i].label, fields[0].items[i].text);
}

static void append_language(struct comparing *comparing, const char *language, struct hsm_buffer *text)
{
	struct hsm_arena *arena = &comparing->session->arena;
	struct hsm_message messages[2] = { 0 };
	bool there[2];
	struct hsm_reasons reasons = { 0 };
	for (size_t i = 0; i < 2; i++)
		there[i] = read_message(comparing, &comparing->sides[i], language, &messages[i]);
	if (!there[0] && !there[1])
		return;
	hsm_buffer_append_format(text, "%s%s %s: %s → %s\n", text->length ? "\n" : "", comparing->base, language,
				 there[0] ? comparing->sides[0].given : "nothing",
				 there[1] ? comparing->sides[1].given : "nothing");
	append_fields(arena, messages, language, text);
	if (there[0] && there[1])
		hsm_signature_compare(arena, &messages[0], &messages[1], &reasons);
	for (size_t i = 0; i < reasons.count; i++)
		append_line(text, '!', "BREAKING", reasons.items[i]);
}

static void write_language(struct comparing *comparing, const char *language, struct hsm_json_writer *writer)
{
	struct hsm_arena *arena = &comparing->session->arena;
	struct hsm_message messages[2] = { 0 };
	struct hsm_content_differences differences = { 0 };
	bool any = false;
	for (size_t i = 0; i < 2; i++)
		any |= read_message(comparing, &comparing->sides[i], language, &messages[i]);
	if (any)
		hsm_content_compare(arena, &messages[0], &messages[1], &differences);
	for (size_t i = 0; i < differences.count; i++) {
		const struct hsm_content_difference *difference = &differences.items[i];
		hsm_json_begin_object(writer, NULL);
		hsm_json_write_string(writer, "language", language);
		hsm_json_write_string(writer, "component", difference->component);
		hsm_json_write_string(writer, "path", difference->path);
		if (difference->old_value)
			hsm_json_write_string(writer, "old", difference->old_value);
		if (difference->new_value)
			hsm_json_write_string(writer, "new", difference->new_value);
		hsm_json_end_object(writer);
	}
}

static int compare_languages(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Every language that git has, had, or that is live; once each. */
static const char **list_languages(const struct comparing *comparing, size_t *count)
{
	size_t lists, entries, all = 0;
	const struct hsm_version_list *live = hsm_versions_find_base(&comparing->versions, comparing->base, &lists);
	const struct hsm_history_entry *history =
		hsm_history_find(&comparing->planning->history, comparing->base, NULL, &entries);
	size_t own = comparing->template ? comparing->template->count : 0;
	const char **languages =
		hsm_arena_allocate_array(&comparing->session->arena, lists + entries + own, sizeof(*languages));
	for (size_t i = 0; i < lists; i++)
		languages[all++] = live[i].language;
	for (size_t i = 0; i < entries; i++)
		languages[all++] = history[i].language;
	for (size_t i = 0; i < own; i++)
		languages[all++] = comparing->template->translations[i].language;
	if (all)
		qsort(languages, all, sizeof(*languages), compare_languages);
	*count = 0;
	for (size_t i = 0; i < all; i++)
		if (!i || strcmp(languages[i], languages[i - 1]) != 0)
			languages[(*count)++] = languages[i];
	return languages;
}

static int check_there(const struct comparing *comparing, const char *const *languages, size_t count,
		       struct hsm_error *error)
{
	for (size_t side = 0; side < 2; side++) {
		struct hsm_message ignored;
		bool there = false;
		for (size_t i = 0; i < count; i++)
			there |= read_message(comparing, &comparing->sides[side], languages[i], &ignored);
		if (!there)
			return hsm_error_set(error, HSM_ERROR_USAGE,
					     "'%s' has no %s, live or in git: hsmctl history %s lists its versions",
					     comparing->base, comparing->sides[side].given, comparing->base);
	}
	return 0;
}

static int print(struct comparing *comparing, struct hsm_error *error)
{
	struct hsm_session *session = comparing->session;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	size_t count;
	hsm_versions_make(&session->arena, &comparing->planning->live, &comparing->versions);
	comparing->template = hsm_desired_find(&session->desired, comparing->base, strlen(comparing->base));
	const char **languages = list_languages(comparing, &count);
	int rc = check_there(comparing, languages, count, error);
	if (rc)
		return rc;
	struct hsm_json_writer writer;
	bool json = session->options.format == HSM_FORMAT_JSON;
	if (json) {
		hsm_output_begin_json(&writer, &text);
		hsm_json_write_string(&writer, "template", comparing->base);
		hsm_json_write_string(&writer, "old", comparing->sides[0].given);
		hsm_json_write_string(&writer, "new", comparing->sides[1].given);
		hsm_json_begin_array(&writer, "diffs");
	}
	for (size_t i = 0; i < count; i++) {
		if (json)
			write_language(comparing, languages[i], &writer);
		else
			append_language(comparing, languages[i], &text);
	}
	if (json) {
		hsm_json_end_array(&writer);
		hsm_output_end_json(&writer);
	}
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return 0;
}

int hsm_command_diff(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_planning planning = { 0 };
	const char **arguments = session->options.arguments.items;
	struct comparing comparing = { .session = session, .planning = &planning, .base = arguments[0] };
	int rc = read_side(arguments[1], &comparing.sides[0], error);
	if (!rc)
		rc = read_side(arguments[2], &comparing.sides[1], error);
	if (!rc)
		rc = hsm_planning_read_template(session, arguments[0], &planning, error);
	if (!rc)
		rc = print(&comparing, error);
	hsm_planning_release(&planning);
	return rc;
}
