#include <string.h>

#include "reconciler/review/bubble.h"
#include "reconciler/review/page.h"

struct tag {
	unsigned how;
	const char *open, *close;
};

/* Around whole lines and addresses, also where a value within is shown otherwise. No address can be clicked:
 * what a reviewer reads may be anybody's. */
static const struct tag outer_tags[] = {
	{ HSM_SHOWN_QUOTE, "<span class=\"quote\">", "</span>" },
	{ HSM_SHOWN_LINK, "<bdi class=\"link\" dir=\"ltr\">", "</bdi>" },
};

static const struct tag tags[] = {
	{ HSM_SHOWN_BOLD, "<b>", "</b>" },
	{ HSM_SHOWN_ITALIC, "<i>", "</i>" },
	{ HSM_SHOWN_STRIKE, "<s>", "</s>" },
	{ HSM_SHOWN_MONO, "<code>", "</code>" },
	/* A value from left to right stays whole in a text from right to left. */
	{ HSM_SHOWN_VALUE, "<bdi class=\"value\">", "</bdi>" },
};

#define OUTER_COUNT (sizeof(outer_tags) / sizeof(outer_tags[0]))
#define TAG_COUNT (sizeof(tags) / sizeof(tags[0]))
#define OUTER_ALL (HSM_SHOWN_QUOTE | HSM_SHOWN_LINK)

/* Closes what `before` had open and opens what `now` needs; what is within is closed first. */
static void turn_outer(struct hsm_buffer *buffer, unsigned before, unsigned now)
{
	size_t same = 0;
	while (same < OUTER_COUNT && (before & outer_tags[same].how) == (now & outer_tags[same].how))
		same++;
	for (size_t i = OUTER_COUNT; i > same; i--)
		if (before & outer_tags[i - 1].how)
			hsm_buffer_append_string(buffer, outer_tags[i - 1].close);
	for (size_t i = same; i < OUTER_COUNT; i++)
		if (now & outer_tags[i].how)
			hsm_buffer_append_string(buffer, outer_tags[i].open);
}

static void append_run(struct hsm_buffer *buffer, const struct hsm_shown_text *text, size_t start, size_t end, bool old)
{
	unsigned how = text->bytes[start];
	if (how & HSM_SHOWN_HIDDEN)
		return;
	/* An address is isolated as a whole. */
	if (how & HSM_SHOWN_LINK)
		how &= ~(unsigned)HSM_SHOWN_VALUE;
	for (size_t i = 0; i < TAG_COUNT; i++)
		if (how & tags[i].how)
			hsm_buffer_append_string(buffer, tags[i].open);
	if (how & HSM_SHOWN_CHANGED)
		hsm_buffer_append_string(buffer, old ? "<del>" : "<ins>");
	if (how & HSM_SHOWN_BULLET)
		hsm_buffer_append_string(buffer, "•");
	else
		hsm_html_append_part(buffer, text->text + start, end - start);
	if (how & HSM_SHOWN_CHANGED)
		hsm_buffer_append_string(buffer, old ? "</del>" : "</ins>");
	for (size_t i = TAG_COUNT; i > 0; i--)
		if (how & tags[i - 1].how)
			hsm_buffer_append_string(buffer, tags[i - 1].close);
}

static void append_shown(struct hsm_buffer *buffer, const struct hsm_shown_text *text, bool old)
{
	unsigned open = 0;
	for (size_t at = 0; at < text->length;) {
		size_t end = hsm_whatsapp_run(text, at);
		turn_outer(buffer, open, text->bytes[at] & OUTER_ALL);
		open = text->bytes[at] & OUTER_ALL;
		append_run(buffer, text, at, end, old);
		at = end;
	}
	turn_outer(buffer, open, 0);
}

static void append_part(struct hsm_buffer *buffer, const char *class, const struct hsm_shown_text *text, bool old)
{
	if (!text->text)
		return;
	hsm_buffer_append_format(buffer, "<div class=\"%s\" dir=\"auto\">", class);
	append_shown(buffer, text, old);
	hsm_buffer_append_string(buffer, "</div>\n");
}

static void append_small(struct hsm_buffer *buffer, const struct hsm_shown_text *text, bool old)
{
	if (!text->text)
		return;
	hsm_buffer_append_string(buffer, "<small dir=\"ltr\">");
	append_shown(buffer, text, old);
	hsm_buffer_append_string(buffer, "</small>");
}

static void append_media(struct hsm_buffer *buffer, const struct hsm_bubble *bubble, bool old)
{
	if (!bubble->media.text)
		return;
	hsm_buffer_append_string(buffer, "<div class=\"media\"><b>");
	append_shown(buffer, &bubble->media, old);
	hsm_buffer_append_string(buffer, "</b>");
	append_small(buffer, &bubble->media_url, old);
	hsm_buffer_append_string(buffer, "</div>\n");
}

static void append_button(struct hsm_buffer *buffer, const struct hsm_bubble_button *button, bool old)
{
	hsm_buffer_append_format(buffer, "<div class=\"button\">%s <bdi>", button->icon);
	append_shown(buffer, &button->title, old);
	hsm_buffer_append_string(buffer, "</bdi>");
	append_small(buffer, &button->target, old);
	hsm_buffer_append_string(buffer, "</div>\n");
}

static void append_offer(struct hsm_buffer *buffer, const struct hsm_bubble *bubble, bool old)
{
	if (!bubble->offer.text)
		return;
	hsm_buffer_append_string(buffer, "<div class=\"offer\" dir=\"auto\">◷ <bdi>");
	append_shown(buffer, &bubble->offer, old);
	hsm_buffer_append_string(buffer, "</bdi>");
	append_small(buffer, &bubble->offer_end, old);
	hsm_buffer_append_string(buffer, "</div>\n");
}

static void append_bubble(struct hsm_buffer *buffer, const struct hsm_bubble *bubble, bool old)
{
	hsm_buffer_append_string(buffer, "<div class=\"bubble\">\n");
	append_media(buffer, bubble, old);
	append_part(buffer, "header", &bubble->header, old);
	append_offer(buffer, bubble, old);
	append_part(buffer, "body", &bubble->body, old);
	append_part(buffer, "footer", &bubble->footer, old);
	hsm_buffer_append_string(buffer, "</div>\n");
	for (size_t i = 0; i < bubble->button_count; i++)
		append_button(buffer, &bubble->buttons[i], old);
}

static void append_cards(struct hsm_buffer *buffer, const struct hsm_bubble *bubble, bool old)
{
	if (!bubble->card_count)
		return;
	hsm_buffer_append_string(buffer, "<div class=\"cards\">\n");
	for (size_t i = 0; i < bubble->card_count; i++) {
		hsm_buffer_append_string(buffer, "<div class=\"card\">\n");
		append_bubble(buffer, &bubble->cards[i], old);
		hsm_buffer_append_string(buffer, "</div>\n");
	}
	hsm_buffer_append_string(buffer, "</div>\n");
}

void hsm_bubble_append_html(struct hsm_buffer *buffer, const struct hsm_message *message,
			    const struct hsm_bubble_style *style)
{
	struct hsm_arena arena = { 0 };
	struct hsm_bubble bubble;
	hsm_bubble_read(&arena, message, style, &bubble);
	hsm_buffer_append_format(buffer, "<div class=\"chat\" dir=\"%s\">\n",
				 style->language && hsm_bubble_is_right_to_left(style->language) ? "rtl" : "ltr");
	append_bubble(buffer, &bubble, style->old);
	append_cards(buffer, &bubble, style->old);
	hsm_buffer_append_string(buffer, "</div>\n");
	hsm_arena_release(&arena);
}
