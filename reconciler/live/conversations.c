#include "reconciler/live/conversations.h"

#include <string.h>

#include "reconciler/live/genesys.h"
#include "reconciler/live/sending.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define CONVERSATIONS "/api/v2/messaging/conversations"

struct wire_message {
	struct hsm_node node;
	struct hsm_string id, status;
};

struct wire_conversation {
	struct hsm_node node;
	struct hsm_string id, label, session_status, last_user_message;
	struct hsm_list messages; /* struct wire_message */
};

#define MESSAGE_AT(member) .offset = offsetof(struct wire_message, member)
#define AT(member) .offset = offsetof(struct wire_conversation, member)

static const struct hsm_field message_fields[] = {
	{ "id", HSM_TYPE_STRING, 0, MESSAGE_AT(id) },
	{ "status", HSM_TYPE_STRING, 0, MESSAGE_AT(status) },
};
static const struct hsm_object message_object = {
	"message", 0, sizeof(struct wire_message), HSM_OBJECT_FIELDS(message_fields), .help = NULL,
};
static const struct hsm_field message_element = { "message", HSM_TYPE_OBJECT, .object = &message_object };

static const struct hsm_field conversation_fields[] = {
	{ "id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(id) },
	{ "label", HSM_TYPE_STRING, 0, AT(label) },
	{ "session_status", HSM_TYPE_STRING, 0, AT(session_status) },
	{ "last_user_message_timestamp", HSM_TYPE_STRING, 0, AT(last_user_message) },
	{ "messages", HSM_TYPE_LIST, 0, AT(messages), sizeof(struct wire_message), &message_element },
};
static const struct hsm_object conversation_object = {
	"conversation", 0, sizeof(struct wire_conversation), HSM_OBJECT_FIELDS(conversation_fields), .help = NULL,
};

/* A server may say why a message failed, in a way that the contract does not tell:
 * {"code": 132015} in an array `errors`. Anything else is passed over. */
static void read_failure(const cJSON *json, struct hsm_conversation_message *message)
{
	const cJSON *errors = cJSON_GetObjectItemCaseSensitive(json, "errors"), *error;
	cJSON_ArrayForEach(error, errors) {
		const cJSON *code = cJSON_GetObjectItemCaseSensitive(error, "code");
		if (!cJSON_IsNumber(code) || !(code->valuedouble >= 1 && code->valuedouble <= HSM_SENDING_CODE_MAX))
			continue;
		message->error = (int64_t)code->valuedouble;
		message->error_text = hsm_sending_explain(message->error);
		return;
	}
}

static bool is_too_long(struct hsm_string id)
{
	return id.text && strlen(id.text) > HSM_SENDING_ID_MAX;
}

static int read_conversation(struct hsm_arena *arena, const cJSON *json, struct hsm_conversation *conversation,
			     struct hsm_error *error)
{
	struct wire_conversation wire = { 0 };
	int status = hsm_json_read(arena, json, &conversation_object, &wire, error);
	if (status)
		return status;
	const cJSON *entry = cJSON_GetObjectItemCaseSensitive(json, "messages");
	struct hsm_conversation_message *messages =
		hsm_arena_allocate_array(arena, wire.messages.count, sizeof(*messages));
	bool is_good = *wire.id.text && !is_too_long(wire.id);
	entry = entry ? entry->child : NULL;
	for (size_t i = 0; i < wire.messages.count; i++, entry = entry->next) {
		const struct wire_message *message = HSM_LIST_ITEM(wire.messages, struct wire_message, i);
		is_good = is_good && !is_too_long(message->id);
		messages[i].id = message->id.text;
		messages[i].status = hsm_text_upper_case(arena, message->status.text);
		read_failure(entry, &messages[i]);
	}
	*conversation = (struct hsm_conversation){
		.id = wire.id.text,
		.label = wire.label.text,
		.session_status = hsm_text_upper_case(arena, wire.session_status.text),
		.last_user_message = hsm_genesys_keep_time(arena, wire.last_user_message.text),
		.messages = messages,
		.message_count = wire.messages.count,
	};
	return is_good ? 0 : hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "an id is empty or longer than %d bytes", HSM_SENDING_ID_MAX);
}

static int read_sent(struct hsm_sending_request *request, const cJSON *json, struct hsm_conversation *conversation,
		     struct hsm_error *error)
{
	int status = read_conversation(&request->arena, json, conversation, error);
	const char *label = request->send.label;
	if (!status && label && conversation->label && strcmp(conversation->label, label) != 0)
		status = hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it is about another conversation");
	return status;
}

static void send_done(void *user, const struct hsm_http_answer *answer)
{
	hsm_sending_end(user, answer, read_sent);
}

