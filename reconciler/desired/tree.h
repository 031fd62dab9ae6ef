#ifndef HSM_TREE_H
#define HSM_TREE_H

#include "reconciler/desired/repository_git.h"

/*
 * Tree objects as git stores them: history compares thousands of trees of
 * thousands of entries, nearly all the same, and libgit2's parsed trees and
 * diffs take milliseconds for each.
 */

#define HSM_TREE_SLOTS 16

struct hsm_trees {
	git_odb *objects;
	git_odb_object *recent[HSM_TREE_SLOTS]; /* a commit's trees are its child's parent's too */
	bool missing;           /* an object that was asked for is not here */
	struct hsm_error error; /* of the first that is here and cannot be read; HSM_OK: none */
};

struct hsm_tree_entry {
	bool is_tree;
	bool is_file; /* neither: a symbolic link or a submodule */
	const char *name;
	size_t length;
	const unsigned char *id; /* NULL: no entry */
};

/* Where a walk over the entries of a tree stands. */
struct hsm_tree_cursor {
	const char *at, *end;
};

void hsm_trees_release(struct hsm_trees *trees);

/* Keeps why an object was not read: the code that libgit2 has just given. */
void hsm_trees_note(struct hsm_trees *trees, int code, const git_oid *id);

/* The tree, and a cursor before its first entry; git_odb_object_free it. NULL
 * and an empty cursor where id is NULL or it is not here. */
git_odb_object *hsm_tree_open(struct hsm_trees *trees, const unsigned char *id, struct hsm_tree_cursor *cursor);

/* The entry at the cursor, and the cursor behind it; false at the end. */
bool hsm_tree_next(struct hsm_tree_cursor *cursor, struct hsm_tree_entry *entry);

/* git's order: by name, as if a folder's ended in a slash. */
int hsm_tree_compare(const struct hsm_tree_entry *a, const struct hsm_tree_entry *b);

/* The id and kind of what stands at a path below the root tree; false where
 * nothing does. "" is the root. */
bool hsm_tree_find(struct hsm_trees *trees, const git_oid *root, const char *path, git_oid *id, bool *is_tree);

#endif
