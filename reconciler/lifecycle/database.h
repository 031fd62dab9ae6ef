#ifndef HSM_DATABASE_H
#define HSM_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/error.h"

/*
 * SQL over SQLite or PostgreSQL, for statements that both understand: parameters
 * are $1, $2, ... and, like results, texts or NULL. One thread uses a database at
 * a time.
 *
 * Failures are HSM_ERROR_UNAVAILABLE where waiting may help (a server that went
 * away, a full disk, a lock), else HSM_ERROR_FAILED. After one inside a
 * transaction the transaction is gone.
 */
struct hsm_database;

/*
 * url: "sqlite:FILE" (WAL, synced on every commit) or "postgres://..." as libpq
 * takes it. Opening connects; a connection that is lost is opened again by the
 * next transaction.
 */
int hsm_database_open(struct hsm_database **database, const char *url, struct hsm_error *error);
void hsm_database_close(struct hsm_database *database);

/* Whether several processes may work on it at once. */
bool hsm_database_is_shared(const struct hsm_database *database);

/* The values of a row, borrowed; non-zero stops and is returned. */
typedef int hsm_database_row(void *user, const char *const *values);

/*
 * Runs one statement. SQL must be a literal: it is prepared once and known by its
 * address. row may be NULL; *changed (may be NULL) is how many rows it wrote.
 */
int hsm_database_run(struct hsm_database *database, const char *sql, const char *const *parameters, size_t count,
		     hsm_database_row *row, void *user, size_t *changed, struct hsm_error *error);

/*
 * A transaction that writes: one at a time among all processes, so that what is
 * read in it is true when it commits. Committed is durable.
 */
int hsm_database_begin(struct hsm_database *database, struct hsm_error *error);
int hsm_database_commit(struct hsm_database *database, struct hsm_error *error);
void hsm_database_rollback(struct hsm_database *database);

/*
 * Tries to become the one process that leads, or to stay it. The lock ends with
 * the process, or with its connection. 0: *leads says which.
 */
int hsm_database_lead(struct hsm_database *database, const char *name, bool *leads, struct hsm_error *error);

#endif
