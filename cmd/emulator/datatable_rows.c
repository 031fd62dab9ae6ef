/* The rows of data tables. */
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/datatables.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"

/* Where a key stands, or would stand. */
static size_t find_position(const struct hsm_emu_datatable *table, const char *key, bool *found)
{
	size_t low = 0, high = table->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (strcmp(table->rows[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = low < table->count && strcmp(table->rows[low].key, key) == 0;
	return low;
}

/* The row of the path, or NULL and the request is answered. */
static struct hsm_emu_row *find_captured(struct hsm_emu_request *request, const struct hsm_emu_datatable *table)
{
	bool found = false;
	size_t at = table ? find_position(table, request->captures[1], &found) : 0;
	if (found)
		return &table->rows[at];
	if (table)
		hsm_emu_fail(request, 404, "not.found", "There is no such row");
	return NULL;
}

/* A row with all columns of the table, to be freed; or NULL, and *field is what the table does not take. */
static char *build_row(const struct hsm_emu_datatable *table, const cJSON *json, const char **field)
{
	const cJSON *properties = hsm_emu_json_get(table->schema, "properties"), *item;
	const char *key = hsm_emu_json_string(json, "key");
	*field = "key";
	if (!key || !*key)
		return NULL;
	cJSON_ArrayForEach(item, json) {
		*field = item->string;
		if (!hsm_emu_schema_takes(hsm_emu_json_get(properties, item->string), item))
			return NULL;
	}
	struct hsm_buffer columns = HSM_BUFFER_INIT(HSM_BUFFER_CAP), row = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_emu_schema_append_row(&columns, table->schema, NULL, json);
	hsm_buffer_append_format(&row, "{%s}", hsm_buffer_text(&columns));
	hsm_buffer_release(&columns);
	return hsm_buffer_detach(&row);
}

static void fail_field(struct hsm_emu_request *request, const char *field)
{
	cJSON *error = hsm_emu_fail(request, 400, "bad.request",
				    "The row's %s is missing, unknown or of another type", field);
	hsm_emu_fail_detail(error, "invalid.value", field);
}

/* The body as a row; *key is to be freed with it. NULL: answered. */
static char *read_row(struct hsm_emu_request *request, const struct hsm_emu_datatable *table, char **key)
{
	const char *field;
	cJSON *json = hsm_emu_request_json(request);
	char *row = json ? build_row(table, json, &field) : NULL;
	if (row)
		*key = hsm_memory_copy_string(hsm_emu_json_string(json, "key"));
	else if (json)
		fail_field(request, field);
	cJSON_Delete(json);
	return row;
}

/* A row's id among all documents; no id of a table holds a slash. */
static void append_id(struct hsm_buffer *id, const struct hsm_emu_datatable *table, const char *key)
{
	hsm_buffer_append_format(id, "%s/%s", table->id, key);
}

static void save(struct hsm_emu *emu, const struct hsm_emu_datatable *table, const struct hsm_emu_row *row)
{
	struct hsm_buffer id = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	append_id(&id, table, row->key);
	hsm_emu_store_put(emu, "datatable_row", id.data, 0, row->json);
	hsm_buffer_release(&id);
}

static void unstore(struct hsm_emu *emu, const struct hsm_emu_datatable *table, const struct hsm_emu_row *row)
{
	struct hsm_buffer id = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	append_id(&id, table, row->key);
	hsm_emu_store_delete(emu, "datatable_row", id.data);
	hsm_buffer_release(&id);
}

static void insert_row(struct hsm_emu_datatable *table, size_t at, char *key, char *json)
{
	HSM_MEMORY_GROW(table->rows, table->count, table->capacity);
	memmove(table->rows + at + 1, table->rows + at, (table->count - at) * sizeof(*table->rows));
	table->rows[at] = (struct hsm_emu_row){ key, json };
	table->count++;
}

void hsm_emu_rows_create(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_datatable *table = hsm_emu_datatable_captured(emu, request);
	char *key, *json = table ? read_row(request, table, &key) : NULL;
	if (!json)
		return;
	bool found;
	size_t at = find_position(table, key, &found);
	if (!found && table->count < (size_t)emu->options.limit_datatable_rows) {
		insert_row(table, at, key, json);
		save(emu, table, &table->rows[at]);
		hsm_buffer_append_string(&request->answer, json);
		return;
	}
	if (found)
		hsm_emu_fail_detail(hsm_emu_fail(request, 409, "datatable.row.duplicate",
						 "There is a row of this key"), "duplicate.value", "key");
	else
		hsm_emu_fail(request, 400, "datatable.row.limit", "The data table holds %zu rows already",
			     table->count);
	free(key);
	free(json);
}

void hsm_emu_rows_replace(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_datatable *table = hsm_emu_datatable_captured(emu, request);
	struct hsm_emu_row *row = find_captured(request, table);
	char *key, *json = row ? read_row(request, table, &key) : NULL;
	if (!json)
		return;
	if (strcmp(key, row->key) == 0) {
		free(row->json);
		row->json = json;
		save(emu, table, row);
		hsm_buffer_append_string(&request->answer, json);
	} else {
		hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request",
						 "The row's key is not the one of the path"), "invalid.value", "key");
		free(json);
	}
	free(key);
}

static void append_row(struct hsm_buffer *out, const struct hsm_emu_row *row, bool whole)
{
	if (whole) {
		hsm_buffer_append_string(out, row->json);
		return;
	}
	hsm_buffer_append_char(out, '{');
	hsm_emu_json_append_member(out, "key", row->key);
	hsm_buffer_append_char(out, '}');
}

void hsm_emu_rows_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_row *row = find_captured(request, hsm_emu_datatable_captured(emu, request));
	bool whole;
	if (row && hsm_emu_request_choice(request, "showbrief", "true", "false", &whole))
		append_row(&request->answer, row, whole);
}

