#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "reconciler/lifecycle/mirror.h"
#include "reconciler/lifecycle/mirror_url.h"
#include "schema/base/buffer.h"
#include "tests/unit/git_fixture.h"

struct state {
	struct hsm_git_fixture git;
	struct hsm_mirror mirror;
	char url[128], path[128];
	char commit[HSM_COMMIT_SIZE];
	struct hsm_error error;
};

static int start(void **user)
{
	struct state *state = calloc(1, sizeof(*state));
	hsm_git_fixture_start(&state->git);
	hsm_git_fixture_write(&state->git, ".gitignore", "/work\n");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", "1");
	hsm_git_fixture_commit(&state->git, "one");
	snprintf(state->url, sizeof(state->url), "file://%s", state->git.folder);
	snprintf(state->path, sizeof(state->path), "%s/work/deep/mirror", state->git.folder);
	state->mirror = (struct hsm_mirror){ .url = state->url, .branch = "main", .path = state->path, .timeout = 60 };
	unsetenv("GIT_SSH_COMMAND");
	*user = state;
	return 0;
}

static int stop(void **user)
{
	struct state *state = *user;
	unsetenv("GIT_SSH_COMMAND");
	hsm_git_fixture_stop(&state->git);
	free(state);
	return 0;
}

static int fetch(struct state *state)
{
	memset(&state->error, 0, sizeof(state->error));
	memset(state->commit, 0, sizeof(state->commit));
	int rc = hsm_mirror_fetch(&state->mirror, state->commit, &state->error);
	assert_int_equal(rc, state->error.class);
	return rc;
}

static void assert_says(const struct state *state, const char *text)
{
	if (!strstr(state->error.message, text))
		fail_msg("no \"%s\" in: %s", text, state->error.message);
}

