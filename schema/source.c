#include "schema/source.h"

#include <string.h>

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

const char *hsm_source_line(const struct hsm_source *source, uint32_t line, size_t *length)
{
	const char *text = source->text;
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* a byte-order mark has no column */
		text += 3;
	for (uint32_t at = 1; at < line && *text;) {
		size_t skip = break_length(text);
		text += skip ? skip : 1;
		at += skip != 0;
	}
	const char *end = text;
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
