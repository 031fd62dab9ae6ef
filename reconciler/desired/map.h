#ifndef HSM_MAP_H
#define HSM_MAP_H

#include <stddef.h>

#include "schema/base/arena.h"

/* Finds what belongs to some bytes (an object id, a name). Zero-initialise; it
 * lives in the arena that every call names. */
struct hsm_map {
	struct hsm_map_slot *slots;
	size_t count, capacity;
};

/* The place of the key's value: NULL stands there while none was put. */
void **hsm_map_at(struct hsm_map *map, struct hsm_arena *arena, const void *key, size_t length);

#endif
