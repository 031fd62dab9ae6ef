/*
 * A plan as bytes. A saved one is a line of canonical JSON, its checksum before
 * it: {"checksum":"…","plan":{…}}; that finds accidents and edits, it is no
 * signature.
 */
#include <string.h>

#include "reconciler/plan/plan.h"
#include "schema/base/fingerprint.h"
#include "schema/canned.h"
#include "schema/json.h"
#include "schema/name.h"

static const char checksum_prefix[] = "{\"checksum\":\"";
static const char plan_prefix[] = "\",\"plan\":";
static const char ending[] = "}\n";

#define PREFIX_LENGTH (sizeof(checksum_prefix) - 1 + HSM_FINGERPRINT_SIZE - 1 + sizeof(plan_prefix) - 1)
#define ENDING_LENGTH (sizeof(ending) - 1)

void hsm_plan_save(const struct hsm_plan *plan, struct hsm_buffer *buffer)
{
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &body };
	char hash[HSM_FINGERPRINT_SIZE];
	hsm_json_write(&writer, NULL, &hsm_plan_object, plan);
	hsm_fingerprint_compute(hsm_buffer_text(&body), body.length, hash);
	hsm_buffer_append_format(buffer, "%s%s%s", checksum_prefix, hash, plan_prefix);
	hsm_buffer_append(buffer, hsm_buffer_text(&body), body.length);
	hsm_buffer_append_string(buffer, ending);
	buffer->full |= body.full;
	hsm_buffer_release(&body);
}

static int check_frame(const char *data, size_t length, struct hsm_error *error)
{
	char hash[HSM_FINGERPRINT_SIZE];
	const char *stated = data + sizeof(checksum_prefix) - 1;
	if (length < PREFIX_LENGTH + ENDING_LENGTH || memcmp(data, checksum_prefix, sizeof(checksum_prefix) - 1) != 0 ||
	    memcmp(stated + HSM_FINGERPRINT_SIZE - 1, plan_prefix, sizeof(plan_prefix) - 1) != 0)
		return hsm_error_set(error, HSM_ERROR_INVALID,
				     "not a saved plan: make one with hsmctl plan --out FILE");
	hsm_fingerprint_compute(data + PREFIX_LENGTH, length - PREFIX_LENGTH - ENDING_LENGTH, hash);
	if (memcmp(data + length - ENDING_LENGTH, ending, ENDING_LENGTH) != 0 ||
	    memcmp(stated, hash, HSM_FINGERPRINT_SIZE - 1) != 0)
		return hsm_error_set(error, HSM_ERROR_STALE,
				     "the saved plan was changed after it was made, or cut short: plan again");
	return 0;
}

static int read_plan(struct hsm_arena *arena, const char *data, size_t length, struct hsm_plan *plan,
		     struct hsm_error *error)
{
	cJSON *json = NULL;
	int rc = hsm_json_parse(&json, data, length, error);
	if (!rc)
		rc = hsm_json_read(arena, json, &hsm_plan_object, plan, error);
	cJSON_Delete(json);
	if (rc)
		return hsm_error_set(error, HSM_ERROR_STALE,
				     "the saved plan cannot be read by this version of hsmctl: plan again");
	return 0;
}

/* What is submitted has the name that the row shows, and the content whose fingerprint is compared. */
static bool is_submission_sound(const struct hsm_plan_change *change, const struct hsm_plan_submission *submission)
{
	char fingerprint[HSM_FINGERPRINT_SIZE];
	const char *name = change->name.text, *base = change->template.text, *content = submission->content.text;
	int64_t version;
	bool has_suffix;
	size_t length = hsm_name_split(name, &version, &has_suffix);
	hsm_fingerprint_compute(content, strlen(content), fingerprint);
	return has_suffix && version == change->version.value && strlen(base) == length &&
	       strncmp(name, base, length) == 0 && hsm_pattern_matches(&hsm_name_base_pattern, base) &&
	       hsm_pattern_matches(&hsm_name_language_pattern, submission->node.key.text) &&
	       strcmp(fingerprint, submission->fingerprint.text) == 0;
}

/* What is written is what its fingerprint says, under the template's name. */
static bool is_response_sound(const struct hsm_plan_change *change, const struct hsm_plan_response *response)
{
	struct hsm_arena arena = { 0 };
	struct hsm_canned canned;
	struct hsm_error error;
	bool sound = response->content.text && !hsm_canned_read(&arena, response->content.text, &canned, &error);
	if (sound) {
		struct hsm_canned_content content = hsm_canned_read_content(&arena, &canned);
		const struct hsm_canned_whatsapp *whatsapp = &canned.template.whatsapp;
		sound = whatsapp->node.present && strcmp(whatsapp->name.text, change->name.text) == 0 &&
			strcmp(whatsapp->language.text, response->language.text) == 0 &&
			strcmp(content.name, response->name.text) == 0 &&
			strcmp(hsm_canned_fingerprint(&arena, &content), response->fingerprint.text) == 0;
	}
	hsm_arena_release(&arena);
	return sound;
}

