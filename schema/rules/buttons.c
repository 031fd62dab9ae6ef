/* Buttons: how many, in which order, what they say and where they lead. */
#include <ctype.h>
#include <string.h>

#include "schema/base/text.h"
#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define TEMPLATE "name: order_update\ncategory: UTILITY\n"
#define BODY "translations:\n  en_US:\n    body: Your order is packed.\n"
#define BUTTONS BODY "    buttons:\n"
#define YES "      - reply: {id: YES_1, title: \"Yes\"}\n"
#define NO_ "      - reply: {id: NO_1, title: \"No\"}\n"
#define OPEN "      - url: {title: Open, url: \"https://example.com/\"}\n"
#define ROUTES "routes: {YES_1: yes_flow, NO_1: none}\n"

/* Quick replies are all that may fill the ten; sender libraries cut an id at 128. */
enum { URL_MAX = 2, PHONE_NUMBER_MAX = 1, COPY_CODE_MAX = 1, ID_SAFE_MAX = 128, DIGITS_MIN = 3 };

static const struct hsm_button *button_of(const struct hsm_checked_translation *translation, size_t i)
{
	return HSM_LIST_ITEM(translation->translation->buttons, struct hsm_button, i);
}

static void check_counts(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	size_t urls = 0, phone_numbers = 0, copy_codes = 0;
	for (size_t i = 0; i < translation->button_count; i++) {
		const struct hsm_button *button = button_of(translation, i);
		if (button->url.node.present && ++urls == URL_MAX + 1)
			hsm_check_report(checker, button->node.mark, "a third url button: two at most");
		if (button->phone_number.node.present && ++phone_numbers == PHONE_NUMBER_MAX + 1)
			hsm_check_report(checker, button->node.mark, "a second phone_number button: one at most");
		if (button->copy_code.node.present && ++copy_codes == COPY_CODE_MAX + 1)
			hsm_check_report(checker, button->node.mark, "a second copy_code button: one at most");
	}
}

static void check_groups(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	size_t changes = 0;
	for (size_t i = 1; i < translation->button_count; i++) {
		const struct hsm_button *before = button_of(translation, i - 1), *button = button_of(translation, i);
		changes += before->reply.node.present != button->reply.node.present;
		if (changes < 2)
			continue;
		hsm_check_report(checker, button->node.mark, "quick replies stand together, before or after all other "
							     "buttons: move this one");
		return;
	}
}

static void check_title(struct hsm_checker *checker, const struct hsm_checked_text *title)
{
	size_t offset = 0, length = hsm_check_find_formatting(title->text, &offset);
	if (length)
		hsm_check_report(checker, hsm_check_mark(title, offset, length), "a button takes no formatting");
	if (title->emoji)
		hsm_check_report(checker, title->string->mark, "an emoji in a button: it may be refused");
	if (strchr(title->text, '\n'))
		hsm_check_report(checker, title->string->mark, "a button is one line: it has a newline");
}

static void check_titles(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	for (size_t i = 0; i < translation->button_count; i++)
		if (translation->titles[i].text)
			check_title(checker, &translation->titles[i]);
}

static void check_title_parameters(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	for (size_t i = 0; i < translation->button_count; i++) {
		const struct hsm_checked_text *title = &translation->titles[i];
		const char *found = title->text ? strstr(title->text, "{{") : NULL;
		if (found)
			hsm_check_report(checker, hsm_check_mark(title, (size_t)(found - title->text), 2),
					 "a button's title takes no parameter: customers would read the braces");
	}
}

static void check_ids(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	for (size_t i = 0; i < translation->button_count; i++) {
		const struct hsm_button_reply *reply = &button_of(translation, i)->reply;
		const char *payload = translation->payloads[i];
		for (size_t j = 0; payload && j < i; j++)
			if (translation->payloads[j] && strcmp(translation->payloads[j], payload) == 0)
				hsm_check_report(checker, reply->id.mark,
						 "another button has the id '%s'%s: a flow could not tell them apart",
						 reply->id.text, reply->data.count ? " and the same data" : "");
	}
}

