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

int hsm_save_file(const char *path, const struct hsm_buffer *buffer, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	char *temporary = hsm_arena_format(&arena, "%s.XXXXXX", path);
	int file = mkostemp(temporary, O_CLOEXEC), rc = 0;
	mode_t mask = umask(0);
	umask(mask);
	int failed = file < 0 || buffer->full || write_all(file, buffer) || fchmod(file, 0666 & ~mask) || fsync(file);
	if (file >= 0)
		failed |= close(file);
	if (failed || rename(temporary, path)) {
		rc = hsm_error_set(error, HSM_ERROR_FAILED, "cannot write '%s': %s", path, strerror(errno));
		if (file >= 0)
			unlink(temporary);
	}
	hsm_arena_release(&arena);
	return rc;
}
