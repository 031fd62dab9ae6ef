/* policy.rules, policy.names and comments that ignore findings. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "schema/rules.h"
#include "schema/yaml.h"
#include "tests/unit/loading.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HEAD "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n"
#define DEFAULT(text)                                                                  \
	"name: t\ncategory: UTILITY\nparameters: {a: {default: " text "}}\n"            \
	"translations:\n  en_US:\n    body: \"Your order {{a}} is packed now.\"\n"
#define ENVIRONMENT "environments: {dev: {region: eu-west-1}}\n"

struct control_case {
	const char *policy, *text, *found;
};

/* "e:HSM107@5:15 w:HSM019@6:2" */
static void check(const struct control_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct loading loading = { 0 };
		struct hsm_buffer found = HSM_BUFFER_INIT(HSM_BUFFER_CAP), text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		hsm_buffer_append_format(&text, ENVIRONMENT "%s", cases[i].policy);
		const struct hsm_config *config = loading_config(&loading, hsm_buffer_text(&text));
		const struct hsm_template *template = loading_template(&loading, cases[i].text);
		const struct hsm_source *source = template->name.mark.source;
		hsm_rules_check(config, NULL, &template, 1, &loading.findings);
		hsm_rules_control(config, &source, 1, true, &loading.findings);
		hsm_findings_sort(&loading.findings);
		size_t errors = 0;
		for (size_t j = 0; j < loading.findings.count; j++) {
			const struct hsm_finding *finding = &loading.findings.items[j];
			errors += finding->severity == HSM_SEVERITY_ERROR;
			hsm_buffer_append_format(&found, "%s%c:%s@%u:%u", j ? " " : "",
						 finding->severity == HSM_SEVERITY_ERROR ? 'e' : 'w', finding->rule->id,
						 finding->mark.line, finding->mark.column);
		}
		if (strcmp(hsm_buffer_text(&found), cases[i].found) != 0)
			fail_msg("case %zu:\n%s%s\nfound %s, not %s", i, cases[i].policy, cases[i].text,
				 hsm_buffer_text(&found), cases[i].found);
		assert_int_equal(loading.findings.errors, errors);
		assert_int_equal(loading.findings.warnings, loading.findings.count - errors);
		hsm_buffer_release(&found);
		hsm_buffer_release(&text);
		loading_release(&loading);
	}
}

