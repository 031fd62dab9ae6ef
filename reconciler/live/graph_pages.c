#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/graph.h"
#include "reconciler/live/pages.h"
#include "schema/json.h"

/* Pages behind cursors, as large as the API takes them. */

#define PAGES_MAX 10000
#define CURSOR_MAX 4096

/* Meta names no maximum, and says of a page that asks for too much that it is one. */
static const unsigned sizes[] = { 1000, 250, 100, 25 };
#define SIZE_COUNT (sizeof(sizes) / sizeof(*sizes))

/* "Please reduce the amount of data you're asking for" has the code of every passing
 * fault; a limit that is out of its range, that of every wrong value. */
static bool is_too_large(const struct hsm_http_answer *answer)
{
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	hsm_graph_read_fault(&arena, answer, &fault);
	bool refused = fault.number == 1 || (fault.number == 100 && !fault.subnumber);
	hsm_arena_release(&arena);
	return answer->is_too_large || refused;
}

static enum hsm_http_verdict judge(const struct hsm_http_answer *answer)
{
	return answer->status >= 400 && is_too_large(answer) ? HSM_HTTP_FINAL : hsm_graph_verdict(answer);
}

void hsm_graph_request_page(struct hsm_graph_listing *listing, hsm_http_done *done, void *user,
			    void (*release)(void *user))
{
	struct hsm_arena *arena = listing->arena;
	size_t size = listing->size = hsm_graph_of(listing->connection)->page_size;
	const char *after = listing->after ? hsm_path_escape(arena, listing->after) : NULL;
	hsm_http_send(listing->connection->http, &(struct hsm_http_request){
		.method = "GET",
		.base = listing->connection->settings->base_url,
		.path = hsm_arena_format(arena, "%s?fields=%s&limit=%u%s%s%s", listing->path, hsm_graph_template_fields,
					 sizes[size], listing->query, after ? "&after=" : "", after ? after : ""),
		.shown_path = hsm_arena_format(arena, "%s?limit=%u%s%s", listing->path, sizes[size], listing->query,
					       after ? "&after=..." : ""),
		.repeat = HSM_HTTP_READ,
		.judge = size + 1 < SIZE_COUNT ? judge : hsm_graph_verdict,
		.done = done,
		.user = user,
		.release = release,
	});
}

static int take_cursor(struct hsm_graph_listing *listing, struct hsm_graph_page *page, struct hsm_error *error)
{
	const cJSON *paging = cJSON_GetObjectItemCaseSensitive(page->json, "paging");
	const cJSON *next = cJSON_GetObjectItemCaseSensitive(paging, "next");
	const cJSON *cursors = cJSON_GetObjectItemCaseSensitive(paging, "cursors");
	const char *after = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(cursors, "after"));
	page->is_last = !next || cJSON_IsNull(next);
	if (page->is_last)
		return 0;
	if (!after || !*after || strlen(after) > CURSOR_MAX)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a page has a next one and no cursor to it");
	void **seen = hsm_map_at(&listing->cursors, listing->arena, after, strlen(after));
	if (*seen)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "its cursors lead in a circle: the one of page %zu "
								   "was there before", listing->page_count);
	if (listing->page_count >= PAGES_MAX)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it has more than %d pages", PAGES_MAX);
	*seen = listing;
	listing->after = hsm_arena_copy_string(listing->arena, after);
	return 0;
}

int hsm_graph_take_page(struct hsm_graph_listing *listing, const struct hsm_http_answer *answer,
			struct hsm_graph_page *page, struct hsm_error *error)
{
	struct hsm_graph *graph = hsm_graph_of(listing->connection);
	struct hsm_error why;
	*page = (struct hsm_graph_page){ 0 };
	if (!hsm_answer_is_good(answer)) {
		if (listing->size + 1 >= SIZE_COUNT || !is_too_large(answer))
			return hsm_graph_fail(listing->connection, answer, error);
		graph->page_size = listing->size + 1;
		return 0;
	}
	int status = hsm_json_parse_exact(&page->json, answer->body, answer->length, &why);
	page->data = status ? NULL : cJSON_GetObjectItemCaseSensitive(page->json, "data");
	if (!status && !cJSON_IsArray(page->data))
		status = hsm_error_set(&why, HSM_ERROR_UNAVAILABLE, "a page has no array 'data'");
	listing->page_count++;
	if (!status)
		status = take_cursor(listing, page, &why);
	if (!status)
		return 0;
	cJSON_Delete(page->json);
	*page = (struct hsm_graph_page){ 0 };
	return hsm_answer_unusable(answer, why.message, error);
}
