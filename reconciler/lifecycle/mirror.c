#include "reconciler/lifecycle/mirror.h"

#include <git2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/lifecycle/child.h"
#include "reconciler/lifecycle/mirror_folder.h"
#include "reconciler/lifecycle/mirror_url.h"
#include "schema/base/text.h"

#define CLEAN_TIMEOUT 600.0 /* seconds, for git gc and git fsck */
#define ARGUMENTS_MAX 48
#define LINES_MAX 3 /* of git's, in a message */

/* Left out where the user has another. */
#define SSH_COMMAND "GIT_SSH_COMMAND=ssh -oBatchMode=yes"

/* Gives the password of the URL; asked by git where a server wants one. */
#define PASSWORD_VARIABLE "HSMCTL_GIT_PASSWORD"
#define PASSWORD_HELPER "!f() { test \"$1\" = get && printf 'password=%s\\n' \"$" PASSWORD_VARIABLE "\"; }; f"
#define CREDENTIALS_MAX 8 /* variables: three settings, their count, the password */

static const char *const environment[] = {
	"LC_ALL=C",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_ASKPASS=", /* empty: not core.askPass either */
	"SSH_ASKPASS=",
	"SSH_ASKPASS_REQUIRE=never",
	/* Over the user's protocol.*.allow; for redirections, too. */
	"GIT_ALLOW_PROTOCOL=file:https:ssh",
	/* Of the repository whose hook or alias runs hsmctl: git rev-parse --local-env-vars. */
	"GIT_DIR",
	"GIT_COMMON_DIR",
	"GIT_WORK_TREE",
	"GIT_IMPLICIT_WORK_TREE",
	"GIT_INDEX_FILE",
	"GIT_PREFIX",
	"GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES",
	"GIT_QUARANTINE_PATH",
	"GIT_SHALLOW_FILE",
	"GIT_GRAFT_FILE",
	"GIT_REPLACE_REF_BASE",
	"GIT_NAMESPACE",
	/* libgit2 reads no other formats. */
	"GIT_DEFAULT_HASH",
	"GIT_DEFAULT_REF_FORMAT",
};
#define ENVIRONMENT_MAX (sizeof(environment) / sizeof(environment[0]))

static const char *const settings[] = {
	"core.hooksPath=/dev/null",
	"core.logAllRefUpdates=false",
	"fetch.fsckObjects=true",
	"transfer.fsckObjects=true",
	"init.defaultRefFormat=files",
	/* While the other side packs, it sends some bytes every five seconds. */
	"http.lowSpeedLimit=1",
	"http.lowSpeedTime=60",
	/* Whatever the user's are: years of fetches must not fill the disk. */
	"gc.auto=6700",
	"gc.autoPackLimit=50",
	"gc.autoDetach=false",
};

struct fetch {
	const struct hsm_mirror *mirror;
	struct hsm_arena arena;
	struct hsm_buffer output; /* of the last git */
	const char *url;          /* without its user, as people see it */
	const char *remote;       /* as git gets it */
	const char *environment[ENVIRONMENT_MAX + CREDENTIALS_MAX + 2];
	size_t variables;
	bool brought, suspicious; /* something came; its own objects may be what is wrong */
};

static bool is_interrupted(const struct fetch *fetch)
{
	return fetch->mirror->interrupted && *fetch->mirror->interrupted;
}

/* git in the mirror at path, with some arguments (NULL at the end). */
static int run_git(struct fetch *fetch, const char *path, double timeout, const char *const *arguments,
		   struct hsm_error *error)
{
	const char *argv[ARGUMENTS_MAX] = { "git" };
	size_t count = 1;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		argv[count++] = "-c";
		argv[count++] = settings[i];
	}
	argv[count++] = hsm_arena_format(&fetch->arena, "--git-dir=%s", path);
	for (; *arguments && count + 1 < ARGUMENTS_MAX; arguments++)
		argv[count++] = *arguments;
	struct hsm_child child = { .argv = argv,
				   .environment = fetch->environment,
				   .timeout = timeout,
				   .interrupted = fetch->mirror->interrupted };
	hsm_buffer_clear(&fetch->output);
	return hsm_child_run(&child, &fetch->output, error);
}

