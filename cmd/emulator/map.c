#include "cmd/emulator/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "schema/base/memory.h"

/* Linear probing, at most 3/4 full; a removal moves what follows back. */
struct hsm_emu_map_slot {
	const char *key;
	void *value;
	uint64_t hash;
};

/* FNV-1a from a random start, so that names from outside cannot be made to collide. */
static uint64_t hash_text(const char *text)
{
	static uint64_t start;
	if (!start && getrandom(&start, sizeof(start), 0) != (ssize_t)sizeof(start))
		start = 1;
	uint64_t hash = 14695981039346656037u ^ start;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	return hash ^ hash >> 29;
}

static size_t find_slot(const struct hsm_emu_map *map, const char *key, uint64_t hash)
{
	size_t at = hash & (map->capacity - 1);
	while (map->slots[at].key) {
		if (map->slots[at].hash == hash && strcmp(map->slots[at].key, key) == 0)
			break;
		at = (at + 1) & (map->capacity - 1);
	}
	return at;
}

static void grow(struct hsm_emu_map *map)
{
	struct hsm_emu_map old = *map;
	map->capacity = old.capacity ? old.capacity * 2 : 16;
	map->slots = hsm_memory_allocate(map->capacity * sizeof(*map->slots));
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].key)
			map->slots[find_slot(map, old.slots[i].key, old.slots[i].hash)] = old.slots[i];
	free(old.slots);
}

void *hsm_emu_map_get(const struct hsm_emu_map *map, const char *key)
{
	return map->count ? map->slots[find_slot(map, key, hash_text(key))].value : NULL;
}

void hsm_emu_map_put(struct hsm_emu_map *map, const char *key, void *value)
{
	if ((map->count + 1) * 4 > map->capacity * 3)
		grow(map);
	uint64_t hash = hash_text(key);
	map->slots[find_slot(map, key, hash)] = (struct hsm_emu_map_slot){ key, value, hash };
	map->count++;
}

void *hsm_emu_map_remove(struct hsm_emu_map *map, const char *key)
{
	if (!map->count)
		return NULL;
	size_t mask = map->capacity - 1, hole = find_slot(map, key, hash_text(key));
	void *value = map->slots[hole].value;
	if (!map->slots[hole].key)
		return NULL;
	for (size_t at = (hole + 1) & mask; map->slots[at].key; at = (at + 1) & mask) {
		size_t home = map->slots[at].hash & mask;
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		map->slots[hole] = map->slots[at];
		hole = at;
	}
	map->slots[hole] = (struct hsm_emu_map_slot){ 0 };
	map->count--;
	return value;
}

void hsm_emu_map_visit(const struct hsm_emu_map *map, void (*visit)(void *value, void *context), void *context)
{
	for (size_t i = 0; i < map->capacity; i++)
		if (map->slots[i].key)
			visit(map->slots[i].value, context);
}

void hsm_emu_map_release(struct hsm_emu_map *map)
{
	free(map->slots);
	*map = (struct hsm_emu_map){ 0 };
}
