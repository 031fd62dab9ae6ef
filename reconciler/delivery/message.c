#include "reconciler/delivery/message.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/text.h"

enum { HEADER_MAX = 60, BODY_MAX = 1024 };

struct building {
	struct hsm_arena *arena;
	const struct hsm_form *form;
	const struct hsm_named_value *given;
	size_t given_count;
	struct hsm_value *values;           /* a slot each; wire NULL: it has a problem */
	struct hsm_sanitized *sanitized;    /* a slot each */
	struct hsm_value_problem *problems; /* NULL as long as there are none */
	size_t problem_count;
};

static void report(struct building *building, const char *name, const char *message)
{
	/* A slot has one, a value that is given one, and a text that is filled in one. */
	size_t most = building->form->slot_count + building->given_count + 2;
	if (!building->problems)
		building->problems = hsm_arena_allocate_array(building->arena, most, sizeof(*building->problems));
	building->problems[building->problem_count++] = (struct hsm_value_problem){ name, message };
}

/* The place among the first count slots of one with that name; count: there is none. */
static size_t find_slot(const struct hsm_form *form, size_t count, const char *name)
{
	size_t i = 0;
	while (i < count && (form->slots[i].constant || strcmp(form->slots[i].name, name) != 0))
		i++;
	return i;
}

static size_t find_given(const struct building *building, size_t count, const char *name)
{
	size_t i = 0;
	while (i < count && strcmp(building->given[i].name, name) != 0)
		i++;
	return i;
}

/* RFC 3986, section 2.3 */
static bool is_unreserved(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("-._~", c));
}

static bool is_escape(const char *text)
{
	return *text == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2]);
}

static const char *encode(struct hsm_arena *arena, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t plain = 0;
	while (is_unreserved(text[plain]))
		plain++;
	if (!text[plain])
		return text;
	char *encoded = hsm_arena_allocate(arena, strlen(text) * 3 + 1), *to = encoded;
	for (; *text; text++) {
		if (is_unreserved(*text) || is_escape(text)) {
			*to++ = *text;
			continue;
		}
		*to++ = '%';
		*to++ = digits[(unsigned char)*text >> 4];
		*to++ = digits[*text & 15];
	}
	return encoded;
}

/* What is given for a slot, sanitised and read. */
static int read_value(struct building *building, size_t at, const struct hsm_named_value *given,
		      struct hsm_error *error)
{
	const struct hsm_slot *slot = &building->form->slots[at];
	struct hsm_sanitized *sanitized = &building->sanitized[at];
	int status = hsm_sanitize(building->arena, given->value, given->length, &slot->rules, sanitized, error);
	if (status)
		return status;
	const char *text = sanitized->text == given->value ?
				   hsm_arena_copy(building->arena, sanitized->text, sanitized->length) :
				   sanitized->text;
	return hsm_value_read(building->arena, slot->type, building->form->language, slot->code, text,
			      &building->values[at], error);
}

static bool is_coordinate(const char *text, double most)
{
	char *end;
	double number = strtod(text, &end);
	return strspn(text, "+-.0123456789") == strlen(text) && *text && !*end && number >= -most && number <= most;
}

/* What Meta would refuse, or fetch from elsewhere. */
static int check_part(const struct hsm_part *part, const char *value, struct hsm_error *error)
{
	bool web = hsm_text_starts_with(value, "https://") || hsm_text_starts_with(value, "http://");
	if (part->kind == HSM_PART_MEDIA && (!web || strpbrk(value, " \"<>\\")))
		return hsm_error_set(error, HSM_ERROR_INVALID, "the value is no address of a file: https://...");
	if (part->kind != HSM_PART_LOCATION)
		return 0;
	bool latitude = strcmp(part->word, "latitude") == 0, longitude = strcmp(part->word, "longitude") == 0;
	if ((latitude || longitude) && !is_coordinate(value, latitude ? 90 : 180))
		return hsm_error_set(error, HSM_ERROR_INVALID, "the value is no number of degrees, such as 40.4168");
	return 0;
}

static void take_given(struct building *building, size_t at)
{
	const char *name = building->form->slots[at].name;
	size_t given = find_given(building, building->given_count, name);
	struct hsm_error error;
	if (given == building->given_count) {
		report(building, name, "no value is given");
	} else if (read_value(building, at, &building->given[given], &error) ||
		   check_part(&building->form->slots[at].part, building->values[at].wire, &error)) {
		report(building, name, hsm_arena_copy_string(building->arena, error.message));
		building->values[at] = (struct hsm_value){ 0 };
	}
}

static void build_slot(struct building *building, size_t at)
{
	const struct hsm_slot *slot = &building->form->slots[at];
	struct hsm_value *value = &building->values[at];
	size_t earlier = find_slot(building->form, at, slot->name);
	if (slot->constant)
		*value = (struct hsm_value){ .wire = slot->constant, .shown = slot->constant };
	else if (earlier < at)
		*value = building->values[earlier];
	else
		take_given(building, at);
	if (slot->part.kind != HSM_PART_ADDRESS || !value->wire)
		return;
	value->wire = encode(building->arena, value->wire);
	if (strlen(value->wire) > HSM_VALUE_MAX)
		report(building, slot->name,
		       hsm_arena_format(building->arena, "the value has %zu characters once a URL can hold it: %d at most",
					strlen(value->wire), HSM_VALUE_MAX));
}

