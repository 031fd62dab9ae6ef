#include "reconciler/delivery/emoji.h"

#include <ctype.h>
#include <unicode/uchar.h>
#include <utf8proc.h>

#include "schema/base/unicode.h"

#define KEYCAP 0x20e3
#define FLAG_LETTER_A 0x1f1e6

static bool is_flag_letter(int32_t code_point)
{
	return code_point >= FLAG_LETTER_A && code_point < FLAG_LETTER_A + 26;
}

/* What adds to the sign before it: selectors, colours, tags, marks; a joiner. */
static bool is_extension(int32_t code_point)
{
	int class = utf8proc_get_property(code_point)->boundclass;
	return class == UTF8PROC_BOUNDCLASS_EXTEND || class == UTF8PROC_BOUNDCLASS_ZWJ;
}

/* Whether the sign is an emoji of itself. Those that are newer than the tables are taken for some. */
static bool is_shown(int32_t code_point)
{
	return u_hasBinaryProperty(code_point, UCHAR_EMOJI_PRESENTATION) ||
	       (hsm_unicode_is_pictographic(code_point) && !u_isdefined(code_point));
}

/* An emoji by its extension: "1" and a keycap, U+2764 and a selector, a hand and a colour. */
static bool is_shown_by(int32_t code_point, int32_t extension)
{
	if (code_point < 0x80)
		return extension == KEYCAP;
	return extension == HSM_EMOJI_SELECTOR || hsm_unicode_is_emoji_modifier(extension);
}

size_t hsm_emoji_measure(const int32_t *code_points, size_t count)
{
	int32_t first = code_points[0];
	bool flag = is_flag_letter(first) && count > 1 && is_flag_letter(code_points[1]);
	bool pictographic = hsm_unicode_is_pictographic(first);
	if (!pictographic && !u_hasBinaryProperty(first, UCHAR_EMOJI))
		return 0;
	bool shown = flag || (is_shown(first) && (count == 1 || code_points[1] != HSM_TEXT_SELECTOR));
	size_t at = flag ? 2 : 1;
	while (at < count) {
		/* UAX #29, rule GB11 */
		bool joined = pictographic && code_points[at - 1] == HSM_JOINER &&
			      hsm_unicode_is_pictographic(code_points[at]);
		if (!joined && !is_extension(code_points[at]))
			break;
		shown |= joined || is_shown_by(first, code_points[at]);
		at++;
	}
	return shown ? at : 0;
}

/* False where the tables have no name for it. */
static bool append_part(struct hsm_buffer *buffer, const char *separator, int32_t code_point)
{
	char name[128];
	UErrorCode status = U_ZERO_ERROR;
	int32_t length = u_charName(code_point, U_UNICODE_CHAR_NAME, name, sizeof(name), &status);
	if (U_FAILURE(status) || !length)
		return false;
	hsm_buffer_append_string(buffer, separator);
	for (int32_t i = 0; i < length; i++)
		hsm_buffer_append_char(buffer, (char)tolower((unsigned char)name[i]));
	return true;
}

void hsm_emoji_append_name(struct hsm_buffer *buffer, const int32_t *code_points, size_t count)
{
	const char *separator = "";
	if (code_points[0] < 0x80) {
		hsm_buffer_append_char(buffer, (char)code_points[0]);
		return;
	}
	if (is_flag_letter(code_points[0])) {
		hsm_buffer_append_string(buffer, count > 1 && is_flag_letter(code_points[1]) ? "flag " : "");
		for (size_t i = 0; i < count && is_flag_letter(code_points[i]); i++)
			hsm_buffer_append_char(buffer, (char)('A' + code_points[i] - FLAG_LETTER_A));
		return;
	}
	for (size_t i = 0; i < count; i++)
		if ((!i || !is_extension(code_points[i])) && append_part(buffer, separator, code_points[i]))
			separator = " ";
}
