/* Code points that get lost, or change what is read. */
#include <string.h>
#include <utf8proc.h>

#include "schema/base/text.h"
#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define BODY(text) "name: order_update\ncategory: UTILITY\ntranslations:\n  en_US:\n    body: \"" text "\"\n"

enum {
	ZERO_WIDTH_SPACE = 0x200b,
	NON_JOINER,
	JOINER,
	LEFT_MARK,
	RIGHT_MARK,
	EMBED_LEFT = 0x202a,
	EMBED_RIGHT,
	POP_EMBEDDING,
	OVERRIDE_LEFT,
	OVERRIDE_RIGHT,
	WORD_JOINER = 0x2060,
	ISOLATE_LEFT = 0x2066,
	ISOLATE_RIGHT,
	ISOLATE_FIRST,
	POP_ISOLATE,
	ARABIC_MARK = 0x61c,
};

#define CONTROLS_MAX 125 /* UAX #9, max_depth */

/* A code point of a text and what stands beside it; 0 at the ends. */
struct place {
	const struct hsm_checked_text *text;
	size_t offset, length;
	int32_t before, code_point, after;
};

static void report(struct hsm_checker *checker, const struct place *place, const char *what, const char *advice)
{
	hsm_check_report(checker, hsm_check_mark(place->text, place->offset, place->length), "U+%04X %s%s",
			 (unsigned)place->code_point, what, advice);
}

static int32_t read_at(const struct hsm_checked_text *text, size_t at, size_t *length)
{
	int32_t code_point = 0;
	utf8proc_ssize_t size =
		at < text->length ? utf8proc_iterate((const utf8proc_uint8_t *)text->text + at,
						     (utf8proc_ssize_t)(text->length - at), &code_point) : 0;
	*length = size > 0 ? (size_t)size : 1;
	return code_point;
}

/* The next place of a text; false after its last. Zero-initialise but for the text. */
static bool next_place(struct place *place)
{
	size_t ignored;
	place->before = place->code_point;
	place->offset += place->length;
	if (place->offset >= place->text->length)
		return false;
	place->code_point = read_at(place->text, place->offset, &place->length);
	place->after = read_at(place->text, place->offset + place->length, &ignored);
	return true;
}

static bool is_in(int32_t code_point, int32_t first, int32_t last)
{
	return code_point >= first && code_point <= last;
}

/* Scripts whose letters join, or are drawn anew beside each other. */
static bool is_joining(int32_t code_point)
{
	return is_in(code_point, 0x600, 0x8ff) || is_in(code_point, 0x900, 0xdff) || is_in(code_point, 0x1800, 0x18af) ||
	       is_in(code_point, 0xfb50, 0xfdff) || is_in(code_point, 0xfe70, 0xfeff);
}

/* Those that are written without blanks. */
static bool is_spaceless(int32_t code_point)
{
	return is_in(code_point, 0xe00, 0xeff) || is_in(code_point, 0x1000, 0x109f) || is_in(code_point, 0x1780, 0x17ff);
}

static bool is_right_to_left(int32_t code_point)
{
	return is_in(code_point, 0x590, 0x8ff) || is_in(code_point, 0xfb1d, 0xfdff) || is_in(code_point, 0xfe70, 0xfefc) ||
	       is_in(code_point, 0x10800, 0x10fff) || is_in(code_point, 0x1e800, 0x1efff);
}

static bool is_emoji_part(int32_t code_point)
{
	return code_point == 0xfe0f || is_in(code_point, 0x1f3fb, 0x1f3ff) || is_in(code_point, 0x2600, 0x27bf) ||
	       is_in(code_point, 0x1f000, 0x1faff) || is_in(code_point, 0x2190, 0x2bff) || code_point == 0x20e3;
}

static bool has_right_to_left(const struct hsm_checked_text *text)
{
	struct place place = { .text = text };
	while (next_place(&place))
		if (is_right_to_left(place.code_point))
			return true;
	return false;
}

