#include "reconciler/desired/tree.h"

#include <string.h>

void hsm_trees_release(struct hsm_trees *trees)
{
	for (size_t i = 0; i < HSM_TREE_SLOTS; i++)
		git_odb_object_free(trees->recent[i]);
	*trees = (struct hsm_trees){ 0 };
}

void hsm_trees_note(struct hsm_trees *trees, int code, const git_oid *id)
{
	if (code == GIT_ENOTFOUND)
		trees->missing = true;
	else if (!trees->error.class)
		hsm_repository_fail(&trees->error, HSM_ERROR_FAILED, "cannot read object '%s' of the history",
				    git_oid_tostr_s(id));
}

git_odb_object *hsm_tree_open(struct hsm_trees *trees, const unsigned char *id, struct hsm_tree_cursor *cursor)
{
	git_odb_object *object = NULL;
	git_oid wanted;
	*cursor = (struct hsm_tree_cursor){ NULL, NULL };
	if (!id || git_oid_fromraw(&wanted, id) < 0)
		return NULL;
	git_odb_object **slot = &trees->recent[id[0] % HSM_TREE_SLOTS];
	if (!*slot || !git_oid_equal(git_odb_object_id(*slot), &wanted)) {
		int code = git_odb_read(&object, trees->objects, &wanted);
		if (!code && git_odb_object_type(object) != GIT_OBJECT_TREE)
			code = GIT_ENOTFOUND;
		if (code < 0) {
			hsm_trees_note(trees, code, &wanted);
			git_odb_object_free(object);
			return NULL;
		}
		git_odb_object_free(*slot);
		*slot = object;
	}
	git_odb_object_dup(&object, *slot);
	cursor->at = git_odb_object_data(object);
	cursor->end = cursor->at + git_odb_object_size(object);
	return object;
}

/* An entry is "<octal mode> <name>\0<20 bytes>". */
bool hsm_tree_next(struct hsm_tree_cursor *cursor, struct hsm_tree_entry *entry)
{
	const char *at = cursor->at, *end = cursor->end;
	*entry = (struct hsm_tree_entry){ 0 };
	const char *space = at < end ? memchr(at, ' ', (size_t)(end - at)) : NULL;
	const char *nul = space ? memchr(space, '\0', (size_t)(end - space)) : NULL;
	if (!nul || end - nul <= GIT_OID_RAWSZ) {
		cursor->at = end;
		return false;
	}
	size_t mode_length = (size_t)(space - at);
	entry->is_tree = (mode_length == 5 && memcmp(at, "40000", 5) == 0) ||
			 (mode_length == 6 && memcmp(at, "040000", 6) == 0);
	entry->is_file = mode_length == 6 && memcmp(at, "100", 3) == 0;
	entry->name = space + 1;
	entry->length = (size_t)(nul - space) - 1;
	entry->id = (const unsigned char *)nul + 1;
	cursor->at = nul + 1 + GIT_OID_RAWSZ;
	return true;
}

int hsm_tree_compare(const struct hsm_tree_entry *a, const struct hsm_tree_entry *b)
{
	size_t common = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->name, b->name, common);
	if (order)
		return order;
	unsigned char next_a = (unsigned char)a->name[common], next_b = (unsigned char)b->name[common];
	if (!next_a && a->is_tree)
		next_a = '/';
	if (!next_b && b->is_tree)
		next_b = '/';
	return (next_a > next_b) - (next_a < next_b);
}

static bool find_name(struct hsm_tree_cursor cursor, const char *name, size_t length, struct hsm_tree_entry *entry)
{
	while (hsm_tree_next(&cursor, entry))
		if (entry->length == length && memcmp(entry->name, name, length) == 0)
			return true;
	return false;
}

bool hsm_tree_find(struct hsm_trees *trees, const git_oid *root, const char *path, git_oid *id, bool *is_tree)
{
	*id = *root;
	*is_tree = true;
	while (*path) {
		struct hsm_tree_cursor cursor;
		struct hsm_tree_entry entry;
		size_t length = strcspn(path, "/");
		git_odb_object *tree = hsm_tree_open(trees, id->id, &cursor);
		bool found = find_name(cursor, path, length, &entry) && (entry.is_tree || entry.is_file);
		path += length;
		path += *path == '/';
		found = found && (entry.is_tree || !*path);
		if (found) {
			git_oid_fromraw(id, entry.id);
			*is_tree = entry.is_tree;
		}
		git_odb_object_free(tree);
		if (!found)
			return false;
	}
	return true;
}
