#include "reconciler/review/rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/review/fields.h"
#include "schema/base/age.h"
#include "schema/base/text.h"
#include "schema/meta.h"

bool hsm_review_is_breaking(const struct hsm_plan_change *change)
{
	return change->action.value == HSM_ACTION_REPLACE && change->compatibility.value == HSM_BREAKING;
}

static int importance(const struct hsm_plan_change *change)
{
	static const enum hsm_action order[] = {
		HSM_ACTION_RECATEGORISED, HSM_ACTION_BLOCKED,  HSM_ACTION_CONFLICT, HSM_ACTION_DELETE,
		HSM_ACTION_ACTIVATE,	  HSM_ACTION_SETTINGS, HSM_ACTION_REPLACE,  HSM_ACTION_CREATE,
		HSM_ACTION_UPDATE,	  HSM_ACTION_RETIRE,   HSM_ACTION_REUSE,    HSM_ACTION_WAIT,
	};
	int rank = 1;
	if (hsm_review_is_breaking(change))
		return 0;
	while (order[rank - 1] != (enum hsm_action)change->action.value)
		rank++;
	return rank;
}

struct ranked {
	const struct hsm_plan_change *change;
	size_t index;
};

static int compare_ranked(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	int order = importance(a->change) - importance(b->change);
	return order ? order : (a->index > b->index) - (a->index < b->index);
}

const struct hsm_plan_change **hsm_review_sort(struct hsm_arena *arena, const struct hsm_plan *plan)
{
	size_t count = plan->changes.count;
	struct ranked *ranked = hsm_arena_allocate_array(arena, count, sizeof(*ranked));
	const struct hsm_plan_change **rows = hsm_arena_allocate_array(arena, count, sizeof(*rows));
	for (size_t i = 0; i < count; i++)
		ranked[i] = (struct ranked){ HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i), i };
	if (count)
		qsort(ranked, count, sizeof(*ranked), compare_ranked);
	for (size_t i = 0; i < count; i++)
		rows[i] = ranked[i].change;
	return rows;
}

const char *hsm_review_title(struct hsm_arena *arena, const struct hsm_plan_change *change)
{
	bool moves = change->action.value == HSM_ACTION_REPLACE || change->action.value == HSM_ACTION_ACTIVATE;
	if (moves && change->from_name.text)
		return hsm_arena_format(arena, "%s → v%" PRId64, change->from_name.text, change->version.value);
	if (change->kind.value != HSM_KIND_TEMPLATE)
		return hsm_arena_format(arena, "%s %s", hsm_kind_words[change->kind.value - 1], change->name.text);
	return change->name.text;
}

const char *hsm_review_join(struct hsm_arena *arena, const struct hsm_list *texts)
{
	struct hsm_buffer joined = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < texts->count; i++) {
		hsm_buffer_append_string(&joined, i ? ", " : "");
		hsm_buffer_append_string(&joined, HSM_LIST_ITEM(*texts, struct hsm_string, i)->text);
	}
	const char *value = hsm_arena_copy(arena, hsm_buffer_text(&joined), joined.length);
	hsm_buffer_release(&joined);
	return value;
}

/* " for 3h": since the first of its languages came into this state. */
static const char *row_age(struct hsm_arena *arena, const struct hsm_plan_change *change, int64_t now)
{
	int64_t earliest = -1;
	for (size_t i = 0; i < change->live.count; i++) {
		int64_t since = hsm_age_read_time(HSM_LIST_ITEM(change->live, struct hsm_plan_live, i)->since.text);
		if (since >= 0 && (earliest < 0 || since < earliest))
			earliest = since;
	}
	const char *age = earliest < 0 ? "" : hsm_age_format(arena, now - earliest);
	return *age ? hsm_arena_format(arena, " for %s", age) : "";
}

