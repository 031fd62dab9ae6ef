#include "cmd/emulator/seeds.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"

#define REQUIRED_MAXIMUM 4

static const struct {
	const char *name;
	const char *required[REQUIRED_MAXIMUM]; /* texts that each of the list has */
	const char *first;
} lists[EMU_SEEDS_MAX] = {
	[EMU_INTEGRATIONS] = {
		"integrations", { "id", "name", "phoneNumber" },
		"[{\"id\":\"2f6c1f3e-0d57-4a7e-9d0c-5e8b4c1a0001\",\"name\":\"Acme WhatsApp\","
		"\"phoneNumber\":\"+15550100001\",\"status\":\"Active\",\"createStatus\":\"Completed\","
		"\"whatsAppBusinessAccountId\":\"102290129340398765\",\"version\":1},"
		"{\"id\":\"2f6c1f3e-0d57-4a7e-9d0c-5e8b4c1a0002\",\"name\":\"Acme WhatsApp Iberia\","
		"\"phoneNumber\":\"+34600100002\",\"status\":\"Active\",\"createStatus\":\"Completed\","
		"\"whatsAppBusinessAccountId\":\"215589469943870121\",\"version\":1}]",
	},
	[EMU_DEPENDENCIES] = { "dependencies", { "objectType", "objectId", "id", "type" }, "[]" },
	[EMU_CAMPAIGNS] = { "campaigns", { "id", "name" }, "[]" },
};

static void set(struct hsm_emu *emu, enum hsm_emu_seeds list, cJSON *items)
{
	cJSON_Delete(emu->seeds[list]);
	emu->seeds[list] = items;
}

void hsm_emu_seeds_fill(struct hsm_emu *emu)
{
	for (int list = 0; list < EMU_SEEDS_MAX; list++)
		set(emu, (enum hsm_emu_seeds)list, cJSON_Parse(lists[list].first));
}

void hsm_emu_seeds_release(struct hsm_emu *emu)
{
	for (int list = 0; list < EMU_SEEDS_MAX; list++)
		set(emu, (enum hsm_emu_seeds)list, NULL);
}

const cJSON *hsm_emu_seed_find(const struct hsm_emu *emu, enum hsm_emu_seeds list, const char *id)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, emu->seeds[list])
		if (strcmp(hsm_emu_json_string(item, "id"), id) == 0)
			return item;
	return NULL;
}

static bool are_good(enum hsm_emu_seeds list, const cJSON *items)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, items)
		for (size_t i = 0; i < REQUIRED_MAXIMUM && lists[list].required[i]; i++)
			if (!hsm_emu_json_string(item, lists[list].required[i]))
				return false;
	return cJSON_IsArray(items);
}

static void set_from_body(struct hsm_emu *emu, struct hsm_emu_request *request, enum hsm_emu_seeds list)
{
	cJSON *json = hsm_emu_request_json_any(request);
	if (!json)
		return;
	if (!are_good(list, json)) {
		struct hsm_buffer wanted = HSM_BUFFER_INIT(256);
		for (size_t i = 0; i < REQUIRED_MAXIMUM && lists[list].required[i]; i++)
			hsm_buffer_append_format(&wanted, "%s%s", i ? ", " : "", lists[list].required[i]);
		hsm_emu_fail(request, 400, "bad.request", "%s are an array of objects that have as texts: %s",
			     lists[list].name, hsm_buffer_text(&wanted));
		hsm_buffer_release(&wanted);
		cJSON_Delete(json);
		return;
	}
	set(emu, list, json);
	hsm_emu_json_append(&request->answer, json);
	hsm_emu_store_put(emu, "seeds", lists[list].name, 0, request->answer.data);
}

void hsm_emu_admin_set_integrations(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	set_from_body(emu, request, EMU_INTEGRATIONS);
}

void hsm_emu_admin_set_dependencies(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	set_from_body(emu, request, EMU_DEPENDENCIES);
}

void hsm_emu_admin_set_campaigns(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	set_from_body(emu, request, EMU_CAMPAIGNS);
}

static bool load(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	(void)sequence;
	int list = 0;
	while (list < EMU_SEEDS_MAX && strcmp(lists[list].name, id) != 0)
		list++;
	cJSON *items = list < EMU_SEEDS_MAX ? cJSON_Parse(json) : NULL;
	bool good = items && are_good((enum hsm_emu_seeds)list, items);
	if (good)
		set(emu, (enum hsm_emu_seeds)list, items);
	else
		cJSON_Delete(items);
	return good;
}

bool hsm_emu_seeds_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "seeds", load);
}
