/* Creates, deletes, webhooks; and the lookup of a create whose answer was lost. */
#include <stdlib.h>
#include <string.h>

#include "reconciler/live/genesys.h"
#include "schema/base/memory.h"

/* One write until its end is told. */
struct write {
	struct hsm_connection *connection;
	struct hsm_arena arena;
	hsm_write_done *done;
	void *user;
	const char *name, *language; /* of what is looked up */
	const char *body;            /* of a webhook's create; else NULL */
	unsigned attempts;
};

static struct write *make_write(struct hsm_connection *connection, hsm_write_done *done, void *user)
{
	struct write *write = hsm_memory_allocate(sizeof(*write));
	write->connection = connection;
	write->done = done;
	write->user = user;
	return write;
}

static void end_write(struct write *write, const struct hsm_write_result *result)
{
	write->done(write->user, result);
	hsm_arena_release(&write->arena);
	free(write);
}

/* What an answer that is no success says of a write. */
static enum hsm_outcome judge_outcome(const struct hsm_http_answer *answer)
{
	switch (answer->end) {
	case HSM_HTTP_NOT_SENT:
		return answer->error.class == HSM_ERROR_AUTH ? HSM_OUTCOME_FORBIDDEN : HSM_OUTCOME_UNAVAILABLE;
	case HSM_HTTP_INTERRUPTED:
		return HSM_OUTCOME_INTERRUPTED;
	case HSM_HTTP_LOST:
		return HSM_OUTCOME_LOST;
	case HSM_HTTP_ANSWERED:
		break;
	}
	if (strcmp(answer->code, "messaging.template.limit") == 0 ||
	    strcmp(answer->code, "messaging.template.hourly.limit") == 0)
		return HSM_OUTCOME_QUOTA;
	if (answer->status == 401 || answer->status == 403)
		return HSM_OUTCOME_FORBIDDEN;
	if (answer->status == 409)
		return strcmp(answer->code, "messaging.template.name.locked") == 0 ? HSM_OUTCOME_LOCKED :
										     HSM_OUTCOME_EXISTS;
	if (answer->status == 429)
		return HSM_OUTCOME_UNAVAILABLE;
	return answer->status == 408 || answer->status >= 500 || answer->status < 400 ? HSM_OUTCOME_LOST :
											 HSM_OUTCOME_REFUSED;
}

static struct hsm_write_result make_failure(const struct hsm_http_answer *answer)
{
	struct hsm_write_result result = { .outcome = judge_outcome(answer), .error = answer->error };
	if (result.outcome == HSM_OUTCOME_QUOTA || result.outcome == HSM_OUTCOME_LOCKED)
		result.error.class = HSM_ERROR_TRY_LATER;
	return result;
}

/* A template that an answer holds; the create was done whatever it says. */
static int read_template(struct hsm_arena *arena, const struct hsm_http_answer *answer,
			 struct hsm_live_template *template, struct hsm_error *error)
{
	struct hsm_wire_template wire = { 0 };
	cJSON *json;
	int rc = hsm_genesys_parse(answer, &json, error);
	if (rc)
		return rc;
	rc = hsm_json_read(arena, json, &hsm_wire_template_object, &wire, error);
	cJSON_Delete(json);
	if (rc)
		return hsm_error_prefix(error, "%s", answer->request);
	hsm_genesys_convert_template(arena, &wire, template);
	return 0;
}

static void create_done(void *user, const struct hsm_http_answer *answer)
{
	struct write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE };
	struct hsm_live_template template;
	if (answer->error.class) {
		result = make_failure(answer);
	} else if (read_template(&write->arena, answer, &template, &result.error) == 0) {
		result.template = &template;
	} else {
		result.outcome = HSM_OUTCOME_LOST;
	}
	end_write(write, &result);
}

static const char *templates_path(struct hsm_arena *arena, const char *provider_id, const char *rest)
{
	return hsm_arena_format(arena, "/api/v2/messaging/providers/%s/templates%s",
				hsm_http_escape(arena, provider_id), rest);
}

