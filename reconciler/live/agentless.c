/* Messages through Genesys' POST /api/v2/conversations/messages/agentless: of a response's template, and SMS. */
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/live/pages.h"
#include "reconciler/live/sending.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define MESSAGES "/api/v2/conversations/messages"
#define REFRESH_SECONDS 60.0

/* Of several the same one each time; NULL: there is none, or it was not read. */
static const struct hsm_live_response *find_response(const struct hsm_messenger *messenger, const char *template,
						     const char *language)
{
	size_t count;
	return hsm_responses_find(&messenger->responses, template, language, &count);
}

/* The id that a response has for a part (canned.h says which it is, and people may take the name); NULL: none. */
static const char *find_substitution(struct hsm_arena *arena, const struct hsm_live_response *response,
				     const struct hsm_part *part)
{
	const char *const wanted[] = { part->own ? part->own : hsm_arena_format(arena, "%zu", part->place), part->name };
	for (size_t i = 0; i < 2; i++) {
		/* In JSON that is canonical no text can hold this: its quotes are escaped. */
		const char *member = hsm_arena_format(arena, "\"id\":\"%s\"", wanted[i]);
		if (strstr(response->content.substitutions, member))
			return wanted[i];
	}
	return NULL;
}

static bool is_list(const struct hsm_part *part, size_t card, const char *type)
{
	return part->card == card && strcmp(part->type, type) == 0;
}

/* Whether an earlier parameter of the same list has the id already: with the same value it is said once. */
static bool is_said(struct hsm_arena *arena, const struct hsm_live_response *response, const struct hsm_send *send,
		    size_t at)
{
	const struct hsm_part *part = &send->parts[at];
	const char *id = find_substitution(arena, response, part);
	for (size_t i = 0; i < at; i++)
		if (is_list(&send->parts[i], part->card, part->type) &&
		    strcmp(find_substitution(arena, response, &send->parts[i]), id) == 0)
			return true;
	return false;
}

/* The parameters of one component; nothing where it has none. */
static void write_list(struct hsm_arena *arena, struct hsm_json_writer *json, const struct hsm_live_response *response,
		       const struct hsm_send *send, size_t card, const char *type, const char *key)
{
	bool any = false;
	for (size_t i = 0; i < send->parameter_count; i++) {
		if (!is_list(&send->parts[i], card, type) || is_said(arena, response, send, i))
			continue;
		if (!any)
			hsm_json_begin_array(json, key);
		any = true;
		hsm_json_begin_object(json, NULL);
		hsm_json_write_string(json, "id", find_substitution(arena, response, &send->parts[i]));
		hsm_json_write_string(json, "value", send->parameters[i]);
		hsm_json_end_object(json);
	}
	if (any)
		hsm_json_end_array(json);
}

static void write_lists(struct hsm_arena *arena, struct hsm_json_writer *json, const struct hsm_live_response *response,
			const struct hsm_send *send, size_t card)
{
	if (!card)
		write_list(arena, json, response, send, card, "HEADER", "headerParameters");
	write_list(arena, json, response, send, card, "BODY", "bodyParameters");
	write_list(arena, json, response, send, card, "BUTTONS", "buttonUrlParameters");
}

static void write_cards(struct hsm_arena *arena, struct hsm_json_writer *json, const struct hsm_live_response *response,
			const struct hsm_send *send)
{
	size_t card = 0;
	for (size_t i = 0; i < send->parameter_count; i++) {
		if (send->parts[i].card == card)
			continue;
		if (!card) {
			hsm_json_begin_object(json, "carouselParameters");
			hsm_json_begin_array(json, "cardParameters");
		}
		card = send->parts[i].card;
		hsm_json_begin_object(json, NULL);
		hsm_json_write_integer(json, "index", (int64_t)card - 1);
		write_lists(arena, json, response, send, card);
		hsm_json_end_object(json);
	}
	if (!card)
		return;
	hsm_json_end_array(json);
	hsm_json_end_object(json);
}