/* Fetches, and what it gives is where the branch is. */
static void assert_fetches(struct state *state)
{
	struct hsm_repository *repository;
	char expected[HSM_COMMIT_SIZE];
	if (fetch(state))
		fail_msg("%s", state->error.message);
	assert_int_equal(hsm_repository_open(&repository, state->git.folder, &state->error), 0);
	assert_int_equal(hsm_repository_resolve(repository, state->mirror.branch, expected, &state->error), 0);
	hsm_repository_free(repository);
	assert_string_equal(state->commit, expected);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool exists(const struct state *state, const char *name)
{
	char path[256];
	snprintf(path, sizeof(path), "%s%s", state->path, name);
	return access(path, F_OK) == 0;
}

static void the_first_fetch_makes_it_and_the_next_follow(void **user)
{
	struct state *state = *user;
	struct stat status;
	assert_fetches(state);
	assert_int_equal(stat(state->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_false(exists(state, "/hooks"));
	assert_false(exists(state, "/FETCH_HEAD"));
	assert_fetches(state);
	hsm_git_fixture_commit(&state->git, "two");
	assert_fetches(state);
	struct hsm_repository *repository;
	assert_int_equal(hsm_repository_open(&repository, state->path, &state->error), 0);
	assert_true(hsm_repository_is_bare(repository));
	hsm_repository_free(repository);
}

static void an_empty_folder_and_slashes_are_fine(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_shell(&state->git, "mkdir -p work/deep/mirror");
	strcat(state->path, "//");
	assert_fetches(state);
	assert_fetches(state);
	hsm_git_fixture_shell(&state->git, "test \"$(ls -A work/deep)\" = mirror");
}

static void all_branches_are_there_and_removed_ones_go(void **user)
{
	struct state *state = *user;
	char expected[HSM_COMMIT_SIZE];
	hsm_git_fixture_run(&state->git, "checkout -q -b feature/a");
	hsm_git_fixture_commit(&state->git, "two");
	hsm_git_fixture_run(&state->git, "tag v1");
	assert_fetches(state);
	struct hsm_repository *repository;
	assert_int_equal(hsm_repository_open(&repository, state->path, &state->error), 0);
	assert_int_equal(hsm_repository_resolve(repository, "refs/heads/feature/a", expected, &state->error), 0);
	assert_string_not_equal(state->commit, expected);
	assert_int_equal(hsm_repository_resolve(repository, "refs/tags/v1", expected, &state->error),
			 HSM_ERROR_NO_INPUT);
	hsm_repository_free(repository);
	/* A branch takes the place of a folder of them. */
	hsm_git_fixture_run(&state->git, "checkout -q -b other && git branch -q -D feature/a && "
					 "git branch -q feature");
	assert_fetches(state);
	state->mirror.branch = "feature/a";
	assert_int_equal(fetch(state), HSM_ERROR_NO_INPUT);
	state->mirror.branch = "feature";
	assert_fetches(state);
}

static void a_rewritten_history_replaces_the_old_one(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_commit(&state->git, "two");
	assert_fetches(state);
	hsm_git_fixture_run(&state->git, "reset -q --hard HEAD~1");
	hsm_git_fixture_commit(&state->git, "another two");
	assert_fetches(state);
}

static void a_branch_that_is_not_there_is_named(void **user)
{
	struct state *state = *user;
	static const char *const names[] = { "none", "main~0", "main^{commit}", "../heads/main", "", "-x", "a..b" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		state->mirror.branch = names[i];
		assert_int_equal(fetch(state), HSM_ERROR_NO_INPUT);
		assert_says(state, names[i]);
		assert_says(state, state->url);
	}
}

static void a_url_that_leads_nowhere_says_so(void **user)
{
	struct state *state = *user;
	state->mirror.url = "file:///nowhere/x.git";
	assert_int_equal(fetch(state), HSM_ERROR_FAILED);
	assert_says(state, "cannot fetch file:///nowhere/x.git: ");
	assert_says(state, "does not appear to be a git repository");
	assert_null(strstr(state->error.message, "\n"));
	state->mirror.url = "";
	assert_int_equal(fetch(state), HSM_ERROR_NO_INPUT);
	state->mirror.url = state->url;
	assert_fetches(state);
}

static void only_some_transports_are_used_and_nothing_is_an_option(void **user)
{
	struct state *state = *user;
	char mark[128], ext[256], option[256];
	snprintf(mark, sizeof(mark), "%s/work/executed", state->git.folder);
	snprintf(ext, sizeof(ext), "ext::touch %s", mark);
	snprintf(option, sizeof(option), "--upload-pack=touch %s", mark);
	const char *const urls[] = { ext, option, "http://localhost:1/x.git", "git://localhost:1/x.git",
				     "ssh://-oProxyCommand=x/y" };
	hsm_git_fixture_shell(&state->git, "mkdir -p work && git config --file work/config protocol.allow always && "
					   "git config --file work/config protocol.ext.allow always");
	char config[128];
	snprintf(config, sizeof(config), "%s/work/config", state->git.folder);
	setenv("GIT_CONFIG_GLOBAL", config, 1);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		state->mirror.url = urls[i];
		assert_true(fetch(state) < 0);
		assert_int_not_equal(access(mark, F_OK), 0);
		if (strstr(urls[i], "http"))
			assert_says(state, "transport 'http' not allowed");
	}
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
}

static void hooks_are_not_run(void **user)
{
	struct state *state = *user;
	assert_fetches(state);
	hsm_git_fixture_shell(&state->git, "printf '#!/bin/sh\\ntouch %s/work/executed\\n' > work/hook && "
					   "chmod +x work/hook && "
					   "mkdir -p work/deep/mirror/hooks && "
					   "for h in reference-transaction post-checkout pre-auto-gc post-update post-upload-pack; "
					   "do cp work/hook .git/hooks/$h; cp work/hook work/deep/mirror/hooks/$h; done",
			      state->git.folder);
	hsm_git_fixture_shell(&state->git, "rm -f .git/hooks/reference-transaction");
	hsm_git_fixture_commit(&state->git, "two");
	assert_fetches(state);
	hsm_git_fixture_shell(&state->git, "test ! -e work/executed");
}

static void it_runs_in_another_repositorys_hook(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_run(&state->git, "init -q work/other");
	char path[128];
	snprintf(path, sizeof(path), "%s/work/other/.git", state->git.folder);
	setenv("GIT_DIR", path, 1);
	setenv("GIT_INDEX_FILE", "/nowhere/index", 1);
	setenv("GIT_OBJECT_DIRECTORY", "/nowhere/objects", 1);
	int rc = fetch(state);
	unsetenv("GIT_DIR");
	unsetenv("GIT_INDEX_FILE");
	unsetenv("GIT_OBJECT_DIRECTORY");
	assert_int_equal(rc, 0);
	assert_fetches(state);
}

static void a_fetch_that_hangs_ends_in_time(void **user)
{
	struct state *state = *user;
	assert_fetches(state);
	hsm_git_fixture_commit(&state->git, "two");
	setenv("GIT_SSH_COMMAND", "sleep 60;", 1);
	state->mirror.url = "ssh://git@example.com/x.git";
	state->mirror.timeout = 1;
	double began = now();
	assert_int_equal(fetch(state), HSM_ERROR_UNAVAILABLE);
	assert_true(now() - began < 10);
	assert_string_equal(state->error.message, "cannot fetch ssh://example.com/x.git: 'git' took longer than 1 s");
	/* And the next one is not hindered. */
	state->mirror.url = state->url;
	state->mirror.timeout = 60;
	assert_fetches(state);
}

static volatile sig_atomic_t interrupted;

static void *interrupt_soon(void *user)
{
	(void)user;
	usleep(500000);
	interrupted = 1;
	return NULL;
}

static void an_interruption_ends_it_soon(void **user)
{
	struct state *state = *user;
	pthread_t thread;
	setenv("GIT_SSH_COMMAND", "sleep 60;", 1);
	state->mirror.url = "ssh://example.com/x.git";
	state->mirror.interrupted = &interrupted;
	interrupted = 0;
	assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, NULL), 0);
	double began = now();
	assert_int_equal(fetch(state), HSM_ERROR_FAILED);
	assert_true(now() - began < 10);
	assert_says(state, "interrupted");
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* ssh that writes what it was started with, and fails as ssh does. */
static void ssh_asks_nobody(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_shell(&state->git, "mkdir -p work/bin && cat > work/bin/ssh <<'END'\n#!/bin/sh\n"
					   "printf '%%s\\n' \"$*\" \"[$GIT_ASKPASS$SSH_ASKPASS] "
					   "$SSH_ASKPASS_REQUIRE $GIT_TERMINAL_PROMPT\" >> '%s/work/log'\n"
					   "echo 'git@example.com: Permission denied (publickey).' >&2\nexit 255\nEND\n"
					   "chmod +x work/bin/ssh", state->git.folder);
	char path[512], *before = strdup(getenv("PATH"));
	snprintf(path, sizeof(path), "%s/work/bin:%s", state->git.folder, before);
	setenv("PATH", path, 1);
	setenv("SSH_ASKPASS", "/bin/false", 1);
	setenv("GIT_ASKPASS", "/bin/false", 1);
	state->mirror.url = "git@example.com:x.git";
	assert_int_equal(fetch(state), HSM_ERROR_FAILED);
	assert_string_equal(state->error.message, "cannot fetch example.com:x.git: git@example.com: Permission denied "
						  "(publickey); Could not read from remote repository");
	char *log = hsm_git_fixture_read(&state->git, "work/log");
	assert_non_null(strstr(log, "-oBatchMode=yes"));
	assert_non_null(strstr(log, "\n[] never 0\n"));
	free(log);
	/* The user's own ssh command stays. */
	hsm_git_fixture_run(&state->git, "config --file work/config core.sshCommand 'ssh -i deploy_key'");
	snprintf(path, sizeof(path), "%s/work/config", state->git.folder);
	setenv("GIT_CONFIG_GLOBAL", path, 1);
	assert_int_equal(fetch(state), HSM_ERROR_FAILED);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("PATH", before, 1);
	unsetenv("SSH_ASKPASS");
	unsetenv("GIT_ASKPASS");
	free(before);
	log = hsm_git_fixture_read(&state->git, "work/log");
	assert_non_null(strstr(log, "-i deploy_key"));
	free(log);
}

static void a_lock_that_a_killed_git_left_is_removed_when_it_is_old(void **user)
{
	struct state *state = *user;
	assert_fetches(state);
	hsm_git_fixture_commit(&state->git, "two");
	hsm_git_fixture_shell(&state->git, "cd work/deep/mirror && touch refs/heads/main.lock && mkdir -p objects/pack && "
					   "touch -d '1 hour ago' packed-refs.lock config.lock shallow.lock HEAD.lock "
					   "objects/pack/tmp_pack_abc objects/pack/pack-1.keep && "
					   "touch objects/pack/tmp_pack_new");
	assert_int_equal(fetch(state), HSM_ERROR_FAILED); /* it may be another's */
	assert_says(state, "main.lock");
	static const char *const gone[] = { "/packed-refs.lock", "/config.lock", "/shallow.lock", "/HEAD.lock",
					    "/objects/pack/tmp_pack_abc", "/objects/pack/pack-1.keep" };
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		assert_false(exists(state, gone[i]));
	assert_true(exists(state, "/objects/pack/tmp_pack_new"));
	hsm_git_fixture_shell(&state->git, "touch -d '1 hour ago' work/deep/mirror/refs/heads/main.lock");
	assert_fetches(state);
}

static void a_broken_mirror_is_made_anew(void **user)
{
	struct state *state = *user;
	static const char *const damages[] = {
		"echo nonsense > HEAD",
		"rm HEAD",
		"rm -r objects",
		"rm -r refs",
		"echo '[nonsense' > config",
		"find objects -type f -delete",
		"find objects -type f -exec sh -c 'chmod +w \"$1\" && echo x > \"$1\"' - {} \\;",
		"find . -mindepth 1 ! -name hsmctl-mirror -delete",
		"echo nonsense > packed-refs",
		"rm -f packed-refs && echo 1234567890123456789012345678901234567890 > refs/heads/main",
	};
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		hsm_git_fixture_commit(&state->git, "more");
		assert_fetches(state);
		if (i % 2)
			hsm_git_fixture_commit(&state->git, "and more");
		hsm_git_fixture_shell(&state->git, "cd work/deep/mirror && %s", damages[i]);
		if (fetch(state))
			fail_msg("%s: %s", damages[i], state->error.message);
		assert_fetches(state);
		hsm_git_fixture_run(&state->git, "--git-dir=work/deep/mirror fsck --no-progress 2>&1 | (! grep .)");
		hsm_git_fixture_shell(&state->git, "test \"$(ls -A work/deep)\" = mirror");
	}
}

