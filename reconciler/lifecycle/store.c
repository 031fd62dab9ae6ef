#include "reconciler/lifecycle/store.h"

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
#define NUMBER_SIZE 24

/* Statements that follow from a table of registry.h. */
struct table_statements {
	char *save, *load;
};

struct hsm_store {
	struct hsm_database *database;
	char *environment;
	int64_t revision; /* that is read */
	int64_t writing;  /* of the transaction under way; 0: none */
	int64_t position; /* of what it adds */
	struct table_statements versions, translations;
	struct hsm_arena scratch; /* of one call */
};

/* A migration a row; what was released is never changed. */
static const char *const migrations[][12] = {
	{
		"CREATE TABLE state (environment TEXT NOT NULL, name TEXT NOT NULL, value TEXT, "
		"PRIMARY KEY (environment, name))",
		"CREATE TABLE version (environment TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL, "
		"base TEXT NOT NULL, number BIGINT NOT NULL, id TEXT, status TEXT, category TEXT, accepted TEXT, "
		"reason TEXT, quality TEXT, signature TEXT, parameters TEXT, changed BIGINT NOT NULL, "
		"categorised BIGINT NOT NULL, assessed BIGINT NOT NULL, seen BIGINT NOT NULL, created BIGINT NOT NULL, used BIGINT NOT NULL, revision BIGINT NOT NULL, "
		"PRIMARY KEY (environment, name, language))",
		"CREATE INDEX version_revision ON version (environment, revision)",
		"CREATE TABLE translation (environment TEXT NOT NULL, base TEXT NOT NULL, language TEXT NOT NULL, "
		"category TEXT, target TEXT, held TEXT, suggested TEXT, fallback TEXT, routes TEXT, "
		"managed BIGINT NOT NULL, preferred TEXT, active TEXT, previous TEXT, substitute TEXT, "
		"substitute_name TEXT, substitute_text TEXT, cause TEXT, since BIGINT NOT NULL, "
		"revision BIGINT NOT NULL, PRIMARY KEY (environment, base, language))",
		"CREATE INDEX translation_revision ON translation (environment, revision)",
		"CREATE TABLE event (environment TEXT NOT NULL, id TEXT NOT NULL, revision BIGINT NOT NULL, "
		"position BIGINT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, received BIGINT NOT NULL, "
		"sent BIGINT NOT NULL, base TEXT, name TEXT, language TEXT, value TEXT, body TEXT NOT NULL, "
		"PRIMARY KEY (environment, id))",
		"CREATE INDEX event_base ON event (environment, base, revision, position)",
		"CREATE INDEX event_revision ON event (environment, revision, position)",
		"CREATE TABLE change (environment TEXT NOT NULL, revision BIGINT NOT NULL, position BIGINT NOT NULL, "
		"time BIGINT NOT NULL, base TEXT NOT NULL, language TEXT NOT NULL, before TEXT, after TEXT, "
		"substitute TEXT, why TEXT, PRIMARY KEY (environment, revision, position))",
		"CREATE INDEX change_base ON change (environment, base, revision, position)",
		"CREATE TABLE alert (environment TEXT NOT NULL, revision BIGINT NOT NULL, position BIGINT NOT NULL, "
		"time BIGINT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, "
		"PRIMARY KEY (environment, revision, position))",
		"CREATE TABLE letter (environment TEXT NOT NULL, id TEXT NOT NULL, receiver TEXT NOT NULL, "
		"body TEXT NOT NULL, created BIGINT NOT NULL, attempts BIGINT NOT NULL, due BIGINT NOT NULL, "
		"PRIMARY KEY (environment, id))",
	},
};
#define MIGRATIONS (sizeof(migrations) / sizeof(migrations[0]))

static int run(struct hsm_store *store, const char *sql, const char *const *parameters, size_t count,
	       struct hsm_error *error)
{
	return hsm_database_run(store->database, sql, parameters, count, NULL, NULL, NULL, error);
}

static const char *format_number(char text[NUMBER_SIZE], int64_t number)
{
	snprintf(text, NUMBER_SIZE, "%" PRId64, number);
	return text;
}