static void send(struct write *write, const char *method, const char *path, const char *body, bool once,
		 hsm_http_done *done)
{
	struct hsm_http_request request = {
		.method = method,
		.base = write->connection->settings->base_url,
		.path = path,
		.body = body,
		.content_type = body ? "application/json" : NULL,
		.once = once,
		.done = done,
		.user = write,
	};
	hsm_http_send(write->connection->http, &request);
}

void hsm_genesys_create_template(struct hsm_connection *connection, const char *provider_id, const char *name,
				 const char *language, const char *category, const char *components,
				 hsm_write_done *done, void *user)
{
	struct write *write = make_write(connection, done, user);
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &body };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "name", name);
	hsm_json_write_string(&writer, "language", language);
	hsm_json_write_string(&writer, "category", category);
	hsm_json_write_raw(&writer, "components", components);
	hsm_json_end_object(&writer);
	send(write, "POST", templates_path(&write->arena, provider_id, ""), hsm_buffer_text(&body), true, create_done);
	hsm_buffer_release(&body);
}

static void find_done(void *user, const struct hsm_http_answer *answer)
{
	struct write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE, .error = answer->error };
	struct hsm_live_template template;
	struct hsm_genesys_page page = { 0 };
	if (!answer->error.class)
		hsm_genesys_read_page(&write->arena, answer, &hsm_genesys_template_element,
				      sizeof(struct hsm_wire_template), &page, &result.error);
	if (result.error.class) {
		/* A lookup writes nothing: no answer is no loss. */
		result.outcome = answer->error.class ? judge_outcome(answer) : HSM_OUTCOME_UNAVAILABLE;
		if (result.outcome == HSM_OUTCOME_LOST)
			result.outcome = HSM_OUTCOME_UNAVAILABLE;
	}
	for (size_t i = 0; i < page.entities.count && !result.template; i++) {
		struct hsm_wire_template *wire = HSM_LIST_ITEM(page.entities, struct hsm_wire_template, i);
		if (strcmp(wire->name.text, write->name) != 0 || strcmp(wire->language.text, write->language) != 0)
			continue;
		hsm_genesys_convert_template(&write->arena, wire, &template);
		result.template = &template;
	}
	end_write(write, &result);
}

/* A name has fewer languages than a page has room. */
void hsm_genesys_find_template(struct hsm_connection *connection, const char *provider_id, const char *name,
			       const char *language, hsm_write_done *done, void *user)
{
	struct write *write = make_write(connection, done, user);
	struct hsm_arena *arena = &write->arena;
	write->name = hsm_arena_copy_string(arena, name);
	write->language = hsm_arena_copy_string(arena, language);
	const char *query = hsm_arena_format(arena, "?pageSize=%d&pageNumber=1&name=%s", HSM_GENESYS_PAGE_SIZE,
					     hsm_http_escape(arena, name));
	send(write, "GET", templates_path(arena, provider_id, query), NULL, false, find_done);
}

static void delete_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE };
	/* Gone already, or by an attempt whose answer was lost. */
	if (answer->error.class && !(answer->end == HSM_HTTP_ANSWERED && answer->status == 404))
		result = make_failure(answer);
	end_write(user, &result);
}

void hsm_genesys_delete_template(struct hsm_connection *connection, const char *provider_id, const char *id,
				 hsm_write_done *done, void *user)
{
	struct write *write = make_write(connection, done, user);
	const char *rest = hsm_arena_format(&write->arena, "/%s", hsm_http_escape(&write->arena, id));
	send(write, "DELETE", templates_path(&write->arena, provider_id, rest), NULL, false, delete_done);
}

/* Webhooks. */
static const char webhooks_path[] = "/api/v2/messaging/webhooks";

static const char *write_webhook_body(struct hsm_arena *arena, const struct hsm_webhook_write *webhook)
{
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &body };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "name", webhook->name);
	hsm_json_write_string(&writer, "url", webhook->url);
	hsm_json_begin_array(&writer, "events");
	for (size_t i = 0; i < webhook->event_count; i++)
		hsm_json_write_string(&writer, NULL, webhook->events[i]);
	hsm_json_end_array(&writer);
	hsm_json_write_boolean(&writer, "enabled", webhook->enabled);
	if (webhook->secret)
		hsm_json_write_string(&writer, "secret", webhook->secret);
	hsm_json_end_object(&writer);
	const char *text = hsm_arena_copy(arena, hsm_buffer_text(&body), body.length);
	hsm_buffer_release(&body);
	return text;
}

