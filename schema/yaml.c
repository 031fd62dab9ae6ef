#include "schema/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "schema/base/error.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/yaml_quote.h"

/* libyaml 0.2.5 has no limit of its own and takes quadratic time over deep
 * nesting; the deepest file of ours has eight levels. */
#define DEPTH_MAX 32
#define ITEMS_MAX 10000

struct loader {
	yaml_parser_t parser;
	yaml_event_t event;
	bool have_event;
	bool broken; /* the parser, or what follows cannot be trusted */
	unsigned depth;
	size_t start; /* behind a byte-order mark, which has no column */
	const struct hsm_source *source;
	struct hsm_arena *arena;
	struct hsm_findings *findings;
};

static struct hsm_mark mark_between(const struct loader *loader, yaml_mark_t start, yaml_mark_t end)
{
	return (struct hsm_mark){
		.source = loader->source,
		.line = (uint32_t)start.line + 1,
		.column = (uint32_t)start.column + 1,
		.end_line = (uint32_t)end.line + 1,
		.end_column = (uint32_t)end.column + 1,
	};
}

static struct hsm_mark event_mark(const struct loader *loader)
{
	return mark_between(loader, loader->event.start_mark, loader->event.end_mark);
}

/* ": write key: \"text\"", where the line is a key and an unquoted text; else "". */
static const char *advise_quotes(struct loader *loader, uint32_t line)
{
	const char *quoted = hsm_yaml_quote_line(loader->arena, loader->source, line);
	return quoted ? hsm_arena_format(loader->arena, ": write %s", quoted) : "";
}

/* The reader's offset counts bytes. */
static void report_unreadable(struct loader *loader)
{
	const yaml_parser_t *parser = &loader->parser;
	struct hsm_mark mark = { .source = loader->source, .line = 1, .column = 1 };
	size_t end = loader->start + parser->problem_offset;
	for (size_t i = loader->start; i < end && i < loader->source->length; i++) {
		unsigned char c = (unsigned char)loader->source->text[i];
		mark.column += (c & 0xc0) != 0x80;
		if (c == '\n') {
			mark.line++;
			mark.column = 1;
		}
	}
	hsm_findings_add(loader->findings, HSM_RULE_FILE, mark,
			 "%s (U+%04X): remove it, or escape it in a double-quoted text",
			 parser->problem ? parser->problem : "unreadable", (unsigned)parser->problem_value);
}

static void report_syntax(struct loader *loader)
{
	const yaml_parser_t *parser = &loader->parser;
	/* Else a file of the history would pass for a wrong one, and its version for a free one. */
	if (parser->error == YAML_MEMORY_ERROR)
		hsm_memory_exhausted();
	const char *problem = parser->problem ? parser->problem : "unreadable";
	const char *context = parser->context ? parser->context : "";
	struct hsm_mark mark = mark_between(loader, parser->problem_mark, parser->problem_mark);
	char at = loader->source->text[hsm_source_offset(loader->source, mark.line, mark.column)];
	const char *advice = advise_quotes(loader, mark.line);
	loader->broken = true;
	if (parser->error == YAML_READER_ERROR) {
		report_unreadable(loader);
	} else if (at == '\t') {
		hsm_findings_add(loader->findings, HSM_RULE_YAML_SYNTAX, mark,
				 "a tab cannot indent YAML: use spaces");
	} else if (strcmp(problem, "mapping values are not allowed in this context") == 0) {
		hsm_findings_add(loader->findings, HSM_RULE_YAML_SYNTAX, mark,
				 "a text with ': ' in it must stand in quotes%s (or the indentation is wrong)", advice);
	} else if (strcmp(problem, "found unexpected end of stream") == 0) {
		mark = mark_between(loader, parser->context_mark, parser->context_mark);
		hsm_findings_add(loader->findings, HSM_RULE_YAML_SYNTAX, mark, "a quote is opened here and never closed");
	} else if (at && strchr("@`%", at)) {
		hsm_findings_add(loader->findings, HSM_RULE_YAML_SYNTAX, mark,
				 "a text that starts with '%c' must stand in quotes%s", at, advice);
	} else {
		hsm_findings_add(loader->findings, HSM_RULE_YAML_SYNTAX, mark, "%s%s%s%s%s", context,
				 *context ? ", " : "", problem, *advice ? "; if it is a text, put it in quotes" : "",
				 advice);
	}
}

