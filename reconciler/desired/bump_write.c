/* Writes version numbers into files that people wrote: only those lines change. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reconciler/desired/bump.h"
#include "reconciler/desired/repository_git.h"
#include "schema/base/buffer.h"

/* Replaces `length` bytes at `at`. */
struct edit {
	size_t at, length;
	const char *text;
};

static struct edit make_edit(struct hsm_arena *arena, const struct hsm_bump *bump)
{
	const struct hsm_mark *mark = &bump->mark;
	const struct hsm_source *source = mark->source;
	struct edit edit = { .at = hsm_source_offset(source, mark->line, mark->column) };
	if (bump->old_version) {
		edit.length = hsm_source_offset(source, mark->end_line, mark->end_column) - edit.at;
		edit.text = hsm_arena_format(arena, "%" PRId64, bump->new_version);
	} else if (source->text[edit.at] == '{') {
		edit.at++;
		edit.text = hsm_arena_format(arena, "version: %" PRId64 ", ", bump->new_version);
	} else {
		size_t length;
		const char *line = hsm_source_line(source, mark->line, &length);
		bool returns = line[length] == '\r';
		/* What stands before the first key of a block is its indentation. */
		edit.text = hsm_arena_format(arena, "version: %" PRId64 "%s\n%*s", bump->new_version, returns ? "\r" : "",
					     (int)mark->column - 1, "");
	}
	return edit;
}

static int compare_edits(const void *a, const void *b)
{
	const struct edit *left = a, *right = b;
	return (left->at > right->at) - (left->at < right->at);
}

static void apply_edits(const struct hsm_source *source, const struct edit *edits, size_t count,
			struct hsm_buffer *text)
{
	size_t at = 0;
	for (size_t i = 0; i < count; i++) {
		hsm_buffer_append(text, source->text + at, edits[i].at - at);
		hsm_buffer_append_string(text, edits[i].text);
		at = edits[i].at + edits[i].length;
	}
	hsm_buffer_append(text, source->text + at, source->length - at);
}

static int write_all(int file, const struct hsm_buffer *text)
{
	for (size_t at = 0; at < text->length;) {
		ssize_t count = write(file, text->data + at, text->length - at);
		if (count < 0 && errno != EINTR)
			return -1;
		at += count > 0 ? (size_t)count : 0;
	}
	return fsync(file);
}

/* Whole or not at all, with the file's mode. */
static int replace_file(struct hsm_repository *repository, struct hsm_arena *arena, const char *path,
			const struct hsm_buffer *text, struct hsm_error *error)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *folder = slash ? hsm_arena_copy(arena, path, (size_t)(slash - path)) : hsm_arena_copy_string(arena, ".");
	char *temporary = hsm_arena_format(arena, ".%s.%ld", name, (long)getpid());
	struct stat status = { .st_mode = 0644 };
	int directory = slash ? hsm_repository_open_path(repository, folder, O_RDONLY | O_DIRECTORY) :
				dup(repository->directory);
	int file = -1, failed = directory < 0 || fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW);
	if (!failed) {
		file = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status.st_mode & 07777);
		failed = file < 0 || write_all(file, text);
	}
	if (file >= 0)
		failed |= close(file);
	if (!failed)
		failed = renameat(directory, temporary, directory, name);
	if (failed) {
		hsm_error_set(error, HSM_ERROR_FAILED, "cannot write '%s': %s", path, strerror(errno));
		if (file >= 0)
			unlinkat(directory, temporary, 0);
	}
	if (directory >= 0)
		close(directory);
	return failed ? error->class : 0;
}

/* All bumps of one file; those of earlier files are passed over. */
static int write_file(struct hsm_repository *repository, struct hsm_arena *arena, const struct hsm_bumps *bumps,
		      size_t first, struct hsm_error *error)
{
	const struct hsm_source *source = bumps->items[first].mark.source;
	struct edit *edits = hsm_arena_allocate_array(arena, bumps->count, sizeof(*edits));
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	size_t count = 0;
	for (size_t i = 0; i < bumps->count; i++) {
		if (strcmp(bumps->items[i].path, source->path) != 0)
			continue;
		if (i < first)
			return 0;
		edits[count++] = make_edit(arena, &bumps->items[i]);
	}
	qsort(edits, count, sizeof(*edits), compare_edits);
	apply_edits(source, edits, count, &text);
	int rc = replace_file(repository, arena, source->path, &text, error);
	hsm_buffer_release(&text);
	return rc;
}

int hsm_bump_write(struct hsm_repository *repository, const struct hsm_bumps *bumps, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	int rc = 0;
	for (size_t i = 0; !rc && i < bumps->count; i++)
		rc = write_file(repository, &arena, bumps, i, error);
	hsm_arena_release(&arena);
	return rc;
}
