#ifndef HSM_EMULATOR_REVIEW_H
#define HSM_EMULATOR_REVIEW_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/buffer.h"
#include "schema/base/error.h"

struct hsm_emu;
struct hsm_emu_template;

/* What a review says of a template; NULL: as it is. */
struct hsm_emu_decision {
	const char *status, *reason, *category;
	const char *correct_category, *quality; /* of Meta's own API alone */
};

/* Reads the members of an object, as copies; false: one of them is no string. */
bool hsm_emu_decision_read(const cJSON *json, struct hsm_emu_decision *decision);
/* Appends them to an object that is open. */
void hsm_emu_decision_append(struct hsm_buffer *out, const struct hsm_emu_decision *decision);
void hsm_emu_decision_copy(struct hsm_emu_decision *to, const struct hsm_emu_decision *from);
void hsm_emu_decision_release(struct hsm_emu_decision *decision);

/* What becomes of the templates whose name and language match. */
struct hsm_emu_rule {
	char *name, *language; /* globs */
	struct hsm_emu_step *steps;
	size_t count;
};

struct hsm_emu_review {
	struct hsm_emu_rule *rules;
	size_t count, capacity;
};

/* mode: approve, manual, or a script's file name. */
int hsm_emu_review_open(struct hsm_emu *emu, const char *mode, struct hsm_error *error);
void hsm_emu_review_close(struct hsm_emu *emu);

/* Begins the review of a new template; what has no delay is decided on return. False: it is gone. */
bool hsm_emu_review_start(struct hsm_emu *emu, struct hsm_emu_template *template);

/* One step more, after those that there are. */
void hsm_emu_review_schedule(struct hsm_emu *emu, struct hsm_emu_template *template, int64_t due,
			     const struct hsm_emu_decision *decision);

/* Goes on with the steps that it has. False: it is gone. */
bool hsm_emu_review_continue(struct hsm_emu *emu, struct hsm_emu_template *template);

/* Decides now, and tells webhooks. False: the template is gone. */
bool hsm_emu_review_decide(struct hsm_emu *emu, struct hsm_emu_template *template, const struct hsm_emu_decision *decision);

#endif