static void drop_event(struct loader *loader)
{
	if (loader->have_event)
		yaml_event_delete(&loader->event);
	loader->have_event = false;
}

static const char *event_anchor(const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL;
	if (event->type == YAML_SCALAR_EVENT)
		anchor = event->data.scalar.anchor;
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		anchor = event->data.sequence_start.anchor;
	else if (event->type == YAML_MAPPING_START_EVENT)
		anchor = event->data.mapping_start.anchor;
	return (const char *)anchor;
}

static bool event_has_tag(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return event->data.scalar.tag;
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return event->data.sequence_start.tag;
	return event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.tag;
}

/* The next event; false at the end of what can be read. */
static bool next(struct loader *loader)
{
	drop_event(loader);
	if (loader->broken)
		return false;
	if (!yaml_parser_parse(&loader->parser, &loader->event)) {
		report_syntax(loader);
		return false;
	}
	loader->have_event = true;
	yaml_event_type_t type = loader->event.type;
	if (type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT)
		loader->depth++;
	else if (type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT)
		loader->depth--;
	if (loader->depth > DEPTH_MAX) {
		hsm_findings_add(loader->findings, HSM_RULE_YAML_FEATURE, event_mark(loader),
				 "nested deeper than %d levels", DEPTH_MAX);
		loader->broken = true;
		return false;
	}
	if (type == YAML_ALIAS_EVENT)
		hsm_findings_add(loader->findings, HSM_RULE_YAML_FEATURE, event_mark(loader),
				 "aliases are not supported: write the value out, or, if it is a text, put it in quotes%s",
				 advise_quotes(loader, (uint32_t)loader->event.start_mark.line + 1));
	if (event_anchor(&loader->event))
		hsm_findings_add(loader->findings, HSM_RULE_YAML_FEATURE, event_mark(loader),
				 "anchors are not supported: write the value out, or, if it is a text, put it in quotes%s",
				 advise_quotes(loader, (uint32_t)loader->event.start_mark.line + 1));
	if (event_has_tag(&loader->event))
		hsm_findings_add(loader->findings, HSM_RULE_YAML_FEATURE, event_mark(loader),
				 "tags are not supported: if it is a text, put it in quotes%s",
				 advise_quotes(loader, (uint32_t)loader->event.start_mark.line + 1));
	return true;
}

/* Passes over the value whose first event is the current one. */
static void skip_value(struct loader *loader)
{
	yaml_event_type_t type = loader->event.type;
	if (type != YAML_MAPPING_START_EVENT && type != YAML_SEQUENCE_START_EVENT)
		return;
	unsigned depth = loader->depth;
	while (next(loader) && loader->depth >= depth)
		;
}

static const char *scalar_text(const struct loader *loader)
{
	return (const char *)loader->event.data.scalar.value;
}

