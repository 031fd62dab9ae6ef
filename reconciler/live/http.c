#include "reconciler/live/http.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reconciler/clock.h"
#include "reconciler/live/http_rate.h"
#include "reconciler/live/http_transfer.h"
#include "schema/base/memory.h"

#define BACKOFF_FIRST 0.25 /* seconds, doubled each time */
#define BACKOFF_MAX 10.0
/* A server that says to come back later than this has no passing trouble:
 * Genesys' own SDK gives up there too. */
#define RETRY_AFTER_MAX 180.0
#define POLL_MAX 0.1 /* so long an interruption may go unnoticed */
#define TOKEN_MARGIN 60.0
#define WORK_SLICE 0.001 /* so long an answer may wait for other work */

struct hsm_http {
	const struct hsm_settings *settings;
	CURLM *multi;
	struct hsm_http_transfer *queue;     /* in order */
	struct hsm_http_transfer *in_flight; /* in no order */
	struct hsm_http_transfer *ended;     /* in order: reads whose ends are yet to be told */
	size_t in_flight_count, ended_count;
	size_t sent;
	double skew;
	double slowest;      /* seconds */
	unsigned random;
	struct hsm_http_rate rate;
	bool abandoned;

	char *token;
	unsigned token_number;
	double token_end; /* 0: never */
	bool authorizing;
	void (*authorize)(void *user);
	void *authorize_user;
	bool (*work)(void *user); /* NULL: none */
	void *work_user;
};

int hsm_http_open(struct hsm_http **http, const struct hsm_settings *settings, struct hsm_error *error)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return hsm_error_set(error, HSM_ERROR_FAILED, "libcurl does not start");
	*http = hsm_memory_allocate(sizeof(**http));
	(*http)->settings = settings;
	(*http)->random = (unsigned)(uint64_t)(hsm_clock_monotonic() * 1e6);
	(*http)->multi = curl_multi_init();
	if (!(*http)->multi) {
		hsm_http_free(*http);
		return hsm_error_set(error, HSM_ERROR_FAILED, "libcurl has no memory");
	}
	return 0;
}

static void forget_token(struct hsm_http *http)
{
	if (http->token)
		explicit_bzero(http->token, strlen(http->token));
	free(http->token);
	http->token = NULL;
}

void hsm_http_free(struct hsm_http *http)
{
	if (!http)
		return;
	while (http->queue) {
		struct hsm_http_transfer *transfer = http->queue;
		http->queue = transfer->next;
		hsm_http_transfer_free(transfer);
	}
	curl_multi_cleanup(http->multi);
	forget_token(http);
	free(http);
	curl_global_cleanup();
}

static void append_to(struct hsm_http_transfer **list, struct hsm_http_transfer *transfer)
{
	while (*list)
		list = &(*list)->next;
	transfer->next = NULL;
	*list = transfer;
}

static void remove_from(struct hsm_http_transfer **list, struct hsm_http_transfer *transfer)
{
	while (*list != transfer)
		list = &(*list)->next;
	*list = transfer->next;
}

void hsm_http_send(struct hsm_http *http, const struct hsm_http_request *request)
{
	append_to(&http->queue, hsm_http_transfer_make(request));
}

static bool needs_token(const struct hsm_http_transfer *transfer)
{
	return !transfer->request.username;
}

static bool has_token(const struct hsm_http *http, double now)
{
	return http->token && (!http->token_end || now < http->token_end);
}

/* Its end: out of every list, told, freed. */
static void finish(struct hsm_http_transfer *transfer, const struct hsm_http_answer *answer)
{
	transfer->request.done(transfer->request.user, answer);
	hsm_http_transfer_free(transfer);
}

static void finish_interrupted(const struct hsm_http *http, struct hsm_http_transfer *transfer)
{
	struct hsm_http_answer answer = { .where = transfer->where };
	bool interrupted = http->settings->interrupted && *http->settings->interrupted;
	answer.fate = transfer->uncertain ? HSM_HTTP_LOST : HSM_HTTP_INTERRUPTED;
	if (interrupted || http->abandoned)
		hsm_error_set(&answer.error, HSM_ERROR_FAILED, "%s: interrupted", transfer->where);
	else
		hsm_error_set(&answer.error, HSM_ERROR_UNAVAILABLE, "%s: the time that --timeout gives is over",
			      transfer->where);
	finish(transfer, &answer);
}

static bool is_stopped(const struct hsm_http *http)
{
	const struct hsm_settings *settings = http->settings;
	return http->abandoned || (settings->interrupted && *settings->interrupted) ||
	       (settings->deadline > 0 && hsm_clock_monotonic() >= settings->deadline);
}

static void take_from_multi(struct hsm_http *http, struct hsm_http_transfer *transfer)
{
	curl_multi_remove_handle(http->multi, transfer->easy);
	remove_from(&http->in_flight, transfer);
	http->in_flight_count--;
}

