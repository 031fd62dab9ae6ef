#include "reconciler/desired/repository_git.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"

int hsm_repository_fail(struct hsm_error *error, enum hsm_error_class class, const char *format, ...)
{
	char message[HSM_ERROR_MESSAGE_SIZE / 2];
	const git_error *last = git_error_last();
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return hsm_error_set(error, class, "%s: %s", message, last && last->message ? last->message : "git failed");
}

char *hsm_repository_join(struct hsm_arena *arena, const char *prefix, const char *path)
{
	return hsm_arena_format(arena, "%s%s%s", prefix, *prefix && *path ? "/" : "", path);
}

static void end_library(void)
{
	git_libgit2_shutdown();
}

/* Sets what holds for the whole process. Once: other threads may be opening repositories, by what is set. */
static void start_library(void)
{
	/* Extensions that change nothing about how objects are read, but that
	 * libgit2 1.5 refuses to open a repository for (sparse and partial clones). */
	static const char *extensions[] = { "worktreeconfig", "partialclone", "preciousobjects" };
	git_libgit2_init();
	/* In a container the checkout often belongs to another user; nothing of the
	 * repository is executed, so its owner does not matter. */
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, sizeof(extensions) / sizeof(extensions[0]));
	/* git itself does not hash again what it reads; the history of a folder of
	 * thousands of files is gigabytes of tree objects. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	atexit(end_library);
}

/* Where the folder stands in the work tree. */
static int find_prefix(struct hsm_repository *repository, const char *folder, struct hsm_error *error)
{
	repository->folder = realpath(folder, NULL);
	char *top = realpath(git_repository_workdir(repository->git), NULL);
	size_t length = top ? strlen(top) : 0;
	while (length && top[length - 1] == '/')
		length--;
	const char *rest = repository->folder ? repository->folder + length : NULL;
	bool inside = rest && top && strncmp(repository->folder, top, length) == 0 && (!*rest || *rest == '/');
	free(top);
	if (!inside)
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "'%s' is not in the work tree of its git repository", folder);
	repository->prefix = hsm_memory_copy_string(*rest ? rest + 1 : "");
	repository->directory = open(repository->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (repository->directory < 0)
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "cannot open '%s': %s", folder, strerror(errno));
	return 0;
}

/* libgit2 1.5 refuses the extension, later ones the format. */
static bool names_object_format(const git_error *reason)
{
	return reason && reason->message &&
	       (strcasestr(reason->message, "objectformat") || strcasestr(reason->message, "object format"));
}

static int open_repository(struct hsm_repository *repository, const char *folder, struct hsm_error *error)
{
	int rc = git_repository_open_ext(&repository->git, folder, 0, NULL);
	if (rc == GIT_ENOTFOUND)
		return hsm_error_set(error, HSM_ERROR_NO_INPUT,
				     "no git repository in '%s' or above it: run git init there, or name the folder with -C",
				     folder);
	if (rc < 0 && names_object_format(git_error_last()))
		return hsm_error_set(error, HSM_ERROR_NO_INPUT,
				     "the git repository of '%s' has SHA-256 object names: only SHA-1 ones can be read",
				     folder);
	if (rc < 0)
		return hsm_repository_fail(error, HSM_ERROR_NO_INPUT, "cannot open the git repository of '%s'", folder);
	if (git_repository_odb(&repository->objects, repository->git) < 0)
		return hsm_repository_fail(error, HSM_ERROR_NO_INPUT, "cannot open the git objects of '%s'", folder);
	if (!git_repository_is_bare(repository->git))
		return find_prefix(repository, folder, error);
	repository->prefix = hsm_memory_copy_string("");
	return 0;
}

int hsm_repository_open(struct hsm_repository **repository, const char *folder, struct hsm_error *error)
{
	static pthread_once_t started = PTHREAD_ONCE_INIT;
	pthread_once(&started, start_library);
	*repository = hsm_memory_allocate(sizeof(**repository));
	(*repository)->directory = -1;
	int rc = open_repository(*repository, folder, error);
	if (rc) {
		hsm_repository_free(*repository);
		*repository = NULL;
	}
	return rc;
}

void hsm_repository_free(struct hsm_repository *repository)
{
	if (!repository)
		return;
	if (repository->directory >= 0)
		close(repository->directory);
	free(repository->folder);
	free(repository->prefix);
	git_odb_free(repository->objects);
	git_repository_free(repository->git);
	free(repository);
}

void hsm_repository_enter(struct hsm_repository *repository, const char *folder)
{
	free(repository->prefix);
	repository->prefix = hsm_memory_copy_string(folder);
}

const char *hsm_repository_prefix(const struct hsm_repository *repository)
{
	return repository->prefix;
}

bool hsm_repository_is_bare(const struct hsm_repository *repository)
{
	return repository->directory < 0;
}

bool hsm_repository_is_shallow(const struct hsm_repository *repository)
{
	return git_repository_is_shallow(repository->git) == 1;
}

