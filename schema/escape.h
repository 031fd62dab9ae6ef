#ifndef HSM_ESCAPE_H
#define HSM_ESCAPE_H

#include "schema/base/arena.h"
#include "schema/field.h"

/* Writes $${ for ${ in every text of an object that may have variables, by its table: what is read from a file again is
 * then what it was. New texts are in the arena. */
void hsm_escape_variables(struct hsm_arena *arena, const struct hsm_object *object, void *base);

#endif
