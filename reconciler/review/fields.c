#include "reconciler/review/fields.h"

#include <string.h>

#include "reconciler/review/generated.h"
#include "schema/base/buffer.h"
#include "schema/base/text.h"
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

typedef void visit(void *user, const char *where, const char *name, const struct hsm_wire_parameter *parameter);

static void visit_parameters(struct hsm_arena *arena, const struct hsm_message *message, visit *visitor, void *user)
{
	size_t count, next = 0;
	const struct hsm_content_slot *slots = hsm_content_list_slots(arena, &message->components, &count);
	for (size_t i = 0; i < count; i++) {
		const char *where = hsm_content_slot_label(arena, &slots[i]);
		for (size_t j = 0; j < slots[i].parameters->count; j++, next++)
			visitor(user, where,
				next < message->name_count ? message->names[next] : hsm_arena_format(arena, "{{%zu}}", j + 1),
				HSM_LIST_ITEM(*slots[i].parameters, struct hsm_wire_parameter, j));
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

/* Walks the components in the order of the sender's array. */
struct walk {
	struct hsm_arena *arena;
	const struct hsm_message *message;
	const char *language;
	struct hsm_review_fields *fields;
	size_t next; /* index in the names */
};

const char *hsm_review_describe_otp(struct hsm_arena *arena, const struct hsm_wire_otp *otp)
{
	const char *text = otp->otp_type.text;
	for (size_t i = 0; i < otp->apps.count; i++)
		text = hsm_arena_format(arena, "%s%s %s", text, i ? "," : ", for",
					HSM_LIST_ITEM(otp->apps, struct hsm_wire_app, i)->package_name.text);
	return text;
}

const char *hsm_review_describe_flow(struct hsm_arena *arena, const struct hsm_wire_flow *flow)
{
	const char *which = flow->id.text ? flow->id.text : flow->name.text ? flow->name.text : "of its own";
	return hsm_arena_format(arena, "flow %s%s%s", which, flow->screen.text ? ", screen " : "",
				flow->screen.text ? flow->screen.text : "");
}

static const char *describe_otp(struct hsm_arena *arena, const struct hsm_wire_otp *otp)
{
	const char *fills = otp->autofill_title.text;
	return hsm_arena_format(arena, "%s%s%s (one-time password, %s)", otp->title.text ? otp->title.text : "",
				fills ? " or " : "", fills ? fills : "", hsm_review_describe_otp(arena, otp));
}

static const char *describe_reply(struct hsm_arena *arena, const struct hsm_wire_reply *reply)
{
	return reply->id.text ? hsm_arena_format(arena, "%s (reply, sends %s)", reply->title.text,
						 hsm_payload_decode(arena, reply->id.text).text) :
				hsm_arena_format(arena, "%s (reply)", reply->title.text);
}

static const char *describe_button(struct hsm_arena *arena, const struct hsm_message *message,
				   const struct hsm_wire_button *button, size_t first_name)
{
	if (button->reply.node.present)
		return describe_reply(arena, &button->reply);
	if (button->url.node.present)
		return hsm_arena_format(arena, "%s (opens %s)", button->url.title.text,
					hsm_message_name_placeholders(arena, message, button->url.url.text, first_name));
	if (button->phone_number.node.present)
		return hsm_arena_format(arena, "%s (calls %s)", button->phone_number.title.text,
					button->phone_number.phone_number.text);
	if (button->copy_code.node.present)
		return hsm_arena_format(arena, "copies a code such as %s", button->copy_code.example.text);
	if (button->otp.node.present)
		return describe_otp(arena, &button->otp);
	if (button->flow.node.present)
		return hsm_arena_format(arena, "%s (opens %s)", button->flow.title.text,
					hsm_review_describe_flow(arena, &button->flow));
	return button->plain.title.text ? hsm_arena_format(arena, "%s (%s)", button->plain.title.text, button->type.text) :
					  button->type.text;
}

static const char *describe_text(struct walk *walk, const struct hsm_wire_component *component)
{
	const char *format = component->format.text;
	if (format && strcmp(format, "TEXT") != 0)
		return hsm_arena_format(walk->arena, "%s%s%s", format, component->media.text ? ": " : "",
					component->media.text ? component->media.text : "");
	const char *generated = hsm_generated_text(walk->arena, component, walk->language, "{{code}}");
	if (generated)
		return generated;
	if (component->has_expiration.value)
		return hsm_arena_format(walk->arena, "%s (counted down)", component->text.text);
	return hsm_message_name_placeholders(walk->arena, walk->message, component->text.text, walk->next);
}

static void add_options(struct walk *walk, const struct hsm_wire_component *component)
{
	if (component->sub_category.text)
		add_field(walk->arena, walk->fields, "sub-category", component->sub_category.text);
	if (component->time_to_live.present)
		add_field(walk->arena, walk->fields, "time to live",
			  hsm_arena_format(walk->arena, "%lld seconds", (long long)component->time_to_live.value));
}

static void add_components(struct walk *walk, const char *prefix, const struct hsm_list *components)
{
	for (size_t i = 0; i < components->count; i++) {
		const struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		const char *label = hsm_text_lower_case(walk->arena, component->type.text);
		const char *text = describe_text(walk, component);
		if (text)
			add_field(walk->arena, walk->fields, hsm_arena_format(walk->arena, "%s%s", prefix, label), text);
		add_options(walk, component);
		walk->next += component->parameters.count;
		for (size_t j = 0; j < component->buttons.count; j++) {
			const struct hsm_wire_button *button = HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, j);
			add_field(walk->arena, walk->fields, hsm_arena_format(walk->arena, "%sbutton %zu", prefix, j + 1),
				  describe_button(walk->arena, walk->message, button, walk->next));
			walk->next += button->url.parameters.count;
		}
		for (size_t j = 0; j < component->cards.count; j++)
			add_components(walk, hsm_arena_format(walk->arena, "card %zu ", j + 1),
				       &HSM_LIST_ITEM(component->cards, struct hsm_wire_card, j)->components);
	}
}

void hsm_review_list_fields(struct hsm_arena *arena, const struct hsm_message *message, const char *language,
			    struct hsm_review_fields *fields)
{
	struct walk walk = { .arena = arena, .message = message, .language = language, .fields = fields };
	*fields = (struct hsm_review_fields){ 0 };
	add_components(&walk, "", &message->components);
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
