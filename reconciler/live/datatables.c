#include "reconciler/live/datatables.h"

#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/genesys.h"
#include "reconciler/live/write.h"
#include "schema/json.h"

#define DATATABLES "/api/v2/flows/datatables"
#define CREATES_MAX 2
#define ROW_CREATES_MAX 5 /* there are thousands, and one that fails fails the run */

static const cJSON *get(const cJSON *json, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(json, name);
}

void hsm_datatable_release(struct hsm_datatable *table)
{
	cJSON_Delete(table->json);
	*table = (struct hsm_datatable){ 0 };
}

/* Owns the json from now on. */
static int keep(struct hsm_datatable *table, cJSON *json, struct hsm_error *error)
{
	const char *description = cJSON_GetStringValue(get(json, "description"));
	const char *id = cJSON_GetStringValue(get(json, "id"));
	hsm_datatable_release(table);
	*table = (struct hsm_datatable){ .json = json, .id = id, .name = cJSON_GetStringValue(get(json, "name")),
					 .description = description ? description : "", .schema = get(json, "schema") };
	bool has_id = id && *id;
	if (has_id && cJSON_IsObject(table->schema))
		return 0;
	hsm_datatable_release(table);
	return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a data table has no '%s'", has_id ? "schema" : "id");
}

struct search {
	const char *name;
	struct hsm_datatable *table;
};

static void begin_search(void *user, size_t page_count)
{
	struct search *search = user;
	(void)page_count;
	hsm_datatable_release(search->table);
}

/* The API compares names in its own way, with '*' as a wildcard. */
static int take_tables(void *user, size_t page, const cJSON *entities, struct hsm_error *error)
{
	struct search *search = user;
	const cJSON *entity;
	(void)page;
	cJSON_ArrayForEach(entity, entities) {
		const char *name = cJSON_GetStringValue(get(entity, "name"));
		if (name && strcmp(name, search->name) == 0)
			return keep(search->table, cJSON_Duplicate(entity, true), error);
	}
	return 0;
}

int hsm_datatable_find(struct hsm_connection *connection, const char *name, struct hsm_datatable *table,
		       struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct search search = { name, table };
	struct hsm_pages pages = { .connection = connection, .path = DATATABLES, .begin = begin_search,
				   .take = take_tables, .user = &search };
	pages.query = hsm_arena_format(&arena, "&expand=schema&name=%s", hsm_path_escape(&arena, name));
	hsm_datatable_release(table);
	int status = hsm_pages_read(&pages, error);
	if (status)
		hsm_datatable_release(table);
	hsm_arena_release(&arena);
	return status;
}

/* One request for a whole table, and what became of it. */
struct request {
	struct hsm_connection *connection;
	const char *body;
	struct hsm_datatable *table; /* to be filled by a create */
	long answered;               /* its status */
	bool lost;                   /* it may have been done */
	int status;
	struct hsm_error error;
};

static bool is_lost(const struct hsm_http_answer *answer)
{
	return answer->fate == HSM_HTTP_LOST ||
	       (answer->fate == HSM_HTTP_ANSWERED && (answer->status >= 500 || answer->status == 408));
}

/* The table as it was sent, with the id of the answer. */
static int take_created(struct request *request, const struct hsm_http_answer *answer)
{
	cJSON *json, *table;
	struct hsm_error why;
	if (hsm_json_parse(&json, answer->body, answer->length, &why))
		return hsm_answer_unusable(answer, why.message, &request->error);
	const char *id = cJSON_GetStringValue(get(json, "id"));
	table = cJSON_Parse(request->body);
	cJSON_AddStringToObject(table, "id", id ? id : "");
	cJSON_Delete(json);
	int status = keep(request->table, table, &why);
	return status ? hsm_answer_unusable(answer, why.message, &request->error) : 0;
}

static void request_done(void *user, const struct hsm_http_answer *answer)
{
	struct request *request = user;
	request->answered = answer->fate == HSM_HTTP_ANSWERED ? answer->status : 0;
	request->lost = is_lost(answer);
	if (!hsm_answer_is_good(answer)) {
		request->status = hsm_answer_fail(request->connection, answer, hsm_answer_class(answer), &request->error);
	} else if (request->table) {
		request->status = take_created(request, answer);
		request->lost = request->status != 0;
	}
}

static void run_request(struct request *request, const char *method, const char *path, enum hsm_http_repeat repeat)
{
	hsm_http_send(request->connection->http, &(struct hsm_http_request){
		.method = method,
		.base = request->connection->settings->base_url,
		.path = path,
		.content_type = "application/json",
		.body = request->body,
		.repeat = repeat,
		.done = request_done,
		.user = request,
	});
	hsm_http_run(request->connection->http);
}

