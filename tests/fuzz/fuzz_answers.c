/*
 * What servers answer, headers and bodies: the first byte says what is asked, the rest is
 * answers, one after the other, with 0x1e between them. Whatever they say, every request
 * comes to an end, and what is told of it is UTF-8 that holds no secret.
 *
 * These functions stand in libcurl's place, and time is what was waited for.
 */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "reconciler/live/conversations.h"
#include "reconciler/live/datatables.h"
#include "reconciler/live/snapshot.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define SECRET "correct-horse-battery"
#define TOKEN "staple-0123456789"
#define PHONE "+34600111222"
#define VALUE "Encarnita"
#define EASY_MAX 8 /* settings.parallelism, and one for the token */
#define SEPARATOR 0x1e
#define GRAPH_FIRST 60

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *input, *input_end;
static int64_t waited; /* milliseconds */
static bool has_token;
static bool is_data; /* a secret stands in an answer that is good: as somebody's name */

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_error(const struct hsm_error *error)
{
	size_t length = strlen(error->message);
	check(error->class < 0 && length && hsm_text_find_invalid(error->message, length) == length);
	check(is_data || (!strstr(error->message, SECRET) && !(has_token && strstr(error->message, TOKEN))));
}

/* libcurl */

struct easy {
	curl_write_callback take_header, take_body;
	void *header_user, *body_user, *private;
	long status, sent;
	curl_off_t retry_after;
	CURLMsg message;
};

static struct easy *under_way[EASY_MAX], *answered[EASY_MAX];
static size_t under_way_count, answered_count;

int clock_gettime(clockid_t clock, struct timespec *time)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, time);
	if (clock == CLOCK_MONOTONIC)
		time->tv_sec += waited / 1000;
	return rc;
}

CURL *curl_easy_init(void)
{
	return hsm_memory_allocate(sizeof(struct easy));
}

void curl_easy_cleanup(CURL *easy)
{
	free(easy);
}

CURLcode curl_easy_setopt(CURL *handle, CURLoption option, ...)
{
	struct easy *easy = handle;
	va_list arguments;
	va_start(arguments, option);
	if (option == CURLOPT_HEADERFUNCTION)
		easy->take_header = va_arg(arguments, curl_write_callback);
	else if (option == CURLOPT_WRITEFUNCTION)
		easy->take_body = va_arg(arguments, curl_write_callback);
	else if (option == CURLOPT_HEADERDATA)
		easy->header_user = va_arg(arguments, void *);
	else if (option == CURLOPT_WRITEDATA)
		easy->body_user = va_arg(arguments, void *);
	else if (option == CURLOPT_PRIVATE)
		easy->private = va_arg(arguments, void *);
	va_end(arguments);
	return CURLE_OK;
}

CURLcode curl_easy_getinfo(CURL *handle, CURLINFO info, ...)
{
	struct easy *easy = handle;
	va_list arguments;
	va_start(arguments, info);
	if (info == CURLINFO_PRIVATE)
		*va_arg(arguments, void **) = easy->private;
	else if (info == CURLINFO_RESPONSE_CODE)
		*va_arg(arguments, long *) = easy->status;
	else if (info == CURLINFO_REQUEST_SIZE)
		*va_arg(arguments, long *) = easy->sent;
	else if (info == CURLINFO_RETRY_AFTER)
		*va_arg(arguments, curl_off_t *) = easy->retry_after;
	va_end(arguments);
	return CURLE_OK;
}

CURLM *curl_multi_init(void)
{
	return under_way;
}

CURLMcode curl_multi_cleanup(CURLM *multi)
{
	(void)multi;
	check(!under_way_count && !answered_count);
	return CURLM_OK;
}

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy)
{
	(void)multi;
	check(under_way_count < EASY_MAX);
	under_way[under_way_count++] = easy;
	return CURLM_OK;
}

static void take_out(struct easy **list, size_t *count, const struct easy *easy)
{
	for (size_t i = 0; i < *count; i++)
		if (list[i] == easy)
			list[i--] = list[--*count];
}

CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *easy)
{
	(void)multi;
	take_out(under_way, &under_way_count, easy);
	take_out(answered, &answered_count, easy);
	return CURLM_OK;
}

static void take_header_line(struct easy *easy, char *line, size_t length)
{
	char value[32];
	easy->take_header(line, 1, length, easy->header_user);
	snprintf(value, sizeof(value), "%.*s", length < 31 ? (int)length : 31, line);
	if (strncmp(value, "HTTP/", 5) == 0)
		sscanf(value, "HTTP/%*s %3ld", &easy->status);
	else if (strncasecmp(value, "retry-after:", 12) == 0)
		easy->retry_after = strtoll(value + 12, NULL, 10);
}

