#ifndef HSM_EMULATOR_COLLECTIONS_H
#define HSM_EMULATOR_COLLECTIONS_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/emulator/map.h"

struct hsm_emu;
struct hsm_emu_request;

/* What clients of the public API create: JSON documents by id. */
enum hsm_emu_kind {
	EMU_LIBRARIES,
	EMU_RESPONSES,
	EMU_MESSAGES,
	EMU_KIND_MAX,
};

struct hsm_emu_document {
	char id[37];
	uint64_t sequence;
	cJSON *json; /* an object, its id among it */
};

struct hsm_emu_collection {
	struct hsm_emu_document **documents; /* by creation */
	size_t count, capacity;
	struct hsm_emu_map ids;
};

/* NULL: there is none. */
struct hsm_emu_document *hsm_emu_document_find(const struct hsm_emu *emu, enum hsm_emu_kind kind, const char *id);
/* The one of the path, or NULL and the request is answered. */
struct hsm_emu_document *hsm_emu_document_captured(struct hsm_emu *emu, struct hsm_emu_request *request,
						   enum hsm_emu_kind kind);

/* A new one that has its id and selfUri; NULL: there are too many, and the request is answered. */
struct hsm_emu_document *hsm_emu_document_add(struct hsm_emu *emu, struct hsm_emu_request *request,
					      enum hsm_emu_kind kind);
/* After it was filled or changed. */
void hsm_emu_document_save(struct hsm_emu *emu, enum hsm_emu_kind kind, const struct hsm_emu_document *document);
void hsm_emu_document_remove(struct hsm_emu *emu, enum hsm_emu_kind kind, struct hsm_emu_document *document);

/* Sets a text, a copy; NULL takes the member away. */
void hsm_emu_document_set(struct hsm_emu_document *document, const char *key, const char *text);

/*
 * Whether a write has the version that is stored; then the document has the next one. False: answered with 400 or 409.
 */
bool hsm_emu_document_take_version(struct hsm_emu_request *request, struct hsm_emu_document *document,
				   const cJSON *json);

/* All of them as a JSON array. */
void hsm_emu_collection_append(struct hsm_emu *emu, struct hsm_emu_request *request, enum hsm_emu_kind kind);

bool hsm_emu_collections_load(struct hsm_emu *emu);
void hsm_emu_collections_release(struct hsm_emu *emu);

#endif
