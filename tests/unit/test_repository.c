#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/desired/repository.h"
#include "schema/base/buffer.h"
#include "tests/unit/git_fixture.h"

struct state {
	struct hsm_git_fixture git;
	struct hsm_repository *repository;
	struct hsm_arena arena;
	struct hsm_error error;
	struct hsm_buffer paths;
};

static int start(void **user)
{
	struct state *state = calloc(1, sizeof(*state));
	state->paths = (struct hsm_buffer)HSM_BUFFER_INIT(1 << 20);
	hsm_git_fixture_start(&state->git);
	*user = state;
	return 0;
}

static int stop(void **user)
{
	struct state *state = *user;
	hsm_repository_free(state->repository);
	hsm_git_fixture_stop(&state->git);
	hsm_arena_release(&state->arena);
	hsm_buffer_release(&state->paths);
	free(state);
	return 0;
}

static int open_at(struct state *state, const char *folder)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", state->git.folder, folder);
	hsm_repository_free(state->repository);
	state->repository = NULL;
	return hsm_repository_open(&state->repository, path, &state->error);
}

static int add_path(void *user, const char *path, const char *blob_id)
{
	struct state *state = user;
	const char *data;
	size_t length;
	hsm_buffer_append_format(&state->paths, "%s ", path);
	if (!blob_id)
		return 0;
	return hsm_repository_read_blob(state->repository, blob_id, 100, &state->arena, &data, &length, &state->error);
}

static const char *list(struct state *state, const char *commit, const char *folder)
{
	hsm_buffer_clear(&state->paths);
	if (hsm_repository_list(state->repository, commit, folder, add_path, state, &state->error))
		return "failed";
	return hsm_buffer_text(&state->paths);
}

static const char *read_text(struct state *state, const char *commit, const char *path)
{
	const char *data;
	size_t length;
	if (hsm_repository_read(state->repository, commit, path, 100, &state->arena, &data, &length, &state->error))
		return "failed";
	assert_int_equal(strlen(data), length);
	return data;
}

static void a_folder_without_a_repository_says_what_to_do(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_shell(&state->git, "rm -rf .git");
	assert_int_equal(open_at(state, "."), HSM_ERROR_NO_INPUT);
	assert_non_null(strstr(state->error.message, "git init"));
	assert_int_equal(open_at(state, "missing"), HSM_ERROR_NO_INPUT);
}

static void a_subfolder_and_a_commit_have_the_same_paths(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "outside.yaml", "0");
	hsm_git_fixture_write(&state->git, "whatsapp/templates/b.yaml", "1");
	hsm_git_fixture_write(&state->git, "whatsapp/templates/a/c.yml", "2");
	hsm_git_fixture_write(&state->git, "whatsapp/templates/a.yaml", "3");
	hsm_git_fixture_write(&state->git, "whatsapp/templates/.hidden.yaml", "4");
	hsm_git_fixture_commit(&state->git, "one");
	char commit[HSM_COMMIT_SIZE];
	assert_int_equal(open_at(state, "whatsapp"), 0);
	assert_int_equal(hsm_repository_resolve(state->repository, "HEAD", commit, &state->error), 0);
	const char *expected = "templates/a.yaml templates/a/c.yml templates/b.yaml ";
	assert_string_equal(list(state, NULL, "templates"), expected);
	assert_string_equal(list(state, commit, "templates"), expected);
	assert_string_equal(read_text(state, NULL, "templates/a/c.yml"), "2");
	assert_string_equal(read_text(state, commit, "templates/a/c.yml"), "2");
	assert_string_equal(read_text(state, NULL, "../outside.yaml"), "failed");
	assert_string_equal(read_text(state, commit, "../outside.yaml"), "failed");
	assert_int_equal(hsm_repository_list(state->repository, NULL, "none", add_path, state, &state->error),
			 HSM_ERROR_NO_INPUT);
	assert_int_equal(hsm_repository_list(state->repository, commit, "none", add_path, state, &state->error),
			 HSM_ERROR_NO_INPUT);
}

