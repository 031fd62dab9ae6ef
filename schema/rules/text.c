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

static void check_header_length(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	check_length(checker, &translation->header, HEADER_MAX);
}

static void check_body_length(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	check_length(checker, &translation->body, BODY_MAX);
}

static void check_footer_length(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	check_length(checker, &translation->footer, FOOTER_MAX);
}

/* Three newlines in a row. */
static void check_newlines(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_checked_text *body = &translation->body;
	const char *found = body->text ? strstr(body->text, "\n\n\n") : NULL;
	if (found)
		hsm_check_report(checker, body->string->mark, "the body has three newlines in a row: two at most");
}

const struct hsm_rule hsm_text_rules[] = {
	{ "HSM101", "header-length", E, "a header has at most 60 characters", .protects = "Meta refuses a longer one",
	  .source = "Meta, components: header", .fix = "shorten the header, or the defaults in it",
	  .good = TEMPLATE EN "    header: " FIFTY "\n    body: Your order is packed.\n",
	  .bad = TEMPLATE EN "    header: " FIFTY " " TEN "\n    body: Your order is packed.\n",
	  .check_translation = check_header_length },
	{ "HSM102", "body-length", E, "a body has at most 1024 characters",
	  .protects = "Meta refuses a longer one", .source = "Meta, components: body",
	  .fix = "shorten the body, or the defaults in it",
	  .good = TEMPLATE EN "    body: A " FIVE_HUNDRED "\n",
	  .bad = TEMPLATE EN "    body: A " FIVE_HUNDRED " " FIVE_HUNDRED " " FIFTY "\n",
	  .check_translation = check_body_length },
	{ "HSM103", "footer-length", E, "a footer has at most 60 characters",
	  .protects = "Meta refuses a longer one", .source = "Meta, components: footer", .fix = "shorten the footer",
	  .good = TEMPLATE EN "    body: Your order is packed.\n    footer: " FIFTY "\n",
	  .bad = TEMPLATE EN "    body: Your order is packed.\n    footer: " FIFTY " " TEN "\n",
	  .check_translation = check_footer_length },
	{ "HSM104", "newlines", E, "a body has at most two newlines in a row",
	  .protects = "Meta refuses more", .source = "Meta's answer to such a create",
	  .fix = "leave one empty line", .good = TEMPLATE EN "    body: \"One.\\n\\nTwo.\"\n",
	  .bad = TEMPLATE EN "    body: \"One.\\n\\n\\nTwo.\"\n", .check_translation = check_newlines },
};
const size_t hsm_text_rules_count = sizeof(hsm_text_rules) / sizeof(hsm_text_rules[0]);
