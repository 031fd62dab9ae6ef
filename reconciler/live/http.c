#include "reconciler/live/http.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reconciler/live/http_transfer.h"
#include "reconciler/live/pace.h"
#include "schema/base/memory.h"

enum { ATTEMPTS_MAX = 5, REFUSALS_MAX = 20 };
/* A longer Retry-After is a quota, not a rate. */
#define RETRY_AFTER_MAX 180

struct hsm_http {
	CURLM *multi;
	const struct hsm_settings *settings;
	struct hsm_http_tokens tokens;
	struct hsm_pace pace;
	struct hsm_transfer *queue;  /* in order; those that are repeated come first */
	struct hsm_transfer *active;
	unsigned active_count;
	size_t requests;
	double clock_skew;
};

double hsm_http_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int hsm_http_open(struct hsm_http **http, const struct hsm_settings *settings, const struct hsm_http_tokens *tokens,
		  struct hsm_error *error)
{
	static bool ready;
	if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return hsm_error_set(error, HSM_ERROR_FAILED, "libcurl does not start");
	ready = true;
	CURLM *multi = curl_multi_init();
	if (!multi)
		return hsm_error_set(error, HSM_ERROR_FAILED, "libcurl does not start");
	curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)(settings->parallelism ? settings->parallelism : 1));
	*http = hsm_memory_allocate(sizeof(**http));
	(*http)->multi = multi;
	(*http)->settings = settings;
	(*http)->tokens = *tokens;
	hsm_pace_start(&(*http)->pace);
	return 0;
}

static void free_list(struct hsm_http *http, struct hsm_transfer *list)
{
	while (list) {
		struct hsm_transfer *next = list->next;
		if (list->easy)
			curl_multi_remove_handle(http->multi, list->easy);
		hsm_transfer_free(list);
		list = next;
	}
}

void hsm_http_free(struct hsm_http *http)
{
	if (!http)
		return;
	free_list(http, http->active);
	free_list(http, http->queue);
	curl_multi_cleanup(http->multi);
	free(http);
}

static void append(struct hsm_transfer **list, struct hsm_transfer *transfer)
{
	while (*list)
		list = &(*list)->next;
	transfer->next = NULL;
	*list = transfer;
}

static void unlink_transfer(struct hsm_transfer **list, struct hsm_transfer *transfer)
{
	while (*list != transfer)
		list = &(*list)->next;
	*list = transfer->next;
	transfer->next = NULL;
}

void hsm_http_send(struct hsm_http *http, const struct hsm_http_request *request)
{
	append(&http->queue, hsm_transfer_make(request));
}

/* Tells whoever asked. The transfer is in no list any more. */
static void finish(struct hsm_transfer *transfer, const struct hsm_http_answer *answer)
{
	transfer->request.done(transfer->request.user, answer);
	hsm_transfer_free(transfer);
}

static void finish_unsent(struct hsm_http *http, struct hsm_transfer *transfer, const struct hsm_error *error,
			  enum hsm_http_end end)
{
	struct hsm_http_answer answer = { .request = transfer->label, .end = end, .body = "", .code = "",
					  .correlation = "", .error = *error };
	unlink_transfer(&http->queue, transfer);
	finish(transfer, &answer);
}

static void finish_sent(struct hsm_transfer *transfer, CURLcode code, long status)
{
	struct hsm_http_answer answer = {
		.request = transfer->label,
		.end = code == CURLE_OK ? HSM_HTTP_ANSWERED : HSM_HTTP_LOST,
		.status = status,
		.body = hsm_buffer_text(&transfer->body),
		.length = transfer->body.length,
		.code = transfer->code,
		.correlation = transfer->correlation,
	};
	double before = 0;
	/* Nothing of the request has left where there was no connection to send it on. */
	if (code != CURLE_OK && curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME, &before) == CURLE_OK &&
	    before == 0)
		answer.end = HSM_HTTP_NOT_SENT;
	if (answer.end != HSM_HTTP_ANSWERED || status < 200 || status > 299)
		hsm_transfer_explain(transfer, answer.end, code, status, &answer.error);
	finish(transfer, &answer);
}

static bool is_interrupted(const struct hsm_http *http)
{
	return http->settings->interrupted && *http->settings->interrupted;
}

