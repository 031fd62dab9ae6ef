#include "schema/json_schema.h"

#include "schema/json.h"

static void write_value(struct hsm_json_writer *writer, const char *key, const struct hsm_field *field);

static void write_range(struct hsm_json_writer *writer, const struct hsm_field *field, const char *minimum,
			const char *maximum)
{
	if (field->minimum)
		hsm_json_write_integer(writer, minimum, field->minimum);
	if (field->maximum)
		hsm_json_write_integer(writer, maximum, field->maximum);
}

static void write_string(struct hsm_json_writer *writer, const struct hsm_field *field)
{
	hsm_json_write_string(writer, "type", "string");
	if (field->pattern)
		hsm_json_write_string(writer, "pattern", field->pattern->regex);
	/* A text with variables is longer or shorter than what stands in the file. */
	struct hsm_field range = *field;
	if (field->flags & (HSM_FIELD_MESSAGE | HSM_FIELD_VARIABLES))
		range.maximum = 0;
	write_range(writer, &range, "minLength", "maxLength");
}

static void write_words(struct hsm_json_writer *writer, const struct hsm_field *field)
{
	hsm_json_begin_array(writer, "enum");
	for (size_t i = 0; field->words[i]; i++)
		hsm_json_write_string(writer, NULL, field->words[i]);
	hsm_json_end_array(writer);
	if (field->fallback)
		hsm_json_write_string(writer, "default", field->words[field->fallback - 1]);
}

static void write_integer(struct hsm_json_writer *writer, const struct hsm_field *field)
{
	hsm_json_write_string(writer, "type", "integer");
	write_range(writer, field, "minimum", "maximum");
	if (field->fallback)
		hsm_json_write_integer(writer, "default", field->fallback);
}

static void write_required(struct hsm_json_writer *writer, const char *key)
{
	hsm_json_begin_object(writer, NULL);
	hsm_json_begin_object(writer, "properties"); /* strict validators want to see it here, too */
	hsm_json_begin_object(writer, key);
	hsm_json_end_object(writer);
	hsm_json_end_object(writer);
	hsm_json_begin_array(writer, "required");
	hsm_json_write_string(writer, NULL, key);
	hsm_json_end_array(writer);
	hsm_json_end_object(writer);
}

/* A key that another may stand in place of. */
static void write_alternatives(struct hsm_json_writer *writer, const struct hsm_object *object)
{
	for (size_t i = 0; i < object->count; i++) {
		if (!object->fields[i].instead)
			continue;
		hsm_json_begin_array(writer, "anyOf");
		write_required(writer, object->fields[i].key);
		write_required(writer, object->fields[i].instead);
		hsm_json_end_array(writer);
	}
}

static void write_properties(struct hsm_json_writer *writer, const struct hsm_object *object)
{
	hsm_json_write_string(writer, "type", "object");
	hsm_json_write_boolean(writer, "additionalProperties", false);
	hsm_json_begin_object(writer, "properties");
	for (size_t i = 0; i < object->count; i++)
		if (!(object->fields[i].flags & HSM_FIELD_SHORTHAND))
			write_value(writer, object->fields[i].key, &object->fields[i]);
	hsm_json_end_object(writer);
	size_t required = 0;
	for (size_t i = 0; i < object->count; i++) {
		if (!(object->fields[i].flags & HSM_FIELD_REQUIRED) || object->fields[i].instead)
			continue;
		if (!required++)
			hsm_json_begin_array(writer, "required");
		hsm_json_write_string(writer, NULL, object->fields[i].key);
	}
	if (required)
		hsm_json_end_array(writer);
	write_alternatives(writer, object);
	if (object->flags & HSM_OBJECT_ONE_OF) {
		hsm_json_write_integer(writer, "minProperties", 1);
		hsm_json_write_integer(writer, "maxProperties", 1);
	}
}

