#ifndef HSM_BUMP_H
#define HSM_BUMP_H

#include "reconciler/desired/desired.h"

/*
 * The version numbers that a change needs: a translation whose content differs
 * from the base revision's, and whose number does not, gets one more than the
 * highest number that any ref ever had for its template; those of one template
 * that change together get the same. Where there are several environments a
 * translation without a number needs one too.
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
	struct hsm_bump *items; /* by base and language */
	size_t count;
};

void hsm_bumps_release(struct hsm_bumps *bumps);

/*
 * What is to bump in a revision (NULL: the work tree); base is a commit, or ""
 * before the first. Content is compared for every environment.
 * HSM_ERROR_INVALID, with findings, where files are wrong: then `bumps` holds
 * what the others need. Marks point into the arena of the bumps.
 */
int hsm_bump_find(struct hsm_repository *repository, const char *revision, const char *base,
		  struct hsm_bumps *bumps, struct hsm_findings *findings, struct hsm_error *error);

/*
 * Writes the numbers into the work tree's files: those lines and nothing else,
 * each file replaced atomically. Where one of the files cannot be edited, none
 * is written.
 */
int hsm_bump_write(struct hsm_repository *repository, const struct hsm_bumps *bumps, struct hsm_error *error);

#endif
