/* What the ways of sending share: what answers mean, and that no message tells what was sent. */
#include "reconciler/live/sending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/conceal.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define META_CODE_DIGITS 7
#define SHOWN_MAX 80         /* bytes of a word of an answer that messages show */
#define PUNCTUATION "._-[]"  /* of codes, ids and places */
#define PHONE_DIGITS 7       /* so many digits in a row give a phone number away */
#define DETAILS_MAX 5        /* of an answer, so many are looked at */

/* ACCOUNT: it says nothing of this recipient or these values: the others would meet the same. */
enum meaning { NOT_APPROVED = 1, SESSION_CLOSED = 2, ACCOUNT = 4 };

/*
 * What codes mean, in our words: an answer's own may quote the recipient or a value.
 * Meta's are numbers (https://developers.facebook.com, WhatsApp error codes), those of the
 * messaging API are words.
 */
static const struct code {
	const char *code;
	enum meaning meaning;
	const char *text;
} codes[] = {
	{ "session.closed", SESSION_CLOSED, "the user did not write in the last 24 hours" },
	{ "messaging.template.not.approved", NOT_APPROVED, "the template is not approved" },
	{ "messaging.template.not.found", NOT_APPROVED, "there is no such template in this language" },
	{ "130472", 0, "the recipient's number is part of an experiment of WhatsApp's" },
	{ "131008", 0, "a parameter is missing" },
	{ "131009", 0, "a parameter is not valid" },
	{ "131021", 0, "the recipient is the sender" },
	{ "131026", 0, "it cannot be delivered to this recipient" },
	{ "131031", ACCOUNT, "the account is locked" },
	{ "131042", ACCOUNT, "the account's payment is not in order" },
	{ "131045", ACCOUNT, "the sender's number is not registered as it must be" },
	{ "131047", SESSION_CLOSED, "the user did not write in the last 24 hours" },
	{ "131048", 0, "too many messages of this number were blocked or called spam: Meta limits it for a while" },
	{ "131049", 0, "the recipient gets no more marketing messages for now" },
	{ "131050", 0, "the recipient wants no marketing messages" },
	{ "131051", 0, "messages of this kind are not taken" },
	{ "131052", 0, "a file could not be fetched" },
	{ "131053", 0, "a file could not be fetched, or is of no kind that is taken" },
	{ "131056", 0, "too many messages to this recipient in a short time" },
	{ "131063", ACCOUNT, "marketing messages may not be sent this way" },
	{ "132000", 0, "the template has another number of parameters" },
	{ "132001", NOT_APPROVED, "the template does not exist in this language, or is not approved" },
	{ "132005", 0, "a text is too long with its parameters filled in" },
	{ "132007", 0, "it breaks a policy of WhatsApp" },
	{ "132008", 0, "a parameter is not of its format" },
	{ "132012", 0, "a parameter is not of its format" },
	{ "132015", NOT_APPROVED, "the template is paused" },
	{ "132016", NOT_APPROVED, "the template is disabled" },
	{ "132018", 0, "a parameter has a newline, a tab, or more than four blanks in a row" },
	{ "132068", ACCOUNT, "the template's flow is blocked" },
	{ "132069", ACCOUNT, "the template's flow is throttled" },
	{ "133010", ACCOUNT, "the sender's number is not registered" },
};

static const struct code *find_code(const char *text)
{
	for (size_t i = 0; text && i < sizeof(codes) / sizeof(*codes); i++)
		if (strcmp(codes[i].code, text) == 0)
			return &codes[i];
	return NULL;
}

struct hsm_sending_request *hsm_sending_make(struct hsm_connection *connection, const struct hsm_send *send,
					     hsm_send_done *done, void *user)
{
	struct hsm_sending_request *request = hsm_memory_allocate(sizeof(*request));
	struct hsm_arena *arena = &request->arena;
	*request = (struct hsm_sending_request){ .connection = connection, .done = done, .user = user };
	const char **parameters = hsm_arena_allocate_array(arena, send->parameter_count, sizeof(*parameters));
	for (size_t i = 0; i < send->parameter_count; i++)
		parameters[i] = hsm_arena_copy_string(arena, send->parameters[i]);
	request->send = (struct hsm_send){
		.phone = hsm_arena_copy_string(arena, send->phone),
		.label = hsm_arena_copy_string(arena, send->label),
		.text = hsm_arena_copy_string(arena, send->text),
		.sms = send->sms,
		.parameters = parameters,
		.parameter_count = send->parameter_count,
	};
	return request;
}

void hsm_sending_release(void *user)
{
	struct hsm_sending_request *request = user;
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

/* By its number, where it has one: as a text it may have a subcode, too. */
static const struct code *find_fault_code(const struct hsm_fault *fault)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)fault->number);
	return find_code(fault->number ? text : fault->code.text);
}