static const struct hsm_field *find_shorthand(const struct hsm_object *object)
{
	for (size_t i = 0; i < object->count; i++)
		if (object->fields[i].flags & HSM_FIELD_SHORTHAND)
			return &object->fields[i];
	return NULL;
}

static void write_object(struct hsm_json_writer *writer, const struct hsm_object *object)
{
	const struct hsm_field *shorthand = find_shorthand(object);
	if (!shorthand) {
		write_properties(writer, object);
		return;
	}
	hsm_json_begin_array(writer, "oneOf");
	write_value(writer, NULL, shorthand);
	hsm_json_begin_object(writer, NULL);
	write_properties(writer, object);
	hsm_json_end_object(writer);
	hsm_json_end_array(writer);
}

static void write_mapping(struct hsm_json_writer *writer, const struct hsm_field *field,
			  const struct hsm_field *element)
{
	hsm_json_write_string(writer, "type", "object");
	if (field->key_pattern) {
		hsm_json_begin_object(writer, "propertyNames");
		hsm_json_write_string(writer, "pattern", field->key_pattern->regex);
		hsm_json_end_object(writer);
	}
	write_value(writer, "additionalProperties", element);
}

/* One value for all, or one per key. */
static void write_by_key(struct hsm_json_writer *writer, const struct hsm_field *field, enum hsm_type type)
{
	struct hsm_field scalar = *field;
	scalar.type = type;
	scalar.help = scalar.example = NULL;
	hsm_json_begin_array(writer, "oneOf");
	write_value(writer, NULL, &scalar);
	hsm_json_begin_object(writer, NULL);
	write_mapping(writer, field, &scalar);
	hsm_json_write_integer(writer, "minProperties", 1);
	hsm_json_end_object(writer);
	hsm_json_end_array(writer);
}

static void write_type(struct hsm_json_writer *writer, const struct hsm_field *field)
{
	switch (field->type) {
	case HSM_TYPE_STRING:
		write_string(writer, field);
		return;
	case HSM_TYPE_INTEGER:
		write_integer(writer, field);
		return;
	case HSM_TYPE_BOOLEAN:
		hsm_json_write_string(writer, "type", "boolean");
		return;
	case HSM_TYPE_WORD:
		write_words(writer, field);
		return;
	case HSM_TYPE_OBJECT:
		write_object(writer, field->object);
		return;
	case HSM_TYPE_LIST:
		hsm_json_write_string(writer, "type", "array");
		write_range(writer, field, "minItems", "maxItems");
		write_value(writer, "items", field->element);
		return;
	case HSM_TYPE_MAPPING:
		write_mapping(writer, field, field->element);
		write_range(writer, field, "minProperties", "maxProperties");
		return;
	case HSM_TYPE_STRING_BY_KEY:
		write_by_key(writer, field, HSM_TYPE_STRING);
		return;
	case HSM_TYPE_INTEGER_BY_KEY:
		write_by_key(writer, field, HSM_TYPE_INTEGER);
		return;
	}
}

static void write_value(struct hsm_json_writer *writer, const char *key, const struct hsm_field *field)
{
	const char *help = field->help ? field->help : field->object ? field->object->help : NULL;
	hsm_json_begin_object(writer, key);
	if (help)
		hsm_json_write_string(writer, "description", help);
	write_type(writer, field);
	if (field->example) {
		hsm_json_begin_array(writer, "examples");
		hsm_json_write_raw(writer, NULL, field->example);
		hsm_json_end_array(writer);
	}
	hsm_json_end_object(writer);
}

void hsm_json_schema_append(const struct hsm_object *object, struct hsm_buffer *buffer)
{
	struct hsm_json_writer writer = { .buffer = buffer, .indent = 2 };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "$schema", "https://json-schema.org/draft/2020-12/schema");
	hsm_json_write_string(&writer, "title", object->name);
	hsm_json_write_string(&writer, "description", object->help);
	write_properties(&writer, object);
	hsm_json_end_object(&writer);
	hsm_buffer_append_char(buffer, '\n');
}
