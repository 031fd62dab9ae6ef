#include "schema/yaml_write.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "schema/json.h"

/* A word that YAML reads as text in any version: others are quoted. */
static bool is_plain(const char *text)
{
	static const char *const special[] = { "null", "true", "false", "yes", "no", "on", "off", "y", "n", NULL };
	if (!isalpha((unsigned char)*text))
		return false;
	for (const char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			return false;
	return !hsm_word_find_any_case(special, text);
}

/* JSON's strings are YAML's double-quoted ones. */
static void append_text(struct hsm_yaml_writer *writer, const char *text)
{
	struct hsm_json_writer json = { .buffer = writer->buffer };
	if (is_plain(text))
		hsm_buffer_append_string(writer->buffer, text);
	else
		hsm_json_write_string(&json, NULL, text);
}

/* Up to a value, or up to what stands below: "  key:", "  - key:", "  -". */
static void append_key(struct hsm_yaml_writer *writer, const char *key)
{
	bool dash = writer->dash || !key;
	for (unsigned i = dash && key ? 1 : 0; i < writer->depth; i++)
		hsm_buffer_append_string(writer->buffer, "  ");
	if (dash)
		hsm_buffer_append_string(writer->buffer, key ? "- " : "-");
	writer->dash = false;
	if (!key)
		return;
	append_text(writer, key);
	hsm_buffer_append_char(writer->buffer, ':');
}

void hsm_yaml_begin(struct hsm_yaml_writer *writer, const char *key)
{
	append_key(writer, key);
	hsm_buffer_append_char(writer->buffer, '\n');
	writer->depth++;
}

void hsm_yaml_end(struct hsm_yaml_writer *writer)
{
	writer->depth--;
}

void hsm_yaml_begin_item(struct hsm_yaml_writer *writer)
{
	writer->dash = true;
	writer->depth++;
}

void hsm_yaml_end_item(struct hsm_yaml_writer *writer)
{
	writer->depth--;
}

void hsm_yaml_write_text(struct hsm_yaml_writer *writer, const char *key, const char *text)
{
	append_key(writer, key);
	hsm_buffer_append_char(writer->buffer, ' ');
	append_text(writer, text);
	hsm_buffer_append_char(writer->buffer, '\n');
}

void hsm_yaml_write_integer(struct hsm_yaml_writer *writer, const char *key, int64_t value)
{
	append_key(writer, key);
	hsm_buffer_append_format(writer->buffer, " %" PRId64 "\n", value);
}

void hsm_yaml_write_boolean(struct hsm_yaml_writer *writer, const char *key, bool value)
{
	append_key(writer, key);
	hsm_buffer_append_string(writer->buffer, value ? " true\n" : " false\n");
}

static void write_object(struct hsm_yaml_writer *writer, const struct hsm_object *object, const void *base);
static void write_value(struct hsm_yaml_writer *writer, const char *key, const struct hsm_field *field, const void *base);

static void write_keyed(struct hsm_yaml_writer *writer, const char *key, const struct hsm_list *list,
			const struct hsm_field *element, size_t item_size)
{
	hsm_yaml_begin(writer, key);
	for (size_t i = 0; i < list->count; i++) {
		const char *item = (const char *)list->items + i * item_size;
		write_value(writer, ((const struct hsm_string *)(const void *)item)->text, element, item);
	}
	hsm_yaml_end(writer);
}

static void write_list(struct hsm_yaml_writer *writer, const char *key, const struct hsm_list *list,
		       const struct hsm_field *field)
{
	hsm_yaml_begin(writer, key);
	for (size_t i = 0; i < list->count; i++) {
		const char *item = (const char *)list->items + i * field->item_size;
		if (field->element->type != HSM_TYPE_OBJECT) {
			write_value(writer, NULL, field->element, item);
			continue;
		}
		hsm_yaml_begin_item(writer);
		write_object(writer, field->element->object, item);
		hsm_yaml_end_item(writer);
	}
	hsm_yaml_end(writer);
}

/* A field without a key stands in place of its object: "header: text". */
static const struct hsm_field *find_shorthand(const struct hsm_object *object, const void *base)
{
	for (size_t i = 0; i < object->count; i++)
		if ((object->fields[i].flags & HSM_FIELD_SHORTHAND) && hsm_field_is_present(&object->fields[i], base))
			return &object->fields[i];
	return NULL;
}

static void write_value(struct hsm_yaml_writer *writer, const char *key, const struct hsm_field *field, const void *base)
{
	const void *value = hsm_field_at(field, base);
	static const struct hsm_field text_by_key = { "", HSM_TYPE_STRING, 0, offsetof(struct hsm_keyed_string, value),
						      .help = NULL };
	static const struct hsm_field number_by_key = { "", HSM_TYPE_INTEGER, 0, offsetof(struct hsm_keyed_integer, value),
							.help = NULL };
	const struct hsm_string_by_key *text = value;
	const struct hsm_integer_by_key *number = value;
	switch (field->type) {
	case HSM_TYPE_STRING:
		hsm_yaml_write_text(writer, key, ((const struct hsm_string *)value)->text);
		return;
	case HSM_TYPE_INTEGER:
		hsm_yaml_write_integer(writer, key, ((const struct hsm_integer *)value)->value);
		return;
	case HSM_TYPE_BOOLEAN:
		hsm_yaml_write_boolean(writer, key, ((const struct hsm_boolean *)value)->value);
		return;
	case HSM_TYPE_WORD:
		hsm_yaml_write_text(writer, key, field->words[((const struct hsm_word *)value)->value - 1]);
		return;
	case HSM_TYPE_OBJECT:
		if (find_shorthand(field->object, value)) {
			write_value(writer, key, find_shorthand(field->object, value), value);
			return;
		}
		hsm_yaml_begin(writer, key);
		write_object(writer, field->object, value);
		hsm_yaml_end(writer);
		return;
	case HSM_TYPE_LIST:
		write_list(writer, key, value, field);
		return;
	case HSM_TYPE_MAPPING:
		write_keyed(writer, key, value, field->element, field->item_size);
		return;
	case HSM_TYPE_STRING_BY_KEY:
		if (text->by_key.present)
			write_keyed(writer, key, &text->by_key, &text_by_key, sizeof(struct hsm_keyed_string));
		else
			hsm_yaml_write_text(writer, key, text->value.text);
		return;
	case HSM_TYPE_INTEGER_BY_KEY:
		if (number->by_key.present)
			write_keyed(writer, key, &number->by_key, &number_by_key, sizeof(struct hsm_keyed_integer));
		else
			hsm_yaml_write_integer(writer, key, number->value.value);
		return;
	}
}

static void write_object(struct hsm_yaml_writer *writer, const struct hsm_object *object, const void *base)
{
	for (size_t i = 0; i < object->count; i++)
		if (hsm_field_is_present(&object->fields[i], base))
			write_value(writer, object->fields[i].key, &object->fields[i], base);
}

void hsm_yaml_write(struct hsm_buffer *buffer, const struct hsm_object *object, const void *base)
{
	struct hsm_yaml_writer writer = { .buffer = buffer };
	write_object(&writer, object, base);
}
