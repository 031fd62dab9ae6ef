/* A bubble drawn with the characters of a terminal. */
#include <string.h>
#include <utf8proc.h>

#include "reconciler/review/bubble.h"
#include "schema/base/text.h"

#define WIDTH_MIN 20
#define CARD_WIDTH_MIN 26
#define CARDS_IN_ROW 3
#define QUOTE_BAR "▏"

struct canvas {
	struct hsm_buffer *buffer;
	const struct hsm_bubble_style *style;
	size_t width; /* columns within the frame */
	struct hsm_buffer line;
	size_t used;      /* columns of the line */
	const char *indent; /* what a line begins with, and goes on with where it is too long: */
	const char *hang;
};

/* Columns; what is joined to an emoji takes no room of its own. */
static size_t display_width(const char *text, size_t length)
{
	size_t width = 0;
	bool joined = false;
	for (size_t at = 0; at < length;) {
		utf8proc_int32_t point;
		utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
							 (utf8proc_ssize_t)(length - at), &point);
		if (size <= 0)
			break;
		int columns = utf8proc_charwidth(point);
		width += columns > 0 && !(joined && columns == 2) ? (size_t)columns : 0;
		joined = point == 0x200d;
		at += (size_t)size;
	}
	return width;
}

static void end_line(struct canvas *canvas)
{
	hsm_buffer_append_string(canvas->buffer, "│ ");
	hsm_buffer_append_string(canvas->buffer, hsm_buffer_text(&canvas->line));
	for (; canvas->used < canvas->width; canvas->used++)
		hsm_buffer_append_char(canvas->buffer, ' ');
	hsm_buffer_append_string(canvas->buffer, " │\n");
	hsm_buffer_clear(&canvas->line);
	canvas->used = 0;
}

static void wrap_line(struct canvas *canvas)
{
	end_line(canvas);
	hsm_buffer_append_string(&canvas->line, canvas->hang);
	canvas->used = display_width(canvas->hang, strlen(canvas->hang));
}

static void append_frame(struct canvas *canvas, const char *left, const char *right)
{
	hsm_buffer_append_string(canvas->buffer, left);
	for (size_t i = 0; i < canvas->width + 2; i++)
		hsm_buffer_append_string(canvas->buffer, "─");
	hsm_buffer_append_string(canvas->buffer, right);
	hsm_buffer_append_char(canvas->buffer, '\n');
}

static void begin_look(struct canvas *canvas, unsigned how)
{
	static const struct {
		unsigned how;
		const char *code;
	} codes[] = { { HSM_SHOWN_BOLD, "\033[1m" },  { HSM_SHOWN_ITALIC, "\033[3m" }, { HSM_SHOWN_STRIKE, "\033[9m" },
		      { HSM_SHOWN_MONO, "\033[2m" },  { HSM_SHOWN_QUOTE, "\033[2m" },  { HSM_SHOWN_LINK, "\033[4m" },
		      { HSM_SHOWN_VALUE, "\033[36m" } };
	if (!canvas->style->color)
		return;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (how & codes[i].how)
			hsm_buffer_append_string(&canvas->line, codes[i].code);
	if (how & HSM_SHOWN_CHANGED)
		hsm_buffer_append_string(&canvas->line, canvas->style->old ? "\033[41m" : "\033[42m");
}

static void append_look(struct canvas *canvas, const char *text, size_t length, unsigned how)
{
	struct hsm_arena arena = { 0 };
	struct hsm_buffer printable = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_text_append_printable_line(&printable, hsm_arena_copy(&arena, text, length));
	begin_look(canvas, how);
	hsm_buffer_append_string(&canvas->line, hsm_buffer_text(&printable));
	if (canvas->style->color && how)
		hsm_buffer_append_string(&canvas->line, "\033[0m");
	canvas->used += display_width(hsm_buffer_text(&printable), printable.length);
	hsm_buffer_release(&printable);
	hsm_arena_release(&arena);
}

/* The end of a character as a reader counts them: what combines stays together. */
static size_t cluster_end(const struct hsm_shown_text *text, size_t at)
{
	utf8proc_int32_t last = 0, point, state = 0;
	for (size_t end = at; end < text->length;) {
		utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text->text + end,
							 (utf8proc_ssize_t)(text->length - end), &point);
		if (size <= 0)
			return end > at ? end : at + 1;
		if (end > at && utf8proc_grapheme_break_stateful(last, point, &state))
			return end;
		last = point;
		end += (size_t)size;
	}
	return text->length;
}

