/* The parameters of a message, beside what its template has. */
#include "cmd/emulator/graph_parameters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "cmd/emulator/sending.h"
#include "schema/base/text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool is_word(const cJSON *object, const char *key, const char *word)
{
	const char *text = hsm_emu_json_string(object, key);
	return text && strcasecmp(text, word) == 0;
}

/* A header's or body's part of a message; index: of a button, or -1. */
static const cJSON *find_part(const cJSON *components, const char *type, int index)
{
	const cJSON *component;
	cJSON_ArrayForEach(component, components) {
		const cJSON *at = hsm_emu_json_get(component, "index"); /* 0 or "0": both are in Meta's examples */
		double number = cJSON_IsString(at) ? strtod(at->valuestring, NULL) : hsm_emu_json_number(component, "index", -1);
		if (is_word(component, "type", type) && (index < 0 || number == index))
			return component;
	}
	return NULL;
}

/* What stands in the text for a parameter. */
static const cJSON *find_text(const cJSON *parameter)
{
	static const char *const kinds[] = { "currency", "date_time" };
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (is_word(parameter, "type", kinds[i]))
			return hsm_emu_json_get(hsm_emu_json_get(parameter, kinds[i]), "fallback_value");
	if (is_word(parameter, "type", "coupon_code"))
		return hsm_emu_json_get(parameter, "coupon_code");
	return is_word(parameter, "type", "text") ? hsm_emu_json_get(parameter, "text") : NULL;
}

/* The parameter of a variable, {{1}} or {{name}}; NULL: none. */
static const cJSON *find_parameter(const cJSON *parameters, const char *variable, size_t length)
{
	const cJSON *parameter;
	if (*variable >= '1' && *variable <= '9')
		return length < 5 ? cJSON_GetArrayItem(parameters, atoi(variable) - 1) : NULL;
	cJSON_ArrayForEach(parameter, parameters) {
		const char *name = hsm_emu_json_string(parameter, "parameter_name");
		if (name && strlen(name) == length && strncmp(name, variable, length) == 0)
			return parameter;
	}
	return NULL;
}

/* Whether a text was met up to here already. */
static bool is_repeated(const char *text, const char *variable, size_t length)
{
	for (const char *at = text; at < variable; at++)
		if (strncmp(at, variable, length) == 0)
			return true;
	return false;
}

/* where: header, body, or what else it is about. maximum: characters once the values stand in it; 0: any. */
static bool check_text(struct hsm_emu_request *request, const char *text, const cJSON *part, size_t maximum, const char *where)
{
	const cJSON *parameters = hsm_emu_json_get(part, "parameters");
	size_t characters = hsm_text_count_characters(text);
	int wanted = 0, size = cJSON_GetArraySize(parameters);
	bool missing = false;
	for (const char *at = text; (at = strstr(at, "{{")) != NULL;) {
		size_t length = strcspn(at + 2, "}");
		const cJSON *parameter = find_parameter(parameters, at + 2, length), *value = find_text(parameter);
		wanted += !is_repeated(text, at, length + 4);
		missing = missing || !parameter;
		if (parameter && !hsm_emu_sending_check_value(request, value, NULL, where))
			return false;
		characters += parameter ? hsm_text_count_characters(value->valuestring) - length - 4 : 0;
		at += length + 2;
	}
	if (wanted != size || missing) {
		hsm_emu_fail(request, 400, "132000",
			     "%s: number of localizable_params (%d) does not match the expected number of params (%d)", where, size,
			     wanted);
		return false;
	}
	if (!maximum || characters <= maximum)
		return true;
	hsm_emu_fail(request, 400, "132005", "%s: the text is too long once the parameters stand in it", where);
	return false;
}

/* A part whose one parameter is of a kind: an image, a coupon code. */
static bool check_kind(struct hsm_emu_request *request, const cJSON *part, const char *kind, const char *where)
{
	const cJSON *parameter = cJSON_GetArrayItem(hsm_emu_json_get(part, "parameters"), 0);
	if (!parameter) {
		hsm_emu_fail(request, 400, "132012", "%s: Format mismatch, expected %s, received UNKNOWN", where, kind);
		return false;
	}
	if (is_word(parameter, "type", kind) && hsm_emu_json_get(parameter, kind))
		return true;
	hsm_emu_fail(request, 400, "132012", "%s: Format mismatch, expected %s", where, kind);
	return false;
}

