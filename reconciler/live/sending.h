#ifndef HSM_SENDING_H
#define HSM_SENDING_H

#include <cjson/cJSON.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/messenger.h"

/* Private to live: what the ways of sending share. */

#define HSM_SENDING_ID_MAX 256 /* bytes: ids are kept in journals */

/* A request under way. Freed with it. */
struct hsm_sending_request {
	struct hsm_connection *connection;
	struct hsm_arena arena;
	struct hsm_send send; /* what no message may hold; of a question the phone and the label */
	hsm_send_done *done;
	void *user;
};

struct hsm_sending_request *hsm_sending_make(struct hsm_connection *connection, const struct hsm_send *send,
					     hsm_send_done *done, void *user);
void hsm_sending_release(void *request);

/* POSTs the body to the path, once. done gets the request as its user. */
void hsm_sending_post(struct hsm_sending_request *request, const char *path, const char *body, hsm_http_done *done);

/* The outcome of an answer that is not good, and its error without the answer's own words. */
void hsm_sending_fail(const struct hsm_sending_request *request, const struct hsm_http_answer *answer,
		      struct hsm_send_result *result);

/* Ends a send by its answer: read makes the conversation of a good one; where it can't, the message is lost. */
typedef int hsm_sending_read(struct hsm_sending_request *request, const cJSON *json,
			     struct hsm_conversation *conversation, struct hsm_error *error);
void hsm_sending_end(struct hsm_sending_request *request, const struct hsm_http_answer *answer, hsm_sending_read *read);

/* An answer whose correlation id may be shown, or without it. */
struct hsm_http_answer hsm_sending_hide_id(const struct hsm_sending_request *request,
					   const struct hsm_http_answer *answer);

/* What an error of Meta's means; NULL: not known here. */
const char *hsm_sending_explain(int64_t code);
#define HSM_SENDING_CODE_MAX 9999999

#endif
