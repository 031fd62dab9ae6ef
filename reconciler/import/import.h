#ifndef HSM_IMPORT_H
#define HSM_IMPORT_H

#include "reconciler/desired/desired.h"
#include "schema/base/buffer.h"
#include "schema/wire.h"

/*
 * From templates that exist somewhere to files of a repository: versions are split
 * from names, the translations of one base stand in one file, and of several
 * versions of a translation the newest counts. Whatever cannot be written down so
 * that it compiles to the same content is left out by name.
 */

struct hsm_import_item {
	const char *name;     /* physical */
	const char *language;
	const char *category; /* upper case */
	enum hsm_backend_word backend; /* the API whose form the components have */
	struct hsm_list components; /* struct hsm_wire_component; made canonical */
	const char *const *names; /* of its parameters, each NULL where not known; NULL: none is */
	size_t name_count;
	const char *const *media; /* of Meta's media headers: where the file is to have each sample */
	const struct hsm_template *file; /* git's, that keeps what is not content; NULL: there is none */
	bool live;            /* some account has it: it is not the body of a create alone */
	const char *problem;  /* set where it is left out: why */
	bool superseded;      /* by a newer version; else what is left out breaks HSM021 */
};

struct hsm_import_file {
	const char *base;
	const char *text;
	const struct hsm_import_item **items; /* that it holds, by language */
	size_t count;
};

struct hsm_import {
	struct hsm_arena arena;
	struct hsm_import_file *files; /* by base */
	size_t count;
	enum hsm_backend_word backend; /* the API of the repository */
};

void hsm_import_release(struct hsm_import *import);

/* Adds the templates of a payload: a create body of the messaging API or of Meta, a
 * list that either answers with, or an array of these. Items are in the arena. */
int hsm_import_read(struct hsm_arena *arena, const char *data, size_t length, struct hsm_import_item **items,
		    size_t *count, struct hsm_error *error);

/* The files of the items, which are sorted; versions are written down where pinned. What the
 * API of the repository can't carry is left out. */
void hsm_import_make(struct hsm_import_item *items, size_t count, enum hsm_backend_word backend, bool pinned,
		     struct hsm_import *import);

#endif
