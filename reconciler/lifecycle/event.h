#ifndef HSM_EVENT_H
#define HSM_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"

/*
 * What a webhook tells: the messaging API's StatusEvent, one a request, or Meta's
 * envelope with any number of changes. Both come at least once and in no promised
 * order.
 */

enum hsm_event_kind {
	HSM_EVENT_UNKNOWN, /* kept and counted */
	HSM_EVENT_STATUS,
	HSM_EVENT_CATEGORY,
	HSM_EVENT_CATEGORY_NOTICE, /* that it will be another */
	HSM_EVENT_QUALITY,
	HSM_EVENT_COMPONENTS, /* somebody edited it */
	HSM_EVENT_KIND_MAX_
};
extern const char *const hsm_event_kind_words[HSM_EVENT_KIND_MAX_];

struct hsm_event {
	const char *id; /* the same on every delivery */
	enum hsm_event_kind kind;
	int64_t time;         /* the sender's clock, milliseconds since 1970; 0: it says none */
	const char *account;  /* provider's or business account's id; NULL */
	const char *name, *language; /* physical name; NULL where it names none */
	const char *value;    /* the new status, category or quality; NULL */
	const char *category; /* that a status event names beside; NULL */
	const char *reason;   /* NULL: none */
	const char *body;     /* this one alone, as JSON */
};

/* What became of a message of ours, by Meta's webhook: it carries what the message was sent with (graph_messages.c). */
enum hsm_receipt_fate { HSM_RECEIPT_SENT = 1, HSM_RECEIPT_ARRIVED, HSM_RECEIPT_FAILED };
struct hsm_receipt {
	const char *token, *name, *language;
	enum hsm_receipt_fate fate;
	int64_t code; /* Meta's, of one that failed; 0: none told */
};

struct hsm_events {
	struct hsm_event *items; /* in the arena */
	size_t count;
	struct hsm_receipt *receipts;
	size_t receipt_count;
};

#define HSM_EVENTS_MAX 10000 /* of one request */

/*
 * Reads a request's body. What is JSON is taken, known or not; but of the field
 * `messages`, which names customers and quotes them, nothing is kept beyond receipts. HSM_ERROR_INVALID
 * for what is not, is nested too deeply, or holds more than HSM_EVENTS_MAX.
 */
int hsm_events_read(struct hsm_arena *arena, const char *body, size_t length, struct hsm_events *events,
		    struct hsm_error *error);

/* "sha256=<hex>" over the raw body by HMAC-SHA256, compared in constant time. */
bool hsm_event_signature_matches(const char *header, const void *body, size_t length, const char *secret);

#endif
