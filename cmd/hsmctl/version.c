#include "cmd/hsmctl/session.h"
#include "schema/json.h"

static void append_json(struct hsm_buffer *text)
{
	struct hsm_json_writer writer;
	hsm_output_begin_json(&writer, text);
	hsm_json_write_string(&writer, "version", HSM_VERSION);
	hsm_output_end_json(&writer);
}

int hsm_command_version(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	(void)error;
	if (session->options.format == HSM_FORMAT_JSON)
		append_json(&text);
	else
		hsm_buffer_append_string(&text, "hsmctl " HSM_VERSION "\n");
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return 0;
}
