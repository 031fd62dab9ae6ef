#include "reconciler/lifecycle/publication.h"

#include <string.h>

#include "reconciler/live/datatables.h"

/* The tables, and what is written to them. */

struct run;

struct table {
	struct run *run;
	const char *name;
	struct hsm_datatable live;
	struct hsm_buffer schema; /* to be written; empty: it lacks no column */
	struct hsm_publication_row *rows;
	size_t count;
	struct hsm_publication_difference difference;
};

struct run {
	struct hsm_connection *connection;
	const struct hsm_publication_options *options;
	struct hsm_arena arena;
	struct table *tables;
	struct hsm_publication_result *result;
	struct hsm_error *error;
	int status; /* of the first write that failed */
};

void hsm_publication_result_release(struct hsm_publication_result *result)
{
	hsm_arena_release(&result->arena);
	*result = (struct hsm_publication_result){ 0 };
}

static const char *describe(struct run *run, const char *rest)
{
	return hsm_arena_format(&run->arena, "hsmctl %s:%s", run->options->environment, rest);
}

static void spread_rows(struct run *run, const struct hsm_publication_row *rows, size_t count)
{
	size_t tables = run->options->tables, *numbers = hsm_arena_allocate_array(&run->arena, count, sizeof(*numbers));
	run->tables = hsm_arena_allocate_array(&run->arena, tables, sizeof(*run->tables));
	for (size_t i = 0; i < count; i++) {
		numbers[i] = hsm_publication_find_table(rows[i].base, tables) - 1;
		run->tables[numbers[i]].count++;
	}
	for (size_t i = 0; i < tables; i++) {
		struct table *table = &run->tables[i];
		table->run = run;
		table->name = hsm_publication_name_table(&run->arena, run->options->name, tables, i + 1);
		table->schema = (struct hsm_buffer)HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		table->rows = hsm_arena_allocate_array(&run->arena, table->count, sizeof(*table->rows));
		table->count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		struct table *table = &run->tables[numbers[i]];
		table->rows[table->count++] = rows[i];
	}
}

/* Whether a table that is there may be written, and what its schema lacks. */
static int check_table(struct table *table)
{
	struct run *run = table->run;
	const char *mark = describe(run, "");
	if (strncmp(table->live.description, mark, strlen(mark)) != 0)
		return hsm_error_set(run->error, HSM_ERROR_BLOCKED,
				     "data table '%s' (%s) is somebody else's, since its description does not begin with "
				     "'%s': no row was touched; set %s.name to another name, or give the table that "
				     "description where all its rows may be replaced",
				     table->name, table->live.id, mark, run->options->kind->setting);
	if (hsm_publication_extend_schema(run->options->kind, table->live.schema, &table->schema, run->error))
		return hsm_error_prefix(run->error, "data table '%s' (%s)", table->name, table->live.id);
	return 0;
}

static int find_tables(struct run *run)
{
	for (size_t i = 0; i < run->options->tables; i++) {
		struct table *table = &run->tables[i];
		int status = hsm_datatable_find(run->connection, table->name, &table->live, run->error);
		if (!status && table->live.id)
			status = check_table(table);
		if (status)
			return status;
	}
	return 0;
}

static int create_table(struct table *table)
{
	struct run *run = table->run;
	struct hsm_buffer schema = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_publication_append_schema(run->options->kind, &schema);
	int status = hsm_datatable_create(run->connection, table->name,
					  describe(run, " kept equal to the registry, do not edit"), schema.data,
					  &table->live, run->error);
	hsm_buffer_release(&schema);
	return status ? status : check_table(table);
}

static int prepare_table(struct table *table)
{
	struct run *run = table->run;
	struct hsm_publication_table *told = &run->result->tables[run->result->table_count];
	bool create = !table->live.id;
	int status = create ? create_table(table) : 0;
	if (!status && table->schema.length)
		status = hsm_datatable_extend(run->connection, &table->live, table->schema.data, run->error);
	if (status)
		return status;
	*told = (struct hsm_publication_table){ .rows = table->count, .created = create,
						.extended = table->schema.length > 0 };
	told->name = hsm_arena_copy_string(&run->result->arena, table->name);
	told->id = hsm_arena_copy_string(&run->result->arena, table->live.id);
	run->result->table_count++;
	return 0;
}

/* Takes the live rows. */
static int compare_rows(struct table *table, int status, cJSON *live)
{
	struct run *run = table->run;
	if (!status)
		status = hsm_publication_compare(&run->arena, run->options, table->rows, table->count, live,
						 &table->difference, run->error);
	if (status)
		hsm_error_prefix(run->error, "data table '%s'", table->name);
	cJSON_Delete(live);
	return status;
}

static int compare_table(struct table *table)
{
	cJSON *live = NULL;
	int status = hsm_datatable_read_rows(table->run->connection, table->live.id, &live, table->run->error);
	return compare_rows(table, status, live);
}

