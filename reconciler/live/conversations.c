#include "reconciler/live/conversations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/genesys.h"
#include "schema/base/conceal.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define CONVERSATIONS "/api/v2/messaging/conversations"
#define ID_MAX 256           /* bytes: ids are kept in journals */
#define META_CODE_DIGITS 7
#define META_CODE_MAX 9999999
#define SHOWN_MAX 80         /* bytes of a word of an answer that messages show */
#define PUNCTUATION "._-[]"  /* of codes, ids and places */
#define PHONE_DIGITS 7       /* so many digits in a row give a phone number away */
#define DETAILS_MAX 5        /* of an answer, so many are looked at */

enum meaning { NOT_APPROVED = 1, SESSION_CLOSED = 2 };

/*
 * What codes mean, in our words: an answer's own may quote the recipient or a value.
 * Meta's are numbers, those of the messaging API are words.
 */
static const struct code {
	const char *code;
	enum meaning meaning;
	const char *text;
} codes[] = {
	{ "session.closed", SESSION_CLOSED, "the user did not write in the last 24 hours" },
	{ "messaging.template.not.approved", NOT_APPROVED, "the template is not approved" },
	{ "messaging.template.not.found", NOT_APPROVED, "there is no such template in this language" },
	{ "131008", 0, "a parameter is missing" },
	{ "131009", 0, "a parameter is not valid" },
	{ "131026", 0, "it cannot be delivered to this recipient" },
	{ "131047", SESSION_CLOSED, "the user did not write in the last 24 hours" },
	{ "131049", 0, "the recipient gets no more marketing messages for now" },
	{ "131050", 0, "the recipient wants no marketing messages" },
	{ "132000", 0, "the template has another number of parameters" },
	{ "132001", NOT_APPROVED, "the template does not exist in this language, or is not approved" },
	{ "132005", 0, "a text is too long with its parameters filled in" },
	{ "132007", 0, "it breaks a policy of WhatsApp" },
	{ "132012", 0, "a parameter is not of its format" },
	{ "132015", NOT_APPROVED, "the template is paused" },
	{ "132016", NOT_APPROVED, "the template is disabled" },
	{ "132018", 0, "a parameter has a newline, a tab, or more than four blanks in a row" },
};

static const struct code *find_code(const char *text)
{
	for (size_t i = 0; text && i < sizeof(codes) / sizeof(*codes); i++)
		if (strcmp(codes[i].code, text) == 0)
			return &codes[i];
	return NULL;
}

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

/* A request under way. Freed with it. */
struct request {
	struct hsm_connection *connection;
	struct hsm_arena arena;
	struct hsm_send send; /* what no message may hold; of a listing the phone */
	hsm_send_done *done;
	void *user;
};

static struct request *make(struct hsm_connection *connection, const struct hsm_send *send, hsm_send_done *done,
			    void *user)
{
	struct request *request = hsm_memory_allocate(sizeof(*request));
	struct hsm_arena *arena = &request->arena;
	*request = (struct request){ .connection = connection, .done = done, .user = user };
	const char **parameters = hsm_arena_allocate_array(arena, send->parameter_count, sizeof(*parameters));
	for (size_t i = 0; i < send->parameter_count; i++)
		parameters[i] = hsm_arena_copy_string(arena, send->parameters[i]);
	request->send = (struct hsm_send){
		.phone = hsm_arena_copy_string(arena, send->phone),
		.label = hsm_arena_copy_string(arena, send->label),
		.text = hsm_arena_copy_string(arena, send->text),
		.parameters = parameters,
		.parameter_count = send->parameter_count,
	};
	return request;
}

static void release(void *user)
{
	struct request *request = user;
	hsm_arena_release(&request->arena);
	free(request);
}

/* Whether a word has all of what was sent in it, however encoded, or has a part out of it. */
static bool quotes(const char *word, const char *sent)
{
	char copy[SHOWN_MAX + 1], *rest = copy, *part;
	if (!sent)
		return false;
	if ((strlen(sent) > 2 && strcasestr(word, sent)) || hsm_conceal_finds(word, sent))
		return true;
	snprintf(copy, sizeof(copy), "%s", word);
	while ((part = strsep(&rest, PUNCTUATION)))
		if (strlen(part) > 2 && strcasestr(sent, part))
			return true;
	return false;
}

static bool quotes_phone(const struct hsm_send *send, const char *text)
{
	size_t length = strlen(text);
	for (size_t i = 0; i + PHONE_DIGITS <= length; i++) {
		char part[PHONE_DIGITS + 1] = { 0 };
		memcpy(part, text + i, PHONE_DIGITS);
		if (strstr(send->phone, part))
			return true;
	}
	return hsm_conceal_finds(text, send->phone + (*send->phone == '+'));
}

