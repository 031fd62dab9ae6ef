/*
 * The rules of what only Meta's templates have, each where it finds something and where
 * it must not; and those of bodies and buttons in the cards of a carousel.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "schema/rules.h"
#include "tests/unit/loading.h"

struct rule_case {
	const char *text, *found;
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HEAD(category) "name: t\ncategory: " category "\n"
#define EN "translations:\n  en_US:\n"
#define BODY "    body: Our new shoes are here.\n"

static void check(enum hsm_backend_word backend, const struct rule_case *cases, size_t count, const char *before)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		struct loading loading = { 0 };
		char text[8192];
		snprintf(text, sizeof(text), "%s%s", before, cases[i].text);
		const char *found = loading_check(&loading, backend, text);
		if (strcmp(found, cases[i].found) != 0) {
			print_error("case %zu: %s\nfound %s, not %s\n", i, text, found, cases[i].found);
			wrong++;
		}
		loading_release(&loading);
	}
	assert_int_equal(wrong, 0);
}

#define LOGIN HEAD("AUTHENTICATION") EN
#define GENERATED "    authentication: {security_recommendation: true, code_expiration_minutes: 5}\n"
#define BUTTONS "    buttons:\n"
#define COPY "      - otp: {type: COPY_CODE, title: Copy}\n"
#define APPS "apps: [{package_name: com.example.app, signature_hash: K8a/AINcGX7}]"

static void one_time_passwords_are_metas(void **state)
{
	static const struct rule_case cases[] = {
		{ LOGIN GENERATED BUTTONS COPY, "" },
		{ LOGIN GENERATED BUTTONS "      - otp: {type: ONE_TAP, title: Copy, autofill_title: Fill, " APPS "}\n", "" },
		{ LOGIN GENERATED BUTTONS "      - otp: {type: ONE_TAP, title: Copy, autofill_title: Fill}\n", "HSM193@7:14" },
		{ LOGIN GENERATED BUTTONS "      - otp: {type: ZERO_TAP, title: Copy, autofill_title: Fill, zero_tap_terms_accepted: true}\n",
		  "HSM193@7:14" },
		{ LOGIN GENERATED, "HSM191@5:21" },
		{ LOGIN GENERATED BUTTONS COPY COPY, "HSM191@8:9" },
		{ LOGIN GENERATED BUTTONS "      - url: {title: Help, url: \"https://e.com/\"}\n", "HSM191@5:21 HSM191@7:9 HSM127@7:39" },
		{ LOGIN GENERATED BUTTONS COPY "      - url: {title: Help, url: \"https://e.com/\"}\n", "HSM191@8:9 HSM127@8:39" },
		{ LOGIN "    header: Your code\n" GENERATED BUTTONS COPY, "HSM191@5:13" },
		{ LOGIN "    header: {image: logo.png}\n" GENERATED BUTTONS COPY, "HSM127@5:13 HSM191@5:13" },
		{ LOGIN GENERATED "    limited_time_offer: {text: Now}\n" BUTTONS COPY, "HSM191@6:25 HSM210@6:25" },
		{ LOGIN "    body: It is in the app.\n", "HSM192@5:11" },
		{ LOGIN "    body: It is in the app.\n" BUTTONS COPY, "HSM192@5:11" },
		{ HEAD("UTILITY") EN GENERATED BUTTONS COPY, "HSM190@5:21 HSM190@7:14" },
		{ HEAD("UTILITY") EN BODY BUTTONS COPY, "HSM190@7:14" },
		{ HEAD("UTILITY") EN BODY, "" },
	};
	/* Elsewhere they have the texts that a file gives them. */
	static const struct rule_case elsewhere[] = {
		{ LOGIN "    body: It is in the app.\n", "" },
		{ LOGIN GENERATED, "" }, /* compiling tells that the API has none */
	};
	(void)state;
	check(HSM_BACKEND_META, cases, COUNT(cases), "");
	check(HSM_BACKEND_GENESYS, elsewhere, COUNT(elsewhere), "");
}

