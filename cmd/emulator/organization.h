#ifndef HSM_EMULATOR_ORGANIZATION_H
#define HSM_EMULATOR_ORGANIZATION_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>

struct hsm_emu;
struct hsm_emu_request;

struct hsm_emu_provider {
	char *id, *name, *type, *status;
};

struct hsm_emu_organization {
	char *id, *name;
	struct hsm_emu_provider *providers;
	size_t count, capacity;
};

void hsm_emu_organization_fill(struct hsm_emu *emu);
bool hsm_emu_organization_load(struct hsm_emu *emu);
void hsm_emu_organization_release(struct hsm_emu *emu);

/* NULL: no such provider. */
const struct hsm_emu_provider *hsm_emu_provider_find(const struct hsm_emu *emu, const char *id);
bool hsm_emu_provider_is_whatsapp(const struct hsm_emu_provider *provider);
bool hsm_emu_provider_is_active(const struct hsm_emu_provider *provider);
/* The first WHATSAPP provider, or NULL. */
const struct hsm_emu_provider *hsm_emu_provider_first(const struct hsm_emu *emu);

void hsm_emu_organization_get(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_providers_list(struct hsm_emu *emu, struct hsm_emu_request *request);
/* All of them as a JSON array. */
void hsm_emu_providers_append(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_set_organization(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_set_providers(struct hsm_emu *emu, struct hsm_emu_request *request);

#endif
