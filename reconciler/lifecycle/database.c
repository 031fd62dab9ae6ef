#include "reconciler/lifecycle/database_backend.h"
#include "schema/base/text.h"

int hsm_database_open(struct hsm_database **database, const char *url, struct hsm_error *error)
{
	if (hsm_text_starts_with(url, "sqlite:") && url[7])
		return hsm_database_sqlite.open(database, url + 7, error);
	if (hsm_text_starts_with(url, "postgres://") || hsm_text_starts_with(url, "postgresql://"))
		return hsm_database_postgres.open(database, url, error);
	/* It may hold a password: not shown. */
	return hsm_error_set(error, HSM_ERROR_CONFIG, "a registry is sqlite:FILE or postgres://USER@HOST/DATABASE");
}

void hsm_database_close(struct hsm_database *database)
{
	if (database)
		database->backend->close(database);
}

bool hsm_database_is_shared(const struct hsm_database *database)
{
	return database->backend->shared;
}

int hsm_database_run(struct hsm_database *database, const char *sql, const char *const *parameters, size_t count,
		     hsm_database_row *row, void *user, size_t *changed, struct hsm_error *error)
{
	return database->backend->run(database, sql, parameters, count, row, user, changed, error);
}

int hsm_database_begin(struct hsm_database *database, struct hsm_error *error)
{
	return database->backend->begin(database, error);
}

int hsm_database_commit(struct hsm_database *database, struct hsm_error *error)
{
	return database->backend->commit(database, error);
}

void hsm_database_rollback(struct hsm_database *database)
{
	database->backend->rollback(database);
}

int hsm_database_lead(struct hsm_database *database, const char *name, bool *leads, struct hsm_error *error)
{
	return database->backend->lead(database, name, leads, error);
}
