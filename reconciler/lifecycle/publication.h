#ifndef HSM_PUBLICATION_H
#define HSM_PUBLICATION_H

#include <cjson/cJSON.h>

#include "reconciler/live/live.h"
#include "schema/base/buffer.h"
#include "schema/field.h"

/*
 * The registry in Architect's data tables: flows look a translation up there, need
 * no data action for it, and go on while nobody keeps the tables. A table is kept
 * equal to the desired rows; columns that people add to it are theirs.
 */

struct hsm_publication_column {
	const char *name;
	enum hsm_type type; /* HSM_TYPE_STRING or HSM_TYPE_BOOLEAN */
	const char *title;
};

/* What is published: the columns of its tables, of which the first is the key. */
struct hsm_publication_kind {
	const char *setting; /* in the file of serve: "data_table" */
	const char *title;   /* for people: "data table" */
	const struct hsm_publication_column *columns;
	size_t column_count;
};

enum hsm_publication {
	HSM_PUBLICATION_ANSWERS, /* a translation a row, as answers.h has them */
	HSM_PUBLICATION_ROUTES,  /* a payload a row, as routing.h has them */
	HSM_PUBLICATION_MAX_
};
extern const struct hsm_publication_kind hsm_publication_kinds[HSM_PUBLICATION_MAX_];

/* One desired row. Borrowed texts. */
struct hsm_publication_row {
	const char *key;  /* "order_confirmation:en_US", "PAYLOAD_CHECK_ORDER" */
	const char *row;  /* JSON of all columns */
	const char *base; /* what chooses its table: "order_confirmation", the payload */
};

struct hsm_publication_options {
	const struct hsm_publication_kind *kind;
	const char *name;   /* of the table; of several, what their names begin with */
	size_t tables;      /* over how many the rows are spread: 1 at least */
	size_t rows;        /* that a table may hold */
	const char *environment;
};

/*
 * The table that holds the rows of a base, from 1: 1 + (the first four bytes of
 * its SHA-256, big-endian) modulo tables. Flows that several tables serve compute
 * the same; it never changes.
 */
size_t hsm_publication_find_table(const char *base, size_t tables);

/* "NAME" of one table; "NAME_1" and so on of several. */
const char *hsm_publication_name_table(struct hsm_arena *arena, const char *name, size_t tables, size_t number);

/* Whether every table holds its rows; else HSM_ERROR_CONFIG, and how many tables would do. */
int hsm_publication_check_rows(const struct hsm_publication_row *rows, size_t count,
			       const struct hsm_publication_options *options, struct hsm_error *error);

/* The JSON Schema of a new table. */
void hsm_publication_append_schema(const struct hsm_publication_kind *kind, struct hsm_buffer *buffer);

/*
 * Appends the schema with the columns that it lacks; nothing where it lacks none.
 * HSM_ERROR_FAILED where a column is there with another type: the API changes none.
 */
int hsm_publication_extend_schema(const struct hsm_publication_kind *kind, const cJSON *schema,
				  struct hsm_buffer *buffer, struct hsm_error *error);

struct hsm_publication_change {
	const char *key;
	const char *row; /* JSON to send; NULL: delete it */
};

struct hsm_publication_changes {
	struct hsm_publication_change *items; /* by key */
	size_t count;
};

/* Creates and replaces come before deletes: nothing vanishes before what replaces
 * it is there. */
struct hsm_publication_difference {
	struct hsm_publication_changes create, replace, delete;
	size_t early; /* so many deletes come first, since the table cannot hold all rows at once */
};

/*
 * What makes the live rows (an array of objects with a string "key") the desired
 * ones of this table, of which options->rows fit. A column that is missing on either side counts as its
 * default: false, or "". Replacing keeps members that are no columns of ours. Live
 * rows without a path (datatables.h) stay. Texts go into the arena.
 */
int hsm_publication_compare(struct hsm_arena *arena, const struct hsm_publication_options *options,
			    const struct hsm_publication_row *rows, size_t count, const cJSON *live,
			    struct hsm_publication_difference *difference, struct hsm_error *error);

struct hsm_publication_table {
	const char *name, *id;
	size_t rows;             /* desired ones */
	bool created, extended;  /* the table itself, or its columns */
};

/* Zero-initialise; release when done. */
struct hsm_publication_result {
	struct hsm_arena arena;
	size_t created, replaced, deleted; /* rows; what was done until an error, too */
	struct hsm_publication_table *tables;
	size_t table_count;
};

void hsm_publication_result_release(struct hsm_publication_result *result);

/*
 * Makes the tables equal to the desired rows: finds each or creates it, adds
 * columns that it lacks, reads its rows and writes the differences. Without any,
 * it only reads. All tables are looked at before anything is written; nothing is
 *
 * - with HSM_ERROR_CONFIG, where a table would not hold its rows;
 * - with HSM_ERROR_BLOCKED, where a table's description does not begin with
 *   "hsmctl <environment>:": it is somebody else's;
 * - with HSM_ERROR_FAILED, where a column of a table has another type.
 *
 * A row that the API refuses does not stop the others, but deletes that would
 * follow. What is left undone, the next run does. Rows that are not desired are
 * deleted: without any desired row, the tables are emptied. Tables of another
 * `tables` or `name` are left as they are: flows may still read them.
 */
int hsm_publication_run(struct hsm_connection *connection, const struct hsm_publication_row *rows, size_t count,
			const struct hsm_publication_options *options, struct hsm_publication_result *result,
			struct hsm_error *error);

/*
 * As above, for these rows alone, in the tables that an earlier run of the same
 * options found: two requests a row. Nothing is deleted.
 */
int hsm_publication_update(struct hsm_connection *connection, const struct hsm_publication_row *rows, size_t count,
			   const struct hsm_publication_options *options,
			   const struct hsm_publication_result *earlier, struct hsm_publication_result *result,
			   struct hsm_error *error);

#endif
