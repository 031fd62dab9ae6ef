#include "reconciler/live/pages.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/live/answer.h"
#include "schema/base/memory.h"
#include "schema/json.h"

#define READINGS_MAX 5
#define PAGE_COUNT_MAX 10000 /* a million entities: nothing that is real has as many */

struct header {
	struct hsm_node node;
	struct hsm_integer page_size, total, page_count;
};

static const struct hsm_field header_fields[] = {
	{ "pageSize", HSM_TYPE_INTEGER, 0, .offset = offsetof(struct header, page_size) },
	{ "total", HSM_TYPE_INTEGER, HSM_FIELD_REQUIRED, .offset = offsetof(struct header, total) },
	{ "pageCount", HSM_TYPE_INTEGER, 0, .offset = offsetof(struct header, page_count) },
};
static const struct hsm_object header_object = {
	"page", 0, sizeof(struct header), HSM_OBJECT_FIELDS(header_fields), .help = NULL,
};

const char *hsm_path_escape(struct hsm_arena *arena, const char *text)
{
	char *escaped = curl_easy_escape(NULL, text, 0);
	char *copy = hsm_arena_copy_string(arena, escaped ? escaped : "");
	curl_free(escaped);
	return copy;
}

static int read_header(const cJSON *json, struct hsm_page *page, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct header header = { 0 };
	const cJSON *results = cJSON_GetObjectItemCaseSensitive(json, "results");
	if (cJSON_IsObject(results))
		json = results;
	int status = hsm_json_read(&arena, json, &header_object, &header, error);
	hsm_arena_release(&arena);
	if (status)
		return status;
	page->entities = cJSON_GetObjectItemCaseSensitive(json, "entities");
	page->total = header.total.value;
	page->page_count = header.page_count.value;
	/* Some of the platform's listings leave pageCount out. */
	int64_t size = header.page_size.value > 0 ? header.page_size.value : HSM_PAGE_SIZE;
	if (!header.page_count.present)
		page->page_count = page->total / size + (page->total % size > 0);
	if (!cJSON_IsArray(page->entities))
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a page has no array 'entities'");
	if (page->total < 0 || page->page_count < 0 || page->page_count > PAGE_COUNT_MAX)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a page of %lld pages", (long long)page->page_count);
	return 0;
}

int hsm_page_read(const struct hsm_connection *connection, const struct hsm_http_answer *answer,
		  struct hsm_page *page, struct hsm_error *error)
{
	struct hsm_error why;
	*page = (struct hsm_page){ 0 };
	if (!hsm_answer_is_good(answer))
		return hsm_answer_fail(connection, answer, hsm_answer_class(answer), error);
	int status = hsm_json_parse(&page->json, answer->body, answer->length, &why);
	if (!status)
		status = read_header(page->json, page, &why);
	if (!status)
		return 0;
	cJSON_Delete(page->json);
	page->json = NULL;
	return hsm_answer_unusable(answer, why.message, error);
}

/* One go at a listing. */
struct reading {
	const struct hsm_pages *pages;
	struct hsm_arena arena;
	const char **ids;
	size_t count, capacity;
	int64_t total, page_count;
	size_t done;
	bool shifted;
	int status;
	struct hsm_error *error;
};

struct request {
	struct reading *reading;
	size_t page;
};

static void request_page(struct reading *reading, size_t page);

static void collect_ids(struct reading *reading, const cJSON *entities)
{
	const char *identity = reading->pages->identity ? reading->pages->identity : "id";
	const cJSON *entity;
	cJSON_ArrayForEach(entity, entities)
	{
		const cJSON *id = cJSON_GetObjectItemCaseSensitive(entity, identity);
		if (!cJSON_IsString(id))
			continue; /* take says so */
		HSM_MEMORY_GROW(reading->ids, reading->count, reading->capacity);
		reading->ids[reading->count++] = hsm_arena_copy_string(&reading->arena, id->valuestring);
	}
}

