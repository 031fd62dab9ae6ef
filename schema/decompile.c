#include "schema/decompile.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/text.h"
#include "schema/escape.h"
#include "schema/name.h"
#include "schema/payload.h"

enum { PARAMETERS_MAX = 100, NAME_MAX_LENGTH = 40, REPLIES_MAX = 64 };

/* A place in a message that asks for parameters: the nth of the header, or of a URL button. */
struct slot {
	const char *component; /* "HEADER", "URL 2", "card 1 BODY" */
	size_t index;
	struct hsm_parameter *parameter;
};

struct decompiler {
	struct hsm_arena *arena;
	struct hsm_template *template;
	const struct hsm_decompile_source *source;
	const char *first_language;
	size_t given; /* names of the source that are used */
	size_t media; /* samples of the source that are used */
	const char *ids[REPLIES_MAX]; /* of the replies that are read already, those of cards, too */
	size_t id_count;
	struct hsm_parameter *parameters;
	size_t parameter_count;
	struct slot slots[4 * PARAMETERS_MAX];
	size_t slot_count;
	const char *problem;
};

static void fail(struct decompiler *decompiler, const char *what)
{
	if (!decompiler->problem)
		decompiler->problem = hsm_arena_format(decompiler->arena, "%s: %s", decompiler->source->language, what);
}

static const struct hsm_string *find_default(const struct hsm_wire_parameter *wire)
{
	const struct hsm_string *defaults[] = { &wire->text.default_value, &wire->date.default_value,
						&wire->date_time.default_value, &wire->currency.default_value };
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (defaults[i]->text)
			return defaults[i];
	return NULL;
}

static bool is_taken(const struct decompiler *decompiler, const char *name)
{
	for (size_t i = 0; i < decompiler->parameter_count; i++)
		if (strcmp(decompiler->parameters[i].node.key.text, name) == 0)
			return true;
	return false;
}

static const char *make_unique(struct decompiler *decompiler, const char *name)
{
	const char *unique = name;
	for (int i = 2; is_taken(decompiler, unique); i++)
		unique = hsm_arena_format(decompiler->arena, "%s_%d", name, i);
	return unique;
}

/* The last word before the placeholder, in lower case: "your order {{1}}" gives "order". */
static const char *word_before(struct decompiler *decompiler, const char *text, const char *placeholder)
{
	static const char *const greetings[] = { "hi", "hello", "hey", "dear", "hola", "ola", "bonjour", "hallo", "ciao" };
	const char *end = placeholder;
	while (end > text && !isalnum((unsigned char)end[-1]) && (unsigned char)end[-1] < 0x80)
		end--;
	const char *start = end;
	while (start > text && isalpha((unsigned char)start[-1]))
		start--;
	size_t length = (size_t)(end - start);
	/* A word that goes on in other letters is none that can be named. */
	if (length < 3 || length > NAME_MAX_LENGTH || (start > text && (unsigned char)start[-1] >= 0x80)) {
		if (length != 2 || tolower((unsigned char)start[0]) != 'h' || tolower((unsigned char)start[1]) != 'i')
			return NULL;
	}
	char *word = hsm_arena_copy(decompiler->arena, start, length);
	for (char *c = word; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	for (size_t i = 0; i < sizeof(greetings) / sizeof(greetings[0]); i++)
		if (strcmp(word, greetings[i]) == 0)
			return "customer";
	return word;
}

static const char *invent_name(struct decompiler *decompiler, const char *text, size_t number, int type)
{
	char placeholder[32];
	snprintf(placeholder, sizeof(placeholder), "{{%zu}}", number);
	const char *at = strstr(text, placeholder);
	const char *word = at ? word_before(decompiler, text, at) : NULL;
	if (word)
		return make_unique(decompiler, word);
	return make_unique(decompiler, type == HSM_PARAMETER_CURRENCY				     ? "amount" :
				       type == HSM_PARAMETER_DATE || type == HSM_PARAMETER_DATE_TIME ? "date" :
												       "value");
}

/* Adds the default of a language; one for all where all are alike is left to the end. */
static void add_default(struct decompiler *decompiler, struct hsm_parameter *parameter, const char *language,
			const char *value)
{
	struct hsm_list *list = &parameter->default_value.by_key;
	if (!list->items)
		list->items = hsm_arena_allocate_array(decompiler->arena, 128, sizeof(struct hsm_keyed_string));
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(HSM_LIST_ITEM(*list, struct hsm_keyed_string, i)->key.text, language) == 0) {
			if (strcmp(HSM_LIST_ITEM(*list, struct hsm_keyed_string, i)->value.text, value) != 0)
				fail(decompiler, hsm_arena_format(decompiler->arena, "parameter '%s' has two samples, and a file has one",
								  parameter->node.key.text));
			return;
		}
	if (list->count == 128) {
		fail(decompiler, "more than 128 languages");
		return;
	}
	*HSM_LIST_ITEM(*list, struct hsm_keyed_string, list->count) =
		(struct hsm_keyed_string){ .key.text = language, .value.text = value };
	list->count++;
	list->present = true;
}

