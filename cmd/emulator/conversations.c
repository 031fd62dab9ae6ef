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

static bool number_is_valid(const char *number)
{
	size_t digits = strlen(number) - 1;
	return number[0] == '+' && number[1] >= '1' && number[1] <= '9' && digits >= 7 && digits <= 15 &&
	       strspn(number + 1, "0123456789") == digits;
}

static void append_conversation(struct hsm_emu *emu, struct hsm_buffer *out, const struct hsm_emu_phone *phone,
				const struct hsm_emu_conversation *conversation)
{
	char time[EMU_TIME_SIZE];
	hsm_buffer_append(out, conversation->json, strlen(conversation->json) - 1);
	hsm_emu_json_append_member(out, "session_status", window_is_open(emu, phone) ? "OPEN" : "CLOSED");
	hsm_emu_json_append_member(out, "last_user_message_timestamp",
			       phone->user_wrote ? hsm_emu_time_format(phone->user_wrote, time) : NULL);
	hsm_buffer_append_char(out, '}');
}

static void add_conversation(struct hsm_emu *emu, struct hsm_emu_phone *phone, const char *id, uint64_t sequence,
			     const char *json)
{
	HSM_MEMORY_GROW(phone->conversations, phone->count, phone->capacity);
	struct hsm_emu_conversation *conversation = &phone->conversations[phone->count++];
	snprintf(conversation->id, sizeof(conversation->id), "%s", id);
	conversation->sequence = sequence;
	conversation->json = hsm_memory_copy_string(json);
	emu->conversations.count++;
}

/* The participant's number, or NULL and the request is answered. */
static const char *read_number(struct hsm_emu_request *request, const cJSON *json)
{
	const cJSON *address = hsm_emu_json_get(hsm_emu_json_get(json, "participant"), "address");
	const char *number = hsm_emu_json_string(address, "phoneNumber"), *channel = hsm_emu_json_string(address, "channelType");
	if (!number || !number_is_valid(number))
		hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "The phoneNumber is missing or not like +12345678901"),
				"invalid.value", "participant.address.phoneNumber");
	else if (!channel || strcmp(channel, "whatsapp") != 0)
		hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "The channelType must be whatsapp"), "invalid.value",
				"participant.address.channelType");
	else
		return number;
	return NULL;
}

static void build_conversation(const cJSON *json, const char *id, struct hsm_buffer *out)
{
	cJSON *conversation = cJSON_CreateObject(), *message;
	const char *label = hsm_emu_json_string(json, "label");
	cJSON_AddStringToObject(conversation, "id", id);
	if (label)
		cJSON_AddStringToObject(conversation, "label", label);
	cJSON_AddItemToObject(conversation, "participant", cJSON_Duplicate(hsm_emu_json_get(json, "participant"), 1));
	cJSON *messages = cJSON_Duplicate(hsm_emu_json_get(json, "messages"), 1);
	cJSON_ArrayForEach(message, messages) {
		char message_id[EMU_ID_SIZE];
		hsm_emu_id_generate(message_id);
		cJSON_DeleteItemFromObjectCaseSensitive(message, "id");
		cJSON_DeleteItemFromObjectCaseSensitive(message, "status");
		cJSON_AddStringToObject(message, "id", message_id);
		cJSON_AddStringToObject(message, "status", "ACCEPTED");
	}
	cJSON_AddItemToObject(conversation, "messages", messages);
	hsm_emu_json_append(out, conversation);
	cJSON_Delete(conversation);
}

static void create(struct hsm_emu *emu, struct hsm_emu_request *request, const char *number, const cJSON *json)
{
	struct hsm_emu_phone *phone = get_phone(emu, number);
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	char id[EMU_ID_SIZE];
	hsm_emu_id_generate(id);
	build_conversation(json, id, &text);
	add_conversation(emu, phone, id, ++emu->sequence, text.data);
	hsm_emu_store_put(emu, "conversation", id, emu->sequence, text.data);
	hsm_buffer_release(&text);
	append_conversation(emu, &request->answer, phone, &phone->conversations[phone->count - 1]);
}

void hsm_emu_conversations_create(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json(request);
	const char *number = json ? read_number(request, json) : NULL;
	if (number && emu->conversations.count >= CONVERSATIONS_MAXIMUM)
		hsm_emu_fail(request, 400, "bad.request", "There are %d conversations already", CONVERSATIONS_MAXIMUM);
	else if (number && hsm_emu_sending_check(emu, request, json,
					     window_is_open(emu, hsm_emu_map_get(&emu->conversations.phones, number))))
		create(emu, request, number, json);
	cJSON_Delete(json);
}

void hsm_emu_conversations_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *number = hsm_emu_request_query(request, "phoneNumber");
	if (!number || !number_is_valid(number)) {
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
		append_conversation(emu, &request->answer, phone, &phone->conversations[phone->count - 1 - i]);
	}
	hsm_emu_page_close(request, &page);
}

void hsm_emu_admin_user_wrote(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *number = request->captures[0];
	char json[32];
	if (!number_is_valid(number)) {
		hsm_emu_fail(request, 400, "bad.request", "'%s' is not like +12345678901", number);
		return;
	}
	struct hsm_emu_phone *phone = get_phone(emu, number);
	phone->user_wrote = hsm_emu_now(emu);
	snprintf(json, sizeof(json), "%lld", (long long)phone->user_wrote);
	hsm_emu_store_put(emu, "phone", number, 0, json);
	request->status = 204;
}

struct append_context {
	struct hsm_emu *emu;
	struct hsm_buffer *out;
};

static void append_phone(void *value, void *context)
{
	const struct hsm_emu_phone *phone = value;
	struct append_context *append = context;
	for (size_t i = 0; i < phone->count; i++) {
		if (append->out->data[append->out->length - 1] != '[')
			hsm_buffer_append_char(append->out, ',');
		append_conversation(append->emu, append->out, phone, &phone->conversations[i]);
	}
}

void hsm_emu_conversations_append(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct append_context append = { emu, &request->answer };
	hsm_buffer_append_char(&request->answer, '[');
	hsm_emu_map_visit(&emu->conversations.phones, append_phone, &append);
	hsm_buffer_append_char(&request->answer, ']');
}

static bool load_conversation(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	cJSON *document = cJSON_Parse(json);
	const char *number =
		hsm_emu_json_string(hsm_emu_json_get(hsm_emu_json_get(document, "participant"), "address"), "phoneNumber");
	if (number)
		add_conversation(emu, get_phone(emu, number), id, sequence, json);
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
	for (size_t i = 0; i < phone->count; i++)
		free(phone->conversations[i].json);
	free(phone->conversations);
	free(phone->number);
	free(phone);
}

void hsm_emu_conversations_release(struct hsm_emu *emu)
{
	hsm_emu_map_visit(&emu->conversations.phones, free_phone, NULL);
	hsm_emu_map_release(&emu->conversations.phones);
	emu->conversations.count = 0;
}