/* Lines until an empty one, then a body, in two parts; or '!' and how it failed. */
static CURLcode answer(struct easy *easy, char *text, size_t length)
{
	static const CURLcode failures[] = { CURLE_COULDNT_CONNECT, CURLE_GOT_NOTHING, CURLE_OPERATION_TIMEDOUT,
					     CURLE_PEER_FAILED_VERIFICATION };
	char *end = text + length;
	easy->sent = 1;
	if (length >= 2 && *text == '!') {
		easy->sent = text[1] & 4;
		return failures[text[1] & 3];
	}
	while (text < end) {
		char *newline = memchr(text, '\n', (size_t)(end - text)), *next = newline ? newline + 1 : end;
		bool last = newline == text || (newline == text + 1 && *text == '\r');
		take_header_line(easy, text, (size_t)(next - text));
		text = next;
		if (last)
			break;
	}
	size_t rest = (size_t)(end - text), half = rest / 2;
	is_data |= easy->status / 100 == 2 && (memmem(text, rest, SECRET, strlen(SECRET)) || memmem(text, rest, TOKEN, strlen(TOKEN)));
	if (easy->take_body(text, 1, half, easy->body_user) != half ||
	    easy->take_body(text + half, 1, rest - half, easy->body_user) != rest - half)
		return CURLE_WRITE_ERROR;
	return easy->status ? CURLE_OK : CURLE_GOT_NOTHING;
}

/* After the last answer everything fails, and not as what passes. */
static CURLcode answer_next(struct easy *easy)
{
	if (input == input_end)
		return CURLE_PEER_FAILED_VERIFICATION;
	const uint8_t *separator = memchr(input, SEPARATOR, (size_t)(input_end - input));
	size_t length = (size_t)((separator ? separator : input_end) - input);
	char *text = hsm_memory_resize(NULL, length, 1);
	memcpy(text, input, length);
	input += length + (separator != NULL);
	CURLcode code = answer(easy, text, length);
	free(text);
	return code;
}

CURLMcode curl_multi_perform(CURLM *multi, int *running)
{
	(void)multi;
	while (under_way_count) {
		struct easy *easy = under_way[0];
		take_out(under_way, &under_way_count, easy);
		easy->status = 0;
		easy->message = (CURLMsg){ .msg = CURLMSG_DONE, .easy_handle = easy };
		easy->message.data.result = answer_next(easy);
		check(answered_count < EASY_MAX);
		answered[answered_count++] = easy;
	}
	*running = 0;
	return CURLM_OK;
}

CURLMsg *curl_multi_info_read(CURLM *multi, int *left)
{
	(void)multi;
	*left = (int)answered_count;
	return answered_count ? &answered[0]->message : NULL;
}

CURLMcode curl_multi_poll(CURLM *multi, struct curl_waitfd *extra, unsigned count, int milliseconds, int *ready)
{
	(void)multi;
	(void)extra;
	(void)count;
	(void)ready;
	waited += milliseconds;
	return CURLM_OK;
}

/* What is asked */

static void take_result(void *user, const struct hsm_write_result *result)
{
	unsigned *results = user;
	++*results;
	if (result->outcome != HSM_OUTCOME_DONE)
		check_error(&result->error);
}

static void read_live(struct hsm_connection *connection)
{
	struct hsm_live live = { 0 }, again = { 0 };
	struct hsm_snapshot snapshot;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_error error;
	if (hsm_live_read(connection, true, &live, NULL, NULL, &error)) {
		check_error(&error);
	} else {
		hsm_snapshot_save(&live, &(struct hsm_snapshot){ "prod", "2026-11-28T00:00:00Z" }, &text);
		check(hsm_snapshot_load(text.data, text.length, &again, &snapshot, &error) == 0);
		check(again.template_count == live.template_count && again.webhook_count == live.webhook_count);
		for (size_t i = 0; i < live.template_count; i++)
			check(hsm_content_equals(&live.templates[i].content, &again.templates[i].content));
	}
	hsm_buffer_release(&text);
	hsm_live_release(&live);
	hsm_live_release(&again);
}

static void write_templates(struct hsm_connection *connection)
{
	unsigned results = 0;
	hsm_connection_create_template(connection, "p",
				       &(struct hsm_template_create){ "a_v1", "en", "UTILITY", "[]", NULL, 0 }, take_result,
				       &results);
	hsm_connection_find_template(connection, "p", "a_v1", "en", take_result, &results);
	hsm_connection_delete_template(connection, "p", "t", "a_v1", take_result, &results);
	hsm_connection_probe_write(connection, "p", take_result, &results);
	hsm_connection_run(connection);
	check(results == 4);
}

static void write_webhooks(struct hsm_connection *connection)
{
	static const char *const events[] = { "whatsapp_status_update" };
	struct hsm_webhook_write webhook = { "w", "https://hooks.example.com/", events, 1, true, SECRET };
	unsigned results = 0;
	hsm_connection_write_webhook(connection, NULL, &webhook, take_result, &results);
	hsm_connection_write_webhook(connection, "w1", &webhook, take_result, &results);
	hsm_connection_delete_webhook(connection, "w1", take_result, &results);
	hsm_connection_run(connection);
	check(results == 3);
}

