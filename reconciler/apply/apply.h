#ifndef HSM_APPLY_H
#define HSM_APPLY_H

#include "reconciler/live/live.h"
#include "reconciler/plan/plan.h"

/*
 * Carries a plan out: creates and replaces first, in parallel; then webhooks,
 * responses, deletes, retires. Safe to stop at any moment and to run again.
 */

enum hsm_step_state {
	HSM_STEP_WAITING,
	HSM_STEP_RUNNING,
	HSM_STEP_DONE,
	HSM_STEP_ALREADY, /* was there with the planned content */
	HSM_STEP_FAILED,
	HSM_STEP_SKIPPED, /* not begun: interrupted, quota, or what it follows failed */
};

struct hsm_step {
	const struct hsm_plan_change *change;
	const char *name;
	const char *language; /* NULL for a webhook and a library */
	const struct hsm_plan_response *response, *live_response; /* of one: what is written, what is live */
	enum hsm_step_state state;
	const char *status; /* after a create: what the API says, "PENDING" */
	const char *note;   /* a category that is not the one sent */
	const struct hsm_error *error; /* NULL unless it failed, or was not begun for a reason */
};

struct hsm_apply_report {
	struct hsm_arena arena;
	struct hsm_step *steps;
	size_t count;
	size_t done, already, failed, skipped;
	bool quota; /* a write met a quota that is spent: later there may be room */
};

void hsm_apply_report_release(struct hsm_apply_report *report);

struct hsm_apply_options {
	struct hsm_connection *responses; /* to the organisation that holds them; NULL: the plan has none */
	bool saved; /* the plan was saved: what moved since makes a row stale */
	unsigned parallelism; /* creates under way at once; 0: one */
	struct hsm_repository *repository; /* that samples are uploaded from; NULL: there is none at hand */
	/* Told of every change of a step's state; may be NULL. */
	void (*progress)(void *user, const struct hsm_apply_report *report, const struct hsm_step *step);
	void *user;
};

/* How many writes an apply of the plan has. */
size_t hsm_apply_count_steps(const struct hsm_plan *plan);

/*
 * For a saved plan: whether what it touches is live as it was when it was made,
 * or done already. HSM_ERROR_STALE with all that moved, a line each, in *moved.
 */
int hsm_apply_check_stale(const struct hsm_plan *plan, const struct hsm_live *live, struct hsm_buffer *moved,
			  struct hsm_error *error);

/*
 * Does it. live (may be NULL) tells a saved plan what is done already. Returns 0
 * where all steps are done, else the class that the exit code follows from, with
 * the first error; the report tells of every step either way.
 */
int hsm_apply_run(struct hsm_connection *connection, const struct hsm_plan *plan, const struct hsm_live *live,
		  const struct hsm_apply_options *options, struct hsm_apply_report *report,
		  struct hsm_error *error);

#endif
