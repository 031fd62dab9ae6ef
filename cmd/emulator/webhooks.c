#include "cmd/emulator/webhooks.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define WEBHOOKS_MAXIMUM 1000

struct hsm_emu_webhook *hsm_emu_webhook_find(const struct hsm_emu *emu, const char *id)
{
	for (size_t i = 0; i < emu->webhooks.count; i++)
		if (strcmp(emu->webhooks.webhooks[i]->id, id) == 0)
			return emu->webhooks.webhooks[i];
	return NULL;
}

bool hsm_emu_webhook_wants(const struct hsm_emu_webhook *webhook, const char *event)
{
	for (size_t i = 0; webhook->enabled && i < webhook->event_count; i++)
		if (strcmp(webhook->events[i], event) == 0)
			return true;
	return false;
}

static void append_webhook(struct hsm_buffer *out, const struct hsm_emu_webhook *webhook, bool with_secret)
{
	hsm_buffer_append_char(out, '{');
	hsm_emu_json_append_member(out, "id", webhook->id);
	hsm_emu_json_append_member(out, "name", webhook->name);
	hsm_emu_json_append_member(out, "url", webhook->url);
	hsm_buffer_append_string(out, ",\"events\":[");
	for (size_t i = 0; i < webhook->event_count; i++) {
		if (i)
			hsm_buffer_append_char(out, ',');
		hsm_emu_json_append_string(out, webhook->events[i]);
	}
	hsm_buffer_append_format(out, "],\"enabled\":%s", webhook->enabled ? "true" : "false");
	if (with_secret && webhook->secret)
		hsm_emu_json_append_member(out, "secret", webhook->secret);
	hsm_buffer_append_char(out, '}');
}

static void clear_webhook(struct hsm_emu_webhook *webhook)
{
	for (size_t i = 0; i < webhook->event_count; i++)
		free(webhook->events[i]);
	free(webhook->events);
	free(webhook->name);
	free(webhook->url);
	free(webhook->secret);
	webhook->events = NULL;
	webhook->event_count = 0;
	webhook->name = webhook->url = webhook->secret = NULL;
}

/* What a write breaks: the field, or NULL. */
static const char *find_fault(const cJSON *json)
{
	const char *name = hsm_emu_json_string(json, "name"), *url = hsm_emu_json_string(json, "url");
	const cJSON *events = hsm_emu_json_get(json, "events"), *event;
	const cJSON *enabled = hsm_emu_json_get(json, "enabled"), *secret = hsm_emu_json_get(json, "secret");
	if (!name || !*name)
		return "name";
	if (!url || strpbrk(url, " \t\r\n") ||
	    !((hsm_text_starts_with(url, "https://") && url[8]) || (hsm_text_starts_with(url, "http://") && url[7])))
		return "url";
	if (!cJSON_IsArray(events) || !cJSON_GetArraySize(events))
		return "events";
	cJSON_ArrayForEach(event, events) {
		if (!cJSON_IsString(event) || !*event->valuestring)
			return "events";
	}
	if (enabled && !cJSON_IsBool(enabled))
		return "enabled";
	return secret && !cJSON_IsString(secret) ? "secret" : NULL;
}

static void fill_webhook(struct hsm_emu_webhook *webhook, const cJSON *json)
{
	const cJSON *events = hsm_emu_json_get(json, "events"), *event;
	clear_webhook(webhook);
	hsm_emu_text_set(&webhook->name, hsm_emu_json_string(json, "name"));
	hsm_emu_text_set(&webhook->url, hsm_emu_json_string(json, "url"));
	hsm_emu_text_set(&webhook->secret, hsm_emu_json_string(json, "secret"));
	webhook->enabled = !cJSON_IsFalse(hsm_emu_json_get(json, "enabled"));
	webhook->events = hsm_memory_allocate((size_t)cJSON_GetArraySize(events) * sizeof(*webhook->events));
	cJSON_ArrayForEach(event, events)
		webhook->events[webhook->event_count++] = hsm_memory_copy_string(cJSON_GetStringValue(event));
}

