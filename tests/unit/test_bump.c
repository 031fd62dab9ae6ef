/* Which numbers a change needs, and that nothing else of a file is touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/desired/bump.h"
#include "tests/unit/git_fixture.h"

#define TWO "environments: {dev: {region: eu-west-1}, prod: {region: us-east-1}}\n"

struct state {
	struct hsm_git_fixture git;
	struct hsm_bumps bumps;
	struct hsm_error error;
};

static int start(void **user)
{
	struct state *state = calloc(1, sizeof(*state));
	hsm_git_fixture_start(&state->git);
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
	*user = state;
	return 0;
}

static int stop(void **user)
{
	struct state *state = *user;
	hsm_bumps_release(&state->bumps);
	hsm_git_fixture_stop(&state->git);
	free(state);
	return 0;
}

/* Finds and writes; revision NULL: of the work tree. */
static int bump(struct state *state, const char *revision, const char *base)
{
	struct hsm_repository *repository = NULL;
	struct hsm_findings findings = { 0 };
	char commit[HSM_COMMIT_SIZE];
	hsm_bumps_release(&state->bumps);
	state->error = (struct hsm_error){ 0 };
	assert_int_equal(hsm_repository_open(&repository, state->git.folder, &state->error), 0);
	int rc = hsm_repository_resolve(repository, base, commit, &state->error);
	if (!rc)
		rc = hsm_bump_find(repository, revision, commit, &state->bumps, &findings, &state->error);
	if (!rc && !revision)
		rc = hsm_bump_write(repository, &state->bumps, &state->error);
	hsm_findings_release(&findings);
	hsm_repository_free(repository);
	return rc;
}

static void expect_file(struct state *state, const char *path, const char *wanted)
{
	char *text = hsm_git_fixture_read(&state->git, path);
	assert_string_equal(text, wanted);
	free(text);
}

/* What is found in whatever style, and what becomes of it when en_US needs version 2. */
static void only_the_number_changes(void **user)
{
	static const struct {
		const char *before, *changed, *wanted;
	} cases[] = {
		{ "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    version: 1 # the first\n    body: A.\n",
		  "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    version: 1 # the first\n    body: B.\n",
		  "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    version: 2 # the first\n    body: B.\n" },
		{ "name: t\ncategory: UTILITY\ntranslations: {en_US: {body: A., version: 1}}\n",
		  "name: t\ncategory: UTILITY\ntranslations: {en_US: {body: B., version: 1}}\n",
		  "name: t\ncategory: UTILITY\ntranslations: {en_US: {body: B., version: 2}}\n" },
		{ "name: t\r\ncategory: UTILITY\r\ntranslations:\r\n  en_US:\r\n    body: A.\r\n    version:   1\r\n",
		  "name: t\r\ncategory: UTILITY\r\ntranslations:\r\n  en_US:\r\n    body: B.\r\n    version:   1\r\n",
		  "name: t\r\ncategory: UTILITY\r\ntranslations:\r\n  en_US:\r\n    body: B.\r\n    version:   2\r\n" },
		/* what is before the number has other breaks, wide characters, a byte-order mark; no end of line */
		{ "\xef\xbb\xbf" "name: t\ncategory: UTILITY\ntranslations: {en_US: {body: A., version: 1}}",
		  "\xef\xbb\xbf" "name: t\ncategory: UTILITY\ntranslations: {en_US: {body: \"\xc3\xa9\xf0\x9f\x98\x80\", version: 1}}",
		  "\xef\xbb\xbf" "name: t\ncategory: UTILITY\ntranslations: {en_US: {body: \"\xc3\xa9\xf0\x9f\x98\x80\", version: 2}}" },
		{ "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    body: \"A\xe2\x80\xa8" "B\"\n    version: 1\n",
		  "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    body: \"A\xe2\x80\xa8" "C\"\n    version: 1\n",
		  "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    body: \"A\xe2\x80\xa8" "C\"\n    version: 2\n" },
	};
	struct state *state = *user;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hsm_git_fixture_write(&state->git, "templates/t.yaml", cases[i].before);
		hsm_git_fixture_commit(&state->git, "Before");
		hsm_git_fixture_write(&state->git, "templates/t.yaml", cases[i].changed);
		assert_int_equal(bump(state, NULL, "HEAD"), 0);
		assert_int_equal(state->bumps.count, 1);
		expect_file(state, "templates/t.yaml", cases[i].wanted);
		hsm_git_fixture_run(&state->git, "update-ref -d HEAD");
	}
}

