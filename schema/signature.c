#include "schema/signature.h"

#include <string.h>

#include "schema/base/text.h"
#include "schema/payload.h"

static void add_reason(struct hsm_arena *arena, struct hsm_reasons *reasons, const char *text)
{
	if (reasons->count == reasons->capacity) {
		size_t capacity = reasons->capacity ? reasons->capacity * 2 : 4;
		const char **items = hsm_arena_allocate_array(arena, capacity, sizeof(*items));
		if (reasons->count)
			memcpy(items, reasons->items, reasons->count * sizeof(*items));
		reasons->items = items;
		reasons->capacity = capacity;
	}
	reasons->items[reasons->count++] = text;
}

struct comparison {
	struct hsm_arena *arena;
	struct hsm_reasons *reasons;
	const struct hsm_message *old_message, *new_message;
	size_t old_first, new_first; /* indices in names */
	const char *where;           /* "body", "buttons [2]" */
};

static const char *name_at(const struct hsm_message *message, size_t index)
{
	return message->names && index < message->name_count ? message->names[index] : NULL;
}

/* "'eta' (DATE)", or "(DATE)" where the name is not known. */
static const char *describe(struct hsm_arena *arena, const char *name, const struct hsm_wire_parameter *parameter)
{
	return name ? hsm_arena_format(arena, "'%s' (%s)", name, parameter->type.text) :
		      hsm_arena_format(arena, "(%s)", parameter->type.text);
}

static void compare_parameter(struct comparison *comparison, const struct hsm_list *old_list,
			      const struct hsm_list *new_list, size_t i)
{
	struct hsm_arena *arena = comparison->arena;
	const char *old_name = name_at(comparison->old_message, comparison->old_first + i);
	const char *new_name = name_at(comparison->new_message, comparison->new_first + i);
	const struct hsm_wire_parameter *old_parameter =
		i < old_list->count ? HSM_LIST_ITEM(*old_list, struct hsm_wire_parameter, i) : NULL;
	const struct hsm_wire_parameter *new_parameter =
		i < new_list->count ? HSM_LIST_ITEM(*new_list, struct hsm_wire_parameter, i) : NULL;
	const char *reason = NULL;
	if (!old_parameter) {
		reason = hsm_arena_format(arena, "%s: parameter %zu %s is new", comparison->where, i + 1,
					  describe(arena, new_name, new_parameter));
	} else if (!new_parameter) {
		reason = hsm_arena_format(arena, "%s: parameter %zu %s is gone", comparison->where, i + 1,
					  describe(arena, old_name, old_parameter));
	} else if (strcmp(old_parameter->type.text, new_parameter->type.text) != 0 ||
		   (old_name && new_name && strcmp(old_name, new_name) != 0)) {
		reason = hsm_arena_format(arena, "%s: parameter %zu %s is now %s", comparison->where, i + 1,
					  describe(arena, old_name, old_parameter),
					  describe(arena, new_name, new_parameter));
	} else if (!(old_name && new_name) &&
		   strcmp(hsm_message_parameter_sample(old_parameter), hsm_message_parameter_sample(new_parameter)) != 0) {
		reason = hsm_arena_format(arena, "%s: parameter %zu %s may be another: no commit tells its name",
					  comparison->where, i + 1, describe(arena, new_name, new_parameter));
	}
	if (reason)
		add_reason(arena, comparison->reasons, reason);
}

static void compare_parameters(struct comparison *comparison, const struct hsm_list *old_list,
			       const struct hsm_list *new_list)
{
	size_t count = old_list->count > new_list->count ? old_list->count : new_list->count;
	for (size_t i = 0; i < count; i++)
		compare_parameter(comparison, old_list, new_list, i);
	comparison->old_first += old_list->count;
	comparison->new_first += new_list->count;
}

static bool same_button(const struct hsm_wire_button *a, const struct hsm_wire_button *b)
{
	if (strcmp(a->type.text, b->type.text) != 0)
		return false;
	return !a->reply.id.text || !b->reply.id.text || strcmp(a->reply.id.text, b->reply.id.text) == 0;
}

static size_t count_same(const struct hsm_list *buttons, const struct hsm_wire_button *wanted, size_t up_to)
{
	size_t same = 0;
	for (size_t i = 0; i < up_to; i++)
		same += same_button(HSM_LIST_ITEM(*buttons, struct hsm_wire_button, i), wanted);
	return same;
}

/* Buttons of one list that the other lacks, by kind and id; order is no break. */
static void report_missing(struct comparison *comparison, const struct hsm_list *buttons,
			   const struct hsm_list *others, const char *what)
{
	for (size_t i = 0; i < buttons->count; i++) {
		const struct hsm_wire_button *button = HSM_LIST_ITEM(*buttons, struct hsm_wire_button, i);
		if (count_same(buttons, button, i + 1) <= count_same(others, button, others->count))
			continue;
		const char *id = button->reply.id.text;
		id = id ? hsm_payload_decode(comparison->arena, id).text : NULL;
		add_reason(comparison->arena, comparison->reasons,
			   id ? hsm_arena_format(comparison->arena, "%s: '%s' (%s) %s", comparison->where, id,
						 button->type.text, what) :
				hsm_arena_format(comparison->arena, "%s: a %s button %s", comparison->where,
						 button->type.text, what));
	}
}

static const struct hsm_list *url_parameters(const struct hsm_list *buttons, size_t *at)
{
	static const struct hsm_list none;
	while (*at < buttons->count) {
		const struct hsm_wire_button *button = HSM_LIST_ITEM(*buttons, struct hsm_wire_button, (*at)++);
		if (button->url.node.present)
			return &button->url.parameters;
	}
	return &none;
}

