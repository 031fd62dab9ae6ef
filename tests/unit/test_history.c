#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reconciler/desired/history.h"
#include "schema/base/buffer.h"
#include "tests/unit/git_fixture.h"

struct state {
	struct hsm_git_fixture git;
	struct hsm_repository *repository;
	struct hsm_desired desired;
	struct hsm_history history;
	struct hsm_findings findings;
	struct hsm_error error;
};

#define DEV "environments: {dev: {region: eu-west-1}}\n"
#define A "name: a\ncategory: UTILITY\ntranslations:\n"

static int start(void **user)
{
	struct state *state = calloc(1, sizeof(*state));
	hsm_git_fixture_start(&state->git);
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", DEV);
	*user = state;
	return hsm_repository_open(&state->repository, state->git.folder, &state->error);
}

static void forget(struct state *state)
{
	hsm_history_release(&state->history);
	hsm_desired_release(&state->desired);
	hsm_findings_release(&state->findings);
	state->error = (struct hsm_error){ 0 };
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

static void reopen(struct state *state, const char *folder)
{
	char path[128];
	forget(state);
	snprintf(path, sizeof(path), "%s/%s", state->git.folder, folder);
	hsm_repository_free(state->repository);
	assert_int_equal(hsm_repository_open(&state->repository, path, &state->error), 0);
}

/* A file's text, committed: its content is its only change. */
static void commit(struct state *state, const char *subject, const char *path, const char *text)
{
	hsm_git_fixture_write(&state->git, path, text);
	hsm_git_fixture_commit(&state->git, subject);
}

/* The history of the templates named in bases ("a b") for an environment (NULL:
 * the only one), as it is seen from a revision (NULL: the work tree). */
static void read_history(struct state *state, const char *revision, const char *environment,
			 const char *bases)
{
	const char *names[8];
	char text[64];
	size_t count = 0;
	forget(state);
	snprintf(text, sizeof(text), "%s", bases);
	for (char *name = strtok(text, " "); name; name = strtok(NULL, " "))
		names[count++] = name;
	assert_int_equal(hsm_desired_read_config(state->repository, revision, &state->desired,
						 &state->findings, &state->error),
			 0);
	assert_int_equal(hsm_desired_choose_environment(&state->desired, environment, &state->error), 0);
	assert_int_equal(hsm_history_read(state->repository, &state->desired, names, count, &state->history,
					  &state->error),
			 0);
}

/* One entry a line: template, language, number, category (M: marketing), body,
 * subject; ~ in front where the commit is not among the planned one's. */
static void assert_entries(const struct state *state, const char *expected)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < state->history.count; i++) {
		const struct hsm_history_entry *entry = &state->history.entries[i];
		const char *body = strstr(entry->compiled.content.json, "\"text\":\"");
		assert_non_null(body);
		body += strlen("\"text\":\"");
		hsm_buffer_append_format(&text, "%s%s %s %d%s '%.*s' %s\n",
					 entry->commit->ancestor ? "" : "~", entry->base, entry->language,
					 (int)entry->version, *entry->category == 'M' ? "M" : "",
					 (int)strcspn(body, "\""), body, entry->commit->subject);
	}
	assert_string_equal(hsm_buffer_text(&text), expected);
	hsm_buffer_release(&text);
}

static void the_newest_entry_comes_first(void **user)
{
	struct state *state = *user;
	commit(state, "one", "templates/a.yaml", A "  en: {version: 1, body: Hi}\n  es: {body: Hola}\n");
	commit(state, "two", "templates/a.yaml", A "  en: {version: 2, body: Ho}\n  es: {body: Hola}\n");
	commit(state, "comment", "templates/a.yaml",
	       "# x\n" A "  en: {version: 2, body: 'Ho'}\n  es: {body: Hola}\n");
	commit(state, "number", "templates/a.yaml", A "  en: {version: 3, body: Ho}\n  es: {body: Hola}\n");
	commit(state, "category", "templates/a.yaml",
	       "name: a\ncategory: MARKETING\ntranslations:\n  en: {version: 3, body: Ho}\n  es: {body: "
	       "Hola}\n");
	commit(state, "revert", "templates/a.yaml", A "  en: {version: 1, body: Hi}\n");
	commit(state, "other", "templates/b.yaml",
	       "name: b\ncategory: UTILITY\ntranslations: {en: {body: b}}\n");
	read_history(state, NULL, NULL, "a");
	assert_entries(state, "a en 1 'Hi' revert\n"
			      "a en 3M 'Ho' category\n"
			      "a en 3 'Ho' number\n"
			      "a en 2 'Ho' two\n"
			      "a en 1 'Hi' one\n"
			      "a es 0M 'Hola' category\n"
			      "a es 0 'Hola' one\n");
	assert_true(state->history.complete);
	assert_null(state->history.incomplete);
	read_history(state, NULL, NULL, "missing b a");
	assert_int_equal(state->history.count, 8);
	assert_int_equal(state->history.highest[0], 0);
	assert_int_equal(state->history.highest[1], 0);
	assert_int_equal(state->history.highest[2], 3);
	read_history(state, NULL, NULL, "");
	assert_int_equal(state->history.count, 0);
}