static void symbolic_links_lead_nowhere(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "templates/a.yaml", "1");
	hsm_git_fixture_write(&state->git, "elsewhere/secret.yaml", "2");
	hsm_git_fixture_shell(&state->git, "ln -s ../elsewhere/secret.yaml templates/b.yaml");
	hsm_git_fixture_shell(&state->git, "ln -s ../elsewhere templates/c && ln -s elsewhere linked");
	hsm_git_fixture_shell(&state->git, "mkfifo templates/d.yaml && mkdir templates/sub && git -C templates/sub init -q && "
					   "touch templates/sub/e.yaml");
	assert_int_equal(open_at(state, "."), 0);
	assert_string_equal(list(state, NULL, "templates"), "templates/a.yaml ");
	assert_string_equal(list(state, NULL, "linked"), "failed");
	assert_string_equal(read_text(state, NULL, "templates/b.yaml"), "failed");
	assert_string_equal(read_text(state, NULL, "templates/c/secret.yaml"), "failed");
	assert_string_equal(read_text(state, NULL, "templates/d.yaml"), "failed");
	assert_string_equal(read_text(state, NULL, "templates"), "failed");
	hsm_git_fixture_shell(&state->git, "rm -rf templates/sub");
	hsm_git_fixture_commit(&state->git, "one");
	char commit[HSM_COMMIT_SIZE];
	assert_int_equal(hsm_repository_resolve(state->repository, "HEAD", commit, &state->error), 0);
	assert_string_equal(list(state, commit, "templates"), "templates/a.yaml ");
	assert_string_equal(read_text(state, commit, "templates/b.yaml"), "failed");
}

static void a_file_too_large_gives_one_byte_more_than_allowed(void **user)
{
	struct state *state = *user;
	const char *data;
	size_t length;
	char commit[HSM_COMMIT_SIZE];
	hsm_git_fixture_write(&state->git, "a.yaml", "0123456789");
	hsm_git_fixture_commit(&state->git, "one");
	assert_int_equal(open_at(state, "."), 0);
	assert_int_equal(hsm_repository_resolve(state->repository, "HEAD", commit, &state->error), 0);
	const char *const commits[] = { NULL, commit };
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(hsm_repository_read(state->repository, commits[i], "a.yaml", 10, &state->arena, &data,
						     &length, &state->error), 0);
		assert_int_equal(length, 10);
		assert_int_equal(hsm_repository_read(state->repository, commits[i], "a.yaml", 9, &state->arena, &data,
						     &length, &state->error), 0);
		assert_int_equal(length, 10);
		assert_int_equal(hsm_repository_read(state->repository, commits[i], "a.yaml", 4, &state->arena, &data,
						     &length, &state->error), 0);
		assert_int_equal(length, 5);
	}
}

static void folders_that_nest_too_deep_are_refused(void **user)
{
	struct state *state = *user;
	char commit[HSM_COMMIT_SIZE];
	hsm_git_fixture_write(&state->git, "t/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/a.yaml", "1");
	hsm_git_fixture_commit(&state->git, "one");
	assert_int_equal(open_at(state, "."), 0);
	assert_string_not_equal(list(state, NULL, "t"), "failed");
	hsm_git_fixture_write(&state->git, "t/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/a.yaml", "1");
	hsm_git_fixture_commit(&state->git, "two");
	assert_string_equal(list(state, NULL, "t"), "failed");
	assert_int_equal(hsm_repository_resolve(state->repository, "HEAD", commit, &state->error), 0);
	assert_string_equal(list(state, commit, "t"), "failed");
}

static void folders_without_end_in_a_small_commit_are_refused(void **user)
{
	struct state *state = *user;
	char commit[HSM_COMMIT_SIZE];
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "environments: {}\n");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_commit_bomb(&state->git, "refs/heads/bomb");
	assert_int_equal(open_at(state, "."), 0);
	assert_int_equal(hsm_repository_resolve(state->repository, "bomb", commit, &state->error), 0);
	assert_string_equal(list(state, commit, "templates"), "failed");
	assert_non_null(strstr(state->error.message, "more than 100000 folders stand beside 'templates/d0/d0/"));
}

static void names_that_are_not_utf_8_are_shown_with_escapes(void **user)
{
	struct state *state = *user;
	char commit[HSM_COMMIT_SIZE];
	static const char *const made[] = { "t/\xff.yaml", "t/\xff/a.yaml" };
	static const char *const shown[] = { "the name of 't/\\xff.yaml' is not UTF-8", "the name of 't/\\xff' is not UTF-8" };
	for (size_t i = 0; i < 2; i++) {
		hsm_git_fixture_write(&state->git, made[i], "1");
		hsm_git_fixture_commit(&state->git, "one");
		assert_int_equal(open_at(state, "."), 0);
		assert_int_equal(hsm_repository_resolve(state->repository, "HEAD", commit, &state->error), 0);
		assert_string_equal(list(state, NULL, "t"), "failed");
		assert_non_null(strstr(state->error.message, shown[i]));
		assert_string_equal(list(state, commit, "t"), "failed");
		assert_non_null(strstr(state->error.message, shown[i]));
		hsm_git_fixture_run(&state->git, "rm -rfq t");
	}
}

