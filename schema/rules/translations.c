/* What the translations of one template say of each other: senders and flows know one template. */
#include <string.h>

#include "schema/payload.h"
#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define TEMPLATE "name: order_update\ncategory: UTILITY\n"
#define PARAMETERS "parameters: {a: {default: x}, b: {default: y}}\n"

enum { UNTRANSLATED_WORDS_MIN = 4 };

static bool has_parameter(const struct hsm_checked_text *text, const struct hsm_parameter *parameter)
{
	for (size_t i = 0; i < text->placeholder_count; i++)
		if (text->placeholders[i].parameter == parameter)
			return true;
	return false;
}

/* What one has and the other lacks; the component as both. */
static void report_missing(struct hsm_checker *checker, const struct hsm_checked_text *one,
			   const struct hsm_checked_text *other, const struct hsm_checked_part *first,
			   struct hsm_mark mark)
{
	for (size_t i = 0; i < one->placeholder_count; i++) {
		const struct hsm_parameter *parameter = one->placeholders[i].parameter;
		bool again = false;
		for (size_t j = 0; j < i; j++)
			again |= one->placeholders[j].parameter == parameter;
		if (!again && !has_parameter(other, parameter))
			hsm_check_report(checker, mark, "{{%s}} stands in the %s of %s and not here",
					 parameter->node.key.text, one->component, first->language);
	}
}

static void report_added(struct hsm_checker *checker, const struct hsm_checked_text *one,
			 const struct hsm_checked_text *other, const struct hsm_checked_part *first)
{
	for (size_t i = 0; i < one->placeholder_count; i++) {
		const struct hsm_checked_placeholder *placeholder = &one->placeholders[i];
		if (!has_parameter(other, placeholder->parameter))
			hsm_check_report(checker, hsm_check_mark(one, placeholder->offset, placeholder->length),
					 "the %s of %s has no {{%s}}", one->component, first->language,
					 placeholder->parameter->node.key.text);
	}
}

/* Calls check with each part of each translation beside that of the first; what one has
 * no double of is told elsewhere. */
static void compare_parts(struct hsm_checker *checker, const struct hsm_checked_template *template,
			  void (*check)(struct hsm_checker *checker, const struct hsm_checked_part *first,
					const struct hsm_checked_part *one))
{
	const struct hsm_checked_translation *first = template->translations;
	for (size_t i = 1; i < template->count; i++)
		for (size_t j = 0; j < first->part_count && j < template->translations[i].part_count; j++)
			check(checker, &first->parts[j], &template->translations[i].parts[j]);
}

static void compare_parameters(struct hsm_checker *checker, const struct hsm_checked_part *first,
			       const struct hsm_checked_part *one)
{
	const struct hsm_checked_text *texts[][2] = { { &first->header, &one->header }, { &first->body, &one->body } };
	for (size_t i = 0; i < 2; i++) {
		const struct hsm_string *string = texts[i][1]->string;
		report_missing(checker, texts[i][0], texts[i][1], first, string->text ? string->mark : one->mark);
		report_added(checker, texts[i][1], texts[i][0], first);
	}
}

static void check_parameters(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	compare_parts(checker, template, compare_parameters);
}

static const char *header_kind(const struct hsm_checked_part *part)
{
	const char *kind = hsm_header_kind(part->heading);
	return kind ? kind : "none";
}

static void compare_headers(struct hsm_checker *checker, const struct hsm_checked_part *first,
			    const struct hsm_checked_part *one)
{
	const char *wanted = header_kind(first), *kind = header_kind(one);
	if (strcmp(kind, wanted) != 0)
		hsm_check_report(checker, one->heading->node.present ? one->heading->node.mark : one->mark,
				 "the header of %s is %s, and that of %s is %s", one->language, kind, first->language, wanted);
}

static void check_headers(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	compare_parts(checker, template, compare_headers);
}

static const char *button_kind(const struct hsm_button *button)
{
	const char *kind = hsm_button_kind(button);
	return kind ? kind : "";
}

static void compare_button(struct hsm_checker *checker, const struct hsm_checked_part *first,
			   const struct hsm_checked_part *one, size_t i)
{
	const struct hsm_button *wanted = hsm_check_button(first, i), *button = hsm_check_button(one, i);
	if (strcmp(button_kind(wanted), button_kind(button)) != 0)
		hsm_check_report(checker, button->node.mark, "button %zu is a %s in %s", i + 1, button_kind(wanted),
				 first->language);
	else if (one->payloads[i] && first->payloads[i] && strcmp(one->payloads[i], first->payloads[i]) != 0)
		hsm_check_report(checker, button->reply.id.mark, "button %zu sends '%s' in %s: flows know one", i + 1,
				 hsm_payload_decode(&checker->arena, first->payloads[i]).text, first->language);
	else if (first->urls[i].placeholder_count != one->urls[i].placeholder_count)
		hsm_check_report(checker, one->urls[i].string->mark, "the URL of button %zu has %s parameter in %s", i + 1,
				 first->urls[i].placeholder_count ? "a" : "no", first->language);
}

