#include "reconciler/live/http_transfer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "schema/base/conceal.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define BODY_MAX ((size_t)16 << 20) /* a page of 100 large templates is under 2 MiB */
#define CONNECT_TIMEOUT 10L
#define PROGRESS_TIMEOUT 30L
#define TOTAL_TIMEOUT 60L
#define UPLOAD_TIMEOUT 1800L /* of a file: 100 MB at 500 kbit/s */
#define USAGE_MAX 4096       /* bytes of a header that tells of an account or a few */
#define ATTEMPTS_MAX 5

static char *copy(const char *text)
{
	return text ? hsm_memory_copy_string(text) : NULL;
}

static char *join(const char *a, const char *between, const char *b)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_format(&buffer, "%s%s%s", a, between, b);
	return hsm_buffer_detach(&buffer);
}

struct hsm_http_transfer *hsm_http_transfer_make(const struct hsm_http_request *request)
{
	struct hsm_http_transfer *transfer = hsm_memory_allocate(sizeof(*transfer));
	transfer->request = *request;
	transfer->request.method = copy(request->method);
	transfer->request.body = copy(request->body);
	transfer->request.content_type = copy(request->content_type);
	transfer->request.header = copy(request->header);
	transfer->request.username = copy(request->username);
	transfer->request.password = copy(request->password);
	transfer->request.secret = copy(request->secret);
	transfer->request.base = transfer->request.path = NULL; /* in the URL */
	transfer->request.shown_path = NULL;
	transfer->credentials = request->username ? join(request->username, ":", request->password) : NULL;
	transfer->url = join(request->base, "", request->path);
	transfer->where = join(request->method, " ", request->shown_path ? request->shown_path : request->path);
	return transfer;
}

void hsm_http_transfer_free(struct hsm_http_transfer *transfer)
{
	hsm_http_transfer_end_attempt(transfer);
	free((void *)(uintptr_t)transfer->request.method);
	free((void *)(uintptr_t)transfer->request.body);
	free((void *)(uintptr_t)transfer->request.content_type);
	free((void *)(uintptr_t)transfer->request.header);
	free((void *)(uintptr_t)transfer->request.username);
	free((void *)(uintptr_t)transfer->request.password);
	free((void *)(uintptr_t)transfer->request.secret);
	if (transfer->request.release)
		transfer->request.release(transfer->request.user);
	free(transfer->credentials);
	free(transfer->url);
	free(transfer->where);
	free(transfer);
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
	struct hsm_http_transfer *transfer = user;
	hsm_buffer_append(&transfer->body, data, size * count);
	return transfer->body.full ? 0 : size * count;
}

static void forget_headers(struct hsm_http_transfer *transfer)
{
	transfer->correlation_id[0] = '\0';
	transfer->rate_count = transfer->rate_allowed = transfer->rate_reset = -1;
	transfer->usage = (struct hsm_usage){ .percent = -1 };
	transfer->date = -1;
}

/* The value of a header line, cut to size; false where the line is another's. */
static bool read_header(const char *line, size_t length, const char *name, char *value, size_t size)
{
	size_t end = strlen(name);
	if (length <= end || strncasecmp(line, name, end) != 0 || line[end] != ':')
		return false;
	line += end + 1;
	length -= end + 1;
	while (length && isspace((unsigned char)*line)) {
		line++;
		length--;
	}
	while (length && isspace((unsigned char)line[length - 1]))
		length--;
	if (length >= size)
		length = size - 1;
	memcpy(value, line, length);
	value[length] = '\0';
	return true;
}

static int64_t read_number(const char *text)
{
	size_t length = strspn(text, "0123456789");
	return length && length <= 12 && !text[length] ? strtoll(text, NULL, 10) : -1;
}

static void take_usage(struct hsm_http_transfer *transfer, const char *line, size_t length)
{
	char value[USAGE_MAX];
	if (read_header(line, length, "x-app-usage", value, sizeof(value)) ||
	    read_header(line, length, "x-business-use-case-usage", value, sizeof(value)))
		hsm_usage_read(value, strlen(value), &transfer->usage);
}

