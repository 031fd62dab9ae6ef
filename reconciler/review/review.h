#ifndef HSM_REVIEW_H
#define HSM_REVIEW_H

#include "reconciler/plan/plan.h"
#include "schema/base/buffer.h"
#include "schema/finding.h"

/*
 * A plan as people read it. All of it is a function of the plan: a saved one is
 * shown with the same bytes. What comes from files, git and the API is escaped
 * for the place where it is shown.
 */

/* Digits of the hash that are shown, and the fewest that apply --expect takes. */
#define HSM_REVIEW_HASH_LENGTH 16

/*
 * GitHub takes 65,536 characters in a comment or an issue. Some are left for what
 * a pipeline puts around it.
 */
#define HSM_REVIEW_MARKDOWN_MAX (65536 - 1536)

struct hsm_review_style {
	bool color;          /* of text */
	int64_t now;         /* seconds since 1970, for ages */
	/* Where files of a commit are shown, such as "https://github.com/acme/messages/blob"; NULL: no links. Not
	 * escaped: letters, digits and -._~:/ only. */
	const char *files_url;
};

/* For a terminal. */
void hsm_review_append_text(const struct hsm_plan *plan, const struct hsm_review_style *style,
			    struct hsm_buffer *buffer);

/*
 * For a comment: what breaks first, at most HSM_REVIEW_MARKDOWN_MAX bytes; what
 * does not fit is left out from the least important end, and said to be.
 */
void hsm_review_append_markdown(const struct hsm_plan *plan, const struct hsm_review_style *style,
				struct hsm_buffer *buffer);

/* One page that loads nothing and runs nothing: before and after as a phone shows them. */
void hsm_review_append_html(const struct hsm_plan *plan, const struct hsm_review_style *style,
			    struct hsm_buffer *buffer);

/* Adds what is blocked, in conflict, recategorised or BREAKING as findings at their lines, and what a policy
 * refuses; sorted. For annotations, code scanning and code quality reports. */
void hsm_review_find(const struct hsm_plan *plan, struct hsm_findings *findings);

#endif
