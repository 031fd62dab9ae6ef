#include "cmd/emulator/conversations.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "cmd/emulator/sending.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define WINDOW 86400000
#define CONVERSATIONS_MAXIMUM 1000000

static struct hsm_emu_phone *get_phone(struct hsm_emu *emu, const char *number)
{
	struct hsm_emu_phone *phone = hsm_emu_map_get(&emu->conversations.phones, number);
	if (phone)
		return phone;
	phone = hsm_memory_allocate(sizeof(*phone));
	phone->number = hsm_memory_copy_string(number);
	hsm_emu_map_put(&emu->conversations.phones, phone->number, phone);
	return phone;
}

static bool window_is_open(const struct hsm_emu *emu, const struct hsm_emu_phone *phone)
{
	return phone && phone->user_wrote && hsm_emu_now(emu) < phone->user_wrote + WINDOW;
}

bool hsm_emu_phone_is_valid(const char *number)
{
	size_t digits = strlen(number) - 1;
	return number[0] == '+' && number[1] >= '1' && number[1] <= '9' && digits >= 7 && digits <= 15 &&
	       strspn(number + 1, "0123456789") == digits;
}

static const char *const statuses[EMU_STAGE_MAX] = {
	[EMU_STAGE_ACCEPTED] = "ACCEPTED",
	[EMU_STAGE_SENT] = "SENT",
	[EMU_STAGE_DELIVERED] = "DELIVERED",
	[EMU_STAGE_FAILED] = "FAILED",
};

static void add_status(cJSON *message, enum hsm_emu_stage stage, int64_t fate)
{
	cJSON_AddStringToObject(message, "status", statuses[stage]);
	if (stage != EMU_STAGE_FAILED)
		return;
	cJSON *error = cJSON_CreateObject();
	cJSON_AddNumberToObject(error, "code", (double)fate);
	cJSON_AddStringToObject(error, "message", hsm_emu_outcome_text(fate));
	cJSON_AddItemToArray(cJSON_AddArrayToObject(message, "errors"), error);
}

static void append_conversation(const struct hsm_emu *emu, struct hsm_buffer *out,
				const struct hsm_emu_conversation *conversation)
{
	const struct hsm_emu_phone *phone = conversation->phone;
	char time[EMU_TIME_SIZE];
	cJSON *json = cJSON_Parse(conversation->json), *message;
	cJSON *fates = cJSON_DetachItemFromObjectCaseSensitive(json, "fates");
	int64_t created = (int64_t)hsm_emu_json_number(json, "created", 0);
	const cJSON *fate = fates ? fates->child : NULL;
	cJSON_DeleteItemFromObjectCaseSensitive(json, "created");
	cJSON_ArrayForEach(message, hsm_emu_json_get(json, "messages")) {
		int64_t number = fate ? (int64_t)fate->valuedouble : EMU_FATE_DELIVERED;
		add_status(message, hsm_emu_outcome_stage(emu, created, number), number);
		fate = fate ? fate->next : NULL;
	}
	cJSON_AddStringToObject(json, "session_status", window_is_open(emu, phone) ? "OPEN" : "CLOSED");
	cJSON_AddItemToObject(json, "last_user_message_timestamp",
			      phone->user_wrote ? cJSON_CreateString(hsm_emu_time_format(phone->user_wrote, time)) :
						  cJSON_CreateNull());
	hsm_emu_json_append(out, json);
	cJSON_Delete(fates);
	cJSON_Delete(json);
}

static void add_conversation(struct hsm_emu *emu, struct hsm_emu_phone *phone, const char *json)
{
	struct hsm_emu_conversations *conversations = &emu->conversations;
	HSM_MEMORY_GROW(phone->conversations, phone->count, phone->capacity);
	phone->conversations[phone->count++] = conversations->count;
	HSM_MEMORY_GROW(conversations->all, conversations->count, conversations->capacity);
	conversations->all[conversations->count++] =
		(struct hsm_emu_conversation){ phone, hsm_memory_copy_string(json) };
}

bool hsm_emu_conversation_add(struct hsm_emu *emu, const char *number, cJSON *conversation, cJSON *fates)
{
	bool room = emu->conversations.count < CONVERSATIONS_MAXIMUM;
	cJSON_AddNumberToObject(conversation, "created", (double)hsm_emu_now(emu));
	cJSON_AddItemToObject(conversation, "fates", fates);
	char *text = hsm_emu_json_print(conversation);
	if (room) {
		add_conversation(emu, get_phone(emu, number), text);
		hsm_emu_store_put(emu, "conversation", hsm_emu_json_string(conversation, "id"), ++emu->sequence, text);
	}
	free(text);
	cJSON_Delete(conversation);
	return room;
}

bool hsm_emu_conversations_window_open(const struct hsm_emu *emu, const char *number)
{
	return window_is_open(emu, hsm_emu_map_get(&emu->conversations.phones, number));
}

/* The participant's number, or NULL and the request is answered. */
static const char *read_number(struct hsm_emu_request *request, const cJSON *json)
{
	const cJSON *address = hsm_emu_json_get(hsm_emu_json_get(json, "participant"), "address");
	const char *number = hsm_emu_json_string(address, "phoneNumber"), *channel = hsm_emu_json_string(address, "channelType");
	if (!number || !hsm_emu_phone_is_valid(number))
		hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "The phoneNumber is missing or not like +12345678901"),
				"invalid.value", "participant.address.phoneNumber");
	else if (!channel || strcmp(channel, "whatsapp") != 0)
		hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "The channelType must be whatsapp"), "invalid.value",
				"participant.address.channelType");
	else
		return number;
	return NULL;
}

