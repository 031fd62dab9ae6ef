/* The plan for a pull request's comment. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "reconciler/review/bubble.h"
#include "reconciler/review/fields.h"
#include "reconciler/review/rows.h"
#include "reconciler/review/words.h"
#include "schema/base/markdown.h"
#include "schema/limits.h"

/* The table may take this much, so that details remain. */
#define TABLE_MAX (HSM_REVIEW_MARKDOWN_MAX / 3)
/* What is said of what was left out, and the end of a block, fit here. */
#define NOTICE_MAX 512
/* Details of no more rows than this stand open. */
#define OPEN_MAX 3
/* Characters of a text that others wrote: in a line of its own, in the table. */
#define TEXT_MAX 2000
#define CELL_MAX 300
#define MEMBERS_MAX 100

struct writer {
	const struct hsm_plan *plan;
	const struct hsm_review_style *style;
	struct hsm_buffer *buffer;
	struct hsm_arena arena;
};

static void text(struct hsm_buffer *buffer, const char *value)
{
	hsm_markdown_append(buffer, value);
}

static const char *clip(struct hsm_arena *arena, const char *value, size_t characters)
{
	size_t at = 0;
	while (value[at] && (((unsigned char)value[at] & 0xc0) == 0x80 || characters--))
		at++;
	return value[at] ? hsm_arena_format(arena, "%.*s…", (int)at, value) : value;
}

static void formatted(struct hsm_buffer *buffer, const char *before, const char *value, const char *after)
{
	hsm_buffer_append_string(buffer, before);
	text(buffer, value);
	hsm_buffer_append_string(buffer, after);
}

/* In a URL's path. */
static void append_path(struct hsm_buffer *buffer, const char *path)
{
	for (const char *c = path; *c; c++) {
		if (isalnum((unsigned char)*c) || strchr("/._-", *c))
			hsm_buffer_append_char(buffer, *c);
		else
			hsm_buffer_append_format(buffer, "%%%02X", (unsigned char)*c);
	}
}

static void append_place(struct writer *writer, struct hsm_buffer *buffer, const struct hsm_plan_change *change)
{
	const struct hsm_plan *plan = writer->plan;
	bool links = writer->style->files_url && plan->commit.text && !plan->dirty.value;
	if (!change->file.text)
		return;
	const char *place = change->line.present ? hsm_arena_format(&writer->arena, "%s:%" PRId64, change->file.text,
								    change->line.value) :
						   change->file.text;
	formatted(buffer, links ? "[" : "", place, links ? "]" : "");
	if (!links)
		return;
	hsm_buffer_append_format(buffer, "(%s/%s/", writer->style->files_url, plan->commit.text);
	append_path(buffer, plan->folder.text ? plan->folder.text : "");
	append_path(buffer, change->file.text);
	if (change->line.present)
		hsm_buffer_append_format(buffer, "#L%" PRId64, change->line.value);
	hsm_buffer_append_char(buffer, ')');
}

static const char *row_symbol(const struct hsm_plan_change *change)
{
	static const char *const symbols[] = {
		[HSM_ACTION_CREATE] = "➕",   [HSM_ACTION_REPLACE] = "✏️",  [HSM_ACTION_UPDATE] = "✏️",
		[HSM_ACTION_REUSE] = "↩️",    [HSM_ACTION_ACTIVATE] = "▶️", [HSM_ACTION_SETTINGS] = "✏️",
		[HSM_ACTION_RETIRE] = "➖",   [HSM_ACTION_DELETE] = "❌",  [HSM_ACTION_WAIT] = "⏳",
		[HSM_ACTION_BLOCKED] = "⛔",  [HSM_ACTION_CONFLICT] = "⛔", [HSM_ACTION_RECATEGORISED] = "💰",
	};
	return hsm_review_is_breaking(change) ? "💥" : symbols[change->action.value];
}

static const char *row_name(struct writer *writer, const struct hsm_plan_change *change,
			    const struct hsm_review_group *group)
{
	return group->count > 1 ? hsm_arena_format(&writer->arena, "%zu templates", group->count) :
				  hsm_review_title(&writer->arena, change);
}