static void a_broken_mirror_stays_while_there_is_no_other(void **user)
{
	struct state *state = *user;
	assert_fetches(state);
	hsm_git_fixture_shell(&state->git, "cd work/deep/mirror && echo nonsense > HEAD && touch witness");
	state->mirror.url = "file:///nowhere";
	assert_int_equal(fetch(state), HSM_ERROR_FAILED);
	assert_says(state, "/nowhere");
	assert_true(exists(state, "/witness"));
	hsm_git_fixture_shell(&state->git, "test \"$(ls -A work/deep)\" = mirror");
	state->mirror.url = state->url;
	assert_fetches(state);
	assert_false(exists(state, "/witness"));
}

static void trouble_on_the_other_side_rebuilds_nothing(void **user)
{
	struct state *state = *user;
	assert_fetches(state);
	hsm_git_fixture_commit(&state->git, "two");
	hsm_git_fixture_shell(&state->git, "touch work/deep/mirror/witness && mv .git/objects .git/objects.away && "
					   "mkdir .git/objects");
	assert_int_equal(fetch(state), HSM_ERROR_FAILED);
	assert_true(exists(state, "/witness"));
	hsm_git_fixture_shell(&state->git, "rmdir .git/objects && mv .git/objects.away .git/objects");
	assert_fetches(state);
	assert_true(exists(state, "/witness"));
}

