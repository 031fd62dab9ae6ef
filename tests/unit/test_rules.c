/*
 * Every rule by its own examples: the good one has no error, the bad one has the
 * rule's finding.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/desired/desired.h"
#include "schema/rule.h"
#include "tests/unit/git_fixture.h"

/* Of each API, beside the sample that examples show. */
static const char *const configs[] = {
	[0] = "environments:\n  dev: {base_url: \"http://127.0.0.1:1\"}\n",
	[HSM_BACKEND_META] = "backend: meta\nenvironments:\n  dev: {account: \"1\"}\n",
};
static const char sample[] = "\xff\xd8\xff\xe0";

/* The documents of an example as files of a repository, on the API that the rule is of. */
static void write_example(struct hsm_git_fixture *git, const struct hsm_rule *rule, const char *example)
{
	hsm_git_fixture_write(git, "hsmctl.yaml", configs[rule->backend]);
	hsm_git_fixture_write(git, "files/shoes.jpg", sample);
	hsm_git_fixture_shell(git, "rm -rf templates");
	for (int i = 0; example; i++) {
		const char *next = strstr(example, "\n---\n");
		char path[64];
		char *text = next ? strndup(example, (size_t)(next - example) + 1) : strdup(example);
		snprintf(path, sizeof(path), "templates/t%d.yaml", i);
		hsm_git_fixture_write(git, path, text);
		free(text);
		example = next ? next + 5 : NULL;
	}
}

/* Findings of a rule in an example; all of them are printed where errors are not wanted. */
static size_t count_findings(struct hsm_git_fixture *git, const char *example, const struct hsm_rule *rule,
			     bool good)
{
	struct hsm_repository *repository = NULL;
	struct hsm_desired desired = { 0 };
	struct hsm_findings findings = { 0 };
	struct hsm_error error = { 0 };
	size_t count = 0;
	write_example(git, rule, example);
	assert_int_equal(hsm_repository_open(&repository, git->folder, &error), 0);
	int rc = hsm_desired_read_config(repository, NULL, &desired, &findings, &error);
	if (rc)
		fail_msg("%s", error.message);
	hsm_desired_read_templates(repository, NULL, &desired, &findings, &error);
	for (size_t i = 0; i < findings.count; i++) {
		count += findings.items[i].rule == rule;
		if (good && (findings.items[i].rule == rule || findings.items[i].severity == HSM_SEVERITY_ERROR))
			fail_msg("%s: its good example has %s: %s", rule->id, findings.items[i].rule->id,
				 findings.items[i].message);
	}
	hsm_findings_release(&findings);
	hsm_desired_release(&desired);
	hsm_repository_free(repository);
	return count;
}

static void every_rule_tells_its_examples_apart(void **state)
{
	struct hsm_git_fixture git;
	(void)state;
	hsm_git_fixture_start(&git);
	for (const struct hsm_rule *rule = hsm_rule_next(NULL); rule; rule = hsm_rule_next(rule)) {
		if (!rule->good)
			continue;
		count_findings(&git, rule->good, rule, true);
		if (!count_findings(&git, rule->bad, rule, false))
			fail_msg("%s finds nothing in its bad example:\n%s", rule->id, rule->bad);
	}
	hsm_git_fixture_stop(&git);
}

static void rows_are_whole_and_in_order(void **state)
{
	const char *last = "";
	(void)state;
	for (const struct hsm_rule *rule = hsm_rule_next(NULL); rule; rule = hsm_rule_next(rule)) {
		if (strcmp(last, rule->id) >= 0)
			fail_msg("%s follows %s", rule->id, last);
		if (!rule->name || !rule->summary || !rule->protects || !rule->source || !rule->fix ||
		    !rule->good != !rule->bad)
			fail_msg("%s lacks something", rule->id);
		assert_ptr_equal(hsm_rule_find(rule->id), rule);
		last = rule->id;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_whole_and_in_order),
		cmocka_unit_test(every_rule_tells_its_examples_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
