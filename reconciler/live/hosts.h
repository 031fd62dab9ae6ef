#ifndef HSM_HOSTS_H
#define HSM_HOSTS_H

#include <stdbool.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/config.h"

/* Where Genesys Cloud and Meta live, and which addresses credentials may be sent to. */

#define HSM_HOSTS_GRAPH "graph.facebook.com"

/* The domain of a region ("eu-west-1", "eu_west_1"), or of a domain itself
 * ("mypurecloud.ie"); NULL where it is not known. */
const char *hsm_hosts_find_domain(const char *region);

/* An address taken apart and put together again, so that nobody reads another
 * host in it than libcurl does. */
struct hsm_address {
	const char *url;    /* without a slash at the end */
	const char *host;   /* lower case */
	const char *domain; /* of the API's, that the host is in; NULL: none */
	bool loopback;
};

/*
 * HSM_ERROR_CONFIG unless it is https, or http on loopback, without user, query
 * or fragment, and its host is the API's (in a domain of Genesys, or Meta's Graph
 * host), on loopback or named by HSMCTL_ALLOW_HOSTS.
 */
int hsm_address_read(struct hsm_arena *arena, const char *url, enum hsm_backend_word backend,
		     struct hsm_address *address, struct hsm_error *error);

#endif
