#include "cmd/emulator/noise.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "cmd/emulator/json.h"
#include "schema/base/memory.h"

#define DAY 86400000

struct noise {
	struct hsm_emu *emu;
	bool order, fields, text, times;
};

static int below(struct noise *noise, int limit)
{
	return (int)(hsm_emu_faults_random(&noise->emu->faults) * limit);
}

static void shuffle(struct noise *noise, cJSON *container)
{
	int count = cJSON_GetArraySize(container), left = count;
	cJSON **items = hsm_memory_allocate((size_t)(count ? count : 1) * sizeof(cJSON *));
	for (int i = 0; i < count; i++)
		items[i] = cJSON_DetachItemFromArray(container, 0);
	while (left) {
		int chosen = below(noise, left);
		cJSON_AddItemToArray(container, items[chosen]); /* an object's member keeps its name */
		items[chosen] = items[--left];
	}
	free(items);
}

static void add_fields(struct noise *noise, cJSON *object)
{
	static const char *const scores[] = { "GREEN", "YELLOW", "RED", "UNKNOWN" };
	cJSON_AddNumberToObject(object, "_revision", below(noise, 1000000));
	if (hsm_emu_json_get(object, "components") && !hsm_emu_json_get(object, "quality_score")) {
		cJSON *quality = cJSON_AddObjectToObject(object, "quality_score");
		cJSON_AddStringToObject(quality, "score", scores[below(noise, 4)]);
		cJSON_AddNumberToObject(quality, "date", below(noise, 1000000000));
		if (!hsm_emu_json_get(object, "previous_category"))
			cJSON_AddNullToObject(object, "previous_category");
	} else if (hsm_emu_json_get(object, "text") && !hsm_emu_json_get(object, "parameters")) {
		cJSON_AddArrayToObject(object, "parameters");
		cJSON_AddNullToObject(object, "media");
	}
}

static void decompose(cJSON *string, bool is_component_text)
{
	utf8proc_uint8_t *text = utf8proc_NFD((const utf8proc_uint8_t *)string->valuestring);
	struct hsm_buffer other = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (const char *at = text ? (const char *)text : string->valuestring; *at; at++) {
		if (*at == '\n' && is_component_text)
			hsm_buffer_append_char(&other, '\r');
		hsm_buffer_append_char(&other, *at);
	}
	if (is_component_text)
		hsm_buffer_append_char(&other, '\n');
	cJSON_SetValuestring(string, hsm_buffer_text(&other));
	hsm_buffer_release(&other);
	free(text);
}

static void change_time(struct noise *noise, cJSON *string)
{
	char text[EMU_TIME_SIZE];
	hsm_emu_time_format(hsm_emu_now(noise->emu) - below(noise, 30) * (int64_t)DAY, text);
	strcpy(text + strlen("2026-11-20T10:00:00"), "Z");
	cJSON_SetValuestring(string, text);
}

static void walk(struct noise *noise, cJSON *json)
{
	cJSON *child;
	cJSON_ArrayForEach(child, json) {
		bool is_text = child->string && strcmp(child->string, "text") == 0;
		if (cJSON_IsString(child) && noise->times && child->string && strcmp(child->string, "dateModified") == 0)
			change_time(noise, child);
		else if (cJSON_IsString(child) && noise->text)
			decompose(child, is_text);
		else
			walk(noise, child);
	}
	if (cJSON_IsObject(json) && noise->fields)
		add_fields(noise, json);
	if (noise->order && (cJSON_IsObject(json) || (json->string && strcmp(json->string, "components") == 0)))
		shuffle(noise, json);
}

/* What is not ASCII as \u escapes, in pairs of surrogates where it must be. */
static void append_escaped(struct hsm_buffer *out, const char *text)
{
	while (*text) {
		utf8proc_int32_t c = (unsigned char)*text;
		utf8proc_ssize_t size = 1;
		if (c >= 0x80)
			size = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);
		text += size > 0 ? size : 1;
		if (c < 0x80)
			hsm_buffer_append_char(out, (char)c);
		else if (c < 0x10000)
			hsm_buffer_append_format(out, "\\u%04x", (unsigned)c);
		else
			hsm_buffer_append_format(out, "\\u%04x\\u%04x", 0xd7c0 + ((unsigned)c >> 10),
						 0xdc00 + ((unsigned)c & 0x3ff));
	}
}

void hsm_emu_noise_add(struct hsm_emu *emu, struct hsm_buffer *answer, const char *which)
{
	bool all = strcmp(which, "all") == 0;
	struct noise noise = {
		.emu = emu,
		.order = all || strcmp(which, "order") == 0,
		.fields = all || strcmp(which, "fields") == 0,
		.text = all || strcmp(which, "text") == 0,
		.times = all || strcmp(which, "times") == 0,
	};
	cJSON *json = cJSON_ParseWithLength(hsm_buffer_text(answer), answer->length);
	if (!json)
		return;
	walk(&noise, json);
	char *text = noise.text && below(&noise, 2) ? cJSON_Print(json) : hsm_emu_json_print(json);
	hsm_buffer_clear(answer);
	if (noise.text && below(&noise, 2))
		append_escaped(answer, text);
	else
		hsm_buffer_append_string(answer, text);
	free(text);
	cJSON_Delete(json);
}
