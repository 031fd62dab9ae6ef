#include "schema/canned.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/fingerprint.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define AT(type, member) .offset = offsetof(struct type, member)

static const char type_word[] = "MessagingTemplate";
static const char *const part_words[] = { "Text", "Image", "Video", "Document", NULL };
static const char *const button_words[] = { "QuickReply", "PhoneNumber", "Url", NULL };

static const struct hsm_field library_fields[] = {
	{ "id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_canned_library, id) },
	{ "name", HSM_TYPE_STRING, HSM_FIELD_READ_ONLY, AT(hsm_canned_library, name) },
};
static const struct hsm_object library_object = {
	"library", 0, sizeof(struct hsm_canned_library), HSM_OBJECT_FIELDS(library_fields), .help = NULL,
};
static const struct hsm_field library_element = { "library", HSM_TYPE_OBJECT, .object = &library_object };

static const struct hsm_field text_fields[] = {
	{ "content", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_canned_text, content) },
	{ "contentType", HSM_TYPE_STRING, 0, AT(hsm_canned_text, content_type) },
	{ "type", HSM_TYPE_STRING, 0, AT(hsm_canned_text, type) },
};
static const struct hsm_object text_object = {
	"text", 0, sizeof(struct hsm_canned_text), HSM_OBJECT_FIELDS(text_fields), .help = NULL,
};
static const struct hsm_field text_element = { "text", HSM_TYPE_OBJECT, .object = &text_object };

static const struct hsm_field substitution_fields[] = {
	{ "id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_canned_substitution, id) },
	{ "description", HSM_TYPE_STRING, 0, AT(hsm_canned_substitution, description) },
	{ "defaultValue", HSM_TYPE_STRING, 0, AT(hsm_canned_substitution, default_value) },
};
static const struct hsm_object substitution_object = {
	"substitution", 0, sizeof(struct hsm_canned_substitution), HSM_OBJECT_FIELDS(substitution_fields), .help = NULL,
};
static const struct hsm_field substitution_element = { "substitution", HSM_TYPE_OBJECT,
						       .object = &substitution_object };

static const struct hsm_field part_fields[] = {
	{ "type", HSM_TYPE_STRING, 0, AT(hsm_canned_part, type) },
	{ "content", HSM_TYPE_STRING, 0, AT(hsm_canned_part, content) },
};
static const struct hsm_object part_object = {
	"part", 0, sizeof(struct hsm_canned_part), HSM_OBJECT_FIELDS(part_fields), .help = NULL,
};

static const struct hsm_field button_fields[] = {
	{ "type", HSM_TYPE_STRING, 0, AT(hsm_canned_button, type) },
	{ "content", HSM_TYPE_STRING, 0, AT(hsm_canned_button, content) },
	{ "contentText", HSM_TYPE_STRING, 0, AT(hsm_canned_button, content_text) },
};
static const struct hsm_object button_object = {
	"button", 0, sizeof(struct hsm_canned_button), HSM_OBJECT_FIELDS(button_fields), .help = NULL,
};
static const struct hsm_field button_element = { "button", HSM_TYPE_OBJECT, .object = &button_object };

static const struct hsm_field whatsapp_fields[] = {
	{ "name", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_canned_whatsapp, name) },
	{ "language", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_canned_whatsapp, language) },
	{ "header", HSM_TYPE_OBJECT, 0, AT(hsm_canned_whatsapp, header), .object = &part_object },
	{ "messageFooter", HSM_TYPE_OBJECT, 0, AT(hsm_canned_whatsapp, footer), .object = &part_object },
	{ "buttons", HSM_TYPE_LIST, 0, AT(hsm_canned_whatsapp, buttons), sizeof(struct hsm_canned_button), &button_element },
};
static const struct hsm_object whatsapp_object = {
	"whatsApp", 0, sizeof(struct hsm_canned_whatsapp), HSM_OBJECT_FIELDS(whatsapp_fields), .help = NULL,
};

static const struct hsm_field template_fields[] = {
	{ "whatsApp", HSM_TYPE_OBJECT, 0, AT(hsm_canned_template, whatsapp), .object = &whatsapp_object },
};
static const struct hsm_object template_object = {
	"messagingTemplate", 0, sizeof(struct hsm_canned_template), HSM_OBJECT_FIELDS(template_fields), .help = NULL,
};

