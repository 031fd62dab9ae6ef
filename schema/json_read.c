#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/text.h"
#include "schema/json.h"

#define DEPTH_MAX 64
#define EXACT_DIGITS 15 /* of an integer that every double holds */

/* Of cJSON's \u: that it is no number is read as \u0000, and \u0000 ends a text early. */
static const char *find_escape_fault(const char *escape, const char *end)
{
	if (end - escape < 6 || escape[1] != 'u')
		return NULL;
	for (const char *c = escape + 2; c < escape + 6; c++)
		if (!isxdigit((unsigned char)*c))
			return "not JSON";
	return memcmp(escape + 2, "0000", 4) == 0 ? "JSON with a NUL character" : NULL;
}

/* cJSON recurses to 1000 levels, truncates strings at \u0000 and takes invalid
 * UTF-8: what it must not see is refused before. */
static const char *find_fault(const char *text, size_t length, size_t *at)
{
	const char *end = text + length, *nul = memchr(text, '\0', length);
	*at = hsm_text_find_invalid(text, length);
	if (*at != length)
		return "JSON with bytes that are not UTF-8";
	if (nul) {
		*at = (size_t)(nul - text);
		return "JSON with a NUL byte";
	}
	const char *fault = NULL;
	unsigned depth = 0;
	bool quoted = false;
	for (const char *c = text; c < end; c++) {
		if (quoted && *c == '\\') {
			fault = find_escape_fault(c, end);
			c += !fault;
		} else if (*c == '"') {
			quoted = !quoted;
		} else if (!quoted && (*c == '[' || *c == '{')) {
			fault = ++depth > DEPTH_MAX ? "JSON that is nested too deeply" : NULL;
		} else if (!quoted && (*c == ']' || *c == '}')) {
			depth -= depth > 0;
		}
		if (fault) {
			*at = (size_t)(c - text);
			return fault;
		}
	}
	return NULL;
}

const char *hsm_json_parse_at(cJSON **json, const char *text, size_t length, size_t *at)
{
	const char *fault = find_fault(text, length, at);
	if (fault)
		return fault;
	const char *end = NULL;
	*json = cJSON_ParseWithLengthOpts(text, length, &end, false);
	if (*json) {
		while (end < text + length && strchr(" \t\r\n", *end))
			end++;
		if (end == text + length)
			return NULL;
		cJSON_Delete(*json);
		*json = NULL;
	}
	*at = end && end >= text ? (size_t)(end - text) : 0;
	return "not JSON";
}

int hsm_json_parse(cJSON **json, const char *text, size_t length, struct hsm_error *error)
{
	size_t at;
	const char *fault = hsm_json_parse_at(json, text, length, &at);
	return fault ? hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "%s at byte %zu of %zu", fault, at, length) : 0;
}

/* Behind a number; digits: of an integer, 0 for another number. */
static const char *skip_number(const char *number, const char *end, size_t *digits)
{
	const char *c = number + (*number == '-'), *first = c;
	while (c < end && isdigit((unsigned char)*c))
		c++;
	*digits = (size_t)(c - first);
	for (; c < end && *c && strchr("0123456789.eE+-", *c); c++)
		*digits = 0;
	return c;
}

/* The text with quotes around the integers that are too long; empty where none is. */
static void quote_integers(const char *text, size_t length, struct hsm_buffer *quoted)
{
	const char *end = text + length, *copied = text, *next;
	bool in_string = false;
	for (const char *c = text; c < end; c = next) {
		size_t digits = 0;
		next = c + 1;
		if (in_string && *c == '\\')
			next++;
		else if (*c == '"')
			in_string = !in_string;
		else if (!in_string && (*c == '-' || isdigit((unsigned char)*c)))
			next = skip_number(c, end, &digits);
		if (digits <= EXACT_DIGITS)
			continue;
		hsm_buffer_append(quoted, copied, (size_t)(c - copied));
		hsm_buffer_append_format(quoted, "\"%.*s\"", (int)(next - c), c);
		copied = next;
	}
	if (copied != text)
		hsm_buffer_append(quoted, copied, (size_t)(end - copied));
}

int hsm_json_parse_exact(cJSON **json, const char *text, size_t length, struct hsm_error *error)
{
	struct hsm_buffer quoted = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	quote_integers(text, length, &quoted);
	int status = quoted.length ? hsm_json_parse(json, quoted.data, quoted.length, error) :
				     hsm_json_parse(json, text, length, error);
	hsm_buffer_release(&quoted);
	return status;
}

static int wrong_type(const struct hsm_field *field, const char *wanted, struct hsm_error *error)
{
	return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "'%s' is not %s", field->key, wanted);
}

/* Doubles hold integers exactly up to 2^53. */
static bool is_integer(const cJSON *json)
{
	return cJSON_IsNumber(json) && fabs(json->valuedouble) <= 9007199254740992.0 &&
	       json->valuedouble == (double)(int64_t)json->valuedouble;
}

