#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reconciler/desired/bump.h"
#include "tests/unit/git_fixture.h"

struct state {
	struct hsm_git_fixture git;
	struct hsm_repository *repository;
	struct hsm_bumps bumps;
	struct hsm_findings findings;
	struct hsm_error error;
};

#define ONE "environments: {dev: {region: eu-west-1}}\n"
#define TWO "environments: {dev: {region: eu-west-1}, prod: {region: eu-west-1}}\n"
#define HEAD "name: a\ncategory: UTILITY\ntranslations:\n"

static int start(void **user)
{
	struct state *state = calloc(1, sizeof(*state));
	hsm_git_fixture_start(&state->git);
	*user = state;
	return hsm_repository_open(&state->repository, state->git.folder, &state->error);
}

static void forget(struct state *state)
{
	hsm_bumps_release(&state->bumps);
	hsm_findings_release(&state->findings);
	state->error = (struct hsm_error){ 0 };
}

static void restart(struct state *state)
{
	forget(state);
	hsm_repository_free(state->repository);
	hsm_git_fixture_stop(&state->git);
	hsm_git_fixture_start(&state->git);
	assert_int_equal(hsm_repository_open(&state->repository, state->git.folder, &state->error), 0);
}

static int stop(void **user)
{
	struct state *state = *user;
	forget(state);
	hsm_repository_free(state->repository);
	hsm_git_fixture_stop(&state->git);
	free(state);
	return 0;
}

/* base NULL: before the first commit. */
static int find(struct state *state, const char *revision, const char *base)
{
	char commit[HSM_COMMIT_SIZE] = "";
	forget(state);
	if (base)
		assert_int_equal(hsm_repository_resolve(state->repository, base, commit, &state->error), 0);
	return hsm_bump_find(state->repository, revision, commit, &state->bumps, &state->findings,
			     &state->error);
}

/* "a en 1 2, ...": template, language, number before and after. */
static void assert_bumps(const struct state *state, const char *expected)
{
	char text[1024] = "";
	size_t length = 0;
	for (size_t i = 0; i < state->bumps.count; i++) {
		const struct hsm_bump *bump = &state->bumps.items[i];
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %s %d %d",
					   i ? ", " : "", bump->base, bump->language, (int)bump->old_version,
					   (int)bump->new_version);
	}
	assert_string_equal(text, expected);
}

static void assert_file(const struct state *state, const char *path, const char *expected)
{
	char *text = hsm_git_fixture_read(&state->git, path);
	assert_string_equal(text, expected);
	free(text);
}

/* Finds against HEAD, writes, and looks at the one file. */
static void assert_written(struct state *state, const char *path, const char *expected)
{
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	if (hsm_bump_write(state->repository, &state->bumps, &state->error) != 0)
		fail_msg("%s", state->error.message);
	assert_file(state, path, expected);
	/* Written is written: nothing is to do any more. */
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_int_equal(state->bumps.count, 0);
}