bool hsm_repository_is_partial(const struct hsm_repository *repository)
{
	git_config *config = NULL;
	git_config_iterator *iterator = NULL;
	git_config_entry *entry;
	bool partial = false;
	/* libgit2 1.5 leaks what a pattern of names is matched with. */
	if (git_repository_config_snapshot(&config, repository->git) == 0 && git_config_iterator_new(&iterator, config) == 0)
		while (!partial && git_config_next(&entry, iterator) == 0)
			partial = strcmp(entry->name, "extensions.partialclone") == 0 ||
				  (hsm_text_starts_with(entry->name, "remote.") && hsm_text_ends_with(entry->name, ".promisor"));
	git_config_iterator_free(iterator);
	git_config_free(config);
	return partial;
}

int hsm_repository_resolve(struct hsm_repository *repository, const char *revision, char commit[HSM_COMMIT_SIZE],
			   struct hsm_error *error)
{
	git_object *object = NULL, *peeled = NULL;
	if (strcmp(revision, "HEAD") == 0 && git_repository_head_unborn(repository->git) == 1) {
		commit[0] = '\0';
		return 0;
	}
	int rc = git_revparse_single(&object, repository->git, revision);
	if (rc == GIT_ENOTFOUND)
		rc = hsm_error_set(error, HSM_ERROR_NO_INPUT, "no such revision '%s'%s", revision,
				   hsm_repository_is_shallow(repository) ?
					   " here (a shallow clone: git fetch --unshallow brings the rest)" : "");
	else if (rc < 0)
		rc = hsm_repository_fail(error, HSM_ERROR_NO_INPUT, "no such revision '%s'", revision);
	else if (git_object_peel(&peeled, object, GIT_OBJECT_COMMIT) < 0)
		rc = hsm_error_set(error, HSM_ERROR_NO_INPUT, "revision '%s' is not a commit", revision);
	else
		git_oid_tostr(commit, HSM_COMMIT_SIZE, git_object_id(peeled));
	git_object_free(peeled);
	git_object_free(object);
	return rc;
}

/* The tip of the remote's default branch: what its HEAD says or, where a clone
 * did not fetch that (CI often does not), the usual names. */
static bool find_default_branch(git_repository *git, const char *remote, git_oid *tip)
{
	static const char *const names[] = { "HEAD", "main", "master" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct hsm_arena arena = { 0 };
		const char *name = hsm_arena_format(&arena, "refs/remotes/%s/%s", remote, names[i]);
		int rc = git_reference_name_to_id(tip, git, name);
		hsm_arena_release(&arena);
		if (rc == 0)
			return true;
	}
	return false;
}

/* The one remote whose branches are here; git_remote_list would leak (libgit2 1.5). */
static char *find_only_remote(git_repository *git, struct hsm_arena *arena)
{
	static const char prefix[] = "refs/remotes/";
	git_reference_iterator *iterator;
	const char *name;
	char *remote = NULL;
	bool several = false;
	if (git_reference_iterator_glob_new(&iterator, git, "refs/remotes/*") < 0)
		return NULL;
	while (git_reference_next_name(&name, iterator) == 0) {
		const char *start = name + sizeof(prefix) - 1;
		size_t length = strcspn(start, "/");
		several |= remote && (strncmp(remote, start, length) != 0 || remote[length]);
		if (!remote)
			remote = hsm_arena_copy(arena, start, length);
	}
	git_reference_iterator_free(iterator);
	return several ? NULL : remote;
}

int hsm_repository_find_base(struct hsm_repository *repository, char commit[HSM_COMMIT_SIZE],
			     struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	git_oid head, tip, base;
	bool found = false;
	if (git_repository_head_unborn(repository->git) == 1) {
		commit[0] = '\0'; /* nothing was before */
		return 0;
	}
	if (git_reference_name_to_id(&head, repository->git, "HEAD") < 0)
		return hsm_repository_fail(error, HSM_ERROR_NO_INPUT, "cannot read HEAD");
	found = find_default_branch(repository->git, "origin", &tip);
	if (!found) {
		const char *remote = find_only_remote(repository->git, &arena);
		found = remote && find_default_branch(repository->git, remote, &tip);
	}
	hsm_arena_release(&arena);
	if (!found)
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "the remote's default branch is not known here: name the "
				     "revision to compare with (--base REV), or run git remote set-head origin --auto");
	if (git_merge_base(&base, repository->git, &head, &tip) < 0)
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "HEAD and the remote's default branch have no commit in "
				     "common%s: name the revision to compare with (--base REV)",
				     hsm_repository_is_shallow(repository) ?
					     " (a shallow clone: git fetch --unshallow brings the rest)" : "");
	git_oid_tostr(commit, HSM_COMMIT_SIZE, &base);
	return 0;
}

int hsm_repository_diff_texts(struct hsm_arena *arena, const char *path, const char *old_text, size_t old_length,
			      const char *new_text, size_t new_length, const char **diff, struct hsm_error *error)
{
	git_patch *patch = NULL;
	git_buf text = { 0 };
	if (git_patch_from_buffers(&patch, old_text, old_length, path, new_text, new_length, path, NULL) < 0 ||
	    git_patch_to_buf(&text, patch) < 0) {
		git_patch_free(patch);
		return hsm_repository_fail(error, HSM_ERROR_FAILED, "cannot compare %s with what it was", path);
	}
	*diff = hsm_arena_copy(arena, text.ptr, text.size);
	git_buf_dispose(&text);
	git_patch_free(patch);
	return 0;
}
