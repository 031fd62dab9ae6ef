#include "reconciler/desired/commits.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/desired/map.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

struct reader {
	git_repository *git;
	struct hsm_arena *arena;
	struct hsm_map known; /* commits by id; those that are not here stay NULL */
	struct hsm_map refs;  /* names that were read */
	git_oid *pending;
	size_t pending_count, pending_capacity;
	struct hsm_commit **found;
	git_oid **parents; /* of each of found: parent_count ids */
	size_t count, capacity, parents_capacity;
	bool missing;
	int rc; /* of a ref that could not be read */
	struct hsm_error *error;
};

static void add_pending(struct reader *reader, const git_oid *id)
{
	HSM_MEMORY_GROW(reader->pending, reader->pending_count, reader->pending_capacity);
	reader->pending[reader->pending_count++] = *id;
}

static struct hsm_commit *find_commit(struct reader *reader, const git_oid *id)
{
	return *hsm_map_at(&reader->known, reader->arena, id->id, GIT_OID_RAWSZ);
}

/* Whether the system let libgit2 down, which has just given the code: a ref that is broken is
 * no commit's, and that is all. */
static bool is_unreadable(int code)
{
	const git_error *reason = code < 0 && code != GIT_ENOTFOUND ? git_error_last() : NULL;
	return reason && reason->klass == GIT_ERROR_OS;
}

static int add_ref(const char *name, void *user)
{
	struct reader *reader = user;
	git_reference *reference = NULL;
	git_object *object = NULL;
	void **read = hsm_map_at(&reader->refs, reader->arena, name, strlen(name));
	if (*read)
		return 0;
	*read = reader;
	int rc = git_reference_lookup(&reference, reader->git, name);
	bool unreadable = is_unreadable(rc);
	/* A symbolic one leads to another ref, or nowhere (a deleted branch). */
	if (rc == 0 && git_reference_type(reference) == GIT_REFERENCE_DIRECT) {
		rc = git_reference_peel(&object, reference, GIT_OBJECT_COMMIT);
		if (rc == 0)
			add_pending(reader, git_object_id(object));
		reader->missing |= rc == GIT_ENOTFOUND;
		/* A tag may be of something else. */
		unreadable = rc < 0 && rc != GIT_ENOTFOUND && rc != GIT_EPEEL && rc != GIT_EINVALIDSPEC;
	}
	if (unreadable)
		reader->rc = hsm_repository_fail(reader->error, HSM_ERROR_FAILED, "cannot read '%s'", name);
	git_object_free(object);
	git_reference_free(reference);
	return reader->rc;
}

/* libgit2 1.5 passes over a folder of refs, or a ref, that it cannot read, and says nothing:
 * those that have a file of their own are listed here. */
static int add_loose_refs(struct reader *reader, const char *name)
{
	const struct dirent *entry;
	struct hsm_arena arena = { 0 };
	int rc = 0;
	DIR *folder = opendir(hsm_arena_format(&arena, "%s%s", git_repository_commondir(reader->git), name));
	if (!folder && errno == ENOTDIR)
		rc = add_ref(name, reader);
	else if (!folder && errno != ENOENT) /* deleted meanwhile */
		rc = hsm_error_set(reader->error, HSM_ERROR_FAILED, "cannot read '%s': %s", name, strerror(errno));
	while (folder && !rc && (errno = 0, entry = readdir(folder)))
		if (entry->d_name[0] != '.' && !hsm_text_ends_with(entry->d_name, ".lock"))
			rc = add_loose_refs(reader, hsm_arena_format(&arena, "%s/%s", name, entry->d_name));
	if (folder && !rc && errno)
		rc = hsm_error_set(reader->error, HSM_ERROR_FAILED, "cannot read '%s': %s", name, strerror(errno));
	if (folder)
		closedir(folder);
	hsm_arena_release(&arena);
	return rc;
}

static int add_tips(struct reader *reader, const char *planned, struct hsm_error *error)
{
	git_oid id;
	int rc = git_reference_name_to_id(&id, reader->git, "HEAD");
	if (rc == 0)
		add_pending(reader, &id);
	else if (is_unreadable(rc))
		return hsm_repository_fail(error, HSM_ERROR_FAILED, "cannot read HEAD");
	if (*planned && git_oid_fromstr(&id, planned) == 0)
		add_pending(reader, &id);
	rc = add_loose_refs(reader, "refs");
	if (rc)
		return rc;
	if (git_reference_foreach_name(reader->git, add_ref, reader) < 0 && !reader->rc)
		return hsm_repository_fail(error, HSM_ERROR_FAILED, "cannot list the refs");
	return reader->rc;
}

