/* What an apply of a plan does, as bytes that nothing else changes. */
#include "reconciler/plan/plan.h"
#include "schema/json.h"

static bool acts(const struct hsm_plan_change *change)
{
	switch ((enum hsm_action)change->action.value) {
	case HSM_ACTION_CREATE:
	case HSM_ACTION_REPLACE:
	case HSM_ACTION_UPDATE:
	case HSM_ACTION_ACTIVATE:
	case HSM_ACTION_SETTINGS:
	case HSM_ACTION_RETIRE:
	case HSM_ACTION_DELETE:
		return !change->waiting.value;
	case HSM_ACTION_REUSE:
	case HSM_ACTION_WAIT:
	case HSM_ACTION_BLOCKED:
	case HSM_ACTION_CONFLICT:
	case HSM_ACTION_RECATEGORISED:
		break;
	}
	return false;
}

static struct hsm_list keep_seen(struct hsm_arena *arena, const struct hsm_list *live, bool id_matters)
{
	struct hsm_plan_live *kept = hsm_arena_allocate_array(arena, live->count, sizeof(*kept));
	for (size_t i = 0; i < live->count; i++) {
		const struct hsm_plan_live *seen = HSM_LIST_ITEM(*live, struct hsm_plan_live, i);
		kept[i] = (struct hsm_plan_live){ .node = seen->node, .name = seen->name, .fingerprint = seen->fingerprint };
		if (id_matters)
			kept[i].id = seen->id;
	}
	return (struct hsm_list){ .items = kept, .count = live->count, .present = live->present };
}

static struct hsm_list keep_submitted(struct hsm_arena *arena, const struct hsm_list *submit)
{
	struct hsm_plan_submission *kept = hsm_arena_allocate_array(arena, submit->count, sizeof(*kept));
	for (size_t i = 0; i < submit->count; i++) {
		const struct hsm_plan_submission *submission = HSM_LIST_ITEM(*submit, struct hsm_plan_submission, i);
		kept[i] = (struct hsm_plan_submission){ .node = submission->node, .category = submission->category,
							.fingerprint = submission->fingerprint, .seen = submission->seen };
	}
	return (struct hsm_list){ .items = kept, .count = submit->count, .present = submit->present };
}

static struct hsm_list keep_responses(struct hsm_arena *arena, const struct hsm_list *responses)
{
	struct hsm_plan_response *kept = hsm_arena_allocate_array(arena, responses->count, sizeof(*kept));
	for (size_t i = 0; i < responses->count; i++) {
		const struct hsm_plan_response *response = HSM_LIST_ITEM(*responses, struct hsm_plan_response, i);
		kept[i] = (struct hsm_plan_response){ .node = response->node, .language = response->language,
						      .id = response->id, .name = response->name,
						      .fingerprint = response->fingerprint,
						      .libraries = response->libraries, .seen = response->seen };
	}
	return (struct hsm_list){ .items = kept, .count = responses->count, .present = responses->present };
}

/* What an apply does, and what it compares with what is live: not whose it is, nor how it stands. */
static struct hsm_plan_change keep_change(struct hsm_arena *arena, const struct hsm_plan_change *change)
{
	bool removes = change->action.value == HSM_ACTION_RETIRE || change->action.value == HSM_ACTION_DELETE;
	struct hsm_plan_change kept = { .node = change->node, .action = change->action, .kind = change->kind,
					.template = change->template, .name = change->name,
					.version = change->version, .languages = change->languages };
	if (change->action.value == HSM_ACTION_SETTINGS)
		kept.diffs = change->diffs;
	kept.live = keep_seen(arena, &change->live, removes);
	kept.submit = keep_submitted(arena, &change->submit);
	kept.webhook = change->webhook;
	kept.live_webhook = change->live_webhook;
	kept.responses = keep_responses(arena, &change->responses);
	kept.live_responses = keep_responses(arena, &change->live_responses);
	return kept;
}

void hsm_plan_hash(const struct hsm_plan *plan, char hash[HSM_FINGERPRINT_SIZE])
{
	struct hsm_arena arena = { 0 };
	struct hsm_buffer bytes = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &bytes };
	struct hsm_plan_change *changes = hsm_arena_allocate_array(&arena, plan->changes.count, sizeof(*changes));
	struct hsm_plan kept = { .node = plan->node, .format_version = plan->format_version,
				 .environment = plan->environment, .provider_id = plan->provider_id,
				 .library = plan->library, .library_id = plan->library_id };
	kept.changes = (struct hsm_list){ .items = changes, .present = true };
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		if (acts(change))
			changes[kept.changes.count++] = keep_change(&arena, change);
	}
	hsm_json_write(&writer, NULL, &hsm_plan_object, &kept);
	hsm_fingerprint_compute(hsm_buffer_text(&bytes), bytes.length, hash);
	hsm_buffer_release(&bytes);
	hsm_arena_release(&arena);
}
