#ifndef HSM_EMULATOR_SEEDS_H
#define HSM_EMULATOR_SEEDS_H

#include <cJSON.h>
#include <stdbool.h>

struct hsm_emu;
struct hsm_emu_request;

/* What the public API shows and only the admin path sets, a list at a time. */
enum hsm_emu_seeds {
	EMU_INTEGRATIONS,
	EMU_DEPENDENCIES,
	EMU_CAMPAIGNS,
	EMU_SEEDS_MAX,
};

/* To what there is at first. */
void hsm_emu_seeds_fill(struct hsm_emu *emu);
bool hsm_emu_seeds_load(struct hsm_emu *emu);
void hsm_emu_seeds_release(struct hsm_emu *emu);

/* Of a list that has ids: NULL where there is none. */
const cJSON *hsm_emu_seed_find(const struct hsm_emu *emu, enum hsm_emu_seeds list, const char *id);

/* The body replaces the list. */
void hsm_emu_admin_set_integrations(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_set_dependencies(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_set_campaigns(struct hsm_emu *emu, struct hsm_emu_request *request);

#endif
