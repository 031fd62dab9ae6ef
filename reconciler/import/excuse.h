#ifndef HSM_IMPORT_EXCUSE_H
#define HSM_IMPORT_EXCUSE_H

#include "schema/base/arena.h"
#include "schema/config.h"

/*
 * The text of an imported file, with a comment that ignores what a new file may not have:
 * what its languages do not have in common, since Meta asks no such thing, and, where it is
 * live, one-time passwords in a text of their own, which Meta once took. In the arena.
 */
const char *hsm_import_excuse(struct hsm_arena *arena, enum hsm_backend_word backend, bool live, const char *text);

#endif
