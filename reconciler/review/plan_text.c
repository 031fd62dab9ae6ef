/* The plan on a terminal. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/review/rows.h"
#include "reconciler/review/sentences.h"
#include "schema/base/text.h"

struct look {
	const char *symbol;
	const char *color;
};

static const char green[] = "\033[32m", yellow[] = "\033[33m", red[] = "\033[31m", dim[] = "\033[2m",
		  bold[] = "\033[1m";

static const struct look looks[] = {
	[HSM_ACTION_CREATE] = { "+", green },	      [HSM_ACTION_REPLACE] = { "±", yellow },
	[HSM_ACTION_UPDATE] = { "~", yellow },	      [HSM_ACTION_REUSE] = { "↩", green },
	[HSM_ACTION_ACTIVATE] = { "→", green },	      [HSM_ACTION_SETTINGS] = { "~", yellow },
	[HSM_ACTION_RETIRE] = { "-", red },	      [HSM_ACTION_DELETE] = { "-", red },
	[HSM_ACTION_WAIT] = { "…", dim },	      [HSM_ACTION_BLOCKED] = { "!", red },
	[HSM_ACTION_CONFLICT] = { "!", red },	      [HSM_ACTION_RECATEGORISED] = { "!", red },
};

struct printer {
	struct hsm_buffer *buffer;
	const struct hsm_review_style *style;
	struct hsm_arena arena;
	size_t action_width, name_width, language_width;
};

static void color(struct printer *printer, const char *code)
{
	if (printer->style->color)
		hsm_buffer_append_string(printer->buffer, code ? code : "\033[0m");
}

/* A saved plan may lack anything that is not required. */
static void text(struct printer *printer, const char *value)
{
	hsm_text_append_printable_line(printer->buffer, value ? value : "");
}

/* A line below a row. */
static void line(struct printer *printer, const char *value)
{
	hsm_buffer_append_string(printer->buffer, "      ");
	text(printer, value);
	hsm_buffer_append_char(printer->buffer, '\n');
}

static void pad(struct printer *printer, const char *value, size_t width)
{
	size_t length = hsm_text_count_characters(value);
	text(printer, value);
	for (; length < width; length++)
		hsm_buffer_append_char(printer->buffer, ' ');
}

static void measure(struct printer *printer, const struct hsm_plan *plan)
{
	/* What is longer pushes its own row only. */
	const size_t name_maximum = 48, language_maximum = 24;
	printer->language_width = 16;
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		size_t action = strlen(hsm_action_words[change->action.value - 1]);
		size_t name = hsm_text_count_characters(hsm_review_title(&printer->arena, change));
		size_t language = strlen(hsm_review_join(&printer->arena, &change->languages));
		if (action > printer->action_width)
			printer->action_width = action;
		if (name > printer->name_width && name <= name_maximum)
			printer->name_width = name;
		if (language > printer->language_width && language <= language_maximum)
			printer->language_width = language;
	}
}

static void append_heading(struct printer *printer, const struct hsm_plan_difference *difference)
{
	const char *language = difference->language.text, *path = difference->path.text;
	bool plain = strcmp(path, "text") == 0;
	line(printer, hsm_arena_format(&printer->arena, "%s%s%s%s%s%s", language, *language ? " " : "",
				       difference->component.text, plain ? "" : " ", plain ? "" : path,
				       difference->sample.value ? " (sample only)" : ""));
}

static void append_difference(struct printer *printer, const struct hsm_plan_difference *difference)
{
	struct hsm_sentences sentences = { 0 };
	append_heading(printer, difference);
	hsm_sentences_compare(difference->old_value.text, difference->new_value.text, &sentences);
	for (size_t i = 0; i < sentences.count; i++) {
		const struct hsm_sentence *sentence = &sentences.items[i];
		color(printer, sentence->side == '-' ? red : green);
		hsm_buffer_append_format(printer->buffer, "      %c ", sentence->side);
		text(printer, hsm_arena_copy(&printer->arena, sentence->text, sentence->length));
		color(printer, NULL);
		hsm_buffer_append_char(printer->buffer, '\n');
	}
	free(sentences.items);
}

static void append_place(struct printer *printer, const struct hsm_plan_change *change)
{
	if (!change->file.text)
		return;
	line(printer, change->line.present ? hsm_arena_format(&printer->arena, "%s:%" PRId64 ":%" PRId64, change->file.text,
							      change->line.value, change->column.value) :
					     change->file.text);
}