static size_t take_header(char *data, size_t size, size_t count, void *user)
{
	struct hsm_http_transfer *transfer = user;
	size_t length = size * count;
	char value[64];
	if (length >= 5 && strncmp(data, "HTTP/", 5) == 0) /* after a 100, another answer begins */
		forget_headers(transfer);
	else if (read_header(data, length, "inin-ratelimit-count", value, sizeof(value)))
		transfer->rate_count = read_number(value);
	else if (read_header(data, length, "inin-ratelimit-allowed", value, sizeof(value)))
		transfer->rate_allowed = read_number(value);
	else if (read_header(data, length, "inin-ratelimit-reset", value, sizeof(value)))
		transfer->rate_reset = read_number(value);
	else if (read_header(data, length, "date", value, sizeof(value)))
		transfer->date = curl_getdate(value, NULL);
	else if (read_header(data, length, "inin-correlation-id", transfer->correlation_id,
			     sizeof(transfer->correlation_id)) &&
		 strlen(transfer->correlation_id) == sizeof(transfer->correlation_id) - 1)
		transfer->correlation_id[0] = '\0'; /* cut: an id is shorter */
	else
		take_usage(transfer, data, length);
	return length;
}

static void add_header(struct hsm_http_transfer *transfer, const char *name, const char *value)
{
	char *line = join(name, ": ", value);
	transfer->headers = curl_slist_append(transfer->headers, line);
	free(line);
}

static void set_limits(CURL *easy, const char *url, bool upload)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, PROGRESS_TIMEOUT);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, upload ? UPLOAD_TIMEOUT : TOTAL_TIMEOUT);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "hsmctl/" HSM_VERSION);
	/* Plain http goes to this machine, which no proxy can reach. */
	if (strncmp(url, "http:", 5) == 0)
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

static void add_authorization(struct hsm_http_transfer *transfer, const char *token)
{
	char *authorization = join(transfer->request.scheme ? transfer->request.scheme : "Bearer", " ", token);
	add_header(transfer, "Authorization", authorization);
	free(authorization);
}

/* The token of the request: there may be another one when it is answered. */
static void set_secrets(struct hsm_http_transfer *transfer, const struct hsm_settings *settings)
{
	const char *const secrets[HSM_HTTP_SECRETS] = {
		transfer->request.username ? transfer->credentials :
					     strrchr(transfer->headers->data, ' ') + 1,
		settings->client_secret,
		transfer->request.secret,
	};
	memcpy(transfer->secrets, secrets, sizeof(secrets));
}

void hsm_http_transfer_begin_attempt(struct hsm_http_transfer *transfer, const struct hsm_settings *settings,
				     const char *token)
{
	const struct hsm_http_request *request = &transfer->request;
	CURL *easy = transfer->easy = curl_easy_init();
	if (!easy)
		hsm_memory_exhausted();
	transfer->attempts++;
	transfer->body = (struct hsm_buffer)HSM_BUFFER_INIT(BODY_MAX);
	transfer->message[0] = '\0';
	forget_headers(transfer);
	set_limits(easy, transfer->url, request->bytes);
	curl_easy_setopt(easy, CURLOPT_URL, transfer->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	if (!request->username)
		add_authorization(transfer, token);
	set_secrets(transfer, settings);
	const char *body = request->bytes ? request->bytes : request->body;
	if (body) {
		size_t length = request->bytes ? request->length : strlen(body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body); /* borrowed; outlives the handle */
		add_header(transfer, "Content-Type", request->content_type);
	}
	if (request->header)
		transfer->headers = curl_slist_append(transfer->headers, request->header);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	/* libcurl re-sends by itself what a reused connection swallowed, POST too. */
	if (request->repeat == HSM_HTTP_ONCE) {
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
	if (request->username) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERNAME, request->username);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, request->password);
	}
	add_header(transfer, "Accept", "application/json");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
}

