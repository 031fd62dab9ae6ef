/*
 * The writes of responses. A name may be there more than once as far as the API is
 * concerned, so a create whose answer was lost is looked up by name and content
 * before it is repeated.
 */
#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/pages.h"
#include "reconciler/live/response_wire.h"
#include "reconciler/live/write.h"
#include "schema/json.h"

#define CREATES_MAX 2
#define UPDATES_MAX 3

/* Of a response, at write->more. */
struct wanted {
	struct hsm_response_write write;
	unsigned updates; /* sent */
};

static bool is_lost(const struct hsm_http_answer *answer)
{
	return answer->fate == HSM_HTTP_LOST || (answer->fate == HSM_HTTP_ANSWERED && answer->status >= 500);
}

static void end_done(struct hsm_write *write, const char *id)
{
	hsm_write_end(write, &(struct hsm_write_result){ .outcome = HSM_OUTCOME_DONE, .id = id });
}

/* Otherwise every run would make another one, or write it again. */
static void end_rewritten(struct hsm_write *write)
{
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_UNAVAILABLE };
	hsm_error_set(&result.error, HSM_ERROR_FAILED,
		      "response %s: the API keeps other content than was sent, so nothing more is written", write->name);
	hsm_write_end(write, &result);
}

static bool is_as_wanted(struct hsm_write *write, const struct hsm_live_response *response)
{
	const struct wanted *wanted = write->more;
	return strcmp(hsm_canned_fingerprint(&write->arena, &response->content), wanted->write.fingerprint) == 0;
}

/* The response that an answer holds; false where it holds none. */
static bool read_answer(struct hsm_write *write, const struct hsm_http_answer *answer, struct hsm_live_response *response)
{
	struct hsm_error why;
	cJSON *json;
	if (hsm_json_parse(&json, answer->body, answer->length, &why))
		return false;
	int status = hsm_response_read(&write->arena, json, response, &why);
	cJSON_Delete(json);
	return !status;
}

static void create(struct hsm_write *write);
static void look(struct hsm_write *write);

static bool find_created(struct hsm_write *write, const cJSON *entities)
{
	const cJSON *entity;
	struct hsm_live_response response;
	struct hsm_error why;
	cJSON_ArrayForEach(entity, entities)
		if (!hsm_response_read(&write->arena, entity, &response, &why) && is_as_wanted(write, &response)) {
			write->id = response.id;
			return true;
		}
	return false;
}

static void look_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_LOST };
	struct hsm_page page;
	if (hsm_page_read(write->connection, answer, &page, &result.error)) {
		hsm_error_prefix(&result.error, "no answer came to POST " HSM_RESPONSES
						", and whether it was done can't be told");
		hsm_write_end(write, &result);
		return;
	}
	bool found = find_created(write, page.entities);
	cJSON_Delete(page.json);
	if (found)
		end_done(write, write->id);
	else if ((int64_t)write->page < page.page_count)
		look(write);
	else
		create(write);
}

static void look(struct hsm_write *write)
{
	const struct wanted *wanted = write->more;
	const char *filters = hsm_response_filters(&write->arena, wanted->write.libraries[0], wanted->write.name);
	hsm_write_send(write, "POST", HSM_RESPONSES "/query", hsm_page_query(&write->arena, filters, ++write->page),
		       HSM_HTTP_READ, look_done);
}

static void create_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct hsm_live_response response;
	bool good = hsm_answer_is_good(answer);
	if (good && read_answer(write, answer, &response)) {
		if (is_as_wanted(write, &response))
			end_done(write, response.id);
		else
			end_rewritten(write);
	} else if ((good || is_lost(answer)) && write->creates < CREATES_MAX) {
		write->page = 0;
		look(write);
	} else {
		hsm_write_fail(write, answer);
	}
}

static void create(struct hsm_write *write)
{
	write->creates++;
	hsm_write_send(write, "POST", HSM_RESPONSES, write->body, HSM_HTTP_ONCE, create_done);
}