static int prepare_tables(struct run *run)
{
	run->result->tables = hsm_arena_allocate_array(&run->result->arena, run->options->tables,
						       sizeof(*run->result->tables));
	for (size_t i = 0; i < run->options->tables; i++) {
		int status = prepare_table(&run->tables[i]);
		if (!status)
			status = compare_table(&run->tables[i]);
		if (status)
			return status;
	}
	return 0;
}

/* Rows are independent of each other; what ails all of them ends it. */
static void note(struct table *table, const struct hsm_write_result *result, size_t *done)
{
	struct run *run = table->run;
	if (result->outcome == HSM_OUTCOME_DONE) {
		++*done;
		return;
	}
	if (!run->status) {
		*run->error = result->error;
		if (result->outcome == HSM_OUTCOME_REFUSED)
			run->error->class = HSM_ERROR_FAILED;
		run->status = hsm_error_prefix(run->error, "data table '%s'", table->name);
	}
	if (result->outcome != HSM_OUTCOME_REFUSED)
		hsm_connection_abandon(run->connection);
}

static void note_create(void *user, const struct hsm_write_result *result)
{
	struct table *table = user;
	note(table, result, &table->run->result->created);
}

static void note_replace(void *user, const struct hsm_write_result *result)
{
	struct table *table = user;
	note(table, result, &table->run->result->replaced);
}

static void note_delete(void *user, const struct hsm_write_result *result)
{
	struct table *table = user;
	note(table, result, &table->run->result->deleted);
}

static void queue_deletes(struct table *table, size_t from, size_t end)
{
	for (size_t i = from; i < end; i++)
		hsm_datatable_delete_row(table->run->connection, table->live.id, table->difference.delete.items[i].key,
					 note_delete, table);
}

static void queue_writes(struct table *table)
{
	const struct hsm_publication_difference *difference = &table->difference;
	for (size_t i = 0; i < difference->create.count; i++)
		hsm_datatable_create_row(table->run->connection, table->live.id, difference->create.items[i].key,
					 difference->create.items[i].row, note_create, table);
	for (size_t i = 0; i < difference->replace.count; i++)
		hsm_datatable_replace_row(table->run->connection, table->live.id, difference->replace.items[i].key,
					  difference->replace.items[i].row, note_replace, table);
}

/* Of all tables together: a row that moves is in its new table before it leaves the
 * old one. */
static int write_rows(struct run *run)
{
	for (int wave = 0; wave < 3 && !run->status; wave++) {
		for (size_t i = 0; i < run->options->tables; i++) {
			struct table *table = &run->tables[i];
			if (wave == 0)
				queue_deletes(table, 0, table->difference.early);
			else if (wave == 1)
				queue_writes(table);
			else
				queue_deletes(table, table->difference.early, table->difference.delete.count);
		}
		hsm_connection_run(run->connection);
	}
	return run->status;
}

int hsm_publication_run(struct hsm_connection *connection, const struct hsm_publication_row *rows, size_t count,
			const struct hsm_publication_options *options, struct hsm_publication_result *result,
			struct hsm_error *error)
{
	struct run run = { .connection = connection, .options = options, .result = result, .error = error };
	hsm_publication_result_release(result);
	int status = hsm_publication_check_rows(rows, count, options, error);
	if (status)
		return status;
	spread_rows(&run, rows, count);
	status = find_tables(&run);
	if (!status)
		status = prepare_tables(&run);
	if (!status)
		status = write_rows(&run);
	for (size_t i = 0; i < options->tables; i++) {
		hsm_datatable_release(&run.tables[i].live);
		hsm_buffer_release(&run.tables[i].schema);
	}
	hsm_arena_release(&run.arena);
	return status;
}

static int compare_some(struct table *table)
{
	struct run *run = table->run;
	const char **keys = hsm_arena_allocate_array(&run->arena, table->count, sizeof(*keys));
	cJSON *live = NULL;
	for (size_t i = 0; i < table->count; i++)
		keys[i] = table->rows[i].key;
	int status = hsm_datatable_read_some(run->connection, table->live.id, keys, table->count, &live, run->error);
	return compare_rows(table, status, live);
}

int hsm_publication_update(struct hsm_connection *connection, const struct hsm_publication_row *rows, size_t count,
			   const struct hsm_publication_options *options,
			   const struct hsm_publication_result *earlier, struct hsm_publication_result *result,
			   struct hsm_error *error)
{
	struct run run = { .connection = connection, .options = options, .result = result, .error = error };
	int status = 0;
	hsm_publication_result_release(result);
	spread_rows(&run, rows, count);
	for (size_t i = 0; !status && i < options->tables; i++) {
		run.tables[i].live.id = earlier->tables[i].id;
		if (run.tables[i].count)
			status = compare_some(&run.tables[i]);
	}
	if (!status)
		status = write_rows(&run);
	hsm_arena_release(&run.arena);
	return status;
}
