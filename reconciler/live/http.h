#ifndef HSM_HTTP_H
#define HSM_HTTP_H

#include "reconciler/live/live.h"

/*
 * Requests over one libcurl multi handle: a queue, so many under way at once as
 * the settings say, repeats of what may be repeated, rate limits, caps, the
 * deadline. Knows nothing of any API but the headers in which Genesys' gateway and
 * Meta's tell how much of their limits is used.
 */

enum hsm_http_repeat {
	HSM_HTTP_READ,       /* repeated freely, given up at once when stopped */
	HSM_HTTP_REPEATABLE, /* a write that may be repeated: PUT, DELETE */
	HSM_HTTP_ONCE,       /* a create: repeated only where it certainly was not done */
};

enum hsm_http_fate {
	HSM_HTTP_ANSWERED,
	HSM_HTTP_NOT_SENT,    /* certainly not done */
	HSM_HTTP_LOST,        /* sent, and no answer came */
	HSM_HTTP_INTERRUPTED, /* by the user or the deadline: certainly not done */
};

struct hsm_http_answer {
	const char *where; /* "GET /api/v2/…", for messages; with the shown path */
	enum hsm_http_fate fate;
	long status;       /* of an answer */
	const char *body;
	size_t length;
	const char *correlation_id; /* NULL: the server gave none */
	double retry_after;         /* seconds; 0: the server does not say */
	bool is_too_large;          /* more than is taken: no answer */
	struct hsm_error error;     /* unless answered */
	/* What the request was made of and no message may hold; some may be NULL. The correlation id has none of them. */
	const char *const *secrets;
	size_t secret_count;
};

/* What an API knows of an answer that its status does not tell. */
enum hsm_http_verdict {
	HSM_HTTP_AS_STATUS,
	HSM_HTTP_REPEAT,  /* it was not done, and may be later: as a 429 */
	HSM_HTTP_PASSING, /* it may have been done: as a 503 */
	HSM_HTTP_FINAL,
};
typedef enum hsm_http_verdict hsm_http_judge(const struct hsm_http_answer *answer);

/* The answer is borrowed. It may queue further requests. */
typedef void hsm_http_done(void *user, const struct hsm_http_answer *answer);

/* Texts are copied. */
struct hsm_http_request {
	const char *method, *base, *path; /* base: scheme and host; path: with its query */
	const char *shown_path;           /* in messages, where the path holds what they must not; NULL: path */
	const char *content_type, *body;  /* NULL: none */
	const char *bytes;                /* in place of a body, not copied: they outlive the request; NULL: none */
	size_t length;                    /* of the bytes */
	const char *header;               /* one more, "file_offset: 0"; NULL: none */
	const char *username, *password;  /* basic authorization; NULL: the token */
	const char *scheme;               /* of the token; NULL: "Bearer" */
	const char *secret;               /* in the body, that no message may hold; NULL: none */
	enum hsm_http_repeat repeat;
	hsm_http_judge *judge; /* may be NULL */
	hsm_http_done *done;
	void *user;
	void (*release)(void *user); /* called after done, or where it never comes to it; may be NULL */
};

struct hsm_http;

int hsm_http_open(struct hsm_http **http, const struct hsm_settings *settings, struct hsm_error *error);
void hsm_http_free(struct hsm_http *http);

void hsm_http_send(struct hsm_http *http, const struct hsm_http_request *request);

/* Runs until nothing is queued or under way. */
void hsm_http_run(struct hsm_http *http);

/* Ends what is queued, and reads that are under way, as interrupted: one of them
 * failed, and the others are of no use. */
void hsm_http_abandon(struct hsm_http *http);

/* As hsm_connection_set_work. */
void hsm_http_set_work(struct hsm_http *http, bool (*work)(void *user), void *user);

/*
 * Called when a request needs a token and there is none. It queues a request for
 * one, which ends with hsm_http_set_token or hsm_http_refuse. Without it, a token
 * that is refused (401) is final.
 */
void hsm_http_set_authorizer(struct hsm_http *http, void (*authorize)(void *user), void *user);
/* lifetime in seconds; 0: for ever. */
void hsm_http_set_token(struct hsm_http *http, const char *token, double lifetime);
/* There is no token to be had: what waits for one ends like this. */
void hsm_http_refuse(struct hsm_http *http, const struct hsm_error *error);

size_t hsm_http_count_requests(const struct hsm_http *http);
double hsm_http_clock_skew(const struct hsm_http *http);
double hsm_http_slowest(const struct hsm_http *http); /* seconds */
void hsm_http_rate(const struct hsm_http *http, int64_t *count, int64_t *allowed);
int hsm_http_usage(const struct hsm_http *http); /* percent; -1: not told */

#endif
