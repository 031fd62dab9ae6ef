#include "reconciler/live/http_transfer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define CONNECT_TIMEOUT 10L /* seconds */
#define STALL_TIMEOUT 30L   /* without a byte */
#define TOTAL_TIMEOUT 60L

struct hsm_transfer *hsm_transfer_make(const struct hsm_http_request *request)
{
	struct hsm_transfer *transfer = hsm_memory_allocate(sizeof(*transfer));
	struct hsm_arena *arena = &transfer->arena;
	transfer->request = *request;
	transfer->request.method = hsm_arena_copy_string(arena, request->method);
	transfer->request.base = hsm_arena_copy_string(arena, request->base);
	transfer->request.path = hsm_arena_copy_string(arena, request->path);
	transfer->request.body = hsm_arena_copy_string(arena, request->body);
	transfer->request.content_type = hsm_arena_copy_string(arena, request->content_type);
	transfer->request.basic = hsm_arena_copy_string(arena, request->basic);
	transfer->label = hsm_arena_format(arena, "%s %s", request->method, request->path);
	return transfer;
}

static void end_attempt(struct hsm_transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	free(transfer->token);
	transfer->easy = NULL;
	transfer->headers = NULL;
	transfer->token = NULL;
	hsm_buffer_release(&transfer->body);
}

void hsm_transfer_free(struct hsm_transfer *transfer)
{
	end_attempt(transfer);
	hsm_arena_release(&transfer->arena);
	free(transfer);
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
	struct hsm_transfer *transfer = user;
	hsm_buffer_append(&transfer->body, data, size * count);
	return transfer->body.full ? 0 : size * count;
}

/* The value of a header line, without the spaces around it; NULL: another header. */
static const char *header_value(const char *line, size_t length, const char *name, size_t *value_length)
{
	size_t at = strlen(name);
	if (length <= at || line[at] != ':' || strncasecmp(line, name, at) != 0)
		return NULL;
	for (at++; at < length && isspace((unsigned char)line[at]);)
		at++;
	while (length > at && isspace((unsigned char)line[length - 1]))
		length--;
	*value_length = length - at;
	return line + at;
}

static void take_number(const char *line, size_t length, const char *name, int64_t *number)
{
	char text[24] = "", *end;
	size_t size;
	const char *value = header_value(line, length, name, &size);
	if (!value || !size || size >= sizeof(text))
		return;
	memcpy(text, value, size);
	long long parsed = strtoll(text, &end, 10);
	if (!*end && parsed >= 0 && parsed <= 1000000000)
		*number = parsed;
}

/* An id to quote to support: what cannot be one is left out. */
static void take_correlation(struct hsm_transfer *transfer, const char *value, size_t length)
{
	if (length >= sizeof(transfer->correlation))
		return;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)value[i]) && !strchr("-_.:", value[i]))
			return;
	memcpy(transfer->correlation, value, length);
	transfer->correlation[length] = '\0';
}

static size_t take_header(char *line, size_t size, size_t count, void *user)
{
	struct hsm_transfer *transfer = user;
	size_t length = size * count, value_length;
	char date[64] = "";
	const char *value = header_value(line, length, "ININ-Correlation-Id", &value_length);
	if (value)
		take_correlation(transfer, value, value_length);
	take_number(line, length, "inin-ratelimit-count", &transfer->rate_count);
	take_number(line, length, "inin-ratelimit-allowed", &transfer->rate_allowed);
	take_number(line, length, "inin-ratelimit-reset", &transfer->rate_reset);
	value = header_value(line, length, "Date", &value_length);
	if (value && value_length < sizeof(date)) {
		memcpy(date, value, value_length);
		transfer->date = curl_getdate(date, NULL);
	}
	return length;
}

static bool add_header(struct hsm_transfer *transfer, const char *name, const char *value)
{
	struct curl_slist *more =
		curl_slist_append(transfer->headers, hsm_arena_format(&transfer->arena, "%s: %s", name, value));
	if (more)
		transfer->headers = more;
	return more;
}

static bool set_request(struct hsm_transfer *transfer, const char *token)
{
	const struct hsm_http_request *request = &transfer->request;
	CURL *easy = transfer->easy;
	bool ok = add_header(transfer, "Accept", "application/json");
	if (request->content_type)
		ok &= add_header(transfer, "Content-Type", request->content_type);
	if (request->body)
		ok &= add_header(transfer, "Expect", "");
	ok &= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK;
	if (request->basic) {
		ok &= curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) == CURLE_OK;
		ok &= curl_easy_setopt(easy, CURLOPT_USERPWD, request->basic) == CURLE_OK;
	} else {
		ok &= curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER) == CURLE_OK;
		ok &= curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, token) == CURLE_OK;
	}
	if (request->body) {
		ok &= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(request->body)) == CURLE_OK;
		ok &= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body) == CURLE_OK;
	}
	if (strcmp(request->method, request->body ? "POST" : "GET") != 0)
		ok &= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
	return ok;
}

/* A proxy of the environment is for the way out, and this host is not out. */
static bool is_plain(const char *base)
{
	return hsm_text_starts_with(base, "http:");
}