static bool is_plain(const struct loader *loader)
{
	return loader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static const char *event_kind(const struct loader *loader)
{
	switch ((int)loader->event.type) {
	case YAML_MAPPING_START_EVENT:
		return "a mapping";
	case YAML_SEQUENCE_START_EVENT:
		return "a list";
	case YAML_SCALAR_EVENT:
		return is_plain(loader) && !*scalar_text(loader) ? "nothing" : "text";
	default:
		return "an alias";
	}
}

static void report_type(struct loader *loader, const char *key, const char *wanted)
{
	bool flow = loader->event.type == YAML_MAPPING_START_EVENT &&
		    loader->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	if (loader->event.type == YAML_ALIAS_EVENT)
		return; /* reported already */
	if (flow && strncmp(wanted, "text", 4) == 0)
		hsm_findings_add(loader->findings, HSM_RULE_TYPE, event_mark(loader),
				 "'%s' wants text: a text that starts with '{' must stand in quotes%s", key,
				 advise_quotes(loader, (uint32_t)loader->event.start_mark.line + 1));
	else
		hsm_findings_add(loader->findings, HSM_RULE_TYPE, event_mark(loader), "'%s' wants %s, not %s", key,
				 wanted, event_kind(loader));
	skip_value(loader);
}

/* What YAML 1.2's core schema reads as something else than text. An editor that
 * knows the JSON Schema would refuse it too. */
static const char *plain_lookalike(const char *text)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const booleans[] = { "true", "True", "TRUE", "false", "False", "FALSE", NULL };
	static const struct hsm_pattern number = {
		"^([-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|"
		"[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN))$",
		"a number",
	};
	if (hsm_word_find(nulls, text))
		return "nothing";
	if (hsm_word_find(booleans, text))
		return "true or false";
	return strchr("+-.0123456789", text[0]) && hsm_pattern_matches(&number, text) ? "a number" : NULL;
}

/* "Order #1" unquoted silently becomes "Order": a comment begins at " #". */
static void check_comment(struct loader *loader, const char *key)
{
	const yaml_mark_t *end = &loader->event.end_mark;
	size_t at = hsm_source_offset(loader->source, (uint32_t)end->line + 1, (uint32_t)end->column + 1);
	const char *text = loader->source->text + at;
	while (*text == ' ' || *text == '\t')
		text++;
	if (*text != '#' || hsm_text_starts_with(text, "# hsmctl: ignore "))
		return;
	struct hsm_mark mark = event_mark(loader);
	mark.line = mark.end_line;
	mark.column = mark.end_column + (uint32_t)(text - loader->source->text - (ptrdiff_t)at);
	mark.end_column = mark.column + 1;
	hsm_findings_add(loader->findings, HSM_RULE_COMMENT_CUTS, mark,
			 "a comment begins here and cuts '%s' short: put the text in quotes%s (or the comment on a "
			 "line of its own)", key, advise_quotes(loader, mark.line));
}

static void check_string(struct loader *loader, const struct hsm_field *field, const struct hsm_string *string)
{
	const char *text = string->text;
	if (field->pattern && !hsm_pattern_matches(field->pattern, text))
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, string->mark, "'%s' wants %s, not '%s'", field->key,
				 field->pattern->what, text);
	bool unknown_length = (field->flags & (HSM_FIELD_MESSAGE | HSM_FIELD_VARIABLES)) && strstr(text, "${");
	if (unknown_length || (!field->minimum && !field->maximum))
		return;
	int64_t length = (int64_t)hsm_text_count_characters(text);
	if (length < field->minimum)
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, string->mark, "'%s' must not be empty", field->key);
	else if (field->maximum && length > field->maximum)
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, string->mark,
				 "'%s' has %lld characters, %lld at most are allowed", field->key, (long long)length,
				 (long long)field->maximum);
}

static void load_string(struct loader *loader, const struct hsm_field *field, struct hsm_string *string)
{
	if (loader->event.type != YAML_SCALAR_EVENT) {
		report_type(loader, field->key, "text");
		return;
	}
	const char *text = scalar_text(loader);
	struct hsm_mark mark = event_mark(loader);
	const char *lookalike = is_plain(loader) ? plain_lookalike(text) : NULL;
	if ((field->flags & HSM_FIELD_NAMES_SECRET) && !hsm_pattern_matches(field->pattern, text)) {
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, mark, "'%s' wants %s, and no secret itself", field->key,
				 field->pattern->what);
		hsm_source_blank(mark);
		return;
	}
	if (lookalike) {
		hsm_findings_add(loader->findings, HSM_RULE_TYPE, mark,
				 "'%s' wants text, and YAML reads %s here: write \"%s\" in quotes", field->key,
				 lookalike, text);
		return;
	}
	if (loader->event.data.scalar.length != strlen(text)) {
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, mark, "'%s' holds a NUL character", field->key);
		return;
	}
	string->text = hsm_arena_copy(loader->arena, text, loader->event.data.scalar.length);
	string->mark = mark;
	if (is_plain(loader) && (field->flags & HSM_FIELD_MESSAGE))
		check_comment(loader, field->key);
	check_string(loader, field, string);
}

