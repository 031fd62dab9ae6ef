#include "reconciler/lifecycle/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/base/hash.h"
#include "schema/base/memory.h"
#include "schema/name.h"

#define TEXT(type, name) { #name, HSM_REGISTRY_TEXT, offsetof(struct type, name), false }
#define NUMBER(type, name) { #name, HSM_REGISTRY_NUMBER, offsetof(struct type, name), false }
#define KEY(type, name) { #name, HSM_REGISTRY_TEXT, offsetof(struct type, name), true }

static const struct hsm_registry_column version_columns[] = {
	KEY(hsm_registry_version, name),       KEY(hsm_registry_version, language),
	TEXT(hsm_registry_version, base),      NUMBER(hsm_registry_version, number),
	TEXT(hsm_registry_version, id),	       TEXT(hsm_registry_version, status),
	TEXT(hsm_registry_version, category),  TEXT(hsm_registry_version, accepted),
	TEXT(hsm_registry_version, reason),    TEXT(hsm_registry_version, quality),
	TEXT(hsm_registry_version, signature), TEXT(hsm_registry_version, parameters),
	TEXT(hsm_registry_version, content),
	NUMBER(hsm_registry_version, changed), NUMBER(hsm_registry_version, categorised),
	NUMBER(hsm_registry_version, assessed), NUMBER(hsm_registry_version, seen),
	NUMBER(hsm_registry_version, created), NUMBER(hsm_registry_version, used),
	NUMBER(hsm_registry_version, revision),
};
static const struct hsm_registry_column translation_columns[] = {
	KEY(hsm_registry_translation, base),	    KEY(hsm_registry_translation, language),
	TEXT(hsm_registry_translation, category),   TEXT(hsm_registry_translation, target),
	TEXT(hsm_registry_translation, held),	    TEXT(hsm_registry_translation, suggested),
	TEXT(hsm_registry_translation, fallback),   TEXT(hsm_registry_translation, routes),
	TEXT(hsm_registry_translation, inputs),
	NUMBER(hsm_registry_translation, managed),  TEXT(hsm_registry_translation, preferred),
	TEXT(hsm_registry_translation, active),	    TEXT(hsm_registry_translation, previous),
	TEXT(hsm_registry_translation, substitute), TEXT(hsm_registry_translation, substitute_name),
	TEXT(hsm_registry_translation, substitute_text), TEXT(hsm_registry_translation, cause),
	NUMBER(hsm_registry_translation, since),    NUMBER(hsm_registry_translation, revision),
};

#define TABLE(table_name, columns, type) { table_name, columns, sizeof(columns) / sizeof(columns[0]), sizeof(struct type) }
const struct hsm_registry_table hsm_registry_versions = TABLE("version", version_columns, hsm_registry_version);
const struct hsm_registry_table hsm_registry_translations =
	TABLE("translation", translation_columns, hsm_registry_translation);

static void free_row(const struct hsm_registry_table *table, void *row)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->columns[i].type == HSM_REGISTRY_TEXT)
			free(*(char **)((char *)row + table->columns[i].offset));
	free(row);
}

void hsm_registry_clear(struct hsm_registry *registry)
{
	for (size_t i = 0; i < registry->count; i++) {
		struct hsm_registry_template *template = registry->templates[i];
		for (size_t j = 0; j < template->version_count; j++)
			free_row(&hsm_registry_versions, template->versions[j]);
		for (size_t j = 0; j < template->translation_count; j++)
			free_row(&hsm_registry_translations, template->translations[j]);
		free(template->versions);
		free(template->translations);
		free(template->base);
		free(template);
	}
	free(registry->templates);
	free(registry->slots);
	free(registry->touched);
	free(registry->leaning);
	*registry = (struct hsm_registry){ 0 };
}

/* Where the base is, or would be. */
static struct hsm_registry_template **find_slot(const struct hsm_registry *registry, const char *base, size_t length)
{
	size_t mask = registry->slot_count - 1, at = (size_t)hsm_hash_add(HSM_HASH_START, base, length) & mask;
	for (struct hsm_registry_template *template; (template = registry->slots[at]) != NULL; at = (at + 1) & mask)
		if (strncmp(template->base, base, length) == 0 && !template->base[length])
			break;
	return &registry->slots[at];
}

static void grow_slots(struct hsm_registry *registry)
{
	if (registry->count * 2 < registry->slot_count)
		return;
	free(registry->slots);
	registry->slot_count = registry->slot_count ? registry->slot_count * 2 : 64;
	registry->slots = hsm_memory_allocate(registry->slot_count * sizeof(struct hsm_registry_template *));
	for (size_t i = 0; i < registry->count; i++)
		*find_slot(registry, registry->templates[i]->base, strlen(registry->templates[i]->base)) =
			registry->templates[i];
}

struct hsm_registry_template *hsm_registry_find_template(const struct hsm_registry *registry, const char *base)
{
	return registry->slot_count ? *find_slot(registry, base, strlen(base)) : NULL;
}

struct hsm_registry_version *hsm_registry_find_version(const struct hsm_registry_template *template,
						       const char *name, const char *language)
{
	for (size_t i = 0; i < template->version_count; i++)
		if (strcmp(template->versions[i]->name, name) == 0 &&
		    strcmp(template->versions[i]->language, language) == 0)
			return template->versions[i];
	return NULL;
}

struct hsm_registry_version *hsm_registry_find_name(const struct hsm_registry *registry, const char *name,
						    const char *language)
{
	int64_t number;
	const struct hsm_registry_template *template =
		registry->slot_count ? *find_slot(registry, name, hsm_name_split(name, &number, NULL)) : NULL;
	return template ? hsm_registry_find_version(template, name, language) : NULL;
}

