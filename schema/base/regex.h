#ifndef HSM_REGEX_H
#define HSM_REGEX_H

#include <stdbool.h>

#include "schema/base/error.h"

/* A regular expression that a user wrote: PCRE2, over UTF-8, anchored nowhere by itself. */
struct hsm_regex;

/* HSM_ERROR_INVALID and where it is wrong. Free it with hsm_regex_free. */
int hsm_regex_make(struct hsm_regex **regex, const char *text, struct hsm_error *error);
void hsm_regex_free(struct hsm_regex *regex);

/* One that would take forever is given up, and does not match. */
bool hsm_regex_matches(const struct hsm_regex *regex, const char *text);

#endif
