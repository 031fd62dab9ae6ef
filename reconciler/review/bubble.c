#include "reconciler/review/bubble.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/review/words.h"
#include "schema/base/text.h"
#include "schema/payload.h"

bool hsm_bubble_is_right_to_left(const char *language)
{
	static const char *const codes[] = { "ar", "fa", "he", "ur" };
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strncmp(language, codes[i], 2) == 0 && !isalpha((unsigned char)language[2]))
			return true;
	return false;
}

/* A text in the making: what parameters filled in is known byte by byte. */
struct filling {
	const struct hsm_message *message;
	const struct hsm_list *parameters; /* struct hsm_wire_parameter: of the component */
	size_t first_name;
	bool named;
	struct hsm_buffer text;
	struct hsm_word_run *values;
	size_t value_count;
};

static void append_value(struct filling *filling, size_t number)
{
	const struct hsm_message *message = filling->message;
	size_t name = filling->first_name + number - 1, start = filling->text.length;
	if (!filling->named && number <= filling->parameters->count)
		hsm_buffer_append_string(&filling->text, hsm_message_parameter_sample(HSM_LIST_ITEM(
							 *filling->parameters, struct hsm_wire_parameter, number - 1)));
	else if (message->names && name < message->name_count)
		hsm_buffer_append_format(&filling->text, "{{%s}}", message->names[name]);
	else
		hsm_buffer_append_format(&filling->text, "{{%zu}}", number);
	filling->values[filling->value_count++] =
		(struct hsm_word_run){ start, filling->text.length - start };
}

static void fill(struct hsm_arena *arena, struct filling *filling, const char *text)
{
	filling->values = hsm_arena_allocate_array(arena, strlen(text) / 5 + 1, sizeof(*filling->values));
	while (*text) {
		char *end = NULL;
		unsigned long number = 0;
		if (strncmp(text, "{{", 2) == 0 && isdigit((unsigned char)text[2]))
			number = strtoul(text + 2, &end, 10);
		if (number && number < 10000 && strncmp(end, "}}", 2) == 0) {
			append_value(filling, number);
			text = end + 2;
		} else {
			hsm_buffer_append_char(&filling->text, *text++);
		}
	}
}

/* The text with its parameters filled in; where other is given, words that are not in it are marked. */
static struct hsm_shown_text make_shown(struct hsm_arena *arena, struct filling *filling, const char *text,
					const char *other, bool compare)
{
	struct hsm_shown_text shown = { 0 };
	struct hsm_word_runs theirs, changed = { 0 };
	if (!text)
		return shown;
	fill(arena, filling, text);
	shown.length = filling->text.length;
	shown.text = hsm_arena_copy(arena, hsm_buffer_text(&filling->text), shown.length);
	shown.bytes = hsm_arena_allocate_array(arena, shown.length + 1, sizeof(*shown.bytes));
	for (size_t i = 0; i < filling->value_count; i++)
		for (size_t j = 0; j < filling->values[i].length; j++)
			shown.bytes[filling->values[i].start + j] |= HSM_SHOWN_VALUE;
	if (compare)
		hsm_words_compare(arena, other, shown.text, &theirs, &changed);
	for (size_t i = 0; i < changed.count; i++)
		for (size_t j = 0; j < changed.items[i].length; j++)
			shown.bytes[changed.items[i].start + j] |= HSM_SHOWN_CHANGED;
	hsm_buffer_release(&filling->text);
	return shown;
}

static struct filling begin(const struct hsm_message *message, const struct hsm_list *parameters, size_t first_name,
			    const struct hsm_bubble_style *style)
{
	return (struct filling){ .message = message, .parameters = parameters, .first_name = first_name,
				 .named = style->named, .text = HSM_BUFFER_INIT(HSM_BUFFER_CAP) };
}

static const struct hsm_wire_component *find(const struct hsm_message *message, const char *type)
{
	static const struct hsm_wire_component none;
	const struct hsm_wire_component *component = hsm_content_find(&message->components, type);
	return component ? component : &none;
}

/* Names stand in the order header, body, buttons. */
static size_t first_name(const struct hsm_message *message, const char *type)
{
	size_t header = find(message, "HEADER")->parameters.count, body = find(message, "BODY")->parameters.count;
	return strcmp(type, "HEADER") == 0 ? 0 : strcmp(type, "BODY") == 0 ? header : header + body;
}

static const char *fill_other(struct hsm_arena *arena, const char *type, const struct hsm_bubble_style *style)
{
	if (!style->other)
		return NULL;
	const struct hsm_wire_component *component = find(style->other, type);
	struct filling filling = begin(style->other, &component->parameters, first_name(style->other, type), style);
	return make_shown(arena, &filling, component->text.text, NULL, false).text;
}

static struct hsm_shown_text read_text(struct hsm_arena *arena, const struct hsm_message *message, const char *type,
				       const struct hsm_bubble_style *style)
{
	const struct hsm_wire_component *component = find(message, type);
	struct filling filling = begin(message, &component->parameters, first_name(message, type), style);
	return make_shown(arena, &filling, component->text.text, fill_other(arena, type, style), style->other != NULL);
}

