#include "cmd/emulator/forms.h"

#include <stdint.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"

static const char missing[] = "missing.value", invalid[] = "invalid.value", unknown[] = "unknown.field";

static void cut(struct hsm_buffer *path, size_t length)
{
	path->length = length;
	if (path->data)
		path->data[length] = '\0';
}

static bool is_one_of(const char *text, const char *const *words)
{
	for (; words && *words; words++)
		if (strcmp(*words, text) == 0)
			return true;
	return !words;
}

static const char *check_text(const cJSON *value, const char *const *words)
{
	return cJSON_IsString(value) && is_one_of(value->valuestring, words) ? NULL : invalid;
}

static const char *check_number(const cJSON *value)
{
	double number = cJSON_IsNumber(value) ? value->valuedouble : -1;
	return number >= 0 && number <= INT32_MAX && number == (double)(int32_t)number ? NULL : invalid;
}

static const char *check_object(const cJSON *object, const struct hsm_emu_form *fields, struct hsm_buffer *path);

static const char *check_list(const cJSON *list, const struct hsm_emu_form *field, struct hsm_buffer *path)
{
	size_t length = path->length;
	int number = 0;
	const char *wrong = cJSON_IsArray(list) ? NULL : invalid;
	const cJSON *item;
	cJSON_ArrayForEach(item, list) {
		if (wrong)
			break;
		cut(path, length);
		hsm_buffer_append_format(path, "[%d]", number++);
		wrong = field->kind == EMU_FORM_TEXT_LIST ? check_text(item, field->words) :
							    check_object(item, field->fields, path);
	}
	if (!wrong)
		cut(path, length);
	return wrong;
}

static const char *check_value(const cJSON *value, const struct hsm_emu_form *field, struct hsm_buffer *path)
{
	switch (field->kind) {
	case EMU_FORM_TEXT:
		return check_text(value, field->words);
	case EMU_FORM_NUMBER:
		return check_number(value);
	case EMU_FORM_SWITCH:
		return cJSON_IsBool(value) ? NULL : invalid;
	case EMU_FORM_OBJECT:
		return check_object(value, field->fields, path);
	case EMU_FORM_LIST:
	case EMU_FORM_TEXT_LIST:
		return check_list(value, field, path);
	case EMU_FORM_ANY:
		break;
	}
	return NULL;
}

static bool is_empty(const cJSON *value)
{
	return !value || cJSON_IsNull(value) || (cJSON_IsString(value) && !*value->valuestring) ||
	       (cJSON_IsArray(value) && !value->child);
}

static const char *check_field(const cJSON *object, const struct hsm_emu_form *field, struct hsm_buffer *path)
{
	size_t length = path->length;
	const cJSON *value = hsm_emu_json_get(object, field->name);
	const char *wrong = NULL;
	hsm_buffer_append_format(path, "%s%s", length ? "." : "", field->name);
	if (field->required && is_empty(value))
		wrong = missing;
	else if (value && !cJSON_IsNull(value))
		wrong = check_value(value, field, path);
	if (!wrong)
		cut(path, length);
	return wrong;
}

/* What is wrong, or NULL; the path then leads to it. */
static const char *check_object(const cJSON *object, const struct hsm_emu_form *fields, struct hsm_buffer *path)
{
	const cJSON *member;
	if (!cJSON_IsObject(object))
		return invalid;
	cJSON_ArrayForEach(member, object) {
		const struct hsm_emu_form *field = fields;
		while (field->name && strcmp(field->name, member->string) != 0)
			field++;
		if (!field->name) {
			hsm_buffer_append_format(path, "%s%s", path->length ? "." : "", member->string);
			return unknown;
		}
	}
	for (const struct hsm_emu_form *field = fields; field->name; field++) {
		const char *wrong = check_field(object, field, path);
		if (wrong)
			return wrong;
	}
	return NULL;
}

void hsm_emu_form_fail(struct hsm_emu_request *request, const char *code, const char *field)
{
	const char *how = strcmp(code, missing) == 0 ? "is missing or empty" :
			  strcmp(code, unknown) == 0 ? "is not known"	     :
						       "is not valid";
	hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "The request's %s %s", field, how), code, field);
}

cJSON *hsm_emu_form_read(struct hsm_emu_request *request, const struct hsm_emu_form *fields)
{
	struct hsm_buffer path = HSM_BUFFER_INIT(EMU_BODY_MAXIMUM);
	cJSON *json = hsm_emu_request_json(request);
	const char *wrong = json ? check_object(json, fields, &path) : NULL;
	if (wrong) {
		hsm_emu_form_fail(request, wrong, hsm_buffer_text(&path));
		cJSON_Delete(json);
		json = NULL;
	}
	hsm_buffer_release(&path);
	return json;
}
