#include "schema/rules/check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
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

static void check_text(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
		       const struct hsm_checked_text *text)
{
	if (text->text)
		checker->rule->check_text(checker, translation, text);
}

static void check_texts(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	check_text(checker, translation, &translation->offer);
	for (size_t i = 0; i < translation->part_count; i++) {
		const struct hsm_checked_part *part = &translation->parts[i];
		check_text(checker, translation, &part->header);
		check_text(checker, translation, &part->body);
		check_text(checker, translation, &part->footer);
		for (size_t j = 0; j < part->title_count; j++)
			check_text(checker, translation, &part->titles[j]);
		for (size_t j = 0; j < part->buttons->count; j++)
			check_text(checker, translation, &part->urls[j]);
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
			const char *value = hsm_check_read_default(checker, parameter, language);
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

static void check_translation(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_rule *rule = checker->rule;
	if (rule->check_translation)
		rule->check_translation(checker, translation);
	for (size_t i = 0; rule->check_part && i < translation->part_count; i++)
		rule->check_part(checker, &translation->parts[i]);
	if (rule->check_text)
		check_texts(checker, translation);
}

static bool is_of(const struct hsm_rule *rule, unsigned backends)
{
	return !rule->backend || (backends & 1U << rule->backend);
}

static void check_template(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	for (const struct hsm_rule *rule = hsm_rule_next(NULL); rule; rule = hsm_rule_next(rule)) {
		if (!is_of(rule, template->backends))
			continue;
		checker->rule = rule;
		if (rule->check_template)
			rule->check_template(checker, template);
		if (rule->check_default)
			check_defaults(checker, template);
		for (size_t i = 0; i < template->count; i++)
			if (is_of(rule, template->translations[i].backends))
				check_translation(checker, &template->translations[i]);
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
	*checked = hsm_check_read_template(checker, checker->chosen, template);
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
