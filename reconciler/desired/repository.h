#ifndef HSM_REPOSITORY_H
#define HSM_REPOSITORY_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"

/*
 * A git repository through libgit2: read as objects, nothing of it is executed.
 * hsmctl works in a folder of it (often the top), and all paths here are
 * relative to that folder. A bare repository has no work tree but revisions.
 */

#define HSM_COMMIT_SIZE 41 /* hexadecimal SHA-1 and a NUL */

struct hsm_repository;

/* The repository that holds the folder. HSM_ERROR_NO_INPUT where there is none. */
int hsm_repository_open(struct hsm_repository **repository, const char *folder, struct hsm_error *error);
void hsm_repository_free(struct hsm_repository *repository);

/* In a bare one, works in this folder of it ("messages") from now on. */
void hsm_repository_enter(struct hsm_repository *repository, const char *folder);

/* The folder that hsmctl works in, from the top: "" or "messages". Borrowed. */
const char *hsm_repository_prefix(const struct hsm_repository *repository);

bool hsm_repository_is_bare(const struct hsm_repository *repository);
/* History is cut off: fetched with a depth. */
bool hsm_repository_is_shallow(const struct hsm_repository *repository);
/* Objects were left out of it: cloned with a filter. */
bool hsm_repository_is_partial(const struct hsm_repository *repository);

/* The commit that a revision names; "" for HEAD before the first commit. */
int hsm_repository_resolve(struct hsm_repository *repository, const char *revision, char commit[HSM_COMMIT_SIZE],
			   struct hsm_error *error);

/*
 * The merge base of HEAD with the remote's default branch ("" before the first
 * commit), or an error that says how to name a base.
 */
int hsm_repository_find_base(struct hsm_repository *repository, char commit[HSM_COMMIT_SIZE],
			     struct hsm_error *error);

/*
 * The files of a commit, or of the work tree where commit is NULL. Each call of
 * `each` gets the path, and an object id that tells equal contents (NULL in the
 * work tree). Symbolic links, submodules, names that begin with '.' and anything
 * outside are passed over. Order: by path. A non-zero return stops and is
 * returned. HSM_ERROR_NO_INPUT where the folder is not there.
 */
typedef int hsm_repository_each(void *user, const char *path, const char *blob_id);
int hsm_repository_list(struct hsm_repository *repository, const char *commit, const char *folder,
			hsm_repository_each *each, void *user, struct hsm_error *error);

/*
 * One file's bytes, at most cap of them, in the arena; HSM_ERROR_NO_INPUT where
 * it is not there. A file larger than cap gives cap + 1 bytes, so that whoever
 * checks sizes sees it.
 */
int hsm_repository_read(struct hsm_repository *repository, const char *commit, const char *path, size_t cap,
			struct hsm_arena *arena, const char **data, size_t *length, struct hsm_error *error);

/* As above, for a blob whose id hsm_repository_list gave. */
int hsm_repository_read_blob(struct hsm_repository *repository, const char *blob_id, size_t cap,
			     struct hsm_arena *arena, const char **data, size_t *length, struct hsm_error *error);

/* The first template file (*.yaml, *.yml) below folder, or the file `config`, that
 * differs from HEAD: tracked or not, ignored or not, since it is read either way.
 * *path is in the arena; NULL: none differs. */
int hsm_repository_find_dirty(struct hsm_repository *repository, const char *config, const char *folder,
			      struct hsm_arena *arena, const char **path, struct hsm_error *error);

/* Two states of a text file as a unified diff, in the arena: "" where they are equal. */
int hsm_repository_diff_texts(struct hsm_arena *arena, const char *path, const char *old_text, size_t old_length,
			      const char *new_text, size_t new_length, const char **diff, struct hsm_error *error);

#endif
