/* The plan as a person reads it. Everything from outside is escaped on the way. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/review/review.h"
#include "reconciler/review/sentences.h"
#include "schema/base/age.h"
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

static void pad(struct printer *printer, const char *value, size_t width)
{
	size_t length = hsm_text_count_characters(value);
	text(printer, value);
	for (; length < width; length++)
		hsm_buffer_append_char(printer->buffer, ' ');
}

/* "order_v2 → v3"; other rows are called by their name. */
static const char *row_title(struct printer *printer, const struct hsm_plan_change *change)
{
	bool moves = change->action.value == HSM_ACTION_REPLACE || change->action.value == HSM_ACTION_ACTIVATE;
	if (moves && change->from_name.text)
		return hsm_arena_format(&printer->arena, "%s → v%" PRId64, change->from_name.text, change->version.value);
	if (change->kind.value == HSM_KIND_WEBHOOK)
		return hsm_arena_format(&printer->arena, "webhook %s", change->name.text);
	return change->name.text;
}

static const char *join(struct printer *printer, const struct hsm_list *list)
{
	struct hsm_buffer joined = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < list->count; i++) {
		hsm_buffer_append_string(&joined, i ? ", " : "");
		hsm_buffer_append_string(&joined, HSM_LIST_ITEM(*list, struct hsm_string, i)->text);
	}
	const char *value = hsm_arena_copy(&printer->arena, hsm_buffer_text(&joined), joined.length);
	hsm_buffer_release(&joined);
	return value;
}

/* " for 3h": since the first of its languages came into this state. */
static const char *row_age(struct printer *printer, const struct hsm_plan_change *change)
{
	int64_t earliest = -1;
	for (size_t i = 0; i < change->live.count; i++) {
		int64_t since = hsm_age_read_time(HSM_LIST_ITEM(change->live, struct hsm_plan_live, i)->since.text);
		if (since >= 0 && (earliest < 0 || since < earliest))
			earliest = since;
	}
	const char *age = earliest < 0 ? "" : hsm_age_format(&printer->arena, printer->style->now - earliest);
	return *age ? hsm_arena_format(&printer->arena, " for %s", age) : "";
}

static const char *row_detail(struct printer *printer, const struct hsm_plan_change *change)
{
	const char *reason = change->reason.text ? change->reason.text : "";
	if (change->action.value == HSM_ACTION_REPLACE)
		return hsm_arena_format(&printer->arena, "%s%s%s%s",
					change->compatibility.value == HSM_BREAKING ? "BREAKING" : "compatible",
					change->held.value ? ", will be held" : "", *reason ? ", " : "", reason);
	if (change->action.value == HSM_ACTION_WAIT)
		return hsm_arena_format(&printer->arena, "%s%s%s", reason, row_age(printer, change),
					change->held.value ? ", will be held" : "");
	if (change->action.value == HSM_ACTION_REUSE)
		return "approved already: nothing to submit";
	return reason;
}

static void measure(struct printer *printer, const struct hsm_plan *plan)
{
	/* What is longer pushes its own row only. */
	const size_t name_maximum = 48, language_maximum = 24;
	printer->language_width = 16;
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		size_t action = strlen(hsm_action_words[change->action.value - 1]);
		size_t name = hsm_text_count_characters(row_title(printer, change));
		size_t language = strlen(join(printer, &change->languages));
		if (action > printer->action_width)
			printer->action_width = action;
		if (name > printer->name_width && name <= name_maximum)
			printer->name_width = name;
		if (language > printer->language_width && language <= language_maximum)
			printer->language_width = language;
	}
}

/* A parameter's type and default say nothing more where its text changed too; nor does a text's format. */
static bool is_noise(const struct hsm_plan_change *change, const struct hsm_plan_difference *difference)
{
	const char *path = difference->path.text;
	bool follows = hsm_text_starts_with(path, "parameters[") || strcmp(path, "format") == 0;
	for (size_t i = 0; follows && i < change->diffs.count; i++) {
		const struct hsm_plan_difference *other = HSM_LIST_ITEM(change->diffs, struct hsm_plan_difference, i);
		if (strcmp(other->path.text, "text") == 0 &&
		    strcmp(other->language.text, difference->language.text) == 0 &&
		    strcmp(other->component.text, difference->component.text) == 0)
			return true;
	}
	return false;
}

