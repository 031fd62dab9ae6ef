/*
 * The law of reconciliation: for each translation the first row that fits. First
 * what each comes to by itself, then the numbers of those that change together.
 */
#include <inttypes.h>
#include <string.h>

#include "reconciler/plan/planner.h"
#include "schema/name.h"

struct law {
	struct hsm_planner *planner;
	const struct hsm_desired_template *template;
	struct hsm_decision *decisions;
	int64_t highest; /* N */
};

static bool may_resubmit(const struct law *law)
{
	const struct hsm_plan_options *options = law->planner->options;
	return hsm_plan_lists_name(options->resubmit, options->resubmit_count, law->template->name);
}

static bool may_overwrite(const struct law *law)
{
	const struct hsm_plan_options *options = law->planner->options;
	return hsm_plan_lists_name(options->overwrite, options->overwrite_count, law->template->name);
}

/* The newest version that is not burnt, else the newest. */
static const struct hsm_version *newest(const struct hsm_version_list *list)
{
	for (size_t i = list->count; i > 0; i--)
		if (!hsm_status_is_burnt(list->items[i - 1].live->status))
			return &list->items[i - 1];
	return &list->items[list->count - 1];
}

static void decide(struct hsm_decision *decision, enum hsm_action action, const struct hsm_version *from,
		   const char *reason)
{
	decision->action = action;
	decision->from = from;
	decision->reason = reason;
	if (from) {
		decision->name = from->live->name;
		decision->version = from->number;
	}
}

/* Submitting content anew takes another number; a pinned one is git's to write. */
static void resubmit(const struct law *law, struct hsm_decision *decision)
{
	const struct hsm_version *target = decision->state->target;
	if (decision->state->translation->version)
		decide(decision, HSM_ACTION_BLOCKED, target,
		       hsm_arena_format(law->planner->arena,
					"its version is pinned to %" PRId64 ": write another number, or run hsmctl bump",
					target->number));
	else
		decide(decision, HSM_ACTION_REPLACE, target, NULL);
}

/* Row 5. */
static void decide_recategorised(const struct law *law, struct hsm_decision *decision)
{
	const struct hsm_live_template *live = decision->state->target->live;
	struct hsm_arena *arena = law->planner->arena;
	const struct hsm_history_entry *entry = NULL;
	size_t count;
	const struct hsm_history_entry *entries =
		hsm_history_find(law->planner->history, law->template->name, live->language, &count);
	if (may_resubmit(law)) {
		resubmit(law, decision);
		return;
	}
	for (size_t i = 0; i < count && !entry; i++)
		if (hsm_content_equals(&entries[i].compiled.content, &live->content) &&
		    strcmp(entries[i].category, live->category) == 0)
			entry = &entries[i];
	const char *reason =
		entry ? hsm_arena_format(arena,
					 "%s in git since it was %s: apply --resubmit %s, or a bump, submits it anew",
					 law->template->category, live->category, law->template->name) :
			hsm_arena_format(arena, "%s in git, %s live: write category: %s to accept it",
					 law->template->category, live->category, live->category);
	decide(decision, HSM_ACTION_RECATEGORISED, decision->state->target, reason);
}

/* Row 8. */
static void decide_burnt(const struct law *law, struct hsm_decision *decision)
{
	const struct hsm_live_template *live = decision->state->target->live;
	const char *detail = live->rejection_reason;
	if (may_resubmit(law))
		resubmit(law, decision);
	else
		decide(decision, HSM_ACTION_BLOCKED, decision->state->target,
		       hsm_arena_format(law->planner->arena, "%s%s%s", live->status_word, detail ? ": " : "",
					detail ? detail : ""));
}

/* Rows 4 to 8: a live version equals git. */
static void decide_equal(const struct law *law, struct hsm_decision *decision)
{
	const struct hsm_translation_state *state = decision->state;
	const struct hsm_version *target = state->target;
	const struct hsm_live_template *live = target->live;
	const struct hsm_version *last = &state->versions->items[state->versions->count - 1];
	if (hsm_status_is_burnt(live->status)) {
		decide_burnt(law, decision);
	} else if (hsm_status_is_waiting(live->status)) {
		decide(decision, HSM_ACTION_WAIT, target, live->status_word);
	} else if (live->status != HSM_STATUS_APPROVED) {
		decide(decision, HSM_ACTION_BLOCKED, target,
		       hsm_arena_format(law->planner->arena, "its status is %s: nothing is known to do about it",
					live->status_word));
	} else if (strcmp(live->category, law->template->category) != 0) {
		decide_recategorised(law, decision);
	} else if (target != last) {
		decide(decision, HSM_ACTION_REUSE, last, NULL);
		decision->name = live->name;
		decision->version = target->number;
	}
}

static const struct hsm_version *find_number(const struct hsm_version_list *list, int64_t number)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (list->items[i].number == number)
			return &list->items[i];
	return NULL;
}

/* Rows 2 and 3. */
static void decide_pinned(const struct law *law, struct hsm_decision *decision)
{
	const struct hsm_translation_state *state = decision->state;
	int64_t pinned = state->translation->version;
	const struct hsm_version *taken = find_number(state->versions, pinned);
	if (taken) {
		decide(decision, HSM_ACTION_BLOCKED, taken,
		       "it is live with other content, and a number never changes its content: run hsmctl bump");
		return;
	}
	decide(decision, state->versions ? HSM_ACTION_REPLACE : HSM_ACTION_CREATE,
	       state->versions ? newest(state->versions) : NULL, NULL);
	decision->version = pinned;
	decision->name = hsm_name_join(law->planner->arena, law->template->name, pinned);
}

