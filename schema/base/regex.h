#ifndef HSM_REGEX_H
#define HSM_REGEX_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"

/* A regular expression that a user wrote: PCRE2, over UTF-8, anchored nowhere by itself. */
struct hsm_regex;

/* HSM_ERROR_INVALID and where it is wrong. Free it with hsm_regex_free. */
int hsm_regex_make(struct hsm_regex **regex, const char *text, struct hsm_error *error);
void hsm_regex_free(struct hsm_regex *regex);

/* One that would take forever is given up, and does not match. */
bool hsm_regex_matches(const struct hsm_regex *regex, const char *text);

/*
 * The characters that a user allows: those that a regular expression matches whole,
 * one by one. [\p{L}\p{N} ] allows what [\p{L}\p{N} ]* or ^[\p{L}\p{N} ]+$ does; \w, \d and
 * the like are Unicode's. Lives in the arena; any thread.
 */
struct hsm_allowed;

/* HSM_ERROR_INVALID and where it is wrong. */
int hsm_allowed_make(struct hsm_allowed **allowed, struct hsm_arena *arena, const char *text,
		     struct hsm_error *error);
bool hsm_allowed_has(const struct hsm_allowed *allowed, int32_t code_point);

#endif
