/* What a reviewer must look at, at its line. */
#include <string.h>

#include "reconciler/review/rows.h"

static void add(struct hsm_findings *findings, enum hsm_rule_id rule, const struct hsm_plan_change *change,
		const char *what)
{
	struct hsm_arena arena = { 0 };
	hsm_findings_add_at(findings, rule, change->file.text ? change->file.text : HSM_CONFIG_FILE,
			    (uint32_t)change->line.value, (uint32_t)change->column.value, "%s %s: %s",
			    hsm_review_title(&arena, change), hsm_review_join(&arena, &change->languages), what);
	hsm_arena_release(&arena);
}

static void find(const struct hsm_plan_change *change, struct hsm_findings *findings)
{
	struct hsm_arena arena = { 0 };
	const char *detail = hsm_review_detail(&arena, change, 0);
	if (change->action.value == HSM_ACTION_BLOCKED)
		add(findings, HSM_RULE_BLOCKED, change, detail);
	else if (change->action.value == HSM_ACTION_CONFLICT)
		add(findings, HSM_RULE_CONFLICT, change, detail);
	else if (change->action.value == HSM_ACTION_RECATEGORISED)
		add(findings, HSM_RULE_RECATEGORISED, change, detail);
	else if (hsm_review_is_breaking(change))
		for (size_t i = 0; i < change->breaking.count; i++)
			add(findings, HSM_RULE_BREAKING, change,
			    HSM_LIST_ITEM(change->breaking, struct hsm_string, i)->text);
	hsm_arena_release(&arena);
}

void hsm_review_find(const struct hsm_plan *plan, struct hsm_findings *findings)
{
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		if (!change->ignored_until.text)
			find(change, findings);
	}
	for (size_t i = 0; i < plan->violations.count; i++)
		hsm_findings_add_at(findings, HSM_RULE_POLICY, HSM_CONFIG_FILE, 0, 0, "%s",
				    HSM_LIST_ITEM(plan->violations, struct hsm_plan_violation, i)->message.text);
	hsm_findings_sort(findings);
}
