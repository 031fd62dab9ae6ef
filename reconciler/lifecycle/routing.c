#include "reconciler/lifecycle/routing.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/hash.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

const char *const hsm_routing_state_words[] = {
	[HSM_ROUTING_UNKNOWN] = "unknown",
	[HSM_ROUTING_CURRENT] = "current",
	[HSM_ROUTING_STALE] = "stale",
	[HSM_ROUTING_AMBIGUOUS] = "ambiguous",
};

void hsm_routing_begin(struct hsm_routing *routing)
{
	*routing = (struct hsm_routing){ 0 };
	pthread_rwlock_init(&routing->lock, NULL);
}

static void release_content(struct hsm_routing *routing)
{
	free(routing->places);
	free(routing->payloads);
	hsm_arena_release(&routing->arena);
}

void hsm_routing_end(struct hsm_routing *routing)
{
	release_content(routing);
	pthread_rwlock_destroy(&routing->lock);
}

/* Whose routes count, and whether they still do: what git has no more is routed while it, or its
 * fallback, may be used. */
static const struct hsm_registry_translation *find_routed(const struct hsm_registry_template *template, bool *current)
{
	const struct hsm_registry_translation *found = NULL;
	int best = 0;
	for (size_t i = 0; i < template->translation_count; i++) {
		const struct hsm_registry_translation *translation = template->translations[i];
		int rank = translation->managed ? 3 : translation->active || translation->substitute ? 2 : 1;
		if (rank > best) {
			best = rank;
			found = translation;
		}
	}
	*current = best > 1;
	return found;
}

static bool has_buttons(const struct hsm_registry_version *version)
{
	return version->signature && !hsm_text_ends_with(version->signature, "\"buttons\":[]}");
}

/* Of all that add_template reads. */
static uint64_t hash_template(const struct hsm_registry_template *template)
{
	bool current;
	const struct hsm_registry_translation *routed = find_routed(template, &current);
	uint64_t hash = hsm_hash_add(HSM_HASH_START, &current, sizeof(current));
	if (routed && routed->routes)
		hash = hsm_hash_add(hash, routed->routes, strlen(routed->routes) + 1);
	for (size_t i = 0; i < template->version_count; i++)
		if (has_buttons(template->versions[i]))
			hash = hsm_hash_add(hash, template->versions[i]->signature,
					    strlen(template->versions[i]->signature) + 1);
	return hash;
}

static void add_payload(struct hsm_routing *routing, const char *payload)
{
	HSM_MEMORY_GROW(routing->payloads, routing->payload_count, routing->payload_capacity);
	routing->payloads[routing->payload_count++] = payload;
}

/* target: NULL where it is stale. The template's places begin at first. */
static void add_place(struct hsm_routing *routing, size_t first, const char *base, const char *id, const char *target)
{
	for (size_t i = first; i < routing->place_count; i++)
		if (strcmp(routing->places[i].id, id) == 0)
			return;
	HSM_MEMORY_GROW(routing->places, routing->place_count, routing->place_capacity);
	routing->places[routing->place_count++] = (struct hsm_routing_place){ id, base, target };
}

static void add_version(struct hsm_routing *routing, size_t first, const char *base,
			const struct hsm_registry_version *version)
{
	cJSON *signature = cJSON_Parse(version->signature);
	const cJSON *button;
	cJSON_ArrayForEach(button, cJSON_GetObjectItemCaseSensitive(signature, "buttons")) {
		const char *sent = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(button, "id"));
		if (!sent)
			continue;
		sent = hsm_arena_copy_string(&routing->arena, sent);
		add_payload(routing, sent);
		add_place(routing, first, base, hsm_payload_decode(&routing->arena, sent).id, NULL);
	}
	cJSON_Delete(signature);
}

static void add_template(struct hsm_routing *routing, const struct hsm_registry_template *template)
{
	bool current;
	const struct hsm_registry_translation *routed = find_routed(template, &current);
	const char *base = hsm_arena_copy_string(&routing->arena, template->base);
	size_t first = routing->place_count;
	cJSON *routes = routed && routed->routes ? cJSON_Parse(routed->routes) : NULL;
	const cJSON *route = cJSON_IsObject(routes) ? routes->child : NULL;
	for (; route; route = route->next) {
		const char *id = hsm_arena_copy_string(&routing->arena, route->string);
		add_payload(routing, id);
		add_place(routing, first, base, id,
			  current ? hsm_arena_copy_string(&routing->arena, cJSON_GetStringValue(route)) : NULL);
	}
	cJSON_Delete(routes);
	for (size_t i = 0; i < template->version_count; i++)
		if (has_buttons(template->versions[i]))
			add_version(routing, first, base, template->versions[i]);
}

static int compare_places(const void *a, const void *b)
{
	const struct hsm_routing_place *left = a, *right = b;
	int order = strcmp(left->id, right->id);
	return order ? order : strcmp(left->base, right->base);
}

