#include "schema/yaml_write.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "schema/json.h"

struct writer {
	struct hsm_buffer *buffer;
	unsigned depth;
};

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
static void write_text(struct writer *writer, const char *text)
{
	struct hsm_json_writer json = { .buffer = writer->buffer };
	if (is_plain(text))
		hsm_buffer_append_string(writer->buffer, text);
	else
		hsm_json_write_string(&json, NULL, text);
}

static void indent(struct writer *writer)
{
	for (unsigned i = 0; i < writer->depth; i++)
		hsm_buffer_append_string(writer->buffer, "  ");
}

static void write_key(struct writer *writer, const char *key)
{
	indent(writer);
	write_text(writer, key);
	hsm_buffer_append_char(writer->buffer, ':');
}

static void write_object(struct writer *writer, const struct hsm_object *object, const void *base);
static void write_value(struct writer *writer, const struct hsm_field *field, const void *base);

static void write_scalar(struct writer *writer, const char *text)
{
	hsm_buffer_append_char(writer->buffer, ' ');
	write_text(writer, text);
	hsm_buffer_append_char(writer->buffer, '\n');
}

static void write_keyed(struct writer *writer, const struct hsm_list *list, const struct hsm_field *element,
			size_t item_size)
{
	hsm_buffer_append_char(writer->buffer, '\n');
	writer->depth++;
	for (size_t i = 0; i < list->count; i++) {
		const char *item = (const char *)list->items + i * item_size;
		write_key(writer, ((const struct hsm_string *)(const void *)item)->text);
		write_value(writer, element, item);
	}
	writer->depth--;
}

/* Each item on a line of its own, its first key behind the dash. */
static void write_list(struct writer *writer, const struct hsm_list *list, const struct hsm_field *field)
{
	hsm_buffer_append_char(writer->buffer, '\n');
	writer->depth++;
	for (size_t i = 0; i < list->count; i++) {
		const char *item = (const char *)list->items + i * field->item_size;
		indent(writer);
		hsm_buffer_append_char(writer->buffer, '-');
		if (field->element->type != HSM_TYPE_OBJECT) {
			write_value(writer, field->element, item);
			continue;
		}
		size_t at = writer->buffer->length;
		writer->depth++;
		write_object(writer, field->element->object, item);
		/* The indentation of the first key is the dash and a space. */
		if (!writer->buffer->full && writer->buffer->length > at) {
			size_t skip = 2 * (size_t)writer->depth - 1;
			memmove(writer->buffer->data + at, writer->buffer->data + at + skip,
				writer->buffer->length - at - skip + 1);
			writer->buffer->length -= skip;
			writer->buffer->data[at] = ' ';
		}
		writer->depth--;
	}
	writer->depth--;
}

/* A field without a key stands in place of its object: "header: text". */
static const struct hsm_field *find_shorthand(const struct hsm_object *object, const void *base)
{
	for (size_t i = 0; i < object->count; i++)
		if ((object->fields[i].flags & HSM_FIELD_SHORTHAND) && hsm_field_is_present(&object->fields[i], base))
			return &object->fields[i];
	return NULL;
}

static void write_value(struct writer *writer, const struct hsm_field *field, const void *base)
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
		write_scalar(writer, ((const struct hsm_string *)value)->text);
		return;
	case HSM_TYPE_INTEGER:
		hsm_buffer_append_format(writer->buffer, " %" PRId64 "\n", ((const struct hsm_integer *)value)->value);
		return;
	case HSM_TYPE_BOOLEAN:
		hsm_buffer_append_string(writer->buffer, ((const struct hsm_boolean *)value)->value ? " true\n" : " false\n");
		return;
	case HSM_TYPE_WORD:
		write_scalar(writer, field->words[((const struct hsm_word *)value)->value - 1]);
		return;
	case HSM_TYPE_OBJECT:
		if (find_shorthand(field->object, value)) {
			write_value(writer, find_shorthand(field->object, value), value);
			return;
		}
		hsm_buffer_append_char(writer->buffer, '\n');
		writer->depth++;
		write_object(writer, field->object, value);
		writer->depth--;
		return;
	case HSM_TYPE_LIST:
		write_list(writer, value, field);
		return;
	case HSM_TYPE_MAPPING:
		write_keyed(writer, value, field->element, field->item_size);
		return;
	case HSM_TYPE_STRING_BY_KEY:
		if (text->by_key.present)
			write_keyed(writer, &text->by_key, &text_by_key, sizeof(struct hsm_keyed_string));
		else
			write_scalar(writer, text->value.text);
		return;
	case HSM_TYPE_INTEGER_BY_KEY:
		if (number->by_key.present)
			write_keyed(writer, &number->by_key, &number_by_key, sizeof(struct hsm_keyed_integer));
		else
			hsm_buffer_append_format(writer->buffer, " %" PRId64 "\n", number->value.value);
		return;
	}
}

static void write_object(struct writer *writer, const struct hsm_object *object, const void *base)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct hsm_field *field = &object->fields[i];
		if (!hsm_field_is_present(field, base))
			continue;
		write_key(writer, field->key);
		write_value(writer, field, base);
	}
}

void hsm_yaml_write(struct hsm_buffer *buffer, const struct hsm_object *object, const void *base)
{
	struct writer writer = { .buffer = buffer };
	write_object(&writer, object, base);
}
