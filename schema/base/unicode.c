#include "schema/base/unicode.h"

#include <stddef.h>
#include <utf8proc.h>

static bool is_in(int32_t code_point, int32_t first, int32_t last)
{
	return code_point >= first && code_point <= last;
}

const char *hsm_unicode_why_unsupported(int32_t code_point)
{
	if (code_point == '\n' || code_point == '\t' || code_point == '\r')
		return NULL;
	if (code_point < 0x20 || is_in(code_point, 0x7f, 0x9f))
		return "is a control character";
	if (code_point == 0x2028 || code_point == 0x2029)
		return "is a separator that chats do not show as a line's end";
	if (code_point == HSM_REPLACEMENT)
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

bool hsm_unicode_is_bidi_control(int32_t code_point)
{
	return is_in(code_point, HSM_EMBED_LEFT, HSM_OVERRIDE_RIGHT) || is_in(code_point, HSM_ISOLATE_LEFT, HSM_POP_ISOLATE);
}

bool hsm_unicode_is_right_to_left(int32_t code_point)
{
	return is_in(code_point, 0x590, 0x8ff) || is_in(code_point, 0xfb1d, 0xfdff) || is_in(code_point, 0xfe70, 0xfefc) ||
	       is_in(code_point, 0x10800, 0x10fff) || is_in(code_point, 0x1e800, 0x1efff);
}

/* A hidden text may be written with these (U+E0041 for A). */
static bool is_tag(int32_t code_point)
{
	return is_in(code_point, 0xe0000, 0xe007f);
}

bool hsm_unicode_is_invisible(int32_t code_point)
{
	static const struct {
		int32_t first, last;
	} ranges[] = {
		{ 0xad, 0xad }, /* soft hyphen */
		{ HSM_ARABIC_MARK, HSM_ARABIC_MARK },
		{ 0x115f, 0x1160 }, /* fillers of Hangul; people make empty names of the next, too */
		{ 0x17b4, 0x17b5 },
		{ 0x180e, 0x180e },
		{ HSM_ZERO_WIDTH_SPACE, HSM_RIGHT_MARK },
		{ HSM_WORD_JOINER, 0x2064 },
		{ 0x206a, 0x206f },
		{ 0x3164, 0x3164 },
		{ HSM_TEXT_SELECTOR, HSM_EMOJI_SELECTOR },
		{ 0xfeff, 0xfeff }, /* byte-order mark */
		{ 0xffa0, 0xffa0 },
		{ 0xfff9, 0xfffb }, /* annotations */
		{ 0xe0000, 0xe007f },
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && code_point >= ranges[i].first; i++)
		if (code_point <= ranges[i].last)
			return true;
	return false;
}

/* Scripts whose letters join, or are drawn anew beside each other. */
static bool is_joining(int32_t code_point)
{
	return is_in(code_point, 0x600, 0x8ff) || is_in(code_point, 0x900, 0xdff) || is_in(code_point, 0x1800, 0x18af) ||
	       is_in(code_point, 0xfb50, 0xfdff) || is_in(code_point, 0xfe70, 0xfefe);
}

/* Those that are written without blanks. */
static bool is_spaceless(int32_t code_point)
{
	return is_in(code_point, 0xe00, 0xeff) || is_in(code_point, 0x1000, 0x109f) || is_in(code_point, 0x1780, 0x17ff);
}

/* A family is joined of people, who may have colours and selectors. */
static bool joins_emoji(int32_t before, int32_t after)
{
	return hsm_unicode_is_pictographic(after) &&
	       (hsm_unicode_is_pictographic(before) || hsm_unicode_is_emoji_modifier(before) || before == HSM_EMOJI_SELECTOR);
}

bool hsm_unicode_has_use(int32_t before, int32_t code_point, int32_t after, bool right_to_left)
{
	switch (code_point) {
	case HSM_ZERO_WIDTH_SPACE:
		return is_spaceless(before) || is_spaceless(after);
	case HSM_NON_JOINER:
		return is_joining(before);
	case HSM_JOINER:
		return is_joining(before) || joins_emoji(before, after);
	case HSM_LEFT_MARK:
	case HSM_RIGHT_MARK:
	case HSM_ARABIC_MARK:
		return right_to_left;
	case HSM_TEXT_SELECTOR:
	case HSM_EMOJI_SELECTOR:
		return before && utf8proc_category(before) != UTF8PROC_CATEGORY_ZS;
	default:
		return is_tag(code_point) && (before == HSM_BLACK_FLAG || is_tag(before));
	}
}

bool hsm_unicode_is_pictographic(int32_t code_point)
{
	return utf8proc_get_property(code_point)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

bool hsm_unicode_is_emoji_modifier(int32_t code_point)
{
	return is_in(code_point, 0x1f3fb, 0x1f3ff);
}