static void load_integer(struct loader *loader, const struct hsm_field *field, struct hsm_integer *integer)
{
	char *end = NULL;
	errno = 0;
	long long value = 0;
	if (loader->event.type == YAML_SCALAR_EVENT && is_plain(loader))
		value = strtoll(scalar_text(loader), &end, 10);
	if (!end || *end || end == scalar_text(loader) || strchr(" +\t", *scalar_text(loader))) {
		report_type(loader, field->key, "a whole number");
		return;
	}
	*integer = (struct hsm_integer){ value, true, event_mark(loader) };
	bool bounded = field->minimum || field->maximum;
	if (errno == ERANGE || (bounded && (value < field->minimum || value > field->maximum)))
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, integer->mark, "'%s' wants a number from %lld to %lld",
				 field->key, (long long)field->minimum, (long long)field->maximum);
}

static void load_boolean(struct loader *loader, const struct hsm_field *field, struct hsm_boolean *boolean)
{
	bool plain = loader->event.type == YAML_SCALAR_EVENT && is_plain(loader);
	bool yes = plain && strcmp(scalar_text(loader), "true") == 0;
	if (!yes && !(plain && strcmp(scalar_text(loader), "false") == 0)) {
		report_type(loader, field->key, "true or false");
		return;
	}
	*boolean = (struct hsm_boolean){ yes, true, event_mark(loader) };
}

static void load_word(struct loader *loader, const struct hsm_field *field, struct hsm_word *word)
{
	if (loader->event.type != YAML_SCALAR_EVENT) {
		report_type(loader, field->key, "text");
		return;
	}
	const char *text = scalar_text(loader);
	*word = (struct hsm_word){ hsm_word_find(field->words, text), event_mark(loader) };
	if (word->value)
		return;
	struct hsm_buffer list = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; field->words[i]; i++)
		hsm_buffer_append_format(&list, "%s%s", i ? ", " : "", field->words[i]);
	hsm_findings_add(loader->findings, HSM_RULE_VALUE, word->mark, "'%s' wants one of %s, not '%s'", field->key,
			 hsm_buffer_text(&list), text);
	hsm_buffer_release(&list);
}

static void load_value(struct loader *loader, const struct hsm_field *field, void *item);

/* Reads the key that is the current event. NULL, and the value is passed over,
 * where it is none that can be used. */
static const char *load_key(struct loader *loader, struct hsm_string *key)
{
	*key = (struct hsm_string){ .mark = event_mark(loader) };
	if (loader->event.type != YAML_SCALAR_EVENT) {
		if (loader->event.type != YAML_ALIAS_EVENT)
			hsm_findings_add(loader->findings, HSM_RULE_TYPE, key->mark,
					 "a key is text (a text that starts with '{' or '[' must stand in quotes%s)",
					 advise_quotes(loader, key->mark.line));
		skip_value(loader);
	} else if (is_plain(loader) && strcmp(scalar_text(loader), "<<") == 0) {
		hsm_findings_add(loader->findings, HSM_RULE_YAML_FEATURE, key->mark,
				 "merge keys are not supported: write the keys out");
	} else if (loader->event.data.scalar.length != strlen(scalar_text(loader))) {
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, key->mark, "a key holds a NUL character");
	} else {
		key->text = hsm_arena_copy_string(loader->arena, scalar_text(loader));
	}
	return key->text;
}

static void report_duplicate(struct loader *loader, const struct hsm_string *key)
{
	hsm_findings_add(loader->findings, HSM_RULE_DUPLICATE_KEY, key->mark, "'%s' stands here twice", key->text);
}

