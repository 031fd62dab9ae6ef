#ifndef HSM_EMOJI_H
#define HSM_EMOJI_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/buffer.h"

/*
 * Emoji as people see them: one grapheme that is shown as an emoji. A flag is one, and so
 * are a keycap, a family that joiners make of people, and a hand with the colour of its
 * skin. A bare digit or (c) is text, and so is what a text selector follows.
 */

/* How many code points the emoji has that begins at the first; 0: none does. */
size_t hsm_emoji_measure(const int32_t *code_points, size_t count);

/*
 * What an emoji of that many code points is called: the Unicode names of its parts in
 * lower case ("man personal computer"); a flag's country ("flag ES"), a keycap's sign.
 * Nothing where Unicode 15 has no name for it.
 */
void hsm_emoji_append_name(struct hsm_buffer *buffer, const int32_t *code_points, size_t count);

#endif
