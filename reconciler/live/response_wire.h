#ifndef HSM_RESPONSE_WIRE_H
#define HSM_RESPONSE_WIRE_H

#include <cjson/cJSON.h>

#include "reconciler/live/responses.h"

/* Private to the responses' files. */

#define HSM_RESPONSES "/api/v2/responsemanagement/responses"
#define HSM_RESPONSES_LIBRARIES "/api/v2/responsemanagement/libraries"

/* One as the API has it; texts go into the arena. */
int hsm_response_read(struct hsm_arena *arena, const cJSON *json, struct hsm_live_response *response,
		      struct hsm_error *error);

/* Of a query: those in the library, of this name where it is not NULL. */
const char *hsm_response_filters(struct hsm_arena *arena, const char *library_id, const char *name);

#endif
