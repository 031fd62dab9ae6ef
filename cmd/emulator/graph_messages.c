/* Messages through Meta's API: what is refused, what is kept, and what webhooks hear of it. */
#include "cmd/emulator/graph_messages.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/graph_nodes.h"
#include "cmd/emulator/graph_parameters.h"
#include "cmd/emulator/graph_webhooks.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"

#define TTL_DEFAULT ((int64_t)30 * 86400000) /* that Meta tries to deliver for */

/* A message that webhooks have something to hear of yet. */
struct hsm_emu_graph_message {
	char *id;
	cJSON *json; /* phone, recipient, fate, created, stage, and the sender's own data */
	struct hsm_emu_timer timer;
};

static void forget(struct hsm_emu *emu, struct hsm_emu_graph_message *message)
{
	hsm_emu_timer_cancel(emu, &message->timer);
	free(message->id);
	cJSON_Delete(message->json);
	free(message);
}

static void announce(struct hsm_emu *emu, const struct hsm_emu_graph_message *message, const char *status, int64_t code)
{
	const cJSON *phone;
	const char *data = hsm_emu_json_string(message->json, "data");
	const struct hsm_emu_waba *waba = hsm_emu_waba_find_phone(emu, hsm_emu_json_string(message->json, "phone"), &phone);
	struct hsm_buffer value = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (!waba)
		return;
	hsm_buffer_append_string(&value, "{\"messaging_product\":\"whatsapp\",\"metadata\":{");
	hsm_emu_json_append_member(&value, "display_phone_number", hsm_emu_json_string(phone, "display_phone_number"));
	hsm_emu_json_append_member(&value, "phone_number_id", hsm_emu_json_string(phone, "id"));
	hsm_buffer_append_string(&value, "},\"statuses\":[{");
	hsm_emu_json_append_member(&value, "id", message->id);
	hsm_emu_json_append_member(&value, "status", status);
	hsm_buffer_append_format(&value, ",\"timestamp\":\"%lld\"", (long long)(hsm_emu_now(emu) / 1000));
	hsm_emu_json_append_member(&value, "recipient_id", hsm_emu_json_string(message->json, "recipient"));
	if (data)
		hsm_emu_json_append_member(&value, "biz_opaque_callback_data", data);
	if (code) {
		hsm_buffer_append_format(&value, ",\"errors\":[{\"code\":%lld", (long long)code);
		hsm_emu_json_append_member(&value, "title", hsm_emu_outcome_text(code));
		hsm_emu_json_append_member(&value, "message", hsm_emu_outcome_text(code));
		hsm_buffer_append_string(&value, "}]");
	}
	hsm_buffer_append_string(&value, "}]}");
	hsm_emu_graph_announce(emu, waba, "messages", &value);
	hsm_buffer_release(&value);
}

static void set_timer(struct hsm_emu *emu, struct hsm_emu_graph_message *message);

/* The first time: sent, or failed; the second: delivered. */
static void fire(struct hsm_emu *emu, struct hsm_emu_timer *timer)
{
	struct hsm_emu_graph_message *message = EMU_TIMER_OWNER(timer, struct hsm_emu_graph_message, timer);
	int64_t fate = (int64_t)hsm_emu_json_number(message->json, "fate", 0);
	cJSON *stage = hsm_emu_json_get(message->json, "stage");
	bool last = fate != EMU_FATE_DELIVERED || stage->valuedouble > 1;
	announce(emu, message, fate != EMU_FATE_DELIVERED ? "failed" : last ? "delivered" : "sent", fate);
	if (last) {
		hsm_emu_map_remove(&emu->graph.messages, message->id);
		hsm_emu_store_delete(emu, "message", message->id);
		forget(emu, message);
	} else {
		cJSON_SetNumberValue(stage, 2);
		set_timer(emu, message);
	}
}

/* Sets its timer, and stores it. */
static void set_timer(struct hsm_emu *emu, struct hsm_emu_graph_message *message)
{
	int64_t created = (int64_t)hsm_emu_json_number(message->json, "created", 0);
	int64_t stage = (int64_t)hsm_emu_json_number(message->json, "stage", 1);
	char *text = hsm_emu_json_print(message->json);
	hsm_emu_store_put(emu, "message", message->id, 0, text);
	free(text);
	message->timer.fire = fire;
	hsm_emu_timer_set(emu, &message->timer, created + stage * emu->options.delivery_delay);
}