static void check_id_lengths(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	for (size_t i = 0; i < translation->button_count; i++) {
		const struct hsm_button_reply *reply = &button_of(translation, i)->reply;
		const char *payload = translation->payloads[i];
		if (payload && strlen(payload) > ID_SAFE_MAX)
			hsm_check_report(checker, reply->id.mark, "%s of %zu characters: some senders cut it at %d",
					 reply->data.count ? "id and data make a token" : "an id", strlen(payload), ID_SAFE_MAX);
	}
}

static bool has_route(const struct hsm_template *template, const char *id)
{
	for (size_t i = 0; i < template->routes.count; i++)
		if (strcmp(HSM_LIST_ITEM(template->routes, struct hsm_keyed_string, i)->key.text, id) == 0)
			return true;
	return false;
}

/* Whether one of the first buttons has the id. */
static bool has_id(const struct hsm_checked_translation *translation, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		const char *other = button_of(translation, i)->reply.id.text;
		if (other && strcmp(other, id) == 0)
			return true;
	}
	return false;
}

/* Each id once: the first language has them all, where languages are alike. */
static void check_routed(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	if (!template->count)
		return;
	const struct hsm_checked_translation *first = &template->translations[0];
	for (size_t i = 0; i < first->button_count; i++) {
		const struct hsm_string *id = &button_of(first, i)->reply.id;
		if (id->text && !has_route(template->template, id->text) && !has_id(first, i, id->text))
			hsm_check_report(checker, id->mark, "'%s' leads nowhere: write its target under 'routes', or "
							    "none where that is meant", id->text);
	}
}

static void check_routes(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	const struct hsm_list *routes = &template->template->routes;
	for (size_t i = 0; i < routes->count; i++) {
		const struct hsm_string *id = &HSM_LIST_ITEM(*routes, struct hsm_keyed_string, i)->key;
		bool known = false;
		for (size_t j = 0; j < template->count && !known; j++)
			known = has_id(&template->translations[j], template->translations[j].button_count, id->text);
		if (!known)
			hsm_check_report(checker, id->mark, "no button has the id '%s': remove the route, or correct it",
					 id->text);
	}
}

static bool is_web_address(const char *url)
{
	size_t scheme = hsm_text_starts_with(url, "https://") ? 8 : hsm_text_starts_with(url, "http://") ? 7 : 0;
	return scheme && (isalnum((unsigned char)url[scheme]) || (url[scheme] & 0x80)) && !strpbrk(url, " \t\r\n");
}

static void check_urls(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	for (size_t i = 0; i < translation->button_count; i++) {
		const struct hsm_checked_text *url = &translation->urls[i];
		if (url->text && !is_web_address(url->text))
			hsm_check_report(checker, url->string->mark,
					 "a URL begins with https:// and a host, and has no blanks");
	}
}

static void check_phone_numbers(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	for (size_t i = 0; i < translation->button_count; i++) {
		const struct hsm_string *string = &button_of(translation, i)->phone_number.phone_number;
		size_t digits = 0;
		if (!string->text || strstr(string->text, "${"))
			continue;
		for (const char *c = string->text; *c; c++)
			digits += isdigit((unsigned char)*c) != 0;
		if (digits < DIGITS_MIN || string->text[strspn(string->text, "+0123456789 ()-.")])
			hsm_check_report(checker, string->mark, "a phone number is digits with the country's code, such as "
								"+442071838750");
	}
}

