/* Messages that somebody asked for: the same key is the same message. */
#include <stdlib.h>

#include "reconciler/lifecycle/store_state.h"

struct send_reading {
	struct hsm_arena *arena;
	struct hsm_send_record *record;
};

static int take_send(void *user, const char *const *values)
{
	struct send_reading *reading = user;
	*reading->record = (struct hsm_send_record){
		.id = hsm_arena_copy_string(reading->arena, values[0]),
		.request = hsm_arena_copy_string(reading->arena, hsm_store_read_text(values[1])),
		.token = hsm_arena_copy_string(reading->arena, hsm_store_read_text(values[2])),
		.owner = hsm_arena_copy_string(reading->arena, hsm_store_read_text(values[3])),
		.status = hsm_store_read_number(values[4]),
		.answer = hsm_arena_copy_string(reading->arena, values[5]),
		.time = hsm_store_read_number(values[6]),
	};
	return 0;
}

int hsm_store_read_send(struct hsm_store *store, struct hsm_arena *arena, const char *id, struct hsm_send_record *record,
			struct hsm_error *error)
{
	struct send_reading reading = { arena, record };
	*record = (struct hsm_send_record){ 0 };
	return hsm_database_run(store->database,
				"SELECT id, request, token, owner, status, answer, time FROM send WHERE environment = $1 AND "
				"id = $2",
				(const char *const[]){ store->environment, id }, 2, take_send, &reading, NULL, error);
}

static int write_send(struct hsm_store *store, const char *sql, const struct hsm_send_record *record,
		      const char *last, size_t *changed, struct hsm_error *error)
{
	char status[HSM_STORE_NUMBER_SIZE], time[HSM_STORE_NUMBER_SIZE];
	const char *const parameters[] = {
		store->environment, record->id, record->request, record->token, record->owner,
		hsm_store_format_number(status, record->status), record->answer, hsm_store_format_number(time, record->time),
		last,
	};
	return hsm_database_run(store->database, sql, parameters, last ? 9 : 8, NULL, NULL, changed, error);
}

int hsm_store_claim_send(struct hsm_store *store, const struct hsm_send_record *record, const char *former_owner,
			 bool *claimed, struct hsm_error *error)
{
	size_t changed = 0;
	int rc = write_send(store,
			    "INSERT INTO send (environment, id, request, token, owner, status, answer, time) VALUES ($1, $2, "
			    "$3, $4, $5, $6, $7, $8) ON CONFLICT (environment, id) DO UPDATE SET owner = excluded.owner, "
			    "time = excluded.time WHERE send.token = excluded.token AND send.status = 0 AND send.owner = $9",
			    record, former_owner, &changed, error);
	*claimed = changed > 0;
	return rc;
}

int hsm_store_save_send(struct hsm_store *store, const struct hsm_send_record *record, struct hsm_error *error)
{
	return write_send(store,
			  "INSERT INTO send (environment, id, request, token, owner, status, answer, time) VALUES ($1, $2, "
			  "$3, $4, $5, $6, $7, $8) ON CONFLICT (environment, id) DO UPDATE SET status = excluded.status, "
			  "answer = excluded.answer, time = excluded.time WHERE send.token = excluded.token",
			  record, NULL, NULL, error);
}

int hsm_store_delete_send(struct hsm_store *store, const struct hsm_send_record *record, struct hsm_error *error)
{
	return hsm_store_run(store, "DELETE FROM send WHERE environment = $1 AND id = $2 AND token = $3 AND owner = $4",
			     (const char *const[]){ store->environment, record->id, record->token, record->owner }, 4,
			     error);
}

int hsm_store_forget_sends(struct hsm_store *store, int64_t before, struct hsm_error *error)
{
	char time[HSM_STORE_NUMBER_SIZE];
	return hsm_store_run(store, "DELETE FROM send WHERE environment = $1 AND time < $2",
			     (const char *const[]){ store->environment, hsm_store_format_number(time, before) }, 2, error);
}
