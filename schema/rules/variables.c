/* Where a text's placeholders may stand. */
#include <ctype.h>
#include <string.h>
#include <utf8proc.h>

#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define TEMPLATE "name: order_update\ncategory: UTILITY\n"
#define PARAMETERS "parameters: {a: {default: x}, b: {default: y}}\n"
#define EN "translations:\n  en_US:\n"
#define MARKS "*_~`" /* of formatting */
#define BLANKS " \t\r\n"

static struct hsm_mark mark_of(const struct hsm_checked_text *text, const struct hsm_checked_placeholder *placeholder)
{
	return hsm_check_mark(text, placeholder->offset, placeholder->length);
}

static size_t end_of(const struct hsm_checked_placeholder *placeholder)
{
	return placeholder->offset + placeholder->length;
}

/* Whether the bytes from one offset to another are all of a set. */
static bool only(const struct hsm_checked_text *text, size_t from, size_t to, const char *set)
{
	return strspn(text->text + from, set) >= to - from;
}

/* Whether a word stands there: Meta takes any punctuation after a variable for text. */
static bool has_word(const struct hsm_checked_text *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if ((text->text[i] & 0x80) || isalnum((unsigned char)text->text[i]))
			return true;
	return false;
}

static void check_start(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_checked_text *body = &part->body;
	if (body->placeholder_count && only(body, 0, body->placeholders[0].offset, BLANKS))
		hsm_check_report(checker, mark_of(body, &body->placeholders[0]),
				 "the body begins with a parameter: write a word before it");
}

static void check_end(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_checked_text *body = &part->body;
	const struct hsm_checked_placeholder *last =
		body->placeholder_count ? &body->placeholders[body->placeholder_count - 1] : NULL;
	if (last && only(body, end_of(last), body->length, BLANKS))
		hsm_check_report(checker, mark_of(body, last), "the body ends with a parameter: write a word or a "
							       "full stop after it");
}

/* Only formatting between a parameter and the body's start or end, or, at the
 * start, no word. */
static void check_edges(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_checked_text *body = &part->body;
	if (!body->placeholder_count)
		return;
	const struct hsm_checked_placeholder *first = &body->placeholders[0];
	const struct hsm_checked_placeholder *last = &body->placeholders[body->placeholder_count - 1];
	if (!has_word(body, 0, first->offset) && !only(body, 0, first->offset, BLANKS))
		hsm_check_report(checker, mark_of(body, first), "no word stands before the body's first parameter");
	if (only(body, end_of(last), body->length, BLANKS MARKS) && !only(body, end_of(last), body->length, BLANKS))
		hsm_check_report(checker, mark_of(body, last),
				 "nothing but formatting stands after the body's last parameter: write a full stop");
}

/* Each parameter that only `between` keeps apart from the one before. */
static void check_neighbours(struct hsm_checker *checker, const struct hsm_checked_text *text, bool apart,
			     const char *between)
{
	for (size_t i = 1; i < text->placeholder_count; i++) {
		size_t from = end_of(&text->placeholders[i - 1]), to = text->placeholders[i].offset;
		if ((to > from) == apart && only(text, from, to, between))
			hsm_check_report(checker, hsm_check_mark(text, text->placeholders[i - 1].offset,
								 end_of(&text->placeholders[i]) -
									 text->placeholders[i - 1].offset),
					 "%s: write a word or punctuation between them",
					 apart ? "two parameters with nothing but blanks between" :
						 "two parameters next to each other");
	}
}

static void check_adjacent(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	check_neighbours(checker, &part->body, false, "");
}

static void check_apart(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	check_neighbours(checker, &part->body, true, BLANKS MARKS);
}

static void check_ratio(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_checked_text *body = &part->body;
	size_t wanted = 2 * body->placeholder_count + 1;
	if (body->placeholder_count && !body->spaceless && body->words < wanted)
		hsm_check_report(checker, body->string->mark,
				 "%zu word%s beside %zu parameter%s: write %zu words or more", body->words,
				 body->words == 1 ? "" : "s", body->placeholder_count,
				 body->placeholder_count == 1 ? "" : "s", wanted);
}

