/* What a review says of a template of Meta's API. */
#include <string.h>

#include "cmd/emulator/emulator.h"
#include "cmd/emulator/graph_webhooks.h"
#include "cmd/emulator/json.h"

static void set_text(cJSON *graph, const char *key, const char *value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(graph, key);
	cJSON_AddStringToObject(graph, key, value);
}

static void set_number(cJSON *graph, const char *key, double value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(graph, key);
	cJSON_AddNumberToObject(graph, key, value);
}

/* All languages of a name have one category. */
static void move(struct hsm_emu *emu, const struct hsm_emu_template *template, const char *category)
{
	const struct hsm_emu_name *group = template->name;
	char previous[32];
	snprintf(previous, sizeof(previous), "%s", template->category);
	for (size_t i = 0; i < group->count; i++) {
		struct hsm_emu_template *other = group->templates[i];
		set_text(other->graph, "previous_category", previous);
		cJSON_DeleteItemFromObjectCaseSensitive(other->graph, "correct_category");
		hsm_emu_text_set(&other->category, category);
		other->modified = hsm_emu_now(emu);
		hsm_emu_template_update(emu, other);
		/* A first review tells it with the status. */
		if (strcmp(other->status, "PENDING") != 0)
			hsm_emu_graph_announce_category(emu, other, previous, NULL);
	}
}

static void score(struct hsm_emu *emu, struct hsm_emu_template *template, const char *quality)
{
	cJSON *before = cJSON_DetachItemFromObjectCaseSensitive(template->graph, "quality_score");
	const char *previous = hsm_emu_json_string(before, "score");
	cJSON *now = cJSON_AddObjectToObject(template->graph, "quality_score");
	cJSON_AddStringToObject(now, "score", quality);
	cJSON_AddNumberToObject(now, "date", (double)(hsm_emu_now(emu) / 1000));
	hsm_emu_graph_announce_quality(emu, template, previous ? previous : "UNKNOWN", quality);
	cJSON_Delete(before);
}

/* Some events are no status of their own. */
static const char *find_status(const char *event)
{
	bool back = strcmp(event, "REINSTATED") == 0 || strcmp(event, "UNARCHIVED") == 0;
	return back ? "APPROVED" : event;
}

static void set_status(struct hsm_emu *emu, struct hsm_emu_template *template, const char *event, const char *reason)
{
	const char *status = find_status(event);
	char previous[64];
	snprintf(previous, sizeof(previous), "%s", template->status);
	hsm_emu_text_set(&template->reason, reason ? reason : strcmp(status, "REJECTED") == 0 ? "INVALID_FORMAT" : NULL);
	hsm_emu_text_set(&template->status, status);
	if (strcmp(previous, status) == 0)
		return;
	if (strcmp(status, "PAUSED") == 0)
		set_number(template->graph, "pauses", hsm_emu_json_number(template->graph, "pauses", 0) + 1);
	hsm_emu_graph_announce_status(emu, template, event, previous);
}

bool hsm_emu_graph_decide(struct hsm_emu *emu, struct hsm_emu_template *template, const struct hsm_emu_decision *decision)
{
	const char *event = decision->status, *reason = decision->reason, *category = decision->category;
	bool moves = category && strcmp(category, template->category) != 0;
	/* Where the sender forbade another category, a template of it is refused. */
	if (moves && cJSON_IsFalse(hsm_emu_json_get(template->graph, "allow_category_change"))) {
		event = "REJECTED";
		reason = "TAG_CONTENT_MISMATCH";
		moves = false;
	}
	if (moves)
		move(emu, template, category);
	if (decision->quality)
		score(emu, template, decision->quality);
	if (decision->correct_category) {
		set_text(template->graph, "correct_category", decision->correct_category);
		hsm_emu_graph_announce_category(emu, template, NULL, decision->correct_category);
	}
	if (event)
		set_status(emu, template, event, reason);
	if (strcmp(template->status, "DELETED") == 0) {
		hsm_emu_template_remove(emu, template);
		return false;
	}
	template->modified = hsm_emu_now(emu);
	hsm_emu_template_update(emu, template);
	return true;
}
