#include "schema/rules/check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/compile.h"
#include "schema/payload.h"
#include "schema/yaml.h"

void hsm_check_report(struct hsm_checker *checker, struct hsm_mark mark, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	hsm_findings_add_of(checker->findings, checker->rule, mark, format, arguments);
	va_end(arguments);
}

struct hsm_mark hsm_check_mark(const struct hsm_checked_text *text, size_t offset, size_t length)
{
	return text->replaced ? text->string->mark : hsm_yaml_mark_inside(text->string->mark, text->text, offset, length);
}

/* The digits, '#', '*', (c) and the like are text unless a selector follows. */
static bool is_emoji(int32_t code_point)
{
	return code_point >= 0x203c && code_point != 0x2122 && code_point != 0x2139 &&
	       utf8proc_get_property(code_point)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_flag_letter(int32_t code_point)
{
	return code_point >= 0x1f1e6 && code_point <= 0x1f1ff;
}

/* Thai, Lao, Myanmar, Khmer, Han, Kana. */
static bool is_spaceless(int32_t code_point)
{
	return (code_point >= 0x0e00 && code_point < 0x0f00) || (code_point >= 0x1000 && code_point < 0x10a0) ||
	       (code_point >= 0x1780 && code_point < 0x1800) || (code_point >= 0x2e80 && code_point < 0xa000) ||
	       (code_point >= 0x20000 && code_point < 0x30000);
}

static bool is_word_edge(char c)
{
	return !c || !((c & 0x80) || isalnum((unsigned char)c));
}

size_t hsm_check_find_formatting(const char *text, size_t *offset)
{
	for (const char *open = text + *offset; (open = strpbrk(open, "*_~`")); open++) {
		size_t marks = *open == '`' ? 3 : 1;
		if (strncmp(open, "```", marks) != 0 && *open == '`')
			continue;
		if ((open > text && !is_word_edge(open[-1])) || !open[marks] || isspace((unsigned char)open[marks]))
			continue;
		for (const char *close = open + marks + 1; (close = strchr(close, *open)); close++) {
			if (strncmp(close, open, marks) != 0 || isspace((unsigned char)close[-1]) || !is_word_edge(close[marks]))
				continue;
			*offset = (size_t)(open - text);
			return (size_t)(close - open) + marks;
		}
	}
	return 0;
}

static size_t name_length(const char *text)
{
	size_t length = 0;
	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return length;
}

/* A parameter's default for a language, its variables replaced; NULL where there is none. */
static const char *read_default(struct hsm_checker *checker, const struct hsm_parameter *parameter,
				const char *language)
{
	const struct hsm_string *value = hsm_string_by_key_find(&parameter->default_value, language);
	struct hsm_findings ignored = { 0 }; /* compiling has told them */
	const char *text = value && value->text ? hsm_compile_variables(&checker->arena, checker->config,
									checker->environment, language, value, &ignored) :
						  NULL;
	hsm_findings_release(&ignored);
	return text;
}

static size_t count_placeholders(const char *text)
{
	size_t count = 0;
	for (const char *c = strstr(text, "{{"); c; c = strstr(c + 2, "{{"))
		count++;
	return count;
}

/* Fills in the parameter of the placeholder at text->text + offset; false where there is none. */
static bool read_placeholder(struct hsm_checked_text *text, const struct hsm_template *template, size_t offset)
{
	const char *name = text->text + offset + 2;
	size_t length = name_length(name);
	if (!length || strncmp(name + length, "}}", 2) != 0)
		return false;
	const struct hsm_parameter *parameter = hsm_template_find_parameter(template, name, length);
	if (!parameter)
		return false;
	text->placeholders[text->placeholder_count++] =
		(struct hsm_checked_placeholder){ offset, length + 4, parameter };
	return true;
}

/* The placeholder at an offset: adds what it will be to the lengths. */
static void measure_placeholder(struct hsm_checker *checker, struct hsm_checked_text *text, const char *language)
{
	const struct hsm_parameter *parameter = text->placeholders[text->placeholder_count - 1].parameter;
	const char *value = read_default(checker, parameter, language);
	size_t length = value ? hsm_text_count_characters(value) : 0;
	text->characters += length;
	text->filled += parameter->max_length.present ? (size_t)parameter->max_length.value : length;
}

static size_t measure_character(struct hsm_checked_text *text, size_t at, int32_t *before)
{
	int32_t code_point = 0;
	utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text->text + at,
						 (utf8proc_ssize_t)(text->length - at), &code_point);
	bool second = is_flag_letter(code_point) && is_flag_letter(*before);
	bool joined = *before == 0x200d; /* a family is joined of people */
	text->emoji += (is_emoji(code_point) && !joined) || (is_flag_letter(code_point) && !second);
	text->spaceless |= is_spaceless(code_point);
	text->ascii = false;
	*before = second ? 0 : code_point;
	return size > 0 ? (size_t)size : 1;
}