static void report_unknown(struct loader *loader, const struct hsm_object *object, const struct hsm_string *key)
{
	const char *names[64];
	size_t count = 0;
	struct hsm_buffer list = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < object->count; i++) {
		if (object->fields[i].flags & HSM_FIELD_SHORTHAND)
			continue;
		hsm_buffer_append_format(&list, "%s%s", count ? ", " : "", object->fields[i].key);
		names[count++] = object->fields[i].key;
	}
	const char *similar = hsm_text_find_similar(key->text, names, count);
	if (similar)
		hsm_findings_add(loader->findings, HSM_RULE_UNKNOWN_KEY, key->mark,
				 "unknown key '%s' of a %s: did you mean '%s'?", key->text, object->name, similar);
	else
		hsm_findings_add(loader->findings, HSM_RULE_UNKNOWN_KEY, key->mark,
				 "unknown key '%s': a %s has %s", key->text, object->name, hsm_buffer_text(&list));
	hsm_buffer_release(&list);
}

static void check_object(struct loader *loader, const struct hsm_object *object, const void *base,
			 struct hsm_mark mark)
{
	size_t present = 0;
	for (size_t i = 0; i < object->count; i++) {
		const struct hsm_field *field = &object->fields[i];
		if (hsm_field_is_present(field, base))
			present++;
	}
	if ((object->flags & HSM_OBJECT_ONE_OF) && present != 1)
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, mark, "a %s has exactly one key, not %zu",
				 object->name, present);
}

/* seen: a bit for each field whose key stands there. */
static bool is_missing(const struct hsm_object *object, size_t index, uint64_t seen)
{
	const struct hsm_field *field = &object->fields[index];
	const struct hsm_field *instead = field->instead ? hsm_object_find(object, field->instead) : NULL;
	if (!(field->flags & HSM_FIELD_REQUIRED) || seen & UINT64_C(1) << index)
		return false;
	return !instead || !(seen & UINT64_C(1) << (instead - object->fields));
}

static void load_mapping_into_object(struct loader *loader, const struct hsm_object *object, void *base)
{
	struct hsm_node *node = base;
	struct hsm_mark mark = event_mark(loader);
	uint64_t seen = 0;
	size_t errors = loader->findings->errors;
	node->present = true;
	node->mark = mark;
	while (next(loader) && loader->event.type != YAML_MAPPING_END_EVENT) {
		struct hsm_string key;
		const char *name = load_key(loader, &key);
		if (!next(loader))
			return;
		const struct hsm_field *field = name ? hsm_object_find(object, name) : NULL;
		if (!field) {
			if (name)
				report_unknown(loader, object, &key);
			skip_value(loader);
			continue;
		}
		uint64_t bit = UINT64_C(1) << (field - object->fields);
		if (seen & bit) {
			report_duplicate(loader, &key);
			skip_value(loader);
			continue;
		}
		seen |= bit;
		load_value(loader, field, base);
	}
	if (loader->broken)
		return;
	for (size_t i = 0; i < object->count; i++)
		if (is_missing(object, i, seen))
			hsm_findings_add(loader->findings, HSM_RULE_MISSING_KEY, node->key.text ? node->key.mark : mark,
					 "missing key '%s' of a %s", object->fields[i].key, object->name);
	if (errors == loader->findings->errors)
		check_object(loader, object, base, mark);
}

static void load_object(struct loader *loader, const struct hsm_field *field, void *base)
{
	const struct hsm_object *object = field->object;
	if (loader->event.type == YAML_MAPPING_START_EVENT) {
		load_mapping_into_object(loader, object, base);
		return;
	}
	for (size_t i = 0; i < object->count; i++) {
		struct hsm_field shorthand = object->fields[i];
		if (!(shorthand.flags & HSM_FIELD_SHORTHAND))
			continue;
		struct hsm_node *node = base;
		node->present = true;
		node->mark = event_mark(loader);
		shorthand.key = field->key;
		load_value(loader, &shorthand, base);
		return;
	}
	report_type(loader, field->key, "a mapping");
}

