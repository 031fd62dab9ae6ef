#ifndef HSM_EMULATOR_DATATABLES_H
#define HSM_EMULATOR_DATATABLES_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/buffer.h"

struct hsm_emu;
struct hsm_emu_request;

struct hsm_emu_row {
	char *key;
	char *json; /* with every column of the table */
};

/* A data table of Architect. */
struct hsm_emu_datatable {
	char id[37];
	uint64_t sequence;
	char *name, *folded; /* folded: as names are compared */
	char *description, *division_id, *division_name; /* NULL where there is none */
	cJSON *schema;
	struct hsm_emu_row *rows; /* by key */
	size_t count, capacity;
};

struct hsm_emu_datatables {
	struct hsm_emu_datatable **tables; /* by creation */
	size_t count, capacity;
};

/* The table of the path, or NULL and the request is answered. */
struct hsm_emu_datatable *hsm_emu_datatable_captured(struct hsm_emu *emu, struct hsm_emu_request *request);
/* NULL: no such table. */
struct hsm_emu_datatable *hsm_emu_datatable_find(const struct hsm_emu *emu, const char *id);

void hsm_emu_datatables_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_datatables_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_datatables_get(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_datatables_replace(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_datatables_delete(struct hsm_emu *emu, struct hsm_emu_request *request);
/* All of them with their rows as a JSON array. */
void hsm_emu_datatables_append(struct hsm_emu *emu, struct hsm_emu_request *request);

bool hsm_emu_datatables_load(struct hsm_emu *emu);
void hsm_emu_datatables_release(struct hsm_emu *emu);

/* Whether it is the schema of a table; field gets what is not. */
bool hsm_emu_schema_check(const cJSON *schema, struct hsm_buffer *field);
/* Whether it has all that old has, as it was; field gets what it lacks. */
bool hsm_emu_schema_extends(const cJSON *schema, const cJSON *old, struct hsm_buffer *field);
/* Whether the property, which may be NULL, has values like this. */
bool hsm_emu_schema_takes(const cJSON *property, const cJSON *value);
/* Appends "name":value of the properties that old, which may be NULL, lacks: as in row or by default. */
void hsm_emu_schema_append_row(struct hsm_buffer *out, const cJSON *schema, const cJSON *old, const cJSON *row);

void hsm_emu_rows_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_rows_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_rows_get(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_rows_replace(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_rows_delete(struct hsm_emu *emu, struct hsm_emu_request *request);
/* Gives the rows the columns that a table's new schema adds. */
void hsm_emu_rows_extend(struct hsm_emu_datatable *table, const cJSON *schema);
/* Takes a table's rows out of --data. */
void hsm_emu_rows_unstore(struct hsm_emu *emu, const struct hsm_emu_datatable *table);
bool hsm_emu_rows_load(struct hsm_emu *emu);
void hsm_emu_rows_release(struct hsm_emu_datatable *table);

#endif
