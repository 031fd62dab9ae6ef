#ifndef HSM_TABLE_H
#define HSM_TABLE_H

#include "schema/base/arena.h"
#include "schema/base/buffer.h"

/* Columns of text, as wide as their cells. */
struct hsm_table {
	struct hsm_arena arena;
	size_t columns;
	const char **cells; /* row by row */
	size_t count, capacity;
};

void hsm_table_release(struct hsm_table *table);

/* A row: as many texts as there are columns, NULL for an empty one; copied. */
void hsm_table_add(struct hsm_table *table, const char *const *cells);

/* Made safe for a terminal; no spaces at the ends of lines. */
void hsm_table_append(const struct hsm_table *table, struct hsm_buffer *buffer);

#endif
