#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/json.h"

#define EVERY(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The high bit of each zero byte, and perhaps of bytes above one. */
static uint64_t find_zero(uint64_t word)
{
	return (word - EVERY(0x01)) & ~word & EVERY(0x80);
}

/* How many ASCII bytes stand for themselves before one that may not: eight at a time, as most do. */
static size_t count_plain(const unsigned char *text, size_t length)
{
	size_t count = 0;
	for (uint64_t word; length - count >= sizeof(word); count += sizeof(word)) {
		memcpy(&word, text + count, sizeof(word));
		uint64_t control = (word - EVERY(0x20)) & ~word & EVERY(0x80);
		if ((word & EVERY(0x80)) | control | find_zero(word ^ EVERY('"')) | find_zero(word ^ EVERY('\\')) |
		    find_zero(word ^ EVERY(0x7f)))
			break;
	}
	while (count < length && text[count] >= 0x20 && text[count] < 0x7f && text[count] != '"' && text[count] != '\\')
		count++;
	return count;
}

static void append_escaped(struct hsm_buffer *buffer, const char *text, size_t length)
{
	const unsigned char *from = (const unsigned char *)text, *c = from, *end = from + length;
	hsm_buffer_append_char(buffer, '"');
	while ((c += count_plain(c, (size_t)(end - c))) < end) {
		bool c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;
		bool separator = c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9);
		size_t size = separator ? 3 : c1 ? 2 : 1;
		if (*c >= 0x80 && size == 1) {
			c++;
			continue;
		}
		hsm_buffer_append(buffer, from, (size_t)(c - from));
		if (*c == '"' || *c == '\\')
			hsm_buffer_append_format(buffer, "\\%c", *c);
		else if (*c == '\n')
			hsm_buffer_append_string(buffer, "\\n");
		else if (*c == '\t')
			hsm_buffer_append_string(buffer, "\\t");
		else
			hsm_buffer_append_format(buffer, "\\u%04x", separator ? 0x2000u | (c[2] - 0x80u) : c1 ? c[1] : *c);
		c += size;
		from = c;
	}
	hsm_buffer_append(buffer, from, (size_t)(end - from));
	hsm_buffer_append_char(buffer, '"');
}

static void append_quoted(struct hsm_buffer *buffer, const char *text)
{
	size_t length = strlen(text);
	if (count_plain((const unsigned char *)text, length) < length) {
		append_escaped(buffer, text, length);
		return;
	}
	char *quoted = hsm_buffer_extend(buffer, length + 2);
	if (!quoted)
		return;
	quoted[0] = '"';
	memcpy(quoted + 1, text, length);
	quoted[length + 1] = '"';
}

static void append_newline(struct hsm_json_writer *writer)
{
	if (writer->indent)
		hsm_buffer_append_format(writer->buffer, "\n%*s", (int)(writer->indent * writer->depth), "");
}

static void begin_value(struct hsm_json_writer *writer, const char *key)
{
	if (writer->has_items)
		hsm_buffer_append_char(writer->buffer, ',');
	if (writer->depth)
		append_newline(writer);
	writer->has_items = true;
	if (!key)
		return;
	append_quoted(writer->buffer, key);
	hsm_buffer_append_char(writer->buffer, ':');
	if (writer->indent)
		hsm_buffer_append_char(writer->buffer, ' ');
}

static void begin(struct hsm_json_writer *writer, const char *key, char bracket)
{
	begin_value(writer, key);
	hsm_buffer_append_char(writer->buffer, bracket);
	writer->depth++;
	writer->has_items = false;
}

static void end(struct hsm_json_writer *writer, char bracket)
{
	writer->depth--;
	if (writer->has_items)
		append_newline(writer);
	hsm_buffer_append_char(writer->buffer, bracket);
	writer->has_items = true;
}

void hsm_json_begin_object(struct hsm_json_writer *writer, const char *key)
{
	begin(writer, key, '{');
}

void hsm_json_end_object(struct hsm_json_writer *writer)
{
	end(writer, '}');
}

void hsm_json_begin_array(struct hsm_json_writer *writer, const char *key)
{
	begin(writer, key, '[');
}

void hsm_json_end_array(struct hsm_json_writer *writer)
{
	end(writer, ']');
}

void hsm_json_write_string(struct hsm_json_writer *writer, const char *key, const char *text)
{
	begin_value(writer, key);
	append_quoted(writer->buffer, text);
}

void hsm_json_write_integer(struct hsm_json_writer *writer, const char *key, int64_t value)
{
	begin_value(writer, key);
	hsm_buffer_append_format(writer->buffer, "%" PRId64, value);
}

void hsm_json_write_boolean(struct hsm_json_writer *writer, const char *key, bool value)
{
	begin_value(writer, key);
	hsm_buffer_append_string(writer->buffer, value ? "true" : "false");
}

