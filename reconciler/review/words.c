#include "reconciler/review/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/review/tokens.h"
#include "schema/base/memory.h"

struct split {
	const char *text;
	struct hsm_token items[HSM_TOKENS_MAX];
	size_t count;
};

/* Scripts without spaces: from Thai, and from the CJK radicals on (UTF-8's first bytes). */
static bool stands_alone(const char *at)
{
	unsigned char first = (unsigned char)at[0], second = (unsigned char)at[1];
	return (first == 0xe0 && second >= 0xb8 && second <= 0xbb) || (first == 0xe2 && second >= 0xba) ||
	       (first >= 0xe3 && first <= 0xef) || first >= 0xf0;
}

static size_t character_length(const char *at)
{
	size_t length = 1;
	while (((unsigned char)at[length] & 0xc0) == 0x80)
		length++;
	return length;
}

static bool continues_word(const char *at)
{
	return isalnum((unsigned char)*at) || *at == '\'' || ((unsigned char)*at >= 0x80 && !stands_alone(at));
}

static size_t word_length(const char *text)
{
	const char *end = strncmp(text, "{{", 2) == 0 ? strstr(text, "}}") : NULL;
	size_t length = 0;
	if (end)
		return (size_t)(end + 2 - text);
	while (continues_word(text + length))
		length += character_length(text + length);
	return length ? length : character_length(text);
}

static void split_text(const char *text, struct split *split)
{
	split->text = text;
	split->count = 0;
	while (text && *text) {
		size_t length = split->count == HSM_TOKENS_MAX - 1 ? strlen(text) : word_length(text);
		split->items[split->count++] = (struct hsm_token){ .text = text, .length = length };
		text += length;
	}
}

/* A space between two changed words reads better changed. */
static void join_runs(struct split *split)
{
	for (size_t i = 1; i + 1 < split->count; i++)
		if (split->items[i - 1].changed && split->items[i + 1].changed && *split->items[i].text == ' ')
			split->items[i].changed = true;
}

/* A space at an edge only looks changed, beside words that are. */
static void trim_run(const char *text, struct hsm_word_run *run)
{
	if (strspn(text + run->start, " ") >= run->length)
		return;
	for (; text[run->start] == ' '; run->start++)
		run->length--;
	while (text[run->start + run->length - 1] == ' ')
		run->length--;
}

static void make_runs(struct hsm_arena *arena, const struct split *split, struct hsm_word_runs *runs)
{
	runs->items = hsm_arena_allocate_array(arena, split->count, sizeof(*runs->items));
	runs->count = 0;
	for (size_t i = 0; i < split->count; i++) {
		const struct hsm_token *word = &split->items[i];
		if (!word->changed)
			continue;
		if (i && split->items[i - 1].changed)
			runs->items[runs->count - 1].length += word->length;
		else
			runs->items[runs->count++] =
				(struct hsm_word_run){ (size_t)(word->text - split->text), word->length };
	}
	for (size_t i = 0; i < runs->count; i++)
		trim_run(split->text, &runs->items[i]);
}

void hsm_words_compare(struct hsm_arena *arena, const char *old_text, const char *new_text,
		       struct hsm_word_runs *old_runs, struct hsm_word_runs *new_runs)
{
	struct split *splits = hsm_memory_allocate(2 * sizeof(*splits));
	split_text(old_text, &splits[0]);
	split_text(new_text, &splits[1]);
	hsm_tokens_compare(splits[0].items, splits[0].count, splits[1].items, splits[1].count);
	join_runs(&splits[0]);
	join_runs(&splits[1]);
	make_runs(arena, &splits[0], old_runs);
	make_runs(arena, &splits[1], new_runs);
	free(splits);
}
