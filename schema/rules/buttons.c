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

/* Sender libraries cut an id at 128. */
enum { ID_SAFE_MAX = 128, DIGITS_MIN = 3 };

void hsm_check_button_limits(struct hsm_checker *checker, const struct hsm_checked_part *part,
			     const struct hsm_button_limit *limits)
{
	for (; limits->kind; limits++) {
		size_t count = 0;
		for (size_t i = 0; i < part->buttons->count; i++) {
			const struct hsm_button *button = hsm_check_button(part, i);
			const char *kind = hsm_button_kind(button);
			if (kind && strcmp(kind, limits->kind) == 0 && ++count == limits->most + 1)
				hsm_check_report(checker, button->node.mark, "a %s %s button: %s at most",
						 limits->most == 1 ? "second" : "third", kind, limits->most == 1 ? "one" : "two");
		}
	}
}

/* Quick replies are all that may fill the ten. */
static void check_counts(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	static const struct hsm_button_limit limits[] = {
		{ "url", 2 }, { "phone_number", 1 }, { "copy_code", 1 }, { NULL, 0 } };
	hsm_check_button_limits(checker, part, limits);
}

static void check_groups(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	size_t changes = 0;
	for (size_t i = 1; i < part->buttons->count; i++) {
		const struct hsm_button *before = hsm_check_button(part, i - 1), *button = hsm_check_button(part, i);
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

static void check_titles(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->title_count; i++)
		if (part->titles[i].text)
			check_title(checker, &part->titles[i]);
}

static void check_title_parameters(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->title_count; i++) {
		const struct hsm_checked_text *title = &part->titles[i];
		const char *found = title->text ? strstr(title->text, "{{") : NULL;
		if (found)
			hsm_check_report(checker, hsm_check_mark(title, (size_t)(found - title->text), 2),
					 "a button's title takes no parameter: customers would read the braces");
	}
}

/* Whether a button before this one sends the same, in this part or one before. */
static bool is_sent_before(const struct hsm_checked_translation *translation, size_t part, size_t button)
{
	const char *payload = translation->parts[part].payloads[button];
	for (size_t i = 0; i <= part; i++) {
		const struct hsm_checked_part *other = &translation->parts[i];
		size_t count = i == part ? button : other->buttons->count;
		for (size_t j = 0; j < count; j++)
			if (other->payloads[j] && strcmp(other->payloads[j], payload) == 0)
				return true;
	}
	return false;
}

static void check_ids(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	for (size_t i = 0; i < translation->part_count; i++) {
		const struct hsm_checked_part *part = &translation->parts[i];
		for (size_t j = 0; j < part->buttons->count; j++) {
			const struct hsm_button_reply *reply = &hsm_check_button(part, j)->reply;
			if (part->payloads[j] && is_sent_before(translation, i, j))
				hsm_check_report(checker, reply->id.mark,
						 "another button has the id '%s'%s: a flow could not tell them apart",
						 reply->id.text, reply->data.count ? " and the same data" : "");
		}
	}
}