static void entries_are_found_by_template_and_language(void **user)
{
	struct state *state = *user;
	size_t count;
	commit(state, "one", "templates/a.yaml", A "  en: {body: Hi}\n  es: {body: Hola}\n");
	commit(state, "two", "templates/ab.yaml",
	       "name: ab\ncategory: UTILITY\ntranslations: {en: {body: b}}\n");
	commit(state, "three", "templates/a.yaml", A "  en: {body: Ho}\n  es: {body: Hola}\n");
	read_history(state, NULL, NULL, "ab a c");
	const struct hsm_history_entry *entry = hsm_history_find(&state->history, "a", "en", &count);
	assert_int_equal(count, 2);
	assert_string_equal(entry[0].commit->subject, "three");
	assert_string_equal(entry[1].commit->subject, "one");
	entry = hsm_history_find(&state->history, "a", "es", &count);
	assert_int_equal(count, 1);
	assert_string_equal(entry->language, "es");
	hsm_history_find(&state->history, "a", NULL, &count);
	assert_int_equal(count, 3);
	assert_string_equal(hsm_history_find(&state->history, "ab", NULL, &count)->base, "ab");
	assert_int_equal(count, 1);
	assert_null(hsm_history_find(&state->history, "a", "de", &count));
	assert_int_equal(count, 0);
	assert_null(hsm_history_find(&state->history, "c", NULL, &count));
}

static void what_a_merge_takes_is_its_sides(void **user)
{
	struct state *state = *user;
	commit(state, "one", "templates/a.yaml", A "  en: {body: Hi}\n\n\n\n  es: {body: Hola}\n");
	hsm_git_fixture_run(&state->git, "checkout -q -b side");
	commit(state, "side", "templates/a.yaml", A "  en: {body: Ho}\n\n\n\n  es: {body: Hola}\n");
	hsm_git_fixture_run(&state->git, "checkout -q main");
	commit(state, "main", "templates/a.yaml", A "  en: {body: Hi}\n\n\n\n  es: {body: Ola}\n");
	hsm_git_fixture_run(&state->git, "merge -q -m merge side");
	read_history(state, NULL, NULL, "a");
	assert_entries(state, "a en 0 'Ho' side\n"
			      "a en 0 'Hi' one\n"
			      "a es 0 'Ola' main\n"
			      "a es 0 'Hola' one\n");
	/* What only the merge has is the merge's. */
	hsm_git_fixture_run(&state->git, "checkout -q -b other HEAD~1");
	commit(state, "other", "templates/a.yaml", A "  en: {body: Hello}\n\n\n\n  es: {body: Ola}\n");
	hsm_git_fixture_run(&state->git, "checkout -q main");
	hsm_git_fixture_run(&state->git, "merge -q --no-commit -s ours other");
	commit(state, "evil", "templates/a.yaml", A "  en: {body: Howdy}\n\n\n\n  es: {body: Ola}\n");
	read_history(state, NULL, NULL, "a");
	assert_entries(state, "a en 0 'Howdy' evil\n"
			      "a en 0 'Hello' other\n"
			      "a en 0 'Ho' side\n"
			      "a en 0 'Hi' one\n"
			      "a es 0 'Ola' main\n"
			      "a es 0 'Hola' one\n");
}