static void check_header(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_checked_text *header = &part->header;
	for (size_t i = 1; i < header->placeholder_count; i++)
		if (header->placeholders[i].parameter != header->placeholders[0].parameter) {
			hsm_check_report(checker, mark_of(header, &header->placeholders[i]),
					 "a second parameter in the header: one at most");
			return;
		}
}

static void check_footer(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_checked_text *footer = &part->footer;
	if (footer->placeholder_count)
		hsm_check_report(checker, mark_of(footer, &footer->placeholders[0]), "a footer takes no parameters");
}

static bool uses(const struct hsm_checked_text *text, const struct hsm_parameter *parameter)
{
	for (size_t i = 0; i < text->placeholder_count; i++)
		if (text->placeholders[i].parameter == parameter)
			return true;
	return false;
}

static bool uses_in_part(const struct hsm_checked_part *part, const struct hsm_parameter *parameter)
{
	if (uses(&part->header, parameter) || uses(&part->body, parameter) || uses(&part->footer, parameter))
		return true;
	for (size_t i = 0; i < part->buttons->count; i++)
		if (uses(&part->urls[i], parameter))
			return true;
	return false;
}

static bool is_used(const struct hsm_checked_template *template, const struct hsm_parameter *parameter)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct hsm_checked_translation *translation = &template->translations[i];
		for (size_t j = 0; j < translation->part_count; j++)
			if (uses_in_part(&translation->parts[j], parameter))
				return true;
	}
	return false;
}

static void check_unused(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	const struct hsm_list *parameters = &template->template->parameters;
	for (size_t i = 0; i < parameters->count; i++) {
		const struct hsm_parameter *parameter = HSM_LIST_ITEM(*parameters, struct hsm_parameter, i);
		if (!is_used(template, parameter))
			hsm_check_report(checker, parameter->node.key.mark, "no text uses parameter '%s': remove it, or "
									    "write {{%s}}",
					 parameter->node.key.text, parameter->node.key.text);
	}
}

static void check_urls(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_checked_text *url = &part->urls[i];
		for (size_t j = 0; j < url->placeholder_count; j++)
			if (j + 1 < url->placeholder_count || end_of(&url->placeholders[j]) < url->length)
				hsm_check_report(checker, mark_of(url, &url->placeholders[j]),
						 "a URL takes one parameter, at its end");
	}
}