#define URL(title) "{url: {title: " title ", url: \"https://e.com/\"}}"
#define CARD(header, body, buttons) "      - {header: " header ", " body "buttons: [" buttons "]}\n"
#define RED CARD("{image: r.jpg}", "body: Red ones., ", URL("Show me"))
#define BLUE CARD("{image: b.jpg}", "body: Blue ones., ", URL("Show me"))
#define SHOES HEAD("MARKETING") EN BODY
#define CAROUSEL "    carousel:\n"

static void cards_are_made_alike(void **state)
{
	static const struct rule_case cases[] = {
		{ SHOES CAROUSEL RED BLUE, "" },
		{ SHOES CAROUSEL RED, "HSM202@7:7" },
		{ HEAD("UTILITY") EN BODY CAROUSEL RED BLUE, "HSM200@7:7" },
		{ SHOES "    header: Shoes\n    footer: Acme\n" BUTTONS "      - url: {title: All, url: \"https://e.com/\"}\n" CAROUSEL RED BLUE,
		  "HSM201@6:13 HSM201@7:13 HSM201@9:7" },
		{ SHOES CAROUSEL RED CARD("{video: b.mp4}", "body: Blue ones., ", URL("Show me")), "HSM203@8:18" },
		{ SHOES CAROUSEL RED CARD("{image: b.jpg}", "", URL("Show me")), "HSM203@8:9" },
		{ SHOES CAROUSEL CARD("{image: b.jpg}", "", URL("Show me")) RED, "HSM203@8:9" },
		{ SHOES CAROUSEL RED CARD("{image: b.jpg}", "body: Blue ones., ", URL("Show me") ", " URL("More")), "HSM203@8:110" },
		{ SHOES CAROUSEL CARD("{image: b.jpg}", "body: Blue ones., ", URL("Show me") ", " URL("More")) RED, "HSM203@8:9" },
		{ SHOES CAROUSEL RED CARD("{image: b.jpg}", "body: Blue ones., ", "{phone_number: {title: Call, phone_number: \"+442071838750\"}}"),
		  "HSM203@8:62" },
		{ SHOES CAROUSEL CARD("{product: true}", "", "{single_product: {title: View}}") CARD("{product: true}", "", "{single_product: {title: View}}"),
		  "" },
		{ SHOES CAROUSEL CARD("Red", "", URL("A")) CARD("Blue", "", URL("B")), "HSM204@7:18 HSM204@8:18" },
		{ SHOES CAROUSEL "      - {body: Red ones.}\n      - {body: Blue ones.}\n", "HSM204@7:9 HSM204@8:9" },
		{ SHOES CAROUSEL RED BLUE "  de:\n    body: Die neuen Schuhe sind da.\n" CAROUSEL RED, "HSM206@9:3 HSM202@12:7" },
	};
	(void)state;
	check(HSM_BACKEND_META, cases, COUNT(cases), "");
}

#define TEN "abcdefghi "
#define FIFTY TEN TEN TEN TEN TEN
#define FIVE_HUNDRED FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
#define TEXT(body) CARD("{image: r.jpg}", "body: \"" body "\", ", URL("Show me"))
#define REPLY(id) CARD("{image: r.jpg}", "", "{reply: {id: " id ", title: Mine}}")

