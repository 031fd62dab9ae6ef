#include "reconciler/desired/repository_git.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/buffer.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define FILES_MAX 100000
/* A tree of few bytes can name one folder often, and that another: without end. */
#define FOLDERS_MAX 100000
#define DEPTH_MAX 16

struct file {
	const char *path;
	const char *blob_id; /* NULL in the work tree */
};

struct file_list {
	struct hsm_arena arena;
	struct file *items;
	size_t count, capacity;
	size_t folders; /* of a commit's tree, walked */
	struct hsm_error *error;
};

static void release_list(struct file_list *list)
{
	free(list->items);
	hsm_arena_release(&list->arena);
}

/* A name that both walks pass over. */
static bool is_hidden(const char *name)
{
	return name[0] == '.';
}

/* Whether the path can stand in messages and marks. */
static int check_path(struct file_list *list, const char *path)
{
	if (hsm_text_find_invalid(path, strlen(path)) == strlen(path))
		return 0;
	struct hsm_buffer shown = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_text_append_printable_line(&shown, path);
	int rc = hsm_error_set(list->error, HSM_ERROR_FAILED, "the name of '%s' is not UTF-8: rename the file",
			       shown.data);
	hsm_buffer_release(&shown);
	return rc;
}

static int add_file(struct file_list *list, const char *path, const char *blob_id)
{
	int rc = check_path(list, path);
	if (rc)
		return rc;
	if (list->count == FILES_MAX)
		return hsm_error_set(list->error, HSM_ERROR_FAILED, "more than %d files stand in one folder with '%s'",
				     FILES_MAX, path);
	HSM_MEMORY_GROW(list->items, list->count, list->capacity);
	list->items[list->count++] = (struct file){ path, blob_id };
	return 0;
}

static int report_depth(struct file_list *list, const char *path)
{
	return hsm_error_set(list->error, HSM_ERROR_FAILED, "'%s' stands deeper than %d folders", path, DEPTH_MAX);
}

int hsm_repository_open_path(const struct hsm_repository *repository, const char *path, int flags)
{
	int at = fcntl(repository->directory, F_DUPFD_CLOEXEC, 0);
	while (at >= 0 && *path) {
		char name[NAME_MAX + 1];
		size_t length = strcspn(path, "/");
		bool last = !path[length];
		int next = -1;
		errno = ENOENT;
		if (length && length <= NAME_MAX) {
			memcpy(name, path, length);
			name[length] = '\0';
			if (strcmp(name, "..") != 0)
				next = openat(at, name, (last ? flags : O_RDONLY | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC);
		}
		int failure = errno;
		close(at);
		errno = failure;
		at = next;
		path += length + !last;
	}
	return at;
}

static int report_unreadable(struct file_list *list, const char *path)
{
	return hsm_error_set(list->error, HSM_ERROR_FAILED, "cannot read '%s': %s", path, strerror(errno));
}

static int walk_directory(struct file_list *list, int directory, const char *path, unsigned depth);

static int walk_entry(struct file_list *list, int directory, const struct dirent *entry, const char *path,
		      unsigned depth)
{
	struct stat status;
	unsigned char type = entry->d_type;
	if (type == DT_UNKNOWN && fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return report_unreadable(list, path);
	if (type == DT_UNKNOWN)
		type = S_ISREG(status.st_mode) ? DT_REG : S_ISDIR(status.st_mode) ? DT_DIR : DT_UNKNOWN;
	if (type == DT_REG)
		return add_file(list, path, NULL);
	if (type != DT_DIR)
		return 0;
	int rc = check_path(list, path);
	if (rc)
		return rc;
	int child = openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (child < 0)
		return report_unreadable(list, path);
	if (faccessat(child, ".git", F_OK, AT_SYMLINK_NOFOLLOW) == 0) { /* a submodule, or another repository */
		close(child);
		return 0;
	}
	if (depth == DEPTH_MAX) {
		close(child);
		return report_depth(list, path);
	}
	return walk_directory(list, child, path, depth + 1);
}

/* Takes the descriptor over. */
static int walk_directory(struct file_list *list, int directory, const char *path, unsigned depth)
{
	DIR *stream = fdopendir(directory);
	int rc = 0;
	const struct dirent *entry;
	if (!stream) {
		rc = report_unreadable(list, path);
		close(directory);
		return rc;
	}
	while (!rc && (errno = 0, entry = readdir(stream))) {
		if (!is_hidden(entry->d_name))
			rc = walk_entry(list, directory, entry, hsm_repository_join(&list->arena, path, entry->d_name),
					depth);
	}
	/* A folder that ends too early would have templates missing. */
	if (!rc && errno)
		rc = report_unreadable(list, path);
	closedir(stream);
	return rc;
}

static int list_work_tree(struct hsm_repository *repository, const char *folder, struct file_list *list)
{
	if (hsm_repository_is_bare(repository))
		return hsm_error_set(list->error, HSM_ERROR_NO_INPUT,
				     "a bare repository has no work tree: name a revision with --rev, or work in a clone");
	int directory = hsm_repository_open_path(repository, folder, O_RDONLY | O_DIRECTORY);
	if (directory < 0 && errno == ENOENT)
		return hsm_error_set(list->error, HSM_ERROR_NO_INPUT, "no folder '%s'", folder);
	if (directory < 0) /* a symbolic link too: it could lead anywhere */
		return hsm_error_set(list->error, HSM_ERROR_FAILED, "cannot read the folder '%s': %s", folder,
				     errno == ELOOP ? "it is a symbolic link" : strerror(errno));
	return walk_directory(list, directory, folder, 0);
}

static int walk_tree(struct hsm_repository *repository, struct file_list *list, const git_tree *tree,
		     const char *path, unsigned depth)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < git_tree_entrycount(tree); i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
		git_filemode_t mode = git_tree_entry_filemode(entry);
		if (is_hidden(git_tree_entry_name(entry)))
			continue;
		const char *name = hsm_repository_join(&list->arena, path, git_tree_entry_name(entry));
		if (mode == GIT_FILEMODE_TREE) {
			git_tree *child = NULL;
			if (check_path(list, name))
				return HSM_ERROR_FAILED;
			if (depth == DEPTH_MAX)
				return report_depth(list, name);
			if (list->folders++ == FOLDERS_MAX)
				return hsm_error_set(list->error, HSM_ERROR_FAILED,
						     "more than %d folders stand beside '%s'", FOLDERS_MAX, name);
			if (git_tree_lookup(&child, repository->git, git_tree_entry_id(entry)) < 0)
				return hsm_repository_fail(list->error, HSM_ERROR_FAILED, "cannot read '%s'", name);
			rc = walk_tree(repository, list, child, name, depth + 1);
			git_tree_free(child);
		} else if (mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE) {
			char id[HSM_COMMIT_SIZE];
			git_oid_tostr(id, sizeof(id), git_tree_entry_id(entry));
			rc = add_file(list, name, hsm_arena_copy_string(&list->arena, id));
		}
	}
	return rc;
}

