#include "cmd/hsmctl/save.h"
#include "cmd/hsmctl/session.h"
#include "reconciler/flow/flow.h"
#include "reconciler/lifecycle/publication.h"
#include "schema/serve.h"

static void read_table(struct hsm_flow_table *table, const struct hsm_serve_table *file)
{
	if (file->name.text)
		*table = (struct hsm_flow_table){ file->name.text, file->tables.present ? (size_t)file->tables.value : 1 };
}

static int read_options(struct hsm_session *session, struct hsm_flow_options *options, struct hsm_error *error)
{
	struct hsm_serve file = { 0 };
	int rc = 0;
	*options = (struct hsm_flow_options){
		.name = session->options.name ? session->options.name : HSM_FLOW_NAME_DEFAULT,
		.queue = session->options.queue ? session->options.queue : HSM_FLOW_QUEUE_DEFAULT,
		.templates = { HSM_FLOW_TABLE_DEFAULT, 1 },
		.routes = { HSM_FLOW_ROUTES_TABLE_DEFAULT, 1 },
	};
	if (session->options.serve)
		rc = hsm_session_read_yaml(session, session->options.serve, &hsm_serve_object, &file, HSM_ERROR_CONFIG, error);
	read_table(&options->templates, &file.data_table);
	read_table(&options->routes, &file.routes_table);
	options->language = file.default_language.text;
	return rc;
}

static int write_flow(struct hsm_session *session, const struct hsm_flow_options *options, struct hsm_buffer *text,
		      struct hsm_error *error)
{
	const struct hsm_desired *desired = &session->desired;
	const struct hsm_desired_template **templates =
		hsm_arena_allocate_array(&session->arena, desired->count, sizeof(*templates));
	size_t count = 0;
	for (size_t i = 0; i < desired->count; i++)
		if (hsm_session_names_template(session, desired->templates[i].name))
			templates[count++] = &desired->templates[i];
	int rc = hsm_session_check_names(session, error);
	if (!rc && !count)
		rc = hsm_error_set(error, HSM_ERROR_NO_INPUT, "environment '%s' has no templates to write a flow of",
				   desired->environment->node.key.text);
	return rc ? rc : hsm_flow_append(templates, count, options, text, error);
}

static int save(struct hsm_session *session, const char *name, const struct hsm_buffer *text, struct hsm_buffer *report,
		struct hsm_error *error)
{
	const char *path = hsm_arena_format(&session->arena, "%s/%s", session->options.out, name);
	int rc = hsm_save_make_folders(path, error);
	if (!rc)
		rc = hsm_save_file(path, text, error);
	if (!rc)
		hsm_buffer_append_format(report, "wrote %s\n", path);
	return rc;
}

static int save_all(struct hsm_session *session, const struct hsm_buffer *flow, struct hsm_error *error)
{
	static const char *const names[HSM_PUBLICATION_MAX_] = {
		[HSM_PUBLICATION_ANSWERS] = "templates.schema.json",
		[HSM_PUBLICATION_ROUTES] = "routes.schema.json",
	};
	struct hsm_buffer report = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	int rc = save(session, "flow.yaml", flow, &report, error);
	for (size_t i = 0; !rc && i < HSM_PUBLICATION_MAX_; i++) {
		struct hsm_buffer schema = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		hsm_publication_append_schema(&hsm_publication_kinds[i], &schema);
		hsm_buffer_append_char(&schema, '\n');
		rc = save(session, names[i], &schema, &report, error);
		hsm_buffer_release(&schema);
	}
	hsm_output_write(&session->output, &report);
	hsm_buffer_release(&report);
	return rc;
}

int hsm_command_flow(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_flow_options options;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	int rc = read_options(session, &options, error);
	if (!rc)
		rc = hsm_session_read_templates(session, error);
	if (!rc)
		rc = write_flow(session, &options, &text, error);
	if (!rc && session->options.out)
		rc = save_all(session, &text, error);
	else if (!rc)
		hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return rc;
}
