/* What Meta refuses in a template: buttons, and the cards of a carousel. */
#include <stdio.h>
#include <string.h>

#include "cmd/emulator/graph_rules.h"
#include "cmd/emulator/json.h"
#include "schema/base/buffer.h"
#include "schema/base/text.h"

#define BUTTONS_MAXIMUM 10
#define CARD_BUTTONS_MAXIMUM 2
#define CARDS_MINIMUM 2
#define CARDS_MAXIMUM 10
#define TEXT_MAXIMUM 25
#define APPS_MAXIMUM 5
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void add(struct hsm_emu_graph_check *check, const char *path, const char *key, const char *message)
{
	hsm_emu_finding_add(&check->findings, path, key, "invalid.template", "%s", message);
}

/* A sample: "a" or ["a"]. */
static const char *read_sample(const cJSON *button)
{
	const cJSON *example = hsm_emu_json_get(button, "example");
	return cJSON_GetStringValue(cJSON_IsArray(example) ? example->child : example);
}

static void check_url(struct hsm_emu_graph_check *check, const cJSON *button, const char *path)
{
	const char *url = hsm_emu_rules_text(button, "url", 2000, path, &check->findings);
	const char *open = url ? strstr(url, "{{") : NULL, *sample = read_sample(button);
	size_t name = open ? strcspn(open, "}") : 0;
	if (!open)
		return;
	if (name < 3 || strcmp(open + name, "}}") != 0 || strstr(open + 2, "{{"))
		add(check, path, "url", "a URL has one variable, at its end");
	else if (!sample || !*sample)
		hsm_emu_finding_add(&check->findings, path, "example", "graph.example", "a URL with a variable needs a sample");
}

static void check_phone(struct hsm_emu_graph_check *check, const cJSON *button, const char *path)
{
	const char *number = hsm_emu_rules_text(button, "phone_number", 20, path, &check->findings);
	if (number && strspn(number, "+0123456789 ()-") != strlen(number))
		add(check, path, "phone_number", "phone_number is a phone number");
}

static void check_code(struct hsm_emu_graph_check *check, const cJSON *button, const char *path)
{
	const char *sample = read_sample(button);
	if (!sample || !*sample || hsm_text_count_characters(sample) > 15)
		hsm_emu_finding_add(&check->findings, path, "example", "graph.example", "a COPY_CODE has a sample of at most 15 characters");
}

static void check_flow(struct hsm_emu_graph_check *check, const cJSON *button, const char *path)
{
	const char *action = hsm_emu_json_string(button, "flow_action");
	int references = !!hsm_emu_json_get(button, "flow_id") + !!hsm_emu_json_get(button, "flow_name") +
			 !!hsm_emu_json_get(button, "flow_json");
	if (references != 1)
		add(check, path, "flow_id", "a FLOW has one of flow_id, flow_name and flow_json");
	if (action && strcmp(action, "NAVIGATE") != 0 && strcmp(action, "DATA_EXCHANGE") != 0)
		add(check, path, "flow_action", "flow_action is navigate or data_exchange");
}

static void check_apps(struct hsm_emu_graph_check *check, const cJSON *button, const char *path)
{
	const cJSON *apps = hsm_emu_json_get(button, "supported_apps"), *app;
	/* Meta's own examples have one app in the button itself, its hash percent-encoded. */
	if (!apps && hsm_emu_json_string(button, "package_name") && hsm_emu_json_string(button, "signature_hash"))
		return;
	bool good = cJSON_IsArray(apps) && cJSON_GetArraySize(apps) >= 1 && cJSON_GetArraySize(apps) <= APPS_MAXIMUM;
	cJSON_ArrayForEach(app, apps) {
		const char *package = hsm_emu_json_string(app, "package_name"), *hash = hsm_emu_json_string(app, "signature_hash");
		good = good && package && *package && strlen(package) <= 224 && hash && strlen(hash) == 11;
	}
	if (!good)
		add(check, path, "supported_apps", "supported_apps are 1 to 5 with a package_name and a signature_hash of 11 characters");
}

static void check_otp(struct hsm_emu_graph_check *check, const cJSON *button, const char *path)
{
	const char *type = hsm_emu_json_string(button, "otp_type");
	const char *autofill = hsm_emu_json_string(button, "autofill_text");
	if (!hsm_emu_graph_is_authentication(check))
		add(check, path, "type", "only an AUTHENTICATION template has an OTP button");
	if (autofill && hsm_text_count_characters(autofill) > TEXT_MAXIMUM)
		hsm_emu_finding_add(&check->findings, path, "autofill_text", "value.too.long", "autofill_text has at most 25 characters");
	if (type && (strcmp(type, "ONE_TAP") == 0 || strcmp(type, "ZERO_TAP") == 0))
		check_apps(check, button, path);
	else if (!type || strcmp(type, "COPY_CODE") != 0)
		add(check, path, "otp_type", "otp_type is COPY_CODE, ONE_TAP or ZERO_TAP");
	if (type && strcmp(type, "ZERO_TAP") == 0 && !cJSON_IsTrue(hsm_emu_json_get(button, "zero_tap_terms_accepted")))
		add(check, path, "zero_tap_terms_accepted", "ZERO_TAP needs zero_tap_terms_accepted");
}

static const struct type {
	const char *name;
	int maximum;
	bool untitled; /* its text is Meta's */
	void (*check)(struct hsm_emu_graph_check *check, const cJSON *button, const char *path);
} types[] = {
	{ "QUICK_REPLY", 10, false, NULL }, /* the first: quick replies stand together */
	{ "URL", 2, false, check_url },
	{ "PHONE_NUMBER", 1, false, check_phone },
	{ "COPY_CODE", 1, true, check_code },
	{ "OTP", 1, true, check_otp },
	{ "FLOW", 1, false, check_flow },
	{ "CATALOG", 1, false, NULL },
	{ "MPM", 1, false, NULL },
	{ "SPM", 1, false, NULL },
	{ "VOICE_CALL", 1, false, NULL },
};