/* Writes that are under way are waited for: what became of them must be known. */
static void stop(struct hsm_http *http)
{
	struct hsm_http_transfer **next = &http->in_flight;
	while (*next) {
		struct hsm_http_transfer *transfer = *next;
		if (transfer->request.repeat != HSM_HTTP_READ) {
			next = &transfer->next;
			continue;
		}
		take_from_multi(http, transfer);
		append_to(&http->queue, transfer);
	}
	/* What their ends queue is ended in the next round. */
	struct hsm_http_transfer *queue = http->queue;
	http->queue = NULL;
	while (queue) {
		struct hsm_http_transfer *transfer = queue;
		queue = transfer->next;
		finish_interrupted(http, transfer);
	}
}

static void start(struct hsm_http *http, struct hsm_http_transfer *transfer, double now)
{
	remove_from(&http->queue, transfer);
	transfer->token = http->token_number;
	transfer->began = now;
	hsm_http_transfer_begin_attempt(transfer, http->settings, http->token);
	curl_multi_add_handle(http->multi, transfer->easy);
	transfer->next = http->in_flight;
	http->in_flight = transfer;
	http->in_flight_count++;
	http->sent++;
	if (needs_token(transfer))
		hsm_http_rate_sent(&http->rate, now);
}

/* Nothing is taken for longer than it makes sense to wait. */
static bool is_spent(const struct hsm_http *http, double now, struct hsm_error *error)
{
	double wait = http->rate.pause - now;
	if (wait <= RETRY_AFTER_MAX || !http->queue)
		return false;
	hsm_error_set(error, HSM_ERROR_TRY_LATER,
		      "environment '%s': the calls that the API allows are spent: it takes more in about %.0f minutes; "
		      "run again then", http->settings->environment, wait / 60);
	return true;
}

/* Starts the first request in the queue that may; *wake is when one may. */
static bool start_one(struct hsm_http *http, double now, double *wake)
{
	unsigned most = http->settings->parallelism ? http->settings->parallelism : 1;
	double wait = hsm_http_rate_wait(&http->rate, now);
	for (struct hsm_http_transfer *transfer = http->queue; transfer; transfer = transfer->next) {
		double ready = transfer->not_before;
		if (needs_token(transfer)) {
			if (http->authorizing || http->in_flight_count >= most ||
			    http->in_flight_count + http->ended_count >= 2 * most)
				continue;
			if (!has_token(http, now) && ready <= now) {
				http->authorizing = true;
				http->authorize(http->authorize_user);
				return true;
			}
			ready = ready > wait ? ready : wait;
		}
		if (ready <= now) {
			start(http, transfer, now);
			return true;
		}
		*wake = ready < *wake ? ready : *wake;
	}
	return false;
}

/* Full jitter: many runs that failed at once do not come back at once. */
static double back_off(struct hsm_http *http, unsigned attempts)
{
	double most = BACKOFF_FIRST;
	for (unsigned i = 1; i < attempts && most < BACKOFF_MAX; i++)
		most *= 2;
	most = most < BACKOFF_MAX ? most : BACKOFF_MAX;
	return most * (double)rand_r(&http->random) / (double)RAND_MAX;
}

/* Whether waiting for it makes sense. Sets when to try again. */
static bool schedule(struct hsm_http *http, struct hsm_http_transfer *transfer,
		     const struct hsm_http_answer *answer)
{
	double now = hsm_clock_monotonic(), deadline = http->settings->deadline;
	double wait = answer->retry_after > 0 ? answer->retry_after : back_off(http, transfer->attempts);
	if (wait > RETRY_AFTER_MAX || (deadline > 0 && now + wait >= deadline))
		return false;
	transfer->not_before = now + wait;
	if (answer->status == 429 && needs_token(transfer) && answer->retry_after > 0)
		http->rate.pause = transfer->not_before;
	return true;
}

/* A 401 says that nothing was done, so a create may be repeated too. */
static bool take_other_token(struct hsm_http *http, struct hsm_http_transfer *transfer,
			     const struct hsm_http_answer *answer)
{
	if (answer->fate != HSM_HTTP_ANSWERED || answer->status != 401 || !needs_token(transfer) ||
	    !http->authorize || transfer->reauthorized)
		return false;
	transfer->reauthorized = true;
	if (transfer->token == http->token_number)
		forget_token(http);
	return true;
}