static const char *row_state(struct hsm_arena *arena, const struct hsm_plan_change *change, int64_t now)
{
	const char *reason = change->reason.text ? change->reason.text : "";
	if (change->action.value == HSM_ACTION_REPLACE)
		return hsm_arena_format(arena, "%s%s%s%s", hsm_review_is_breaking(change) ? "BREAKING" : "compatible",
					change->held.value ? ", will be held" : "", *reason ? ", " : "", reason);
	if (change->action.value == HSM_ACTION_WAIT)
		return hsm_arena_format(arena, "%s%s%s", reason, row_age(arena, change, now),
					change->held.value ? ", will be held" : "");
	if (change->action.value == HSM_ACTION_REUSE)
		return "approved already: nothing to submit";
	if (change->cost.text)
		return hsm_arena_format(arena, "%s (cost: %s)", reason, change->cost.text);
	return reason;
}

const char *hsm_review_detail(struct hsm_arena *arena, const struct hsm_plan_change *change, int64_t now)
{
	const char *state = row_state(arena, change, now);
	return change->ignored_until.text ? hsm_arena_format(arena, "%s%signored until %s", state, *state ? ", " : "",
							     change->ignored_until.text) :
					    state;
}

/* A create is git's by itself, what is blocked for its status is its reviewer's, and a conflict's reason
 * says whose it is. */
static bool origin_tells(const struct hsm_plan_change *change)
{
	int action = change->action.value;
	return change->origin.node.present && action != HSM_ACTION_CREATE && action != HSM_ACTION_REUSE &&
	       action != HSM_ACTION_CONFLICT && (action != HSM_ACTION_BLOCKED || change->diffs.count);
}

/* A saved plan may lack what is not required. */
static const char *or_nothing(const char *text)
{
	return text ? text : "";
}

const char *hsm_review_origin(struct hsm_arena *arena, const struct hsm_plan_change *change)
{
	const struct hsm_plan_origin *origin = &change->origin;
	if (!origin_tells(change))
		return NULL;
	if (origin->commit.text)
		return hsm_arena_format(arena, "%s: %.7s \"%s\" %s, %s", origin->kind.text, origin->commit.text,
					or_nothing(origin->subject.text), or_nothing(origin->author.text),
					or_nothing(origin->date.text));
	if (strcmp(origin->kind.text, "out-of-band") == 0)
		return hsm_arena_format(arena, "%s: no commit ever had what is live", origin->kind.text);
	if (strcmp(origin->kind.text, "unknown") == 0)
		return hsm_arena_format(arena, "%s: history is not all here", origin->kind.text);
	return origin->kind.text;
}

const char *hsm_review_heading(struct hsm_arena *arena, const struct hsm_plan *plan)
{
	const char *provider = plan->provider_name.text;
	const char *commit = "not committed yet";
	if (plan->commit.text)
		commit = hsm_arena_format(arena, "git %.7s%s", plan->commit.text,
					  plan->dirty.value ? " and changes that are not committed" : "");
	return hsm_arena_format(arena, "%s: %s%s%s%s, %s", plan->command.text, plan->environment.text, provider ? " (" : "",
				provider ? provider : "", provider ? ")" : "", commit);
}

/* What is none is left out. */
static void append_counts(struct hsm_buffer *text, const struct hsm_plan_summary *summary)
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
	hsm_buffer_append_string(text, anything ? "Plan: " : "Nothing to do");
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		if (writes[i].count->value <= 0)
			continue;
		hsm_buffer_append_format(text, "%s%" PRId64 " %s", !shown ? "" : left == 1 ? " and " : ", ",
					 writes[i].count->value, writes[i].what);
		shown++;
		left--;
	}
	if (anything)
		hsm_buffer_append_format(text, " (%" PRId64 " request%s)", summary->requests.value,
					 summary->requests.value == 1 ? "" : "s");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].count->value > 0)
			hsm_buffer_append_format(text, ", %" PRId64 " %s", others[i].count->value, others[i].what);
}

