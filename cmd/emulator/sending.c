#include "cmd/emulator/sending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "cmd/emulator/rules.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define PARAMETER_MAXIMUM 1024
#define TEXT_MAXIMUM 4096
#define MESSAGES_MAXIMUM 100

/* detail: Meta's code, where it has one. */
static bool fail(struct hsm_emu_request *request, const char *code, const char *detail, const char *field,
		 const char *message)
{
	hsm_emu_fail_detail(hsm_emu_fail(request, 400, code, "%s", message), detail, field);
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

/* A text of a template that has placeholders. */
struct text {
	const char *text;
	const cJSON *parameters;
	int first, count; /* its values in the message's array */
	size_t maximum;   /* characters, once they stand in it; 0: any */
};

struct texts {
	struct text *texts;
	size_t count, capacity;
	int parameters; /* in all */
};

static void add_text(struct texts *texts, const cJSON *holder, const char *key, size_t maximum)
{
	const char *text = hsm_emu_json_string(holder, key);
	int count = text ? hsm_emu_placeholders_count(text) : 0;
	if (count <= 0)
		return;
	HSM_MEMORY_GROW(texts->texts, texts->count, texts->capacity);
	texts->texts[texts->count++] =
		(struct text){ text, hsm_emu_json_get(holder, "parameters"), texts->parameters, count, maximum };
	texts->parameters += count;
}

/* In the order of the array: header, body, buttons. */
static void find_texts(const cJSON *components, struct texts *texts)
{
	static const struct {
		const char *type;
		size_t maximum;
	} order[] = { { "HEADER", EMU_HEADER_MAXIMUM }, { "BODY", EMU_BODY_TEXT_MAXIMUM }, { "BUTTONS", 0 } };
	const cJSON *component, *button;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		cJSON_ArrayForEach(component, components) {
			const char *type = hsm_emu_json_string(component, "type");
			if (!type || strcmp(type, order[i].type) != 0)
				continue;
			if (order[i].maximum)
				add_text(texts, component, "text", order[i].maximum);
			else
				cJSON_ArrayForEach(button, hsm_emu_json_get(component, "buttons"))
					add_text(texts, hsm_emu_json_get(button, "url"), "url", 0);
		}
}

bool hsm_emu_sending_check_value(struct hsm_emu_request *request, const cJSON *value, const char *type,
				 const char *field)
{
	static const char *const code = "invalid.parameter";
	int64_t time;
	if (!cJSON_IsString(value))
		return fail(request, code, "invalid.value", field, "A parameter is a string");
	if (hsm_text_count_characters(value->valuestring) > PARAMETER_MAXIMUM)
		return fail(request, code, "132005", field, "A parameter has at most 1024 characters");
	if (strpbrk(value->valuestring, "\n\r\t") || strstr(value->valuestring, "     "))
		return fail(request, code, "132018", field,
			    "A parameter has no newline, no tab and no more than four blanks in a row");
	if (type && strcmp(type, "DATE") == 0 && !hsm_emu_date_is_valid(value->valuestring))
		return fail(request, code, "132012", field, "A DATE parameter is YYYY-MM-DD");
	if (type && strcmp(type, "DATE_TIME") == 0 && !hsm_emu_time_parse(value->valuestring, &time))
		return fail(request, code, "132012", field, "A DATE_TIME parameter is a time of RFC 3339");
	return true;
}

/* Characters of a text once the values stand in it. */
static size_t count_filled(const struct text *text, const cJSON *values)
{
	size_t count = hsm_text_count_characters(text->text);
	for (const char *at = text->text; (at = strstr(at, "{{")) != NULL;) {
		char *end;
		int number = (int)strtol(at + 2, &end, 10);
		const cJSON *value = cJSON_GetArrayItem(values, text->first + number - 1);
		count += hsm_text_count_characters(value->valuestring);
		count -= (size_t)(end + 2 - at);
		at = end;
	}
	return count;
}

static bool check_texts(struct hsm_emu_request *request, const struct texts *texts, const cJSON *values,
			const char *path)
{
	char field[128], message[256];
	int size = cJSON_IsArray(values) ? cJSON_GetArraySize(values) : 0;
	snprintf(field, sizeof(field), "%s.parameters", path);
	if (!cJSON_IsArray(values) || size != texts->parameters) {
		snprintf(message, sizeof(message), "The template wants %d parameters, the message has %d",
			 texts->parameters, size);
		return fail(request, "invalid.parameter.count", "132000", field, message);
	}
	for (size_t i = 0; i < texts->count; i++) {
		const struct text *text = &texts->texts[i];
		for (int j = 0; j < text->count; j++) {
			const char *type = hsm_emu_json_string(cJSON_GetArrayItem(text->parameters, j), "type");
			snprintf(field, sizeof(field), "%s.parameters[%d]", path, text->first + j);
			if (!hsm_emu_sending_check_value(request, cJSON_GetArrayItem(values, text->first + j), type, field))
				return false;
		}
		snprintf(field, sizeof(field), "%s.parameters", path);
		if (text->maximum && count_filled(text, values) > text->maximum)
			return fail(request, "invalid.parameter", "132005", field,
				    "A text is too long once the parameters stand in it");
	}
	return true;
}

static bool check_parameters(struct hsm_emu_request *request, const struct hsm_emu_template *template,
			     const cJSON *values, const char *path)
{
	cJSON *components = cJSON_Parse(template->components);
	struct texts texts = { 0 };
	find_texts(components, &texts);
	bool good = check_texts(request, &texts, values, path);
	free(texts.texts);
	cJSON_Delete(components);
	return good;
}

/* What becomes of a message of a template that is there. */
static bool decide(struct hsm_emu *emu, struct hsm_emu_request *request, const struct hsm_emu_template *template,
		   const char *field, cJSON *fates)
{
	bool approved = strcmp(template->status, "APPROVED") == 0;
	const struct hsm_emu_outcome *outcome =
		hsm_emu_outcomes_pick(emu, template->name->name, template->language, approved);
	if (!outcome && !approved)
		return fail(request, "messaging.template.not.approved", "invalid.value", field,
			    "The template is not APPROVED");
	if (!hsm_emu_outcome_accepts(request, outcome, field))
		return false;
	cJSON_AddItemToArray(fates, cJSON_CreateNumber((double)hsm_emu_outcome_fate(outcome)));
	return true;
}

static bool check_template_message(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *message,
				   const char *path, cJSON *fates)
{
	const char *name = hsm_emu_json_string(message, "templateName"), *language = hsm_emu_json_string(message, "language");
	const struct hsm_emu_template *template = name && language ? find_template(emu, name, language) : NULL;
	char field[96];
	snprintf(field, sizeof(field), "%s.%s", path, name ? "language" : "templateName");
	if (!template)
		return fail(request, "messaging.template.not.found", "132001", field,
			    "There is no such template in this language");
	return check_parameters(request, template, hsm_emu_json_get(message, "parameters"), path) &&
	       decide(emu, request, template, field, fates);
}

static bool check_text_message(struct hsm_emu_request *request, const cJSON *message, const char *path,
			       bool window_open, cJSON *fates)
{
	const char *text = hsm_emu_json_string(message, "text");
	char field[96];
	snprintf(field, sizeof(field), "%s.text", path);
	if (!text || !*text || hsm_text_count_characters(text) > TEXT_MAXIMUM)
		return fail(request, "bad.request", "invalid.value", field, "A text has 1 to 4096 characters");
	if (!window_open) {
		hsm_emu_fail(request, 400, "session.closed",
			     "The user did not write in the last 24 hours: only a template may be sent");
		return false;
	}
	cJSON_AddItemToArray(fates, cJSON_CreateNumber(EMU_FATE_DELIVERED));
	return true;
}

bool hsm_emu_sending_check(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *conversation,
			   bool window_open, cJSON *fates)
{
	const cJSON *messages = hsm_emu_json_get(conversation, "messages"), *message;
	int number = 0, size = cJSON_GetArraySize(messages);
	if (!cJSON_IsArray(messages) || size < 1 || size > MESSAGES_MAXIMUM)
		return fail(request, "bad.request", "invalid.value", "messages", "There are 1 to 100 messages");
	cJSON_ArrayForEach(message, messages) {
		const char *type = hsm_emu_json_string(message, "type");
		char path[64];
		bool good;
		snprintf(path, sizeof(path), "messages[%d]", number++);
		if (type && strcmp(type, "whatsapp_template") == 0)
			good = check_template_message(emu, request, message, path, fates);
		else if (type && strcmp(type, "text") == 0)
			good = check_text_message(request, message, path, window_open, fates);
		else
			good = fail(request, "bad.request", "invalid.value", path,
				    "A message's type is whatsapp_template or text");
		if (!good)
			return false;
	}
	return true;
}