/* Whether a whole message does: that there is no token may be another answer's to tell. */
static bool quotes_send(const struct hsm_send *send, const char *message)
{
	for (size_t i = 0; i < send->parameter_count; i++)
		if (hsm_conceal_finds(message, send->parameters[i]))
			return true;
	return (send->text && hsm_conceal_finds(message, send->text)) || quotes_phone(send, message);
}

/*
 * Whether a word out of an answer may stand in a message: servers quote what they were
 * sent, and anywhere.
 */
static bool may_show(const struct hsm_send *send, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" PUNCTUATION;
	size_t length = word ? strlen(word) : 0;
	if (!length || length > SHOWN_MAX || strspn(word, plain) != length || quotes(word, send->text) ||
	    quotes_phone(send, word))
		return false;
	for (size_t i = 0; i < send->parameter_count; i++)
		if (quotes(word, send->parameters[i]))
			return false;
	return true;
}

static int64_t read_code(const char *text)
{
	size_t length = text ? strspn(text, "0123456789") : 0;
	return length && length <= META_CODE_DIGITS && !text[length] ? strtoll(text, NULL, 10) : 0;
}

/* The codes and the places that an answer names, and what the last code known means. */
static void describe_fault(const struct request *request, const struct hsm_fault *fault, struct hsm_buffer *text)
{
	const struct hsm_send *send = &request->send;
	const struct code *known = find_code(fault->code.text);
	const char *between = " [";
	if (known || may_show(send, fault->code.text))
		hsm_buffer_append_format(text, " %s", fault->code.text);
	for (size_t i = 0; i < fault->details.count && i < DETAILS_MAX; i++) {
		const struct hsm_fault_detail *detail = HSM_LIST_ITEM(fault->details, struct hsm_fault_detail, i);
		const struct code *here = find_code(detail->error_code.text);
		const char *parts[] = { detail->field_name.text, detail->error_code.text };
		known = here ? here : known;
		for (size_t j = 0; j < 2; j++) {
			if (!may_show(send, parts[j]) && !(j == 1 && here))
				continue;
			hsm_buffer_append_format(text, "%s%s", between, parts[j]);
			between = ": ";
		}
		between = strcmp(between, " [") == 0 ? between : "; ";
	}
	if (strcmp(between, " [") != 0)
		hsm_buffer_append_char(text, ']');
	if (known)
		hsm_buffer_append_format(text, ": %s", known->text);
}

/* As hsm_answer_fail, without the answer's own words. */
static void describe(const struct request *request, const struct hsm_http_answer *answer,
		     const struct hsm_fault *fault, enum hsm_error_class class, struct hsm_error *error)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_ERROR_MESSAGE_SIZE);
	bool has_id = answer->correlation_id != NULL, shows_id = may_show(&request->send, answer->correlation_id);
	if (answer->fate != HSM_HTTP_ANSWERED) {
		*error = answer->error;
		error->class = class;
		if (has_id && !shows_id)
			hsm_error_set(error, class, "%s: the answer was cut off", answer->where);
		else if (quotes_send(&request->send, error->message))
			hsm_error_set(error, class, "%s: not sent: an answer before it quotes what only it may hold", answer->where);
		return;
	}
	describe_fault(request, fault, &text);
	hsm_error_set(error, class, "%s: %ld%s%s%s%s", answer->where, answer->status, hsm_buffer_text(&text),
		      shows_id ? " (correlation id " : "", shows_id ? answer->correlation_id : "", shows_id ? ")" : "");
	hsm_buffer_release(&text);
}

/* What a refusal means, and Meta's code of it. */
static void read_refusal(const struct hsm_send *send, const struct hsm_fault *fault, struct hsm_send_result *result)
{
	const struct code *code = find_code(fault->code.text);
	unsigned meaning = code ? code->meaning : 0;
	for (size_t i = 0; i < fault->details.count && i < DETAILS_MAX; i++) {
		const char *text = HSM_LIST_ITEM(fault->details, struct hsm_fault_detail, i)->error_code.text;
		code = find_code(text);
		meaning |= code ? code->meaning : 0;
		if (!result->error_code && (code || may_show(send, text)))
			result->error_code = read_code(text);
	}
	result->session_closed = meaning & SESSION_CLOSED;
	result->not_approved = meaning & NOT_APPROVED;
}