static void revisions_are_commits(void **user)
{
	struct state *state = *user;
	char commit[HSM_COMMIT_SIZE], other[HSM_COMMIT_SIZE];
	assert_int_equal(open_at(state, "."), 0);
	assert_int_equal(hsm_repository_resolve(state->repository, "HEAD", commit, &state->error), 0);
	assert_string_equal(commit, "");
	hsm_git_fixture_write(&state->git, "a.yaml", "1");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_run(&state->git, "tag -a -m tag v1");
	assert_int_equal(hsm_repository_resolve(state->repository, "HEAD", commit, &state->error), 0);
	assert_int_equal(strlen(commit), 40);
	assert_int_equal(hsm_repository_resolve(state->repository, "v1", other, &state->error), 0);
	assert_string_equal(commit, other);
	static const char *const wrong[] = { "nothing", "HEAD:a.yaml", "HEAD~1", "", "-x", "@{nonsense" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(hsm_repository_resolve(state->repository, wrong[i], other, &state->error),
				 HSM_ERROR_NO_INPUT);
}

static void a_bare_repository_has_revisions_only(void **user)
{
	struct state *state = *user;
	char commit[HSM_COMMIT_SIZE];
	hsm_git_fixture_write(&state->git, "templates/a.yaml", "1");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_run(&state->git, "clone -q --bare . bare.git");
	assert_int_equal(open_at(state, "bare.git"), 0);
	assert_true(hsm_repository_is_bare(state->repository));
	assert_int_equal(hsm_repository_resolve(state->repository, "main", commit, &state->error), 0);
	assert_string_equal(list(state, commit, "templates"), "templates/a.yaml ");
	assert_string_equal(list(state, NULL, "templates"), "failed");
	assert_non_null(strstr(state->error.message, "--rev"));
	assert_string_equal(read_text(state, NULL, "templates/a.yaml"), "failed");
}

static void another_object_format_is_refused_by_its_name(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_run(&state->git, "init -q --object-format=sha256 new");
	hsm_git_fixture_ignore_leaks(true);
	assert_int_equal(open_at(state, "new"), HSM_ERROR_NO_INPUT);
	hsm_git_fixture_ignore_leaks(false);
	assert_non_null(strstr(state->error.message, "SHA-1"));
	assert_null(strstr(state->error.message, "extension"));
}

/* As in a container, where the checkout is the host's user's. Only root can try. */
static void another_users_checkout_opens(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_shell(&state->git, "test $(id -u) != 0 || chown -R 12345:12345 .");
	assert_int_equal(open_at(state, "."), 0);
}

static void a_sparse_or_partial_clone_opens(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_run(&state->git, "config core.repositoryformatversion 1");
	hsm_git_fixture_run(&state->git, "config extensions.worktreeConfig true");
	hsm_git_fixture_run(&state->git, "config extensions.partialClone origin");
	hsm_git_fixture_ignore_leaks(true);
	assert_int_equal(open_at(state, "."), 0);
	hsm_git_fixture_ignore_leaks(false);
	assert_false(hsm_repository_is_shallow(state->repository));
	hsm_git_fixture_commit(&state->git, "two");
	hsm_git_fixture_run(&state->git, "clone -q --depth 1 file://%s shallow", state->git.folder);
	assert_int_equal(open_at(state, "shallow"), 0);
	assert_true(hsm_repository_is_shallow(state->repository));
}

static void the_base_is_where_the_branch_left_the_remotes_default_branch(void **user)
{
	struct state *state = *user;
	char base[HSM_COMMIT_SIZE], expected[HSM_COMMIT_SIZE];
	assert_int_equal(open_at(state, "."), 0);
	assert_int_equal(hsm_repository_find_base(state->repository, base, &state->error), 0);
	assert_string_equal(base, "");
	hsm_git_fixture_commit(&state->git, "one");
	assert_int_equal(hsm_repository_find_base(state->repository, base, &state->error), HSM_ERROR_NO_INPUT);
	assert_non_null(strstr(state->error.message, "--base"));
	hsm_git_fixture_run(&state->git, "tag fork");
	hsm_git_fixture_commit(&state->git, "two");
	/* As CI has it: no refs/remotes/origin/HEAD. */
	hsm_git_fixture_run(&state->git, "update-ref refs/remotes/origin/main HEAD");
	hsm_git_fixture_run(&state->git, "checkout -q -b feature fork");
	hsm_git_fixture_commit(&state->git, "three");
	assert_int_equal(hsm_repository_find_base(state->repository, base, &state->error), 0);
	assert_int_equal(hsm_repository_resolve(state->repository, "fork", expected, &state->error), 0);
	assert_string_equal(base, expected);
	/* The remote's own word counts more than the name. */
	hsm_git_fixture_run(&state->git, "update-ref refs/remotes/origin/trunk HEAD");
	hsm_git_fixture_run(&state->git, "symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/trunk");
	assert_int_equal(hsm_repository_find_base(state->repository, base, &state->error), 0);
	assert_int_equal(hsm_repository_resolve(state->repository, "HEAD", expected, &state->error), 0);
	assert_string_equal(base, expected);
}

static const char *dirty_path(struct state *state)
{
	const char *path;
	assert_int_equal(hsm_repository_find_dirty(state->repository, "hsmctl.yaml", "templates", &state->arena,
						 &path, &state->error), 0);
	return path ? path : "clean";
}

static void dirty_is_what_is_read_and_not_what_git_tracks(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "1");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", "1");
	hsm_git_fixture_write(&state->git, "templates/notes.txt", "1");
	hsm_git_fixture_write(&state->git, ".gitignore", "draft.yaml\n");
	assert_int_equal(open_at(state, "."), 0);
	assert_string_equal(dirty_path(state), "hsmctl.yaml"); /* before the first commit */
	hsm_git_fixture_commit(&state->git, "one");
	assert_string_equal(dirty_path(state), "clean");
	static const struct {
		const char *change, *path, *undo;
	} cases[] = {
		{ "echo 2 > templates/notes.txt", "clean", "git checkout -q ." },
		{ "echo 2 > other.yaml", "clean", "rm other.yaml" },
		{ "touch templates/a.yaml", "clean", "true" },
		{ "echo 2 > templates/a.yaml", "templates/a.yaml", "git checkout -q ." },
		{ "echo 2 > templates/a.yaml && git add -A", "templates/a.yaml", "git reset -q --hard" },
		{ "echo 2 > templates/b.yml", "templates/b.yml", "rm templates/b.yml" },
		{ "echo 2 > templates/draft.yaml", "templates/draft.yaml", "rm templates/draft.yaml" },
		{ "rm templates/a.yaml", "templates/a.yaml", "git checkout -q ." },
		{ "rm -r templates", "templates/a.yaml", "git checkout -q ." },
		{ "rm templates/a.yaml && ln -s notes.txt templates/a.yaml", "templates/a.yaml", "git checkout -q ." },
		{ "echo 2 > hsmctl.yaml", "hsmctl.yaml", "git checkout -q ." },
		{ "rm hsmctl.yaml", "hsmctl.yaml", "git checkout -q ." },
		{ "git update-index --assume-unchanged hsmctl.yaml && echo 2 > hsmctl.yaml", "hsmctl.yaml",
		  "git update-index --no-assume-unchanged hsmctl.yaml && git checkout -q ." },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hsm_git_fixture_shell(&state->git, "%s", cases[i].change);
		assert_string_equal(dirty_path(state), cases[i].path);
		hsm_git_fixture_shell(&state->git, "%s", cases[i].undo);
		assert_string_equal(dirty_path(state), "clean");
	}
}

