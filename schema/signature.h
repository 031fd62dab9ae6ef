#ifndef HSM_SIGNATURE_H
#define HSM_SIGNATURE_H

#include "schema/content.h"

/*
 * What flows depend on: per component the ordered parameters with their names
 * and types, the header's format, the buttons' kinds and ids. A message that
 * keeps it may take another's place without anybody's noticing.
 */

struct hsm_reasons {
	const char **items; /* in the arena */
	size_t count, capacity;
};

/*
 * Adds a reason for each way in which new breaks what depends on old: "body:
 * parameter 2 'order_id' (TEXT) is now 'eta' (DATE)". Where the old names are
 * not known, parameters are compared by type and default, and what cannot be
 * told counts as a break. No reason: compatible.
 */
void hsm_signature_compare(struct hsm_arena *arena, const struct hsm_message *old_message,
			   const struct hsm_message *new_message, struct hsm_reasons *reasons);

#endif
