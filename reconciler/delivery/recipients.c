#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/delivery/recipients_state.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

int hsm_recipients_fail(const struct hsm_recipients *recipients, const char *at, struct hsm_error *error,
			const char *format, ...)
{
	size_t line = recipients->row_line, column = 1;
	for (const char *c = recipients->row; c < at; c++) {
		if (*c == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)*c & 0xc0) != 0x80) {
			column++;
		}
	}
	char message[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return hsm_error_set(error, HSM_ERROR_INVALID, "%s:%zu:%zu: %s", recipients->name, line, column, message);
}

int hsm_recipients_check_text(const struct hsm_recipients *recipients, const char *from, const char *to,
			      struct hsm_error *error)
{
	size_t length = (size_t)(to - from), valid = hsm_text_find_invalid(from, length);
	const char *nul = memchr(from, '\0', valid);
	if (nul)
		return hsm_recipients_fail(recipients, nul, error, "a NUL byte: the file is to be UTF-8");
	if (valid != length)
		return hsm_recipients_fail(recipients, from + valid, error, "not UTF-8");
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	const char *const *a = *(const char *const *const *)left, *const *b = *(const char *const *const *)right;
	int order = strcmp(*a, *b);
	return order ? order : (a > b) - (a < b);
}

size_t hsm_recipients_find_repeated(const struct hsm_recipients *recipients)
{
	const char *const *sorted[HSM_RECIPIENTS_COLUMNS_MAX];
	for (size_t i = 0; i < recipients->name_count; i++)
		sorted[i] = &recipients->names[i];
	qsort(sorted, recipients->name_count, sizeof(*sorted), compare_names);
	size_t first = recipients->name_count;
	for (size_t i = 1; i < recipients->name_count; i++) {
		size_t place = (size_t)(sorted[i] - recipients->names);
		if (place < first && strcmp(*sorted[i - 1], *sorted[i]) == 0)
			first = place;
	}
	return first;
}

int hsm_recipients_take_phone(struct hsm_recipients *recipients, const char *phone, const char *at,
			      struct hsm_error *error)
{
	recipients->recipient.phone = phone;
	return hsm_phone_number_is_valid(phone)
		       ? 0
		       : hsm_recipients_fail(recipients, at, error,
					     "the recipient is no phone number: '+', the country and the number, 7 to "
					     "15 digits and nothing else (E.164)");
}

static int read_row(struct hsm_recipients *recipients, int (*read)(struct hsm_recipients *, struct hsm_error *),
		    struct hsm_error *error)
{
	recipients->row = recipients->at;
	recipients->row_line = recipients->line;
	int rc = read(recipients, error);
	for (const char *c = recipients->row; (c = memchr(c, '\n', (size_t)(recipients->at - c))); c++)
		recipients->line++;
	return rc;
}

int hsm_recipients_open(struct hsm_recipients **recipients, const char *name, enum hsm_recipients_format format,
			const char *data, size_t length, struct hsm_error *error)
{
	if (!length)
		data = ""; /* of what is empty there may be no bytes at all */
	const char *end = data + length;
	if (length >= strlen(BYTE_ORDER_MARK) && memcmp(data, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		data += strlen(BYTE_ORDER_MARK);
	while (end > data && end[-1] == '\n') {
		end--;
		end -= end > data && end[-1] == '\r';
	}
	struct hsm_recipients *opened = hsm_memory_allocate(sizeof(*opened));
	opened->name = hsm_arena_copy_string(&opened->arena, name);
	opened->read = format == HSM_RECIPIENTS_CSV ? hsm_recipients_read_csv : hsm_recipients_read_ndjson;
	opened->at = data;
	opened->end = end;
	opened->line = 1;
	int rc = format == HSM_RECIPIENTS_CSV ? read_row(opened, hsm_recipients_read_columns, error) : 0;
	opened->first = opened->at;
	opened->first_line = opened->line;
	*recipients = rc ? NULL : opened;
	if (rc)
		hsm_recipients_free(opened);
	return rc;
}

void hsm_recipients_free(struct hsm_recipients *recipients)
{
	if (!recipients)
		return;
	cJSON_Delete(recipients->json);
	hsm_arena_release(&recipients->row_arena);
	hsm_arena_release(&recipients->arena);
	free(recipients);
}

void hsm_recipients_rewind(struct hsm_recipients *recipients)
{
	recipients->at = recipients->first;
	recipients->line = recipients->first_line;
	recipients->recipient.number = 0;
}

int hsm_recipients_next(struct hsm_recipients *recipients, const struct hsm_recipient **recipient,
			struct hsm_error *error)
{
	*recipient = NULL;
	if (recipients->at == recipients->end)
		return 0;
	hsm_arena_clear(&recipients->row_arena);
	recipients->recipient = (struct hsm_recipient){
		.number = recipients->recipient.number + 1,
		.line = recipients->line,
		.values = recipients->values,
	};
	int rc = read_row(recipients, recipients->read, error);
	*recipient = rc ? NULL : &recipients->recipient;
	return rc;
}
