#ifndef HSM_PAGE_H
#define HSM_PAGE_H

#include "schema/base/buffer.h"

/*
 * An HTML page that needs nothing else: no script, nothing that it loads, and a
 * policy that forbids both. Light and dark as the reader's system is.
 */
void hsm_page_append_begin(struct hsm_buffer *buffer, const char *title);
void hsm_page_append_end(struct hsm_buffer *buffer);

/* Text, in content or a quoted attribute; what cannot be seen as \u escapes. */
void hsm_html_append(struct hsm_buffer *buffer, const char *text);
void hsm_html_append_part(struct hsm_buffer *buffer, const char *text, size_t length);

#endif