static bool check_header(struct hsm_emu_request *request, const cJSON *header, const cJSON *part)
{
	static const char *const kinds[][2] = {
		{ "IMAGE", "image" }, { "VIDEO", "video" }, { "GIF", "video" }, { "DOCUMENT", "document" },
		{ "LOCATION", "location" }, { "PRODUCT", "product" },
	};
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (is_word(header, "format", kinds[i][0]))
			return check_kind(request, part, kinds[i][1], "header");
	const char *text = hsm_emu_json_string(header, "text");
	return !text || check_text(request, text, part, EMU_HEADER_MAXIMUM, "header");
}

static bool check_button(struct hsm_emu_request *request, const cJSON *button, const cJSON *part, int index)
{
	const char *url = hsm_emu_json_string(button, "url");
	char where[32];
	snprintf(where, sizeof(where), "buttons[%d]", index);
	if (is_word(button, "type", "COPY_CODE"))
		return check_kind(request, part, "coupon_code", where);
	if (is_word(button, "type", "OTP")) /* is sent as a url button with the code */
		return check_kind(request, part, "text", where);
	if (is_word(button, "type", "URL") && url)
		return check_text(request, url, part, 0, where);
	return true;
}

static bool check_buttons(struct hsm_emu_request *request, const cJSON *component, const cJSON *parts)
{
	const cJSON *button;
	int index = 0;
	cJSON_ArrayForEach(button, hsm_emu_json_get(component, "buttons")) {
		if (!check_button(request, button, find_part(parts, "button", index), index))
			return false;
		index++;
	}
	return true;
}

static bool check_parts(struct hsm_emu_request *request, const cJSON *components, const cJSON *parts);

static bool check_cards(struct hsm_emu_request *request, const cJSON *carousel, const cJSON *part)
{
	const cJSON *cards = hsm_emu_json_get(carousel, "cards"), *sent = hsm_emu_json_get(part, "cards");
	int size = cJSON_GetArraySize(cards);
	if (cJSON_GetArraySize(sent) != size) {
		hsm_emu_fail(request, 400, "132000", "carousel: the template has %d cards", size);
		return false;
	}
	for (int i = 0; i < size; i++)
		if (!check_parts(request, hsm_emu_json_get(cJSON_GetArrayItem(cards, i), "components"),
				 hsm_emu_json_get(cJSON_GetArrayItem(sent, i), "components")))
			return false;
	return true;
}

static bool check_parts(struct hsm_emu_request *request, const cJSON *components, const cJSON *parts)
{
	const cJSON *component;
	cJSON_ArrayForEach(component, components) {
		const char *text = hsm_emu_json_string(component, "text");
		bool good = true;
		if (is_word(component, "type", "HEADER"))
			good = check_header(request, component, find_part(parts, "header", -1));
		else if (is_word(component, "type", "BODY") && text)
			good = check_text(request, text, find_part(parts, "body", -1), EMU_BODY_TEXT_MAXIMUM, "body");
		else if (is_word(component, "type", "BUTTONS"))
			good = check_buttons(request, component, parts);
		else if (is_word(component, "type", "CAROUSEL"))
			good = check_cards(request, component, find_part(parts, "carousel", -1));
		if (!good)
			return false;
	}
	return true;
}

bool hsm_emu_graph_parameters_check(struct hsm_emu_request *request, const struct hsm_emu_template *template,
				    const cJSON *components)
{
	cJSON *wanted = cJSON_Parse(template->components);
	bool good = check_parts(request, wanted, components);
	cJSON_Delete(wanted);
	return good;
}

cJSON *hsm_emu_graph_parameters_flatten(const cJSON *components)
{
	cJSON *texts = cJSON_CreateArray();
	const cJSON *component, *parameter;
	cJSON_ArrayForEach(component, components)
		cJSON_ArrayForEach(parameter, hsm_emu_json_get(component, "parameters")) {
			const cJSON *text = find_text(parameter);
			if (text)
				cJSON_AddItemToArray(texts, cJSON_Duplicate(text, 1));
		}
	return texts;
}