static int find_tree(struct hsm_repository *repository, const char *commit, git_tree **tree,
		     struct hsm_error *error)
{
	git_commit *object = NULL;
	git_oid id;
	int rc = git_oid_fromstr(&id, commit);
	if (rc == 0)
		rc = git_commit_lookup(&object, repository->git, &id);
	if (rc == 0)
		rc = git_commit_tree(tree, object);
	git_commit_free(object);
	/* It was found before: what cannot be read must not pass for what is not there. */
	return rc < 0 ? hsm_repository_fail(error, HSM_ERROR_FAILED, "cannot read commit '%s'", commit) : 0;
}

/* The entry of a path of ours in a commit; NULL where there is none. */
static int find_entry(struct hsm_repository *repository, const char *commit, const char *path,
		      git_tree_entry **entry, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	git_tree *tree = NULL;
	int rc = find_tree(repository, commit, &tree, error);
	if (rc == 0) {
		rc = git_tree_entry_bypath(entry, tree, hsm_repository_join(&arena, repository->prefix, path));
		if (rc == GIT_ENOTFOUND)
			rc = 0;
		else if (rc < 0)
			rc = hsm_repository_fail(error, HSM_ERROR_FAILED, "cannot read '%s' of commit '%s'", path, commit);
	}
	git_tree_free(tree);
	hsm_arena_release(&arena);
	return rc;
}

static int list_commit(struct hsm_repository *repository, const char *commit, const char *folder,
		       struct file_list *list)
{
	git_tree_entry *entry = NULL;
	git_tree *tree = NULL;
	int rc = find_entry(repository, commit, folder, &entry, list->error);
	if (rc)
		return rc;
	if (!entry)
		return hsm_error_set(list->error, HSM_ERROR_NO_INPUT, "no folder '%s' in commit '%s'", folder, commit);
	if (git_tree_entry_filemode(entry) != GIT_FILEMODE_TREE)
		rc = hsm_error_set(list->error, HSM_ERROR_FAILED, "'%s' in commit '%s' is not a folder", folder, commit);
	else if (git_tree_lookup(&tree, repository->git, git_tree_entry_id(entry)) < 0)
		rc = hsm_repository_fail(list->error, HSM_ERROR_FAILED, "cannot read '%s'", folder);
	else
		rc = walk_tree(repository, list, tree, folder, 0);
	git_tree_free(tree);
	git_tree_entry_free(entry);
	return rc;
}