static void changed_content_needs_a_number_that_changes_with_it(void **user)
{
	static const struct {
		const char *config, *before, *after, *expected;
	} cases[] = {
		/* Nothing changed; only the number did; only what is no content. */
		{ ONE, "  en: {version: 1, body: Hi}\n", "  en: {version: 1, body: Hi}\n", "" },
		{ ONE, "  en: {version: 1, body: Hi}\n", "  en: {version: 4, body: Hi}\n", "" },
		{ ONE, "  en: {version: 1, body: Hi}\n",
		  "  en:\n    version: 1\n    body: 'Hi'\nroutes: {}\n", "" },
		{ ONE, "  en: {version: 1, body: Hi}\n", "  en: {version: 2, body: Ho}\n", "" },
		/* A revert takes text and number back together. */
		{ ONE, "  en: {version: 3, body: Ho}\n", "  en: {version: 1, body: Hi}\n", "" },
		{ ONE, "  en: {version: 1, body: Hi}\n", "  en: {version: 1, body: Ho}\n", "a en 1 2" },
		/* Only one language changed: it jumps over the numbers of the others. */
		{ ONE, "  en: {version: 1, body: Hi}\n  es: {version: 5, body: Hola}\n",
		  "  en: {version: 1, body: Ho}\n  es: {version: 5, body: Hola}\n", "a en 1 6" },
		{ ONE, "  en: {version: 1, body: Hi}\n  es: {version: 5, body: Hola}\n",
		  "  en: {version: 1, body: Ho}\n  es: {version: 5, body: Ola}\n", "a en 1 6, a es 5 6" },
		/* The reconciler numbers what has no number; several environments need one. */
		{ ONE, "  en: {body: Hi}\n", "  en: {body: Ho}\n", "" },
		{ TWO, "  en: {body: Hi}\n", "  en: {body: Hi}\n", "a en 0 1" },
		{ TWO, "  en: {version: 7, body: Hi}\n", "  en: {version: 7, body: Hi}\n  es: {body: Hola}\n",
		  "a es 0 8" },
		{ TWO, "  en: {version: 7, body: Hi}\n", "  en: {version: 7, body: Ho}\n  es: {body: Hola}\n",
		  "a en 7 8, a es 0 8" },
		/* A language that is new with a number has what it needs. */
		{ TWO, "  en: {version: 7, body: Hi}\n",
		  "  en: {version: 7, body: Hi}\n  es: {version: 1, body: Hola}\n", "" },
	};
	struct state *state = *user;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		restart(state);
		hsm_git_fixture_write(&state->git, "hsmctl.yaml", cases[i].config);
		snprintf(text, sizeof(text), HEAD "%s", cases[i].before);
		hsm_git_fixture_write(&state->git, "templates/a.yaml", text);
		hsm_git_fixture_commit(&state->git, "one");
		snprintf(text, sizeof(text), HEAD "%s", cases[i].after);
		hsm_git_fixture_write(&state->git, "templates/a.yaml", text);
		assert_int_equal(find(state, NULL, "HEAD"), 0);
		assert_bumps(state, cases[i].expected);
		/* The same between two commits. */
		hsm_git_fixture_commit(&state->git, "two");
		hsm_git_fixture_write(&state->git, "templates/a.yaml", "broken: [");
		assert_int_equal(find(state, "HEAD", "HEAD~1"), 0);
		assert_bumps(state, cases[i].expected);
	}
}

static void only_the_number_changes_in_the_file(void **user)
{
	static const struct {
		const char *before, *after, *written;
	} cases[] = {
		/* Comments, quotes and spaces stay; the number may have a comment. */
		{ "  en_US: # for Ana\n    version:  9   # pinned\n    body:   \"Hi\"   \n",
		  "  en_US: # for Ana\n    version:  9   # pinned\n    body:   \"Ho\"   \n",
		  "  en_US: # for Ana\n    version:  10   # pinned\n    body:   \"Ho\"   \n" },
		{ "  en_US:\n    body: Hi\n    version:\n      9\n",
		  "  en_US:\n    body: Ho\n    version:\n      9\n",
		  "  en_US:\n    body: Ho\n    version:\n      10\n" },
		{ "  \"en_US\": {body: Hi, \"version\": 0009}\n",
		  "  \"en_US\": {body: Ho, \"version\": 0009}\n",
		  "  \"en_US\": {body: Ho, \"version\": 10}\n" },
		/* The same text as a number elsewhere stays. */
		{ "  en: {version: 9, body: 9 x}\n  es: {version: 9, body: 9 y}\n",
		  "  en: {version: 9, body: 9 x}\n  es: {version: 9, body: 9 z}\n",
		  "  en: {version: 9, body: 9 x}\n  es: {version: 10, body: 9 z}\n" },
		{ "  en: {version: 9, body: x}\n  es: {version: 99, body: y}\n",
		  "  en: {version: 9, body: xx}\n  es: {version: 99, body: yy}\n",
		  "  en: {version: 100, body: xx}\n  es: {version: 100, body: yy}\n" },
		/* Characters of several bytes before it in its line. */
		{ "  en: {body: \"Señor ☎ 👍\", version: 1} # ñ\n",
		  "  en: {body: \"Señora ☎ 👍\", version: 1} # ñ\n",
		  "  en: {body: \"Señora ☎ 👍\", version: 2} # ñ\n" },
		/* No newline at the end of the file. */
		{ "  en: {body: Hi, version: 1}", "  en:\n    body: Ho\n    version: 1",
		  "  en:\n    body: Ho\n    version: 2" },
	};
	struct state *state = *user;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		restart(state);
		hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
		snprintf(text, sizeof(text), HEAD "%s", cases[i].before);
		hsm_git_fixture_write(&state->git, "templates/a.yaml", text);
		hsm_git_fixture_commit(&state->git, "one");
		snprintf(text, sizeof(text), HEAD "%s", cases[i].after);
		hsm_git_fixture_write(&state->git, "templates/a.yaml", text);
		snprintf(text, sizeof(text), HEAD "%s", cases[i].written);
		assert_written(state, "templates/a.yaml", text);
	}
}

