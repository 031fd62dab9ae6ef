#ifndef HSM_OAUTH_H
#define HSM_OAUTH_H

#include "reconciler/live/backend.h"

/* Gives the connection's HTTP its token: the one that is set, or one for the
 * client's credentials whenever there is none, it expires or is refused. */
void hsm_oauth_attach(struct hsm_connection *connection);

#endif
