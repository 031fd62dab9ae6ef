/* Buttons that only Meta has: WhatsApp Flows, products, calls. */
#include <string.h>

#include "schema/json.h"
#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define BUTTONS "name: news\ncategory: MARKETING\ntranslations:\n  en_US:\n    body: We have news for you.\n    buttons:\n"
#define CALL "      - voice_call: {title: Call us}\n"
#define PRODUCT "name: news\ncategory: MARKETING\ntranslations:\n  en_US:\n    header: {product: true}\n" \
		"    body: We have news for you.\n    buttons:\n"
#define VIEW "      - single_product: {title: View}\n"
#define FLOW(more) "      - flow: {title: Book, " more "}\n"

static void check_counts(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	static const struct hsm_button_limit limits[] = { { "flow", 1 }, { "catalog", 1 }, { "multi_product", 1 },
							  { "single_product", 1 }, { "voice_call", 1 }, { NULL, 0 } };
	hsm_check_button_limits(checker, part, limits);
}

static void check_product(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_button *button = hsm_check_button(part, i);
		if (button->single_product.node.present && !part->heading->product.present)
			hsm_check_report(checker, button->node.mark, "a single_product button shows the product of the header: write "
								     "header: {product: true}");
	}
}

static void check_json(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_string *json = &hsm_check_button(part, i)->flow.json;
		struct hsm_error error;
		cJSON *parsed;
		if (!json->text)
			continue;
		if (hsm_json_parse(&parsed, json->text, strlen(json->text), &error) == 0)
			cJSON_Delete(parsed);
		else
			hsm_check_report(checker, json->mark, "the 'json' of a flow: %s", error.message);
	}
}

static void check_action(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_string *action = &hsm_check_button(part, i)->flow.action;
		if (action->text && strcmp(action->text, "navigate") != 0 && strcmp(action->text, "data_exchange") != 0)
			hsm_check_report(checker, action->mark, "the action of a flow is navigate or data_exchange");
	}
}

const struct hsm_rule hsm_actions_rules[] = {
	{ "HSM230", "action-counts", W, "at most one flow, catalog, multi_product, single_product and voice_call button",
	  .protects = "Meta may refuse more", .source = "providers' guides", .fix = "leave one out",
	  .backend = HSM_BACKEND_META, .good = BUTTONS CALL, .bad = BUTTONS CALL CALL, .check_part = check_counts },
	{ "HSM231", "product-header", W, "a single_product button stands below a product",
	  .protects = "there is a product to show", .source = "providers' guides", .fix = "write header: {product: true}",
	  .backend = HSM_BACKEND_META, .good = PRODUCT VIEW, .bad = BUTTONS VIEW, .check_part = check_product },
	{ "HSM232", "flow-json", E, "the json of a flow is JSON", .protects = "Meta refuses others",
	  .source = "Meta, Flow JSON", .fix = "correct it", .backend = HSM_BACKEND_META,
	  .good = BUTTONS FLOW("json: '{\"version\": \"7.0\", \"screens\": []}'"),
	  .bad = BUTTONS FLOW("json: '{\"version\": \"7.0\", \"screens\": [}'"), .check_part = check_json },
	{ "HSM233", "flow-action", W, "the action of a flow is navigate or data_exchange",
	  .protects = "Meta may refuse others", .source = "providers' guides", .fix = "write one of the two",
	  .backend = HSM_BACKEND_META, .good = BUTTONS FLOW("id: \"1\", action: navigate, screen: FIRST"),
	  .bad = BUTTONS FLOW("id: \"1\", action: open"), .check_part = check_action },
};
const size_t hsm_actions_rules_count = sizeof(hsm_actions_rules) / sizeof(hsm_actions_rules[0]);