static void compare_buttons(struct comparison *comparison, const struct hsm_list *old_list,
			    const struct hsm_list *new_list)
{
	report_missing(comparison, old_list, new_list, "is gone");
	report_missing(comparison, new_list, old_list, "is new");
	size_t old_at = 0, new_at = 0;
	while (old_at < old_list->count || new_at < new_list->count) {
		const struct hsm_list *old_parameters = url_parameters(old_list, &old_at);
		const struct hsm_list *new_parameters = url_parameters(new_list, &new_at);
		compare_parameters(comparison, old_parameters, new_parameters);
	}
}

static const struct hsm_wire_component *find_or_empty(const struct hsm_list *components, const char *type)
{
	static const struct hsm_wire_component empty;
	const struct hsm_wire_component *component = hsm_content_find(components, type);
	return component ? component : &empty;
}

static const char *header_format(const struct hsm_wire_component *header)
{
	return header->format.text ? header->format.text : "none";
}

static void compare_headers(struct comparison *comparison, const struct hsm_wire_component *old_header,
			    const struct hsm_wire_component *new_header)
{
	const char *old_format = header_format(old_header), *new_format = header_format(new_header);
	/* A header of fixed text asks nothing of a sender, like none. */
	bool media = strcmp(old_format, "none") != 0 && strcmp(old_format, "TEXT") != 0;
	media |= strcmp(new_format, "none") != 0 && strcmp(new_format, "TEXT") != 0;
	if (media && strcmp(old_format, new_format) != 0)
		add_reason(comparison->arena, comparison->reasons,
			   hsm_arena_format(comparison->arena, "%s: %s is now %s", comparison->where, old_format, new_format));
}

static const char *describe_text(const struct hsm_wire_component *component)
{
	return component->security_recommendation.present ? "a one-time password" : "a text of its own";
}

/* What Meta writes a code into, or counts down to a time, asks the sender for it. */
static void compare_kinds(struct comparison *comparison, const struct hsm_wire_component *old_component,
			  const struct hsm_wire_component *new_component)
{
	if (old_component->security_recommendation.present != new_component->security_recommendation.present)
		add_reason(comparison->arena, comparison->reasons,
			   hsm_arena_format(comparison->arena, "%s: %s is now %s", comparison->where,
					    describe_text(old_component), describe_text(new_component)));
	if (old_component->has_expiration.value != new_component->has_expiration.value)
		add_reason(comparison->arena, comparison->reasons,
			   hsm_arena_format(comparison->arena, "%s: its end is %s", comparison->where,
					    new_component->has_expiration.value ? "new" : "gone"));
}

static void compare_components(struct comparison *comparison, const char *prefix, const struct hsm_list *old_list,
			       const struct hsm_list *new_list);

static void compare_cards(struct comparison *comparison, const struct hsm_list *old_cards,
			  const struct hsm_list *new_cards)
{
	static const struct hsm_list none;
	struct hsm_arena *arena = comparison->arena;
	if (old_cards->count != new_cards->count)
		add_reason(arena, comparison->reasons,
			   hsm_arena_format(arena, "carousel: %zu cards are now %zu", old_cards->count, new_cards->count));
	size_t count = old_cards->count > new_cards->count ? old_cards->count : new_cards->count;
	for (size_t i = 0; i < count; i++)
		compare_components(comparison, hsm_arena_format(arena, "card %zu ", i + 1),
				   i < old_cards->count ? &HSM_LIST_ITEM(*old_cards, struct hsm_wire_card, i)->components : &none,
				   i < new_cards->count ? &HSM_LIST_ITEM(*new_cards, struct hsm_wire_card, i)->components : &none);
}

static const char *const known_types[] = { "HEADER", "LIMITED_TIME_OFFER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL",
					   "OPTIONS", NULL };

static void compare_components(struct comparison *comparison, const char *prefix, const struct hsm_list *old_list,
			       const struct hsm_list *new_list)
{
	for (size_t i = 0; known_types[i]; i++) {
		const struct hsm_wire_component *old_component = find_or_empty(old_list, known_types[i]);
		const struct hsm_wire_component *new_component = find_or_empty(new_list, known_types[i]);
		comparison->where = hsm_arena_format(comparison->arena, "%s%s", prefix,
						     hsm_text_lower_case(comparison->arena, known_types[i]));
		compare_headers(comparison, old_component, new_component);
		compare_kinds(comparison, old_component, new_component);
		compare_parameters(comparison, &old_component->parameters, &new_component->parameters);
		compare_buttons(comparison, &old_component->buttons, &new_component->buttons);
		if (old_component->cards.count || new_component->cards.count)
			compare_cards(comparison, &old_component->cards, &new_component->cards);
	}
}

void hsm_signature_compare(struct hsm_arena *arena, const struct hsm_message *old_message,
			   const struct hsm_message *new_message, struct hsm_reasons *reasons)
{
	struct comparison comparison = { .arena = arena, .reasons = reasons, .old_message = old_message,
					 .new_message = new_message };
	compare_components(&comparison, "", &old_message->components, &new_message->components);
	for (size_t i = 0; i < new_message->components.count; i++) {
		const char *type = HSM_LIST_ITEM(new_message->components, struct hsm_wire_component, i)->type.text;
		if (!hsm_word_find(known_types, type) && !hsm_content_find(&old_message->components, type))
			add_reason(arena, reasons, hsm_arena_format(arena, "%s: a component that is not known", type));
	}
}
