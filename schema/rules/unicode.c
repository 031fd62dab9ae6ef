/* Code points that get lost, or change what is read. */
#include <string.h>
#include <utf8proc.h>

#include "schema/base/text.h"
#include "schema/base/unicode.h"
#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define BODY(text) "name: order_update\ncategory: UTILITY\ntranslations:\n  en_US:\n    body: \"" text "\"\n"

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

static bool has_right_to_left(const struct hsm_checked_text *text)
{
	struct place place = { .text = text };
	while (next_place(&place))
		if (hsm_unicode_is_right_to_left(place.code_point))
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

static void check_unsupported(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
				   const struct hsm_checked_text *text)
{
	struct place place = { .text = text };
	(void)translation;
	if (text->ascii && !strpbrk(text->text, "\1\2\3\4\5\6\a\b\v\f\016\017\020\021\022\023\024\025\026\027\030\031\032"
						"\033\034\035\036\037\177"))
		return;
	while (next_place(&place)) {
		const char *why = hsm_unicode_why_unsupported(place.code_point);
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
		if (place.code_point == HSM_OVERRIDE_LEFT || place.code_point == HSM_OVERRIDE_RIGHT) {
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
		bool closes = place.code_point == HSM_POP_EMBEDDING || place.code_point == HSM_POP_ISOLATE;
		if (place.code_point == '\n' && depth)
			break;
		if (!closes && hsm_unicode_is_bidi_control(place.code_point) && depth < CONTROLS_MAX)
			open[depth++] = place;
		if (!closes)
			continue;
		bool isolate = depth && open[depth - 1].code_point >= HSM_ISOLATE_LEFT;
		if (!depth || isolate != (place.code_point == HSM_POP_ISOLATE)) {
			report(checker, &place, "closes what nothing opened", ": remove it, or write its pair before it");
			return;
		}
		depth--;
	}
	if (depth)
		report(checker, &open[depth - 1], "is never closed in its paragraph",
		       open[depth - 1].code_point >= HSM_ISOLATE_LEFT ? ": write U+2069 after the run" :
								     ": write U+202C after the run");
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
		if (hsm_unicode_is_invisible(place.code_point) &&
		    !hsm_unicode_has_use(place.before, place.code_point, place.after, right_to_left)) {
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
