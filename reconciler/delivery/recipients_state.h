#ifndef HSM_RECIPIENTS_STATE_H
#define HSM_RECIPIENTS_STATE_H

#include <cjson/cJSON.h>

#include "reconciler/delivery/recipients.h"

/* Private to the readers of recipients. */

struct hsm_recipients {
	const char *name;
	/* Reads the row at `at` and moves that behind it, whatever is wrong with the row. */
	int (*read)(struct hsm_recipients *recipients, struct hsm_error *error);
	const char *first; /* row */
	size_t first_line;
	const char *end; /* without the empty lines before it */
	const char *at;  /* where the next row begins */
	size_t line;
	const char *row; /* that is read */
	size_t row_line;

	const char *names[HSM_RECIPIENTS_COLUMNS_MAX]; /* CSV: of the columns; NDJSON: of the row's members */
	size_t name_count;
	size_t phone_column; /* CSV */
	struct hsm_named_value values[HSM_RECIPIENTS_COLUMNS_MAX];
	struct hsm_recipient recipient;
	cJSON *json; /* NDJSON: holds the texts of the row */
	struct hsm_arena arena;
	struct hsm_arena row_arena;
};

/* What is wrong, at a place of the row that is read. */
int hsm_recipients_fail(const struct hsm_recipients *recipients, const char *at, struct hsm_error *error,
			const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Whether a part of the row is UTF-8 without NUL. */
int hsm_recipients_check_text(const struct hsm_recipients *recipients, const char *from, const char *to,
			      struct hsm_error *error);

/* The first name that stands before it already; name_count: each is there once. */
size_t hsm_recipients_find_repeated(const struct hsm_recipients *recipients);

/* The row's phone number, which stands at a place. */
int hsm_recipients_take_phone(struct hsm_recipients *recipients, const char *phone, const char *at,
			      struct hsm_error *error);

int hsm_recipients_read_columns(struct hsm_recipients *recipients, struct hsm_error *error);
int hsm_recipients_read_csv(struct hsm_recipients *recipients, struct hsm_error *error);
int hsm_recipients_read_ndjson(struct hsm_recipients *recipients, struct hsm_error *error);

#endif
