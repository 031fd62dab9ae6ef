#ifndef HSM_EMULATOR_EMULATOR_H
#define HSM_EMULATOR_EMULATOR_H

#include "cmd/emulator/accounts.h"
#include "cmd/emulator/clock.h"
#include "cmd/emulator/collections.h"
#include "cmd/emulator/conversations.h"
#include "cmd/emulator/datatables.h"
#include "cmd/emulator/deliveries.h"
#include "cmd/emulator/faults.h"
#include "cmd/emulator/graph.h"
#include "cmd/emulator/log.h"
#include "cmd/emulator/oauth.h"
#include "cmd/emulator/options.h"
#include "cmd/emulator/organization.h"
#include "cmd/emulator/outcomes.h"
#include "cmd/emulator/review.h"
#include "cmd/emulator/seeds.h"
#include "cmd/emulator/store.h"
#include "cmd/emulator/webhooks.h"

/* Everything there is: one thread, one loop, so nothing is locked. */
struct hsm_emu {
	struct hsm_emu_options options;
	struct hsm_emu_clock clock;
	struct hsm_emu_store store;
	struct hsm_emu_oauth oauth;
	struct hsm_emu_organization organization;
	struct hsm_emu_accounts accounts;
	struct hsm_emu_review review;
	struct hsm_emu_webhooks webhooks;
	struct hsm_emu_deliveries deliveries;
	struct hsm_emu_conversations conversations;
	struct hsm_emu_outcomes outcomes;
	struct hsm_emu_datatables datatables;
	struct hsm_emu_graph graph;
	struct hsm_emu_collection collections[EMU_KIND_MAX];
	cJSON *seeds[EMU_SEEDS_MAX]; /* arrays */
	struct hsm_emu_faults faults;
	struct hsm_emu_log log;
	struct hsm_emu_server *server;
	uint64_t sequence; /* of everything that is ordered by creation */
};

#define EMU_ID_SIZE 37

/* A random UUID. */
void hsm_emu_id_generate(char id[EMU_ID_SIZE]);

/* A number as Meta's ids are: text, since no double holds it. */
void hsm_emu_id_generate_number(char id[EMU_ID_SIZE]);

/* Reads what --data holds. */
int hsm_emu_load(struct hsm_emu *emu, struct hsm_error *error);

/* Forgets everything but options and the review script, in memory and in --data. */
void hsm_emu_reset(struct hsm_emu *emu);

/* What every process starts with: the organisation and its providers. */
void hsm_emu_fill_defaults(struct hsm_emu *emu);

#endif
