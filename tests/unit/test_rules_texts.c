/*
 * The rules of texts, parameters, buttons and wording, each where it finds
 * something and where it must not.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "schema/rules/wording.h"
#include "tests/unit/loading.h"

struct rule_case {
	const char *text, *found;
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HEAD "name: t\ncategory: UTILITY\nparameters: {a: {default: x}, b: {default: yy}, c: {default: z}}\n"
/* The text of a body stands at 6:12. */
#define EN "translations:\n  en_US:\n"

static void check(const struct rule_case *cases, size_t count, const char *before, const char *after,
		  const char *ignored)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		struct loading loading = { 0 };
		char text[8192], found[1024] = "";
		snprintf(text, sizeof(text), "%s%s%s", before, cases[i].text, after);
		char *all = hsm_arena_copy_string(&loading.arena, loading_check(&loading, HSM_BACKEND_GENESYS, text));
		for (char *one = strtok(all, " "); one; one = strtok(NULL, " "))
			if (!strstr(ignored, strndupa(one, 6)))
				snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s", *found ? " " : "", one);
		if (strcmp(found, cases[i].found) != 0) {
			print_error("case %zu: %s\nfound %s, not %s\n", i, cases[i].text, found, cases[i].found);
			wrong++;
		}
		loading_release(&loading);
	}
	assert_int_equal(wrong, 0);
}

static void placeholders_stand_between_words(void **state)
{
	static const struct rule_case cases[] = {
		{ "Dear {{a}}, thanks for the order that you gave us.", "" },
		{ "{{a}}, thanks for the order that you gave us.", "HSM110@6:12" },
		{ "  {{a}}, thanks for the order that you gave us.", "HSM110@6:14" },
		{ "\\n{{a}}, thanks for the order that you gave us.", "HSM110@6:14" },
		{ "*{{a}}*, thanks for the order that you gave us.", "HSM112@6:13" },
		{ "¡{{a}}, gracias por el pedido de hoy!", "" }, /* a letter in all but its name */
		{ "Thanks for the order that you gave us, {{a}}", "HSM111@6:51" },
		{ "Thanks for the order that you gave us, {{a}} ", "HSM111@6:51" },
		{ "Thanks for the order that you gave us, {{a}}.", "" },
		{ "Thanks for the order that you gave us, {{a}}!", "" },
		{ "Thanks for the order that you gave us, {{a}})", "" },
		{ "Thanks for the order that you gave us, *{{a}}.*", "" },
		{ "Thanks for the order that you gave us, *{{a}}*", "HSM112@6:52" },
		{ "Thanks for the order that you gave us, {{a}}。", "" },
		{ "Thanks for the order {{a}}{{b}} that you gave us, dear friend.", "HSM113@6:33" },
		{ "Thanks for the order {{a}} {{b}} that you gave us, dear friend.", "HSM114@6:33" },
		{ "Thanks for the order {{a}} *{{b}}* that you gave us, dear friend.", "HSM114@6:33" },
		{ "Thanks for the order {{a}}, {{b}} that you gave us, dear friend.", "" },
		{ "Thanks for the order {{a}}/{{b}} that you gave us, dear friend.", "" },
		{ "One {{a}}{{b}}{{c}} two three four five six seven eight.", "HSM113@6:16 HSM113@6:21" },
		{ "Only {{a}} two.", "HSM115@6:11" },
		{ "Now {{a}} two three.", "" },
		{ "订单{{a}}已发货。", "" }, /* no blanks to count words by */
		{ "{{a}}", "HSM115@6:11 HSM110@6:12 HSM111@6:12" },
		{ "No placeholder.", "" },
	};
	(void)state;
	check(cases, COUNT(cases), HEAD EN "    body: \"", "\"\n", "HSM118");
}

static void texts_are_measured_as_whatsapp_does(void **state)
{
	static const struct rule_case cases[] = {
		{ "\"One.\\n\\nTwo.\"", "" },
		{ "\"One.\\n\\n\\nTwo.\"", "HSM104@6:11" },
		{ "\"One.\\n\\n\\n\\n\\nTwo.\"", "HSM104@6:11" },
		{ "\"👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦 families\"", "" }, /* four, not sixteen */
		{ "\"🇩🇪🇫🇷🇪🇸🇮🇹🇵🇹🇳🇱🇧🇪🇦🇹🇵🇱🇸🇪 flags\"", "" },
		{ "\"🇩🇪🇫🇷🇪🇸🇮🇹🇵🇹🇳🇱🇧🇪🇦🇹🇵🇱🇸🇪🇩🇰 flags\"", "HSM106@6:11" },
		{ "\"👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽 hands\"", "" },
		{ "\"1 2 3 4 5 6 7 8 9 10 11 12 © ® ™\"", "" },
		{ "\"Wide    gap\"", "HSM107@6:16" },
		{ "\"Wide   gap\"", "" },
	};
	(void)state;
	check(cases, COUNT(cases), HEAD EN "    body: ", "\n", "HSM118");
}

