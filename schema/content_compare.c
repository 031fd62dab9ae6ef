/*
 * What two contents differ in: both are flattened, by the wire's tables, into
 * paths and values in order, and the two lists compared by path.
 */
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/content.h"
#include "schema/payload.h"

struct leaf {
	const char *component;
	const char *path;
	const char *value;
	bool sample;
};

struct leaves {
	struct hsm_arena *arena;
	const struct hsm_message *message;
	const char *component;
	size_t first_name; /* of the component, or of the URL button */
	struct leaf *items;
	size_t count, capacity;
};

static void add_leaf(struct leaves *leaves, const char *path, const char *value)
{
	HSM_MEMORY_GROW(leaves->items, leaves->count, leaves->capacity);
	leaves->items[leaves->count++] = (struct leaf){
		.component = leaves->component,
		.path = path,
		.value = hsm_message_name_placeholders(leaves->arena, leaves->message, value, leaves->first_name),
		.sample = strstr(path, "parameters[") && !hsm_text_ends_with(path, ".type"),
	};
}

static const char *join(struct hsm_arena *arena, const char *path, const char *key)
{
	return *path ? hsm_arena_format(arena, "%s.%s", path, key) : key;
}

static void flatten(struct leaves *leaves, const char *path, const struct hsm_object *object, const void *base)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct hsm_field *field = &object->fields[i];
		const void *value = hsm_field_at(field, base);
		if (!hsm_field_is_present(field, base))
			continue;
		const char *here = join(leaves->arena, path, field->key);
		if (field->type == HSM_TYPE_STRING)
			add_leaf(leaves, here, ((const struct hsm_string *)value)->text);
		else if (field->type == HSM_TYPE_INTEGER)
			add_leaf(leaves, here,
				 hsm_arena_format(leaves->arena, "%lld",
						  (long long)((const struct hsm_integer *)value)->value));
		else if (field->type == HSM_TYPE_BOOLEAN)
			add_leaf(leaves, here, ((const struct hsm_boolean *)value)->value ? "true" : "false");
		else if (field->type == HSM_TYPE_OBJECT)
			flatten(leaves, here, field->object, value);
		else if (field->type == HSM_TYPE_LIST)
			for (size_t j = 0; j < ((const struct hsm_list *)value)->count; j++)
				flatten(leaves, hsm_arena_format(leaves->arena, "%s[%zu]", here, j + 1),
					field->element->object,
					(const char *)((const struct hsm_list *)value)->items + j * field->item_size);
	}
}

static void flatten_buttons(struct leaves *leaves, const struct hsm_list *buttons)
{
	for (size_t i = 0; i < buttons->count; i++) {
		struct hsm_wire_button button = *HSM_LIST_ITEM(*buttons, struct hsm_wire_button, i);
		if (button.reply.id.text) /* of a token, what people can read */
			button.reply.id.text = hsm_payload_decode(leaves->arena, button.reply.id.text).text;
		flatten(leaves, hsm_arena_format(leaves->arena, "[%zu]", i + 1), &hsm_wire_button_object, &button);
		leaves->first_name += button.url.parameters.count;
	}
}

static void flatten_components(struct leaves *leaves, const char *prefix, const struct hsm_list *components)
{
	for (size_t i = 0; i < components->count; i++) {
		struct hsm_wire_component component = *HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		leaves->component = hsm_arena_format(leaves->arena, "%s%s", prefix,
						     hsm_text_lower_case(leaves->arena, component.type.text));
		component.type.text = NULL; /* it is the label */
		struct hsm_list buttons = component.buttons, cards = component.cards;
		component.buttons = component.cards = (struct hsm_list){ 0 };
		flatten(leaves, "", &hsm_wire_component_object, &component);
		leaves->first_name += component.parameters.count;
		flatten_buttons(leaves, &buttons);
		for (size_t j = 0; j < cards.count; j++)
			flatten_components(leaves, hsm_arena_format(leaves->arena, "card %zu ", j + 1),
					   &HSM_LIST_ITEM(cards, struct hsm_wire_card, j)->components);
	}
}

static const struct leaf *find_leaf(const struct leaves *leaves, const struct leaf *wanted)
{
	for (size_t i = 0; i < leaves->count; i++)
		if (strcmp(leaves->items[i].component, wanted->component) == 0 &&
		    strcmp(leaves->items[i].path, wanted->path) == 0)
			return &leaves->items[i];
	return NULL;
}

static void add_difference(struct hsm_arena *arena, struct hsm_content_differences *differences,
			   const struct leaf *leaf, const char *old_value, const char *new_value)
{
	if (differences->count == differences->capacity) {
		size_t capacity = differences->capacity ? differences->capacity * 2 : 8;
		struct hsm_content_difference *items = hsm_arena_allocate_array(arena, capacity, sizeof(*items));
		if (differences->count)
			memcpy(items, differences->items, differences->count * sizeof(*items));
		differences->items = items;
		differences->capacity = capacity;
	}
	differences->items[differences->count++] = (struct hsm_content_difference){
		.component = leaf->component,
		.path = leaf->path,
		.old_value = old_value,
		.new_value = new_value,
		.sample = leaf->sample && old_value && new_value,
	};
}

void hsm_content_compare(struct hsm_arena *arena, const struct hsm_message *old_message,
			 const struct hsm_message *new_message, struct hsm_content_differences *differences)
{
	struct leaves old_leaves = { .arena = arena, .message = old_message };
	struct leaves new_leaves = { .arena = arena, .message = new_message };
	flatten_components(&old_leaves, "", &old_message->components);
	flatten_components(&new_leaves, "", &new_message->components);
	for (size_t i = 0; i < new_leaves.count; i++) {
		const struct leaf *old_leaf = find_leaf(&old_leaves, &new_leaves.items[i]);
		const char *old_value = old_leaf ? old_leaf->value : NULL;
		if (!old_value || strcmp(old_value, new_leaves.items[i].value) != 0)
			add_difference(arena, differences, &new_leaves.items[i], old_value,
				       new_leaves.items[i].value);
	}
	for (size_t i = 0; i < old_leaves.count; i++)
		if (!find_leaf(&new_leaves, &old_leaves.items[i]))
			add_difference(arena, differences, &old_leaves.items[i], old_leaves.items[i].value, NULL);
	free(old_leaves.items);
	free(new_leaves.items);
}
