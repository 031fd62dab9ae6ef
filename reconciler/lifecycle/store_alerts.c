/* Alerts that wait to be told, and letters that wait to be taken. */
#include <stdlib.h>
#include <string.h>

#include "reconciler/lifecycle/store_state.h"

int hsm_store_add_alert(struct hsm_store *store, const struct hsm_alert *alert, int64_t time, struct hsm_error *error)
{
	char number[HSM_STORE_NUMBER_SIZE], at[HSM_STORE_NUMBER_SIZE];
	struct hsm_store_alerts *alerts = &store->alerts[alert->kind];
	if (alerts->written >= HSM_ALERT_NAMED && alerts->number) {
		alerts->unwritten++;
		return 0;
	}
	alerts->written++;
	alerts->number = store->number++;
	const char *const parameters[] = {
		store->environment, hsm_store_format_number(number, alerts->number), hsm_store_format_number(at, time),
		hsm_alert_kind_words[alert->kind], alert->subject, alert->text,
	};
	return hsm_store_run(store,
		   "INSERT INTO alert (environment, number, time, kind, subject, text, count) VALUES ($1, $2, $3, $4, $5, "
		   "$6, 1)",
		   parameters, sizeof(parameters) / sizeof(parameters[0]), error);
}

int hsm_store_count_alerts(struct hsm_store *store, struct hsm_error *error)
{
	char number[HSM_STORE_NUMBER_SIZE], more[HSM_STORE_NUMBER_SIZE];
	int rc = 0;
	for (size_t kind = 1; !rc && kind < HSM_ALERT_KIND_MAX_; kind++) {
		struct hsm_store_alerts *alerts = &store->alerts[kind];
		const char *const parameters[] = { store->environment, hsm_store_format_number(number, alerts->number),
						   hsm_store_format_number(more, (int64_t)alerts->unwritten) };
		if (alerts->unwritten)
			rc = hsm_store_run(store,
					   "UPDATE alert SET count = count + CAST($3 AS BIGINT) WHERE environment = $1 AND "
					   "number = $2",
					   parameters, 3, error);
		alerts->unwritten = 0;
		alerts->number = 0;
	}
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
	int64_t first = hsm_store_read_number(values[2]), last = hsm_store_read_number(values[3]);
	reading->alerts->counts[find_kind(hsm_store_read_text(values[0]))] = (size_t)hsm_store_read_number(values[1]);
	reading->first = !reading->first || first < reading->first ? first : reading->first;
	reading->last = last > reading->last ? last : reading->last;
	return 0;
}

static int take_alert(void *user, const char *const *values)
{
	struct alert_reading *reading = user;
	reading->items[reading->alerts->count++] = (struct hsm_alert){
		find_kind(hsm_store_read_text(values[0])),
		hsm_arena_copy_string(reading->arena, hsm_store_read_text(values[1])),
		hsm_arena_copy_string(reading->arena, hsm_store_read_text(values[2])),
	};
	return 0;
}

int hsm_store_read_alerts(struct hsm_store *store, struct hsm_arena *arena, size_t named, struct hsm_alerts *alerts,
			  int64_t *first, int64_t *last, struct hsm_error *error)
{
	char most[HSM_STORE_NUMBER_SIZE];
	struct alert_reading reading = { .arena = arena, .alerts = alerts, .named = named };
	*alerts = (struct hsm_alerts){ .environment = store->environment };
	reading.items = hsm_arena_allocate_array(arena, named * HSM_ALERT_KIND_MAX_, sizeof(*reading.items));
	int rc = hsm_store_count_alerts(store, error);
	if (!rc)
		rc = hsm_database_run(store->database,
				      "SELECT kind, SUM(count), MIN(time), MAX(time) FROM alert WHERE environment = $1 GROUP BY kind",
				      (const char *const[]){ store->environment }, 1, count_alerts, &reading, NULL, error);
	for (size_t kind = 1; !rc && kind < HSM_ALERT_KIND_MAX_; kind++) {
		const char *const parameters[] = { store->environment, hsm_alert_kind_words[kind],
						   hsm_store_format_number(most, (int64_t)named) };
		if (alerts->counts[kind])
			rc = hsm_database_run(store->database,
					      "SELECT kind, subject, text FROM alert WHERE environment = $1 AND kind = $2 "
					      "ORDER BY number LIMIT CAST($3 AS BIGINT)",
					      parameters, 3, take_alert, &reading, NULL, error);
	}
	alerts->items = reading.items;
	*first = reading.first;
	*last = reading.last;
	return rc;
}

int hsm_store_clear_alerts(struct hsm_store *store, struct hsm_error *error)
{
	memset(store->alerts, 0, sizeof(store->alerts));
	return hsm_store_run(store, "DELETE FROM alert WHERE environment = $1", (const char *const[]){ store->environment }, 1,
		   error);
}

int hsm_store_save_letter(struct hsm_store *store, const struct hsm_letter *letter, struct hsm_error *error)
{
	char created[HSM_STORE_NUMBER_SIZE], attempts[HSM_STORE_NUMBER_SIZE], due[HSM_STORE_NUMBER_SIZE];
	const char *const parameters[] = {
		store->environment, letter->id, letter->receiver, letter->body, hsm_store_format_number(created, letter->created),
		hsm_store_format_number(attempts, letter->attempts), hsm_store_format_number(due, letter->due),
	};
	return hsm_store_run(store,
		   "INSERT INTO letter (environment, id, receiver, body, created, attempts, due) VALUES ($1, $2, $3, $4, "
		   "$5, $6, $7) ON CONFLICT (environment, id) DO UPDATE SET attempts = excluded.attempts, due = excluded.due",
		   parameters, sizeof(parameters) / sizeof(parameters[0]), error);
}

int hsm_store_delete_letter(struct hsm_store *store, const char *id, struct hsm_error *error)
{
	return hsm_store_run(store, "DELETE FROM letter WHERE environment = $1 AND id = $2",
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
		.id = hsm_arena_copy_string(reading->arena, hsm_store_read_text(values[0])),
		.receiver = hsm_arena_copy_string(reading->arena, hsm_store_read_text(values[1])),
		.body = hsm_arena_copy_string(reading->arena, hsm_store_read_text(values[2])),
		.created = hsm_store_read_number(values[3]),
		.attempts = hsm_store_read_number(values[4]),
		.due = hsm_store_read_number(values[5]),
	};
	return 0;
}

int hsm_store_read_letter(struct hsm_store *store, struct hsm_arena *arena, int64_t now, struct hsm_letter *letter,
			  struct hsm_error *error)
{
	char at[HSM_STORE_NUMBER_SIZE];
	struct letter_reading reading = { arena, letter };
	*letter = (struct hsm_letter){ 0 };
	return hsm_database_run(store->database,
				"SELECT id, receiver, body, created, attempts, due FROM letter WHERE environment = $1 AND "
				"due <= $2 ORDER BY due LIMIT 1",
				(const char *const[]){ store->environment, hsm_store_format_number(at, now) }, 2, take_letter,
				&reading, NULL, error);
}
