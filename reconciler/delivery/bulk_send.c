/* The waves of a bulk, and what became of its rows. */
#include <stdio.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/delivery/bulk.h"
#include "reconciler/delivery/wave.h"
#include "reconciler/lifecycle/registry.h"
#include "schema/json.h"

/* The rows of one wave, each with its number. */
struct wave {
	struct hsm_bulk *bulk;
	struct hsm_arena arena;
	struct hsm_delivery *deliveries;
	size_t *rows;
	size_t count, next; /* next: the row to be read */
	double not_before;  /* the next wave's time, CLOCK_MONOTONIC */
};

static bool is_final(enum hsm_row_state state)
{
	return state != HSM_ROW_NEW && state != HSM_ROW_BEGUN;
}

static int record(struct hsm_bulk *bulk, const struct hsm_delivery *delivery, enum hsm_row_state state, size_t row,
		  struct hsm_error *error)
{
	bool template = !delivery->as_text && !delivery->as_sms && delivery->message.name &&
			delivery->state != HSM_ROW_FALLBACK;
	return hsm_journal_add(bulk->journal, &(struct hsm_row_record){
		.row = row,
		.state = state,
		.token = *delivery->token ? delivery->token : NULL, /* refused before it had one */
		.template = template ? delivery->message.name : NULL,
		.language = template ? delivery->message.language : NULL,
		.conversation = delivery->conversation,
		.message = delivery->message_id,
		.reason = delivery->reason,
		.way = delivery->way,
		.time = state == HSM_ROW_BEGUN ? delivery->begun : hsm_clock_now(),
	}, error);
}

/* One write of the disk makes what became of the last wave durable, and what this one begins. */
static int begin(void *user, struct hsm_delivery *const *deliveries, size_t count, struct hsm_error *error)
{
	const struct wave *wave = user;
	int rc = 0;
	for (size_t i = 0; !rc && i < count; i++)
		rc = record(wave->bulk, deliveries[i], HSM_ROW_BEGUN, wave->rows[deliveries[i] - wave->deliveries], error);
	return rc ? rc : hsm_journal_sync(wave->bulk->journal, error);
}

/* What an earlier run began may have been sent, whatever is thought of it today; where it was not, it is chosen and
 * built anew. */
static int resume(struct hsm_arena *arena, const struct hsm_row_record *known, struct hsm_delivery *delivery)
{
	delivery->doomed = delivery->state == HSM_ROW_REFUSED;
	delivery->state = HSM_ROW_BEGUN;
	delivery->choice = NULL;
	delivery->begun = known->time;
	delivery->way = hsm_arena_copy_string(arena, known->way);
	strncpy(delivery->token, known->token, sizeof(delivery->token) - 1);
	return 0;
}

static int add_row(struct wave *wave, const struct hsm_recipient *recipient, size_t row, struct hsm_error *error)
{
	struct hsm_delivery *delivery = &wave->deliveries[wave->count];
	struct hsm_row_record known = hsm_journal_find(wave->bulk->journal, row);
	bool begun = known.state == HSM_ROW_BEGUN;
	int rc = hsm_bulk_read(wave->bulk, &wave->arena, recipient, delivery, error);
	/* Nothing may be sent for its template now: that it was is asked for all the same. */
	if (rc && !(begun && (rc == HSM_ERROR_BLOCKED || rc == HSM_ERROR_TRY_LATER)))
		return rc;
	wave->rows[wave->count++] = row;
	if (begun)
		return resume(&wave->arena, &known, delivery);
	/* The version may have changed since the check: its values may not fit any more. */
	return delivery->state == HSM_ROW_REFUSED ? 0 : hsm_token_make(delivery->token, error);
}

