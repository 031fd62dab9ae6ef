#ifndef HSM_SOURCE_H
#define HSM_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/arena.h"

/*
 * The bytes of one file, and places in them. Sources live as long as what was
 * loaded from them, so that any later check can still show the line.
 */
struct hsm_source {
	const char *path; /* as the user would name it, relative to the repository */
	const char *text; /* valid UTF-8 without NUL, followed by one */
	size_t length;
	const uint32_t *lines; /* where each begins */
	uint32_t line_count;   /* at least one */
};

/* Copies the path and length bytes of text, which is as a source's must be. */
const struct hsm_source *hsm_source_make(struct hsm_arena *arena, const char *path, const char *text, size_t length);

/* From the first character of a value to just after its last. Lines and columns
 * count from 1, columns in characters. source is NULL for a value that no file
 * holds. */
struct hsm_mark {
	const struct hsm_source *source;
	uint32_t line;
	uint32_t column;
	uint32_t end_line;
	uint32_t end_column;
};

/* The byte offset of a line and column; at most source->length. */
size_t hsm_source_offset(const struct hsm_source *source, uint32_t line, uint32_t column);

/* Puts a * in the place of each byte of a value: it may be a secret, and lines of the file are shown. */
void hsm_source_blank(struct hsm_mark mark);

/* The line without its newline; borrowed, *length bytes long. */
const char *hsm_source_line(const struct hsm_source *source, uint32_t line, size_t *length);

#endif
