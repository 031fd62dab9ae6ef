/* Messages of templates through Meta's POST /{phone number id}/messages. */
#include <string.h>

#include "reconciler/live/graph.h"
#include "reconciler/live/sending.h"
#include "schema/base/fingerprint.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define DATA_MAX 512 /* bytes of what comes back with a message's statuses: Meta's OpenAPI */
#define REFERENCE_DIGITS 32

static void write_text(struct hsm_json_writer *json, const struct hsm_part *part, const char *value)
{
	hsm_json_write_string(json, "type", "text");
	if (part->own)
		hsm_json_write_string(json, "parameter_name", part->own);
	hsm_json_write_string(json, "text", value);
}

/* An object of one member, under the name of the parameter's type. */
static void write_single(struct hsm_json_writer *json, const char *type, const char *key, const char *value)
{
	hsm_json_write_string(json, "type", type);
	hsm_json_begin_object(json, type);
	hsm_json_write_string(json, key, value);
	hsm_json_end_object(json);
}

/* The one place is four values. */
static void write_location(struct hsm_json_writer *json, const struct hsm_send *send, size_t first, size_t end)
{
	hsm_json_write_string(json, "type", "location");
	hsm_json_begin_object(json, "location");
	for (size_t i = first; i < end; i++)
		hsm_json_write_string(json, send->parts[i].word, send->parameters[i]);
	hsm_json_end_object(json);
}

static void write_parameter(struct hsm_json_writer *json, const struct hsm_send *send, size_t at)
{
	const struct hsm_part *part = &send->parts[at];
	const char *value = send->parameters[at];
	switch (part->kind) {
	case HSM_PART_MEDIA:
		write_single(json, part->word, "link", value);
		return;
	case HSM_PART_PAYLOAD:
		hsm_json_write_string(json, "type", "payload");
		hsm_json_write_string(json, "payload", value);
		return;
	case HSM_PART_COUPON:
		hsm_json_write_string(json, "type", "coupon_code");
		hsm_json_write_string(json, "coupon_code", value);
		return;
	case HSM_PART_FLOW:
		write_single(json, "action", "flow_token", send->label && *send->label ? send->label : "unused");
		return;
	case HSM_PART_TEXT:
	case HSM_PART_ADDRESS:
	case HSM_PART_PASSWORD:
	case HSM_PART_LOCATION:
	case HSM_PART_PLAIN:
	case HSM_PART_OTHER:
		break;
	}
	write_text(json, part, value);
}

static const char *find_sub_type(enum hsm_part_kind kind)
{
	return kind == HSM_PART_PAYLOAD ? "quick_reply" :
	       kind == HSM_PART_COUPON	? "copy_code" :
	       kind == HSM_PART_FLOW	? "flow" :
					  "url"; /* a one-time password's, too */
}

static bool is_same_place(const struct hsm_part *a, const struct hsm_part *b)
{
	return a->card == b->card && a->button == b->button && strcmp(a->type, b->type) == 0;
}

/* One component or button: the parameters that stand together. Returns where the next begins. */
static size_t write_place(struct hsm_arena *arena, struct hsm_json_writer *json, const struct hsm_send *send,
			  size_t first)
{
	const struct hsm_part *part = &send->parts[first];
	size_t end = first + 1;
	while (end < send->parameter_count && is_same_place(part, &send->parts[end]))
		end++;
	hsm_json_begin_object(json, NULL);
	hsm_json_write_string(json, "type", part->button ? "button" : hsm_text_lower_case(arena, part->type));
	if (part->button) {
		hsm_json_write_string(json, "sub_type", find_sub_type(part->kind));
		hsm_json_write_string(json, "index", hsm_arena_format(arena, "%zu", part->button - 1));
	}
	hsm_json_begin_array(json, "parameters");
	for (size_t i = first; i < end; i++) {
		bool place = part->kind == HSM_PART_LOCATION;
		hsm_json_begin_object(json, NULL);
		if (place)
			write_location(json, send, first, end);
		else
			write_parameter(json, send, i);
		hsm_json_end_object(json);
		if (place)
			break;
	}
	hsm_json_end_array(json);
	hsm_json_end_object(json);
	return end;
}

/* Of the message itself, or of a card. */
static size_t write_places(struct hsm_arena *arena, struct hsm_json_writer *json, const struct hsm_send *send,
			   size_t first, size_t card)
{
	hsm_json_begin_array(json, "components");
	while (first < send->parameter_count && send->parts[first].card == card)
		first = write_place(arena, json, send, first);
	if (!card && first < send->parameter_count) {
		hsm_json_begin_object(json, NULL);
		hsm_json_write_string(json, "type", "carousel");
		hsm_json_begin_array(json, "cards");
		while (first < send->parameter_count) {
			size_t number = send->parts[first].card;
			hsm_json_begin_object(json, NULL);
			hsm_json_write_integer(json, "card_index", (int64_t)number - 1);
			first = write_places(arena, json, send, first, number);
			hsm_json_end_object(json);
		}
		hsm_json_end_array(json);
		hsm_json_end_object(json);
	}
	hsm_json_end_array(json);
	return first;
}

/* Comes back with each of the message's statuses: event.c reads it. */
static const char *make_data(struct hsm_arena *arena, const struct hsm_send *send)
{
	const char *data = hsm_arena_format(arena, "hsmctl %s %s %s", send->label, send->template, send->language);
	return strlen(data) <= DATA_MAX ? data : hsm_arena_format(arena, "hsmctl %s", send->label);
}