static void headers_and_footers_are_plain_lines(void **state)
{
	static const struct rule_case cases[] = {
		{ "header: Order_update *1\n", "" },
		{ "header: snake_case_name\n", "" },
		{ "header: 2 * 3 * 4\n", "" },
		{ "header: \"*Order* update\"\n", "HSM108@6:14" },
		{ "header: \"An _order_ update\"\n", "HSM108@6:17" },
		{ "header: \"Two\\nlines\"\n", "HSM108@6:13" },
		{ "header: |\n      One line\n", "" },
		{ "header: \"Done 😀\"\n", "HSM109@6:13" },
		{ "header: \"{{a}} and {{a}}\"\n", "" },
		{ "header: \"{{a}} and {{b}}\"\n", "HSM116@6:24" },
		{ "footer: \"~Old~ new\"\n", "HSM109@6:14" },
		{ "footer: \"By {{a}}\"\n", "HSM117@6:17" },
	};
	(void)state;
	check(cases, COUNT(cases), HEAD EN "    ", "    body: Done.\n", "HSM118");
}

static void samples_have_their_types(void **state)
{
	static const struct rule_case cases[] = {
		{ "type: DATE, default: 2024-02-29", "" },
		{ "type: DATE, default: 2023-02-29", "HSM120@3:39" },
		{ "type: DATE, default: 2023-13-01", "HSM120@3:39" },
		{ "type: DATE, default: 2023-00-10", "HSM120@3:39" },
		{ "type: DATE, default: 25.10.2023", "HSM120@3:39" },
		{ "type: DATE, default: 2023-10-25T10:00:00Z", "HSM120@3:39" },
		{ "type: DATE, default: {en_US: 2023-10-25, de: bald}", "HSM120@3:63" },
		{ "type: DATE_TIME, default: \"2023-10-25T10:00:00Z\"", "" },
		{ "type: DATE_TIME, default: \"2023-10-25T10:00:00.123+05:30\"", "" },
		{ "type: DATE_TIME, default: \"2023-10-25t10:00:60z\"", "" },
		{ "type: DATE_TIME, default: \"2023-10-25T10:00:00\"", "HSM121@3:44" },
		{ "type: DATE_TIME, default: \"2023-10-25T25:00:00Z\"", "HSM121@3:44" },
		{ "type: DATE_TIME, default: \"2023-10-25T10:00:00.Z\"", "HSM121@3:44" },
		{ "type: DATE_TIME, default: \"2023-10-25 10:00:00Z\"", "HSM121@3:44" },
		{ "type: DATE_TIME, default: 2023-10-25", "HSM121@3:44" },
		{ "type: CURRENCY, default: 12.99 EUR, code: EUR, amount_1000: 12990", "" },
		{ "type: CURRENCY, default: free, code: EUR, amount_1000: 0", "HSM122@3:43" },
		{ "default: five, max_length: 4", "" },
		{ "default: äöüß, max_length: 4", "" }, /* characters, not bytes */
		{ "default: seven, max_length: 4", "HSM123@3:27" },
		{ "default: \"a\\tb\"", "HSM124@3:27" },
		{ "default: \"a    b\"", "" },
		{ "default: \"a     b\"", "HSM124@3:27" },
		{ "default: \"{{b}}\"", "HSM125@3:27" },
		{ "default: ORD-1, allowed: \"[A-Z0-9-]\"", "" },
		{ "default: ORD-1, allowed: \"^[A-Z0-9-]+$\"", "" },
		{ "default: José, allowed: \"\\\\w\"", "" },
		{ "default: ORD 1, allowed: \"[A-Z0-9-]*\"", "HSM129@3:27" },
		{ "default: {en_US: ORD-1, de: ÖRD-1}, allowed: \"[A-Z0-9-]\"", "HSM129@3:46" },
		{ "default: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!, allowed: \"(a+)+$\"", "HSM129@3:27" },
		{ "default: ORD-1, allowed: \"[A-Z\"", "HSM128@3:43" },
		{ "default: ORD-1, allowed: \"\\\\C\"", "HSM128@3:43" },
		{ "type: DATE, default: 2024-02-29, allowed: \"[a-z]\"", "" }, /* of a TEXT */
		{ "default: x, truncate: true, emoji: name, max_length: 5", "" },
	};
	(void)state;
	check(cases, COUNT(cases), "name: t\ncategory: UTILITY\nparameters: {a: {",
	      "}}\ntranslations:\n  en_US: {body: \"Dear {{a}}, it is done now.\"}\n"
	      "  de: {body: \"Hallo {{a}}, es ist nun fertig.\"}\n",
	      "");
}