static int compare_files(const void *left, const void *right)
{
	return strcmp(((const struct file *)left)->path, ((const struct file *)right)->path);
}

static int make_list(struct hsm_repository *repository, const char *commit, const char *folder,
		     struct file_list *list)
{
	int rc = commit ? list_commit(repository, commit, folder, list) : list_work_tree(repository, folder, list);
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_files);
	return rc;
}

int hsm_repository_list(struct hsm_repository *repository, const char *commit, const char *folder,
			hsm_repository_each *each, void *user, struct hsm_error *error)
{
	struct file_list list = { .error = error };
	int rc = make_list(repository, commit, folder, &list);
	for (size_t i = 0; !rc && i < list.count; i++)
		rc = each(user, list.items[i].path, list.items[i].blob_id);
	release_list(&list);
	return rc;
}

int hsm_repository_read_blob(struct hsm_repository *repository, const char *blob_id, size_t cap,
			     struct hsm_arena *arena, const char **data, size_t *length, struct hsm_error *error)
{
	git_odb_object *object = NULL;
	git_object_t type;
	git_oid id;
	int rc = git_oid_fromstr(&id, blob_id);
	if (rc == 0)
		rc = git_odb_read_header(length, &type, repository->objects, &id);
	if (rc == 0 && *length > cap) { /* nobody reads it: only its size tells */
		*length = cap + 1;
		*data = hsm_arena_allocate(arena, cap + 1);
		return 0;
	}
	if (rc == 0)
		rc = git_odb_read(&object, repository->objects, &id);
	if (rc == 0)
		*data = hsm_arena_copy(arena, git_odb_object_data(object), *length);
	git_odb_object_free(object);
	return rc < 0 ? hsm_repository_fail(error, HSM_ERROR_FAILED, "cannot read object '%s'", blob_id) : 0;
}

static int read_commit(struct hsm_repository *repository, const char *commit, const char *path, size_t cap,
		       struct hsm_arena *arena, const char **data, size_t *length, struct hsm_error *error)
{
	git_tree_entry *entry = NULL;
	char id[HSM_COMMIT_SIZE];
	int rc = find_entry(repository, commit, path, &entry, error);
	if (rc)
		return rc;
	git_filemode_t mode = entry ? git_tree_entry_filemode(entry) : GIT_FILEMODE_UNREADABLE;
	if (entry)
		git_oid_tostr(id, sizeof(id), git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	if (mode != GIT_FILEMODE_BLOB && mode != GIT_FILEMODE_BLOB_EXECUTABLE)
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "no file '%s' in commit '%s'", path, commit);
	rc = hsm_repository_read_blob(repository, id, cap, arena, data, length, error);
	return rc ? hsm_error_prefix(error, "%s", path) : 0;
}

static int read_descriptor(int descriptor, const char *path, size_t cap, struct hsm_buffer *buffer,
			   struct hsm_error *error)
{
	struct stat status;
	char chunk[16384];
	if (fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode))
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "'%s' is not a file", path);
	while (buffer->length <= cap) {
		size_t room = cap + 1 - buffer->length;
		ssize_t got = read(descriptor, chunk, room < sizeof(chunk) ? room : sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hsm_error_set(error, HSM_ERROR_FAILED, "cannot read '%s': %s", path, strerror(errno));
		if (!got)
			break;
		hsm_buffer_append(buffer, chunk, (size_t)got);
	}
	return 0;
}

static int read_work_tree(struct hsm_repository *repository, const char *path, size_t cap, struct hsm_arena *arena,
			  const char **data, size_t *length, struct hsm_error *error)
{
	if (hsm_repository_is_bare(repository))
		return hsm_error_set(error, HSM_ERROR_NO_INPUT,
				     "a bare repository has no work tree: name a revision with --rev, or work in a clone");
	/* O_NONBLOCK: opening a pipe must not wait for its writer. */
	int descriptor = hsm_repository_open_path(repository, path, O_RDONLY | O_NONBLOCK);
	if (descriptor < 0)
		return hsm_error_set(error, errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? HSM_ERROR_NO_INPUT : HSM_ERROR_FAILED,
				     "cannot open '%s': %s", path, errno == ELOOP ? "it is a symbolic link" : strerror(errno));
	struct hsm_buffer buffer = HSM_BUFFER_INIT(cap + 1);
	int rc = read_descriptor(descriptor, path, cap, &buffer, error);
	close(descriptor);
	*data = hsm_arena_copy(arena, hsm_buffer_text(&buffer), buffer.length);
	*length = buffer.length;
	hsm_buffer_release(&buffer);
	return rc;
}

