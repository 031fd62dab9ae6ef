#ifndef HSM_IMPORT_EXCUSE_H
#define HSM_IMPORT_EXCUSE_H

#include "schema/base/arena.h"

/*
 * The text of an imported file, with a comment that ignores what its languages do
 * not have in common: they are live, and Meta asks no such thing. In the arena.
 */
const char *hsm_import_excuse(struct hsm_arena *arena, const char *text);

#endif
