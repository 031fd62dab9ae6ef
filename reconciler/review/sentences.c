#include "reconciler/review/sentences.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"

/* More than any message has: beyond this the texts are shown whole. */
enum { SENTENCES_MAX = 256 };

struct split {
	struct hsm_sentence items[SENTENCES_MAX];
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
		size_t length = split->count == SENTENCES_MAX - 1 ? strlen(text) : sentence_length(text);
		split->items[split->count++] = (struct hsm_sentence){ .text = text, .length = length };
		text += length;
		text += *text == ' ' || *text == '\n';
	}
}

static int equal(const struct hsm_sentence *a, const struct hsm_sentence *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

static void add(struct hsm_sentences *differences, const struct hsm_sentence *sentence, char side)
{
	HSM_MEMORY_GROW(differences->items, differences->count, differences->capacity);
	differences->items[differences->count] = *sentence;
	differences->items[differences->count++].side = side;
}

/* lengths[i][j]: of the longest common subsequence of what follows i and j. */
typedef unsigned short lengths[SENTENCES_MAX + 1][SENTENCES_MAX + 1];

static void measure(const struct split *old_split, const struct split *new_split, lengths common)
{
	for (size_t i = old_split->count; i-- > 0;)
		for (size_t j = new_split->count; j-- > 0;) {
			unsigned short skip_old = common[i + 1][j], skip_new = common[i][j + 1];
			common[i][j] = equal(&old_split->items[i], &new_split->items[j]) ?
					       (unsigned short)(common[i + 1][j + 1] + 1) :
				       skip_old > skip_new ? skip_old :
							     skip_new;
		}
}

void hsm_sentences_compare(const char *old_text, const char *new_text, struct hsm_sentences *differences)
{
	struct split old_split, new_split;
	lengths *common = hsm_memory_allocate(sizeof(*common));
	size_t i = 0, j = 0;
	split_text(old_text, &old_split);
	split_text(new_text, &new_split);
	measure(&old_split, &new_split, *common);
	while (i < old_split.count || j < new_split.count) {
		bool both = i < old_split.count && j < new_split.count;
		if (both && equal(&old_split.items[i], &new_split.items[j])) {
			i++;
			j++;
		} else if (j == new_split.count || (both && (*common)[i + 1][j] >= (*common)[i][j + 1])) {
			add(differences, &old_split.items[i++], '-');
		} else {
			add(differences, &new_split.items[j++], '+');
		}
	}
	free(common);
}