int hsm_repository_read(struct hsm_repository *repository, const char *commit, const char *path, size_t cap,
			struct hsm_arena *arena, const char **data, size_t *length, struct hsm_error *error)
{
	return commit ? read_commit(repository, commit, path, cap, arena, data, length, error) :
			read_work_tree(repository, path, cap, arena, data, length, error);
}

static bool is_template_path(const char *path)
{
	return hsm_text_ends_with(path, ".yaml") || hsm_text_ends_with(path, ".yml");
}

/* Whether the work tree's file is the blob: as it stands, or as git would store
 * it (line ends may be converted). */
static bool is_same(struct hsm_repository *repository, struct hsm_arena *arena, const struct file *file)
{
	git_oid id, wanted;
	const char *path = hsm_repository_join(arena, repository->folder, file->path);
	if (git_oid_fromstr(&wanted, file->blob_id) < 0)
		return false;
	if (git_odb_hashfile(&id, path, GIT_OBJECT_BLOB) == 0 && git_oid_equal(&id, &wanted))
		return true;
	const char *stored = hsm_repository_join(arena, repository->prefix, file->path);
	return git_repository_hashfile(&id, repository->git, path, GIT_OBJECT_BLOB, stored) == 0 &&
	       git_oid_equal(&id, &wanted);
}

/* The first path that only one list has, or whose content is not the commit's. */
static const char *find_difference(struct hsm_repository *repository, struct hsm_arena *arena,
				   const struct file_list *work, const struct file_list *commit)
{
	for (size_t i = 0, j = 0; i < work->count || j < commit->count;) {
		const struct file *mine = i < work->count ? &work->items[i] : NULL;
		const struct file *theirs = j < commit->count ? &commit->items[j] : NULL;
		int order = !mine ? 1 : !theirs ? -1 : strcmp(mine->path, theirs->path);
		const char *path = order <= 0 ? mine->path : theirs->path;
		i += order <= 0;
		j += order >= 0;
		if (is_template_path(path) && (order || !is_same(repository, arena, theirs)))
			return path;
	}
	return NULL;
}

/* The one file, if it is there, as a list. */
static int list_config(struct hsm_repository *repository, const char *commit, const char *config,
		       struct file_list *list)
{
	git_tree_entry *entry = NULL;
	char id[HSM_COMMIT_SIZE] = "";
	struct stat status;
	if (!commit && fstatat(repository->directory, config, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : report_unreadable(list, config);
	if (!commit)
		return S_ISREG(status.st_mode) ? add_file(list, config, NULL) : 0;
	int rc = find_entry(repository, commit, config, &entry, list->error);
	if (rc || !entry)
		return rc;
	git_oid_tostr(id, sizeof(id), git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	return add_file(list, config, hsm_arena_copy_string(&list->arena, id));
}

static int list_for_comparison(struct hsm_repository *repository, const char *commit, const char *config,
			       const char *folder, struct file_list *list)
{
	int rc = make_list(repository, commit, folder, list);
	if (rc == HSM_ERROR_NO_INPUT) /* no folder: no files */
		rc = 0;
	if (!rc)
		rc = list_config(repository, commit, config, list);
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_files);
	return rc;
}

int hsm_repository_find_dirty(struct hsm_repository *repository, const char *config, const char *folder,
			      struct hsm_arena *arena, const char **path, struct hsm_error *error)
{
	struct file_list work = { .error = error }, commit = { .error = error };
	char head[HSM_COMMIT_SIZE];
	*path = NULL;
	int rc = hsm_repository_resolve(repository, "HEAD", head, error);
	if (!rc && !hsm_repository_is_bare(repository)) {
		rc = list_for_comparison(repository, NULL, config, folder, &work);
		if (!rc && *head)
			rc = list_for_comparison(repository, head, config, folder, &commit);
		if (!rc)
			*path = hsm_arena_copy_string(arena, find_difference(repository, &work.arena, &work, &commit));
	}
	release_list(&work);
	release_list(&commit);
	return rc;
}
