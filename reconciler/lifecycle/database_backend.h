#ifndef HSM_DATABASE_BACKEND_H
#define HSM_DATABASE_BACKEND_H

#include "reconciler/lifecycle/database.h"

/* What each kind of database implements: database.h's functions of the same names. */
struct hsm_database_backend {
	int (*open)(struct hsm_database **database, const char *url, struct hsm_error *error);
	void (*close)(struct hsm_database *database);
	int (*run)(struct hsm_database *database, const char *sql, const char *const *parameters, size_t count,
		   hsm_database_row *row, void *user, size_t *changed, struct hsm_error *error);
	int (*begin)(struct hsm_database *database, struct hsm_error *error);
	int (*commit)(struct hsm_database *database, struct hsm_error *error);
	void (*rollback)(struct hsm_database *database);
	int (*lead)(struct hsm_database *database, const char *name, bool *leads, struct hsm_error *error);
	bool shared;
};

/* Each kind's struct starts with this. */
struct hsm_database {
	const struct hsm_database_backend *backend;
};

extern const struct hsm_database_backend hsm_database_sqlite;
extern const struct hsm_database_backend hsm_database_postgres;

#endif
