#include "schema/source.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"

/* YAML 1.1 has more line breaks than most editors; the loader's marks count
 * them, so they count here. Returns the length of the break at text, or 0. */
static size_t break_length(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	if (c[0] == '\r')
		return c[1] == '\n' ? 2 : 1;
	if (c[0] == '\n')
		return 1;
	if (c[0] == 0xc2 && c[1] == 0x85)
		return 2;
	if (c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9))
		return 3;
	return 0;
}

/* Every scalar's place is looked up, so lines are found once. */
static void index_lines(struct hsm_arena *arena, struct hsm_source *source)
{
	const char *text = source->text;
	const char *c = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text; /* a byte-order mark has no column */
	uint32_t *lines = NULL, count = 0, capacity = 0;
	HSM_MEMORY_GROW(lines, count, capacity);
	lines[count++] = (uint32_t)(c - text);
	while (*(c += strcspn(c, "\r\n\xc2\xe2"))) {
		size_t skip = break_length(c);
		c += skip ? skip : 1;
		if (!skip)
			continue;
		HSM_MEMORY_GROW(lines, count, capacity);
		lines[count++] = (uint32_t)(c - text);
	}
	uint32_t *kept = hsm_arena_allocate_array(arena, count, sizeof(*kept));
	memcpy(kept, lines, count * sizeof(*kept));
	free(lines);
	source->lines = kept;
	source->line_count = count;
}

const struct hsm_source *hsm_source_make(struct hsm_arena *arena, const char *path, const char *text, size_t length)
{
	struct hsm_source *source = hsm_arena_allocate(arena, sizeof(*source));
	source->path = hsm_arena_copy_string(arena, path);
	source->text = hsm_arena_copy(arena, text, length);
	source->length = length;
	index_lines(arena, source);
	return source;
}

const char *hsm_source_line(const struct hsm_source *source, uint32_t line, size_t *length)
{
	uint32_t at = line ? line - 1 : 0;
	const char *text = source->text + (at < source->line_count ? source->lines[at] : source->length), *end = text;
	while (*end && !break_length(end))
		end++;
	*length = (size_t)(end - text);
	return text;
}

size_t hsm_source_offset(const struct hsm_source *source, uint32_t line, uint32_t column)
{
	size_t length;
	const char *text = hsm_source_line(source, line, &length), *end = text + length;
	for (uint32_t at = 1; at < column && text < end; at++) {
		text++;
		while (text < end && ((unsigned char)*text & 0xc0) == 0x80)
			text++;
	}
	return (size_t)(text - source->text);
}

void hsm_source_blank(struct hsm_mark mark)
{
	size_t end = hsm_source_offset(mark.source, mark.end_line, mark.end_column);
	char *text = (char *)(uintptr_t)mark.source->text; /* its own copy */
	for (size_t at = hsm_source_offset(mark.source, mark.line, mark.column); at < end; at++)
		if (!break_length(text + at))
			text[at] = '*';
}
