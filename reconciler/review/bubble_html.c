#include <string.h>

#include "reconciler/review/bubble.h"
#include "reconciler/review/page.h"

struct tag {
	unsigned how;
	const char *open, *close;
};

static const struct tag tags[] = {
	{ HSM_SHOWN_QUOTE, "<span class=\"quote\">", "</span>" },
	{ HSM_SHOWN_BOLD, "<b>", "</b>" },
	{ HSM_SHOWN_ITALIC, "<i>", "</i>" },
	{ HSM_SHOWN_STRIKE, "<s>", "</s>" },
	{ HSM_SHOWN_MONO, "<code>", "</code>" },
	/* No address that can be clicked: what a reviewer reads may be anybody's. */
	{ HSM_SHOWN_LINK, "<span class=\"link\">", "</span>" },
	/* A value from left to right stays whole in a text from right to left. */
	{ HSM_SHOWN_VALUE, "<bdi class=\"value\">", "</bdi>" },
};

#define TAG_COUNT (sizeof(tags) / sizeof(tags[0]))

static void append_run(struct hsm_buffer *buffer, const struct hsm_shown_text *text, size_t start, size_t end, bool old)
{
	unsigned how = text->bytes[start];
	if (how & HSM_SHOWN_HIDDEN)
		return;
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
	for (size_t at = 0; at < text->length;) {
		size_t end = hsm_whatsapp_run(text, at);
		append_run(buffer, text, at, end, old);
		at = end;
	}
}

static void append_part(struct hsm_buffer *buffer, const char *class, const struct hsm_shown_text *text, bool old)
{
	if (!text->text)
		return;
	hsm_buffer_append_format(buffer, "<div class=\"%s\" dir=\"auto\">", class);
	append_shown(buffer, text, old);
	hsm_buffer_append_string(buffer, "</div>\n");
}

static void append_media(struct hsm_buffer *buffer, const struct hsm_bubble *bubble)
{
	if (!bubble->media)
		return;
	hsm_buffer_append_string(buffer, "<div class=\"media\"><b>");
	hsm_html_append(buffer, bubble->media);
	hsm_buffer_append_string(buffer, "</b>");
	if (bubble->media_name)
		hsm_html_append(buffer, bubble->media_name);
	hsm_buffer_append_string(buffer, "</div>\n");
}

static void append_button(struct hsm_buffer *buffer, const struct hsm_bubble_button *button, bool old)
{
	hsm_buffer_append_format(buffer, "<div class=\"button\">%s <bdi>", button->icon);
	append_shown(buffer, &button->title, old);
	hsm_buffer_append_string(buffer, "</bdi>");
	if (button->target) {
		hsm_buffer_append_string(buffer, "<small dir=\"ltr\">");
		hsm_html_append(buffer, button->target);
		hsm_buffer_append_string(buffer, "</small>");
	}
	hsm_buffer_append_string(buffer, "</div>\n");
}

void hsm_bubble_append_html(struct hsm_buffer *buffer, const struct hsm_message *message, const char *language,
			    const struct hsm_bubble_style *style)
{
	struct hsm_arena arena = { 0 };
	struct hsm_bubble bubble;
	hsm_bubble_read(&arena, message, style, &bubble);
	hsm_buffer_append_format(buffer, "<div class=\"chat\" dir=\"%s\">\n<div class=\"bubble\">\n",
				 hsm_bubble_is_right_to_left(language) ? "rtl" : "ltr");
	append_media(buffer, &bubble);
	append_part(buffer, "header", &bubble.header, style->old);
	append_part(buffer, "body", &bubble.body, style->old);
	append_part(buffer, "footer", &bubble.footer, style->old);
	hsm_buffer_append_string(buffer, "</div>\n");
	for (size_t i = 0; i < bubble.button_count; i++)
		append_button(buffer, &bubble.buttons[i], style->old);
	hsm_buffer_append_string(buffer, "</div>\n");
	hsm_arena_release(&arena);
}
