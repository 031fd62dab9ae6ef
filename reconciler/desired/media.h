#ifndef HSM_DESIRED_MEDIA_H
#define HSM_DESIRED_MEDIA_H

#include "reconciler/desired/repository.h"
#include "schema/base/fingerprint.h"

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

/* As above, without reading more than it begins with where it stands in the work tree. */
int hsm_media_check(struct hsm_repository *repository, const char *commit, const char *path, const char *format,
		    struct hsm_error *error);

#endif