/* Every composed letter of Latin stands before U+0300. */
static void check_nfc(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
			   const struct hsm_checked_text *text)
{
	struct place place = { .text = text };
	bool may = false;
	(void)translation;
	while (!text->ascii && !may && next_place(&place))
		may = place.code_point >= 0x300;
	if (!may)
		return;
	const char *composed = hsm_text_canonical(&checker->arena, text->text);
	size_t at = 0;
	while (at < text->length && composed[at] == text->text[at])
		at++;
	/* Newlines at the end are no difference of letters. */
	if (!text->text[at] || (!composed[at] && text->text[at] == '\n') || text->text[at] == '\r')
		return;
	while (at && ((unsigned char)text->text[at] & 0xc0) == 0x80)
		at--;
	hsm_check_report(checker, hsm_check_mark(text, at, 1),
			 "letters here are not composed (NFC): another text is sent than stands here");
}

/* Why a code point cannot be shown; NULL: it can. */
static const char *why_unsupported(int32_t code_point)
{
	if (code_point == '\n' || code_point == '\t' || code_point == '\r')
		return NULL;
	if (code_point < 0x20 || is_in(code_point, 0x7f, 0x9f))
		return "is a control character";
	if (code_point == 0x2028 || code_point == 0x2029)
		return "is a separator that chats do not show as a line's end";
	if (code_point == 0xfffd)
		return "stands where a letter was lost";
	if (is_in(code_point, 0xfdd0, 0xfdef) || (code_point & 0xfffe) == 0xfffe)
		return "is no character";
	utf8proc_category_t category = utf8proc_category(code_point);
	if (category == UTF8PROC_CATEGORY_CO)
		return "has a meaning only in some fonts";
	/* Emoji that are newer than utf8proc's table stand among the others. */
	bool unassigned = category == UTF8PROC_CATEGORY_CN && !is_in(code_point, 0x1f000, 0x1faff);
	return unassigned ? "is not assigned" : NULL;
}

static void check_unsupported(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
				   const struct hsm_checked_text *text)
{
	struct place place = { .text = text };
	(void)translation;
	if (text->ascii && !strpbrk(text->text, "\1\2\3\4\5\6\a\b\v\f\016\017\020\021\022\023\024\025\026\027\030\031\032"
						"\033\034\035\036\037\177"))
		return;
	while (next_place(&place)) {
		const char *why = why_unsupported(place.code_point);
		if (why) {
			report(checker, &place, why, ": remove it");
			return;
		}
	}
}

static void check_overrides(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
				 const struct hsm_checked_text *text)
{
	struct place place = { .text = text };
	(void)translation;
	while (!text->ascii && next_place(&place))
		if (place.code_point == OVERRIDE_LEFT || place.code_point == OVERRIDE_RIGHT) {
			report(checker, &place, "turns the letters around", ": remove it");
			return;
		}
}

/* Each paragraph closes what it opens: UAX #9 closes the rest at its end, and a
 * placeholder's value, or the chat's own text, may stand after it. */
static void check_balance(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
			       const struct hsm_checked_text *text)
{
	struct place place = { .text = text }, open[CONTROLS_MAX];
	size_t depth = 0;
	(void)translation;
	while (!text->ascii && next_place(&place)) {
		bool embeds = is_in(place.code_point, EMBED_LEFT, OVERRIDE_RIGHT) && place.code_point != POP_EMBEDDING;
		bool isolates = is_in(place.code_point, ISOLATE_LEFT, ISOLATE_FIRST);
		if (place.code_point == '\n' && depth)
			break;
		if ((embeds || isolates) && depth < CONTROLS_MAX)
			open[depth++] = place;
		if (place.code_point != POP_EMBEDDING && place.code_point != POP_ISOLATE)
			continue;
		bool isolate = depth && open[depth - 1].code_point >= ISOLATE_LEFT;
		if (!depth || isolate != (place.code_point == POP_ISOLATE)) {
			report(checker, &place, "closes what nothing opened", ": remove it, or write its pair before it");
			return;
		}
		depth--;
	}
	if (depth)
		report(checker, &open[depth - 1], "is never closed in its paragraph",
		       open[depth - 1].code_point >= ISOLATE_LEFT ? ": write U+2069 after the run" :
								     ": write U+202C after the run");
}