static int note_number(void *user, const char *const *values)
{
	*(int64_t *)user = values[0] ? strtoll(values[0], NULL, 10) : 0;
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
	rc = run(store, "CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY)", NULL, 0, error);
	if (!rc)
		rc = hsm_database_run(store->database, "SELECT MAX(version) FROM migration", NULL, 0, note_number,
				      &version, NULL, error);
	if (!rc && version > (int64_t)MIGRATIONS)
		rc = hsm_error_set(error, HSM_ERROR_FAILED,
				   "the registry was made by a newer hsmctl (version %" PRId64 " of its tables, this one knows %zu): "
				   "use that one", version, MIGRATIONS);
	for (; !rc && version < (int64_t)MIGRATIONS; version++) {
		char number[NUMBER_SIZE];
		for (size_t i = 0; !rc && i < 12 && migrations[version][i]; i++)
			rc = run(store, migrations[version][i], NULL, 0, error);
		if (!rc)
			rc = run(store, "INSERT INTO migration (version) VALUES (CAST($1 AS BIGINT))",
				 (const char *const[]){ format_number(number, version + 1) }, 1, error);
	}
	if (rc)
		hsm_database_rollback(store->database);
	else
		rc = hsm_database_commit(store->database, error);
	return rc;
}

static struct hsm_store *make_store(const char *environment)
{
	struct hsm_store *store = hsm_memory_allocate(sizeof(*store));
	store->environment = hsm_memory_copy_string(environment);
	store->versions = (struct table_statements){ make_save(&hsm_registry_versions),
						     make_load(&hsm_registry_versions) };
	store->translations = (struct table_statements){ make_save(&hsm_registry_translations),
							 make_load(&hsm_registry_translations) };
	return store;
}

int hsm_store_open(struct hsm_store **store, const char *url, const char *environment, struct hsm_error *error)
{
	struct hsm_store *opened = make_store(environment);
	int rc = hsm_database_open(&opened->database, url, error);
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
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "there is no registry '%s' here", url);
	struct hsm_store *opened = make_store(environment);
	int rc = hsm_database_open(&opened->database, url, error);
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
}

struct loading {
	struct hsm_registry *registry;
};

static void fill_row(const struct hsm_registry_table *table, void *row, const char *const *values)
{
	for (size_t i = 0; i < table->count; i++) {
		void *at = (char *)row + table->columns[i].offset;
		if (table->columns[i].type == HSM_REGISTRY_NUMBER)
			*(int64_t *)at = values[i] ? strtoll(values[i], NULL, 10) : 0;
		else
			hsm_registry_set(at, values[i]);
	}
}

static int load_version(void *user, const char *const *values)
{
	struct loading *loading = user;
	/* name, language, base: the order of the columns. */
	fill_row(&hsm_registry_versions,
		 hsm_registry_add_version(loading->registry, values[2], values[0], values[1]), values);
	hsm_registry_find_template(loading->registry, values[2])->touched = true;
	return 0;
}

static int load_translation(void *user, const char *const *values)
{
	struct loading *loading = user;
	fill_row(&hsm_registry_translations,
		 hsm_registry_add_translation(loading->registry, values[0], values[1]), values);
	hsm_registry_find_template(loading->registry, values[0])->touched = true;
	return 0;
}

static int read_revision(struct hsm_store *store, int64_t *revision, struct hsm_error *error)
{
	*revision = 0;
	return hsm_database_run(store->database,
				"SELECT value FROM state WHERE environment = $1 AND name = 'revision'",
				(const char *const[]){ store->environment }, 1, note_number, revision, NULL, error);
}

/* What is newer; within a transaction, so that versions and translations are of one moment. */
static int load(struct hsm_store *store, struct hsm_registry *registry, struct hsm_error *error)
{
	struct loading loading = { registry };
	char seen[NUMBER_SIZE];
	int64_t revision;
	const char *const parameters[] = { store->environment, format_number(seen, store->revision) };
	int rc = read_revision(store, &revision, error);
	if (rc || revision <= store->revision)
		return rc;
	rc = hsm_database_run(store->database, store->versions.load, parameters, 2, load_version, &loading, NULL,
			      error);
	if (!rc)
		rc = hsm_database_run(store->database, store->translations.load, parameters, 2, load_translation,
				      &loading, NULL, error);
	if (!rc)
		store->revision = revision;
	return rc;
}