static void every_ref_counts_after_the_planned_commits_own(void **user)
{
	struct state *state = *user;
	struct hsm_git_fixture *git = &state->git;
	commit(state, "one", "templates/a.yaml", A "  en: {version: 1, body: Hi}\n");
	hsm_git_fixture_run(git, "checkout -q -b side");
	commit(state, "side", "templates/a.yaml", A "  en: {version: 2, body: side}\n");
	hsm_git_fixture_run(git, "checkout -q -b tagged main");
	commit(state, "tagged", "templates/a.yaml", A "  en: {version: 3, body: tagged}\n");
	hsm_git_fixture_run(git, "tag -a -m x v1");
	commit(state, "deleted", "templates/a.yaml", A "  en: {version: 9, body: deleted}\n");
	hsm_git_fixture_run(git, "checkout -q main");
	hsm_git_fixture_run(git, "branch -q -D tagged");
	hsm_git_fixture_run(git, "update-ref refs/remotes/origin/far side");
	commit(state, "two", "templates/a.yaml", A "  en: {version: 4, body: Ho}\n");
	hsm_git_fixture_run(git, "branch -q -D side");
	/* Refs that lead nowhere, or to no commit. */
	hsm_git_fixture_run(git, "symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/none");
	hsm_git_fixture_run(git, "tag blob HEAD:hsmctl.yaml");
	read_history(state, NULL, NULL, "a");
	assert_entries(state, "a en 4 'Ho' two\n"
			      "a en 1 'Hi' one\n"
			      "~a en 3 'tagged' tagged\n"
			      "~a en 2 'side' side\n");
	assert_int_equal(state->history.highest[0], 4);
	assert_true(state->history.complete);
	/* From an older commit HEAD's own is not its past. */
	read_history(state, "HEAD~1", NULL, "a");
	assert_entries(state, "a en 1 'Hi' one\n"
			      "~a en 4 'Ho' two\n"
			      "~a en 3 'tagged' tagged\n"
			      "~a en 2 'side' side\n");
	hsm_git_fixture_run(git, "checkout -q --detach");
	commit(state, "detached", "templates/a.yaml", A "  en: {version: 5, body: x}\n");
	read_history(state, NULL, NULL, "a");
	assert_int_equal(state->history.count, 5);
	assert_string_equal(state->history.entries[0].commit->subject, "detached");
	assert_int_equal(state->history.entries[0].commit->age, 0);
	assert_true(state->history.entries[4].commit->age > state->history.entries[3].commit->age);
}

static void old_content_is_made_with_the_configuration_of_its_commit(void **user)
{
	struct state *state = *user;
	struct hsm_git_fixture *git = &state->git;
	hsm_git_fixture_write(git, "hsmctl.yaml",
			      "environments:\n  dev: {region: eu-west-1, variables: {brand: Test}}\n"
			      "  prod: {region: eu-west-1}\nvariables: {brand: Acme}\n");
	commit(state, "one", "templates/a.yaml", A "  en: {body: 'Hi ${brand}'}\n  es: {body: Hola}\n");
	commit(state, "brand", "hsmctl.yaml",
	       "environments:\n  dev: {region: eu-west-1}\n  prod: {region: eu-west-1}\n"
	       "variables: {brand: Acme Ltd}\n");
	commit(state, "subset", "hsmctl.yaml",
	       "environments:\n  dev: {region: eu-west-1, languages: [es]}\n  prod: {region: eu-west-1}\n"
	       "variables: {brand: Acme Ltd}\n");
	commit(state, "glob", "hsmctl.yaml",
	       "environments:\n  dev: {region: eu-west-1, templates: [b*]}\n  prod: {region: eu-west-1}\n"
	       "variables: {brand: Acme Ltd}\n");
	hsm_git_fixture_run(git, "mv templates t");
	commit(state, "folder", "hsmctl.yaml",
	       "templates: t\nenvironments: {dev: {region: eu-west-1}, prod: {region: eu-west-1}}\n"
	       "variables: {brand: Acme Ltd}\n");
	commit(state, "unread", "templates/b.yaml", A "  en: {body: unread}\n");
	read_history(state, NULL, "dev", "a");
	assert_entries(state, "a en 0 'Hi Acme Ltd' folder\n"
			      "a en 0 'Hi Acme Ltd' brand\n"
			      "a en 0 'Hi Test' one\n"
			      "a es 0 'Hola' folder\n"
			      "a es 0 'Hola' one\n");
	read_history(state, NULL, "prod", "a");
	assert_entries(state, "a en 0 'Hi Acme Ltd' brand\n"
			      "a en 0 'Hi Acme' one\n"
			      "a es 0 'Hola' one\n");
}

