#include <string.h>

#include "reconciler/live/genesys_write.h"
#include "schema/base/text.h"
#include "schema/json.h"

/* The writes of templates, and the look at one. */

static struct hsm_genesys_write *make(struct hsm_connection *connection, const char *provider_id,
				      hsm_write_done *done, void *user)
{
	struct hsm_genesys_write *write = hsm_genesys_write_make(connection, NULL, done, user);
	write->path = hsm_genesys_templates_path(&write->arena, provider_id);
	return write;
}

/* One template out of JSON, into the write's arena. */
static int read_template(struct hsm_genesys_write *write, const cJSON *json, struct hsm_live_template *template,
			 struct hsm_error *error)
{
	struct hsm_template_reader reader = { .arena = &write->arena };
	int status = hsm_template_reader_read(&reader, json, template, error);
	hsm_arena_release(&reader.scratch);
	return status;
}

static int read_created(struct hsm_genesys_write *write, const struct hsm_http_answer *answer,
			struct hsm_live_template *template, struct hsm_error *error)
{
	cJSON *json;
	int status = hsm_json_parse(&json, answer->body, answer->length, error);
	if (status)
		return status;
	status = read_template(write, json, template, error);
	cJSON_Delete(json);
	if (!status && (strcmp(template->name, write->name) != 0 || strcmp(template->language, write->language) != 0))
		status = hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it is about %.*s in %.*s",
				       HSM_TEXT_FIT(template->name, 100), HSM_TEXT_FIT(template->language, 20));
	return status;
}

static void create_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_genesys_write *write = user;
	struct hsm_live_template template;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE, .template = &template };
	struct hsm_error why;
	if (!hsm_answer_is_good(answer)) {
		hsm_genesys_write_fail(write, answer);
		return;
	}
	if (read_created(write, answer, &template, &why)) {
		/* Done, perhaps, but as what? */
		result = (struct hsm_write_result){ .outcome = HSM_OUTCOME_LOST };
		hsm_answer_unusable(answer, why.message, &result.error);
	}
	hsm_genesys_write_end(write, &result);
}

void hsm_genesys_create_template(struct hsm_connection *connection, const char *provider_id, const char *name,
				 const char *language, const char *category, const char *components,
				 hsm_write_done *done, void *user)
{
	struct hsm_genesys_write *write = make(connection, provider_id, done, user);
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer json = { .buffer = &body };
	write->name = hsm_arena_copy_string(&write->arena, name);
	write->language = hsm_arena_copy_string(&write->arena, language);
	hsm_json_begin_object(&json, NULL);
	hsm_json_write_string(&json, "name", name);
	hsm_json_write_string(&json, "language", language);
	hsm_json_write_string(&json, "category", category);
	hsm_json_write_raw(&json, "components", components);
	hsm_json_end_object(&json);
	hsm_genesys_write_send(write, "POST", write->path, hsm_buffer_text(&body), HSM_HTTP_ONCE, create_done);
	hsm_buffer_release(&body);
}

static void find_page_done(void *user, const struct hsm_http_answer *answer);

static void find_page(struct hsm_genesys_write *write)
{
	const char *path = hsm_arena_format(&write->arena, "%s?name=%s&pageSize=%d&pageNumber=%zu", write->path,
					    hsm_path_escape(&write->arena, write->name), HSM_PAGE_SIZE,
					    ++write->page);
	hsm_genesys_write_send(write, "GET", path, NULL, HSM_HTTP_READ, find_page_done);
}

/* The last one that fits: listings are in order of creation. */
static int search_page(struct hsm_genesys_write *write, const cJSON *entities, struct hsm_error *error)
{
	const cJSON *entity;
	cJSON_ArrayForEach(entity, entities)
	{
		struct hsm_live_template template;
		int status = read_template(write, entity, &template, error);
		if (status)
			return status;
		if (strcmp(template.name, write->name) != 0 || strcmp(template.language, write->language) != 0)
			continue;
		struct hsm_live_template *found = hsm_arena_allocate(&write->arena, sizeof(*found));
		*found = template;
		write->found = found;
	}
	return 0;
}

