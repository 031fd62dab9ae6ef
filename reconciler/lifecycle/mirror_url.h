#ifndef HSM_MIRROR_URL_H
#define HSM_MIRROR_URL_H

#include <stdbool.h>

#include "schema/base/arena.h"
#include "schema/base/buffer.h"

/*
 * A git URL may hold a password or a token: https://user:token@host/x.git. What
 * people and logs see has none.
 */

/* The URL without its user: https://host/x.git, host:x.git. */
void hsm_mirror_url_append(struct hsm_buffer *buffer, const char *url);

/* Whether it is an http or https URL with a user, who is given as he is meant (%40 is @), in the
 * arena; password NULL: there is none. */
bool hsm_mirror_url_read_user(struct hsm_arena *arena, const char *url, const char **user, const char **password);

/* Text that was written by a program that knows the URL: every URL in it without
 * its user, and this one's password as ***, however it is written there. */
void hsm_mirror_url_append_concealed(struct hsm_buffer *buffer, const char *url, const char *text);

#endif
