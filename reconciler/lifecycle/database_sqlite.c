/* One file, one process: a second one would decide beside the first. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "reconciler/lifecycle/database_backend.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define STATEMENTS_MAX 128
#define COLUMNS_MAX 64
#define PARAMETERS_MAX 64
#define BUSY_MILLISECONDS 5000
#define VALUE_MAX (64 << 20) /* bytes */

struct prepared {
	const char *sql; /* by address */
	sqlite3_stmt *statement;
	int places[PARAMETERS_MAX]; /* of $1, $2, ...; 0: it is not there */
};

struct sqlite {
	struct hsm_database database;
	sqlite3 *handle;
	char *path;
	int lock; /* file that leads; -1: none */
	struct prepared prepared[STATEMENTS_MAX];
	size_t count;
};

static struct sqlite *cast(struct hsm_database *database)
{
	return (struct sqlite *)database;
}

static bool is_text(const char *text)
{
	size_t length = strlen(text);
	return hsm_text_find_invalid(text, length) == length;
}

static int fail(struct sqlite *sqlite, const char *what, struct hsm_error *error)
{
	int code = sqlite3_errcode(sqlite->handle) & 0xff;
	bool later = code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_FULL || code == SQLITE_IOERR ||
		     code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_PROTOCOL;
	const char *message = sqlite3_errmsg(sqlite->handle);
	if (!is_text(message)) /* it quotes a file that is damaged */
		message = sqlite3_errstr(code);
	return hsm_error_set(error, later ? HSM_ERROR_UNAVAILABLE : HSM_ERROR_FAILED, "registry '%s': %s: %s",
			     sqlite->path, what, message);
}

static void close_sqlite(struct hsm_database *database)
{
	struct sqlite *sqlite = cast(database);
	for (size_t i = 0; i < sqlite->count; i++)
		sqlite3_finalize(sqlite->prepared[i].statement);
	sqlite3_close(sqlite->handle);
	if (sqlite->lock >= 0)
		close(sqlite->lock);
	free(sqlite->path);
	free(sqlite);
}

static int open_sqlite(struct hsm_database **database, const char *path, struct hsm_error *error)
{
	struct sqlite *sqlite = hsm_memory_allocate(sizeof(*sqlite));
	sqlite->database.backend = &hsm_database_sqlite;
	sqlite->path = hsm_memory_copy_string(path);
	sqlite->lock = -1;
	/* Statistics of memory that nobody reads cost an eighth of a statement. Refused once SQLite runs. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	int code = sqlite3_open_v2(path, &sqlite->handle,
				   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK) {
		sqlite3_limit(sqlite->handle, SQLITE_LIMIT_LENGTH, VALUE_MAX);
		code = sqlite3_busy_timeout(sqlite->handle, BUSY_MILLISECONDS);
	}
	/* FULL: in WAL mode NORMAL may lose the last commits with the power. */
	if (code == SQLITE_OK)
		code = sqlite3_exec(sqlite->handle,
				    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
				    "PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-65536; PRAGMA trusted_schema=OFF",
				    NULL, NULL, NULL);
	if (code != SQLITE_OK) {
		int rc = fail(sqlite, "cannot be opened", error);
		close_sqlite(&sqlite->database);
		return rc;
	}
	*database = &sqlite->database;
	return 0;
}

/* "$2" is a name to SQLite: its place is where it stands first. */
static void find_places(struct prepared *prepared)
{
	for (int i = 0; i < PARAMETERS_MAX; i++) {
		char name[16];
		snprintf(name, sizeof(name), "$%d", i + 1);
		prepared->places[i] = sqlite3_bind_parameter_index(prepared->statement, name);
	}
}