static struct hsm_parameter *add_parameter(struct decompiler *decompiler, const struct hsm_wire_parameter *wire,
					   const char *name)
{
	if (decompiler->parameter_count == PARAMETERS_MAX) {
		fail(decompiler, "more than 100 parameters");
		return NULL;
	}
	struct hsm_parameter *parameter = &decompiler->parameters[decompiler->parameter_count++];
	parameter->node = (struct hsm_node){ .key.text = name, .present = true };
	parameter->type.value = hsm_word_find(hsm_parameter_type_words, wire->type.text);
	parameter->code = wire->currency.code;
	parameter->amount_1000 = wire->currency.amount_1000;
	return parameter;
}

static const char *next_given(struct decompiler *decompiler)
{
	const struct hsm_decompile_source *source = decompiler->source;
	if (!source->names || decompiler->given >= source->name_count)
		return NULL;
	return source->names[decompiler->given++];
}

static struct hsm_parameter *find_named(struct decompiler *decompiler, const char *name)
{
	for (size_t i = 0; name && i < decompiler->parameter_count; i++)
		if (strcmp(decompiler->parameters[i].node.key.text, name) == 0)
			return &decompiler->parameters[i];
	return NULL;
}

/* The parameter of a slot: that of the languages before, or a new one. */
static struct hsm_parameter *find_parameter(struct decompiler *decompiler, const char *component, size_t index,
					    const struct hsm_wire_parameter *wire, const char *text)
{
	int type = hsm_word_find(hsm_parameter_type_words, wire->type.text);
	const char *given = next_given(decompiler);
	struct hsm_parameter *parameter = find_named(decompiler, given);
	if (parameter && parameter->type.value == type)
		return parameter;
	for (size_t i = 0; i < decompiler->slot_count && !given; i++) {
		const struct slot *slot = &decompiler->slots[i];
		if (strcmp(slot->component, component) == 0 && slot->index == index && slot->parameter->type.value == type)
			return slot->parameter;
	}
	const char *name = given && hsm_pattern_matches(&hsm_name_parameter_pattern, given) && !is_taken(decompiler, given) ?
				   given : invent_name(decompiler, text, index + 1, type);
	parameter = add_parameter(decompiler, wire, name);
	if (parameter && decompiler->slot_count < sizeof(decompiler->slots) / sizeof(decompiler->slots[0]))
		decompiler->slots[decompiler->slot_count++] = (struct slot){ component, index, parameter };
	return parameter;
}

/* Whether placeholders are {{1}}, {{2}} and so on by first appearance, and nothing else has braces. */
static bool is_numbered(const char *text, size_t count)
{
	size_t next = 1;
	for (const char *c = strstr(text, "{{"); c; c = strstr(c + 2, "{{")) {
		char *end;
		unsigned long number = strtoul(c + 2, &end, 10);
		if (end == c + 2 || strncmp(end, "}}", 2) != 0 || number == 0 || number > next)
			return false;
		next += number == next;
	}
	return next == count + 1;
}