static void webhook_done(void *user, const struct hsm_http_answer *answer);

/* Repeated only where it is not there: names are not unique to the API. */
static void webhook_looked_up(void *user, const struct hsm_http_answer *answer)
{
	struct write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE, .error = answer->error };
	struct hsm_genesys_page page = { 0 };
	if (!answer->error.class)
		hsm_genesys_read_page(&write->arena, answer, &hsm_genesys_webhook_element,
				      sizeof(struct hsm_wire_webhook), &page, &result.error);
	for (size_t i = 0; i < page.entities.count && !result.webhook_id; i++) {
		const struct hsm_wire_webhook *wire = HSM_LIST_ITEM(page.entities, struct hsm_wire_webhook, i);
		if (strcmp(wire->name.text, write->name) == 0)
			result.webhook_id = wire->id.text;
	}
	if (!result.error.class && !result.webhook_id && ++write->attempts < 3) {
		send(write, "POST", webhooks_path, write->body, true, webhook_done);
		return;
	}
	if (!result.webhook_id)
		result.outcome = HSM_OUTCOME_UNAVAILABLE;
	if (!result.webhook_id && !result.error.class)
		hsm_error_set(&result.error, HSM_ERROR_UNAVAILABLE, "webhook '%s': its creates get no answer", write->name);
	end_write(write, &result);
}

static void webhook_done(void *user, const struct hsm_http_answer *answer)
{
	struct write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE };
	struct hsm_wire_webhook wire = { 0 };
	cJSON *json = NULL;
	if (answer->error.class) {
		result = make_failure(answer);
	} else if (hsm_genesys_parse(answer, &json, &result.error) == 0 &&
		   hsm_json_read(&write->arena, json, &hsm_wire_webhook_object, &wire, &result.error) == 0) {
		result.webhook_id = wire.id.text;
	} else {
		result.outcome = HSM_OUTCOME_LOST;
	}
	cJSON_Delete(json);
	if (result.outcome == HSM_OUTCOME_LOST && write->body)
		send(write, "GET", "/api/v2/messaging/webhooks?pageSize=100&pageNumber=1", NULL, false, webhook_looked_up);
	else
		end_write(write, &result);
}

void hsm_genesys_write_webhook(struct hsm_connection *connection, const char *id,
			       const struct hsm_webhook_write *webhook, hsm_write_done *done, void *user)
{
	struct write *write = make_write(connection, done, user);
	const char *body = write_webhook_body(&write->arena, webhook);
	write->name = hsm_arena_copy_string(&write->arena, webhook->name);
	if (!id) {
		write->body = body;
		send(write, "POST", webhooks_path, body, true, webhook_done);
		return;
	}
	const char *path = hsm_arena_format(&write->arena, "%s/%s", webhooks_path, hsm_http_escape(&write->arena, id));
	send(write, "PUT", path, body, false, webhook_done);
}

void hsm_genesys_delete_webhook(struct hsm_connection *connection, const char *id, hsm_write_done *done, void *user)
{
	struct write *write = make_write(connection, done, user);
	const char *path = hsm_arena_format(&write->arena, "%s/%s", webhooks_path, hsm_http_escape(&write->arena, id));
	send(write, "DELETE", path, NULL, false, delete_done);
}

static void probe_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE };
	/* Refused for its content: so it was not for its permission. */
	bool content = answer->end == HSM_HTTP_ANSWERED && (answer->status == 400 || answer->status == 422);
	if (answer->error.class && !content)
		result = make_failure(answer);
	end_write(user, &result);
}

void hsm_genesys_probe_write(struct hsm_connection *connection, const char *provider_id, hsm_write_done *done,
			     void *user)
{
	struct write *write = make_write(connection, done, user);
	send(write, "POST", templates_path(&write->arena, provider_id, ""), "{}", true, probe_done);
}
