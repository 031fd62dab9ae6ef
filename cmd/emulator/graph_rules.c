/* What Meta refuses in a template: the whole, its header, body and footer. */
#include "cmd/emulator/graph_rules.h"

#include <stdio.h>
#include <string.h>

#include "cmd/emulator/graph_uploads.h"
#include "cmd/emulator/json.h"
#include "schema/base/text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CHARACTERS_HEADER 60
#define CHARACTERS_BODY 1024
#define CHARACTERS_OFFER_BODY 600
#define CHARACTERS_CARD_BODY 160
#define CHARACTERS_FOOTER 60

bool hsm_emu_graph_is_authentication(const struct hsm_emu_graph_check *check)
{
	return !check->old && check->category && strcmp(check->category, "AUTHENTICATION") == 0;
}

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; text && i < count; i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return false;
}

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

/* The length of {{name}} at text, or 0. */
static size_t name_length(const char *text)
{
	size_t length = strspn(text + 2, NAME_CHARACTERS);
	bool is_name = length && text[2] >= 'a' && text[2] <= 'z' && strncmp(text + 2 + length, "}}", 2) == 0;
	return is_name ? length : 0;
}

/* Different {{names}}; -1 where a brace is left over or one is no name. */
static int count_names(const char *text)
{
	int count = 0;
	for (const char *at = text; *at;) {
		if (strncmp(at, "}}", 2) == 0)
			return -1;
		if (strncmp(at, "{{", 2) != 0) {
			at++;
			continue;
		}
		size_t length = name_length(at);
		if (!length)
			return -1;
		bool seen = false;
		for (const char *before = text; before < at && !seen; before++)
			seen = strncmp(before, at, length + 4) == 0;
		count += !seen;
		at += length + 4;
	}
	return count;
}

int hsm_emu_graph_variables_check(struct hsm_emu_graph_check *check, const char *text, const char *path, const char *code)
{
	int count = check->named ? count_names(text) : hsm_emu_placeholders_count(text);
	if (strstr(text, "}}{{"))
		check->rejected = true;
	if (count >= 0)
		return count;
	/* Names without parameter_format: the template is created, and rejected later. */
	if (!check->named && count_names(text) > 0)
		check->rejected = true;
	else
		hsm_emu_finding_add(&check->findings, path, "text", code,
				    "variables are {{1}}, {{2}}, ... without a gap, or {{names}} of lower-case letters");
	return -1;
}

/* Positional samples: ["a","b"], and for a body [["a","b"]] too. */
static bool samples_are_good(const cJSON *samples, int count)
{
	const cJSON *sample;
	if (cJSON_IsArray(samples) && cJSON_IsArray(samples->child))
		samples = samples->child;
	cJSON_ArrayForEach(sample, samples)
		if (!cJSON_IsString(sample) || !*sample->valuestring)
			return false;
	return cJSON_IsArray(samples) && cJSON_GetArraySize(samples) == count;
}

/* Named samples: one of each name. */
static bool named_samples_are_good(const cJSON *samples, const char *text, int count)
{
	const cJSON *sample;
	cJSON_ArrayForEach(sample, samples) {
		const char *name = hsm_emu_json_string(sample, "param_name"), *example = hsm_emu_json_string(sample, "example");
		char variable[128];
		snprintf(variable, sizeof(variable), "{{%s}}", name ? name : "");
		if (!name || !example || !*example || !strstr(text, variable))
			return false;
	}
	return cJSON_IsArray(samples) && cJSON_GetArraySize(samples) == count;
}

/* kind: header or body */
static void check_samples(struct hsm_emu_graph_check *check, const cJSON *component, const char *kind, const char *text,
			  int count, const char *path)
{
	char key[48], at[128];
	snprintf(key, sizeof(key), check->named ? "%s_text_named_params" : "%s_text", kind);
	snprintf(at, sizeof(at), "%sexample.", path);
	const cJSON *samples = hsm_emu_json_get(hsm_emu_json_get(component, "example"), key);
	bool good = check->named ? named_samples_are_good(samples, text, count) : samples_are_good(samples, count);
	if (count > 0 && !good)
		hsm_emu_finding_add(&check->findings, at, key, "graph.example", "the text has %d variables: it needs a sample of each",
				    count);
}