static void append_table_row(struct writer *writer, const struct hsm_plan_change *change,
			     const struct hsm_review_group *group, struct hsm_buffer *buffer)
{
	int action = change->action.value;
	hsm_buffer_append_format(buffer, "| %s %s | ", row_symbol(change), hsm_action_words[action - 1]);
	text(buffer, row_name(writer, change, group));
	formatted(buffer, " | ", hsm_review_join(&writer->arena, &change->languages), " | ");
	text(buffer, clip(&writer->arena, hsm_review_detail(&writer->arena, change, writer->style->now), CELL_MAX));
	if (group->count > 1)
		formatted(buffer, ", by variables alone: ", change->origin.variables.text, "");
	if (action == HSM_ACTION_BLOCKED || action == HSM_ACTION_CONFLICT || action == HSM_ACTION_RECATEGORISED) {
		hsm_buffer_append_char(buffer, ' ');
		append_place(writer, buffer, change);
	}
	hsm_buffer_append_string(buffer, " |\n");
}

/* Rows up to the table's share; returns how many are left out. */
static size_t append_table(struct writer *writer, const struct hsm_plan_change *const *rows,
			   const struct hsm_review_group *groups, size_t count)
{
	struct hsm_buffer row = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	size_t left_out = 0;
	hsm_buffer_append_string(writer->buffer, "| change | template | languages | |\n|---|---|---|---|\n");
	for (size_t i = 0; i < count; i++) {
		if (groups[i].count == 1)
			continue;
		hsm_buffer_clear(&row);
		append_table_row(writer, rows[i], &groups[i], &row);
		if (left_out || writer->buffer->length + row.length > TABLE_MAX)
			left_out++;
		else
			hsm_buffer_append(writer->buffer, row.data, row.length);
	}
	hsm_buffer_release(&row);
	return left_out;
}

/* A change that nobody can see is drawn. */
static void append_run(struct writer *writer, struct hsm_buffer *buffer, const char *start, size_t length,
		       const char *tag)
{
	char *run = hsm_arena_copy(&writer->arena, start, length);
	bool blank = strspn(run, " \n") == length;
	if (tag)
		hsm_buffer_append_format(buffer, "<%s>", tag);
	for (char *c = run; tag && blank && *c; c++)
		hsm_buffer_append_string(buffer, *c == ' ' ? "␣" : "↵<br>");
	if (!tag || !blank)
		text(buffer, run);
	if (tag)
		hsm_buffer_append_format(buffer, "</%s>", tag);
}

static void append_marked(struct writer *writer, struct hsm_buffer *buffer, const char *value,
			  const struct hsm_word_runs *runs, const char *tag)
{
	size_t at = 0;
	for (size_t i = 0; value && i < runs->count; i++) {
		append_run(writer, buffer, value + at, runs->items[i].start - at, NULL);
		append_run(writer, buffer, value + runs->items[i].start, runs->items[i].length, tag);
		at = runs->items[i].start + runs->items[i].length;
	}
	if (value)
		append_run(writer, buffer, value + at, strlen(value + at), NULL);
}

static void append_field(struct writer *writer, struct hsm_buffer *buffer, const char *label, const char *before,
			 const char *after)
{
	struct hsm_word_runs old_runs, new_runs;
	hsm_words_compare(&writer->arena, before, after, &old_runs, &new_runs);
	formatted(buffer, "<tr><td>", label, "</td><td>");
	append_marked(writer, buffer, before, &old_runs, "del");
	hsm_buffer_append_string(buffer, "</td><td>");
	append_marked(writer, buffer, after, &new_runs, "ins");
	hsm_buffer_append_string(buffer, "</td></tr>\n");
}

static void append_same(struct hsm_buffer *buffer, const char *label, const char *value)
{
	if (*value) {
		formatted(buffer, "<tr><td>", label, "</td><td colspan=\"2\">");
		formatted(buffer, "", value, "</td></tr>\n");
	}
}

