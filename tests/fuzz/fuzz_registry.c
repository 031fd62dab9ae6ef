/*
 * A registry that others made: a pull request may bring the file and name it in hsmctl.yaml. An
 * input is a file of SQLite; or rows, a line each: a table's letter, and its columns but the
 * environment, each after a tab: "~" is NULL, also where NULL is not allowed. What is read of it is text everywhere.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/lifecycle/answers.h"
#include "reconciler/lifecycle/decide.h"
#include "reconciler/lifecycle/routing.h"
#include "reconciler/lifecycle/store.h"
#include "schema/base/text.h"

#define ENVIRONMENT "dev"
#define FILE_SIZE_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct table {
	char letter;
	const char *name;
} tables[] = { { 'v', "version" }, { 't', "translation" }, { 'e', "event" }, { 'c', "change" },
	       { 'a', "alert" },   { 'l', "letter" },	   { 's', "send" },  { '=', "state" } };
#define TABLES (sizeof(tables) / sizeof(*tables))

static char folder[] = "/tmp/hsm-fuzz-XXXXXX", path[64], url[80];
static uint8_t empty[FILE_SIZE_MAX]; /* a registry without rows, whose columns all take NULL */
static size_t empty_size;
static char *schemas[TABLES]; /* as they should be */

/* Disks are not what is tested. */
int fsync(int file)
{
	return file < 0 ? -1 : 0;
}

int fdatasync(int file)
{
	return file < 0 ? -1 : 0;
}

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_text(const char *text)
{
	check(!text || hsm_text_find_invalid(text, strlen(text)) == strlen(text));
}