static bool is_over(const struct hsm_http *http)
{
	return http->settings->deadline > 0 && hsm_http_now() >= http->settings->deadline;
}

static bool is_read(const struct hsm_transfer *transfer)
{
	return strcmp(transfer->request.method, "GET") == 0 || transfer->request.basic;
}

/* What is not begun ends; what reads may end in the middle; a write is waited for. */
static void stop_all(struct hsm_http *http)
{
	struct hsm_error error;
	struct hsm_transfer *transfer = http->active, *next;
	for (; transfer; transfer = next) {
		next = transfer->next;
		if (!is_read(transfer))
			continue;
		curl_multi_remove_handle(http->multi, transfer->easy);
		unlink_transfer(&http->active, transfer);
		http->active_count--;
		append(&http->queue, transfer);
	}
	while ((transfer = http->queue)) {
		if (is_interrupted(http))
			hsm_error_set(&error, HSM_ERROR_FAILED, "%s: interrupted", transfer->label);
		else
			hsm_error_set(&error, HSM_ERROR_UNAVAILABLE, "%s: the time is up", transfer->label);
		finish_unsent(http, transfer, &error, HSM_HTTP_INTERRUPTED);
	}
}

static void begin(struct hsm_http *http, struct hsm_transfer *transfer, const char *token)
{
	struct hsm_error error;
	CURL *easy = hsm_transfer_begin(transfer, token, is_read(transfer) ? http->settings->deadline : 0);
	if (!easy || curl_multi_add_handle(http->multi, easy) != CURLM_OK) {
		hsm_error_set(&error, HSM_ERROR_FAILED, "%s: libcurl refuses the request", transfer->label);
		finish_unsent(http, transfer, &error, HSM_HTTP_NOT_SENT);
		return;
	}
	unlink_transfer(&http->queue, transfer);
	transfer->next = http->active;
	http->active = transfer;
	http->active_count++;
	http->requests++;
	if (!transfer->request.basic)
		hsm_pace_note_sent(&http->pace);
}

/* The first request that may go now; *wake is when the next may. */
static struct hsm_transfer *find_ready(struct hsm_http *http, bool has_token, double *wake)
{
	double now = hsm_http_now(), open = hsm_pace_next(&http->pace, now);
	for (struct hsm_transfer *transfer = http->queue; transfer; transfer = transfer->next) {
		double at = transfer->not_before;
		if (!transfer->request.basic && !has_token)
			continue;
		if (!transfer->request.basic && open > at)
			at = open;
		if (at <= now)
			return transfer;
		if (at < *wake)
			*wake = at;
	}
	return NULL;
}

static bool needs_token(const struct hsm_http *http)
{
	for (const struct hsm_transfer *transfer = http->queue; transfer; transfer = transfer->next)
		if (!transfer->request.basic)
			return true;
	return false;
}

static void fail_without_token(struct hsm_http *http, const struct hsm_error *error)
{
	struct hsm_transfer *transfer = http->queue, *next;
	for (; transfer; transfer = next) {
		next = transfer->next;
		if (!transfer->request.basic)
			finish_unsent(http, transfer, error, HSM_HTTP_NOT_SENT);
	}
}

/* Starts what may go, and returns when more may. */
static double start_ready(struct hsm_http *http)
{
	unsigned parallelism = http->settings->parallelism ? http->settings->parallelism : 1;
	double wake = hsm_http_now() + 1;
	while (http->active_count < parallelism && http->queue) {
		struct hsm_error error = { 0 };
		const char *token = needs_token(http) ? http->tokens.get(http->tokens.user, &error) : NULL;
		if (!token && error.class) {
			fail_without_token(http, &error);
			continue;
		}
		struct hsm_transfer *transfer = find_ready(http, token, &wake);
		if (!transfer)
			break;
		begin(http, transfer, transfer->request.basic ? NULL : token);
	}
	return wake;
}

static void repeat(struct hsm_http *http, struct hsm_transfer *transfer, double not_before)
{
	transfer->not_before = not_before;
	transfer->next = http->queue;
	http->queue = transfer;
}