/* Items are gathered in a growing array and copied to the arena at the end. */
struct items {
	char *data;
	size_t count, capacity;
};

static void *add_item(struct loader *loader, const struct hsm_field *field, struct items *items)
{
	if (items->count == ITEMS_MAX) {
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, event_mark(loader),
				 "'%s' has more than %d entries", field->key, ITEMS_MAX);
		loader->broken = true;
		return NULL;
	}
	if (items->count == items->capacity) {
		items->capacity = items->capacity ? items->capacity * 2 : 4;
		items->data = hsm_memory_resize(items->data, items->capacity, field->item_size);
	}
	void *item = items->data + items->count++ * field->item_size;
	memset(item, 0, field->item_size);
	return item;
}

static void finish_items(struct loader *loader, const struct hsm_field *field, struct items *items,
			 struct hsm_list *list)
{
	list->count = items->count;
	list->items = hsm_arena_allocate_array(loader->arena, items->count, field->item_size);
	if (items->count)
		memcpy(list->items, items->data, items->count * field->item_size);
	free(items->data);
	int64_t count = (int64_t)items->count;
	if (loader->broken)
		return;
	if (count < field->minimum)
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, list->mark, "'%s' must not be empty", field->key);
	else if (field->maximum && count > field->maximum)
		hsm_findings_add(loader->findings, HSM_RULE_VALUE, list->mark,
				 "'%s' has %lld entries, %lld at most are allowed", field->key, (long long)count,
				 (long long)field->maximum);
}

static void load_list(struct loader *loader, const struct hsm_field *field, struct hsm_list *list)
{
	if (loader->event.type != YAML_SEQUENCE_START_EVENT) {
		report_type(loader, field->key, "a list");
		return;
	}
	*list = (struct hsm_list){ .present = true, .mark = event_mark(loader) };
	struct items items = { 0 };
	while (next(loader) && loader->event.type != YAML_SEQUENCE_END_EVENT) {
		void *item = add_item(loader, field, &items);
		if (!item)
			break;
		load_value(loader, field->element, item);
	}
	finish_items(loader, field, &items, list);
}

static bool is_duplicate(const struct items *items, size_t size, const char *name)
{
	for (size_t i = 0; i < items->count; i++)
		if (strcmp(((const struct hsm_string *)(const void *)(items->data + i * size))->text, name) == 0)
			return true;
	return false;
}

static void load_mapping(struct loader *loader, const struct hsm_field *field, struct hsm_list *list)
{
	if (loader->event.type != YAML_MAPPING_START_EVENT) {
		report_type(loader, field->key, "a mapping");
		return;
	}
	*list = (struct hsm_list){ .present = true, .mark = event_mark(loader) };
	struct items items = { 0 };
	while (next(loader) && loader->event.type != YAML_MAPPING_END_EVENT) {
		struct hsm_string key;
		const char *name = load_key(loader, &key);
		bool usable = name && !is_duplicate(&items, field->item_size, name);
		if (name && !usable)
			report_duplicate(loader, &key);
		if (name && field->key_pattern && !hsm_pattern_matches(field->key_pattern, name))
			hsm_findings_add(loader->findings, HSM_RULE_VALUE, key.mark, "a key of '%s' is %s, not '%s'",
					 field->key, field->key_pattern->what, name);
		if (!next(loader))
			break;
		struct hsm_string *item = usable ? add_item(loader, field, &items) : NULL;
		if (loader->broken)
			break;
		if (!item) {
			skip_value(loader);
			continue;
		}
		*item = key;
		load_value(loader, field->element, item);
	}
	finish_items(loader, field, &items, list);
}

