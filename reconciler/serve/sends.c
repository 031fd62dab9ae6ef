/* POST /v1/send: a message for a data action, or anybody's program. */
#include <stdlib.h>
#include <string.h>

#include "reconciler/serve/controller_state.h"
#include "schema/base/fingerprint.h"
#include "schema/base/memory.h"
#include "schema/json.h"
#include "schema/name.h"

#define VALUES_MAX 100
#define BODY_MAX (64 << 10) /* a thousand may wait */

/* A text of the body; NULL where it is none. */
static const char *read_text(struct hsm_dispatch *dispatch, const cJSON *json, const char *key)
{
	return hsm_arena_copy_string(&dispatch->arena, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key)));
}

/* Texts only: a number that went through a double is not the number that somebody wrote. */
static int read_values(struct hsm_dispatch *dispatch, const cJSON *json, struct hsm_error *error)
{
	const cJSON *values = cJSON_GetObjectItemCaseSensitive(json, "values"), *value;
	int count = cJSON_GetArraySize(values);
	if (values && !cJSON_IsObject(values))
		return hsm_error_set(error, HSM_ERROR_INVALID, "'values' is an object: {\"order_id\": \"A-1\"}");
	if (count > VALUES_MAX)
		return hsm_error_set(error, HSM_ERROR_INVALID, "more than %d values", VALUES_MAX);
	struct hsm_named_value *items = hsm_arena_allocate_array(&dispatch->arena, (size_t)count, sizeof(*items));
	dispatch->delivery.values = items;
	cJSON_ArrayForEach(value, values) {
		const char *text = cJSON_GetStringValue(value);
		if (!text)
			return hsm_error_set(error, HSM_ERROR_INVALID, "the value of '%.100s' is not a string", value->string);
		items[dispatch->delivery.value_count++] = (struct hsm_named_value){
			hsm_arena_copy_string(&dispatch->arena, value->string), hsm_arena_copy_string(&dispatch->arena, text),
			strlen(text) };
	}
	return 0;
}

static int read_delivery(struct hsm_dispatch *dispatch, const cJSON *json, struct hsm_error *error)
{
	struct hsm_delivery *delivery = &dispatch->delivery;
	*delivery = (struct hsm_delivery){
		.template = read_text(dispatch, json, "template"),
		.language = read_text(dispatch, json, "language"),
		.phone = read_text(dispatch, json, "to"),
		.text = read_text(dispatch, json, "text"),
	};
	if (!delivery->template || !hsm_pattern_matches(&hsm_name_base_pattern, delivery->template))
		return hsm_error_set(error, HSM_ERROR_INVALID, "'template' is a base name such as order_confirmation");
	if (!delivery->language || !hsm_pattern_matches(&hsm_name_language_pattern, delivery->language))
		return hsm_error_set(error, HSM_ERROR_INVALID, "'language' is one such as en_US");
	if (!delivery->phone || !hsm_phone_number_is_valid(delivery->phone))
		return hsm_error_set(error, HSM_ERROR_INVALID, "'to' is a phone number such as +34600123456");
	return read_values(dispatch, json, error);
}

static bool is_key(const char *key)
{
	size_t length = key ? strlen(key) : 0;
	for (size_t i = 0; i < length; i++)
		if (key[i] < '!' || key[i] > '~')
			return false;
	return length && length <= HSM_SEND_KEY_MAX;
}

static void end(struct hsm_dispatch *dispatch, unsigned status, const char *answer)
{
	struct MHD_Response *response = hsm_response_make(answer, strlen(answer), "application/json");
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE || status == MHD_HTTP_CONFLICT || status == MHD_HTTP_ACCEPTED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "10");
	hsm_request_resume(dispatch->user, status, response);
	hsm_arena_release(&dispatch->arena);
	free(dispatch);
}

static void drop(struct hsm_dispatch *dispatch)
{
	hsm_arena_release(&dispatch->arena);
	free(dispatch);
}

static int read_request(struct hsm_dispatch *dispatch, const struct hsm_request *request, struct hsm_error *error)
{
	const char *key = hsm_request_header(request, "Idempotency-Key");
	const char *body = hsm_buffer_text(&request->body);
	char fingerprint[HSM_FINGERPRINT_SIZE];
	cJSON *json = NULL;
	if (!is_key(key))
		return hsm_error_set(error, HSM_ERROR_INVALID,
				     "an Idempotency-Key of 1 to %d printable characters is needed: the same for each try",
				     HSM_SEND_KEY_MAX);
	hsm_fingerprint_compute(body, request->body.length, fingerprint);
	dispatch->key = hsm_arena_copy_string(&dispatch->arena, key);
	dispatch->request = hsm_arena_copy_string(&dispatch->arena, fingerprint);
	int rc = hsm_json_parse(&json, body, request->body.length, error);
	if (!rc && !cJSON_IsObject(json))
		rc = hsm_error_set(error, HSM_ERROR_INVALID, "the body is an object");
	if (!rc)
		rc = read_delivery(dispatch, json, error);
	if (!rc)
		rc = hsm_delivery_fill_text(&dispatch->arena, &dispatch->delivery, error);
	cJSON_Delete(json);
	return rc;
}

enum MHD_Result hsm_controller_take_send(struct hsm_controller *controller, struct hsm_request *request)
{
	if (request->body.length > BODY_MAX)
		return hsm_controller_refuse(request, MHD_HTTP_CONTENT_TOO_LARGE, "the body is larger than %d KiB",
					     BODY_MAX >> 10);
	struct hsm_dispatch *dispatch = hsm_memory_allocate(sizeof(*dispatch));
	struct hsm_error error;
	if (read_request(dispatch, request, &error)) {
		drop(dispatch);
		return hsm_controller_refuse(request, MHD_HTTP_BAD_REQUEST, "%s", error.message);
	}
	dispatch->done = end;
	dispatch->user = request;
	/* It may be answered before this returns. */
	hsm_request_suspend(request);
	if (!hsm_dispatcher_take(controller->dispatcher, dispatch))
		end(dispatch, MHD_HTTP_SERVICE_UNAVAILABLE, "{\"message\":\"too much is waiting to be sent: ask again\"}");
	return MHD_YES;
}