/* The text with names for numbers. */
static const char *name_text(struct decompiler *decompiler, const char *component, const char *text,
			     const struct hsm_list *parameters)
{
	struct hsm_parameter *named[PARAMETERS_MAX];
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (parameters->count > PARAMETERS_MAX || !is_numbered(text, parameters->count)) {
		fail(decompiler, hsm_arena_format(decompiler->arena,
						  "the placeholders of its %s are not {{1}}, {{2}} and so on in their order of "
						  "appearance, one for each parameter", component));
		return text;
	}
	for (size_t i = 0; i < parameters->count; i++) {
		const struct hsm_wire_parameter *wire = HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i);
		const struct hsm_string *value = find_default(wire);
		named[i] = find_parameter(decompiler, component, i, wire, text);
		if (!named[i])
			return text;
		if (!value)
			fail(decompiler, "a parameter has no sample value");
		else
			add_default(decompiler, named[i], decompiler->source->language, value->text);
	}
	for (const char *c = text; *c;) {
		char *end;
		unsigned long number = strncmp(c, "{{", 2) == 0 ? strtoul(c + 2, &end, 10) : 0;
		if (number) {
			hsm_buffer_append_format(&buffer, "{{%s}}", named[number - 1]->node.key.text);
			c = end + 2;
		} else {
			hsm_buffer_append_char(&buffer, *c++);
		}
	}
	text = hsm_arena_copy(decompiler->arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return text;
}

static struct hsm_string find_media(struct decompiler *decompiler, const struct hsm_wire_component *wire)
{
	const char *const *media = decompiler->source->media;
	return media ? (struct hsm_string){ .text = media[decompiler->media++] } : wire->media;
}

static void read_header(struct decompiler *decompiler, const struct hsm_wire_component *wire, const char *prefix,
			struct hsm_header *header)
{
	static const struct {
		const char *format;
		size_t offset;
	} kinds[] = { { "IMAGE", offsetof(struct hsm_header, image) }, { "VIDEO", offsetof(struct hsm_header, video) },
		      { "DOCUMENT", offsetof(struct hsm_header, document) } };
	const char *format = wire->format.text ? wire->format.text : "TEXT";
	const struct hsm_boolean yes = { .value = true, .present = true };
	header->node.present = true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(format, kinds[i].format) != 0)
			continue;
		struct hsm_string media = find_media(decompiler, wire);
		if (!media.text)
			fail(decompiler, hsm_arena_format(decompiler->arena, "a header of format %s without its sample", format));
		*(struct hsm_string *)(void *)((char *)header + kinds[i].offset) = media;
		return;
	}
	if (strcmp(format, "TEXT") == 0 && wire->text.text)
		header->text.text = name_text(decompiler, hsm_arena_format(decompiler->arena, "%sHEADER", prefix),
					      wire->text.text, &wire->parameters);
	else if (strcmp(format, "LOCATION") == 0)
		header->location = yes;
	else if (strcmp(format, "PRODUCT") == 0)
		header->product = yes;
	else
		fail(decompiler, hsm_arena_format(decompiler->arena, "a header of format %s%s", format,
						  strcmp(format, "TEXT") == 0 ? " without text" : ""));
}

/* An id for a reply of Meta, which has only a title. */
static const char *make_id(struct hsm_arena *arena, const char *title)
{
	struct hsm_buffer id = HSM_BUFFER_INIT(256);
	for (const char *c = title; *c; c++) {
		if (isalnum((unsigned char)*c))
			hsm_buffer_append_char(&id, (char)toupper((unsigned char)*c));
		else if (id.length && id.data[id.length - 1] != '_' && (unsigned char)*c < 0x80)
			hsm_buffer_append_char(&id, '_');
	}
	while (id.length && id.data[id.length - 1] == '_')
		id.data[--id.length] = '\0';
	const char *copy = hsm_arena_format(arena, "PAYLOAD%s%s", id.length ? "_" : "", hsm_buffer_text(&id));
	hsm_buffer_release(&id);
	return copy;
}

static const char *make_unique_id(const struct decompiler *decompiler, const char *title)
{
	const char *base = make_id(decompiler->arena, title), *id = base;
	for (size_t i = 0, next = 2; i < decompiler->id_count;) {
		if (strcmp(decompiler->ids[i++], id) != 0)
			continue;
		id = hsm_arena_format(decompiler->arena, "%s_%zu", base, next++);
		i = 0;
	}
	return id;
}

