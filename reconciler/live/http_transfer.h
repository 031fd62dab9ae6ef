#ifndef HSM_HTTP_TRANSFER_H
#define HSM_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "reconciler/live/http.h"
#include "reconciler/live/usage.h"
#include "schema/base/buffer.h"

#define HSM_HTTP_SECRETS 3

/* One request, its attempts one after the other, and what came back. */
struct hsm_http_transfer {
	struct hsm_http_transfer *next;
	struct hsm_http_request request; /* with copies of its texts */
	char *url, *where;
	char *credentials; /* username:password, which is sent in base64; NULL: none */

	unsigned attempts;
	double not_before;  /* CLOCK_MONOTONIC seconds */
	double began;       /* the attempt under way, likewise */
	unsigned token;     /* which token it was sent with */
	bool reauthorized;  /* met a 401 and took another token */
	bool uncertain;     /* an earlier attempt may have been done */

	/* the attempt under way */
	CURL *easy; /* NULL: none */
	CURLcode code; /* how it ended */
	struct curl_slist *headers;
	const char *secrets[HSM_HTTP_SECRETS]; /* that no message may hold: how it is authorized, the client's, its own */
	struct hsm_buffer body;
	char correlation_id[80];
	char message[CURL_ERROR_SIZE];
	int64_t rate_count, rate_allowed, rate_reset; /* -1: the server does not say */
	struct hsm_usage usage;
	time_t date;                                  /* the server's; -1 */
};

struct hsm_http_transfer *hsm_http_transfer_make(const struct hsm_http_request *request);
void hsm_http_transfer_free(struct hsm_http_transfer *transfer);

/* A handle for the next attempt, in transfer->easy; ended by _end_attempt. */
void hsm_http_transfer_begin_attempt(struct hsm_http_transfer *transfer, const struct hsm_settings *settings,
				     const char *token);
void hsm_http_transfer_end_attempt(struct hsm_http_transfer *transfer);

/* What the attempt that ended came to. The answer borrows from the transfer. */
void hsm_http_transfer_answer(struct hsm_http_transfer *transfer, struct hsm_http_answer *answer);

/* Whether another attempt may do better, and does no harm. */
bool hsm_http_transfer_may_repeat(const struct hsm_http_transfer *transfer, const struct hsm_http_answer *answer);

#endif
