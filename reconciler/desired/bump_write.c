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
#include "schema/yaml.h"

#define TEMPORARY_MAX 100

/* One file's bumps, in its order, and its text with them. */
struct file {
	const struct hsm_source *source;
	const struct hsm_bump **bumps;
	size_t count;
	const char *text;
	size_t length;
};

static size_t bump_offset(const struct hsm_bump *bump)
{
	return hsm_source_offset(bump->mark.source, bump->mark.line, bump->mark.column);
}

static int compare_bumps(const void *left, const void *right)
{
	const struct hsm_bump *a = *(const struct hsm_bump *const *)left;
	const struct hsm_bump *b = *(const struct hsm_bump *const *)right;
	int order = strcmp(a->path, b->path);
	size_t x = bump_offset(a), y = bump_offset(b);
	return order ? order : (x > y) - (x < y);
}

/* The first key of a flow mapping: spaces, line breaks and comments may stand
 * before it. */
static size_t find_first_key(const char *text, size_t at)
{
	for (at++; text[at];) {
		size_t blank = strspn(text + at, " \t\r\n");
		at += blank;
		if (!blank && text[at] != '#')
			break;
		if (text[at] == '#')
			at += strcspn(text + at, "\r\n");
	}
	return at;
}

static const char *line_break(const struct hsm_source *source, uint32_t line)
{
	size_t length;
	const char *end = hsm_source_line(source, line, &length) + length;
	return *end != '\r' ? "\n" : end[1] == '\n' ? "\r\n" : "\r";
}

/* Appends the source from *at on with the bump made; *at is behind it then. */
static void append_bump(struct hsm_buffer *text, const struct hsm_bump *bump, size_t *at)
{
	const struct hsm_mark *mark = &bump->mark;
	const char *from = mark->source->text;
	size_t place = bump_offset(bump), behind = place;
	bool flow = !bump->old_version && from[place] == '{';
	if (bump->old_version)
		behind = hsm_source_offset(mark->source, mark->end_line, mark->end_column);
	else if (flow)
		behind = place = find_first_key(from, place);
	hsm_buffer_append(text, from + *at, place - *at);
	*at = behind;
	if (bump->old_version)
		hsm_buffer_append_format(text, "%" PRId64, bump->new_version);
	else if (flow)
		hsm_buffer_append_format(text, "version: %" PRId64 ", ", bump->new_version);
	else /* what stands before the first key of a block is its indentation */
		hsm_buffer_append_format(text, "version: %" PRId64 "%s%*s", bump->new_version,
					 line_break(mark->source, mark->line), (int)mark->column - 1, "");
}

static void make_text(struct file *file, struct hsm_arena *arena)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	size_t at = 0;
	for (size_t i = 0; i < file->count; i++)
		append_bump(&text, file->bumps[i], &at);
	hsm_buffer_append(&text, file->source->text + at, file->source->length - at);
	file->text = hsm_arena_copy(arena, hsm_buffer_text(&text), text.length);
	file->length = text.length;
	hsm_buffer_release(&text);
}

static int report_unsafe(const struct hsm_bump *bump, struct hsm_error *error)
{
	return hsm_error_set(error, HSM_ERROR_FAILED,
			     "%s:%u: cannot edit this mapping: write 'version: %" PRId64 "' of %s by hand",
			     bump->path, bump->mark.line, bump->new_version, bump->language);
}

static const struct hsm_translation *find_translation(const struct hsm_template *template,
						      const char *language)
{
	for (size_t i = 0; i < template->translations.count; i++) {
		const struct hsm_translation *one =
		    HSM_LIST_ITEM(template->translations, struct hsm_translation, i);
		if (strcmp(one->node.key.text, language) == 0)
			return one;
	}
	return NULL;
}

/* The loader must find each number where it should stand. */
static int check_text(const struct file *file, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct hsm_findings findings = { 0 };
	struct hsm_template template = { 0 };
	struct hsm_translation own = { 0 };
	const struct hsm_source *source =
	    hsm_yaml_source(&arena, file->source->path, file->text, file->length, &findings);
	bool is_template = hsm_yaml_peek(&arena, file->text, file->length, "name");
	int rc = 0;
	if (source && is_template)
		hsm_yaml_load(&arena, source, &hsm_template_object, &template, &findings);
	else if (source)
		hsm_yaml_load(&arena, source, &hsm_translation_object, &own, &findings);
	for (size_t i = 0; !rc && i < file->count; i++) {
		const struct hsm_bump *bump = file->bumps[i];
		const struct hsm_translation *one =
		    is_template ? find_translation(&template, bump->language) : &own;
		if (findings.errors || !one || one->version.value != bump->new_version)
			rc = report_unsafe(bump, error);
	}
	hsm_findings_release(&findings);
	hsm_arena_release(&arena);
	return rc;
}