static int read_value(struct hsm_arena *arena, const cJSON *json, const struct hsm_field *field, void *base,
		      struct hsm_error *error);

int hsm_json_read_list(struct hsm_arena *arena, const cJSON *json, const struct hsm_field *element,
		       size_t item_size, struct hsm_list *list, struct hsm_error *error)
{
	*list = (struct hsm_list){ .present = true, .count = (size_t)cJSON_GetArraySize(json) };
	list->items = hsm_arena_allocate_array(arena, list->count, item_size);
	char *item = list->items;
	const cJSON *entry;
	cJSON_ArrayForEach(entry, json)
	{
		/* Of a mapping, each item starts with its key. */
		if (cJSON_IsObject(json))
			((struct hsm_string *)(void *)item)->text = hsm_arena_copy_string(arena, entry->string);
		if (cJSON_IsNull(entry))
			return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a %s is null", element->key);
		int status = read_value(arena, entry, element, item, error);
		if (status)
			return status;
		item += item_size;
	}
	return 0;
}

static int read_by_key(struct hsm_arena *arena, const cJSON *json, const struct hsm_field *field,
		       enum hsm_type type, void *scalar, struct hsm_list *by_key, size_t item_size,
		       size_t value_offset, struct hsm_error *error)
{
	struct hsm_field value = *field;
	value.type = type;
	value.offset = 0;
	if (!cJSON_IsObject(json))
		return read_value(arena, json, &value, scalar, error);
	value.offset = value_offset;
	return hsm_json_read_list(arena, json, &value, item_size, by_key, error);
}

static int read_value(struct hsm_arena *arena, const cJSON *json, const struct hsm_field *field, void *base,
		      struct hsm_error *error)
{
	void *value = hsm_field_at(field, base);
	switch (field->type) {
	case HSM_TYPE_STRING:
		if (!cJSON_IsString(json))
			return wrong_type(field, "a string", error);
		((struct hsm_string *)value)->text = hsm_arena_copy_string(arena, json->valuestring);
		return 0;
	case HSM_TYPE_INTEGER:
		if (!is_integer(json))
			return wrong_type(field, "an integer", error);
		*(struct hsm_integer *)value =
			(struct hsm_integer){ .value = (int64_t)json->valuedouble, .present = true };
		return 0;
	case HSM_TYPE_BOOLEAN:
		if (!cJSON_IsBool(json))
			return wrong_type(field, "true or false", error);
		*(struct hsm_boolean *)value = (struct hsm_boolean){ .value = cJSON_IsTrue(json), .present = true };
		return 0;
	case HSM_TYPE_WORD:
		if (cJSON_IsString(json))
			((struct hsm_word *)value)->value = hsm_word_find_any_case(field->words, json->valuestring);
		return ((struct hsm_word *)value)->value ? 0 : wrong_type(field, "a known word", error);
	case HSM_TYPE_OBJECT:
		return hsm_json_read(arena, json, field->object, value, error);
	case HSM_TYPE_LIST:
		if (!cJSON_IsArray(json))
			return wrong_type(field, "an array", error);
		return hsm_json_read_list(arena, json, field->element, field->item_size, value, error);
	case HSM_TYPE_MAPPING:
		if (!cJSON_IsObject(json))
			return wrong_type(field, "an object", error);
		return hsm_json_read_list(arena, json, field->element, field->item_size, value, error);
	case HSM_TYPE_STRING_BY_KEY: {
		struct hsm_string_by_key *text = value;
		return read_by_key(arena, json, field, HSM_TYPE_STRING, &text->value, &text->by_key,
				   sizeof(struct hsm_keyed_string), offsetof(struct hsm_keyed_string, value), error);
	}
	case HSM_TYPE_INTEGER_BY_KEY: {
		struct hsm_integer_by_key *number = value;
		return read_by_key(arena, json, field, HSM_TYPE_INTEGER, &number->value, &number->by_key,
				   sizeof(struct hsm_keyed_integer), offsetof(struct hsm_keyed_integer, value), error);
	}
	}
	return 0;
}

int hsm_json_read(struct hsm_arena *arena, const cJSON *json, const struct hsm_object *object, void *base,
		  struct hsm_error *error)
{
	if (!cJSON_IsObject(json))
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a %s is not an object", object->name);
	((struct hsm_node *)base)->present = true;
	for (size_t i = 0; i < object->count; i++) {
		const struct hsm_field *field = &object->fields[i];
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, field->key);
		if (!value || cJSON_IsNull(value)) {
			if (field->flags & HSM_FIELD_REQUIRED)
				return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a %s has no '%s'", object->name,
						     field->key);
			continue;
		}
		int status = read_value(arena, value, field, base, error);
		if (status)
			return status;
	}
	return 0;
}
