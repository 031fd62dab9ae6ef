#include "cmd/emulator/json.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

static int read_hex4(const char *at)
{
	int value = 0;
	for (int i = 0; i < 4; i++) {
		char c = at[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* Past a \u escape, at the u; surrogates only in pairs, and no NUL. */
static const char *skip_unicode_escape(const char *at)
{
	int unit = read_hex4(at + 1);
	if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return NULL;
	at += 5;
	if (unit < 0xd800 || unit > 0xdbff)
		return at;
	if (at[0] != '\\' || at[1] != 'u')
		return NULL;
	unit = read_hex4(at + 2);
	return unit >= 0xdc00 && unit <= 0xdfff ? at + 6 : NULL;
}

static const char *skip_string(const char *at)
{
	if (*at != '"')
		return NULL;
	for (at++; *at != '"';) {
		if ((unsigned char)*at < 0x20)
			return NULL;
		if (*at++ != '\\')
			continue;
		if (*at == 'u')
			at = skip_unicode_escape(at);
		else
			at = *at && strchr("\"\\/bfnrt", *at) ? at + 1 : NULL;
		if (!at)
			return NULL;
	}
	return at + 1;
}

static const char *skip_digits(const char *at)
{
	size_t count = strspn(at, "0123456789");
	return count ? at + count : NULL;
}

static const char *skip_number(const char *at)
{
	at += *at == '-';
	at = *at == '0' ? at + 1 : skip_digits(at);
	if (at && *at == '.')
		at = skip_digits(at + 1);
	if (at && (*at == 'e' || *at == 'E')) {
		at++;
		at = skip_digits(at + (*at == '+' || *at == '-'));
	}
	return at;
}

static const char *skip_scalar(const char *at)
{
	static const char *const words[] = { "true", "false", "null" };
	if (*at == '"')
		return skip_string(at);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (hsm_text_starts_with(at, words[i]))
			return at + strlen(words[i]);
	return skip_number(at);
}

/* Past the value at `at`, or NULL and *why. */
static const char *skip_value(const char *at, int depth, const char **why)
{
	at = skip_space(at);
	if (*at != '{' && *at != '[')
		return skip_scalar(at);
	char end = *at == '{' ? '}' : ']';
	if (depth >= EMU_JSON_DEPTH) {
		*why = "nested too deep";
		return NULL;
	}
	at = skip_space(at + 1);
	if (*at == end)
		return at + 1;
	for (;;) {
		if (end == '}') {
			at = skip_string(skip_space(at));
			if (!at || *(at = skip_space(at)) != ':')
				return NULL;
			at++;
		}
		at = skip_value(at, depth + 1, why);
		if (!at)
			return NULL;
		at = skip_space(at);
		if (*at == end)
			return at + 1;
		if (*at++ != ',')
			return NULL;
	}
}

cJSON *hsm_emu_json_parse(const char *text, size_t length, const char **why)
{
	*why = "not valid JSON";
	if (!length) {
		*why = "empty";
		return NULL;
	}
	if (memchr(text, '\0', length) || hsm_text_find_invalid(text, length) < length) {
		*why = "not valid UTF-8";
		return NULL;
	}
	const char *end = skip_value(text, 0, why);
	if (!end || *skip_space(end))
		return NULL;
	return cJSON_ParseWithLength(text, length);
}

char *hsm_emu_json_copy_member(const char *text, const char *key)
{
	size_t length = strlen(key);
	const char *why, *at = skip_space(text);
	if (*at++ != '{')
		return NULL;
	while (*(at = skip_space(at)) == '"') {
		const char *name = at + 1, *name_end = skip_string(at) - 1;
		const char *value = skip_space(skip_space(name_end + 1) + 1);
		const char *end = skip_value(value, 0, &why);
		if ((size_t)(name_end - name) == length && strncmp(name, key, length) == 0) {
			char *copy = hsm_memory_allocate((size_t)(end - value) + 1);
			memcpy(copy, value, (size_t)(end - value));
			cJSON_Minify(copy);
			return copy;
		}
		at = skip_space(end);
		at += *at == ',';
	}
	return NULL;
}

cJSON *hsm_emu_json_get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *hsm_emu_json_string(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(hsm_emu_json_get(object, key));
}

double hsm_emu_json_number(const cJSON *object, const char *key, double otherwise)
{
	const cJSON *item = hsm_emu_json_get(object, key);
	return cJSON_IsNumber(item) ? item->valuedouble : otherwise;
}

char *hsm_emu_json_print(const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);
	return text ? text : hsm_memory_copy_string("null");
}

void hsm_emu_json_append(struct hsm_buffer *buffer, const cJSON *json)
{
	char *text = hsm_emu_json_print(json);
	hsm_buffer_append_string(buffer, text);
	free(text);
}

void hsm_emu_json_append_string(struct hsm_buffer *buffer, const char *text)
{
	if (!text) {
		hsm_buffer_append_string(buffer, "null");
		return;
	}
	hsm_buffer_append_char(buffer, '"');
	while (*text) {
		size_t plain = 0;
		while ((unsigned char)text[plain] >= 0x20 && text[plain] != '"' && text[plain] != '\\')
			plain++;
		hsm_buffer_append(buffer, text, plain);
		text += plain;
		if (*text == '"' || *text == '\\')
			hsm_buffer_append_format(buffer, "\\%c", *text++);
		else if (*text == '\n')
			hsm_buffer_append(buffer, "\\n", 2), text++;
		else if (*text)
			hsm_buffer_append_format(buffer, "\\u%04x", (unsigned char)*text++);
	}
	hsm_buffer_append_char(buffer, '"');
}

void hsm_emu_json_append_member(struct hsm_buffer *buffer, const char *key, const char *text)
{
	char last = buffer->length ? buffer->data[buffer->length - 1] : '{';
	if (last != '{' && last != '[')
		hsm_buffer_append_char(buffer, ',');
	hsm_emu_json_append_string(buffer, key);
	hsm_buffer_append_char(buffer, ':');
	hsm_emu_json_append_string(buffer, text);
}