/* What has no number gets the first one that is free, at the top of its block. */
static void a_missing_number_is_inserted(void **user)
{
	static const struct {
		const char *before, *wanted;
	} cases[] = {
		{ "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    # said first\n    body: A.\n  es_ES:\n    body: B.\n",
		  "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    # said first\n    version: 1\n    body: A.\n"
		  "  es_ES:\n    version: 1\n    body: B.\n" },
		{ "name: t\ncategory: UTILITY\ntranslations: {en_US: {body: A.}, es_ES: { body: B. }}\n",
		  "name: t\ncategory: UTILITY\ntranslations: {en_US: {version: 1, body: A.}, es_ES: {version: 1,  body: B. }}\n" },
		{ "name: t\r\ncategory: UTILITY\r\ntranslations:\r\n  en_US:\r\n    body: A.\r\n",
		  "name: t\r\ncategory: UTILITY\r\ntranslations:\r\n  en_US:\r\n    version: 1\r\n    body: A.\r\n" },
		{ "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    \"body\": A.\n",
		  "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    version: 1\n    \"body\": A.\n" },
		{ "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    ? body\n    : A.\n",
		  "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n    version: 1\n    ? body\n    : A.\n" },
	};
	struct state *state = *user;
	hsm_git_fixture_commit(&state->git, "No template");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hsm_git_fixture_write(&state->git, "templates/t.yaml", cases[i].before);
		assert_int_equal(bump(state, NULL, "HEAD"), 0);
		expect_file(state, "templates/t.yaml", cases[i].wanted);
		assert_int_equal(bump(state, NULL, "HEAD"), 0);
		assert_int_equal(state->bumps.count, 0);
	}
}

static void a_translation_in_a_file_of_its_own_has_its_number_there(void **user)
{
	struct state *state = *user;
	static const char template[] = "name: t\ncategory: UTILITY\ntranslations: {en_US: {version: 1, body: A.}}\n";
	hsm_git_fixture_write(&state->git, "templates/t.yaml", template);
	hsm_git_fixture_write(&state->git, "templates/t/es_ES.yaml", "# translators: mind the tone\nbody: B.\nversion: 1\n");
	hsm_git_fixture_write(&state->git, "templates/t/fr_FR.yaml", "{body: C., version: 1}\n");
	hsm_git_fixture_commit(&state->git, "Before");
	hsm_git_fixture_write(&state->git, "templates/t/es_ES.yaml", "# translators: mind the tone\nbody: BB.\nversion: 1\n");
	hsm_git_fixture_write(&state->git, "templates/t/de_DE.yaml", "---\n# new\nbody: D.\n");
	hsm_git_fixture_write(&state->git, "templates/t/it_IT.yaml", "{body: E.}\n");
	assert_int_equal(bump(state, NULL, "HEAD"), 0);
	expect_file(state, "templates/t.yaml", template);
	expect_file(state, "templates/t/fr_FR.yaml", "{body: C., version: 1}\n");
	/* those that change together */
	expect_file(state, "templates/t/es_ES.yaml", "# translators: mind the tone\nbody: BB.\nversion: 2\n");
	expect_file(state, "templates/t/de_DE.yaml", "---\n# new\nversion: 2\nbody: D.\n");
	expect_file(state, "templates/t/it_IT.yaml", "{version: 2, body: E.}\n");
}

static void write_numbers(struct state *state, const char *english, int first, const char *spanish, int second)
{
	char text[512];
	snprintf(text, sizeof(text), "name: t\ncategory: UTILITY\ntranslations:\n  en_US: {version: %d, body: %s}\n"
		 "  es_ES: {version: %d, body: %s}\n", first, english, second, spanish);
	hsm_git_fixture_write(&state->git, "templates/t.yaml", text);
}