static int compare_payloads(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort(struct hsm_routing *routing)
{
	size_t kept = 0;
	if (routing->place_count)
		qsort(routing->places, routing->place_count, sizeof(*routing->places), compare_places);
	if (routing->payload_count)
		qsort(routing->payloads, routing->payload_count, sizeof(*routing->payloads), compare_payloads);
	for (size_t i = 0; i < routing->payload_count; i++)
		if (!kept || strcmp(routing->payloads[kept - 1], routing->payloads[i]) != 0)
			routing->payloads[kept++] = routing->payloads[i];
	routing->payload_count = kept;
}

/* All of it: routes and buttons change with git and with new versions, not with events. */
static void make(struct hsm_routing *routing, const struct hsm_registry *registry)
{
	struct hsm_routing made = { 0 };
	for (size_t i = 0; i < registry->count; i++)
		add_template(&made, registry->templates[i]);
	sort(&made);
	pthread_rwlock_wrlock(&routing->lock);
	release_content(routing);
	routing->arena = made.arena;
	routing->places = made.places;
	routing->place_count = made.place_count;
	routing->payloads = made.payloads;
	routing->payload_count = made.payload_count;
	routing->generation++;
	pthread_rwlock_unlock(&routing->lock);
}

void hsm_routing_update(struct hsm_routing *routing, struct hsm_registry *registry)
{
	bool changed = false;
	for (size_t i = 0; i < registry->touched_count; i++) {
		struct hsm_registry_template *template = registry->touched[i];
		uint64_t hash = hash_template(template);
		changed |= hash != template->routing;
		template->routing = hash;
	}
	if (changed)
		make(routing, registry);
}

/* How many places come before an id in a template. */
static size_t count_before(const struct hsm_routing *routing, const char *id, const char *base)
{
	struct hsm_routing_place key = { .id = id, .base = base };
	size_t low = 0, high = routing->place_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_places(&routing->places[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct hsm_routing_answer hsm_routing_find(const struct hsm_routing *routing, const char *id, const char *base)
{
	size_t first = count_before(routing, id, base ? base : ""), end = first;
	while (end < routing->place_count && strcmp(routing->places[end].id, id) == 0 &&
	       (!base || strcmp(routing->places[end].base, base) == 0))
		end++;
	struct hsm_routing_answer answer = { .count = end - first };
	if (answer.count)
		answer.places = &routing->places[first];
	for (size_t i = first; i < end; i++) {
		const struct hsm_routing_place *place = &routing->places[i];
		bool routed = answer.place && answer.place->target;
		if (!answer.place || (place->target && !routed))
			answer.place = place;
		else if (place->target && routed && strcmp(place->target, answer.place->target) != 0)
			answer.state = HSM_ROUTING_AMBIGUOUS;
	}
	if (answer.state == HSM_ROUTING_AMBIGUOUS)
		answer.place = NULL;
	else if (answer.place)
		answer.state = answer.place->target ? HSM_ROUTING_CURRENT : HSM_ROUTING_STALE;
	return answer;
}

static void write_place(struct hsm_json_writer *writer, const struct hsm_routing_place *place)
{
	hsm_json_write_string(writer, "template", place->base);
	if (place->target)
		hsm_json_write_string(writer, "target", place->target);
}

void hsm_routing_write(struct hsm_json_writer *writer, const char *sent, const struct hsm_payload *payload,
		       const struct hsm_routing_answer *answer)
{
	hsm_json_write_string(writer, "payload", sent);
	hsm_json_write_string(writer, "id", payload->id);
	if (payload->data.count)
		hsm_json_begin_object(writer, "data");
	for (size_t i = 0; i < payload->data.count; i++) {
		const struct hsm_keyed_string *item = HSM_LIST_ITEM(payload->data, struct hsm_keyed_string, i);
		hsm_json_write_string(writer, item->key.text, item->value.text);
	}
	if (payload->data.count)
		hsm_json_end_object(writer);
	if (answer->place)
		write_place(writer, answer->place);
	else
		hsm_json_begin_array(writer, "candidates");
	for (size_t i = 0; !answer->place && i < answer->count; i++) {
		if (!answer->places[i].target)
			continue;
		hsm_json_begin_object(writer, NULL);
		write_place(writer, &answer->places[i]);
		hsm_json_end_object(writer);
	}
	if (!answer->place)
		hsm_json_end_array(writer);
	hsm_json_write_string(writer, "state", hsm_routing_state_words[answer->state]);
}

void hsm_routing_append_row(const struct hsm_routing *routing, const char *sent, struct hsm_buffer *buffer)
{
	struct hsm_arena arena = { 0 };
	struct hsm_json_writer writer = { .buffer = buffer };
	struct hsm_payload payload = hsm_payload_decode(&arena, sent);
	struct hsm_routing_answer answer = hsm_routing_find(routing, payload.id, NULL);
	const struct hsm_routing_place *place = answer.place;
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "key", sent);
	hsm_json_write_string(&writer, "target", place && place->target ? place->target : "");
	hsm_json_write_string(&writer, "template", place ? place->base : "");
	hsm_json_write_string(&writer, "state", hsm_routing_state_words[answer.state]);
	hsm_json_write_string(&writer, "id", payload.id);
	hsm_json_write_string(&writer, "data", payload.data.count ? payload.text + strlen(payload.id) + 1 : "");
	hsm_json_end_object(&writer);
	hsm_arena_release(&arena);
}

void hsm_routing_append(const struct hsm_routing *routing, struct hsm_buffer *buffer)
{
	struct hsm_arena arena = { 0 };
	struct hsm_json_writer writer = { .buffer = buffer };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_begin_array(&writer, "routes");
	for (size_t i = 0; i < routing->payload_count; i++) {
		struct hsm_payload payload = hsm_payload_decode(&arena, routing->payloads[i]);
		struct hsm_routing_answer answer = hsm_routing_find(routing, payload.id, NULL);
		hsm_json_begin_object(&writer, NULL);
		hsm_routing_write(&writer, routing->payloads[i], &payload, &answer);
		hsm_json_end_object(&writer);
		hsm_arena_clear(&arena);
	}
	hsm_json_end_array(&writer);
	hsm_json_end_object(&writer);
	hsm_buffer_append_char(buffer, '\n');
	hsm_arena_release(&arena);
}
