#ifndef HSM_TEXT_H
#define HSM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/arena.h"
#include "schema/base/buffer.h"

/*
 * Text as Unicode: everything inside hsmctl is valid UTF-8 without NUL; what
 * comes from outside is checked where it comes in.
 */

/* The offset of the first byte that is not valid UTF-8 (surrogates and overlong
 * forms are not), or length where all are. */
size_t hsm_text_find_invalid(const char *text, size_t length);

/* Code points of valid UTF-8. */
size_t hsm_text_count_characters(const char *text);

/*
 * The canonical form of a message text: NFC, LF for CR LF and CR, without
 * newlines at the end. Borrows text itself where it is canonical already.
 */
const char *hsm_text_canonical(struct hsm_arena *arena, const char *text);

/*
 * For a terminal or a log: control characters (C0 but for newline and tab, DEL,
 * C1), line and paragraph separators and the bidirectional overrides and
 * isolates are shown as \u escapes, and so are invalid bytes (\xHH), so that
 * text from outside cannot move the cursor or reorder what is read.
 */
void hsm_text_append_printable(struct hsm_buffer *buffer, const char *text);

/* As above, on one line: newline and tab are shown as \n and \t. */
void hsm_text_append_printable_line(struct hsm_buffer *buffer, const char *text);

/* As much of the text as there is room for in so many bytes, in whole characters:
 * for "%.*s". */
int hsm_text_fit(const char *text, size_t most);
#define HSM_TEXT_FIT(text, most) hsm_text_fit(text, most), text

bool hsm_text_starts_with(const char *text, const char *prefix);
bool hsm_text_ends_with(const char *text, const char *suffix);

/* The shell's * and ? over names; nothing else is special. */
bool hsm_text_matches_glob(const char *text, const char *glob);

/* Of count known words the one that text probably meant, or NULL. For "did you
 * mean"; an edit distance of at most 2. */
const char *hsm_text_find_similar(const char *text, const char *const *words, size_t count);

/* A copy with %XX as the byte that it stands for; as it is where that would be no UTF-8, or a NUL. */
const char *hsm_text_percent_decode(struct hsm_arena *arena, const char *text, size_t length);

/* A copy with ASCII letters in the other case; NULL stays NULL. */
char *hsm_text_lower_case(struct hsm_arena *arena, const char *text);
char *hsm_text_upper_case(struct hsm_arena *arena, const char *text);

#endif
