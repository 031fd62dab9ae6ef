/*
 * Recipients: the first byte says whether the rest is CSV or NDJSON. A row that is read
 * is the same once it is written as either and read again; one that is not is told at a
 * place that is there.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/delivery/recipients.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define ROWS_WRITTEN 16 /* the first ones: writing them is slower than reading many */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void append_field(struct hsm_buffer *csv, const char *text)
{
	hsm_buffer_append_char(csv, '"');
	for (; *text; text++)
		hsm_buffer_append_string(csv, *text == '"' ? "\"\"" : (char[]){ *text, '\0' });
	hsm_buffer_append_string(csv, "\",");
}

static void write_csv(const struct hsm_recipient *row, struct hsm_buffer *csv)
{
	for (size_t i = 0; i < row->value_count; i++)
		append_field(csv, row->values[i].name);
	hsm_buffer_append_string(csv, HSM_RECIPIENT_COLUMN "\r\n");
	for (size_t i = 0; i < row->value_count; i++)
		append_field(csv, row->values[i].value);
	hsm_buffer_append_string(csv, row->phone);
}

static void write_ndjson(const struct hsm_recipient *row, struct hsm_buffer *json)
{
	struct hsm_json_writer writer = { .buffer = json };
	hsm_json_begin_object(&writer, NULL);
	for (size_t i = 0; i < row->value_count; i++)
		hsm_json_write_string(&writer, row->values[i].name, row->values[i].value);
	hsm_json_write_string(&writer, HSM_RECIPIENT_COLUMN, row->phone);
	hsm_json_end_object(&writer);
}

static void check_same(const struct hsm_recipient *row, const struct hsm_recipient *again)
{
	check(again && strcmp(row->phone, again->phone) == 0 && row->value_count == again->value_count);
	for (size_t i = 0; i < row->value_count; i++) {
		check(strcmp(row->values[i].name, again->values[i].name) == 0);
		check(row->values[i].length == again->values[i].length);
		check(strcmp(row->values[i].value, again->values[i].value) == 0);
	}
}

static void check_written(const struct hsm_recipient *row, enum hsm_recipients_format format)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_recipients *recipients;
	const struct hsm_recipient *again;
	struct hsm_error error;
	if (format == HSM_RECIPIENTS_CSV)
		write_csv(row, &text);
	else
		write_ndjson(row, &text);
	check(hsm_recipients_open(&recipients, "again", format, text.data, text.length, &error) == 0);
	check(hsm_recipients_next(recipients, &again, &error) == 0);
	check_same(row, again);
	check(hsm_recipients_next(recipients, &again, &error) == 0 && !again);
	hsm_recipients_free(recipients);
	hsm_buffer_release(&text);
}

static void check_row(const struct hsm_recipient *row)
{
	check(hsm_phone_number_is_valid(row->phone) && row->value_count < HSM_RECIPIENTS_COLUMNS_MAX);
	for (size_t i = 0; i < row->value_count; i++) {
		const struct hsm_named_value *value = &row->values[i];
		check(*value->name && strlen(value->value) == value->length);
		check(hsm_text_find_invalid(value->value, value->length) == value->length);
		check(hsm_text_find_invalid(value->name, strlen(value->name)) == strlen(value->name));
	}
	if (row->number > ROWS_WRITTEN)
		return;
	check_written(row, HSM_RECIPIENTS_CSV);
	check_written(row, HSM_RECIPIENTS_NDJSON);
}

/* Its place is one of the file's. */
static void check_error(const struct hsm_error *error, const char *text, size_t size)
{
	size_t line, column, length = strlen(error->message);
	check(error->class == HSM_ERROR_INVALID && hsm_text_find_invalid(error->message, length) == length);
	check(sscanf(error->message, "f:%zu:%zu: ", &line, &column) == 2);
	for (; line > 1; line--) {
		const char *newline = memchr(text, '\n', size);
		check(newline);
		size -= (size_t)(newline + 1 - text);
		text = newline + 1;
	}
	const char *newline = memchr(text, '\n', size);
	check(column >= 1 && column <= (newline ? (size_t)(newline - text) : size) + 1);
}

static void read_all(struct hsm_recipients *recipients, const char *text, size_t size)
{
	for (size_t number = 1, line = 1;; number++) {
		const struct hsm_recipient *row;
		struct hsm_error error;
		check(number <= size + 1);
		if (hsm_recipients_next(recipients, &row, &error)) {
			check(!row);
			if (number <= ROWS_WRITTEN)
				check_error(&error, text, size);
			continue;
		}
		if (!row)
			return;
		check(row->number == number && row->line >= line);
		line = row->line;
		check_row(row);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hsm_recipients *recipients;
	struct hsm_error error;
	if (!size)
		return 0;
	const char *text = (const char *)data + 1;
	enum hsm_recipients_format format = data[0] % 2 ? HSM_RECIPIENTS_NDJSON : HSM_RECIPIENTS_CSV;
	if (hsm_recipients_open(&recipients, "f", format, text, size - 1, &error)) {
		check(!recipients && format == HSM_RECIPIENTS_CSV);
		check_error(&error, text, size - 1);
		return 0;
	}
	read_all(recipients, text, size - 1);
	hsm_recipients_rewind(recipients);
	read_all(recipients, text, size - 1);
	hsm_recipients_free(recipients);
	return 0;
}