static void read_reply(struct decompiler *decompiler, const struct hsm_wire_reply *wire, struct hsm_button_reply *reply)
{
	*reply = (struct hsm_button_reply){ .node.present = true, .title = wire->title };
	if (!wire->title.text) {
		fail(decompiler, "a reply button without id or title");
		return;
	}
	if (decompiler->id_count == REPLIES_MAX) {
		fail(decompiler, hsm_arena_format(decompiler->arena, "more than %d reply buttons", REPLIES_MAX));
		return;
	}
	struct hsm_payload payload = { 0 };
	if (wire->id.text)
		payload = hsm_payload_decode(decompiler->arena, wire->id.text);
	else
		payload.id = make_unique_id(decompiler, wire->title.text);
	reply->id.text = payload.id;
	reply->data = payload.data;
	decompiler->ids[decompiler->id_count++] = payload.id;
}

static void read_otp(struct decompiler *decompiler, const struct hsm_wire_otp *wire, struct hsm_button_otp *otp)
{
	struct hsm_list *apps = &otp->apps;
	*otp = (struct hsm_button_otp){ .node.present = true, .title = wire->title, .autofill_title = wire->autofill_title };
	otp->type.value = hsm_word_find(hsm_otp_type_words, wire->otp_type.text);
	if (!otp->type.value || !wire->title.text)
		fail(decompiler, "a button for one-time passwords without a title, or of a type that is not known");
	else if (strcmp(wire->otp_type.text, "ZERO_TAP") == 0)
		otp->zero_tap_terms_accepted = (struct hsm_boolean){ .value = true, .present = true };
	*apps = (struct hsm_list){ .count = wire->apps.count, .present = wire->apps.count > 0 };
	apps->items = hsm_arena_allocate_array(decompiler->arena, apps->count, sizeof(struct hsm_app));
	for (size_t i = 0; i < apps->count; i++) {
		const struct hsm_wire_app *app = HSM_LIST_ITEM(wire->apps, struct hsm_wire_app, i);
		*HSM_LIST_ITEM(*apps, struct hsm_app, i) = (struct hsm_app){
			.node.present = true, .package_name = app->package_name, .signature_hash = app->signature_hash };
	}
}

static void read_flow(struct decompiler *decompiler, const struct hsm_wire_flow *wire, struct hsm_button_flow *flow)
{
	*flow = (struct hsm_button_flow){ .node.present = true, .title = wire->title, .id = wire->id, .name = wire->name,
					  .json = wire->json, .action = wire->action, .screen = wire->screen };
	if (!wire->title.text || !(wire->id.text || wire->name.text || wire->json.text))
		fail(decompiler, "a button of type FLOW that does not tell its flow");
}

static void read_plain_button(struct decompiler *decompiler, const struct hsm_wire_button *wire,
			      struct hsm_button *button)
{
	for (const struct hsm_plain_kind *kind = hsm_plain_kinds; kind->type; kind++)
		if (strcmp(kind->type, wire->type.text) == 0 && wire->plain.title.text) {
			*(struct hsm_button_plain *)(void *)((char *)button + kind->offset) =
				(struct hsm_button_plain){ .node.present = true, .title = wire->plain.title };
			return;
		}
	fail(decompiler, hsm_arena_format(decompiler->arena, "a button of type %s", wire->type.text));
}

static void read_button(struct decompiler *decompiler, const struct hsm_wire_button *wire, const char *slot,
			struct hsm_button *button)
{
	button->node.present = true;
	if (wire->reply.node.present) {
		read_reply(decompiler, &wire->reply, &button->reply);
	} else if (wire->url.node.present && wire->url.url.text) {
		button->url.node.present = true;
		button->url.title = wire->url.title;
		button->url.url.text = name_text(decompiler, slot, wire->url.url.text, &wire->url.parameters);
	} else if (wire->phone_number.node.present) {
		button->phone_number = (struct hsm_button_phone_number){ .node.present = true,
									 .title = wire->phone_number.title,
									 .phone_number = wire->phone_number.phone_number };
	} else if (wire->copy_code.node.present) {
		button->copy_code = (struct hsm_button_copy_code){ .node.present = true,
								   .example = wire->copy_code.example };
	} else if (wire->otp.node.present) {
		read_otp(decompiler, &wire->otp, &button->otp);
	} else if (wire->flow.node.present) {
		read_flow(decompiler, &wire->flow, &button->flow);
	} else {
		read_plain_button(decompiler, wire, button);
	}
}

