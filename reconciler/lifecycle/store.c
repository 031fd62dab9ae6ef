#include "reconciler/lifecycle/store_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"
#include "schema/name.h"

#define PARAMETERS_MAX 32
#define STATEMENTS_MAX 16 /* of a migration */

/*
 * The statements of a migration; what was released is never changed. What only grows has
 * the number that the store gives it, which is its order, as its key: SQLite adds such a row
 * at the end of the table and keeps no index beside it, where the type is called INTEGER.
 * In other keys the environment, which is mostly the same, is compared last.
 */
static const struct statement {
	const char *sql;
	bool shared; /* only where several processes may work */
} migrations[][STATEMENTS_MAX] = {
	{
		{ "CREATE TABLE state (environment TEXT NOT NULL, name TEXT NOT NULL, value TEXT, "
		  "PRIMARY KEY (name, environment))", false },
		{ "CREATE TABLE version (environment TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL, "
		  "base TEXT NOT NULL, number BIGINT NOT NULL, id TEXT, status TEXT, category TEXT, accepted TEXT, "
		  "reason TEXT, quality TEXT, signature TEXT, parameters TEXT, content TEXT, changed BIGINT NOT NULL, "
		  "categorised BIGINT NOT NULL, assessed BIGINT NOT NULL, seen BIGINT NOT NULL, created BIGINT NOT NULL, "
		  "used BIGINT NOT NULL, revision BIGINT NOT NULL, PRIMARY KEY (name, language, environment))", false },
		{ "CREATE TABLE translation (environment TEXT NOT NULL, base TEXT NOT NULL, language TEXT NOT NULL, "
		  "category TEXT, target TEXT, held TEXT, suggested TEXT, fallback TEXT, routes TEXT, inputs TEXT, "
		  "managed BIGINT NOT NULL, preferred TEXT, active TEXT, previous TEXT, substitute TEXT, "
		  "substitute_name TEXT, substitute_text TEXT, cause TEXT, since BIGINT NOT NULL, "
		  "revision BIGINT NOT NULL, PRIMARY KEY (base, language, environment))", false },
		{ "CREATE TABLE event (number INTEGER PRIMARY KEY, environment TEXT NOT NULL, id TEXT NOT NULL, "
		  "source TEXT NOT NULL, kind TEXT NOT NULL, received BIGINT NOT NULL, sent BIGINT NOT NULL, "
		  "base TEXT, name TEXT, language TEXT, value TEXT, body TEXT NOT NULL, UNIQUE (id, environment))", false },
		{ "CREATE INDEX event_base ON event (base, environment, number)", false },
		{ "CREATE TABLE change (number INTEGER PRIMARY KEY, environment TEXT NOT NULL, time BIGINT NOT NULL, "
		  "base TEXT NOT NULL, language TEXT NOT NULL, before TEXT, after TEXT, substitute TEXT, why TEXT)", false },
		{ "CREATE INDEX change_base ON change (base, environment, number)", false },
		{ "CREATE TABLE alert (number INTEGER PRIMARY KEY, environment TEXT NOT NULL, time BIGINT NOT NULL, "
		  "kind TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, count BIGINT NOT NULL)", false },
		{ "CREATE TABLE letter (environment TEXT NOT NULL, id TEXT NOT NULL, receiver TEXT NOT NULL, "
		  "body TEXT NOT NULL, created BIGINT NOT NULL, attempts BIGINT NOT NULL, due BIGINT NOT NULL, "
		  "PRIMARY KEY (environment, id))", false },
		{ "CREATE TABLE send (environment TEXT NOT NULL, id TEXT NOT NULL, request TEXT NOT NULL, "
		  "token TEXT NOT NULL, owner TEXT NOT NULL, status BIGINT NOT NULL, answer TEXT, time BIGINT NOT NULL, "
		  "PRIMARY KEY (environment, id))", false },
		/* PostgreSQL's INTEGER ends at two thousand millions. */
		{ "ALTER TABLE event ALTER COLUMN number TYPE BIGINT", true },
		{ "ALTER TABLE change ALTER COLUMN number TYPE BIGINT", true },
		{ "ALTER TABLE alert ALTER COLUMN number TYPE BIGINT", true },
		/* For reading what is newer: who is alone reads everything, once. */
		{ "CREATE INDEX version_revision ON version (environment, revision)", true },
		{ "CREATE INDEX translation_revision ON translation (environment, revision)", true },
	},
	/* A webhook of Meta's names a message by its token. */
	{ { "CREATE INDEX send_token ON send (environment, token)", false } },
};
#define MIGRATIONS (sizeof(migrations) / sizeof(migrations[0]))
#define MIGRATION_TABLE "migration (version BIGINT PRIMARY KEY)" /* which of them were done */