static size_t find_type(const cJSON *button)
{
	const char *name = hsm_emu_json_string(button, "type");
	size_t type = 0;
	while (type < COUNT(types) && (!name || strcmp(types[type].name, name) != 0))
		type++;
	return type;
}

static void check_button(struct hsm_emu_graph_check *check, size_t type, const cJSON *button, const char *path)
{
	const char *text = hsm_emu_json_string(button, "text");
	if (type == COUNT(types)) {
		add(check, path, "type", "there is no such type of button");
		return;
	}
	if (text || !types[type].untitled)
		text = hsm_emu_rules_text(button, "text", TEXT_MAXIMUM, path, &check->findings);
	if (text && (strpbrk(text, "\n{") || hsm_emu_text_count_emoji(text) || hsm_emu_text_has_markdown(text)))
		add(check, path, "text", "a button's text has no variables, newlines, emojis or formatting");
	if (types[type].check)
		types[type].check(check, button, path);
}

void hsm_emu_graph_rules_check_buttons(struct hsm_emu_graph_check *check, const cJSON *component, const char *path,
				       bool is_card)
{
	const cJSON *buttons = hsm_emu_json_get(component, "buttons"), *button;
	int counts[COUNT(types) + 1] = { 0 }, number = 0, changes = 0, size = cJSON_GetArraySize(buttons);
	int maximum = is_card ? CARD_BUTTONS_MAXIMUM : BUTTONS_MAXIMUM;
	bool was_reply = false;
	if (!cJSON_IsArray(buttons) || size < 1 || size > maximum)
		add(check, path, "buttons", is_card ? "a card has 1 or 2 buttons" : "there are 1 to 10 buttons");
	cJSON_ArrayForEach(button, buttons) {
		char at[96];
		size_t type = find_type(button);
		changes += number && (type == 0) != was_reply;
		was_reply = type == 0;
		snprintf(at, sizeof(at), "%sbuttons[%d].", path, number++);
		check_button(check, type, button, at);
		if (type < COUNT(types) && ++counts[type] == types[type].maximum + 1)
			add(check, path, "buttons", "there are too many buttons of one type");
	}
	if (changes > 1)
		add(check, path, "buttons", "quick replies stand together, before or after all others");
	if (hsm_emu_graph_is_authentication(check) && (size != 1 || find_type(buttons->child) != 4))
		hsm_emu_finding_add(&check->findings, path, "buttons", "graph.otp",
				    "an AUTHENTICATION template has exactly one OTP button");
}

/* What all cards of a carousel must have alike: components, formats, types of buttons. */
static void append_structure(struct hsm_buffer *out, const cJSON *components)
{
	static const char *const keys[] = { "type", "format" };
	const cJSON *component, *button;
	cJSON_ArrayForEach(component, components) {
		for (size_t i = 0; i < COUNT(keys); i++) {
			const char *text = hsm_emu_json_string(component, keys[i]);
			hsm_buffer_append_format(out, "%s/", text ? text : "");
		}
		cJSON_ArrayForEach(button, hsm_emu_json_get(component, "buttons"))
			hsm_buffer_append_format(out, "%zu,", find_type(button));
	}
}

static void check_card(struct hsm_emu_graph_check *check, const cJSON *card, const char *path)
{
	const cJSON *component;
	int number = 0, headers = 0;
	cJSON_ArrayForEach(component, hsm_emu_json_get(card, "components")) {
		const char *type = hsm_emu_json_string(component, "type");
		char at[160];
		snprintf(at, sizeof(at), "%scomponents[%d].", path, number++);
		headers += type && strcmp(type, "HEADER") == 0;
		if (type && strcmp(type, "HEADER") == 0)
			hsm_emu_graph_rules_check_header(check, component, at, true);
		else if (type && strcmp(type, "BODY") == 0)
			hsm_emu_graph_rules_check_card_body(check, component, at);
		else if (type && strcmp(type, "BUTTONS") == 0)
			hsm_emu_graph_rules_check_buttons(check, component, at, true);
		else
			add(check, at, "type", "a card's components are HEADER, BODY and BUTTONS");
	}
	if (headers != 1)
		add(check, path, "components", "a card has exactly one HEADER");
}

void hsm_emu_graph_rules_check_carousel(struct hsm_emu_graph_check *check, const cJSON *component, const char *path)
{
	const cJSON *cards = hsm_emu_json_get(component, "cards"), *card;
	struct hsm_buffer first = HSM_BUFFER_INIT(65536), other = HSM_BUFFER_INIT(65536);
	int number = 0, size = cJSON_GetArraySize(cards);
	if (!cJSON_IsArray(cards) || size < CARDS_MINIMUM || size > CARDS_MAXIMUM)
		add(check, path, "cards", "a carousel has 2 to 10 cards");
	if (!check->category || strcmp(check->category, "MARKETING") != 0)
		add(check, path, "type", "a CAROUSEL is MARKETING");
	cJSON_ArrayForEach(card, cards) {
		char at[96];
		snprintf(at, sizeof(at), "%scards[%d].", path, number);
		check_card(check, card, at);
		hsm_buffer_clear(&other);
		append_structure(number ? &other : &first, hsm_emu_json_get(card, "components"));
		if (number++ && strcmp(hsm_buffer_text(&first), hsm_buffer_text(&other)) != 0)
			add(check, at, "components", "all cards of a carousel have the same components");
	}
	hsm_buffer_release(&first);
	hsm_buffer_release(&other);
}
