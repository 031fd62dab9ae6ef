/*
 * What becomes of hostile values: each with the text that is sent and the notes of what was
 * changed; Unicode's own tests of normalisation and of emoji; and, for texts made of hostile
 * pieces at random, what must hold of every value that is sent.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "reconciler/delivery/emoji.h"
#include "reconciler/delivery/sanitize.h"
#include "schema/base/text.h"
#include "schema/base/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TEN "\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81" /* of U+0301 */
#define FAMILY "👩‍👩‍👧"

#define KEEP .emoji = HSM_EMOJI_KEEP
#define STRIP .emoji = HSM_EMOJI_STRIP
#define NAME .emoji = HSM_EMOJI_NAME
#define CUT(characters) .max_length = characters, .truncate = true

struct value_case {
	const char *value;
	const char *text;  /* NULL: refused */
	const char *notes; /* "removed U+0001 at 1, truncated at 5" */
};

struct ruled_case {
	struct value_case one;
	size_t max_length;
	bool truncate;
	enum hsm_emoji emoji;
	const char *allowed;
};

static void write_notes(const struct hsm_sanitized *sanitized, struct hsm_buffer *notes)
{
	for (size_t i = 0; i < sanitized->note_count; i++) {
		const struct hsm_sanitize_note *note = &sanitized->notes[i];
		hsm_buffer_append_format(notes, "%s%s ", i ? ", " : "", hsm_sanitize_action_words[note->action - 1]);
		if (note->code_point)
			hsm_buffer_append_format(notes, "U+%04X ", (unsigned)note->code_point);
		hsm_buffer_append_format(notes, "at %zu", note->position);
	}
}

static bool is_right(const struct ruled_case *ruled)
{
	const struct value_case *one = &ruled->one;
	struct hsm_arena arena = { 0 };
	struct hsm_buffer notes = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_error error = { 0 };
	struct hsm_allowed *allowed = NULL;
	struct hsm_sanitized sanitized;
	if (ruled->allowed && hsm_allowed_make(&allowed, &arena, ruled->allowed, &error))
		fail_msg("%s: %s", ruled->allowed, error.message);
	struct hsm_sanitize_rules rules = { ruled->max_length, ruled->truncate, ruled->emoji, allowed };
	int status = hsm_sanitize(&arena, one->value, strlen(one->value), &rules, &sanitized, &error);
	write_notes(&sanitized, &notes);
	bool right = status == (one->text ? 0 : HSM_ERROR_INVALID) && strcmp(hsm_buffer_text(&notes), one->notes) == 0 &&
		     sanitized.changes >= sanitized.note_count;
	if (one->text && sanitized.text)
		right &= strcmp(sanitized.text, one->text) == 0 && sanitized.length == strlen(one->text);
	else
		right &= !one->text && !sanitized.text && (strlen(one->value) < 2 || !strstr(error.message, one->value));
	if (!right)
		print_error("'%s' is '%s' (%s) with '%s'\n not '%s' with '%s'\n", one->value,
			    sanitized.text ? sanitized.text : "refused", status ? error.message : "",
			    hsm_buffer_text(&notes), one->text ? one->text : "refused", one->notes);
	hsm_buffer_release(&notes);
	hsm_arena_release(&arena);
	return right;
}

static void check(const struct value_case *cases, size_t count)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++)
		wrong += !is_right(&(struct ruled_case){ .one = cases[i] });
	assert_int_equal(wrong, 0);
}

static void check_ruled(const struct ruled_case *cases, size_t count)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++)
		wrong += !is_right(&cases[i]);
	assert_int_equal(wrong, 0);
}