static void read_buttons(struct decompiler *decompiler, const struct hsm_list *wire, const char *prefix,
			 struct hsm_list *buttons)
{
	*buttons = (struct hsm_list){ .count = wire->count, .present = wire->count > 0 };
	buttons->items = hsm_arena_allocate_array(decompiler->arena, wire->count, sizeof(struct hsm_button));
	for (size_t i = 0; i < wire->count; i++)
		read_button(decompiler, HSM_LIST_ITEM(*wire, struct hsm_wire_button, i),
			    hsm_arena_format(decompiler->arena, "%sURL %zu", prefix, i + 1),
			    HSM_LIST_ITEM(*buttons, struct hsm_button, i));
}

static void fail_component(struct decompiler *decompiler, const struct hsm_wire_component *wire)
{
	fail(decompiler, hsm_arena_format(decompiler->arena, "a component of type %s", wire->type.text));
}

static void read_cards(struct decompiler *decompiler, const struct hsm_list *wire, struct hsm_list *carousel)
{
	struct hsm_arena *arena = decompiler->arena;
	*carousel = (struct hsm_list){ .count = wire->count, .present = wire->count > 0 };
	carousel->items = hsm_arena_allocate_array(arena, wire->count, sizeof(struct hsm_card));
	for (size_t i = 0; i < wire->count; i++) {
		const struct hsm_list *components = &HSM_LIST_ITEM(*wire, struct hsm_wire_card, i)->components;
		struct hsm_card *card = HSM_LIST_ITEM(*carousel, struct hsm_card, i);
		const char *prefix = hsm_arena_format(arena, "card %zu ", i + 1);
		card->node.present = true;
		for (size_t j = 0; j < components->count; j++) {
			const struct hsm_wire_component *part = HSM_LIST_ITEM(*components, struct hsm_wire_component, j);
			if (strcmp(part->type.text, "HEADER") == 0)
				read_header(decompiler, part, prefix, &card->header);
			else if (strcmp(part->type.text, "BODY") == 0 && part->text.text)
				card->body.text = name_text(decompiler, hsm_arena_format(arena, "%sBODY", prefix), part->text.text,
							    &part->parameters);
			else if (strcmp(part->type.text, "BUTTONS") == 0)
				read_buttons(decompiler, &part->buttons, prefix, &card->buttons);
			else
				fail_component(decompiler, part);
		}
	}
}

/* Texts that Meta writes itself. */
static bool read_authentication(const struct hsm_wire_component *wire, struct hsm_authentication *authentication)
{
	if (wire->security_recommendation.present) {
		authentication->node.present = true;
		authentication->security_recommendation = wire->security_recommendation;
	}
	if (wire->code_expiration_minutes.present)
		authentication->code_expiration_minutes = wire->code_expiration_minutes;
	return wire->security_recommendation.present || wire->code_expiration_minutes.present;
}

static void read_options(struct decompiler *decompiler, const struct hsm_wire_component *wire)
{
	struct hsm_template *template = decompiler->template;
	int sub_category = wire->sub_category.text ? hsm_word_find(hsm_sub_category_words, wire->sub_category.text) : 0;
	bool first = decompiler->source->language == decompiler->first_language;
	if (!first && (template->sub_category.value != sub_category ||
		       template->time_to_live.value != wire->time_to_live.value))
		fail(decompiler, "its sub-category or time to live is another than that of the first language");
	template->sub_category.value = sub_category;
	template->time_to_live = wire->time_to_live;
}

