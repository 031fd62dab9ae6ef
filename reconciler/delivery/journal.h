#ifndef HSM_JOURNAL_H
#define HSM_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"

/*
 * What became of each row of a bulk send, so that it can be killed at any moment and
 * gone on with: before a message is sent its token is on disk, so what may have been
 * sent is known and looked up, never sent again blindly. A file of lines of JSON, each
 * whole or not there; it holds no recipient and no value. One thread.
 */

enum hsm_row_state {
	HSM_ROW_NEW = 0,  /* nothing is known: it was never begun */
	HSM_ROW_BEGUN,    /* it may have been sent: look it up by its token */
	HSM_ROW_SENT,
	HSM_ROW_REFUSED,  /* it was not sent: its recipient or its values are refused */
	HSM_ROW_FALLBACK, /* not sent: another channel is to be used */
	HSM_ROW_UNKNOWN,  /* it may have been sent, and nobody can tell */
	HSM_ROW_NOT_SENT, /* it was begun, and certainly not sent: a record that makes the row NEW again */
};
extern const char *const hsm_row_state_words[]; /* by the state; NULL after the last */

#define HSM_TOKEN_SIZE 33 /* 32 hexadecimal digits and a NUL */

/* Texts are borrowed; NULL is absent. */
struct hsm_row_record {
	size_t row; /* from 1 */
	enum hsm_row_state state;
	const char *token;    /* that the message carries; BEGUN has one */
	const char *template, *language; /* physical name that was used */
	const char *conversation, *message; /* ids */
	const char *reason;   /* why it was not sent; no value stands in it */
	int64_t time;         /* milliseconds since 1970 */
	const char *way;      /* that it was begun by; NULL: the messaging API's */
};

struct hsm_journal;

/* What a journal is of; one of another input or order is refused. */
struct hsm_journal_subject {
	const char *input;    /* SHA-256 of the file, 64 hexadecimal digits */
	const char *environment, *template, *language;
	size_t rows;
};

/*
 * Opens the journal, or makes it with its first line durable; one process at a time
 * (HSM_ERROR_TRY_LATER). A last line that was cut by a kill is cut away: nothing was
 * done on its word, since it was never synced. HSM_ERROR_STALE where it is of another
 * subject, saying what differs; HSM_ERROR_INVALID at PATH:LINE where any other line is
 * broken, or it is no journal; the file stays as it is then.
 */
int hsm_journal_open(struct hsm_journal **journal, const char *path, const struct hsm_journal_subject *subject,
		     struct hsm_error *error);
void hsm_journal_close(struct hsm_journal *journal);

/* The last record of a row: what the file said, and what was added since. state NEW where there is none. Borrowed
 * until the journal is closed. */
struct hsm_row_record hsm_journal_find(const struct hsm_journal *journal, size_t row);

size_t hsm_journal_count(const struct hsm_journal *journal, enum hsm_row_state state);

/*
 * Adds a record; it is durable after hsm_journal_sync, which one disk write may do for
 * many. A kill of the process alone loses none that was added.
 *
 * HSM_ERROR_FAILED where it can't be written: after that, and after a sync that failed,
 * nobody knows what is on disk; nothing can be added any more, and what was added since
 * the last sync is not to be believed. A record that could not be read again (no such
 * row, NEW, no token where one must be, not UTF-8, more than 64 KiB) is refused before anything is written, and the
 * journal goes on.
 */
int hsm_journal_add(struct hsm_journal *journal, const struct hsm_row_record *record, struct hsm_error *error);
int hsm_journal_sync(struct hsm_journal *journal, struct hsm_error *error);

/* A token that no other message has: random, from the kernel. */
int hsm_token_make(char token[HSM_TOKEN_SIZE], struct hsm_error *error);

#endif
