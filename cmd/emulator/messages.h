#ifndef HSM_EMULATOR_MESSAGES_H
#define HSM_EMULATOR_MESSAGES_H

#include <cJSON.h>
#include <stdint.h>

struct hsm_emu;
struct hsm_emu_request;

/*
 * Keeps a message that was accepted, and answers with it. json: the request's body, taken over; whatsapp: the
 * response's template, NULL where it is a text.
 */
void hsm_emu_message_add(struct hsm_emu *emu, struct hsm_emu_request *request, cJSON *json, const cJSON *whatsapp,
			 int64_t fate);

#endif
