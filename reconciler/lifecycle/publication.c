#include "reconciler/lifecycle/publication.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/live/datatables.h"
#include "schema/base/fingerprint.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"
#include "schema/serve.h"

#define DRAFT "http://json-schema.org/draft-04/schema#"

static const struct hsm_publication_column answers_columns[] = {
	{ "key", HSM_TYPE_STRING, "Template and language" },
	{ "use", HSM_TYPE_STRING, "Use" },
	{ "template", HSM_TYPE_STRING, "Template" },
	{ "language", HSM_TYPE_STRING, "Language" },
	{ "parameters", HSM_TYPE_STRING, "Parameters" },
	{ "fallback", HSM_TYPE_BOOLEAN, "Fallback" },
	{ "channel", HSM_TYPE_STRING, "Channel" },
	{ "text", HSM_TYPE_STRING, "Text" },
};
static const struct hsm_publication_column routes_columns[] = {
	{ "key", HSM_TYPE_STRING, "Payload" },
	{ "target", HSM_TYPE_STRING, "Target" },
	{ "template", HSM_TYPE_STRING, "Template" },
	{ "state", HSM_TYPE_STRING, "State" },
	{ "id", HSM_TYPE_STRING, "Button" },
	{ "data", HSM_TYPE_STRING, "Data" },
};

#define COLUMNS(columns) columns, sizeof(columns) / sizeof(columns[0])
const struct hsm_publication_kind hsm_publication_kinds[HSM_PUBLICATION_MAX_] = {
	[HSM_PUBLICATION_ANSWERS] = { "data_table", "data table", COLUMNS(answers_columns) },
	[HSM_PUBLICATION_ROUTES] = { "routes_table", "routes table", COLUMNS(routes_columns) },
};

static const cJSON *get(const cJSON *json, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(json, name);
}

static uint32_t hash(const char *base)
{
	char fingerprint[HSM_FINGERPRINT_SIZE];
	hsm_fingerprint_compute(base, strlen(base), fingerprint);
	fingerprint[8] = '\0';
	return (uint32_t)strtoul(fingerprint, NULL, 16);
}

size_t hsm_publication_find_table(const char *base, size_t tables)
{
	return 1 + hash(base) % tables;
}

const char *hsm_publication_name_table(struct hsm_arena *arena, const char *name, size_t tables, size_t number)
{
	return tables == 1 ? hsm_arena_copy_string(arena, name) : hsm_arena_format(arena, "%s_%zu", name, number);
}

/* How many rows the fullest of so many tables gets. */
static size_t count_fullest(const uint32_t *hashes, size_t count, size_t tables, size_t *fullest)
{
	size_t *counts = hsm_memory_allocate(tables * sizeof(*counts)), most = 0;
	for (size_t i = 0; i < count; i++)
		counts[hashes[i] % tables]++;
	for (size_t i = 0; i < tables; i++) {
		if (counts[i] > most) {
			most = counts[i];
			*fullest = i + 1;
		}
	}
	free(counts);
	return most;
}

static int fail_rows(const uint32_t *hashes, size_t count, const struct hsm_publication_options *options,
		     size_t number, size_t most, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	size_t tables = options->tables + 1, fullest;
	while (tables <= HSM_SERVE_TABLES_MAX && count_fullest(hashes, count, tables, &fullest) > options->rows)
		tables++;
	const char *advice =
		tables <= HSM_SERVE_TABLES_MAX ?
			hsm_arena_format(&arena, "%zu tables would do: set %s.tables to that, and make flows look in them",
					 tables, options->kind->setting) :
			hsm_arena_format(&arena, "no number of tables up to %d would do: raise %s.rows where the "
					 "organization's limit allows it", HSM_SERVE_TABLES_MAX, options->kind->setting);
	int status = hsm_error_set(error, HSM_ERROR_CONFIG, "data table '%s' would get %zu rows and may hold %zu; %s",
				   hsm_publication_name_table(&arena, options->name, options->tables, number), most, options->rows, advice);
	hsm_arena_release(&arena);
	return status;
}

int hsm_publication_check_rows(const struct hsm_publication_row *rows, size_t count,
			       const struct hsm_publication_options *options, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	uint32_t *hashes = hsm_arena_allocate_array(&arena, count, sizeof(*hashes));
	size_t number = 1;
	for (size_t i = 0; i < count; i++)
		hashes[i] = hash(rows[i].base);
	size_t most = count_fullest(hashes, count, options->tables, &number);
	int status = most > options->rows ? fail_rows(hashes, count, options, number, most, error) : 0;
	hsm_arena_release(&arena);
	return status;
}

static const char *name_type(const struct hsm_publication_column *column)
{
	return column->type == HSM_TYPE_BOOLEAN ? "boolean" : "string";
}