#define RUN_GIT(fetch, path, timeout, error, ...) \
	run_git(fetch, path, timeout, (const char *const[]){ __VA_ARGS__, NULL }, error)

/* Setting number *index of those that git takes from its environment. */
static void add_setting(struct fetch *fetch, unsigned *index, const char *name, const char *value)
{
	const char *authority = strstr(fetch->url, "://") + 3;
	int length = (int)(authority - fetch->url + (ptrdiff_t)strcspn(authority, "/"));
	fetch->environment[fetch->variables++] = hsm_arena_format(
		&fetch->arena, "GIT_CONFIG_KEY_%u=credential.%.*s.%s", *index, length, fetch->url, name);
	fetch->environment[fetch->variables++] =
		hsm_arena_format(&fetch->arena, "GIT_CONFIG_VALUE_%u=%s", (*index)++, value);
}

/* Arguments can be read by everybody on the machine, and git hands a URL on to its own programs
 * as one: the user and the password of it go another way, to its host only. */
static void hand_over_user(struct fetch *fetch)
{
	const char *user, *password, *given = getenv("GIT_CONFIG_COUNT");
	unsigned index = given ? (unsigned)strtoul(given, NULL, 10) : 0; /* settings of the user's own */
	fetch->remote = fetch->mirror->url;
	if (!hsm_mirror_url_read_user(&fetch->arena, fetch->mirror->url, &user, &password))
		return;
	fetch->remote = fetch->url;
	add_setting(fetch, &index, "username", user);
	if (password) {
		add_setting(fetch, &index, "helper", ""); /* no other one is asked */
		add_setting(fetch, &index, "helper", PASSWORD_HELPER);
		fetch->environment[fetch->variables++] = hsm_arena_format(&fetch->arena, PASSWORD_VARIABLE "=%s", password);
	}
	fetch->environment[fetch->variables++] = hsm_arena_format(&fetch->arena, "GIT_CONFIG_COUNT=%u", index);
}

/* BatchMode, so that ssh fails at once where it would ask; but GIT_SSH_COMMAND
 * would be stronger than the user's own setting, which may name a deploy key. */
static void choose_environment(struct fetch *fetch, const char *path)
{
	memcpy(fetch->environment, environment, sizeof(environment));
	fetch->variables = ENVIRONMENT_MAX;
	hand_over_user(fetch);
	if (!getenv("GIT_SSH_COMMAND") && !getenv("GIT_SSH") &&
	    RUN_GIT(fetch, path, fetch->mirror->timeout, NULL, "config", "--get", "core.sshCommand") != 0)
		fetch->environment[fetch->variables++] = SSH_COMMAND;
}

static bool is_telling(const char *line, size_t length)
{
	static const char *const dull[] = { "warning: ", "hint: ", "From " };
	for (size_t i = 0; i < sizeof(dull) / sizeof(dull[0]); i++)
		if (hsm_text_starts_with(line, dull[i]))
			return false;
	return length && *line != ' ' && *line != '\t';
}

/* A line without what git puts around it. */
static void append_line(struct hsm_buffer *buffer, const char *line, size_t length)
{
	static const char *const levels[] = { "fatal: ", "error: " };
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (hsm_text_starts_with(line, levels[i])) {
			line += strlen(levels[i]);
			length -= strlen(levels[i]);
		}
	}
	while (length && strchr(" .\r", line[length - 1]))
		length--;
	if (buffer->length)
		hsm_buffer_append_string(buffer, "; ");
	hsm_buffer_append(buffer, line, length);
}

/* The end of the line that says why; general advice comes after it. */
static const char *find_reason_end(const char *text)
{
	static const char *const levels[] = { "fatal: ", "error: " };
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		for (const char *line = text; *line; line += line[0] == '\n') {
			const char *end = line + strcspn(line, "\n");
			if (hsm_text_starts_with(line, levels[i]))
				return end;
			line = end;
		}
	}
	return text + strlen(text);
}

