#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/hsmctl/planning.h"

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

/* A device, or a pipe: nothing that could be put in its place. */
static int write_into(const char *path, const struct hsm_buffer *buffer)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	int failed = write_all(file, buffer);
	return close(file) || failed ? -1 : 0;
}

/* Whole or not at all: an apply must not find half a plan. */
static int replace_file(const char *path, const struct hsm_buffer *buffer, struct hsm_arena *arena)
{
	char *temporary = hsm_arena_format(arena, "%s.XXXXXX", path);
	int file = mkostemp(temporary, O_CLOEXEC);
	if (file < 0)
		return -1;
	int failed = write_all(file, buffer) || fsync(file);
	failed |= close(file);
	if (!failed && rename(temporary, path) == 0)
		return 0;
	int kept = errno;
	unlink(temporary);
	errno = kept;
	return -1;
}

static int save(const char *path, const struct hsm_buffer *buffer, struct hsm_arena *arena, struct hsm_error *error)
{
	struct stat status;
	bool special = stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
	errno = EFBIG;
	if (!buffer->full && (special ? write_into(path, buffer) : replace_file(path, buffer, arena)) == 0)
		return 0;
	return hsm_error_set(error, HSM_ERROR_FAILED, "cannot write '%s': %s", path, strerror(errno));
}

static int save_plan(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_error *error)
{
	struct hsm_buffer bytes = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_plan_save(plan, &bytes);
	int rc = save(session->options.out, &bytes, &session->arena, error);
	hsm_buffer_release(&bytes);
	if (!rc)
		hsm_output_log(&session->output, HSM_LEVEL_INFO, "saved: hsmctl apply %s does exactly this",
			       session->options.out);
	return rc;
}

int hsm_command_plan(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_planning planning = { 0 };
	if (session->options.out && strcmp(session->options.out, "-") == 0)
		return hsm_error_set(error, HSM_ERROR_USAGE, "--out wants a file: what plan shows goes to stdout");
	int rc = hsm_planning_make(session, &planning, error);
	if (!rc) {
		hsm_planning_print(session, &planning.plan);
		if (session->options.out)
			rc = save_plan(session, &planning.plan, error);
	}
	if (!rc)
		rc = hsm_planning_check_policy(session, &planning.plan, error);
	if (!rc && session->options.detailed_exitcode && hsm_plan_has_differences(&planning.plan))
		rc = HSM_DIFFERENCES;
	hsm_planning_release(&planning);
	return rc;
}
