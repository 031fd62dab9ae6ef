/* PostgreSQL through libpq: several processes share it. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/lifecycle/database_backend.h"
#include "schema/base/fingerprint.h"
#include "schema/base/memory.h"

#define STATEMENTS_MAX 128
#define COLUMNS_MAX 64

struct postgres {
	struct hsm_database database;
	PGconn *connection;
	char *url;
	const char *prepared[STATEMENTS_MAX]; /* by address; of this connection, by index */
	size_t count;
	bool leads;
};

static struct postgres *cast(struct hsm_database *database)
{
	return (struct postgres *)database;
}

/* The server's first line, or libpq's, which holds no password: see check_url. */
static int fail(struct postgres *postgres, const char *what, PGresult *result, struct hsm_error *error)
{
	const char *message = result ? PQresultErrorMessage(result) : PQerrorMessage(postgres->connection);
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	/* 08 connection, 53 resources, 40 rolled back, 57 shut down, 55 lock: https://www.postgresql.org, appendix A */
	bool later = !state || PQstatus(postgres->connection) != CONNECTION_OK || strncmp(state, "08", 2) == 0 ||
		     strncmp(state, "53", 2) == 0 || strncmp(state, "40", 2) == 0 || strncmp(state, "57", 2) == 0 ||
		     strncmp(state, "55", 2) == 0;
	return hsm_error_set(error, later ? HSM_ERROR_UNAVAILABLE : HSM_ERROR_FAILED, "registry: %s: %.*s", what,
			     (int)strcspn(message, "\n"), message);
}

static int connect_again(struct postgres *postgres, struct hsm_error *error)
{
	if (postgres->connection && PQstatus(postgres->connection) == CONNECTION_OK)
		return 0;
	PQfinish(postgres->connection);
	postgres->count = 0;
	postgres->leads = false;
	/* A server that is gone without a word is noticed. */
	const char *const keys[] = { "dbname", "application_name", "connect_timeout", "keepalives_idle",
				     "keepalives_interval", "keepalives_count", "tcp_user_timeout", NULL };
	const char *const values[] = { postgres->url, "hsmctl", "5", "5", "2", "3", "8000", NULL };
	postgres->connection = PQconnectdbParams(keys, values, 1);
	if (PQstatus(postgres->connection) != CONNECTION_OK)
		return fail(postgres, "cannot connect", NULL, error);
	PGresult *result = PQexec(postgres->connection,
				  "SET client_min_messages = warning; SET synchronous_commit = on; "
				  "SET idle_in_transaction_session_timeout = '30s'");
	int rc = PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : fail(postgres, "cannot begin", result, error);
	PQclear(result);
	return rc;
}

static void close_postgres(struct hsm_database *database)
{
	struct postgres *postgres = cast(database);
	PQfinish(postgres->connection);
	free(postgres->url);
	free(postgres);
}

/* Whether it may be a part of the user or the password, which ended too early. */
static bool is_misread(const PQconninfoOption *option)
{
	bool is_port = strcmp(option->keyword, "port") == 0;
	if (!option->val || strcmp(option->keyword, "user") == 0 || strcmp(option->keyword, "password") == 0)
		return false;
	return strchr(option->val, '@') || (is_port && strspn(option->val, "0123456789,") != strlen(option->val));
}

/* libpq's own messages quote what they cannot read, and hosts and ports that are pieces of a password. */
static int check_url(const char *url, struct hsm_error *error)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	bool good = options != NULL;
	for (const PQconninfoOption *option = options; good && option->keyword; option++)
		good = !is_misread(option);
	PQconninfoFree(options);
	return good ? 0 :
		      hsm_error_set(error, HSM_ERROR_CONFIG,
				    "a registry's URL that libpq does not take: in its user and password, '%%' is written %%25, "
				    "'/' %%2F, '@' %%40, ':' %%3A, '&' %%26");
}

static int open_postgres(struct hsm_database **database, const char *url, struct hsm_error *error)
{
	int rc = check_url(url, error);
	if (rc)
		return rc;
	struct postgres *postgres = hsm_memory_allocate(sizeof(*postgres));
	postgres->database.backend = &hsm_database_postgres;
	postgres->url = hsm_memory_copy_string(url);
	rc = connect_again(postgres, error);
	if (rc)
		close_postgres(&postgres->database);
	else
		*database = &postgres->database;
	return rc;
}

static int prepare(struct postgres *postgres, const char *sql, char name[16], struct hsm_error *error)
{
	size_t at = 0;
	while (at < postgres->count && postgres->prepared[at] != sql)
		at++;
	snprintf(name, 16, "s%zu", at);
	if (at < postgres->count)
		return 0;
	if (at == STATEMENTS_MAX)
		return hsm_error_set(error, HSM_ERROR_FAILED, "registry: too many statements");
	PGresult *result = PQprepare(postgres->connection, name, sql, 0, NULL);
	int rc = PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : fail(postgres, "a statement is wrong", result, error);
	PQclear(result);
	if (!rc)
		postgres->prepared[postgres->count++] = sql;
	return rc;
}

