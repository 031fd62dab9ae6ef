#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/hsmctl/session.h"
#include "reconciler/desired/bump.h"
#include "reconciler/desired/desired_load.h"
#include "schema/base/text.h"

/* Which files count; none given: all. Paths are relative to the working folder,
 * without a slash at the end; "" is all of it. */
struct paths {
	const char **items;
	size_t count;
	size_t files; /* YAML files that count, hsmctl.yaml too */
};

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);
	return !length || (strncmp(path, folder, length) == 0 && (!path[length] || path[length] == '/'));
}

static bool counts(const struct paths *paths, const char *path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (is_below(path, paths->items[i]))
			return true;
	return !paths->count;
}

/* A path of the work tree, as findings name it. */
static int resolve_path(struct hsm_session *session, const char *path, const char **resolved,
			struct hsm_error *error)
{
	char folder[PATH_MAX], full[PATH_MAX];
	if (!realpath(".", folder) || !realpath(path, full))
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "no such file or folder '%s': %s", path,
				     strerror(errno));
	size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
	folder[length] = '\0';
	if (!is_below(full, folder))
		return hsm_error_set(error, HSM_ERROR_NO_INPUT,
				     "'%s' is not below the folder that hsmctl works in", path);
	*resolved = hsm_arena_copy_string(&session->arena, full[length] ? full + length + 1 : "");
	return 0;
}

static int note_file(void *user, const char *path, const char *blob_id)
{
	(void)user, (void)path, (void)blob_id;
	return 1;
}

/* Likewise, of a revision. */
static int resolve_path_in_revision(struct hsm_session *session, const char *path, const char **resolved,
				    struct hsm_error *error)
{
	const char *data;
	size_t length;
	while (hsm_text_starts_with(path, "./"))
		path += 2;
	char *copy = hsm_arena_copy_string(&session->arena, strcmp(path, ".") == 0 ? "" : path);
	for (length = strlen(copy); length && copy[length - 1] == '/'; length--)
		copy[length - 1] = '\0';
	*resolved = copy;
	if (hsm_repository_list(session->repository, session->desired.commit, copy, note_file, NULL, error) >
	    0)
		return 0;
	return hsm_repository_read(session->repository, session->desired.commit, copy, 0, &session->arena,
				   &data, &length, error);
}

static int count_file(void *user, const char *path, const char *blob_id)
{
	struct paths *paths = user;
	size_t stem;
	(void)blob_id;
	paths->files += hsm_desired_is_yaml(path, strlen(path), &stem) && counts(paths, path);
	return 0;
}

static int resolve_paths(struct hsm_session *session, struct paths *paths, struct hsm_error *error)
{
	const struct hsm_option_list *given = &session->options.arguments;
	paths->items = hsm_arena_allocate_array(&session->arena, given->count, sizeof(*paths->items));
	for (size_t i = 0; i < given->count; i++) {
		int rc = session->options.revision
			     ? resolve_path_in_revision(session, given->items[i], &paths->items[i], error)
			     : resolve_path(session, given->items[i], &paths->items[i], error);
		if (rc)
			return rc;
		paths->count++;
	}
	return 0;
}

static void count_files(struct hsm_session *session, struct paths *paths)
{
	struct hsm_error ignored;
	paths->files = counts(paths, HSM_CONFIG_FILE);
	hsm_repository_list(session->repository, session->options.revision ? session->desired.commit : NULL,
			    hsm_config_templates(session->desired.config), count_file, paths, &ignored);
}

/* Where content differs from the base's and its number does not. A translation
 * without a number needs one by another rule. */
static int check_bumps(struct hsm_session *session, struct hsm_bumps *bumps, struct hsm_error *error)
{
	char base[HSM_COMMIT_SIZE];
	struct hsm_findings scratch = { 0 }; /* the files' own are there already */
	int rc = hsm_repository_resolve(session->repository, session->options.base, base, error);
	if (!rc)
		rc = hsm_bump_find(session->repository, session->options.revision, base, bumps, &scratch, error);
	hsm_findings_release(&scratch);
	if (rc == HSM_ERROR_INVALID && session->findings.errors)
		rc = 0;
	for (size_t i = 0; !rc && i < bumps->count; i++) {
		const struct hsm_bump *bump = &bumps->items[i];
		if (bump->old_version)
			hsm_findings_add(&session->findings, HSM_RULE_BUMP, bump->mark,
					 "%s of '%s' is not what %s has, and its version is still %lld: "
					 "write %lld, or run "
					 "hsmctl bump",
					 bump->language, bump->base, session->options.base,
					 (long long)bump->old_version, (long long)bump->new_version);
	}
	return rc;
}