/* The mark that begins a quoted line. */
static bool is_quote_mark(const struct hsm_shown_text *text, size_t at)
{
	return (text->bytes[at] & HSM_SHOWN_HIDDEN) && (text->bytes[at] & HSM_SHOWN_QUOTE) && text->text[at] == '>';
}

/* Writes the bytes of a word, which may be wider than a line. */
static void append_word(struct canvas *canvas, const struct hsm_shown_text *text, size_t start, size_t end)
{
	for (size_t at = start; at < end;) {
		size_t next = cluster_end(text, at);
		next = next > end ? end : next;
		unsigned how = text->bytes[at];
		size_t width = display_width(text->text + at, next - at);
		if (is_quote_mark(text, at)) {
			append_look(canvas, QUOTE_BAR, strlen(QUOTE_BAR), how);
		} else if (!(how & HSM_SHOWN_HIDDEN)) {
			if (canvas->used + width > canvas->width)
				wrap_line(canvas);
			if (how & HSM_SHOWN_BULLET)
				append_look(canvas, "•", strlen("•"), how);
			else
				append_look(canvas, text->text + at, next - at, how);
		}
		at = next;
	}
}

static size_t word_width(const struct hsm_shown_text *text, size_t start, size_t end)
{
	size_t width = 0;
	for (size_t at = start, next; at < end; at = next) {
		next = cluster_end(text, at);
		if (!(text->bytes[at] & HSM_SHOWN_HIDDEN))
			width += display_width(text->text + at, next - at);
	}
	return width;
}

/* A line of a list or a quote goes on under its text. */
static const char *find_hang(const struct canvas *canvas, const struct hsm_shown_text *text, size_t at)
{
	if (at >= text->length)
		return "";
	return text->bytes[at] & HSM_SHOWN_BULLET ? "  " : is_quote_mark(text, at) ? QUOTE_BAR " " : canvas->indent;
}

static void append_lines(struct canvas *canvas, const struct hsm_shown_text *text)
{
	canvas->hang = find_hang(canvas, text, 0);
	for (size_t at = 0; at < text->length;) {
		size_t length = strcspn(text->text + at, " \n");
		if (canvas->used > display_width(canvas->hang, strlen(canvas->hang)) &&
		    canvas->used + word_width(text, at, at + length) > canvas->width)
			wrap_line(canvas);
		append_word(canvas, text, at, at + length);
		at += length;
		if (at < text->length && text->text[at] == '\n') {
			end_line(canvas);
			canvas->hang = find_hang(canvas, text, at + 1);
		} else if (at < text->length && canvas->used && canvas->used < canvas->width) {
			append_look(canvas, " ", 1, text->bytes[at] & (HSM_SHOWN_CHANGED | HSM_SHOWN_STRIKE));
		}
		at++;
	}
	end_line(canvas);
}

/* Adds what marks a change without colour, as git's word diff does. */
static struct hsm_shown_text bracket_changes(struct hsm_arena *arena, const struct hsm_shown_text *text, bool old)
{
	struct hsm_shown_text marked = { .bytes = hsm_arena_allocate_array(arena, 3 * text->length + 5,
									  sizeof(*text->bytes)) };
	char *bytes = hsm_arena_allocate_array(arena, 3 * text->length + 5, 1);
	bool open = false;
	for (size_t at = 0; at <= text->length; at++) {
		unsigned how = at < text->length ? text->bytes[at] : 0;
		bool changed = how & HSM_SHOWN_CHANGED;
		if (changed != open) {
			memcpy(bytes + marked.length, open ? (old ? "-]" : "+}") : (old ? "[-" : "{+"), 2);
			marked.length += 2;
		}
		open = changed;
		if (at < text->length) {
			marked.bytes[marked.length] = (uint16_t)how;
			bytes[marked.length++] = text->text[at];
		}
	}
	marked.text = bytes;
	return marked;
}

static void append_shown(struct canvas *canvas, const struct hsm_shown_text *text)
{
	struct hsm_arena arena = { 0 };
	struct hsm_shown_text shown = *text;
	if (!text->text)
		return;
	if (!canvas->style->color)
		shown = bracket_changes(&arena, text, canvas->style->old);
	append_lines(canvas, &shown);
	hsm_arena_release(&arena);
}

static void mark_all(struct hsm_shown_text *text, unsigned how)
{
	for (size_t i = 0; i < text->length; i++)
		text->bytes[i] |= (uint16_t)how;
}