/* What holds for a message's body and buttons, in a second card: its body stands at 9:40. */
static void cards_are_read_as_messages_are(void **state)
{
	static const struct rule_case cases[] = {
		{ TEXT("Blue {{a}} are here, as you like them so much, dear."), "" },
		{ TEXT("{{a}} are here, as you like them so much, dear."), "HSM110@9:41" },
		{ TEXT("Those that you like are here again for you: {{a}}"), "HSM111@9:85" },
		{ TEXT("Those {{a}}{{b}} are here, as you like them so much, dear."), "HSM113@9:47" },
		{ TEXT("Those {{a}} {{b}} are here, as you like them so much, dear."), "HSM114@9:47" },
		{ TEXT("Of {{a}} one."), "HSM115@9:40" },
		{ TEXT("Blue.\\n\\n\\nAnd red."), "HSM104@9:40" },
		{ TEXT("Blue    ones."), "HSM107@9:45" },
		{ TEXT("Blue \\u202eenos\\u202c."), "HSM142@9:40" },
		{ TEXT("Blue \\u200b."), "HSM144@9:40" },
		{ TEXT("\\uE000 blue ones."), "HSM141@9:40" },
		{ TEXT("😀😀😀😀😀😀😀😀😀😀😀 blue"), "HSM106@9:40" },
		{ TEXT("See https://bit.ly/3x for blue ones."), "HSM173@9:53" },
		{ TEXT("Ваш заказ в нашем магазине собран."), "HSM151@9:40" },
		{ TEXT(FIFTY FIFTY FIFTY), "" },
		{ TEXT(FIFTY FIFTY FIFTY TEN "more"), "HSM205@9:40" },
		{ TEXT(FIVE_HUNDRED FIVE_HUNDRED FIFTY), "HSM102@9:40 HSM205@9:40" },
		{ CARD("{image: b.jpg}", "body: Blue ones., ", "{url: {title: \"Show 😀\", url: \"https://e.com/\"}}"), "HSM132@9:76" },
		{ CARD("{image: b.jpg}", "body: Blue ones., ", "{url: {title: \"See {{a}}\", url: \"https://e.com/\"}}"), "HSM133@9:81" },
		{ CARD("{image: b.jpg}", "body: Blue ones., ", "{url: {title: Show me, url: e.com}}"), "HSM138@9:90" },
		{ CARD("{image: b.jpg}", "body: Blue ones., ", "{url: {title: Show me, url: \"https://e.com/{{a}}/x\"}}"), "HSM119@9:105" },
	};
	static const struct rule_case replies[] = {
		{ REPLY("A") REPLY("B") "routes: {A: none, B: none}\n", "" },
		{ REPLY("A") REPLY("A") "routes: {A: none}\n", "HSM134@8:57" },
		{ REPLY("A") REPLY("B") "routes: {A: none}\n", "HSM136@8:57" },
		{ REPLY("A") REPLY("B") "routes: {A: none, B: none, C: none}\n", "HSM137@9:28" },
		{ REPLY("A") REPLY("CALL_15551234567") "routes: {A: none, CALL_15551234567: none}\n", "HSM174@8:57" },
	};
	static const struct rule_case languages[] = {
		{ "  de:\n    body: Die neuen Schuhe sind da.\n" CAROUSEL REPLY("A") REPLY("B") "routes: {A: none, B: none}\n", "" },
		{ "  de:\n    body: Die neuen Schuhe sind da.\n" CAROUSEL REPLY("A") REPLY("C") "routes: {A: none, B: none, C: none}\n",
		  "HSM162@13:57" },
	};
	(void)state;
	check(HSM_BACKEND_META, cases, COUNT(cases), HEAD("MARKETING") "parameters: {a: {default: x}, b: {default: y}}\n"
	      EN "    body: \"Our {{a}} are here, the new {{b}} as well: have a look now.\"\n" CAROUSEL RED);
	check(HSM_BACKEND_META, replies, COUNT(replies), SHOES CAROUSEL);
	check(HSM_BACKEND_META, languages, COUNT(languages), SHOES CAROUSEL REPLY("A") REPLY("B"));
}

static void parameters_of_cards_are_used_and_alike(void **state)
{
	static const struct rule_case cases[] = {
		{ "  de:\n    body: Die neuen Schuhe sind da.\n" CAROUSEL TEXT("Rot wie {{a}}, und schnell wie der Wind.") BLUE, "" },
		{ "  de:\n    body: Die neuen Schuhe sind da.\n" CAROUSEL RED TEXT("Rot wie {{a}}, und schnell wie der Wind."),
		  "HSM160@13:40 HSM160@14:49" },
	};
	(void)state;
	check(HSM_BACKEND_META, cases, COUNT(cases), HEAD("MARKETING") "parameters: {a: {default: x}}\n" EN BODY CAROUSEL
	      TEXT("Red as {{a}}, and as fast as the wind.") BLUE);
}