static void check_media(struct hsm_emu_graph_check *check, const cJSON *header, const char *format, const char *path)
{
	const cJSON *handles = hsm_emu_json_get(hsm_emu_json_get(header, "example"), "header_handle");
	const char *handle = cJSON_IsArray(handles) ? cJSON_GetStringValue(handles->child) : cJSON_GetStringValue(handles);
	if (!handle || !*handle) {
		hsm_emu_finding_add(&check->findings, path, "example.header_handle", "graph.example",
				    "a header of this format needs the handle of an upload");
		return;
	}
	const char *wrong = hsm_emu_graph_handle_check(check->emu, handle, format);
	if (wrong)
		hsm_emu_finding_add(&check->findings, path, "example.header_handle", "graph.header", "%s", wrong);
}

static void check_header_text(struct hsm_emu_graph_check *check, const cJSON *header, const char *path)
{
	const char *text = hsm_emu_rules_text(header, "text", CHARACTERS_HEADER, path, &check->findings);
	if (!text)
		return;
	int count = hsm_emu_graph_variables_check(check, text, path, "graph.header");
	if (count > 1 || strpbrk(text, "\n*") || hsm_emu_text_count_emoji(text) || hsm_emu_text_has_markdown(text))
		hsm_emu_finding_add(&check->findings, path, "text", "graph.header",
				    "a header has at most one variable, and no newline, formatting, emoji or asterisk");
	check_samples(check, header, "header", text, count, path);
}

void hsm_emu_graph_rules_check_header(struct hsm_emu_graph_check *check, const cJSON *header, const char *path, bool is_card)
{
	static const char *const media[] = { "IMAGE", "VIDEO", "DOCUMENT", "GIF" }, *const bare[] = { "LOCATION", "PRODUCT" };
	static const char *const of_cards[] = { "IMAGE", "VIDEO", "PRODUCT" };
	const char *format = hsm_emu_json_string(header, "format");
	bool moving = is_card || check->offer, has_media = is_one_of(format, media, COUNT(media));
	if (moving && !is_one_of(format, of_cards, is_card ? 3 : 2))
		hsm_emu_finding_add(&check->findings, path, "format", "graph.header", "this header's format is IMAGE or VIDEO");
	else if (has_media)
		check_media(check, header, format, path);
	else if (format && strcmp(format, "TEXT") == 0)
		check_header_text(check, header, path);
	else if (!is_one_of(format, bare, COUNT(bare)))
		hsm_emu_finding_add(&check->findings, path, "format", "graph.header",
				    "a header's format is TEXT, IMAGE, VIDEO, DOCUMENT, GIF, LOCATION or PRODUCT");
}