static void a_missing_number_becomes_the_first_key(void **user)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ HEAD "  en:\n    body: Hi\n", HEAD "  en:\n    version: 1\n    body: Hi\n" },
		{ HEAD "  en:\n        # greets\n        body: Hi\n  es:\n   body: Hola\n",
		  HEAD "  en:\n        # greets\n        version: 1\n        body: Hi\n  es:\n   version: "
		       "1\n   body: Hola\n" },
		{ HEAD "  en: {body: Hi}\n", HEAD "  en: {version: 1, body: Hi}\n" },
		{ HEAD "  en: { body: Hi }\n", HEAD "  en: { version: 1, body: Hi }\n" },
		{ HEAD "  en: { # {greets}\n    # more\n    body: Hi,\n    }\n",
		  HEAD "  en: { # {greets}\n    # more\n    version: 1, body: Hi,\n    }\n" },
		{ "{name: a, category: UTILITY, translations: {en: {\"body\": x}, es: {body: y}}}",
		  "{name: a, category: UTILITY, translations: {en: {version: 1, \"body\": x}, es: {version: "
		  "1, body: y}}}" },
		{ "name: a\r\ncategory: UTILITY\r\ntranslations:\r\n  en:\r\n    body: Hi\r\n    footer: "
		  "x\r\n",
		  "name: a\r\ncategory: UTILITY\r\ntranslations:\r\n  en:\r\n    version: 1\r\n    body: "
		  "Hi\r\n"
		  "    footer: x\r\n" },
		/* Before any language's other keys, whatever the first one is. */
		{ "translations:\n  en:\n    ? body\n    : Hi\ncategory: UTILITY\nname: a\n",
		  "translations:\n  en:\n    version: 1\n    ? body\n    : Hi\ncategory: UTILITY\nname: "
		  "a\n" },
		{ "---\n" HEAD
		  "  en:\n    header: {image: 'https://x'}\n    body: |\n      version: 5\n\n      Hi\n...\n",
		  "---\n" HEAD
		  "  en:\n    version: 1\n    header: {image: 'https://x'}\n    body: |\n      version: 5\n\n"
		  "      Hi\n...\n" },
	};
	struct state *state = *user;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		restart(state);
		hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
		hsm_git_fixture_write(&state->git, "templates/a.yaml", cases[i].before);
		hsm_git_fixture_commit(&state->git, "one");
		assert_written(state, "templates/a.yaml", cases[i].after);
	}
}

