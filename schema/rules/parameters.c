/* What a parameter's samples say of the values that senders will give. */
#include <string.h>
#include <utf8proc.h>

#include "schema/base/date.h"
#include "schema/base/regex.h"
#include "schema/base/text.h"
#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define TEMPLATE "name: order_update\ncategory: UTILITY\n"
#define BODY "translations:\n  en_US:\n    body: \"Your order of {{a}} is packed.\"\n"
#define LOGIN "name: login\ncategory: AUTHENTICATION\n"

enum { CODE_MAX = 15 };

static void check_date(struct hsm_checker *checker, const struct hsm_checked_template *template,
		       const struct hsm_parameter *parameter, const char *value, struct hsm_mark mark)
{
	int64_t clock;
	(void)template;
	if (parameter->type.value == HSM_PARAMETER_DATE && !hsm_date_read(value, &clock))
		hsm_check_report(checker, mark, "a DATE is a day as YYYY-MM-DD, such as 2026-03-31");
}

static void check_date_time(struct hsm_checker *checker, const struct hsm_checked_template *template,
		       const struct hsm_parameter *parameter, const char *value, struct hsm_mark mark)
{
	int64_t clock;
	(void)template;
	if (parameter->type.value == HSM_PARAMETER_DATE_TIME && !hsm_date_time_read(value, &clock))
		hsm_check_report(checker, mark, "a DATE_TIME is as RFC 3339 has it, such as 2026-03-31T14:30:00Z");
}

static void check_currency(struct hsm_checker *checker, const struct hsm_checked_template *template,
		       const struct hsm_parameter *parameter, const char *value, struct hsm_mark mark)
{
	(void)template;
	if (parameter->type.value == HSM_PARAMETER_CURRENCY && !strpbrk(value, "0123456789"))
		hsm_check_report(checker, mark, "a CURRENCY's default is the amount as text, such as \"12.99 EUR\"");
}

static void check_max_length(struct hsm_checker *checker, const struct hsm_checked_template *template,
		       const struct hsm_parameter *parameter, const char *value, struct hsm_mark mark)
{
	(void)template;
	size_t length = hsm_text_count_characters(value);
	if (parameter->max_length.present && length > (size_t)parameter->max_length.value)
		hsm_check_report(checker, mark, "the default has %zu characters, and max_length is %lld", length,
				 (long long)parameter->max_length.value);
}

static void check_sendable(struct hsm_checker *checker, const struct hsm_checked_template *template,
		       const struct hsm_parameter *parameter, const char *value, struct hsm_mark mark)
{
	(void)template;
	const char *what = strpbrk(value, "\r\n")   ? "a newline" :
			   strchr(value, '\t')	    ? "a tab" :
			   strstr(value, "     ")   ? "more than four spaces in a row" :
			   !value[strspn(value, " ")] ? "nothing but blanks" :
							NULL;
	(void)parameter;
	if (what)
		hsm_check_report(checker, mark, "the default has %s: no message could be sent with it", what);
}

static void check_placeholder(struct hsm_checker *checker, const struct hsm_checked_template *template,
		       const struct hsm_parameter *parameter, const char *value, struct hsm_mark mark)
{
	(void)template;
	(void)parameter;
	if (strstr(value, "{{"))
		hsm_check_report(checker, mark, "a placeholder in a default: a sample is a value");
}

/* What a TEXT's characters must match: by itself, or by hsmctl.yaml; NULL: nothing. */
static const char *find_allowed(const struct hsm_checker *checker, const struct hsm_parameter *parameter)
{
	int type = parameter->type.value ? parameter->type.value : HSM_PARAMETER_TEXT;
	if (type != HSM_PARAMETER_TEXT)
		return NULL;
	return parameter->allowed.text ? parameter->allowed.text : checker->config->delivery.allowed.text;
}

