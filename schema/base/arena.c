#include "schema/base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"

#define BLOCK_SIZE ((size_t)64 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct hsm_arena_block {
	struct hsm_arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) unsigned char data[];
};

void hsm_arena_release(struct hsm_arena *arena)
{
	struct hsm_arena_block *block = arena->blocks;
	while (block) {
		struct hsm_arena_block *next = block->next;
		free(block);
		block = next;
	}
	*arena = (struct hsm_arena){ 0 };
}

void hsm_arena_clear(struct hsm_arena *arena)
{
	struct hsm_arena_block *kept = arena->blocks;
	if (!kept || kept->size > BLOCK_SIZE) {
		hsm_arena_release(arena);
		return;
	}
	struct hsm_arena rest = { .blocks = kept->next };
	hsm_arena_release(&rest);
	kept->used = 0;
	kept->next = NULL;
	*arena = (struct hsm_arena){ .blocks = kept };
}

static struct hsm_arena_block *add_block(struct hsm_arena *arena, size_t size)
{
	struct hsm_arena_block *block = hsm_memory_resize(NULL, sizeof(*block) + size, 1);
	block->used = 0;
	block->size = size;
	/* A large item gets a block of its own behind the current one, which may
	 * still have room. */
	if (arena->blocks && size > BLOCK_SIZE) {
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		block->next = arena->blocks;
		arena->blocks = block;
	}
	return block;
}

/* Strings need no alignment, and most of what is kept is strings. */
static void *allocate(struct hsm_arena *arena, size_t size, size_t alignment)
{
	struct hsm_arena_block *block = arena->blocks;
	size_t start = 0;
	if (block)
		start = (block->used + alignment - 1) & ~(alignment - 1);
	if (!block || start > block->size || size > block->size - start) {
		block = add_block(arena, size > BLOCK_SIZE ? size : BLOCK_SIZE);
		start = 0;
	}
	block->used = start + size;
	arena->used += size;
	return block->data + start;
}

void *hsm_arena_allocate(struct hsm_arena *arena, size_t size)
{
	return memset(allocate(arena, size, ALIGNMENT), 0, size);
}

void *hsm_arena_allocate_array(struct hsm_arena *arena, size_t count, size_t size)
{
	if (size && count > (SIZE_MAX - sizeof(struct hsm_arena_block)) / size)
		free(hsm_memory_resize(NULL, count, size)); /* more than there is: this ends it */
	return hsm_arena_allocate(arena, count * size);
}

char *hsm_arena_copy(struct hsm_arena *arena, const void *data, size_t length)
{
	char *copy = allocate(arena, length + 1, 1);
	if (length)
		memcpy(copy, data, length);
	copy[length] = '\0';
	return copy;
}

char *hsm_arena_copy_string(struct hsm_arena *arena, const char *text)
{
	return text ? hsm_arena_copy(arena, text, strlen(text)) : NULL;
}

char *hsm_arena_format(struct hsm_arena *arena, const char *format, ...)
{
	struct hsm_arena_block *block = arena->blocks;
	size_t room = block ? block->size - block->used : 0;
	va_list arguments;
	/* Mostly it fits into what is left, and is written once. */
	va_start(arguments, format);
	int length = vsnprintf(room ? (char *)block->data + block->used : NULL, room, format, arguments);
	va_end(arguments);
	if (length < 0)
		length = 0;
	char *text = allocate(arena, (size_t)length + 1, 1);
	if ((size_t)length < room)
		return text;
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}
