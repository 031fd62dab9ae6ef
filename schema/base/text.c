#include "schema/base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "schema/base/memory.h"

/* How many bytes are ASCII before the first that is not: eight at a time, as most text is nothing else. */
static size_t count_ascii(const char *text, size_t length)
{
	size_t count = 0;
	for (uint64_t word; length - count >= sizeof(word); count += sizeof(word)) {
		memcpy(&word, text + count, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (count < length && (unsigned char)text[count] < 0x80)
		count++;
	return count;
}

size_t hsm_text_find_invalid(const char *text, size_t length)
{
	size_t at = 0;
	while ((at += count_ascii(text + at, length - at)) < length) {
		utf8proc_int32_t point;
		utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
							 (utf8proc_ssize_t)(length - at), &point);
		if (size <= 0)
			break;
		at += (size_t)size;
	}
	return at;
}

size_t hsm_text_count_characters(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* ASCII is NFC already; most text is ASCII or Latin and the check is cheap. */
static bool is_canonical(const char *text, size_t length)
{
	return count_ascii(text, length) == length && !memchr(text, '\r', length) && (!length || text[length - 1] != '\n');
}

const char *hsm_text_canonical(struct hsm_arena *arena, const char *text)
{
	size_t length = strlen(text);
	if (is_canonical(text, length))
		return text;
	char *lines = hsm_arena_copy(arena, text, length);
	char *to = lines;
	for (const char *from = text; *from; from++) {
		if (*from == '\r' && from[1] == '\n')
			continue;
		*to++ = *from == '\r' ? '\n' : *from;
	}
	while (to > lines && to[-1] == '\n')
		to--;
	*to = '\0';
	utf8proc_uint8_t *composed = NULL;
	utf8proc_ssize_t size = utf8proc_map((const utf8proc_uint8_t *)lines, (utf8proc_ssize_t)(to - lines), &composed,
					     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (size == UTF8PROC_ERROR_NOMEM)
		hsm_memory_exhausted();
	const char *result = lines;
	if (size >= 0 && strcmp((const char *)composed, lines) != 0)
		result = hsm_arena_copy(arena, composed, (size_t)size);
	free(composed);
	return result;
}

static bool is_unprintable(utf8proc_int32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
	       point == 0x061c || point == 0x200e || point == 0x200f || (point >= 0x202a && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

static void append_printable(struct hsm_buffer *buffer, const char *text, bool one_line)
{
	size_t length = strlen(text);
	for (size_t at = 0; at < length;) {
		utf8proc_int32_t point;
		utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
							 (utf8proc_ssize_t)(length - at), &point);
		if (size <= 0) {
			hsm_buffer_append_format(buffer, "\\x%02x", (unsigned char)text[at]);
			at++;
			continue;
		}
		if (point == '\n' || point == '\t') {
			if (one_line)
				hsm_buffer_append_string(buffer, point == '\n' ? "\\n" : "\\t");
			else
				hsm_buffer_append_char(buffer, (char)point);
		} else if (is_unprintable(point)) {
			hsm_buffer_append_format(buffer, "\\u%04x", (unsigned)point);
		} else {
			hsm_buffer_append(buffer, text + at, (size_t)size);
		}
		at += (size_t)size;
	}
}

void hsm_text_append_printable(struct hsm_buffer *buffer, const char *text)
{
	append_printable(buffer, text, false);
}

void hsm_text_append_printable_line(struct hsm_buffer *buffer, const char *text)
{
	append_printable(buffer, text, true);
}

int hsm_text_fit(const char *text, size_t most)
{
	size_t length = strnlen(text, most + 1);
	if (length <= most)
		return (int)length;
	for (length = most; length && ((unsigned char)text[length] & 0xc0) == 0x80;)
		length--;
	return (int)length;
}

bool hsm_text_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool hsm_text_ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text), end = strlen(suffix);
	return length >= end && memcmp(text + length - end, suffix, end) == 0;
}

bool hsm_text_matches_glob(const char *text, const char *glob)
{
	const char *star = NULL, *resume = NULL;
	while (*text) {
		if (*glob == '*') {
			star = glob++;
			resume = text;
		} else if (*glob == '?' || *glob == *text) {
			glob++;
			text++;
		} else if (star) {
			glob = star + 1;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

#define SIMILAR_LENGTH_MAX 64

static size_t edit_distance(const char *a, const char *b)
{
	size_t width = strlen(b), row[SIMILAR_LENGTH_MAX + 1];
	if (strlen(a) > SIMILAR_LENGTH_MAX || width > SIMILAR_LENGTH_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			size_t above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[width];
}

const char *hsm_text_find_similar(const char *text, const char *const *words, size_t count)
{
	const char *best = NULL;
	size_t best_distance = 3;
	for (size_t i = 0; i < count; i++) {
		size_t distance = edit_distance(text, words[i]);
		if (distance < best_distance && distance < strlen(words[i])) {
			best = words[i];
			best_distance = distance;
		}
	}
	return best;
}

char *hsm_text_lower_case(struct hsm_arena *arena, const char *text)
{
	char *copy = hsm_arena_copy_string(arena, text);
	for (char *c = copy; c && *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
	return copy;
}

char *hsm_text_upper_case(struct hsm_arena *arena, const char *text)
{
	char *copy = hsm_arena_copy_string(arena, text);
	for (char *c = copy; c && *c; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	return copy;
}

const char *hsm_text_percent_decode(struct hsm_arena *arena, const char *text, size_t length)
{
	char *copy = hsm_arena_copy(arena, text, length), *end = copy;
	for (size_t i = 0; i < length; i++) {
		unsigned byte;
		if (text[i] == '%' && length - i > 2 && isxdigit((unsigned char)text[i + 1]) &&
		    isxdigit((unsigned char)text[i + 2]) && sscanf(text + i + 1, "%2x", &byte) == 1 && byte) {
			*end++ = (char)byte;
			i += 2;
		} else {
			*end++ = text[i];
		}
	}
	*end = '\0';
	size_t decoded = (size_t)(end - copy);
	return hsm_text_find_invalid(copy, decoded) == decoded ? copy : hsm_arena_copy(arena, text, length);
}
