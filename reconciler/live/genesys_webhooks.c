#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/genesys.h"
#include "reconciler/live/write.h"
#include "schema/json.h"

/* The writes of webhooks. A name may be there more than once as far as the API
 * is concerned, so a create whose answer was lost is looked up by its name before
 * it is repeated. */

#define CREATES_MAX 2

static const char *make_body(struct hsm_arena *arena, const struct hsm_webhook_write *webhook)
{
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer json = { .buffer = &body };
	hsm_json_begin_object(&json, NULL);
	hsm_json_write_string(&json, "name", webhook->name);
	hsm_json_write_string(&json, "url", webhook->url);
	hsm_json_begin_array(&json, "events");
	for (size_t i = 0; i < webhook->event_count; i++)
		hsm_json_write_string(&json, NULL, webhook->events[i]);
	hsm_json_end_array(&json);
	hsm_json_write_boolean(&json, "enabled", webhook->enabled);
	if (webhook->secret)
		hsm_json_write_string(&json, "secret", webhook->secret);
	hsm_json_end_object(&json);
	const char *copy = hsm_arena_copy(arena, body.data, body.length);
	hsm_buffer_release(&body);
	return copy;
}

/* Its id in the answer; the one that was written where the answer has none. */
static const char *read_id(struct hsm_write *write, const struct hsm_http_answer *answer)
{
	struct hsm_wire_webhook webhook = { 0 };
	cJSON *json;
	if (hsm_json_parse(&json, answer->body, answer->length, NULL))
		return write->id;
	int status = hsm_json_read(&write->arena, json, &hsm_wire_webhook_object, &webhook, NULL);
	cJSON_Delete(json);
	return status ? write->id : webhook.id.text;
}

static void update_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE };
	if (!hsm_answer_is_good(answer)) {
		hsm_write_fail(write, answer);
		return;
	}
	result.id = read_id(write, answer);
	hsm_write_end(write, &result);
}

static void update(struct hsm_write *write)
{
	const char *path = hsm_arena_format(&write->arena, HSM_GENESYS_WEBHOOKS "/%s",
					    hsm_path_escape(&write->arena, write->id));
	hsm_write_send(write, "PUT", path, write->body, HSM_HTTP_REPEATABLE, update_done);
}

static void create_done(void *user, const struct hsm_http_answer *answer);

static void create(struct hsm_write *write)
{
	write->creates++;
	hsm_write_send(write, "POST", HSM_GENESYS_WEBHOOKS, write->body, HSM_HTTP_ONCE, create_done);
}

static void look_done(void *user, const struct hsm_http_answer *answer);

static void look(struct hsm_write *write)
{
	const char *path = hsm_arena_format(&write->arena, HSM_GENESYS_WEBHOOKS "?pageSize=%d&pageNumber=%zu",
					    HSM_PAGE_SIZE, ++write->page);
	hsm_write_send(write, "GET", path, NULL, HSM_HTTP_READ, look_done);
}

static void find_id(struct hsm_write *write, const cJSON *entities)
{
	const cJSON *entity;
	cJSON_ArrayForEach(entity, entities)
	{
		const cJSON *name = cJSON_GetObjectItemCaseSensitive(entity, "name");
		const cJSON *id = cJSON_GetObjectItemCaseSensitive(entity, "id");
		if (cJSON_IsString(name) && cJSON_IsString(id) && strcmp(name->valuestring, write->name) == 0)
			write->id = hsm_arena_copy_string(&write->arena, id->valuestring);
	}
}

static void look_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_LOST };
	struct hsm_page page;
	if (hsm_page_read(write->connection, answer, &page, &result.error)) {
		hsm_error_prefix(&result.error, "no answer came to POST " HSM_GENESYS_WEBHOOKS
						", and whether it was done can't be told");
		hsm_write_end(write, &result);
		return;
	}
	find_id(write, page.entities);
	cJSON_Delete(page.json);
	if (write->id)
		update(write); /* to be sure of its content and key */
	else if ((int64_t)write->page < page.page_count)
		look(write);
	else
		create(write);
}

static void create_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE };
	bool good = hsm_answer_is_good(answer);
	bool lost = !good && (answer->fate == HSM_HTTP_LOST ||
			      (answer->fate == HSM_HTTP_ANSWERED && answer->status >= 500));
	result.id = good ? read_id(write, answer) : NULL;
	if (result.id) {
		hsm_write_end(write, &result);
	} else if ((lost || good) && write->creates < CREATES_MAX) {
		write->page = 0;
		look(write);
	} else {
		hsm_write_fail(write, answer);
	}
}

void hsm_genesys_write_webhook(struct hsm_connection *connection, const char *id,
			       const struct hsm_webhook_write *webhook, hsm_write_done *done, void *user)
{
	struct hsm_write *write = hsm_write_make(connection, HSM_GENESYS_WEBHOOKS, done, user);
	write->id = hsm_arena_copy_string(&write->arena, id);
	write->name = hsm_arena_copy_string(&write->arena, webhook->name);
	write->secret = hsm_arena_copy_string(&write->arena, webhook->secret);
	write->body = make_body(&write->arena, webhook);
	if (id)
		update(write);
	else
		create(write);
}

void hsm_genesys_delete_webhook(struct hsm_connection *connection, const char *id, hsm_write_done *done,
				void *user)
{
	struct hsm_write *write = hsm_write_make(connection, HSM_GENESYS_WEBHOOKS, done, user);
	const char *path =
		hsm_arena_format(&write->arena, "%s/%s", write->path, hsm_path_escape(&write->arena, id));
	hsm_write_send(write, "DELETE", path, NULL, HSM_HTTP_REPEATABLE, hsm_write_delete_done);
}
