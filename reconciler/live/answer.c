#include "reconciler/live/answer.h"

#include <ctype.h>
#include <string.h>

#include "schema/base/conceal.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define AT(member) .offset = offsetof(struct hsm_fault, member)
#define DETAIL_AT(member) .offset = offsetof(struct hsm_fault_detail, member)
#define TEXT_MAX 1500
#define ID_MAX 80
#define ITEMS_MAX 5 /* so many details and further errors are shown */
/* Beyond this, a 429 is no rate limit that passes in a minute, but a quota. */
#define QUOTA_SECONDS 180

static const struct hsm_field detail_fields[] = {
	{ "errorCode", HSM_TYPE_STRING, 0, DETAIL_AT(error_code) },
	{ "fieldName", HSM_TYPE_STRING, 0, DETAIL_AT(field_name) },
	{ "entityName", HSM_TYPE_STRING, 0, DETAIL_AT(entity_name) },
};
static const struct hsm_object detail_object = {
	"detail", 0, sizeof(struct hsm_fault_detail), HSM_OBJECT_FIELDS(detail_fields), .help = NULL,
};
static const struct hsm_field detail_element = { "detail", HSM_TYPE_OBJECT, .object = &detail_object };

static const struct hsm_field further_fields[] = {
	{ "message", HSM_TYPE_STRING, 0, AT(message) },
	{ "code", HSM_TYPE_STRING, 0, AT(code) },
};
static const struct hsm_object further_object = {
	"error", 0, sizeof(struct hsm_fault), HSM_OBJECT_FIELDS(further_fields), .help = NULL,
};
static const struct hsm_field further_element = { "error", HSM_TYPE_OBJECT, .object = &further_object };

static const struct hsm_field fault_fields[] = {
	{ "message", HSM_TYPE_STRING, 0, AT(message) },
	{ "code", HSM_TYPE_STRING, 0, AT(code) },
	{ "contextId", HSM_TYPE_STRING, 0, AT(context_id) },
	{ "details", HSM_TYPE_LIST, 0, AT(details), sizeof(struct hsm_fault_detail), &detail_element },
	{ "errors", HSM_TYPE_LIST, 0, AT(errors), sizeof(struct hsm_fault), &further_element },
	{ "error", HSM_TYPE_STRING, 0, AT(error) },
	{ "description", HSM_TYPE_STRING, 0, AT(description) },
	{ "error_description", HSM_TYPE_STRING, 0, AT(error_description) },
};
static const struct hsm_object fault_object = {
	"error", 0, sizeof(struct hsm_fault), HSM_OBJECT_FIELDS(fault_fields), .help = NULL,
};

void hsm_genesys_read_fault(struct hsm_arena *arena, const struct hsm_http_answer *answer, struct hsm_fault *fault)
{
	cJSON *json;
	*fault = (struct hsm_fault){ 0 };
	if (answer->fate != HSM_HTTP_ANSWERED || hsm_json_parse(&json, answer->body, answer->length, NULL))
		return;
	if (hsm_json_read(arena, json, &fault_object, fault, NULL))
		*fault = (struct hsm_fault){ 0 };
	cJSON_Delete(json);
}

bool hsm_answer_is_good(const struct hsm_http_answer *answer)
{
	return answer->fate == HSM_HTTP_ANSWERED && answer->status >= 200 && answer->status < 300;
}

enum hsm_error_class hsm_answer_class(const struct hsm_http_answer *answer)
{
	if (answer->fate != HSM_HTTP_ANSWERED)
		return answer->error.class;
	if (answer->status == 401 || answer->status == 403)
		return HSM_ERROR_AUTH;
	/* A request that is refused for what it says fares no better later. */
	bool refused = answer->status >= 400 && answer->status < 500 && answer->status != 408 && answer->status != 429;
	return refused ? HSM_ERROR_FAILED : HSM_ERROR_UNAVAILABLE;
}

static enum hsm_outcome judge_fate(const struct hsm_http_answer *answer)
{
	switch (answer->fate) {
	case HSM_HTTP_INTERRUPTED:
		return HSM_OUTCOME_INTERRUPTED;
	case HSM_HTTP_NOT_SENT:
		return answer->error.class == HSM_ERROR_AUTH	  ? HSM_OUTCOME_FORBIDDEN :
		       answer->error.class == HSM_ERROR_TRY_LATER ? HSM_OUTCOME_QUOTA :
								    HSM_OUTCOME_UNAVAILABLE;
	case HSM_HTTP_LOST:
	case HSM_HTTP_ANSWERED:
		break;
	}
	return HSM_OUTCOME_LOST;
}

enum hsm_outcome hsm_answer_outcome(const struct hsm_http_answer *answer)
{
	if (answer->fate != HSM_HTTP_ANSWERED)
		return judge_fate(answer);
	if (answer->status >= 500 || answer->status < 300 || answer->status == 408)
		return HSM_OUTCOME_LOST;
	switch (answer->status) {
	case 401:
	case 403:
		return HSM_OUTCOME_FORBIDDEN;
	case 409:
		return HSM_OUTCOME_EXISTS;
	case 429:
		return answer->retry_after > QUOTA_SECONDS ? HSM_OUTCOME_QUOTA : HSM_OUTCOME_UNAVAILABLE;
	default:
		return answer->status < 400 ? HSM_OUTCOME_UNAVAILABLE : HSM_OUTCOME_REFUSED;
	}
}

