#include "cmd/emulator/json.h"
#include "cmd/emulator/listing.h"
#include "cmd/emulator/public.h"
#include "cmd/emulator/request.h"

void hsm_emu_integrations_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_listing listing = { 0 };
	const cJSON *item;
	cJSON_ArrayForEach(item, emu->seeds[EMU_INTEGRATIONS])
		hsm_emu_listing_add(&listing, item);
	hsm_emu_listing_answer(&listing, request);
}

void hsm_emu_integrations_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const cJSON *integration = hsm_emu_seed_find(emu, EMU_INTEGRATIONS, request->captures[0]);
	if (integration)
		hsm_emu_json_append(&request->answer, integration);
	else
		hsm_emu_fail(request, 404, "not.found", "There is no such WhatsApp integration");
}