static void what_is_not_hsmctls_is_left_alone(void **user)
{
	struct state *state = *user;
	static const char *const others[] = {
		"mkdir -p work/deep/mirror && touch work/deep/mirror/mine",
		"mkdir -p work/deep && git init -q --bare work/deep/mirror",
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		hsm_git_fixture_shell(&state->git, "rm -rf work && %s && ls -lAR work > before", others[i]);
		assert_int_equal(fetch(state), HSM_ERROR_FAILED);
		assert_says(state, "choose another folder");
		hsm_git_fixture_shell(&state->git, "ls -lAR work | cmp before -");
	}
	hsm_git_fixture_shell(&state->git, "rm -rf work/deep && touch work/deep");
	assert_int_equal(fetch(state), HSM_ERROR_FAILED);
	assert_says(state, "work/deep");
	/* Only root can try. */
	hsm_git_fixture_shell(&state->git, "rm -rf work && mkdir -p work/deep/mirror && "
					   "{ test $(id -u) != 0 || chown 12345 work/deep/mirror; }");
	assert_int_equal(fetch(state), geteuid() == 0 ? HSM_ERROR_FAILED : 0);
}

static const char *append_url(struct hsm_buffer *buffer, const char *url)
{
	hsm_buffer_clear(buffer);
	hsm_mirror_url_append(buffer, url);
	return hsm_buffer_text(buffer);
}