static const char *write_body(struct hsm_arena *arena, const struct hsm_messenger *messenger,
			      const struct hsm_send *send)
{
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer json = { .buffer = &body };
	(void)messenger;
	hsm_json_begin_object(&json, NULL);
	hsm_json_write_string(&json, "messaging_product", "whatsapp");
	hsm_json_write_string(&json, "recipient_type", "individual");
	hsm_json_write_string(&json, "to", send->phone);
	hsm_json_write_string(&json, "type", "template");
	hsm_json_begin_object(&json, "template");
	hsm_json_write_string(&json, "name", send->template);
	hsm_json_begin_object(&json, "language");
	hsm_json_write_string(&json, "code", send->language);
	hsm_json_end_object(&json);
	if (send->parameter_count)
		write_places(arena, &json, send, 0, 0);
	hsm_json_end_object(&json);
	if (send->label && *send->label)
		hsm_json_write_string(&json, "biz_opaque_callback_data", make_data(arena, send));
	hsm_json_end_object(&json);
	const char *copy = hsm_arena_copy(arena, body.data, body.length);
	hsm_buffer_release(&body);
	return copy;
}

/* A message's id of Meta's has the recipient's number in it, in base64: nothing keeps it but as its fingerprint. */
static const char *make_reference(struct hsm_arena *arena, const char *id)
{
	char fingerprint[HSM_FINGERPRINT_SIZE];
	hsm_fingerprint_compute(id, strlen(id), fingerprint);
	return hsm_arena_format(arena, "meta-%.*s", REFERENCE_DIGITS, fingerprint);
}

static int read_sent(struct hsm_sending_request *request, const cJSON *json, struct hsm_conversation *conversation,
		     struct hsm_error *error)
{
	const cJSON *sent = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "messages"), 0);
	const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(sent, "id"));
	const char *status = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(sent, "message_status"));
	struct hsm_arena *arena = &request->arena;
	struct hsm_conversation_message *message = hsm_arena_allocate(arena, sizeof(*message));
	if (!id || !*id)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it has no message with an id");
	*message = (struct hsm_conversation_message){ .id = make_reference(arena, id),
						      .status = hsm_text_upper_case(arena, status) };
	*conversation = (struct hsm_conversation){ .label = request->send.label, .messages = message, .message_count = 1 };
	return 0;
}

static void send_done(void *user, const struct hsm_http_answer *answer)
{
	hsm_sending_end(user, answer, read_sent);
}

static void send_message(struct hsm_messenger *messenger, const struct hsm_send *send, hsm_send_done *done, void *user)
{
	struct hsm_sending_request *request = hsm_sending_make(messenger->connection, send, done, user);
	struct hsm_arena *arena = &request->arena;
	hsm_sending_post(request, hsm_graph_path(arena, messenger->connection, messenger->from, "/messages"),
			 write_body(arena, messenger, send), send_done);
}

/* No path lists messages: what became of one its webhook tells, and whether one whose answer was lost was sent. */
const struct hsm_way hsm_graph_way = {
	.word = "graph",
	.given = HSM_PART_TEXT | HSM_PART_ADDRESS | HSM_PART_MEDIA | HSM_PART_LOCATION | HSM_PART_PAYLOAD |
		 HSM_PART_COUPON | HSM_PART_PASSWORD | HSM_PART_FLOW,
	.kept = HSM_PART_PLAIN,
	.declared = true,
	.write = write_body,
	.send = send_message,
};

struct finding {
	const struct hsm_connection *connection;
	struct hsm_arena *arena;
	const char *id;
	size_t count;
	int status;
	struct hsm_error *error;
};

static void take_numbers(void *user, const struct hsm_http_answer *answer)
{
	struct finding *finding = user;
	cJSON *json = NULL;
	const cJSON *number;
	struct hsm_error why;
	if (!hsm_answer_is_good(answer))
		finding->status = hsm_graph_fail(finding->connection, answer, finding->error);
	else if (hsm_json_parse_exact(&json, answer->body, answer->length, &why))
		finding->status = hsm_answer_unusable(answer, why.message, finding->error);
	cJSON_ArrayForEach(number, cJSON_GetObjectItemCaseSensitive(json, "data")) {
		finding->id = hsm_graph_read_id(finding->arena, number);
		finding->count++;
	}
	cJSON_Delete(json);
}

int hsm_graph_find_number(struct hsm_arena *arena, struct hsm_connection *connection, const char **number,
			  struct hsm_error *error)
{
	const struct hsm_settings *settings = connection->settings;
	struct finding finding = { .connection = connection, .arena = arena, .error = error };
	hsm_http_send(connection->http, &(struct hsm_http_request){
		.method = "GET",
		.base = settings->base_url,
		.path = hsm_graph_path(arena, connection, settings->account, "/phone_numbers?fields=id&limit=100"),
		.repeat = HSM_HTTP_READ,
		.judge = hsm_graph_verdict,
		.done = take_numbers,
		.user = &finding,
	});
	hsm_http_run(connection->http);
	*number = finding.id;
	if (finding.status)
		return finding.status;
	if (finding.count == 1 && *number)
		return 0;
	return hsm_error_set(error, HSM_ERROR_CONFIG,
			     "environment '%s': its account has %zu phone numbers: write phone_number, the id of the one that "
			     "messages go out from", settings->environment, finding.count);
}