static void complete(struct hsm_http *http, struct hsm_http_transfer *transfer)
{
	struct hsm_http_answer answer;
	double now = hsm_clock_monotonic();
	take_from_multi(http, transfer);
	http->slowest = now - transfer->began > http->slowest ? now - transfer->began : http->slowest;
	hsm_http_transfer_answer(transfer, &answer);
	if (needs_token(transfer)) {
		hsm_http_rate_answered(&http->rate, transfer->rate_count, transfer->rate_allowed,
				       transfer->rate_reset, http->in_flight_count, now);
		hsm_http_rate_used(&http->rate, &transfer->usage, answer.status >= 400, now);
	}
	if (transfer->date != -1)
		http->skew = difftime(transfer->date, time(NULL));
	if (take_other_token(http, transfer, &answer) ||
	    (hsm_http_transfer_may_repeat(transfer, &answer) && schedule(http, transfer, &answer))) {
		transfer->uncertain |= transfer->request.repeat != HSM_HTTP_READ &&
				       (answer.fate == HSM_HTTP_LOST || answer.status >= 500);
		hsm_http_transfer_end_attempt(transfer);
		transfer->next = http->queue; /* in front: it was before the others */
		http->queue = transfer;
	} else if (transfer->request.repeat == HSM_HTTP_READ) {
		append_to(&http->ended, transfer);
		http->ended_count++;
	} else {
		finish(transfer, &answer); /* at once: it may be that nothing more is to be written */
	}
}

/* Whether there was any. */
static bool complete_all(struct hsm_http *http)
{
	int left;
	bool any = false;
	CURLMsg *message;
	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct hsm_http_transfer *transfer = NULL;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		transfer->code = message->data.result; /* gone with the handle */
		complete(http, transfer);
		any = true;
	}
	return any;
}

/* The end of one read. Telling it takes a while, in which others are under way. */
static void tell_one(struct hsm_http *http)
{
	struct hsm_http_transfer *transfer = http->ended;
	struct hsm_http_answer answer;
	http->ended = transfer->next;
	http->ended_count--;
	hsm_http_transfer_answer(transfer, &answer);
	finish(transfer, &answer);
}

/* Until an answer may have come. False: there is nothing to do. */
static bool work_for_a_while(struct hsm_http *http)
{
	double end = hsm_clock_monotonic() + WORK_SLICE;
	if (!http->work)
		return false;
	while (http->work(http->work_user))
		if (hsm_clock_monotonic() >= end)
			return true;
	http->work = NULL;
	return true;
}

void hsm_http_run(struct hsm_http *http)
{
	while (http->queue || http->in_flight || http->ended) {
		double now = hsm_clock_monotonic(), wake = now + POLL_MAX;
		struct hsm_error error;
		int running;
		if (is_stopped(http))
			stop(http);
		else if (is_spent(http, now, &error))
			hsm_http_refuse(http, &error);
		else
			while (start_one(http, now, &wake))
				continue;
		curl_multi_perform(http->multi, &running);
		/* Where something ended, something else may begin at once. */
		if (complete_all(http))
			continue;
		if (http->ended)
			tell_one(http);
		else if ((http->in_flight || http->queue) && !work_for_a_while(http))
			curl_multi_poll(http->multi, NULL, 0, (int)((wake - now) * 1000) + 1, NULL);
	}
	http->abandoned = false;
}

void hsm_http_abandon(struct hsm_http *http)
{
	http->abandoned = true;
}

void hsm_http_set_work(struct hsm_http *http, bool (*work)(void *user), void *user)
{
	http->work = work;
	http->work_user = user;
}

void hsm_http_set_authorizer(struct hsm_http *http, void (*authorize)(void *user), void *user)
{
	http->authorize = authorize;
	http->authorize_user = user;
}

void hsm_http_set_token(struct hsm_http *http, const char *token, double lifetime)
{
	double margin = lifetime / 2 < TOKEN_MARGIN ? lifetime / 2 : TOKEN_MARGIN;
	forget_token(http);
	http->token = hsm_memory_copy_string(token);
	http->token_number++;
	http->token_end = lifetime > 0 ? hsm_clock_monotonic() + lifetime - margin : 0;
	http->authorizing = false;
}

void hsm_http_refuse(struct hsm_http *http, const struct hsm_error *error)
{
	struct hsm_http_transfer *queue = http->queue;
	http->queue = NULL;
	http->authorizing = false;
	while (queue) {
		struct hsm_http_transfer *transfer = queue;
		queue = transfer->next;
		struct hsm_http_answer answer = { .where = transfer->where, .error = *error };
		answer.fate = transfer->uncertain ? HSM_HTTP_LOST :
			      is_stopped(http)	  ? HSM_HTTP_INTERRUPTED :
						    HSM_HTTP_NOT_SENT;
		finish(transfer, &answer);
	}
}

size_t hsm_http_count_requests(const struct hsm_http *http)
{
	return http->sent;
}

double hsm_http_slowest(const struct hsm_http *http)
{
	return http->slowest;
}

double hsm_http_clock_skew(const struct hsm_http *http)
{
	return http->skew;
}

void hsm_http_rate(const struct hsm_http *http, int64_t *count, int64_t *allowed)
{
	*allowed = http->rate.allowed;
	*count = *allowed ? http->rate.count : 0;
}

int hsm_http_usage(const struct hsm_http *http)
{
	return http->rate.percent - 1;
}