/* One walk over the text: everything that rules count. */
static void measure(struct hsm_checker *checker, struct hsm_checked_text *text, const struct hsm_template *template,
		    const char *language)
{
	bool in_word = false;
	int32_t before = 0;
	size_t characters = 0;
	for (size_t at = 0; at < text->length;) {
		unsigned char c = (unsigned char)text->text[at];
		if (c == '{' && text->placeholders && text->text[at + 1] == '{' && read_placeholder(text, template, at)) {
			measure_placeholder(checker, text, language);
			at += text->placeholders[text->placeholder_count - 1].length;
			in_word = false;
			continue;
		}
		if (isspace(c)) {
			in_word = false;
		} else if (!in_word && (c >= 0x80 || isalnum(c))) {
			text->words++;
			in_word = true;
		}
		characters++;
		if (c >= 0x80) {
			at += measure_character(text, at, &before);
			continue;
		}
		before = c;
		at++;
	}
	text->characters += characters;
	text->filled += characters;
}

/* Most texts have none. */
static const struct hsm_wording_place *find_phrases(struct hsm_checker *checker, const char *text)
{
	struct hsm_wording_place places[HSM_WORDING_MAX_] = { { 0, 0 } };
	bool any = false;
	hsm_wording_find(&checker->filter, text, places);
	for (size_t i = 0; i < HSM_WORDING_MAX_; i++)
		any |= places[i].length > 0;
	if (!any)
		return NULL;
	struct hsm_wording_place *kept = hsm_arena_allocate(&checker->arena, sizeof(places));
	memcpy(kept, places, sizeof(places));
	return kept;
}

static struct hsm_checked_text read_text(struct hsm_checker *checker, const struct hsm_template *template,
					 const char *language, const char *component, const struct hsm_string *string)
{
	struct hsm_checked_text text = { .component = component, .string = string, .ascii = true };
	struct hsm_findings ignored = { 0 }; /* compiling has told them */
	if (!string->text)
		return text;
	text.text = hsm_compile_variables(&checker->arena, checker->config, checker->environment, language, string,
					  &ignored);
	hsm_findings_release(&ignored);
	text.replaced = text.text != string->text;
	if (!text.text)
		return text;
	text.length = strlen(text.text);
	size_t count = count_placeholders(text.text);
	if (count)
		text.placeholders = hsm_arena_allocate_array(&checker->arena, count, sizeof(*text.placeholders));
	measure(checker, &text, template, language);
	text.phrases = find_phrases(checker, text.text);
	return text;
}

static void read_buttons(struct hsm_checker *checker, struct hsm_checked_translation *checked)
{
	const struct hsm_list *buttons = &checked->translation->buttons;
	static const struct hsm_string none;
	checked->button_count = buttons->count;
	if (!buttons->count)
		return;
	checked->titles = hsm_arena_allocate_array(&checker->arena, buttons->count, sizeof(*checked->titles));
	checked->urls = hsm_arena_allocate_array(&checker->arena, buttons->count, sizeof(*checked->urls));
	checked->payloads = hsm_arena_allocate_array(&checker->arena, buttons->count, sizeof(*checked->payloads));
	for (size_t i = 0; i < buttons->count; i++) {
		const struct hsm_button *button = HSM_LIST_ITEM(*buttons, struct hsm_button, i);
		const struct hsm_string *title = button->reply.node.present	   ? &button->reply.title :
						 button->url.node.present	   ? &button->url.title :
						 button->phone_number.node.present ? &button->phone_number.title :
										     &none;
		const struct hsm_string *url = button->url.node.present ? &button->url.url : &none;
		checked->titles[i] = read_text(checker, checked->template, checked->language, "button title", title);
		checked->urls[i] = read_text(checker, checked->template, checked->language, "button URL", url);
		if (button->reply.node.present)
			checked->payloads[i] =
				hsm_payload_encode(&checker->arena, button->reply.id.text, &button->reply.data);
	}
}

static struct hsm_checked_template read_template(struct hsm_checker *checker, const struct hsm_template *template)
{
	const struct hsm_list *list = &template->translations;
	struct hsm_checked_template checked = { .template = template, .count = list->count };
	checked.translations = hsm_arena_allocate_array(&checker->arena, list->count, sizeof(*checked.translations));
	for (size_t i = 0; i < list->count; i++) {
		const struct hsm_translation *translation = HSM_LIST_ITEM(*list, struct hsm_translation, i);
		struct hsm_checked_translation *one = &checked.translations[i];
		const char *language = translation->node.key.text;
		*one = (struct hsm_checked_translation){ .template = template, .translation = translation,
							 .language = language };
		one->header = read_text(checker, template, language, "header", &translation->header.text);
		one->body = read_text(checker, template, language, "body", &translation->body);
		one->footer = read_text(checker, template, language, "footer", &translation->footer);
		read_buttons(checker, one);
	}
	return checked;
}

