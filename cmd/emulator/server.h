#ifndef HSM_EMULATOR_SERVER_H
#define HSM_EMULATOR_SERVER_H

#include "schema/base/error.h"

struct hsm_emu;

/* Listens; *port is the one that it got. */
int hsm_emu_server_open(struct hsm_emu *emu, int *port, struct hsm_error *error);

/* Serves until SIGTERM or SIGINT. */
int hsm_emu_server_run(struct hsm_emu *emu, struct hsm_error *error);
void hsm_emu_server_close(struct hsm_emu *emu);

#endif
