/* Rules about texts: placeholders, emoji, markdown, parameters. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "cmd/emulator/clock.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/rules.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define PLACEHOLDER_MAXIMUM 1024

/* Reads {{n}} at text: its number and past it; 0: it is none. */
static int read_placeholder(const char **text)
{
	const char *at = *text + 2;
	int number = 0;
	if (*at < '1' || *at > '9')
		return 0;
	for (; *at >= '0' && *at <= '9' && number <= PLACEHOLDER_MAXIMUM; at++)
		number = number * 10 + (*at - '0');
	if (strncmp(at, "}}", 2) != 0 || number > PLACEHOLDER_MAXIMUM)
		return 0;
	*text = at + 2;
	return number;
}

int hsm_emu_placeholders_count(const char *text)
{
	bool seen[PLACEHOLDER_MAXIMUM + 1] = { false };
	int highest = 0, count = 0;
	while (*text) {
		if (strncmp(text, "}}", 2) == 0)
			return -1;
		if (strncmp(text, "{{", 2) != 0) {
			text++;
			continue;
		}
		int number = read_placeholder(&text);
		if (!number)
			return -1;
		count += !seen[number];
		seen[number] = true;
		highest = number > highest ? number : highest;
	}
	return highest == count ? count : -1;
}

/* Emoji_Presentation below U+1F000 (Unicode 15). */
static bool is_small_emoji(utf8proc_int32_t c)
{
	static const struct {
		utf8proc_int32_t first, last;
	} ranges[] = {
		{ 0x231a, 0x231b }, { 0x23e9, 0x23ec }, { 0x23f0, 0x23f0 }, { 0x23f3, 0x23f3 }, { 0x25fd, 0x25fe },
		{ 0x2614, 0x2615 }, { 0x2648, 0x2653 }, { 0x267f, 0x267f }, { 0x2693, 0x2693 }, { 0x26a1, 0x26a1 },
		{ 0x26aa, 0x26ab }, { 0x26bd, 0x26be }, { 0x26c4, 0x26c5 }, { 0x26ce, 0x26ce }, { 0x26d4, 0x26d4 },
		{ 0x26ea, 0x26ea }, { 0x26f2, 0x26f3 }, { 0x26f5, 0x26f5 }, { 0x26fa, 0x26fa }, { 0x26fd, 0x26fd },
		{ 0x2705, 0x2705 }, { 0x270a, 0x270b }, { 0x2728, 0x2728 }, { 0x274c, 0x274c }, { 0x274e, 0x274e },
		{ 0x2753, 0x2755 }, { 0x2757, 0x2757 }, { 0x2795, 0x2797 }, { 0x27b0, 0x27b0 }, { 0x27bf, 0x27bf },
		{ 0x2b1b, 0x2b1c }, { 0x2b50, 0x2b50 }, { 0x2b55, 0x2b55 },
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* Whether c begins an emoji, given what follows it. */
static bool is_emoji(utf8proc_int32_t c, utf8proc_int32_t next)
{
	bool regional = c >= 0x1f1e6 && c <= 0x1f1ff;
	bool pictograph = utf8proc_get_property(c)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
	if (regional)
		return next >= 0x1f1e6 && next <= 0x1f1ff;
	if ((c >= '0' && c <= '9') || c == '#' || c == '*')
		return next == 0xfe0f || next == 0x20e3;
	return pictograph && next != 0xfe0e && (c >= 0x1f000 || next == 0xfe0f || is_small_emoji(c));
}

static utf8proc_int32_t next_character(const char **text)
{
	utf8proc_int32_t c = 0;
	if (!**text)
		return 0;
	utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)*text, -1, &c);
	*text += size > 0 ? size : 1;
	return size > 0 ? c : ' ';
}

size_t hsm_emu_text_count_emoji(const char *text)
{
	size_t count = 0;
	utf8proc_int32_t c = next_character(&text), state = 0;
	bool counted = false; /* in the grapheme that c is in */
	while (c) {
		utf8proc_int32_t next = next_character(&text);
		if (!counted && is_emoji(c, next)) {
			counted = true;
			count++;
		}
		if (next && utf8proc_grapheme_break_stateful(c, next, &state))
			counted = false;
		c = next;
	}
	return count;
}