#define SALE HEAD("MARKETING") EN
#define OFFER(more) "    limited_time_offer: {text: Ends on Sunday" more "}\n"
#define CODE "      - copy_code: {example: SHOES25}\n"
#define URL_BUTTON "      - url: {title: Shop, url: \"https://e.com/\"}\n"

static void offers_are_what_meta_takes(void **state)
{
	static const struct rule_case cases[] = {
		{ SALE OFFER(", has_expiration: true") BODY BUTTONS CODE URL_BUTTON, "" },
		{ SALE OFFER("") BODY, "" },
		{ SALE OFFER(", has_expiration: true") BODY BUTTONS URL_BUTTON, "HSM213@5:64" },
		{ SALE "    header: {video: shoes.mp4}\n" OFFER("") BODY, "" },
		{ SALE "    header: Shoes\n" OFFER("") BODY, "HSM213@5:13" },
		{ SALE "    header: {document: shoes.pdf}\n" OFFER("") BODY, "HSM213@5:13" },
		{ SALE OFFER("") BODY "    footer: Acme\n", "HSM212@7:13" },
		{ HEAD("UTILITY") EN OFFER("") BODY, "HSM210@5:25" },
		{ SALE "    limited_time_offer: {text: \"Ends {{a}}\"}\n" BODY, "HSM211@5:38" },
		{ SALE "    limited_time_offer: {text: \"Ends    soon\"}\n" BODY, "HSM107@5:37" },
		{ SALE OFFER("") "    body: \"" FIVE_HUNDRED FIFTY TEN TEN TEN TEN "1234567890\"\n", "" },
		{ SALE OFFER("") "    body: \"" FIVE_HUNDRED FIFTY TEN TEN TEN TEN "12345678901\"\n", "HSM214@6:11" },
	};
	(void)state;
	check(HSM_BACKEND_META, cases, COUNT(cases), "");
}

static void options_fit_their_category(void **state)
{
	static const struct rule_case cases[] = {
		{ HEAD("AUTHENTICATION") "time_to_live: 30\n" EN GENERATED BUTTONS COPY, "" },
		{ HEAD("AUTHENTICATION") "time_to_live: 900\n" EN GENERATED BUTTONS COPY, "" },
		{ HEAD("AUTHENTICATION") "time_to_live: 901\n" EN GENERATED BUTTONS COPY, "HSM220@3:15" },
		{ HEAD("UTILITY") "time_to_live: 43200\n" EN BODY, "" },
		{ HEAD("UTILITY") "time_to_live: 43201\n" EN BODY, "HSM220@3:15" },
		{ HEAD("MARKETING") "time_to_live: 43199\n" EN BODY, "HSM220@3:15" },
		{ HEAD("MARKETING") "time_to_live: 2592000\n" EN BODY, "" },
		{ HEAD("UTILITY") "sub_category: ORDER_DETAILS\n" EN BODY, "" },
		{ HEAD("MARKETING") "sub_category: ORDER_DETAILS\n" EN BODY, "HSM221@3:15" },
		{ HEAD("UTILITY") "parameter_format: NAMED\nparameters: {order_id: {default: x}}\n" EN "    body: \"The order {{order_id}} is packed.\"\n", "" },
		{ HEAD("UTILITY") "parameter_format: NAMED\nparameters: {order_2: {default: x}}\n" EN "    body: \"The order {{order_2}} is packed.\"\n",
		  "HSM222@4:14" },
		{ HEAD("UTILITY") "parameters: {order_2: {default: x}}\n" EN "    body: \"The order {{order_2}} is packed.\"\n", "" },
	};
	(void)state;
	check(HSM_BACKEND_META, cases, COUNT(cases), "");
}

