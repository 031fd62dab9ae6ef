#ifndef HSM_EMULATOR_STORE_H
#define HSM_EMULATOR_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/error.h"

struct hsm_emu;
struct sqlite3;
struct sqlite3_stmt;

/*
 * --data: every object as a JSON document under (kind, id). Without a file all of
 * this does nothing. A turn of the loop is one transaction; no answer leaves
 * before it is on disk.
 */
struct hsm_emu_store {
	struct sqlite3 *database;
	struct sqlite3_stmt *put, *delete;
	bool dirty;
};

int hsm_emu_store_open(struct hsm_emu_store *store, const char *file, struct hsm_error *error);
void hsm_emu_store_close(struct hsm_emu_store *store);

void hsm_emu_store_put(struct hsm_emu *emu, const char *kind, const char *id, uint64_t sequence, const char *json);
void hsm_emu_store_delete(struct hsm_emu *emu, const char *kind, const char *id);
void hsm_emu_store_clear(struct hsm_emu *emu);

/* Ends the turn's transaction. */
void hsm_emu_store_commit(struct hsm_emu *emu);

/* Calls load for every document of a kind, in order. False where one was refused. */
bool hsm_emu_store_load(struct hsm_emu *emu, const char *kind,
		    bool (*load)(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json));

#endif