/* The next rows that are not done yet; none where all are. */
static int fill(struct wave *wave, struct hsm_error *error)
{
	struct hsm_bulk *bulk = wave->bulk;
	int rc = 0;
	wave->count = 0;
	hsm_arena_clear(&wave->arena);
	wave->deliveries = hsm_arena_allocate_array(&wave->arena, bulk->wave, sizeof(*wave->deliveries));
	wave->rows = hsm_arena_allocate_array(&wave->arena, bulk->wave, sizeof(*wave->rows));
	while (!rc && wave->count < bulk->wave && wave->next < bulk->rows) {
		const struct hsm_recipient *recipient = NULL;
		struct hsm_error ignored;
		size_t row = ++wave->next;
		bool readable = hsm_recipients_next(bulk->recipients, &recipient, &ignored) == 0 && recipient;
		if (readable && !bulk->wrong[row - 1] && !is_final(hsm_journal_find(bulk->journal, row).state))
			rc = add_row(wave, recipient, row, error);
	}
	return rc;
}

static void pace(struct wave *wave)
{
	double now = hsm_clock_monotonic();
	const struct hsm_bulk *bulk = wave->bulk;
	if (!bulk->rate || !wave->count)
		return;
	hsm_wave_sleep(&(struct hsm_wave){ .sender = bulk->sender }, wave->not_before - now);
	now = hsm_clock_monotonic();
	wave->not_before = now + (double)wave->count * 60 / bulk->rate;
}

size_t hsm_bulk_count_final(const struct hsm_bulk *bulk)
{
	size_t count = bulk->wrong_count;
	for (int state = HSM_ROW_SENT; state <= HSM_ROW_UNKNOWN; state++)
		count += hsm_journal_count(bulk->journal, (enum hsm_row_state)state);
	return count;
}

static bool was_begun(const struct hsm_bulk *bulk, size_t row)
{
	return hsm_journal_find(bulk->journal, row).state == HSM_ROW_BEGUN;
}

/* What became of the wave's rows; and why the bulk cannot go on. */
static int note(struct wave *wave, struct hsm_error *error)
{
	struct hsm_bulk *bulk = wave->bulk;
	int rc = 0, stop = 0;
	for (size_t i = 0; !rc && i < wave->count; i++) {
		const struct hsm_delivery *delivery = &wave->deliveries[i];
		if (is_final(delivery->state)) {
			rc = record(bulk, delivery, delivery->state, wave->rows[i], error);
			continue;
		}
		/* A refusal that passes: another run need not ask whether it was sent, and by some ways could not. */
		if (delivery->state == HSM_ROW_NEW && was_begun(bulk, wave->rows[i]))
			rc = record(bulk, delivery, HSM_ROW_NOT_SENT, wave->rows[i], error);
		if (!rc && delivery->problem && !stop)
			stop = hsm_error_set(error, delivery->problem, "%s", delivery->reason);
	}
	if (bulk->progress)
		bulk->progress(bulk->user, hsm_bulk_count_final(bulk));
	return rc ? rc : stop;
}

static int run(struct wave *wave, struct hsm_error *error)
{
	struct hsm_bulk *bulk = wave->bulk;
	struct hsm_error why;
	int rc = fill(wave, error);
	while (!rc && wave->count) {
		pace(wave);
		int sent = hsm_sender_send(bulk->sender, &wave->arena, wave->deliveries, wave->count, &why);
		rc = note(wave, error);
		if (!rc && sent) {
			*error = why;
			rc = sent;
		}
		if (!rc)
			rc = fill(wave, error);
	}
	return rc;
}

/* What became of a row counts, whatever is thought of it today. */
static void believe_journal(struct hsm_bulk *bulk)
{
	for (size_t row = 1; row <= bulk->rows; row++)
		if (bulk->wrong[row - 1] && hsm_journal_find(bulk->journal, row).state != HSM_ROW_NEW) {
			bulk->wrong[row - 1] = false;
			bulk->wrong_count--;
		}
}

int hsm_bulk_open(struct hsm_bulk *bulk, const char *path, const struct hsm_journal_subject *subject,
		  struct hsm_error *error)
{
	int rc = bulk->journal ? 0 : hsm_journal_open(&bulk->journal, path, subject, error);
	if (!rc)
		believe_journal(bulk);
	return rc;
}

int hsm_bulk_send(struct hsm_bulk *bulk, struct hsm_error *error)
{
	struct wave wave = { .bulk = bulk };
	struct hsm_error why;
	bulk->sender->begin = begin;
	bulk->sender->begin_user = &wave;
	hsm_recipients_rewind(bulk->recipients);
	int rc = run(&wave, error);
	/* What the last wave came to. */
	if (hsm_journal_sync(bulk->journal, &why) && !rc) {
		*error = why;
		rc = why.class;
	}
	hsm_arena_release(&wave.arena);
	return rc;
}

