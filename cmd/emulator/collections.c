#include "cmd/emulator/collections.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/forms.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"

#define DOCUMENTS_MAXIMUM 1000000

static const struct {
	const char *name;         /* in --data, and in errors */
	const char *path, *after; /* of selfUri: in front of the id, and behind it */
} kinds[EMU_KIND_MAX] = {
	[EMU_LIBRARIES] = { "library", "/api/v2/responsemanagement/libraries/", "" },
	[EMU_RESPONSES] = { "response", "/api/v2/responsemanagement/responses/", "" },
	[EMU_MESSAGES] = { "message", "/api/v2/conversations/messages/", "/details" },
};

struct hsm_emu_document *hsm_emu_document_find(const struct hsm_emu *emu, enum hsm_emu_kind kind, const char *id)
{
	return hsm_emu_map_get(&emu->collections[kind].ids, id);
}

struct hsm_emu_document *hsm_emu_document_captured(struct hsm_emu *emu, struct hsm_emu_request *request,
						   enum hsm_emu_kind kind)
{
	struct hsm_emu_document *document = hsm_emu_document_find(emu, kind, request->captures[0]);
	if (!document)
		hsm_emu_fail(request, 404, "not.found", "There is no such %s", kinds[kind].name);
	return document;
}

/* Takes over json. */
static struct hsm_emu_document *insert(struct hsm_emu *emu, enum hsm_emu_kind kind, const char *id, uint64_t sequence,
				       cJSON *json)
{
	struct hsm_emu_collection *collection = &emu->collections[kind];
	struct hsm_emu_document *document = hsm_memory_allocate(sizeof(*document));
	snprintf(document->id, sizeof(document->id), "%s", id);
	document->sequence = sequence;
	document->json = json;
	HSM_MEMORY_GROW(collection->documents, collection->count, collection->capacity);
	collection->documents[collection->count++] = document;
	hsm_emu_map_put(&collection->ids, document->id, document);
	return document;
}

struct hsm_emu_document *hsm_emu_document_add(struct hsm_emu *emu, struct hsm_emu_request *request,
					      enum hsm_emu_kind kind)
{
	char id[EMU_ID_SIZE], uri[128];
	if (emu->collections[kind].count >= DOCUMENTS_MAXIMUM) {
		hsm_emu_fail(request, 400, "bad.request", "There is no room for another %s", kinds[kind].name);
		return NULL;
	}
	hsm_emu_id_generate(id);
	struct hsm_emu_document *document = insert(emu, kind, id, ++emu->sequence, cJSON_CreateObject());
	snprintf(uri, sizeof(uri), "%s%s%s", kinds[kind].path, id, kinds[kind].after);
	cJSON_AddStringToObject(document->json, "id", id);
	cJSON_AddStringToObject(document->json, "selfUri", uri);
	return document;
}

/* Of a document in --data. */
#define KEY_SIZE (EMU_ID_SIZE + 16)

static const char *build_key(enum hsm_emu_kind kind, const struct hsm_emu_document *document, char key[KEY_SIZE])
{
	snprintf(key, KEY_SIZE, "%s/%s", kinds[kind].name, document->id);
	return key;
}

void hsm_emu_document_save(struct hsm_emu *emu, enum hsm_emu_kind kind, const struct hsm_emu_document *document)
{
	char key[KEY_SIZE], *text = hsm_emu_json_print(document->json);
	hsm_emu_store_put(emu, "document", build_key(kind, document, key), document->sequence, text);
	free(text);
}

static void free_document(struct hsm_emu_document *document)
{
	cJSON_Delete(document->json);
	free(document);
}

void hsm_emu_document_remove(struct hsm_emu *emu, enum hsm_emu_kind kind, struct hsm_emu_document *document)
{
	struct hsm_emu_collection *collection = &emu->collections[kind];
	char key[KEY_SIZE];
	size_t at = 0;
	while (collection->documents[at] != document)
		at++;
	collection->count--;
	memmove(collection->documents + at, collection->documents + at + 1,
		(collection->count - at) * sizeof(struct hsm_emu_document *));
	hsm_emu_map_remove(&collection->ids, document->id);
	hsm_emu_store_delete(emu, "document", build_key(kind, document, key));
	free_document(document);
}

void hsm_emu_document_set(struct hsm_emu_document *document, const char *key, const char *text)
{
	cJSON_DeleteItemFromObjectCaseSensitive(document->json, key);
	if (text)
		cJSON_AddStringToObject(document->json, key, text);
}

bool hsm_emu_document_take_version(struct hsm_emu_request *request, struct hsm_emu_document *document,
				   const cJSON *json)
{
	cJSON *version = hsm_emu_json_get(document->json, "version");
	double given = hsm_emu_json_number(json, "version", -1);
	if (given < 0) {
		hsm_emu_form_fail(request, "missing.value", "version");
	} else if (given != version->valuedouble) {
		cJSON *error = hsm_emu_fail(request, 409, "version.mismatch",
					    "The version number of the modified resource must match the version number "
					    "in the database");
		hsm_emu_fail_detail(error, "invalid.value", "version");
	} else {
		cJSON_SetNumberValue(version, version->valuedouble + 1);
		return true;
	}
	return false;
}

void hsm_emu_collection_append(struct hsm_emu *emu, struct hsm_emu_request *request, enum hsm_emu_kind kind)
{
	struct hsm_emu_collection *collection = &emu->collections[kind];
	hsm_buffer_append_char(&request->answer, '[');
	for (size_t i = 0; i < collection->count; i++) {
		if (i)
			hsm_buffer_append_char(&request->answer, ',');
		hsm_emu_json_append(&request->answer, collection->documents[i]->json);
	}
	hsm_buffer_append_char(&request->answer, ']');
}

static bool load(struct hsm_emu *emu, const char *key, uint64_t sequence, const char *text)
{
	const char *id = strchr(key, '/');
	int kind = 0;
	while (id && kind < EMU_KIND_MAX &&
	       (strncmp(kinds[kind].name, key, (size_t)(id - key)) != 0 || kinds[kind].name[id - key]))
		kind++;
	cJSON *json = id && kind < EMU_KIND_MAX && strlen(id + 1) < EMU_ID_SIZE ? cJSON_Parse(text) : NULL;
	bool good = cJSON_IsObject(json);
	if (good)
		insert(emu, (enum hsm_emu_kind)kind, id + 1, sequence, json);
	else
		cJSON_Delete(json);
	return good;
}

bool hsm_emu_collections_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "document", load);
}

void hsm_emu_collections_release(struct hsm_emu *emu)
{
	for (int kind = 0; kind < EMU_KIND_MAX; kind++) {
		struct hsm_emu_collection *collection = &emu->collections[kind];
		for (size_t i = 0; i < collection->count; i++)
			free_document(collection->documents[i]);
		free(collection->documents);
		hsm_emu_map_release(&collection->ids);
		*collection = (struct hsm_emu_collection){ 0 };
	}
}
