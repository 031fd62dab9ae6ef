/*
 * Whether a saved plan still fits: everything that it touches is live as it was,
 * or is done already. What it does not touch may move as it likes.
 */
#include <string.h>

#include "reconciler/apply/steps.h"

struct check {
	struct hsm_arena *arena;
	const struct hsm_live *live;
	struct hsm_versions versions;
	struct hsm_buffer *moved;
	size_t count;
};

static void report(void *user, const char *name, const char *language, const char *what)
{
	struct check *check = user;
	check->count++;
	hsm_buffer_append_format(check->moved, "%s%s%s %s\n", name, language ? " " : "", language ? language : "", what);
}

static bool was_seen(const struct hsm_list *seen, const char *name)
{
	for (size_t i = 0; i < seen->count; i++)
		if (strcmp(HSM_LIST_ITEM(*seen, struct hsm_string, i)->text, name) == 0)
			return true;
	return false;
}

static bool is_planned(const struct hsm_live_template *live, const char *name,
		       const struct hsm_plan_submission *submission)
{
	return strcmp(live->name, name) == 0 && !hsm_status_is_gone(live->status) &&
	       strcmp(live->content.json, submission->content.text) == 0;
}

static void check_submission(struct check *check, const struct hsm_plan_change *change,
			     const struct hsm_plan_submission *submission)
{
	const char *language = submission->node.key.text;
	const struct hsm_version_list *list = hsm_versions_find(&check->versions, change->template.text, language);
	for (size_t i = 0; list && i < list->count; i++) {
		const struct hsm_live_template *live = list->items[i].live;
		if (is_planned(live, change->name.text, submission) || was_seen(&submission->seen, live->name))
			continue;
		report(check, live->name, language,
		       hsm_status_is_gone(live->status) ?
			       "was created and deleted since" :
		       strcmp(live->name, change->name.text) == 0 ?
			       "was created since, with other content than planned" :
			       "was created since");
	}
	for (size_t i = 0; i < submission->seen.count; i++) {
		const char *name = HSM_LIST_ITEM(submission->seen, struct hsm_string, i)->text;
		if (!hsm_steps_find_live(&check->versions, name, language))
			report(check, name, language, "is gone since");
	}
}

/* What a row saw: the version that a replace follows, or what a delete removes. */
static void check_seen(struct check *check, const struct hsm_plan_change *change, const struct hsm_plan_live *seen)
{
	enum hsm_phase phase = hsm_step_phase(change);
	const char *language = seen->node.key.text;
	const struct hsm_live_template *live =
		hsm_steps_find_live(&check->versions, seen->name.text, language);
	if (!live)
		return; /* of a replace reported already; of a delete done already */
	if (strcmp(hsm_content_fingerprint(check->arena, &live->content), seen->fingerprint.text) != 0)
		report(check, seen->name.text, language, "has other content now");
	else if (phase != HSM_PHASE_CREATE && strcmp(live->id, seen->id.text) != 0)
		report(check, seen->name.text, language, "is another one now, with another id");
}

static void check_webhook(struct check *check, const struct hsm_plan_change *change)
{
	const struct hsm_live_webhook *live = hsm_steps_find_webhook(check->live, change->name.text);
	bool wanted = change->webhook.node.present, existed = change->live_webhook.node.present;
	if (wanted && live && hsm_steps_webhook_equals(live, &change->webhook))
		return; /* done already */
	if (!live && existed && wanted)
		report(check, change->name.text, NULL, "(webhook) is gone since");
	else if (live && !existed)
		report(check, change->name.text, NULL, "(webhook) was created since");
	else if (live && !hsm_steps_webhook_equals(live, &change->live_webhook))
		report(check, change->name.text, NULL, "(webhook) was changed since");
}

int hsm_apply_check_stale(const struct hsm_plan *plan, const struct hsm_live *live, struct hsm_buffer *moved,
			  struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct check check = { .arena = &arena, .live = live, .moved = moved };
	hsm_versions_make(&arena, live, &check.versions);
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		if (hsm_step_phase(change) == HSM_PHASE_MAX_)
			continue;
		if (change->kind.value == HSM_KIND_WEBHOOK) {
			check_webhook(&check, change);
			continue;
		}
		if (change->kind.value == HSM_KIND_RESPONSE)
			hsm_steps_check_responses(live->responses, change, report, &check);
		for (size_t j = 0; j < change->submit.count; j++)
			check_submission(&check, change, HSM_LIST_ITEM(change->submit, struct hsm_plan_submission, j));
		for (size_t j = 0; j < change->live.count; j++)
			check_seen(&check, change, HSM_LIST_ITEM(change->live, struct hsm_plan_live, j));
	}
	hsm_arena_release(&arena);
	if (!check.count)
		return 0;
	return hsm_error_set(error, HSM_ERROR_STALE, "the plan is stale: %zu of the things it touches moved; plan again",
			     check.count);
}