static void check_texts(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_checked_text *parts[] = { &translation->header, &translation->body, &translation->footer };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i]->text)
			checker->rule->check_text(checker, translation, parts[i]);
	for (size_t i = 0; i < translation->button_count; i++) {
		if (translation->titles[i].text)
			checker->rule->check_text(checker, translation, &translation->titles[i]);
		if (translation->urls[i].text)
			checker->rule->check_text(checker, translation, &translation->urls[i]);
	}
}

/* Every default of every parameter; one that is for all languages once. */
static void check_defaults(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	const struct hsm_list *parameters = &template->template->parameters;
	for (size_t i = 0; i < parameters->count; i++) {
		const struct hsm_parameter *parameter = HSM_LIST_ITEM(*parameters, struct hsm_parameter, i);
		bool by_language = parameter->default_value.by_key.count;
		for (size_t j = 0; j < template->count && (by_language || j == 0); j++) {
			const char *language = template->translations[j].language;
			const struct hsm_string *given = hsm_string_by_key_find(&parameter->default_value, language);
			const char *value = read_default(checker, parameter, language);
			if (value)
				checker->rule->check_default(checker, template, parameter, value, given->mark);
		}
	}
}

/* The environment whose variables say what customers of this template read. */
static const struct hsm_environment *find_environment(const struct hsm_config *config, const char *name)
{
	for (size_t i = 0; i < config->environments.count; i++) {
		const struct hsm_environment *environment =
			HSM_LIST_ITEM(config->environments, struct hsm_environment, i);
		if (hsm_environment_has_template(environment, name))
			return environment;
	}
	return NULL;
}

static void check_template(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	for (const struct hsm_rule *rule = hsm_rule_next(NULL); rule; rule = hsm_rule_next(rule)) {
		checker->rule = rule;
		if (rule->check_template)
			rule->check_template(checker, template);
		if (rule->check_default)
			check_defaults(checker, template);
		for (size_t i = 0; rule->check_translation && i < template->count; i++)
			rule->check_translation(checker, &template->translations[i]);
		for (size_t i = 0; rule->check_text && i < template->count; i++)
			check_texts(checker, &template->translations[i]);
	}
}

struct hsm_checker *hsm_rules_begin_check(const struct hsm_config *config, const struct hsm_environment *environment,
					  const struct hsm_template *const *templates, size_t count,
					  struct hsm_findings *findings)
{
	struct hsm_checker *checker = hsm_memory_allocate(sizeof(*checker));
	checker->config = config;
	checker->chosen = environment;
	checker->templates = templates;
	checker->count = count;
	checker->findings = findings;
	checker->incomplete = findings->errors > 0;
	checker->checked = hsm_arena_allocate_array(&checker->arena, count, sizeof(*checker->checked));
	hsm_wording_make_filter(&checker->filter);
	return checker;
}

static void check_repository(struct hsm_checker *checker)
{
	for (const struct hsm_rule *rule = hsm_rule_next(NULL); rule; rule = hsm_rule_next(rule)) {
		checker->rule = rule;
		if (rule->check_repository)
			rule->check_repository(checker, checker->checked, checker->count);
	}
}

bool hsm_rules_check_more(struct hsm_checker *checker)
{
	if (checker->next == checker->count) {
		check_repository(checker);
		return false;
	}
	const struct hsm_template *template = checker->templates[checker->next];
	struct hsm_checked_template *checked = &checker->checked[checker->next++];
	checker->environment = checker->chosen ? checker->chosen : find_environment(checker->config, template->name.text);
	*checked = read_template(checker, template);
	check_template(checker, checked);
	return true;
}

void hsm_rules_end_check(struct hsm_checker *checker)
{
	if (!checker)
		return;
	hsm_arena_release(&checker->allowed_arena);
	hsm_arena_release(&checker->arena);
	free(checker);
}

void hsm_rules_check(const struct hsm_config *config, const struct hsm_environment *environment,
		     const struct hsm_template *const *templates, size_t count, struct hsm_findings *findings)
{
	struct hsm_checker *checker = hsm_rules_begin_check(config, environment, templates, count, findings);
	while (hsm_rules_check_more(checker))
		continue;
	hsm_rules_end_check(checker);
}