int hsm_store_refresh(struct hsm_store *store, struct hsm_registry *registry, struct hsm_error *error)
{
	int64_t revision;
	int rc = read_revision(store, &revision, error);
	if (rc || revision <= store->revision)
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
	store->writing = store->revision + 1;
	store->position = 0;
	return rc;
}

int hsm_store_commit(struct hsm_store *store, struct hsm_error *error)
{
	char number[NUMBER_SIZE];
	int rc = hsm_store_set(store, "revision", format_number(number, store->writing), error);
	if (rc)
		hsm_database_rollback(store->database);
	else
		rc = hsm_database_commit(store->database, error);
	if (!rc)
		store->revision = store->writing;
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
	char revision[NUMBER_SIZE], position[NUMBER_SIZE], at[NUMBER_SIZE], sent[NUMBER_SIZE];
	int64_t number;
	size_t changed = 0;
	const char *name = event->name;
	const char *base = name ? hsm_arena_copy(&store->scratch, name, hsm_name_split(name, &number, NULL)) : NULL;
	const char *const parameters[] = {
		store->environment, event->id, format_number(revision, store->writing),
		format_number(position, store->position++), source, hsm_event_kind_words[event->kind],
		format_number(at, received), format_number(sent, event->time), base, name, event->language,
		event->value, event->body,
	};
	int rc = hsm_database_run(store->database,
				  "INSERT INTO event (environment, id, revision, position, source, kind, received, sent, "
				  "base, name, language, value, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
				  "$11, $12, $13) ON CONFLICT (environment, id) DO NOTHING",
				  parameters, sizeof(parameters) / sizeof(parameters[0]), NULL, NULL, &changed, error);
	*fresh = changed > 0;
	hsm_arena_clear(&store->scratch);
	return rc;
}