static bool is_word_edge(char c)
{
	return !c || !(((unsigned char)c & 0x80) || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'));
}

bool hsm_emu_text_has_markdown(const char *text)
{
	const char *code = strstr(text, "```");
	if (code && strstr(code + 3, "```"))
		return true;
	for (const char *open = text; *open; open++) {
		if (!strchr("*_~", *open) || (open > text && !is_word_edge(open[-1])) || strchr(" \t", open[1]))
			continue;
		for (const char *close = open + 2; open[1] && *close; close++)
			if (*close == *open && close[-1] != ' ' && is_word_edge(close[1]))
				return true;
	}
	return false;
}

void hsm_emu_finding_add(struct hsm_emu_findings *findings, const char *path, const char *key, const char *code,
		     const char *format, ...)
{
	if (findings->count == EMU_FINDINGS_MAXIMUM)
		return;
	struct hsm_emu_finding *finding = &findings->items[findings->count++];
	snprintf(finding->field, sizeof(finding->field), "%s%s", path, key);
	finding->code = code;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(finding->message, sizeof(finding->message), format, arguments);
	va_end(arguments);
}

const char *hsm_emu_rules_text(const cJSON *object, const char *key, size_t maximum, const char *path,
			   struct hsm_emu_findings *findings)
{
	const char *text = hsm_emu_json_string(object, key);
	if (!text || !text[strspn(text, " \t\r\n")]) {
		hsm_emu_finding_add(findings, path, key, "missing.value", "%s%s is missing or empty", path, key);
		return NULL;
	}
	size_t length = hsm_text_count_characters(text);
	if (length > maximum) {
		hsm_emu_finding_add(findings, path, key, "value.too.long", "%s%s has %zu characters, at most %zu are allowed",
				path, key, length, maximum);
		return NULL;
	}
	return text;
}

static void check_currency(const cJSON *value, const char *path, struct hsm_emu_findings *findings)
{
	const char *code = hsm_emu_json_string(value, "code");
	const cJSON *amount = hsm_emu_json_get(value, "amount_1000");
	if (!code || strlen(code) != 3 || strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		hsm_emu_finding_add(findings, path, ".currency.code", "invalid.value", "a currency's code is three capital letters");
	double value_1000 = cJSON_IsNumber(amount) ? amount->valuedouble : 0.5;
	if (!(value_1000 > -1e15 && value_1000 < 1e15) || value_1000 != (double)(long long)value_1000)
		hsm_emu_finding_add(findings, path, ".currency.amount_1000", "invalid.value",
				"a currency's amount_1000 is a whole number");
}

static void check_parameter(const cJSON *parameter, const char *path, const char *category,
			    struct hsm_emu_findings *findings)
{
	const char *type = hsm_emu_json_string(parameter, "type"), *text;
	int64_t time;
	if (type && strcmp(type, "TEXT") == 0) {
		text = hsm_emu_json_string(hsm_emu_json_get(parameter, "text"), "default");
		if (!text || !*text)
			hsm_emu_finding_add(findings, path, ".text.default", "missing.value", "a TEXT parameter needs a default");
		else if (category && strcmp(category, "AUTHENTICATION") == 0 && hsm_text_count_characters(text) > 15)
			hsm_emu_finding_add(findings, path, ".text.default", "value.too.long",
					"a parameter of an AUTHENTICATION template has at most 15 characters");
	} else if (type && strcmp(type, "DATE") == 0) {
		text = hsm_emu_json_string(hsm_emu_json_get(parameter, "date"), "default");
		if (!text || !hsm_emu_date_is_valid(text))
			hsm_emu_finding_add(findings, path, ".date.default", "invalid.value", "a DATE parameter's default is YYYY-MM-DD");
	} else if (type && strcmp(type, "DATE_TIME") == 0) {
		text = hsm_emu_json_string(hsm_emu_json_get(parameter, "date_time"), "default");
		if (!text || !hsm_emu_time_parse(text, &time))
			hsm_emu_finding_add(findings, path, ".date_time.default", "invalid.value",
					"a DATE_TIME parameter's default is a time of RFC 3339");
	} else if (type && strcmp(type, "CURRENCY") == 0) {
		check_currency(hsm_emu_json_get(parameter, "currency"), path, findings);
	} else {
		hsm_emu_finding_add(findings, path, ".type", "invalid.value",
				"a parameter's type is TEXT, DATE, DATE_TIME or CURRENCY");
	}
}

void hsm_emu_rules_check_parameters(const cJSON *component, const char *text, const char *path, const char *category,
				struct hsm_emu_findings *findings)
{
	const cJSON *parameters = hsm_emu_json_get(component, "parameters"), *parameter;
	int wanted = text ? hsm_emu_placeholders_count(text) : 0, number = 0;
	char at[96];
	if (parameters && !cJSON_IsArray(parameters) && !cJSON_IsNull(parameters))
		hsm_emu_finding_add(findings, path, "parameters", "invalid.value", "parameters are an array");
	if (wanted >= 0 && cJSON_GetArraySize(parameters) != wanted)
		hsm_emu_finding_add(findings, path, "parameters", "invalid.count", "the text has %d variables, but there are %d parameters",
				wanted, cJSON_GetArraySize(parameters));
	cJSON_ArrayForEach(parameter, parameters) {
		snprintf(at, sizeof(at), "%sparameters[%d]", path, number++);
		check_parameter(parameter, at, category, findings);
	}
}
