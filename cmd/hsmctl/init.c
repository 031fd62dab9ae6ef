#include <string.h>
#include <sys/stat.h>

#include "cmd/hsmctl/init_files.h"
#include "cmd/hsmctl/save.h"
#include "cmd/hsmctl/session.h"
#include "schema/json_schema.h"

static void append_text(const struct hsm_init_file *file, struct hsm_buffer *text)
{
	if (file->object)
		hsm_json_schema_append(file->object, text);
	else
		hsm_buffer_append_string(text, file->text);
}

/* Whether it stands there as an init writes it: one that was cut short is run again. */
static bool is_written(struct hsm_session *session, const struct hsm_init_file *file)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_error ignored;
	const char *data;
	size_t length;
	append_text(file, &text);
	bool same = hsm_session_read_file(session, file->path, text.length, &data, &length, &ignored) == 0 &&
		    length == text.length && memcmp(data, text.data, length) == 0;
	hsm_buffer_release(&text);
	return same;
}

/* Nothing is written where any of the files is there and is somebody's. */
static int refuse_existing(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_buffer list = HSM_BUFFER_INIT(HSM_ERROR_MESSAGE_SIZE / 2);
	struct stat status;
	for (size_t i = 0; i < hsm_init_file_count; i++)
		if (lstat(hsm_init_files[i].path, &status) == 0 &&
		    (!S_ISREG(status.st_mode) || !is_written(session, &hsm_init_files[i])))
			hsm_buffer_append_format(&list, "%s%s", list.length ? ", " : "",
						 hsm_init_files[i].path);
	int rc = list.length ? hsm_error_set(error, HSM_ERROR_FAILED,
					     "nothing is written, since something is there already: %s",
					     hsm_buffer_text(&list))
			     : 0;
	hsm_buffer_release(&list);
	return rc;
}

static int write_file(const struct hsm_init_file *file, struct hsm_error *error)
{
	int rc = hsm_save_make_folders(file->path, error);
	if (rc)
		return rc;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	append_text(file, &text);
	rc = hsm_save_file(file->path, &text, error);
	hsm_buffer_release(&text);
	return rc;
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
	int rc = refuse_existing(session, error);
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