const char *hsm_send_write(struct hsm_arena *arena, const struct hsm_send *send)
{
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer json = { .buffer = &body };
	hsm_json_begin_object(&json, NULL);
	if (send->label)
		hsm_json_write_string(&json, "label", send->label);
	hsm_json_begin_object(&json, "participant");
	hsm_json_begin_object(&json, "address");
	hsm_json_write_string(&json, "phoneNumber", send->phone);
	hsm_json_write_string(&json, "channelType", "whatsapp");
	hsm_json_end_object(&json);
	hsm_json_end_object(&json);
	hsm_json_begin_array(&json, "messages");
	hsm_json_begin_object(&json, NULL);
	hsm_json_write_string(&json, "type", send->template ? "whatsapp_template" : "text");
	if (send->template) {
		hsm_json_write_string(&json, "templateName", send->template);
		hsm_json_write_string(&json, "language", send->language);
		hsm_json_begin_array(&json, "parameters");
		for (size_t i = 0; i < send->parameter_count; i++)
			hsm_json_write_string(&json, NULL, send->parameters[i]);
		hsm_json_end_array(&json);
	} else {
		hsm_json_write_string(&json, "text", send->text);
	}
	hsm_json_end_object(&json);
	hsm_json_end_array(&json);
	hsm_json_end_object(&json);
	const char *copy = hsm_arena_copy(arena, body.data, body.length);
	hsm_buffer_release(&body);
	return copy;
}

void hsm_conversation_send(struct hsm_connection *connection, const struct hsm_send *send, hsm_send_done *done,
			   void *user)
{
	struct hsm_sending_request *request = hsm_sending_make(connection, send, done, user);
	hsm_sending_post(request, CONVERSATIONS, hsm_send_write(&request->arena, send), send_done);
}

static int read_page(struct hsm_sending_request *request, const struct hsm_page *page, struct hsm_send_result *result,
		     struct hsm_error *error)
{
	size_t count = (size_t)cJSON_GetArraySize(page->entities), number = 0;
	struct hsm_conversation *conversations =
		hsm_arena_allocate_array(&request->arena, count, sizeof(*conversations));
	const cJSON *entity;
	cJSON_ArrayForEach(entity, page->entities) {
		int status = read_conversation(&request->arena, entity, &conversations[number++], error);
		if (status)
			return status;
	}
	result->conversations = conversations;
	result->conversation_count = count;
	result->has_older = page->total > (int64_t)count;
	return 0;
}

static void list_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_sending_request *request = user;
	struct hsm_send_result result = { .outcome = HSM_OUTCOME_DONE };
	struct hsm_http_answer shown = hsm_sending_hide_id(request, answer);
	struct hsm_page page = { 0 };
	struct hsm_error why;
	if (!hsm_answer_is_good(answer)) {
		hsm_sending_fail(request, answer, &result);
	} else if (hsm_page_read(request->connection, &shown, &page, &result.error)) {
		result.outcome = HSM_OUTCOME_LOST;
	} else if (read_page(request, &page, &result, &why)) {
		result.outcome = HSM_OUTCOME_LOST;
		hsm_answer_unusable(&shown, why.message, &result.error);
	}
	cJSON_Delete(page.json);
	if (result.outcome == HSM_OUTCOME_LOST) /* it asks only: no answer is no loss */
		result.outcome = HSM_OUTCOME_UNAVAILABLE;
	request->done(request->user, &result);
}

void hsm_conversation_list(struct hsm_connection *connection, const char *phone, hsm_send_done *done, void *user)
{
	struct hsm_sending_request *request = hsm_sending_make(connection, &(struct hsm_send){ .phone = phone }, done, user);
	hsm_http_send(connection->http, &(struct hsm_http_request){
		.method = "GET",
		.base = connection->settings->base_url,
		.path = hsm_arena_format(&request->arena, CONVERSATIONS "?phoneNumber=%s&pageSize=%d",
					 hsm_path_escape(&request->arena, phone), HSM_PAGE_SIZE),
		.shown_path = CONVERSATIONS,
		.repeat = HSM_HTTP_READ,
		.done = list_done,
		.user = request,
		.release = hsm_sending_release,
	});
}

static const char *write_body(struct hsm_arena *arena, const struct hsm_messenger *messenger,
			      const struct hsm_send *send)
{
	(void)messenger;
	return hsm_send_write(arena, send);
}

static void send_message(struct hsm_messenger *messenger, const struct hsm_send *send, hsm_send_done *done, void *user)
{
	hsm_conversation_send(messenger->connection, send, done, user);
}

static void ask(struct hsm_messenger *messenger, const struct hsm_trace *trace, hsm_send_done *done, void *user)
{
	hsm_conversation_list(messenger->connection, trace->phone, done, user);
}

const struct hsm_way hsm_conversation_way = {
	.given = HSM_PART_TEXT | HSM_PART_ADDRESS,
	.kept = ~0u,
	.lists = true,
	.write = write_body,
	.send = send_message,
	.ask = ask,
};