static void what_is_right_stays(void **state)
{
	static const struct value_case cases[] = {
		{ "Ana", "Ana", "" },
		{ "José Ruiz-Núñez", "José Ruiz-Núñez", "" },
		{ "a    b", "a    b", "" },
		{ "~!@#$%^&*()_+{}|:\"<>?", "~!@#$%^&*()_+{}|:\"<>?", "" },
		{ "مرحبا بك", "مرحبا بك", "" },
		{ "می‌خواهم", "می‌خواهم", "" }, /* with a non-joiner */
		{ "क्‍ष", "क्‍ष", "" },
		{ "ภาษา\xe2\x80\x8bไทย", "ภาษา\xe2\x80\x8bไทย", "" }, /* where a line may end */
		{ "שלום\xe2\x80\x8f!", "שלום\xe2\x80\x8f!", "" },
		{ "주문 번호", "주문 번호", "" },
		{ "ご注文", "ご注文", "" },
		{ "葛󠄀", "葛󠄀", "" }, /* of another shape by a selector */
		{ "€ 5 £ ¥ ₹", "€ 5 £ ¥ ₹", "" },
		{ FAMILY " 👍🏽 🇪🇸 1️⃣ ❤️", FAMILY " 👍🏽 🇪🇸 1️⃣ ❤️", "" },
		{ "🏴\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xa5\xf3\xa0\x81\xae\xf3\xa0\x81\xa7\xf3\xa0\x81\xbf",
		  "🏴\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xa5\xf3\xa0\x81\xae\xf3\xa0\x81\xa7\xf3\xa0\x81\xbf", "" },
		{ "{{1}} ${x} %s", "{{1}} ${x} %s", "" },
		{ "\xf0\x9f\xab\xbf", "\xf0\x9f\xab\xbf", "" }, /* U+1FAFF, where emoji will be */
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void newlines_tabs_and_runs_of_blanks_become_one(void **state)
{
	static const struct value_case cases[] = {
		{ "a\nb", "a b", "replaced U+000A at 2" },
		{ "a\tb", "a b", "replaced U+0009 at 2" },
		{ "a\r\nb", "a b", "replaced U+000D at 2, removed U+000A at 3" },
		{ "a\rb", "a b", "replaced U+000D at 2" },
		{ "a\vb\fc", "a b c", "replaced U+000B at 2, replaced U+000C at 4" },
		{ "a\xc2\x85z", "a z", "replaced U+0085 at 2" },
		{ "a\xe2\x80\xa8z\xe2\x80\xa9y", "a z y", "replaced U+2028 at 2, replaced U+2029 at 4" },
		{ "a\n\n\n\n\nb", "a b",
		  "replaced U+000A at 2, replaced U+000A at 3, replaced U+000A at 4, replaced U+000A at 5, replaced U+000A at 6, "
		  "removed U+0020 at 3, removed U+0020 at 4, removed U+0020 at 5, removed U+0020 at 6" },
		{ "a     b", "a b", "removed U+0020 at 3, removed U+0020 at 4, removed U+0020 at 5, removed U+0020 at 6" },
		{ " a", "a", "removed U+0020 at 1" },
		{ "a\n", "a", "replaced U+000A at 2, removed U+0020 at 2" },
		{ "\xe3\x80\x80山田　太郎\xe3\x80\x80", "山田　太郎", "removed U+3000 at 1, removed U+3000 at 7" },
		{ "a\xc2\xa0 \xc2\xa0 \xc2\xa0" "b", "a\xc2\xa0" "b",
		  "removed U+0020 at 3, removed U+00A0 at 4, removed U+0020 at 5, removed U+00A0 at 6" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void what_nobody_should_send_is_taken_away(void **state)
{
	static const struct value_case cases[] = {
		{ "a\x01\x1b[31mz\x7f", "a[31mz", "removed U+0001 at 2, removed U+001B at 3, removed U+007F at 9" },
		{ "a\xc2\x9bz", "az", "removed U+009B at 2" },
		{ "exe\xe2\x80\xaegpj", "exegpj", "removed U+202E at 4" },
		{ "\xe2\x80\xaa" "a\xe2\x80\xac\xe2\x81\xa6" "b\xe2\x81\xa9", "ab",
		  "removed U+202A at 1, removed U+202C at 3, removed U+2066 at 4, removed U+2069 at 6" },
		{ "pay\xe2\x80\x8bpal", "paypal", "removed U+200B at 4" },
		{ "pay\xe2\x80\x8dpal", "paypal", "removed U+200D at 4" },
		{ "a\xe2\x80\x8e", "a", "removed U+200E at 2" }, /* a direction mark without a letter that it is for */
		{ "\xef\xbb\xbfName", "Name", "removed U+FEFF at 1" },
		{ "co\xc2\xadop", "coop", "removed U+00AD at 3" },
		{ "a\xe2\x81\xa0\xe2\x81\xa3", "a", "removed U+2060 at 2, removed U+2063 at 3" },
		{ "a\xe2\x80\x8c", "a", "removed U+200C at 2" },
		{ "a\xf3\xa0\x81\x81\xf3\xa0\x81\x82", "a", "removed U+E0041 at 2, removed U+E0042 at 3" }, /* hidden "AB" */
		{ "\xef\xb8\x8f" "a", "a", "removed U+FE0F at 1" },
		{ "a\xee\x80\x80", "a", "removed U+E000 at 2" }, /* private */
		{ "a\xf4\x80\x80\x80", "a", "removed U+100000 at 2" },
		{ "a\xef\xb7\x90\xef\xbf\xbf", "a", "removed U+FDD0 at 2, removed U+FFFF at 3" }, /* no characters */
		{ "a\xf4\x8f\xbf\xbf", "a", "removed U+10FFFF at 2" },
		{ "a\xcd\xb8", "a", "removed U+0378 at 2" }, /* unassigned */
		{ "a\xef\xbf\xb9z", "az", "removed U+FFF9 at 2" }, /* an annotation */
		{ "e\x01\xcc\x81", "é", "removed U+0001 at 2, normalized at 1" }, /* what was apart composes */
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void letters_are_composed(void **state)
{
	static const struct value_case cases[] = {
		{ "Jose\xcc\x81", "José", "normalized at 4" },
		{ "\xe2\x84\xab", "Å", "normalized at 1" }, /* of a unit */
		{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "한", "normalized at 1" },
		{ "q\xcc\x87\xcc\xa3", "q\xcc\xa3\xcc\x87", "normalized at 2" }, /* only in order */
		{ "\xe0\xa5\x98", "\xe0\xa4\x95\xe0\xa4\xbc", "normalized at 1" }, /* and one that NFC takes apart */
		{ "e" TEN TEN TEN TEN, "é\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81" TEN TEN,
		  "removed U+0301 at 32, removed U+0301 at 33, removed U+0301 at 34, removed U+0301 at 35, "
		  "removed U+0301 at 36, removed U+0301 at 37, removed U+0301 at 38, removed U+0301 at 39, "
		  "removed U+0301 at 40, removed U+0301 at 41, normalized at 1" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void emoji_are_kept_stripped_or_named(void **state)
{
	static const struct ruled_case cases[] = {
		{ { "a 🎉", "a 🎉", "" }, KEEP },
		{ { "a 🎉", "a", "removed U+1F389 at 3, removed U+0020 at 2" }, STRIP },
		{ { "a 🎉 b", "a party popper b", "replaced U+1F389 at 3" }, NAME },
		{ { "ok🎉!", "ok party popper!", "replaced U+1F389 at 3" }, NAME },
		{ { "🎉🎂x", "party popper birthday cake x", "replaced U+1F389 at 1, replaced U+1F382 at 2" }, NAME },
		{ { FAMILY "x", "x", "removed U+1F469 at 1" }, STRIP },
		{ { FAMILY, "woman woman girl", "replaced U+1F469 at 1" }, NAME },
		{ { "👍🏽", "thumbs up sign", "replaced U+1F44D at 1" }, NAME },
		{ { "❤️‍🔥", "heavy black heart fire", "replaced U+2764 at 1" }, NAME },
		{ { "🇪🇸🇫🇷", "flag ES flag FR", "replaced U+1F1EA at 1, replaced U+1F1EB at 3" }, NAME },
		{ { "🇪🇸🇫x", "x", "removed U+1F1EA at 1, removed U+1F1EB at 3" }, STRIP },
		{ { "1️⃣ 1", "1 1", "replaced U+0031 at 1" }, NAME },
		{ { "1️⃣1", "1", "removed U+0031 at 1" }, STRIP },
		{ { "12 #5 * © ™", "12 #5 * © ™", "" }, STRIP },
		{ { "©️ x", "x", "removed U+00A9 at 1, removed U+0020 at 3" }, STRIP },
		{ { "❤ ❤️ ❤\xef\xb8\x8e", "❤  ❤\xef\xb8\x8e", "removed U+2764 at 3" }, STRIP }, /* as text, as emoji, as text */
		{ { "a🏽b", "ab", "removed U+1F3FD at 2" }, STRIP }, /* a colour of nothing */
		{ { "⌚\xef\xb8\x8e", "⌚\xef\xb8\x8e", "" }, STRIP }, /* an emoji of itself, but as text */
		{ { "🇪x", "E x", "replaced U+1F1EA at 1" }, NAME },
		{ { "1\xef\xb8\x8f\xe2\x80\x8d🎉", "1\xef\xb8\x8f", "removed U+1F389 at 4, removed U+200D at 3" }, STRIP },
		{ { "🎉\xcc\x81" "a", "a", "removed U+1F389 at 1" }, STRIP },
		{ { "a🎉", "a", "removed U+1F389 at 2" }, STRIP, .allowed = "[a-z]" },
		{ { "🎉", NULL, "rejected U+1F389 at 1" }, KEEP, .allowed = "[a-z]" },
		{ { "🎉", NULL, "removed U+1F389 at 1" }, STRIP }, /* nothing is left */
	};
	(void)state;
	check_ruled(cases, COUNT(cases));
}

static void what_is_too_long_is_cut_between_graphemes_or_refused(void **state)
{
	static const struct ruled_case cases[] = {
		{ { "abcdef", "abcd", "truncated at 5" }, CUT(4) },
		{ { "abcdef", NULL, "" }, .max_length = 4 },
		{ { "abc def", "abc", "truncated at 4" }, CUT(4) }, /* no blank at the end */
		{ { "ab" FAMILY, "ab", "truncated at 3" }, CUT(6) },
		{ { "ab" FAMILY "c", "ab" FAMILY, "truncated at 8" }, CUT(7) },
		{ { "🇪🇸🇫🇷", "🇪🇸", "truncated at 3" }, CUT(3) },
		{ { "a👍🏽", "a", "truncated at 2" }, CUT(2) },
		{ { "a1️⃣", "a", "truncated at 2" }, CUT(3) },
		{ { "aq\xcc\x81", "a", "truncated at 2" }, CUT(2) },
		{ { "Jose\xcc\x81 Ruiz", "José R", "normalized at 4, truncated at 8" }, CUT(6) },
		{ { "e\xcc\x81" "e\xcc\x81" "e\xcc\x81", "éé", "normalized at 1, truncated at 5" }, CUT(2) },
		{ { "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab국어", "한국", "normalized at 1, truncated at 5" }, CUT(2) },
		{ { "काम", "का", "truncated at 3" }, CUT(2) },
		{ { "काम", NULL, "truncated at 1" }, CUT(1) }, /* its first alone is longer */
		{ { FAMILY, NULL, "truncated at 1" }, CUT(4) },
		{ { "a\nb\nc", "a b", "replaced U+000A at 2, replaced U+000A at 4, truncated at 4" }, CUT(4) },
		{ { "🎉🎉", "party popper", "replaced U+1F389 at 1, replaced U+1F389 at 2, truncated at 2" }, CUT(12), NAME },
		{ { "ab!", "ab", "truncated at 3" }, CUT(2), .allowed = "[a-z]" }, /* '!' is not sent */
	};
	(void)state;
	check_ruled(cases, COUNT(cases));
}

static void what_is_not_allowed_is_refused(void **state)
{
	static const struct ruled_case cases[] = {
		{ { "order-5", "order-5", "" }, .allowed = "[a-z0-9-]" },
		{ { "order 5", NULL, "rejected U+0020 at 6" }, .allowed = "[a-z0-9-]" },
		{ { "Ana María", "Ana María", "" }, .allowed = "[\\p{L} ]" },
		{ { "Ana María", "Ana María", "" }, .allowed = "^[\\w ]+$" }, /* a word's letters are Unicode's */
		{ { "Ana!", NULL, "rejected U+0021 at 4" }, .allowed = "[\\p{L} ]*" }, /* which would match the empty text */
		{ { "!?", NULL, "rejected U+0021 at 1, rejected U+003F at 2" }, .allowed = "\\w" },
		{ { "e\xcc\x81", "é", "normalized at 1" }, .allowed = "é" }, /* it is asked of what is sent */
		{ { "\x01\xcc\x81?", NULL, "removed U+0001 at 1, rejected U+0301 at 1" }, .allowed = "\\?" },
		{ { "日本", NULL, "rejected U+65E5 at 1, rejected U+672C at 2" }, .allowed = "\\p{Latin}" },
		{ { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", NULL, "rejected U+0021 at 41" }, .allowed = "(a+)+$" },
		{ { "aé", NULL, "rejected U+0061 at 1, rejected U+00E9 at 2" }, .allowed = "(?:(?:(?:(?:|.)*|.)*|.)*|.)*Z" },
		{ { "aé", NULL, "rejected U+0061 at 1, rejected U+00E9 at 2" }, .allowed = "(?=(.*)*)(?!.)" },
		{ { "ab", "ab", "" }, .allowed = "(?:a{1,60000}){1,2}|b" },
		{ { "Mu\xef\xbf\xbdoz", NULL, "rejected U+FFFD at 3" }, KEEP }, /* a letter was lost on the way here */
	};
	(void)state;
	check_ruled(cases, COUNT(cases));
}

static void what_is_empty_is_refused(void **state)
{
	static const struct value_case cases[] = {
		{ "", NULL, "" },
		{ " ", NULL, "removed U+0020 at 1" },
		{ "\n", NULL, "replaced U+000A at 1, removed U+0020 at 1" },
		{ "\xe2\x80\x8b", NULL, "removed U+200B at 1" },
		{ "\xe3\x85\xa4", NULL, "removed U+3164 at 1" }, /* the filler that empty names are made of */
		{ "\xe3\x80\x80", NULL, "removed U+3000 at 1" },
		{ "\x01", NULL, "removed U+0001 at 1" },
		{ "\xe2\x80\x8d\xe2\x80\x8f", NULL, "removed U+200D at 1, removed U+200F at 2" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void what_is_not_utf_8_is_refused(void **state)
{
	static const struct value_case cases[] = {
		{ "\x80", NULL, "" },		  /* a continuation of nothing */
		{ "caf\xe9!", NULL, "" },	  /* Latin-1 */
		{ "a\xc3", NULL, "" },		  /* cut short */
		{ "a\xe2\x82", NULL, "" },
		{ "a\xf0\x9f\x98", NULL, "" },
		{ "\xc0\xaf", NULL, "" },	  /* overlong */
		{ "\xe0\x80\xaf", NULL, "" },
		{ "\xf0\x80\x80\xaf", NULL, "" },
		{ "\xed\xa0\x80", NULL, "" },	  /* surrogates */
		{ "\xed\xa0\xbd\xed\xb8\x80", NULL, "" },
		{ "\xf4\x90\x80\x80", NULL, "" },  /* beyond U+10FFFF */
		{ "\xf8\x88\x80\x80\x80", NULL, "" },
		{ "\xfe\xff" "a", NULL, "" },
		{ "a\nb\xff", NULL, "" }, /* and nothing of it is noted */
	};
	(void)state;
	check(cases, COUNT(cases));
	struct hsm_arena arena = { 0 };
	struct hsm_sanitize_rules rules = { 0 };
	struct hsm_sanitized sanitized;
	struct hsm_error error;
	assert_int_equal(hsm_sanitize(&arena, "a\0b", 3, &rules, &sanitized, &error), HSM_ERROR_INVALID);
	assert_string_equal(error.message, "the value has a NUL at byte 2");
	assert_int_equal(hsm_sanitize(&arena, "ab\xff", 3, &rules, &sanitized, &error), HSM_ERROR_INVALID);
	assert_string_equal(error.message, "the value is not UTF-8 at byte 3");
	hsm_arena_release(&arena);
}

static void sizes_are_limited(void **state)
{
	struct hsm_arena arena = { 0 };
	struct hsm_sanitize_rules rules = { 0 }, cut = { .truncate = true, NAME };
	struct hsm_sanitized sanitized;
	struct hsm_error error;
	char *long_value = malloc(HSM_VALUE_BYTES_MAX + 1);
	(void)state;
	memset(long_value, 'a', HSM_VALUE_BYTES_MAX + 1);
	assert_int_equal(hsm_sanitize(&arena, long_value, HSM_VALUE_MAX, &rules, &sanitized, &error), 0);
	assert_int_equal(hsm_sanitize(&arena, long_value, HSM_VALUE_MAX + 1, &rules, &sanitized, &error), HSM_ERROR_INVALID);
	assert_string_equal(error.message, "the value has 1025 characters: 1024 at most");
	assert_int_equal(hsm_sanitize(&arena, long_value, HSM_VALUE_BYTES_MAX + 1, &cut, &sanitized, &error),
			 HSM_ERROR_INVALID);
	assert_string_equal(error.message, "the value has 65537 bytes: 65536 at most");
	memset(long_value, '\n', 1000);
	assert_int_equal(hsm_sanitize(&arena, long_value, 1001, &rules, &sanitized, &error), 0);
	assert_string_equal(sanitized.text, "a");
	assert_int_equal(sanitized.note_count, HSM_SANITIZE_NOTES_MAX);
	assert_int_equal(sanitized.changes, 2000);
	/* Marks for ever, and as many emoji as there is room for: neither takes time or memory without end. */
	for (size_t i = 0; i < HSM_VALUE_BYTES_MAX; i += 2)
		memcpy(long_value + i, i % 4 ? "\xcc\x81" : "\xcc\xa3", 2);
	assert_int_equal(hsm_sanitize(&arena, long_value, HSM_VALUE_BYTES_MAX, &cut, &sanitized, &error), 0);
	for (size_t i = 0; i < HSM_VALUE_BYTES_MAX; i += 4)
		memcpy(long_value + i, "🎉", 4);
	assert_int_equal(hsm_sanitize(&arena, long_value, HSM_VALUE_BYTES_MAX, &cut, &sanitized, &error), 0);
	assert_int_equal(sanitized.length, HSM_VALUE_MAX);
	free(long_value);
	hsm_arena_release(&arena);
}

/* A line of a Unicode data file, "0041 0301;00C1;...", up to its end: one field's code points as UTF-8. */
static const char *read_field(const char **line, char *text)
{
	char *end = text;
	while (**line && **line != ';' && **line != '#' && **line != '\n') {
		char *after;
		unsigned long point = strtoul(*line, &after, 16);
		if (after == *line)
			break;
		end += utf8proc_encode_char((int32_t)point, (utf8proc_uint8_t *)end);
		*line = after + strspn(after, " ");
	}
	*end = '\0';
	*line += **line == ';';
	return text;
}

struct normalization {
	struct hsm_arena arena;
	size_t lines, removed, wrong;
};

/* Between signs that nothing composes with, so that blanks and marks are not at an end. */
static const char *sanitize_between(struct hsm_arena *arena, const char *text, bool *only_normalized)
{
	struct hsm_sanitized sanitized;
	struct hsm_sanitize_rules rules = { 0 };
	struct hsm_error error;
	const char *value = hsm_arena_format(arena, "(%s)", text);
	*only_normalized = true;
	if (hsm_sanitize(arena, value, strlen(value), &rules, &sanitized, &error))
		fail_msg("%s: %s", value, error.message);
	for (size_t i = 0; i < sanitized.note_count; i++)
		*only_normalized &= sanitized.notes[i].action == HSM_SANITIZE_NORMALIZED;
	return sanitized.text;
}

/* UAX #15's conformance: c2 is the NFC of c1, c2, c3, and c4 of c4, c5. */
static void check_normalization(struct normalization *normalization, const char *line)
{
	char fields[5][256];
	const char *at = line, *sent[5];
	bool plain[5];
	for (size_t i = 0; i < 5; i++) {
		read_field(&at, fields[i]);
		sent[i] = sanitize_between(&normalization->arena, fields[i], &plain[i]);
	}
	normalization->lines++;
	for (size_t i = 0; i < 5; i++) {
		size_t form = i < 3 ? 1 : 3;
		const char *wanted = hsm_arena_format(&normalization->arena, "(%s)", fields[form]);
		/* Where sanitising takes something away, it takes the same of every form. */
		if (!plain[form])
			wanted = sent[form];
		normalization->removed += i == form && !plain[form];
		if (strcmp(sent[i], wanted) != 0 || (plain[form] && !plain[i])) {
			normalization->wrong++;
			print_error("c%zu of %s", i + 1, line);
		}
	}
	hsm_arena_clear(&normalization->arena);
}

/* Debian's unicode-data. NULL, and the test is skipped, where it is not installed. */
static FILE *open_data(const char *command)
{
	FILE *data = popen(command, "r");
	int first = data ? fgetc(data) : EOF;
	if (first != EOF) {
		ungetc(first, data);
		return data;
	}
	if (data)
		pclose(data);
	print_message("not run: no such file: %s\n", command);
	return NULL;
}

static void unicode_s_normalization_test_holds(void **state)
{
	FILE *data = open_data("bzip2 -dc /usr/share/unicode/NormalizationTest.txt.bz2");
	struct normalization normalization = { 0 };
	char line[2048], part = 0;
	(void)state;
	if (!data)
		skip();
	bool *listed = calloc(0x110000, sizeof(*listed));
	while (fgets(line, sizeof(line), data)) {
		if (strncmp(line, "@Part", 5) == 0)
			part = line[5];
		if (*line == '#' || *line == '@')
			continue;
		if (part == '1')
			listed[strtoul(line, NULL, 16)] = true;
		check_normalization(&normalization, line);
	}
	pclose(data);
	/* What is not listed there is its own NFC. */
	for (int32_t point = 1; point < 0x30000; point++) {
		char text[5] = "";
		bool plain;
		if ((point >= 0xd800 && point < 0xe000) || point == HSM_REPLACEMENT)
			continue;
		utf8proc_encode_char(point, (utf8proc_uint8_t *)text);
		const char *sent = sanitize_between(&normalization.arena, text, &plain);
		normalization.wrong += !listed[point] && plain && strncmp(sent + 1, text, strlen(text)) != 0;
		hsm_arena_clear(&normalization.arena);
	}
	print_message("%zu lines, in %zu fields of them what is removed\n", normalization.lines, normalization.removed);
	assert_true(normalization.lines > 18000);
	assert_true(normalization.removed < 100);
	assert_int_equal(normalization.wrong, 0);
	hsm_arena_release(&normalization.arena);
	free(listed);
}

/* "1F600 ; fully-qualified # ..." of emoji-test.txt: whether all of it is one emoji, by its status. */
static bool is_emoji_right(const char *line)
{
	int32_t points[32];
	size_t count = 0;
	const char *at = line;
	for (char *after; *at != ';'; at = after + strspn(after, " "))
		points[count++] = (int32_t)strtoul(at, &after, 16);
	size_t measured = hsm_emoji_measure(points, count);
	/* Without its selector such a sign is text, and joined with others it is an emoji all the same. */
	bool text = strstr(at, "; unqualified") && measured == 0;
	struct hsm_buffer name = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_emoji_append_name(&name, points, count);
	bool named = name.length && !strstr(name.data, "selector") && !strstr(name.data, "joiner");
	hsm_buffer_release(&name);
	return named && (measured == count || text);
}

static void every_emoji_of_unicode_is_one(void **state)
{
	FILE *data = open_data("cat /usr/share/unicode/emoji/emoji-test.txt");
	char line[512];
	size_t lines = 0, wrong = 0;
	(void)state;
	if (!data)
		skip();
	while (fgets(line, sizeof(line), data)) {
		if (*line == '#' || *line == '\n')
			continue;
		lines++;
		if (!is_emoji_right(line)) {
			wrong++;
			print_error("%s", line);
		}
	}
	pclose(data);
	assert_true(lines > 4000);
	assert_int_equal(wrong, 0);
}

static const char *const pieces[] = {
	"a", "Z", "1", "#", " ", "  ", "     ", "\n", "\r", "\t", "\x01", "\x7f", "\xc2\x85", "\xc2\xa0", "é", "e\xcc\x81",
	"\xcc\x81", "\xcc\xa3", TEN TEN TEN, "\xcd\x8f", "ß", "م", "ر", "ه", "क", "्", "ष", "ক", "া", "ே", "ா", "ก", "า",
	"가", "\xe1\x84\x92", "\xe1\x85\xa1", "\xe1\x86\xab", "日", "　", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d",
	"\xe2\x80\x8e", "\xe2\x80\x8f", "\xd8\x9c", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9", "\xe2\x81\xa0",
	"\xe2\x80\xa8", "\xef\xbb\xbf", "\xef\xb8\x8e", "\xef\xb8\x8f", "\xe2\x83\xa3", "👩", "❤", "🏽", "🇪", "🇸", "🏴", "🎉",
	"\xf3\xa0\x81\xa7", "\xf3\xa0\x81\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xcd\xb8", "\xe3\x85\xa4", "\xc2\xad", "\xd8\x80",
};

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/*
 * Of everything that is sent: nothing more is to do (but where an end was cut that what is left
 * was for), it is NFC, and nothing in it is what Meta refuses.
 */
static bool is_fit(struct hsm_arena *arena, const struct hsm_sanitized *sent, const struct hsm_sanitize_rules *rules)
{
	struct hsm_sanitized again;
	struct hsm_error error;
	const char *text = sent->text;
	size_t maximum = rules->max_length ? rules->max_length : HSM_VALUE_MAX;
	bool cut = sent->note_count && sent->notes[sent->note_count - 1].action == HSM_SANITIZE_TRUNCATED;
	if (hsm_sanitize(arena, text, sent->length, rules, &again, &error) || (again.changes && !cut))
		return false;
	return strcmp(hsm_text_canonical(arena, text), text) == 0 && !strpbrk(text, "\n\r\t") && !strstr(text, "     ") &&
	       *text != ' ' && text[sent->length - 1] != ' ' && sent->length == strlen(text) &&
	       hsm_text_find_invalid(text, sent->length) == sent->length && hsm_text_count_characters(text) <= maximum;
}

static void whatever_is_sent_is_fit_to_be_sent(void **state)
{
	struct hsm_arena arena = { 0 };
	uint32_t random = 1;
	size_t sent = 0, wrong = 0;
	(void)state;
	for (int i = 0; i < 100000; i++) {
		char value[8192] = "";
		size_t count = 1 + next_random(&random) % 12, length = 0;
		for (size_t j = 0; j < count; j++)
			length += (size_t)sprintf(value + length, "%s", pieces[next_random(&random) % COUNT(pieces)]);
		struct hsm_sanitize_rules rules = { next_random(&random) % 8, next_random(&random) % 2,
						    (enum hsm_emoji)(next_random(&random) % 4), NULL };
		struct hsm_sanitized sanitized;
		struct hsm_error error;
		if (hsm_sanitize(&arena, value, length, &rules, &sanitized, &error) == 0) {
			sent++;
			if (!is_fit(&arena, &sanitized, &rules)) {
				wrong++;
				print_error("'%s' by %zu %d %d is sent as '%s'\n", value, rules.max_length,
					    rules.truncate, (int)rules.emoji, sanitized.text);
			}
		}
		hsm_arena_clear(&arena);
	}
	assert_true(sent > 50000);
	assert_int_equal(wrong, 0);
	hsm_arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_stays),
		cmocka_unit_test(newlines_tabs_and_runs_of_blanks_become_one),
		cmocka_unit_test(what_nobody_should_send_is_taken_away),
		cmocka_unit_test(letters_are_composed),
		cmocka_unit_test(emoji_are_kept_stripped_or_named),
		cmocka_unit_test(what_is_too_long_is_cut_between_graphemes_or_refused),
		cmocka_unit_test(what_is_not_allowed_is_refused),
		cmocka_unit_test(what_is_empty_is_refused),
		cmocka_unit_test(what_is_not_utf_8_is_refused),
		cmocka_unit_test(sizes_are_limited),
		cmocka_unit_test(unicode_s_normalization_test_holds),
		cmocka_unit_test(every_emoji_of_unicode_is_one),
		cmocka_unit_test(whatever_is_sent_is_fit_to_be_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
