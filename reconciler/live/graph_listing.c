#include <stdlib.h>
#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/graph.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

/* Everything that a plan needs, read in order: the account, which tells whether the
 * token may see it, and its templates. */

#define READINGS_MAX 5
#define TEMPLATES_MAX 100000 /* an account may have 6,000 */

struct reading {
	struct hsm_connection *connection;
	struct hsm_live *live;
	struct hsm_arena arena; /* what does not stay */
	const char *name;       /* the account's */
	int status;
	struct hsm_error *error;

	/* one go at the listing */
	struct hsm_graph_listing listing;
	struct hsm_map ids;
	bool shifted;
	struct hsm_template_reader reader;
	struct hsm_live_template *templates;
	size_t count, capacity;
	void (*progress)(void *user, size_t done, size_t total);
	void *progress_user;
};

static int read_account(struct reading *reading, const struct hsm_http_answer *answer)
{
	const char *account = reading->connection->settings->account;
	struct hsm_error why;
	cJSON *json;
	if (!hsm_answer_is_good(answer))
		return hsm_graph_fail(reading->connection, answer, reading->error);
	if (hsm_json_parse_exact(&json, answer->body, answer->length, &why))
		return hsm_answer_unusable(answer, why.message, reading->error);
	const char *id = hsm_graph_read_id(&reading->arena, json);
	const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "name"));
	reading->name = name ? hsm_arena_copy_string(&reading->arena, name) : NULL;
	cJSON_Delete(json);
	return id && strcmp(id, account) == 0 ? 0 : hsm_answer_unusable(answer, "it is about another account", reading->error);
}

static void account_done(void *user, const struct hsm_http_answer *answer)
{
	struct reading *reading = user;
	reading->status = read_account(reading, answer);
}

static int check_account(struct reading *reading)
{
	const struct hsm_connection *connection = reading->connection;
	hsm_http_send(connection->http, &(struct hsm_http_request){
		.method = "GET",
		.base = connection->settings->base_url,
		.path = hsm_graph_path(&reading->arena, connection, connection->settings->account, "?fields=id,name"),
		.repeat = HSM_HTTP_READ,
		.judge = hsm_graph_verdict,
		.done = account_done,
		.user = reading,
	});
	hsm_http_run(connection->http);
	return reading->status;
}

static int take_template(struct reading *reading, const cJSON *json, struct hsm_error *error)
{
	struct hsm_live_template template;
	int status = hsm_graph_read_template(&reading->reader, json, &template, error);
	hsm_arena_clear(&reading->reader.scratch);
	if (status)
		return status;
	if (reading->count == TEMPLATES_MAX)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it has more than %d templates", TEMPLATES_MAX);
	void **seen = hsm_map_at(&reading->ids, &reading->arena, template.id, strlen(template.id));
	reading->shifted |= *seen != NULL;
	*seen = reading;
	HSM_MEMORY_GROW(reading->templates, reading->count, reading->capacity);
	reading->templates[reading->count++] = template;
	return 0;
}

static void page_done(void *user, const struct hsm_http_answer *answer)
{
	struct reading *reading = user;
	struct hsm_graph_page page;
	struct hsm_error why;
	const cJSON *item;
	reading->status = hsm_graph_take_page(&reading->listing, answer, &page, reading->error);
	cJSON_ArrayForEach(item, page.data)
	{
		if (!reading->status && !reading->shifted && take_template(reading, item, &why))
			reading->status = hsm_answer_unusable(answer, why.message, reading->error);
	}
	cJSON_Delete(page.json);
	if (reading->status || reading->shifted)
		return;
	if (page.data && reading->progress)
		reading->progress(reading->progress_user, reading->listing.page_count, 0);
	if (!page.is_last)
		hsm_graph_request_page(&reading->listing, page_done, reading, NULL);
}

static void forget(struct reading *reading)
{
	hsm_arena_release(&reading->reader.scratch);
	hsm_arena_release(&reading->live->arena);
	hsm_arena_release(&reading->arena);
	free(reading->templates);
	reading->templates = NULL;
	reading->count = reading->capacity = 0;
	reading->ids = (struct hsm_map){ 0 };
	reading->shifted = false;
}

/* An id that comes twice: somebody created or deleted meanwhile, and what stood at
 * the page's edge came twice or not at all. */
static int read_templates(struct reading *reading)
{
	struct hsm_connection *connection = reading->connection;
	const char *account = connection->settings->account;
	for (int i = 0; i < READINGS_MAX; i++) {
		struct hsm_arena *arena = &reading->arena;
		reading->reader = (struct hsm_template_reader){ .arena = &reading->live->arena };
		reading->listing = (struct hsm_graph_listing){ connection, arena, hsm_graph_templates_path(arena, connection, account),
							       "", 0, 0, NULL, { 0 } };
		hsm_graph_request_page(&reading->listing, page_done, reading, NULL);
		hsm_http_run(connection->http);
		if (reading->status || !reading->shifted)
			return reading->status;
		forget(reading);
	}
	return hsm_error_set(reading->error, HSM_ERROR_UNAVAILABLE,
			     "GET /%s/%s/message_templates: the listing shifted each of the %d times that it was read: "
			     "somebody else is changing it; run again", connection->settings->api_version, account,
			     READINGS_MAX);
}

static void keep(struct reading *reading, const char *name)
{
	struct hsm_live *live = reading->live;
	live->provider_id = hsm_arena_copy_string(&live->arena, reading->connection->settings->account);
	live->provider_name = hsm_arena_copy_string(&live->arena, name);
	live->template_count = reading->count;
	live->templates = hsm_arena_allocate_array(&live->arena, reading->count, sizeof(*live->templates));
	if (reading->count)
		memcpy(live->templates, reading->templates, reading->count * sizeof(*live->templates));
	live->page_count = reading->listing.page_count;
}

int hsm_graph_read(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		   void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error)
{
	struct reading reading = { .connection = connection, .live = live, .error = error, .progress = progress,
				   .progress_user = user };
	hsm_live_release(live);
	int status = check_account(&reading);
	struct hsm_arena account = reading.arena;
	reading.arena = (struct hsm_arena){ 0 };
	if (!status)
		status = read_templates(&reading);
	if (!status)
		keep(&reading, reading.name);
	live->has_webhooks = webhooks; /* it has none */
	hsm_arena_release(&account);
	hsm_arena_release(&reading.arena);
	hsm_arena_release(&reading.reader.scratch);
	free(reading.templates);
	return status;
}