/* Looks up what a create came to that was not plainly done. */
static int look_up(struct request *request, const char *name, struct hsm_error *error)
{
	bool taken = request->answered == 409;
	if (hsm_datatable_find(request->connection, name, request->table, error))
		return hsm_error_prefix(error, "POST " DATATABLES ": %s",
					taken ? "409: the name is taken, and by which table can't be told" :
						"no answer that can be used, and whether it was done can't be told");
	if (request->table->id || !taken)
		return 0;
	*error = request->error;
	return hsm_error_prefix(error, "the data table's name '%s' is taken, and no table of exactly this name is to be "
				"seen: one has it in another case, or in a division that the credentials may not "
				"see; name another one", name);
}

static int create(struct hsm_connection *connection, const char *name, const char *body, struct hsm_datatable *table,
		  struct hsm_error *error)
{
	for (int creates = 1;; creates++) {
		struct request request = { .connection = connection, .body = body, .table = table };
		run_request(&request, "POST", DATATABLES, HSM_HTTP_ONCE);
		bool doubtful = request.lost || request.answered == 409;
		int status = doubtful ? look_up(&request, name, error) : 0;
		if (status || table->id)
			return status;
		if (!doubtful || creates == CREATES_MAX) {
			*error = request.error;
			return request.status;
		}
	}
}

/* division NULL: left to the API. */
static const char *make_body(struct hsm_arena *arena, const char *id, const char *name, const char *description,
			     const char *division, const char *schema)
{
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer json = { .buffer = &body };
	hsm_json_begin_object(&json, NULL);
	if (id)
		hsm_json_write_string(&json, "id", id);
	hsm_json_write_string(&json, "name", name);
	hsm_json_write_string(&json, "description", description);
	if (division) {
		hsm_json_begin_object(&json, "division");
		hsm_json_write_string(&json, "id", division);
		hsm_json_end_object(&json);
	}
	hsm_json_write_raw(&json, "schema", schema);
	hsm_json_end_object(&json);
	const char *copy = hsm_arena_copy(arena, body.data, body.length);
	hsm_buffer_release(&body);
	return copy;
}

int hsm_datatable_create(struct hsm_connection *connection, const char *name, const char *description,
			 const char *schema, struct hsm_datatable *table, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	hsm_datatable_release(table);
	int status = create(connection, name, make_body(&arena, NULL, name, description, NULL, schema), table, error);
	hsm_arena_release(&arena);
	return status;
}

int hsm_datatable_extend(struct hsm_connection *connection, const struct hsm_datatable *table, const char *schema,
			 struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct request request = { .connection = connection };
	request.body = make_body(&arena, table->id, table->name, table->description,
				 cJSON_GetStringValue(get(get(table->json, "division"), "id")), schema);
	run_request(&request, "PUT",
		    hsm_arena_format(&arena, DATATABLES "/%s", hsm_path_escape(&arena, table->id)),
		    HSM_HTTP_REPEATABLE);
	hsm_arena_release(&arena);
	if (request.status)
		*error = request.error;
	return request.status;
}

static const char *rows_path(struct hsm_arena *arena, const char *table_id)
{
	return hsm_arena_format(arena, DATATABLES "/%s/rows", hsm_path_escape(arena, table_id));
}

static void begin_rows(void *user, size_t page_count)
{
	cJSON **rows = user;
	(void)page_count;
	cJSON_Delete(*rows);
	*rows = cJSON_CreateArray();
}

static int take_rows(void *user, size_t page, const cJSON *entities, struct hsm_error *error)
{
	cJSON **rows = user;
	const cJSON *entity;
	(void)page;
	cJSON_ArrayForEach(entity, entities) {
		if (!cJSON_IsString(get(entity, "key")))
			return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a row has no string 'key'");
		cJSON_AddItemToArray(*rows, cJSON_Duplicate(entity, true));
	}
	return 0;
}

int hsm_datatable_read_rows(struct hsm_connection *connection, const char *table_id, cJSON **rows,
			    struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct hsm_pages pages = { .connection = connection, .path = rows_path(&arena, table_id),
				   .query = "&showbrief=false", .identity = "key", .begin = begin_rows,
				   .take = take_rows, .user = rows };
	*rows = NULL;
	int status = hsm_pages_read(&pages, error);
	if (status) {
		cJSON_Delete(*rows);
		*rows = NULL;
	}
	hsm_arena_release(&arena);
	return status;
}

struct reading {
	const struct hsm_connection *connection;
	cJSON *rows;
	int status; /* of the first that failed */
	struct hsm_error *error;
};

