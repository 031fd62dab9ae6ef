#ifndef HSM_DESIRED_LOAD_H
#define HSM_DESIRED_LOAD_H

#include "reconciler/desired/desired.h"
#include "reconciler/desired/media.h"

/* What the files of this folder share. */

enum hsm_load {
	HSM_LOAD_RULES = 1 << 0, /* and versions, where several environments need them: bump writes those first */
	HSM_LOAD_CONTENTS = 1 << 1,
};

/* Loads and compiles the templates of a revision (NULL: the work tree). load: what of hsm_load. */
int hsm_desired_load_templates(struct hsm_repository *repository, const char *revision,
			       struct hsm_desired *desired, unsigned load, struct hsm_findings *findings,
			       struct hsm_error *error);

/* The same in pieces, as hsm_desired_begin_templates. */
struct hsm_desired_loader *hsm_desired_begin_load(struct hsm_repository *repository, const char *revision,
						  struct hsm_desired *desired, unsigned load,
						      struct hsm_findings *findings);

/* What may be wrong with a template whose values are right one by one. rules: as HSM_LOAD_RULES. */
void hsm_desired_check_template(const struct hsm_config *config, const struct hsm_template *template, bool rules,
				struct hsm_findings *findings);

/* What compiling the templates of one state takes. */
struct hsm_desired_compiling {
	struct hsm_desired *desired;
	struct hsm_media_checks *media;
	struct hsm_arena *scratch; /* of one template */
	struct hsm_findings *findings;
};

/*
 * Compiles a template for the environment. compiled NULL: only for what is wrong. False where the environment
 * has nothing of it, or nothing was wanted. scratch is cleared.
 */
bool hsm_desired_compile_template(const struct hsm_desired_compiling *compiling, const struct hsm_template *template,
				  const char *path, struct hsm_desired_template *compiled);

/* Whether a name ends in .yaml or .yml; *stem is the length before that. */
bool hsm_desired_is_yaml(const char *name, size_t length, size_t *stem);

/* A copy in the arena of what was compiled in another. Names are borrowed. */
struct hsm_compiled hsm_desired_copy_compiled(struct hsm_arena *arena, const struct hsm_compiled *compiled);

#endif
