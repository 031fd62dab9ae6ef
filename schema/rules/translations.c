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
			   const struct hsm_checked_text *other, const struct hsm_checked_translation *first,
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
			 const struct hsm_checked_text *other, const struct hsm_checked_translation *first)
{
	for (size_t i = 0; i < one->placeholder_count; i++) {
		const struct hsm_checked_placeholder *placeholder = &one->placeholders[i];
		if (!has_parameter(other, placeholder->parameter))
			hsm_check_report(checker, hsm_check_mark(one, placeholder->offset, placeholder->length),
					 "the %s of %s has no {{%s}}", one->component, first->language,
					 placeholder->parameter->node.key.text);
	}
}

static void check_parameters(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	for (size_t i = 1; i < template->count; i++) {
		const struct hsm_checked_translation *first = &template->translations[0], *one = &template->translations[i];
		const struct hsm_checked_text *texts[][2] = { { &first->header, &one->header }, { &first->body, &one->body } };
		for (size_t j = 0; j < 2; j++) {
			const struct hsm_string *string = texts[j][1]->string;
			if (!texts[j][0]->text && !texts[j][1]->text)
				continue;
			report_missing(checker, texts[j][0], texts[j][1], first,
				       string && string->text ? string->mark : one->translation->node.key.mark);
			report_added(checker, texts[j][1], texts[j][0], first);
		}
	}
}

static const char *header_format(const struct hsm_header *header)
{
	return !header->node.present ? "no header" :
	       header->text.text     ? "a text" :
	       header->image.text    ? "an image" :
	       header->video.text    ? "a video" :
	       header->document.text ? "a document" :
				       "a location";
}

static void check_headers(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	for (size_t i = 1; i < template->count; i++) {
		const struct hsm_checked_translation *first = &template->translations[0], *one = &template->translations[i];
		const char *wanted = header_format(&first->translation->header);
		const struct hsm_header *header = &one->translation->header;
		if (strcmp(header_format(header), wanted) != 0)
			hsm_check_report(checker, header->node.present ? header->node.mark : one->translation->node.key.mark,
					 "%s has %s, and %s has %s", one->language, header_format(header), first->language,
					 wanted);
	}
}

static const char *button_kind(const struct hsm_button *button)
{
	return button->reply.node.present	 ? "reply" :
	       button->url.node.present		 ? "url" :
	       button->phone_number.node.present ? "phone_number" :
						   "copy_code";
}

static const struct hsm_button *button_of(const struct hsm_checked_translation *translation, size_t i)
{
	return HSM_LIST_ITEM(translation->translation->buttons, struct hsm_button, i);
}

static void check_button(struct hsm_checker *checker, const struct hsm_checked_translation *first,
			 const struct hsm_checked_translation *one, size_t i)
{
	const struct hsm_button *wanted = button_of(first, i), *button = button_of(one, i);
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

static void check_buttons(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	for (size_t i = 1; i < template->count; i++) {
		const struct hsm_checked_translation *first = &template->translations[0], *one = &template->translations[i];
		if (one->button_count != first->button_count)
			hsm_check_report(checker, one->translation->node.key.mark, "%s has %zu button%s, and %s has %zu",
					 one->language, one->button_count, one->button_count == 1 ? "" : "s",
					 first->language, first->button_count);
		for (size_t j = 0; one->button_count == first->button_count && j < one->button_count; j++)
			check_button(checker, first, one, j);
	}
}

static bool is_same_language(const char *one, const char *other)
{
	size_t length = strcspn(one, "_");
	return length == strcspn(other, "_") && strncmp(one, other, length) == 0;
}

/* Short texts are alike in many languages: "OK", a name, a number. */
static void check_untranslated(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	for (size_t i = 1; i < template->count; i++) {
		const struct hsm_checked_text *body = &template->translations[i].body;
		for (size_t j = 0; j < i && body->text && body->words >= UNTRANSLATED_WORDS_MIN; j++) {
			const struct hsm_checked_translation *other = &template->translations[j];
			if (is_same_language(template->translations[i].language, other->language) || !other->body.text ||
			    other->body.length != body->length || strcmp(other->body.text, body->text) != 0)
				continue;
			hsm_check_report(checker, body->string->mark, "the same text as %s: is it translated?",
					 other->language);
			break;
		}
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
