#ifndef HSM_EMULATOR_GRAPH_MESSAGES_H
#define HSM_EMULATOR_GRAPH_MESSAGES_H

#include <stdbool.h>

struct hsm_emu;
struct hsm_emu_request;

/* POST /{phone number id}/messages */
void hsm_emu_graph_message_send(struct hsm_emu *emu, struct hsm_emu_request *request);

bool hsm_emu_graph_messages_load(struct hsm_emu *emu);
void hsm_emu_graph_messages_release(struct hsm_emu *emu);

#endif
