#include "cmd/emulator/datatables.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"

#define DATATABLES_MAXIMUM 1000

struct hsm_emu_datatable *hsm_emu_datatable_find(const struct hsm_emu *emu, const char *id)
{
	for (size_t i = 0; i < emu->datatables.count; i++)
		if (strcmp(emu->datatables.tables[i]->id, id) == 0)
			return emu->datatables.tables[i];
	return NULL;
}

struct hsm_emu_datatable *hsm_emu_datatable_captured(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_datatable *table = hsm_emu_datatable_find(emu, request->captures[0]);
	if (!table)
		hsm_emu_fail(request, 404, "not.found", "There is no such data table");
	return table;
}

/* A name as names are compared, to be freed; NULL where it is not UTF-8. */
static char *fold(const char *name)
{
	utf8proc_uint8_t *folded = NULL;
	utf8proc_map((const utf8proc_uint8_t *)name, 0, &folded,
		     UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
	return (char *)folded;
}

/* Only * is special. */
static bool name_matches(const char *name, const char *pattern)
{
	const char *star = NULL, *from = name;
	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			from = name;
		} else if (*pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++from;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

static void append_table(struct hsm_buffer *out, const struct hsm_emu_datatable *table, bool with_schema)
{
	hsm_buffer_append_char(out, '{');
	hsm_emu_json_append_member(out, "id", table->id);
	hsm_emu_json_append_member(out, "name", table->name);
	if (table->description)
		hsm_emu_json_append_member(out, "description", table->description);
	if (table->division_id) {
		hsm_buffer_append_string(out, ",\"division\":{");
		hsm_emu_json_append_member(out, "id", table->division_id);
		if (table->division_name)
			hsm_emu_json_append_member(out, "name", table->division_name);
		hsm_buffer_append_char(out, '}');
	}
	if (with_schema) {
		hsm_buffer_append_string(out, ",\"schema\":");
		hsm_emu_json_append(out, table->schema);
	}
	hsm_buffer_append_format(out, ",\"selfUri\":\"/api/v2/flows/datatables/%s\"}", table->id);
}

static bool is_given(const cJSON *item)
{
	return item && !cJSON_IsNull(item);
}

/* Whether it describes a table; field gets what does not. */
static bool check_table(const cJSON *json, struct hsm_buffer *field)
{
	const cJSON *description = hsm_emu_json_get(json, "description");
	const cJSON *division = hsm_emu_json_get(json, "division");
	const char *name = hsm_emu_json_string(json, "name");
	if (!name || !*name)
		hsm_buffer_append_string(field, "name");
	else if (is_given(description) && !cJSON_IsString(description))
		hsm_buffer_append_string(field, "description");
	else if (is_given(division) && !hsm_emu_json_string(division, "id"))
		hsm_buffer_append_string(field, "division.id");
	else
		return hsm_emu_schema_check(hsm_emu_json_get(json, "schema"), field);
	return false;
}

static cJSON *read_table(struct hsm_emu_request *request)
{
	struct hsm_buffer field = HSM_BUFFER_INIT(EMU_BODY_MAXIMUM);
	cJSON *json = hsm_emu_request_json(request);
	if (json && !check_table(json, &field)) {
		cJSON *error = hsm_emu_fail(request, 400, "bad.request", "The data table's %s is missing or not valid",
					    hsm_buffer_text(&field));
		hsm_emu_fail_detail(error, "invalid.value", hsm_buffer_text(&field));
		cJSON_Delete(json);
		json = NULL;
	}
	hsm_buffer_release(&field);
	return json;
}

static bool check_name_is_free(struct hsm_emu *emu, struct hsm_emu_request *request, const char *name,
			       const struct hsm_emu_datatable *except)
{
	char *folded = fold(name);
	bool taken = false;
	for (size_t i = 0; i < emu->datatables.count && !taken; i++)
		taken = emu->datatables.tables[i] != except && strcmp(emu->datatables.tables[i]->folded, folded) == 0;
	free(folded);
	if (taken)
		hsm_emu_fail_detail(hsm_emu_fail(request, 409, "datatable.duplicate",
						 "There is a data table of this name"), "duplicate.value", "name");
	return !taken;
}

/* A division stays where none is given. */
static void fill_table(struct hsm_emu_datatable *table, const cJSON *json)
{
	const cJSON *division = hsm_emu_json_get(json, "division");
	hsm_emu_text_set(&table->name, hsm_emu_json_string(json, "name"));
	hsm_emu_text_set(&table->description, hsm_emu_json_string(json, "description"));
	free(table->folded);
	table->folded = fold(table->name);
	if (is_given(division)) {
		hsm_emu_text_set(&table->division_id, hsm_emu_json_string(division, "id"));
		hsm_emu_text_set(&table->division_name, hsm_emu_json_string(division, "name"));
	}
	cJSON_Delete(table->schema);
	table->schema = cJSON_Duplicate(hsm_emu_json_get(json, "schema"), true);
}

static struct hsm_emu_datatable *add_table(struct hsm_emu *emu, const char *id, uint64_t sequence)
{
	struct hsm_emu_datatables *datatables = &emu->datatables;
	struct hsm_emu_datatable *table = hsm_memory_allocate(sizeof(*table));
	HSM_MEMORY_GROW(datatables->tables, datatables->count, datatables->capacity);
	datatables->tables[datatables->count++] = table;
	table->sequence = sequence;
	snprintf(table->id, sizeof(table->id), "%s", id);
	return table;
}

static void save(struct hsm_emu *emu, const struct hsm_emu_datatable *table)
{
	struct hsm_buffer json = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	append_table(&json, table, true);
	hsm_emu_store_put(emu, "datatable", table->id, table->sequence, json.data);
	hsm_buffer_release(&json);
}

void hsm_emu_datatables_create(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	bool with_schema;
	if (!hsm_emu_request_choice(request, "expand", "", "schema", &with_schema))
		return;
	cJSON *json = read_table(request);
	if (!json)
		return;
	if (emu->datatables.count >= DATATABLES_MAXIMUM) {
		hsm_emu_fail(request, 400, "datatable.limit", "There are %d data tables already", DATATABLES_MAXIMUM);
	} else if (check_name_is_free(emu, request, hsm_emu_json_string(json, "name"), NULL)) {
		char id[EMU_ID_SIZE];
		hsm_emu_id_generate(id);
		struct hsm_emu_datatable *table = add_table(emu, id, ++emu->sequence);
		fill_table(table, json);
		save(emu, table);
		append_table(&request->answer, table, with_schema);
	}
	cJSON_Delete(json);
}

void hsm_emu_datatables_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	bool with_schema;
	const struct hsm_emu_datatable *table = hsm_emu_datatable_captured(emu, request);
	if (table && hsm_emu_request_choice(request, "expand", "", "schema", &with_schema))
		append_table(&request->answer, table, with_schema);
}

/* Rows are never lost to a write of their table: columns only come. */
static bool check_extends(struct hsm_emu_request *request, const struct hsm_emu_datatable *table, const cJSON *schema)
{
	struct hsm_buffer field = HSM_BUFFER_INIT(EMU_BODY_MAXIMUM);
	bool good = hsm_emu_schema_extends(schema, table->schema, &field);
	if (!good) {
		cJSON *error = hsm_emu_fail(request, 400, "bad.request",
					    "The data table's %s can be neither changed nor removed, only others added",
					    hsm_buffer_text(&field));
		hsm_emu_fail_detail(error, "invalid.value", hsm_buffer_text(&field));
	}
	hsm_buffer_release(&field);
	return good;
}

void hsm_emu_datatables_replace(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	bool with_schema;
	struct hsm_emu_datatable *table = hsm_emu_datatable_captured(emu, request);
	if (!table || !hsm_emu_request_choice(request, "expand", "", "schema", &with_schema))
		return;
	cJSON *json = read_table(request), *schema = hsm_emu_json_get(json, "schema");
	if (json && check_name_is_free(emu, request, hsm_emu_json_string(json, "name"), table) &&
	    check_extends(request, table, schema)) {
		hsm_emu_rows_extend(table, schema);
		fill_table(table, json);
		save(emu, table);
		append_table(&request->answer, table, with_schema);
	}
	cJSON_Delete(json);
}

static void free_table(struct hsm_emu_datatable *table)
{
	hsm_emu_rows_release(table);
	free(table->name);
	free(table->folded);
	free(table->description);
	free(table->division_id);
	free(table->division_name);
	cJSON_Delete(table->schema);
	free(table);
}

void hsm_emu_datatables_delete(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_datatables *datatables = &emu->datatables;
	struct hsm_emu_datatable *table = hsm_emu_datatable_captured(emu, request);
	if (!table)
		return;
	size_t at = 0;
	while (datatables->tables[at] != table)
		at++;
	datatables->count--;
	memmove(datatables->tables + at, datatables->tables + at + 1,
		(datatables->count - at) * sizeof(struct hsm_emu_datatable *));
	hsm_emu_rows_unstore(emu, table);
	hsm_emu_store_delete(emu, "datatable", table->id);
	free_table(table);
	request->status = 204;
}

static int compare_ids(const void *one, const void *other)
{
	const struct hsm_emu_datatable *const *a = one, *const *b = other;
	return strcmp((*a)->id, (*b)->id);
}

static int compare_names(const void *one, const void *other)
{
	const struct hsm_emu_datatable *const *a = one, *const *b = other;
	return strcmp((*a)->folded, (*b)->folded);
}

/* The tables that are asked for, in ascending order; to be freed. */
static struct hsm_emu_datatable **select_tables(struct hsm_emu *emu, const char *name, bool by_name, size_t *count)
{
	struct hsm_emu_datatables *datatables = &emu->datatables;
	struct hsm_emu_datatable **tables = hsm_memory_allocate((datatables->count + 1) * sizeof(*tables));
	char *pattern = fold(name ? name : "*");
	*count = 0;
	for (size_t i = 0; pattern && i < datatables->count; i++)
		if (name_matches(datatables->tables[i]->folded, pattern))
			tables[(*count)++] = datatables->tables[i];
	free(pattern);
	qsort(tables, *count, sizeof(*tables), by_name ? compare_names : compare_ids);
	return tables;
}

void hsm_emu_datatables_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	bool with_schema, by_name, descending;
	if (!hsm_emu_request_choice(request, "expand", "", "schema", &with_schema) ||
	    !hsm_emu_request_choice(request, "sortBy", "id", "name", &by_name) ||
	    !hsm_emu_request_choice(request, "sortOrder", "ascending", "descending", &descending))
		return;
	size_t count;
	struct hsm_emu_datatable **tables = select_tables(emu, hsm_emu_request_query(request, "name"), by_name, &count);
	struct hsm_emu_page page;
	if (hsm_emu_page_begin(request, count, &page)) {
		hsm_emu_page_open(request);
		for (size_t i = page.first; i < page.end; i++) {
			if (i > page.first)
				hsm_buffer_append_char(&request->answer, ',');
			append_table(&request->answer, tables[descending ? count - 1 - i : i], with_schema);
		}
		hsm_emu_page_close(request, &page);
	}
	free(tables);
}