static void moving_a_file_is_no_change(void **user)
{
	struct state *state = *user;
	struct hsm_git_fixture *git = &state->git;
	commit(state, "one", "templates/a.yaml",
	       A "  en: {version: 1, body: Hi}\n  es: {version: 1, body: Hola}\n");
	hsm_git_fixture_shell(git, "mkdir templates/x && git mv templates/a.yaml templates/x/b.yml");
	hsm_git_fixture_commit(git, "moved");
	hsm_git_fixture_write(git, "templates/x/b/es.yaml", "version: 1\nbody: Hola\n");
	commit(state, "split", "templates/x/b.yml", A "  en: {version: 1, body: Hi}\n");
	/* Only the language's file changes; names that git sorts between stand beside. */
	hsm_git_fixture_write(git, "templates/x/b-c.yaml",
			      "name: c\ncategory: UTILITY\ntranslations: {en: {body: x}}\n");
	hsm_git_fixture_write(git, "templates/x/b.zoo.yaml",
			      "name: z\ncategory: UTILITY\ntranslations: {en: {body: x}}\n");
	hsm_git_fixture_write(git, "templates/x/b.zoo/es.yaml", "body: z\n");
	hsm_git_fixture_commit(git, "others");
	commit(state, "language", "templates/x/b/es.yaml", "version: 2\nbody: Ola\n");
	commit(state, "zoo", "templates/x/b.zoo/es.yaml", "body: zz\n");
	hsm_git_fixture_run(git, "rm -q templates/x/b/es.yaml");
	hsm_git_fixture_commit(git, "removed");
	commit(state, "again", "templates/x/b/es.yaml", "version: 3\nbody: Ola\n");
	hsm_git_fixture_write(git, "templates/x/b.yml",
			      "name: b\ncategory: UTILITY\ntranslations: {en: {body: Hi}}\n");
	hsm_git_fixture_commit(git, "renamed");
	read_history(state, NULL, NULL, "a b z");
	assert_entries(state, "a en 1 'Hi' one\n"
			      "a es 3 'Ola' again\n"
			      "a es 2 'Ola' language\n"
			      "a es 1 'Hola' one\n"
			      "b en 0 'Hi' renamed\n"
			      "b es 3 'Ola' renamed\n"
			      "z en 0 'x' others\n"
			      "z es 0 'zz' zoo\n"
			      "z es 0 'z' others\n");
	assert_int_equal(state->history.highest[0], 3);
}

static void old_files_that_are_wrong_are_passed_over(void **user)
{
	static const struct {
		const char *path, *text;
	} wrong[] = {
		{ "templates/a.yaml", "broken: [" },
		{ "templates/a.yaml", A "  en: {bodi: x}\n" },
		{ "templates/a.yaml", A "  en: {body: '${none}'}\n" },
		{ "templates/a.yaml", A "  en: {body: \xff}\n" },
		{ "templates/a.yaml", "" },
		{ "templates/a.yaml", "name: [a]\n" },
		{ "templates/a.yaml", "translations: {en: {body: x}}\n" },
		{ "hsmctl.yaml", "environments: [" },
		{ "hsmctl.yaml", "environments: {test: {region: eu-west-1}}\n" },
		{ "templates", "not a folder" },
		{ "templates/a/en.yaml", "body: {" },
	};
	struct state *state = *user;
	commit(state, "one", "templates/a.yaml", A "  en: {version: 1, body: Hi}\n");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		hsm_git_fixture_shell(&state->git, "rm -rf '%s'", wrong[i].path);
		commit(state, "wrong", wrong[i].path, wrong[i].text);
		hsm_git_fixture_shell(&state->git, "rm -rf hsmctl.yaml templates");
		hsm_git_fixture_write(&state->git, "hsmctl.yaml", DEV);
		commit(state, "right", "templates/a.yaml", A "  en: {version: 2, body: Ho}\n");
		read_history(state, NULL, NULL, "a");
		for (size_t j = 0; j < state->history.count; j++)
			assert_string_not_equal(state->history.entries[j].commit->subject, "wrong");
		assert_string_equal(state->history.entries[state->history.count - 1].commit->subject, "one");
		assert_int_equal(state->history.highest[0], 2);
		assert_true(state->history.complete);
	}
	/* A file too large to have been read. */
	hsm_git_fixture_shell(&state->git,
			      "yes '# padding padding padding' | head -c 1100000 >>templates/a.yaml");
	hsm_git_fixture_commit(&state->git, "large");
	read_history(state, "HEAD", NULL, "a");
	assert_string_equal(state->history.entries[0].commit->subject, "right");
	assert_true(state->history.complete);
}

