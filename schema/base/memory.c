#include "schema/base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void (*exhausted)(void) = abort;

void hsm_memory_set_exhausted(void (*handler)(void))
{
	exhausted = handler;
}

void hsm_memory_exhausted(void)
{
	exhausted();
	abort();
}

static void *check(void *memory)
{
	if (!memory)
		hsm_memory_exhausted();
	return memory;
}

void *hsm_memory_allocate(size_t size)
{
	return check(calloc(1, size ? size : 1));
}

void *hsm_memory_resize(void *memory, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return check(NULL);
	size_t bytes = count * size;
	return check(realloc(memory, bytes ? bytes : 1));
}

char *hsm_memory_copy_string(const char *text)
{
	return check(strdup(text));
}
