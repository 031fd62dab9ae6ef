#include "reconciler/live/response_wire.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/organization.h"
#include "reconciler/live/pages.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define INTEGRATIONS "/api/v2/conversations/messaging/integrations/whatsapp"
#define SHOWN_MAX 10  /* accounts in a message */
#define NAME_SHOWN_MAX 100

static const char *get_string(const cJSON *json, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
}

void hsm_responses_release(struct hsm_live_responses *responses)
{
	hsm_arena_release(&responses->arena);
	*responses = (struct hsm_live_responses){ 0 };
}

struct reading {
	struct hsm_connection *connection;
	struct hsm_live_responses *responses;
	struct hsm_arena arena; /* what does not stay */
	const char *account;
	const char *others; /* accounts of integrations, for a message */
	size_t other_count, library_count;
	struct hsm_live_response *items; /* as they come */
	size_t count, capacity;
	struct hsm_error *error;
};

static void begin_integrations(void *user, size_t page_count)
{
	struct reading *reading = user;
	(void)page_count;
	reading->responses->integrations = reading->other_count = 0;
	reading->others = "";
}

static int take_integrations(void *user, size_t page, const cJSON *entities, struct hsm_error *error)
{
	struct reading *reading = user;
	const cJSON *entity;
	(void)page;
	(void)error;
	cJSON_ArrayForEach(entity, entities)
	{
		const char *account = get_string(entity, "whatsAppBusinessAccountId");
		if (account && strcmp(account, reading->account) == 0)
			reading->responses->integrations++;
		else if (account && reading->other_count++ < SHOWN_MAX)
			reading->others = hsm_arena_format(&reading->arena, "%s%s%.*s", reading->others,
							   *reading->others ? ", " : "",
							   HSM_TEXT_FIT(account, NAME_SHOWN_MAX));
	}
	return 0;
}

static int read_integrations(struct reading *reading)
{
	struct hsm_pages pages = { .connection = reading->connection, .path = INTEGRATIONS,
				   .begin = begin_integrations, .take = take_integrations, .user = reading };
	int status = hsm_pages_read(&pages, reading->error);
	if (status || reading->responses->integrations)
		return status;
	return hsm_error_set(reading->error, HSM_ERROR_CONFIG,
			     "environment '%s': genesys: the organisation has no WhatsApp integration of the account %s%s%s: "
			     "correct hsmctl.yaml, or take the credentials of the organisation that has",
			     reading->connection->settings->environment, reading->account,
			     *reading->others ? ", but of " : "", reading->others);
}

static void begin_libraries(void *user, size_t page_count)
{
	struct reading *reading = user;
	(void)page_count;
	reading->library_count = 0;
	reading->responses->library_id = NULL;
}

/* The prefix finds longer names, too. */
static int take_libraries(void *user, size_t page, const cJSON *entities, struct hsm_error *error)
{
	struct reading *reading = user;
	struct hsm_live_responses *responses = reading->responses;
	const cJSON *entity;
	(void)page;
	cJSON_ArrayForEach(entity, entities)
	{
		const char *name = get_string(entity, "name"), *id = get_string(entity, "id");
		if (!name || strcmp(name, responses->library) != 0)
			continue;
		if (!id || !*id)
			return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a library has no 'id'");
		reading->library_count++;
		responses->library_id = hsm_arena_copy_string(&responses->arena, id);
	}
	return 0;
}

static int read_library(struct reading *reading)
{
	struct hsm_pages pages = { .connection = reading->connection, .path = HSM_RESPONSES_LIBRARIES,
				   .begin = begin_libraries, .take = take_libraries, .user = reading };
	const char *name = reading->responses->library;
	pages.query = hsm_arena_format(&reading->arena, "&libraryPrefix=%s", hsm_path_escape(&reading->arena, name));
	int status = hsm_pages_read(&pages, reading->error);
	if (status || reading->library_count < 2)
		return status;
	return hsm_error_set(reading->error, HSM_ERROR_CONFIG,
			     "environment '%s': genesys: %zu libraries are called '%s': rename those that are not meant",
			     reading->connection->settings->environment, reading->library_count, name);
}

static void begin_responses(void *user, size_t page_count)
{
	struct reading *reading = user;
	(void)page_count;
	reading->count = 0;
}

