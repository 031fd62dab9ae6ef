#ifndef HSM_GENERATED_H
#define HSM_GENERATED_H

#include "schema/wire.h"

/*
 * What Meta writes around a one-time password: in English its own words, as its lists
 * show them; in other languages, whose words are not known, what they say. `code` stands
 * for the password. In the arena; NULL where the component's text is the template's own.
 */
const char *hsm_generated_text(struct hsm_arena *arena, const struct hsm_wire_component *component,
			       const char *language, const char *code);

#endif
