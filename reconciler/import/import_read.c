/* Payload files: which API's they are, and the templates in them. */
#include <stdlib.h>
#include <string.h>

#include "reconciler/import/import.h"
#include "schema/base/memory.h"
#include "schema/json.h"
#include "schema/meta.h"

struct items {
	struct hsm_import_item *list;
	size_t count, capacity;
};

/* The messaging API keeps a reply's title in an object, and parameters beside the text. */
static bool is_messaging(const cJSON *template)
{
	const cJSON *component, *button;
	bool meta = false;
	cJSON_ArrayForEach(component, cJSON_GetObjectItemCaseSensitive(template, "components")) {
		if (cJSON_GetObjectItemCaseSensitive(component, "parameters"))
			return true;
		meta |= cJSON_GetObjectItemCaseSensitive(component, "example") != NULL;
		cJSON_ArrayForEach(button, cJSON_GetObjectItemCaseSensitive(component, "buttons")) {
			if (cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(button, "reply")) ||
			    cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(button, "url")) ||
			    cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(button, "phone_number")))
				return true;
			meta |= cJSON_GetObjectItemCaseSensitive(button, "text") != NULL;
		}
	}
	return !meta && cJSON_GetObjectItemCaseSensitive(template, "dateCreated");
}

static struct hsm_import_item read_messaging(struct hsm_arena *arena, const cJSON *json)
{
	struct hsm_wire_template wire = { 0 };
	struct hsm_error error;
	/* A create body has no id and status. */
	cJSON *whole = cJSON_Duplicate(json, true);
	if (whole && !cJSON_GetObjectItemCaseSensitive(whole, "id"))
		cJSON_AddStringToObject(whole, "id", "");
	if (whole && !cJSON_GetObjectItemCaseSensitive(whole, "status"))
		cJSON_AddStringToObject(whole, "status", "");
	struct hsm_import_item item = { 0 };
	if (hsm_json_read(arena, whole, &hsm_wire_template_object, &wire, &error))
		item.problem = hsm_arena_copy_string(arena, error.message);
	cJSON_Delete(whole);
	item.name = wire.name.text;
	item.language = wire.language.text;
	item.category = wire.category.text;
	item.components = wire.components;
	item.live = wire.status.text && *wire.status.text;
	return item;
}

static const char *const *keep_media(struct hsm_arena *arena, const struct hsm_meta_template *meta)
{
	const char **media = hsm_arena_allocate_array(arena, meta->media_count + 1, sizeof(*media));
	for (size_t i = 0; i < meta->media_count; i++)
		media[i] = *meta->media[i] ? meta->media[i] : NULL;
	return media;
}

static struct hsm_import_item read_meta(struct hsm_arena *arena, const cJSON *json)
{
	struct hsm_meta_template meta;
	struct hsm_import_item item = { 0 };
	hsm_meta_read(arena, json, &meta, &item.problem);
	item.name = meta.name;
	item.language = meta.language;
	item.category = meta.category;
	item.components = meta.components;
	item.names = (const char *const *)meta.names;
	item.name_count = meta.name_count;
	item.backend = HSM_BACKEND_META;
	item.media = keep_media(arena, &meta);
	item.live = meta.status;
	return item;
}

static void add_template(struct hsm_arena *arena, const cJSON *json, struct items *items)
{
	struct hsm_import_item item = is_messaging(json) ? read_messaging(arena, json) : read_meta(arena, json);
	if (!item.problem && (!item.name || !item.language || !item.category))
		item.problem = "it lacks a name, a language or a category";
	item.name = item.name ? item.name : "?";
	item.language = item.language ? item.language : "?";
	item.category = item.category ? item.category : "?";
	HSM_MEMORY_GROW(items->list, items->count, items->capacity);
	items->list[items->count++] = item;
}

/* A list answers with data (Meta) or entities (the messaging API). */
static bool add_all(struct hsm_arena *arena, const cJSON *json, struct items *items, unsigned depth)
{
	static const char *const lists[] = { "data", "entities" };
	const cJSON *item;
	bool any = false;
	if (depth > 4)
		return false;
	if (cJSON_IsArray(json)) {
		cJSON_ArrayForEach(item, json)
			any |= add_all(arena, item, items, depth + 1);
		return any;
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(json, lists[i])))
			return add_all(arena, cJSON_GetObjectItemCaseSensitive(json, lists[i]), items, depth + 1);
	if (!cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(json, "components")))
		return false;
	add_template(arena, json, items);
	return true;
}

int hsm_import_read(struct hsm_arena *arena, const char *data, size_t length, struct hsm_import_item **items,
		    size_t *count, struct hsm_error *error)
{
	struct items found = { 0 };
	cJSON *json = NULL;
	if (hsm_json_parse(&json, data, length, error))
		return error->class = HSM_ERROR_INVALID;
	bool any = add_all(arena, json, &found, 0);
	cJSON_Delete(json);
	struct hsm_import_item *all = hsm_arena_allocate_array(arena, *count + found.count, sizeof(*all));
	if (*count)
		memcpy(all, *items, *count * sizeof(*all));
	if (found.count)
		memcpy(all + *count, found.list, found.count * sizeof(*all));
	free(found.list);
	*items = all;
	*count += found.count;
	return any ? 0 : hsm_error_set(error, HSM_ERROR_INVALID, "no template in it: neither a create body nor a list");
}