static void the_number_is_above_that_of_every_ref(void **user)
{
	static const char *const refs[] = { "refs/heads/hotfix", "refs/remotes/origin/theirs", "refs/tags/v1" };
	struct state *state = *user;
	write_numbers(state, "A.", 1, "B.", 1);
	hsm_git_fixture_commit(&state->git, "Before");
	for (int i = 0; i < 3; i++) {
		hsm_git_fixture_run(&state->git, "checkout -q --detach main");
		write_numbers(state, "A.", 1, "Other.", 5 + i);
		hsm_git_fixture_commit(&state->git, "Elsewhere");
		hsm_git_fixture_run(&state->git, "update-ref %s HEAD", refs[i]);
		hsm_git_fixture_run(&state->git, "checkout -q main");
		write_numbers(state, "AA.", 1, "B.", 1);
		assert_int_equal(bump(state, NULL, "HEAD"), 0);
		assert_int_equal(state->bumps.count, 1);
		assert_int_equal(state->bumps.items[0].new_version, 6 + i);
		hsm_git_fixture_run(&state->git, "checkout -q .");
	}
}

static void numbers_that_were_given_and_taken_back_are_not_given_again(void **user)
{
	struct state *state = *user;
	write_numbers(state, "A.", 9, "B.", 1);
	hsm_git_fixture_commit(&state->git, "Nine");
	hsm_git_fixture_run(&state->git, "rm -q templates/t.yaml");
	hsm_git_fixture_commit(&state->git, "Gone");
	write_numbers(state, "A.", 1, "B.", 1);
	hsm_git_fixture_commit(&state->git, "Here again");
	write_numbers(state, "AA.", 1, "B.", 1);
	assert_int_equal(bump(state, NULL, "HEAD"), 0);
	assert_int_equal(state->bumps.items[0].new_version, 10);
}

/* A second bump before the commit: what changed together gets the same number. */
static void a_bump_that_is_not_committed_is_no_number_that_a_ref_had(void **user)
{
	struct state *state = *user;
	write_numbers(state, "A.", 1, "B.", 1);
	hsm_git_fixture_commit(&state->git, "Before");
	write_numbers(state, "AA.", 1, "B.", 1);
	assert_int_equal(bump(state, NULL, "HEAD"), 0);
	write_numbers(state, "AA.", 2, "BB.", 1);
	assert_int_equal(bump(state, NULL, "HEAD"), 0);
	assert_int_equal(state->bumps.count, 1);
	assert_int_equal(state->bumps.items[0].new_version, 2);
}

static void a_base_that_no_ref_leads_to_counts_too(void **user)
{
	struct state *state = *user;
	write_numbers(state, "A.", 1, "B.", 1);
	hsm_git_fixture_commit(&state->git, "Before");
	hsm_git_fixture_run(&state->git, "checkout -q --detach");
	write_numbers(state, "A.", 7, "B.", 1);
	hsm_git_fixture_commit(&state->git, "Dangling");
	hsm_git_fixture_shell(&state->git, "git rev-parse HEAD > .git/base && git checkout -q main");
	char *base = hsm_git_fixture_read(&state->git, ".git/base");
	write_numbers(state, "AA.", 7, "B.", 1);
	base[40] = '\0';
	assert_int_equal(bump(state, NULL, base), 0);
	assert_int_equal(state->bumps.items[0].new_version, 8);
	free(base);
}

/* The first environment has neither the template nor the language: its numbers count all the same. */
static void numbers_count_whatever_environment_has_them(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml",
			      "environments:\n  dev: {region: eu-west-1, templates: [x], languages: [en_US]}\n"
			      "  prod: {region: us-east-1}\n");
	write_numbers(state, "A.", 1, "B.", 4);
	hsm_git_fixture_commit(&state->git, "Before");
	write_numbers(state, "AA.", 1, "B.", 4);
	assert_int_equal(bump(state, NULL, "HEAD"), 0);
	assert_int_equal(state->bumps.count, 1);
	assert_int_equal(state->bumps.items[0].new_version, 5);
}

static void a_variable_that_changes_in_one_environment_needs_a_number(void **user)
{
	struct state *state = *user;
	write_numbers(state, "\"A ${brand}.\"", 1, "B.", 1);
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "environments: {dev: {region: eu-west-1}, prod: {region: "
			      "us-east-1, variables: {brand: Acme}}}\nvariables: {brand: Test}\n");
	hsm_git_fixture_commit(&state->git, "Before");
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "environments: {dev: {region: eu-west-1}, prod: {region: "
			      "us-east-1, variables: {brand: Acme Bank}}}\nvariables: {brand: Test}\n");
	assert_int_equal(bump(state, NULL, "HEAD"), 0);
	assert_int_equal(state->bumps.count, 1);
	assert_string_equal(state->bumps.items[0].language, "en_US");
}

