#ifndef HSM_REVIEW_ROWS_H
#define HSM_REVIEW_ROWS_H

#include "reconciler/review/review.h"

/* What every form of a plan says of a row and of the whole. */

/* The rows by what a reviewer must see first: what breaks, what became dearer, what was refused, what goes. */
const struct hsm_plan_change **hsm_review_sort(struct hsm_arena *arena, const struct hsm_plan *plan);

bool hsm_review_is_breaking(const struct hsm_plan_change *change);

/* "order_v2 → v3"; other rows are called by their name. */
const char *hsm_review_title(struct hsm_arena *arena, const struct hsm_plan_change *change);

/* "en_US, es_ES" */
const char *hsm_review_join(struct hsm_arena *arena, const struct hsm_list *texts);

/* What follows the languages: "compatible", "PENDING for 3h", why it is blocked. */
const char *hsm_review_detail(struct hsm_arena *arena, const struct hsm_plan_change *change, int64_t now);

/* "git-ahead: 3f9c2e1 "Shorter" Ana Ruiz, 2026-11-20"; NULL where it says nothing more. */
const char *hsm_review_origin(struct hsm_arena *arena, const struct hsm_plan_change *change);

/* "plan: prod (Acme WhatsApp), git 3f9c2e1" */
const char *hsm_review_heading(struct hsm_arena *arena, const struct hsm_plan *plan);

/* "Plan: 2 to create and 1 to replace (3 requests), 1 waiting. 212 in sync." */
const char *hsm_review_counts(struct hsm_arena *arena, const struct hsm_plan *plan);

/* Further sentences: what prune would delete, why history says little, which policies refuse; NULL after the
 * last. */
const char *hsm_review_remark(struct hsm_arena *arena, const struct hsm_plan *plan, size_t index);

/* Whether a difference says something that its text's does not. */
bool hsm_review_tells(const struct hsm_plan_change *change, const struct hsm_plan_difference *difference);

/* The live version of a language, and what git says; NULL. */
const struct hsm_plan_live *hsm_review_find_live(const struct hsm_plan_change *change, const char *language);
const struct hsm_plan_submission *hsm_review_find_submission(const struct hsm_plan_change *change,
							     const char *language);

/* The messages of these, zeroed where they are NULL. */
struct hsm_message hsm_review_read_live(struct hsm_arena *arena, const struct hsm_plan_live *live);
struct hsm_message hsm_review_read_submission(struct hsm_arena *arena, const struct hsm_plan_submission *submission);

/* Lets the headers of a submission's message say which files they show: of what is live on Meta nobody tells. */
void hsm_review_place_media(struct hsm_arena *arena, const struct hsm_plan_submission *submission,
			    struct hsm_message *message);

/*
 * Templates whose differences one change of variables made: the first row of
 * such stands for all. members (in the arena) are the group's rows where there
 * are several; count 0: the row stands alone; 1: another row stands for it.
 */
struct hsm_review_group {
	const struct hsm_plan_change **members;
	size_t count;
};
struct hsm_review_group *hsm_review_group(struct hsm_arena *arena, const struct hsm_plan_change *const *rows,
					  size_t count);

#endif