/* Sets the message to git's own: the line that says why, and what is in front of it. */
static int explain(struct fetch *fetch, int rc, struct hsm_error *error)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP), message = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	const char *lines[LINES_MAX];
	size_t lengths[LINES_MAX], count = 0;
	if (rc != HSM_ERROR_FAILED || !fetch->output.length || is_interrupted(fetch))
		return rc;
	hsm_mirror_url_append_concealed(&text, fetch->mirror->url, hsm_buffer_text(&fetch->output));
	const char *last = find_reason_end(hsm_buffer_text(&text));
	for (const char *line = hsm_buffer_text(&text); line < last;) {
		size_t length = strcspn(line, "\n");
		/* Half a line may be half a secret. */
		if (fetch->output.full && !line[length])
			break;
		if (is_telling(line, length)) {
			lines[count % LINES_MAX] = line;
			lengths[count++ % LINES_MAX] = length;
		}
		line += length + (line[length] == '\n');
	}
	for (size_t i = count < LINES_MAX ? 0 : count - LINES_MAX; i < count; i++)
		append_line(&message, lines[i % LINES_MAX], lengths[i % LINES_MAX]);
	rc = hsm_error_set(error, rc, "%s", message.length ? hsm_buffer_text(&message) : "git failed");
	hsm_buffer_release(&message);
	hsm_buffer_release(&text);
	return rc;
}

/* Whether git may have stumbled over the mirror's own files. It only raises a
 * suspicion: much of this may also be said about the other side's. */
static bool may_be_broken(const char *output, const char *path)
{
	static const char *const signs[] = {
		"not a git repository", "bad object", "bad config", "bad tree", "bad ref", "corrupt", "invalid object",
		"invalid index-pack", "unable to read", "unable to parse", "unable to find",
		"does not point to a valid object", "unresolved delta", "did not send all necessary", "object file",
		"packfile", "index file", "missing blob", "missing tree", "missing commit",
	};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strcasestr(output, signs[i]))
			return true;
	return strstr(output, path) != NULL;
}

/* Through the object, and not a revision: a branch's name has no operators. */
static int resolve(struct fetch *fetch, const char *path, char commit[HSM_COMMIT_SIZE], struct hsm_error *error)
{
	const char *branch = fetch->mirror->branch;
	const char *name = hsm_arena_format(&fetch->arena, "refs/heads/%s", branch);
	struct hsm_repository *opened;
	git_repository *git = NULL;
	git_commit *tip = NULL;
	git_oid id;
	/* Sets how libgit2 reads in this process. */
	int rc = hsm_repository_open(&opened, path, error);
	if (rc) {
		fetch->suspicious = true;
		return error->class = HSM_ERROR_FAILED;
	}
	int found = git_repository_open_bare(&git, path);
	if (!found)
		found = git_reference_name_to_id(&id, git, name);
	if (found == GIT_ENOTFOUND || found == GIT_EINVALIDSPEC) {
		rc = hsm_error_set(error, HSM_ERROR_NO_INPUT, "no branch '%s' in %s", branch, fetch->url);
	} else if (found < 0 || git_commit_lookup(&tip, git, &id) < 0) {
		fetch->suspicious = true;
		rc = hsm_error_set(error, HSM_ERROR_FAILED, "cannot read the branch '%s' of %s in the mirror '%s'", branch,
				   fetch->url, path);
	} else {
		git_oid_tostr(commit, HSM_COMMIT_SIZE, &id);
	}
	git_commit_free(tip);
	git_repository_free(git);
	hsm_repository_free(opened);
	return rc;
}

static int make(struct fetch *fetch, const char *path, struct hsm_error *error)
{
	int rc = hsm_mirror_folder_claim(path, error);
	if (rc || access(hsm_arena_format(&fetch->arena, "%s/HEAD", path), F_OK) == 0)
		return rc;
	rc = RUN_GIT(fetch, path, fetch->mirror->timeout, error, "init", "--quiet", "--bare", "--template=",
		     "--initial-branch=main", "--object-format=sha1");
	if (!rc)
		return 0;
	fetch->suspicious = true;
	rc = explain(fetch, rc, error);
	return hsm_error_prefix(error, "cannot make the mirror '%s'", path);
}

