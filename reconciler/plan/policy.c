/* The thresholds of hsmctl.yaml. */
#include <inttypes.h>
#include <string.h>

#include "reconciler/plan/planner.h"
#include "schema/base/text.h"

#define SHOWN_MAX 10

/* Base names that git manages here: those live that git has, or had. */
static int64_t count_managed(const struct hsm_planner *planner)
{
	const struct hsm_versions *versions = &planner->versions;
	int64_t managed = 0;
	for (size_t i = 0; i < versions->count; i++) {
		const char *base = versions->lists[i].base;
		size_t entries;
		if (i && strcmp(versions->lists[i - 1].base, base) == 0)
			continue;
		hsm_history_find(planner->history, base, NULL, &entries);
		managed += entries || hsm_desired_find(planner->desired, base, strlen(base));
	}
	return managed;
}

/* Base names with a row of one of these actions; rows of a base name stand together. */
static int64_t count_bases(const struct hsm_plan *plan, unsigned actions)
{
	const char *last = "";
	int64_t count = 0;
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		if (change->kind.value != HSM_KIND_TEMPLATE || !(actions & 1u << change->action.value) ||
		    strcmp(change->template.text, last) == 0)
			continue;
		last = change->template.text;
		count++;
	}
	return count;
}

static bool matches_any(const char *base, const struct hsm_list *globs)
{
	for (size_t i = 0; i < globs->count; i++)
		if (hsm_text_matches_glob(base, HSM_LIST_ITEM(*globs, struct hsm_string, i)->text))
			return true;
	return false;
}

static void check(struct hsm_planner *planner, struct hsm_plan *plan, const char *policy,
		  const struct hsm_integer *limit, unsigned actions, const char *what)
{
	int64_t managed = count_managed(planner), count = count_bases(plan, actions);
	const struct hsm_integer *least = &planner->desired->config->policy.min_existing;
	if (!limit->present || !managed || (least->present && managed < least->value) ||
	    count * 100 <= limit->value * managed)
		return;
	struct hsm_plan_violation *violation = hsm_rows_append(planner, &plan->violations, sizeof(*violation));
	int64_t percent = (count * 100 + managed - 1) / managed;
	*violation = (struct hsm_plan_violation){
		.node.present = true,
		.policy.text = policy,
		.limit = { .value = limit->value, .present = true },
		.actual = { .value = percent, .present = true },
		.message.text = hsm_arena_format(planner->arena,
						 "%s is %" PRId64 ": this plan %s %" PRId64 " of %" PRId64
						 " managed templates (%" PRId64 "%%)",
						 policy, limit->value, what, count, managed, percent),
	};
}

/* Protected templates that the rows replace, delete or retire: the first names, and how many there are. */
static void check_protected(struct hsm_planner *planner, struct hsm_plan *plan)
{
	const struct hsm_list *globs = &planner->desired->config->policy.protect;
	const unsigned actions = 1u << HSM_ACTION_REPLACE | 1u << HSM_ACTION_DELETE | 1u << HSM_ACTION_RETIRE;
	const char *names = NULL, *last = "";
	int64_t count = 0;
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		const char *base = change->template.text;
		if (change->kind.value != HSM_KIND_TEMPLATE || !(actions & 1u << change->action.value) ||
		    strcmp(base, last) == 0 || !matches_any(base, globs))
			continue;
		last = base;
		if (count++ < SHOWN_MAX)
			names = names ? hsm_arena_format(planner->arena, "%s, %s", names, base) : base;
	}
	if (!count)
		return;
	struct hsm_plan_violation *violation = hsm_rows_append(planner, &plan->violations, sizeof(*violation));
	*violation = (struct hsm_plan_violation){
		.node.present = true,
		.policy.text = "protect",
		.limit.present = true,
		.actual = { .value = count, .present = true },
		.message.text = hsm_arena_format(planner->arena,
						 "this plan replaces, deletes or retires %" PRId64
						 " that policy protects: %s%s",
						 count, names, count > SHOWN_MAX ? ", ..." : ""),
	};
}

void hsm_policy_check(struct hsm_planner *planner, struct hsm_plan *plan)
{
	const struct hsm_policy *policy = &planner->desired->config->policy;
	check(planner, plan, "max_change_percent", &policy->max_change_percent,
	      1u << HSM_ACTION_REPLACE | 1u << HSM_ACTION_DELETE | 1u << HSM_ACTION_RETIRE,
	      "replaces, deletes or retires");
	check(planner, plan, "max_delete_percent", &policy->max_delete_percent, 1u << HSM_ACTION_DELETE, "deletes");
	check_protected(planner, plan);
}
