/*
 * What an API answers, payload files, and saved plans: JSON from outside. What can
 * be imported must compile to the content that it had.
 */
#include <stdint.h>
#include <stdlib.h>

#include "reconciler/import/import.h"
#include "reconciler/review/review.h"
#include "schema/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void import(const char *data, size_t size)
{
	struct hsm_arena arena = { 0 };
	struct hsm_import import = { 0 };
	struct hsm_import_item *items = NULL;
	struct hsm_error error;
	size_t count = 0;
	hsm_import_read(&arena, data, size, &items, &count, &error);
	hsm_import_make(items, count, size & 1 ? HSM_BACKEND_META : HSM_BACKEND_GENESYS, true, &import);
	hsm_import_release(&import);
	hsm_arena_release(&arena);
}

static void load_plan(const char *data, size_t size)
{
	struct hsm_arena arena = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_review_style style = { 0 };
	struct hsm_findings findings = { 0 };
	struct hsm_error error;
	struct hsm_plan plan = { 0 };
	cJSON *json = NULL;
	/* As it is inside a saved file, whose hash nobody guesses. */
	if (hsm_json_parse(&json, data, size, &error) == 0 &&
	    hsm_json_read(&arena, json, &hsm_plan_object, &plan, &error) == 0) {
		hsm_review_append_text(&plan, &style, &text);
		hsm_review_append_markdown(&plan, &style, &text);
		hsm_review_append_html(&plan, &style, &text);
		hsm_review_find(&plan, &findings);
		hsm_findings_release(&findings);
		hsm_plan_append_json(&plan, &text);
	}
	cJSON_Delete(json);
	hsm_plan_load(&arena, data, size, &plan, &error);
	hsm_buffer_release(&text);
	hsm_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] % 2)
		load_plan((const char *)data + 1, size - 1);
	else
		import((const char *)data + 1, size - 1);
	return 0;
}