static void a_history_that_is_not_here_says_how_to_get_it(void **user)
{
	static const struct {
		const char *clone, *word;
	} cases[] = {
		{ "--depth 1", "git fetch --unshallow" },
		{ "--filter=blob:none --no-checkout", "--filter" },
		{ "--filter=tree:0 --no-checkout", "--filter" },
		{ "", NULL },
	};
	struct state *state = *user;
	commit(state, "one", "templates/a.yaml", A "  en: {version: 1, body: Hi}\n");
	commit(state, "two", "templates/a.yaml", A "  en: {version: 2, body: Ho}\n");
	hsm_git_fixture_run(&state->git, "config uploadpack.allowFilter true");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const char *const bases[] = { "a" };
		hsm_git_fixture_shell(&state->git, "rm -rf clone");
		hsm_git_fixture_run(&state->git, "clone -q %s file://%s clone", cases[i].clone,
				    state->git.folder);
		hsm_git_fixture_ignore_leaks(true);
		reopen(state, "clone");
		hsm_git_fixture_ignore_leaks(false);
		assert_int_equal(
		    hsm_repository_resolve(state->repository, "HEAD", state->desired.commit, &state->error),
		    0);
		assert_int_equal(hsm_history_read(state->repository, &state->desired, bases, 1,
						  &state->history, &state->error),
				 0);
		assert_int_equal(state->history.complete, !cases[i].word);
		if (!cases[i].word)
			assert_null(state->history.incomplete);
		else
			assert_non_null(strstr(state->history.incomplete, cases[i].word));
		/* What is here is told all the same. */
		if (!cases[i].word || i == 0)
			assert_string_equal(state->history.entries[0].commit->subject, "two");
	}
}

static void a_history_that_cannot_be_read_is_an_error(void **user)
{
	static const char *const objects[] = { "HEAD~1", "HEAD~1:templates", "HEAD~1:templates/a.yaml" };
	struct state *state = *user;
	commit(state, "one", "templates/a.yaml", A "  en: {version: 1, body: Hi}\n");
	commit(state, "two", "templates/a.yaml", A "  en: {version: 2, body: Ho}\n");
	commit(state, "three", "templates/a.yaml", A "  en: {version: 3, body: Hu}\n");
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		static const char *const bases[] = { "a" };
		hsm_git_fixture_shell(&state->git, "rm -rf clone && git clone -q --no-hardlinks . clone && cd clone && "
						   "rm .git/objects/$(git rev-parse %s | sed 's|^..|&/|')", objects[i]);
		reopen(state, "clone");
		assert_int_equal(
		    hsm_repository_resolve(state->repository, "HEAD", state->desired.commit, &state->error), 0);
		assert_int_equal(hsm_history_read(state->repository, &state->desired, bases, 1, &state->history,
						  &state->error),
				 HSM_ERROR_FAILED);
		assert_non_null(strstr(state->error.message, "git fsck"));
	}
}

