#ifndef HSM_HTTP_H
#define HSM_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reconciler/live/live.h"

/*
 * HTTP through one libcurl multi handle: requests are queued and run side by
 * side, repeated where that is harmless, and held back before the API's rate
 * limit is reached. Knows tokens only as text that somebody else gets.
 */

/* Of an answer's body, decoded. */
#define HSM_HTTP_BODY_MAX ((size_t)16 << 20)

/* How a request ended. */
enum hsm_http_end {
	HSM_HTTP_ANSWERED,    /* any status */
	HSM_HTTP_NOT_SENT,    /* certainly not: no connection */
	HSM_HTTP_LOST,        /* sent, and no whole answer came */
	HSM_HTTP_INTERRUPTED, /* the user or the deadline stopped it before it was sent */
};

struct hsm_http_answer {
	const char *request; /* "GET /api/v2/…", for messages */
	enum hsm_http_end end;
	long status;
	const char *body; /* with a NUL after it; "" where there is none */
	size_t length;
	/* Unless ANSWERED with 2xx: what happened, with method, path, status, code and
	 * correlation id. Of every answer the next two: */
	struct hsm_error error;
	const char *code;        /* of the API's error body, "" */
	const char *correlation; /* "" */
};

typedef void hsm_http_done(void *user, const struct hsm_http_answer *answer);

struct hsm_http_request {
	const char *method;
	const char *base; /* "https://host" */
	const char *path; /* "/api/v2/…?…" */
	const char *body; /* NULL: none */
	const char *content_type;
	const char *basic;  /* "id:secret", NULL: with the bearer token */
	bool once;          /* not to be repeated where it may have arrived */
	hsm_http_done *done;
	void *user;
};

struct hsm_http;

/* Asked for before a request that needs one goes out. */
struct hsm_http_tokens {
	/* The token to use now. NULL: it is being got; or
	 * *error says why there is none. */
	const char *(*get)(void *user, struct hsm_error *error);
	/* The API refused this token: get another one. False: there is no other. */
	bool (*refuse)(void *user, const char *token);
	void *user;
};

/* The settings are borrowed. */
int hsm_http_open(struct hsm_http **http, const struct hsm_settings *settings, const struct hsm_http_tokens *tokens,
		  struct hsm_error *error);
void hsm_http_free(struct hsm_http *http);

/* Queues; everything is copied. */
void hsm_http_send(struct hsm_http *http, const struct hsm_http_request *request);

/* Runs until nothing is queued or under way. */
void hsm_http_run(struct hsm_http *http);

size_t hsm_http_count_requests(const struct hsm_http *http);
double hsm_http_clock_skew(const struct hsm_http *http);
void hsm_http_rate(const struct hsm_http *http, int64_t *count, int64_t *allowed);

/* CLOCK_MONOTONIC in seconds. */
double hsm_http_now(void);

/* A text as part of a path or query; free with the arena. */
const char *hsm_http_escape(struct hsm_arena *arena, const char *text);

#endif