static bool are_responses_sound(const struct hsm_plan_change *change)
{
	enum hsm_action action = (enum hsm_action)change->action.value;
	bool writes = action == HSM_ACTION_CREATE || action == HSM_ACTION_UPDATE;
	size_t count = change->languages.count;
	if (!change->template.text || change->responses.count != (writes ? count : 0) ||
	    change->live_responses.count != (action == HSM_ACTION_CREATE ? 0 : count))
		return false;
	for (size_t i = 0; i < change->live_responses.count; i++)
		if (!HSM_LIST_ITEM(change->live_responses, struct hsm_plan_response, i)->id.text)
			return false;
	for (size_t i = 0; i < change->responses.count; i++)
		if (!is_response_sound(change, HSM_LIST_ITEM(change->responses, struct hsm_plan_response, i)))
			return false;
	return true;
}

/* What an apply relies on, whoever wrote the file. */
static bool is_sound(const struct hsm_plan *plan, const struct hsm_plan_change *change)
{
	enum hsm_action action = (enum hsm_action)change->action.value;
	bool writes = action == HSM_ACTION_CREATE || action == HSM_ACTION_UPDATE;
	bool sound = change->template.text;
	for (size_t i = 0; sound && i < change->submit.count; i++)
		sound = is_submission_sound(change, HSM_LIST_ITEM(change->submit, struct hsm_plan_submission, i));
	if (change->kind.value == HSM_KIND_TEMPLATE)
		return sound;
	if (change->kind.value == HSM_KIND_RESPONSE)
		return plan->genesys.node.present && are_responses_sound(change);
	if (change->kind.value == HSM_KIND_LIBRARY)
		return plan->genesys.node.present && action == HSM_ACTION_CREATE;
	return change->webhook.node.present == writes &&
	       (change->live_webhook.id.text || action == HSM_ACTION_CREATE);
}

int hsm_plan_load(struct hsm_arena *arena, const char *data, size_t length, struct hsm_plan *plan,
		  struct hsm_error *error)
{
	*plan = (struct hsm_plan){ 0 };
	int rc = check_frame(data, length, error);
	if (!rc)
		rc = read_plan(arena, data + PREFIX_LENGTH, length - PREFIX_LENGTH - ENDING_LENGTH, plan, error);
	for (size_t i = 0; !rc && i < plan->changes.count; i++)
		if (!is_sound(plan, HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i)))
			rc = hsm_error_set(error, HSM_ERROR_INVALID, "not a plan that hsmctl saved: row %zu lacks something",
					   i + 1);
	if (rc)
		return rc;
	if (strcmp(plan->format_version.text, "1") != 0 || strcmp(plan->tool_version.text, HSM_VERSION) != 0)
		return hsm_error_set(error, HSM_ERROR_STALE,
				     "the plan was saved by hsmctl %s and this is %s: plan again",
				     plan->tool_version.text, HSM_VERSION);
	char hash[HSM_FINGERPRINT_SIZE];
	hsm_plan_hash(plan, hash);
	if (!plan->hash.text || strcmp(plan->hash.text, hash) != 0)
		return hsm_error_set(error, HSM_ERROR_INVALID, "not a plan that hsmctl saved: its hash is another plan's");
	return 0;
}

static struct hsm_list hide_responses(struct hsm_arena *arena, const struct hsm_list *responses)
{
	struct hsm_plan_response *shown = hsm_arena_allocate_array(arena, responses->count, sizeof(*shown));
	for (size_t i = 0; i < responses->count; i++) {
		shown[i] = *HSM_LIST_ITEM(*responses, struct hsm_plan_response, i);
		shown[i].content.text = NULL;
	}
	return (struct hsm_list){ .items = shown, .count = responses->count, .present = responses->present };
}

static struct hsm_list hide_content(struct hsm_arena *arena, const struct hsm_list *live)
{
	struct hsm_plan_live *shown = hsm_arena_allocate_array(arena, live->count, sizeof(*shown));
	for (size_t i = 0; i < live->count; i++) {
		shown[i] = *HSM_LIST_ITEM(*live, struct hsm_plan_live, i);
		shown[i].content.text = NULL;
	}
	return (struct hsm_list){ .items = shown, .count = live->count, .present = live->present };
}

void hsm_plan_append_json(const struct hsm_plan *plan, struct hsm_buffer *buffer)
{
	struct hsm_arena arena = { 0 };
	struct hsm_json_writer writer = { .buffer = buffer, .indent = 2 };
	struct hsm_plan shown = *plan;
	struct hsm_plan_change *changes =
		hsm_arena_allocate_array(&arena, plan->changes.count, sizeof(*changes));
	/* What an apply needs and a reader does not. */
	for (size_t i = 0; i < plan->changes.count; i++) {
		changes[i] = *HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		changes[i].submit = changes[i].wanted = (struct hsm_list){ 0 };
		changes[i].live = hide_content(&arena, &changes[i].live);
		changes[i].responses = hide_responses(&arena, &changes[i].responses);
	}
	shown.changes.items = changes;
	shown.target = shown.genesys = (struct hsm_plan_target){ 0 };
	hsm_json_write(&writer, NULL, &hsm_plan_object, &shown);
	hsm_buffer_append_char(buffer, '\n');
	hsm_arena_release(&arena);
}
