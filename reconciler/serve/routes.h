#ifndef HSM_ROUTES_H
#define HSM_ROUTES_H

#include "reconciler/serve/controller_state.h"

/* Private to serve: the requests that are answered. The server and the OpenAPI document walk them. */

enum hsm_access { HSM_ACCESS_OPEN, HSM_ACCESS_TOKEN, HSM_ACCESS_SEND, HSM_ACCESS_SIGNED };

struct hsm_route {
	const char *method, *path; /* "{name}" stands for one segment, "{payload}" for all that follows */
	enum hsm_access access;
	enum MHD_Result (*handle)(struct hsm_controller *controller, struct hsm_request *request);
	const char *summary;      /* for the document */
	const char *content_type; /* of a good answer */
	const char *const *queries; /* name, meaning, ..., NULL; or NULL */
	unsigned status;          /* of a good answer */
	const char *const *answers; /* other ones: "409", meaning, ..., NULL */
};

extern const struct hsm_route hsm_routes[];
extern const size_t hsm_route_count;

#endif
