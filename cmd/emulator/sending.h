#ifndef HSM_EMULATOR_SENDING_H
#define HSM_EMULATOR_SENDING_H

#include <cJSON.h>
#include <stdbool.h>

struct hsm_emu;
struct hsm_emu_request;

#define EMU_FATE_DELIVERED 0
#define EMU_FATE_DROPPED (-1)

/*
 * Whether the messages of a conversation may be sent; false: answered with 400. fates
 * is an array that gets a number for each: DELIVERED, DROPPED, or the code that it
 * fails with.
 */
bool hsm_emu_sending_check(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *conversation,
			   bool window_open, cJSON *fates);

#endif