static void what_is_not_content_needs_none(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "templates/t.yaml",
			      "name: t\ncategory: UTILITY\ntranslations: {en_US: {version: 1, body: A.}}\n");
	hsm_git_fixture_commit(&state->git, "Before");
	hsm_git_fixture_write(&state->git, "templates/moved.yml",
			      "# another file, another form\nname: t\ncategory: MARKETING\ndescription: d\n"
			      "lifecycle: {keep: 3}\ntranslations:\n  en_US:\n    body: \"A.\"\n    version: 1\n");
	hsm_git_fixture_shell(&state->git, "rm templates/t.yaml");
	assert_int_equal(bump(state, NULL, "HEAD"), 0);
	assert_int_equal(state->bumps.count, 0);
}

static void a_revision_is_compared_and_not_the_work_tree(void **user)
{
	struct state *state = *user;
	write_numbers(state, "A.", 1, "B.", 1);
	hsm_git_fixture_commit(&state->git, "Before");
	write_numbers(state, "AA.", 1, "B.", 1);
	hsm_git_fixture_commit(&state->git, "No bump");
	write_numbers(state, "AA.", 2, "B.", 1);
	assert_int_equal(bump(state, "HEAD", "HEAD~1"), 0);
	assert_int_equal(state->bumps.count, 1);
	assert_int_equal(bump(state, NULL, "HEAD~1"), 0);
	assert_int_equal(state->bumps.count, 0);
}

static void without_all_of_history_nothing_is_numbered(void **user)
{
	struct state *state = *user;
	write_numbers(state, "A.", 1, "B.", 1);
	hsm_git_fixture_commit(&state->git, "One");
	hsm_git_fixture_commit(&state->git, "Two");
	hsm_git_fixture_shell(&state->git, "git rev-parse HEAD > .git/shallow");
	write_numbers(state, "AA.", 1, "B.", 1);
	assert_int_equal(bump(state, NULL, "HEAD"), HSM_ERROR_FAILED);
	assert_non_null(strstr(state->error.message, "git fetch --unshallow"));
	char *text = hsm_git_fixture_read(&state->git, "templates/t.yaml");
	assert_non_null(strstr(text, "{version: 1, body: AA.}"));
	free(text);
}

static void the_last_number_is_not_passed(void **user)
{
	struct state *state = *user;
	write_numbers(state, "A.", 999999, "B.", 1);
	hsm_git_fixture_commit(&state->git, "Before");
	write_numbers(state, "AA.", 999999, "B.", 1);
	assert_int_equal(bump(state, NULL, "HEAD"), HSM_ERROR_INVALID);
	assert_non_null(strstr(state->error.message, "no version number is left"));
}

static void the_mode_of_a_file_stays(void **user)
{
	struct state *state = *user;
	write_numbers(state, "A.", 1, "B.", 1);
	hsm_git_fixture_commit(&state->git, "Before");
	write_numbers(state, "AA.", 1, "B.", 1);
	hsm_git_fixture_shell(&state->git, "chmod 640 templates/t.yaml");
	assert_int_equal(bump(state, NULL, "HEAD"), 0);
	hsm_git_fixture_shell(&state->git, "test \"$(stat -c %%a templates/t.yaml)\" = 640 && test \"$(ls -A templates)\" = t.yaml");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_the_number_changes),
		TEST(a_missing_number_is_inserted),
		TEST(a_translation_in_a_file_of_its_own_has_its_number_there),
		TEST(the_number_is_above_that_of_every_ref),
		TEST(numbers_that_were_given_and_taken_back_are_not_given_again),
		TEST(a_bump_that_is_not_committed_is_no_number_that_a_ref_had),
		TEST(a_base_that_no_ref_leads_to_counts_too),
		TEST(numbers_count_whatever_environment_has_them),
		TEST(a_variable_that_changes_in_one_environment_needs_a_number),
		TEST(what_is_not_content_needs_none),
		TEST(a_revision_is_compared_and_not_the_work_tree),
		TEST(without_all_of_history_nothing_is_numbered),
		TEST(the_last_number_is_not_passed),
		TEST(the_mode_of_a_file_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
