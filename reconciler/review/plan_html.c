/* The plan as a page: for an artifact, or to send to whoever owns the texts. */
#include <inttypes.h>
#include <string.h>

#include "reconciler/review/bubble.h"
#include "reconciler/review/fields.h"
#include "reconciler/review/page.h"
#include "reconciler/review/rows.h"

struct writer {
	const struct hsm_plan *plan;
	const struct hsm_review_style *style;
	struct hsm_buffer *buffer;
	struct hsm_arena arena;
};

static void raw(struct writer *writer, const char *html)
{
	hsm_buffer_append_string(writer->buffer, html);
}

static void formatted(struct writer *writer, const char *before, const char *value, const char *after)
{
	raw(writer, before);
	hsm_html_append(writer->buffer, value);
	raw(writer, after);
}

static void append_side(struct writer *writer, const char *title, const struct hsm_message *message,
			const struct hsm_message *other, bool old, const char *language)
{
	struct hsm_bubble_style style = { .language = language, .other = other, .old = old };
	formatted(writer, "<div class=\"side\"><h3>", title, "</h3>\n");
	hsm_bubble_append_html(writer->buffer, message, &style);
	raw(writer, "</div>\n");
}

static void append_arrays(struct writer *writer, const struct hsm_message *before, const struct hsm_message *after)
{
	const char *old = before ? hsm_review_format_array(&writer->arena, before) : NULL;
	const char *new = after ? hsm_review_format_array(&writer->arena, after) : old;
	bool changed = old && strcmp(old, new) != 0;
	if (!changed && !*new)
		return;
	raw(writer, "<p class=\"note\">to send: ");
	if (changed)
		formatted(writer, "<del>", *old ? old : "nothing", "</del> ");
	formatted(writer, changed ? "<ins>" : "", *new ? new : "nothing", changed ? "</ins>" : "");
	raw(writer, "</p>\n");
}

static void append_language(struct writer *writer, const struct hsm_plan_change *change, const char *language)
{
	const struct hsm_plan_live *live = hsm_review_find_live(change, language);
	const struct hsm_plan_submission *wanted = hsm_review_find_submission(change, language);
	struct hsm_message before = hsm_review_read_live(&writer->arena, live);
	struct hsm_message after = hsm_review_read_submission(&writer->arena, wanted);
	bool removes = change->action.value == HSM_ACTION_DELETE || change->action.value == HSM_ACTION_RETIRE;
	if (!live && !wanted)
		return;
	if (wanted)
		hsm_review_place_media(&writer->arena, wanted, &after);
	formatted(writer, "<h3 class=\"note\">", language, "</h3>\n<div class=\"pair\">\n");
	if (live)
		append_side(writer, hsm_arena_format(&writer->arena, "%s%s (%s)", wanted ? "before: " : removes ? "goes: " : "",
						     live->name.text, live->status.text),
			    &before, wanted ? &after : NULL, true, language);
	if (wanted)
		append_side(writer, change->submit.count ?
					    hsm_arena_format(&writer->arena, "%s%s", live ? "after: " : "new: ", change->name.text) :
					    "what git says",
			    &after, live ? &before : NULL, false, language);
	raw(writer, "</div>\n");
	append_arrays(writer, live ? &before : NULL, wanted ? &after : NULL);
}

static void append_place(struct writer *writer, const struct hsm_plan_change *change)
{
	if (change->file.text)
		formatted(writer, "<p class=\"note\">",
			  change->line.present ? hsm_arena_format(&writer->arena, "%s:%" PRId64, change->file.text,
								  change->line.value) :
						 change->file.text,
			  "</p>\n");
}

