#ifndef HSM_HASH_H
#define HSM_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a, for what is in memory only: begin with HSM_HASH_START and add what counts. */

#define HSM_HASH_START UINT64_C(14695981039346656037)

static inline uint64_t hsm_hash_add(uint64_t hash, const void *data, size_t length)
{
	const unsigned char *bytes = data;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

#endif