/* The messages as they were sent, but for what is ours to say. */
static cJSON *copy_messages(const cJSON *json)
{
	static const char *const ours[] = { "id", "status", "errors" };
	cJSON *messages = cJSON_Duplicate(hsm_emu_json_get(json, "messages"), 1), *message;
	cJSON_ArrayForEach(message, messages) {
		char id[EMU_ID_SIZE];
		for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
			cJSON_DeleteItemFromObjectCaseSensitive(message, ours[i]);
		hsm_emu_id_generate(id);
		cJSON_AddStringToObject(message, "id", id);
	}
	return messages;
}

/* Owns fates from now on. */
static void create(struct hsm_emu *emu, struct hsm_emu_request *request, const char *number, const cJSON *json,
		   cJSON *fates)
{
	cJSON *conversation = cJSON_CreateObject();
	const char *label = hsm_emu_json_string(json, "label");
	char id[EMU_ID_SIZE];
	hsm_emu_id_generate(id);
	cJSON_AddStringToObject(conversation, "id", id);
	if (label)
		cJSON_AddStringToObject(conversation, "label", label);
	cJSON_AddItemToObject(conversation, "participant", cJSON_Duplicate(hsm_emu_json_get(json, "participant"), 1));
	cJSON_AddItemToObject(conversation, "messages", copy_messages(json));
	if (!hsm_emu_conversation_add(emu, number, conversation, fates)) {
		hsm_emu_fail(request, 400, "bad.request", "There are %d conversations already", CONVERSATIONS_MAXIMUM);
		return;
	}
	append_conversation(emu, &request->answer, &emu->conversations.all[emu->conversations.count - 1]);
}

void hsm_emu_conversations_create(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json(request), *fates = cJSON_CreateArray();
	const char *number = json ? read_number(request, json) : NULL;
	const struct hsm_emu_phone *phone = number ? hsm_emu_map_get(&emu->conversations.phones, number) : NULL;
	const cJSON *label = hsm_emu_json_get(json, "label");
	bool good = false;
	if (number && label && !cJSON_IsString(label))
		hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "A label is a string"), "invalid.value", "label");
	else if (number)
		good = hsm_emu_sending_check(emu, request, json, window_is_open(emu, phone), fates);
	if (good)
		create(emu, request, number, json, fates);
	else
		cJSON_Delete(fates);
	cJSON_Delete(json);
}

void hsm_emu_conversations_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *number = hsm_emu_request_query(request, "phoneNumber");
	if (!number || !hsm_emu_phone_is_valid(number)) {
		hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "The phoneNumber is missing or not like %%2B12345678901"),
				"invalid.value", "phoneNumber");
		return;
	}
	const struct hsm_emu_phone *phone = hsm_emu_map_get(&emu->conversations.phones, number);
	struct hsm_emu_page page;
	if (!hsm_emu_page_begin(request, phone ? phone->count : 0, &page))
		return;
	hsm_emu_page_open(request);
	for (size_t i = page.first; i < page.end; i++) {
		if (i > page.first)
			hsm_buffer_append_char(&request->answer, ',');
		append_conversation(emu, &request->answer,
				    &emu->conversations.all[phone->conversations[phone->count - 1 - i]]);
	}
	hsm_emu_page_close(request, &page);
}

void hsm_emu_admin_user_wrote(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *number = request->captures[0];
	char json[32];
	if (!hsm_emu_phone_is_valid(number)) {
		hsm_emu_fail(request, 400, "bad.request", "'%s' is not like +12345678901", number);
		return;
	}
	struct hsm_emu_phone *phone = get_phone(emu, number);
	phone->user_wrote = hsm_emu_now(emu);
	snprintf(json, sizeof(json), "%lld", (long long)phone->user_wrote);
	hsm_emu_store_put(emu, "phone", number, 0, json);
	request->status = 204;
}

void hsm_emu_conversations_append(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	hsm_buffer_append_char(&request->answer, '[');
	for (size_t i = 0; i < emu->conversations.count; i++) {
		if (i)
			hsm_buffer_append_char(&request->answer, ',');
		append_conversation(emu, &request->answer, &emu->conversations.all[i]);
	}
	hsm_buffer_append_char(&request->answer, ']');
}

static bool load_conversation(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	(void)id;
	(void)sequence;
	cJSON *document = cJSON_Parse(json);
	const char *number =
		hsm_emu_json_string(hsm_emu_json_get(hsm_emu_json_get(document, "participant"), "address"), "phoneNumber");
	if (number)
		add_conversation(emu, get_phone(emu, number), json);
	cJSON_Delete(document);
	return number != NULL;
}

static bool load_phone(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	(void)sequence;
	get_phone(emu, id)->user_wrote = strtoll(json, NULL, 10);
	return true;
}

bool hsm_emu_conversations_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "phone", load_phone) && hsm_emu_store_load(emu, "conversation", load_conversation);
}

static void free_phone(void *value, void *context)
{
	struct hsm_emu_phone *phone = value;
	(void)context;
	free(phone->conversations);
	free(phone->number);
	free(phone);
}

void hsm_emu_conversations_release(struct hsm_emu *emu)
{
	hsm_emu_map_visit(&emu->conversations.phones, free_phone, NULL);
	hsm_emu_map_release(&emu->conversations.phones);
	for (size_t i = 0; i < emu->conversations.count; i++)
		free(emu->conversations.all[i].json);
	free(emu->conversations.all);
	emu->conversations = (struct hsm_emu_conversations){ 0 };
}
