#ifndef HSM_EMULATOR_OUTCOMES_H
#define HSM_EMULATOR_OUTCOMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hsm_emu;
struct hsm_emu_request;

/* What becomes of messages, where the admin path said so. */
enum hsm_emu_outcome_mode {
	EMU_OUTCOME_REFUSE, /* 400 with the code */
	EMU_OUTCOME_FAIL,   /* accepted, and FAILED with the code later */
	EMU_OUTCOME_DROP,   /* accepted, and never heard of again */
	EMU_OUTCOME_MAX,
};

struct hsm_emu_outcome {
	char *template, *language; /* globs */
	bool unapproved; /* of templates that are not APPROVED, which are else refused; otherwise of those that are */
	enum hsm_emu_outcome_mode mode;
	int64_t code; /* Meta's */
	double share; /* of the messages, spread evenly: 0.25 is each fourth */
	uint64_t seen, hits;
};

struct hsm_emu_outcomes {
	struct hsm_emu_outcome *outcomes;
	size_t count, capacity;
};

enum hsm_emu_stage {
	EMU_STAGE_ACCEPTED,
	EMU_STAGE_SENT,
	EMU_STAGE_DELIVERED,
	EMU_STAGE_FAILED,
	EMU_STAGE_MAX,
};

/* The first outcome that hits a message of this template, or NULL. Every one that matches counts it. */
const struct hsm_emu_outcome *hsm_emu_outcomes_pick(struct hsm_emu *emu, const char *template, const char *language,
						    bool approved);

/* A message's fate: DELIVERED, DROPPED, or the code that it fails with. */
#define EMU_FATE_DELIVERED 0
#define EMU_FATE_DROPPED (-1)
int64_t hsm_emu_outcome_fate(const struct hsm_emu_outcome *outcome);

/* Whether an outcome, or NULL, lets a message pass; false: answered with 400 for that field. */
bool hsm_emu_outcome_accepts(struct hsm_emu_request *request, const struct hsm_emu_outcome *outcome, const char *field);

/* How far a message is: it is SENT after --delivery-delay and DELIVERED after twice that, or FAILED in place of SENT. */
enum hsm_emu_stage hsm_emu_outcome_stage(const struct hsm_emu *emu, int64_t created, int64_t fate);

/* What Meta says of a code. */
const char *hsm_emu_outcome_text(int64_t code);

void hsm_emu_outcomes_clear(struct hsm_emu *emu);
/* All of them as a JSON array. */
void hsm_emu_outcomes_append(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_add_outcome(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_clear_outcomes(struct hsm_emu *emu, struct hsm_emu_request *request);

#endif