/* The last one is kept: hsmctl.yaml's is every parameter's. NULL and the error where it is none. */
static const struct hsm_allowed *make_allowed(struct hsm_checker *checker, const char *text, struct hsm_error *error)
{
	if (checker->allowed_text && strcmp(checker->allowed_text, text) == 0)
		return checker->allowed;
	hsm_arena_clear(&checker->allowed_arena);
	checker->allowed_text = NULL;
	if (hsm_allowed_make(&checker->allowed, &checker->allowed_arena, text, error))
		return NULL;
	checker->allowed_text = text;
	return checker->allowed;
}

static void check_expression(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	const struct hsm_list *parameters = &template->template->parameters;
	for (size_t i = 0; i < parameters->count; i++) {
		const struct hsm_string *text = &HSM_LIST_ITEM(*parameters, struct hsm_parameter, i)->allowed;
		struct hsm_error error;
		if (text->text && !make_allowed(checker, text->text, &error))
			hsm_check_report(checker, text->mark, "%s", error.message);
	}
}

static void check_allowed(struct hsm_checker *checker, const struct hsm_checked_template *template,
			  const struct hsm_parameter *parameter, const char *value, struct hsm_mark mark)
{
	const char *text = find_allowed(checker, parameter);
	struct hsm_error ignored; /* told of the expression itself */
	const struct hsm_allowed *allowed = text ? make_allowed(checker, text, &ignored) : NULL;
	(void)template;
	for (int32_t code_point, size; allowed && *value; value += size) {
		size = (int32_t)utf8proc_iterate((const utf8proc_uint8_t *)value, -1, &code_point);
		if (hsm_allowed_has(allowed, code_point))
			continue;
		hsm_check_report(checker, mark, "U+%04X in the default is not of what is allowed: %s", (unsigned)code_point, text);
		return;
	}
}

static void check_code(struct hsm_checker *checker, const struct hsm_checked_template *template,
		       const struct hsm_parameter *parameter, const char *value, struct hsm_mark mark)
{
	size_t length = hsm_text_count_characters(value);
	(void)parameter;
	if (hsm_check_is_login(template->template) && length > CODE_MAX)
		hsm_check_report(checker, mark, "a parameter of an AUTHENTICATION template has at most %d characters, "
						"not %zu", CODE_MAX, length);
}

static void check_login_text(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
			     const struct hsm_checked_text *text)
{
	const char *url = hsm_check_is_login(translation->template) ? strstr(text->text, "://") : NULL;
	if (hsm_check_is_login(translation->template) && text->emoji)
		hsm_check_report(checker, text->string->mark, "an AUTHENTICATION template takes no emoji");
	if (url)
		hsm_check_report(checker, hsm_check_mark(text, (size_t)(url - text->text), 3),
				 "an AUTHENTICATION template takes no URL");
}

static void check_login_header(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_header *header = part->heading;
	if (hsm_check_is_login(part->template) && header->node.present && !header->text.text)
		hsm_check_report(checker, header->node.mark, "an AUTHENTICATION template's header is text");
}