CURL *hsm_transfer_begin(struct hsm_transfer *transfer, const char *token, double deadline)
{
	const struct hsm_http_request *request = &transfer->request;
	end_attempt(transfer);
	transfer->body = (struct hsm_buffer)HSM_BUFFER_INIT(HSM_HTTP_BODY_MAX);
	transfer->rate_count = transfer->rate_allowed = transfer->rate_reset = -1;
	transfer->date = -1;
	transfer->correlation[0] = transfer->code[0] = transfer->message[0] = transfer->curl_error[0] = '\0';
	transfer->token = token ? hsm_memory_copy_string(token) : NULL;
	transfer->easy = curl_easy_init();
	CURL *easy = transfer->easy;
	if (!easy)
		return NULL;
	const char *url = hsm_arena_format(&transfer->arena, "%s%s", request->base, request->path);
	double left = deadline > 0 ? deadline - hsm_http_now() : (double)TOTAL_TIMEOUT;
	long milliseconds = left < (double)TOTAL_TIMEOUT ? (long)(left * 1000) + 1 : TOTAL_TIMEOUT * 1000;
	bool ok = curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, is_plain(request->base) ? "http" : "https") == CURLE_OK;
	if (is_plain(request->base))
		ok &= curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_error) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_USERAGENT, "hsmctl/" HSM_VERSION) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, STALL_TIMEOUT) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK;
	/* Streams of one HTTP/2 connection rather than connections. */
	ok &= curl_easy_setopt(easy, CURLOPT_PIPEWAIT, is_plain(request->base) ? 0L : 1L) == CURLE_OK;
	return ok && set_request(transfer, token) ? easy : NULL;
}

/* The API's error body, and OAuth's. */
struct problem {
	struct hsm_node node;
	struct hsm_string message, code, context, error, description, error_description;
};

#define AT(member) .offset = offsetof(struct problem, member)
static const struct hsm_field problem_fields[] = {
	{ "message", HSM_TYPE_STRING, 0, AT(message) },
	{ "code", HSM_TYPE_STRING, 0, AT(code) },
	{ "contextId", HSM_TYPE_STRING, 0, AT(context) },
	{ "error", HSM_TYPE_STRING, 0, AT(error) },
	{ "description", HSM_TYPE_STRING, 0, AT(description) },
	{ "error_description", HSM_TYPE_STRING, 0, AT(error_description) },
};
static const struct hsm_object problem_object = { "error", 0, sizeof(struct problem),
						  HSM_OBJECT_FIELDS(problem_fields), .help = NULL };

static void copy_text(char *target, size_t size, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	if (length >= size) {
		length = size - 1;
		while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	if (length)
		memcpy(target, text, length);
	target[length] = '\0';
}

void hsm_transfer_read_problem(struct hsm_transfer *transfer)
{
	struct hsm_arena arena = { 0 };
	struct problem problem = { 0 };
	struct hsm_error ignored;
	cJSON *json = NULL;
	if (hsm_json_parse(&json, hsm_buffer_text(&transfer->body), transfer->body.length, &ignored) == 0 &&
	    hsm_json_read(&arena, json, &problem_object, &problem, &ignored) == 0) {
		const char *message = problem.message.text	     ? problem.message.text :
				      problem.error_description.text ? problem.error_description.text :
								       problem.description.text;
		copy_text(transfer->code, sizeof(transfer->code), problem.code.text ? problem.code.text : problem.error.text);
		copy_text(transfer->message, sizeof(transfer->message), message);
		if (!*transfer->correlation && problem.context.text)
			take_correlation(transfer, problem.context.text, strlen(problem.context.text));
	} else if (transfer->body.length) {
		copy_text(transfer->message, sizeof(transfer->message), "the answer is not the API's JSON");
	}
	cJSON_Delete(json);
	hsm_arena_release(&arena);
}

static enum hsm_error_class status_class(long status)
{
	if (status == 401 || status == 403)
		return HSM_ERROR_AUTH;
	return status == 408 || status == 429 || status >= 500 || status < 400 ? HSM_ERROR_UNAVAILABLE : HSM_ERROR_FAILED;
}

void hsm_transfer_explain(const struct hsm_transfer *transfer, enum hsm_http_end end, CURLcode code, long status,
			  struct hsm_error *error)
{
	const char *id = transfer->correlation;
	const char *why = *transfer->curl_error ? transfer->curl_error : curl_easy_strerror(code);
	if (end == HSM_HTTP_ANSWERED)
		hsm_error_set(error, status_class(status), "%s: %ld%s%s%s%s%s%s%s", transfer->label, status,
			      *transfer->code ? " " : "", transfer->code, *transfer->message ? ": " : "",
			      transfer->message, *id ? " (correlation id " : "", id, *id ? ")" : "");
	else if (transfer->body.full)
		hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "%s: the answer is larger than %zu MiB%s%s%s", transfer->label,
			      HSM_HTTP_BODY_MAX >> 20, *id ? " (correlation id " : "", id, *id ? ")" : "");
	else
		hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "%s: %s at %s: %s%s%s%s", transfer->label,
			      end == HSM_HTTP_NOT_SENT ? "no connection" : "no whole answer", transfer->request.base, why,
			      *id ? " (correlation id " : "", id, *id ? ")" : "");
}
