#include "reconciler/apply/steps.h"

#include <stdlib.h>
#include <string.h>

#include "schema/name.h"

/* When what is no more than made or changed is. */
static enum hsm_phase write_phase(const struct hsm_plan_change *change)
{
	static const enum hsm_phase phases[] = {
		[HSM_KIND_TEMPLATE] = HSM_PHASE_CREATE,
		[HSM_KIND_WEBHOOK] = HSM_PHASE_WEBHOOK,
		[HSM_KIND_LIBRARY] = HSM_PHASE_LIBRARY,
		[HSM_KIND_RESPONSE] = HSM_PHASE_RESPONSE,
	};
	return phases[change->kind.value];
}

enum hsm_phase hsm_step_phase(const struct hsm_plan_change *change)
{
	if (change->waiting.value)
		return HSM_PHASE_MAX_;
	switch ((enum hsm_action)change->action.value) {
	case HSM_ACTION_CREATE:
	case HSM_ACTION_REPLACE:
	case HSM_ACTION_UPDATE:
		return write_phase(change);
	case HSM_ACTION_DELETE:
		return change->kind.value == HSM_KIND_RESPONSE ? HSM_PHASE_RESPONSE_DELETE : HSM_PHASE_DELETE;
	case HSM_ACTION_RETIRE:
		return HSM_PHASE_RETIRE;
	case HSM_ACTION_REUSE:
	case HSM_ACTION_ACTIVATE:
	case HSM_ACTION_SETTINGS:
	case HSM_ACTION_WAIT:
	case HSM_ACTION_BLOCKED:
	case HSM_ACTION_CONFLICT:
	case HSM_ACTION_RECATEGORISED:
		break;
	}
	return HSM_PHASE_MAX_;
}

const struct hsm_plan_submission *hsm_step_submission(const struct hsm_step *step)
{
	const struct hsm_list *list = &step->change->submit;
	for (size_t i = 0; step->language && i < list->count; i++) {
		const struct hsm_plan_submission *submission = HSM_LIST_ITEM(*list, struct hsm_plan_submission, i);
		if (strcmp(submission->node.key.text, step->language) == 0)
			return submission;
	}
	return NULL;
}

const struct hsm_plan_live *hsm_step_removal(const struct hsm_step *step)
{
	const struct hsm_list *list = &step->change->live;
	enum hsm_phase phase = hsm_step_phase(step->change);
	if (phase != HSM_PHASE_DELETE && phase != HSM_PHASE_RETIRE)
		return NULL;
	for (size_t i = 0; step->language && i < list->count; i++) {
		const struct hsm_plan_live *live = HSM_LIST_ITEM(*list, struct hsm_plan_live, i);
		if (strcmp(live->node.key.text, step->language) == 0)
			return live;
	}
	return NULL;
}

static size_t count_row(const struct hsm_plan_change *change)
{
	enum hsm_phase phase = hsm_step_phase(change);
	if (phase == HSM_PHASE_MAX_)
		return 0;
	if (change->kind.value == HSM_KIND_WEBHOOK || change->kind.value == HSM_KIND_LIBRARY)
		return 1;
	if (change->kind.value == HSM_KIND_RESPONSE)
		return change->languages.count;
	return phase == HSM_PHASE_CREATE ? change->submit.count : change->live.count;
}

size_t hsm_apply_count_steps(const struct hsm_plan *plan)
{
	size_t count = 0;
	for (size_t i = 0; i < plan->changes.count; i++)
		count += count_row(HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i));
	return count;
}

static void add_response(struct hsm_step *step, const struct hsm_plan_change *change, size_t i)
{
	step->language = HSM_LIST_ITEM(change->languages, struct hsm_string, i)->text;
	if (i < change->responses.count)
		step->response = HSM_LIST_ITEM(change->responses, struct hsm_plan_response, i);
	if (i < change->live_responses.count)
		step->live_response = HSM_LIST_ITEM(change->live_responses, struct hsm_plan_response, i);
}

static void add_row(struct hsm_apply_report *report, const struct hsm_plan_change *change)
{
	bool creates = hsm_step_phase(change) == HSM_PHASE_CREATE;
	for (size_t i = 0; i < count_row(change); i++) {
		struct hsm_step *step = &report->steps[report->count++];
		*step = (struct hsm_step){ .change = change, .name = change->name.text };
		if (change->kind.value == HSM_KIND_RESPONSE)
			add_response(step, change, i);
		else if (change->kind.value == HSM_KIND_TEMPLATE)
			step->language =
				creates ? HSM_LIST_ITEM(change->submit, struct hsm_plan_submission, i)->node.key.text :
					  HSM_LIST_ITEM(change->live, struct hsm_plan_live, i)->node.key.text;
	}
}

void hsm_steps_make(const struct hsm_plan *plan, struct hsm_apply_report *report)
{
	report->steps = hsm_arena_allocate_array(&report->arena, hsm_apply_count_steps(plan), sizeof(*report->steps));
	for (int phase = 0; phase < HSM_PHASE_MAX_; phase++)
		for (size_t i = 0; i < plan->changes.count; i++) {
			const struct hsm_plan_change *change =
				HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
			if ((int)hsm_step_phase(change) == phase)
				add_row(report, change);
		}
}

const struct hsm_live_template *hsm_steps_find_live(const struct hsm_versions *versions, const char *name,
						    const char *language)
{
	int64_t version;
	size_t length = hsm_name_split(name, &version, NULL);
	char *base = strndup(name, length);
	const struct hsm_version_list *list = hsm_versions_find(versions, base ? base : name, language);
	free(base);
	for (size_t i = 0; list && i < list->count; i++)
		if (strcmp(list->items[i].live->name, name) == 0)
			return list->items[i].live;
	return NULL;
}

bool hsm_steps_webhook_equals(const struct hsm_live_webhook *live, const struct hsm_plan_webhook *wanted)
{
	if (strcmp(live->url, wanted->url.text) != 0 || live->enabled != wanted->enabled.value ||
	    live->event_count != wanted->events.count)
		return false;
	for (size_t i = 0; i < live->event_count; i++) {
		bool found = false;
		for (size_t j = 0; j < wanted->events.count; j++)
			found |= strcmp(live->events[i], HSM_LIST_ITEM(wanted->events, struct hsm_string, j)->text) == 0;
		if (!found)
			return false;
	}
	return true;
}

const struct hsm_live_webhook *hsm_steps_find_webhook(const struct hsm_live *live, const char *name)
{
	for (size_t i = 0; i < live->webhook_count; i++)
		if (strcmp(live->webhooks[i].name, name) == 0)
			return &live->webhooks[i];
	return NULL;
}