static const struct hsm_field response_fields[] = {
	{ "id", HSM_TYPE_STRING, HSM_FIELD_READ_ONLY, AT(hsm_canned, id) },
	{ "name", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_canned, name) },
	{ "version", HSM_TYPE_INTEGER, 0, AT(hsm_canned, version) },
	{ "libraries", HSM_TYPE_LIST, 0, AT(hsm_canned, libraries), sizeof(struct hsm_canned_library), &library_element },
	{ "texts", HSM_TYPE_LIST, 0, AT(hsm_canned, texts), sizeof(struct hsm_canned_text), &text_element },
	{ "substitutions", HSM_TYPE_LIST, 0, AT(hsm_canned, substitutions), sizeof(struct hsm_canned_substitution),
	  &substitution_element },
	{ "responseType", HSM_TYPE_STRING, 0, AT(hsm_canned, type) },
	{ "messagingTemplate", HSM_TYPE_OBJECT, 0, AT(hsm_canned, template), .object = &template_object },
};
const struct hsm_object hsm_canned_object = {
	"response", 0, sizeof(struct hsm_canned), HSM_OBJECT_FIELDS(response_fields), .help = NULL,
};

static void use_word(struct hsm_string *string, const char *const *words)
{
	int word = string->text ? hsm_word_find_any_case(words, string->text) : 0;
	if (word)
		string->text = words[word - 1];
}

static void make_text(struct hsm_arena *arena, struct hsm_string *string)
{
	const char *text = string->text ? hsm_text_canonical(arena, string->text) : "";
	string->text = *text ? text : NULL;
}

static void fill(struct hsm_string *string, const char *fallback)
{
	if (!string->text || !*string->text)
		string->text = fallback;
}

/* A header or footer without content is none, unless it shows a file: which one is each sender's to say. */
static void make_part(struct hsm_arena *arena, struct hsm_canned_part *part)
{
	fill(&part->type, "Text");
	use_word(&part->type, part_words);
	make_text(arena, &part->content);
	if (strcmp(part->type.text, "Text") != 0)
		part->content.text = NULL;
	else
		part->node.present = part->node.present && part->content.text;
}

static void make_button(struct hsm_arena *arena, struct hsm_canned_button *button)
{
	use_word(&button->type, button_words);
	make_text(arena, &button->content);
	make_text(arena, &button->content_text);
	if (button->type.text && strcmp(button->type.text, "QuickReply") == 0)
		button->content.text = NULL; /* what it answers is its text */
}

static int compare_substitutions(const void *a, const void *b)
{
	const struct hsm_canned_substitution *left = a, *right = b;
	return strcmp(left->id.text, right->id.text);
}

static void make_canonical(struct hsm_arena *arena, struct hsm_canned *response)
{
	struct hsm_canned_whatsapp *whatsapp = &response->template.whatsapp;
	for (size_t i = 0; i < response->texts.count; i++) {
		struct hsm_canned_text *text = HSM_LIST_ITEM(response->texts, struct hsm_canned_text, i);
		text->content.text = hsm_text_canonical(arena, text->content.text);
		fill(&text->content_type, "text/plain");
		fill(&text->type, "body");
	}
	for (size_t i = 0; i < response->substitutions.count; i++) {
		struct hsm_canned_substitution *item =
			HSM_LIST_ITEM(response->substitutions, struct hsm_canned_substitution, i);
		make_text(arena, &item->description);
		make_text(arena, &item->default_value);
	}
	if (response->substitutions.count)
		qsort(response->substitutions.items, response->substitutions.count,
		      sizeof(struct hsm_canned_substitution), compare_substitutions);
	fill(&response->type, type_word);
	make_part(arena, &whatsapp->header);
	make_part(arena, &whatsapp->footer);
	for (size_t i = 0; i < whatsapp->buttons.count; i++)
		make_button(arena, HSM_LIST_ITEM(whatsapp->buttons, struct hsm_canned_button, i));
	whatsapp->buttons.present = whatsapp->buttons.count > 0;
}

static const char *write_list(struct hsm_arena *arena, const struct hsm_field *element, size_t size,
			      const struct hsm_list *list)
{
	struct hsm_buffer json = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &json };
	hsm_json_write_list(&writer, NULL, element, size, list);
	const char *text = hsm_arena_copy(arena, json.data, json.length);
	hsm_buffer_release(&json);
	return text;
}

static const char *write_substitutions(struct hsm_arena *arena, const struct hsm_list *list)
{
	struct hsm_canned_substitution *items = hsm_arena_allocate_array(arena, list->count, sizeof(*items));
	for (size_t i = 0; i < list->count; i++) {
		items[i] = *HSM_LIST_ITEM(*list, struct hsm_canned_substitution, i);
		items[i].description.text = NULL;
	}
	struct hsm_list bare = { .items = items, .count = list->count, .present = true };
	return write_list(arena, &substitution_element, sizeof(*items), &bare);
}

