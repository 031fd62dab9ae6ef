#ifndef HSM_PLANNER_H
#define HSM_PLANNER_H

#include "reconciler/live/responses.h"
#include "reconciler/plan/plan.h"
#include "reconciler/plan/versions.h"

/* Private to plan: a plan in the making, and the parts of the law. */

struct hsm_decision;

struct hsm_planner {
	struct hsm_arena *arena;
	const struct hsm_desired *desired;
	const struct hsm_live *live;
	const struct hsm_history *history;
	const struct hsm_registry_state *registry; /* NULL: none */
	const struct hsm_plan_options *options;
	struct hsm_versions versions;
	const struct hsm_decision **decisions; /* of each template of desired, in its order; NULL: not asked for */
	struct hsm_plan_change **changes; /* in the order of making */
	size_t change_count, change_capacity;
	struct hsm_plan_summary summary;
	size_t unsettled;     /* translations of git that are not APPROVED */
	bool unknown_origins; /* some difference's origin could not be told */
};

/* What the law says of one translation. */
struct hsm_decision {
	struct hsm_translation_state *state;
	enum hsm_action action; /* 0: in sync */
	int64_t version;        /* of the name that the row is about */
	const char *name;
	const struct hsm_version *from; /* of a replace or reuse: what was in use; of others: what is live */
	const char *reason;
};

/* One of a list of names. */
bool hsm_plan_lists_name(const char *const *names, size_t count, const char *name);

/* law.c: rows 1 to 11 for a template's translations, in their order. */
struct hsm_decision *hsm_law_decide(struct hsm_planner *planner, const struct hsm_desired_template *template);

/* rows.c: an empty row; it belongs to the plan already. */
struct hsm_plan_change *hsm_rows_add(struct hsm_planner *planner, enum hsm_action action, enum hsm_kind kind,
				     const char *template, const char *name);
void hsm_rows_add_language(struct hsm_planner *planner, struct hsm_plan_change *change, const char *language);
/* Nothing old goes while something new is on its way. */
void hsm_rows_wait(struct hsm_planner *planner, struct hsm_plan_change *change);
void hsm_rows_add_live(struct hsm_planner *planner, struct hsm_plan_change *change,
		       const struct hsm_version *version);
/* The rows of a template's decisions: those that say the same share one. */
void hsm_rows_make(struct hsm_planner *planner, const struct hsm_desired_template *template,
		   const struct hsm_decision *decisions);

/* An item more, zeroed, in a list that only this made longer. */
void *hsm_rows_append(struct hsm_planner *planner, struct hsm_list *list, size_t item_size);

/* origin.c: whose the difference between git's content and what is live is. live NULL: nothing is. */
void hsm_origin_find(struct hsm_planner *planner, const char *base, const char *language,
		     const struct hsm_live_template *live, const struct hsm_desired_translation *translation,
		     struct hsm_plan_origin *origin);
/* Names the commit that put other content in the place of what is live. */
void hsm_origin_find_successor(struct hsm_planner *planner, const char *base, const struct hsm_live_template *live,
			       struct hsm_plan_origin *origin);

/* The registry's entry of a translation; NULL where there is none. */
const struct hsm_registry_entry *hsm_registry_find(const struct hsm_registry_state *registry, const char *base,
						   const char *language);

/* registry.c: what should be in use, where a registry holds what is. */
void hsm_registry_compare(struct hsm_planner *planner, const struct hsm_desired_template *template,
			  const struct hsm_decision *decisions);

/* prune.c: old versions of what git has; what is live and not, or no longer, git's. */
void hsm_prune_retire(struct hsm_planner *planner, const struct hsm_desired_template *template,
		      const struct hsm_decision *decisions);
void hsm_prune_delete(struct hsm_planner *planner);

/* webhooks.c */
void hsm_webhooks_compare(struct hsm_planner *planner);

/* responses.c: one response for each active version, and what else is in their library. */
void hsm_responses_compare(struct hsm_planner *planner, struct hsm_plan *plan);
/* Why the response of a version keeps it from going: "its response is used by flow 'Orders'"; NULL. */
const char *hsm_responses_find_hold(struct hsm_planner *planner, const struct hsm_live_template *live);
/* The base names of responses that neither git nor the account has; room for all is there. */
size_t hsm_responses_list_bases(struct hsm_arena *arena, const struct hsm_desired *desired,
				const struct hsm_live_responses *responses, const struct hsm_versions *versions,
				const char **bases);

/* policy.c: the thresholds that the rows exceed. */
void hsm_policy_check(struct hsm_planner *planner, struct hsm_plan *plan);

#endif
