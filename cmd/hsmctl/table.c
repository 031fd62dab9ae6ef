#include "cmd/hsmctl/table.h"

#include <stdlib.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"

void hsm_table_release(struct hsm_table *table)
{
	free(table->cells);
	hsm_arena_release(&table->arena);
}

/* As it is shown: escapes count. */
static const char *make_printable(struct hsm_arena *arena, const char *text)
{
	struct hsm_buffer printable = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_text_append_printable_line(&printable, text);
	const char *copy = hsm_arena_copy(arena, hsm_buffer_text(&printable), printable.length);
	hsm_buffer_release(&printable);
	return copy;
}

void hsm_table_add(struct hsm_table *table, const char *const *cells)
{
	for (size_t i = 0; i < table->columns; i++) {
		HSM_MEMORY_GROW(table->cells, table->count, table->capacity);
		table->cells[table->count++] = cells[i] ? make_printable(&table->arena, cells[i]) : "";
	}
}

static size_t column_width(const struct hsm_table *table, size_t column)
{
	size_t widest = 0;
	for (size_t i = column; i < table->count; i += table->columns) {
		size_t width = hsm_text_count_characters(table->cells[i]);
		widest = width > widest ? width : widest;
	}
	return widest;
}

void hsm_table_append(const struct hsm_table *table, struct hsm_buffer *buffer)
{
	size_t *widths = hsm_memory_allocate((table->columns + 1) * sizeof(*widths));
	for (size_t i = 0; i < table->columns; i++)
		widths[i] = column_width(table, i);
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;
		hsm_buffer_append_string(buffer, table->cells[i]);
		for (size_t at = hsm_text_count_characters(table->cells[i]); at < widths[column] + 2; at++)
			hsm_buffer_append_char(buffer, ' ');
		if (column + 1 < table->columns)
			continue;
		while (buffer->length && buffer->data[buffer->length - 1] == ' ')
			buffer->data[--buffer->length] = '\0';
		hsm_buffer_append_char(buffer, '\n');
	}
	free(widths);
}
