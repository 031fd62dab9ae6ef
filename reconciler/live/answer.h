#ifndef HSM_ANSWER_H
#define HSM_ANSWER_H

#include "reconciler/live/backend.h"
#include "schema/base/buffer.h"
#include "schema/field.h"

/* The error that an answer holds. */
struct hsm_fault_detail {
	struct hsm_node node;
	struct hsm_string error_code;
	struct hsm_string field_name;
	struct hsm_string entity_name;
};

struct hsm_fault {
	struct hsm_node node;
	struct hsm_string message;
	struct hsm_string code;
	struct hsm_string context_id;
	struct hsm_list details; /* struct hsm_fault_detail */
	struct hsm_list errors;  /* struct hsm_fault, without errors of their own */
	/* the login host's */
	struct hsm_string error;
	struct hsm_string description;
	struct hsm_string error_description;
	/* Graph's */
	int64_t number, subnumber; /* code and subcode; 0: none */
	bool transient;            /* it says that it passes */
	const char *meaning;       /* in our words; NULL: not known */
};

/* As Genesys' platform API writes them. Zeroed where there is no answer, or its body is none. */
void hsm_genesys_read_fault(struct hsm_arena *arena, const struct hsm_http_answer *answer, struct hsm_fault *fault);

/* Whether it was answered, with 2xx. */
bool hsm_answer_is_good(const struct hsm_http_answer *answer);

/*
 * Fills the error of an answer that is not good, of the class: "METHOD path: 400
 * code: message (correlation id X)", or that there is none. What the answer
 * quotes of its request's secrets is not shown.
 */
int hsm_answer_fail(const struct hsm_connection *connection, const struct hsm_http_answer *answer,
		    enum hsm_error_class class, struct hsm_error *error);

/* HSM_ERROR_AUTH or HSM_ERROR_UNAVAILABLE. */
enum hsm_error_class hsm_answer_class(const struct hsm_http_answer *answer);

/* What becomes of a write by an answer that is not good, as far as its fate and status tell. */
enum hsm_outcome hsm_answer_outcome(const struct hsm_http_answer *answer);

/* The class of the error of such an outcome: which exit code it comes to where nothing else failed. */
enum hsm_error_class hsm_outcome_class(enum hsm_outcome outcome, const struct hsm_http_answer *answer);

/* A good answer whose content is not to be used: why, with where and the
 * correlation id around. */
int hsm_answer_unusable(const struct hsm_http_answer *answer, const char *why, struct hsm_error *error);

#endif