/* OAuth's own limit comes as a 400. */
static bool is_rate_refusal(const struct hsm_transfer *transfer, long status)
{
	if (status == 400 && transfer->request.basic)
		return strstr(transfer->message, "rate limit exceeded");
	return status == 429 && (!*transfer->code || strncmp(transfer->code, "too.many.requests", 17) == 0);
}

static bool is_passing(const struct hsm_transfer *transfer, CURLcode code, long status)
{
	double before = 0;
	if (code == CURLE_OK)
		return !transfer->request.once && (status == 408 || (status >= 500 && status != 501));
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_URL_MALFORMAT || transfer->body.full)
		return false;
	curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME, &before);
	return !transfer->request.once || before == 0;
}

/* Whether it goes again; if so it is queued. */
static bool try_again(struct hsm_http *http, struct hsm_transfer *transfer, CURLcode code, long status)
{
	double now = hsm_http_now();
	curl_off_t retry_after = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
	if (retry_after < 0)
		retry_after = 0;
	if (is_interrupted(http))
		return false;
	if (code == CURLE_OK && status == 401 && !transfer->request.basic && !transfer->reauthorized &&
	    http->tokens.refuse(http->tokens.user, transfer->token)) {
		transfer->reauthorized = true;
		repeat(http, transfer, now);
		return true;
	}
	if (code == CURLE_OK && is_rate_refusal(transfer, status)) {
		if (retry_after > RETRY_AFTER_MAX || ++transfer->refusals > REFUSALS_MAX)
			return false;
		if (!transfer->request.basic)
			hsm_pace_note_refused(&http->pace, now, retry_after);
		repeat(http, transfer, now + (retry_after ? (double)retry_after : 1));
		return true;
	}
	if (!is_passing(transfer, code, status) || retry_after > RETRY_AFTER_MAX || ++transfer->attempts >= ATTEMPTS_MAX)
		return false;
	double wait = hsm_pace_backoff(&http->pace, transfer->attempts);
	repeat(http, transfer, now + (wait > (double)retry_after ? wait : (double)retry_after));
	return true;
}

static void end_transfer(struct hsm_http *http, struct hsm_transfer *transfer, CURLcode code)
{
	long status = 0;
	curl_multi_remove_handle(http->multi, transfer->easy);
	unlink_transfer(&http->active, transfer);
	http->active_count--;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!transfer->request.basic)
		hsm_pace_note_answer(&http->pace, hsm_http_now(), transfer->rate_count, transfer->rate_allowed,
				     transfer->rate_reset, http->active_count);
	if (transfer->date >= 0)
		http->clock_skew = difftime(transfer->date, time(NULL));
	if (code == CURLE_OK && (status < 200 || status > 299))
		hsm_transfer_read_problem(transfer);
	if (!try_again(http, transfer, code, status))
		finish_sent(transfer, code, status);
}

static bool take_results(struct hsm_http *http)
{
	CURLMsg *message;
	bool any = false;
	int left;
	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct hsm_transfer *transfer = NULL;
		CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		end_transfer(http, transfer, code);
		any = true;
	}
	return any;
}

void hsm_http_run(struct hsm_http *http)
{
	while (http->queue || http->active) {
		int running;
		if (is_interrupted(http) || is_over(http))
			stop_all(http);
		double wake = start_ready(http);
		if (!http->queue && !http->active)
			break;
		curl_multi_perform(http->multi, &running);
		if (take_results(http))
			continue;
		double wait = (wake - hsm_http_now()) * 1000 + 1;
		/* Answers end the wait by themselves; an interruption is looked for. */
		curl_multi_poll(http->multi, NULL, 0, wait < 0 ? 0 : wait > 100 ? 100 : (int)wait, NULL);
	}
}

size_t hsm_http_count_requests(const struct hsm_http *http)
{
	return http->requests;
}

double hsm_http_clock_skew(const struct hsm_http *http)
{
	return http->clock_skew;
}

void hsm_http_rate(const struct hsm_http *http, int64_t *count, int64_t *allowed)
{
	*count = http->pace.counted;
	*allowed = http->pace.allowed;
}

const char *hsm_http_escape(struct hsm_arena *arena, const char *text)
{
	char *escaped = curl_easy_escape(NULL, text, (int)strlen(text));
	const char *copy = hsm_arena_copy_string(arena, escaped ? escaped : "");
	curl_free(escaped);
	return copy;
}
