#ifndef HSM_EMULATOR_SENDING_H
#define HSM_EMULATOR_SENDING_H

#include <cJSON.h>
#include <stdbool.h>

struct hsm_emu;
struct hsm_emu_request;

#define EMU_HEADER_MAXIMUM 60 /* characters, once the values stand in it */
#define EMU_BODY_TEXT_MAXIMUM 1024

/*
 * Whether the messages of a conversation may be sent; false: answered with 400. fates
 * is an array that gets an EMU_FATE for each.
 */
bool hsm_emu_sending_check(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *conversation,
			   bool window_open, cJSON *fates);

/* Whether a template may be given this value, of that type where it has one; false: answered with 400. */
bool hsm_emu_sending_check_value(struct hsm_emu_request *request, const cJSON *value, const char *type,
				 const char *field);

#endif
