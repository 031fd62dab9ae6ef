#ifndef HSM_CHECK_H
#define HSM_CHECK_H

#include <stdint.h>

#include "schema/base/regex.h"
#include "schema/rules.h"
#include "schema/rules/wording.h"

/* Private to the rules: a template as they see it (read.c), and what several of them use (check.c). */

struct hsm_checked_placeholder {
	size_t offset, length; /* in the text, with its braces */
	const struct hsm_parameter *parameter;
};

struct hsm_checked_text {
	const char *component;           /* "header", "body", "card 2 body", "button title", "button URL" */
	const struct hsm_string *string; /* where it stands */
	const char *text;                /* its variables replaced; NULL: there is none */
	bool replaced;                   /* variables were: places inside cannot be told */
	bool ascii;
	size_t length;
	/* Code points, with the defaults of its parameters filled in: what WhatsApp counts
	 * (not bytes, nor UTF-16 units: an emoji is one). */
	size_t characters;
	size_t filled; /* the same with each parameter at its max_length, where it has one */
	size_t words;  /* with a letter or digit, outside placeholders */
	bool spaceless; /* of a script without blanks between words: they cannot be counted */
	size_t emoji;   /* as they are seen: a family is one, and a flag */
	const struct hsm_wording_place *phrases; /* by kind; NULL: none of any */
	struct hsm_checked_placeholder *placeholders; /* in order, each occurrence */
	size_t placeholder_count;
};

/* What stands in one bubble: the message itself, or a card of its carousel. */
struct hsm_checked_part {
	const struct hsm_template *template;
	const char *language;
	size_t card;          /* from 1; 0: the message itself */
	struct hsm_mark mark; /* of the language's key, or of the card */
	const struct hsm_header *heading; /* in the file, like the next */
	const struct hsm_list *buttons;   /* struct hsm_button */
	struct hsm_checked_text header, body, footer;
	struct hsm_checked_text *titles; /* all that stand on buttons */
	size_t title_count;
	struct hsm_checked_text *urls; /* one per button; text NULL where it has none */
	const char **payloads; /* likewise: what a tap sends; NULL: nothing */
};

struct hsm_checked_translation {
	const struct hsm_template *template;
	const struct hsm_translation *translation;
	const char *language;
	unsigned backends; /* the APIs that it is for: a bit 1 << enum hsm_backend_word each */
	struct hsm_checked_part *parts; /* the message itself, then its cards */
	size_t part_count;
	struct hsm_checked_text offer;
};

struct hsm_checked_template {
	const struct hsm_template *template;
	unsigned backends; /* of any translation */
	struct hsm_checked_translation *translations; /* in the file's order */
	size_t count;
};

/* A translation by what Meta compares, its body and footer; two of one hash are taken for alike. */
struct hsm_checked_message {
	uint64_t hash;
	const struct hsm_checked_translation *translation;
};

struct hsm_checker {
	struct hsm_arena arena;
	struct hsm_wording_filter filter;
	const struct hsm_config *config;
	const struct hsm_environment *chosen; /* NULL: each template's first */
	const struct hsm_template *const *templates;
	struct hsm_checked_template *checked; /* as many as next */
	size_t count, next;
	const struct hsm_environment *environment; /* whose variables are used; NULL: none */
	struct hsm_findings *findings;
	const struct hsm_rule *rule; /* that is being checked */
	struct hsm_checked_message *messages; /* by hash; made by the first rule that asks */
	size_t message_count;
	struct hsm_allowed *allowed; /* made last, from allowed_text */
	const char *allowed_text;
	struct hsm_arena allowed_arena;
	bool incomplete;             /* files had errors: a template may be there that was not loaded */
};

/* Everything lives in the checker's arena. chosen: the environment; NULL: all that have the template. */
struct hsm_checked_template hsm_check_read_template(struct hsm_checker *checker, const struct hsm_environment *chosen,
						    const struct hsm_template *template);

/* A parameter's default for a language, its variables replaced; NULL where there is none. */
const char *hsm_check_read_default(struct hsm_checker *checker, const struct hsm_parameter *parameter,
				   const char *language);

/* A finding of the rule being checked. */
void hsm_check_report(struct hsm_checker *checker, struct hsm_mark mark, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The mark of `length` bytes at an offset of a text. */
struct hsm_mark hsm_check_mark(const struct hsm_checked_text *text, size_t offset, size_t length);

/* The first *word*, _word_, ~word~ or ```word``` at or after an offset, by its length; 0: none. */
size_t hsm_check_find_formatting(const char *text, size_t *offset);

static inline bool hsm_check_is_login(const struct hsm_template *template)
{
	return template->category.value == HSM_CATEGORY_AUTHENTICATION;
}

static inline const struct hsm_button *hsm_check_button(const struct hsm_checked_part *part, size_t i)
{
	return HSM_LIST_ITEM(*part->buttons, struct hsm_button, i);
}

/* How many buttons of a kind there may be: one, or two. */
struct hsm_button_limit {
	const char *kind; /* as hsm_button_kind says it; NULL: the end */
	size_t most;
};
void hsm_check_button_limits(struct hsm_checker *checker, const struct hsm_checked_part *part,
			     const struct hsm_button_limit *limits);

/* Codes of the languages that Meta has. */
extern const char *const hsm_languages_listed[];
extern const size_t hsm_languages_listed_count;

/* The groups of rows, a file each, in the order of their ids. */
extern const struct hsm_rule hsm_text_rules[];
extern const size_t hsm_text_rules_count;
extern const struct hsm_rule hsm_variables_rules[];
extern const size_t hsm_variables_rules_count;
extern const struct hsm_rule hsm_parameters_rules[];
extern const size_t hsm_parameters_rules_count;
extern const struct hsm_rule hsm_buttons_rules[];
extern const size_t hsm_buttons_rules_count;
extern const struct hsm_rule hsm_unicode_rules[];
extern const size_t hsm_unicode_rules_count;
extern const struct hsm_rule hsm_languages_rules[];
extern const size_t hsm_languages_rules_count;
extern const struct hsm_rule hsm_translations_rules[];
extern const size_t hsm_translations_rules_count;
extern const struct hsm_rule hsm_wording_rules[];
extern const size_t hsm_wording_rules_count;
extern const struct hsm_rule hsm_repository_rules[];
extern const size_t hsm_repository_rules_count;
extern const struct hsm_rule hsm_authentication_rules[];
extern const size_t hsm_authentication_rules_count;
extern const struct hsm_rule hsm_carousel_rules[];
extern const size_t hsm_carousel_rules_count;
extern const struct hsm_rule hsm_offers_rules[];
extern const size_t hsm_offers_rules_count;
extern const struct hsm_rule hsm_options_rules[];
extern const size_t hsm_options_rules_count;
extern const struct hsm_rule hsm_actions_rules[];
extern const size_t hsm_actions_rules_count;

#endif
