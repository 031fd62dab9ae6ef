#ifndef HSM_EMULATOR_OPERATORS_H
#define HSM_EMULATOR_OPERATORS_H

#include <cJSON.h>
#include <stdbool.h>

/* The comparisons of queries for libraries and responses, up to NULL. */
extern const char *const hsm_emu_operators[];

/* Whether one of the texts and one of the values compare so; of NOTEQUALS, none. Both are arrays of texts. */
bool hsm_emu_operator_holds(const char *operator, const cJSON *texts, const cJSON *values);

#endif