/* Owns the JSON. */
static void follow(struct hsm_emu *emu, const char *id, cJSON *json)
{
	struct hsm_emu_graph_message *message = hsm_memory_allocate(sizeof(*message));
	message->id = hsm_memory_copy_string(id);
	message->json = json;
	hsm_emu_map_put(&emu->graph.messages, message->id, message);
	set_timer(emu, message);
}

static bool load(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	(void)sequence;
	cJSON *document = cJSON_Parse(json);
	bool good = hsm_emu_json_string(document, "phone") && hsm_emu_json_get(document, "stage");
	if (good)
		follow(emu, id, document);
	else
		cJSON_Delete(document);
	return good;
}

bool hsm_emu_graph_messages_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "message", load);
}

static void release(void *value, void *context)
{
	forget(context, value);
}

void hsm_emu_graph_messages_release(struct hsm_emu *emu)
{
	hsm_emu_map_visit(&emu->graph.messages, release, emu);
	hsm_emu_map_release(&emu->graph.messages);
}

/* +12345678901 of what a sender may write: +1 (234) 567-8901. */
static bool read_number(const char *to, char number[32])
{
	size_t length = 1;
	number[0] = '+';
	for (; to && *to && length < 31; to++)
		if (*to >= '0' && *to <= '9')
			number[length++] = *to;
		else if (!strchr("+ ()-", *to))
			return false;
	number[length] = '\0';
	return to && hsm_emu_phone_is_valid(number);
}

/* The code that says why a template may not be sent. */
static const char *find_refusal(const struct hsm_emu_template *template)
{
	if (template && strcmp(template->status, "PAUSED") == 0)
		return "132015";
	if (template && strcmp(template->status, "DISABLED") == 0)
		return "132016";
	return "132001";
}

/* Whether the template may be sent with these parameters, and what will become of it; false: answered. */
static bool check_template(struct hsm_emu *emu, struct hsm_emu_request *request, const struct hsm_emu_account *account,
			   const cJSON *message, int64_t *fate)
{
	const char *name = hsm_emu_json_string(message, "name");
	const char *language = hsm_emu_json_string(hsm_emu_json_get(message, "language"), "code");
	struct hsm_emu_template *template = name && language ? hsm_emu_account_find(account, name, language) : NULL;
	bool approved = template && strcmp(template->status, "APPROVED") == 0;
	const struct hsm_emu_outcome *outcome = template ? hsm_emu_outcomes_pick(emu, name, language, approved) : NULL;
	if (!template || (!approved && !outcome)) {
		hsm_emu_fail(request, 400, find_refusal(template), "template name (%s) does not exist in %s, or may not be sent",
			     name ? name : "", language ? language : "no language");
		return false;
	}
	if (!hsm_emu_graph_parameters_check(request, template, hsm_emu_json_get(message, "components")))
		return false;
	if (!hsm_emu_outcome_accepts(request, outcome, "template"))
		return false;
	*fate = hsm_emu_outcome_fate(outcome);
	int64_t wait = *fate == EMU_FATE_DROPPED ? TTL_DEFAULT : 2 * emu->options.delivery_delay;
	cJSON_DeleteItemFromObjectCaseSensitive(template->graph, "undelivered_until");
	cJSON_AddNumberToObject(template->graph, "undelivered_until", (double)(hsm_emu_now(emu) + wait));
	return true;
}

/* Whether the message may be sent, and what will become of it; false: answered. */
static bool check_message(struct hsm_emu *emu, struct hsm_emu_request *request, const struct hsm_emu_account *account,
			  const cJSON *json, const char *number, int64_t *fate)
{
	const char *product = hsm_emu_json_string(json, "messaging_product"), *type = hsm_emu_json_string(json, "type");
	const cJSON *template = hsm_emu_json_get(json, "template");
	if (!product || strcmp(product, "whatsapp") != 0) {
		hsm_emu_fail(request, 400, "bad.request", "The parameter messaging_product is required.");
	} else if (!number) {
		hsm_emu_fail(request, 400, "131009", "to is no phone number");
	} else if (type && strcmp(type, "template") == 0 && cJSON_IsObject(template)) {
		return check_template(emu, request, account, template, fate);
	} else if (hsm_emu_json_string(hsm_emu_json_get(json, "text"), "body")) {
		*fate = hsm_emu_conversations_window_open(emu, number) ? EMU_FATE_DELIVERED : 131047;
		return true;
	} else {
		hsm_emu_fail(request, 400, "131051", "a message is a template or a text");
	}
	return false;
}

