#ifndef HSM_EMULATOR_LIMITS_H
#define HSM_EMULATOR_LIMITS_H

#include <stdbool.h>

struct hsm_emu;
struct hsm_emu_account;
struct hsm_emu_request;

/* Counts the request for its token; false: answered with 429. */
bool hsm_emu_limits_check_rate(struct hsm_emu *emu, struct hsm_emu_request *request);

/* One template more: false where the account is full (400) or the hour is spent (429). */
bool hsm_emu_limits_check_create(struct hsm_emu *emu, struct hsm_emu_request *request, struct hsm_emu_account *account);

/* A template was created. */
void hsm_emu_limits_count_create(struct hsm_emu_account *account);

#endif
