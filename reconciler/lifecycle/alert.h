#ifndef HSM_ALERT_H
#define HSM_ALERT_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/buffer.h"

/* What people are told of. */

enum hsm_alert_kind { /* the most urgent first */
	HSM_ALERT_NONE,
	HSM_ALERT_UNAVAILABLE, /* a template in use has no fallback left */
	HSM_ALERT_FALLBACK,    /* a fallback is in force */
	HSM_ALERT_DISABLED,
	HSM_ALERT_REJECTED,
	HSM_ALERT_PAUSED,
	HSM_ALERT_RECATEGORISED,
	HSM_ALERT_DELIVERY, /* a template's messages arrive less often, sharply */
	HSM_ALERT_APPLY_FAILED,
	HSM_ALERT_DRIFT,
	HSM_ALERT_REPOSITORY,     /* cannot be fetched or is wrong */
	HSM_ALERT_PUBLICATION,    /* the data table cannot be kept */
	HSM_ALERT_WEBHOOK_SILENT,
	HSM_ALERT_QUALITY,
	HSM_ALERT_UNUSED,
	HSM_ALERT_RECOVERED,
	HSM_ALERT_KIND_MAX_
};
extern const char *const hsm_alert_kind_words[HSM_ALERT_KIND_MAX_];

/* One thing that happened. Borrowed texts. */
struct hsm_alert {
	enum hsm_alert_kind kind;
	const char *subject; /* "order_confirmation_v2 en_US" */
	const char *text;    /* what happened, and what to do */
};

/* What happened in a while: one message, however much it is. */
struct hsm_alerts {
	const struct hsm_alert *items; /* by kind */
	size_t count;
	size_t counts[HSM_ALERT_KIND_MAX_]; /* of all that happened: items may hold the first of each kind only */
	const char *environment;
};

/* Of one kind, how many a message names at most; its texts are cut where they are long. */
#define HSM_ALERT_NAMED 10

enum hsm_alert_format { HSM_ALERT_JSON = 1, HSM_ALERT_SLACK, HSM_ALERT_TEAMS };
extern const char *const hsm_alert_format_words[];

/* "hsmctl prod: 1 on a fallback, 2 paused": one line. */
void hsm_alerts_append_title(const struct hsm_alerts *alerts, struct hsm_buffer *buffer);

/* The request body for a receiver. */
void hsm_alerts_append(const struct hsm_alerts *alerts, enum hsm_alert_format format, struct hsm_buffer *buffer);

#endif
