/* Lengths, newlines, spaces, emoji: what a text is made of. */
#include <string.h>

#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define TEMPLATE "name: order_update\ncategory: UTILITY\n"
#define EN "translations:\n  en_US:\n"
#define TEN "abcdefghij"
#define FIFTY TEN TEN TEN TEN TEN
#define FIVE_HUNDRED FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY

enum { HEADER_MAX = 60, BODY_MAX = 1024, FOOTER_MAX = 60, BODY_EMOJI_MAX = 10 };

static void check_length(struct hsm_checker *checker, const struct hsm_checked_text *text, size_t maximum)
{
	if (text->text && text->characters > maximum)
		hsm_check_report(checker, text->string->mark, "the %s has %zu characters with its defaults filled in: %zu at most",
				 text->component, text->characters, maximum);
}

static void check_header_length(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	check_length(checker, &part->header, HEADER_MAX);
}

static void check_body_length(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	check_length(checker, &part->body, BODY_MAX);
}

static void check_footer_length(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	check_length(checker, &part->footer, FOOTER_MAX);
}

static void check_filled(struct hsm_checker *checker, const struct hsm_checked_text *text, size_t maximum)
{
	if (text->text && text->filled > maximum && text->characters <= maximum)
		hsm_check_report(checker, text->string->mark,
				 "the %s has %zu characters with each parameter at its max_length: %zu at most",
				 text->component, text->filled, maximum);
}

static void check_filled_length(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	check_filled(checker, &part->header, HEADER_MAX);
	check_filled(checker, &part->body, BODY_MAX);
}

static void check_newlines(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_checked_text *body = &part->body;
	const char *found = body->text ? strstr(body->text, "\n\n\n") : NULL;
	if (found)
		hsm_check_report(checker, hsm_check_mark(body, (size_t)(found - body->text) + 2, 1),
				 "the body has three newlines in a row: two at most");
}

static void check_emoji(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_checked_text *body = &part->body;
	if (body->text && body->emoji > BODY_EMOJI_MAX)
		hsm_check_report(checker, body->string->mark, "the body has %zu emoji: %d at most", body->emoji,
				 BODY_EMOJI_MAX);
}

static void check_spaces(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
			    const struct hsm_checked_text *text)
{
	const char *found = strstr(text->text, "    ");
	(void)translation;
	if (found)
		hsm_check_report(checker, hsm_check_mark(text, (size_t)(found - text->text), strspn(found, " ")),
				 "%zu spaces in a row: three at most", strspn(found, " "));
}

/* A newline or formatting where the text is one plain line. */
static void check_plain(struct hsm_checker *checker, const struct hsm_checked_text *text)
{
	const char *newline = text->text ? strchr(text->text, '\n') : NULL;
	size_t offset = 0, length = text->text ? hsm_check_find_formatting(text->text, &offset) : 0;
	/* The newline that a block scalar ends with is not sent. */
	if (newline && newline[strspn(newline, "\n")])
		hsm_check_report(checker, hsm_check_mark(text, (size_t)(newline - text->text), 1),
				 "the %s is one line: it has a newline", text->component);
	if (length)
		hsm_check_report(checker, hsm_check_mark(text, offset, length),
				 "the %s takes no formatting: write the words without '%c'", text->component,
				 text->text[offset]);
}

static void check_plain_header(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	check_plain(checker, &part->header);
}

static void check_small_emoji(struct hsm_checker *checker, const struct hsm_checked_text *text)
{
	if (text->text && text->emoji)
		hsm_check_report(checker, text->string->mark, "an emoji in the %s: it may be refused", text->component);
}

static void check_small_print(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	check_plain(checker, &part->footer);
	check_small_emoji(checker, &part->header);
	check_small_emoji(checker, &part->footer);
}

