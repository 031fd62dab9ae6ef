#include "schema/field.h"

#include <string.h>
#include <strings.h>

const struct hsm_field *hsm_object_find(const struct hsm_object *object, const char *key)
{
	for (size_t i = 0; i < object->count; i++)
		if (!(object->fields[i].flags & HSM_FIELD_SHORTHAND) && strcmp(object->fields[i].key, key) == 0)
			return &object->fields[i];
	return NULL;
}

bool hsm_field_is_present(const struct hsm_field *field, const void *base)
{
	const void *value = hsm_field_at(field, base);
	switch (field->type) {
	case HSM_TYPE_STRING:
		return ((const struct hsm_string *)value)->text;
	case HSM_TYPE_INTEGER:
		return ((const struct hsm_integer *)value)->present;
	case HSM_TYPE_BOOLEAN:
		return ((const struct hsm_boolean *)value)->present;
	case HSM_TYPE_WORD:
		return ((const struct hsm_word *)value)->value;
	case HSM_TYPE_OBJECT:
		return ((const struct hsm_node *)value)->present;
	case HSM_TYPE_LIST:
	case HSM_TYPE_MAPPING:
		return ((const struct hsm_list *)value)->present;
	case HSM_TYPE_STRING_BY_KEY: {
		const struct hsm_string_by_key *text = value;
		return text->value.text || text->by_key.present;
	}
	case HSM_TYPE_INTEGER_BY_KEY: {
		const struct hsm_integer_by_key *number = value;
		return number->value.present || number->by_key.present;
	}
	}
	return false;
}

struct hsm_mark hsm_field_mark(const struct hsm_field *field, const void *base)
{
	const void *value = hsm_field_at(field, base);
	switch (field->type) {
	case HSM_TYPE_STRING:
		return ((const struct hsm_string *)value)->mark;
	case HSM_TYPE_INTEGER:
		return ((const struct hsm_integer *)value)->mark;
	case HSM_TYPE_BOOLEAN:
		return ((const struct hsm_boolean *)value)->mark;
	case HSM_TYPE_WORD:
		return ((const struct hsm_word *)value)->mark;
	case HSM_TYPE_OBJECT:
		return ((const struct hsm_node *)value)->mark;
	case HSM_TYPE_LIST:
	case HSM_TYPE_MAPPING:
		return ((const struct hsm_list *)value)->mark;
	case HSM_TYPE_STRING_BY_KEY:
		return ((const struct hsm_string_by_key *)value)->value.mark;
	case HSM_TYPE_INTEGER_BY_KEY:
		return ((const struct hsm_integer_by_key *)value)->value.mark;
	}
	return (struct hsm_mark){ 0 };
}

int hsm_word_find(const char *const *words, const char *text)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i + 1;
	return 0;
}

int hsm_word_find_any_case(const char *const *words, const char *text)
{
	for (int i = 0; words[i]; i++)
		if (strcasecmp(words[i], text) == 0)
			return i + 1;
	return 0;
}

const struct hsm_string *hsm_string_by_key_find(const struct hsm_string_by_key *value, const char *key)
{
	for (size_t i = 0; i < value->by_key.count; i++) {
		const struct hsm_keyed_string *item = HSM_LIST_ITEM(value->by_key, struct hsm_keyed_string, i);
		if (strcmp(item->key.text, key) == 0)
			return &item->value;
	}
	return value->value.text ? &value->value : NULL;
}

const struct hsm_integer *hsm_integer_by_key_find(const struct hsm_integer_by_key *value, const char *key)
{
	for (size_t i = 0; i < value->by_key.count; i++) {
		const struct hsm_keyed_integer *item = HSM_LIST_ITEM(value->by_key, struct hsm_keyed_integer, i);
		if (strcmp(item->key.text, key) == 0)
			return &item->value;
	}
	return value->value.present ? &value->value : NULL;
}