static void write_column(struct hsm_json_writer *json, const struct hsm_publication_column *column, int64_t order)
{
	char id[64];
	snprintf(id, sizeof(id), "/properties/%s", column->name);
	hsm_json_begin_object(json, column->name);
	hsm_json_write_string(json, "$id", id);
	hsm_json_write_string(json, "type", name_type(column));
	hsm_json_write_string(json, "title", column->title);
	hsm_json_write_integer(json, "displayOrder", order);
	hsm_json_end_object(json);
}

void hsm_publication_append_schema(const struct hsm_publication_kind *kind, struct hsm_buffer *buffer)
{
	struct hsm_json_writer json = { .buffer = buffer };
	hsm_json_begin_object(&json, NULL);
	hsm_json_write_string(&json, "$schema", DRAFT);
	hsm_json_write_string(&json, "type", "object");
	hsm_json_begin_array(&json, "required");
	hsm_json_write_string(&json, NULL, "key");
	hsm_json_end_array(&json);
	hsm_json_write_boolean(&json, "additionalProperties", false);
	hsm_json_begin_object(&json, "properties");
	for (size_t i = 0; i < kind->column_count; i++)
		write_column(&json, &kind->columns[i], (int64_t)i);
	hsm_json_end_object(&json);
	hsm_json_end_object(&json);
}

static int count_missing(const struct hsm_publication_kind *kind, const cJSON *properties, size_t *missing,
			 struct hsm_error *error)
{
	*missing = 0;
	for (size_t i = 0; i < kind->column_count; i++) {
		const struct hsm_publication_column *column = &kind->columns[i];
		const cJSON *property = get(properties, column->name);
		const char *type = cJSON_GetStringValue(get(property, "type"));
		if (property && (!type || strcmp(type, name_type(column)) != 0))
			return hsm_error_set(error, HSM_ERROR_FAILED,
					     "column '%s' is of type '%.*s' and must be of type '%s', and no API changes "
					     "that: delete the column in Architect, or name another table",
					     column->name, HSM_TEXT_FIT(type ? type : "?", 40), name_type(column));
		*missing += !property;
	}
	return 0;
}

/* Those that are there as they are, ours that are missing behind them. */
static void write_properties(const struct hsm_publication_kind *kind, struct hsm_json_writer *json,
			     const cJSON *properties)
{
	int64_t order = 0;
	const cJSON *property;
	hsm_json_begin_object(json, "properties");
	cJSON_ArrayForEach(property, properties) {
		const cJSON *shown = get(property, "displayOrder");
		if (cJSON_IsNumber(shown) && shown->valueint >= order)
			order = (int64_t)shown->valueint + 1;
		hsm_json_write_value(json, property->string, property);
	}
	for (size_t i = 0; i < kind->column_count; i++)
		if (!get(properties, kind->columns[i].name))
			write_column(json, &kind->columns[i], order++);
	hsm_json_end_object(json);
}

int hsm_publication_extend_schema(const struct hsm_publication_kind *kind, const cJSON *schema,
				  struct hsm_buffer *buffer, struct hsm_error *error)
{
	struct hsm_json_writer json = { .buffer = buffer };
	const cJSON *properties = get(schema, "properties"), *member;
	size_t missing;
	int status = count_missing(kind, properties, &missing, error);
	if (status || !missing)
		return status;
	hsm_json_begin_object(&json, NULL);
	cJSON_ArrayForEach(member, schema)
		if (member != properties)
			hsm_json_write_value(&json, member->string, member);
	write_properties(kind, &json, properties);
	hsm_json_end_object(&json);
	return 0;
}

/* A column's value: NULL or what is no text counts as "". */
static const char *find_text(const cJSON *row, const struct hsm_publication_column *column)
{
	const char *text = cJSON_GetStringValue(get(row, column->name));
	return text ? text : "";
}

static bool differs(const struct hsm_publication_kind *kind, const cJSON *row, const cJSON *live)
{
	for (size_t i = 0; i < kind->column_count; i++) {
		const struct hsm_publication_column *column = &kind->columns[i];
		if (column->type == HSM_TYPE_BOOLEAN ?
			    cJSON_IsTrue(get(row, column->name)) != cJSON_IsTrue(get(live, column->name)) :
			    strcmp(find_text(row, column), find_text(live, column)) != 0)
			return true;
	}
	return false;
}

static bool is_ours(const struct hsm_publication_kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->column_count; i++)
		if (strcmp(name, kind->columns[i].name) == 0)
			return true;
	return false;
}

/* With the live row's members that are not ours; live may be NULL. */
static const char *make_row(struct hsm_arena *arena, const struct hsm_publication_kind *kind, const cJSON *row,
			    const cJSON *live)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer json = { .buffer = &buffer };
	const cJSON *member;
	hsm_json_begin_object(&json, NULL);
	for (size_t i = 0; i < kind->column_count; i++) {
		const struct hsm_publication_column *column = &kind->columns[i];
		if (column->type == HSM_TYPE_BOOLEAN)
			hsm_json_write_boolean(&json, column->name, cJSON_IsTrue(get(row, column->name)));
		else
			hsm_json_write_string(&json, column->name, find_text(row, column));
	}
	cJSON_ArrayForEach(member, live)
		if (!is_ours(kind, member->string) && !cJSON_IsNull(member))
			hsm_json_write_value(&json, member->string, member);
	hsm_json_end_object(&json);
	const char *copy = hsm_arena_copy(arena, buffer.data, buffer.length);
	hsm_buffer_release(&buffer);
	return copy;
}

