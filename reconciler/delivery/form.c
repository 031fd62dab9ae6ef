#include <string.h>

#include "reconciler/delivery/message.h"

struct making {
	struct hsm_arena *arena;
	const struct hsm_message *content;
	const struct hsm_template *file;
	struct hsm_slot *slots;
	const char **allowed; /* a slot each: what its rule was made from */
	size_t count;
};

/* The same expression is compiled once. */
static int make_allowed(struct making *making, const char *text, struct hsm_slot *slot, struct hsm_error *error)
{
	struct hsm_allowed *allowed;
	for (size_t i = 0; i < making->count; i++)
		if (making->allowed[i] && strcmp(making->allowed[i], text) == 0) {
			slot->rules.allowed = making->slots[i].rules.allowed;
			return 0;
		}
	int status = hsm_allowed_make(&allowed, making->arena, text, error);
	if (status)
		return hsm_error_prefix(error, "what parameter '%s' allows is", slot->name);
	slot->rules.allowed = allowed;
	return 0;
}

static int add_rules(struct making *making, struct hsm_slot *slot, struct hsm_error *error)
{
	static const struct hsm_parameter unknown;
	const struct hsm_parameter *parameter =
		making->file ? hsm_template_find_parameter(making->file, slot->name, strlen(slot->name)) : NULL;
	if (!parameter)
		parameter = &unknown;
	slot->rules.max_length = parameter->max_length.present ? (size_t)parameter->max_length.value : 0;
	if (!slot->code)
		slot->code = parameter->code.text;
	if (slot->type != HSM_PARAMETER_TEXT)
		return 0;
	slot->rules.truncate = parameter->truncate.value;
	slot->rules.emoji = (enum hsm_emoji)parameter->emoji.value;
	making->allowed[making->count] = parameter->allowed.text;
	return parameter->allowed.text ? make_allowed(making, parameter->allowed.text, slot, error) : 0;
}

static int add_slots(struct making *making, const struct hsm_content_slot *place, struct hsm_error *error)
{
	const struct hsm_list *parameters = place->parameters;
	const char *component = parameters->count ? hsm_content_slot_label(making->arena, place) : NULL;
	int status = 0;
	for (size_t i = 0; i < parameters->count && !status; i++) {
		const struct hsm_wire_parameter *parameter = HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i);
		struct hsm_slot *slot = &making->slots[making->count];
		int type = hsm_word_find(hsm_parameter_type_words, parameter->type.text);
		if (!making->content->names || making->count >= making->content->name_count)
			return hsm_error_set(error, HSM_ERROR_BLOCKED,
					     "no commit tells the name of parameter %zu of the %s: its content was never in git", i + 1,
					     component);
		if (!type)
			return hsm_error_set(error, HSM_ERROR_BLOCKED,
					     "parameter %zu of the %s is a '%s', which is not known here", i + 1, component,
					     parameter->type.text);
		*slot = (struct hsm_slot){
			.component = component, .name = making->content->names[making->count],
			.type = (enum hsm_parameter_type)type, .code = parameter->currency.code.text,
			.encoded = place->button > 0,
		};
		status = add_rules(making, slot, error);
		making->count++;
	}
	return status;
}

static const char *find_text(const struct hsm_message *content, const char *type)
{
	const struct hsm_wire_component *component = hsm_content_find(&content->components, type);
	return component ? component->text.text : NULL;
}

int hsm_form_make(struct hsm_arena *arena, const char *name, const char *language, const struct hsm_message *content,
		  const struct hsm_template *file, struct hsm_form *form, struct hsm_error *error)
{
	struct making making = { .arena = arena, .content = content, .file = file };
	size_t place_count, room = hsm_content_count_parameters(&content->components);
	const struct hsm_content_slot *places = hsm_content_list_slots(arena, &content->components, &place_count);
	int status = 0;
	making.slots = hsm_arena_allocate_array(arena, room, sizeof(*making.slots));
	making.allowed = hsm_arena_allocate_array(arena, room, sizeof(*making.allowed));
	for (size_t i = 0; i < place_count && !status; i++)
		status = add_slots(&making, &places[i], error);
	*form = (struct hsm_form){ .name = name, .language = language, .slots = making.slots, .slot_count = making.count,
				   .header = find_text(content, "HEADER"), .body = find_text(content, "BODY") };
	return status;
}
