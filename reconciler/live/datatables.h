#ifndef HSM_DATATABLES_H
#define HSM_DATATABLES_H

#include <cjson/cJSON.h>

#include "reconciler/live/live.h"

/*
 * Architect's data tables. They are Genesys Cloud's whichever API keeps the
 * templates, so these are functions beside struct hsm_backend and not in it. No
 * error code of theirs is looked at: what an answer means follows from its status.
 *
 * Finding, creating and reading run until they are done, and what else is queued
 * with them. Rows are written as live.h has it: queued, and done by
 * hsm_connection_run.
 */

/* Zero-initialise; release when done. */
struct hsm_datatable {
	cJSON *json; /* all of it, as the API has it; the others point into it */
	const char *id; /* NULL: there is no such table */
	const char *name, *description; /* description: "" where there is none */
	const cJSON *schema;
};

void hsm_datatable_release(struct hsm_datatable *table);

/* The table of exactly this name. */
int hsm_datatable_find(struct hsm_connection *connection, const char *name, struct hsm_datatable *table,
		       struct hsm_error *error);

/*
 * The schema is JSON. Where the answer is lost or says that the name is taken, the
 * table is looked up, and may be somebody else's: look at its description.
 */
int hsm_datatable_create(struct hsm_connection *connection, const char *name, const char *description,
			 const char *schema, struct hsm_datatable *table, struct hsm_error *error);

/* Gives the table another schema (JSON), which may only have columns more. */
int hsm_datatable_extend(struct hsm_connection *connection, const struct hsm_datatable *table, const char *schema,
			 struct hsm_error *error);

/* All rows with all columns: an array of objects, each with a string "key", in no
 * order. To be deleted. */
int hsm_datatable_read_rows(struct hsm_connection *connection, const char *table_id, cJSON **rows,
			    struct hsm_error *error);

/* As above, the rows of these keys only, one request each; those that are not there are left out. */
int hsm_datatable_read_some(struct hsm_connection *connection, const char *table_id, const char *const *keys,
			    size_t count, cJSON **rows, struct hsm_error *error);

/* Whether a row of this key can be written and deleted: a path that ends with ""
 * or ".." is the path of the rows, or of the table. */
bool hsm_datatable_has_path(const char *key);

/*
 * The row is JSON, key included. One that is there already (409) is replaced; a
 * lost create is, too, which tells whether it was done, and repeated where it was
 * not. A row to replace that is gone is created. A row to delete that is gone
 * counts as done. Keys must have a path.
 */
void hsm_datatable_create_row(struct hsm_connection *connection, const char *table_id, const char *key,
			      const char *row, hsm_write_done *done, void *user);
void hsm_datatable_replace_row(struct hsm_connection *connection, const char *table_id, const char *key,
			       const char *row, hsm_write_done *done, void *user);
void hsm_datatable_delete_row(struct hsm_connection *connection, const char *table_id, const char *key,
			      hsm_write_done *done, void *user);

#endif
