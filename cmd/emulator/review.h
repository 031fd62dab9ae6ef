#ifndef HSM_EMULATOR_REVIEW_H
#define HSM_EMULATOR_REVIEW_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/error.h"

struct hsm_emu;
struct hsm_emu_template;

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

/* Begins the review of a new template; what has no delay is decided on return. */
void hsm_emu_review_start(struct hsm_emu *emu, struct hsm_emu_template *template);

/* Goes on with the steps that it has. */
void hsm_emu_review_continue(struct hsm_emu *emu, struct hsm_emu_template *template);

/* Decides now. NULL: as it is. Tells webhooks of a change of status. */
void hsm_emu_review_decide(struct hsm_emu *emu, struct hsm_emu_template *template, const char *status, const char *reason,
		       const char *category);

#endif