/* Rows 10 and 11. */
static void decide_different(const struct law *law, struct hsm_decision *decision)
{
	const struct hsm_version *from = newest(decision->state->versions);
	const struct hsm_live_template *live = from->live;
	const struct hsm_history *history = law->planner->history;
	bool known = hsm_status_is_burnt(live->status) ||
		     hsm_versions_find_entry(history, law->template->name, live->language, &live->content);
	if (known || may_overwrite(law))
		decide(decision, HSM_ACTION_REPLACE, from, NULL);
	else
		decide(decision, HSM_ACTION_CONFLICT, from,
		       hsm_arena_format(law->planner->arena,
					"%s: apply --overwrite %s replaces it by what git says",
					history->complete ? "no commit ever had what is live" :
							    "history cannot tell whose the live content is",
					law->template->name));
}

static void decide_one(const struct law *law, struct hsm_decision *decision)
{
	const struct hsm_translation_state *state = decision->state;
	if (state->target)
		decide_equal(law, decision);
	else if (state->translation->version)
		decide_pinned(law, decision);
	else if (!state->versions)
		decide(decision, HSM_ACTION_CREATE, NULL, NULL);
	else
		decide_different(law, decision);
}

static bool is_numbered_here(const struct hsm_decision *decision)
{
	return !decision->state->translation->version &&
	       (decision->action == HSM_ACTION_CREATE || decision->action == HSM_ACTION_REPLACE);
}

/* Whether the languages that have a version have it in the file's category: the
 * API takes no other language of it under another one. */
static bool has_category(const struct law *law, int64_t number)
{
	size_t count;
	const struct hsm_version_list *lists =
		hsm_versions_find_base(&law->planner->versions, law->template->name, &count);
	for (size_t i = 0; i < count; i++) {
		const struct hsm_version *version = find_number(&lists[i], number);
		if (version && strcmp(version->live->category, law->template->category) != 0)
			return false;
	}
	return true;
}

/* How long git has said what it says of a translation: 0 is what no commit has yet. */
static size_t find_age(const struct law *law, const struct hsm_translation_state *state)
{
	const struct hsm_desired_translation *translation = state->translation;
	const struct hsm_history_entry *entry =
		hsm_versions_find_entry(law->planner->history, law->template->name, translation->language,
					&translation->compiled.content);
	if (!entry && law->planner->history->partial)
		return SIZE_MAX - 1;
	return entry ? entry->commit->age + 1 : 0;
}

/*
 * Whether those that change may take the highest number that is live. Creates
 * may (rows 9 and 10). A replace may where another language got that number for
 * what git said when this change was in git already: that is what an apply leaves
 * that was killed between two languages, and the rest must not get a number of
 * its own. None that changes may have the number, and its category must be git's.
 */
static bool may_join(const struct law *law)
{
	size_t youngest = SIZE_MAX;
	for (size_t i = 0; i < law->template->count; i++) {
		const struct hsm_translation_state *state = law->decisions[i].state;
		if (state->target && state->target->number == law->highest && find_age(law, state) < youngest)
			youngest = find_age(law, state);
	}
	for (size_t i = 0; i < law->template->count; i++) {
		const struct hsm_decision *decision = &law->decisions[i];
		if (!is_numbered_here(decision))
			continue;
		if (find_number(decision->state->versions, law->highest))
			return false;
		if (decision->action == HSM_ACTION_REPLACE && find_age(law, decision->state) < youngest)
			return false;
	}
	return has_category(law, law->highest);
}

/*
 * To resubmit what is burnt or recategorised takes the next number by itself. What
 * is not live at all can only be a name that is locked after its deletion: then
 * the number after that one.
 */
static bool skips_a_number(const struct law *law)
{
	for (size_t i = 0; i < law->template->count; i++)
		if (is_numbered_here(&law->decisions[i]) && law->decisions[i].state->target)
			return false;
	return may_resubmit(law);
}

static void number_changes(struct law *law)
{
	int64_t number = law->highest == 0 ? 1 : may_join(law) ? law->highest : law->highest + 1;
	number += skips_a_number(law);
	for (size_t i = 0; i < law->template->count; i++) {
		struct hsm_decision *decision = &law->decisions[i];
		if (!is_numbered_here(decision))
			continue;
		if (number > HSM_VERSION_MAXIMUM) {
			decide(decision, HSM_ACTION_BLOCKED, decision->from,
			       "its highest version is live already: no number is left");
			decision->name = law->template->name;
			continue;
		}
		decision->version = number;
		decision->name = hsm_name_join(law->planner->arena, law->template->name, number);
	}
}

struct hsm_decision *hsm_law_decide(struct hsm_planner *planner, const struct hsm_desired_template *template)
{
	struct law law = { .planner = planner, .template = template,
			   .highest = hsm_versions_highest(&planner->versions, template->name) };
	struct hsm_translation_state *states = hsm_versions_judge(planner->arena, &planner->versions, planner->history,
								  template, planner->desired->environment->node.key.text);
	law.decisions = hsm_arena_allocate_array(planner->arena, template->count, sizeof(*law.decisions));
	for (size_t i = 0; i < template->count; i++) {
		law.decisions[i].state = &states[i];
		decide_one(&law, &law.decisions[i]);
	}
	number_changes(&law);
	return law.decisions;
}