static const char *write_object(struct hsm_arena *arena, const struct hsm_object *object, const void *base)
{
	struct hsm_buffer json = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &json };
	hsm_json_write(&writer, NULL, object, base);
	const char *text = hsm_arena_copy(arena, hsm_buffer_text(&json), json.length);
	hsm_buffer_release(&json);
	return text;
}

const char *hsm_canned_write(struct hsm_arena *arena, const struct hsm_canned *response)
{
	return write_object(arena, &hsm_canned_object, response);
}

int hsm_canned_read(struct hsm_arena *arena, const char *json, struct hsm_canned *response, struct hsm_error *error)
{
	cJSON *parsed;
	int status = hsm_json_parse(&parsed, json, strlen(json), error);
	if (status)
		return status;
	*response = (struct hsm_canned){ 0 };
	status = hsm_json_read(arena, parsed, &hsm_canned_object, response, error);
	cJSON_Delete(parsed);
	return status;
}

static const char *join_texts(struct hsm_arena *arena, const struct hsm_list *texts)
{
	const char *joined = "";
	for (size_t i = 0; i < texts->count; i++)
		joined = hsm_arena_format(arena, "%s%s%s", joined, i ? "\n" : "",
					  HSM_LIST_ITEM(*texts, struct hsm_canned_text, i)->content.text);
	return joined;
}

struct hsm_canned_content hsm_canned_read_content(struct hsm_arena *arena, struct hsm_canned *response)
{
	make_canonical(arena, response);
	return (struct hsm_canned_content){
		.name = response->name.text,
		.text = join_texts(arena, &response->texts),
		.texts = write_list(arena, &text_element, sizeof(struct hsm_canned_text), &response->texts),
		.substitutions = write_substitutions(arena, &response->substitutions),
		.template = write_object(arena, &template_object, &response->template),
	};
}

/* A list with room for more, in the arena. */
static void *append(struct hsm_list *list, size_t size)
{
	list->present = true;
	return (char *)list->items + list->count++ * size;
}

struct maker {
	struct hsm_arena *arena;
	const struct hsm_message *message;  /* with our names, where they are known */
	struct hsm_message ids;             /* the same, with the substitutions' ids for names */
	struct hsm_canned *response;
	const char *problem;
};

static const char **make_ids(struct hsm_arena *arena, const struct hsm_list *components, size_t *count)
{
	const char *const *own = hsm_content_find_names(arena, components, count);
	const char **ids = hsm_arena_allocate_array(arena, *count, sizeof(*ids));
	for (size_t i = 0; i < *count; i++)
		ids[i] = own && own[i] ? own[i] : hsm_arena_format(arena, "%zu", i + 1);
	return ids;
}

static bool has_substitution(const struct hsm_canned *response, const char *id)
{
	for (size_t i = 0; i < response->substitutions.count; i++)
		if (strcmp(HSM_LIST_ITEM(response->substitutions, struct hsm_canned_substitution, i)->id.text, id) == 0)
			return true;
	return false;
}

static void add_substitutions(struct maker *maker, const struct hsm_content_slot *slot)
{
	const struct hsm_message *message = maker->message;
	for (size_t i = 0; i < slot->parameters->count; i++) {
		size_t place = slot->first + i;
		const char *id = maker->ids.names[place];
		if (has_substitution(maker->response, id))
			continue; /* a NAMED one that stands in two components */
		struct hsm_canned_substitution *item =
			append(&maker->response->substitutions, sizeof(struct hsm_canned_substitution));
		item->node.present = true;
		item->id.text = id;
		item->description.text = message->names && place < message->name_count ? message->names[place] : NULL;
		item->default_value.text =
			hsm_message_parameter_sample(HSM_LIST_ITEM(*slot->parameters, struct hsm_wire_parameter, i));
	}
}

static void take_header(struct maker *maker, const struct hsm_wire_component *component, const char *text)
{
	const char *format = component->format.text;
	int word = hsm_word_find_any_case(part_words, format ? format : "TEXT");
	if (!word) {
		maker->problem = hsm_arena_format(maker->arena, "a header of %s", format);
		return;
	}
	maker->response->template.whatsapp.header = (struct hsm_canned_part){
		.node.present = true, .type.text = part_words[word - 1], .content.text = text };
}

