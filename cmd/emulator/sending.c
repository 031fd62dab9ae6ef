#include "cmd/emulator/sending.h"

#include <stdio.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "cmd/emulator/rules.h"
#include "schema/base/text.h"

#define PARAMETER_MAXIMUM 1024
#define TEXT_MAXIMUM 4096
#define MESSAGES_MAXIMUM 100

static bool fail(struct hsm_emu_request *request, const char *code, const char *field, const char *message)
{
	hsm_emu_fail_detail(hsm_emu_fail(request, 400, code, "%s", message), "invalid.value", field);
	return false;
}

/* One of the active providers' templates; approved ones first. */
static struct hsm_emu_template *find_template(struct hsm_emu *emu, const char *name, const char *language)
{
	struct hsm_emu_template *found = NULL;
	for (size_t i = 0; i < emu->organization.count; i++) {
		const struct hsm_emu_provider *provider = &emu->organization.providers[i];
		struct hsm_emu_template *template =
			hsm_emu_provider_is_whatsapp(provider) && hsm_emu_provider_is_active(provider) ?
				hsm_emu_account_find(hsm_emu_account_get(emu, provider->id), name, language) :
				NULL;
		if (template && (!found || strcmp(template->status, "APPROVED") == 0))
			found = template;
	}
	return found;
}

/*
 * Walks the placeholders of a template in the order of the array: header, body,
 * buttons. The type of parameter number `wanted`, "" where its text has no
 * parameters, NULL past the end; *count is how many there are.
 */
static const char *find_parameter_type(const cJSON *components, int wanted, int *count)
{
	static const char *const order[] = { "HEADER", "BODY", "BUTTONS" };
	const char *type = NULL;
	const cJSON *component, *button;
	*count = 0;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		cJSON_ArrayForEach(component, components) {
			const char *name = hsm_emu_json_string(component, "type");
			if (!name || strcmp(name, order[i]) != 0)
				continue;
			const cJSON *buttons = hsm_emu_json_get(component, "buttons");
			bool is_buttons = i == 2;
			for (button = is_buttons ? (buttons ? buttons->child : NULL) : component; button;
			     button = is_buttons ? button->next : NULL) {
				const cJSON *holder = is_buttons ? hsm_emu_json_get(button, "url") : button;
				const char *text = hsm_emu_json_string(holder, is_buttons ? "url" : "text");
				int here = text ? hsm_emu_placeholders_count(text) : 0;
				const cJSON *parameters = hsm_emu_json_get(holder, "parameters");
				if (here > 0 && wanted >= *count && wanted < *count + here) {
					type = hsm_emu_json_string(cJSON_GetArrayItem(parameters, wanted - *count), "type");
					type = type ? type : "";
				}
				*count += here > 0 ? here : 0;
			}
		}
	return type;
}

static bool check_value(struct hsm_emu_request *request, const cJSON *value, const char *type, const char *field)
{
	int64_t time;
	if (!cJSON_IsString(value))
		return fail(request, "invalid.parameter", field, "A parameter is a string");
	if (hsm_text_count_characters(value->valuestring) > PARAMETER_MAXIMUM)
		return fail(request, "invalid.parameter", field, "A parameter has at most 1024 characters");
	if (type && strcmp(type, "DATE") == 0 && !hsm_emu_date_is_valid(value->valuestring))
		return fail(request, "invalid.parameter", field, "A DATE parameter is YYYY-MM-DD");
	if (type && strcmp(type, "DATE_TIME") == 0 && !hsm_emu_time_parse(value->valuestring, &time))
		return fail(request, "invalid.parameter", field, "A DATE_TIME parameter is a time of RFC 3339");
	return true;
}

static bool check_parameters(struct hsm_emu_request *request, const struct hsm_emu_template *template, const cJSON *values,
			     const char *path)
{
	cJSON *components = cJSON_Parse(template->components);
	const cJSON *value;
	char field[128], message[256];
	int count, number = 0;
	snprintf(field, sizeof(field), "%s.parameters", path);
	find_parameter_type(components, 0, &count);
	bool good = cJSON_IsArray(values) && cJSON_GetArraySize(values) == count;
	if (!good) {
		snprintf(message, sizeof(message), "The template wants %d parameters, the message has %d", count,
			 cJSON_IsArray(values) ? cJSON_GetArraySize(values) : 0);
		fail(request, "invalid.parameter.count", field, message);
	}
	cJSON_ArrayForEach(value, values) {
		if (!good)
			break;
		snprintf(field, sizeof(field), "%s.parameters[%d]", path, number);
		good = check_value(request, value, find_parameter_type(components, number, &count), field);
		number++;
	}
	cJSON_Delete(components);
	return good;
}

static bool check_template_message(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *message, const char *path)
{
	const char *name = hsm_emu_json_string(message, "templateName"), *language = hsm_emu_json_string(message, "language");
	const struct hsm_emu_template *template = name && language ? find_template(emu, name, language) : NULL;
	char field[96];
	snprintf(field, sizeof(field), "%s.%s", path, name ? "language" : "templateName");
	if (!template)
		return fail(request, "messaging.template.not.found", field, "There is no such template in this language");
	if (strcmp(template->status, "APPROVED") != 0)
		return fail(request, "messaging.template.not.approved", field, "The template is not APPROVED");
	return check_parameters(request, template, hsm_emu_json_get(message, "parameters"), path);
}

static bool check_text_message(struct hsm_emu_request *request, const cJSON *message, const char *path, bool window_open)
{
	const char *text = hsm_emu_json_string(message, "text");
	char field[96];
	snprintf(field, sizeof(field), "%s.text", path);
	if (!text || !*text || hsm_text_count_characters(text) > TEXT_MAXIMUM)
		return fail(request, "bad.request", field, "A text has 1 to 4096 characters");
	if (window_open)
		return true;
	hsm_emu_fail(request, 400, "session.closed",
		 "The user did not write in the last 24 hours: only a template may be sent");
	return false;
}

bool hsm_emu_sending_check(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *conversation, bool window_open)
{
	const cJSON *messages = hsm_emu_json_get(conversation, "messages"), *message;
	int number = 0, size = cJSON_GetArraySize(messages);
	if (!cJSON_IsArray(messages) || size < 1 || size > MESSAGES_MAXIMUM)
		return fail(request, "bad.request", "messages", "There are 1 to 100 messages");
	cJSON_ArrayForEach(message, messages) {
		const char *type = hsm_emu_json_string(message, "type");
		char path[64];
		bool good;
		snprintf(path, sizeof(path), "messages[%d]", number++);
		if (type && strcmp(type, "whatsapp_template") == 0)
			good = check_template_message(emu, request, message, path);
		else if (type && strcmp(type, "text") == 0)
			good = check_text_message(request, message, path, window_open);
		else
			good = fail(request, "bad.request", path, "A message's type is whatsapp_template or text");
		if (!good)
			return false;
	}
	return true;
}
