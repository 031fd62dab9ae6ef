#include <string.h>

#include "reconciler/delivery/message.h"
#include "schema/base/text.h"

enum { PARTS_MAX = 4 }; /* of one place: a location's */
enum { CODE_MAX = 15 }; /* characters of a coupon's code, and of a one-time password: Meta's components, COPY_CODE */

struct making {
	struct hsm_arena *arena;
	const struct hsm_message *content;
	const struct hsm_template *file;
	const struct hsm_way *way;
	struct hsm_slot *slots;
	const char **allowed; /* a slot each: what its rule was made from */
	size_t count;
	size_t names, payloads; /* of the content's, so many are taken */
	bool has_password;
};

/* The same expression is compiled once. */
static int make_allowed(struct making *making, const char *text, struct hsm_slot *slot, struct hsm_error *error)
{
	struct hsm_allowed *allowed;
	for (size_t i = 0; i < making->count; i++)
		if (making->allowed[i] && strcmp(making->allowed[i], text) == 0) {
			slot->rules.allowed = making->slots[i].rules.allowed;
			return 0;
		}
	int status = hsm_allowed_make(&allowed, making->arena, text, error);
	if (status)
		return hsm_error_prefix(error, "what parameter '%s' allows is", slot->name);
	slot->rules.allowed = allowed;
	return 0;
}

static int add_rules(struct making *making, struct hsm_slot *slot, struct hsm_error *error)
{
	static const struct hsm_parameter unknown;
	const struct hsm_parameter *parameter =
		making->file ? hsm_template_find_parameter(making->file, slot->name, strlen(slot->name)) : NULL;
	if (!parameter)
		parameter = &unknown;
	if (making->way->declared && slot->type == HSM_PARAMETER_TEXT && parameter->type.value)
		slot->type = (enum hsm_parameter_type)parameter->type.value;
	slot->rules.max_length = parameter->max_length.present ? (size_t)parameter->max_length.value : 0;
	if (!slot->code)
		slot->code = parameter->code.text;
	if (slot->type != HSM_PARAMETER_TEXT)
		return 0;
	slot->rules.truncate = parameter->truncate.value;
	slot->rules.emoji = (enum hsm_emoji)parameter->emoji.value;
	making->allowed[making->count] = parameter->allowed.text;
	return parameter->allowed.text ? make_allowed(making, parameter->allowed.text, slot, error) : 0;
}

static int add_parameters(struct making *making, const struct hsm_content_slot *place, const char *component,
			  struct hsm_error *error)
{
	const struct hsm_list *parameters = place->parameters;
	int status = 0;
	for (size_t i = 0; i < parameters->count && !status; i++) {
		const struct hsm_wire_parameter *parameter = HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i);
		struct hsm_slot *slot = &making->slots[making->count];
		int type = hsm_word_find(hsm_parameter_type_words, parameter->type.text);
		if (!making->content->names || making->names >= making->content->name_count)
			return hsm_error_set(error, HSM_ERROR_BLOCKED,
					     "no commit tells the name of parameter %zu of the %s: its content was never in git", i + 1,
					     component);
		if (!type)
			return hsm_error_set(error, HSM_ERROR_BLOCKED,
					     "parameter %zu of the %s is a '%s', which is not known here", i + 1, component,
					     parameter->type.text);
		const char *name = making->content->names[making->names++];
		*slot = (struct hsm_slot){
			.component = component, .name = name,
			.type = (enum hsm_parameter_type)type, .code = parameter->currency.code.text,
			.part = { .kind = place->button ? HSM_PART_ADDRESS : HSM_PART_TEXT, .type = place->type,
				  .card = place->card, .button = place->button, .name = name, .own = parameter->name.text,
				  .place = making->names },
		};
		status = add_rules(making, slot, error);
		making->count++;
	}
	return status;
}

/* A text that no parameter of the file names; constant: it is given already. */
static void add_given(struct making *making, const struct hsm_content_slot *place, enum hsm_part_kind kind,
		      const char *name, const char *word, const char *constant)
{
	struct hsm_arena *arena = making->arena;
	struct hsm_slot *slot = &making->slots[making->count++];
	*slot = (struct hsm_slot){
		.component = hsm_content_slot_label(arena, place),
		.name = place->card ? hsm_arena_format(arena, "card%zu.%s", place->card, name) : name,
		.type = HSM_PARAMETER_TEXT, .constant = constant,
		.part = { .kind = kind, .type = place->type, .card = place->card, .button = place->button, .word = word },
	};
	if (kind == HSM_PART_COUPON || kind == HSM_PART_PASSWORD)
		slot->rules.max_length = CODE_MAX;
	slot->part.name = slot->name;
}

static int add_payload(struct making *making, const struct hsm_content_slot *place, struct hsm_error *error)
{
	const struct hsm_message *content = making->content;
	if (making->payloads >= content->payload_count)
		return hsm_error_set(error, HSM_ERROR_BLOCKED,
				     "no commit tells what %s answers with: its content was never in git",
				     hsm_content_slot_label(making->arena, place));
	add_given(making, place, HSM_PART_PAYLOAD, "button.payload", NULL, content->payloads[making->payloads++]);
	return 0;
}

static void add_location(struct making *making, const struct hsm_content_slot *place)
{
	static const char *const words[] = { "latitude", "longitude", "name", "address" };
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		add_given(making, place, HSM_PART_LOCATION,
			  hsm_arena_format(making->arena, "header.location.%s", words[i]), words[i], NULL);
}

