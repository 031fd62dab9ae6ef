#include "reconciler/review/whatsapp.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

static const char fence[] = "```";

static void set(struct hsm_shown_text *text, size_t from, size_t to, unsigned how)
{
	for (size_t i = from; i < to; i++)
		text->bytes[i] |= (uint16_t)how;
}

/* Letters and digits of any script; not its punctuation. */
static bool is_word_at(const char *at)
{
	utf8proc_int32_t point;
	if ((unsigned char)*at < 0x80)
		return isalnum((unsigned char)*at);
	utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &point);
	utf8proc_category_t category = utf8proc_category(point);
	return category <= UTF8PROC_CATEGORY_NO && category != UTF8PROC_CATEGORY_CN;
}

static bool is_word_before(const struct hsm_shown_text *text, size_t at)
{
	if (!at)
		return false;
	do
		at--;
	while (at && ((unsigned char)text->text[at] & 0xc0) == 0x80);
	return is_word_at(text->text + at);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || !c;
}

static const char *find_fence(const char *at)
{
	while (*at && strncmp(at, fence, 3) != 0)
		at++;
	return *at ? at : NULL;
}

/* Code takes everything between its marks as it is. */
static void mark_code(struct hsm_shown_text *text)
{
	const char *start = text->text;
	for (const char *at = start; (at = strchr(at, '`'));) {
		bool block = strncmp(at, fence, 3) == 0;
		size_t size = block ? 3 : 1;
		const char *end = block ? find_fence(at + 3) : strpbrk(at + 1, "`\n");
		if (!end || *end == '\n' || end == at + size) {
			/* Without an end there is none for any later one either. */
			if (block && !end)
				return;
			at += size;
			continue;
		}
		size_t from = (size_t)(at - start), to = (size_t)(end - start);
		set(text, from, from + size, HSM_SHOWN_HIDDEN | HSM_SHOWN_MONO);
		set(text, from + size, to, HSM_SHOWN_MONO);
		set(text, to, to + size, HSM_SHOWN_HIDDEN | HSM_SHOWN_MONO);
		at = end + size;
	}
}

static void mark_links(struct hsm_shown_text *text)
{
	static const char *const begins[] = { "http://", "https://", "www." };
	for (size_t at = 0; at < text->length; at++) {
		size_t length = 0;
		if ((text->bytes[at] & HSM_SHOWN_MONO) || is_word_before(text, at))
			continue;
		for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
			if (strncasecmp(text->text + at, begins[i], strlen(begins[i])) == 0)
				length = strcspn(text->text + at, " \t\n<>\"");
		while (length && strchr(".,!?;:)*_~'", text->text[at + length - 1]))
			length--;
		set(text, at, at + length, HSM_SHOWN_LINK);
		at += length;
	}
}

static bool is_plain(const struct hsm_shown_text *text, size_t at, char mark)
{
	return text->text[at] == mark && !(text->bytes[at] & (HSM_SHOWN_MONO | HSM_SHOWN_LINK | HSM_SHOWN_BULLET));
}

static bool opens(const struct hsm_shown_text *text, size_t at, char mark)
{
	return is_plain(text, at, mark) && !is_word_before(text, at) && !is_space(text->text[at + 1]) &&
	       text->text[at + 1] != mark;
}

static bool closes(const struct hsm_shown_text *text, size_t at, char mark)
{
	return is_plain(text, at, mark) && !is_space(text->text[at - 1]) && text->text[at - 1] != mark &&
	       !is_word_at(text->text + at + 1);
}

/* A pair stands on one line, at the edges of words: 2*3*4 and a_name_b are none. */
static void mark_pairs(struct hsm_shown_text *text, char mark, unsigned how)
{
	for (size_t at = 0; at < text->length; at++) {
		if (!opens(text, at, mark))
			continue;
		size_t end = at + 1;
		while (end < text->length && text->text[end] != '\n' && !closes(text, end, mark))
			end++;
		if (end < text->length && text->text[end] == mark) {
			set(text, at, at + 1, HSM_SHOWN_HIDDEN);
			set(text, at + 1, end, how);
			set(text, end, end + 1, HSM_SHOWN_HIDDEN);
		}
		at = end; /* on a line without an end no later mark has one */
	}
}

static void mark_lines(struct hsm_shown_text *text)
{
	for (size_t at = 0; at < text->length;) {
		const char *line = text->text + at;
		size_t length = strcspn(line, "\n");
		bool code = text->bytes[at] & HSM_SHOWN_MONO;
		if (!code && (*line == '-' || *line == '*') && line[1] == ' ') {
			set(text, at, at + 1, HSM_SHOWN_BULLET);
		} else if (!code && *line == '>' && line[1] == ' ') {
			set(text, at, at + 2, HSM_SHOWN_HIDDEN);
			set(text, at, at + length, HSM_SHOWN_QUOTE);
		}
		at += length + 1;
	}
}

void hsm_whatsapp_mark(struct hsm_shown_text *text)
{
	mark_code(text);
	mark_lines(text);
	mark_links(text);
	mark_pairs(text, '*', HSM_SHOWN_BOLD);
	mark_pairs(text, '_', HSM_SHOWN_ITALIC);
	mark_pairs(text, '~', HSM_SHOWN_STRIKE);
}

size_t hsm_whatsapp_run(const struct hsm_shown_text *text, size_t start)
{
	size_t end = start + 1;
	while (end < text->length && text->bytes[end] == text->bytes[start])
		end++;
	return end;
}
