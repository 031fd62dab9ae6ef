#include "reconciler/review/bubble.h"

#include <ctype.h>
#include <string.h>

#include "reconciler/review/fields.h"
#include "reconciler/review/generated.h"
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

/* A message that is drawn, or a card of it. */
struct side {
	const struct hsm_message *message;
	const struct hsm_list *components; /* of the message, or the card */
	const struct hsm_content_slot *slots; /* of the whole message */
	size_t slot_count;
	size_t card; /* from 1; 0: the message itself */
};

static const struct hsm_wire_component *find(const struct side *side, const char *type)
{
	static const struct hsm_wire_component none;
	const struct hsm_wire_component *component = hsm_content_find(side->components, type);
	return component ? component : &none;
}

static const struct hsm_content_slot *find_slot(const struct side *side, const char *type, size_t button)
{
	static const struct hsm_list no_parameters;
	static const struct hsm_content_slot none = { .parameters = &no_parameters };
	for (size_t i = 0; i < side->slot_count; i++) {
		const struct hsm_content_slot *slot = &side->slots[i];
		if (slot->card == side->card && slot->button == button && strcmp(slot->type, type) == 0)
			return slot;
	}
	return &none;
}

/* NULL: nothing is there to be drawn. */
static struct side make_side(struct hsm_arena *arena, const struct hsm_message *message)
{
	static const struct hsm_message none;
	struct side side = { .message = message ? message : &none };
	side.components = &side.message->components;
	side.slots = hsm_content_list_slots(arena, side.components, &side.slot_count);
	return side;
}

/* One that it has not is empty. */
static struct side make_card(const struct side *whole, size_t index)
{
	static const struct hsm_list none;
	const struct hsm_list *cards = &find(whole, "CAROUSEL")->cards;
	struct side side = *whole;
	side.card = index + 1;
	side.components = index < cards->count ? &HSM_LIST_ITEM(*cards, struct hsm_wire_card, index)->components : &none;
	return side;
}

/* What is drawn of it, beside what it is compared with. */
struct drawing {
	struct hsm_arena *arena;
	const struct hsm_bubble_style *style;
	struct side side, other;
};

/* A text in the making: what parameters filled in is known byte by byte. */
struct filling {
	const struct hsm_message *message;
	const struct hsm_content_slot *slot;
	bool named;
	struct hsm_buffer text;
	struct hsm_word_run *values;
	size_t value_count;
};