static int compare_rows(const void *left, const void *right)
{
	return strcmp(((const struct hsm_publication_row *)left)->key, ((const struct hsm_publication_row *)right)->key);
}

static int compare_live(const void *left, const void *right)
{
	return strcmp(get(*(const cJSON *const *)left, "key")->valuestring,
		      get(*(const cJSON *const *)right, "key")->valuestring);
}

/* Both sides, sorted, and what came of them. */
struct comparison {
	struct hsm_arena *arena;
	const struct hsm_publication_kind *kind;
	struct hsm_publication_row *rows;
	const cJSON **live;
	size_t count, live_count;
	struct hsm_publication_difference *difference;
};

static void sort(struct comparison *comparison, const struct hsm_publication_row *rows, size_t count, const cJSON *live)
{
	struct hsm_publication_difference *difference = comparison->difference;
	size_t live_count = (size_t)cJSON_GetArraySize(live);
	const cJSON *row;
	comparison->rows = hsm_arena_allocate_array(comparison->arena, count, sizeof(*comparison->rows));
	comparison->live = hsm_arena_allocate_array(comparison->arena, live_count, sizeof(*comparison->live));
	for (size_t i = 0; i < count; i++)
		comparison->rows[comparison->count++] = rows[i];
	cJSON_ArrayForEach(row, live)
		comparison->live[comparison->live_count++] = row;
	if (count)
		qsort(comparison->rows, count, sizeof(*comparison->rows), compare_rows);
	if (live_count)
		qsort(comparison->live, live_count, sizeof(*comparison->live), compare_live);
	difference->create.items = hsm_arena_allocate_array(comparison->arena, count, sizeof(*difference->create.items));
	difference->replace.items = hsm_arena_allocate_array(comparison->arena, count, sizeof(*difference->replace.items));
	difference->delete.items = hsm_arena_allocate_array(comparison->arena, live_count, sizeof(*difference->delete.items));
}

static void add(struct hsm_publication_changes *changes, const char *key, const char *row)
{
	changes->items[changes->count++] = (struct hsm_publication_change){ key, row };
}

/* A desired row, whose live one is NULL where there is none. */
static int compare_row(struct comparison *comparison, const struct hsm_publication_row *row, const cJSON *live,
		       struct hsm_error *error)
{
	struct hsm_publication_difference *difference = comparison->difference;
	cJSON *json = cJSON_Parse(row->row);
	const char *key = cJSON_GetStringValue(get(json, "key"));
	bool good = key && strcmp(key, row->key) == 0;
	if (good && (!live || differs(comparison->kind, json, live)))
		add(live ? &difference->replace : &difference->create, hsm_arena_copy_string(comparison->arena, row->key),
		    make_row(comparison->arena, comparison->kind, json, live));
	cJSON_Delete(json);
	return good ? 0 : hsm_error_set(error, HSM_ERROR_FAILED, "the row of key '%.*s' is no JSON object with that key",
					HSM_TEXT_FIT(row->key, 200));
}

static void compare_stray(struct comparison *comparison, const char *key)
{
	if (hsm_datatable_has_path(key))
		add(&comparison->difference->delete, hsm_arena_copy_string(comparison->arena, key), NULL);
}

static size_t count_early(const struct comparison *comparison, size_t limit)
{
	const struct hsm_publication_difference *difference = comparison->difference;
	size_t most = comparison->live_count + difference->create.count, deletes = difference->delete.count;
	size_t excess = most > limit ? most - limit : 0;
	return excess < deletes ? excess : deletes;
}

int hsm_publication_compare(struct hsm_arena *arena, const struct hsm_publication_options *options,
			    const struct hsm_publication_row *rows, size_t count, const cJSON *live,
			    struct hsm_publication_difference *difference, struct hsm_error *error)
{
	struct comparison comparison = { .arena = arena, .kind = options->kind, .difference = difference };
	size_t i = 0, j = 0;
	*difference = (struct hsm_publication_difference){ 0 };
	sort(&comparison, rows, count, live);
	while (i < comparison.count || j < comparison.live_count) {
		const cJSON *there = j < comparison.live_count ? comparison.live[j] : NULL;
		const char *key = there ? get(there, "key")->valuestring : NULL;
		int order = i == comparison.count ? 1 : !key ? -1 : strcmp(comparison.rows[i].key, key);
		int status = 0;
		if (order > 0)
			compare_stray(&comparison, key);
		else
			status = compare_row(&comparison, &comparison.rows[i], order ? NULL : there, error);
		if (status)
			return status;
		i += order <= 0;
		j += order >= 0;
	}
	difference->early = count_early(&comparison, options->rows);
	return 0;
}
