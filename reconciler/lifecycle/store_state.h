#ifndef HSM_STORE_STATE_H
#define HSM_STORE_STATE_H

#include "reconciler/lifecycle/store.h"

/* Private to the store. */

#define HSM_STORE_NUMBER_SIZE 24

/* Statements that follow from a table of registry.h. */
struct hsm_store_statements {
	char *save, *load;
};

/* Alerts of one kind: a storm writes the first ones, and how many they are in each transaction. */
struct hsm_store_alerts {
	size_t written; /* by this process since a letter told all */
	/* of the transaction */
	size_t unwritten;
	int64_t number; /* of the last one written; 0: none is yet */
};

struct hsm_store {
	struct hsm_database *database;
	char *environment;
	int64_t revision; /* that is read */
	int64_t writing;  /* of the transaction under way; 0: none */
	int64_t number;   /* of what it adds next */
	struct hsm_store_alerts alerts[HSM_ALERT_KIND_MAX_];
	struct hsm_store_statements versions, translations;
	struct hsm_arena scratch; /* of one call */
};

/* A statement without rows; SQL is a literal. */
int hsm_store_run(struct hsm_store *store, const char *sql, const char *const *parameters, size_t count,
		  struct hsm_error *error);

/* Writes how many alerts the transaction did not write. */
int hsm_store_count_alerts(struct hsm_store *store, struct hsm_error *error);

/* Values of columns that are NOT NULL: a file that others made may have none all the same. */
const char *hsm_store_read_text(const char *value);
int64_t hsm_store_read_number(const char *value);

/* A parameter of a statement, somewhere in text. */
const char *hsm_store_format_number(char text[HSM_STORE_NUMBER_SIZE], int64_t number);

#endif
