#ifndef HSM_DESIRED_LOAD_H
#define HSM_DESIRED_LOAD_H

#include "reconciler/desired/desired.h"

/* What the files of this folder share. */


enum hsm_load {
	HSM_LOAD_RULES = 1 << 0, /* and versions, where several environments need them: bump writes those first */
	HSM_LOAD_CONTENTS = 1 << 1,
};

/* Loads and compiles the templates of a revision (NULL: the work tree). load: what of hsm_load. */
int hsm_desired_load_templates(struct hsm_repository *repository, const char *revision,
			       struct hsm_desired *desired, unsigned load, struct hsm_findings *findings,
			       struct hsm_error *error);

/* Whether a name ends in .yaml or .yml; *stem is the length before that. */
bool hsm_desired_is_yaml(const char *name, size_t length, size_t *stem);

/* A copy in the arena of what was compiled in another. Names are borrowed. */
struct hsm_compiled hsm_desired_copy_compiled(struct hsm_arena *arena, const struct hsm_compiled *compiled);

#endif