static void comments_drop_findings_of_their_line(void **state)
{
	static const struct control_case cases[] = {
		{ "", HEAD "    body: Wide    gap.\n", "w:HSM107@5:15" },
		{ "", HEAD "    body: Wide    gap. # hsmctl: ignore HSM107 a table\n", "" },
		{ "", HEAD "    body: \"Wide    gap.\"   #  hsmctl: ignore  HSM107  a table\n", "" },
		{ "", HEAD "    # hsmctl: ignore HSM107 a table\n    body: Wide    gap.\n", "" },
		{ "", HEAD "    # hsmctl: ignore HSM107 a table\n\n    # It is one.\n    body: Wide    gap.\n", "" },
		{ "", HEAD "    # hsmctl: ignore HSM107, HSM171 a table\n    body: Wide    gap, 20% off.\n", "" },
		{ "", HEAD "    # hsmctl: ignore HSM107 a table\n    # hsmctl: ignore HSM171 asked for\n"
		      "    body: Wide    gap, 20% off.\n", "" },
		{ "", HEAD "    body: | # hsmctl: ignore HSM107 a table\n      One\n\n      Wide    gap.\n    footer: A    b\n",
		  "w:HSM107@9:14" },
		{ "", HEAD "    # hsmctl: ignore HSM107 a table\n    body: |\n      One\n      Wide    gap.\n", "" },
		/* of another rule, another line */
		{ "", HEAD "    body: Wide    gap. # hsmctl: ignore HSM104 a table\n", "w:HSM107@5:15 w:HSM019@5:41" },
		{ "", HEAD "    body: Wide    gap.\n    footer: A # hsmctl: ignore HSM107 a table\n",
		  "w:HSM107@5:15 w:HSM019@6:32" },
		{ "", HEAD "    body: Gap. # hsmctl: ignore HSM107 a table\n", "w:HSM019@5:33" },
		{ "", HEAD "    body: Wide    gap. # hsmctl: ignore HSM107\n", "w:HSM018@5:41" },
		{ "", HEAD "    body: Wide    gap. # hsmctl: ignore HSM107   \n    footer: A\n", "w:HSM018@5:41" },
		{ "", HEAD "    body: Gap. # hsmctl: ignore HSM999 a table\n", "w:HSM019@5:33" },
		{ "", HEAD "    body: Gap. # hsmctl: ignore HSM005 a table\n", "w:HSM019@5:33" },
		{ "", HEAD "    body: Gap.\n    # hsmctl: ignore all of it\n", "w:HSM019@6:5" },
		/* no comments */
		{ "", HEAD "    body: \"Wide    gap, hsmctl: ignore HSM107 a table\"\n", "w:HSM107@5:16" },
		{ "", HEAD "    body: \"Wide    gap#hsmctl: ignore HSM107 a table\"\n", "w:HSM107@5:16" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void policies_change_what_a_finding_is(void **state)
{
#define RULES(rules) "policy: {rules: {" rules "}}\n"
	static const struct control_case cases[] = {
		{ RULES("HSM107: off"), HEAD "    body: Wide    gap.\n", "" },
		{ RULES("HSM107: error"), HEAD "    body: Wide    gap.\n", "e:HSM107@5:15" },
		{ RULES("HSM104: warn"), HEAD "    body: \"One.\\n\\n\\nTwo.\"\n", "w:HSM104@5:11" },
		{ RULES("HSM104: off"), HEAD "    body: Wide    gap.\n", "w:HSM107@5:15" },
		{ RULES("HSM107: {\"test.*\": off}"), HEAD "    body: Wide    gap.\n", "" },
		{ RULES("HSM107: {\"old/*\": off}"), HEAD "    body: Wide    gap.\n", "w:HSM107@5:15" },
		{ RULES("HSM107: {\"old/*\": off, \"*\": error}"), HEAD "    body: Wide    gap.\n", "e:HSM107@5:15" },
		/* what a comment ignores is no unused comment where a policy turns it off, too */
		{ RULES("HSM107: off"), HEAD "    body: Wide    gap. # hsmctl: ignore HSM107 a table\n", "" },
		{ "policy: {names: \"^acme_\"}\n", HEAD "    body: Gap.\n", "e:HSM185@1:7" },
		{ "policy: {names: \"^[a-z]\"}\n", HEAD "    body: Gap.\n", "" },
		{ "policy: {names: \"^(t+)+$\"}\n", HEAD "    body: Gap.\n", "" },
		{ "delivery: {allowed: \"[a-z]\"}\n", DEFAULT("ORD-1"), "e:HSM129@3:27" },
		{ "delivery: {allowed: \"[a-z]\"}\n", DEFAULT("ORD-1, allowed: \"[A-Z0-9-]\""), "" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void policies_are_checked_themselves(void **state)
{
	static const struct {
		const char *policy, *report;
	} cases[] = {
		{ "policy: {names: \"(\"}\n", "HSM008: not a regular expression: missing closing parenthesis" },
		{ "policy: {rules: {HSM999: off}}\n", "HSM017: there is no rule HSM999" },
		{ "policy: {rules: {HSM005: off}}\n", "HSM017: HSM005 cannot be changed" },
		{ "policy: {rules: {hsm107: off}}\n", "HSM008" },
		{ "policy: {rules: {HSM107: maybe}}\n", "HSM008" },
		{ "delivery: {allowed: \"[a\"}\n", "HSM008: not a regular expression: missing terminating ]" },
		{ "delivery: {emoji: drop}\n", "HSM008" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct loading loading = { 0 };
		struct hsm_config config = { 0 };
		char text[256];
		snprintf(text, sizeof(text), ENVIRONMENT "%s", cases[i].policy);
		loading_yaml(&loading, &hsm_config_object, text, &config);
		hsm_rules_check_config(&config, &loading.findings);
		assert_int_equal(loading.findings.errors, 1);
		if (!strstr(loading_report(&loading), cases[i].report))
			fail_msg("%s", loading_report(&loading));
		loading_release(&loading);
	}
}

/* Exponential in a backtracking matcher. */
static void a_hostile_expression_ends(void **state)
{
	struct loading loading = { 0 };
	char text[800] = "name: ";
	(void)state;
	memset(text + 6, 'a', 480);
	strcat(text, "b\ncategory: UTILITY\ntranslations: {en: {body: Gap.}}\n");
	const struct hsm_config *config = loading_config(&loading, ENVIRONMENT "policy: {names: \"^(a+)+$\"}\n");
	const struct hsm_template *template = loading_template(&loading, text);
	hsm_rules_check(config, NULL, &template, 1, &loading.findings);
	assert_int_equal(loading.findings.errors, 1);
	loading_release(&loading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_drop_findings_of_their_line),
		cmocka_unit_test(policies_change_what_a_finding_is),
		cmocka_unit_test(policies_are_checked_themselves),
		cmocka_unit_test(a_hostile_expression_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