/* What a header shows, a button does, or a component is; 0: nothing that differs from message to message. */
static enum hsm_part_kind find_kind(const struct making *making, const struct hsm_content_slot *place)
{
	static const struct {
		const char *type, *word; /* of its component or "BUTTONS", and its format or its button's type; NULL: any */
		enum hsm_part_kind kind;
	} rows[] = {
		{ "HEADER", "TEXT", 0 }, { "HEADER", "IMAGE", HSM_PART_MEDIA }, { "HEADER", "VIDEO", HSM_PART_MEDIA },
		{ "HEADER", "DOCUMENT", HSM_PART_MEDIA }, { "HEADER", "LOCATION", HSM_PART_LOCATION },
		{ "BODY", NULL, 0 }, { "FOOTER", NULL, 0 }, { "CAROUSEL", NULL, 0 }, { "OPTIONS", NULL, 0 },
		{ "BUTTONS", "URL", 0 }, { "BUTTONS", "PHONE_NUMBER", 0 }, { "BUTTONS", "REPLY", HSM_PART_PAYLOAD },
		{ "BUTTONS", "COPY_CODE", HSM_PART_COUPON }, { "BUTTONS", "OTP", HSM_PART_PASSWORD },
		{ "BUTTONS", "FLOW", HSM_PART_FLOW }, { "BUTTONS", "CATALOG", HSM_PART_PLAIN },
		{ "BUTTONS", "VOICE_CALL", HSM_PART_PLAIN },
	};
	const struct hsm_wire_component *component = place->component;
	bool buttons = strcmp(place->type, "BUTTONS") == 0;
	if (buttons && !place->button)
		return 0; /* what holds them */
	if (strcmp(place->type, "BODY") == 0 && making->has_password && !component->text.text)
		return HSM_PART_PASSWORD;
	if (strcmp(place->type, "LIMITED_TIME_OFFER") == 0)
		return component->has_expiration.value ? HSM_PART_OTHER : HSM_PART_PLAIN;
	const char *word = buttons ? HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, place->button - 1)->type.text :
				     component->format.text;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].type, place->type) == 0 &&
		    (!rows[i].word || (word && strcmp(rows[i].word, word) == 0)))
			return rows[i].kind;
	return HSM_PART_OTHER;
}

static int add_part(struct making *making, const struct hsm_content_slot *place, struct hsm_error *error)
{
	struct hsm_arena *arena = making->arena;
	enum hsm_part_kind kind = find_kind(making, place);
	const char *format = place->component->format.text;
	if (!kind || (!(making->way->given & kind) && (making->way->kept & kind)))
		return 0;
	if (!(making->way->given & kind))
		return hsm_error_set(error, HSM_ERROR_BLOCKED,
				     "hsmctl can't send what the %s of it needs (by way of: %s)",
				     hsm_content_slot_label(arena, place), making->way->word);
	if (kind == HSM_PART_PAYLOAD)
		return add_payload(making, place, error);
	if (kind == HSM_PART_LOCATION)
		add_location(making, place);
	else if (kind == HSM_PART_MEDIA)
		add_given(making, place, kind, hsm_arena_format(arena, "header.%s", hsm_text_lower_case(arena, format)),
			  hsm_text_lower_case(arena, format), NULL);
	else if (kind == HSM_PART_FLOW)
		add_given(making, place, kind, "button.flow", NULL, "");
	else
		add_given(making, place, kind, kind == HSM_PART_COUPON ? "button.copy_code" : "button.otp", NULL, NULL);
	return 0;
}

static int add_slots(struct making *making, const struct hsm_content_slot *place, struct hsm_error *error)
{
	const char *component = place->parameters->count ? hsm_content_slot_label(making->arena, place) : NULL;
	int status = add_part(making, place, error);
	return status ? status : add_parameters(making, place, component, error);
}

static bool has_password(const struct hsm_message *content)
{
	const struct hsm_wire_component *buttons = hsm_content_find(&content->components, "BUTTONS");
	for (size_t i = 0; buttons && i < buttons->buttons.count; i++)
		if (HSM_LIST_ITEM(buttons->buttons, struct hsm_wire_button, i)->otp.node.present)
			return true;
	return false;
}

static const char *find_text(const struct hsm_message *content, const char *type)
{
	const struct hsm_wire_component *component = hsm_content_find(&content->components, type);
	return component ? component->text.text : NULL;
}

int hsm_form_make(struct hsm_arena *arena, const char *name, const char *language, const struct hsm_message *content,
		  const struct hsm_template *file, const struct hsm_way *way, struct hsm_form *form,
		  struct hsm_error *error)
{
	struct making making = { .arena = arena, .content = content, .file = file, .way = way,
				 .has_password = has_password(content) };
	size_t place_count, room = hsm_content_count_parameters(&content->components);
	const struct hsm_content_slot *places = hsm_content_list_slots(arena, &content->components, &place_count);
	int status = 0;
	room += place_count * PARTS_MAX;
	making.slots = hsm_arena_allocate_array(arena, room, sizeof(*making.slots));
	making.allowed = hsm_arena_allocate_array(arena, room, sizeof(*making.allowed));
	for (size_t i = 0; i < place_count && !status; i++)
		status = add_slots(&making, &places[i], error);
	*form = (struct hsm_form){ .name = name, .language = language, .slots = making.slots, .slot_count = making.count,
				   .header = find_text(content, "HEADER"), .body = find_text(content, "BODY") };
	return status;
}