static void write_time(struct hsm_json_writer *writer, int64_t milliseconds)
{
	char text[32];
	if (!milliseconds)
		return;
	hsm_registry_format_time(milliseconds, text);
	hsm_json_write_string(writer, "time", text);
}

static void write_optional(struct hsm_json_writer *writer, const char *key, const char *value)
{
	if (value)
		hsm_json_write_string(writer, key, value);
}

void hsm_bulk_write_changes(struct hsm_json_writer *writer, const struct hsm_built_message *message)
{
	if (!message->change_count)
		return;
	hsm_json_begin_array(writer, "changes");
	for (size_t i = 0; i < message->change_count; i++) {
		const struct hsm_value_change *change = &message->changes[i];
		char code_point[16];
		hsm_json_begin_object(writer, NULL);
		hsm_json_write_string(writer, "parameter", change->name);
		hsm_json_write_string(writer, "action", hsm_sanitize_action_words[change->note.action - 1]);
		hsm_json_write_integer(writer, "position", (int64_t)change->note.position);
		snprintf(code_point, sizeof(code_point), "U+%04X", (unsigned)change->note.code_point);
		if (change->note.code_point)
			hsm_json_write_string(writer, "code_point", code_point);
		hsm_json_end_object(writer);
	}
	hsm_json_end_array(writer);
}

/* A row's line: what the journal tells of it, and what its values were changed to be. */
static void write_result(struct hsm_json_writer *writer, size_t row, const struct hsm_recipient *recipient,
			 const struct hsm_row_record *record, const struct hsm_delivery *delivery,
			 const struct hsm_arrival *arrival, const char *phone)
{
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_integer(writer, "row", (int64_t)row);
	if (recipient)
		hsm_json_write_integer(writer, "line", (int64_t)recipient->line);
	write_optional(writer, "recipient", phone);
	hsm_json_write_string(writer, "state", hsm_row_state_words[record->state]);
	write_optional(writer, "template", record->template);
	write_optional(writer, "language", record->language);
	write_optional(writer, "conversation", record->conversation);
	write_optional(writer, "message", record->message);
	write_optional(writer, "way", record->way);
	write_optional(writer, "reason", record->reason);
	if (arrival && arrival->status)
		hsm_json_write_string(writer, "delivery", arrival->status);
	if (arrival && arrival->error)
		hsm_json_write_integer(writer, "delivery_error", arrival->error);
	hsm_bulk_write_changes(writer, &delivery->message);
	write_time(writer, record->time);
	hsm_json_end_object(writer);
}

int hsm_bulk_append_results(struct hsm_bulk *bulk, bool recipients, struct hsm_buffer *buffer, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	int rc = 0;
	hsm_recipients_rewind(bulk->recipients);
	for (size_t row = 1; !rc && row <= bulk->rows; row++) {
		struct hsm_json_writer writer = { .buffer = buffer };
		const struct hsm_recipient *recipient = NULL;
		struct hsm_row_record record = hsm_journal_find(bulk->journal, row);
		struct hsm_delivery delivery = { 0 };
		struct hsm_error why;
		if (hsm_recipients_next(bulk->recipients, &recipient, &why))
			recipient = NULL;
		else
			hsm_bulk_read(bulk, &arena, recipient, &delivery, &why);
		if (bulk->wrong[row - 1]) {
			record.state = HSM_ROW_REFUSED;
			record.reason = !recipient ? why.message : delivery.reason ? delivery.reason : "the same row twice";
		}
		write_result(&writer, row, recipient, &record, &delivery, bulk->arrivals ? &bulk->arrivals[row - 1] : NULL,
			     recipients && recipient ? recipient->phone : NULL);
		hsm_buffer_append_char(buffer, '\n');
		if (buffer->full)
			rc = hsm_error_set(error, HSM_ERROR_FAILED, "the results are larger than %zu MiB", buffer->cap >> 20);
		hsm_arena_clear(&arena);
	}
	hsm_arena_release(&arena);
	return rc;
}