static void line_ends_that_git_converts_are_not_dirty(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, ".gitattributes", "*.yaml text eol=crlf\n");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", "a: 1\nb: 2\n");
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_shell(&state->git, "rm templates/a.yaml && git checkout -q . && grep -q '\r' templates/a.yaml");
	assert_int_equal(open_at(state, "."), 0);
	assert_string_equal(dirty_path(state), "clean");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_folder_without_a_repository_says_what_to_do, start, stop),
		cmocka_unit_test_setup_teardown(a_subfolder_and_a_commit_have_the_same_paths, start, stop),
		cmocka_unit_test_setup_teardown(symbolic_links_lead_nowhere, start, stop),
		cmocka_unit_test_setup_teardown(a_file_too_large_gives_one_byte_more_than_allowed, start, stop),
		cmocka_unit_test_setup_teardown(folders_that_nest_too_deep_are_refused, start, stop),
		cmocka_unit_test_setup_teardown(folders_without_end_in_a_small_commit_are_refused, start, stop),
		cmocka_unit_test_setup_teardown(names_that_are_not_utf_8_are_shown_with_escapes, start, stop),
		cmocka_unit_test_setup_teardown(revisions_are_commits, start, stop),
		cmocka_unit_test_setup_teardown(a_bare_repository_has_revisions_only, start, stop),
		cmocka_unit_test_setup_teardown(another_object_format_is_refused_by_its_name, start, stop),
		cmocka_unit_test_setup_teardown(another_users_checkout_opens, start, stop),
		cmocka_unit_test_setup_teardown(a_sparse_or_partial_clone_opens, start, stop),
		cmocka_unit_test_setup_teardown(the_base_is_where_the_branch_left_the_remotes_default_branch, start, stop),
		cmocka_unit_test_setup_teardown(dirty_is_what_is_read_and_not_what_git_tracks, start, stop),
		cmocka_unit_test_setup_teardown(line_ends_that_git_converts_are_not_dirty, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