static void a_translations_own_file_is_edited(void **user)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "body: Hi\n", "version: 6\nbody: Hi\n" },
		{ "\xef\xbb\xbf# for Ana\r\nbody: Hi\r\n",
		  "\xef\xbb\xbf# for Ana\r\nversion: 6\r\nbody: Hi\r\n" },
		{ "\xef\xbb\xbf"
		  "body: Hi",
		  "\xef\xbb\xbfversion: 6\nbody: Hi" },
		{ "{body: Hi}", "{version: 6, body: Hi}" },
		{ "version: 2\nbody: Hi\n", "version: 6\nbody: Hi\n" },
	};
	struct state *state = *user;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		restart(state);
		hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
		hsm_git_fixture_write(&state->git, "templates/a.yaml",
				      HEAD "  de: {version: 5, body: Hallo}\n");
		hsm_git_fixture_write(&state->git, "templates/a/es_ES.yaml", "version: 2\nbody: Hola\n");
		hsm_git_fixture_commit(&state->git, "one");
		hsm_git_fixture_write(&state->git, "templates/a/es_ES.yaml", cases[i].before);
		assert_written(state, "templates/a/es_ES.yaml", cases[i].after);
		assert_file(state, "templates/a.yaml", HEAD "  de: {version: 5, body: Hallo}\n");
	}
}

static void translations_that_change_together_get_one_number_in_all_files(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO "variables: {brand: Acme}\n");
	hsm_git_fixture_write(&state->git, "templates/a.yaml",
			      HEAD "  en: {version: 3, body: 'Hi ${brand}'}\n");
	hsm_git_fixture_write(&state->git, "templates/a/es.yaml", "version: 1\nbody: Hola ${brand}\n");
	hsm_git_fixture_write(&state->git, "templates/a/de.yaml", "version: 1\nbody: Hallo\n");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO "variables: {brand: Acme Ltd}\n");
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "a en 3 4, a es 1 4");
	assert_int_equal(hsm_bump_write(state->repository, &state->bumps, &state->error), 0);
	assert_file(state, "templates/a.yaml", HEAD "  en: {version: 4, body: 'Hi ${brand}'}\n");
	assert_file(state, "templates/a/es.yaml", "version: 4\nbody: Hola ${brand}\n");
	assert_file(state, "templates/a/de.yaml", "version: 1\nbody: Hallo\n");
}

static void one_environments_content_is_enough(void **user)
{
	struct state *state = *user;
	static const char dev[] = "environments:\n  dev: {region: eu-west-1, variables: {brand: Test}}\n";
	char text[512];
	snprintf(text, sizeof(text),
		 "%s  prod: {region: eu-west-1, languages: [en], variables: {brand: Acme}}\n", dev);
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", text);
	hsm_git_fixture_write(&state->git, "templates/a.yaml",
			      HEAD
			      "  en: {version: 3, body: '${brand}'}\n  es: {version: 3, body: '${brand}'}\n");
	hsm_git_fixture_commit(&state->git, "one");
	snprintf(text, sizeof(text),
		 "%s  prod: {region: eu-west-1, languages: [en], variables: {brand: Acme Ltd}}\n", dev);
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", text);
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "a en 3 4");
	/* Another subset, or an environment more, changes no content. */
	hsm_git_fixture_write(
	    &state->git, "hsmctl.yaml",
	    "environments:\n  dev: {region: eu-west-1, languages: [en], variables: {brand: Test}}\n"
	    "  prod: {region: eu-west-1, variables: {brand: Acme}}\n"
	    "  test: {region: eu-west-1, variables: {brand: Other}}\n");
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "");
}

static void what_no_environment_has_needs_a_number_too(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml",
			      "environments:\n  dev: {region: eu-west-1, templates: [b*]}\n"
			      "  prod: {region: eu-west-1, templates: [c*]}\n");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {body: Hi}\n");
	assert_int_equal(find(state, NULL, NULL), 0);
	assert_bumps(state, "a en 0 1");
	assert_string_equal(state->bumps.items[0].path, "templates/a.yaml");
	assert_int_equal(state->bumps.items[0].mark.line, 4);
}