static struct hsm_emu_webhook *add_webhook(struct hsm_emu *emu, const char *id, uint64_t sequence)
{
	struct hsm_emu_webhooks *webhooks = &emu->webhooks;
	struct hsm_emu_webhook *webhook = hsm_memory_allocate(sizeof(*webhook));
	HSM_MEMORY_GROW(webhooks->webhooks, webhooks->count, webhooks->capacity);
	webhooks->webhooks[webhooks->count++] = webhook;
	webhook->sequence = sequence;
	snprintf(webhook->id, sizeof(webhook->id), "%s", id);
	return webhook;
}

static void save(struct hsm_emu *emu, const struct hsm_emu_webhook *webhook)
{
	struct hsm_buffer json = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	append_webhook(&json, webhook, true);
	hsm_emu_store_put(emu, "webhook", webhook->id, webhook->sequence, json.data);
	hsm_buffer_release(&json);
}

static cJSON *read_write(struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json(request);
	const char *field = json ? find_fault(json) : NULL;
	if (!field)
		return json;
	hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "The webhook's %s is missing or not valid", field),
			"invalid.value", field);
	cJSON_Delete(json);
	return NULL;
}

void hsm_emu_webhooks_create(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = read_write(request);
	if (!json)
		return;
	if (emu->webhooks.count < WEBHOOKS_MAXIMUM) {
		char id[EMU_ID_SIZE];
		hsm_emu_id_generate(id);
		struct hsm_emu_webhook *webhook = add_webhook(emu, id, ++emu->sequence);
		fill_webhook(webhook, json);
		save(emu, webhook);
		append_webhook(&request->answer, webhook, false);
	} else {
		hsm_emu_fail(request, 400, "bad.request", "There are %d webhooks already", WEBHOOKS_MAXIMUM);
	}
	cJSON_Delete(json);
}

static struct hsm_emu_webhook *find_captured(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_webhook *webhook = hsm_emu_webhook_find(emu, request->captures[0]);
	if (!webhook)
		hsm_emu_fail(request, 404, "not.found", "There is no such webhook");
	return webhook;
}

void hsm_emu_webhooks_replace(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_webhook *webhook = find_captured(emu, request);
	cJSON *json = webhook ? read_write(request) : NULL;
	if (!json)
		return;
	fill_webhook(webhook, json);
	save(emu, webhook);
	append_webhook(&request->answer, webhook, false);
	cJSON_Delete(json);
}

static void free_webhook(struct hsm_emu_webhook *webhook)
{
	clear_webhook(webhook);
	free(webhook);
}

void hsm_emu_webhooks_delete(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_webhooks *webhooks = &emu->webhooks;
	struct hsm_emu_webhook *webhook = find_captured(emu, request);
	if (!webhook)
		return;
	size_t at = 0;
	while (webhooks->webhooks[at] != webhook)
		at++;
	webhooks->count--;
	memmove(webhooks->webhooks + at, webhooks->webhooks + at + 1,
		(webhooks->count - at) * sizeof(struct hsm_emu_webhook *));
	hsm_emu_store_delete(emu, "webhook", webhook->id);
	free_webhook(webhook);
	request->status = 204;
}

void hsm_emu_webhooks_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_page page;
	if (!hsm_emu_page_begin(request, emu->webhooks.count, &page))
		return;
	hsm_emu_page_open(request);
	for (size_t i = page.first; i < page.end; i++) {
		if (i > page.first)
			hsm_buffer_append_char(&request->answer, ',');
		append_webhook(&request->answer, emu->webhooks.webhooks[i], false);
	}
	hsm_emu_page_close(request, &page);
}

void hsm_emu_webhooks_append(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	hsm_buffer_append_char(&request->answer, '[');
	for (size_t i = 0; i < emu->webhooks.count; i++) {
		if (i)
			hsm_buffer_append_char(&request->answer, ',');
		append_webhook(&request->answer, emu->webhooks.webhooks[i], true);
	}
	hsm_buffer_append_char(&request->answer, ']');
}

static bool load(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	cJSON *document = cJSON_Parse(json);
	bool good = document && !find_fault(document);
	if (good)
		fill_webhook(add_webhook(emu, id, sequence), document);
	cJSON_Delete(document);
	return good;
}

bool hsm_emu_webhooks_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "webhook", load);
}

void hsm_emu_webhooks_release(struct hsm_emu *emu)
{
	for (size_t i = 0; i < emu->webhooks.count; i++)
		free_webhook(emu->webhooks.webhooks[i]);
	free(emu->webhooks.webhooks);
	emu->webhooks = (struct hsm_emu_webhooks){ 0 };
}