/* Findings of files that do not count are dropped. */
static void filter(struct hsm_findings *findings, const struct paths *paths)
{
	size_t kept = 0;
	findings->errors = findings->warnings = 0;
	for (size_t i = 0; i < findings->count; i++) {
		if (!counts(paths, findings->items[i].path))
			continue;
		findings->items[kept++] = findings->items[i];
		if (findings->items[i].severity == HSM_SEVERITY_ERROR)
			findings->errors++;
		else
			findings->warnings++;
	}
	findings->count = kept;
}

static void append_text(const struct hsm_findings *findings, const struct paths *paths,
			struct hsm_buffer *buffer)
{
	for (size_t i = 0; i < findings->count; i++)
		hsm_finding_append_text(buffer, &findings->items[i]);
	hsm_buffer_append_format(buffer, "%zu error%s", findings->errors, findings->errors == 1 ? "" : "s");
	if (findings->warnings)
		hsm_buffer_append_format(buffer, ", %zu warning%s", findings->warnings,
					 findings->warnings == 1 ? "" : "s");
	hsm_buffer_append_format(buffer, " in %zu file%s\n", paths->files, paths->files == 1 ? "" : "s");
}

/* hsmctl.yaml first, since it says where the rest is; then every file of every
 * environment. */
static int find_all(struct hsm_session *session, struct paths *paths, struct hsm_bumps *bumps,
		    struct hsm_error *error)
{
	const struct hsm_options *options = &session->options;
	int rc = hsm_session_open_repository(session, error);
	if (!rc)
		rc = hsm_desired_read_config(session->repository, options->revision, &session->desired,
					     &session->findings, error);
	if (!rc)
		rc = resolve_paths(session, paths, error);
	if (!rc && options->environment)
		rc = hsm_desired_choose_environment(&session->desired, options->environment, error);
	if (!rc)
		rc = hsm_desired_check_templates(session->repository, options->revision, &session->desired,
						 &session->findings, error);
	if (options->base && (!rc || rc == HSM_ERROR_INVALID)) {
		int bumped = check_bumps(session, bumps, error);
		rc = bumped ? bumped : rc;
	}
	return rc;
}

static bool is_refused(const struct hsm_session *session)
{
	const struct hsm_findings *findings = &session->findings;
	return findings->errors || (session->options.strict && findings->warnings);
}

static void append(struct hsm_session *session, const struct paths *paths, struct hsm_buffer *text)
{
	const struct hsm_findings *findings = &session->findings;
	const char *prefix = session->repository ? hsm_repository_prefix(session->repository) : "";
	prefix = *prefix ? hsm_arena_format(&session->arena, "%s/", prefix) : "";
	if (session->options.format == HSM_FORMAT_TEXT)
		append_text(findings, paths, text);
	else
		hsm_output_append_findings(session->options.format, findings, prefix, text);
}

int hsm_command_validate(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_bumps bumps = { 0 };
	struct paths paths = { 0 };
	struct hsm_findings *findings = &session->findings;
	int rc = find_all(session, &paths, &bumps, error);
	bool told = !rc || ((rc == HSM_ERROR_INVALID || rc == HSM_ERROR_CONFIG) && findings->count);
	if (told || findings->count) {
		struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		if (rc == HSM_ERROR_CONFIG) /* nothing else could be looked at */
			paths = (struct paths){ .files = 1 };
		else
			count_files(session, &paths);
		filter(findings, &paths);
		hsm_findings_sort(findings);
		append(session, &paths, &text);
		hsm_output_write(&session->output, &text);
		hsm_buffer_release(&text);
	}
	if (told) {
		*error->message = '\0'; /* the findings say it */
		rc = rc == HSM_ERROR_CONFIG ? rc : is_refused(session) ? HSM_ERROR_INVALID : 0;
	}
	hsm_bumps_release(&bumps);
	return rc;
}
