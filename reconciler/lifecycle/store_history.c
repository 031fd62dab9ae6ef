/* What happened, for people and flows to read. */
#include <stdlib.h>

#include "reconciler/lifecycle/store_state.h"
#include "schema/json.h"

static void write_optional(struct hsm_json_writer *writer, const char *key, const char *value)
{
	if (value)
		hsm_json_write_string(writer, key, value);
}

static void write_time(struct hsm_json_writer *writer, const char *key, const char *milliseconds)
{
	char text[32];
	hsm_registry_format_time(hsm_store_read_number(milliseconds), text);
	hsm_json_write_string(writer, key, text);
}

static int write_change(void *user, const char *const *values)
{
	struct hsm_json_writer *writer = user;
	hsm_json_begin_object(writer, NULL);
	write_time(writer, "time", values[0]);
	write_optional(writer, "language", values[1]);
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
	write_optional(writer, "kind", values[1]);
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
	char most[HSM_STORE_NUMBER_SIZE];
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &text };
	const char *const parameters[] = { store->environment, base, hsm_store_format_number(most, (int64_t)limit) };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "template", base);
	int rc = write_list(store, &writer, "changes",
			    "SELECT time, language, before, after, substitute, why FROM change WHERE environment = $1 AND "
			    "base = $2 ORDER BY number DESC LIMIT CAST($3 AS BIGINT)",
			    parameters, 3, write_change, error);
	if (!rc)
		rc = write_list(store, &writer, "events",
				"SELECT received, kind, name, language, value FROM event WHERE environment = $1 AND base = $2 "
				"ORDER BY number DESC LIMIT CAST($3 AS BIGINT)",
				parameters, 3, write_event, error);
	hsm_json_end_object(&writer);
	*json = hsm_arena_copy(arena, hsm_buffer_text(&text), text.length);
	hsm_buffer_release(&text);
	return rc;
}

int hsm_store_read_events(struct hsm_store *store, struct hsm_arena *arena, size_t limit, const char **json,
			  struct hsm_error *error)
{
	char most[HSM_STORE_NUMBER_SIZE];
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &text };
	const char *const parameters[] = { store->environment, hsm_store_format_number(most, (int64_t)limit) };
	int rc = write_list(store, &writer, NULL,
			    "SELECT received, kind, name, language, value FROM event WHERE environment = $1 "
			    "ORDER BY number DESC LIMIT CAST($2 AS BIGINT)",
			    parameters, 2, write_event, error);
	*json = hsm_arena_copy(arena, hsm_buffer_text(&text), text.length);
	hsm_buffer_release(&text);
	return rc;
}