/* The body with its sample values, as a customer reads it; "" where it has none. */
static const char *read_example(struct writer *writer, const struct hsm_message *message)
{
	struct hsm_bubble bubble;
	const struct hsm_wire_component *body = hsm_content_find(&message->components, "BODY");
	if (!body || !body->parameters.count)
		return "";
	hsm_bubble_read(&writer->arena, message, &(struct hsm_bubble_style){ 0 }, &bubble);
	return bubble.body.text ? bubble.body.text : "";
}

/* A message that is only there once: what is created, deleted, waits. */
static void append_one(struct writer *writer, struct hsm_buffer *buffer, const char *language, const char *name,
		       const struct hsm_message *message)
{
	struct hsm_review_fields fields;
	hsm_review_list_fields(&writer->arena, message, language, &fields);
	formatted(buffer, "<table>\n<tr><th>", language, "</th><th colspan=\"2\">");
	formatted(buffer, "", name, "</th></tr>\n");
	for (size_t i = 0; i < fields.count; i++)
		append_same(buffer, fields.items[i].label, fields.items[i].text);
	append_same(buffer, "reads, for example", read_example(writer, message));
	append_same(buffer, "to send", hsm_review_format_array(&writer->arena, message));
}

static void append_both(struct writer *writer, struct hsm_buffer *buffer, const char *language, const char *names[2],
			const struct hsm_message messages[2])
{
	struct hsm_review_fields fields[2];
	const char *arrays[2];
	for (size_t i = 0; i < 2; i++) {
		hsm_review_list_fields(&writer->arena, &messages[i], language, &fields[i]);
		arrays[i] = hsm_review_format_array(&writer->arena, &messages[i]);
	}
	formatted(buffer, "<table>\n<tr><th>", language, "</th><th>before: ");
	formatted(buffer, "", names[0], "</th><th>after: ");
	formatted(buffer, "", names[1], "</th></tr>\n");
	for (size_t i = 0; i < fields[1].count; i++)
		append_field(writer, buffer, fields[1].items[i].label,
			     hsm_review_find_field(&fields[0], fields[1].items[i].label), fields[1].items[i].text);
	for (size_t i = 0; i < fields[0].count; i++)
		if (!hsm_review_find_field(&fields[1], fields[0].items[i].label))
			append_field(writer, buffer, fields[0].items[i].label, fields[0].items[i].text, NULL);
	append_same(buffer, "reads, for example", read_example(writer, &messages[1]));
	if (strcmp(arrays[0], arrays[1]) == 0)
		append_same(buffer, "to send", arrays[1]);
	else
		append_field(writer, buffer, "to send", *arrays[0] ? arrays[0] : "nothing", *arrays[1] ? arrays[1] : "nothing");
}

/* The files that headers show; of what is live nobody tells. "" where there are none. */
static const char *list_media(struct writer *writer, const struct hsm_plan_submission *submission)
{
	const char *text = "";
	for (size_t i = 0; submission && i < submission->media.count; i++)
		text = hsm_arena_format(&writer->arena, "%s%s%s", text, i ? ", " : "",
					HSM_LIST_ITEM(submission->media, struct hsm_plan_media, i)->path.text);
	return text;
}

/* "order_v3": the name that a create or replace gives; of others what git has no name for. */
static const char *new_name(const struct hsm_plan_change *change)
{
	return change->submit.count ? change->name.text : "what git says";
}

static void append_language(struct writer *writer, struct hsm_buffer *buffer, const struct hsm_plan_change *change,
			    const char *language)
{
	const struct hsm_plan_live *live = hsm_review_find_live(change, language);
	const struct hsm_plan_submission *wanted = hsm_review_find_submission(change, language);
	const struct hsm_message messages[2] = { hsm_review_read_live(&writer->arena, live),
						 hsm_review_read_submission(&writer->arena, wanted) };
	const char *names[2] = { live ? live->name.text : "", new_name(change) };
	if (live && wanted && strcmp(live->fingerprint.text, wanted->fingerprint.text) != 0)
		append_both(writer, buffer, language, names, messages);
	else if (live || wanted)
		append_one(writer, buffer, language, live ? names[0] : names[1], live ? &messages[0] : &messages[1]);
	else
		return;
	append_same(buffer, "samples", list_media(writer, wanted));
	hsm_buffer_append_string(buffer, "</table>\n");
}

