#ifndef HSM_BUMP_H
#define HSM_BUMP_H

#include "reconciler/desired/desired.h"

/*
 * The version numbers that a change needs: a translation whose content differs
 * from the base revision's, and whose number does not, gets one more than the
 * highest number that any ref ever had for its template; those of one template
 * that change together get the same.
 */
struct hsm_bump {
	const char *base, *language;
	const char *path;
	int64_t old_version; /* 0: none */
	int64_t new_version;
	struct hsm_mark mark; /* of the number, or of the translation that has none */
};

struct hsm_bumps {
	struct hsm_arena arena;
	struct hsm_bump *items;
	size_t count;
};

void hsm_bumps_release(struct hsm_bumps *bumps);

/* What is to bump in the revision (NULL: the work tree); base is a commit. Content is compared for
 * every environment. */
int hsm_bump_find(struct hsm_repository *repository, const char *revision, const char *base,
		  struct hsm_bumps *bumps, struct hsm_findings *findings, struct hsm_error *error);

/* Writes the numbers into the work tree's files: those lines and nothing else,
 * each file replaced atomically. */
int hsm_bump_write(struct hsm_repository *repository, const struct hsm_bumps *bumps, struct hsm_error *error);

#endif
