#include <string.h>

#include "reconciler/delivery/recipients_state.h"

/*
 * RFC 4180. A row with a fault is read to its end all the same, so that the next one
 * is found: behind a quote that is out of place it ends with the line.
 */

struct field {
	const char *start;
	size_t length; /* as it stands there, with its quotes */
};

struct row {
	struct field fields[HSM_RECIPIENTS_COLUMNS_MAX]; /* as many as there is room for */
	size_t count;
	const char *end;    /* of the row, before its line end */
	const char *excess; /* where the first field stands that there is no room for */
	const char *fault_at, *fault; /* the first one; NULL: none */
};

static bool ends_field(const char *c, const char *end)
{
	return c == end || *c == ',' || *c == '\n' || (*c == '\r' && end - c > 1 && c[1] == '\n');
}

static const char *find_line_end(const char *c, const char *end)
{
	const char *newline = memchr(c, '\n', (size_t)(end - c));
	return newline ? newline : end;
}

static void note_fault(struct row *row, const char *at, const char *fault)
{
	if (row->fault)
		return;
	row->fault_at = at;
	row->fault = fault;
}

static const char *skip_quoted(struct row *row, const char *start, const char *end)
{
	for (const char *c = start + 1; (c = memchr(c, '"', (size_t)(end - c))); c += 2) {
		if (end - c > 1 && c[1] == '"')
			continue;
		if (ends_field(c + 1, end))
			return c + 1;
		note_fault(row, c + 1, "a closing quote in the middle of a field: inside quotes a quote is doubled");
		return find_line_end(c, end);
	}
	note_fault(row, start, "a quote that is never closed");
	return end;
}

static const char *skip_plain(struct row *row, const char *c, const char *end)
{
	for (; !ends_field(c, end); c++) {
		if (*c == '\r')
			note_fault(row, c, "a carriage return outside of quotes that no line feed follows");
		if (*c != '"')
			continue;
		note_fault(row, c, "a quote in a field that does not begin with one: quote the field, and double it");
		return find_line_end(c, end);
	}
	return c;
}

/* Where the next row begins. */
static const char *scan(struct row *row, const char *c, const char *end, size_t room)
{
	row->count = 0;
	row->excess = row->fault = row->fault_at = NULL;
	for (;; c++) {
		const char *start = c;
		c = c < end && *c == '"' ? skip_quoted(row, c, end) : skip_plain(row, c, end);
		if (row->count < room)
			row->fields[row->count] = (struct field){ start, (size_t)(c - start) };
		else if (row->count == room)
			row->excess = start;
		row->count++;
		if (c == end || *c != ',')
			break;
	}
	row->end = c;
	return c == end ? end : find_line_end(c, end) + 1;
}

static int scan_row(struct hsm_recipients *recipients, struct row *row, size_t room, struct hsm_error *error)
{
	recipients->at = scan(row, recipients->at, recipients->end, room);
	int rc = hsm_recipients_check_text(recipients, recipients->row, row->fault ? row->fault_at : row->end, error);
	if (!rc && row->fault)
		rc = hsm_recipients_fail(recipients, row->fault_at, error, "%s", row->fault);
	if (!rc && row->end - recipients->row > (ptrdiff_t)HSM_RECIPIENTS_ROW_MAX)
		rc = hsm_recipients_fail(recipients, recipients->row, error, "a row of more than %zu bytes",
					 HSM_RECIPIENTS_ROW_MAX);
	return rc;
}

/* The field's text without its quotes. */
static struct hsm_named_value copy_field(struct hsm_arena *arena, const struct field *field)
{
	if (!field->length || field->start[0] != '"')
		return (struct hsm_named_value){ .value = hsm_arena_copy(arena, field->start, field->length),
						 .length = field->length };
	char *text = hsm_arena_copy(arena, field->start + 1, field->length - 2);
	char *to = text;
	for (const char *c = text; *c; c++) {
		*to++ = *c;
		c += *c == '"';
	}
	*to = '\0';
	return (struct hsm_named_value){ .value = text, .length = (size_t)(to - text) };
}

int hsm_recipients_read_columns(struct hsm_recipients *recipients, struct hsm_error *error)
{
	struct row row;
	if (recipients->at == recipients->end)
		return hsm_recipients_fail(recipients, recipients->row, error,
					   "an empty file: the first row is to name the columns");
	int rc = scan_row(recipients, &row, HSM_RECIPIENTS_COLUMNS_MAX, error);
	if (rc)
		return rc;
	if (row.excess)
		return hsm_recipients_fail(recipients, row.excess, error, "more than %d columns",
					   HSM_RECIPIENTS_COLUMNS_MAX);
	recipients->phone_column = row.count;
	for (size_t i = 0; i < row.count; i++) {
		const char *name = copy_field(&recipients->arena, &row.fields[i]).value;
		if (!*name)
			return hsm_recipients_fail(recipients, row.fields[i].start, error, "a column without a name");
		if (strcmp(name, HSM_RECIPIENT_COLUMN) == 0)
			recipients->phone_column = i;
		recipients->names[recipients->name_count++] = name;
	}
	if (recipients->phone_column == row.count)
		return hsm_recipients_fail(recipients, recipients->row, error, "no column is named '%s'",
					   HSM_RECIPIENT_COLUMN);
	size_t repeated = hsm_recipients_find_repeated(recipients);
	return repeated == row.count ? 0
				     : hsm_recipients_fail(recipients, row.fields[repeated].start, error,
							   "a second column of this name");
}

int hsm_recipients_read_csv(struct hsm_recipients *recipients, struct hsm_error *error)
{
	struct row row;
	struct hsm_recipient *recipient = &recipients->recipient;
	const char *phone = NULL;
	int rc = scan_row(recipients, &row, recipients->name_count, error);
	if (rc)
		return rc;
	if (row.count != recipients->name_count)
		return hsm_recipients_fail(recipients, row.excess ? row.excess : row.end, error,
					   "%zu field%s, where the first row names %zu", row.count,
					   row.count == 1 ? "" : "s", recipients->name_count);
	for (size_t i = 0; i < row.count; i++) {
		struct hsm_named_value value = copy_field(&recipients->row_arena, &row.fields[i]);
		value.name = recipients->names[i];
		if (i == recipients->phone_column)
			phone = value.value;
		else
			recipients->values[recipient->value_count++] = value;
	}
	return hsm_recipients_take_phone(recipients, phone, row.fields[recipients->phone_column].start, error);
}
