#ifndef HSM_REPOSITORY_GIT_H
#define HSM_REPOSITORY_GIT_H

#include <git2.h>

#include "reconciler/desired/repository.h"

/* What the files of this folder share about libgit2; nobody else includes it. */

struct hsm_repository {
	git_repository *git;
	git_odb *objects;
	char *folder;  /* absolute; NULL where bare */
	char *prefix;  /* where the folder stands in a commit's tree: "" or "a/b" */
	int directory; /* the folder, open; -1 where bare */
};

/* Fills the error with the text and libgit2's reason, which holds only right
 * after one of its functions has failed. */
int hsm_repository_fail(struct hsm_error *error, enum hsm_error_class class, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* prefix/path in the arena, without slashes too many. */
char *hsm_repository_join(struct hsm_arena *arena, const char *prefix, const char *path);

/* Opens a path below the folder, following no symbolic link. -1 with errno. */
int hsm_repository_open_path(const struct hsm_repository *repository, const char *path, int flags);

#endif