static void check_id_lengths(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_button_reply *reply = &hsm_check_button(part, i)->reply;
		const char *payload = part->payloads[i];
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

/* The reply of an id, the first of those that have it; NULL. */
static const struct hsm_button_reply *find_reply(const struct hsm_checked_translation *translation, const char *id)
{
	for (size_t i = 0; i < translation->part_count; i++)
		for (size_t j = 0; j < translation->parts[i].buttons->count; j++) {
			const struct hsm_button_reply *reply = &hsm_check_button(&translation->parts[i], j)->reply;
			if (reply->id.text && strcmp(reply->id.text, id) == 0)
				return reply;
		}
	return NULL;
}

/* Each id once: the first language has them all, where languages are alike. */
static void check_routed(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	const struct hsm_checked_translation *first = template->translations;
	for (size_t i = 0; template->count && i < first->part_count; i++)
		for (size_t j = 0; j < first->parts[i].buttons->count; j++) {
			const struct hsm_button_reply *reply = &hsm_check_button(&first->parts[i], j)->reply;
			if (reply->id.text && !has_route(template->template, reply->id.text) &&
			    find_reply(first, reply->id.text) == reply)
				hsm_check_report(checker, reply->id.mark, "'%s' leads nowhere: write its target under 'routes', "
									  "or none where that is meant", reply->id.text);
		}
}

static void check_routes(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	const struct hsm_list *routes = &template->template->routes;
	for (size_t i = 0; i < routes->count; i++) {
		const struct hsm_string *id = &HSM_LIST_ITEM(*routes, struct hsm_keyed_string, i)->key;
		bool known = false;
		for (size_t j = 0; j < template->count && !known; j++)
			known = find_reply(&template->translations[j], id->text);
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

static void check_urls(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_checked_text *url = &part->urls[i];
		if (url->text && !is_web_address(url->text))
			hsm_check_report(checker, url->string->mark,
					 "a URL begins with https:// and a host, and has no blanks");
	}
}

static void check_phone_numbers(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_string *string = &hsm_check_button(part, i)->phone_number.phone_number;
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
	  .good = TEMPLATE BUTTONS OPEN OPEN, .bad = TEMPLATE BUTTONS OPEN OPEN OPEN, .check_part = check_counts },
	{ "HSM131", "button-groups", E, "quick replies stand together, before or after all other buttons",
	  .protects = "Meta refuses another order", .source = "Meta, components: buttons", .fix = "move the button",
	  .good = TEMPLATE ROUTES BUTTONS YES NO_ OPEN, .bad = TEMPLATE ROUTES BUTTONS YES OPEN NO_,
	  .check_part = check_groups },
	{ "HSM132", "button-text", W, "a button is one plain line without emoji", .protects = "Meta refuses some of these",
	  .source = "providers' guides", .fix = "write words",
	  .good = TEMPLATE BUTTONS "      - url: {title: Shop now, url: \"https://example.com/\"}\n",
	  .bad = TEMPLATE BUTTONS "      - url: {title: \"Shop 😀\", url: \"https://example.com/\"}\n",
	  .check_part = check_titles },
	{ "HSM133", "button-parameters", E, "a button's title has no parameter", .protects = "no customer reads {{name}}",
	  .source = "Meta, components: buttons", .fix = "write a title that fits all",
	  .good = TEMPLATE BUTTONS OPEN,
	  .bad = TEMPLATE BUTTONS "      - url: {title: \"See {{a}}\", url: \"https://example.com/\"}\n",
	  .check_part = check_title_parameters },
	{ "HSM134", "button-id-unique", E, "each button of a message has its own id, or its own data",
	  .protects = "flows tell them apart", .source = "Genesys, quick replies", .fix = "rename one", .good = TEMPLATE ROUTES BUTTONS YES NO_,
	  .bad = TEMPLATE ROUTES BUTTONS YES YES, .check_translation = check_ids },
	{ "HSM135", "button-id-length", W, "an id, or the token of id and data, has at most 128 characters",
	  .protects = "no sender cuts it", .source = "senders' libraries say 128 or 256; Meta tells no number", .fix = "shorten the id, or leave data out",
	  .good = TEMPLATE ROUTES BUTTONS YES NO_,
	  .bad = TEMPLATE BUTTONS "      - reply: {title: \"Yes\", id: "
				  "A23456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
				  "12345678901234567890123456789012345678901}\n",
	  .check_part = check_id_lengths },
	{ "HSM136", "button-routed", W, "each id has a route, whatever its data, or none on purpose",
	  .protects = "no tap of a customer goes unanswered", .source = "hsmctl's file format",
	  .fix = "write 'routes: {ID: target}', or none as its target", .good = TEMPLATE ROUTES BUTTONS YES NO_,
	  .bad = TEMPLATE BUTTONS YES, .check_template = check_routed },
	{ "HSM137", "route-unused", W, "each route is that of a button", .protects = "a misspelt id is seen",
	  .source = "hsmctl's file format", .fix = "correct the id, or remove the route",
	  .good = TEMPLATE ROUTES BUTTONS YES NO_, .bad = TEMPLATE ROUTES BUTTONS YES, .check_template = check_routes },
	{ "HSM138", "button-url", E, "a button's URL is one of the web", .protects = "Meta refuses others",
	  .source = "Meta, components: buttons", .fix = "write it with https://", .good = TEMPLATE BUTTONS OPEN,
	  .bad = TEMPLATE BUTTONS "      - url: {title: Open, url: example.com}\n", .check_part = check_urls },
	{ "HSM139", "button-phone-number", E, "a button's phone number is one", .protects = "Meta refuses others",
	  .source = "Meta, components: buttons", .fix = "write digits with the country's code",
	  .good = TEMPLATE BUTTONS "      - phone_number: {title: Call, phone_number: \"+442071838750\"}\n",
	  .bad = TEMPLATE BUTTONS "      - phone_number: {title: Call, phone_number: ask me}\n",
	  .check_part = check_phone_numbers },
};
const size_t hsm_buttons_rules_count = sizeof(hsm_buttons_rules) / sizeof(hsm_buttons_rules[0]);
