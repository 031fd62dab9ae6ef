/* Translations that the first language left behind, by commits. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/desired/desired.h"
#include "tests/unit/git_fixture.h"

struct state {
	struct hsm_git_fixture git;
	struct hsm_repository *repository;
};

static int start(void **user)
{
	struct state *state = calloc(1, sizeof(*state));
	hsm_git_fixture_start(&state->git);
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "environments: {dev: {region: eu-west-1}}\n");
	*user = state;
	return 0;
}

static int stop(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_stop(&state->git);
	free(state);
	return 0;
}

static void write_template(struct state *state, const char *en, const char *es, const char *de)
{
	char text[512];
	snprintf(text, sizeof(text),
		 "name: order\ncategory: UTILITY\ntranslations:\n  en: {body: \"%s\"}\n  es: {body: \"%s\"}\n  de: {body: \"%s\"}\n",
		 en, es, de);
	hsm_git_fixture_write(&state->git, "templates/order.yaml", text);
}

static void commit(struct state *state, const char *en, const char *es, const char *de, const char *subject)
{
	write_template(state, en, es, de);
	hsm_git_fixture_commit(&state->git, subject);
}

/* The languages that are said to be stale: "es de"; freed with the next call. */
static const char *stale(struct state *state)
{
	static char found[256];
	struct hsm_desired desired = { 0 };
	struct hsm_findings findings = { 0 };
	struct hsm_error error = { 0 };
	*found = '\0';
	assert_int_equal(hsm_repository_open(&state->repository, state->git.folder, &error), 0);
	assert_int_equal(hsm_desired_read_config(state->repository, NULL, &desired, &findings, &error), 0);
	if (hsm_desired_check_templates(state->repository, NULL, &desired, &findings, &error))
		fail_msg("%s: %s", error.message, findings.items[0].message);
	hsm_findings_sort(&findings);
	for (size_t i = 0; i < findings.count; i++) {
		const struct hsm_finding *finding = &findings.items[i];
		if (strcmp(finding->rule->id, "HSM020") != 0)
			continue;
		size_t length;
		const char *line = hsm_source_line(finding->mark.source, finding->mark.line, &length);
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%.2s", *found ? " " : "", line + 2);
	}
	hsm_findings_release(&findings);
	hsm_desired_release(&desired);
	hsm_repository_free(state->repository);
	return found;
}

static void what_the_first_language_leaves_behind_is_stale(void **user)
{
	struct state *state = *user;
	write_template(state, "One", "Uno", "Eins");
	assert_string_equal(stale(state), ""); /* before the first commit */
	commit(state, "One", "Uno", "Eins", "first");
	assert_string_equal(stale(state), "");
	commit(state, "Two", "Uno", "Eins", "en alone");
	assert_string_equal(stale(state), "es de");
	commit(state, "Two", "Dos", "Eins", "es follows");
	assert_string_equal(stale(state), "de");
	write_template(state, "Two", "Dos", "Zwei");
	assert_string_equal(stale(state), ""); /* being translated */
	commit(state, "Two", "Dos", "Zwei", "de follows");
	assert_string_equal(stale(state), "");
	commit(state, "Three", "Tres", "Drei", "all at once");
	assert_string_equal(stale(state), "");
	commit(state, "Three", "Tres!", "Drei", "another language is no source");
	assert_string_equal(stale(state), "");
}

static void a_text_that_comes_back_makes_nothing_stale(void **user)
{
	struct state *state = *user;
	commit(state, "One", "Uno", "Eins", "first");
	commit(state, "Two", "Uno", "Eins", "en alone");
	commit(state, "One", "Uno", "Eins", "reverted");
	assert_string_equal(stale(state), "");
}

static void branches_that_are_not_merged_say_nothing(void **user)
{
	struct state *state = *user;
	commit(state, "One", "Uno", "Eins", "first");
	hsm_git_fixture_run(&state->git, "checkout -q -b other");
	commit(state, "Two", "Uno", "Eins", "en alone");
	hsm_git_fixture_run(&state->git, "checkout -q -");
	assert_string_equal(stale(state), "");
	hsm_git_fixture_run(&state->git, "merge -q --no-ff -m merge other");
	assert_string_equal(stale(state), "es de");
}

/* What else a file says is no text: a comment that ignores it makes no content either. */
static void it_is_ignored_by_a_comment(void **user)
{
	struct state *state = *user;
	commit(state, "One", "Uno", "Eins", "first");
	commit(state, "Two", "Uno", "Eins", "en alone");
	hsm_git_fixture_shell(&state->git, "sed -i 's/^  es.*/& # hsmctl: ignore HSM020 still right/' templates/order.yaml");
	hsm_git_fixture_commit(&state->git, "es holds");
	assert_string_equal(stale(state), "de");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_the_first_language_leaves_behind_is_stale, start, stop),
		cmocka_unit_test_setup_teardown(a_text_that_comes_back_makes_nothing_stale, start, stop),
		cmocka_unit_test_setup_teardown(branches_that_are_not_merged_say_nothing, start, stop),
		cmocka_unit_test_setup_teardown(it_is_ignored_by_a_comment, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
