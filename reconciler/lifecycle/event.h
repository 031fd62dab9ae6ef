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

struct hsm_events {
	struct hsm_event *items; /* in the arena */
	size_t count;
};

#define HSM_EVENTS_MAX 10000 /* of one request */

/*
 * Reads a request's body. What is JSON is taken, known or not. HSM_ERROR_INVALID
 * for what is not, is nested too deeply, or holds more than HSM_EVENTS_MAX.
 */
int hsm_events_read(struct hsm_arena *arena, const char *body, size_t length, struct hsm_events *events,
		    struct hsm_error *error);

/* "sha256=<hex>" over the raw body by HMAC-SHA256, compared in constant time. */
bool hsm_event_signature_matches(const char *header, const void *body, size_t length, const char *secret);

#endif