/* The outcome of an answer that is not good, and its error. */
static void fail(const struct request *request, const struct hsm_http_answer *answer, struct hsm_send_result *result)
{
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	enum hsm_error_class class;
	hsm_genesys_read_fault(&arena, answer, &fault);
	result->outcome = hsm_genesys_judge(answer, &fault, &class);
	/* There is no name to be taken: whatever a 409 is about, it was not sent. */
	if (result->outcome == HSM_OUTCOME_EXISTS || result->outcome == HSM_OUTCOME_LOCKED)
		result->outcome = HSM_OUTCOME_REFUSED;
	if (result->outcome == HSM_OUTCOME_REFUSED)
		read_refusal(&request->send, &fault, result);
	if (result->not_approved)
		class = HSM_ERROR_BLOCKED;
	describe(request, answer, &fault, class, &result->error);
	hsm_arena_release(&arena);
}

/* A server may say why a message failed, in a way that the contract does not tell:
 * {"code": 132015} in an array `errors`. Anything else is passed over. */
static void read_failure(const cJSON *json, struct hsm_conversation_message *message)
{
	const cJSON *errors = cJSON_GetObjectItemCaseSensitive(json, "errors"), *error;
	cJSON_ArrayForEach(error, errors) {
		const cJSON *code = cJSON_GetObjectItemCaseSensitive(error, "code");
		if (!cJSON_IsNumber(code) || !(code->valuedouble >= 1 && code->valuedouble <= META_CODE_MAX))
			continue;
		char text[24];
		message->error = (int64_t)code->valuedouble;
		snprintf(text, sizeof(text), "%lld", (long long)message->error);
		const struct code *known = find_code(text);
		message->error_text = known ? known->text : NULL;
		return;
	}
}

static bool is_too_long(struct hsm_string id)
{
	return id.text && strlen(id.text) > ID_MAX;
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
	return is_good ? 0 : hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "an id is empty or longer than %d bytes", ID_MAX);
}

/* An answer whose correlation id may be shown, or without it. */
static struct hsm_http_answer hide_id(const struct request *request, const struct hsm_http_answer *answer)
{
	struct hsm_http_answer shown = *answer;
	if (!may_show(&request->send, shown.correlation_id))
		shown.correlation_id = NULL;
	return shown;
}

static int read_sent(struct request *request, const struct hsm_http_answer *answer,
		     struct hsm_conversation *conversation, struct hsm_error *error)
{
	cJSON *json;
	int status = hsm_json_parse(&json, answer->body, answer->length, error);
	if (status)
		return status;
	status = read_conversation(&request->arena, json, conversation, error);
	cJSON_Delete(json);
	const char *label = request->send.label;
	if (!status && label && conversation->label && strcmp(conversation->label, label) != 0)
		status = hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it is about another conversation");
	return status;
}

static void send_done(void *user, const struct hsm_http_answer *answer)
{
	struct request *request = user;
	struct hsm_conversation conversation;
	struct hsm_send_result result = {
		.outcome = HSM_OUTCOME_DONE, .conversations = &conversation, .conversation_count = 1
	};
	struct hsm_error why;
	bool is_good = hsm_answer_is_good(answer);
	if (!is_good || read_sent(request, answer, &conversation, &why)) {
		result = (struct hsm_send_result){ .outcome = HSM_OUTCOME_LOST }; /* accepted, perhaps, but as what? */
		struct hsm_http_answer shown = hide_id(request, answer);
		if (is_good)
			hsm_answer_unusable(&shown, why.message, &result.error);
		else
			fail(request, answer, &result);
	}
	request->done(request->user, &result);
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
	struct request *request = make(connection, send, done, user);
	hsm_http_send(connection->http, &(struct hsm_http_request){
		.method = "POST",
		.base = connection->settings->base_url,
		.path = CONVERSATIONS,
		.content_type = "application/json",
		.body = hsm_send_write(&request->arena, send),
		.repeat = HSM_HTTP_ONCE,
		.done = send_done,
		.user = request,
		.release = release,
	});
}

static int read_page(struct request *request, const struct hsm_page *page, struct hsm_send_result *result,
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
	struct request *request = user;
	struct hsm_send_result result = { .outcome = HSM_OUTCOME_DONE };
	struct hsm_http_answer shown = hide_id(request, answer);
	struct hsm_page page = { 0 };
	struct hsm_error why;
	if (!hsm_answer_is_good(answer)) {
		fail(request, answer, &result);
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
	struct request *request = make(connection, &(struct hsm_send){ .phone = phone }, done, user);
	hsm_http_send(connection->http, &(struct hsm_http_request){
		.method = "GET",
		.base = connection->settings->base_url,
		.path = hsm_arena_format(&request->arena, CONVERSATIONS "?phoneNumber=%s&pageSize=%d",
					 hsm_path_escape(&request->arena, phone), HSM_PAGE_SIZE),
		.shown_path = CONVERSATIONS,
		.repeat = HSM_HTTP_READ,
		.done = list_done,
		.user = request,
		.release = release,
	});
}
