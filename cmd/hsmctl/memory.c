#include "cmd/hsmctl/memory.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <git2.h>
#include <git2/sys/alloc.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"

static void *take(size_t size)
{
	return hsm_memory_resize(NULL, size, 1);
}

static void *take_zeroed(size_t count, size_t size)
{
	return hsm_memory_allocate(size && count > SIZE_MAX / size ? SIZE_MAX : count * size);
}

static void *take_more(void *memory, size_t size)
{
	return hsm_memory_resize(memory, size, 1);
}

/* The same with the place that asks, as OpenSSL and libgit2 want it. */
static void *allocate(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return take(size);
}

static void *allocate_zeroed(size_t count, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return take_zeroed(count, size);
}

static void *resize(void *memory, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return take_more(memory, size);
}

static void *resize_array(void *memory, size_t count, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return hsm_memory_resize(memory, count, size);
}

static void *allocate_array(size_t count, size_t size, const char *file, int line)
{
	return resize_array(NULL, count, size, file, line);
}

static char *copy_bytes(const char *text, size_t length, const char *file, int line)
{
	char *copy = allocate(length + 1, file, line);
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

static char *copy_start(const char *text, size_t length, const char *file, int line)
{
	return copy_bytes(text, strnlen(text, length), file, line);
}

static char *copy_text(const char *text, const char *file, int line)
{
	return copy_bytes(text, strlen(text), file, line);
}

static void give_back(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	free(memory);
}

static git_allocator of_libgit2 = {
	.gmalloc = allocate,
	.gcalloc = allocate_zeroed,
	.gstrdup = copy_text,
	.gstrndup = copy_start,
	.gsubstrdup = copy_bytes,
	.grealloc = resize,
	.greallocarray = resize_array,
	.gmallocarray = allocate_array,
	.gfree = free,
};

void hsm_memory_lend(void)
{
	/* What it has no memory for it leaves out of the document. */
	cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = hsm_memory_allocate, .free_fn = free });
	/* It uses a lock that it could not make. */
	CRYPTO_set_mem_functions(allocate, resize, give_back);
	/* Version 1.5 frees what it never had, and calls itself without end. */
	git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &of_libgit2);
	/* It leaves options out of requests: a method, or a header. */
	curl_global_init_mem(CURL_GLOBAL_DEFAULT, take, free, take_more, hsm_memory_copy_string, take_zeroed);
}