static void append_reasons(struct writer *writer, struct hsm_buffer *buffer, const struct hsm_plan_change *change)
{
	const char *origin = hsm_review_origin(&writer->arena, change);
	for (size_t i = 0; i < change->breaking.count; i++)
		formatted(buffer, "- **BREAKING** ", HSM_LIST_ITEM(change->breaking, struct hsm_string, i)->text, "\n");
	if (change->held.value && change->accept.text)
		formatted(buffer, "- held: customers get the version before until git says ", change->accept.text, "\n");
	if (change->reason.text)
		formatted(buffer, "- ", clip(&writer->arena, change->reason.text, TEXT_MAX), "\n");
	if (origin)
		formatted(buffer, "- ", origin, "\n");
	for (size_t i = 0; i < change->diffs.count; i++) {
		const struct hsm_plan_difference *difference =
			HSM_LIST_ITEM(change->diffs, struct hsm_plan_difference, i);
		if (strcmp(difference->component.text, "settings") != 0 && change->kind.value == HSM_KIND_TEMPLATE)
			continue;
		formatted(buffer, "- ", difference->path.text, ": ");
		if (difference->old_value.text)
			formatted(buffer, "<del>", clip(&writer->arena, difference->old_value.text, TEXT_MAX), "</del> ");
		if (difference->new_value.text)
			formatted(buffer, "<ins>", clip(&writer->arena, difference->new_value.text, TEXT_MAX), "</ins>");
		hsm_buffer_append_char(buffer, '\n');
	}
	if (change->file.text) {
		hsm_buffer_append_string(buffer, "- ");
		append_place(writer, buffer, change);
		hsm_buffer_append_char(buffer, '\n');
	}
	hsm_buffer_append_char(buffer, '\n');
}

static void append_members(struct writer *writer, struct hsm_buffer *buffer, const struct hsm_review_group *group)
{
	if (group->count < 2)
		return;
	formatted(buffer, "hsmctl.yaml alone changed these, by the variables ", group->members[0]->origin.variables.text,
		  ". The first stands for all: ");
	for (size_t i = 0; i < group->count && i < MEMBERS_MAX; i++)
		formatted(buffer, i ? ", " : "", hsm_review_title(&writer->arena, group->members[i]), "");
	if (group->count > MEMBERS_MAX)
		hsm_buffer_append_format(buffer, " and %zu more", group->count - MEMBERS_MAX);
	hsm_buffer_append_string(buffer, ".\n\n");
}

static void append_block_head(struct writer *writer, struct hsm_buffer *buffer, const struct hsm_plan_change *change,
			      const struct hsm_review_group *group, bool open)
{
	hsm_buffer_append_format(buffer, "<details%s><summary>%s %s <b>", open ? " open" : "", row_symbol(change),
				 hsm_action_words[change->action.value - 1]);
	text(buffer, row_name(writer, change, group));
	formatted(buffer, "</b> ", hsm_review_join(&writer->arena, &change->languages), "</summary>\n\n");
	append_reasons(writer, buffer, change);
	append_members(writer, buffer, group);
}

static bool fits(const struct writer *writer, const struct hsm_buffer *part)
{
	return writer->buffer->length + part->length + NOTICE_MAX <= HSM_REVIEW_MARKDOWN_MAX;
}