int hsm_store_run(struct hsm_store *store, const char *sql, const char *const *parameters, size_t count,
	       struct hsm_error *error)
{
	return hsm_database_run(store->database, sql, parameters, count, NULL, NULL, NULL, error);
}

const char *hsm_store_format_number(char text[HSM_STORE_NUMBER_SIZE], int64_t number)
{
	/* Several of each event: printf would be a tenth of its cost. */
	char *at = text + HSM_STORE_NUMBER_SIZE;
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	*--at = '\0';
	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		*--at = '-';
	return at;
}

const char *hsm_store_read_text(const char *value)
{
	return value ? value : "";
}

int64_t hsm_store_read_number(const char *value)
{
	return value ? strtoll(value, NULL, 10) : 0;
}

static int note_number(void *user, const char *const *values)
{
	*(int64_t *)user = hsm_store_read_number(values[0]);
	return 0;
}

/* INSERT ... ON CONFLICT of every column. */
static char *make_save(const struct hsm_registry_table *table)
{
	struct hsm_buffer sql = HSM_BUFFER_INIT(65536);
	hsm_buffer_append_format(&sql, "INSERT INTO %s (environment", table->name);
	for (size_t i = 0; i < table->count; i++)
		hsm_buffer_append_format(&sql, ", %s", table->columns[i].name);
	hsm_buffer_append_string(&sql, ") VALUES ($1");
	for (size_t i = 0; i < table->count; i++)
		hsm_buffer_append_format(&sql, ", $%zu", i + 2);
	hsm_buffer_append_string(&sql, ") ON CONFLICT (environment");
	for (size_t i = 0; i < table->count; i++)
		if (table->columns[i].key)
			hsm_buffer_append_format(&sql, ", %s", table->columns[i].name);
	hsm_buffer_append_string(&sql, ") DO UPDATE SET ");
	const char *comma = "";
	for (size_t i = 0; i < table->count; i++)
		if (!table->columns[i].key) {
			hsm_buffer_append_format(&sql, "%s%s = excluded.%s", comma, table->columns[i].name,
						 table->columns[i].name);
			comma = ", ";
		}
	return hsm_buffer_detach(&sql);
}

static char *make_load(const struct hsm_registry_table *table)
{
	struct hsm_buffer sql = HSM_BUFFER_INIT(65536);
	hsm_buffer_append_string(&sql, "SELECT ");
	for (size_t i = 0; i < table->count; i++)
		hsm_buffer_append_format(&sql, "%s%s", i ? ", " : "", table->columns[i].name);
	hsm_buffer_append_format(&sql, " FROM %s WHERE environment = $1 AND revision > $2 ORDER BY %s, language",
				 table->name, table->columns[0].name);
	return hsm_buffer_detach(&sql);
}

static int migrate(struct hsm_store *store, struct hsm_error *error)
{
	int64_t version = 0;
	int rc = hsm_database_begin(store->database, error);
	if (rc)
		return rc;
	rc = hsm_store_run(store, "CREATE TABLE IF NOT EXISTS " MIGRATION_TABLE, NULL, 0, error);
	if (!rc)
		rc = hsm_database_run(store->database, "SELECT MAX(version) FROM migration", NULL, 0, note_number,
				      &version, NULL, error);
	if (!rc && version > (int64_t)MIGRATIONS)
		rc = hsm_error_set(error, HSM_ERROR_FAILED,
				   "the registry was made by a newer hsmctl (version %" PRId64 " of its tables, this one knows %zu): "
				   "use that one", version, MIGRATIONS);
	for (; !rc && version < (int64_t)MIGRATIONS; version++) {
		char number[HSM_STORE_NUMBER_SIZE];
		const struct statement *statement = migrations[version];
		for (size_t i = 0; !rc && i < STATEMENTS_MAX && statement[i].sql; i++)
			if (!statement[i].shared || hsm_store_is_shared(store))
				rc = hsm_store_run(store, statement[i].sql, NULL, 0, error);
		if (!rc)
			rc = hsm_store_run(store, "INSERT INTO migration (version) VALUES (CAST($1 AS BIGINT))",
				 (const char *const[]){ hsm_store_format_number(number, version + 1) }, 1, error);
	}
	if (rc)
		hsm_database_rollback(store->database);
	else
		rc = hsm_database_commit(store->database, error);
	return rc;
}

