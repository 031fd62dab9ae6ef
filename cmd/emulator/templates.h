#ifndef HSM_EMULATOR_TEMPLATES_H
#define HSM_EMULATOR_TEMPLATES_H

struct hsm_emu;
struct hsm_emu_request;

void hsm_emu_templates_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_templates_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_templates_get(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_templates_delete(struct hsm_emu *emu, struct hsm_emu_request *request);

#endif
