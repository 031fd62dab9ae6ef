#ifndef HSM_EMULATOR_CONVERSATIONS_H
#define HSM_EMULATOR_CONVERSATIONS_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/emulator/map.h"

struct hsm_emu;
struct hsm_emu_request;

struct hsm_emu_phone;

struct hsm_emu_conversation {
	const struct hsm_emu_phone *phone;
	/* The contract's Conversation but for what depends on the time; instead, `created`
	 * in milliseconds, and `fates`: what becomes of each message. */
	char *json;
};

/* A person who has or had conversations. */
struct hsm_emu_phone {
	char *number;
	int64_t user_wrote; /* 0: never */
	size_t *conversations; /* oldest first */
	size_t count, capacity;
};

struct hsm_emu_conversations {
	struct hsm_emu_map phones;
	struct hsm_emu_conversation *all; /* oldest first */
	size_t count, capacity;
};

/* +12345678901 */
bool hsm_emu_phone_is_valid(const char *number);

/* Whether the user wrote in the last 24 hours. */
bool hsm_emu_conversations_window_open(const struct hsm_emu *emu, const char *number);

/* A conversation that begins now, with the fate of each of its messages; owns both. False: there is no room. */
bool hsm_emu_conversation_add(struct hsm_emu *emu, const char *number, cJSON *conversation, cJSON *fates);

void hsm_emu_conversations_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_conversations_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_user_wrote(struct hsm_emu *emu, struct hsm_emu_request *request);
/* All of them as a JSON array, oldest first. */
void hsm_emu_conversations_append(struct hsm_emu *emu, struct hsm_emu_request *request);

bool hsm_emu_conversations_load(struct hsm_emu *emu);
void hsm_emu_conversations_release(struct hsm_emu *emu);

#endif
