#ifndef HSM_EMULATOR_CONVERSATIONS_H
#define HSM_EMULATOR_CONVERSATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/emulator/map.h"

struct hsm_emu;
struct hsm_emu_request;

struct hsm_emu_conversation {
	char id[37];
	uint64_t sequence;
	char *json; /* the contract's Conversation but for what depends on the time */
};

/* A person who has or had conversations. */
struct hsm_emu_phone {
	char *number;
	int64_t user_wrote; /* 0: never */
	struct hsm_emu_conversation *conversations; /* oldest first */
	size_t count, capacity;
};

struct hsm_emu_conversations {
	struct hsm_emu_map phones;
	size_t count;
};

void hsm_emu_conversations_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_conversations_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_user_wrote(struct hsm_emu *emu, struct hsm_emu_request *request);
/* All of them as a JSON array. */
void hsm_emu_conversations_append(struct hsm_emu *emu, struct hsm_emu_request *request);

bool hsm_emu_conversations_load(struct hsm_emu *emu);
void hsm_emu_conversations_release(struct hsm_emu *emu);

#endif
