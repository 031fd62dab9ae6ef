#ifndef HSM_HISTORY_UNITS_H
#define HSM_HISTORY_UNITS_H

#include "reconciler/desired/history.h"
#include "reconciler/desired/map.h"
#include "reconciler/desired/tree.h"

/*
 * What old files say. The same files and the same configuration stand in many
 * commits: each is read once.
 */

/* One configuration that commits had. */
struct hsm_history_config {
	struct hsm_desired desired; /* holds its arena and config */
	const struct hsm_environment *environment; /* the one asked about; NULL: it had none of that name */
	struct hsm_history_config *next;
};

/* A template's file and its folder, and the variables that they name. Equal ones are one pointer. */
struct hsm_history_files {
	const char **variables;
	size_t count;
};

/* One translation as some files define it. Equal contents are one pointer. */
struct hsm_history_item {
	size_t base; /* index of the asked name */
	const char *language;
	int category;
	int64_t version;
	const struct hsm_compiled *compiled;
	const struct hsm_history_files *files;
	/* Where the same files said something else in the parent, for its configuration's variables. */
	const struct hsm_compiled *before;
	const char *variables;
};

/* A template's file and its translations' files. */
struct hsm_history_unit {
	struct hsm_history_item *items;
	size_t count;
	const struct hsm_history_files *files; /* with variables what it says depends on the configuration */
};

struct hsm_history_reader {
	struct hsm_repository *repository;
	struct hsm_history *history;
	struct hsm_arena arena;  /* what only the reading needs */
	struct hsm_trees trees;
	const char *environment; /* NULL: none */
	enum hsm_backend_word backend; /* today's: earlier contents are as its API would have them */
	const char *const *bases;
	size_t base_count;
	struct hsm_map base_by_name; /* index + 1 */
	struct hsm_map base_by_blob; /* index + 1; base_count + 1: none of them */
	struct hsm_map units;
	struct hsm_map compiled;
	struct hsm_map strings;
	struct hsm_map configs;
	struct hsm_history_config *config_list;
};

void hsm_history_reader_release(struct hsm_history_reader *reader);

/* The configuration in a blob; NULL: of a commit without one. */
const struct hsm_history_config *hsm_history_load_config(struct hsm_history_reader *reader, const git_oid *blob);

/* Which asked template a file defines; false where none of them. */
bool hsm_history_find_base(struct hsm_history_reader *reader, const unsigned char *blob, size_t *base);

/* What a template's file says, with its translations' files in a folder (NULL:
 * it has none). Files that do not load any more say nothing. */
const struct hsm_history_unit *hsm_history_load_unit(struct hsm_history_reader *reader,
						     const struct hsm_history_config *config, size_t base,
						     const unsigned char *blob, const unsigned char *folder);

#endif
