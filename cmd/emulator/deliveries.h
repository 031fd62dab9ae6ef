#ifndef HSM_EMULATOR_DELIVERIES_H
#define HSM_EMULATOR_DELIVERIES_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/emulator/clock.h"
#include "schema/base/error.h"

struct hsm_emu;
struct hsm_emu_template;

/* One event on its way to one webhook. */
struct hsm_emu_delivery {
	char id[37];
	char webhook[37];
	char *body;
	uint64_t sequence;
	int64_t attempt;
	CURL *transfer; /* NULL: is ready, or waits for its timer */
	struct curl_slist *headers;
	struct hsm_emu_timer timer;
	struct hsm_emu_delivery_list *list; /* that it is in */
	struct hsm_emu_delivery *previous, *next;
};

struct hsm_emu_delivery_list {
	struct hsm_emu_delivery *first, *last;
};

struct hsm_emu_deliveries {
	CURLM *multi;
	struct hsm_emu_delivery_list ready;  /* oldest first */
	struct hsm_emu_delivery_list parked; /* under way, or waiting for a retry */
	size_t count;  /* of both */
	size_t active; /* transfers */
	uint64_t attempts, delivered, failed;
};

int hsm_emu_deliveries_open(struct hsm_emu *emu, struct hsm_error *error);
bool hsm_emu_deliveries_load(struct hsm_emu *emu);

/* Tells every webhook that wants to know what became of a template. */
void hsm_emu_deliveries_announce(struct hsm_emu *emu, const struct hsm_emu_template *template);

/* Sends a body to a webhook: one of the contract's, or of an account of Meta's API. */
void hsm_emu_deliveries_add(struct hsm_emu *emu, const char *webhook, const char *body);

/* Moves transfers on; never waits. */
void hsm_emu_deliveries_run(struct hsm_emu *emu);

/* Forgets all deliveries. */
void hsm_emu_deliveries_clear(struct hsm_emu *emu);
void hsm_emu_deliveries_close(struct hsm_emu *emu);

#endif