static void numbers_of_every_ref_and_every_time_are_taken(void **user)
{
	struct state *state = *user;
	struct hsm_git_fixture *git = &state->git;
	hsm_git_fixture_write(git, "hsmctl.yaml", ONE);
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 1, body: Hi}\n");
	hsm_git_fixture_commit(git, "one");
	/* In another language, in a file that is gone, under another path. */
	hsm_git_fixture_run(git, "mv templates/a.yaml templates/b.yml");
	hsm_git_fixture_write(git, "templates/b/es.yaml", "version: 4\nbody: Hola\n");
	hsm_git_fixture_commit(git, "two");
	hsm_git_fixture_run(git, "mv templates/b.yml templates/a.yaml");
	hsm_git_fixture_run(git, "rm -q -r templates/b");
	hsm_git_fixture_commit(git, "three");
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 1, body: Ho}\n");
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "a en 1 5");
	/* On a branch that nobody merged, on a tag, and where the file is broken. */
	hsm_git_fixture_run(git, "checkout -q -b hotfix");
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 6, body: Ho}\n");
	hsm_git_fixture_commit(git, "four");
	hsm_git_fixture_run(git, "checkout -q main");
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 1, body: Ho}\n");
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "a en 1 7");
	hsm_git_fixture_run(git, "checkout -q --detach");
	hsm_git_fixture_write(git, "templates/a.yaml",
			      HEAD "  en: {version: 8, bodi: Ho}\n"
				   "  fr: {version: 99999999999999999999, body: x}\n");
	hsm_git_fixture_write(git, "templates/a/es.yaml", "version: 11\nbodi: Hola\n");
	hsm_git_fixture_write(git, "templates/c.yaml",
			      "name: c\ncategory: UTILITY\ntranslations:\n"
			      "  en: {version: 99, body: Ho}\n");
	hsm_git_fixture_commit(git, "five");
	hsm_git_fixture_run(git, "tag -a -m x v1");
	hsm_git_fixture_run(git, "checkout -q main");
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 1, body: Ho}\n");
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "a en 1 12");
}

static void the_last_number_says_what_to_do(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", ONE);
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {version: 999999, body: Hi}\n");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {version: 999999, body: Ho}\n");
	assert_int_equal(find(state, NULL, "HEAD"), HSM_ERROR_INVALID);
	assert_non_null(strstr(state->error.message, "templates/a.yaml:4: "));
	assert_non_null(strstr(state->error.message, "a new name"));
}

static void moving_is_no_change_and_another_name_is_another_template(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
	hsm_git_fixture_write(&state->git, "templates/a.yaml",
			      HEAD "  en: {version: 3, body: Hi}\n  es: {version: 3, body: Hola}\n");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_run(&state->git, "rm -q templates/a.yaml");
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "templates: t\n" TWO);
	hsm_git_fixture_write(&state->git, "t/x/b.yml", HEAD "  en: {version: 3, body: Hi}\n");
	hsm_git_fixture_write(&state->git, "t/x/b/es.yaml", "version: 3\nbody: Hola\n");
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "");
	hsm_git_fixture_write(&state->git, "t/x/b/es.yaml", "version: 3\nbody: Ola\n");
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "a es 3 4");
	hsm_git_fixture_write(&state->git, "t/x/b.yml", "name: c\ncategory: UTILITY\n");
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "");
}

static void wrong_files_do_not_hide_what_others_need(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {version: 1, body: Hi}\n");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {version: 1, body: Ho}\n");
	hsm_git_fixture_write(&state->git, "templates/b.yaml", "name: b\n");
	assert_int_equal(find(state, NULL, "HEAD"), HSM_ERROR_INVALID);
	assert_int_equal(state->error.class, HSM_ERROR_INVALID);
	assert_bumps(state, "a en 1 2");
	assert_int_equal(state->findings.count, 1); /* once, and not for each environment */
	assert_string_equal(state->findings.items[0].path, "templates/b.yaml");
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "environments: 3\n");
	assert_int_equal(find(state, NULL, "HEAD"), HSM_ERROR_CONFIG);
}

