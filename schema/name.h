#ifndef HSM_NAME_H
#define HSM_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/base/pattern.h"

/*
 * Physical names: <base>_v<n>, n from 1 to 999999 without leading zeros. A name
 * without such a suffix is version 1 of itself.
 */

#define HSM_VERSION_MAXIMUM 999999

/* The base's length and the version; has_suffix (may be NULL) says whether the
 * name has one. */
size_t hsm_name_split(const char *name, int64_t *version, bool *has_suffix);

char *hsm_name_join(struct hsm_arena *arena, const char *base, int64_t version);

extern const struct hsm_pattern hsm_name_base_pattern;      /* a base name: no suffix, room for one */
extern const struct hsm_pattern hsm_name_language_pattern;  /* en, en_US */
extern const struct hsm_pattern hsm_name_parameter_pattern; /* order_id */

#endif
