#ifndef HSM_HISTORY_H
#define HSM_HISTORY_H

#include "reconciler/desired/desired.h"

/*
 * What commits ever said about some templates, newest first: the only memory
 * that hsmctl has of whose a difference is. Every commit that any ref reaches
 * counts; those that the planned commit descends from come first. Earlier content
 * is compiled with the variables, languages and globs of its own commit, for the API
 * of today.
 */

struct hsm_history_commit {
	char id[HSM_COMMIT_SIZE];
	const char *author;  /* name */
	const char *date;    /* the author's, YYYY-MM-DD */
	const char *subject;
	bool ancestor; /* of the planned commit, or itself */
	size_t age;    /* of all commits that were read: 0 is the newest, parents come after their children */
};

/* A commit that brought this content of a translation (it was another before,
 * or there was none). */
struct hsm_history_entry {
	const char *base, *language;
	const char *category;
	int64_t version; /* pinned; 0: not */
	struct hsm_compiled compiled;
	const struct hsm_history_commit *commit;
	/* Where hsmctl.yaml alone changed it: the variables, "legal, brand", and what it was before. */
	const char *variables;
	const struct hsm_content *before;
};

/* A webhook as some commit wanted it. */
struct hsm_history_webhook {
	const char *name, *url;
	const char **events;
	size_t event_count;
	bool enabled;
};

struct hsm_history {
	struct hsm_arena arena;
	struct hsm_history_entry *entries; /* by base and language, and newest first among those */
	size_t count;
	int64_t *highest; /* of each asked name, in that order: the highest number ever pinned; 0: none */
	struct hsm_history_webhook *webhooks; /* what the environment ever had, by name */
	size_t webhook_count;
	bool partial;           /* it was read until all that was wanted was found: what is not here is older */
	bool complete;          /* false: a commit that is not here may have had anything */
	const char *incomplete; /* why, and how to get it; NULL where complete */
};

void hsm_history_release(struct hsm_history *history);

/* Reads what is to know about the templates of these base names. */
int hsm_history_read(struct hsm_repository *repository, const struct hsm_desired *desired,
		     const char *const *bases, size_t count, struct hsm_history *history,
		     struct hsm_error *error);

/* A content of a translation whose commits are asked for. */
struct hsm_history_want {
	const char *base, *language;
	const struct hsm_content *content;
	const char *category; /* that it had beside it; NULL: whichever */
	bool brought;         /* the commit that brought it, not any that had it */
};

/*
 * As above, newest first until all that is wanted has been found. An entry may
 * stand for the newest commit that had its content, where that is enough.
 */
int hsm_history_read_wanted(struct hsm_repository *repository, const struct hsm_desired *desired,
			    const char *const *bases, size_t count, const struct hsm_history_want *wants,
			    size_t want_count, struct hsm_history *history, struct hsm_error *error);

/* As above, without what the first commits of all brought: what has changed since, which is
 * little to read even where there are many templates. */
int hsm_history_read_changes(struct hsm_repository *repository, const struct hsm_desired *desired,
			     const char *const *bases, size_t count, struct hsm_history *history,
			     struct hsm_error *error);

/* The entries of a translation (language NULL: of any language): *count of them
 * from the returned one on; NULL where there are none. */
const struct hsm_history_entry *hsm_history_find(const struct hsm_history *history, const char *base,
						 const char *language, size_t *count);

#endif
