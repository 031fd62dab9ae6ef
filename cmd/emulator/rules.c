#include "cmd/emulator/rules.h"

#include <stdio.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "schema/base/text.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define COMPONENTS_MAXIMUM 10

enum type { HEADER, BODY, FOOTER, BUTTONS, TYPES };

static const char *const type_names[TYPES] = { "HEADER", "BODY", "FOOTER", "BUTTONS" };

bool hsm_emu_name_is_valid(const char *name)
{
	size_t length = strlen(name);
	return length >= 1 && length <= 512 && strspn(name, LOWER "0123456789_") == length;
}

bool hsm_emu_language_is_valid(const char *language)
{
	size_t letters = strspn(language, LOWER);
	if (letters < 2 || letters > 3)
		return false;
	const char *rest = language + letters;
	return !*rest || (*rest == '_' && strspn(rest + 1, UPPER) == 2 && !rest[3]);
}

static bool is_authentication(const char *category)
{
	return category && strcmp(category, "AUTHENTICATION") == 0;
}

/* Says what is wrong with the placeholders of a text; the count is its answer. */
static int check_placeholders(const char *text, const char *path, struct hsm_emu_findings *findings)
{
	int count = hsm_emu_placeholders_count(text);
	if (count < 0)
		hsm_emu_finding_add(findings, path, "text", "invalid.placeholder",
				"variables are {{1}}, {{2}}, ... without a gap, and no brace is left over");
	if (strstr(text, "}}{{"))
		hsm_emu_finding_add(findings, path, "text", "adjacent.placeholders", "two variables stand next to each other");
	return count;
}

/* Meta's CAT: no URLs, media, emoji. */
static void check_authentication_text(const char *text, const char *path, struct hsm_emu_findings *findings)
{
	if (strstr(text, "http://") || strstr(text, "https://"))
		hsm_emu_finding_add(findings, path, "text", "not.allowed", "an AUTHENTICATION template has no URL");
	if (hsm_emu_text_count_emoji(text))
		hsm_emu_finding_add(findings, path, "text", "not.allowed", "an AUTHENTICATION template has no emoji");
}

static void check_media_header(const cJSON *header, const char *format, const char *path, const char *category,
			       struct hsm_emu_findings *findings)
{
	bool is_location = strcmp(format, "LOCATION") == 0;
	if (is_authentication(category))
		hsm_emu_finding_add(findings, path, "format", "not.allowed", "an AUTHENTICATION template's header is TEXT");
	if (!is_location)
		hsm_emu_rules_text(header, "media", 4096, path, findings);
	if (hsm_emu_json_string(header, "text"))
		hsm_emu_finding_add(findings, path, "text", "not.allowed", "a %s header has no text", format);
	if (cJSON_GetArraySize(hsm_emu_json_get(header, "parameters")))
		hsm_emu_finding_add(findings, path, "parameters", "not.allowed", "a %s header has no parameters", format);
}

static void check_header(const cJSON *header, const char *path, const char *category, struct hsm_emu_findings *findings)
{
	static const char *const formats[] = { "IMAGE", "VIDEO", "DOCUMENT", "LOCATION" };
	const char *format = hsm_emu_json_string(header, "format");
	for (size_t i = 0; format && i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(format, formats[i]) == 0) {
			check_media_header(header, format, path, category, findings);
			return;
		}
	if (!format || strcmp(format, "TEXT") != 0) {
		hsm_emu_finding_add(findings, path, "format", "invalid.value",
				"a header's format is TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION");
		return;
	}
	const char *text = hsm_emu_rules_text(header, "text", 60, path, findings);
	if (!text)
		return;
	if (check_placeholders(text, path, findings) > 1)
		hsm_emu_finding_add(findings, path, "text", "invalid.count", "a header has at most one variable");
	if (hsm_emu_text_has_markdown(text))
		hsm_emu_finding_add(findings, path, "text", "not.allowed", "a header has no markdown");
	if (is_authentication(category))
		check_authentication_text(text, path, findings);
	hsm_emu_rules_check_parameters(header, text, path, category, findings);
}

bool hsm_emu_text_has_three_newlines(const char *text)
{
	int newlines = 0;
	for (; *text; text++) {
		if (*text == '\n' && ++newlines > 2)
			return true;
		if (*text != '\n' && *text != '\r')
			newlines = 0;
	}
	return false;
}