static void write_template(struct hsm_arena *arena, struct hsm_json_writer *json, const struct hsm_live_response *response,
			   const struct hsm_send *send)
{
	hsm_json_begin_object(json, "messagingTemplate");
	hsm_json_write_string(json, "responseId", response->id);
	write_lists(arena, json, response, send, 0);
	write_cards(arena, json, response, send);
	hsm_json_end_object(json);
}

static const char *write_body(struct hsm_arena *arena, const struct hsm_messenger *messenger,
			      const struct hsm_send *send)
{
	const struct hsm_live_response *response =
		send->sms ? NULL : find_response(messenger, send->template, send->language);
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer json = { .buffer = &body };
	if (!response && !send->sms)
		return NULL;
	hsm_json_begin_object(&json, NULL);
	hsm_json_write_string(&json, "fromAddress", send->sms ? messenger->sms : messenger->from);
	/* WhatsApp's ids of people are their numbers without the plus. */
	hsm_json_write_string(&json, "toAddress", send->phone + (!send->sms && *send->phone == '+'));
	hsm_json_write_string(&json, "toAddressMessengerType", send->sms ? "sms" : "whatsapp");
	if (send->sms)
		hsm_json_write_string(&json, "textBody", send->text);
	else
		write_template(arena, &json, response, send);
	hsm_json_end_object(&json);
	const char *copy = hsm_arena_copy(arena, body.data, body.length);
	hsm_buffer_release(&body);
	return copy;
}

static int check_substitutions(const struct hsm_live_response *response, const struct hsm_send *send,
			       struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	int status = 0;
	for (size_t i = 0; i < send->parameter_count && !status; i++) {
		const struct hsm_part *part = &send->parts[i];
		const char *id = find_substitution(&arena, response, part);
		if (!id)
			status = hsm_error_set(error, HSM_ERROR_BLOCKED,
					       "response '%.100s' of Genesys has no substitution for '%.100s' of %s", response->content.name,
					       part->name, send->template);
		for (size_t j = 0; j < i && !status; j++)
			if (is_list(&send->parts[j], part->card, part->type) &&
			    strcmp(find_substitution(&arena, response, &send->parts[j]), id) == 0 &&
			    strcmp(send->parameters[j], send->parameters[i]) != 0)
				status = hsm_error_set(error, HSM_ERROR_BLOCKED,
						       "response '%.100s' of Genesys has one substitution for two parameters of %s, '%.100s' "
						       "and '%.100s'", response->content.name, send->template, send->parts[j].name, part->name);
	}
	hsm_arena_release(&arena);
	return status;
}

/* Where none is known for this template, which may be new. */
static int refresh(struct hsm_messenger *messenger, const struct hsm_send *send, struct hsm_error *error)
{
	double now = hsm_clock_monotonic(), read = messenger->responses_read;
	if (find_response(messenger, send->template, send->language) || (read > 0 && now - read < REFRESH_SECONDS))
		return 0;
	messenger->responses_read = now;
	return hsm_responses_read(messenger->genesys, messenger->account, messenger->library, &messenger->responses, error);
}

static int prepare(struct hsm_messenger *messenger, const struct hsm_send *send, struct hsm_error *error)
{
	const struct hsm_live_response *response;
	if (send->sms)
		return 0;
	int status = refresh(messenger, send, error);
	if (status)
		return status;
	response = find_response(messenger, send->template, send->language);
	return response ? check_substitutions(response, send, error) :
			  hsm_error_set(error, HSM_ERROR_BLOCKED,
					"no response of Genesys refers to %s %s: messages of it can't go out through Genesys",
					send->template, send->language);
}

/* An id that stands in paths and journals. */
static const char *read_id(struct hsm_arena *arena, const cJSON *json, const char *key)
{
	const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
	return id && *id && strlen(id) <= HSM_SENDING_ID_MAX ? hsm_arena_copy_string(arena, id) : NULL;
}

