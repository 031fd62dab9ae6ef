#ifndef HSM_DESIRED_MEDIA_H
#define HSM_DESIRED_MEDIA_H

#include "reconciler/desired/map.h"
#include "reconciler/desired/repository.h"
#include "schema/base/fingerprint.h"
#include "schema/compile.h"

/*
 * The samples of media headers where the API takes them as files: those of the
 * repository, beside hsmctl.yaml.
 */

/* The largest that Meta's resumable uploads take of a document; images and videos are
 * refused by Meta itself where they are too large. */
#define HSM_MEDIA_SIZE_MAX ((size_t)100 << 20)

struct hsm_media_file {
	const char *name;  /* without folders */
	const char *type;  /* MIME, by what it begins with: "image/png" */
	const char *bytes; /* in the arena */
	size_t length;
	char fingerprint[HSM_FINGERPRINT_SIZE]; /* its SHA-256 */
};

/*
 * Reads one. commit NULL: of the work tree. format: of the header, "IMAGE".
 * HSM_ERROR_NO_INPUT where it is not there, HSM_ERROR_INVALID where it is outside the
 * folder, too large, or nothing that such a header shows.
 */
int hsm_media_read(struct hsm_repository *repository, const char *commit, const char *path, const char *format,
		   struct hsm_arena *arena, struct hsm_media_file *file, struct hsm_error *error);

/* Which files were looked at, and what is wrong with each. Zero-initialise but for the first three. */
struct hsm_media_checks {
	struct hsm_repository *repository;
	const char *commit;
	struct hsm_arena *arena;
	struct hsm_map files;
};

/*
 * What is wrong with the samples of a translation becomes findings; false then. A file of the
 * work tree is read no further than its beginning, and one that many translations show once.
 */
bool hsm_media_check(struct hsm_media_checks *checks, const struct hsm_compiled *compiled,
		     struct hsm_findings *findings);

#endif