static void append_value(struct filling *filling, size_t number)
{
	const struct hsm_message *message = filling->message;
	const struct hsm_list *parameters = filling->slot->parameters;
	size_t name = filling->slot->first + number - 1, start = filling->text.length;
	if (!filling->named && number <= parameters->count)
		hsm_buffer_append_string(&filling->text, hsm_message_parameter_sample(HSM_LIST_ITEM(
							 *parameters, struct hsm_wire_parameter, number - 1)));
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
		const char *end;
		size_t number = hsm_message_read_placeholder(text, &end);
		if (number && number < 10000) {
			append_value(filling, number);
			text = end;
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

/* A text, and the slot whose parameters it has. */
struct words {
	const char *text; /* NULL: there is none */
	const struct hsm_content_slot *slot;
};

static struct hsm_shown_text show(const struct drawing *drawing, struct words words, struct words other)
{
	const struct hsm_bubble_style *style = drawing->style;
	struct filling theirs = { .message = drawing->other.message, .slot = other.slot, .named = style->named,
				  .text = HSM_BUFFER_INIT(HSM_BUFFER_CAP) };
	struct filling ours = { .message = drawing->side.message, .slot = words.slot, .named = style->named,
				.text = HSM_BUFFER_INIT(HSM_BUFFER_CAP) };
	const char *before = make_shown(drawing->arena, &theirs, other.text, NULL, false).text;
	return make_shown(drawing->arena, &ours, words.text, before, style->other != NULL);
}

/* Texts without parameters. */
static struct hsm_shown_text show_plain(const struct drawing *drawing, const char *text, const char *other)
{
	static const struct hsm_list none;
	static const struct hsm_content_slot slot = { .parameters = &none };
	return show(drawing, (struct words){ text, &slot }, (struct words){ other, &slot });
}

/* A component's text; of what Meta writes itself its own, with a sample of the code. */
static struct words read_words(const struct drawing *drawing, const struct side *side, const char *type)
{
	static struct hsm_wire_parameter code = { .text.default_value.text = "123456" };
	static const struct hsm_list codes = { .items = &code, .count = 1, .present = true };
	static const struct hsm_content_slot generated = { .parameters = &codes };
	const struct hsm_wire_component *component = find(side, type);
	const char *language = drawing->style->language ? drawing->style->language : "";
	const char *text = hsm_generated_text(drawing->arena, component, language, "{{1}}");
	return text ? (struct words){ text, &generated } : (struct words){ component->text.text, find_slot(side, type, 0) };
}

static struct hsm_shown_text show_component(const struct drawing *drawing, const char *type)
{
	return show(drawing, read_words(drawing, &drawing->side, type), read_words(drawing, &drawing->other, type));
}

static const struct hsm_wire_component *find_media(const struct side *side)
{
	static const struct hsm_wire_component none;
	const struct hsm_wire_component *header = find(side, "HEADER");
	return header->format.text && strcmp(header->format.text, "TEXT") != 0 ? header : &none;
}

/* What stands on a button, and what it does. */
struct button_texts {
	const char *icon, *title;
	struct words target;
};

static struct button_texts read_otp(struct hsm_arena *arena, const struct hsm_wire_otp *otp,
				    const struct hsm_content_slot *slot)
{
	const char *does = hsm_review_describe_otp(arena, otp), *fills = otp->autofill_title.text;
	/* Where no app takes the code it is copied. */
	return (struct button_texts){ "⧉", fills ? fills : otp->title.text,
				      { fills ? hsm_arena_format(arena, "%s, else %s", does, otp->title.text) : does, slot } };
}

static struct button_texts read_button(struct hsm_arena *arena, const struct hsm_wire_button *button,
				       const struct hsm_content_slot *slot)
{
	const char *id = button->reply.id.text;
	if (button->reply.node.present)
		return (struct button_texts){ "↩", button->reply.title.text,
					      { id ? hsm_payload_decode(arena, id).text : NULL, slot } };
	if (button->url.node.present)
		return (struct button_texts){ "↗", button->url.title.text, { button->url.url.text, slot } };
	if (button->phone_number.node.present)
		return (struct button_texts){ "☎", button->phone_number.title.text,
					      { button->phone_number.phone_number.text, slot } };
	if (button->otp.node.present)
		return read_otp(arena, &button->otp, slot);
	if (button->flow.node.present)
		return (struct button_texts){ "▤", button->flow.title.text, { hsm_review_describe_flow(arena, &button->flow), slot } };
	if (button->plain.title.text)
		return (struct button_texts){ "›", button->plain.title.text, { button->type.text, slot } };
	return (struct button_texts){ "⧉", button->copy_code.node.present ? "Copy code" : button->type.text,
				      { button->copy_code.example.text, slot } };
}

/* All NULL where there is none in that place. */
static struct button_texts find_button(struct hsm_arena *arena, const struct side *side, size_t index)
{
	const struct hsm_list *buttons = &find(side, "BUTTONS")->buttons;
	const struct hsm_content_slot *slot = find_slot(side, "BUTTONS", index + 1);
	if (index >= buttons->count)
		return (struct button_texts){ .target.slot = slot };
	return read_button(arena, HSM_LIST_ITEM(*buttons, struct hsm_wire_button, index), slot);
}

static void draw_buttons(const struct drawing *drawing, struct hsm_bubble *bubble)
{
	size_t count = find(&drawing->side, "BUTTONS")->buttons.count;
	bubble->buttons = hsm_arena_allocate_array(drawing->arena, count, sizeof(*bubble->buttons));
	bubble->button_count = count;
	for (size_t i = 0; i < count; i++) {
		struct button_texts texts = find_button(drawing->arena, &drawing->side, i);
		struct button_texts other = find_button(drawing->arena, &drawing->other, i);
		bubble->buttons[i] = (struct hsm_bubble_button){ .icon = texts.icon,
								 .title = show_plain(drawing, texts.title, other.title),
								 .target = show(drawing, texts.target, other.target) };
	}
}

static void draw(const struct drawing *drawing, struct hsm_bubble *bubble)
{
	const struct side *side = &drawing->side, *other = &drawing->other;
	static const char countdown[] = "ends in 23:59:59";
	bool ends = find(side, "LIMITED_TIME_OFFER")->has_expiration.value;
	bool ended = find(other, "LIMITED_TIME_OFFER")->has_expiration.value;
	const struct hsm_wire_component *media = find_media(side), *before = find_media(other);
	/* Where a sample is Meta does not tell of what is live. */
	bool told = before->media.text || !before->format.text;
	*bubble = (struct hsm_bubble){
		.media = show_plain(drawing, media->format.text, before->format.text),
		.media_url = show_plain(drawing, media->media.text, told ? before->media.text : media->media.text),
		.header = show_component(drawing, "HEADER"),
		.offer = show_component(drawing, "LIMITED_TIME_OFFER"),
		.offer_end = show_plain(drawing, ends ? countdown : NULL, ended ? countdown : NULL),
		.body = show_component(drawing, "BODY"),
		.footer = show_component(drawing, "FOOTER"),
	};
	if (bubble->body.text)
		hsm_whatsapp_mark(&bubble->body);
	draw_buttons(drawing, bubble);
}

void hsm_bubble_read(struct hsm_arena *arena, const struct hsm_message *message, const struct hsm_bubble_style *style,
		     struct hsm_bubble *bubble)
{
	struct drawing drawing = { arena, style, make_side(arena, message), make_side(arena, style->other) };
	draw(&drawing, bubble);
	bubble->card_count = find(&drawing.side, "CAROUSEL")->cards.count;
	bubble->cards = hsm_arena_allocate_array(arena, bubble->card_count, sizeof(*bubble->cards));
	for (size_t i = 0; i < bubble->card_count; i++) {
		struct drawing card = { arena, style, make_card(&drawing.side, i), make_card(&drawing.other, i) };
		draw(&card, &bubble->cards[i]);
	}
}
