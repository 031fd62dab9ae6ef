/* The environment's webhooks beside those that are live, matched by name. */
#include <string.h>

#include "reconciler/plan/planner.h"
#include "schema/compile.h"

static const struct hsm_live_webhook *find_live(const struct hsm_live *live, const char *name)
{
	for (size_t i = 0; i < live->webhook_count; i++)
		if (strcmp(live->webhooks[i].name, name) == 0)
			return &live->webhooks[i];
	return NULL;
}

/* The URL with its variables; a config whose variables are not known was refused. */
static const char *find_url(struct hsm_planner *planner, const struct hsm_webhook *webhook)
{
	struct hsm_findings findings = { 0 };
	const char *url = hsm_compile_variables(planner->arena, planner->desired->config,
						planner->desired->environment, "", &webhook->url, &findings);
	hsm_findings_release(&findings);
	return url ? url : webhook->url.text;
}

static struct hsm_plan_webhook describe_wanted(struct hsm_planner *planner, const struct hsm_webhook *webhook)
{
	return (struct hsm_plan_webhook){
		.node.present = true,
		.url.text = find_url(planner, webhook),
		.events = { .items = webhook->events.items, .count = webhook->events.count, .present = true },
		.enabled = { .value = webhook->enabled.value || !webhook->enabled.present, .present = true },
		.secret.text = webhook->secret.text,
	};
}

static struct hsm_plan_webhook describe_live(struct hsm_planner *planner, const struct hsm_live_webhook *live)
{
	struct hsm_plan_webhook webhook = {
		.node.present = true,
		.id.text = live->id,
		.url.text = live->url,
		.enabled = { .value = live->enabled, .present = true },
	};
	for (size_t i = 0; i < live->event_count; i++)
		((struct hsm_string *)hsm_rows_append(planner, &webhook.events, sizeof(struct hsm_string)))->text =
			live->events[i];
	return webhook;
}

static bool has_event(const struct hsm_list *events, const char *event)
{
	for (size_t i = 0; i < events->count; i++)
		if (strcmp(HSM_LIST_ITEM(*events, struct hsm_string, i)->text, event) == 0)
			return true;
	return false;
}

static const char *join_events(struct hsm_planner *planner, const struct hsm_list *events)
{
	const char *text = "";
	for (size_t i = 0; i < events->count; i++)
		text = hsm_arena_format(planner->arena, "%s%s%s", text, i ? ", " : "",
					HSM_LIST_ITEM(*events, struct hsm_string, i)->text);
	return text;
}

static bool same_events(const struct hsm_list *a, const struct hsm_list *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (!has_event(b, HSM_LIST_ITEM(*a, struct hsm_string, i)->text))
			return false;
	return a->count == b->count;
}

static void add_difference(struct hsm_planner *planner, struct hsm_plan_change *change, const char *path,
			   const char *old_value, const char *new_value)
{
	struct hsm_plan_difference *difference = hsm_rows_append(planner, &change->diffs, sizeof(*difference));
	*difference = (struct hsm_plan_difference){
		.node.present = true,
		.language.text = "",
		.component.text = "webhook",
		.path.text = path,
		.old_value.text = old_value,
		.new_value.text = new_value,
	};
}

static void place_row(struct hsm_plan_change *change, const struct hsm_mark *mark)
{
	if (!mark->source)
		return;
	change->file.text = mark->source->path;
	change->line = (struct hsm_integer){ .value = mark->line, .present = true };
	change->column = (struct hsm_integer){ .value = mark->column, .present = true };
}

static bool was_wanted(const struct hsm_history *history, const char *name)
{
	for (size_t i = 0; i < history->webhook_count; i++)
		if (strcmp(history->webhooks[i].name, name) == 0)
			return true;
	return false;
}

/* Whether some commit wanted the webhook as it is live. */
static bool was_wanted_so(const struct hsm_history *history, const char *name, const struct hsm_plan_webhook *live)
{
	for (size_t i = 0; i < history->webhook_count; i++) {
		const struct hsm_history_webhook *known = &history->webhooks[i];
		bool same = strcmp(known->name, name) == 0 && strcmp(known->url, live->url.text) == 0 &&
			    known->enabled == live->enabled.value && known->event_count == live->events.count;
		for (size_t j = 0; same && j < known->event_count; j++)
			same = has_event(&live->events, known->events[j]);
		if (same)
			return true;
	}
	return false;
}

static void tell_origin(struct hsm_planner *planner, struct hsm_plan_change *change, bool known)
{
	change->origin.node.present = true;
	change->origin.kind.text = known ? "git-ahead" : planner->history->complete ? "out-of-band" : "unknown";
	planner->unknown_origins |= !known && !planner->history->complete;
}

static void compare_one(struct hsm_planner *planner, const struct hsm_webhook *webhook)
{
	const char *name = webhook->name.text;
	const struct hsm_live_webhook *live = find_live(planner->live, name);
	struct hsm_plan_webhook wanted = describe_wanted(planner, webhook), old = { 0 };
	struct hsm_plan_change *change;
	if (live) {
		old = describe_live(planner, live);
		if (strcmp(old.url.text, wanted.url.text) == 0 && old.enabled.value == wanted.enabled.value &&
		    same_events(&old.events, &wanted.events)) {
			planner->summary.in_sync.value++;
			return;
		}
	}
	change = hsm_rows_add(planner, live ? HSM_ACTION_UPDATE : HSM_ACTION_CREATE, HSM_KIND_WEBHOOK, NULL, name);
	change->webhook = wanted;
	change->live_webhook = old;
	place_row(change, &webhook->name.mark);
	tell_origin(planner, change, !live || was_wanted_so(planner->history, name, &old));
	if (!live)
		return;
	if (strcmp(old.url.text, wanted.url.text) != 0)
		add_difference(planner, change, "url", old.url.text, wanted.url.text);
	if (!same_events(&old.events, &wanted.events))
		add_difference(planner, change, "events", join_events(planner, &old.events),
			       join_events(planner, &wanted.events));
	if (old.enabled.value != wanted.enabled.value)
		add_difference(planner, change, "enabled", old.enabled.value ? "true" : "false",
			       wanted.enabled.value ? "true" : "false");
}

static bool is_wanted(const struct hsm_list *webhooks, const char *name)
{
	for (size_t i = 0; i < webhooks->count; i++)
		if (strcmp(HSM_LIST_ITEM(*webhooks, struct hsm_webhook, i)->name.text, name) == 0)
			return true;
	return false;
}

void hsm_webhooks_compare(struct hsm_planner *planner)
{
	const struct hsm_list *webhooks = &planner->desired->environment->webhooks;
	const struct hsm_live *live = planner->live;
	if (!live->has_webhooks)
		return;
	for (size_t i = 0; i < webhooks->count; i++)
		compare_one(planner, HSM_LIST_ITEM(*webhooks, struct hsm_webhook, i));
	for (size_t i = 0; planner->options->prune && i < live->webhook_count; i++) {
		const char *name = live->webhooks[i].name;
		if (is_wanted(webhooks, name) || !was_wanted(planner->history, name))
			continue;
		struct hsm_plan_change *change =
			hsm_rows_add(planner, HSM_ACTION_DELETE, HSM_KIND_WEBHOOK, NULL, name);
		change->live_webhook = describe_live(planner, &live->webhooks[i]);
		tell_origin(planner, change, was_wanted_so(planner->history, name, &change->live_webhook));
	}
}