static void find_page_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_genesys_write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE };
	struct hsm_page page;
	struct hsm_error why;
	if (!hsm_answer_is_good(answer)) {
		hsm_genesys_write_fail(write, answer);
		return;
	}
	if (hsm_page_read(answer, &page, &result.error)) {
		result.outcome = HSM_OUTCOME_UNAVAILABLE;
	} else if (search_page(write, page.entities, &why)) {
		result.outcome = HSM_OUTCOME_UNAVAILABLE;
		hsm_answer_unusable(answer, why.message, &result.error);
	}
	cJSON_Delete(page.json);
	if (result.outcome == HSM_OUTCOME_DONE && (int64_t)write->page < page.page_count) {
		find_page(write);
		return;
	}
	result.template = result.outcome == HSM_OUTCOME_DONE ? write->found : NULL;
	hsm_genesys_write_end(write, &result);
}

void hsm_genesys_find_template(struct hsm_connection *connection, const char *provider_id, const char *name,
			       const char *language, hsm_write_done *done, void *user)
{
	struct hsm_genesys_write *write = make(connection, provider_id, done, user);
	write->name = hsm_arena_copy_string(&write->arena, name);
	write->language = hsm_arena_copy_string(&write->arena, language);
	write->reads = true;
	find_page(write);
}

static struct hsm_genesys_write *make_for_one(struct hsm_connection *connection, const char *provider_id,
					      const char *id, hsm_write_done *done, void *user)
{
	struct hsm_genesys_write *write = make(connection, provider_id, done, user);
	write->id = hsm_arena_copy_string(&write->arena, id);
	write->path = hsm_arena_format(&write->arena, "%s/%s", write->path, hsm_path_escape(&write->arena, id));
	return write;
}

static int read_one(struct hsm_genesys_write *write, const struct hsm_http_answer *answer,
		    struct hsm_live_template *template, struct hsm_error *error)
{
	cJSON *json;
	int status = hsm_json_parse(&json, answer->body, answer->length, error);
	if (status)
		return status;
	status = read_template(write, json, template, error);
	cJSON_Delete(json);
	if (!status && strcmp(template->id, write->id) != 0)
		status = hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it is about the id '%.100s'", template->id);
	return status;
}

static void get_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_genesys_write *write = user;
	struct hsm_live_template template;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE, .template = &template };
	struct hsm_error why;
	if (answer->fate == HSM_HTTP_ANSWERED && answer->status == 404) {
		result.template = NULL;
	} else if (!hsm_answer_is_good(answer)) {
		hsm_genesys_write_fail(write, answer);
		return;
	} else if (read_one(write, answer, &template, &why)) {
		result = (struct hsm_write_result){ .outcome = HSM_OUTCOME_UNAVAILABLE };
		hsm_answer_unusable(answer, why.message, &result.error);
	}
	hsm_genesys_write_end(write, &result);
}

void hsm_genesys_get_template(struct hsm_connection *connection, const char *provider_id, const char *id,
			      hsm_write_done *done, void *user)
{
	struct hsm_genesys_write *write = make_for_one(connection, provider_id, id, done, user);
	write->reads = true;
	hsm_genesys_write_send(write, "GET", write->path, NULL, HSM_HTTP_READ, get_done);
}

void hsm_genesys_delete_template(struct hsm_connection *connection, const char *provider_id, const char *id,
				 hsm_write_done *done, void *user)
{
	struct hsm_genesys_write *write = make_for_one(connection, provider_id, id, done, user);
	hsm_genesys_write_send(write, "DELETE", write->path, NULL, HSM_HTTP_REPEATABLE, hsm_genesys_delete_done);
}

static void probe_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_genesys_write *write = user;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE };
	if (answer->fate == HSM_HTTP_ANSWERED && (answer->status == 400 || answer->status == 422))
		hsm_genesys_write_end(write, &result);
	else
		hsm_genesys_write_fail(write, answer);
}

void hsm_genesys_probe_write(struct hsm_connection *connection, const char *provider_id, hsm_write_done *done,
			     void *user)
{
	struct hsm_genesys_write *write = make(connection, provider_id, done, user);
	hsm_genesys_write_send(write, "POST", write->path, "{}", HSM_HTTP_ONCE, probe_done);
}