static int read_sent(struct hsm_sending_request *request, const cJSON *json, struct hsm_conversation *conversation,
		     struct hsm_error *error)
{
	struct hsm_arena *arena = &request->arena;
	struct hsm_conversation_message *message = hsm_arena_allocate(arena, sizeof(*message));
	*message = (struct hsm_conversation_message){ .id = read_id(arena, json, "id") };
	*conversation = (struct hsm_conversation){ .id = read_id(arena, json, "conversationId"), .label = request->send.label,
						   .messages = message, .message_count = 1 };
	return message->id ? 0 : hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it has no id of a message");
}

static void send_done(void *user, const struct hsm_http_answer *answer)
{
	hsm_sending_end(user, answer, read_sent);
}

static void send_message(struct hsm_messenger *messenger, const struct hsm_send *send, hsm_send_done *done, void *user)
{
	struct hsm_sending_request *request = hsm_sending_make(messenger->genesys, send, done, user);
	hsm_sending_post(request, MESSAGES "/agentless", write_body(&request->arena, messenger, send), send_done);
}

/* Genesys' words for what became of a message, and ours. */
static const char *find_status(const char *word)
{
	static const char *const words[][2] = {
		{ "delivery-success", "DELIVERED" }, { "read", "READ" }, { "delivery-failed", "FAILED" },
		{ "failed", "FAILED" }, { "sent", "SENT" }, { "queued", "ACCEPTED" },
	};
	for (size_t i = 0; word && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i][0], word) == 0)
			return words[i][1];
	return NULL;
}

/* "(#132015) Template is paused": Meta's code in a reason's words. */
static int64_t read_code(const cJSON *json)
{
	const cJSON *receipt, *reason;
	cJSON_ArrayForEach(receipt, cJSON_GetObjectItemCaseSensitive(json, "normalizedReceipts"))
		cJSON_ArrayForEach(reason, cJSON_GetObjectItemCaseSensitive(receipt, "reasons")) {
			const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(reason, "message"));
			const char *code = text ? strstr(text, "(#") : NULL;
			long long number = code ? strtoll(code + 2, NULL, 10) : 0;
			if (number > 0 && number <= HSM_SENDING_CODE_MAX)
				return number;
		}
	return 0;
}

static int read_details(struct hsm_sending_request *request, const cJSON *json, struct hsm_conversation *conversation,
			struct hsm_error *error)
{
	struct hsm_arena *arena = &request->arena;
	struct hsm_conversation_message *message = hsm_arena_allocate(arena, sizeof(*message));
	const char *word = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "status"));
	(void)error;
	*message = (struct hsm_conversation_message){ .id = read_id(arena, json, "id"), .status = find_status(word),
						      .error = read_code(json) };
	message->error_text = hsm_sending_explain(message->error);
	*conversation = (struct hsm_conversation){ .id = read_id(arena, json, "conversationId"), .label = request->send.label,
						   .messages = message, .message_count = 1 };
	return 0;
}

static void ask_done(void *user, const struct hsm_http_answer *answer)
{
	hsm_sending_end(user, answer, read_details);
}

/* Of one whose answer was lost nobody can be asked. */
static void ask(struct hsm_messenger *messenger, const struct hsm_trace *trace, hsm_send_done *done, void *user)
{
	struct hsm_sending_request *request = hsm_sending_make(
		messenger->genesys, &(struct hsm_send){ .phone = trace->phone, .label = trace->label }, done, user);
	const char *path = hsm_arena_format(&request->arena, MESSAGES "/%s/details",
					    hsm_path_escape(&request->arena, trace->message ? trace->message : ""));
	hsm_http_send(messenger->genesys->http, &(struct hsm_http_request){
		.method = "GET",
		.base = messenger->genesys->settings->base_url,
		.path = path,
		.repeat = HSM_HTTP_READ,
		.done = ask_done,
		.user = request,
		.release = hsm_sending_release,
	});
}

/* What media and quick replies show and answer is the response's. */
const struct hsm_way hsm_agentless_way = {
	.word = "agentless",
	.given = HSM_PART_TEXT | HSM_PART_ADDRESS,
	.kept = HSM_PART_MEDIA | HSM_PART_PAYLOAD,
	.declared = true,
	.write = write_body,
	.prepare = prepare,
	.send = send_message,
	.ask = ask,
};
