#ifndef HSM_COMMITS_H
#define HSM_COMMITS_H

#include "reconciler/desired/repository_git.h"

/*
 * Every commit that HEAD, the planned commit or any ref reaches. libgit2's own
 * walk gives up where a parent is missing; this one goes on, since a shallow
 * clone knows something too.
 */
struct hsm_commit {
	git_oid id;
	git_oid tree;
	git_time_t time;
	struct hsm_commit **parents; /* those that are here */
	size_t parent_count;
	size_t children; /* not yet placed, while the order is made */
	size_t index;    /* in the order */
	bool ancestor;   /* of the planned commit, or itself */
};

struct hsm_commits {
	struct hsm_commit **items; /* children before parents, else newest first */
	size_t count;
	bool missing; /* a commit that another one, or a ref, names is not here */
};

/* Everything lives in the arena. planned is a commit id, or "". */
int hsm_commits_read(struct hsm_repository *repository, const char *planned, struct hsm_arena *arena,
		     struct hsm_commits *commits, struct hsm_error *error);

#endif
