#ifndef HSM_RECIPIENTS_H
#define HSM_RECIPIENTS_H

#include "reconciler/delivery/message.h"

/*
 * Many recipients from a file: CSV (RFC 4180; the first record names the columns) or
 * NDJSON (an object a line). One column is the recipient, the others are parameters'
 * names. Rows are read one by one.
 *
 * Lines end with LF or CR LF. Blanks are data. Empty lines are passed over at the end
 * of the file, and are rows that are wrong elsewhere. NDJSON's numbers are taken as
 * they are written: 12.90 is not 12.9.
 */

#define HSM_RECIPIENT_COLUMN "recipient" /* its phone number, E.164 */
#define HSM_RECIPIENTS_COLUMNS_MAX 256
#define HSM_RECIPIENTS_ROW_MAX ((size_t)1 << 20) /* bytes */

enum hsm_recipients_format { HSM_RECIPIENTS_CSV = 1, HSM_RECIPIENTS_NDJSON };

struct hsm_recipients;

/* A row; its texts are borrowed until the next is read. */
struct hsm_recipient {
	size_t number;        /* of the row, from 1, without CSV's first */
	size_t line;          /* where it begins, from 1 */
	const char *phone;
	const struct hsm_named_value *values; /* in the order of the columns, or of the object */
	size_t value_count;
};

/*
 * The bytes are borrowed. name is for messages. HSM_ERROR_INVALID at NAME:LINE:COLUMN
 * for a first record without the recipient's column, with a column twice or an empty
 * one, or with more than HSM_RECIPIENTS_COLUMNS_MAX. A byte-order mark is passed over.
 * *recipients is NULL then.
 */
int hsm_recipients_open(struct hsm_recipients **recipients, const char *name, enum hsm_recipients_format format,
			const char *data, size_t length, struct hsm_error *error);
void hsm_recipients_free(struct hsm_recipients *recipients);

/* From the first row again. */
void hsm_recipients_rewind(struct hsm_recipients *recipients);

/*
 * The next row; *recipient is NULL after the last. HSM_ERROR_INVALID at NAME:LINE:COLUMN
 * for one that is none, and *recipient is NULL, too: another number of fields than
 * columns, a quote that is never closed or stands inside a field, a lone CR outside of
 * quotes, a NUL, not UTF-8, a phone number that is not E.164, longer than
 * HSM_RECIPIENTS_ROW_MAX; in NDJSON also what is no object of strings and numbers, has a
 * key twice, or more than HSM_RECIPIENTS_COLUMNS_MAX. Reading may go on with the row
 * after it; it has a number as all others. Columns count in characters. No message
 * holds a value or a name out of the file.
 */
int hsm_recipients_next(struct hsm_recipients *recipients, const struct hsm_recipient **recipient,
			struct hsm_error *error);

#endif
