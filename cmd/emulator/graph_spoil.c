#include "cmd/emulator/graph_spoil.h"

#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/text.h"

/* "id":"123" becomes "id":123, as text: a double would not hold it. */
static void make_numbers(struct hsm_buffer *answer)
{
	static const char key[] = "\"id\":\"";
	struct hsm_buffer other = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (const char *at = hsm_buffer_text(answer); *at;) {
		size_t digits = hsm_text_starts_with(at, key) ? strspn(at + strlen(key), "0123456789") : 0;
		if (!digits || at[strlen(key) + digits] != '"') {
			hsm_buffer_append_char(&other, *at++);
			continue;
		}
		hsm_buffer_append_format(&other, "\"id\":%.*s", (int)digits, at + strlen(key));
		at += strlen(key) + digits + 1;
	}
	hsm_buffer_clear(answer);
	hsm_buffer_append(answer, hsm_buffer_text(&other), other.length);
	hsm_buffer_release(&other);
}

static void make_lower(cJSON *json)
{
	static const char *const keys[] = {
		"status", "category", "previous_category", "correct_category", "sub_category", "parameter_format", "type", "format",
		"otp_type", "flow_action", "rejected_reason", "score",
	};
	cJSON *child;
	cJSON_ArrayForEach(child, json) {
		bool is_enum = false;
		for (size_t i = 0; child->string && i < sizeof(keys) / sizeof(*keys); i++)
			is_enum = is_enum || strcmp(child->string, keys[i]) == 0;
		for (char *at = is_enum && cJSON_IsString(child) ? child->valuestring : NULL; at && *at; at++)
			*at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
		make_lower(child);
	}
}

/* Adds a part that nobody knows to every list of components, or of buttons. */
static void add_parts(cJSON *json, const char *list, const char *part)
{
	cJSON *child;
	cJSON_ArrayForEach(child, json)
		add_parts(child, list, part);
	if (cJSON_IsArray(json) && json->string && strcmp(json->string, list) == 0)
		cJSON_AddItemToArray(json, cJSON_Parse(part));
}

void hsm_emu_graph_spoil(struct hsm_emu_request *request)
{
	const struct hsm_emu_fault *fault = request->fault;
	if (fault->kind == EMU_FAULT_NUMBER_IDS) {
		make_numbers(&request->answer);
		return;
	}
	cJSON *json = cJSON_ParseWithLength(hsm_buffer_text(&request->answer), request->answer.length);
	if (!json)
		return;
	if (fault->kind == EMU_FAULT_LOWER_CASE)
		make_lower(json);
	else if (strcmp(fault->argument, "button") == 0)
		add_parts(json, "buttons", "{\"type\":\"TELEPORT\",\"text\":\"Beam me up\",\"target\":{\"deck\":7}}");
	else
		add_parts(json, "components", "{\"type\":\"HOLOGRAM\",\"hologram\":{\"depth\":3}}");
	hsm_buffer_clear(&request->answer);
	hsm_emu_json_append(&request->answer, json);
	cJSON_Delete(json);
}
