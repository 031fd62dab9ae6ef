#ifndef HSM_EMULATOR_GRAPH_H
#define HSM_EMULATOR_GRAPH_H

#include <cJSON.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/emulator/map.h"
#include "cmd/emulator/review.h"
#include "cmd/emulator/webhooks.h"

/* Meta's Graph API: paths that begin with a version, /v23.0/. */

struct hsm_emu;
struct hsm_emu_request;
struct hsm_emu_template;

/* A WhatsApp Business Account. */
struct hsm_emu_waba {
	cJSON *node; /* its fields, phone_numbers among them */
	struct hsm_emu_webhook webhook; /* of the app that is subscribed; enabled: it is */
	int64_t hour_start, hour_count; /* of calls */
};

struct hsm_emu_graph {
	cJSON *app; /* the one that every token is of */
	struct hsm_emu_waba **wabas;
	size_t count, capacity;
	struct hsm_emu_map uploads; /* by id */
	struct hsm_emu_map messages; /* that webhooks will hear of, by id */
	struct hsm_emu_map handles; /* of those that are complete, by handle */
};

void hsm_emu_graph_fill(struct hsm_emu *emu);
bool hsm_emu_graph_load(struct hsm_emu *emu);
void hsm_emu_graph_release(struct hsm_emu *emu);

/* NULL: no such account. */
struct hsm_emu_waba *hsm_emu_waba_find(const struct hsm_emu *emu, const char *id);
const char *hsm_emu_waba_id(const struct hsm_emu_waba *waba);
/* Stores all of them, and what is subscribed to them. */
void hsm_emu_wabas_save(struct hsm_emu *emu);
/* The account that has this phone number, and the number; NULL: none. */
struct hsm_emu_waba *hsm_emu_waba_find_phone(const struct hsm_emu *emu, const char *id, const cJSON **phone);

/* Every request about an account counts for it; false: its hour is spent, and that is answered. */
bool hsm_emu_waba_count_call(struct hsm_emu *emu, struct hsm_emu_request *request, struct hsm_emu_waba *waba);
/* The account of the path, or NULL and the request is answered. */
struct hsm_emu_waba *hsm_emu_waba_captured(struct hsm_emu *emu, struct hsm_emu_request *request);

/* What a review says of a template of this API; false: it is gone. */
bool hsm_emu_graph_decide(struct hsm_emu *emu, struct hsm_emu_template *template, const struct hsm_emu_decision *decision);

/* Notes how much of the account's hour is spent, once the request is done. */
void hsm_emu_graph_note_usage(struct hsm_emu_request *request);
/* X-App-Usage and the like. */
void hsm_emu_graph_add_headers(const struct hsm_emu_request *request, struct MHD_Response *response);

/* For /_emulator/state: the app and the accounts. */
void hsm_emu_graph_append(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_set_wabas(struct hsm_emu *emu, struct hsm_emu_request *request);

#endif
