#ifndef HSM_EMULATOR_PLACEHOLDERS_H
#define HSM_EMULATOR_PLACEHOLDERS_H

#include <cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "cmd/emulator/collections.h"

struct hsm_emu_template;

/*
 * Whether the parameters of a send fill the response's texts: each is a substitution of its component, there once, and
 * none is missing that has no default. False: answered with 400.
 */
bool hsm_emu_placeholders_check(struct hsm_emu_request *request, const struct hsm_emu_document *response,
				const cJSON *template);

/* Whether the response has as many substitutions in each component as Meta's template has variables. */
bool hsm_emu_placeholders_fit(const struct hsm_emu_document *response, const struct hsm_emu_template *template);

#endif
