#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/graph.h"
#include "reconciler/live/pages.h"
#include "reconciler/live/write.h"
#include "schema/base/text.h"
#include "schema/json.h"
#include "schema/meta.h"

/* The writes of templates, and the look at one. */

/* What a write of Graph keeps beside what all keep. */
struct more {
	/* of a look, through the pages of a name */
	struct hsm_graph_listing listing;
	void (*looked)(struct hsm_write *write);
	struct hsm_write_result refusal; /* that is looked into */
	/* of a create */
	const char *category;
	struct hsm_list components;
	struct hsm_media *media;
	const char **handles;
	size_t media_count, handle_count;
};

static struct hsm_write *make(struct hsm_connection *connection, const char *account, hsm_write_done *done, void *user)
{
	struct hsm_write *write = hsm_write_make(connection, NULL, done, user);
	write->path = hsm_graph_templates_path(&write->arena, connection, account);
	write->more = hsm_arena_allocate(&write->arena, sizeof(struct more));
	return write;
}

/* One template out of JSON, into the write's arena. */
static int read_template(struct hsm_write *write, const cJSON *json, struct hsm_live_template *template,
			 struct hsm_error *error)
{
	struct hsm_template_reader reader = { .arena = &write->arena };
	int status = hsm_graph_read_template(&reader, json, template, error);
	hsm_arena_release(&reader.scratch);
	return status;
}

/* By its id where that is known, else by its language; `name` of the API is a part of a
 * name. One that is being deleted counts where there is no other. */
static int search_page(struct hsm_write *write, const cJSON *data, struct hsm_error *error)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, data)
	{
		struct hsm_live_template template;
		int status = read_template(write, item, &template, error);
		if (status)
			return status;
		bool fits = write->id ? strcmp(template.id, write->id) == 0 :
					strcmp(template.language, write->language) == 0;
		if (!fits || strcmp(template.name, write->name) != 0 || (write->found && hsm_status_is_gone(template.status)))
			continue;
		struct hsm_live_template *found = hsm_arena_allocate(&write->arena, sizeof(*found));
		*found = template;
		write->found = found;
	}
	return 0;
}

static void look_on(struct hsm_write *write);

static void page_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct more *more = write->more;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_UNAVAILABLE };
	struct hsm_graph_page page;
	struct hsm_error why;
	bool failed = hsm_graph_take_page(&more->listing, answer, &page, &result.error) != 0;
	if (!failed && search_page(write, page.data, &why)) {
		failed = true;
		hsm_answer_unusable(answer, why.message, &result.error);
	}
	cJSON_Delete(page.json);
	if (failed && hsm_answer_is_good(answer))
		hsm_write_end(write, &result);
	else if (failed)
		hsm_write_fail(write, answer);
	else if (page.is_last)
		more->looked(write);
	else
		look_on(write);
}

static void look_on(struct hsm_write *write)
{
	struct more *more = write->more;
	write->references++;
	hsm_graph_request_page(&more->listing, page_done, write, hsm_write_release);
}

/* For the template of the write's name, and language or id. One that fails ends the write. */
static void look(struct hsm_write *write, void (*looked)(struct hsm_write *write))
{
	struct more *more = write->more;
	struct hsm_arena *arena = &write->arena;
	const char *query = hsm_arena_format(arena, "&name=%s", hsm_path_escape(arena, write->name));
	write->reads = true;
	more->looked = looked;
	more->listing = (struct hsm_graph_listing){ write->connection, arena, write->path, query, 0, 0, NULL, { 0 } };
	look_on(write);
}

static void tell_found(struct hsm_write *write)
{
	hsm_write_end(write, &(struct hsm_write_result){ .outcome = HSM_OUTCOME_DONE, .template = write->found });
}

void hsm_graph_find_template(struct hsm_connection *connection, const char *account, const char *name,
			     const char *language, hsm_write_done *done, void *user)
{
	struct hsm_write *write = make(connection, account, done, user);
	write->name = hsm_arena_copy_string(&write->arena, name);
	write->language = hsm_arena_copy_string(&write->arena, language);
	look(write, tell_found);
}

/* The outcome and the error of an answer that is not good. */
static void judge(const struct hsm_write *write, const struct hsm_http_answer *answer, struct hsm_write_result *result)
{
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	enum hsm_error_class class;
	hsm_graph_read_fault(&arena, answer, &fault);
	*result = (struct hsm_write_result){ .outcome = hsm_graph_judge(answer, &fault, &class) };
	hsm_arena_release(&arena);
	hsm_answer_fail(write->connection, answer, class, &result->error);
}