static void take_button(struct maker *maker, const struct hsm_wire_button *button, const char *url)
{
	struct hsm_canned_button made = { .node.present = true };
	if (button->reply.node.present) {
		made.type.text = "QuickReply";
		made.content_text = button->reply.title;
	} else if (button->phone_number.node.present) {
		made.type.text = "PhoneNumber";
		made.content = button->phone_number.phone_number;
		made.content_text = button->phone_number.title;
	} else if (button->url.node.present) {
		made.type.text = "Url";
		made.content.text = url;
		made.content_text = button->url.title;
	} else {
		maker->problem = hsm_arena_format(maker->arena, "a button of %s", button->type.text);
		return;
	}
	struct hsm_canned_button *item =
		append(&maker->response->template.whatsapp.buttons, sizeof(struct hsm_canned_button));
	*item = made;
}

static void take_component(struct maker *maker, const struct hsm_wire_component *component, const char *text)
{
	const char *type = component->type.text;
	struct hsm_canned *response = maker->response;
	if (strcmp(type, "HEADER") == 0) {
		take_header(maker, component, text);
	} else if (strcmp(type, "BODY") == 0 && text) {
		struct hsm_canned_text *item = append(&response->texts, sizeof(*item));
		*item = (struct hsm_canned_text){ .node.present = true, .content.text = text };
	} else if (strcmp(type, "FOOTER") == 0 && text) {
		response->template.whatsapp.footer = (struct hsm_canned_part){ .node.present = true, .content.text = text };
	} else if (strcmp(type, "BODY") == 0 || strcmp(type, "FOOTER") == 0) {
		maker->problem = "a text that Meta writes";
	} else if (strcmp(type, "BUTTONS") != 0 && strcmp(type, "OPTIONS") != 0) {
		maker->problem = hsm_arena_format(maker->arena, "a component %s", type);
	}
}

static void take_slots(struct maker *maker)
{
	const struct hsm_list *components = &maker->message->components;
	size_t count, next = 0;
	const struct hsm_content_slot *slots = hsm_content_list_slots(maker->arena, components, &count);
	for (size_t i = 0; i < components->count && !maker->problem; i++) {
		const struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		for (size_t j = 0; j <= component->buttons.count && !maker->problem; j++) {
			const struct hsm_content_slot *slot = &slots[next++];
			const char *text = hsm_message_name_placeholders(maker->arena, &maker->ids, slot->text, slot->first);
			if (j)
				take_button(maker, HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, j - 1), text);
			else
				take_component(maker, component, text);
			add_substitutions(maker, slot);
		}
	}
}

const char *hsm_canned_make(struct hsm_arena *arena, const char *name, const char *language,
			    const struct hsm_message *message, struct hsm_canned *response)
{
	struct maker maker = { .arena = arena, .message = message, .ids.components = message->components,
			       .response = response };
	const struct hsm_wire_component *buttons = hsm_content_find(&message->components, "BUTTONS");
	maker.ids.names = make_ids(arena, &message->components, &maker.ids.name_count);
	*response = (struct hsm_canned){ .node.present = true, .type.text = type_word };
	response->name.text = hsm_arena_format(arena, "%s %s", name, language);
	response->texts.items = hsm_arena_allocate_array(arena, message->components.count, sizeof(struct hsm_canned_text));
	response->substitutions = (struct hsm_list){
		.items = hsm_arena_allocate_array(arena, maker.ids.name_count, sizeof(struct hsm_canned_substitution)) };
	response->template.node.present = true;
	response->template.whatsapp = (struct hsm_canned_whatsapp){
		.node.present = true, .name.text = name, .language.text = language,
		.buttons.items = hsm_arena_allocate_array(arena, buttons ? buttons->buttons.count : 0,
							  sizeof(struct hsm_canned_button)) };
	take_slots(&maker);
	if (!maker.problem && !response->texts.count)
		return "no text";
	return maker.problem;
}

bool hsm_canned_is_another(const struct hsm_canned_content *a, const struct hsm_canned_content *b)
{
	return strcmp(a->substitutions, b->substitutions) != 0 || strcmp(a->template, b->template) != 0;
}

bool hsm_canned_equals(const struct hsm_canned_content *a, const struct hsm_canned_content *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->texts, b->texts) == 0 && !hsm_canned_is_another(a, b);
}

char *hsm_canned_fingerprint(struct hsm_arena *arena, const struct hsm_canned_content *content)
{
	const char *all = hsm_arena_format(arena, "%s\n%s\n%s\n%s", content->name, content->texts,
					   content->substitutions, content->template);
	char *fingerprint = hsm_arena_allocate(arena, HSM_FINGERPRINT_SIZE);
	hsm_fingerprint_compute(all, strlen(all), fingerprint);
	return fingerprint;
}
