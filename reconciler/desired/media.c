#include "reconciler/desired/media.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reconciler/desired/repository_git.h"
#include "schema/base/text.h"

#define MAGIC_MAX 16

/* What a file begins with. Meta's headers show JPEG and PNG, MP4 and 3GPP (whose boxes begin
 * alike), and documents of any kind, of which it wants PDF. */
static const struct {
	const char *format, *type, *magic;
	size_t offset, length;
} kinds[] = {
	{ "IMAGE", "image/jpeg", "\xff\xd8\xff", 0, 3 },
	{ "IMAGE", "image/png", "\x89PNG\r\n\x1a\n", 0, 8 },
	{ "VIDEO", "video/mp4", "ftyp", 4, 4 },
	{ "DOCUMENT", "application/pdf", "%PDF-", 0, 5 },
};

static const char *what_it_shows(const char *format)
{
	if (strcmp(format, "IMAGE") == 0)
		return "a JPEG or PNG image";
	return strcmp(format, "VIDEO") == 0 ? "an MP4 video" : "a PDF document";
}

static const char *find_type(const char *format, const char *bytes, size_t length)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].format, format) == 0 && kinds[i].offset + kinds[i].length <= length &&
		    memcmp(bytes + kinds[i].offset, kinds[i].magic, kinds[i].length) == 0)
			return kinds[i].type;
	return NULL;
}

/* Nothing outside the folder, in no form. */
static bool is_inside(const char *path)
{
	if (!*path || *path == '/' || strchr(path, '\\'))
		return false;
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		size_t length = strcspn(part, "/");
		if (!length || (*part == '.' && (length == 1 || (length == 2 && part[1] == '.'))))
			return false;
	}
	return true;
}

/* Of the work tree's only the beginning may have been read. */
static bool is_too_large(const struct hsm_repository *repository, const char *path)
{
	struct stat status;
	int descriptor = hsm_repository_open_path(repository, path, O_RDONLY | O_NONBLOCK);
	if (descriptor < 0)
		return false;
	bool larger = fstat(descriptor, &status) == 0 && status.st_size > (off_t)HSM_MEDIA_SIZE_MAX;
	close(descriptor);
	return larger;
}

static int read_file(struct hsm_repository *repository, const char *commit, const char *path, const char *format,
		     size_t cap, struct hsm_arena *arena, struct hsm_media_file *file, struct hsm_error *error)
{
	if (!is_inside(path))
		return hsm_error_set(error, HSM_ERROR_INVALID, "'%.*s' is no file below hsmctl.yaml's folder",
				     HSM_TEXT_FIT(path, 200));
	int rc = hsm_repository_read(repository, commit, path, cap, arena, &file->bytes, &file->length, error);
	if (rc)
		return rc;
	if (file->length > HSM_MEDIA_SIZE_MAX || (!commit && is_too_large(repository, path)))
		return hsm_error_set(error, HSM_ERROR_INVALID, "%.*s has more than %zu MiB", HSM_TEXT_FIT(path, 200),
				     HSM_MEDIA_SIZE_MAX >> 20);
	const char *slash = strrchr(path, '/');
	file->name = slash ? slash + 1 : path;
	file->type = find_type(format, file->bytes, file->length);
	return file->type ? 0 : hsm_error_set(error, HSM_ERROR_INVALID, "%.*s is not %s", HSM_TEXT_FIT(path, 200),
					      what_it_shows(format));
}

static const char *find_problem(struct hsm_media_checks *checks, const struct hsm_compiled_media *media)
{
	static const char sound[] = "";
	struct hsm_arena scratch = { 0 };
	const char *key = hsm_arena_format(&scratch, "%s %s", media->format, media->path.text);
	void **place = hsm_map_at(&checks->files, checks->arena, key, strlen(key));
	struct hsm_media_file file;
	struct hsm_error error;
	/* git gives an object as a whole, or, above the cap, none of it. */
	size_t cap = checks->commit ? HSM_MEDIA_SIZE_MAX : MAGIC_MAX;
	if (!*place && read_file(checks->repository, checks->commit, media->path.text, media->format, cap, &scratch, &file,
				 &error) == 0)
		*place = (void *)(uintptr_t)sound;
	else if (!*place)
		*place = hsm_arena_copy_string(checks->arena, error.message);
	hsm_arena_release(&scratch);
	return *place == (const void *)sound ? NULL : *place;
}

bool hsm_media_check(struct hsm_media_checks *checks, const struct hsm_compiled *compiled,
		     struct hsm_findings *findings)
{
	size_t errors = findings->errors;
	for (size_t i = 0; i < compiled->media_count; i++) {
		const char *problem = find_problem(checks, &compiled->media[i]);
		if (problem)
			hsm_findings_add(findings, HSM_RULE_MEDIA, compiled->media[i].path.mark, "%s", problem);
	}
	return errors == findings->errors;
}

int hsm_media_read(struct hsm_repository *repository, const char *commit, const char *path, const char *format,
		   struct hsm_arena *arena, struct hsm_media_file *file, struct hsm_error *error)
{
	int rc = read_file(repository, commit, path, format, HSM_MEDIA_SIZE_MAX, arena, file, error);
	if (!rc)
		hsm_fingerprint_compute(file->bytes, file->length, file->fingerprint);
	return rc;
}
