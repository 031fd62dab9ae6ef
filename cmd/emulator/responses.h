#ifndef HSM_EMULATOR_RESPONSES_H
#define HSM_EMULATOR_RESPONSES_H

#include <stdbool.h>

#include "cmd/emulator/collections.h"
#include "cmd/emulator/forms.h"

bool hsm_emu_response_is_in(const struct hsm_emu_document *response, const char *library);

/* Its template of WhatsApp, or NULL. */
const cJSON *hsm_emu_response_whatsapp(const struct hsm_emu_document *response);

extern const struct hsm_emu_form hsm_emu_response_form[];

/* What the form of a response cannot say; false: answered with 400. */
bool hsm_emu_response_check(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *response);

#endif
