/* The JSON Schemas that data tables are described by. */
#include <math.h>
#include <string.h>

#include "cmd/emulator/datatables.h"
#include "cmd/emulator/json.h"

#define DRAFT "http://json-schema.org/draft-04/schema#"
#define PROPERTIES_MAXIMUM 50
#define INTEGER_MAXIMUM 9007199254740991.0 /* what a double holds exactly */

static bool is_text(const cJSON *item, const char *text)
{
	return cJSON_IsString(item) && strcmp(item->valuestring, text) == 0;
}

bool hsm_emu_schema_takes(const cJSON *property, const cJSON *value)
{
	const cJSON *type = hsm_emu_json_get(property, "type");
	if (is_text(type, "boolean"))
		return cJSON_IsBool(value);
	if (is_text(type, "string"))
		return cJSON_IsString(value);
	if (!cJSON_IsNumber(value) || !isfinite(value->valuedouble))
		return false;
	return is_text(type, "number") ||
	       (is_text(type, "integer") && fabs(value->valuedouble) <= INTEGER_MAXIMUM &&
		value->valuedouble == (double)(int64_t)value->valuedouble);
}

/* The member of a property that is wrong, "" for all of it, or NULL. */
static const char *find_fault(const cJSON *property)
{
	static const char *const types[] = { "boolean", "string", "integer", "number" };
	static const char prefix[] = "/properties/";
	const cJSON *type = hsm_emu_json_get(property, "type"), *id = hsm_emu_json_get(property, "$id");
	const cJSON *title = hsm_emu_json_get(property, "title"), *otherwise = hsm_emu_json_get(property, "default");
	const cJSON *order = hsm_emu_json_get(property, "displayOrder");
	size_t at = 0, count = sizeof(types) / sizeof(*types);
	if (!cJSON_IsObject(property) || !*property->string)
		return "";
	while (at < count && !is_text(type, types[at]))
		at++;
	if (at == count || (strcmp(property->string, "key") == 0 && !is_text(type, "string")))
		return ".type";
	if (id && (!cJSON_IsString(id) || strncmp(id->valuestring, prefix, strlen(prefix)) != 0 ||
		   strcmp(id->valuestring + strlen(prefix), property->string) != 0))
		return ".$id";
	if (title && !cJSON_IsString(title))
		return ".title";
	if (otherwise && !hsm_emu_schema_takes(property, otherwise))
		return ".default";
	return order && !cJSON_IsNumber(order) ? ".displayOrder" : NULL;
}

static void name_property(struct hsm_buffer *field, const char *name, const char *member)
{
	hsm_buffer_append_string(field, "schema.properties.");
	hsm_buffer_append_string(field, name);
	hsm_buffer_append_string(field, member);
}

static bool check_properties(const cJSON *properties, struct hsm_buffer *field)
{
	const cJSON *property;
	if (!cJSON_IsObject(properties) || cJSON_GetArraySize(properties) > PROPERTIES_MAXIMUM) {
		hsm_buffer_append_string(field, "schema.properties");
		return false;
	}
	if (!hsm_emu_json_get(properties, "key")) {
		name_property(field, "key", "");
		return false;
	}
	cJSON_ArrayForEach(property, properties) {
		bool repeated = hsm_emu_json_get(properties, property->string) != property;
		const char *fault = repeated ? "" : find_fault(property);
		if (fault) {
			name_property(field, property->string, fault);
			return false;
		}
	}
	return true;
}

bool hsm_emu_schema_check(const cJSON *schema, struct hsm_buffer *field)
{
	const cJSON *draft = hsm_emu_json_get(schema, "$schema"), *required = hsm_emu_json_get(schema, "required");
	const cJSON *more = hsm_emu_json_get(schema, "additionalProperties");
	const char *wrong = NULL;
	if (!cJSON_IsObject(schema))
		wrong = "schema";
	else if (draft && !is_text(draft, DRAFT))
		wrong = "schema.$schema";
	else if (!is_text(hsm_emu_json_get(schema, "type"), "object"))
		wrong = "schema.type";
	else if (cJSON_GetArraySize(required) != 1 || !is_text(cJSON_GetArrayItem(required, 0), "key"))
		wrong = "schema.required";
	else if (more && !cJSON_IsFalse(more))
		wrong = "schema.additionalProperties";
	if (!wrong)
		return check_properties(hsm_emu_json_get(schema, "properties"), field);
	hsm_buffer_append_string(field, wrong);
	return false;
}

bool hsm_emu_schema_extends(const cJSON *schema, const cJSON *old, struct hsm_buffer *field)
{
	const cJSON *properties = hsm_emu_json_get(schema, "properties"), *property;
	cJSON_ArrayForEach(property, hsm_emu_json_get(old, "properties")) {
		if (cJSON_Compare(property, hsm_emu_json_get(properties, property->string), true))
			continue;
		name_property(field, property->string, "");
		return false;
	}
	return true;
}

static void append_default(struct hsm_buffer *out, const cJSON *property)
{
	const cJSON *otherwise = hsm_emu_json_get(property, "default"), *type = hsm_emu_json_get(property, "type");
	if (otherwise)
		hsm_emu_json_append(out, otherwise);
	else if (is_text(type, "boolean"))
		hsm_buffer_append_string(out, "false");
	else
		hsm_buffer_append_string(out, is_text(type, "string") ? "\"\"" : "0");
}

void hsm_emu_schema_append_row(struct hsm_buffer *out, const cJSON *schema, const cJSON *old, const cJSON *row)
{
	const cJSON *known = hsm_emu_json_get(old, "properties"), *property;
	cJSON_ArrayForEach(property, hsm_emu_json_get(schema, "properties")) {
		const cJSON *value = hsm_emu_json_get(row, property->string);
		if (hsm_emu_json_get(known, property->string))
			continue;
		if (out->length)
			hsm_buffer_append_char(out, ',');
		hsm_emu_json_append_string(out, property->string);
		hsm_buffer_append_char(out, ':');
		if (value)
			hsm_emu_json_append(out, value);
		else
			append_default(out, property);
	}
}
