#ifndef HSM_HELP_H
#define HSM_HELP_H

#include "cmd/hsmctl/command.h"
#include "schema/base/buffer.h"

/* What `--help` prints: of a command, or (NULL) the list of them. */
void hsm_help_append(const struct hsm_command *command, struct hsm_buffer *buffer);

/* The manual page, hsmctl(1), as roff. */
void hsm_help_append_man(struct hsm_buffer *buffer);

/* Walks the options that a command (NULL: every one) takes, its own before the
 * global ones: the row after `option`, or the first; NULL at the end. */
const struct hsm_option *hsm_option_next(const struct hsm_command *command, const struct hsm_option *option);

#endif