static int update(struct fetch *fetch, const char *path, char commit[HSM_COMMIT_SIZE], struct hsm_error *error)
{
	int rc = RUN_GIT(fetch, path, fetch->mirror->timeout, error, "fetch", "--prune", "--no-tags",
			 "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", "--no-progress",
			 "--", fetch->remote, "+refs/heads/*:refs/heads/*");
	/* git may complain of its objects, fetch them again, and call it a success. */
	fetch->suspicious = may_be_broken(hsm_buffer_text(&fetch->output), path);
	if (rc) {
		rc = explain(fetch, rc, error);
		return hsm_error_prefix(error, "cannot fetch %s", fetch->url);
	}
	fetch->brought = fetch->output.length > 0; /* one line per branch that changed */
	return resolve(fetch, path, commit, error);
}

static bool is_broken(struct fetch *fetch, const char *path)
{
	int rc = RUN_GIT(fetch, path, CLEAN_TIMEOUT, NULL, "fsck", "--no-dangling", "--no-progress");
	return rc == HSM_ERROR_FAILED && !is_interrupted(fetch);
}

/* The old one stays until there is another. */
static int rebuild(struct fetch *fetch, const char *path, const char *beside, const char *aside,
		   char commit[HSM_COMMIT_SIZE], struct hsm_error *error)
{
	int rc = make(fetch, beside, error);
	if (!rc)
		rc = update(fetch, beside, commit, error);
	/* Without the branch it is a good mirror all the same. */
	if (!rc || rc == HSM_ERROR_NO_INPUT) {
		int replaced = hsm_mirror_folder_replace(path, beside, aside, error);
		return replaced ? replaced : rc;
	}
	hsm_mirror_folder_remove(beside);
	return rc;
}

static int fetch_into(struct fetch *fetch, const char *path, char commit[HSM_COMMIT_SIZE], struct hsm_error *error)
{
	const char *beside = hsm_arena_format(&fetch->arena, "%s.hsmctl-new", path);
	const char *aside = hsm_arena_format(&fetch->arena, "%s.hsmctl-old", path);
	int rc = hsm_mirror_folder_claim(path, error);
	if (rc)
		return rc;
	hsm_mirror_folder_remove(beside);
	hsm_mirror_folder_remove(aside);
	hsm_mirror_folder_sweep(path, fetch->mirror->timeout);
	choose_environment(fetch, path);
	struct hsm_error first = { 0 };
	rc = make(fetch, path, &first);
	if (!rc)
		rc = update(fetch, path, commit, &first);
	if (fetch->suspicious && is_broken(fetch, path))
		rc = rebuild(fetch, path, beside, aside, commit, error);
	else if (rc)
		*error = first;
	/* Packs what came one by one, sometimes. Where it fails the next one may not. */
	if (!rc && fetch->brought)
		RUN_GIT(fetch, path, CLEAN_TIMEOUT, NULL, "gc", "--auto", "--quiet");
	return rc;
}

int hsm_mirror_fetch(const struct hsm_mirror *mirror, char commit[HSM_COMMIT_SIZE], struct hsm_error *error)
{
	struct fetch fetch = { .mirror = mirror, .output = HSM_BUFFER_INIT(HSM_CHILD_OUTPUT_MAX) };
	struct hsm_buffer url = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	size_t length = strlen(mirror->path);
	int rc;
	while (length > 1 && mirror->path[length - 1] == '/')
		length--;
	hsm_mirror_url_append(&url, mirror->url);
	fetch.url = hsm_buffer_text(&url);
	if (!*mirror->url || *mirror->url == '-')
		rc = hsm_error_set(error, HSM_ERROR_NO_INPUT, "'%s' is not the URL of a git repository", fetch.url);
	else
		rc = fetch_into(&fetch, hsm_arena_copy(&fetch.arena, mirror->path, length), commit, error);
	hsm_buffer_release(&url);
	hsm_buffer_release(&fetch.output);
	hsm_arena_release(&fetch.arena);
	return rc;
}