static void write_tables(struct hsm_connection *connection)
{
	static const char *const keys[] = { "a", "b" };
	struct hsm_datatable table = { 0 };
	struct hsm_error error;
	cJSON *rows;
	unsigned results = 0;
	int rc = hsm_datatable_find(connection, "t", &table, &error);
	if (!rc && !table.id)
		rc = hsm_datatable_create(connection, "t", "d", "{}", &table, &error);
	if (!rc)
		rc = hsm_datatable_extend(connection, &table, "{}", &error);
	if (!rc && !(rc = hsm_datatable_read_rows(connection, table.id, &rows, &error)))
		cJSON_Delete(rows);
	if (!rc && !(rc = hsm_datatable_read_some(connection, table.id, keys, 2, &rows, &error)))
		cJSON_Delete(rows);
	if (rc)
		check_error(&error);
	hsm_datatable_create_row(connection, "t1", "a", "{\"key\":\"a\"}", take_result, &results);
	hsm_datatable_replace_row(connection, "t1", "b", "{\"key\":\"b\"}", take_result, &results);
	hsm_datatable_delete_row(connection, "t1", "c", take_result, &results);
	hsm_connection_run(connection);
	check(results == 3);
	hsm_datatable_release(&table);
}

/* Whatever an answer quotes, no error tells whom. */
static void take_listed(void *user, const struct hsm_send_result *result)
{
	unsigned *results = user;
	++*results;
	if (result->outcome != HSM_OUTCOME_DONE) {
		check_error(&result->error);
		check(!strstr(result->error.message, &PHONE[1]));
	}
	for (size_t i = 0; i < result->conversation_count; i++) {
		const struct hsm_conversation *conversation = &result->conversations[i];
		check(conversation->id && *conversation->id);
		for (size_t j = 0; j < conversation->message_count; j++)
			check(conversation->messages[j].error >= 0);
	}
}

/* Nor what. */
static void take_sent(void *user, const struct hsm_send_result *result)
{
	take_listed(user, result);
	check(result->outcome == HSM_OUTCOME_DONE || !strstr(result->error.message, VALUE));
}

static void send_messages(struct hsm_connection *connection)
{
	static const char *const parameters[] = { "A-1", VALUE };
	struct hsm_send send = { .phone = PHONE, .label = "0123456789abcdef", .template = "a_v1", .language = "en",
				 .parameters = parameters, .parameter_count = 2 };
	struct hsm_send text = { .phone = PHONE, .label = "0123456789abcdef", .text = VALUE };
	unsigned results = 0;
	hsm_conversation_send(connection, &send, take_sent, &results);
	hsm_conversation_send(connection, &text, take_sent, &results);
	hsm_conversation_list(connection, PHONE, take_listed, &results);
	hsm_connection_run(connection);
	check(results == 3);
}

/* Two at once of one file, and one without. */
static void create_with_files(struct hsm_connection *connection)
{
	static const char content[] = "[{\"type\":\"HEADER\",\"format\":\"IMAGE\"},{\"type\":\"BODY\",\"text\":\"Hi\"}]";
	const struct hsm_media media = { "logo.png", "image/png", "0123456789", 10 };
	unsigned results = 0;
	hsm_connection_create_template(connection, "1", &(struct hsm_template_create){ "a_v1", "en", "UTILITY", content, &media, 1 },
				       take_result, &results);
	hsm_connection_create_template(connection, "1", &(struct hsm_template_create){ "b_v1", "en", "UTILITY", content, &media, 1 },
				       take_result, &results);
	hsm_connection_get_template(connection, "1", "7", take_result, &results);
	hsm_connection_run(connection);
	check(results == 3);
}

/* Of Genesys, and of Meta from 60 on. */
static void ask(struct hsm_connection *connection, unsigned what)
{
	static void (*const asked[])(struct hsm_connection *connection) = { read_live, write_templates, write_webhooks,
									    write_tables, send_messages };
	static void (*const graph[])(struct hsm_connection *connection) = { read_live, write_templates, create_with_files,
									    read_live };
	if (what >= GRAPH_FIRST)
		graph[what - GRAPH_FIRST](connection);
	else
		asked[what % 5](connection);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hsm_settings settings = {
		.environment = "prod",
		.base_url = "https://api.example.com",
		.login_url = "https://login.example.com",
		.client_id = "id",
		.client_secret = SECRET,
		.parallelism = EASY_MAX - 1,
	};
	struct hsm_connection *connection;
	struct hsm_error error;
	if (!size)
		return 0;
	has_token = data[0] & 0x80;
	if (has_token)
		settings.access_token = TOKEN;
	if (data[0] & 0x40)
		settings.organization = "o1";
	if ((data[0] & 0x3f) >= GRAPH_FIRST) {
		settings.backend = HSM_BACKEND_META;
		settings.account = settings.app = "1";
		settings.api_version = "v23.0";
		settings.token_variable = "META_ACCESS_TOKEN";
		settings.access_token = TOKEN;
		has_token = true;
	}
	input = data + 1;
	input_end = data + size;
	is_data = false;
	check(hsm_connection_open(&connection, &settings, &error) == 0);
	ask(connection, data[0] & 0x3f);
	hsm_connection_free(connection);
	return 0;
}