/* A scalar for all keys, or a mapping with one each. */
static void load_by_key(struct loader *loader, const struct hsm_field *field, struct hsm_list *by_key,
			enum hsm_type scalar_type, void *scalar, size_t item_size, size_t value_offset)
{
	struct hsm_field value = *field;
	value.type = scalar_type;
	value.offset = 0;
	if (loader->event.type != YAML_MAPPING_START_EVENT) {
		load_value(loader, &value, scalar);
		return;
	}
	/* "default: {{x}}" unquoted is a mapping with a mapping for a key. */
	struct hsm_field mapping = *field;
	value.offset = value_offset;
	mapping.type = HSM_TYPE_MAPPING;
	mapping.item_size = item_size;
	mapping.element = &value;
	mapping.minimum = 1;
	mapping.maximum = 0;
	load_mapping(loader, &mapping, by_key);
}

static void load_value(struct loader *loader, const struct hsm_field *field, void *base)
{
	void *value = hsm_field_at(field, base);
	switch (field->type) {
	case HSM_TYPE_STRING:
		load_string(loader, field, value);
		return;
	case HSM_TYPE_INTEGER:
		load_integer(loader, field, value);
		return;
	case HSM_TYPE_BOOLEAN:
		load_boolean(loader, field, value);
		return;
	case HSM_TYPE_WORD:
		load_word(loader, field, value);
		return;
	case HSM_TYPE_OBJECT:
		load_object(loader, field, value);
		return;
	case HSM_TYPE_LIST:
		load_list(loader, field, value);
		return;
	case HSM_TYPE_MAPPING:
		load_mapping(loader, field, value);
		return;
	case HSM_TYPE_STRING_BY_KEY: {
		struct hsm_string_by_key *text = value;
		load_by_key(loader, field, &text->by_key, HSM_TYPE_STRING, &text->value,
			    sizeof(struct hsm_keyed_string), offsetof(struct hsm_keyed_string, value));
		return;
	}
	case HSM_TYPE_INTEGER_BY_KEY: {
		struct hsm_integer_by_key *number = value;
		load_by_key(loader, field, &number->by_key, HSM_TYPE_INTEGER, &number->value,
			    sizeof(struct hsm_keyed_integer), offsetof(struct hsm_keyed_integer, value));
		return;
	}
	}
}

static void load_document(struct loader *loader, const struct hsm_object *object, void *base)
{
	if (!next(loader) || !next(loader)) /* the stream's start, the document's */
		return;
	if (loader->event.type == YAML_STREAM_END_EVENT) {
		hsm_findings_add_file(loader->findings, HSM_RULE_YAML_SYNTAX, loader->source->path,
				      "the file is empty: it should hold a %s", object->name);
		return;
	}
	if (!next(loader))
		return;
	if (loader->event.type != YAML_MAPPING_START_EVENT)
		report_type(loader, object->name, "a mapping");
	else
		load_mapping_into_object(loader, object, base);
	if (!next(loader) || !next(loader)) /* the document's end, the stream's */
		return;
	if (loader->event.type != YAML_STREAM_END_EVENT)
		hsm_findings_add(loader->findings, HSM_RULE_YAML_FEATURE, event_mark(loader),
				 "a second document begins here: a file holds one");
}

static void open_parser(struct loader *loader, const char *data, size_t length)
{
	if (!yaml_parser_initialize(&loader->parser))
		hsm_memory_exhausted();
	yaml_parser_set_encoding(&loader->parser, YAML_UTF8_ENCODING);
	loader->start = length >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	yaml_parser_set_input_string(&loader->parser, (const unsigned char *)data + loader->start,
				     length - loader->start);
}

int hsm_yaml_load(struct hsm_arena *arena, const struct hsm_source *source, const struct hsm_object *object,
		  void *base, struct hsm_findings *findings)
{
	struct loader loader = { .source = source, .arena = arena, .findings = findings };
	size_t errors = findings->errors;
	open_parser(&loader, source->text, source->length);
	load_document(&loader, object, base);
	drop_event(&loader);
	yaml_parser_delete(&loader.parser);
	return findings->errors == errors ? 0 : HSM_ERROR_INVALID;
}

