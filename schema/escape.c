#include "schema/escape.h"

#include <string.h>

#include "schema/base/buffer.h"

/* $${ for each ${, which would be a variable. */
static const char *escape_text(struct hsm_arena *arena, const char *text)
{
	if (!text || !strstr(text, "${"))
		return text;
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (const char *c = text; *c; c++) {
		if (strncmp(c, "${", 2) == 0)
			hsm_buffer_append_char(&buffer, '$');
		hsm_buffer_append_char(&buffer, *c);
	}
	text = hsm_arena_copy(arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return text;
}

static void escape_keyed(struct hsm_arena *arena, struct hsm_string_by_key *texts)
{
	texts->value.text = escape_text(arena, texts->value.text);
	for (size_t i = 0; i < texts->by_key.count; i++) {
		struct hsm_string *value = &HSM_LIST_ITEM(texts->by_key, struct hsm_keyed_string, i)->value;
		value->text = escape_text(arena, value->text);
	}
}

void hsm_escape_variables(struct hsm_arena *arena, const struct hsm_object *object, void *base)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct hsm_field *field = &object->fields[i];
		bool variables = field->flags & (HSM_FIELD_MESSAGE | HSM_FIELD_VARIABLES);
		void *value = hsm_field_at(field, base);
		if (field->type == HSM_TYPE_OBJECT) {
			hsm_escape_variables(arena, field->object, value);
		} else if (variables && field->type == HSM_TYPE_STRING) {
			((struct hsm_string *)value)->text = escape_text(arena, ((struct hsm_string *)value)->text);
		} else if (variables && field->type == HSM_TYPE_STRING_BY_KEY) {
			escape_keyed(arena, value);
		} else if (field->element && field->element->type == HSM_TYPE_OBJECT) {
			const struct hsm_list *list = value;
			for (size_t j = 0; j < list->count; j++)
				hsm_escape_variables(arena, field->element->object, (char *)list->items + j * field->item_size);
		}
	}
}
