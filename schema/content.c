#include "schema/content.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/fingerprint.h"
#include "schema/base/text.h"
#include "schema/json.h"

static const char *const component_order[] = { "HEADER", "LIMITED_TIME_OFFER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL",
					       "OPTIONS", NULL };

#define CONTENT_SIZE_MAX ((size_t)4 << 20)

static int component_rank(const struct hsm_wire_component *component)
{
	int rank = hsm_word_find(component_order, component->type.text);
	return rank ? rank : 99;
}

static int compare_components(const void *left, const void *right)
{
	const struct hsm_wire_component *a = left, *b = right;
	int order = component_rank(a) - component_rank(b);
	return order ? order : strcmp(a->type.text, b->type.text);
}

static void upper_case(struct hsm_arena *arena, struct hsm_string *string)
{
	for (const char *c = string->text; c && *c; c++) {
		if (!islower((unsigned char)*c))
			continue;
		char *copy = hsm_arena_copy_string(arena, string->text);
		for (char *d = copy; *d; d++)
			*d = (char)toupper((unsigned char)*d);
		string->text = copy;
		return;
	}
}

/* Every string below an object, by its table; empty lists are as absent ones. */
static void make_canonical(struct hsm_arena *arena, const struct hsm_object *object, void *base)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct hsm_field *field = &object->fields[i];
		void *value = hsm_field_at(field, base);
		if (!hsm_field_is_present(field, base))
			continue;
		if (field->type == HSM_TYPE_STRING) {
			struct hsm_string *string = value;
			string->text = hsm_text_canonical(arena, string->text);
		} else if (field->type == HSM_TYPE_OBJECT) {
			make_canonical(arena, field->object, value);
		} else if (field->type == HSM_TYPE_LIST) {
			struct hsm_list *list = value;
			list->present = list->count > 0;
			for (size_t j = 0; j < list->count; j++)
				make_canonical(arena, field->element->object,
					       (char *)list->items + j * field->item_size);
		}
	}
}

static void make_parameters_canonical(struct hsm_arena *arena, struct hsm_list *parameters)
{
	for (size_t i = 0; i < parameters->count; i++)
		upper_case(arena, &HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i)->type);
}

static void make_components_canonical(struct hsm_arena *arena, struct hsm_list *components);

static void make_component_canonical(struct hsm_arena *arena, struct hsm_wire_component *component)
{
	upper_case(arena, &component->type);
	upper_case(arena, &component->format);
	make_parameters_canonical(arena, &component->parameters);
	for (size_t i = 0; i < component->buttons.count; i++) {
		struct hsm_wire_button *button = HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, i);
		upper_case(arena, &button->type);
		upper_case(arena, &button->otp.otp_type);
		/* Documented as `navigate`, and listed as NAVIGATE. */
		button->flow.action.text = hsm_text_lower_case(arena, button->flow.action.text);
		make_parameters_canonical(arena, &button->url.parameters);
	}
	upper_case(arena, &component->sub_category);
	for (size_t i = 0; i < component->cards.count; i++)
		make_components_canonical(arena, &HSM_LIST_ITEM(component->cards, struct hsm_wire_card, i)->components);
	if (component->text.text && !*component->text.text)
		component->text.text = NULL;
	if (component->media.text && !*component->media.text)
		component->media.text = NULL;
	if (strcmp(component->type.text, "HEADER") != 0)
		component->format.text = NULL;
	else if ((!component->format.text || !*component->format.text) && component->text.text)
		component->format.text = "TEXT";
}

/* Their order, and what is not a text's. */
static void make_components_canonical(struct hsm_arena *arena, struct hsm_list *components)
{
	for (size_t i = 0; i < components->count; i++)
		make_component_canonical(arena, HSM_LIST_ITEM(*components, struct hsm_wire_component, i));
	if (components->count > 1)
		qsort(components->items, components->count, sizeof(struct hsm_wire_component), compare_components);
}

struct hsm_content hsm_content_make(struct hsm_arena *arena, struct hsm_list *components)
{
	for (size_t i = 0; i < components->count; i++)
		make_canonical(arena, &hsm_wire_component_object,
			       HSM_LIST_ITEM(*components, struct hsm_wire_component, i));
	make_components_canonical(arena, components);
	struct hsm_buffer json = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &json };
	hsm_json_write_list(&writer, NULL, &hsm_wire_component_element, sizeof(struct hsm_wire_component), components);
	struct hsm_content content = { hsm_arena_copy(arena, json.data, json.length) };
	hsm_buffer_release(&json);
	return content;
}

bool hsm_content_equals(const struct hsm_content *a, const struct hsm_content *b)
{
	return strcmp(a->json, b->json) == 0;
}

char *hsm_content_fingerprint(struct hsm_arena *arena, const struct hsm_content *content)
{
	char *fingerprint = hsm_arena_allocate(arena, HSM_FINGERPRINT_SIZE);
	hsm_fingerprint_compute(content->json, strlen(content->json), fingerprint);
	return fingerprint;
}