const struct hsm_source *hsm_yaml_source(struct hsm_arena *arena, const char *path, const char *data, size_t length,
					 struct hsm_findings *findings)
{
	if (length > HSM_YAML_SIZE_MAX) {
		hsm_findings_add_file(findings, HSM_RULE_FILE, path, "%zu bytes: %zu at most are read", length,
				      HSM_YAML_SIZE_MAX);
		return NULL;
	}
	size_t invalid = hsm_text_find_invalid(data, length);
	const char *nul = memchr(data, '\0', length);
	if (invalid == length && !nul)
		return hsm_source_make(arena, path, data, length);
	size_t at = nul && (size_t)(nul - data) < invalid ? (size_t)(nul - data) : invalid;
	const struct hsm_source *readable = hsm_source_make(arena, path, data, at);
	struct hsm_mark mark = { .source = readable, .line = 1, .column = 1 };
	for (size_t i = 0; i < at; i++) {
		mark.column += ((unsigned char)data[i] & 0xc0) != 0x80;
		if (data[i] == '\n') {
			mark.line++;
			mark.column = 1;
		}
	}
	if (at < invalid)
		hsm_findings_add(findings, HSM_RULE_FILE, mark, "a NUL byte: the file should be text");
	else
		hsm_findings_add(findings, HSM_RULE_FILE, mark, "byte 0x%02x is not UTF-8: save the file as UTF-8",
				 (unsigned char)data[at]);
	return NULL;
}

char *hsm_yaml_peek(struct hsm_arena *arena, const char *data, size_t length, const char *key)
{
	struct hsm_findings ignored = { 0 };
	struct hsm_source source = { .path = "", .text = "" }; /* places are for findings, and there are none */
	struct loader loader = { .source = &source, .arena = arena, .findings = &ignored };
	char *value = NULL;
	if (hsm_text_find_invalid(data, length) != length)
		return NULL;
	open_parser(&loader, data, length);
	/* stream, document, the top mapping */
	bool inside = next(&loader) && next(&loader) && next(&loader) && loader.event.type == YAML_MAPPING_START_EVENT;
	while (inside && next(&loader) && loader.event.type != YAML_MAPPING_END_EVENT) {
		bool match = loader.event.type == YAML_SCALAR_EVENT && strcmp(scalar_text(&loader), key) == 0;
		skip_value(&loader);
		if (!next(&loader))
			break;
		if (match && loader.event.type == YAML_SCALAR_EVENT)
			value = hsm_arena_copy_string(arena, scalar_text(&loader));
		if (match)
			break;
		skip_value(&loader);
	}
	drop_event(&loader);
	yaml_parser_delete(&loader.parser);
	hsm_findings_release(&ignored);
	return value;
}

struct hsm_mark hsm_yaml_mark_inside(struct hsm_mark mark, const char *text, size_t offset, size_t length)
{
	if (!mark.source || !length)
		return mark;
	/* Quoting and folding change offsets; but the nth occurrence of the same
	 * characters in the value is the nth in the file. */
	size_t nth = 0;
	for (size_t i = 0; i < offset; i++)
		nth += strncmp(text + i, text + offset, length) == 0;
	const char *begin = mark.source->text + hsm_source_offset(mark.source, mark.line, mark.column);
	const char *end = mark.source->text + hsm_source_offset(mark.source, mark.end_line, mark.end_column);
	for (const char *c = begin; c + length <= end; c++) {
		if (strncmp(c, text + offset, length) != 0 || nth--)
			continue;
		struct hsm_mark inside = { .source = mark.source, .line = mark.line, .column = mark.column };
		for (const char *d = begin; d < c; d++) {
			inside.column += ((unsigned char)*d & 0xc0) != 0x80;
			if (*d == '\n') {
				inside.line++;
				inside.column = 1;
			}
		}
		inside.end_line = inside.line;
		inside.end_column = inside.column;
		for (size_t i = 0; i < length; i++)
			inside.end_column += ((unsigned char)c[i] & 0xc0) != 0x80;
		return inside;
	}
	return mark;
}