static void append_details(struct printer *printer, const struct hsm_plan_change *change)
{
	int action = change->action.value;
	for (size_t i = 0; i < change->breaking.count; i++)
		line(printer, hsm_arena_format(&printer->arena, "BREAKING %s",
					       HSM_LIST_ITEM(change->breaking, struct hsm_string, i)->text));
	if (change->held.value && change->accept.text)
		line(printer, hsm_arena_format(&printer->arena, "held until git says %s", change->accept.text));
	for (size_t i = 0; i < change->diffs.count && action != HSM_ACTION_REUSE; i++) {
		const struct hsm_plan_difference *difference =
			HSM_LIST_ITEM(change->diffs, struct hsm_plan_difference, i);
		if (hsm_review_tells(change, difference))
			append_difference(printer, difference);
	}
	const char *origin = hsm_review_origin(&printer->arena, change);
	if (origin)
		line(printer, origin);
	if (action == HSM_ACTION_BLOCKED || action == HSM_ACTION_CONFLICT || action == HSM_ACTION_RECATEGORISED)
		append_place(printer, change);
}

static void append_row(struct printer *printer, const struct hsm_plan_change *change, const char *title)
{
	const struct look *look = &looks[change->action.value];
	const char *detail = hsm_review_detail(&printer->arena, change, printer->style->now);
	const char *languages = hsm_review_join(&printer->arena, &change->languages);
	hsm_buffer_append_string(printer->buffer, "  ");
	color(printer, look->color);
	hsm_buffer_append_format(printer->buffer, "%s %-*s", look->symbol, (int)printer->action_width,
				 hsm_action_words[change->action.value - 1]);
	color(printer, NULL);
	hsm_buffer_append_string(printer->buffer, "  ");
	pad(printer, title, *languages || *detail ? printer->name_width : 0);
	if (*languages || *detail)
		hsm_buffer_append_string(printer->buffer, "  ");
	pad(printer, languages, *detail ? printer->language_width : 0);
	if (*detail)
		hsm_buffer_append_string(printer->buffer, "  ");
	text(printer, detail);
	hsm_buffer_append_char(printer->buffer, '\n');
}

/* The first row's details stand for all. */
static void append_group(struct printer *printer, const struct hsm_review_group *group)
{
	const struct hsm_plan_change *first = group->members[0];
	append_row(printer, first, hsm_arena_format(&printer->arena, "%zu templates", group->count));
	line(printer, hsm_arena_format(&printer->arena, "changed by hsmctl.yaml's variables alone: %s",
				       first->origin.variables.text));
	line(printer, hsm_arena_format(&printer->arena, "in %s:", hsm_review_title(&printer->arena, first)));
	append_details(printer, first);
	for (size_t i = 1; i < group->count; i++)
		line(printer, hsm_arena_format(&printer->arena, "likewise %s  %s",
					       hsm_review_title(&printer->arena, group->members[i]),
					       hsm_review_join(&printer->arena, &group->members[i]->languages)));
}

static void append_changes(struct printer *printer, const struct hsm_plan *plan)
{
	size_t count = plan->changes.count;
	const struct hsm_plan_change **rows = hsm_arena_allocate_array(&printer->arena, count, sizeof(*rows));
	for (size_t i = 0; i < count; i++)
		rows[i] = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
	const struct hsm_review_group *groups = hsm_review_group(&printer->arena, rows, count);
	for (size_t i = 0; i < count; i++) {
		if (groups[i].count > 1) {
			append_group(printer, &groups[i]);
		} else if (!groups[i].count) {
			append_row(printer, rows[i], hsm_review_title(&printer->arena, rows[i]));
			append_details(printer, rows[i]);
		}
	}
	hsm_buffer_append_string(printer->buffer, count ? "\n" : "");
}

static void append_summary(struct printer *printer, const struct hsm_plan *plan)
{
	const char *remark;
	text(printer, hsm_review_counts(&printer->arena, plan));
	hsm_buffer_append_char(printer->buffer, '\n');
	if (plan->summary.requests.value && plan->hash.text)
		hsm_buffer_append_format(printer->buffer, "Exactly this: hsmctl apply --expect %.*s\n",
					 HSM_REVIEW_HASH_LENGTH, plan->hash.text);
	for (size_t i = 0; (remark = hsm_review_remark(&printer->arena, plan, i)); i++) {
		bool refused = hsm_text_starts_with(remark, "Refused");
		if (refused)
			color(printer, red);
		text(printer, remark);
		if (refused)
			color(printer, NULL);
		hsm_buffer_append_char(printer->buffer, '\n');
	}
}

void hsm_review_append_text(const struct hsm_plan *plan, const struct hsm_review_style *style,
			    struct hsm_buffer *buffer)
{
	struct printer printer = { .buffer = buffer, .style = style };
	measure(&printer, plan);
	color(&printer, bold);
	hsm_buffer_append_string(buffer, "hsmctl ");
	text(&printer, hsm_review_heading(&printer.arena, plan));
	color(&printer, NULL);
	hsm_buffer_append_string(buffer, "\n\n");
	append_changes(&printer, plan);
	append_summary(&printer, plan);
	hsm_arena_release(&printer.arena);
}
