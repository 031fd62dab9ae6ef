#include "reconciler/review/fields.h"

#include <string.h>

#include "schema/base/buffer.h"
#include "schema/payload.h"

struct hsm_message hsm_review_read_message(struct hsm_arena *arena, const char *content,
					   const struct hsm_list *parameters)
{
	struct hsm_message message = { 0 };
	struct hsm_error error;
	if (!content || hsm_content_read(arena, content, &message.components, &error) != 0)
		return (struct hsm_message){ 0 };
	const char **names = hsm_arena_allocate_array(arena, parameters->count, sizeof(*names));
	for (size_t i = 0; i < parameters->count; i++)
		names[i] = HSM_LIST_ITEM(*parameters, struct hsm_string, i)->text;
	message.names = parameters->count ? names : NULL;
	message.name_count = parameters->count;
	return message;
}

/* Walks the parameters in the order of the sender's array. */
struct walk {
	struct hsm_arena *arena;
	const struct hsm_message *message;
	size_t next; /* index in the names */
};

typedef void visit(void *user, const char *where, const char *name, const struct hsm_wire_parameter *parameter);

static void visit_list(struct walk *walk, const char *where, const struct hsm_list *parameters, visit *visitor,
		       void *user)
{
	for (size_t i = 0; i < parameters->count; i++, walk->next++) {
		const char *name = walk->next < walk->message->name_count ? walk->message->names[walk->next] :
									     hsm_arena_format(walk->arena, "{{%zu}}", i + 1);
		visitor(user, where, name, HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i));
	}
}

static const char *component_label(const struct hsm_wire_component *component)
{
	static const char *const labels[][2] = { { "HEADER", "header" }, { "BODY", "body" }, { "FOOTER", "footer" } };
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strcmp(component->type.text, labels[i][0]) == 0)
			return labels[i][1];
	return component->type.text;
}

static void visit_parameters(struct hsm_arena *arena, const struct hsm_message *message, visit *visitor, void *user)
{
	struct walk walk = { .arena = arena, .message = message };
	for (size_t i = 0; i < message->components.count; i++) {
		const struct hsm_wire_component *component =
			HSM_LIST_ITEM(message->components, struct hsm_wire_component, i);
		visit_list(&walk, component_label(component), &component->parameters, visitor, user);
		for (size_t j = 0; j < component->buttons.count; j++)
			visit_list(&walk, hsm_arena_format(arena, "button %zu", j + 1),
				   &HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, j)->url.parameters,
				   visitor, user);
	}
}

static void add_field(struct hsm_arena *arena, struct hsm_review_fields *fields, const char *label, const char *text)
{
	struct hsm_review_field *items = hsm_arena_allocate_array(arena, fields->count + 1, sizeof(*items));
	if (fields->count)
		memcpy(items, fields->items, fields->count * sizeof(*items));
	items[fields->count++] = (struct hsm_review_field){ label, text };
	fields->items = items;
}

static const char *describe_button(struct hsm_arena *arena, const struct hsm_message *message,
				   const struct hsm_wire_button *button, size_t first_name)
{
	if (button->reply.node.present)
		return hsm_arena_format(arena, "%s (reply, sends %s)", button->reply.title.text,
					hsm_payload_decode(arena, button->reply.id.text).text);
	if (button->url.node.present)
		return hsm_arena_format(arena, "%s (opens %s)", button->url.title.text,
					hsm_message_name_placeholders(arena, message, button->url.url.text, first_name));
	if (button->phone_number.node.present)
		return hsm_arena_format(arena, "%s (calls %s)", button->phone_number.title.text,
					button->phone_number.phone_number.text);
	if (button->copy_code.node.present)
		return hsm_arena_format(arena, "copies a code such as %s", button->copy_code.example.text);
	return button->type.text;
}

static void add_component(struct walk *walk, const struct hsm_wire_component *component,
			  struct hsm_review_fields *fields)
{
	const char *label = component_label(component);
	const char *text =
		hsm_message_name_placeholders(walk->arena, walk->message, component->text.text, walk->next);
	const char *format = component->format.text;
	if (format && strcmp(format, "TEXT") != 0)
		text = hsm_arena_format(walk->arena, "%s%s%s", format, component->media.text ? ": " : "",
					component->media.text ? component->media.text : "");
	if (text)
		add_field(walk->arena, fields, label, text);
	walk->next += component->parameters.count;
	for (size_t i = 0; i < component->buttons.count; i++) {
		const struct hsm_wire_button *button = HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, i);
		add_field(walk->arena, fields, hsm_arena_format(walk->arena, "button %zu", i + 1),
			  describe_button(walk->arena, walk->message, button, walk->next));
		walk->next += button->url.parameters.count;
	}
}

void hsm_review_list_fields(struct hsm_arena *arena, const struct hsm_message *message,
			    struct hsm_review_fields *fields)
{
	struct walk walk = { .arena = arena, .message = message };
	*fields = (struct hsm_review_fields){ 0 };
	for (size_t i = 0; i < message->components.count; i++)
		add_component(&walk, HSM_LIST_ITEM(message->components, struct hsm_wire_component, i), fields);
}

const char *hsm_review_find_field(const struct hsm_review_fields *fields, const char *label)
{
	for (size_t i = 0; i < fields->count; i++)
		if (strcmp(fields->items[i].label, label) == 0)
			return fields->items[i].text;
	return NULL;
}

struct listing {
	struct hsm_buffer text;
	const char *where; /* of the parameter before; NULL: none */
};

static void list_parameter(void *user, const char *where, const char *name,
			   const struct hsm_wire_parameter *parameter)
{
	struct listing *listing = user;
	bool same = listing->where && strcmp(listing->where, where) == 0;
	if (same)
		hsm_buffer_append_format(&listing->text, ", %s", name);
	else
		hsm_buffer_append_format(&listing->text, "%s%s: %s", listing->where ? "; " : "", where, name);
	if (strcmp(parameter->type.text, "TEXT") != 0)
		hsm_buffer_append_format(&listing->text, " (%s)", parameter->type.text);
	listing->where = where;
}

const char *hsm_review_format_array(struct hsm_arena *arena, const struct hsm_message *message)
{
	struct listing listing = { .text = HSM_BUFFER_INIT(HSM_BUFFER_CAP) };
	visit_parameters(arena, message, list_parameter, &listing);
	const char *text = hsm_arena_copy(arena, hsm_buffer_text(&listing.text), listing.text.length);
	hsm_buffer_release(&listing.text);
	return text;
}