static cJSON *build_conversation(const cJSON *json, const char *id, const char *number, const char *phone)
{
	const cJSON *template = hsm_emu_json_get(json, "template");
	cJSON *conversation = cJSON_CreateObject(), *message = cJSON_CreateObject();
	cJSON_AddStringToObject(conversation, "id", id);
	cJSON_AddStringToObject(conversation, "phone_number_id", phone);
	cJSON *address = cJSON_AddObjectToObject(cJSON_AddObjectToObject(conversation, "participant"), "address");
	cJSON_AddStringToObject(address, "phoneNumber", number);
	cJSON_AddStringToObject(address, "channelType", "whatsapp");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(conversation, "messages"), message);
	cJSON_AddStringToObject(message, "id", id);
	cJSON_AddStringToObject(message, "type", template ? "whatsapp_template" : "text");
	if (!template) {
		cJSON_AddStringToObject(message, "text", hsm_emu_json_string(hsm_emu_json_get(json, "text"), "body"));
		return conversation;
	}
	cJSON_AddStringToObject(message, "templateName", hsm_emu_json_string(template, "name"));
	cJSON_AddStringToObject(message, "language", hsm_emu_json_string(hsm_emu_json_get(template, "language"), "code"));
	cJSON_AddItemToObject(message, "parameters", hsm_emu_graph_parameters_flatten(hsm_emu_json_get(template, "components")));
	if (hsm_emu_json_get(template, "components"))
		cJSON_AddItemToObject(message, "components", cJSON_Duplicate(hsm_emu_json_get(template, "components"), 1));
	return conversation;
}

static void take(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *json, const char *number, int64_t fate)
{
	const char *data = hsm_emu_json_string(json, "biz_opaque_callback_data"), *phone = request->captures[0];
	char digits[64], id[80], random[EMU_ID_SIZE];
	hsm_emu_id_generate(random);
	EVP_EncodeBlock((unsigned char *)digits, (const unsigned char *)random, 36);
	snprintf(id, sizeof(id), "wamid.HBgL%s", digits);
	cJSON *fates = cJSON_CreateArray();
	cJSON_AddItemToArray(fates, cJSON_CreateNumber((double)fate));
	if (!hsm_emu_conversation_add(emu, number, build_conversation(json, id, number, phone), fates)) {
		hsm_emu_fail(request, 400, "131000", "There is no room for more messages");
		return;
	}
	if (fate != EMU_FATE_DROPPED) {
		cJSON *message = cJSON_CreateObject();
		cJSON_AddStringToObject(message, "phone", phone);
		cJSON_AddStringToObject(message, "recipient", number + 1);
		cJSON_AddNumberToObject(message, "fate", (double)fate);
		cJSON_AddNumberToObject(message, "created", (double)hsm_emu_now(emu));
		cJSON_AddNumberToObject(message, "stage", 1);
		if (data)
			cJSON_AddStringToObject(message, "data", data);
		follow(emu, id, message);
	}
	hsm_buffer_append_string(&request->answer, "{\"messaging_product\":\"whatsapp\",\"contacts\":[{");
	hsm_emu_json_append_member(&request->answer, "input", hsm_emu_json_string(json, "to"));
	hsm_emu_json_append_member(&request->answer, "wa_id", number + 1);
	hsm_buffer_append_string(&request->answer, "}],\"messages\":[{");
	hsm_emu_json_append_member(&request->answer, "id", id);
	hsm_emu_json_append_member(&request->answer, "message_status", "accepted");
	hsm_buffer_append_string(&request->answer, "}]}");
}

void hsm_emu_graph_message_send(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const cJSON *phone;
	struct hsm_emu_waba *waba = hsm_emu_waba_find_phone(emu, request->captures[0], &phone);
	char number[32];
	int64_t fate;
	if (!waba)
		hsm_emu_graph_fail_node(request, request->captures[0]);
	cJSON *json = waba && hsm_emu_waba_count_call(emu, request, waba) ? hsm_emu_graph_parameters(request) : NULL;
	if (!json)
		return;
	bool known = read_number(hsm_emu_json_string(json, "to"), number);
	if (check_message(emu, request, hsm_emu_account_get(emu, hsm_emu_waba_id(waba)), json, known ? number : NULL, &fate))
		take(emu, request, json, number, fate);
	cJSON_Delete(json);
}