static void buttons_are_what_meta_takes(void **state)
{
#define REPLY(id) "      - reply: {id: " id ", title: T}\n"
#define LETTERS_32 "abcdefghijklmnopqrstuvwxyzabcdef"
#define DATA(id, data) "      - reply: {id: " id ", data: {" data "}, title: T}\n"
#define URL(url) "      - url: {title: T, url: \"" url "\"}\n"
#define CALL(number) "      - phone_number: {title: T, phone_number: \"" number "\"}\n"
	static const struct rule_case cases[] = {
		{ REPLY("A") REPLY("B") URL("https://a.b") URL("https://a.c"), "" },
		{ URL("https://a.b") REPLY("A") REPLY("B"), "" },
		{ URL("https://a.b") REPLY("A") URL("https://a.c"), "HSM131@10:9" },
		{ REPLY("A") URL("https://a.b") REPLY("B"), "HSM131@10:9" },
		{ REPLY("A") REPLY("A"), "HSM134@9:21" },
		{ REPLY("A") DATA("A", "k: v") DATA("A", "k: w"), "" },
		{ DATA("A", "k: v, l: w") DATA("A", "l: w, k: v"), "HSM134@9:21" },
		{ DATA("A", "k: " LETTERS_32 ", l: " LETTERS_32 ", m: abcdefghijklmnopqrs"),
		  "" },
		{ DATA("A", "k: " LETTERS_32 ", l: " LETTERS_32 ", m: abcdefghijklmnopqrst"),
		  "HSM135@8:21" },
		{ DATA("A", "season: 2026-11-23, n: \"12345\", of: a1b2c3d4"), "" },
		{ DATA("A", "n: \"123456\""), "HSM175@8:34" },
		{ DATA("A", "of: x, n: A-1234567"), "HSM175@8:41" },
		{ DATA("A", "call: 555.123.4567"), "HSM174@8:37" },
		{ DATA("A", "call: \"442071838750\", card: 4111-1111-1111-1111"), "HSM174@8:37 HSM174@8:59" },
		{ URL("https://a.b") URL("https://a.c") URL("https://a.d"), "HSM130@10:9" },
		{ CALL("+442071838750") CALL("+442071838751"), "HSM130@9:9" },
		{ "      - copy_code: {example: A}\n      - copy_code: {example: B}\n", "HSM130@9:9" },
		{ URL("http://a.b/?q=1&r={{a}}"), "" },
		{ URL("https://a.b/{{a}}/{{b}}"), "HSM119@8:43" },
		{ URL("https://a.b/{{a}}?x=1"), "HSM119@8:43" },
		{ URL("a.b/{{a}}"), "HSM138@8:30" },
		{ URL("https://a.b/x y"), "HSM138@8:30" },
		{ URL("https:///x"), "HSM138@8:30" },
		{ CALL("16503087300"), "" },
		{ CALL("+1 (650) 308-7300"), "" },
		{ CALL("650-FLOWERS"), "HSM139@8:48" },
		{ REPLY("ORDER_20261123"), "" },
		{ REPLY("CALL_15551234567"), "HSM174@8:21" },
		{ REPLY("A-4111-1111-1111-1111"), "HSM174@8:21" },
		{ REPLY("A-4111-1111-1111-1112"), "" }, /* too long for a phone, no card by its check digit */
		{ "      - reply: {id: A, title: \"*Yes*\"}\n", "HSM132@8:32" },
		{ "      - reply: {id: A, title: \"Yes 😀\"}\n", "HSM132@8:31" },
		{ "      - reply: {id: A, title: \"{{a}}\"}\n", "HSM133@8:32" },
	};
	(void)state;
	check(cases, COUNT(cases), HEAD EN "    body: Done.\n    buttons:\n", "", "HSM118 HSM136");
}