static void compare_buttons(struct hsm_checker *checker, const struct hsm_checked_part *first,
			    const struct hsm_checked_part *one)
{
	size_t count = one->buttons->count, wanted = first->buttons->count;
	if (count != wanted)
		hsm_check_report(checker, one->mark, "%s has %zu button%s, and %s has %zu", one->language, count,
				 count == 1 ? "" : "s", first->language, wanted);
	for (size_t i = 0; count == wanted && i < count; i++)
		compare_button(checker, first, one, i);
}

static void check_buttons(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	compare_parts(checker, template, compare_buttons);
}

static bool is_same_language(const char *one, const char *other)
{
	size_t length = strcspn(one, "_");
	return length == strcspn(other, "_") && strncmp(one, other, length) == 0;
}

/* The part of a translation before this one, in another language, that has the same text; NULL. */
static const struct hsm_checked_part *find_double(const struct hsm_checked_template *template, size_t translation,
						  size_t part)
{
	const struct hsm_checked_part *one = &template->translations[translation].parts[part];
	for (size_t i = 0; i < translation; i++) {
		const struct hsm_checked_translation *before = &template->translations[i];
		const struct hsm_checked_part *other = part < before->part_count ? &before->parts[part] : NULL;
		if (other && !is_same_language(one->language, other->language) && other->body.text &&
		    other->body.length == one->body.length && strcmp(other->body.text, one->body.text) == 0)
			return other;
	}
	return NULL;
}

/* Short texts are alike in many languages: "OK", a name, a number. */
static void check_untranslated(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	for (size_t i = 1; i < template->count; i++)
		for (size_t j = 0; j < template->translations[i].part_count; j++) {
			const struct hsm_checked_text *body = &template->translations[i].parts[j].body;
			bool long_enough = body->text && body->words >= UNTRANSLATED_WORDS_MIN;
			const struct hsm_checked_part *other = long_enough ? find_double(template, i, j) : NULL;
			if (other)
				hsm_check_report(checker, body->string->mark, "the same text as %s: is it translated?",
						 other->language);
		}
}

const struct hsm_rule hsm_translations_rules[] = {
	{ "HSM160", "same-parameters", E, "every language has the parameters of the first, in the same component",
	  .protects = "one sender's values fit every language", .source = "hsmctl's design",
	  .fix = "write the parameter, or remove it everywhere",
	  .good = TEMPLATE PARAMETERS "translations:\n  en: {body: \"Order {{a}} for {{b}} is on its way to you.\"}\n"
		  "  de: {body: \"F\xc3\xbcr {{b}} ist die Bestellung {{a}} auf dem Weg.\"}\n",
	  .bad = TEMPLATE PARAMETERS "translations:\n  en: {body: \"Order {{a}} for {{b}} is on its way to you.\"}\n"
		 "  de: {body: \"Die Bestellung {{a}} ist auf dem Weg.\"}\n",
	  .check_template = check_parameters },
	{ "HSM161", "same-header", E, "every language has the header format of the first",
	  .protects = "one sender's values fit every language", .source = "hsmctl's design",
	  .fix = "give all languages the same kind of header",
	  .good = TEMPLATE "translations:\n  en: {header: Order, body: It is packed.}\n"
			   "  de: {header: Bestellung, body: Sie ist gepackt.}\n",
	  .bad = TEMPLATE "translations:\n  en: {header: Order, body: It is packed.}\n  de: {body: Sie ist gepackt.}\n",
	  .check_template = check_headers },
	{ "HSM162", "same-buttons", E, "every language has the buttons of the first: kinds, order and ids",
	  .protects = "a flow routes every language", .source = "hsmctl's design", .fix = "give all languages the same buttons",
	  .good = TEMPLATE "routes: {A: none}\ntranslations:\n"
			   "  en: {body: It is packed., buttons: [reply: {id: A, title: Fine}]}\n"
			   "  de: {body: Sie ist gepackt., buttons: [reply: {id: A, title: Gut}]}\n",
	  .bad = TEMPLATE "translations:\n  en: {body: It is packed., buttons: [reply: {id: A, title: Fine}]}\n"
			  "  de: {body: Sie ist gepackt., buttons: [reply: {id: B, title: Gut}]}\n",
	  .check_template = check_buttons },
	{ "HSM163", "untranslated", W, "two languages have two texts", .protects = "customers read their own language",
	  .source = "hsmctl's design", .fix = "translate it, or remove the language",
	  .good = TEMPLATE "translations:\n  en_US: {body: Your order is packed.}\n  en_GB: {body: Your order is packed.}\n",
	  .bad = TEMPLATE "translations:\n  en: {body: Your order is packed.}\n  de: {body: Your order is packed.}\n",
	  .check_template = check_untranslated },
};
const size_t hsm_translations_rules_count = sizeof(hsm_translations_rules) / sizeof(hsm_translations_rules[0]);