/* An editor may have saved the file since it was read. */
static int check_unchanged(struct hsm_repository *repository, const struct file *file,
			   struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	const char *data;
	size_t length;
	int rc = hsm_repository_read(repository, NULL, file->source->path, HSM_YAML_SIZE_MAX, &arena, &data,
				     &length, error);
	if (!rc && (length != file->source->length || memcmp(data, file->source->text, length) != 0))
		rc = hsm_error_set(error, HSM_ERROR_FAILED,
				   "%s:%u: the file was changed meanwhile: run bump again",
				   file->source->path, file->bumps[0]->mark.line);
	hsm_arena_release(&arena);
	return rc;
}

static int write_all(int descriptor, const struct file *file)
{
	for (size_t at = 0; at < file->length;) {
		ssize_t count = write(descriptor, file->text + at, file->length - at);
		if (count < 0 && errno != EINTR)
			return -1;
		at += count > 0 ? (size_t)count : 0;
	}
	return fsync(descriptor);
}

/* A new file beside the old one, hidden so that nobody takes it for a template.
 * One that was left behind (in a container process ids repeat) is passed over. */
static int create_temporary(int directory, char *name, size_t size)
{
	int descriptor = -1;
	errno = EEXIST;
	for (int i = 0; descriptor < 0 && errno == EEXIST && i < TEMPORARY_MAX; i++) {
		snprintf(name, size, ".hsmctl-%ld-%d", (long)getpid(), i);
		descriptor = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	return descriptor;
}

static int replace_in(int directory, const char *name, const struct file *file)
{
	char temporary[64];
	struct stat status;
	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	int descriptor = create_temporary(directory, temporary, sizeof(temporary));
	if (descriptor < 0)
		return -1;
	int rc = fchmod(descriptor, status.st_mode & 07777);
	if (!rc)
		rc = write_all(descriptor, file);
	if (close(descriptor) < 0)
		rc = -1;
	if (!rc)
		rc = renameat(directory, temporary, directory, name);
	if (rc) {
		int reason = errno;
		unlinkat(directory, temporary, 0);
		errno = reason;
	}
	return rc;
}

/* Whole or not at all, with the file's mode. */
static int replace_file(struct hsm_repository *repository, struct hsm_arena *arena, const struct file *file,
			struct hsm_error *error)
{
	const char *path = file->source->path, *slash = strrchr(path, '/');
	const char *folder = hsm_arena_copy(arena, path, slash ? (size_t)(slash - path) : 0);
	int directory = hsm_repository_open_path(repository, folder, O_RDONLY | O_DIRECTORY);
	int rc = directory < 0 ? -1 : replace_in(directory, slash ? slash + 1 : path, file);
	if (rc)
		rc = hsm_error_set(error, HSM_ERROR_FAILED, "cannot write '%s': %s", path, strerror(errno));
	if (directory >= 0)
		close(directory);
	return rc;
}

static size_t group_bumps(const struct hsm_bumps *bumps, struct hsm_arena *arena, struct file **files)
{
	const struct hsm_bump **sorted =
	    hsm_arena_allocate_array(arena, bumps->count, sizeof(struct hsm_bump *));
	size_t count = 0;
	for (size_t i = 0; i < bumps->count; i++)
		sorted[i] = &bumps->items[i];
	if (bumps->count)
		qsort(sorted, bumps->count, sizeof(*sorted), compare_bumps);
	*files = hsm_arena_allocate_array(arena, bumps->count, sizeof(**files));
	for (size_t i = 0; i < bumps->count; i++) {
		if (!i || strcmp(sorted[i]->path, sorted[i - 1]->path) != 0)
			(*files)[count++] =
			    (struct file){ .source = sorted[i]->mark.source, .bumps = &sorted[i] };
		(*files)[count - 1].count++;
	}
	return count;
}

int hsm_bump_write(struct hsm_repository *repository, const struct hsm_bumps *bumps, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct file *files;
	size_t count = group_bumps(bumps, &arena, &files);
	int rc = 0;
	for (size_t i = 0; !rc && i < count; i++) {
		make_text(&files[i], &arena);
		rc = check_text(&files[i], error);
		if (!rc)
			rc = check_unchanged(repository, &files[i], error);
	}
	for (size_t i = 0; !rc && i < count; i++)
		rc = replace_file(repository, &arena, &files[i], error);
	hsm_arena_release(&arena);
	return rc;
}
