#ifndef HSM_PATTERN_H
#define HSM_PATTERN_H

#include <stdbool.h>

/*
 * A form that values must have: one regular expression that both the loaders
 * and the exported JSON Schema use, so that they cannot disagree. Keep to what
 * PCRE2 and ECMA-262 read alike.
 */
struct hsm_pattern {
	const char *regex; /* anchored at both ends */
	const char *what;  /* "lower-case letters, digits and _": what a message says is wanted */
};

/* From any thread. */
bool hsm_pattern_matches(const struct hsm_pattern *pattern, const char *text);

#endif