static const struct prepared *prepare(struct sqlite *sqlite, const char *sql)
{
	for (size_t i = 0; i < sqlite->count; i++)
		if (sqlite->prepared[i].sql == sql)
			return &sqlite->prepared[i];
	sqlite3_stmt *statement = NULL;
	if (sqlite->count == STATEMENTS_MAX ||
	    sqlite3_prepare_v3(sqlite->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
		return NULL;
	struct prepared *prepared = &sqlite->prepared[sqlite->count++];
	*prepared = (struct prepared){ .sql = sql, .statement = statement };
	find_places(prepared);
	return prepared;
}

static void bind(const struct prepared *prepared, const char *const *parameters, size_t count)
{
	for (size_t i = 0; i < count && i < PARAMETERS_MAX; i++)
		if (prepared->places[i])
			sqlite3_bind_text(prepared->statement, prepared->places[i], parameters[i], -1, SQLITE_STATIC);
}

/* Only what is text everywhere may come to people and programs. */
static bool read_values(sqlite3_stmt *statement, const char *values[COLUMNS_MAX])
{
	int columns = sqlite3_column_count(statement);
	for (int i = 0; i < columns && i < COLUMNS_MAX; i++) {
		values[i] = (const char *)sqlite3_column_text(statement, i);
		if (values[i] && !is_text(values[i]))
			return false;
	}
	return true;
}

static int step(struct sqlite *sqlite, sqlite3_stmt *statement, hsm_database_row *row, void *user,
		struct hsm_error *error)
{
	const char *values[COLUMNS_MAX];
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_values(statement, values))
			return hsm_error_set(error, HSM_ERROR_FAILED, "registry '%s': a text in it is not UTF-8", sqlite->path);
		int rc = row ? row(user, values) : 0;
		if (rc)
			return rc;
	}
	return code == SQLITE_DONE ? 0 : fail(sqlite, "a statement failed", error);
}

static int run(struct hsm_database *database, const char *sql, const char *const *parameters, size_t count,
	       hsm_database_row *row, void *user, size_t *changed, struct hsm_error *error)
{
	struct sqlite *sqlite = cast(database);
	const struct prepared *prepared = prepare(sqlite, sql);
	if (!prepared)
		return fail(sqlite, "a statement is wrong", error);
	bind(prepared, parameters, count);
	int rc = step(sqlite, prepared->statement, row, user, error);
	if (changed)
		*changed = (size_t)sqlite3_changes(sqlite->handle);
	sqlite3_reset(prepared->statement);
	sqlite3_clear_bindings(prepared->statement);
	return rc;
}

static int execute(struct sqlite *sqlite, const char *sql, struct hsm_error *error)
{
	return run(&sqlite->database, sql, NULL, 0, NULL, NULL, NULL, error);
}

static int begin(struct hsm_database *database, struct hsm_error *error)
{
	return execute(cast(database), "BEGIN IMMEDIATE", error);
}

static void rollback(struct hsm_database *database)
{
	struct sqlite *sqlite = cast(database);
	struct hsm_error ignored;
	if (!sqlite3_get_autocommit(sqlite->handle))
		execute(sqlite, "ROLLBACK", &ignored);
}

static int commit(struct hsm_database *database, struct hsm_error *error)
{
	int rc = execute(cast(database), "COMMIT", error);
	if (rc)
		rollback(database);
	return rc;
}

static int lead(struct hsm_database *database, const char *name, bool *leads, struct hsm_error *error)
{
	struct sqlite *sqlite = cast(database);
	(void)name;
	if (sqlite->lock < 0) {
		char *path = hsm_memory_allocate(strlen(sqlite->path) + sizeof(".lock"));
		sprintf(path, "%s.lock", sqlite->path);
		sqlite->lock = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
		free(path);
	}
	if (sqlite->lock < 0)
		return hsm_error_set(error, HSM_ERROR_FAILED, "registry '%s': its lock file: %s", sqlite->path,
				     strerror(errno));
	*leads = flock(sqlite->lock, LOCK_EX | LOCK_NB) == 0;
	return 0;
}

const struct hsm_database_backend hsm_database_sqlite = {
	.open = open_sqlite, .close = close_sqlite, .run = run, .begin = begin, .commit = commit,
	.rollback = rollback, .lead = lead, .shared = false,
};