static int give_rows(const PGresult *result, hsm_database_row *row, void *user)
{
	const char *values[COLUMNS_MAX];
	int columns = PQnfields(result), rc = 0;
	for (int i = 0; !rc && i < PQntuples(result); i++) {
		for (int j = 0; j < columns && j < COLUMNS_MAX; j++)
			values[j] = PQgetisnull(result, i, j) ? NULL : PQgetvalue(result, i, j);
		rc = row(user, values);
	}
	return rc;
}

static int run(struct hsm_database *database, const char *sql, const char *const *parameters, size_t count,
	       hsm_database_row *row, void *user, size_t *changed, struct hsm_error *error)
{
	struct postgres *postgres = cast(database);
	char name[16];
	/* Within a transaction a new connection would be outside of it. */
	int rc = PQtransactionStatus(postgres->connection) == PQTRANS_IDLE ||
				 PQtransactionStatus(postgres->connection) == PQTRANS_UNKNOWN ?
			 connect_again(postgres, error) :
			 0;
	if (!rc)
		rc = prepare(postgres, sql, name, error);
	if (rc)
		return rc;
	PGresult *result = PQexecPrepared(postgres->connection, name, (int)count, parameters, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		rc = fail(postgres, "a statement failed", result, error);
	if (!rc && changed)
		*changed = (size_t)strtoul(PQcmdTuples(result), NULL, 10);
	if (!rc && row)
		rc = give_rows(result, row, user);
	PQclear(result);
	return rc;
}

static int execute(struct postgres *postgres, const char *sql, struct hsm_error *error)
{
	PGresult *result = PQexec(postgres->connection, sql);
	ExecStatusType status = PQresultStatus(result);
	int rc = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : fail(postgres, sql, result, error);
	PQclear(result);
	return rc;
}

static void rollback(struct hsm_database *database)
{
	struct postgres *postgres = cast(database);
	struct hsm_error ignored;
	if (PQstatus(postgres->connection) == CONNECTION_OK)
		execute(postgres, "ROLLBACK", &ignored);
}

/* A number for pg_advisory_lock, from a name. */
static int64_t lock_key(const char *name)
{
	char hash[HSM_FINGERPRINT_SIZE];
	hsm_fingerprint_compute(name, strlen(name), hash);
	hash[15] = '\0'; /* 60 bits: never negative */
	return (int64_t)strtoll(hash, NULL, 16);
}

static int begin(struct hsm_database *database, struct hsm_error *error)
{
	struct postgres *postgres = cast(database);
	char sql[128];
	int rc = connect_again(postgres, error);
	snprintf(sql, sizeof(sql), "BEGIN; SELECT pg_advisory_xact_lock(%lld)",
		 (long long)lock_key("hsmctl registry writer"));
	if (!rc)
		rc = execute(postgres, sql, error);
	if (rc)
		rollback(database);
	return rc;
}

static int commit(struct hsm_database *database, struct hsm_error *error)
{
	struct postgres *postgres = cast(database);
	PGresult *result = PQexec(postgres->connection, "COMMIT");
	/* A transaction that failed before ends with ROLLBACK, which is no error to libpq. */
	bool done = PQresultStatus(result) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(result), "COMMIT") == 0;
	int rc = done ? 0 : fail(postgres, "cannot commit", result, error);
	PQclear(result);
	if (rc)
		rollback(database);
	return rc;
}

static int note_lock(void *user, const char *const *values)
{
	*(bool *)user = values[0] && *values[0] == 't';
	return 0;
}

static int lead(struct hsm_database *database, const char *name, bool *leads, struct hsm_error *error)
{
	struct postgres *postgres = cast(database);
	char key[32];
	*leads = false;
	int rc = connect_again(postgres, error);
	snprintf(key, sizeof(key), "%lld", (long long)lock_key(name));
	/* A session's lock counts how often it was taken: ask the server that it still answers, and no more. */
	if (!rc && postgres->leads)
		rc = execute(postgres, "SELECT 1", error);
	else if (!rc)
		rc = run(database, "SELECT pg_try_advisory_lock(CAST($1 AS bigint))", (const char *const[]){ key }, 1,
			 note_lock, &postgres->leads, NULL, error);
	*leads = !rc && postgres->leads;
	return rc;
}

const struct hsm_database_backend hsm_database_postgres = {
	.open = open_postgres, .close = close_postgres, .run = run, .begin = begin, .commit = commit,
	.rollback = rollback, .lead = lead, .shared = true,
};
