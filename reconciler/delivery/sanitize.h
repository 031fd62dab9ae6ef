#ifndef HSM_SANITIZE_H
#define HSM_SANITIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/regex.h"
#include "schema/template.h"

/*
 * Makes a parameter's value what Meta takes, and tells what was changed: code points
 * and their positions, never the value, which may be somebody's name.
 *
 * In this order:
 * - newlines, of every kind that Unicode has, and tabs become blanks; CR LF is one
 * - controls, bidirectional embeddings, overrides and isolates, and what cannot be shown
 *   (unassigned, private, no character) are taken away
 * - and what cannot be seen, but where it does something: joiners, direction marks and
 *   selectors that scripts and emoji need stay
 * - emoji as the rules say; a name stands apart from words beside it
 * - blanks at the ends go, and a run of more than four becomes one (Meta's error 132018)
 * - more than 30 marks on one letter are cut (UAX #15, Stream-Safe Text Format)
 * - NFC
 * - what is too long is cut between graphemes, where that is allowed
 *
 * What is left must be `allowed`, be not empty and not too long. U+FFFD is refused: a
 * letter was lost before the value came here, and nobody can tell which.
 */

#define HSM_VALUE_MAX 1024        /* characters: what the messaging API takes */
#define HSM_VALUE_BYTES_MAX 65536 /* of a value before it is sanitised */

struct hsm_sanitize_rules {
	size_t max_length; /* characters; 0: HSM_VALUE_MAX */
	bool truncate;     /* cut what is longer; else it is refused */
	enum hsm_emoji emoji; /* 0: keep */
	const struct hsm_allowed *allowed; /* NULL: any */
};

enum hsm_sanitize_action {
	HSM_SANITIZE_NORMALIZED = 1, /* by NFC, once: the position is where the value first differed */
	HSM_SANITIZE_REPLACED,       /* a newline or a tab, by a blank; an emoji, by its name */
	HSM_SANITIZE_REMOVED,
	HSM_SANITIZE_TRUNCATED,      /* from here on */
	HSM_SANITIZE_REJECTED,       /* not allowed: the value is refused */
};
extern const char *const hsm_sanitize_action_words[]; /* "normalized", "replaced", ... */

struct hsm_sanitize_note {
	enum hsm_sanitize_action action;
	size_t position;     /* characters from 1, in the given value; of REJECTED, in the sanitised one */
	uint32_t code_point; /* of REPLACED, REMOVED and REJECTED, an emoji's first; else 0 */
};

#define HSM_SANITIZE_NOTES_MAX 64

struct hsm_sanitized {
	const char *text; /* in the arena, or the given one where nothing changed; NULL where the value is refused */
	size_t length;
	const struct hsm_sanitize_note *notes; /* in the arena; the first HSM_SANITIZE_NOTES_MAX, by step */
	size_t note_count;
	size_t changes; /* all of them */
};

/*
 * HSM_ERROR_INVALID for a value that would be wrong all the same: not UTF-8, a NUL,
 * empty, too long, or with characters that are not allowed; *sanitized holds its notes
 * then. The message does not hold the value. Any thread.
 */
int hsm_sanitize(struct hsm_arena *arena, const char *value, size_t length, const struct hsm_sanitize_rules *rules,
		 struct hsm_sanitized *sanitized, struct hsm_error *error);

#endif