static int note_stranger(void *user, const char *const *values)
{
	bool known = strcmp(hsm_store_read_text(values[0]), "CREATE TABLE " MIGRATION_TABLE) == 0;
	for (size_t i = 0; i < MIGRATIONS; i++)
		for (size_t j = 0; !known && j < STATEMENTS_MAX && migrations[i][j].sql; j++)
			known = strcmp(hsm_store_read_text(values[0]), migrations[i][j].sql) == 0;
	*(bool *)user |= !known;
	return 0;
}

/*
 * A file may come with a pull request that also names it in hsmctl.yaml. In views and computed columns of it
 * queries could run without end: it has a registry's tables, as they were made, and nothing else.
 */
static int check_tables(struct hsm_store *store, struct hsm_error *error)
{
	bool strange = false;
	int rc = hsm_store_is_shared(store) ?
			 0 :
			 hsm_database_run(store->database, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL", NULL, 0,
					  note_stranger, &strange, NULL, error);
	if (!rc && strange)
		rc = hsm_error_set(error, HSM_ERROR_FAILED, "it has other tables than a registry's: name another file");
	return rc;
}

static struct hsm_store *make_store(const char *environment)
{
	struct hsm_store *store = hsm_memory_allocate(sizeof(*store));
	store->environment = hsm_memory_copy_string(environment);
	store->versions = (struct hsm_store_statements){ make_save(&hsm_registry_versions),
						     make_load(&hsm_registry_versions) };
	store->translations = (struct hsm_store_statements){ make_save(&hsm_registry_translations),
							 make_load(&hsm_registry_translations) };
	return store;
}

int hsm_store_open(struct hsm_store **store, const char *url, const char *environment, struct hsm_error *error)
{
	struct hsm_store *opened = make_store(environment);
	int rc = hsm_database_open(&opened->database, url, error);
	if (!rc)
		rc = check_tables(opened, error);
	if (!rc)
		rc = migrate(opened, error);
	if (rc)
		hsm_store_close(opened);
	else
		*store = opened;
	return rc;
}

int hsm_store_open_existing(struct hsm_store **store, const char *url, const char *environment,
			    struct hsm_error *error)
{
	int64_t version = 0;
	/* SQLite would make the file. */
	if (hsm_text_starts_with(url, "sqlite:") && access(url + strlen("sqlite:"), R_OK) != 0)
		return hsm_error_set(error, errno == ENOENT ? HSM_ERROR_NO_INPUT : HSM_ERROR_UNAVAILABLE,
				     "there is no registry '%s' here: %s", url, strerror(errno));
	struct hsm_store *opened = make_store(environment);
	int rc = hsm_database_open(&opened->database, url, error);
	if (!rc)
		rc = check_tables(opened, error);
	if (!rc && hsm_database_run(opened->database, "SELECT MAX(version) FROM migration", NULL, 0, note_number,
				    &version, NULL, error))
		rc = error->class == HSM_ERROR_UNAVAILABLE ? HSM_ERROR_UNAVAILABLE : (error->class = HSM_ERROR_NO_INPUT);
	if (!rc && version != (int64_t)MIGRATIONS)
		rc = hsm_error_set(error, HSM_ERROR_NO_INPUT,
				   "the registry's tables are of another version (%" PRId64 ", not %zu): use the hsmctl of its "
				   "controller", version, MIGRATIONS);
	if (rc)
		hsm_store_close(opened);
	else
		*store = opened;
	return rc;
}

void hsm_store_close(struct hsm_store *store)
{
	if (!store)
		return;
	hsm_database_close(store->database);
	free(store->versions.save);
	free(store->versions.load);
	free(store->translations.save);
	free(store->translations.load);
	hsm_arena_release(&store->scratch);
	free(store->environment);
	free(store);
}

bool hsm_store_is_shared(const struct hsm_store *store)
{
	return hsm_database_is_shared(store->database);
}

int hsm_store_lead(struct hsm_store *store, bool *leads, struct hsm_error *error)
{
	char name[128];
	snprintf(name, sizeof(name), "hsmctl leader %s", store->environment);
	return hsm_database_lead(store->database, name, leads, error);
}

int64_t hsm_store_revision(const struct hsm_store *store)
{
	return store->revision;
}

void hsm_store_forget(struct hsm_store *store)
{
	store->revision = 0;
	memset(store->alerts, 0, sizeof(store->alerts));
}

