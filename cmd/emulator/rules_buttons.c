/* Rules about buttons. */
#include <stdio.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/rules.h"
#include "schema/base/text.h"

#define BUTTONS_MAXIMUM 10
#define TITLE_MAXIMUM 25

enum type { REPLY, URL, PHONE_NUMBER, COPY_CODE, TYPES };

static const struct {
	const char *type, *member;
	int maximum;
} types[TYPES] = {
	[REPLY] = { "REPLY", "reply", 10 },
	[URL] = { "URL", "url", 2 },
	[PHONE_NUMBER] = { "PHONE_NUMBER", "phone_number", 1 },
	[COPY_CODE] = { "COPY_CODE", "copy_code", 1 },
};

static enum type find_type(const char *name)
{
	int type = 0;
	while (type < TYPES && (!name || strcmp(types[type].type, name) != 0))
		type++;
	return (enum type)type;
}

/* One variable at most, and only at the end. */
static void check_url(const cJSON *button, const char *path, const char *category, struct hsm_emu_findings *findings)
{
	const char *url = hsm_emu_rules_text(button, "url", 2000, path, findings);
	if (!url)
		return;
	int count = hsm_emu_placeholders_count(url);
	const char *open = strstr(url, "{{");
	if (count < 0 || count > 1 || (open && strcmp(open, "{{1}}") != 0)) {
		hsm_emu_finding_add(findings, path, "url", "invalid.placeholder", "a URL may only end in {{1}}");
		return;
	}
	hsm_emu_rules_check_parameters(button, url, path, category, findings);
}

static void check_button(enum type type, const cJSON *button, const char *path, const char *category,
			 struct hsm_emu_findings *findings)
{
	if (!cJSON_IsObject(button)) {
		hsm_emu_finding_add(findings, path, "", "missing.value", "a %s button needs its %s", types[type].type,
				types[type].member);
		return;
	}
	char inside[104];
	snprintf(inside, sizeof(inside), "%s.", path);
	if (type != COPY_CODE)
		hsm_emu_rules_text(button, "title", TITLE_MAXIMUM, inside, findings);
	switch (type) {
	case REPLY:
		hsm_emu_rules_text(button, "id", 256, inside, findings);
		break;
	case URL:
		if (category && strcmp(category, "AUTHENTICATION") == 0)
			hsm_emu_finding_add(findings, inside, "url", "not.allowed", "an AUTHENTICATION template has no URL");
		check_url(button, inside, category, findings);
		break;
	case PHONE_NUMBER:
		hsm_emu_rules_text(button, "phone_number", 20, inside, findings);
		break;
	case COPY_CODE:
		hsm_emu_rules_text(button, "example", 15, inside, findings);
		break;
	case TYPES:
		break;
	}
}

void hsm_emu_rules_check_buttons(const cJSON *component, const char *path, const char *category,
			     struct hsm_emu_findings *findings)
{
	const cJSON *buttons = hsm_emu_json_get(component, "buttons"), *button;
	int counts[TYPES + 1] = { 0 }, number = 0, changes = 0, size = cJSON_GetArraySize(buttons);
	bool was_reply = false;
	if (!cJSON_IsArray(buttons) || size < 1 || size > BUTTONS_MAXIMUM) {
		hsm_emu_finding_add(findings, path, "buttons", "invalid.count", "there are 1 to %d buttons", BUTTONS_MAXIMUM);
		return;
	}
	cJSON_ArrayForEach(button, buttons) {
		char at[96];
		enum type type = find_type(hsm_emu_json_string(button, "type"));
		changes += number && (type == REPLY) != was_reply;
		was_reply = type == REPLY;
		if (type == TYPES) {
			snprintf(at, sizeof(at), "%sbuttons[%d].", path, number++);
			hsm_emu_finding_add(findings, at, "type", "invalid.value",
					"a button's type is REPLY, URL, PHONE_NUMBER or COPY_CODE");
			continue;
		}
		snprintf(at, sizeof(at), "%sbuttons[%d].%s", path, number++, types[type].member);
		check_button(type, hsm_emu_json_get(button, types[type].member), at, category, findings);
		if (++counts[type] == types[type].maximum + 1)
			hsm_emu_finding_add(findings, path, "buttons", "invalid.count", "there are at most %d %s buttons",
					types[type].maximum, types[type].type);
	}
	if (changes > 1)
		hsm_emu_finding_add(findings, path, "buttons", "invalid.order",
				"REPLY buttons stand together, before or after all others");
}