static void read_component(struct decompiler *decompiler, const struct hsm_wire_component *wire,
			   struct hsm_translation *translation)
{
	const char *type = wire->type.text;
	if (strcmp(type, "HEADER") == 0)
		read_header(decompiler, wire, "", &translation->header);
	else if (read_authentication(wire, &translation->authentication))
		return;
	else if (strcmp(type, "BODY") == 0 && wire->text.text)
		translation->body.text = name_text(decompiler, "BODY", wire->text.text, &wire->parameters);
	else if (strcmp(type, "FOOTER") == 0 && wire->text.text)
		translation->footer.text = name_text(decompiler, "FOOTER", wire->text.text, &wire->parameters);
	else if (strcmp(type, "BUTTONS") == 0)
		read_buttons(decompiler, &wire->buttons, "", &translation->buttons);
	else if (strcmp(type, "LIMITED_TIME_OFFER") == 0 && wire->text.text)
		translation->limited_time_offer = (struct hsm_limited_time_offer){
			.node.present = true, .text = wire->text, .has_expiration = wire->has_expiration };
	else if (strcmp(type, "CAROUSEL") == 0 && wire->cards.count)
		read_cards(decompiler, &wire->cards, &translation->carousel);
	else if (strcmp(type, "OPTIONS") == 0)
		read_options(decompiler, wire);
	else
		fail_component(decompiler, wire);
}

static bool has_names(struct decompiler *decompiler)
{
	size_t count;
	const struct hsm_content_slot *slots =
		hsm_content_list_slots(decompiler->arena, decompiler->source->components, &count);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < slots[i].parameters->count; j++)
			if (HSM_LIST_ITEM(*slots[i].parameters, struct hsm_wire_parameter, j)->name.text)
				return true;
	return false;
}

static void read_translation(struct decompiler *decompiler, struct hsm_translation *translation)
{
	const struct hsm_decompile_source *source = decompiler->source;
	decompiler->given = decompiler->media = decompiler->id_count = 0;
	translation->node = (struct hsm_node){ .key.text = source->language, .present = true };
	translation->version = (struct hsm_integer){ .value = source->version, .present = source->version > 0 };
	for (size_t i = 0; i < source->components->count; i++)
		read_component(decompiler, HSM_LIST_ITEM(*source->components, struct hsm_wire_component, i), translation);
	if (!translation->body.text && !translation->authentication.node.present)
		fail(decompiler, "no body text");
	if (has_names(decompiler))
		decompiler->template->parameter_format.value = HSM_PARAMETER_FORMAT_NAMED;
}

/* One default for all where the languages that use it have the same. */
static void join_defaults(struct hsm_parameter *parameter)
{
	const struct hsm_list *list = &parameter->default_value.by_key;
	const struct hsm_keyed_string *first = list->items;
	if (!list->count)
		return; /* that is a problem, and told */
	for (size_t i = 1; i < list->count; i++)
		if (strcmp(first->value.text, HSM_LIST_ITEM(*list, struct hsm_keyed_string, i)->value.text) != 0)
			return;
	parameter->default_value = (struct hsm_string_by_key){ .value = first->value };
}

int hsm_decompile(struct hsm_arena *arena, const char *base, enum hsm_category category,
		  const struct hsm_decompile_source *sources, size_t count, struct hsm_template *template,
		  const char **problem)
{
	struct decompiler decompiler = { .arena = arena, .template = template,
					 .first_language = count ? sources[0].language : NULL };
	*template = (struct hsm_template){ .node.present = true, .name.text = base, .category.value = (int)category };
	decompiler.parameters = hsm_arena_allocate_array(arena, PARAMETERS_MAX, sizeof(struct hsm_parameter));
	struct hsm_translation *translations = hsm_arena_allocate_array(arena, count, sizeof(*translations));
	for (size_t i = 0; i < count; i++) {
		decompiler.source = &sources[i];
		read_translation(&decompiler, &translations[i]);
	}
	for (size_t i = 0; i < decompiler.parameter_count; i++)
		join_defaults(&decompiler.parameters[i]);
	template->parameters = (struct hsm_list){ .items = decompiler.parameters, .count = decompiler.parameter_count,
						  .present = decompiler.parameter_count > 0 };
	template->translations = (struct hsm_list){ .items = translations, .count = count, .present = true };
	hsm_escape_variables(arena, &hsm_template_object, template);
	*problem = decompiler.problem;
	return decompiler.problem ? HSM_ERROR_INVALID : 0;
}
