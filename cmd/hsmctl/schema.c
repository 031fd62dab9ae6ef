#include <string.h>

#include "cmd/hsmctl/session.h"
#include "schema/config.h"
#include "schema/json_schema.h"
#include "schema/template.h"

int hsm_command_schema(struct hsm_session *session, struct hsm_error *error)
{
	bool template = strcmp(session->options.arguments.items[0], "template") == 0;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	(void)error;
	hsm_json_schema_append(template ? &hsm_template_object : &hsm_config_object, &text);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return 0;
}
