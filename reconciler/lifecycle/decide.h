#ifndef HSM_DECIDE_H
#define HSM_DECIDE_H

#include "reconciler/lifecycle/alert.h"
#include "reconciler/lifecycle/event.h"
#include "reconciler/lifecycle/registry.h"

/* The controller's decisions: functions of what they are given, and of nothing else. */

/* What a translation should use. Texts live in the arena or are borrowed from the registry. */
struct hsm_use {
	const char *preferred; /* what should be in use while nothing is wrong with it */
	const char *active;    /* its own version; NULL: none may be used */
	const char *substitute; /* "version", "template", "channel"; NULL: the preferred one is in use */
	const char *substitute_name, *substitute_text;
	const char *cause; /* NULL where the preferred one is in use */
};

/*
 * The first that fits:
 *
 * 1. The target, when it is APPROVED in the file's category, is not held, and so
 *    is every language whose target has the same number. Where nothing was in use
 *    yet, the target alone.
 * 2. What was preferred, while it may be used. It comes back here when it recovers.
 * 3. The highest other version with an equal signature that may be used and is not
 *    a target that is held.
 * 4. The file's fallbacks, in order: a template's own version in this language,
 *    or a channel that has a text for it.
 * 5. Nothing.
 */
void hsm_decide_use(struct hsm_arena *arena, const struct hsm_registry *registry,
		    const struct hsm_registry_template *template,
		    const struct hsm_registry_translation *translation, struct hsm_use *use);

/* Keeps what was decided in the translation, whose own texts `use` may not borrow; true where something is another
 * now. */
bool hsm_decide_take(struct hsm_registry_translation *translation, const struct hsm_use *use);

/* What was done about an event. */
enum hsm_effect {
	HSM_EFFECT_NONE,    /* it says what was known */
	HSM_EFFECT_APPLIED,
	HSM_EFFECT_STALE,   /* something newer was known */
	HSM_EFFECT_UNKNOWN, /* the template, or the kind of event, is not known */
};

struct hsm_told {
	enum hsm_effect effect;
	bool doubtful; /* ask the API: two say different things of one moment, or the event does not say all */
	enum hsm_alert_kind alert; /* 0: none */
};

/*
 * Changes the version by an event that was received at `received` (milliseconds).
 * The sender's time orders what it tells of status, of category and of quality,
 * each for itself; a clock that is far ahead counts as five minutes from now.
 * Nothing is known of version NULL.
 */
struct hsm_told hsm_decide_event(struct hsm_registry_version *version, const struct hsm_event *event,
				 int64_t received);

/* What a listing said of a version. */
struct hsm_seen {
	const char *status, *category, *reason; /* status NULL: it is not live any more */
	int64_t modified; /* the sender's clock, milliseconds; 0: not told */
	int64_t began;    /* when the listing began, our clock */
};

/*
 * Changes the version by a listing, unless an event of its status or category came
 * after the listing began. *missed: a status changed that no webhook told, though
 * it had two minutes.
 */
struct hsm_told hsm_decide_seen(struct hsm_registry_version *version, const struct hsm_seen *seen, bool *missed);

/* Seconds from the beginning of a listing to the next one's. duration: of the last one. */
double hsm_decide_interval(double duration, bool waiting, bool doubtful);

/* Meta archives what nobody sent for 12 months: whether that is a month away. Milliseconds; used 0: never. */
bool hsm_decide_is_unused(int64_t now, int64_t created, int64_t used);

#endif