struct loading {
	struct hsm_registry *registry;
};

static void fill_row(const struct hsm_registry_table *table, void *row, const char *const *values)
{
	for (size_t i = 0; i < table->count; i++) {
		void *at = (char *)row + table->columns[i].offset;
		if (table->columns[i].type == HSM_REGISTRY_NUMBER)
			*(int64_t *)at = hsm_store_read_number(values[i]);
		else
			hsm_registry_set(at, values[i]);
	}
}

/* The first columns are name, language, base; without them it is nobody's. */
static int load_version(void *user, const char *const *values)
{
	struct loading *loading = user;
	if (!values[0] || !values[1] || !values[2])
		return 0;
	fill_row(&hsm_registry_versions,
		 hsm_registry_add_version(loading->registry, values[2], values[0], values[1]), values);
	hsm_registry_touch(loading->registry, hsm_registry_find_template(loading->registry, values[2]));
	return 0;
}

/* base, language */
static int load_translation(void *user, const char *const *values)
{
	struct loading *loading = user;
	if (!values[0] || !values[1])
		return 0;
	fill_row(&hsm_registry_translations,
		 hsm_registry_add_translation(loading->registry, values[0], values[1]), values);
	hsm_registry_touch(loading->registry, hsm_registry_find_template(loading->registry, values[0]));
	return 0;
}

/* Of the environment; and, as the rows of all have one sequence of numbers, of all. */
struct revisions {
	int64_t own, last;
};

static int note_revisions(void *user, const char *const *values)
{
	struct revisions *revisions = user;
	revisions->own = values[0] ? strtoll(values[0], NULL, 10) : 0;
	revisions->last = values[1] ? strtoll(values[1], NULL, 10) : 0;
	return 0;
}

static int read_revisions(struct hsm_store *store, struct revisions *revisions, struct hsm_error *error)
{
	*revisions = (struct revisions){ 0 };
	return hsm_database_run(store->database,
				"SELECT MAX(CASE WHEN environment = $1 THEN CAST(value AS BIGINT) END), "
				"MAX(CAST(value AS BIGINT)) FROM state WHERE name = 'revision'",
				(const char *const[]){ store->environment }, 1, note_revisions, revisions, NULL, error);
}

/* What is newer; within a transaction, so that versions and translations are of one moment. */
static int load(struct hsm_store *store, struct hsm_registry *registry, struct hsm_error *error)
{
	struct loading loading = { registry };
	char seen[HSM_STORE_NUMBER_SIZE];
	struct revisions revisions;
	const char *const parameters[] = { store->environment, hsm_store_format_number(seen, store->revision) };
	int rc = read_revisions(store, &revisions, error);
	store->number = revisions.last + 1;
	if (rc || revisions.own <= store->revision)
		return rc;
	rc = hsm_database_run(store->database, store->versions.load, parameters, 2, load_version, &loading, NULL,
			      error);
	if (!rc)
		rc = hsm_database_run(store->database, store->translations.load, parameters, 2, load_translation,
				      &loading, NULL, error);
	if (!rc)
		store->revision = revisions.own;
	return rc;
}

int hsm_store_refresh(struct hsm_store *store, struct hsm_registry *registry, struct hsm_error *error)
{
	struct revisions revisions;
	int rc = read_revisions(store, &revisions, error);
	if (rc || revisions.own <= store->revision)
		return rc;
	rc = hsm_database_begin(store->database, error);
	if (rc)
		return rc;
	rc = load(store, registry, error);
	hsm_database_rollback(store->database);
	return rc;
}

int hsm_store_begin(struct hsm_store *store, struct hsm_registry *registry, struct hsm_error *error)
{
	int rc = hsm_database_begin(store->database, error);
	if (rc)
		return rc;
	rc = load(store, registry, error);
	if (rc)
		hsm_database_rollback(store->database);
	store->writing = store->number;
	return rc;
}

int hsm_store_commit(struct hsm_store *store, struct hsm_error *error)
{
	char number[HSM_STORE_NUMBER_SIZE];
	int rc = hsm_store_count_alerts(store, error);
	if (!rc)
		rc = hsm_store_set(store, "revision", hsm_store_format_number(number, store->number), error);
	if (rc)
		hsm_database_rollback(store->database);
	else
		rc = hsm_database_commit(store->database, error);
	if (!rc)
		store->revision = store->number;
	store->writing = 0;
	return rc;
}

