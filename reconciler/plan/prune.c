/*
 * What may go: versions beyond those that are kept, and what an earlier commit
 * had and this one has not. Nothing goes that no commit ever had.
 */
#include <string.h>

#include "reconciler/plan/planner.h"

/* Whether it is still there, and git's to remove. */
static bool may_go(const struct hsm_planner *planner, const struct hsm_version *version)
{
	const struct hsm_live_template *live = version->live;
	return !hsm_status_is_gone(live->status) &&
	       hsm_versions_find_entry(planner->history, version->base, live->language, &live->content);
}

static bool is_row(const struct hsm_plan_change *change, enum hsm_action action, const char *name, const char *reason)
{
	const char *other = change->reason.text;
	return change->action.value == (int)action && strcmp(change->name.text, name) == 0 &&
	       (action != HSM_ACTION_BLOCKED || (other && strcmp(other, reason) == 0));
}

/* Instead of what would go a row says who keeps it. */
static void add_removal(struct hsm_planner *planner, size_t first, enum hsm_action action,
			const struct hsm_version *version)
{
	struct hsm_plan_change *change = NULL;
	const char *hold = hsm_responses_find_hold(planner, version->live);
	action = hold ? HSM_ACTION_BLOCKED : action;
	for (size_t i = first; i < planner->change_count && !change; i++)
		if (is_row(planner->changes[i], action, version->live->name, hold))
			change = planner->changes[i];
	if (!change) {
		change = hsm_rows_add(planner, action, HSM_KIND_TEMPLATE, version->base, version->live->name);
		change->version = (struct hsm_integer){ .value = version->number, .present = true };
		change->reason.text = hold;
		hsm_origin_find(planner, version->base, version->live->language, version->live, NULL, &change->origin);
		if (action == HSM_ACTION_RETIRE)
			hsm_origin_find_successor(planner, version->base, version->live, &change->origin);
		if (planner->unsettled && !hold)
			hsm_rows_wait(planner, change);
	}
	hsm_rows_add_language(planner, change, version->live->language);
	hsm_rows_add_live(planner, change, version);
}

static size_t kept_versions(const struct hsm_desired_template *template)
{
	const struct hsm_integer *keep = &template->file->lifecycle.keep;
	return keep->present ? (size_t)keep->value : HSM_LIFECYCLE_KEEP_DEFAULT;
}

static bool is_in_use(const struct hsm_planner *planner, const struct hsm_translation_state *state,
		      const struct hsm_version *version)
{
	const struct hsm_registry_entry *entry =
		hsm_registry_find(planner->registry, version->base, version->live->language);
	return version == state->target || version == state->active || version == state->previous ||
	       (entry && entry->active && strcmp(entry->active, version->live->name) == 0);
}

void hsm_prune_retire(struct hsm_planner *planner, const struct hsm_desired_template *template,
		      const struct hsm_decision *decisions)
{
	size_t first = planner->change_count, keep = kept_versions(template);
	for (size_t i = 0; planner->options->prune && i < template->count; i++) {
		const struct hsm_translation_state *state = decisions[i].state;
		size_t count = state->versions ? state->versions->count : 0;
		for (size_t j = 0; j + keep < count; j++) {
			const struct hsm_version *version = &state->versions->items[j];
			if (!is_in_use(planner, state, version) && may_go(planner, version))
				add_removal(planner, first, HSM_ACTION_RETIRE, version);
		}
	}
}

static void delete_list(struct hsm_planner *planner, size_t first, const struct hsm_version_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!may_go(planner, &list->items[i]))
			continue;
		if (planner->options->prune)
			add_removal(planner, first, HSM_ACTION_DELETE, &list->items[i]);
		else
			planner->summary.prunable.value++;
	}
}

static void delete_base(struct hsm_planner *planner, const struct hsm_version_list *lists, size_t count)
{
	const char *base = lists->base;
	const struct hsm_desired_template *template = hsm_desired_find(planner->desired, base, strlen(base));
	size_t first = planner->change_count, entries;
	hsm_history_find(planner->history, base, NULL, &entries);
	if (!template && !entries) {
		planner->summary.unmanaged.value++;
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!template || !hsm_desired_find_translation(template, lists[i].language))
			delete_list(planner, first, &lists[i]);
}

void hsm_prune_delete(struct hsm_planner *planner)
{
	const struct hsm_versions *versions = &planner->versions;
	size_t count;
	planner->summary.unmanaged.value += (int64_t)versions->unmanaged_names;
	for (size_t i = 0; i < versions->count; i += count) {
		const struct hsm_version_list *lists = &versions->lists[i];
		for (count = 1; i + count < versions->count && strcmp(lists[count].base, lists->base) == 0;)
			count++;
		if (hsm_plan_is_targeted(planner->options, lists->base))
			delete_base(planner, lists, count);
	}
}
