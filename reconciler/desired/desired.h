#ifndef HSM_DESIRED_H
#define HSM_DESIRED_H

#include "reconciler/desired/repository.h"
#include "schema/compile.h"
#include "schema/config.h"
#include "schema/finding.h"
#include "schema/template.h"

/*
 * What git says should be: hsmctl.yaml and the template files, of the work tree
 * or of a revision, compiled for one environment.
 */

struct hsm_desired_translation {
	const char *language;
	int64_t version; /* pinned; 0: not */
	struct hsm_mark mark; /* of its key, or of its file */
	const struct hsm_translation *file;
	struct hsm_compiled compiled;
};

struct hsm_desired_template {
	const char *name; /* base */
	const char *path;
	const char *category;
	const struct hsm_template *file;
	struct hsm_desired_translation *translations; /* those of the environment's languages, by language */
	size_t count;
};

struct hsm_desired {
	struct hsm_arena arena;
	char commit[HSM_COMMIT_SIZE]; /* "" before the first commit */
	const char *dirty;            /* a file that differs from the commit, once it was looked for; NULL: none */
	const struct hsm_config *config;
	const struct hsm_environment *environment; /* NULL before one is chosen */
	struct hsm_desired_template *templates;    /* those of the environment, by name */
	size_t count;
};

void hsm_desired_release(struct hsm_desired *desired);

/*
 * Reads hsmctl.yaml of a revision (NULL: the work tree) and tells the commit. HSM_ERROR_NO_INPUT where the file, or the
 * revision, is not there; HSM_ERROR_CONFIG, with findings, where it is wrong.
 */
int hsm_desired_read_config(struct hsm_repository *repository, const char *revision, struct hsm_desired *desired,
			    struct hsm_findings *findings, struct hsm_error *error);

/* Looks for files of the work tree that differ from the commit, which reads all of
 * them; after the above. */
int hsm_desired_find_dirty(struct hsm_repository *repository, struct hsm_desired *desired, struct hsm_error *error);

/*
 * Chooses the environment: by name, or the only one there is. HSM_ERROR_USAGE
 * where several are and name is NULL, or where there is none of that name.
 */
int hsm_desired_choose_environment(struct hsm_desired *desired, const char *name, struct hsm_error *error);

/*
 * Reads and compiles the templates, after the two above. All that is wrong with
 * all files becomes findings: HSM_ERROR_INVALID then, and `templates` holds what
 * is right.
 */
int hsm_desired_read_templates(struct hsm_repository *repository, const char *revision,
			       struct hsm_desired *desired, struct hsm_findings *findings,
			       struct hsm_error *error);

/*
 * The same in pieces, for whoever has something else to do meanwhile: begin, do more as
 * long as it returns more than 0 (or not at all), and end. What is given must stay
 * until then; `templates` and the findings are complete after it.
 */
struct hsm_desired_loader *hsm_desired_begin_templates(struct hsm_repository *repository, const char *revision,
						       struct hsm_desired *desired, struct hsm_findings *findings);
/* > 0: there is more to do; 0: all is right; else the class of what is wrong. */
int hsm_desired_load_more(struct hsm_desired_loader *loader);
/* Does what is left, and frees it. */
int hsm_desired_end_load(struct hsm_desired_loader *loader, struct hsm_error *error);

/* As above, for what is wrong alone: `templates` stays empty. */
int hsm_desired_check_templates(struct hsm_repository *repository, const char *revision,
				struct hsm_desired *desired, struct hsm_findings *findings,
				struct hsm_error *error);

const struct hsm_desired_template *hsm_desired_find(const struct hsm_desired *desired, const char *base,
						    size_t length);
const struct hsm_desired_translation *hsm_desired_find_translation(const struct hsm_desired_template *template,
								   const char *language);

#endif