static void webhooks_that_the_environment_ever_had_are_known(void **user)
{
#define HOOK(name, url) "{name: " name ", url: '" url "', events: [whatsapp_status_update]}"
	struct state *state = *user;
	commit(
	    state, "one", "hsmctl.yaml",
	    "environments:\n  dev: {region: eu-west-1, webhooks: [" HOOK(
		"b", "https://old") "]}\n"
				    "  prod: {region: eu-west-1, webhooks: [" HOOK("p", "https://p") "]}\n");
	commit(state, "two", "hsmctl.yaml",
	       "environments:\n  dev: {region: eu-west-1, webhooks: [" HOOK("b", "https://${host}") ", " HOOK(
		   "a", "https://a") "]}\nvariables: {host: new}\n");
	commit(state, "three", "hsmctl.yaml", DEV);
	read_history(state, NULL, NULL, "a");
	assert_int_equal(state->history.webhook_count, 3);
	assert_string_equal(state->history.webhooks[0].name, "a");
	assert_string_equal(state->history.webhooks[1].name, "b");
	assert_string_equal(state->history.webhooks[2].name, "b");
	assert_string_equal(state->history.webhooks[0].url, "https://a");
	assert_true(state->history.webhooks[0].enabled);
	assert_int_equal(state->history.webhooks[0].event_count, 1);
	assert_string_equal(state->history.webhooks[0].events[0], "whatsapp_status_update");
	bool first_is_new = strcmp(state->history.webhooks[1].url, "https://new") == 0;
	assert_string_equal(state->history.webhooks[first_is_new ? 2 : 1].url, "https://old");
	assert_string_equal(state->history.webhooks[first_is_new ? 1 : 2].url, "https://new");
}

static void what_a_commit_says_of_itself_is_short_clean_text(void **user)
{
	struct state *state = *user;
	struct hsm_git_fixture *git = &state->git;
	commit(state, "one", "templates/a.yaml", A "  en: {body: Hi}\n");
	hsm_git_fixture_write(git, "templates/a.yaml", A "  en: {body: Ho}\n");
	setenv("GIT_AUTHOR_DATE", "2026-03-01T23:30:00-0700", 1);
	hsm_git_fixture_shell(git,
			      "printf 'Caf\\351 \\303\\261\\n\\nMore\\n' >message && git add templates && "
			      "git -c i18n.commitEncoding=latin1 commit -q -F message 2>/dev/null");
	hsm_git_fixture_write(git, "templates/a.yaml", A "  en: {body: Hu}\n");
	hsm_git_fixture_shell(git, "rm message && git add -A && git commit -q -m $(printf '%%0300d' 7)");
	read_history(state, NULL, NULL, "a");
	assert_int_equal(state->history.count, 3);
	assert_int_equal(strlen(state->history.entries[0].commit->subject), 200);
	const struct hsm_history_commit *two = state->history.entries[1].commit;
	assert_string_equal(two->subject, "Caf\xef\xbf\xbd \xc3\xb1");
	assert_string_equal(two->author, "Ana Ruiz");
	assert_string_equal(two->date, "2026-03-01"); /* where the author was */
	assert_int_equal(strlen(two->id), 40);
	assert_string_equal(state->history.entries[2].commit->date, "2026-01-01");
}

static void a_folder_of_a_repository_and_a_bare_one_have_a_history(void **user)
{
	struct state *state = *user;
	struct hsm_git_fixture *git = &state->git;
	hsm_git_fixture_write(git, "shop/wa/hsmctl.yaml", DEV);
	hsm_git_fixture_write(git, "templates/a.yaml", A "  en: {version: 50, body: top}\n");
	commit(state, "one", "shop/wa/templates/a.yaml", A "  en: {version: 1, body: Hi}\n");
	commit(state, "two", "shop/wa/templates/a.yaml", A "  en: {version: 2, body: Ho}\n");
	reopen(state, "shop/wa");
	read_history(state, NULL, NULL, "a");
	assert_entries(state, "a en 2 'Ho' two\na en 1 'Hi' one\n");
	assert_int_equal(state->history.highest[0], 2);
	hsm_git_fixture_run(git, "clone -q --bare . bare.git");
	reopen(state, "bare.git");
	read_history(state, "main", NULL, "a");
	assert_entries(state, "a en 50 'top' one\n");
}