const char *hsm_review_counts(struct hsm_arena *arena, const struct hsm_plan *plan)
{
	const struct hsm_plan_summary *summary = &plan->summary;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	append_counts(&text, summary);
	hsm_buffer_append_format(&text, ". %" PRId64 " in sync", summary->in_sync.value);
	if (summary->unmanaged.value)
		hsm_buffer_append_format(&text, ", %" PRId64 " unmanaged", summary->unmanaged.value);
	if (summary->ignored.value)
		hsm_buffer_append_format(&text, ", %" PRId64 " ignored", summary->ignored.value);
	hsm_buffer_append_char(&text, '.');
	const char *value = hsm_arena_copy(arena, text.data, text.length);
	hsm_buffer_release(&text);
	return value;
}

const char *hsm_review_remark(struct hsm_arena *arena, const struct hsm_plan *plan, size_t index)
{
	const struct hsm_plan_summary *summary = &plan->summary;
	if (plan->snapshot.text && index-- == 0)
		return hsm_arena_format(arena, "Compared with what was live at %s, not with what is live now.",
					plan->snapshot.text);
	if (summary->prunable.value && index-- == 0)
		return hsm_arena_format(arena, "%" PRId64 " that git no longer has: --prune deletes.",
					summary->prunable.value);
	if (plan->responses.text && index-- == 0)
		return hsm_arena_format(arena, "Without a response, which can't hold them: %s.", plan->responses.text);
	if (plan->history.text && index-- == 0)
		return hsm_arena_format(arena, "Whose some differences are is not known: %s.", plan->history.text);
	if (index < plan->violations.count)
		return hsm_arena_format(arena, "Refused by policy: %s.",
					HSM_LIST_ITEM(plan->violations, struct hsm_plan_violation, index)->message.text);
	return NULL;
}

/* A parameter's type and default say nothing more where its text changed too; nor does a text's format. */
bool hsm_review_tells(const struct hsm_plan_change *change, const struct hsm_plan_difference *difference)
{
	const char *path = difference->path.text;
	bool follows = hsm_text_starts_with(path, "parameters[") || strcmp(path, "format") == 0;
	for (size_t i = 0; follows && i < change->diffs.count; i++) {
		const struct hsm_plan_difference *other = HSM_LIST_ITEM(change->diffs, struct hsm_plan_difference, i);
		if (strcmp(other->path.text, "text") == 0 &&
		    strcmp(other->language.text, difference->language.text) == 0 &&
		    strcmp(other->component.text, difference->component.text) == 0)
			return false;
	}
	return true;
}

const struct hsm_plan_live *hsm_review_find_live(const struct hsm_plan_change *change, const char *language)
{
	for (size_t i = 0; i < change->live.count; i++) {
		const struct hsm_plan_live *live = HSM_LIST_ITEM(change->live, struct hsm_plan_live, i);
		if (strcmp(live->node.key.text, language) == 0)
			return live;
	}
	return NULL;
}

const struct hsm_plan_submission *hsm_review_find_submission(const struct hsm_plan_change *change,
							     const char *language)
{
	const struct hsm_list *list = change->submit.count ? &change->submit : &change->wanted;
	for (size_t i = 0; i < list->count; i++) {
		const struct hsm_plan_submission *submission = HSM_LIST_ITEM(*list, struct hsm_plan_submission, i);
		if (strcmp(submission->node.key.text, language) == 0)
			return submission;
	}
	return NULL;
}

struct hsm_message hsm_review_read_live(struct hsm_arena *arena, const struct hsm_plan_live *live)
{
	return live ? hsm_review_read_message(arena, live->content.text, &live->parameters) : (struct hsm_message){ 0 };
}

struct hsm_message hsm_review_read_submission(struct hsm_arena *arena, const struct hsm_plan_submission *submission)
{
	return submission ? hsm_review_read_message(arena, submission->content.text, &submission->parameters) :
			    (struct hsm_message){ 0 };
}

void hsm_review_place_media(struct hsm_arena *arena, const struct hsm_plan_submission *submission,
			    struct hsm_message *message)
{
	const struct hsm_list *media = &submission->media;
	const char **places = hsm_arena_allocate_array(arena, media->count, sizeof(*places));
	for (size_t i = 0; i < media->count; i++)
		places[i] = HSM_LIST_ITEM(*media, struct hsm_plan_media, i)->path.text;
	hsm_meta_place_media(&message->components, places, media->count);
}
