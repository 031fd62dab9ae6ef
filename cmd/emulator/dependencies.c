#include <string.h>

#include "cmd/emulator/forms.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/listing.h"
#include "cmd/emulator/public.h"
#include "cmd/emulator/request.h"

/* What a seed says, without what it is of. */
static cJSON *build_dependency(const cJSON *seed)
{
	cJSON *dependency = cJSON_Duplicate(seed, true);
	cJSON_DeleteItemFromObjectCaseSensitive(dependency, "objectType");
	cJSON_DeleteItemFromObjectCaseSensitive(dependency, "objectId");
	return dependency;
}

void hsm_emu_dependencies_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *id = hsm_emu_request_query(request, "id"), *type = hsm_emu_request_query(request, "objectType");
	if (!id || !type) {
		hsm_emu_form_fail(request, "missing.value", id ? "objectType" : "id");
		return;
	}
	struct hsm_emu_listing listing = { 0 };
	cJSON *dependencies = cJSON_CreateArray();
	const cJSON *seed;
	cJSON_ArrayForEach(seed, emu->seeds[EMU_DEPENDENCIES]) {
		if (strcmp(hsm_emu_json_string(seed, "objectId"), id) != 0 ||
		    strcmp(hsm_emu_json_string(seed, "objectType"), type) != 0)
			continue;
		cJSON *dependency = build_dependency(seed);
		cJSON_AddItemToArray(dependencies, dependency);
		hsm_emu_listing_add(&listing, dependency);
	}
	hsm_emu_listing_answer(&listing, request);
	cJSON_Delete(dependencies);
}
