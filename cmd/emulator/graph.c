#include "cmd/emulator/graph.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/graph_messages.h"
#include "cmd/emulator/graph_nodes.h"
#include "cmd/emulator/graph_uploads.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"

#define HOUR 3600000
#define WABAS_MAXIMUM 1000

static const char app[] = "{\"id\":\"670843887433847123\",\"name\":\"Emulated App\",\"link\":\"https://www.example.com/\"}";

/* What an account has that its list does not say. */
static const char defaults[] =
	"{\"timezone_id\":\"1\",\"message_template_namespace\":\"58e6d318_b627_4112_b9c7_2961197553ea\",\"currency\":\"EUR\","
	"\"country\":\"ES\",\"owner_business_info\":{\"id\":\"506914307656634321\",\"name\":\"Acme\"},"
	"\"account_review_status\":\"APPROVED\",\"business_verification_status\":\"VERIFIED\",\"ownership_type\":\"SELF_OWNED\","
	"\"primary_business_location\":\"ES\",\"is_enabled_for_insights\":true,\"status\":\"ACTIVE\"}";
static const char phone_defaults[] =
	"{\"code_verification_status\":\"VERIFIED\",\"quality_rating\":\"GREEN\",\"status\":\"LINKED\",\"platform_type\":\"CLOUD_API\","
	"\"throughput\":{\"level\":\"STANDARD\"},\"messaging_limit_tier\":\"TIER_UNLIMITED\",\"name_status\":\"APPROVED\","
	"\"account_mode\":\"LIVE\",\"is_official_business_account\":false}";

static const char wabas[] =
	"[{\"id\":\"102290129340398765\",\"name\":\"Acme WhatsApp\","
	"\"phone_numbers\":[{\"id\":\"106540352242922001\",\"display_phone_number\":\"+34 600 000 001\"}]},"
	"{\"id\":\"215589469943870121\",\"name\":\"Acme Retail\","
	"\"phone_numbers\":[{\"id\":\"106540352242922002\",\"display_phone_number\":\"+34 600 000 002\"}]}]";

static void add_defaults(cJSON *object, const char *text)
{
	cJSON *more = cJSON_Parse(text), *item;
	while ((item = more->child) != NULL) {
		cJSON_DetachItemViaPointer(more, item);
		if (hsm_emu_json_get(object, item->string))
			cJSON_Delete(item);
		else
			cJSON_AddItemToObject(object, item->string, item);
	}
	cJSON_Delete(more);
}

const char *hsm_emu_waba_id(const struct hsm_emu_waba *waba)
{
	return hsm_emu_json_string(waba->node, "id");
}

/* Owns the node. */
static struct hsm_emu_waba *add_waba(struct hsm_emu *emu, cJSON *node)
{
	struct hsm_emu_graph *graph = &emu->graph;
	struct hsm_emu_waba *waba = hsm_memory_allocate(sizeof(*waba));
	cJSON *phone;
	waba->node = node;
	add_defaults(node, defaults);
	if (!hsm_emu_json_get(node, "phone_numbers"))
		cJSON_AddArrayToObject(node, "phone_numbers");
	cJSON_ArrayForEach(phone, hsm_emu_json_get(node, "phone_numbers")) {
		add_defaults(phone, phone_defaults);
		if (!hsm_emu_json_get(phone, "verified_name"))
			cJSON_AddStringToObject(phone, "verified_name", hsm_emu_json_string(node, "name"));
	}
	hsm_emu_text_set(&waba->webhook.secret, emu->options.graph_app_secret);
	snprintf(waba->webhook.id, sizeof(waba->webhook.id), "%s", hsm_emu_waba_id(waba));
	HSM_MEMORY_GROW(graph->wabas, graph->count, graph->capacity);
	graph->wabas[graph->count++] = waba;
	return waba;
}

static void clear_wabas(struct hsm_emu *emu)
{
	for (size_t i = 0; i < emu->graph.count; i++) {
		struct hsm_emu_waba *waba = emu->graph.wabas[i];
		cJSON_Delete(waba->node);
		free(waba->webhook.url);
		free(waba->webhook.secret);
		free(waba);
	}
	emu->graph.count = 0;
}

static void add_wabas(struct hsm_emu *emu, cJSON *list)
{
	cJSON *node;
	while ((node = list->child) != NULL)
		add_waba(emu, cJSON_DetachItemViaPointer(list, node));
}

void hsm_emu_graph_fill(struct hsm_emu *emu)
{
	cJSON *list = cJSON_Parse(wabas);
	emu->graph.app = cJSON_Parse(app);
	add_wabas(emu, list);
	cJSON_Delete(list);
}

void hsm_emu_graph_release(struct hsm_emu *emu)
{
	clear_wabas(emu);
	hsm_emu_graph_uploads_release(emu);
	hsm_emu_graph_messages_release(emu);
	free(emu->graph.wabas);
	cJSON_Delete(emu->graph.app);
	emu->graph = (struct hsm_emu_graph){ 0 };
}

struct hsm_emu_waba *hsm_emu_waba_find(const struct hsm_emu *emu, const char *id)
{
	for (size_t i = 0; i < emu->graph.count; i++)
		if (strcmp(emu->graph.wabas[i]->webhook.id, id) == 0)
			return emu->graph.wabas[i];
	return NULL;
}