static const char *conceal(struct hsm_buffer *buffer, const char *url, const char *text)
{
	hsm_buffer_clear(buffer);
	hsm_mirror_url_append_concealed(buffer, url, text);
	return hsm_buffer_text(buffer);
}

static void a_url_is_shown_without_its_user(void **user)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(1 << 16);
	static const char *const urls[][2] = {
		{ "https://host/x.git", "https://host/x.git" },
		{ "https://host:8443/a@b.git", "https://host:8443/a@b.git" },
		{ "https://[::1]:8443/x.git", "https://[::1]:8443/x.git" },
		{ "https://token@host/x.git", "https://host/x.git" },
		{ "https://user:pass@host:1/x.git", "https://host:1/x.git" },
		{ "https://user:p@ss@host/x.git", "https://host/x.git" },
		{ "https://user:pa/ss@host/x.git", "https://host/x.git" },
		{ "https://user:pa?ss#@host/x.git", "https://host/x.git" },
		{ "ssh://git@host/x.git", "ssh://host/x.git" },
		{ "git@host:x.git", "host:x.git" },
		{ "user:pass@host:x.git", "host:x.git" },
		{ "/srv/a@b/x.git", "/srv/a@b/x.git" },
		{ "", "" },
	};
	(void)user;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		assert_string_equal(append_url(&buffer, urls[i][0]), urls[i][1]);
	static const char *const texts[][3] = {
		{ "https://bob:s3cr%40t@host/x", "at 'https://bob:s3cr%40t@host/x': s3cr@t", "at 'https://host/x': ***" },
		{ "https://ghp_0123456789@host/x", "https://host/x refused ghp_0123456789", "https://host/x refused ***" },
		{ "https://ghp_0123456789:x-oauth-basic@host/x", "ghp_0123456789:x-oauth-basic", "***:***" },
		{ "https://bob:s3cr%40t@host/x", "authorization: Basic Ym9iOnMzY3JAdA== (s3cr%40t)", "authorization: Basic Ym9iO***== (***)" },
		{ "https://host/x", "moved to https://u:p@other/x and <ssh://v@third>",
		  "moved to https://other/x and <ssh://third>" },
		{ "ssh://git@host/x", "git: not a git repository", "git: not a git repository" },
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(conceal(&buffer, texts[i][0], texts[i][1]), texts[i][2]);
	hsm_buffer_release(&buffer);
}

/* Whatever is wrong: nobody there, a refusal that repeats the URL, no branch, a timeout. */
static void no_message_holds_the_password(void **user)
{
	struct state *state = *user;
	static const char *const urls[] = {
		"https://bob:s3cr%40t@localhost:1/x.git", "https://bob:s3cr%40t@[nonsense/x.git",
		"http://bob:s3cr%40t@localhost:1/x.git", "ssh://bob:s3cr%40t@localhost:1/x.git",
		"bob:s3cr%40t@localhost:x.git", "-u://bob:s3cr%40t@localhost",
		"https://bob:s3cr%40t/x@localhost:1/x.git", "none://bob:s3cr%40t@localhost/x",
	};
	static const char *const commands[] = {
		NULL, "printf '%s\n' \"$*\" 's3cr@t' >&2; echo 'fatal: s3cr%40t' >&2; false", "sleep 60;"
	};
	state->mirror.timeout = 3;
	for (size_t c = 0; c < sizeof(commands) / sizeof(commands[0]); c++) {
		if (commands[c])
			setenv("GIT_SSH_COMMAND", commands[c], 1);
		for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
			state->mirror.url = urls[i];
			assert_true(fetch(state) < 0);
			if (strstr(state->error.message, "s3cr"))
				fail_msg("%s", state->error.message);
		}
		state->mirror.timeout = 0.3;
	}
}

