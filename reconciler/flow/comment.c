#include "reconciler/flow/comment.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/flow/names.h"
#include "schema/json.h"

#define WIDTH 100

static const char introduction[] =
	"# An Architect flow for inbound messages. hsmctl flow wrote it from the templates in git: change those,\n"
	"# and write it anew.\n"
	"#\n"
	"# It has not been run through Archy. What Archy must confirm:\n"
	"# - " HSM_FLOW_MESSAGE_PAYLOAD " and " HSM_FLOW_MESSAGE_PARTICIPANT ", in \"Read the message\": no public flow, and no\n"
	"#   list of Architect's variables, shows either name. They stand nowhere else.\n"
	"# - dataTableLookup: foundOutputs, all columns but the key, and the outputs notFound and failure.\n"
	"#   Architect's help tells of them; public flows in YAML show the output found alone.\n"
	"# - updateData: statements of the kind string. Public flows show dateTime.\n"
	"# - Expressions: \\n, \\r and \\t in literals. The help shows \\\" and \\\\.\n"
	"# - callData: inputs that are empty texts, where a version has fewer parameters than are listed below.\n"
	"# - That a flow without a division is one of the home division.\n";

static const char buttons_and_media[] =
	"#\n"
	"# A message that has buttons or media is sent as its template in an open session, too, since Send Response\n"
	"# has neither. A template is billed by its category then as ever.\n";

/* Names in quotes, separated, broken before the width. */
struct list {
	struct hsm_buffer *buffer;
	size_t column;
	bool some;
};

static void begin_list(struct list *list, const char *heading)
{
	hsm_buffer_append_format(list->buffer, "# - %s:", heading);
	list->column = strlen(heading) + 5;
	list->some = false;
}

static void append_name(struct list *list, const char *name)
{
	struct hsm_buffer quoted = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer json = { .buffer = &quoted };
	hsm_json_write_string(&json, NULL, name);
	if (list->some)
		hsm_buffer_append_char(list->buffer, ',');
	if (list->some && list->column + quoted.length + 2 > WIDTH) {
		hsm_buffer_append_string(list->buffer, "\n#  ");
		list->column = 4;
	}
	hsm_buffer_append_format(list->buffer, " %s", hsm_buffer_text(&quoted));
	list->column += quoted.length + 2;
	list->some = true;
	hsm_buffer_release(&quoted);
}

static int compare_texts(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Each once. */
static void append_sorted(struct list *list, const char **names, size_t count)
{
	qsort(names, count, sizeof(*names), compare_texts);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(names[i], names[i - 1]) != 0)
			append_name(list, names[i]);
	hsm_buffer_append_char(list->buffer, '\n');
}

static void append_tables(struct hsm_arena *arena, const struct hsm_flow_material *material, struct list *list)
{
	const struct hsm_flow_options *options = material->options;
	size_t count = 0, most = material->template_count + material->route_count;
	const char **names = hsm_arena_allocate_array(arena, most, sizeof(*names));
	for (size_t i = 0; i < material->template_count; i++)
		names[count++] = hsm_flow_find_table(arena, &options->templates, material->templates[i].base);
	for (size_t i = 0; i < material->route_count; i++)
		names[count++] = hsm_flow_find_table(arena, &options->routes, material->routes[i].payload);
	begin_list(list, "data tables, which hsmctl serve keeps");
	append_sorted(list, names, count);
}

static void append_targets(struct hsm_arena *arena, const struct hsm_flow_material *material, struct list *list,
			   enum hsm_flow_target kind, const char *heading, const char *more)
{
	const char **names = hsm_arena_allocate_array(arena, material->route_count + 1, sizeof(*names));
	size_t count = 0;
	for (size_t i = 0; i < material->route_count; i++)
		if (material->routes[i].kind == kind)
			names[count++] = material->routes[i].name;
	if (more)
		names[count++] = more;
	if (!count)
		return;
	begin_list(list, heading);
	append_sorted(list, names, count);
}

static void append_parameters(struct list *list, const struct hsm_flow_material *material)
{
	if (!material->parameter_count)
		return;
	begin_list(list, "parameters, each " HSM_FLOW_PARAMETER "NAME there");
	for (size_t i = 0; i < material->parameter_count; i++)
		append_name(list, material->parameters[i]);
	hsm_buffer_append_char(list->buffer, '\n');
}

static const char actions[] =
	"# - data actions of the category " HSM_FLOW_CATEGORY ", whose inputs and answers are texts:\n"
	"#   " HSM_FLOW_ACTION_CONTEXT " finds the customer: conversationId, participantId; answers session_status (OPEN or\n"
	"#   CLOSED: whether the 24 hours are over), context (whatever the targets look the customer up by), and the\n"
	"#   parameters\n"
	"#   " HSM_FLOW_ACTION_SEND " sends a template: conversationId, participantId, template, language, parameters (the\n"
	"#   names of those that this version takes, in its order: take no others), and the parameters\n"
	"#   " HSM_FLOW_ACTION_CHANNEL " sends a text: conversationId, participantId, channel, text\n";

static const char data[] =
	"#\n"
	"# Participant data: " HSM_FLOW_DATA_TEMPLATE " (a base name) and " HSM_FLOW_DATA_LANGUAGE " ask for a template; " HSM_FLOW_DATA_TEMPLATE " is\n"
	"# emptied once it was sent. " HSM_FLOW_DATA_PAYLOAD ", " HSM_FLOW_DATA_PAYLOAD_TEMPLATE " and " HSM_FLOW_DATA_CONTEXT " tell a button's target\n"
	"# what was tapped, of which template, and by whom; " HSM_FLOW_DATA_NOTE " tells the default queue why.\n";

void hsm_flow_append_comment(struct hsm_arena *arena, const struct hsm_flow_material *material,
			     struct hsm_buffer *buffer)
{
	struct list list = { .buffer = buffer };
	hsm_buffer_append_string(buffer, introduction);
	hsm_buffer_append_string(buffer, "#\n# What the organisation must have:\n");
	append_tables(arena, material, &list);
	append_targets(arena, material, &list, HSM_FLOW_TO_QUEUE, "queues", material->options->queue);
	append_targets(arena, material, &list, HSM_FLOW_TO_FLOW, "bot flows without inputs", NULL);
	hsm_buffer_append_string(buffer, actions);
	append_parameters(&list, material);
	hsm_buffer_append_string(buffer, data);
	hsm_buffer_append_string(buffer, buttons_and_media);
}
