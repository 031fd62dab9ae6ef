/*
 * A webhook's body, twice: what it tells is valid UTF-8 of bounded length, the same
 * on every delivery, and decided on without a trace of the order of two deliveries.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/lifecycle/decide.h"
#include "reconciler/lifecycle/event.h"
#include "schema/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_word(const char *text, size_t most)
{
	if (!text)
		return;
	size_t length = strlen(text);
	check(length > 0 && length <= most && hsm_text_find_invalid(text, length) == length);
}

static void check_event(const struct hsm_event *event)
{
	check(event->id && event->body && event->time >= 0 && event->kind < HSM_EVENT_KIND_MAX_);
	check_word(event->id, 512);
	check_word(event->account, 512);
	check_word(event->name, 512);
	check_word(event->language, 512);
	check_word(event->value, 512);
	check_word(event->category, 512);
	check_word(event->reason, 1000);
	check_word(event->body, SIZE_MAX);
	check(event->kind == HSM_EVENT_UNKNOWN || (event->name && event->language));
	check(event->kind == HSM_EVENT_UNKNOWN || event->kind == HSM_EVENT_COMPONENTS || event->value);
}

/* All of the events as if they were one version's, from one end or the other. */
static void decide(const struct hsm_events *events, bool backwards, struct hsm_registry *registry)
{
	struct hsm_registry_version *version = hsm_registry_add_version(registry, "a", "a_v1", "en");
	struct hsm_registry_translation *translation = hsm_registry_add_translation(registry, "a", "en");
	struct hsm_arena arena = { 0 };
	struct hsm_use use;
	hsm_registry_set(&version->status, "APPROVED");
	hsm_registry_set(&version->accepted, "UTILITY");
	hsm_registry_set(&translation->target, "a_v1");
	for (size_t i = 0; i < events->count; i++)
		hsm_decide_event(version, &events->items[backwards ? events->count - 1 - i : i], (int64_t)1 << 41);
	hsm_decide_use(&arena, registry, registry->templates[0], translation, &use);
	hsm_arena_release(&arena);
}

static bool have_distinct_times(const struct hsm_events *events)
{
	for (size_t i = 0; i < events->count; i++)
		for (size_t j = 0; j < i; j++)
			if (!events->items[i].time || events->items[i].time == events->items[j].time ||
			    events->items[i].time > (int64_t)1 << 41)
				return false;
	return events->count > 1;
}

static void check_order(const struct hsm_events *events)
{
	struct hsm_registry forwards = { 0 }, backwards = { 0 };
	decide(events, false, &forwards);
	decide(events, true, &backwards);
	const struct hsm_registry_version *a = forwards.templates[0]->versions[0], *b = backwards.templates[0]->versions[0];
	check(hsm_registry_equals(a->status, b->status) && hsm_registry_equals(a->category, b->category));
	check(hsm_registry_equals(a->quality, b->quality) && hsm_registry_equals(a->reason, b->reason));
	hsm_registry_clear(&forwards);
	hsm_registry_clear(&backwards);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hsm_arena arena = { 0 };
	struct hsm_events events, again;
	struct hsm_error error;
	const char *body = (const char *)data;
	int rc = hsm_events_read(&arena, body, size, &events, &error);
	check(rc == hsm_events_read(&arena, body, size, &again, &error));
	if (rc) {
		check(rc == HSM_ERROR_INVALID && hsm_text_find_invalid(error.message, strlen(error.message)) ==
							 strlen(error.message));
	} else {
		check(events.count > 0 && events.count <= HSM_EVENTS_MAX && events.count == again.count);
		for (size_t i = 0; i < events.count; i++) {
			check_event(&events.items[i]);
			check(strcmp(events.items[i].id, again.items[i].id) == 0);
		}
		if (events.count <= 64 && have_distinct_times(&events))
			check_order(&events);
	}
	char *header = hsm_arena_copy(&arena, data, size);
	hsm_event_signature_matches(header, data, size, "secret");
	hsm_arena_release(&arena);
	return 0;
}