static int read_commit(struct reader *reader, const git_oid *id, struct hsm_error *error)
{
	git_commit *object = NULL;
	int rc = git_commit_lookup(&object, reader->git, id);
	if (rc == GIT_ENOTFOUND) {
		reader->missing = true;
		return 0;
	}
	if (rc < 0)
		return hsm_repository_fail(error, HSM_ERROR_FAILED, "cannot read commit '%s'", git_oid_tostr_s(id));
	struct hsm_commit *commit = hsm_arena_allocate(reader->arena, sizeof(*commit));
	size_t parents = git_commit_parentcount(object);
	*commit = (struct hsm_commit){ .id = *id, .tree = *git_commit_tree_id(object), .time = git_commit_time(object),
				       .parent_count = parents };
	*hsm_map_at(&reader->known, reader->arena, id->id, GIT_OID_RAWSZ) = commit;
	HSM_MEMORY_GROW(reader->parents, reader->count, reader->parents_capacity);
	HSM_MEMORY_GROW(reader->found, reader->count, reader->capacity);
	git_oid *ids = hsm_arena_allocate_array(reader->arena, parents, sizeof(*ids));
	for (size_t i = 0; i < parents; i++) {
		ids[i] = *git_commit_parent_id(object, (unsigned)i);
		add_pending(reader, &ids[i]);
	}
	reader->parents[reader->count] = ids;
	reader->found[reader->count++] = commit;
	git_commit_free(object);
	return 0;
}

static void link_parents(struct reader *reader)
{
	for (size_t i = 0; i < reader->count; i++) {
		struct hsm_commit *commit = reader->found[i];
		size_t named = commit->parent_count;
		commit->parents = hsm_arena_allocate_array(reader->arena, named, sizeof(struct hsm_commit *));
		commit->parent_count = 0;
		for (size_t j = 0; j < named; j++) {
			struct hsm_commit *parent = find_commit(reader, &reader->parents[i][j]);
			if (!parent)
				continue;
			commit->parents[commit->parent_count++] = parent;
			parent->children++;
		}
	}
}

/* A heap of the commits whose children are all placed: the newest on top; the
 * id decides among those of one second, so that the order is always the same. */
static bool is_newer(const struct hsm_commit *a, const struct hsm_commit *b)
{
	return a->time != b->time ? a->time > b->time : git_oid_cmp(&a->id, &b->id) < 0;
}

static void push(struct hsm_commit **heap, size_t *count, struct hsm_commit *commit)
{
	size_t at = (*count)++;
	for (; at && is_newer(commit, heap[(at - 1) / 2]); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = commit;
}

static struct hsm_commit *pop(struct hsm_commit **heap, size_t *count)
{
	struct hsm_commit *top = heap[0], *last = heap[--*count];
	size_t at = 0;
	for (size_t child = 1; child < *count; child = at * 2 + 1) {
		if (child + 1 < *count && is_newer(heap[child + 1], heap[child]))
			child++;
		if (!is_newer(heap[child], last))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
	return top;
}

static void make_order(struct reader *reader, const struct hsm_commit *planned, struct hsm_commits *commits)
{
	struct hsm_commit **heap = hsm_memory_resize(NULL, reader->count, sizeof(*heap));
	size_t waiting = 0;
	commits->items = hsm_arena_allocate_array(reader->arena, reader->count, sizeof(*commits->items));
	for (size_t i = 0; i < reader->count; i++)
		if (!reader->found[i]->children)
			push(heap, &waiting, reader->found[i]);
	while (waiting) {
		struct hsm_commit *commit = pop(heap, &waiting);
		commit->ancestor = commit->ancestor || commit == planned;
		commit->index = commits->count;
		commits->items[commits->count++] = commit;
		for (size_t i = 0; i < commit->parent_count; i++) {
			commit->parents[i]->ancestor |= commit->ancestor;
			if (!--commit->parents[i]->children)
				push(heap, &waiting, commit->parents[i]);
		}
	}
	free(heap);
}

int hsm_commits_read(struct hsm_repository *repository, const char *planned, struct hsm_arena *arena,
		     struct hsm_commits *commits, struct hsm_error *error)
{
	struct reader reader = { .git = repository->git, .arena = arena, .error = error };
	git_oid id;
	int rc = add_tips(&reader, planned, error);
	while (!rc && reader.pending_count) {
		id = reader.pending[--reader.pending_count];
		if (!find_commit(&reader, &id))
			rc = read_commit(&reader, &id, error);
	}
	if (!rc) {
		link_parents(&reader);
		bool named = *planned && git_oid_fromstr(&id, planned) == 0;
		make_order(&reader, named ? find_commit(&reader, &id) : NULL, commits);
		commits->missing = reader.missing;
	}
	free(reader.pending);
	free(reader.found);
	free(reader.parents);
	return rc;
}