int hsm_response_read(struct hsm_arena *arena, const cJSON *json, struct hsm_live_response *response,
		      struct hsm_error *error)
{
	struct hsm_canned wire = { 0 };
	int status = hsm_json_read(arena, json, &hsm_canned_object, &wire, error);
	if (!status && (!wire.id.text || !*wire.id.text))
		status = hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it has no 'id'");
	if (status)
		return wire.name.text ? hsm_error_prefix(error, "response '%.*s'", HSM_TEXT_FIT(wire.name.text, NAME_SHOWN_MAX)) :
					hsm_error_prefix(error, "a response");
	*response = (struct hsm_live_response){
		.id = wire.id.text,
		.version = wire.version.value,
		.template = wire.template.whatsapp.name.text,
		.language = wire.template.whatsapp.language.text,
		.libraries = hsm_arena_allocate_array(arena, wire.libraries.count, sizeof(char *)),
		.library_count = wire.libraries.count,
		.content = hsm_canned_read_content(arena, &wire),
	};
	for (size_t i = 0; i < wire.libraries.count; i++)
		response->libraries[i] = HSM_LIST_ITEM(wire.libraries, struct hsm_canned_library, i)->id.text;
	return 0;
}

/* What names no template of WhatsApp is somebody else's, and looked at no further. */
static int take_responses(void *user, size_t page, const cJSON *entities, struct hsm_error *error)
{
	struct reading *reading = user;
	const cJSON *entity;
	(void)page;
	cJSON_ArrayForEach(entity, entities)
	{
		const cJSON *template = cJSON_GetObjectItemCaseSensitive(entity, "messagingTemplate");
		if (!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(template, "whatsApp")))
			continue;
		HSM_MEMORY_GROW(reading->items, reading->count, reading->capacity);
		int status = hsm_response_read(&reading->responses->arena, entity, &reading->items[reading->count++], error);
		if (status)
			return status;
	}
	return 0;
}

static int compare_responses(const void *a, const void *b)
{
	const struct hsm_live_response *left = a, *right = b;
	int order = strcmp(left->template, right->template);
	if (!order)
		order = strcmp(left->language, right->language);
	return order ? order : strcmp(left->id, right->id);
}

static void write_filter(struct hsm_json_writer *writer, const char *name, const char *value)
{
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "name", name);
	hsm_json_write_string(writer, "operator", "EQUALS");
	hsm_json_begin_array(writer, "values");
	hsm_json_write_string(writer, NULL, value);
	hsm_json_end_array(writer);
	hsm_json_end_object(writer);
}

const char *hsm_response_filters(struct hsm_arena *arena, const char *library_id, const char *name)
{
	struct hsm_buffer json = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &json };
	hsm_json_begin_array(&writer, NULL);
	write_filter(&writer, "libraryId", library_id);
	if (name)
		write_filter(&writer, "name", name);
	hsm_json_end_array(&writer);
	const char *filters = hsm_arena_copy(arena, hsm_buffer_text(&json), json.length);
	hsm_buffer_release(&json);
	return filters;
}

static int read_responses(struct reading *reading)
{
	struct hsm_live_responses *responses = reading->responses;
	struct hsm_pages pages = { .connection = reading->connection, .path = HSM_RESPONSES "/query",
				   .begin = begin_responses, .take = take_responses, .user = reading };
	pages.filters = hsm_response_filters(&reading->arena, responses->library_id, NULL);
	int status = hsm_pages_read(&pages, reading->error);
	if (status || !reading->count)
		return status;
	qsort(reading->items, reading->count, sizeof(*reading->items), compare_responses);
	responses->items = hsm_arena_allocate_array(&responses->arena, reading->count, sizeof(*responses->items));
	memcpy(responses->items, reading->items, reading->count * sizeof(*responses->items));
	responses->count = reading->count;
	return 0;
}

int hsm_responses_read(struct hsm_connection *connection, const char *account, const char *library,
		       struct hsm_live_responses *responses, struct hsm_error *error)
{
	struct reading reading = { .connection = connection, .responses = responses, .account = account, .error = error };
	struct hsm_organization organization;
	hsm_responses_release(responses);
	responses->library = hsm_arena_copy_string(&responses->arena, library);
	int status = hsm_organization_check(connection, &reading.arena, &organization, error);
	if (!status)
		status = read_integrations(&reading);
	if (!status)
		status = read_library(&reading);
	if (!status && responses->library_id)
		status = read_responses(&reading);
	hsm_arena_release(&reading.arena);
	free(reading.items);
	return status;
}

const struct hsm_live_response *hsm_responses_find(const struct hsm_live_responses *responses, const char *template,
						   const char *language, size_t *count)
{
	struct hsm_live_response key = { .template = template, .language = language, .id = "" };
	size_t low = 0, high = responses->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_responses(&responses->items[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (*count = 0; low + *count < responses->count; ++*count) {
		const struct hsm_live_response *response = &responses->items[low + *count];
		if (strcmp(response->template, template) != 0 || strcmp(response->language, language) != 0)
			break;
	}
	return *count ? &responses->items[low] : NULL;
}

const struct hsm_live_response *hsm_responses_get(const struct hsm_live_responses *responses, const char *id)
{
	for (size_t i = 0; i < responses->count; i++)
		if (strcmp(responses->items[i].id, id) == 0)
			return &responses->items[i];
	return NULL;
}