const struct hsm_rule hsm_text_rules[] = {
	{ "HSM101", "header-length", E, "a header has at most 60 characters", .protects = "Meta refuses a longer one",
	  .source = "Meta, components: header", .fix = "shorten the header, or the defaults in it",
	  .good = TEMPLATE EN "    header: " FIFTY "\n    body: Your order is packed.\n",
	  .bad = TEMPLATE EN "    header: " FIFTY " " TEN "\n    body: Your order is packed.\n",
	  .check_part = check_header_length },
	{ "HSM102", "body-length", E, "a body has at most 1024 characters",
	  .protects = "Meta refuses a longer one",
	  .source = "Meta, components: body; characters are Unicode's code points, as its counters show them",
	  .fix = "shorten the body, or the defaults in it",
	  .good = TEMPLATE EN "    body: A " FIVE_HUNDRED "\n",
	  .bad = TEMPLATE EN "    body: A " FIVE_HUNDRED " " FIVE_HUNDRED " " FIFTY "\n",
	  .check_part = check_body_length },
	{ "HSM103", "footer-length", E, "a footer has at most 60 characters",
	  .protects = "Meta refuses a longer one", .source = "Meta, components: footer", .fix = "shorten the footer",
	  .good = TEMPLATE EN "    body: Your order is packed.\n    footer: " FIFTY "\n",
	  .bad = TEMPLATE EN "    body: Your order is packed.\n    footer: " FIFTY " " TEN "\n",
	  .check_part = check_footer_length },
	{ "HSM104", "newlines", E, "a body has at most two newlines in a row", .protects = "Meta refuses more",
	  .source = "Meta's answer to such a create (2388072)", .fix = "leave one empty line",
	  .good = TEMPLATE EN "    body: \"One.\\n\\nTwo.\"\n",
	  .bad = TEMPLATE EN "    body: \"One.\\n\\n\\nTwo.\"\n", .check_part = check_newlines },
	{ "HSM105", "filled-length", E, "a text fits with each parameter at its max_length",
	  .protects = "a message with long values is refused when it is sent",
	  .source = "Meta, error 132005: the filled-in text is too long",
	  .fix = "lower a max_length, or shorten the text",
	  .good = TEMPLATE "parameters: {a: {default: x, max_length: 40}}\n" EN
			   "    header: \"Order {{a}}\"\n    body: Your order is packed.\n",
	  .bad = TEMPLATE "parameters: {a: {default: x, max_length: 60}}\n" EN
			  "    header: \"Order {{a}}\"\n    body: Your order is packed.\n",
	  .check_part = check_filled_length },
	{ "HSM106", "emoji", E, "a body has at most ten emoji", .protects = "Meta refuses more",
	  .source = "Meta's answer to such a create (2388072)", .fix = "keep the emoji that say something",
	  .good = TEMPLATE EN "    body: \"Packed 😀😀😀😀😀😀😀😀😀😀\"\n",
	  .bad = TEMPLATE EN "    body: \"Packed 😀😀😀😀😀😀😀😀😀😀😀\"\n", .check_part = check_emoji },
	{ "HSM107", "spaces", W, "at most three spaces in a row", .protects = "customers read no gaps",
	  .source = "providers' guides; Meta refuses five in a sent value (132018)", .fix = "write one space",
	  .good = TEMPLATE EN "    body: Your order is packed.\n",
	  .bad = TEMPLATE EN "    body: Your order     is packed.\n", .check_text = check_spaces },
	{ "HSM108", "plain-header", E, "a header is one line without formatting",
	  .protects = "Meta refuses newlines and *bold* in a header", .source = "Meta, components: header (2388047)",
	  .fix = "write one plain line", .good = TEMPLATE EN "    header: Order_update *1\n    body: It is packed.\n",
	  .bad = TEMPLATE EN "    header: \"*Order* update\"\n    body: It is packed.\n",
	  .check_part = check_plain_header },
	{ "HSM109", "small-print", W, "a footer is one line without formatting, and without emoji as a header is",
	  .protects = "Meta refuses some of these", .source = "providers' guides (2388047, 2388073)",
	  .fix = "write one plain line", .good = TEMPLATE EN "    body: It is packed. 😀\n    footer: Acme\n",
	  .bad = TEMPLATE EN "    body: It is packed.\n    footer: Acme 😀\n", .check_part = check_small_print },
};
const size_t hsm_text_rules_count = sizeof(hsm_text_rules) / sizeof(hsm_text_rules[0]);