static void what_came_is_packed_now_and_then(void **user)
{
	struct state *state = *user;
	assert_fetches(state);
	/* git guesses the count from one of the 256 folders. */
	hsm_git_fixture_shell(&state->git, "mkdir -p work/deep/mirror/objects/17 && cd work/deep/mirror/objects/17 && "
					   "for i in $(seq 10 50); do printf x | gzip > 000000000000000000000000000000000000$i; done");
	assert_fetches(state);
	assert_false(exists(state, "/packed-refs"));
	hsm_git_fixture_commit(&state->git, "two");
	assert_fetches(state);
	assert_true(exists(state, "/packed-refs"));
	assert_fetches(state);
}

static void more_branches_than_the_output_has_room_for_come(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_shell(&state->git, "for i in $(seq 1500); do echo \"create refs/heads/a-rather-long-name/$i HEAD\"; "
					   "done | "
					   "git update-ref --stdin");
	assert_fetches(state);
	hsm_git_fixture_shell(&state->git, "test $(git --git-dir=work/deep/mirror branch | wc -l) = 1501");
	assert_fetches(state);
}

static size_t count_files(void)
{
	size_t count = 0;
	DIR *files = opendir("/proc/self/fd");
	while (readdir(files))
		count++;
	closedir(files);
	return count;
}

static void many_fetches_leave_no_file_open(void **user)
{
	struct state *state = *user;
	assert_fetches(state);
	size_t before = count_files();
	for (int i = 0; i < 200; i++) {
		state->mirror.url = i % 4 == 3 ? "file:///nowhere" : state->url;
		state->mirror.branch = i % 4 == 2 ? "none" : "main";
		assert_int_equal(fetch(state) == 0, i % 4 < 2);
	}
	assert_int_equal(count_files(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_fetch_makes_it_and_the_next_follow, start, stop),
		cmocka_unit_test_setup_teardown(an_empty_folder_and_slashes_are_fine, start, stop),
		cmocka_unit_test_setup_teardown(all_branches_are_there_and_removed_ones_go, start, stop),
		cmocka_unit_test_setup_teardown(a_rewritten_history_replaces_the_old_one, start, stop),
		cmocka_unit_test_setup_teardown(a_branch_that_is_not_there_is_named, start, stop),
		cmocka_unit_test_setup_teardown(a_url_that_leads_nowhere_says_so, start, stop),
		cmocka_unit_test_setup_teardown(only_some_transports_are_used_and_nothing_is_an_option, start, stop),
		cmocka_unit_test_setup_teardown(hooks_are_not_run, start, stop),
		cmocka_unit_test_setup_teardown(it_runs_in_another_repositorys_hook, start, stop),
		cmocka_unit_test_setup_teardown(a_fetch_that_hangs_ends_in_time, start, stop),
		cmocka_unit_test_setup_teardown(an_interruption_ends_it_soon, start, stop),
		cmocka_unit_test_setup_teardown(ssh_asks_nobody, start, stop),
		cmocka_unit_test_setup_teardown(a_lock_that_a_killed_git_left_is_removed_when_it_is_old, start, stop),
		cmocka_unit_test_setup_teardown(a_broken_mirror_is_made_anew, start, stop),
		cmocka_unit_test_setup_teardown(a_broken_mirror_stays_while_there_is_no_other, start, stop),
		cmocka_unit_test_setup_teardown(trouble_on_the_other_side_rebuilds_nothing, start, stop),
		cmocka_unit_test_setup_teardown(what_is_not_hsmctls_is_left_alone, start, stop),
		cmocka_unit_test(a_url_is_shown_without_its_user),
		cmocka_unit_test_setup_teardown(no_message_holds_the_password, start, stop),
		cmocka_unit_test_setup_teardown(what_came_is_packed_now_and_then, start, stop),
		cmocka_unit_test_setup_teardown(more_branches_than_the_output_has_room_for_come, start, stop),
		cmocka_unit_test_setup_teardown(many_fetches_leave_no_file_open, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
