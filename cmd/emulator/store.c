#include "cmd/emulator/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/emulator/emulator.h"

static const char *const schema =
	"PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	"CREATE TABLE IF NOT EXISTS document(kind TEXT NOT NULL, id TEXT NOT NULL,"
	" sequence INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY(kind, id)) STRICT, WITHOUT ROWID;"
	"BEGIN IMMEDIATE; COMMIT;";

int hsm_emu_store_open(struct hsm_emu_store *store, const char *file, struct hsm_error *error)
{
	if (sqlite3_open(file, &store->database) != SQLITE_OK ||
	    sqlite3_exec(store->database, schema, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(store->database, "INSERT OR REPLACE INTO document VALUES(?,?,?,?)", -1,
			       &store->put, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(store->database, "DELETE FROM document WHERE kind=? AND id=?", -1,
			       &store->delete, NULL) != SQLITE_OK) {
		hsm_error_set(error, HSM_ERROR_FAILED, "cannot use '%s': %s", file, sqlite3_errmsg(store->database));
		hsm_emu_store_close(store);
		return error->class;
	}
	return 0;
}

void hsm_emu_store_close(struct hsm_emu_store *store)
{
	sqlite3_finalize(store->put);
	sqlite3_finalize(store->delete);
	sqlite3_close(store->database);
	*store = (struct hsm_emu_store){ 0 };
}

/* What was answered must be on disk: without a disk there is no going on. */
static void check(struct hsm_emu_store *store, bool done)
{
	if (done)
		return;
	fprintf(stderr, "genesys-emulator: --data: %s\n", sqlite3_errmsg(store->database));
	exit(1);
}

static void begin(struct hsm_emu_store *store)
{
	if (store->dirty)
		return;
	check(store, sqlite3_exec(store->database, "BEGIN", NULL, NULL, NULL) == SQLITE_OK);
	store->dirty = true;
}

static void run(struct hsm_emu_store *store, sqlite3_stmt *statement, const char *kind, const char *id)
{
	sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, id, -1, SQLITE_STATIC);
	check(store, sqlite3_step(statement) == SQLITE_DONE);
	sqlite3_reset(statement);
}

void hsm_emu_store_put(struct hsm_emu *emu, const char *kind, const char *id, uint64_t sequence, const char *json)
{
	struct hsm_emu_store *store = &emu->store;
	if (!store->database)
		return;
	begin(store);
	sqlite3_bind_int64(store->put, 3, (sqlite3_int64)sequence);
	sqlite3_bind_text(store->put, 4, json, -1, SQLITE_STATIC);
	run(store, store->put, kind, id);
}

void hsm_emu_store_delete(struct hsm_emu *emu, const char *kind, const char *id)
{
	struct hsm_emu_store *store = &emu->store;
	if (!store->database)
		return;
	begin(store);
	run(store, store->delete, kind, id);
}

void hsm_emu_store_clear(struct hsm_emu *emu)
{
	struct hsm_emu_store *store = &emu->store;
	if (!store->database)
		return;
	begin(store);
	check(store, sqlite3_exec(store->database, "DELETE FROM document", NULL, NULL, NULL) == SQLITE_OK);
}

void hsm_emu_store_commit(struct hsm_emu *emu)
{
	struct hsm_emu_store *store = &emu->store;
	if (!store->dirty)
		return;
	check(store, sqlite3_exec(store->database, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
	store->dirty = false;
}

bool hsm_emu_store_load(struct hsm_emu *emu, const char *kind,
		    bool (*load)(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json))
{
	sqlite3_stmt *statement = NULL;
	bool good = true;
	if (!emu->store.database)
		return true;
	if (sqlite3_prepare_v2(emu->store.database,
			       "SELECT id, sequence, json FROM document WHERE kind=? ORDER BY sequence", -1,
			       &statement, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC);
	int step;
	while (good && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		uint64_t sequence = (uint64_t)sqlite3_column_int64(statement, 1);
		if (sequence > emu->sequence)
			emu->sequence = sequence;
		good = load(emu, (const char *)sqlite3_column_text(statement, 0), sequence,
			    (const char *)sqlite3_column_text(statement, 2));
	}
	sqlite3_finalize(statement);
	return good && step == SQLITE_DONE;
}