void hsm_json_write_raw(struct hsm_json_writer *writer, const char *key, const char *text)
{
	begin_value(writer, key);
	hsm_buffer_append_string(writer->buffer, text);
}

static void write_number(struct hsm_json_writer *writer, const char *key, double number)
{
	char text[32];
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	hsm_json_write_raw(writer, key, isfinite(number) ? text : "null");
}

void hsm_json_write_value(struct hsm_json_writer *writer, const char *key, const cJSON *json)
{
	const cJSON *item;
	if (cJSON_IsObject(json)) {
		hsm_json_begin_object(writer, key);
		cJSON_ArrayForEach(item, json)
			hsm_json_write_value(writer, item->string, item);
		hsm_json_end_object(writer);
	} else if (cJSON_IsArray(json)) {
		hsm_json_begin_array(writer, key);
		cJSON_ArrayForEach(item, json)
			hsm_json_write_value(writer, NULL, item);
		hsm_json_end_array(writer);
	} else if (cJSON_IsString(json)) {
		hsm_json_write_string(writer, key, json->valuestring);
	} else if (cJSON_IsNumber(json)) {
		write_number(writer, key, json->valuedouble);
	} else {
		hsm_json_write_raw(writer, key, cJSON_IsTrue(json) ? "true" : cJSON_IsFalse(json) ? "false" : "null");
	}
}

static void write_value(struct hsm_json_writer *writer, const char *key, const struct hsm_field *field,
			const void *base);

void hsm_json_write_list(struct hsm_json_writer *writer, const char *key, const struct hsm_field *element,
			 size_t item_size, const struct hsm_list *list)
{
	hsm_json_begin_array(writer, key);
	for (size_t i = 0; i < list->count; i++)
		write_value(writer, NULL, element, (const char *)list->items + i * item_size);
	hsm_json_end_array(writer);
}

static void write_mapping(struct hsm_json_writer *writer, const char *key, const struct hsm_field *element,
			  size_t item_size, const struct hsm_list *list)
{
	hsm_json_begin_object(writer, key);
	for (size_t i = 0; i < list->count; i++) {
		const char *item = (const char *)list->items + i * item_size;
		write_value(writer, ((const struct hsm_string *)(const void *)item)->text, element, item);
	}
	hsm_json_end_object(writer);
}

static void write_value(struct hsm_json_writer *writer, const char *key, const struct hsm_field *field,
			const void *base)
{
	const void *value = hsm_field_at(field, base);
	switch (field->type) {
	case HSM_TYPE_STRING:
		hsm_json_write_string(writer, key, ((const struct hsm_string *)value)->text);
		return;
	case HSM_TYPE_INTEGER:
		hsm_json_write_integer(writer, key, ((const struct hsm_integer *)value)->value);
		return;
	case HSM_TYPE_BOOLEAN:
		hsm_json_write_boolean(writer, key, ((const struct hsm_boolean *)value)->value);
		return;
	case HSM_TYPE_WORD:
		hsm_json_write_string(writer, key, field->words[((const struct hsm_word *)value)->value - 1]);
		return;
	case HSM_TYPE_OBJECT:
		hsm_json_write(writer, key, field->object, value);
		return;
	case HSM_TYPE_LIST:
		hsm_json_write_list(writer, key, field->element, field->item_size, value);
		return;
	case HSM_TYPE_MAPPING:
		write_mapping(writer, key, field->element, field->item_size, value);
		return;
	case HSM_TYPE_STRING_BY_KEY: {
		const struct hsm_string_by_key *text = value;
		static const struct hsm_field element = { "", HSM_TYPE_STRING, 0,
							  offsetof(struct hsm_keyed_string, value), .help = NULL };
		if (text->by_key.present)
			write_mapping(writer, key, &element, sizeof(struct hsm_keyed_string), &text->by_key);
		else
			hsm_json_write_string(writer, key, text->value.text);
		return;
	}
	case HSM_TYPE_INTEGER_BY_KEY: {
		const struct hsm_integer_by_key *number = value;
		static const struct hsm_field element = { "", HSM_TYPE_INTEGER, 0,
							  offsetof(struct hsm_keyed_integer, value), .help = NULL };
		if (number->by_key.present)
			write_mapping(writer, key, &element, sizeof(struct hsm_keyed_integer), &number->by_key);
		else
			hsm_json_write_integer(writer, key, number->value.value);
		return;
	}
	}
}

void hsm_json_write(struct hsm_json_writer *writer, const char *key, const struct hsm_object *object,
		    const void *base)
{
	hsm_json_begin_object(writer, key);
	for (size_t i = 0; i < object->count; i++) {
		const struct hsm_field *field = &object->fields[i];
		if (field->flags & HSM_FIELD_READ_ONLY)
			continue;
		if (hsm_field_is_present(field, base) || (field->flags & HSM_FIELD_ALWAYS))
			write_value(writer, field->key, field, base);
	}
	hsm_json_end_object(writer);
}