/* Whether a code point that nobody sees does something where it stands. */
static bool has_use(const struct place *place, bool right_to_left)
{
	switch (place->code_point) {
	case ZERO_WIDTH_SPACE:
		return is_spaceless(place->before) || is_spaceless(place->after);
	case NON_JOINER:
		return is_joining(place->before);
	case JOINER:
		return is_joining(place->before) || (is_emoji_part(place->before) && is_emoji_part(place->after));
	case LEFT_MARK:
	case RIGHT_MARK:
	case ARABIC_MARK:
		return right_to_left;
	case 0xfe0e:
	case 0xfe0f:
		return place->before != 0;
	default:
		return false;
	}
}

static bool is_invisible(int32_t code_point)
{
	return is_in(code_point, ZERO_WIDTH_SPACE, RIGHT_MARK) || is_in(code_point, WORD_JOINER, 0x2064) ||
	       code_point == 0xad || code_point == ARABIC_MARK || code_point == 0xfeff || code_point == 0x180e ||
	       code_point == 0x3164 || code_point == 0x115f || code_point == 0x1160;
}

static void check_invisible(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
				 const struct hsm_checked_text *text)
{
	struct place place = { .text = text };
	(void)translation;
	if (text->ascii)
		return;
	bool right_to_left = has_right_to_left(text);
	while (next_place(&place))
		if (is_invisible(place.code_point) && !has_use(&place, right_to_left)) {
			report(checker, &place, "cannot be seen, and has no use here", ": remove it");
			return;
		}
}

const struct hsm_rule hsm_unicode_rules[] = {
	{ "HSM140", "unicode-nfc", E, "texts are composed (NFC)", .protects = "what stands in the file is what is sent",
	  .source = "Unicode, UAX #15", .fix = "save the file as NFC; hsmctl compares NFC anyway",
	  .good = BODY("Cr\xc3\xa8me \\u00e8"), .bad = BODY("Cre\xcc\x80me"), .check_text = check_nfc },
	{ "HSM141", "unicode-unsupported", E, "every character can be shown",
	  .protects = "customers see no boxes, and Meta refuses no message", .source = "Meta refuses or drops what it cannot show",
	  .fix = "remove the character", .good = BODY("Packed \xf0\x9f\x98\x80"), .bad = BODY("Packed \\uE000"),
	  .check_text = check_unsupported },
	{ "HSM142", "bidi-override", E, "no text is turned around", .protects = "what is reviewed is what customers read",
	  .source = "Unicode, UAX #9; CVE-2021-42574", .fix = "remove the override; write isolates where they are meant",
	  .good = BODY("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \\u2066ORD-1\\u2069"), .bad = BODY("Packed \\u202edekcap\\u202c"),
	  .check_text = check_overrides },
	{ "HSM143", "bidi-balance", E, "what a text isolates or embeds it closes",
	  .protects = "values that follow are read in their order", .source = "Unicode, UAX #9",
	  .fix = "close it before the paragraph ends",
	  .good = BODY("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \\u2066ORD-1\\u2069"),
	  .bad = BODY("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \\u2066ORD-1"), .check_text = check_balance },
	{ "HSM144", "zero-width", W, "what cannot be seen has a use", .protects = "two texts that look alike are alike",
	  .source = "Unicode, chapter 23", .fix = "remove the character",
	  .good = BODY("\xd9\x85\xdb\x8c\\u200c\xd8\xae\xd9\x88\xd8\xa7\xd9\x87\xd9\x85"), .bad = BODY("Pack\\u200bed"),
	  .check_text = check_invisible },
};
const size_t hsm_unicode_rules_count = sizeof(hsm_unicode_rules) / sizeof(hsm_unicode_rules[0]);