void hsm_http_transfer_end_attempt(struct hsm_http_transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	hsm_buffer_release(&transfer->body);
	transfer->easy = NULL;
	transfer->headers = NULL;
}

/* Whether not a byte of the request left. */
static bool was_not_sent(const struct hsm_http_transfer *transfer)
{
	long sent = 0;
	return curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK && sent == 0;
}

/* Whether a failure without an answer may pass by itself. */
static bool is_passing(const struct hsm_http_transfer *transfer)
{
	CURLcode code = transfer->code;
	return !transfer->body.full && code != CURLE_PEER_FAILED_VERIFICATION && code != CURLE_SSL_CACERT_BADFILE &&
	       code != CURLE_URL_MALFORMAT && code != CURLE_UNSUPPORTED_PROTOCOL;
}

bool hsm_http_transfer_may_repeat(const struct hsm_http_transfer *transfer, const struct hsm_http_answer *answer)
{
	enum hsm_http_verdict verdict = HSM_HTTP_AS_STATUS;
	bool once = transfer->request.repeat == HSM_HTTP_ONCE;
	if (transfer->attempts >= ATTEMPTS_MAX)
		return false;
	if (answer->fate != HSM_HTTP_ANSWERED)
		return is_passing(transfer) && (answer->fate == HSM_HTTP_NOT_SENT || !once);
	if (transfer->request.judge)
		verdict = transfer->request.judge(answer);
	if (verdict != HSM_HTTP_AS_STATUS)
		return verdict == HSM_HTTP_REPEAT || (verdict == HSM_HTTP_PASSING && !once);
	switch (answer->status) {
	case 429:
		return true;
	case 408:
	case 500:
	case 502:
	case 503:
	case 504:
		return !once;
	default:
		return false;
	}
}

/* An id from outside stands in messages: none at all rather than half a character, or what was sent. */
static bool may_show(const struct hsm_http_transfer *transfer, const char *id)
{
	size_t length = strlen(id);
	for (size_t i = 0; i < HSM_HTTP_SECRETS; i++)
		if (transfer->secrets[i] && hsm_conceal_finds(id, transfer->secrets[i]))
			return false;
	return length && hsm_text_find_invalid(id, length) == length;
}

static const char *explain(const struct hsm_http_transfer *transfer)
{
	if (transfer->body.full)
		return "the answer is larger than 16 MiB";
	/* It goes on with the proxy as it was given, with its password: curl 7.88, lib/url.c, parse_proxy. */
	if (hsm_text_starts_with(transfer->message, "Unsupported proxy"))
		return "the proxy that https_proxy or all_proxy names is none that libcurl takes";
	return *transfer->message ? transfer->message : curl_easy_strerror(transfer->code);
}

void hsm_http_transfer_answer(struct hsm_http_transfer *transfer, struct hsm_http_answer *answer)
{
	curl_off_t retry_after = 0;
	*answer = (struct hsm_http_answer){
		.where = transfer->where, .secrets = transfer->secrets, .secret_count = HSM_HTTP_SECRETS
	};
	if (may_show(transfer, transfer->correlation_id))
		answer->correlation_id = transfer->correlation_id;
	if (transfer->code == CURLE_OK) {
		curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer->status);
		curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
		answer->retry_after = retry_after > 0 ? (double)retry_after : 0; /* may be negative before 8.12 */
		if (transfer->usage.minutes)
			answer->retry_after = transfer->usage.minutes * 60.0;
		answer->body = hsm_buffer_text(&transfer->body);
		answer->length = transfer->body.length;
		return;
	}
	answer->fate = was_not_sent(transfer) ? HSM_HTTP_NOT_SENT : HSM_HTTP_LOST;
	answer->is_too_large = transfer->body.full;
	hsm_error_set(&answer->error, HSM_ERROR_UNAVAILABLE, "%s: %s%s%s%s", answer->where, explain(transfer),
		      answer->correlation_id ? " (correlation id " : "",
		      answer->correlation_id ? answer->correlation_id : "", answer->correlation_id ? ")" : "");
}
