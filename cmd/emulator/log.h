#ifndef HSM_EMULATOR_LOG_H
#define HSM_EMULATOR_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "cmd/emulator/map.h"

struct hsm_emu;
struct hsm_emu_request;

#define EMU_LOG_SIZE 20000       /* requests kept; counters know them all */
#define EMU_LOG_BODY_MAXIMUM 16384

struct hsm_emu_log_entry {
	uint64_t number; /* from 1 */
	int64_t time;
	char *method, *path, *query, *body, *fault;
	char token[12];
	unsigned status; /* 0: no answer */
};

struct hsm_emu_log {
	struct hsm_emu_log_entry *ring; /* of EMU_LOG_SIZE, made with the first request */
	uint64_t count;
	struct hsm_emu_map routes, statuses;
};

/* Records a request to the API that has its answer. */
void hsm_emu_log_add(struct hsm_emu *emu, const struct hsm_emu_request *request, const char *route);
void hsm_emu_log_release(struct hsm_emu *emu);

void hsm_emu_admin_get_requests(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_delete_requests(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_get_counters(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_log_append_counters(struct hsm_emu *emu, struct hsm_emu_request *request);

#endif