/* A line under a title: an address, an id, a number. */
static void append_target(struct canvas *canvas, struct hsm_shown_text *target)
{
	if (!target->text)
		return;
	mark_all(target, HSM_SHOWN_MONO);
	canvas->indent = "  ";
	hsm_buffer_append_string(&canvas->line, canvas->indent);
	canvas->used = 2;
	append_shown(canvas, target);
	canvas->indent = "";
}

static void append_button(struct canvas *canvas, struct hsm_bubble_button *button)
{
	append_frame(canvas, "├", "┤");
	hsm_buffer_append_format(&canvas->line, "%s ", button->icon);
	canvas->used = 2;
	append_shown(canvas, &button->title);
	append_target(canvas, &button->target);
}

/* A line, and in small print what is said of it. */
static void append_offer(struct canvas *canvas, struct hsm_bubble *bubble)
{
	if (!bubble->offer.text)
		return;
	hsm_buffer_append_string(&canvas->line, "◷ ");
	canvas->used = 2;
	append_shown(canvas, &bubble->offer);
	append_target(canvas, &bubble->offer_end);
}

static void append_bubble(struct hsm_buffer *buffer, struct hsm_bubble *bubble, const struct hsm_bubble_style *style,
			  size_t width)
{
	struct canvas canvas = { .buffer = buffer, .style = style, .width = width - 4,
				 .line = HSM_BUFFER_INIT(HSM_BUFFER_CAP), .indent = "" };
	append_frame(&canvas, "╭", "╮");
	append_shown(&canvas, &bubble->media);
	append_target(&canvas, &bubble->media_url);
	mark_all(&bubble->header, HSM_SHOWN_BOLD);
	append_shown(&canvas, &bubble->header);
	append_offer(&canvas, bubble);
	append_shown(&canvas, &bubble->body);
	mark_all(&bubble->footer, HSM_SHOWN_MONO);
	append_shown(&canvas, &bubble->footer);
	for (size_t i = 0; i < bubble->button_count; i++)
		append_button(&canvas, &bubble->buttons[i]);
	append_frame(&canvas, "╰", "╯");
	hsm_buffer_release(&canvas.line);
}

/* Moves a drawing's next line to the buffer, all of one width; blanks where it has no more. */
static void append_next_line(struct hsm_buffer *buffer, const char **drawing, size_t width)
{
	size_t length = strcspn(*drawing, "\n");
	if (**drawing)
		hsm_buffer_append(buffer, *drawing, length);
	else
		hsm_buffer_append_format(buffer, "%*s", (int)width, "");
	*drawing += length + ((*drawing)[length] == '\n');
}

/* Cards side by side. */
static void append_row(struct hsm_buffer *buffer, struct hsm_bubble *cards, size_t count,
		       const struct hsm_bubble_style *style, size_t width)
{
	struct hsm_buffer drawn[CARDS_IN_ROW];
	const char *rest[CARDS_IN_ROW];
	bool more = true;
	for (size_t i = 0; i < count; i++) {
		drawn[i] = (struct hsm_buffer)HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		append_bubble(&drawn[i], &cards[i], style, width);
		rest[i] = hsm_buffer_text(&drawn[i]);
	}
	while (more) {
		more = false;
		for (size_t i = 0; i < count; i++) {
			hsm_buffer_append_string(buffer, i ? " " : "");
			append_next_line(buffer, &rest[i], width);
			more |= *rest[i] != '\0';
		}
		hsm_buffer_append_char(buffer, '\n');
	}
	for (size_t i = 0; i < count; i++)
		hsm_buffer_release(&drawn[i]);
}

void hsm_bubble_append_text(struct hsm_buffer *buffer, const struct hsm_message *message,
			    const struct hsm_bubble_style *style)
{
	struct hsm_arena arena = { 0 };
	struct hsm_bubble bubble;
	size_t width = style->width > WIDTH_MIN ? style->width : WIDTH_MIN;
	size_t in_row = (width + 1) / (CARD_WIDTH_MIN + 1);
	in_row = in_row > CARDS_IN_ROW ? CARDS_IN_ROW : in_row ? in_row : 1;
	hsm_bubble_read(&arena, message, style, &bubble);
	append_bubble(buffer, &bubble, style, width);
	for (size_t i = 0; i < bubble.card_count; i += in_row)
		append_row(buffer, &bubble.cards[i], bubble.card_count - i < in_row ? bubble.card_count - i : in_row, style,
			   (width - (in_row - 1)) / in_row);
	hsm_arena_release(&arena);
}
