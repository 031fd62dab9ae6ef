/* The form of a template's components: as it was sent, and as Meta tells it. */
#include "cmd/emulator/graph_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "schema/base/buffer.h"
#include "schema/base/fingerprint.h"
#include "schema/base/text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void make_upper(cJSON *object, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *text = cJSON_GetStringValue(hsm_emu_json_get(object, keys[i]));
		for (; text && *text; text++)
			*text = *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;
	}
}

static void normalize_components(cJSON *components)
{
	static const char *const of_component[] = { "type", "format" };
	static const char *const of_button[] = { "type", "otp_type", "flow_action" };
	cJSON *component, *child;
	cJSON_ArrayForEach(component, components) {
		make_upper(component, of_component, COUNT(of_component));
		cJSON_ArrayForEach(child, hsm_emu_json_get(component, "buttons"))
			make_upper(child, of_button, COUNT(of_button));
		cJSON_ArrayForEach(child, hsm_emu_json_get(component, "cards"))
			normalize_components(hsm_emu_json_get(child, "components"));
	}
}

void hsm_emu_graph_normalize(cJSON *create)
{
	static const char *const keys[] = { "category", "parameter_format", "sub_category", "display_format" };
	make_upper(create, keys, COUNT(keys));
	normalize_components(hsm_emu_json_get(create, "components"));
}

/* In Meta's order; what is not named comes after. */
static const char *const order[] = {
	"type", "format", "otp_type", "text", "autofill_text", "url", "phone_number", "param_name", "example", "header_handle", "header_text",
	"body_text", "add_security_recommendation", "code_expiration_minutes", "limited_time_offer", "cards", "components",
	"buttons", "supported_apps",
};

static void sort_members(cJSON *json)
{
	cJSON *child;
	cJSON_ArrayForEach(child, json)
		sort_members(child);
	if (!cJSON_IsObject(json))
		return;
	for (size_t i = COUNT(order); i-- > 0;) {
		child = cJSON_DetachItemFromObjectCaseSensitive(json, order[i]);
		if (child)
			cJSON_InsertItemInArray(json, 0, child);
	}
}

/* Nobody can tell from the URL which upload it was. */
static void replace_handle(cJSON *header)
{
	cJSON *example = hsm_emu_json_get(header, "example");
	const cJSON *handles = hsm_emu_json_get(example, "header_handle");
	const char *handle = cJSON_GetStringValue(cJSON_IsArray(handles) ? handles->child : handles);
	char digest[HSM_FINGERPRINT_SIZE], url[256];
	if (!handle)
		return;
	hsm_fingerprint_compute(handle, strlen(handle), digest);
	snprintf(url, sizeof(url), "https://scontent.whatsapp.net/v/t61.29466-34/%.24s_n.bin?ccb=1-7&_nc_sid=8b1bef&oh=%.32s&oe=6A1B2C3D",
		 digest, digest + 24);
	cJSON *urls = cJSON_CreateArray();
	cJSON_AddItemToArray(urls, cJSON_CreateString(url));
	cJSON_ReplaceItemInObjectCaseSensitive(example, "header_handle", urls);
}

/* Meta's own text of an authentication template. */
static const struct words {
	const char *language, *body, *advice, *footer;
} words[] = {
	{ "es", "*{{1}}* es tu código de verificación.", " Por tu seguridad, no lo compartas.", "Este código caduca en %d minutos." },
	{ "pt", "*{{1}}* é seu código de verificação.", " Para sua segurança, não o compartilhe.", "Este código expira em %d minutos." },
	{ "", "*{{1}}* is your verification code.", " For your security, do not share this code.",
	  "This code expires in %d minutes." }, /* any other */
};

static void write_body(cJSON *body, const struct words *own)
{
	const char *advice = cJSON_IsTrue(hsm_emu_json_get(body, "add_security_recommendation")) ? own->advice : "";
	struct hsm_buffer text = HSM_BUFFER_INIT(4096);
	hsm_buffer_append_format(&text, "%s%s", own->body, advice);
	cJSON_AddStringToObject(body, "text", hsm_buffer_text(&text));
	cJSON_AddItemToObject(cJSON_AddObjectToObject(body, "example"), "body_text", cJSON_Parse("[[\"123456\"]]"));
	hsm_buffer_release(&text);
}

static void write_footer(cJSON *footer, const struct words *own)
{
	char text[128];
	int minutes = (int)hsm_emu_json_number(footer, "code_expiration_minutes", 0);
	const char *number = strstr(own->footer, "%d");
	snprintf(text, sizeof(text), "%.*s%d%s", (int)(number - own->footer), own->footer, minutes, number + 2);
	cJSON_AddStringToObject(footer, "text", text);
}

static void rewrite_component(cJSON *component, const struct words *own)
{
	const char *type = hsm_emu_json_string(component, "type");
	bool has_text = hsm_emu_json_string(component, "text");
	cJSON *button, *card;
	if (type && strcmp(type, "HEADER") == 0)
		replace_handle(component);
	else if (type && strcmp(type, "BODY") == 0 && !has_text && !hsm_emu_json_get(component, "example"))
		write_body(component, own);
	else if (hsm_emu_json_get(component, "code_expiration_minutes") && !has_text)
		write_footer(component, own);
	cJSON_ArrayForEach(button, hsm_emu_json_get(component, "buttons")) {
		const char *number = hsm_emu_json_string(button, "phone_number");
		char plus[32];
		if (!number || *number == '+')
			continue;
		snprintf(plus, sizeof(plus), "+%s", number); /* Meta's listings have it, its creates need not */
		cJSON_ReplaceItemInObjectCaseSensitive(button, "phone_number", cJSON_CreateString(plus));
	}
	cJSON_ArrayForEach(card, hsm_emu_json_get(component, "cards")) {
		cJSON *child;
		cJSON_ArrayForEach(child, hsm_emu_json_get(card, "components"))
			replace_handle(child);
	}
}

void hsm_emu_graph_rewrite(cJSON *components, const char *language)
{
	const struct words *own = words;
	cJSON *component;
	while (*own->language && !hsm_text_starts_with(language, own->language))
		own++;
	cJSON_ArrayForEach(component, components)
		rewrite_component(component, own);
	sort_members(components);
}