static int64_t read_code(const char *text)
{
	size_t length = text ? strspn(text, "0123456789") : 0;
	return length && length <= META_CODE_DIGITS && !text[length] ? strtoll(text, NULL, 10) : 0;
}

/* The codes and the places that an answer names, and what the last code known means. */
static void describe_fault(const struct hsm_sending_request *request, const struct hsm_fault *fault,
			   struct hsm_buffer *text)
{
	const struct hsm_send *send = &request->send;
	const struct code *known = find_fault_code(fault);
	const char *between = " [", *meaning;
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
	meaning = known ? known->text : fault->meaning;
	if (meaning)
		hsm_buffer_append_format(text, ": %s", meaning);
}

/* As hsm_answer_fail, without the answer's own words. */
static void describe(const struct hsm_sending_request *request, const struct hsm_http_answer *answer,
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
static unsigned read_refusal(const struct hsm_send *send, const struct hsm_fault *fault, struct hsm_send_result *result)
{
	const struct code *code = find_fault_code(fault);
	unsigned meaning = code ? code->meaning : 0;
	result->error_code = fault->number;
	for (size_t i = 0; i < fault->details.count && i < DETAILS_MAX; i++) {
		const char *text = HSM_LIST_ITEM(fault->details, struct hsm_fault_detail, i)->error_code.text;
		code = find_code(text);
		meaning |= code ? code->meaning : 0;
		if (!result->error_code && (code || may_show(send, text)))
			result->error_code = read_code(text);
	}
	result->session_closed = meaning & SESSION_CLOSED;
	result->not_approved = meaning & NOT_APPROVED;
	return meaning;
}

void hsm_sending_fail(const struct hsm_sending_request *request, const struct hsm_http_answer *answer,
		      struct hsm_send_result *result)
{
	const struct hsm_backend *backend = request->connection->backend;
	unsigned meaning = 0;
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	enum hsm_error_class class;
	backend->read_fault(&arena, answer, &fault);
	result->outcome = backend->judge(answer, &fault, &class);
	/* There is no name to be taken: whatever a 409 is about, it was not sent. */
	if (result->outcome == HSM_OUTCOME_EXISTS || result->outcome == HSM_OUTCOME_LOCKED)
		result->outcome = HSM_OUTCOME_REFUSED;
	if (result->outcome == HSM_OUTCOME_REFUSED)
		meaning = read_refusal(&request->send, &fault, result);
	if (result->not_approved)
		class = HSM_ERROR_BLOCKED;
	else if (meaning & ACCOUNT)
		class = HSM_ERROR_FAILED;
	describe(request, answer, &fault, class, &result->error);
	hsm_arena_release(&arena);
}

/* An answer whose correlation id may be shown, or without it. */
struct hsm_http_answer hsm_sending_hide_id(const struct hsm_sending_request *request,
					   const struct hsm_http_answer *answer)
{
	struct hsm_http_answer shown = *answer;
	if (!may_show(&request->send, shown.correlation_id))
		shown.correlation_id = NULL;
	return shown;
}

const char *hsm_sending_explain(int64_t code)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)code);
	const struct code *known = find_code(text);
	return known ? known->text : NULL;
}

void hsm_sending_post(struct hsm_sending_request *request, const char *path, const char *body, hsm_http_done *done)
{
	hsm_http_send(request->connection->http, &(struct hsm_http_request){
		.method = "POST",
		.base = request->connection->settings->base_url,
		.path = path,
		.content_type = "application/json",
		.body = body,
		.repeat = HSM_HTTP_ONCE,
		.judge = request->connection->backend->verdict,
		.done = done,
		.user = request,
		.release = hsm_sending_release,
	});
}

static int read_good(struct hsm_sending_request *request, const struct hsm_http_answer *answer, hsm_sending_read *read,
		     struct hsm_conversation *conversation, struct hsm_error *error)
{
	cJSON *json;
	int status = hsm_json_parse(&json, answer->body, answer->length, error);
	if (status)
		return status;
	status = read(request, json, conversation, error);
	cJSON_Delete(json);
	return status;
}

void hsm_sending_end(struct hsm_sending_request *request, const struct hsm_http_answer *answer, hsm_sending_read *read)
{
	struct hsm_conversation conversation = { 0 };
	struct hsm_send_result result = {
		.outcome = HSM_OUTCOME_DONE, .conversations = &conversation, .conversation_count = 1
	};
	struct hsm_error why;
	bool is_good = hsm_answer_is_good(answer);
	if (!is_good || read_good(request, answer, read, &conversation, &why)) {
		result = (struct hsm_send_result){ .outcome = HSM_OUTCOME_LOST }; /* accepted, perhaps, but as what? */
		struct hsm_http_answer shown = hsm_sending_hide_id(request, answer);
		if (is_good)
			hsm_answer_unusable(&shown, why.message, &result.error);
		else
			hsm_sending_fail(request, answer, &result);
	}
	request->done(request->user, &result);
}
