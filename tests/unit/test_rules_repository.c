/* The rules of what templates say of each other. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "schema/rules.h"
#include "tests/unit/loading.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct rule_case {
	const char *text, *found;
};

static void check(const struct rule_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct loading loading = { 0 };
		const char *found = loading_check(&loading, HSM_BACKEND_GENESYS, cases[i].text);
		if (strcmp(found, cases[i].found) != 0)
			fail_msg("case %zu:\n%s\nfound %s, not %s\n%s", i, cases[i].text, found, cases[i].found,
				 loading_report(&loading));
		loading_release(&loading);
	}
}

#define T(name, body, rest) "name: " name "\ncategory: UTILITY\ntranslations: {en: {body: " body "}}\n" rest
#define TO(name) "fallback: [{template: " name "}]\n"
#define P(name, parameters, body, rest) \
	"name: " name "\ncategory: UTILITY\nparameters: {" parameters "}\ntranslations: {en: {body: \"" body "\"}}\n" rest

static void fallbacks_are_there_and_end(void **state)
{
	static const struct rule_case cases[] = {
		{ T("a", "One.", TO("b")) "---\n" T("b", "Two.", ""), "" },
		{ T("a", "One.", TO("c")) "---\n" T("b", "Two.", ""), "HSM180@4:23" },
		{ T("a", "One.", TO("a")), "HSM182@4:23" },
		{ T("a", "One.", TO("b")) "---\n" T("b", "Two.", TO("a")), "HSM182@4:23" },
		{ T("a", "One.", TO("b")) "---\n" T("b", "Two.", TO("c")) "---\n" T("c", "Three.", TO("b")), "HSM182@4:23" },
		/* two ways to one end are no circle */
		{ T("a", "One.", "fallback: [{template: b}, {template: c}]\n") "---\n" T("b", "Two.", TO("c"))
		  "---\n" T("c", "Three.", ""), "" },
		{ T("a", "One.", "fallback: [{channel: sms, text: Hi}]\n"), "" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void fallbacks_need_no_more_than_what_they_replace(void **state)
{
	static const struct rule_case cases[] = {
		{ P("a", "x: {default: x}, y: {default: y}", "One of {{x}} and {{y}} for you all here.", TO("b"))
		  "---\n" P("b", "y: {default: y}", "Two of {{y}} for you.", ""), "" },
		{ P("a", "x: {default: x}", "One of {{x}} for you.", TO("b"))
		  "---\n" P("b", "y: {default: y}", "Two of {{y}} for you.", ""), "HSM181@5:23" },
		{ P("a", "x: {default: x}", "One of {{x}} for you.", TO("b"))
		  "---\n" P("b", "x: {type: TEXT, default: y}", "Two of {{x}} for you.", ""), "" },
		{ P("a", "x: {default: x}", "One of {{x}} for you.", TO("b"))
		  "---\n" P("b", "x: {type: DATE, default: 2026-01-01}", "Two of {{x}} for you.", ""), "HSM181@5:23" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void a_text_has_one_name(void **state)
{
	static const struct rule_case cases[] = {
		{ T("a", "One.", "") "---\n" T("b", "One.", ""), "HSM183@3:27" },
		{ T("a", "One.", "") "---\n" T("b", "One", ""), "" },
		{ "name: a\ncategory: UTILITY\ntranslations: {en: {body: One.}, en_GB: {body: One.}}\n", "" },
		{ T("a", "One.", "") "---\nname: b\ncategory: UTILITY\ntranslations: {en: {header: H, body: One.}}\n",
		  "HSM186@3:38" },
		{ "name: a\ncategory: UTILITY\ntranslations: {en: {body: One., footer: A}}\n---\n" T("b", "One.", ""), "" },
		{ "name: a\ncategory: UTILITY\ntranslations: {en: {body: One.}}\n---\n"
		  "name: b\ncategory: UTILITY\ntranslations: {en_GB: {body: One.}}\n", "" },
		/* a placeholder's name is not sent */
		{ P("a", "x: {default: x}", "One of {{x}} for you.", "") "---\n"
		  P("b", "y: {default: x}", "One of {{y}} for you.", ""), "HSM183@4:27" },
		{ "name: a\ncategory: AUTHENTICATION\ntranslations: {en: {body: One.}}\n---\n"
		  "name: b\ncategory: AUTHENTICATION\ntranslations: {en: {body: One.}}\n", "" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

/* What an environment has decides what meets what. */
static void environments_are_accounts_of_their_own(void **state)
{
	static const char *const texts[] = { T("a", "One.", TO("b")), T("b", "One.", "") };
	struct loading loading = { 0 };
	(void)state;
	const struct hsm_config *config = loading_config(
		&loading, "environments:\n  dev: {region: eu-west-1, templates: [a]}\n  prod: {region: eu-west-1, templates: [b]}\n");
	const struct hsm_template *templates[] = { loading_template(&loading, texts[0]),
						   loading_template(&loading, texts[1]) };
	hsm_rules_check(config, NULL, templates, 2, &loading.findings);
	assert_int_equal(loading.findings.count, 1);
	assert_string_equal(loading.findings.items[0].rule->id, "HSM180");
	assert_non_null(strstr(loading.findings.items[0].message, "'dev' has 'a' and not its fallback 'b'"));
	loading_release(&loading);
}

static void budgets_are_those_of_accounts(void **state)
{
	static const struct {
		size_t count;
		const char *word;
	} cases[] = { { 250, NULL }, { 251, "250 until" }, { 6000, "250 until" }, { 6001, "6000 at most" } };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct loading loading = { 0 };
		struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		const struct hsm_config *config =
			loading_config(&loading, "environments: {dev: {region: eu-west-1}, few: {region: eu-west-1, languages: [fr]}}\n");
		const struct hsm_template **templates =
			hsm_arena_allocate_array(&loading.arena, cases[i].count, sizeof(*templates));
		for (size_t j = 0; j < cases[i].count; j++) {
			text.length = 0;
			hsm_buffer_append_format(&text, T("t%05zu", "Number %zu.", ""), j, j);
			templates[j] = loading_template(&loading, hsm_buffer_text(&text));
		}
		hsm_rules_check(config, NULL, templates, cases[i].count, &loading.findings);
		assert_int_equal(loading.findings.count, cases[i].word != NULL);
		if (cases[i].word) {
			assert_string_equal(loading.findings.items[0].rule->id, "HSM184");
			assert_non_null(strstr(loading.findings.items[0].message, cases[i].word));
		}
		hsm_buffer_release(&text);
		loading_release(&loading);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fallbacks_are_there_and_end),
		cmocka_unit_test(fallbacks_need_no_more_than_what_they_replace),
		cmocka_unit_test(a_text_has_one_name),
		cmocka_unit_test(environments_are_accounts_of_their_own),
		cmocka_unit_test(budgets_are_those_of_accounts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
