#ifndef HSM_GIT_FIXTURE_H
#define HSM_GIT_FIXTURE_H

#include <stdbool.h>

/*
 * A git repository in a temporary folder. Each commit is a minute later than the
 * one before, so that their order is certain. What fails ends the test.
 */
struct hsm_git_fixture {
	char folder[64];
	int minutes;
};

void hsm_git_fixture_start(struct hsm_git_fixture *fixture);
void hsm_git_fixture_stop(struct hsm_git_fixture *fixture);

/* Runs git in the folder; the text is a shell's. */
void hsm_git_fixture_run(struct hsm_git_fixture *fixture, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes a file, and the folders that it needs. */
void hsm_git_fixture_write(struct hsm_git_fixture *fixture, const char *path, const char *text);
/* A file's text; free() it. */
char *hsm_git_fixture_read(const struct hsm_git_fixture *fixture, const char *path);

/* Commits all that is in the work tree. */
void hsm_git_fixture_commit(struct hsm_git_fixture *fixture, const char *subject);

/* A shell command with the folder as its work directory. */
void hsm_git_fixture_shell(struct hsm_git_fixture *fixture, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A commit at a ref, of a few kilobytes, whose templates are in 10^14 folders without a
 * file: each names the one below it ten times. The rest is HEAD's, which must be there. */
void hsm_git_fixture_commit_bomb(struct hsm_git_fixture *fixture, const char *ref);

/* libgit2 1.5 leaks where it opens a repository with extensions (a partial clone). */
void hsm_git_fixture_ignore_leaks(bool ignore);

#endif