static void append_heading(struct printer *printer, const struct hsm_plan_difference *difference)
{
	const char *language = difference->language.text;
	bool plain = strcmp(difference->path.text, "text") == 0;
	hsm_buffer_append_string(printer->buffer, "      ");
	text(printer, language);
	hsm_buffer_append_string(printer->buffer, *language ? " " : "");
	text(printer, difference->component.text);
	if (!plain) {
		hsm_buffer_append_string(printer->buffer, " ");
		text(printer, difference->path.text);
	}
	hsm_buffer_append_string(printer->buffer, difference->sample.value ? " (sample only)\n" : "\n");
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

static void append_origin(struct printer *printer, const struct hsm_plan_origin *origin)
{
	hsm_buffer_append_string(printer->buffer, "      ");
	text(printer, origin->kind.text);
	if (origin->commit.text) {
		hsm_buffer_append_format(printer->buffer, ": %.7s \"", origin->commit.text);
		text(printer, origin->subject.text);
		hsm_buffer_append_string(printer->buffer, "\" ");
		text(printer, origin->author.text);
		hsm_buffer_append_string(printer->buffer, ", ");
		text(printer, origin->date.text);
	} else if (strcmp(origin->kind.text, "out-of-band") == 0) {
		hsm_buffer_append_string(printer->buffer, ": no commit ever had what is live");
	} else if (strcmp(origin->kind.text, "unknown") == 0) {
		hsm_buffer_append_string(printer->buffer, ": history is not all here");
	}
	hsm_buffer_append_char(printer->buffer, '\n');
}

static void append_place(struct printer *printer, const struct hsm_plan_change *change)
{
	if (!change->file.text)
		return;
	hsm_buffer_append_string(printer->buffer, "      ");
	text(printer, change->file.text);
	if (change->line.present)
		hsm_buffer_append_format(printer->buffer, ":%" PRId64 ":%" PRId64, change->line.value,
					 change->column.value);
	hsm_buffer_append_char(printer->buffer, '\n');
}

static void append_details(struct printer *printer, const struct hsm_plan_change *change)
{
	int action = change->action.value;
	for (size_t i = 0; i < change->breaking.count; i++) {
		hsm_buffer_append_string(printer->buffer, "      BREAKING ");
		text(printer, HSM_LIST_ITEM(change->breaking, struct hsm_string, i)->text);
		hsm_buffer_append_char(printer->buffer, '\n');
	}
	if (change->held.value && change->accept.text) {
		hsm_buffer_append_string(printer->buffer, "      held until git says ");
		text(printer, change->accept.text);
		hsm_buffer_append_char(printer->buffer, '\n');
	}
	for (size_t i = 0; i < change->diffs.count && action != HSM_ACTION_REUSE; i++) {
		const struct hsm_plan_difference *difference =
			HSM_LIST_ITEM(change->diffs, struct hsm_plan_difference, i);
		if (!is_noise(change, difference))
			append_difference(printer, difference);
	}
	/* A create is git's by itself, what is blocked for its status is its reviewer's, and a
	 * conflict's reason says whose it is. */
	if (change->origin.node.present && action != HSM_ACTION_CREATE && action != HSM_ACTION_REUSE &&
	    action != HSM_ACTION_CONFLICT && (action != HSM_ACTION_BLOCKED || change->diffs.count))
		append_origin(printer, &change->origin);
	if (action == HSM_ACTION_BLOCKED || action == HSM_ACTION_CONFLICT || action == HSM_ACTION_RECATEGORISED)
		append_place(printer, change);
}

static void append_change(struct printer *printer, const struct hsm_plan_change *change)
{
	const struct look *look = &looks[change->action.value];
	const char *detail = row_detail(printer, change), *languages = join(printer, &change->languages);
	hsm_buffer_append_string(printer->buffer, "  ");
	color(printer, look->color);
	hsm_buffer_append_format(printer->buffer, "%s %-*s", look->symbol, (int)printer->action_width,
				 hsm_action_words[change->action.value - 1]);
	color(printer, NULL);
	hsm_buffer_append_string(printer->buffer, "  ");
	pad(printer, row_title(printer, change), *languages || *detail ? printer->name_width : 0);
	if (*languages || *detail)
		hsm_buffer_append_string(printer->buffer, "  ");
	pad(printer, languages, *detail ? printer->language_width : 0);
	if (*detail)
		hsm_buffer_append_string(printer->buffer, "  ");
	text(printer, detail);
	hsm_buffer_append_char(printer->buffer, '\n');
	append_details(printer, change);
}

static void append_title(struct printer *printer, const struct hsm_plan *plan)
{
	color(printer, bold);
	hsm_buffer_append_format(printer->buffer, "hsmctl %s: ", printer->style->command);
	text(printer, plan->environment.text);
	if (plan->provider_name.text) {
		hsm_buffer_append_string(printer->buffer, " (");
		text(printer, plan->provider_name.text);
		hsm_buffer_append_string(printer->buffer, ")");
	}
	if (plan->commit.text)
		hsm_buffer_append_format(printer->buffer, ", git %.7s%s", plan->commit.text,
					 plan->dirty.value ? " and changes that are not committed" : "");
	else
		hsm_buffer_append_string(printer->buffer, ", not committed yet");
	color(printer, NULL);
	hsm_buffer_append_string(printer->buffer, "\n\n");
}

/* "2 to create and 1 to replace (3 requests), 1 waiting": what is not, is left out. */
static void append_counts(struct printer *printer, const struct hsm_plan_summary *summary)
{
	const struct {
		const struct hsm_integer *count;
		const char *what;
	} writes[] = { { &summary->create, "to create" },   { &summary->replace, "to replace" },
		       { &summary->update, "to update" },   { &summary->activate, "to activate" },
		       { &summary->settings, "to set" },    { &summary->delete, "to delete" },
		       { &summary->retire, "to retire" } },
	  others[] = { { &summary->reuse, "reused" },	    { &summary->wait, "waiting" },
		       { &summary->blocked, "blocked" },    { &summary->conflict, "in conflict" },
		       { &summary->recategorised, "recategorised" } };
	size_t left = 0, shown = 0;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		left += writes[i].count->value > 0;
	bool anything = left > 0;
	hsm_buffer_append_string(printer->buffer, anything ? "Plan: " : "Nothing to do");
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		if (writes[i].count->value <= 0)
			continue;
		hsm_buffer_append_format(printer->buffer, "%s%" PRId64 " %s",
					 !shown ? "" : left == 1 ? " and " : ", ", writes[i].count->value, writes[i].what);
		shown++;
		left--;
	}
	if (anything)
		hsm_buffer_append_format(printer->buffer, " (%" PRId64 " request%s)", summary->requests.value,
					 summary->requests.value == 1 ? "" : "s");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].count->value > 0)
			hsm_buffer_append_format(printer->buffer, ", %" PRId64 " %s", others[i].count->value,
						 others[i].what);
}