/* version 0: it is new. */
static const char *make_body(struct hsm_arena *arena, const struct hsm_response_write *write, int64_t version)
{
	struct hsm_canned response = { 0 };
	struct hsm_canned_library *libraries = hsm_arena_allocate_array(arena, write->library_count, sizeof(*libraries));
	/* It was written by hsm_canned_write: it can be read. */
	hsm_canned_read(arena, write->content, &response, NULL);
	for (size_t i = 0; i < write->library_count; i++)
		libraries[i] = (struct hsm_canned_library){ .node.present = true, .id.text = write->libraries[i] };
	response.libraries = (struct hsm_list){ .items = libraries, .count = write->library_count, .present = true };
	response.version = (struct hsm_integer){ .value = version, .present = version > 0 };
	return hsm_canned_write(arena, &response);
}

static struct hsm_write *make_write(struct hsm_connection *connection, const struct hsm_response_write *from,
				    hsm_write_done *done, void *user)
{
	struct hsm_write *write = hsm_write_make(connection, HSM_RESPONSES, done, user);
	struct hsm_arena *arena = &write->arena;
	struct wanted *wanted = hsm_arena_allocate(arena, sizeof(*wanted));
	const char **libraries = hsm_arena_allocate_array(arena, from->library_count, sizeof(*libraries));
	for (size_t i = 0; i < from->library_count; i++)
		libraries[i] = hsm_arena_copy_string(arena, from->libraries[i]);
	wanted->write = (struct hsm_response_write){
		.name = hsm_arena_copy_string(arena, from->name),
		.content = hsm_arena_copy_string(arena, from->content),
		.libraries = libraries,
		.library_count = from->library_count,
		.fingerprint = hsm_arena_copy_string(arena, from->fingerprint),
		.id = hsm_arena_copy_string(arena, from->id),
		.version = from->version,
		.before = hsm_arena_copy_string(arena, from->before),
	};
	write->name = wanted->write.name;
	write->more = wanted;
	return write;
}

void hsm_responses_create(struct hsm_connection *connection, const struct hsm_response_write *from,
			  hsm_write_done *done, void *user)
{
	struct hsm_write *write = make_write(connection, from, done, user);
	write->body = make_body(&write->arena, from, 0);
	create(write);
}

static const char *response_path(struct hsm_write *write, const char *id)
{
	return hsm_arena_format(&write->arena, HSM_RESPONSES "/%s", hsm_path_escape(&write->arena, id));
}

static void update(struct hsm_write *write);

/* Its version moved: by a write of ours whose answer was lost, or by somebody else's. */
static void reread_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct wanted *wanted = write->more;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_EXISTS };
	struct hsm_live_response response;
	if (!hsm_answer_is_good(answer) || !read_answer(write, answer, &response)) {
		hsm_write_fail(write, answer);
	} else if (is_as_wanted(write, &response)) {
		end_done(write, response.id);
	} else if (wanted->updates < UPDATES_MAX &&
		   strcmp(hsm_canned_fingerprint(&write->arena, &response.content), wanted->write.before) == 0) {
		wanted->write.version = response.version;
		update(write);
	} else {
		hsm_error_set(&result.error, HSM_ERROR_FAILED,
			      "response %s: somebody else changes it: plan again", write->name);
		hsm_write_end(write, &result);
	}
}

/* 409, or, as CX as Code knows it, a 400 that says so. */
static bool is_version_moved(const struct hsm_http_answer *answer)
{
	return answer->fate == HSM_HTTP_ANSWERED &&
	       (answer->status == 409 ||
		(answer->status == 400 && strstr(answer->body, "does not match the current version")));
}

