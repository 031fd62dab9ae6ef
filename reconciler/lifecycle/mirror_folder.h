#ifndef HSM_MIRROR_FOLDER_H
#define HSM_MIRROR_FOLDER_H

#include "schema/base/error.h"

/*
 * The folder that a mirror is in. A file in it tells that it is hsmctl's, which
 * may then remove and replace it; in any other folder nothing is touched.
 */
#define HSM_MIRROR_MARK "hsmctl-mirror"

/* Makes it and its parents, for their owner only, or takes an empty one. Refuses what is not hsmctl's,
 * or another user's: git does what the configuration in it says. */
int hsm_mirror_folder_claim(const char *path, struct hsm_error *error);

/* Removes what a git that was killed left behind more than age seconds ago: its
 * locks, which would stop every later one, and the packs that it did not end. */
void hsm_mirror_folder_sweep(const char *path, double age);

/* Removes it with all that is in it, where it is there. */
void hsm_mirror_folder_remove(const char *path);

/* Puts the folder `by` in its place, and the old one at `aside` until it is removed. */
int hsm_mirror_folder_replace(const char *path, const char *by, const char *aside, struct hsm_error *error);

#endif
