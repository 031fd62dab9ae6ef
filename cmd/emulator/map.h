#ifndef HSM_EMULATOR_MAP_H
#define HSM_EMULATOR_MAP_H

#include <stddef.h>

/* Values by text. The key is borrowed: it lives in the value. All zero is empty. */
struct hsm_emu_map {
	struct hsm_emu_map_slot *slots;
	size_t count;
	size_t capacity;
};

void *hsm_emu_map_get(const struct hsm_emu_map *map, const char *key);

/* The key must not be there yet. */
void hsm_emu_map_put(struct hsm_emu_map *map, const char *key, void *value);

/* What was there, or NULL. */
void *hsm_emu_map_remove(struct hsm_emu_map *map, const char *key);

/* Calls visit for every value, in no order; visit must not change the map. */
void hsm_emu_map_visit(const struct hsm_emu_map *map, void (*visit)(void *value, void *context), void *context);

/* Frees the map, not the values. */
void hsm_emu_map_release(struct hsm_emu_map *map);

#endif