void hsm_store_rollback(struct hsm_store *store)
{
	hsm_database_rollback(store->database);
	store->writing = 0;
}

int hsm_store_add_event(struct hsm_store *store, const struct hsm_event *event, const char *source, int64_t received,
			bool *fresh, struct hsm_error *error)
{
	char number[HSM_STORE_NUMBER_SIZE], at[HSM_STORE_NUMBER_SIZE], sent[HSM_STORE_NUMBER_SIZE];
	int64_t version;
	size_t changed = 0;
	const char *name = event->name;
	const char *base = name ? hsm_arena_copy(&store->scratch, name, hsm_name_split(name, &version, NULL)) : NULL;
	const char *const parameters[] = {
		store->environment, hsm_store_format_number(number, store->number++), event->id, source,
		hsm_event_kind_words[event->kind], hsm_store_format_number(at, received),
		hsm_store_format_number(sent, event->time), base, name, event->language, event->value, event->body,
	};
	int rc = hsm_database_run(store->database,
				  "INSERT INTO event (number, environment, id, source, kind, received, sent, base, name, "
				  "language, value, body) VALUES ($2, $1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
				  "ON CONFLICT (id, environment) DO NOTHING",
				  parameters, sizeof(parameters) / sizeof(parameters[0]), NULL, NULL, &changed, error);
	*fresh = changed > 0;
	hsm_arena_clear(&store->scratch);
	return rc;
}

static int save_row(struct hsm_store *store, const struct hsm_registry_table *table, const char *sql, const void *row,
		    struct hsm_error *error)
{
	const char *parameters[PARAMETERS_MAX] = { store->environment };
	char numbers[PARAMETERS_MAX][HSM_STORE_NUMBER_SIZE];
	for (size_t i = 0; i < table->count; i++) {
		const void *at = (const char *)row + table->columns[i].offset;
		parameters[i + 1] = table->columns[i].type == HSM_REGISTRY_NUMBER ?
					    hsm_store_format_number(numbers[i], *(const int64_t *)at) :
					    *(const char *const *)at;
	}
	return hsm_store_run(store, sql, parameters, table->count + 1, error);
}

int hsm_store_save_version(struct hsm_store *store, struct hsm_registry_version *version, struct hsm_error *error)
{
	version->revision = store->writing;
	return save_row(store, &hsm_registry_versions, store->versions.save, version, error);
}

int hsm_store_save_translation(struct hsm_store *store, struct hsm_registry_translation *translation,
			       struct hsm_error *error)
{
	translation->revision = store->writing;
	return save_row(store, &hsm_registry_translations, store->translations.save, translation, error);
}

int hsm_store_add_change(struct hsm_store *store, const struct hsm_registry_translation *translation,
			 const char *before, const char *why, int64_t time, struct hsm_error *error)
{
	char number[HSM_STORE_NUMBER_SIZE], at[HSM_STORE_NUMBER_SIZE];
	const char *after = translation->substitute ? translation->substitute_name : translation->active;
	const char *const parameters[] = {
		store->environment, hsm_store_format_number(number, store->number++), hsm_store_format_number(at, time),
		translation->base, translation->language, before, after, translation->substitute, why,
	};
	return hsm_store_run(store,
		   "INSERT INTO change (environment, number, time, base, language, before, after, substitute, why) "
		   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		   parameters, sizeof(parameters) / sizeof(parameters[0]), error);
}

int hsm_store_set(struct hsm_store *store, const char *key, const char *value, struct hsm_error *error)
{
	return hsm_store_run(store,
			     "INSERT INTO state (environment, name, value) VALUES ($1, $2, $3) "
			     "ON CONFLICT (name, environment) DO UPDATE SET value = excluded.value",
			     (const char *const[]){ store->environment, key, value }, 3, error);
}

struct getting {
	struct hsm_arena *arena;
	const char *value;
};

static int note_text(void *user, const char *const *values)
{
	struct getting *getting = user;
	getting->value = hsm_arena_copy_string(getting->arena, values[0]);
	return 0;
}

int hsm_store_get(struct hsm_store *store, struct hsm_arena *arena, const char *key, const char **value,
		  struct hsm_error *error)
{
	struct getting getting = { arena, NULL };
	int rc = hsm_database_run(store->database, "SELECT value FROM state WHERE environment = $1 AND name = $2",
				  (const char *const[]){ store->environment, key }, 2, note_text, &getting, NULL, error);
	*value = getting.value;
	return rc;
}
