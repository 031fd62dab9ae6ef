#ifndef HSM_ORGANIZATION_H
#define HSM_ORGANIZATION_H

#include "reconciler/live/backend.h"

struct hsm_organization {
	const char *id, *name; /* NULL where nobody asked */
};

/* Where the settings name an organisation: that the credentials are its own, before anything else
 * is asked; HSM_ERROR_AUTH where they are another's. Texts go into the arena. */
int hsm_organization_check(struct hsm_connection *connection, struct hsm_arena *arena,
			   struct hsm_organization *organization, struct hsm_error *error);

#endif