struct hsm_registry_translation *hsm_registry_find_translation(const struct hsm_registry_template *template,
							       const char *language)
{
	for (size_t i = 0; i < template->translation_count; i++)
		if (strcmp(template->translations[i]->language, language) == 0)
			return template->translations[i];
	return NULL;
}

struct hsm_registry_template *hsm_registry_add_template(struct hsm_registry *registry, const char *base)
{
	struct hsm_registry_template *template = hsm_registry_find_template(registry, base);
	if (template)
		return template;
	grow_slots(registry);
	template = hsm_memory_allocate(sizeof(*template));
	template->base = hsm_memory_copy_string(base);
	HSM_MEMORY_GROW(registry->templates, registry->count, registry->capacity);
	registry->templates[registry->count++] = template;
	*find_slot(registry, base, strlen(base)) = template;
	return template;
}

struct hsm_registry_version *hsm_registry_add_version(struct hsm_registry *registry, const char *base,
						      const char *name, const char *language)
{
	struct hsm_registry_template *template = hsm_registry_add_template(registry, base);
	struct hsm_registry_version *version = hsm_registry_find_version(template, name, language);
	if (version)
		return version;
	version = hsm_memory_allocate(sizeof(*version));
	version->base = hsm_memory_copy_string(base);
	version->name = hsm_memory_copy_string(name);
	version->language = hsm_memory_copy_string(language);
	HSM_MEMORY_GROW(template->versions, template->version_count, template->version_capacity);
	template->versions[template->version_count++] = version;
	return version;
}

struct hsm_registry_translation *hsm_registry_add_translation(struct hsm_registry *registry, const char *base,
							      const char *language)
{
	struct hsm_registry_template *template = hsm_registry_add_template(registry, base);
	struct hsm_registry_translation *translation = hsm_registry_find_translation(template, language);
	if (translation)
		return translation;
	translation = hsm_memory_allocate(sizeof(*translation));
	translation->base = hsm_memory_copy_string(base);
	translation->language = hsm_memory_copy_string(language);
	HSM_MEMORY_GROW(template->translations, template->translation_count, template->translation_capacity);
	template->translations[template->translation_count++] = translation;
	return translation;
}

static bool leans(const struct hsm_registry_template *template)
{
	for (size_t i = 0; i < template->translation_count; i++)
		if (template->translations[i]->fallback && strstr(template->translations[i]->fallback, "\"template\""))
			return true;
	return false;
}

static bool waits(const struct hsm_registry_template *template)
{
	static const char *const words[] = { "PENDING", "IN_REVIEW", "IN_APPEAL", "PAUSED" };
	for (size_t i = 0; i < template->version_count; i++)
		for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++)
			if (hsm_registry_equals(template->versions[i]->status, words[j]))
				return true;
	return false;
}

void hsm_registry_touch(struct hsm_registry *registry, struct hsm_registry_template *template)
{
	bool waited = template->waits;
	template->waits = waits(template);
	registry->waiting += (size_t)template->waits - (size_t)waited;
	if (!template->leans && leans(template)) {
		template->leans = true;
		HSM_MEMORY_GROW(registry->leaning, registry->leaning_count, registry->leaning_capacity);
		registry->leaning[registry->leaning_count++] = template;
	}
	if (template->touched)
		return;
	template->touched = true;
	HSM_MEMORY_GROW(registry->touched, registry->touched_count, registry->touched_capacity);
	registry->touched[registry->touched_count++] = template;
}

void hsm_registry_clear_touched(struct hsm_registry *registry)
{
	for (size_t i = 0; i < registry->touched_count; i++)
		registry->touched[i]->touched = false;
	registry->touched_count = 0;
}

bool hsm_registry_equals(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool hsm_registry_set(char **text, const char *value)
{
	if (hsm_registry_equals(*text, value))
		return false;
	char *copy = value ? hsm_memory_copy_string(value) : NULL;
	free(*text);
	*text = copy;
	return true;
}

const struct hsm_registry_state *hsm_registry_make_state(struct hsm_arena *arena, const struct hsm_registry *registry)
{
	struct hsm_registry_state *state = hsm_arena_allocate(arena, sizeof(*state));
	size_t room = 0;
	for (size_t i = 0; i < registry->count; i++)
		room += registry->templates[i]->translation_count;
	struct hsm_registry_entry *entries = hsm_arena_allocate_array(arena, room, sizeof(*entries));
	for (size_t i = 0; i < registry->count; i++)
		for (size_t j = 0; j < registry->templates[i]->translation_count; j++) {
			const struct hsm_registry_translation *row = registry->templates[i]->translations[j];
			entries[state->count++] = (struct hsm_registry_entry){
				.base = row->base,
				.language = row->language,
				.active = row->active,
				.fallback = row->fallback ? row->fallback : "",
				.routes = row->routes ? row->routes : "",
			};
		}
	hsm_registry_sort(entries, state->count);
	state->entries = entries;
	return state;
}

void hsm_registry_format_time(int64_t milliseconds, char text[32])
{
	time_t seconds = (time_t)(milliseconds / 1000);
	struct tm tm;
	size_t length = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
	snprintf(text + length, 32 - length, ".%03dZ", (int)(milliseconds % 1000));
}

bool hsm_registry_version_is_usable(const struct hsm_registry_version *version)
{
	return version && version->status && strcmp(version->status, "APPROVED") == 0 &&
	       (!version->accepted || hsm_registry_equals(version->accepted, version->category));
}
