#include "reconciler/review/sentences.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/review/tokens.h"
#include "schema/base/memory.h"

struct split {
	struct hsm_token items[HSM_TOKENS_MAX];
	size_t count;
};

/* The length of a mark at the end of a sentence, or 0. */
static size_t mark_length(const char *at)
{
	static const char *const marks[] = { ".", "!", "?", "\xe2\x80\xa6", "\xe3\x80\x82", "\xef\xbc\x81",
					     "\xef\xbc\x9f", "\xd8\x9f", "\xe0\xa5\xa4" };
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strncmp(at, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	return 0;
}

/* Scripts that put no space after a sentence have marks of their own. */
static size_t sentence_length(const char *text)
{
	size_t at = 0;
	while (text[at] && text[at] != '\n') {
		size_t mark = mark_length(text + at);
		at += mark ? mark : 1;
		if (mark && (text[at] == ' ' || (mark == 3 && (unsigned char)text[at - mark] != 0xe2)))
			break;
	}
	return at;
}

static void split_text(const char *text, struct split *split)
{
	split->count = 0;
	while (text && *text) {
		size_t length = split->count == HSM_TOKENS_MAX - 1 ? strlen(text) : sentence_length(text);
		split->items[split->count++] = (struct hsm_token){ .text = text, .length = length };
		text += length;
		text += *text == ' ' || *text == '\n';
	}
}

static void add(struct hsm_sentences *differences, const struct hsm_token *token, char side)
{
	HSM_MEMORY_GROW(differences->items, differences->count, differences->capacity);
	differences->items[differences->count++] = (struct hsm_sentence){ token->text, token->length, side };
}

void hsm_sentences_compare(const char *old_text, const char *new_text, struct hsm_sentences *differences)
{
	struct split *splits = hsm_memory_allocate(2 * sizeof(*splits));
	split_text(old_text, &splits[0]);
	split_text(new_text, &splits[1]);
	hsm_tokens_compare(splits[0].items, splits[0].count, splits[1].items, splits[1].count);
	for (size_t i = 0, j = 0; i < splits[0].count || j < splits[1].count;) {
		if (i < splits[0].count && splits[0].items[i].changed) {
			add(differences, &splits[0].items[i++], '-');
		} else if (j < splits[1].count && splits[1].items[j].changed) {
			add(differences, &splits[1].items[j++], '+');
		} else {
			i++;
			j++;
		}
	}
	free(splits);
}