static int save_row(struct hsm_store *store, const struct hsm_registry_table *table, const char *sql, const void *row,
		    struct hsm_error *error)
{
	const char *parameters[PARAMETERS_MAX] = { store->environment };
	char numbers[PARAMETERS_MAX][NUMBER_SIZE];
	for (size_t i = 0; i < table->count; i++) {
		const void *at = (const char *)row + table->columns[i].offset;
		parameters[i + 1] = table->columns[i].type == HSM_REGISTRY_NUMBER ?
					    format_number(numbers[i], *(const int64_t *)at) :
					    *(const char *const *)at;
	}
	return run(store, sql, parameters, table->count + 1, error);
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
	char revision[NUMBER_SIZE], position[NUMBER_SIZE], at[NUMBER_SIZE];
	const char *after = translation->substitute ? translation->substitute_name : translation->active;
	const char *const parameters[] = {
		store->environment, format_number(revision, store->writing), format_number(position, store->position++),
		format_number(at, time), translation->base, translation->language, before, after,
		translation->substitute, why,
	};
	return run(store,
		   "INSERT INTO change (environment, revision, position, time, base, language, before, after, substitute, "
		   "why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		   parameters, sizeof(parameters) / sizeof(parameters[0]), error);
}

int hsm_store_add_alert(struct hsm_store *store, const struct hsm_alert *alert, int64_t time, struct hsm_error *error)
{
	char revision[NUMBER_SIZE], position[NUMBER_SIZE], at[NUMBER_SIZE];
	const char *const parameters[] = {
		store->environment, format_number(revision, store->writing), format_number(position, store->position++),
		format_number(at, time), hsm_alert_kind_words[alert->kind], alert->subject, alert->text,
	};
	return run(store,
		   "INSERT INTO alert (environment, revision, position, time, kind, subject, text) VALUES ($1, $2, $3, "
		   "$4, $5, $6, $7)",
		   parameters, sizeof(parameters) / sizeof(parameters[0]), error);
}

int hsm_store_set(struct hsm_store *store, const char *key, const char *value, struct hsm_error *error)
{
	return run(store,
		   "INSERT INTO state (environment, name, value) VALUES ($1, $2, $3) "
		   "ON CONFLICT (environment, name) DO UPDATE SET value = excluded.value",
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

static void write_optional(struct hsm_json_writer *writer, const char *key, const char *value)
{
	if (value)
		hsm_json_write_string(writer, key, value);
}

static void write_time(struct hsm_json_writer *writer, const char *key, const char *milliseconds)
{
	char text[32];
	hsm_registry_format_time(strtoll(milliseconds, NULL, 10), text);
	hsm_json_write_string(writer, key, text);
}

static int write_change(void *user, const char *const *values)
{
	struct hsm_json_writer *writer = user;
	hsm_json_begin_object(writer, NULL);
	write_time(writer, "time", values[0]);
	hsm_json_write_string(writer, "language", values[1]);
	write_optional(writer, "before", values[2]);
	write_optional(writer, "after", values[3]);
	write_optional(writer, "fallback", values[4]);
	write_optional(writer, "why", values[5]);
	hsm_json_end_object(writer);
	return 0;
}

static int write_event(void *user, const char *const *values)
{
	struct hsm_json_writer *writer = user;
	hsm_json_begin_object(writer, NULL);
	write_time(writer, "received", values[0]);
	hsm_json_write_string(writer, "kind", values[1]);
	write_optional(writer, "name", values[2]);
	write_optional(writer, "language", values[3]);
	write_optional(writer, "value", values[4]);
	hsm_json_end_object(writer);
	return 0;
}

static int write_list(struct hsm_store *store, struct hsm_json_writer *writer, const char *key, const char *sql,
		      const char *const *parameters, size_t count, hsm_database_row *write, struct hsm_error *error)
{
	hsm_json_begin_array(writer, key);
	int rc = hsm_database_run(store->database, sql, parameters, count, write, writer, NULL, error);
	hsm_json_end_array(writer);
	return rc;
}

int hsm_store_read_history(struct hsm_store *store, struct hsm_arena *arena, const char *base, size_t limit,
			   const char **json, struct hsm_error *error)
{
	char most[NUMBER_SIZE];
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &text };
	const char *const parameters[] = { store->environment, base, format_number(most, (int64_t)limit) };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "template", base);
	int rc = write_list(store, &writer, "changes",
			    "SELECT time, language, before, after, substitute, why FROM change WHERE environment = $1 AND "
			    "base = $2 ORDER BY revision DESC, position DESC LIMIT CAST($3 AS BIGINT)",
			    parameters, 3, write_change, error);
	if (!rc)
		rc = write_list(store, &writer, "events",
				"SELECT received, kind, name, language, value FROM event WHERE environment = $1 AND base = $2 "
				"ORDER BY revision DESC, position DESC LIMIT CAST($3 AS BIGINT)",
				parameters, 3, write_event, error);
	hsm_json_end_object(&writer);
	*json = hsm_arena_copy(arena, hsm_buffer_text(&text), text.length);
	hsm_buffer_release(&text);
	return rc;
}

int hsm_store_read_events(struct hsm_store *store, struct hsm_arena *arena, size_t limit, const char **json,
			  struct hsm_error *error)
{
	char most[NUMBER_SIZE];
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &text };
	const char *const parameters[] = { store->environment, format_number(most, (int64_t)limit) };
	int rc = write_list(store, &writer, NULL,
			    "SELECT received, kind, name, language, value FROM event WHERE environment = $1 "
			    "ORDER BY revision DESC, position DESC LIMIT CAST($2 AS BIGINT)",
			    parameters, 2, write_event, error);
	*json = hsm_arena_copy(arena, hsm_buffer_text(&text), text.length);
	hsm_buffer_release(&text);
	return rc;
}

struct alert_reading {
	struct hsm_arena *arena;
	struct hsm_alerts *alerts;
	struct hsm_alert *items;
	size_t named;
	int64_t first, last;
};

static enum hsm_alert_kind find_kind(const char *word)
{
	size_t kind = HSM_ALERT_KIND_MAX_ - 1;
	while (kind && strcmp(hsm_alert_kind_words[kind], word) != 0)
		kind--;
	return (enum hsm_alert_kind)kind;
}

static int count_alerts(void *user, const char *const *values)
{
	struct alert_reading *reading = user;
	int64_t first = strtoll(values[2], NULL, 10), last = strtoll(values[3], NULL, 10);
	reading->alerts->counts[find_kind(values[0])] = (size_t)strtoull(values[1], NULL, 10);
	reading->first = !reading->first || first < reading->first ? first : reading->first;
	reading->last = last > reading->last ? last : reading->last;
	return 0;
}

