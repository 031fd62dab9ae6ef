#ifndef HSM_UNICODE_H
#define HSM_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

/* What single code points are and do: for texts in files, and for the values that are sent in them. */

enum hsm_code_point {
	HSM_ZERO_WIDTH_SPACE = 0x200b,
	HSM_NON_JOINER,
	HSM_JOINER,
	HSM_LEFT_MARK,
	HSM_RIGHT_MARK,
	HSM_EMBED_LEFT = 0x202a,
	HSM_EMBED_RIGHT,
	HSM_POP_EMBEDDING,
	HSM_OVERRIDE_LEFT,
	HSM_OVERRIDE_RIGHT,
	HSM_WORD_JOINER = 0x2060,
	HSM_ISOLATE_LEFT = 0x2066,
	HSM_ISOLATE_RIGHT,
	HSM_ISOLATE_FIRST,
	HSM_POP_ISOLATE,
	HSM_ARABIC_MARK = 0x61c,
	HSM_TEXT_SELECTOR = 0xfe0e, /* what stands before it is text */
	HSM_EMOJI_SELECTOR,         /* or an emoji */
	HSM_REPLACEMENT = 0xfffd,   /* stands where a letter was lost */
	HSM_BLACK_FLAG = 0x1f3f4,   /* tags behind it say whose */
};

/* Why a code point cannot be shown ("is not assigned"); NULL: it can. Newlines and tabs can. */
const char *hsm_unicode_why_unsupported(int32_t code_point);

/* Embeddings, overrides, isolates, and what closes them. */
bool hsm_unicode_is_bidi_control(int32_t code_point);

bool hsm_unicode_is_right_to_left(int32_t code_point);

/* What nobody sees, beside those. */
bool hsm_unicode_is_invisible(int32_t code_point);

/* Whether one that nobody sees does something between its neighbours (0 at the ends) in a text
 * that has right-to-left letters, or none. */
bool hsm_unicode_has_use(int32_t before, int32_t code_point, int32_t after, bool right_to_left);

/* Of Unicode's property Extended_Pictographic: emoji, and what may become one. */
bool hsm_unicode_is_pictographic(int32_t code_point);

/* The colours of a skin. */
bool hsm_unicode_is_emoji_modifier(int32_t code_point);

#endif
