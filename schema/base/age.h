#ifndef HSM_AGE_H
#define HSM_AGE_H

#include <stdint.h>

#include "schema/base/arena.h"

/* How long ago something was, as a person says it. */

/* Seconds since 1970 of an RFC 3339 time in UTC; -1 where it is NULL or none. */
int64_t hsm_age_read_time(const char *text);

/* "45s", "10m", "3h", "2d": in the arena; "" for less than 0. */
const char *hsm_age_format(struct hsm_arena *arena, int64_t seconds);

#endif
