#ifndef HSM_EMULATOR_ADMIN_H
#define HSM_EMULATOR_ADMIN_H

struct hsm_emu;
struct hsm_emu_request;

void hsm_emu_admin_get_state(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_reset(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_advance_clock(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_seed_templates(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_delete_template(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_review_template(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_review_many(struct hsm_emu *emu, struct hsm_emu_request *request);

#endif