static void update_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	const struct wanted *wanted = write->more;
	struct hsm_live_response response;
	if (hsm_answer_is_good(answer)) {
		if (read_answer(write, answer, &response) && !is_as_wanted(write, &response))
			end_rewritten(write);
		else
			end_done(write, wanted->write.id);
	} else if (is_version_moved(answer)) {
		hsm_write_send(write, "GET", response_path(write, wanted->write.id), NULL, HSM_HTTP_READ, reread_done);
	} else {
		hsm_write_fail(write, answer);
	}
}

static void update(struct hsm_write *write)
{
	struct wanted *wanted = write->more;
	wanted->updates++;
	hsm_write_send(write, "PUT", response_path(write, wanted->write.id),
		       make_body(&write->arena, &wanted->write, wanted->write.version), HSM_HTTP_REPEATABLE, update_done);
}

void hsm_responses_update(struct hsm_connection *connection, const struct hsm_response_write *from,
			  hsm_write_done *done, void *user)
{
	update(make_write(connection, from, done, user));
}

void hsm_responses_delete(struct hsm_connection *connection, const char *id, hsm_write_done *done, void *user)
{
	struct hsm_write *write = hsm_write_make(connection, HSM_RESPONSES, done, user);
	hsm_write_send(write, "DELETE", response_path(write, id), NULL, HSM_HTTP_REPEATABLE, hsm_write_delete_done);
}

static void create_library(struct hsm_write *write);
static void look_for_library(struct hsm_write *write);

static void library_look_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_LOST };
	struct hsm_page page;
	const cJSON *entity;
	if (hsm_page_read(write->connection, answer, &page, &result.error)) {
		hsm_error_prefix(&result.error, "no answer came to POST " HSM_RESPONSES_LIBRARIES
						", and whether it was done can't be told");
		hsm_write_end(write, &result);
		return;
	}
	cJSON_ArrayForEach(entity, page.entities)
	{
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entity, "name"));
		const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entity, "id"));
		if (name && id && strcmp(name, write->name) == 0)
			write->id = hsm_arena_copy_string(&write->arena, id);
	}
	cJSON_Delete(page.json);
	if (write->id)
		end_done(write, write->id);
	else if ((int64_t)write->page < page.page_count)
		look_for_library(write);
	else
		create_library(write);
}

static void look_for_library(struct hsm_write *write)
{
	const char *path = hsm_arena_format(&write->arena, HSM_RESPONSES_LIBRARIES "?pageSize=%d&pageNumber=%zu&libraryPrefix=%s",
					    HSM_PAGE_SIZE, ++write->page, hsm_path_escape(&write->arena, write->name));
	hsm_write_send(write, "GET", path, NULL, HSM_HTTP_READ, library_look_done);
}

static void library_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	cJSON *json = NULL;
	bool good = hsm_answer_is_good(answer);
	if (good && !hsm_json_parse(&json, answer->body, answer->length, NULL))
		write->id = hsm_arena_copy_string(
			&write->arena, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "id")));
	cJSON_Delete(json);
	if (write->id && *write->id) {
		end_done(write, write->id);
	} else if ((good || is_lost(answer)) && write->creates < CREATES_MAX) {
		write->id = NULL;
		write->page = 0;
		look_for_library(write);
	} else {
		hsm_write_fail(write, answer);
	}
}

static void create_library(struct hsm_write *write)
{
	write->creates++;
	hsm_write_send(write, "POST", HSM_RESPONSES_LIBRARIES, write->body, HSM_HTTP_ONCE, library_done);
}

void hsm_responses_create_library(struct hsm_connection *connection, const char *name, hsm_write_done *done,
				  void *user)
{
	struct hsm_write *write = hsm_write_make(connection, HSM_RESPONSES_LIBRARIES, done, user);
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer json = { .buffer = &body };
	hsm_json_begin_object(&json, NULL);
	hsm_json_write_string(&json, "name", name);
	hsm_json_end_object(&json);
	write->name = hsm_arena_copy_string(&write->arena, name);
	write->body = hsm_arena_copy(&write->arena, hsm_buffer_text(&body), body.length);
	hsm_buffer_release(&body);
	create_library(write);
}
