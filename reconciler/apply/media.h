#ifndef HSM_APPLY_MEDIA_H
#define HSM_APPLY_MEDIA_H

#include "reconciler/desired/repository.h"
#include "reconciler/live/live.h"
#include "reconciler/plan/plan.h"

/* The samples that go with the creates of a plan. */

bool hsm_apply_has_media(const struct hsm_plan *plan);

/* Writes into a plan what each sample is now, so that an apply of it sends no other.
 * In the arena. HSM_ERROR_NO_INPUT or HSM_ERROR_INVALID where one is not to be had. */
int hsm_apply_note_media(struct hsm_arena *arena, struct hsm_repository *repository, struct hsm_plan *plan,
			 struct hsm_error *error);

/*
 * The samples of a submission, from the plan's commit, or from the work tree where the plan
 * was made of that. In the arena, which may be the caller's for this one create.
 * HSM_ERROR_STALE where one is not what was planned.
 */
int hsm_apply_read_media(struct hsm_arena *arena, struct hsm_repository *repository, const struct hsm_plan *plan,
			 const struct hsm_plan_submission *submission, const struct hsm_media **media,
			 struct hsm_error *error);

#endif
