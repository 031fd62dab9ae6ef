#include "cmd/emulator/listing.h"

#include <stdlib.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"

#define RESULTS_MAXIMUM 500 /* of a page, where lists have 100 */

void hsm_emu_listing_add(struct hsm_emu_listing *listing, const cJSON *item)
{
	HSM_MEMORY_GROW(listing->items, listing->count, listing->capacity);
	listing->items[listing->count++] = item;
}

static void append_page(const struct hsm_emu_listing *listing, struct hsm_emu_request *request,
			const struct hsm_emu_page *page)
{
	hsm_emu_page_open(request);
	for (size_t i = page->first; i < page->end; i++) {
		if (i > page->first)
			hsm_buffer_append_char(&request->answer, ',');
		hsm_emu_json_append(&request->answer, listing->items[i]);
	}
	hsm_emu_page_close(request, page);
}

void hsm_emu_listing_answer(struct hsm_emu_listing *listing, struct hsm_emu_request *request)
{
	struct hsm_emu_page page;
	if (hsm_emu_page_begin(request, listing->count, &page))
		append_page(listing, request, &page);
	free(listing->items);
}

void hsm_emu_listing_answer_results(struct hsm_emu_listing *listing, struct hsm_emu_request *request,
				    const cJSON *body)
{
	struct hsm_emu_page page;
	if (hsm_emu_page_begin_body(request, body, RESULTS_MAXIMUM, listing->count, &page)) {
		hsm_buffer_append_string(&request->answer, "{\"results\":");
		append_page(listing, request, &page);
		hsm_buffer_append_char(&request->answer, '}');
	}
	free(listing->items);
}
