#include "reconciler/lifecycle/mirror_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"

static const char mark_text[] = "hsmctl keeps a copy of a git repository here. "
				"This folder may be removed at any time.\n";

static int fail(struct hsm_error *error, const char *what, const char *path)
{
	return hsm_error_set(error, HSM_ERROR_FAILED, "cannot %s '%s': %s", what, path, strerror(errno));
}

/* It and its parents. */
static int make_folders(const char *path, struct hsm_error *error)
{
	char *copy = hsm_memory_copy_string(path);
	int rc = 0;
	for (char *end = copy + 1; !rc && end[-1]; end++) {
		char after = *end;
		if (after && after != '/')
			continue;
		*end = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST)
			rc = fail(error, "make the folder", copy);
		*end = after;
	}
	free(copy);
	return rc;
}

static bool is_empty(int folder)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	bool empty = entries != NULL;
	for (struct dirent *entry; empty && (entry = readdir(entries));)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (entries)
		closedir(entries);
	else if (copy >= 0)
		close(copy);
	return empty;
}

static int write_mark(int folder, const char *path, struct hsm_error *error)
{
	int file = openat(folder, HSM_MIRROR_MARK, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return fail(error, "write in", path);
	/* That it is there says it; the text is for people. */
	ssize_t wrote = write(file, mark_text, sizeof(mark_text) - 1);
	if (close(file) != 0 || wrote < 0)
		return fail(error, "write in", path);
	return 0;
}

static int claim(int folder, const char *path, struct hsm_error *error)
{
	struct stat status;
	if (fstat(folder, &status) != 0)
		return fail(error, "read", path);
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return hsm_error_set(error, HSM_ERROR_FAILED,
				     "the folder '%s' belongs to another user: choose another folder for the mirror", path);
	if (faccessat(folder, HSM_MIRROR_MARK, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (!is_empty(folder))
		return hsm_error_set(error, HSM_ERROR_FAILED,
				     "the folder '%s' holds something else: choose another folder for the mirror", path);
	return write_mark(folder, path, error);
}

int hsm_mirror_folder_claim(const char *path, struct hsm_error *error)
{
	int rc = make_folders(path, error);
	if (rc)
		return rc;
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return fail(error, "open the folder", path);
	rc = claim(folder, path, error);
	close(folder);
	return rc;
}

static FTS *walk(const char *path)
{
	char *const paths[] = { (char *)path, NULL };
	return fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
}

/* within: its path in the mirror. No branch can be called x.lock (git-check-ref-format). */
static bool is_left_behind(const char *within, const char *name)
{
	bool object = hsm_text_starts_with(within, "/objects/");
	return hsm_text_ends_with(name, ".lock") ||
	       (object && (hsm_text_starts_with(name, "tmp_") || hsm_text_starts_with(name, ".tmp-") ||
			   hsm_text_ends_with(name, ".keep")));
}

void hsm_mirror_folder_sweep(const char *path, double age)
{
	FTS *entries = walk(path);
	time_t now = time(NULL);
	for (FTSENT *entry; entries && (entry = fts_read(entries));)
		if (entry->fts_info == FTS_F && is_left_behind(entry->fts_path + strlen(path), entry->fts_name) &&
		    difftime(now, entry->fts_statp->st_mtime) > age)
			unlink(entry->fts_path);
	if (entries)
		fts_close(entries);
}

void hsm_mirror_folder_remove(const char *path)
{
	FTS *entries = walk(path);
	for (FTSENT *entry; entries && (entry = fts_read(entries));)
		if (entry->fts_info != FTS_D)
			remove(entry->fts_path);
	if (entries)
		fts_close(entries);
}

int hsm_mirror_folder_replace(const char *path, const char *by, const char *aside, struct hsm_error *error)
{
	if (rename(path, aside) != 0)
		return hsm_error_set(error, HSM_ERROR_FAILED,
				     "cannot replace the broken mirror '%s': %s: remove what is in it", path, strerror(errno));
	/* Where it ends here, the next fetch makes the mirror from nothing. */
	if (rename(by, path) != 0)
		return fail(error, "put the new mirror at", path);
	hsm_mirror_folder_remove(aside);
	return 0;
}