static void a_base_that_was_wrong_counts_for_what_was_right(void **user)
{
	static const struct {
		const char *config, *expected;
	} cases[] = {
		{ TWO, "a en 1 2" },
		{ TWO "unknown: 1\n", "a en 1 2" },
		{ "environments: {dev: {region: eu-west-1}, prod: {regio: eu-west-1}}\n", "a en 1 2" },
		{ "environments: [", "" },
		{ "environments: {test: {region: eu-west-1}}\n", "" },
		{ NULL, "" },
	};
	struct state *state = *user;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		restart(state);
		if (cases[i].config)
			hsm_git_fixture_write(&state->git, "hsmctl.yaml", cases[i].config);
		hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {version: 1, body: Hi}\n");
		hsm_git_fixture_write(&state->git, "templates/b.yaml", "broken: [");
		hsm_git_fixture_commit(&state->git, "one");
		hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
		hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {version: 1, body: Ho}\n");
		hsm_git_fixture_shell(&state->git, "rm templates/b.yaml");
		assert_int_equal(find(state, NULL, "HEAD"), 0);
		assert_int_equal(state->findings.count, 0);
		assert_bumps(state, cases[i].expected);
	}
}

static void a_shallow_clone_cannot_tell_the_next_number(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", ONE);
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {version: 1, body: Hi}\n");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_commit(&state->git, "two");
	hsm_git_fixture_run(&state->git, "clone -q --depth 1 file://%s clone", state->git.folder);
	char folder[128];
	snprintf(folder, sizeof(folder), "%s/clone", state->git.folder);
	hsm_repository_free(state->repository);
	assert_int_equal(hsm_repository_open(&state->repository, folder, &state->error), 0);
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	hsm_git_fixture_write(&state->git, "clone/templates/a.yaml", HEAD "  en: {version: 1, body: Ho}\n");
	assert_int_equal(find(state, NULL, "HEAD"), HSM_ERROR_FAILED);
	assert_non_null(strstr(state->error.message, "'a'"));
	assert_non_null(strstr(state->error.message, "git fetch --unshallow"));
	assert_int_equal(state->bumps.count, 0);
}

static void a_folder_of_a_repository_and_a_bare_one_work(void **user)
{
	struct state *state = *user;
	char folder[128];
	hsm_git_fixture_write(&state->git, "shop/wa/hsmctl.yaml", ONE);
	hsm_git_fixture_write(&state->git, "shop/wa/templates/a.yaml", HEAD "  en: {version: 1, body: Hi}\n");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {version: 50, body: Hi}\n");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_write(&state->git, "shop/wa/templates/a.yaml", HEAD "  en: {version: 1, body: Ho}\n");
	snprintf(folder, sizeof(folder), "%s/shop/wa", state->git.folder);
	hsm_repository_free(state->repository);
	assert_int_equal(hsm_repository_open(&state->repository, folder, &state->error), 0);
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "a en 1 2");
	assert_int_equal(hsm_bump_write(state->repository, &state->bumps, &state->error), 0);
	assert_file(state, "shop/wa/templates/a.yaml", HEAD "  en: {version: 2, body: Ho}\n");

	restart(state);
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", ONE);
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {version: 1, body: Hi}\n");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {version: 1, body: Ho}\n");
	hsm_git_fixture_commit(&state->git, "two");
	hsm_git_fixture_run(&state->git, "clone -q --bare . bare.git");
	snprintf(folder, sizeof(folder), "%s/bare.git", state->git.folder);
	hsm_repository_free(state->repository);
	assert_int_equal(hsm_repository_open(&state->repository, folder, &state->error), 0);
	assert_int_equal(find(state, "main", "main~1"), 0);
	assert_bumps(state, "a en 1 2");
	assert_int_equal(find(state, NULL, "main~1"), HSM_ERROR_NO_INPUT);
}