static int take_page(struct reading *reading, size_t number, const struct hsm_page *page,
		     const struct hsm_http_answer *answer)
{
	const struct hsm_pages *pages = reading->pages;
	struct hsm_error why;
	if (!number) {
		reading->total = page->total;
		reading->page_count = page->page_count ? page->page_count : 1;
		if (pages->begin)
			pages->begin(pages->user, (size_t)reading->page_count);
		for (size_t i = 1; i < (size_t)reading->page_count; i++)
			request_page(reading, i);
	} else if (page->total != reading->total || page->page_count != reading->page_count) {
		reading->shifted = true;
		return 0;
	}
	collect_ids(reading, page->entities);
	if (pages->take(pages->user, number, page->entities, &why))
		return hsm_answer_unusable(answer, why.message, reading->error);
	reading->done++;
	if (pages->progress)
		pages->progress(pages->progress_user, reading->done, (size_t)reading->page_count);
	return 0;
}

static void page_done(void *user, const struct hsm_http_answer *answer)
{
	const struct request *request = user;
	struct reading *reading = request->reading;
	struct hsm_page page;
	if (reading->status || reading->shifted)
		return;
	reading->status = hsm_page_read(reading->pages->connection, answer, &page, reading->error);
	if (!reading->status)
		reading->status = take_page(reading, request->page, &page, answer);
	cJSON_Delete(page.json);
	if (reading->status || reading->shifted)
		hsm_http_abandon(reading->pages->connection->http);
}

const char *hsm_page_query(struct hsm_arena *arena, const char *filters, size_t page)
{
	return hsm_arena_format(arena, "{\"pageSize\":%d,\"pageNumber\":%zu,\"filters\":%s}", HSM_PAGE_QUERY_SIZE, page,
				filters);
}

static const char *page_path(struct reading *reading, size_t page)
{
	const struct hsm_pages *pages = reading->pages;
	return hsm_arena_format(&reading->arena, "%s?pageSize=%d&pageNumber=%zu%s", pages->path, HSM_PAGE_SIZE, page + 1,
				pages->query ? pages->query : "");
}

static void request_page(struct reading *reading, size_t page)
{
	const struct hsm_connection *connection = reading->pages->connection;
	const char *filters = reading->pages->filters;
	struct request *request = hsm_memory_allocate(sizeof(*request));
	*request = (struct request){ reading, page };
	hsm_http_send(connection->http, &(struct hsm_http_request){
		.method = filters ? "POST" : "GET",
		.base = connection->settings->base_url,
		.path = filters ? reading->pages->path : page_path(reading, page),
		.content_type = filters ? "application/json" : NULL,
		.body = filters ? hsm_page_query(&reading->arena, filters, page + 1) : NULL,
		.repeat = HSM_HTTP_READ,
		.done = page_done,
		.user = request,
		.release = free,
	});
}

static int compare_ids(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool has_shifted(struct reading *reading)
{
	if (reading->shifted || (int64_t)reading->count != reading->total)
		return true;
	if (reading->count)
		qsort(reading->ids, reading->count, sizeof(*reading->ids), compare_ids);
	for (size_t i = 1; i < reading->count; i++)
		if (strcmp(reading->ids[i - 1], reading->ids[i]) == 0)
			return true;
	return false;
}

int hsm_pages_read(const struct hsm_pages *pages, struct hsm_error *error)
{
	for (int i = 0; i < READINGS_MAX; i++) {
		struct reading reading = { .pages = pages, .error = error };
		request_page(&reading, 0);
		hsm_http_run(pages->connection->http);
		bool shifted = !reading.status && has_shifted(&reading);
		hsm_arena_release(&reading.arena);
		free(reading.ids);
		if (!shifted)
			return reading.status;
	}
	return hsm_error_set(error, HSM_ERROR_UNAVAILABLE,
			     "%s %s: the listing shifted each of the %d times that it was read: somebody else is "
			     "changing it; run again", pages->filters ? "POST" : "GET", pages->path, READINGS_MAX);
}