struct hsm_emu_waba *hsm_emu_waba_find_phone(const struct hsm_emu *emu, const char *id, const cJSON **phone)
{
	const cJSON *item;
	for (size_t i = 0; i < emu->graph.count; i++)
		cJSON_ArrayForEach(item, hsm_emu_json_get(emu->graph.wabas[i]->node, "phone_numbers"))
			if (strcmp(hsm_emu_json_string(item, "id"), id) == 0) {
				*phone = item;
				return emu->graph.wabas[i];
			}
	return NULL;
}

bool hsm_emu_waba_count_call(struct hsm_emu *emu, struct hsm_emu_request *request, struct hsm_emu_waba *waba)
{
	int64_t now = hsm_emu_now(emu), limit = emu->options.limit_graph_calls;
	request->waba = waba;
	if (now >= waba->hour_start + HOUR) {
		waba->hour_start = now;
		waba->hour_count = 0;
	}
	waba->hour_count++;
	if (!limit || waba->hour_count <= limit)
		return true;
	hsm_emu_fail(request, 400, "too.many.calls", "There have been too many calls to this WhatsApp Business account. "
						     "Wait a bit and try again");
	return false;
}

struct hsm_emu_waba *hsm_emu_waba_captured(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_waba *waba = hsm_emu_waba_find(emu, request->captures[0]);
	if (!waba)
		hsm_emu_graph_fail_node(request, request->captures[0]);
	return waba && hsm_emu_waba_count_call(emu, request, waba) ? waba : NULL;
}

/* The whole of an account as JSON: what it is, and where its webhooks go. */
static cJSON *copy_waba(const struct hsm_emu_waba *waba)
{
	cJSON *json = cJSON_Duplicate(waba->node, 1);
	cJSON_AddBoolToObject(json, "subscribed", waba->webhook.enabled);
	if (waba->webhook.url)
		cJSON_AddStringToObject(json, "override_callback_uri", waba->webhook.url);
	return json;
}

void hsm_emu_wabas_save(struct hsm_emu *emu)
{
	for (size_t i = 0; i < emu->graph.count; i++) {
		cJSON *json = copy_waba(emu->graph.wabas[i]);
		char *text = hsm_emu_json_print(json);
		hsm_emu_store_put(emu, "waba", hsm_emu_waba_id(emu->graph.wabas[i]), i, text);
		free(text);
		cJSON_Delete(json);
	}
}

static bool load(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	cJSON *node = cJSON_Parse(json);
	if (!node || strlen(id) >= EMU_ID_SIZE) {
		cJSON_Delete(node);
		return false;
	}
	if (sequence == 0)
		clear_wabas(emu); /* the default ones: those that are there were all saved */
	cJSON *subscribed = cJSON_DetachItemFromObjectCaseSensitive(node, "subscribed");
	cJSON *url = cJSON_DetachItemFromObjectCaseSensitive(node, "override_callback_uri");
	struct hsm_emu_waba *waba = add_waba(emu, node);
	waba->webhook.enabled = cJSON_IsTrue(subscribed);
	hsm_emu_text_set(&waba->webhook.url, cJSON_GetStringValue(url));
	cJSON_Delete(subscribed);
	cJSON_Delete(url);
	return true;
}

bool hsm_emu_graph_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "waba", load) && hsm_emu_graph_uploads_load(emu) && hsm_emu_graph_messages_load(emu);
}

void hsm_emu_graph_append(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = cJSON_CreateObject();
	cJSON_AddItemToObject(json, "app", cJSON_Duplicate(emu->graph.app, 1));
	cJSON *list = cJSON_AddArrayToObject(json, "wabas");
	for (size_t i = 0; i < emu->graph.count; i++)
		cJSON_AddItemToArray(list, copy_waba(emu->graph.wabas[i]));
	cJSON_AddNumberToObject(json, "uploads", (double)emu->graph.uploads.count);
	hsm_emu_json_append(&request->answer, json);
	cJSON_Delete(json);
}

static bool is_id(const cJSON *object)
{
	const char *id = hsm_emu_json_string(object, "id");
	return id && *id && strlen(id) < EMU_ID_SIZE;
}

static bool wabas_are_good(const cJSON *list)
{
	const cJSON *item, *phone;
	cJSON_ArrayForEach(item, list) {
		const cJSON *phones = hsm_emu_json_get(item, "phone_numbers");
		if (!is_id(item) || !hsm_emu_json_string(item, "name") || (phones && !cJSON_IsArray(phones)))
			return false;
		cJSON_ArrayForEach(phone, phones)
			if (!is_id(phone))
				return false;
	}
	return cJSON_IsArray(list) && cJSON_GetArraySize(list) <= WABAS_MAXIMUM;
}

void hsm_emu_admin_set_wabas(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json_any(request);
	if (!json)
		return;
	if (wabas_are_good(json)) {
		for (size_t i = 0; i < emu->graph.count; i++)
			hsm_emu_store_delete(emu, "waba", hsm_emu_waba_id(emu->graph.wabas[i]));
		clear_wabas(emu);
		add_wabas(emu, json);
		hsm_emu_wabas_save(emu);
		hsm_emu_graph_append(emu, request);
	} else {
		hsm_emu_fail(request, 400, "bad.request", "wabas are an array of objects with id, name and phone_numbers");
	}
	cJSON_Delete(json);
}
