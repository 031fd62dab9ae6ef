#include "cmd/hsmctl/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/arena.h"

static int write_all(int file, const struct hsm_buffer *buffer)
{
	for (size_t at = 0; at < buffer->length;) {
		ssize_t count = write(file, buffer->data + at, buffer->length - at);
		if (count < 0 && errno != EINTR)
			return -1;
		at += count > 0 ? (size_t)count : 0;
	}
	return 0;
}

/* A device, or a pipe: nothing may be put in its place. */
static int write_into(const char *path, const struct hsm_buffer *buffer)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	int failed = write_all(file, buffer);
	return close(file) || failed ? -1 : 0;
}

static int replace_file(const char *path, const struct hsm_buffer *buffer)
{
	struct hsm_arena arena = { 0 };
	char *temporary = hsm_arena_format(&arena, "%s.XXXXXX", path);
	int file = mkostemp(temporary, O_CLOEXEC);
	mode_t mask = umask(0);
	umask(mask);
	int failed = file < 0 || write_all(file, buffer) || fchmod(file, 0666 & ~mask) || fsync(file);
	if (file >= 0)
		failed |= close(file);
	failed = failed || rename(temporary, path);
	int kept = errno;
	if (failed && file >= 0)
		unlink(temporary);
	errno = kept;
	hsm_arena_release(&arena);
	return failed ? -1 : 0;
}

int hsm_save_file(const char *path, const struct hsm_buffer *buffer, struct hsm_error *error)
{
	struct stat status;
	bool special = stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
	errno = EFBIG;
	if (!buffer->full && (special ? write_into(path, buffer) : replace_file(path, buffer)) == 0)
		return 0;
	return hsm_error_set(error, HSM_ERROR_FAILED, "cannot write '%s': %s", path, strerror(errno));
}

int hsm_save_make_folders(const char *path, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	int rc = 0;
	for (const char *slash = path; !rc && (slash = strchr(slash, '/')); slash++) {
		const char *folder = hsm_arena_copy(&arena, path, (size_t)(slash - path));
		if (*folder && mkdir(folder, 0777) && errno != EEXIST)
			rc = hsm_error_set(error, HSM_ERROR_FAILED, "cannot make folder '%s': %s", folder,
					   strerror(errno));
	}
	hsm_arena_release(&arena);
	return rc;
}
