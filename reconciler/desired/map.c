#include "reconciler/desired/map.h"

#include <string.h>

#include "schema/base/hash.h"

struct hsm_map_slot {
	const void *key; /* NULL: free */
	size_t length;
	void *value;
};

static size_t hash(const void *key, size_t length)
{
	uint64_t sum = hsm_hash_add(HSM_HASH_START, key, length);
	return (size_t)(sum ^ sum >> 32);
}

static struct hsm_map_slot *find_slot(const struct hsm_map *map, const void *key, size_t length)
{
	size_t at = hash(key, length) & (map->capacity - 1);
	while (map->slots[at].key &&
	       (map->slots[at].length != length || memcmp(map->slots[at].key, key, length) != 0))
		at = (at + 1) & (map->capacity - 1);
	return &map->slots[at];
}

static void grow(struct hsm_map *map, struct hsm_arena *arena)
{
	struct hsm_map old = *map;
	map->capacity = old.capacity ? old.capacity * 2 : 64;
	map->slots = hsm_arena_allocate_array(arena, map->capacity, sizeof(*map->slots));
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].key)
			*find_slot(map, old.slots[i].key, old.slots[i].length) = old.slots[i];
}

void **hsm_map_at(struct hsm_map *map, struct hsm_arena *arena, const void *key, size_t length)
{
	if (map->count * 2 >= map->capacity)
		grow(map, arena);
	struct hsm_map_slot *slot = find_slot(map, key, length);
	if (!slot->key) {
		slot->key = hsm_arena_copy(arena, key, length);
		slot->length = length;
		map->count++;
	}
	return &slot->value;
}
