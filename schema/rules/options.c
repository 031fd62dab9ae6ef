/* What a template of Meta says beside its texts. */
#include <string.h>

#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define HEAD(category, more) "name: order_update\ncategory: " category "\n" more
#define BODY "translations:\n  en_US:\n    body: Your order is packed.\n"
#define NAMED(name) "parameter_format: NAMED\nparameters: {" name ": {default: ORD-1}}\n"
#define NAMED_BODY(name) "translations:\n  en_US:\n    body: \"Your order {{" name "}} is packed.\"\n"

/* Seconds. */
static const struct {
	int64_t least, most;
} lives[] = {
	[HSM_CATEGORY_UTILITY] = { 30, 43200 },
	[HSM_CATEGORY_MARKETING] = { 43200, 2592000 },
	[HSM_CATEGORY_AUTHENTICATION] = { 30, 900 },
};

static void check_time_to_live(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	const struct hsm_integer *life = &template->template->time_to_live;
	int category = template->template->category.value;
	if (life->present && (life->value < lives[category].least || life->value > lives[category].most))
		hsm_check_report(checker, life->mark, "the time_to_live of %s templates is %lld to %lld seconds",
				 hsm_category_words[category - 1], (long long)lives[category].least,
				 (long long)lives[category].most);
}

static void check_sub_category(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	const struct hsm_word *word = &template->template->sub_category;
	if (word->value && template->template->category.value != HSM_CATEGORY_UTILITY)
		hsm_check_report(checker, word->mark, "%s is of UTILITY templates: say category: UTILITY, or leave it out",
				 hsm_sub_category_words[word->value - 1]);
}

static void check_names(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	const struct hsm_list *parameters = &template->template->parameters;
	bool named = template->template->parameter_format.value == HSM_PARAMETER_FORMAT_NAMED;
	for (size_t i = 0; named && i < parameters->count; i++) {
		const struct hsm_string *name = &HSM_LIST_ITEM(*parameters, struct hsm_parameter, i)->node.key;
		if (strpbrk(name->text, "0123456789"))
			hsm_check_report(checker, name->mark, "'%s' has a digit, and names of NAMED templates are lower-case letters "
							      "and '_'", name->text);
	}
}

const struct hsm_rule hsm_options_rules[] = {
	{ "HSM220", "time-to-live", E, "a time_to_live is in its category's range", .protects = "Meta refuses others",
	  .source = "Meta, time-to-live", .fix = "choose a time in the range", .backend = HSM_BACKEND_META,
	  .good = HEAD("UTILITY", "time_to_live: 600\n") BODY, .bad = HEAD("MARKETING", "time_to_live: 600\n") BODY,
	  .check_template = check_time_to_live },
	{ "HSM221", "sub-category", W, "a sub_category is that of a UTILITY template", .protects = "Meta may refuse others",
	  .source = "Meta, order status templates", .fix = "say category: UTILITY, or leave it out",
	  .backend = HSM_BACKEND_META, .good = HEAD("UTILITY", "sub_category: ORDER_STATUS\n") BODY,
	  .bad = HEAD("MARKETING", "sub_category: ORDER_STATUS\n") BODY, .check_template = check_sub_category },
	{ "HSM222", "named-parameters", W, "names of NAMED templates are lower-case letters and '_'",
	  .protects = "Meta may refuse others", .source = "Meta, templates: named parameters; tools take digits, too",
	  .fix = "rename the parameter", .backend = HSM_BACKEND_META,
	  .good = HEAD("UTILITY", NAMED("order")) NAMED_BODY("order"),
	  .bad = HEAD("UTILITY", NAMED("order2")) NAMED_BODY("order2"), .check_template = check_names },
};
const size_t hsm_options_rules_count = sizeof(hsm_options_rules) / sizeof(hsm_options_rules[0]);