static void read_done(void *user, const struct hsm_http_answer *answer)
{
	struct reading *reading = user;
	struct hsm_error why;
	cJSON *row = NULL;
	bool gone = answer->fate == HSM_HTTP_ANSWERED && answer->status == 404;
	if (gone || reading->status)
		return;
	if (!hsm_answer_is_good(answer))
		reading->status = hsm_answer_fail(reading->connection, answer, hsm_answer_class(answer), reading->error);
	else if (hsm_json_parse(&row, answer->body, answer->length, &why))
		reading->status = hsm_answer_unusable(answer, why.message, reading->error);
	else if (!cJSON_IsString(get(row, "key")))
		reading->status = hsm_answer_unusable(answer, "a row has no string 'key'", reading->error);
	if (!reading->status)
		cJSON_AddItemToArray(reading->rows, row);
	else
		cJSON_Delete(row);
}

int hsm_datatable_read_some(struct hsm_connection *connection, const char *table_id, const char *const *keys,
			    size_t count, cJSON **rows, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct reading reading = { .connection = connection, .rows = cJSON_CreateArray(), .error = error };
	const char *path = rows_path(&arena, table_id);
	for (size_t i = 0; i < count; i++)
		hsm_http_send(connection->http, &(struct hsm_http_request){
			.method = "GET",
			.base = connection->settings->base_url,
			.path = hsm_arena_format(&arena, "%s/%s?showbrief=false", path, hsm_path_escape(&arena, keys[i])),
			.repeat = HSM_HTTP_READ,
			.done = read_done,
			.user = &reading,
		});
	hsm_http_run(connection->http);
	hsm_arena_release(&arena);
	*rows = reading.rows;
	if (reading.status) {
		cJSON_Delete(reading.rows);
		*rows = NULL;
	}
	return reading.status;
}

bool hsm_datatable_has_path(const char *key)
{
	return *key && strcmp(key, ".") != 0 && strcmp(key, "..") != 0;
}

static void create_done(void *user, const struct hsm_http_answer *answer);
static void replace_done(void *user, const struct hsm_http_answer *answer);

static void create_row(struct hsm_write *write)
{
	write->creates++;
	hsm_write_send(write, "POST", write->path, write->body, HSM_HTTP_ONCE, create_done);
}

static const char *row_path(struct hsm_write *write)
{
	return hsm_arena_format(&write->arena, "%s/%s", write->path, hsm_path_escape(&write->arena, write->id));
}

static void replace_row(struct hsm_write *write)
{
	hsm_write_send(write, "PUT", row_path(write), write->body, HSM_HTTP_REPEATABLE, replace_done);
}

static void create_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	bool taken = answer->fate == HSM_HTTP_ANSWERED && answer->status == 409;
	if (hsm_answer_is_good(answer))
		hsm_write_end(write, &(struct hsm_write_result){ .outcome = HSM_OUTCOME_DONE });
	else if (taken || (is_lost(answer) && write->creates < ROW_CREATES_MAX))
		replace_row(write);
	else
		hsm_write_fail(write, answer);
}

static void replace_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	bool gone = answer->fate == HSM_HTTP_ANSWERED && answer->status == 404;
	if (hsm_answer_is_good(answer))
		hsm_write_end(write, &(struct hsm_write_result){ .outcome = HSM_OUTCOME_DONE });
	else if (gone && write->creates < ROW_CREATES_MAX)
		create_row(write);
	else
		hsm_write_fail(write, answer);
}

static struct hsm_write *make_write(struct hsm_connection *connection, const char *table_id, const char *key,
					    const char *row, hsm_write_done *done, void *user)
{
	struct hsm_arena arena = { 0 };
	struct hsm_write *write = hsm_write_make(connection, rows_path(&arena, table_id), done, user);
	hsm_arena_release(&arena);
	write->id = hsm_arena_copy_string(&write->arena, key);
	write->body = hsm_arena_copy_string(&write->arena, row);
	return write;
}

void hsm_datatable_create_row(struct hsm_connection *connection, const char *table_id, const char *key,
			      const char *row, hsm_write_done *done, void *user)
{
	create_row(make_write(connection, table_id, key, row, done, user));
}

void hsm_datatable_replace_row(struct hsm_connection *connection, const char *table_id, const char *key,
			       const char *row, hsm_write_done *done, void *user)
{
	replace_row(make_write(connection, table_id, key, row, done, user));
}

void hsm_datatable_delete_row(struct hsm_connection *connection, const char *table_id, const char *key,
			      hsm_write_done *done, void *user)
{
	struct hsm_write *write = make_write(connection, table_id, key, NULL, done, user);
	hsm_write_send(write, "DELETE", row_path(write), NULL, HSM_HTTP_REPEATABLE, hsm_write_delete_done);
}