/* A file of each of `templates`, then `commits` that change one each. */
static void import_history(struct state *state, const char *folder, int templates, int commits)
{
	char command[256];
	hsm_git_fixture_shell(&state->git, "git init -q -b main %s", folder);
	snprintf(command, sizeof(command), "git -C '%s/%s' fast-import --quiet", state->git.folder, folder);
	FILE *git = popen(command, "w");
	assert_non_null(git);
	for (int i = 0; i < commits; i++) {
		fprintf(git, "commit refs/heads/main\ncommitter Ben <b@example.com> %d +0000\ndata 1\nx\n",
			1700000000 + i);
		if (!i)
			fprintf(git, "M 644 inline hsmctl.yaml\ndata %zu\n%s\n", strlen(DEV), DEV);
		for (int j = 0; j < templates; j++) {
			char text[512];
			if (i && j != i % templates)
				continue;
			int length = snprintf(
			    text, sizeof(text),
			    "name: t%d\ncategory: UTILITY\ntranslations:\n"
			    "  en: {version: %d, body: Text %d}\n  es: {version: %d, body: Hola %d}\n",
			    j, i + 1, i, i + 1, i);
			fprintf(git, "M 644 inline templates/t%d.yaml\ndata %d\n%s\n", j, length, text);
		}
	}
	assert_int_equal(pclose(git), 0);
}

static double seconds_of_history(struct state *state, const char *folder, int templates, int commits)
{
	char **names = calloc((size_t)templates, sizeof(char *));
	struct timespec before, after;
	import_history(state, folder, templates, commits);
	reopen(state, folder);
	for (int i = 0; i < templates; i++) {
		names[i] = malloc(16);
		snprintf(names[i], 16, "t%d", i);
	}
	assert_int_equal(hsm_desired_read_config(state->repository, "main", &state->desired, &state->findings,
						 &state->error),
			 0);
	assert_int_equal(hsm_desired_choose_environment(&state->desired, NULL, &state->error), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	assert_int_equal(hsm_history_read(state->repository, &state->desired, (const char *const *)names,
					  (size_t)templates, &state->history, &state->error),
			 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_int_equal(state->history.count, 2 * (templates + commits - 1));
	assert_int_equal(state->history.highest[(commits - 1) % templates], commits);
	for (int i = 0; i < templates; i++)
		free(names[i]);
	free(names);
	return (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

static void folders_without_end_in_a_small_commit_are_passed_over(void **user)
{
	struct state *state = *user;
	commit(state, "one", "templates/a.yaml", A "  en: {body: Hi}\n");
	hsm_git_fixture_commit_bomb(&state->git, "refs/heads/bomb");
	read_history(state, NULL, NULL, "a");
	assert_entries(state, "a en 0 'Hi' one\n");
}

static void cost_grows_with_what_changed(void **user)
{
	struct state *state = *user;
	double small = seconds_of_history(state, "small", 200, 500);
	double large = seconds_of_history(state, "large", 200, 4000);
	print_message("500 commits of 200 templates: %.3f s; 4000: %.3f s\n", small, large);
	assert_true(small < 5);
	/* Eight times as many: by far not 64 times as long. */
	assert_true(large < 24 * small + 0.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_newest_entry_comes_first, start, stop),
		cmocka_unit_test_setup_teardown(entries_are_found_by_template_and_language, start, stop),
		cmocka_unit_test_setup_teardown(what_a_merge_takes_is_its_sides, start, stop),
		cmocka_unit_test_setup_teardown(every_ref_counts_after_the_planned_commits_own, start, stop),
		cmocka_unit_test_setup_teardown(old_content_is_made_with_the_configuration_of_its_commit,
						start, stop),
		cmocka_unit_test_setup_teardown(moving_a_file_is_no_change, start, stop),
		cmocka_unit_test_setup_teardown(old_files_that_are_wrong_are_passed_over, start, stop),
		cmocka_unit_test_setup_teardown(a_history_that_is_not_here_says_how_to_get_it, start, stop),
		cmocka_unit_test_setup_teardown(a_history_that_cannot_be_read_is_an_error, start, stop),
		cmocka_unit_test_setup_teardown(webhooks_that_the_environment_ever_had_are_known, start,
						stop),
		cmocka_unit_test_setup_teardown(what_a_commit_says_of_itself_is_short_clean_text, start,
						stop),
		cmocka_unit_test_setup_teardown(a_folder_of_a_repository_and_a_bare_one_have_a_history, start,
						stop),
		cmocka_unit_test_setup_teardown(folders_without_end_in_a_small_commit_are_passed_over, start, stop),
		cmocka_unit_test_setup_teardown(cost_grows_with_what_changed, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