static void buttons_of_meta_are_few_and_whole(void **state)
{
	static const struct rule_case cases[] = {
		{ BODY BUTTONS "      - voice_call: {title: Call}\n", "" },
		{ BODY BUTTONS "      - voice_call: {title: Call}\n      - voice_call: {title: Call}\n", "HSM230@8:9" },
		{ BODY BUTTONS "      - catalog: {title: A}\n      - catalog: {title: B}\n      - catalog: {title: C}\n", "HSM230@8:9" },
		{ BODY BUTTONS "      - catalog: {title: A}\n      - voice_call: {title: B}\n", "" },
		{ BODY BUTTONS "      - reply: {id: A, title: A}\n      - voice_call: {title: B}\n      - reply: {id: B, title: C}\nroutes: {A: none, B: none}\n",
		  "HSM131@9:9" },
		{ BODY BUTTONS "      - single_product: {title: View}\n", "HSM231@7:9" },
		{ "    header: {product: true}\n" BODY BUTTONS "      - single_product: {title: View}\n", "" },
		{ BODY BUTTONS "      - flow: {title: Book, json: '{\"version\": \"7.0\"}'}\n", "" },
		{ BODY BUTTONS "      - flow: {title: Book, json: '{\"version\": }'}\n", "HSM232@7:35" },
		{ BODY BUTTONS "      - flow: {title: Book, json: 'version'}\n", "HSM232@7:35" },
		{ BODY BUTTONS "      - flow: {title: Book, id: \"1\", action: data_exchange}\n", "" },
		{ BODY BUTTONS "      - flow: {title: Book, id: \"1\", action: open}\n", "HSM233@7:46" },
		{ BODY BUTTONS "      - flow: {title: \"Book {{a}}\", id: \"1\"}\n", "HSM133@7:29" },
		{ BODY BUTTONS "      - catalog: {title: \"All 😀\"}\n", "HSM132@7:26" },
	};
	(void)state;
	check(HSM_BACKEND_META, cases, COUNT(cases), HEAD("MARKETING") EN);
}

/* A template is checked for each API that an environment of it is on. */
static void each_environment_has_its_api(void **state)
{
	static const struct {
		const char *environments;
		size_t found;
	} cases[] = {
		{ "{dev: {region: eu-west-1}}", 0 },
		{ "{dev: {backend: meta}}", 1 },
		{ "{dev: {region: eu-west-1}, prod: {backend: meta}}", 1 },
		{ "{dev: {region: eu-west-1}, prod: {backend: meta, templates: [other]}}", 0 },
		{ "{dev: {region: eu-west-1}, prod: {backend: meta, languages: [de]}}", 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct loading loading = { 0 };
		const struct hsm_config *config = loading_config(
			&loading, hsm_arena_format(&loading.arena, "environments: %s\n", cases[i].environments));
		const struct hsm_template *template = loading_template(&loading, LOGIN "    body: It is in the app.\n");
		hsm_rules_check(config, NULL, &template, 1, &loading.findings);
		if (loading.findings.count != cases[i].found)
			fail_msg("%s: %zu findings", cases[i].environments, loading.findings.count);
		loading.findings.count = loading.findings.errors = 0;
		/* of one that is chosen, the API is its own */
		hsm_rules_check(config, config->environments.items, &template, 1, &loading.findings);
		assert_int_equal(loading.findings.count, i == 1);
		loading_release(&loading);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_time_passwords_are_metas),
		cmocka_unit_test(cards_are_made_alike),
		cmocka_unit_test(cards_are_read_as_messages_are),
		cmocka_unit_test(parameters_of_cards_are_used_and_alike),
		cmocka_unit_test(offers_are_what_meta_takes),
		cmocka_unit_test(options_fit_their_category),
		cmocka_unit_test(buttons_of_meta_are_few_and_whole),
		cmocka_unit_test(each_environment_has_its_api),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
