#ifndef HSM_HTTP_TRANSFER_H
#define HSM_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "reconciler/live/http.h"
#include "schema/base/buffer.h"

/* Private to http: one request, all its attempts, and the answer to the last. */

struct hsm_transfer {
	struct hsm_transfer *next;
	struct hsm_arena arena; /* the request's texts */
	struct hsm_http_request request;
	const char *label; /* "GET /api/v2/…" */
	unsigned attempts; /* that failed in a way that more attempts may cure */
	unsigned refusals; /* 429 */
	bool reauthorized;
	double not_before;
	/* of the attempt under way */
	CURL *easy;
	struct curl_slist *headers;
	char *token;
	struct hsm_buffer body;
	char correlation[80];
	char curl_error[CURL_ERROR_SIZE];
	int64_t rate_count, rate_allowed, rate_reset; /* -1: not told */
	time_t date;                                  /* the server's; -1: not told */
	/* of its error body */
	char code[80];
	char message[512];
};

struct hsm_transfer *hsm_transfer_make(const struct hsm_http_request *request);
void hsm_transfer_free(struct hsm_transfer *transfer);

/* A fresh easy handle for another attempt; NULL where libcurl has none. deadline is
 * in CLOCK_MONOTONIC seconds, 0: none. */
CURL *hsm_transfer_begin(struct hsm_transfer *transfer, const char *token, double deadline);

/* Reads the error body of an answer that is none of success. */
void hsm_transfer_read_problem(struct hsm_transfer *transfer);

/* Why there is no success, in words and as a class. */
void hsm_transfer_explain(const struct hsm_transfer *transfer, enum hsm_http_end end, CURLcode code, long status,
			  struct hsm_error *error);

#endif