/* As many languages as there is room for; false where not even its head has any. */
static bool append_block(struct writer *writer, const struct hsm_plan_change *change,
			 const struct hsm_review_group *group, bool open)
{
	struct hsm_buffer part = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	append_block_head(writer, &part, change, group, open);
	bool room = fits(writer, &part);
	size_t shown = 0;
	if (room)
		hsm_buffer_append(writer->buffer, part.data, part.length);
	for (; room && shown < change->languages.count; shown++) {
		hsm_buffer_clear(&part);
		append_language(writer, &part, change,
				HSM_LIST_ITEM(change->languages, struct hsm_string, shown)->text);
		if (!fits(writer, &part))
			break;
		hsm_buffer_append(writer->buffer, hsm_buffer_text(&part), part.length);
	}
	if (room && shown < change->languages.count)
		hsm_buffer_append_format(writer->buffer, "\n%zu more languages are too long for this comment.\n",
					 change->languages.count - shown);
	hsm_buffer_append_string(writer->buffer, room ? "\n</details>\n\n" : "");
	hsm_buffer_release(&part);
	return room;
}

/* Whether there is more to see than the table says. */
static bool has_details(const struct hsm_plan_change *change)
{
	return change->action.value != HSM_ACTION_WAIT && change->action.value != HSM_ACTION_REUSE &&
	       (change->kind.value == HSM_KIND_TEMPLATE || change->diffs.count || change->file.text);
}

static void append_details(struct writer *writer, const struct hsm_plan_change *const *rows,
			   const struct hsm_review_group *groups, size_t count)
{
	size_t total = 0, shown = 0;
	for (size_t i = 0; i < count; i++)
		total += groups[i].count != 1 && has_details(rows[i]);
	for (size_t i = 0; i < count; i++) {
		if (groups[i].count == 1 || !has_details(rows[i]))
			continue;
		if (!append_block(writer, rows[i], &groups[i], total <= OPEN_MAX))
			break;
		shown++;
	}
	if (shown < total)
		hsm_buffer_append_format(writer->buffer,
					 "%zu more changes are too long for this comment: hsmctl plan, or hsmctl show of "
					 "the saved plan, shows all.\n\n",
					 total - shown);
}

static void append_quota(struct writer *writer)
{
	const struct hsm_plan *plan = writer->plan;
	if (!plan->quota.node.present)
		return;
	hsm_buffer_append_format(writer->buffer,
				 "Quota: %" PRId64 " of %d creates seen in the last hour, %" PRId64
				 " more to come; %" PRId64 " templates in the account, of %d or %d.\n\n",
				 plan->quota.creates_last_hour.value, HSM_LIMIT_CREATES_PER_HOUR,
				 (int64_t)hsm_plan_count_submissions(plan), plan->quota.templates.value,
				 HSM_LIMIT_UNVERIFIED, HSM_LIMIT_VERIFIED);
}

static void append_head(struct writer *writer)
{
	const struct hsm_plan *plan = writer->plan;
	const char *remark;
	formatted(writer->buffer, "### hsmctl ", clip(&writer->arena, hsm_review_heading(&writer->arena, plan), CELL_MAX), "");
	formatted(writer->buffer, "\n\n**", hsm_review_counts(&writer->arena, plan), "**\n\n");
	for (size_t i = 0; (remark = hsm_review_remark(&writer->arena, plan, i)); i++)
		formatted(writer->buffer, "⚠️ ", clip(&writer->arena, remark, TEXT_MAX), "\n\n");
}

void hsm_review_append_markdown(const struct hsm_plan *plan, const struct hsm_review_style *style,
				struct hsm_buffer *buffer)
{
	struct writer writer = { .plan = plan, .style = style, .buffer = buffer };
	const struct hsm_plan_change **rows = hsm_review_sort(&writer.arena, plan);
	const struct hsm_review_group *groups = hsm_review_group(&writer.arena, rows, plan->changes.count);
	append_head(&writer);
	if (plan->changes.count) {
		size_t left_out = append_table(&writer, rows, groups, plan->changes.count);
		if (left_out)
			hsm_buffer_append_format(buffer, "| … | %zu more | | |\n", left_out);
		hsm_buffer_append_char(buffer, '\n');
	}
	append_quota(&writer);
	if (plan->summary.requests.value && plan->hash.text)
		hsm_buffer_append_format(buffer, "Exactly this: `hsmctl apply --expect %s`\n\n", plan->hash.text);
	append_details(&writer, rows, groups, plan->changes.count);
	hsm_arena_release(&writer.arena);
}
