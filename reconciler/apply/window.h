#ifndef HSM_WINDOW_H
#define HSM_WINDOW_H

#include <stdint.h>

#include "schema/base/error.h"
#include "schema/config.h"

/* Whether an apply may begin at a moment (seconds since 1970). HSM_ERROR_CONFIG for a time zone that is not
 * known here. Sets the process's time zone. */
int hsm_window_check(const struct hsm_window *window, int64_t now, bool *open, struct hsm_error *error);

/* "mon, tue from 09:00 to 17:00 Europe/Madrid": in the arena. */
const char *hsm_window_describe(struct hsm_arena *arena, const struct hsm_window *window);

#endif
