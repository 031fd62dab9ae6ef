#ifndef HSM_WHATSAPP_H
#define HSM_WHATSAPP_H

#include <stddef.h>
#include <stdint.h>

/*
 * WhatsApp's marks in a text: *bold*, _italic_, ~strikethrough~, `code`,
 * ```monospace```, "- " and "* " lists, "> " quotes, links. Each byte says how it
 * is shown. Source: WhatsApp's help, "How to format your messages".
 */

enum hsm_shown {
	HSM_SHOWN_BOLD = 1 << 0,
	HSM_SHOWN_ITALIC = 1 << 1,
	HSM_SHOWN_STRIKE = 1 << 2,
	HSM_SHOWN_MONO = 1 << 3,
	HSM_SHOWN_LINK = 1 << 4,
	HSM_SHOWN_QUOTE = 1 << 5,
	HSM_SHOWN_BULLET = 1 << 6,  /* a dot in its place */
	HSM_SHOWN_HIDDEN = 1 << 7,  /* a mark: not shown */
	HSM_SHOWN_VALUE = 1 << 8,   /* a parameter's */
	HSM_SHOWN_CHANGED = 1 << 9, /* not in the text that it is compared with */
};

struct hsm_shown_text {
	const char *text;
	uint16_t *bytes; /* enum hsm_shown, one per byte of text */
	size_t length;
};

/* Adds what WhatsApp makes of the text; bytes holds what is known already. In time that is linear in its
 * length. */
void hsm_whatsapp_mark(struct hsm_shown_text *text);

/* The end of the bytes from `start` on that are shown alike. */
size_t hsm_whatsapp_run(const struct hsm_shown_text *text, size_t start);

#endif
