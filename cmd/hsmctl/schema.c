#include <string.h>

#include "cmd/hsmctl/session.h"
#include "schema/config.h"
#include "schema/json_schema.h"
#include "schema/requirement.h"
#include "schema/serve.h"
#include "schema/template.h"

int hsm_command_schema(struct hsm_session *session, struct hsm_error *error)
{
	static const struct {
		const char *word;
		const struct hsm_object *object;
	} kinds[] = { { "template", &hsm_template_object },
		      { "config", &hsm_config_object },
		      { "requirements", &hsm_requirements_object },
		      { "serve", &hsm_serve_object } };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	(void)error;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(session->options.arguments.items[0], kinds[i].word) == 0)
			hsm_json_schema_append(kinds[i].object, &text);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return 0;
}
