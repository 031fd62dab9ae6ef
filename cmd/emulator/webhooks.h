#ifndef HSM_EMULATOR_WEBHOOKS_H
#define HSM_EMULATOR_WEBHOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hsm_emu;
struct hsm_emu_request;

struct hsm_emu_webhook {
	char id[37];
	uint64_t sequence;
	char *name, *url, *secret; /* secret: NULL where there is none */
	char **events;
	size_t event_count;
	bool enabled;
};

struct hsm_emu_webhooks {
	struct hsm_emu_webhook **webhooks; /* by creation */
	size_t count, capacity;
};

/* NULL: no such webhook. */
struct hsm_emu_webhook *hsm_emu_webhook_find(const struct hsm_emu *emu, const char *id);
bool hsm_emu_webhook_wants(const struct hsm_emu_webhook *webhook, const char *event);

void hsm_emu_webhooks_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_webhooks_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_webhooks_replace(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_webhooks_delete(struct hsm_emu *emu, struct hsm_emu_request *request);
/* All of them as a JSON array. */
void hsm_emu_webhooks_append(struct hsm_emu *emu, struct hsm_emu_request *request);

bool hsm_emu_webhooks_load(struct hsm_emu *emu);
void hsm_emu_webhooks_release(struct hsm_emu *emu);

#endif