void hsm_emu_rows_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_datatable *table = hsm_emu_datatable_captured(emu, request);
	bool whole, descending;
	struct hsm_emu_page page;
	if (!table || !hsm_emu_request_choice(request, "showbrief", "true", "false", &whole) ||
	    !hsm_emu_request_choice(request, "sortOrder", "ascending", "descending", &descending) ||
	    !hsm_emu_page_begin(request, table->count, &page))
		return;
	hsm_emu_page_open(request);
	for (size_t i = page.first; i < page.end; i++) {
		if (i > page.first)
			hsm_buffer_append_char(&request->answer, ',');
		append_row(&request->answer, &table->rows[descending ? table->count - 1 - i : i], whole);
	}
	hsm_emu_page_close(request, &page);
}

void hsm_emu_rows_delete(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_datatable *table = hsm_emu_datatable_captured(emu, request);
	struct hsm_emu_row *row = find_captured(request, table);
	if (!row)
		return;
	unstore(emu, table, row);
	free(row->key);
	free(row->json);
	table->count--;
	memmove(row, row + 1, (size_t)(table->rows + table->count - row) * sizeof(*row));
	request->status = 204;
}

void hsm_emu_rows_extend(struct hsm_emu_datatable *table, const cJSON *schema)
{
	struct hsm_buffer added = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_emu_schema_append_row(&added, schema, table->schema, NULL);
	for (size_t i = 0; added.length && i < table->count; i++) {
		char **json = &table->rows[i].json;
		size_t length = strlen(*json) - 1;
		*json = hsm_memory_resize(*json, length + added.length + 3, 1);
		snprintf(*json + length, added.length + 3, ",%s}", added.data);
	}
	hsm_buffer_release(&added);
}

void hsm_emu_rows_unstore(struct hsm_emu *emu, const struct hsm_emu_datatable *table)
{
	for (size_t i = 0; i < table->count; i++)
		unstore(emu, table, &table->rows[i]);
}

/* Columns that came after the row was stored get their defaults here. */
static bool load(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	(void)sequence;
	char table_id[EMU_ID_SIZE];
	snprintf(table_id, sizeof(table_id), "%.*s", (int)strcspn(id, "/"), id);
	struct hsm_emu_datatable *table = hsm_emu_datatable_find(emu, table_id);
	cJSON *document = table ? cJSON_Parse(json) : NULL;
	const char *field;
	char *row = document ? build_row(table, document, &field) : NULL;
	if (row) {
		const char *key = hsm_emu_json_string(document, "key");
		bool found;
		insert_row(table, find_position(table, key, &found), hsm_memory_copy_string(key), row);
	}
	cJSON_Delete(document);
	return row != NULL;
}

bool hsm_emu_rows_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "datatable_row", load);
}

void hsm_emu_rows_release(struct hsm_emu_datatable *table)
{
	for (size_t i = 0; i < table->count; i++) {
		free(table->rows[i].key);
		free(table->rows[i].json);
	}
	free(table->rows);
}