static void check_given(struct building *building)
{
	for (size_t i = 0; i < building->given_count; i++) {
		const char *name = building->given[i].name;
		if (find_slot(building->form, building->form->slot_count, name) == building->form->slot_count) {
			if (!building->form->takes_more)
				report(building, name, "the template has no such parameter");
		} else if (find_given(building, i, name) < i) {
			report(building, name, "a value is given more than once");
		}
	}
}

/* By what is longer, since nobody says which of the two Meta counts. */
static size_t count_longer(const struct hsm_value *value)
{
	size_t wire = hsm_text_count_characters(value->wire);
	size_t shown = value->shown == value->wire ? wire : hsm_text_count_characters(value->shown);
	return wire > shown ? wire : shown;
}

/* The text of a component once its values stand in it, where all of them are right. */
static void check_length(struct building *building, const char *component, const char *text, size_t maximum)
{
	const struct hsm_form *form = building->form;
	size_t first = 0, end, characters = 0;
	while (first < form->slot_count && strcmp(form->slots[first].component, component) != 0)
		first++;
	for (end = first; end < form->slot_count && strcmp(form->slots[end].component, component) == 0; end++)
		if (!building->values[end].wire)
			return;
	for (const char *c = text; c && *c;) {
		const char *after;
		size_t number = *c == '{' ? hsm_message_read_placeholder(c, &after) : 0;
		if (number && number <= end - first) {
			characters += count_longer(&building->values[first + number - 1]);
			c = after;
		} else {
			characters += ((unsigned char)*c++ & 0xc0) != 0x80;
		}
	}
	if (characters > maximum)
		report(building, component,
		       hsm_arena_format(building->arena, "the %s has %zu characters with its values: %zu at most", component,
					characters, maximum));
}

static void list_changes(const struct building *building, struct hsm_built_message *message)
{
	size_t count = 0;
	for (size_t i = 0; i < building->form->slot_count; i++)
		count += building->sanitized[i].note_count;
	if (!count)
		return;
	struct hsm_value_change *changes = hsm_arena_allocate_array(building->arena, count, sizeof(*changes));
	message->changes = changes;
	for (size_t i = 0; i < building->form->slot_count; i++)
		for (size_t j = 0; j < building->sanitized[i].note_count; j++)
			changes[message->change_count++] = (struct hsm_value_change){
				building->form->slots[i].name, building->sanitized[i].notes[j]
			};
}

int hsm_message_build(struct hsm_arena *arena, const struct hsm_form *form, const struct hsm_named_value *values,
		      size_t count, struct hsm_built_message *message, struct hsm_error *error)
{
	struct building building = { .arena = arena, .form = form, .given = values, .given_count = count };
	building.values = hsm_arena_allocate_array(arena, form->slot_count, sizeof(*building.values));
	building.sanitized = hsm_arena_allocate_array(arena, form->slot_count, sizeof(*building.sanitized));
	for (size_t i = 0; i < form->slot_count; i++)
		build_slot(&building, i);
	check_given(&building);
	check_length(&building, "header", form->header, HEADER_MAX);
	check_length(&building, "body", form->body, BODY_MAX);
	*message = (struct hsm_built_message){
		.name = form->name, .language = form->language,
		.values = building.values, .value_count = form->slot_count,
		.problems = building.problems, .problem_count = building.problem_count,
	};
	list_changes(&building, message);
	if (!building.problem_count)
		return 0;
	const struct hsm_value_problem *first = building.problems;
	if (building.problem_count == 1)
		return hsm_error_set(error, HSM_ERROR_INVALID, "%s: %s", first->name, first->message);
	return hsm_error_set(error, HSM_ERROR_INVALID, "%s: %s (the first of %zu problems)", first->name, first->message,
			     building.problem_count);
}

const char *hsm_message_fill(struct hsm_arena *arena, const struct hsm_built_message *message, const char *text,
			     size_t first)
{
	struct hsm_buffer filled = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (const char *c = text; *c;) {
		const char *after;
		size_t number = hsm_message_read_placeholder(c, &after);
		if (number && first + number - 1 < message->value_count) {
			hsm_buffer_append_string(&filled, message->values[first + number - 1].shown);
			c = after;
		} else {
			hsm_buffer_append_char(&filled, *c++);
		}
	}
	const char *result = hsm_arena_copy(arena, hsm_buffer_text(&filled), filled.length);
	hsm_buffer_release(&filled);
	return result;
}

const char *hsm_message_describe_problems(struct hsm_arena *arena, const struct hsm_built_message *message)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < message->problem_count; i++)
		hsm_buffer_append_format(&text, "%s%s: %s", i ? "; " : "", message->problems[i].name,
					 message->problems[i].message);
	const char *described = hsm_arena_copy(arena, hsm_buffer_text(&text), text.length);
	hsm_buffer_release(&text);
	return described;
}

bool hsm_phone_number_is_valid(const char *text)
{
	size_t digits = strspn(text + (*text == '+'), "0123456789");
	return *text == '+' && text[1] != '0' && digits >= 7 && digits <= 15 && !text[1 + digits];
}