static void a_file_is_replaced_whole_and_keeps_its_mode(void **user)
{
	struct state *state = *user;
	struct stat status;
	char path[128];
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {body: Hi}\n");
	hsm_git_fixture_commit(&state->git, "one");
	/* One that a killed run left behind. */
	hsm_git_fixture_shell(&state->git, "chmod 0666 templates/a.yaml && touch templates/.hsmctl-%ld-0",
			      (long)getpid());
	snprintf(path, sizeof(path), "%s/templates/a.yaml", state->git.folder);
	assert_int_equal(stat(path, &status), 0);
	ino_t before = status.st_ino;
	assert_written(state, "templates/a.yaml", HEAD "  en: {version: 1, body: Hi}\n");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0666);
	assert_int_not_equal(status.st_ino, before);
	hsm_git_fixture_shell(&state->git, "test \"$(ls -A templates | wc -l)\" = 2");
}

static void where_one_file_cannot_be_written_none_is(void **user)
{
	struct state *state = *user;
	static const char written[] = "name: b\ncategory: UTILITY\ntranslations:\n  en: {body: Bye}\n";
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
	hsm_git_fixture_write(&state->git, "templates/a.yaml", HEAD "  en: {body: Hi}\n");
	hsm_git_fixture_write(&state->git, "templates/b.yaml",
			      "name: b\ncategory: UTILITY\ntranslations:\n  en: {body: Hi}\n");
	hsm_git_fixture_commit(&state->git, "one");
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_int_equal(state->bumps.count, 2);
	hsm_git_fixture_write(&state->git, "templates/b.yaml", written);
	assert_int_equal(hsm_bump_write(state->repository, &state->bumps, &state->error), HSM_ERROR_FAILED);
	assert_non_null(strstr(state->error.message, "templates/b.yaml:4: "));
	assert_file(state, "templates/a.yaml", HEAD "  en: {body: Hi}\n");
	assert_file(state, "templates/b.yaml", written);
	/* A mark that leads elsewhere is seen before anything is written. */
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	state->bumps.items[1].mark.line = 2;
	state->bumps.items[1].mark.column = 3;
	assert_int_equal(hsm_bump_write(state->repository, &state->bumps, &state->error), HSM_ERROR_FAILED);
	assert_non_null(strstr(state->error.message, "templates/b.yaml:2: "));
	assert_non_null(strstr(state->error.message, "'version: 1'"));
	assert_file(state, "templates/a.yaml", HEAD "  en: {body: Hi}\n");
	assert_file(state, "templates/b.yaml", written);
}

static void a_base_that_no_ref_leads_to_has_given_its_numbers_too(void **user)
{
	struct state *state = *user;
	struct hsm_git_fixture *git = &state->git;
	hsm_git_fixture_write(git, "hsmctl.yaml", ONE);
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 1, body: Hi}\n");
	hsm_git_fixture_commit(git, "one");
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 7, body: Hi}\n");
	hsm_git_fixture_commit(git, "two");
	hsm_git_fixture_shell(git, "git rev-parse HEAD | tr -d '\\n' > .git/base && git reset -q --hard HEAD~1");
	char *base = hsm_git_fixture_read(git, ".git/base");
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 7, body: Ho}\n");
	assert_int_equal(find(state, NULL, base), 0);
	assert_bumps(state, "a en 7 8");
	free(base);
}