enum hsm_error_class hsm_outcome_class(enum hsm_outcome outcome, const struct hsm_http_answer *answer)
{
	if (answer->fate != HSM_HTTP_ANSWERED)
		return answer->error.class;
	switch (outcome) {
	case HSM_OUTCOME_LOCKED:
	case HSM_OUTCOME_QUOTA:
		return HSM_ERROR_TRY_LATER;
	case HSM_OUTCOME_REFUSED:
		return answer->status == 400 || answer->status == 422 ? HSM_ERROR_INVALID : HSM_ERROR_FAILED;
	case HSM_OUTCOME_FORBIDDEN:
		return HSM_ERROR_AUTH;
	case HSM_OUTCOME_LOST:
	case HSM_OUTCOME_UNAVAILABLE:
		return HSM_ERROR_UNAVAILABLE;
	case HSM_OUTCOME_DONE:
	case HSM_OUTCOME_EXISTS:
	case HSM_OUTCOME_INTERRUPTED:
		break;
	}
	return HSM_ERROR_FAILED;
}

/* What is in a body that is not the JSON it should be. */
static const char *describe_body(const struct hsm_http_answer *answer)
{
	const char *text = answer->body;
	while (isspace((unsigned char)*text))
		text++;
	if (!*text)
		return "no content";
	return *text == '<' ? "HTML instead of JSON" : "something else than JSON";
}

/* Details name the field that is wrong; SDKs drop them, and people miss them. */
static void append_details(struct hsm_buffer *text, const struct hsm_fault *fault)
{
	size_t before = text->length;
	for (size_t i = 0; i < fault->details.count && i < ITEMS_MAX; i++) {
		const struct hsm_fault_detail *detail = HSM_LIST_ITEM(fault->details, struct hsm_fault_detail, i);
		const char *parts[] = { detail->field_name.text, detail->error_code.text, detail->entity_name.text };
		const char *between = text->length > before ? "; " : " [";
		for (size_t j = 0; j < 3; j++) {
			if (!parts[j])
				continue;
			hsm_buffer_append_format(text, "%s%s", between, parts[j]);
			between = ": ";
		}
	}
	if (text->length > before)
		hsm_buffer_append_char(text, ']');
	for (size_t i = 0; i < fault->errors.count && i < ITEMS_MAX; i++) {
		const char *message = HSM_LIST_ITEM(fault->errors, struct hsm_fault, i)->message.text;
		if (message && (!fault->message.text || strcmp(message, fault->message.text) != 0))
			hsm_buffer_append_format(text, "; %s", message);
	}
}

static void append_fault(struct hsm_buffer *text, const struct hsm_http_answer *answer,
			 const struct hsm_fault *fault)
{
	const char *code = fault->code.text ? fault->code.text : fault->error.text;
	const char *message = fault->message.text	    ? fault->message.text :
			      fault->description.text	    ? fault->description.text :
							      fault->error_description.text;
	if (answer->status >= 300 && answer->status < 400)
		message = "a redirect, which is not followed; base_url and login_url must name the hosts themselves";
	if (code)
		hsm_buffer_append_format(text, " %s", code);
	if (fault->meaning)
		hsm_buffer_append_format(text, ": %s%s%s%s", fault->meaning, message ? "; it says '" : "",
					 message ? message : "", message ? "'" : "");
	else
		hsm_buffer_append_format(text, ": %s", message ? message : describe_body(answer));
	append_details(text, fault);
}

int hsm_answer_fail(const struct hsm_connection *connection, const struct hsm_http_answer *answer,
		    enum hsm_error_class class, struct hsm_error *error)
{
	if (answer->fate != HSM_HTTP_ANSWERED) {
		*error = answer->error;
		error->class = class;
		return class;
	}
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP), id_text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	connection->backend->read_fault(&arena, answer, &fault);
	append_fault(&text, answer, &fault);
	hsm_conceal(&text, answer->secrets, answer->secret_count);
	const char *id = answer->correlation_id ? answer->correlation_id : fault.context_id.text;
	hsm_buffer_append_string(&id_text, id ? id : "");
	hsm_conceal(&id_text, answer->secrets, answer->secret_count);
	hsm_error_set(error, class, "%s: %ld%.*s%s%.*s%s", answer->where, answer->status,
		      HSM_TEXT_FIT(hsm_buffer_text(&text), TEXT_MAX), id ? " (correlation id " : "",
		      HSM_TEXT_FIT(hsm_buffer_text(&id_text), ID_MAX), id ? ")" : "");
	if (class == HSM_ERROR_AUTH && connection->settings->token_variable)
		hsm_error_prefix(error, "the access token of %s", connection->settings->token_variable);
	hsm_buffer_release(&text);
	hsm_buffer_release(&id_text);
	hsm_arena_release(&arena);
	return class;
}

int hsm_answer_unusable(const struct hsm_http_answer *answer, const char *why, struct hsm_error *error)
{
	const char *id = answer->correlation_id;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	bool is_json = answer->length && strchr("{[", *answer->body);
	hsm_buffer_append_string(&text, is_json ? why : describe_body(answer));
	hsm_conceal(&text, answer->secrets, answer->secret_count);
	hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "%s: %ld: %s%s%s%s", answer->where, answer->status,
		      hsm_buffer_text(&text), id ? " (correlation id " : "", id ? id : "", id ? ")" : "");
	hsm_buffer_release(&text);
	return HSM_ERROR_UNAVAILABLE;
}