const struct hsm_rule hsm_variables_rules[] = {
	{ "HSM110", "parameter-first", E, "a body does not begin with a parameter", .protects = "Meta refuses it",
	  .source = "Meta, template review (2388299)", .fix = "write a word before it",
	  .good = TEMPLATE PARAMETERS EN "    body: \"Dear {{a}}, your order {{b}} is on its way to you.\"\n",
	  .bad = TEMPLATE PARAMETERS EN "    body: \"{{a}}, your order {{b}} is on its way to you.\"\n",
	  .check_part = check_start },
	{ "HSM111", "parameter-last", E, "a body does not end with a parameter", .protects = "Meta refuses it",
	  .source = "Meta, template review (2388299)", .fix = "write a full stop after it",
	  .good = TEMPLATE PARAMETERS EN "    body: \"Dear {{a}}, this is the number of your order: {{b}}.\"\n",
	  .bad = TEMPLATE PARAMETERS EN "    body: \"Dear {{a}}, this is the number of your order: {{b}}\"\n",
	  .check_part = check_end },
	{ "HSM112", "parameter-edge", W, "a body begins with a word, and ends with more than formatting",
	  .protects = "Meta may take the parameter for the start or the end", .source = "providers' guides",
	  .fix = "write a word before it, a full stop after it",
	  .good = TEMPLATE PARAMETERS EN "    body: \"Dear *{{a}}*, this is the number of your order: *{{b}}.*\"\n",
	  .bad = TEMPLATE PARAMETERS EN "    body: \"Dear {{a}}, this is the number of your order: *{{b}}*\"\n",
	  .check_part = check_edges },
	{ "HSM113", "parameters-adjacent", E, "two parameters have text between them",
	  .protects = "Meta rejects it: INVALID_FORMAT", .source = "Meta, webhook of a rejected template",
	  .fix = "write a word or punctuation between them",
	  .good = TEMPLATE PARAMETERS EN "    body: \"Your order {{a}}, {{b}} is on its way to you.\"\n",
	  .bad = TEMPLATE PARAMETERS EN "    body: \"Your order {{a}}{{b}} is on its way to you.\"\n",
	  .check_part = check_adjacent },
	{ "HSM114", "parameters-apart", W, "more than blanks stand between two parameters",
	  .protects = "Meta may take them for adjacent", .source = "providers' guides",
	  .fix = "write a word or punctuation between them",
	  .good = TEMPLATE PARAMETERS EN "    body: \"Your order {{a}} of {{b}} is on its way to you.\"\n",
	  .bad = TEMPLATE PARAMETERS EN "    body: \"Your order {{a}} {{b}} is on its way to you.\"\n",
	  .check_part = check_apart },
	{ "HSM115", "parameter-ratio", W, "a body has more than two words for each parameter",
	  .protects = "Meta refuses too many parameters for a body's length",
	  .source = "three providers' guides agree; Meta tells no number (2388293)", .fix = "write more words",
	  .good = TEMPLATE PARAMETERS EN "    body: \"Order {{a}} leaves on {{b}} for sure.\"\n",
	  .bad = TEMPLATE PARAMETERS EN "    body: \"Order {{a}} leaves on {{b}}.\"\n",
	  .check_part = check_ratio },
	{ "HSM116", "header-parameters", E, "a header has at most one parameter", .protects = "Meta refuses more",
	  .source = "Meta, components: header", .fix = "move one into the body",
	  .good = TEMPLATE PARAMETERS EN "    header: \"Order {{a}}\"\n    body: \"Order {{a}} for {{b}} is on its way to you.\"\n",
	  .bad = TEMPLATE PARAMETERS EN "    header: \"Order {{a}} {{b}}\"\n    body: Your order is packed.\n",
	  .check_part = check_header },
	{ "HSM117", "footer-parameters", E, "a footer has no parameters", .protects = "Meta refuses them",
	  .source = "Meta, components: footer", .fix = "move it into the body",
	  .good = TEMPLATE PARAMETERS EN "    body: \"Order {{a}} for {{b}} is on its way to you.\"\n    footer: Acme\n",
	  .bad = TEMPLATE PARAMETERS EN "    body: \"Order {{a}} is on its way to you.\"\n    footer: \"By {{b}}\"\n",
	  .check_part = check_footer },
	{ "HSM118", "parameter-unused", W, "every declared parameter is used", .protects = "a forgotten placeholder is seen",
	  .source = "hsmctl's file format", .fix = "remove the parameter, or use it",
	  .good = TEMPLATE PARAMETERS EN "    body: \"Order {{a}} for {{b}} is on its way to you.\"\n",
	  .bad = TEMPLATE PARAMETERS EN "    body: \"Order {{a}} is on its way to you.\"\n",
	  .check_template = check_unused },
	{ "HSM119", "url-parameter", E, "a URL has at most one parameter, at its end", .protects = "Meta refuses others",
	  .source = "Meta, components: buttons", .fix = "move the parameter to the end of the URL",
	  .good = TEMPLATE "parameters: {a: {default: x}}\n" EN "    body: Your order is packed.\n    buttons:\n"
			   "      - url: {title: Open, url: \"https://example.com/{{a}}\"}\n",
	  .bad = TEMPLATE "parameters: {a: {default: x}}\n" EN "    body: Your order is packed.\n    buttons:\n"
			  "      - url: {title: Open, url: \"https://example.com/{{a}}/open\"}\n",
	  .check_part = check_urls },
};
const size_t hsm_variables_rules_count = sizeof(hsm_variables_rules) / sizeof(hsm_variables_rules[0]);