/* A text without parameters. */
static struct hsm_shown_text read_plain(struct hsm_arena *arena, const char *text, const char *other,
					const struct hsm_bubble_style *style)
{
	static const struct hsm_message none;
	struct filling filling = begin(&none, &none.components, 0, style);
	return make_shown(arena, &filling, text, other, style->other != NULL);
}

static bool is_media(const struct hsm_wire_component *header)
{
	return header->format.text && strcmp(header->format.text, "TEXT") != 0;
}

static void read_media(struct hsm_arena *arena, const struct hsm_message *message,
		       const struct hsm_bubble_style *style, struct hsm_bubble *bubble)
{
	static const struct hsm_wire_component none;
	const struct hsm_wire_component *header = find(message, "HEADER"), *other = &none;
	if (style->other && is_media(find(style->other, "HEADER")))
		other = find(style->other, "HEADER");
	if (!is_media(header))
		return;
	bubble->media = read_plain(arena, header->format.text, other->format.text, style);
	bubble->media_url = read_plain(arena, header->media.text, other->media.text, style);
}

/* What stands on a button, and what it does, before parameters are filled in. */
struct button_texts {
	const char *icon, *title, *target;
	const struct hsm_list *parameters;
};

static struct button_texts read_button(struct hsm_arena *arena, const struct hsm_wire_button *button)
{
	const struct hsm_list *parameters = &button->url.parameters;
	if (button->reply.node.present)
		return (struct button_texts){ "↩", button->reply.title.text,
					      button->reply.id.text ? hsm_payload_decode(arena, button->reply.id.text).text : NULL,
					      parameters };
	if (button->url.node.present)
		return (struct button_texts){ "↗", button->url.title.text, button->url.url.text, parameters };
	if (button->phone_number.node.present)
		return (struct button_texts){ "☎", button->phone_number.title.text,
					      button->phone_number.phone_number.text, parameters };
	if (button->otp.node.present)
		return (struct button_texts){ "⧉", button->otp.title.text, button->otp.otp_type.text, parameters };
	if (button->flow.node.present)
		return (struct button_texts){ "▤", button->flow.title.text, "flow", parameters };
	if (button->plain.title.text)
		return (struct button_texts){ "›", button->plain.title.text, button->type.text, parameters };
	return (struct button_texts){ "⧉", button->copy_code.node.present ? "Copy code" : button->type.text,
				      button->copy_code.example.text, parameters };
}

/* One text of a button; `name` is its first parameter's. */
static struct hsm_shown_text fill_button(struct hsm_arena *arena, const struct hsm_message *message, size_t name,
					 const struct hsm_list *parameters, const char *text, const char *other,
					 const struct hsm_bubble_style *style)
{
	struct filling filling = begin(message, parameters, name, style);
	return make_shown(arena, &filling, text, other, style->other != NULL);
}

/* The texts of the other message's button in the same place, filled in; all NULL where it has none. */
static struct button_texts read_other_button(struct hsm_arena *arena, const struct hsm_bubble_style *style,
					     size_t index)
{
	const struct hsm_list *buttons = style->other ? &find(style->other, "BUTTONS")->buttons : NULL;
	struct hsm_bubble_style plain = { .named = style->named };
	if (!buttons || index >= buttons->count)
		return (struct button_texts){ 0 };
	size_t name = first_name(style->other, "BUTTONS");
	for (size_t i = 0; i < index; i++)
		name += HSM_LIST_ITEM(*buttons, struct hsm_wire_button, i)->url.parameters.count;
	struct button_texts other = read_button(arena, HSM_LIST_ITEM(*buttons, struct hsm_wire_button, index));
	other.target = fill_button(arena, style->other, name, other.parameters, other.target, NULL, &plain).text;
	return other;
}

static void read_buttons(struct hsm_arena *arena, const struct hsm_message *message,
			 const struct hsm_bubble_style *style, struct hsm_bubble *bubble)
{
	const struct hsm_list *buttons = &find(message, "BUTTONS")->buttons;
	size_t name = first_name(message, "BUTTONS");
	bubble->buttons = hsm_arena_allocate_array(arena, buttons->count, sizeof(*bubble->buttons));
	bubble->button_count = buttons->count;
	for (size_t i = 0; i < buttons->count; i++) {
		struct button_texts texts = read_button(arena, HSM_LIST_ITEM(*buttons, struct hsm_wire_button, i));
		struct button_texts other = read_other_button(arena, style, i);
		struct hsm_bubble_button *drawn = &bubble->buttons[i];
		drawn->icon = texts.icon;
		drawn->title = read_plain(arena, texts.title, other.title, style);
		drawn->target = fill_button(arena, message, name, texts.parameters, texts.target, other.target, style);
		name += texts.parameters->count;
	}
}

void hsm_bubble_read(struct hsm_arena *arena, const struct hsm_message *message, const struct hsm_bubble_style *style,
		     struct hsm_bubble *bubble)
{
	*bubble = (struct hsm_bubble){ 0 };
	read_media(arena, message, style, bubble);
	bubble->header = read_text(arena, message, "HEADER", style);
	bubble->body = read_text(arena, message, "BODY", style);
	bubble->footer = read_text(arena, message, "FOOTER", style);
	if (bubble->body.text)
		hsm_whatsapp_mark(&bubble->body);
	read_buttons(arena, message, style, bubble);
}
