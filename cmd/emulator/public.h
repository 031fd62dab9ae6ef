#ifndef HSM_EMULATOR_PUBLIC_H
#define HSM_EMULATOR_PUBLIC_H

struct hsm_emu;
struct hsm_emu_request;

/* The public API of Genesys Cloud, as far as templates and messages need it. */

void hsm_emu_integrations_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_integrations_get(struct hsm_emu *emu, struct hsm_emu_request *request);

void hsm_emu_libraries_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_libraries_query(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_libraries_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_libraries_get(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_libraries_replace(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_libraries_delete(struct hsm_emu *emu, struct hsm_emu_request *request);

void hsm_emu_responses_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_responses_query(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_responses_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_responses_get(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_responses_replace(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_responses_delete(struct hsm_emu *emu, struct hsm_emu_request *request);

void hsm_emu_dependencies_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_campaigns_list(struct hsm_emu *emu, struct hsm_emu_request *request);

void hsm_emu_agentless_send(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_messages_get(struct hsm_emu *emu, struct hsm_emu_request *request);
/* All of them as a JSON array, oldest first. */
void hsm_emu_messages_append(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_set_message(struct hsm_emu *emu, struct hsm_emu_request *request);

#endif
