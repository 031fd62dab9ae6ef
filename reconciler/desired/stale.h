#ifndef HSM_STALE_H
#define HSM_STALE_H

#include "reconciler/desired/desired.h"

/*
 * Finds translations that git last changed before the first language of their
 * template: it may say something else since. Silent where there is no history, or
 * no more than a shallow clone's; fails where it cannot be read.
 */
int hsm_stale_find(struct hsm_repository *repository, const struct hsm_desired *desired,
		   const struct hsm_template *const *templates, size_t count, struct hsm_findings *findings,
		   struct hsm_error *error);

#endif