/* What the answer to a create says: not what was kept of the content. */
static int read_created(struct hsm_write *write, const struct hsm_http_answer *answer,
			struct hsm_live_template *template, struct hsm_error *error)
{
	const struct more *more = write->more;
	cJSON *json;
	int status = hsm_json_parse_exact(&json, answer->body, answer->length, error);
	if (status)
		return status;
	const char *state = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "status"));
	const char *category = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "category"));
	*template = (struct hsm_live_template){
		.id = hsm_graph_read_id(&write->arena, json),
		.name = write->name,
		.language = write->language,
		.category = hsm_text_upper_case(&write->arena, category ? category : more->category),
		.status_word = hsm_text_upper_case(&write->arena, state),
		.status = hsm_status_find(state),
	};
	cJSON_Delete(json);
	return template->id && template->status_word ?
		       0 : hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it has no 'id' or no 'status'");
}

/* Of a name that is said to be deleted, or to be there: those have one code. */
static void refusal_looked(struct hsm_write *write)
{
	struct more *more = write->more;
	if (write->found && !hsm_status_is_gone(write->found->status))
		more->refusal.outcome = HSM_OUTCOME_EXISTS;
	hsm_write_end(write, &more->refusal);
}

static void create_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct more *more = write->more;
	struct hsm_live_template template;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE, .template = &template };
	struct hsm_error why;
	if (!hsm_answer_is_good(answer)) {
		judge(write, answer, &result);
		if (result.outcome == HSM_OUTCOME_LOCKED) {
			more->refusal = result;
			look(write, refusal_looked);
			return;
		}
	} else if (read_created(write, answer, &template, &why)) {
		/* Done, perhaps, but as what? */
		result = (struct hsm_write_result){ .outcome = HSM_OUTCOME_LOST };
		hsm_answer_unusable(answer, why.message, &result.error);
	}
	hsm_write_end(write, &result);
}

static void send_create(struct hsm_write *write)
{
	const struct more *more = write->more;
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer json = { .buffer = &body };
	hsm_json_begin_object(&json, NULL);
	hsm_json_write_string(&json, "name", write->name);
	hsm_json_write_string(&json, "language", write->language);
	hsm_json_write_string(&json, "category", more->category);
	hsm_meta_write(&json, &more->components, more->handles);
	hsm_json_end_object(&json);
	hsm_write_send(write, "POST", write->path, hsm_buffer_text(&body), HSM_HTTP_ONCE, create_done);
	hsm_buffer_release(&body);
}

/* Its files one by one, then itself. */
static void uploaded(void *user, const char *handle, const struct hsm_write_result *failure)
{
	struct hsm_write *write = user;
	struct more *more = write->more;
	if (failure) {
		hsm_write_end(write, failure);
	} else {
		if (handle)
			more->handles[more->handle_count++] = hsm_arena_copy_string(&write->arena, handle);
		if (more->handle_count < more->media_count) {
			hsm_graph_upload(write->connection, &more->media[more->handle_count], uploaded, write);
			return;
		}
		send_create(write);
	}
	hsm_write_release(write);
}

static void copy_media(struct hsm_write *write, const struct hsm_template_create *create)
{
	struct more *more = write->more;
	struct hsm_arena *arena = &write->arena;
	more->media_count = create->media_count;
	more->media = hsm_arena_allocate_array(arena, create->media_count, sizeof(*more->media));
	more->handles = hsm_arena_allocate_array(arena, create->media_count, sizeof(*more->handles));
	for (size_t i = 0; i < create->media_count; i++) {
		more->media[i] = create->media[i];
		more->media[i].name = hsm_arena_copy_string(arena, create->media[i].name);
		more->media[i].type = hsm_arena_copy_string(arena, create->media[i].type);
	}
}

static bool check_create(struct hsm_write *write, const struct hsm_template_create *create,
			 struct hsm_write_result *result)
{
	struct more *more = write->more;
	const struct hsm_settings *settings = write->connection->settings;
	*result = (struct hsm_write_result){ .outcome = HSM_OUTCOME_UNAVAILABLE };
	if (hsm_content_read(&write->arena, create->components, &more->components, &result->error))
		return false;
	size_t wanted = hsm_meta_count_media(&more->components);
	if (wanted != create->media_count) {
		hsm_error_set(&result->error, HSM_ERROR_INVALID,
			      "%s %s: its headers show %zu files, and %zu are there to be uploaded", create->name,
			      create->language, wanted, create->media_count);
		return false;
	}
	if (create->media_count && !settings->app) {
		hsm_error_set(&result->error, HSM_ERROR_CONFIG,
			      "environment '%s' has no app: write the id of the Meta app that the token is of, since files "
			      "are uploaded to it", settings->environment);
		return false;
	}
	return true;
}

void hsm_graph_create_template(struct hsm_connection *connection, const char *account,
			       const struct hsm_template_create *create, hsm_write_done *done, void *user)
{
	struct hsm_write *write = make(connection, account, done, user);
	struct more *more = write->more;
	struct hsm_write_result result;
	write->references++; /* until its files are there */
	write->name = hsm_arena_copy_string(&write->arena, create->name);
	write->language = hsm_arena_copy_string(&write->arena, create->language);
	more->category = hsm_arena_copy_string(&write->arena, create->category);
	copy_media(write, create);
	uploaded(write, NULL, check_create(write, create, &result) ? NULL : &result);
}

