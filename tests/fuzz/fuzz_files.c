/*
 * The files that are not the repository's: serve.yaml, a flow's requirements, a snapshot.
 * The first byte says which.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/live/snapshot.h"
#include "schema/base/text.h"
#include "schema/requirement.h"
#include "schema/serve.h"
#include "schema/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void load_yaml(const struct hsm_object *object, const char *data, size_t size)
{
	struct hsm_arena arena = { 0 };
	struct hsm_findings findings = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	const struct hsm_source *source = hsm_yaml_source(&arena, "fuzz.yaml", data, size, &findings);
	int rc = source ? hsm_yaml_load(&arena, source, object, hsm_arena_allocate(&arena, object->size), &findings) : -1;
	check(!rc || findings.errors);
	for (size_t i = 0; i < findings.count; i++)
		hsm_finding_append_text(&text, &findings.items[i]);
	check(hsm_text_find_invalid(hsm_buffer_text(&text), text.length) == text.length);
	hsm_buffer_release(&text);
	hsm_findings_release(&findings);
	hsm_arena_release(&arena);
}

/* What is saved of it is read as the same. */
static void load_snapshot(const char *data, size_t size)
{
	struct hsm_live live = { 0 }, again = { 0 };
	struct hsm_snapshot snapshot;
	struct hsm_buffer first = HSM_BUFFER_INIT(HSM_BUFFER_CAP), second = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_error error;
	if (hsm_snapshot_load(data, size, &live, &snapshot, &error)) {
		size_t length = strlen(error.message);
		check(error.class == HSM_ERROR_INVALID && hsm_text_find_invalid(error.message, length) == length);
	} else {
		hsm_snapshot_save(&live, &snapshot, &first);
		check(hsm_snapshot_load(first.data, first.length, &again, &snapshot, &error) == 0);
		hsm_snapshot_save(&again, &snapshot, &second);
		check(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
	}
	hsm_buffer_release(&first);
	hsm_buffer_release(&second);
	hsm_live_release(&live);
	hsm_live_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	const char *text = (const char *)data + 1;
	if (data[0] % 3 == 0)
		load_yaml(&hsm_serve_object, text, size - 1);
	else if (data[0] % 3 == 1)
		load_yaml(&hsm_requirements_object, text, size - 1);
	else
		load_snapshot(text, size - 1);
	return 0;
}