int hsm_content_read(struct hsm_arena *arena, const char *json, struct hsm_list *components,
		     struct hsm_error *error)
{
	size_t length = strlen(json);
	cJSON *parsed;
	if (length > CONTENT_SIZE_MAX)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a content of %zu bytes", length);
	int status = hsm_json_parse(&parsed, json, length, error);
	if (status)
		return status;
	status = cJSON_IsArray(parsed) ? hsm_json_read_list(arena, parsed, &hsm_wire_component_element,
							    sizeof(struct hsm_wire_component), components, error) :
					 hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "components are not an array");
	cJSON_Delete(parsed);
	return status;
}

const struct hsm_wire_component *hsm_content_find(const struct hsm_list *components, const char *type)
{
	for (size_t i = 0; i < components->count; i++) {
		const struct hsm_wire_component *component =
			HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		if (strcmp(component->type.text, type) == 0)
			return component;
	}
	return NULL;
}

size_t hsm_message_read_placeholder(const char *text, const char **end)
{
	size_t number = 0;
	if (strncmp(text, "{{", 2) != 0)
		return 0;
	const char *c = text + 2;
	for (; isdigit((unsigned char)*c) && number < 10000; c++)
		number = number * 10 + (size_t)(*c - '0');
	if (strncmp(c, "}}", 2) != 0)
		return 0;
	*end = c + 2;
	return number;
}

const char *hsm_message_name_placeholders(struct hsm_arena *arena, const struct hsm_message *message,
					  const char *text, size_t first)
{
	if (!text || !message->names || !strstr(text, "{{"))
		return text;
	struct hsm_buffer named = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (const char *c = text; *c;) {
		const char *end;
		size_t number = hsm_message_read_placeholder(c, &end);
		if (number && first + number - 1 < message->name_count) {
			hsm_buffer_append_format(&named, "{{%s}}", message->names[first + number - 1]);
			c = end;
		} else {
			hsm_buffer_append_char(&named, *c++);
		}
	}
	char *result = hsm_arena_copy(arena, hsm_buffer_text(&named), named.length);
	hsm_buffer_release(&named);
	return result;
}

const char *hsm_message_parameter_sample(const struct hsm_wire_parameter *parameter)
{
	const struct hsm_string *defaults[] = { &parameter->text.default_value, &parameter->date.default_value,
						&parameter->date_time.default_value,
						&parameter->currency.default_value };
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (defaults[i]->text)
			return defaults[i]->text;
	return "";
}

struct slots {
	struct hsm_content_slot *items; /* NULL: they are counted only */
	size_t count, next; /* next: the next parameter's place */
};

static void add_slot(struct slots *slots, struct hsm_content_slot slot)
{
	slot.first = slots->next;
	slots->next += slot.parameters->count;
	if (slots->items)
		slots->items[slots->count] = slot;
	slots->count++;
}

static void add_slots(struct slots *slots, const struct hsm_list *components, size_t card)
{
	for (size_t i = 0; i < components->count; i++) {
		const struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		const char *type = component->type.text;
		add_slot(slots, (struct hsm_content_slot){ type, card, 0, component->text.text, &component->parameters, 0 });
		for (size_t j = 0; j < component->buttons.count; j++) {
			const struct hsm_wire_url *url = &HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, j)->url;
			add_slot(slots, (struct hsm_content_slot){ type, card, j + 1, url->url.text, &url->parameters, 0 });
		}
		for (size_t j = 0; j < component->cards.count; j++)
			add_slots(slots, &HSM_LIST_ITEM(component->cards, struct hsm_wire_card, j)->components, j + 1);
	}
}

const struct hsm_content_slot *hsm_content_list_slots(struct hsm_arena *arena, const struct hsm_list *components,
						      size_t *count)
{
	struct slots slots = { 0 };
	add_slots(&slots, components, 0);
	*count = slots.count;
	slots = (struct slots){ .items = hsm_arena_allocate_array(arena, slots.count, sizeof(*slots.items)) };
	add_slots(&slots, components, 0);
	return slots.items;
}

const char *hsm_content_slot_label(struct hsm_arena *arena, const struct hsm_content_slot *slot)
{
	const char *label = slot->button ? hsm_arena_format(arena, "button %zu", slot->button) :
					   hsm_text_lower_case(arena, slot->type);
	return slot->card ? hsm_arena_format(arena, "card %zu %s", slot->card, label) : label;
}

size_t hsm_content_count_parameters(const struct hsm_list *components)
{
	struct slots slots = { 0 };
	add_slots(&slots, components, 0);
	return slots.next;
}

const char *const *hsm_content_find_names(struct hsm_arena *arena, const struct hsm_list *components, size_t *count)
{
	size_t slot_count, next = 0;
	bool any = false;
	const struct hsm_content_slot *slots = hsm_content_list_slots(arena, components, &slot_count);
	*count = hsm_content_count_parameters(components);
	const char **names = hsm_arena_allocate_array(arena, *count, sizeof(*names));
	for (size_t i = 0; i < slot_count; i++)
		for (size_t j = 0; j < slots[i].parameters->count; j++) {
			names[next] = HSM_LIST_ITEM(*slots[i].parameters, struct hsm_wire_parameter, j)->name.text;
			any |= names[next++] != NULL;
		}
	return any ? names : NULL;
}