static void remove_files(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	char name[80];
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

static void end(void)
{
	remove_files();
	rmdir(folder);
	for (size_t i = 0; i < TABLES; i++)
		free(schemas[i]);
}

static void write_file(const uint8_t *data, size_t size)
{
	remove_files();
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	check(file >= 0 && write(file, data, size) == (ssize_t)size);
	close(file);
}

static void run(sqlite3 *database, const char *sql)
{
	check(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static sqlite3 *open_file(void)
{
	sqlite3 *database;
	check(sqlite3_open(path, &database) == SQLITE_OK);
	sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	run(database, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA writable_schema=ON");
	return database;
}

static void keep_schemas(sqlite3 *database)
{
	sqlite3_stmt *statement;
	for (size_t i = 0; i < TABLES; i++) {
		check(sqlite3_prepare_v2(database, "SELECT sql FROM sqlite_master WHERE name = ?1", -1, &statement, NULL) == SQLITE_OK);
		sqlite3_bind_text(statement, 1, tables[i].name, -1, SQLITE_STATIC);
		check(sqlite3_step(statement) == SQLITE_ROW);
		schemas[i] = strdup((const char *)sqlite3_column_text(statement, 0));
		sqlite3_finalize(statement);
	}
}

static void restore_schemas(sqlite3 *database)
{
	sqlite3_stmt *statement;
	check(sqlite3_prepare_v2(database, "UPDATE sqlite_master SET sql = ?2 WHERE name = ?1", -1, &statement, NULL) == SQLITE_OK);
	for (size_t i = 0; i < TABLES; i++) {
		sqlite3_bind_text(statement, 1, tables[i].name, -1, SQLITE_STATIC);
		sqlite3_bind_text(statement, 2, schemas[i], -1, SQLITE_STATIC);
		check(sqlite3_step(statement) == SQLITE_DONE);
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
}

static void begin(void)
{
	struct hsm_store *store;
	struct hsm_error error;
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/registry.db", folder);
	snprintf(url, sizeof(url), "sqlite:%s", path);
	atexit(end);
	check(hsm_store_open(&store, url, ENVIRONMENT, &error) == 0);
	hsm_store_close(store);
	sqlite3 *database = open_file();
	run(database, "PRAGMA journal_mode=DELETE");
	keep_schemas(database);
	run(database, "UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')");
	sqlite3_close(database);
	FILE *file = fopen(path, "rb");
	empty_size = fread(empty, 1, sizeof(empty), file);
	fclose(file);
}

/* The environment, and of a line as many values as the table has columns. */
static void insert(sqlite3 *database, const char *table, char *line)
{
	char sql[300];
	sqlite3_stmt *statement;
	snprintf(sql, sizeof(sql), "SELECT * FROM %s", table);
	check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK);
	int columns = sqlite3_column_count(statement);
	sqlite3_finalize(statement);
	int length = snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO %s VALUES (?", table);
	for (int i = 1; i < columns; i++)
		length += snprintf(sql + length, sizeof(sql) - (size_t)length, ", ?");
	snprintf(sql + length, sizeof(sql) - (size_t)length, ")");
	check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK);
	sqlite3_bind_text(statement, 1, ENVIRONMENT, -1, SQLITE_STATIC);
	for (int i = 2; i <= columns; i++) {
		const char *value = strsep(&line, "\t");
		if (value && strcmp(value, "~") != 0)
			sqlite3_bind_text(statement, i, value, -1, SQLITE_TRANSIENT);
	}
	sqlite3_step(statement);
	sqlite3_finalize(statement);
}

static void write_rows(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text, *line;
	write_file(empty, empty_size);
	sqlite3 *database = open_file();
	run(database, "BEGIN; INSERT INTO state VALUES ('" ENVIRONMENT "', 'revision', '9')");
	while ((line = strsep(&rest, "\n"))) {
		size_t i = 0;
		while (i < TABLES && tables[i].letter != *line)
			i++;
		if (i < TABLES && line[1] == '\t')
			insert(database, tables[i].name, line + 2);
	}
	restore_schemas(database);
	run(database, "COMMIT");
	sqlite3_close(database);
	free(text);
}

static void check_uses(struct hsm_arena *arena, struct hsm_registry *registry)
{
	for (size_t i = 0; i < registry->count; i++)
		for (size_t j = 0; j < registry->templates[i]->translation_count; j++) {
			struct hsm_use use;
			hsm_decide_use(arena, registry, registry->templates[i], registry->templates[i]->translations[j], &use);
			check_text(use.active);
			check_text(use.cause);
			check_text(use.substitute_text);
		}
}

static void check_answers(struct hsm_registry *registry)
{
	struct hsm_answers answers;
	struct hsm_routing routing;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_answers_begin(&answers, free);
	hsm_routing_begin(&routing);
	hsm_routing_update(&routing, registry);
	hsm_answers_update(&answers, registry);
	hsm_answers_append(&answers, &text);
	hsm_routing_append(&routing, &text);
	for (size_t i = 0; i < routing.payload_count; i++)
		hsm_routing_append_row(&routing, routing.payloads[i], &text);
	check_text(hsm_buffer_text(&text));
	hsm_buffer_release(&text);
	hsm_routing_end(&routing);
	hsm_answers_end(&answers);
}

static void check_alerts(struct hsm_store *store, struct hsm_arena *arena)
{
	struct hsm_alerts alerts;
	struct hsm_error error;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	int64_t first, last;
	if (!hsm_store_read_alerts(store, arena, HSM_ALERT_NAMED, &alerts, &first, &last, &error))
		for (int format = HSM_ALERT_JSON; format <= HSM_ALERT_TEAMS; format++)
			hsm_alerts_append(&alerts, (enum hsm_alert_format)format, &text);
	check_text(hsm_buffer_text(&text));
	hsm_buffer_release(&text);
}

static void check_rest(struct hsm_store *store, struct hsm_arena *arena)
{
	struct hsm_error error;
	struct hsm_letter letter;
	struct hsm_send_record record;
	const char *text;
	if (!hsm_store_read_letter(store, arena, INT64_MAX, &letter, &error))
		check_text(letter.body);
	if (!hsm_store_read_send(store, arena, "k", &record, &error) && record.id)
		check(record.token && record.owner && record.request);
	if (!hsm_store_read_history(store, arena, "order", 10, &text, &error))
		check_text(text);
	if (!hsm_store_read_events(store, arena, 10, &text, &error))
		check_text(text);
	if (!hsm_store_get(store, arena, "environment", &text, &error))
		check_text(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hsm_store *store;
	struct hsm_registry registry = { 0 };
	struct hsm_arena arena = { 0 };
	struct hsm_error error = { 0 };
	if (!*path)
		begin();
	if (size >= 16 && memcmp(data, "SQLite format 3", 16) == 0)
		write_file(data, size);
	else
		write_rows(data, size);
	int rc = hsm_store_open_existing(&store, url, ENVIRONMENT, &error);
	if (!rc) {
		rc = hsm_store_refresh(store, &registry, &error);
		check_uses(&arena, &registry);
		hsm_registry_make_state(&arena, &registry);
		check_answers(&registry);
		check_alerts(store, &arena);
		check_rest(store, &arena);
		hsm_store_close(store);
	}
	check(rc <= 0);
	check_text(error.message);
	hsm_registry_clear(&registry);
	hsm_arena_release(&arena);
	return 0;
}