/* Words that are no variables: Meta wants more than two of them for each variable. */
static int count_words(const char *text)
{
	int count = 0;
	while (*(text += strspn(text, " \t\r\n"))) {
		size_t length = strcspn(text, " \t\r\n");
		bool is_word = false, is_variable = false;
		for (size_t i = 0; i < length; i++) {
			is_word = is_word || (unsigned char)text[i] >= 0x80 || strchr(NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ", text[i]);
			is_variable = is_variable || strncmp(text + i, "{{", 2) == 0;
		}
		count += is_word && !is_variable;
		text += length;
	}
	return count;
}

static void check_body_text(struct hsm_emu_graph_check *check, const cJSON *body, size_t maximum, const char *path)
{
	struct hsm_emu_findings *findings = &check->findings;
	const char *text = hsm_emu_rules_text(body, "text", maximum, path, findings);
	if (!text)
		return;
	int count = hsm_emu_graph_variables_check(check, text, path, "graph.body");
	if (hsm_emu_text_has_three_newlines(text) || hsm_emu_text_count_emoji(text) > EMU_BODY_EMOJI_MAXIMUM)
		hsm_emu_finding_add(findings, path, "text", "graph.body",
				    "a body can't have more than two consecutive newline characters, only have parameters, or have "
				    "more than 10 emojis");
	if (count > 0 && !check->old && hsm_emu_text_has_bare_edge(text))
		hsm_emu_finding_add(findings, path, "text", "graph.edge", "variables can't be at the start or end of the template");
	else if (count > 0 && count_words(text) < 2 * count + 1)
		hsm_emu_finding_add(findings, path, "text", "graph.ratio",
				    "this template contains too many variable parameters relative to the message length");
	check_samples(check, body, "body", text, count, path);
}

void hsm_emu_graph_rules_check_card_body(struct hsm_emu_graph_check *check, const cJSON *body, const char *path)
{
	check_body_text(check, body, CHARACTERS_CARD_BODY, path);
}

static void check_body(struct hsm_emu_graph_check *check, const cJSON *body, const char *path)
{
	if (!hsm_emu_graph_is_authentication(check))
		check_body_text(check, body, check->offer ? CHARACTERS_OFFER_BODY : CHARACTERS_BODY, path);
	else if (hsm_emu_json_get(body, "text"))
		hsm_emu_finding_add(&check->findings, path, "text", "graph.body",
				    "the body of an AUTHENTICATION template is Meta's own: add_security_recommendation only");
}

static void check_footer(struct hsm_emu_graph_check *check, const cJSON *footer, const char *path)
{
	const cJSON *minutes = hsm_emu_json_get(footer, "code_expiration_minutes");
	if (hsm_emu_graph_is_authentication(check)) {
		if (!cJSON_IsNumber(minutes) || minutes->valuedouble < 1 || minutes->valuedouble > 90)
			hsm_emu_finding_add(&check->findings, path, "code_expiration_minutes", "graph.footer",
					    "code_expiration_minutes is a number from 1 to 90");
		return;
	}
	const char *text = hsm_emu_rules_text(footer, "text", CHARACTERS_FOOTER, path, &check->findings);
	if (check->offer || (text && strstr(text, "{{")))
		hsm_emu_finding_add(&check->findings, path, "text", "graph.footer",
				    "a footer has no variables, and a limited-time offer has no footer");
}

static void check_offer(struct hsm_emu_graph_check *check, const cJSON *component, const char *path)
{
	char at[96];
	snprintf(at, sizeof(at), "%slimited_time_offer.", path);
	hsm_emu_rules_text(hsm_emu_json_get(component, "limited_time_offer"), "text", 16, at, &check->findings);
	if (!check->category || strcmp(check->category, "MARKETING") != 0)
		hsm_emu_finding_add(&check->findings, path, "type", "invalid.template", "a LIMITED_TIME_OFFER is MARKETING");
}

static const char *const types[] = { "HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER" };
enum { HEADER, BODY, FOOTER, BUTTONS, CAROUSEL, OFFER };

static void check_component(struct hsm_emu_graph_check *check, size_t type, const cJSON *component, const char *path)
{
	switch (type) {
	case HEADER:
		if (hsm_emu_graph_is_authentication(check))
			hsm_emu_finding_add(&check->findings, path, "type", "graph.header", "an AUTHENTICATION template has no header");
		hsm_emu_graph_rules_check_header(check, component, path, false);
		break;
	case BODY:
		check_body(check, component, path);
		break;
	case FOOTER:
		check_footer(check, component, path);
		break;
	case BUTTONS:
		hsm_emu_graph_rules_check_buttons(check, component, path, false);
		break;
	case CAROUSEL:
		hsm_emu_graph_rules_check_carousel(check, component, path);
		break;
	case OFFER:
		check_offer(check, component, path);
		break;
	default:
		hsm_emu_finding_add(&check->findings, path, "type", "invalid.template",
				    "a component's type is HEADER, BODY, FOOTER, BUTTONS, CAROUSEL or LIMITED_TIME_OFFER");
	}
}

static size_t find_type(const cJSON *component)
{
	const char *name = hsm_emu_json_string(component, "type");
	size_t type = 0;
	while (type < COUNT(types) && (!name || strcmp(types[type], name) != 0))
		type++;
	return type;
}

static void check_components(struct hsm_emu_graph_check *check, const cJSON *components)
{
	int counts[COUNT(types) + 1] = { 0 }, number = 0;
	const cJSON *component;
	cJSON_ArrayForEach(component, components)
		check->offer = check->offer || find_type(component) == OFFER;
	cJSON_ArrayForEach(component, components) {
		char path[64];
		size_t type = find_type(component);
		snprintf(path, sizeof(path), "components[%d].", number++);
		if (counts[type]++ && type < COUNT(types))
			hsm_emu_finding_add(&check->findings, path, "type", "invalid.template", "there is more than one %s", types[type]);
		else
			check_component(check, type, component, path);
	}
	if (!counts[BODY])
		hsm_emu_finding_add(&check->findings, "", "components", "invalid.template", "a template has exactly one BODY");
	if (hsm_emu_graph_is_authentication(check) && !counts[BUTTONS])
		hsm_emu_finding_add(&check->findings, "", "components", "graph.otp",
				    "an AUTHENTICATION template has exactly one OTP button");
}

static void check_lifetime(struct hsm_emu_graph_check *check, const cJSON *seconds)
{
	static const struct {
		const char *category;
		double minimum, maximum;
		bool endless; /* -1 is 30 days */
	} ranges[] = {
		{ "AUTHENTICATION", 30, 900, true },
		{ "UTILITY", 30, 43200, true },
		{ "MARKETING", 43200, 2592000, false },
	};
	double value = cJSON_IsNumber(seconds) ? seconds->valuedouble : 0;
	for (size_t i = 0; seconds && check->category && i < COUNT(ranges); i++) {
		bool good = (value >= ranges[i].minimum && value <= ranges[i].maximum) || (ranges[i].endless && value == -1);
		if (strcmp(check->category, ranges[i].category) == 0 && !good)
			hsm_emu_finding_add(&check->findings, "", "message_send_ttl_seconds", "invalid.template",
					    "message_send_ttl_seconds of %s is from %.0f to %.0f", check->category,
					    ranges[i].minimum, ranges[i].maximum);
	}
}

static void check_name(struct hsm_emu_graph_check *check, const char *name)
{
	static const char *const samples[] = {
		"hello_world", "sample_flight_confirmation", "sample_happy_hour_announcement", "sample_issue_resolution",
		"sample_movie_ticket_confirmation", "sample_purchase_feedback", "sample_shipping_confirmation",
	};
	if (!name || !hsm_emu_name_is_valid(name))
		hsm_emu_finding_add(&check->findings, "", "name", "graph.name",
				    "The message template name can only have lowercase letters and underscores.");
	else if (is_one_of(name, samples, COUNT(samples)))
		hsm_emu_finding_add(&check->findings, "", "name", "graph.sample.name", "%s is the name of a sample template", name);
}

static void check_enum(struct hsm_emu_graph_check *check, const cJSON *create, const char *key, const char *first,
		       const char *second, const char *third)
{
	const char *const words[] = { first, second, third };
	const cJSON *value = hsm_emu_json_get(create, key);
	if (value && !is_one_of(cJSON_GetStringValue(value), words, third ? 3 : 2))
		hsm_emu_finding_add(&check->findings, "", key, "invalid.template", "Param %s must be one of {%s, %s%s%s}", key, first,
				    second, third ? ", " : "", third ? third : "");
}

void hsm_emu_graph_rules_check(struct hsm_emu_graph_check *check, const cJSON *create)
{
	static const char *const categories[] = { "UTILITY", "MARKETING", "AUTHENTICATION" };
	const char *category = hsm_emu_json_string(create, "category"), *language = hsm_emu_json_string(create, "language");
	const char *format = hsm_emu_json_string(create, "parameter_format");
	const cJSON *components = hsm_emu_json_get(create, "components");
	check->category = is_one_of(category, categories, COUNT(categories)) ? category : NULL;
	check->named = format && strcmp(format, "NAMED") == 0;
	check_name(check, hsm_emu_json_string(create, "name"));
	if (!language || !hsm_emu_language_is_valid(language))
		hsm_emu_finding_add(&check->findings, "", "language", "invalid.template", "Param language is like en or en_US");
	if (!check->category)
		hsm_emu_finding_add(&check->findings, "", "category", "invalid.template",
				    "Param category must be one of {UTILITY, MARKETING, AUTHENTICATION}");
	check_enum(check, create, "parameter_format", "NAMED", "POSITIONAL", NULL);
	check_enum(check, create, "sub_category", "ORDER_DETAILS", "ORDER_STATUS", "RICH_ORDER_STATUS");
	check_lifetime(check, hsm_emu_json_get(create, "message_send_ttl_seconds"));
	if (cJSON_IsArray(components) && components->child)
		check_components(check, components);
	else if (components || !check->partial)
		hsm_emu_finding_add(&check->findings, "", "components", "invalid.template", "Param components must be an array");
}
