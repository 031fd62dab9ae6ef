#ifndef HSM_CONCEAL_H
#define HSM_CONCEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/buffer.h"

/*
 * Secrets in text that others wrote. Servers and programs quote what they were sent:
 * as it is, percent-encoded as in a form, in hexadecimal, or in base64, where it may be
 * in the middle of what was encoded ("Basic" has id and secret in one). And they cut:
 * the first 8 bytes of a secret count as it.
 */

/* How much of the text's beginning is the secret, in any of these forms; 0: it is something else. A secret of less
 * than 4 bytes is looked for as it is and percent-encoded only: its other forms are in any text. */
size_t hsm_conceal_measure(const char *text, const char *secret);

/* The others leave alone secrets that are NULL or shorter than 4 bytes. */
bool hsm_conceal_finds(const char *text, const char *secret);

/* Puts *** in the place of all of them. */
void hsm_conceal(struct hsm_buffer *text, const char *const *secrets, size_t count);

/* How much of what follows a URL's :// is its user and password, with the @. */
size_t hsm_conceal_measure_user(const char *text, size_t length);
#define HSM_CONCEAL_URL_END " \t\r\n'\"<>" /* what ends a URL in other text */

/* Puts a * in the place of each character of the users and passwords of the URLs in the text. */
void hsm_conceal_users(char *text);

#endif