/* What a second bump adds before the first is committed changes together with it. */
static void a_number_that_is_not_committed_is_not_given_yet(void **user)
{
	struct state *state = *user;
	struct hsm_git_fixture *git = &state->git;
	hsm_git_fixture_write(git, "hsmctl.yaml", ONE);
	hsm_git_fixture_write(git, "templates/a.yaml",
			      HEAD "  en: {version: 1, body: Hi}\n  es: {version: 1, body: Hola}\n");
	hsm_git_fixture_commit(git, "one");
	hsm_git_fixture_write(git, "templates/a.yaml",
			      HEAD "  en: {version: 2, body: Ho}\n  es: {version: 1, body: Buenas}\n");
	assert_int_equal(find(state, NULL, "HEAD"), 0);
	assert_bumps(state, "a es 1 2");
}

/* Damaged in its middle, its size can still be read, and its text cannot. */
static void a_number_that_cannot_be_read_is_not_given_anew(void **user)
{
	struct state *state = *user;
	struct hsm_git_fixture *git = &state->git;
	hsm_git_fixture_write(git, "hsmctl.yaml", ONE);
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 1, body: Hi}\n");
	hsm_git_fixture_commit(git, "one");
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 5, body: Hu}\n");
	hsm_git_fixture_shell(git, "seq -f '# %%g' 2000 >>templates/a.yaml");
	hsm_git_fixture_commit(git, "five");
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 1, body: Hi}\n");
	hsm_git_fixture_commit(git, "back");
	hsm_git_fixture_shell(git, "blob=.git/objects/$(git rev-parse HEAD~1:templates/a.yaml | sed 's|^..|&/|') && "
				   "chmod u+w $blob && printf 'damaged damaged damaged' | dd of=$blob bs=1 seek=1000 conv=notrunc status=none");
	hsm_git_fixture_write(git, "templates/a.yaml", HEAD "  en: {version: 1, body: Ho}\n");
	assert_int_equal(find(state, NULL, "HEAD"), HSM_ERROR_FAILED);
	assert_non_null(strstr(state->error.message, "cannot read object"));
	assert_int_equal(state->bumps.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(changed_content_needs_a_number_that_changes_with_it, start,
						stop),
		cmocka_unit_test_setup_teardown(only_the_number_changes_in_the_file, start, stop),
		cmocka_unit_test_setup_teardown(a_missing_number_becomes_the_first_key, start, stop),
		cmocka_unit_test_setup_teardown(a_translations_own_file_is_edited, start, stop),
		cmocka_unit_test_setup_teardown(translations_that_change_together_get_one_number_in_all_files,
						start, stop),
		cmocka_unit_test_setup_teardown(one_environments_content_is_enough, start, stop),
		cmocka_unit_test_setup_teardown(what_no_environment_has_needs_a_number_too, start, stop),
		cmocka_unit_test_setup_teardown(numbers_of_every_ref_and_every_time_are_taken, start, stop),
		cmocka_unit_test_setup_teardown(the_last_number_says_what_to_do, start, stop),
		cmocka_unit_test_setup_teardown(moving_is_no_change_and_another_name_is_another_template,
						start, stop),
		cmocka_unit_test_setup_teardown(wrong_files_do_not_hide_what_others_need, start, stop),
		cmocka_unit_test_setup_teardown(a_base_that_was_wrong_counts_for_what_was_right, start, stop),
		cmocka_unit_test_setup_teardown(a_shallow_clone_cannot_tell_the_next_number, start, stop),
		cmocka_unit_test_setup_teardown(a_folder_of_a_repository_and_a_bare_one_work, start, stop),
		cmocka_unit_test_setup_teardown(a_file_is_replaced_whole_and_keeps_its_mode, start, stop),
		cmocka_unit_test_setup_teardown(where_one_file_cannot_be_written_none_is, start, stop),
		cmocka_unit_test_setup_teardown(a_base_that_no_ref_leads_to_has_given_its_numbers_too, start, stop),
		cmocka_unit_test_setup_teardown(a_number_that_is_not_committed_is_not_given_yet, start, stop),
		cmocka_unit_test_setup_teardown(a_number_that_cannot_be_read_is_not_given_anew, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
