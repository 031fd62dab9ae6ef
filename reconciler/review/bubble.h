#ifndef HSM_BUBBLE_H
#define HSM_BUBBLE_H

#include "reconciler/review/whatsapp.h"
#include "schema/base/buffer.h"
#include "schema/content.h"

/* A message as a phone shows it. */

struct hsm_bubble_style {
	const char *language;            /* that the message is in; NULL: it is not known */
	bool named;                      /* {{name}} in place of the sample values */
	const struct hsm_message *other; /* changed words are marked against this; NULL: none are */
	bool old;                        /* this is the older of the two */
	bool color;                      /* of a terminal */
	unsigned width;                  /* its columns */
};

/* What is drawn; the texts live in the arena. */
struct hsm_bubble_button {
	const char *icon;
	struct hsm_shown_text title;
	struct hsm_shown_text target; /* what it does: an id, an address, a number; text NULL: nothing to say */
};

struct hsm_bubble { /* a text that is NULL is absent */
	struct hsm_shown_text media;       /* IMAGE, VIDEO, DOCUMENT, LOCATION, PRODUCT */
	struct hsm_shown_text media_url;
	struct hsm_shown_text header, body, footer;
	struct hsm_shown_text offer, offer_end; /* that ends; its countdown */
	struct hsm_bubble_button *buttons;
	size_t button_count;
	struct hsm_bubble *cards; /* of a carousel; they have none themselves */
	size_t card_count;
};

void hsm_bubble_read(struct hsm_arena *arena, const struct hsm_message *message, const struct hsm_bubble_style *style,
		     struct hsm_bubble *bubble);

/* Whether a language is written from right to left. */
bool hsm_bubble_is_right_to_left(const char *language);

void hsm_bubble_append_html(struct hsm_buffer *buffer, const struct hsm_message *message,
			    const struct hsm_bubble_style *style);
void hsm_bubble_append_text(struct hsm_buffer *buffer, const struct hsm_message *message,
			    const struct hsm_bubble_style *style);

#endif
