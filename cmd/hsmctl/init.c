#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/hsmctl/init_files.h"
#include "cmd/hsmctl/session.h"

/* Nothing is written where any of the files is there. */
static int refuse_existing(struct hsm_error *error)
{
	struct hsm_buffer list = HSM_BUFFER_INIT(HSM_ERROR_MESSAGE_SIZE / 2);
	struct stat status;
	for (size_t i = 0; i < hsm_init_file_count; i++)
		if (lstat(hsm_init_files[i].path, &status) == 0)
			hsm_buffer_append_format(&list, "%s%s", list.length ? ", " : "",
						 hsm_init_files[i].path);
	int rc = list.length ? hsm_error_set(error, HSM_ERROR_FAILED,
					     "nothing is written, since something is there already: %s",
					     hsm_buffer_text(&list))
			     : 0;
	hsm_buffer_release(&list);
	return rc;
}

static int make_folders(const char *path, struct hsm_error *error)
{
	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		char folder[256];
		size_t length = (size_t)(slash - path);
		memcpy(folder, path, length);
		folder[length] = '\0';
		if (mkdir(folder, 0777) && errno != EEXIST)
			return hsm_error_set(error, HSM_ERROR_FAILED, "cannot make the folder '%s': %s",
					     folder, strerror(errno));
	}
	return 0;
}

static int write_file(const struct hsm_init_file *file, struct hsm_error *error)
{
	int rc = make_folders(file->path, error);
	if (rc)
		return rc;
	int written = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	size_t length = strlen(file->text), at = 0;
	errno = written < 0 ? errno : 0;
	while (written >= 0 && at < length) {
		ssize_t count = write(written, file->text + at, length - at);
		if (count < 0 && errno != EINTR)
			break;
		at += count > 0 ? (size_t)count : 0;
	}
	if (written >= 0 && close(written) == 0 && at == length)
		return 0;
	return hsm_error_set(error, HSM_ERROR_FAILED, "cannot write '%s': %s", file->path, strerror(errno));
}

static void append_next_steps(struct hsm_session *session, struct hsm_buffer *text)
{
	struct hsm_error ignored;
	hsm_buffer_append_string(text, "\nNext:\n");
	if (hsm_session_open_repository(session, &ignored))
		hsm_buffer_append_string(
		    text, "  git init                       hsmctl works in a git repository\n");
	hsm_buffer_append_string(
	    text, "  hsmctl validate                check the files, offline\n"
		  "  genesys-emulator --port 8080   try it all without an organisation: then, with any\n"
		  "                                 GENESYSCLOUD_OAUTHCLIENT_ID and _SECRET set,\n"
		  "                                 hsmctl plan and hsmctl apply\n"
		  "  hsmctl.yaml                    name your region and organization there\n"
		  "  hsmctl doctor                  find what would stop an apply\n"
		  "  GitHub                         the workflows want the secrets "
		  "GENESYSCLOUD_OAUTHCLIENT_ID and\n"
		  "                                 GENESYSCLOUD_OAUTHCLIENT_SECRET, and the variable "
		  "HSMCTL_SOURCE:\n"
		  "                                 the git URL of hsmctl\n");
}

int hsm_command_init(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	int rc = refuse_existing(error);
	for (size_t i = 0; !rc && i < hsm_init_file_count; i++) {
		rc = write_file(&hsm_init_files[i], error);
		if (!rc)
			hsm_buffer_append_format(&text, "wrote %s\n", hsm_init_files[i].path);
	}
	if (!rc)
		append_next_steps(session, &text);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return rc;
}