const struct hsm_rule hsm_buttons_rules[] = {
	{ "HSM130", "button-counts", E, "at most two url buttons, one phone_number and one copy_code",
	  .protects = "Meta refuses more", .source = "Meta, components: buttons", .fix = "leave one out",
	  .good = TEMPLATE BUTTONS OPEN OPEN, .bad = TEMPLATE BUTTONS OPEN OPEN OPEN, .check_translation = check_counts },
	{ "HSM131", "button-groups", E, "quick replies stand together, before or after all other buttons",
	  .protects = "Meta refuses another order", .source = "Meta, components: buttons", .fix = "move the button",
	  .good = TEMPLATE ROUTES BUTTONS YES NO_ OPEN, .bad = TEMPLATE ROUTES BUTTONS YES OPEN NO_,
	  .check_translation = check_groups },
	{ "HSM132", "button-text", W, "a button is one plain line without emoji", .protects = "Meta refuses some of these",
	  .source = "providers' guides", .fix = "write words",
	  .good = TEMPLATE BUTTONS "      - url: {title: Shop now, url: \"https://example.com/\"}\n",
	  .bad = TEMPLATE BUTTONS "      - url: {title: \"Shop 😀\", url: \"https://example.com/\"}\n",
	  .check_translation = check_titles },
	{ "HSM133", "button-parameters", E, "a button's title has no parameter", .protects = "no customer reads {{name}}",
	  .source = "Meta, components: buttons", .fix = "write a title that fits all",
	  .good = TEMPLATE BUTTONS OPEN,
	  .bad = TEMPLATE BUTTONS "      - url: {title: \"See {{a}}\", url: \"https://example.com/\"}\n",
	  .check_translation = check_title_parameters },
	{ "HSM134", "button-id-unique", E, "each button of a message has its own id, or its own data",
	  .protects = "flows tell them apart", .source = "Genesys, quick replies", .fix = "rename one", .good = TEMPLATE ROUTES BUTTONS YES NO_,
	  .bad = TEMPLATE ROUTES BUTTONS YES YES, .check_translation = check_ids },
	{ "HSM135", "button-id-length", W, "an id, or the token of id and data, has at most 128 characters",
	  .protects = "no sender cuts it", .source = "senders' libraries say 128 or 256; Meta tells no number", .fix = "shorten the id, or leave data out",
	  .good = TEMPLATE ROUTES BUTTONS YES NO_,
	  .bad = TEMPLATE BUTTONS "      - reply: {title: \"Yes\", id: "
				  "A23456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
				  "12345678901234567890123456789012345678901}\n",
	  .check_translation = check_id_lengths },
	{ "HSM136", "button-routed", W, "each id has a route, whatever its data, or none on purpose",
	  .protects = "no tap of a customer goes unanswered", .source = "hsmctl's file format",
	  .fix = "write 'routes: {ID: target}', or none as its target", .good = TEMPLATE ROUTES BUTTONS YES NO_,
	  .bad = TEMPLATE BUTTONS YES, .check_template = check_routed },
	{ "HSM137", "route-unused", W, "each route is that of a button", .protects = "a misspelt id is seen",
	  .source = "hsmctl's file format", .fix = "correct the id, or remove the route",
	  .good = TEMPLATE ROUTES BUTTONS YES NO_, .bad = TEMPLATE ROUTES BUTTONS YES, .check_template = check_routes },
	{ "HSM138", "button-url", E, "a button's URL is one of the web", .protects = "Meta refuses others",
	  .source = "Meta, components: buttons", .fix = "write it with https://", .good = TEMPLATE BUTTONS OPEN,
	  .bad = TEMPLATE BUTTONS "      - url: {title: Open, url: example.com}\n", .check_translation = check_urls },
	{ "HSM139", "button-phone-number", E, "a button's phone number is one", .protects = "Meta refuses others",
	  .source = "Meta, components: buttons", .fix = "write digits with the country's code",
	  .good = TEMPLATE BUTTONS "      - phone_number: {title: Call, phone_number: \"+442071838750\"}\n",
	  .bad = TEMPLATE BUTTONS "      - phone_number: {title: Call, phone_number: ask me}\n",
	  .check_translation = check_phone_numbers },
};
const size_t hsm_buttons_rules_count = sizeof(hsm_buttons_rules) / sizeof(hsm_buttons_rules[0]);