static void append_summary(struct printer *printer, const struct hsm_plan *plan)
{
	const struct hsm_plan_summary *summary = &plan->summary;
	if (plan->changes.count)
		hsm_buffer_append_char(printer->buffer, '\n');
	append_counts(printer, summary);
	hsm_buffer_append_format(printer->buffer, ". %" PRId64 " in sync", summary->in_sync.value);
	if (summary->unmanaged.value)
		hsm_buffer_append_format(printer->buffer, ", %" PRId64 " unmanaged", summary->unmanaged.value);
	hsm_buffer_append_string(printer->buffer, ".\n");
	if (summary->requests.value && plan->hash.text)
		hsm_buffer_append_format(printer->buffer, "Exactly this: hsmctl apply --expect %.*s\n",
					 HSM_REVIEW_HASH_LENGTH, plan->hash.text);
	if (summary->prunable.value)
		hsm_buffer_append_format(printer->buffer,
					 "%" PRId64 " that git no longer has: --prune deletes.\n", summary->prunable.value);
	if (plan->history.text) {
		hsm_buffer_append_string(printer->buffer, "Whose some differences are is not known: ");
		text(printer, plan->history.text);
		hsm_buffer_append_string(printer->buffer, ".\n");
	}
	for (size_t i = 0; i < plan->violations.count; i++) {
		color(printer, red);
		hsm_buffer_append_string(printer->buffer, "Refused by policy: ");
		text(printer, HSM_LIST_ITEM(plan->violations, struct hsm_plan_violation, i)->message.text);
		color(printer, NULL);
		hsm_buffer_append_string(printer->buffer, ".\n");
	}
}

void hsm_review_append_text(const struct hsm_plan *plan, const struct hsm_review_style *style,
			  struct hsm_buffer *buffer)
{
	struct printer printer = { .buffer = buffer, .style = style };
	measure(&printer, plan);
	append_title(&printer, plan);
	for (size_t i = 0; i < plan->changes.count; i++)
		append_change(&printer, HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i));
	append_summary(&printer, plan);
	hsm_arena_release(&printer.arena);
}
