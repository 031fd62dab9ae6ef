#ifndef HSM_MARKDOWN_H
#define HSM_MARKDOWN_H

#include "schema/base/buffer.h"

/*
 * Any text as the same text in Markdown, and in the HTML that Markdown may hold:
 * nothing in it formats, links, mentions, embeds or ends anything. A newline
 * becomes <br>, what cannot be seen a \u escape. Not for the beginning of a line,
 * nor inside backticks.
 */
void hsm_markdown_append(struct hsm_buffer *buffer, const char *text);

#endif