const struct hsm_rule hsm_parameters_rules[] = {
	{ "HSM120", "date", E, "a DATE's default is a day as YYYY-MM-DD", .protects = "the API takes the template",
	  .source = "Genesys, template parameters", .fix = "write it as 2026-03-31",
	  .good = TEMPLATE "parameters: {a: {type: DATE, default: 2024-02-29}}\n" BODY,
	  .bad = TEMPLATE "parameters: {a: {type: DATE, default: 2023-02-29}}\n" BODY, .check_default = check_date },
	{ "HSM121", "date-time", E, "a DATE_TIME's default is a time of RFC 3339",
	  .protects = "the API takes the template", .source = "Genesys, template parameters",
	  .fix = "write it as 2026-03-31T14:30:00Z",
	  .good = TEMPLATE "parameters: {a: {type: DATE_TIME, default: \"2026-03-31T14:30:00.5+02:00\"}}\n" BODY,
	  .bad = TEMPLATE "parameters: {a: {type: DATE_TIME, default: \"2026-03-31 14:30\"}}\n" BODY,
	  .check_default = check_date_time },
	{ "HSM122", "currency", E, "a CURRENCY's default is an amount", .protects = "reviewers see a price",
	  .source = "Meta, currency parameters: the fallback value", .fix = "write the amount as text",
	  .good = TEMPLATE "parameters: {a: {type: CURRENCY, default: 12 EUR, code: EUR, amount_1000: 12000}}\n" BODY,
	  .bad = TEMPLATE "parameters: {a: {type: CURRENCY, default: EUR, code: EUR, amount_1000: 12000}}\n" BODY,
	  .check_default = check_currency },
	{ "HSM123", "default-length", E, "a default is not longer than its max_length",
	  .protects = "the file does not contradict itself", .source = "hsmctl's file format",
	  .fix = "shorten the default, or raise max_length",
	  .good = TEMPLATE "parameters: {a: {default: five, max_length: 4}}\n" BODY,
	  .bad = TEMPLATE "parameters: {a: {default: seven, max_length: 4}}\n" BODY, .check_default = check_max_length },
	{ "HSM124", "default-sendable", W, "a default is a value that could be sent",
	  .protects = "such a value is refused when it is sent", .source = "Meta, error 132018",
	  .fix = "write it on one line, without runs of spaces",
	  .good = TEMPLATE "parameters: {a: {default: a    b}}\n" BODY,
	  .bad = TEMPLATE "parameters: {a: {default: \"a\\nb\"}}\n" BODY, .check_default = check_sendable },
	{ "HSM125", "default-placeholder", E, "a default holds no placeholder", .protects = "reviewers see a sample",
	  .source = "Meta, components: examples", .fix = "write a value as a customer would read it",
	  .good = TEMPLATE "parameters: {a: {default: \"{shoes}\"}}\n" BODY,
	  .bad = TEMPLATE "parameters: {a: {default: \"{{shoes}}\"}}\n" BODY, .check_default = check_placeholder },
	{ "HSM126", "code-length", E, "a parameter of an AUTHENTICATION template has at most 15 characters",
	  .protects = "Meta refuses a longer one", .source = "Meta, categories: authentication",
	  .fix = "send a code; move other values into another template",
	  .good = LOGIN "parameters: {a: {default: \"123456789012345\"}}\n" BODY,
	  .bad = LOGIN "parameters: {a: {default: \"1234567890123456\"}}\n" BODY, .check_default = check_code },
	{ "HSM127", "authentication-content", E, "an AUTHENTICATION template has no URL, media, location or emoji",
	  .protects = "Meta refuses it", .source = "Meta, categories: authentication",
	  .fix = "leave it out, or choose the category UTILITY",
	  .good = LOGIN "parameters: {a: {default: \"1\"}}\n" BODY,
	  .bad = LOGIN "parameters: {a: {default: \"1\"}}\n" BODY "    footer: \"https://example.com\"\n",
	  .check_part = check_login_header, .check_text = check_login_text },
	{ "HSM128", "allowed", E, "what a parameter allows is a regular expression",
	  .protects = "its values can be sent", .source = "PCRE2, which reads it",
	  .fix = "correct the expression: it says what one character may be, such as [A-Z0-9-]",
	  .good = TEMPLATE "parameters: {a: {default: ORD-1, allowed: \"[A-Z0-9-]\"}}\n" BODY,
	  .bad = TEMPLATE "parameters: {a: {default: ORD-1, allowed: \"[A-Z0-9-\"}}\n" BODY,
	  .check_template = check_expression },
	{ "HSM129", "default-allowed", E, "a default has only characters that its parameter allows",
	  .protects = "the file does not contradict itself", .source = "hsmctl's file format",
	  .fix = "correct the default, or what is allowed",
	  .good = TEMPLATE "parameters: {a: {default: ORD-1, allowed: \"[A-Z0-9-]\"}}\n" BODY,
	  .bad = TEMPLATE "parameters: {a: {default: ord-1, allowed: \"[A-Z0-9-]\"}}\n" BODY, .check_default = check_allowed },
};
const size_t hsm_parameters_rules_count = sizeof(hsm_parameters_rules) / sizeof(hsm_parameters_rules[0]);
