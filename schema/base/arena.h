#ifndef HSM_ARENA_H
#define HSM_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Memory that is freed all at once: a loaded repository, a listing, a plan. What
 * lives in one arena may point into it freely; nothing in it is freed alone.
 */
struct hsm_arena {
	struct hsm_arena_block *blocks;
	size_t used; /* bytes handed out, for measurements */
};

void hsm_arena_release(struct hsm_arena *arena);

/* Frees what is in it and keeps some memory for what comes: for one item after the other. */
void hsm_arena_clear(struct hsm_arena *arena);

/* Zeroed and aligned for every type. */
void *hsm_arena_allocate(struct hsm_arena *arena, size_t size);

/* count items of size bytes, checked for overflow. */
void *hsm_arena_allocate_array(struct hsm_arena *arena, size_t count, size_t size);

/* A copy of length bytes with a NUL after them. */
char *hsm_arena_copy(struct hsm_arena *arena, const void *data, size_t length);
/* NULL stays NULL. */
char *hsm_arena_copy_string(struct hsm_arena *arena, const char *text);
char *hsm_arena_format(struct hsm_arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