bool hsm_emu_text_has_bare_edge(const char *text)
{
	const char *end = text + strlen(text);
	while (end > text && strchr(" \t\r\n", end[-1]))
		end--;
	return strncmp(text + strspn(text, " \t\r\n"), "{{", 2) == 0 || (end - text >= 2 && strncmp(end - 2, "}}", 2) == 0);
}

static void check_body(const cJSON *body, const char *path, const char *category, struct hsm_emu_findings *findings)
{
	const char *text = hsm_emu_rules_text(body, "text", 1024, path, findings);
	if (!text)
		return;
	if (check_placeholders(text, path, findings) > 0 && hsm_emu_text_has_bare_edge(text))
		hsm_emu_finding_add(findings, path, "text", "invalid.placeholder", "a body can't start or end with a variable");
	if (hsm_emu_text_has_three_newlines(text))
		hsm_emu_finding_add(findings, path, "text", "invalid.value",
				"a body can't have more than two consecutive newline characters");
	if (hsm_emu_text_count_emoji(text) > EMU_BODY_EMOJI_MAXIMUM)
		hsm_emu_finding_add(findings, path, "text", "invalid.count", "a body can't have more than %d emojis",
				EMU_BODY_EMOJI_MAXIMUM);
	if (is_authentication(category))
		check_authentication_text(text, path, findings);
	hsm_emu_rules_check_parameters(body, text, path, category, findings);
}

static void check_footer(const cJSON *footer, const char *path, const char *category, struct hsm_emu_findings *findings)
{
	const char *text = hsm_emu_rules_text(footer, "text", 60, path, findings);
	if (text && strstr(text, "{{"))
		hsm_emu_finding_add(findings, path, "text", "not.allowed", "a footer has no variables");
	if (text && is_authentication(category))
		check_authentication_text(text, path, findings);
	if (cJSON_GetArraySize(hsm_emu_json_get(footer, "parameters")))
		hsm_emu_finding_add(findings, path, "parameters", "not.allowed", "a footer has no parameters");
}

static void check_components(const cJSON *components, const char *category, struct hsm_emu_findings *findings)
{
	static void (*const checks[TYPES])(const cJSON *, const char *, const char *, struct hsm_emu_findings *) = {
		check_header, check_body, check_footer, hsm_emu_rules_check_buttons
	};
	int counts[TYPES + 1] = { 0 }, number = 0;
	const cJSON *component;
	cJSON_ArrayForEach(component, components) {
		char path[64];
		const char *name = hsm_emu_json_string(component, "type");
		int type = 0;
		snprintf(path, sizeof(path), "components[%d].", number++);
		while (type < TYPES && (!name || strcmp(type_names[type], name) != 0))
			type++;
		if (type == TYPES)
			hsm_emu_finding_add(findings, path, "type", "invalid.value",
					"a component's type is HEADER, BODY, FOOTER or BUTTONS");
		else if (counts[type]++)
			hsm_emu_finding_add(findings, path, "type", "duplicate.value", "there is more than one %s", name);
		else
			checks[type](component, path, category, findings);
	}
	if (!counts[BODY])
		hsm_emu_finding_add(findings, "", "components", "missing.value", "a template has exactly one BODY");
}

void hsm_emu_rules_check(const cJSON *create, struct hsm_emu_findings *findings)
{
	const char *name = hsm_emu_json_string(create, "name"), *language = hsm_emu_json_string(create, "language");
	const char *category = hsm_emu_json_string(create, "category");
	const cJSON *components = hsm_emu_json_get(create, "components");
	if (!name || !hsm_emu_name_is_valid(name))
		hsm_emu_finding_add(findings, "", "name", "invalid.value",
				"a name has 1 to 512 lower-case letters, digits and underscores");
	if (!language || !hsm_emu_language_is_valid(language))
		hsm_emu_finding_add(findings, "", "language", "invalid.value", "a language is written like en or en_US");
	if (!category || (strcmp(category, "UTILITY") != 0 && strcmp(category, "MARKETING") != 0 &&
			  strcmp(category, "AUTHENTICATION") != 0))
		hsm_emu_finding_add(findings, "", "category", "invalid.value",
				"a category is UTILITY, MARKETING or AUTHENTICATION");
	if (!cJSON_IsArray(components) || !cJSON_GetArraySize(components) ||
	    cJSON_GetArraySize(components) > COMPONENTS_MAXIMUM)
		hsm_emu_finding_add(findings, "", "components", "invalid.value", "components are an array of at least one component");
	else
		check_components(components, category, findings);
}