static int take_alert(void *user, const char *const *values)
{
	struct alert_reading *reading = user;
	reading->items[reading->alerts->count++] = (struct hsm_alert){
		find_kind(values[0]), hsm_arena_copy_string(reading->arena, values[1]),
		hsm_arena_copy_string(reading->arena, values[2]),
	};
	return 0;
}

int hsm_store_read_alerts(struct hsm_store *store, struct hsm_arena *arena, size_t named, struct hsm_alerts *alerts,
			  int64_t *first, int64_t *last, struct hsm_error *error)
{
	char most[NUMBER_SIZE];
	struct alert_reading reading = { .arena = arena, .alerts = alerts, .named = named };
	*alerts = (struct hsm_alerts){ .environment = store->environment };
	reading.items = hsm_arena_allocate_array(arena, named * HSM_ALERT_KIND_MAX_, sizeof(*reading.items));
	int rc = hsm_database_run(store->database,
				  "SELECT kind, COUNT(*), MIN(time), MAX(time) FROM alert WHERE environment = $1 GROUP BY kind",
				  (const char *const[]){ store->environment }, 1, count_alerts, &reading, NULL, error);
	for (size_t kind = 1; !rc && kind < HSM_ALERT_KIND_MAX_; kind++) {
		const char *const parameters[] = { store->environment, hsm_alert_kind_words[kind],
						   format_number(most, (int64_t)named) };
		if (alerts->counts[kind])
			rc = hsm_database_run(store->database,
					      "SELECT kind, subject, text FROM alert WHERE environment = $1 AND kind = $2 "
					      "ORDER BY revision, position LIMIT CAST($3 AS BIGINT)",
					      parameters, 3, take_alert, &reading, NULL, error);
	}
	alerts->items = reading.items;
	*first = reading.first;
	*last = reading.last;
	return rc;
}

int hsm_store_clear_alerts(struct hsm_store *store, struct hsm_error *error)
{
	return run(store, "DELETE FROM alert WHERE environment = $1", (const char *const[]){ store->environment }, 1,
		   error);
}

int hsm_store_save_letter(struct hsm_store *store, const struct hsm_letter *letter, struct hsm_error *error)
{
	char created[NUMBER_SIZE], attempts[NUMBER_SIZE], due[NUMBER_SIZE];
	const char *const parameters[] = {
		store->environment, letter->id, letter->receiver, letter->body, format_number(created, letter->created),
		format_number(attempts, letter->attempts), format_number(due, letter->due),
	};
	return run(store,
		   "INSERT INTO letter (environment, id, receiver, body, created, attempts, due) VALUES ($1, $2, $3, $4, "
		   "$5, $6, $7) ON CONFLICT (environment, id) DO UPDATE SET attempts = excluded.attempts, due = excluded.due",
		   parameters, sizeof(parameters) / sizeof(parameters[0]), error);
}

int hsm_store_delete_letter(struct hsm_store *store, const char *id, struct hsm_error *error)
{
	return run(store, "DELETE FROM letter WHERE environment = $1 AND id = $2",
		   (const char *const[]){ store->environment, id }, 2, error);
}

struct letter_reading {
	struct hsm_arena *arena;
	struct hsm_letter *letter;
};

static int take_letter(void *user, const char *const *values)
{
	struct letter_reading *reading = user;
	*reading->letter = (struct hsm_letter){
		.id = hsm_arena_copy_string(reading->arena, values[0]),
		.receiver = hsm_arena_copy_string(reading->arena, values[1]),
		.body = hsm_arena_copy_string(reading->arena, values[2]),
		.created = strtoll(values[3], NULL, 10),
		.attempts = strtoll(values[4], NULL, 10),
		.due = strtoll(values[5], NULL, 10),
	};
	return 0;
}

int hsm_store_read_letter(struct hsm_store *store, struct hsm_arena *arena, int64_t now, struct hsm_letter *letter,
			  struct hsm_error *error)
{
	char at[NUMBER_SIZE];
	struct letter_reading reading = { arena, letter };
	*letter = (struct hsm_letter){ 0 };
	return hsm_database_run(store->database,
				"SELECT id, receiver, body, created, attempts, due FROM letter WHERE environment = $1 AND "
				"due <= $2 ORDER BY due LIMIT 1",
				(const char *const[]){ store->environment, format_number(at, now) }, 2, take_letter,
				&reading, NULL, error);
}
