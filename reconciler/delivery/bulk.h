#ifndef HSM_BULK_H
#define HSM_BULK_H

#include "reconciler/delivery/recipients.h"
#include "reconciler/delivery/sender.h"

/*
 * A template to many: every row is checked before the first is sent, each is sent at
 * most once, and a run that was killed is gone on with.
 */

#define HSM_LANGUAGE_COLUMN "language" /* of a row; unless the template has a parameter of that name */

/* Told of each row that is wrong: where, which parameter, and what. No value stands in it. */
typedef void hsm_bulk_problem(void *user, const char *message);

/* What became of a message that was sent. */
struct hsm_arrival {
	const char *status; /* the API's word; NULL: not told */
	int64_t error;      /* Meta's, of one that failed; 0: none told */
};

struct hsm_bulk {
	struct hsm_sender *sender;        /* what it begins is the bulk's to record */
	struct hsm_recipients *recipients;
	const char *name;                 /* of the file, for messages */
	const char *template;             /* base name */
	const char *language;             /* where a row names none; NULL: every row must */
	bool language_is_parameter;       /* the template has a parameter "language" */
	const char *text;                 /* what to send while the 24 hours are open, {{name}} filled in; NULL */
	unsigned wave;                    /* messages under way at once */
	double rate;                      /* messages a minute; 0: no limit of ours */
	void (*progress)(void *user, size_t done); /* rows that are final; may be NULL */
	hsm_bulk_problem *problem;
	void *user;
	/* the bulk's own; zero-initialise and release */
	struct hsm_journal *journal;
	bool *wrong;      /* by row: not to be sent */
	size_t rows, wrong_count;
	struct hsm_arrival *arrivals; /* by row, once it was followed */
	struct hsm_arena arena;
};

void hsm_bulk_release(struct hsm_bulk *bulk);

/*
 * Reads all rows and builds their messages; counts rows and wrong_count. Wrong are rows
 * that cannot be read, values that do not fit, and a row that is the same as an earlier
 * one: recipient, language and values. HSM_ERROR_BLOCKED, HSM_ERROR_TRY_LATER or
 * HSM_ERROR_NO_INPUT where nothing can be sent for the template.
 */
int hsm_bulk_check(struct hsm_bulk *bulk, struct hsm_error *error);

/* Opens or makes the journal, after the check: rows that it tells of are not wrong any more. */
int hsm_bulk_open(struct hsm_bulk *bulk, const char *path, const struct hsm_journal_subject *subject,
		  struct hsm_error *error);

/*
 * Sends what the journal does not tell of. An error says why it stopped; what was sent is
 * in the journal, and another call goes on.
 */
int hsm_bulk_send(struct hsm_bulk *bulk, struct hsm_error *error);

/* Reads a row's message into the arena; state REFUSED and a reason where it is wrong. */
int hsm_bulk_read(struct hsm_bulk *bulk, struct hsm_arena *arena, const struct hsm_recipient *recipient,
		  struct hsm_delivery *delivery, struct hsm_error *error);

/* Asks what became of those that were sent until it is known of all, so many seconds at most. */
int hsm_bulk_follow(struct hsm_bulk *bulk, double seconds, struct hsm_error *error);

/* Rows that nothing more will become of. */
size_t hsm_bulk_count_final(const struct hsm_bulk *bulk);

/* "changes": what sanitising changed in a message's values; nothing where it changed nothing. */
struct hsm_json_writer;
void hsm_bulk_write_changes(struct hsm_json_writer *writer, const struct hsm_built_message *message);

/* A line of JSON for each row; with their recipients where those are asked for. */
int hsm_bulk_append_results(struct hsm_bulk *bulk, bool recipients, struct hsm_buffer *buffer, struct hsm_error *error);

#endif
