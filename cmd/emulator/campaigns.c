#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/listing.h"
#include "cmd/emulator/public.h"
#include "cmd/emulator/request.h"

void hsm_emu_campaigns_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *wanted = hsm_emu_request_query(request, "contentTemplateId");
	struct hsm_emu_listing listing = { 0 };
	const cJSON *campaign;
	cJSON_ArrayForEach(campaign, emu->seeds[EMU_CAMPAIGNS]) {
		const cJSON *config = hsm_emu_json_get(campaign, "whatsAppConfig");
		const char *id = hsm_emu_json_string(hsm_emu_json_get(config, "contentTemplate"), "id");
		if (!wanted || (id && strcmp(id, wanted) == 0))
			hsm_emu_listing_add(&listing, campaign);
	}
	hsm_emu_listing_answer(&listing, request);
}