static void append_reasons(struct writer *writer, const struct hsm_plan_change *change)
{
	const char *origin = hsm_review_origin(&writer->arena, change);
	const char *detail = hsm_review_detail(&writer->arena, change, writer->style->now);
	if (*detail)
		formatted(writer, "<p>", detail, "</p>\n");
	for (size_t i = 0; i < change->breaking.count; i++)
		formatted(writer, "<p class=\"warn\">BREAKING ",
			  HSM_LIST_ITEM(change->breaking, struct hsm_string, i)->text, "</p>\n");
	if (change->held.value && change->accept.text)
		formatted(writer, "<p>held: customers get the version before until git says <code>", change->accept.text,
			  "</code></p>\n");
	for (size_t i = 0; i < change->diffs.count; i++) {
		const struct hsm_plan_difference *difference =
			HSM_LIST_ITEM(change->diffs, struct hsm_plan_difference, i);
		if (strcmp(difference->component.text, "settings") != 0 && change->kind.value == HSM_KIND_TEMPLATE)
			continue;
		formatted(writer, "<p>", difference->path.text, ": <del>");
		formatted(writer, "", difference->old_value.text ? difference->old_value.text : "", "</del> <ins>");
		formatted(writer, "", difference->new_value.text ? difference->new_value.text : "", "</ins></p>\n");
	}
	if (origin)
		formatted(writer, "<p class=\"note\">", origin, "</p>\n");
	append_place(writer, change);
}

static void append_members(struct writer *writer, const struct hsm_review_group *group)
{
	formatted(writer, "<p>hsmctl.yaml alone changed these, by the variables ",
		  group->members[0]->origin.variables.text, ". The first stands for all:");
	for (size_t i = 0; i < group->count; i++)
		formatted(writer, i ? ", " : " ", hsm_review_title(&writer->arena, group->members[i]), "");
	raw(writer, ".</p>\n");
}

static void append_change(struct writer *writer, const struct hsm_plan_change *change,
			  const struct hsm_review_group *group)
{
	formatted(writer, "<h2>", hsm_action_words[change->action.value - 1], " ");
	if (group->count > 1)
		hsm_buffer_append_format(writer->buffer, "%zu templates", group->count);
	else
		hsm_html_append(writer->buffer, hsm_review_title(&writer->arena, change));
	formatted(writer, " <span class=\"note\">", hsm_review_join(&writer->arena, &change->languages), "</span></h2>\n");
	append_reasons(writer, change);
	if (group->count > 1)
		append_members(writer, group);
	for (size_t i = 0; i < change->languages.count; i++)
		append_language(writer, change, HSM_LIST_ITEM(change->languages, struct hsm_string, i)->text);
}

static void append_head(struct writer *writer)
{
	const struct hsm_plan *plan = writer->plan;
	const char *remark;
	formatted(writer, "<h1>hsmctl ", hsm_review_heading(&writer->arena, plan), "</h1>\n");
	formatted(writer, "<p><b>", hsm_review_counts(&writer->arena, plan), "</b></p>\n");
	for (size_t i = 0; (remark = hsm_review_remark(&writer->arena, plan, i)); i++)
		formatted(writer, "<p class=\"warn\">", remark, "</p>\n");
	if (plan->summary.requests.value && plan->hash.text)
		formatted(writer, "<p class=\"note\">Exactly this: <code>hsmctl apply --expect ", plan->hash.text,
			  "</code></p>\n");
}

void hsm_review_append_html(const struct hsm_plan *plan, const struct hsm_review_style *style,
			    struct hsm_buffer *buffer)
{
	struct writer writer = { .plan = plan, .style = style, .buffer = buffer };
	const struct hsm_plan_change **rows = hsm_review_sort(&writer.arena, plan);
	const struct hsm_review_group *groups = hsm_review_group(&writer.arena, rows, plan->changes.count);
	hsm_page_append_begin(buffer, hsm_arena_format(&writer.arena, "hsmctl %s", hsm_review_heading(&writer.arena, plan)));
	append_head(&writer);
	for (size_t i = 0; i < plan->changes.count; i++)
		if (groups[i].count != 1)
			append_change(&writer, rows[i], &groups[i]);
	hsm_page_append_end(buffer);
	hsm_arena_release(&writer.arena);
}