void hsm_emu_datatables_append(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_buffer *out = &request->answer;
	hsm_buffer_append_char(out, '[');
	for (size_t i = 0; i < emu->datatables.count; i++) {
		const struct hsm_emu_datatable *table = emu->datatables.tables[i];
		hsm_buffer_append_string(out, i ? ",{" : "{");
		hsm_emu_json_append_member(out, "id", table->id);
		hsm_emu_json_append_member(out, "name", table->name);
		hsm_buffer_append_string(out, ",\"rows\":[");
		for (size_t row = 0; row < table->count; row++) {
			if (row)
				hsm_buffer_append_char(out, ',');
			hsm_buffer_append_string(out, table->rows[row].json);
		}
		hsm_buffer_append_string(out, "]}");
	}
	hsm_buffer_append_char(out, ']');
}

static bool load(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	struct hsm_buffer field = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	cJSON *document = cJSON_Parse(json);
	bool good = document && check_table(document, &field);
	if (good)
		fill_table(add_table(emu, id, sequence), document);
	hsm_buffer_release(&field);
	cJSON_Delete(document);
	return good;
}

bool hsm_emu_datatables_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "datatable", load) && hsm_emu_rows_load(emu);
}

void hsm_emu_datatables_release(struct hsm_emu *emu)
{
	for (size_t i = 0; i < emu->datatables.count; i++)
		free_table(emu->datatables.tables[i]);
	free(emu->datatables.tables);
	emu->datatables = (struct hsm_emu_datatables){ 0 };
}