static int read_one(struct hsm_write *write, const struct hsm_http_answer *answer,
		    struct hsm_live_template *template, struct hsm_error *error)
{
	cJSON *json;
	int status = hsm_json_parse_exact(&json, answer->body, answer->length, error);
	if (status)
		return status;
	status = read_template(write, json, template, error);
	cJSON_Delete(json);
	if (!status && strcmp(template->id, write->id) != 0)
		status = hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it is about the id '%.100s'", template->id);
	return status;
}

/* Whether it says that there is no such object: with a status that others have too. */
static bool says_missing(const struct hsm_http_answer *answer)
{
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	hsm_graph_read_fault(&arena, answer, &fault);
	hsm_arena_release(&arena);
	return fault.number == HSM_GRAPH_PARAMETER && fault.subnumber == HSM_GRAPH_MISSING;
}

static void get_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct hsm_live_template template;
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE, .template = &template };
	struct hsm_error why;
	if (says_missing(answer)) {
		result.template = NULL;
	} else if (!hsm_answer_is_good(answer)) {
		hsm_write_fail(write, answer);
		return;
	} else if (read_one(write, answer, &template, &why)) {
		result = (struct hsm_write_result){ .outcome = HSM_OUTCOME_UNAVAILABLE };
		hsm_answer_unusable(answer, why.message, &result.error);
	}
	hsm_write_end(write, &result);
}

void hsm_graph_get_template(struct hsm_connection *connection, const char *account, const char *id,
			    hsm_write_done *done, void *user)
{
	struct hsm_write *write = make(connection, account, done, user);
	struct hsm_arena *arena = &write->arena;
	const char *fields = hsm_arena_format(arena, "?fields=%s", hsm_graph_template_fields);
	write->id = hsm_arena_copy_string(arena, id);
	write->reads = true;
	hsm_write_send(write, "GET", hsm_graph_path(arena, connection, id, fields), NULL, HSM_HTTP_READ, get_done);
}

static void deletion_looked(struct hsm_write *write)
{
	const struct more *more = write->more;
	struct hsm_write_result done = { .outcome = HSM_OUTCOME_DONE };
	bool gone = !write->found || hsm_status_is_gone(write->found->status);
	hsm_write_end(write, gone ? &done : &more->refusal);
}

/* Graph says so, and other servers on the way do not. */
static bool says_done(const struct hsm_http_answer *answer)
{
	cJSON *json;
	if (hsm_json_parse(&json, answer->body, answer->length, NULL))
		return false;
	bool done = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "success"));
	cJSON_Delete(json);
	return done;
}

/* A refusal may mean that it is gone already: which it is, the listing tells. */
static void delete_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct more *more = write->more;
	more->refusal = (struct hsm_write_result){ .outcome = HSM_OUTCOME_DONE };
	if (!hsm_answer_is_good(answer)) {
		judge(write, answer, &more->refusal);
	} else if (!says_done(answer)) {
		more->refusal.outcome = HSM_OUTCOME_REFUSED;
		hsm_answer_unusable(answer, "it does not say that the template was deleted", &more->refusal.error);
	}
	if (more->refusal.outcome == HSM_OUTCOME_REFUSED)
		look(write, deletion_looked);
	else
		hsm_write_end(write, &more->refusal);
}

void hsm_graph_delete_template(struct hsm_connection *connection, const char *account, const char *id,
			       const char *name, hsm_write_done *done, void *user)
{
	struct hsm_write *write = make(connection, account, done, user);
	struct hsm_arena *arena = &write->arena;
	write->id = hsm_arena_copy_string(arena, id);
	write->name = hsm_arena_copy_string(arena, name);
	/* By the name alone it would be every language: the id comes first, and is never empty. */
	const char *path = hsm_arena_format(arena, "%s?hsm_id=%s&name=%s", write->path, hsm_path_escape(arena, *id ? id : "0"),
					    hsm_path_escape(arena, name));
	hsm_write_send(write, "DELETE", path, NULL, HSM_HTTP_REPEATABLE, delete_done);
}

static void probe_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write *write = user;
	struct hsm_write_result result;
	judge(write, answer, &result);
	if (result.outcome == HSM_OUTCOME_REFUSED && answer->status == 400)
		result.outcome = HSM_OUTCOME_DONE;
	hsm_write_end(write, &result);
}

void hsm_graph_probe_write(struct hsm_connection *connection, const char *account, hsm_write_done *done, void *user)
{
	struct hsm_write *write = make(connection, account, done, user);
	hsm_write_send(write, "POST", write->path, "{}", HSM_HTTP_ONCE, probe_done);
}
