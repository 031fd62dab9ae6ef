/* What became of the messages of a bulk, as the API tells it. */
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/delivery/bulk.h"
#include "reconciler/delivery/wave.h"

#define PAUSE_FIRST 2.0 /* seconds between two rounds; doubled each time */
#define PAUSE_MAX 60.0

/* A row that is asked about. */
struct asked {
	struct hsm_bulk *bulk;
	size_t row;
	char token[HSM_TOKEN_SIZE];
	struct hsm_error *error;
	int *rc;
};

static bool is_final(const char *status)
{
	return status && (strcmp(status, "DELIVERED") == 0 || strcmp(status, "READ") == 0 || strcmp(status, "FAILED") == 0);
}

static void note(void *user, const struct hsm_send_result *result)
{
	const struct asked *asked = user;
	struct hsm_arrival *arrival = &asked->bulk->arrivals[asked->row - 1];
	if (result->outcome != HSM_OUTCOME_DONE && !*asked->rc) {
		*asked->error = result->error;
		*asked->rc = result->error.class;
	}
	for (size_t i = 0; result->outcome == HSM_OUTCOME_DONE && i < result->conversation_count; i++) {
		const struct hsm_conversation *conversation = &result->conversations[i];
		if (!conversation->label || strcmp(conversation->label, asked->token) != 0 || !conversation->message_count)
			continue;
		arrival->status = hsm_arena_copy_string(&asked->bulk->arena, conversation->messages[0].status);
		arrival->error = conversation->messages[0].error;
	}
}

/* The way that a row went, where that can be asked; NULL. */
static const struct hsm_way *find_way(const struct hsm_bulk *bulk, const struct hsm_row_record *record)
{
	const struct hsm_messenger *messenger = bulk->sender->messenger;
	bool sms = record->way && strcmp(record->way, HSM_WAY_SMS) == 0;
	const struct hsm_way *way = hsm_messenger_find_way(messenger, sms);
	bool same = sms ? messenger->genesys != NULL :
			  record->way ? way->word && strcmp(way->word, record->way) == 0 : !way->word;
	return same && way->ask ? way : NULL;
}

/* The rows from *next on that are still open, at most a wave of them; their number. */
static size_t ask(struct hsm_bulk *bulk, struct hsm_arena *arena, size_t *next, int *rc, struct hsm_error *error)
{
	struct asked *asked = hsm_arena_allocate_array(arena, bulk->wave, sizeof(*asked));
	size_t count = 0;
	while (count < bulk->wave && *next < bulk->rows) {
		const struct hsm_recipient *recipient = NULL;
		struct hsm_error ignored;
		size_t row = ++*next;
		bool readable = hsm_recipients_next(bulk->recipients, &recipient, &ignored) == 0 && recipient;
		struct hsm_row_record record = hsm_journal_find(bulk->journal, row);
		const struct hsm_way *way = find_way(bulk, &record);
		if (!readable || record.state != HSM_ROW_SENT || is_final(bulk->arrivals[row - 1].status) || !way)
			continue;
		asked[count] = (struct asked){ .bulk = bulk, .row = row, .error = error, .rc = rc };
		strncpy(asked[count].token, record.token, sizeof(asked[count].token) - 1);
		way->ask(bulk->sender->messenger,
			 &(struct hsm_trace){ .phone = recipient->phone, .label = asked[count].token, .message = record.message },
			 note, &asked[count]);
		count++;
	}
	if (count)
		hsm_messenger_run(bulk->sender->messenger);
	return count;
}

int hsm_bulk_follow(struct hsm_bulk *bulk, double seconds, struct hsm_error *error)
{
	struct hsm_sender sender = *bulk->sender;
	struct hsm_wave wave = { .sender = &sender };
	struct hsm_arena arena = { 0 };
	double until = hsm_clock_monotonic() + seconds, pause = PAUSE_FIRST;
	int rc = 0;
	if (!bulk->arrivals)
		bulk->arrivals = hsm_arena_allocate_array(&bulk->arena, bulk->rows, sizeof(*bulk->arrivals));
	if (!sender.deadline || until < sender.deadline)
		sender.deadline = until;
	for (size_t open = 1; !rc && open && !hsm_wave_is_stopped(&wave);) {
		size_t next = 0, count;
		hsm_wave_sleep(&wave, pause);
		pause = pause * 2 < PAUSE_MAX ? pause * 2 : PAUSE_MAX;
		hsm_recipients_rewind(bulk->recipients);
		for (open = 0; !rc && !hsm_wave_is_stopped(&wave) && (count = ask(bulk, &arena, &next, &rc, error)) > 0; open += count)
			hsm_arena_clear(&arena);
	}
	hsm_arena_release(&arena);
	return rc;
}