static void ids_lead_somewhere(void **state)
{
	static const struct rule_case cases[] = {
		{ "routes: {A: flow, B: none}\n", "" },
		{ "routes: {A: flow}\n", "HSM136@6:17" },
		{ "", "HSM136@5:17 HSM136@6:17" },
		{ "routes: {A: flow, B: none, C: flow}\n", "HSM137@7:28" },
	};
	(void)state;
	check(cases, COUNT(cases),
	      "name: t\ncategory: UTILITY\ntranslations:\n  en_US: {body: Done., buttons: [\n"
	      "    reply: {id: A, title: A},\n    reply: {id: B, title: B}]}\n",
	      "", "");
	/* whatever their data: each once */
	check(cases, COUNT(cases),
	      "name: t\ncategory: UTILITY\ntranslations:\n  en_US: {body: Done., buttons: [\n"
	      "    reply: {id: A, data: {n: x}, title: A},\n"
	      "    reply: {id: B, title: B}, reply: {id: A, title: C}, reply: {id: B, data: {n: y}, title: D}]}\n",
	      "", "");
}

static void categories_keep_to_their_texts(void **state)
{
	static const struct rule_case cases[] = {
		{ "UTILITY\nintent: order_update\ntranslations: {en: {body: It is packed.}}", "" },
		{ "MARKETING\nintent: payment\ntranslations: {en: {body: It is packed.}}", "HSM170@2:11" },
		{ "UTILITY\nintent: promo\ntranslations: {en: {body: It is packed.}}", "HSM170@2:11" },
		{ "UTILITY\nintent: order_promo\ntranslations: {en: {body: It is packed.}}", "" },
		{ "UTILITY\nintent: hello\ntranslations: {en: {body: It is packed.}}", "" },
		{ "UTILITY\ntranslations: {en: {body: \"Get 20% off now.\"}}", "HSM171@3:32" },
		{ "MARKETING\ntranslations: {en: {body: \"Get 20% off now.\"}}", "" },
		{ "UTILITY\ntranslations: {en: {body: \"Our office has offered it; wholesale.\"}}", "" },
		{ "UTILITY\ntranslations: {es: {body: \"Nueva PROMOCIÓN para ti.\"}}", "HSM171@3:34" },
		{ "UTILITY\ntranslations: {en: {body: \"The verification code is 12.\"}}", "HSM172@3:32" },
		{ "AUTHENTICATION\ntranslations: {en: {body: \"The verification code is 12.\"}}", "" },
		{ "AUTHENTICATION\ntranslations: {en: {body: \"See https://a.b\"}}", "HSM127@3:37" },
		{ "AUTHENTICATION\ntranslations: {en: {body: \"Done 😀\"}}", "HSM127@3:27" },
		{ "AUTHENTICATION\ntranslations: {en: {header: {location: true}, body: Done}}", "HSM127@3:29" },
		{ "UTILITY\ntranslations: {en: {body: \"See bit.ly/3x.\"}}", "HSM173@3:32" },
		{ "UTILITY\ntranslations: {en: {body: \"See habit.ly, bit.lyx and xt.co.\"}}", "" },
	};
	(void)state;
	check(cases, COUNT(cases), "name: t\ncategory: ", "\n", "");
}

static void phrases_are_in_the_order_that_they_are_looked_up_by(void **state)
{
	struct hsm_wording_filter filter;
	(void)state;
	hsm_wording_make_filter(&filter);
	for (size_t i = 0; i < HSM_WORDING_MAX_; i++)
		for (size_t j = 0; j < hsm_wordings[i].count; j++) {
			const char *phrase = hsm_wordings[i].phrases[j];
			struct hsm_wording_place places[HSM_WORDING_MAX_] = { { 0, 0 } };
			if (j && strcmp(hsm_wordings[i].phrases[j - 1], phrase) >= 0)
				fail_msg("'%s' follows '%s'", phrase, hsm_wordings[i].phrases[j - 1]);
			hsm_wording_find(&filter, phrase, places);
			if (places[i].length != strlen(phrase))
				fail_msg("'%s' is not found", phrase);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placeholders_stand_between_words),
		cmocka_unit_test(texts_are_measured_as_whatsapp_does),
		cmocka_unit_test(headers_and_footers_are_plain_lines),
		cmocka_unit_test(samples_have_their_types),
		cmocka_unit_test(buttons_are_what_meta_takes),
		cmocka_unit_test(ids_lead_somewhere),
		cmocka_unit_test(categories_keep_to_their_texts),
		cmocka_unit_test(phrases_are_in_the_order_that_they_are_looked_up_by),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
