/*
 * A repository that anybody may have written: its objects, one after the other with 0x1e
 * between them. The first byte of each is its kind (commit, tree, blob, g for a tag), the
 * rest its content, where 0x1f and a digit stand for the id of that object. The last
 * commit is HEAD.
 *
 * The objects stand in memory; refs are files.
 */
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/desired/history.h"
#include "reconciler/desired/repository_git.h"
#include "schema/base/buffer.h"
#include "schema/base/text.h"

#define OBJECTS_MAX 64
#define SEPARATOR 0x1e
#define REFERENCE 0x1f

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/hsm-fuzz-XXXXXX";
static struct hsm_repository *repository;
static git_odb_backend *memory;
static git_oid ids[OBJECTS_MAX];
static size_t id_count;
static char head[HSM_COMMIT_SIZE]; /* libgit2 1.5 leaks where a ref's commit is broken: it is asked for by its id */

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_text(const char *text, size_t length)
{
	check(text && hsm_text_find_invalid(text, length) == length);
}

static void write_file(const char *name, const char *text)
{
	char path[64];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	check(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void end(void)
{
	char command[64];
	hsm_repository_free(repository);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	check(system(command) == 0);
	git_libgit2_shutdown();
}

static void begin(void)
{
	git_repository *made = NULL;
	struct hsm_error error;
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
	check(mkdtemp(folder) && git_repository_init(&made, folder, 1) == 0);
	git_repository_free(made);
	write_file("HEAD", "ref: refs/heads/main\n");
	check(hsm_repository_open(&repository, folder, &error) == 0);
	check(git_mempack_new(&memory) == 0 && git_odb_add_backend(repository->objects, memory, 1000) == 0);
	atexit(end);
}

static git_object_t find_kind(uint8_t letter)
{
	return letter == 'c'   ? GIT_OBJECT_COMMIT
	       : letter == 't' ? GIT_OBJECT_TREE
	       : letter == 'g' ? GIT_OBJECT_TAG
			       : GIT_OBJECT_BLOB;
}

static void append_id(struct hsm_buffer *content, git_object_t kind, uint8_t digit)
{
	const git_oid *id = &ids[digit % OBJECTS_MAX % id_count];
	if (kind == GIT_OBJECT_TREE)
		hsm_buffer_append(content, id->id, GIT_OID_RAWSZ);
	else
		hsm_buffer_append(content, git_oid_tostr_s(id), GIT_OID_HEXSZ);
}

static void write_object(const uint8_t *data, size_t size)
{
	git_object_t kind = find_kind(size ? *data : 0);
	struct hsm_buffer content = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 1; i < size; i++) {
		if (data[i] == REFERENCE && i + 1 < size && id_count)
			append_id(&content, kind, (uint8_t)(data[++i] - '0'));
		else
			hsm_buffer_append(&content, &data[i], 1);
	}
	check(git_odb_write(&ids[id_count], repository->objects, hsm_buffer_text(&content), content.length, kind) == 0);
	if (kind == GIT_OBJECT_COMMIT) {
		git_oid_tostr(head, sizeof(head), &ids[id_count]);
		write_file("refs/heads/main", head);
	}
	id_count++;
	hsm_buffer_release(&content);
}

static void write_objects(const uint8_t *data, size_t size)
{
	const uint8_t *last = data + size;
	id_count = 0;
	for (const uint8_t *next; data < last && id_count < OBJECTS_MAX; data = next + 1) {
		next = memchr(data, SEPARATOR, (size_t)(last - data));
		next = next ? next : last;
		write_object(data, (size_t)(next - data));
	}
}

static void check_history(const struct hsm_history *history)
{
	for (size_t i = 0; i < history->count; i++) {
		const struct hsm_history_commit *commit = history->entries[i].commit;
		check_text(commit->author, strlen(commit->author));
		check_text(commit->subject, strlen(commit->subject));
		check(hsm_text_count_characters(commit->subject) <= 200 && strlen(commit->date) <= 10);
	}
}

static int read_all(struct hsm_desired *desired, struct hsm_findings *findings, struct hsm_error *error)
{
	struct hsm_history history = { 0 };
	const char *bases[2] = { "a", "b" };
	int rc = hsm_desired_read_config(repository, head, desired, findings, error);
	if (!rc)
		rc = hsm_desired_choose_environment(desired, NULL, error);
	if (!rc)
		rc = hsm_desired_read_templates(repository, head, desired, findings, error);
	if (!rc || rc == HSM_ERROR_INVALID)
		rc = hsm_history_read(repository, desired, bases, 2, &history, error);
	check_history(&history);
	hsm_history_release(&history);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hsm_desired desired = { 0 };
	struct hsm_findings findings = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_error error;
	if (!repository)
		begin();
	write_file("refs/heads/main", "");
	snprintf(head, sizeof(head), "HEAD");
	write_objects(data, size);
	if (read_all(&desired, &findings, &error))
		check_text(error.message, strlen(error.message));
	for (size_t i = 0; i < findings.count; i++)
		hsm_finding_append_text(&text, &findings.items[i]);
	check_text(hsm_buffer_text(&text), text.length);
	hsm_buffer_release(&text);
	hsm_findings_release(&findings);
	hsm_desired_release(&desired);
	git_mempack_reset(memory);
	return 0;
}
