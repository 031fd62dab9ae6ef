/* What is imported compiles to what was there: file → content → file → content. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schema/decompile.h"
#include "schema/yaml_write.h"
#include "tests/unit/loading.h"

static const char *const templates[] = {
	"name: order_confirmation\ncategory: UTILITY\n"
	"parameters:\n  order_id: {default: ORD-12345}\n  customer: {default: {en_US: Customer, es_ES: Cliente}}\n"
	"  eta: {type: DATE, default: 2023-10-25}\n"
	"translations:\n"
	"  en_US:\n    header: \"Order #{{order_id}}\"\n"
	"    body: \"Hi {{customer}}, your order {{order_id}} is confirmed. Estimated delivery: {{eta}}.\"\n"
	"    footer: Reply STOP to opt-out.\n"
	"  es_ES:\n    header: \"Pedido {{order_id}}\"\n"
	"    body: \"Hola {{customer}}, su pedido {{order_id}} está confirmado. Entrega prevista: {{eta}}.\"\n",
	"name: menu\ncategory: UTILITY\n"
	"parameters: {path: {default: abc}, price: {type: CURRENCY, default: $12.99, code: USD, amount_1000: 12990},\n"
	"  at: {type: DATE_TIME, default: \"2023-10-25T10:00:00Z\"}}\n"
	"translations:\n"
	"  en:\n    header: {image: \"https://example.com/a.png\"}\n"
	"    body: \"It costs {{price}}, at {{at}}: 'quoted' \\\"twice\\\", yes:\\nno # not a comment, $${x}.\"\n"
	"    buttons:\n"
	"      - reply: {id: YES_1, title: \"yes\"}\n"
	"      - reply: {id: RATE, data: {stars: \"5\", of: survey.2-b, yes: \"true\"}, title: Good}\n"
	"      - reply: {id: T1_YES, title: No token}\n"
	"      - url: {title: Open, url: \"https://example.com/{{path}}\"}\n"
	"      - phone_number: {title: Call, phone_number: \"+15551234567\"}\n"
	"      - copy_code: {example: \"250FF\"}\n"
	"  fr:\n    header: {location: true}\n    body: \"Prix {{price}}, à {{at}}.\"\n",
	/* The same sample twice, the same parameter twice. */
	"name: literal\ncategory: UTILITY\nparameters: {a: {default: {en: \"$${x}\", fr: \"$$${y}\"}}, b: {default: \"$${z}\"}}\n"
	"translations:\n"
	"  en: {header: {image: \"https://e.com/$${i}\"}, body: \"One {{a}} $${t}.\", footer: \"$${f}\", buttons: ["
	"{url: {title: \"$${u}\", url: \"https://e.com/{{b}}\"}}, {copy_code: {example: \"$${c}\"}}, "
	"{phone_number: {title: \"$${p}\", phone_number: \"1\"}}, {reply: {title: \"$${r}\", id: A}}]}\n"
	"  fr: {body: \"Un {{a}} $${t}.\"}\n",
	"name: twice\ncategory: MARKETING\nparameters: {a: {default: x}, b: {default: x}}\ntranslations:\n"
	"  en: {body: \"One {{a}} two {{b}} and {{a}} again.\"}\n"
	"  de: {body: \"Eins {{b}} zwei {{a}}.\"}\n",
};

static void assert_round_trip(const char *text)
{
	struct loading loading = { 0 };
	const struct hsm_template *template = loading_template(&loading, text);
	size_t count = template->translations.count;
	struct hsm_decompile_source sources[4];
	struct hsm_compiled compiled[4];
	struct hsm_list components[4];
	struct hsm_template again;
	struct hsm_error error;
	const char *problem;
	for (size_t i = 0; i < count; i++) {
		const char *language = HSM_LIST_ITEM(template->translations, struct hsm_translation, i)->node.key.text;
		compiled[i] = loading_compile(&loading, NULL, template, language);
		assert_int_equal(hsm_content_read(&loading.arena, compiled[i].content.json, &components[i], &error), 0);
		sources[i] = (struct hsm_decompile_source){ .language = language, .components = &components[i] };
	}
	if (hsm_decompile(&loading.arena, template->name.text, (enum hsm_category)template->category.value, sources, count,
			  &again, &problem))
		fail_msg("%s", problem);
	struct hsm_buffer written = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_yaml_write(&written, &hsm_template_object, &again);
	const struct hsm_template *read = loading_template(&loading, hsm_buffer_text(&written));
	for (size_t i = 0; i < count; i++) {
		struct hsm_compiled result = loading_compile(&loading, NULL, read, sources[i].language);
		if (!hsm_content_equals(&result.content, &compiled[i].content))
			fail_msg("%s:\n%s\n%s\n%s", sources[i].language, hsm_buffer_text(&written), result.content.json,
				 compiled[i].content.json);
	}
	hsm_buffer_release(&written);
	loading_release(&loading);
}

static void what_is_written_compiles_to_what_was_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
		assert_round_trip(templates[i]);
}

static void a_token_is_written_as_id_and_data(void **state)
{
	static const char components[] =
		"[{\"type\":\"BODY\",\"text\":\"Hi.\"},{\"type\":\"BUTTONS\",\"buttons\":["
		"{\"type\":\"REPLY\",\"reply\":{\"id\":\"T1_Q0hFQ0tfT1JERVI_c3RlcD0yJnRpZXI9Z29sZA\",\"title\":\"A\"}},"
		"{\"type\":\"REPLY\",\"reply\":{\"id\":\"T1_QT9iPWN\",\"title\":\"B\"}}]}]";
	struct hsm_arena arena = { 0 };
	struct hsm_buffer written = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_list list;
	struct hsm_error error;
	struct hsm_template template;
	const char *problem;
	(void)state;
	assert_int_equal(hsm_content_read(&arena, components, &list, &error), 0);
	struct hsm_decompile_source source = { .language = "en", .components = &list };
	assert_int_equal(hsm_decompile(&arena, "x", HSM_CATEGORY_UTILITY, &source, 1, &template, &problem), 0);
	hsm_yaml_write(&written, &hsm_template_object, &template);
	assert_non_null(strstr(hsm_buffer_text(&written),
			       "      - reply:\n          id: CHECK_ORDER\n          data:\n            step: \"2\"\n"
			       "            tier: gold\n          title: A\n"
			       "      - reply:\n          id: T1_QT9iPWN\n          title: B\n"));
	hsm_buffer_release(&written);
	hsm_arena_release(&arena);
}

static const struct {
	const char *components, *problem; /* NULL: none */
	const char *names;                /* of the parameters, in order */
} cases[] = {
	{ "[{\"type\":\"BODY\",\"text\":\"Hi {{1}}, order {{2}} of {{3}}.\",\"parameters\":[{\"type\":\"TEXT\",\"text\":{"
	  "\"default\":\"a\"}},{\"type\":\"TEXT\",\"text\":{\"default\":\"b\"}},{\"type\":\"DATE\",\"date\":{\"default\":"
	  "\"2023-10-25\"}}]}]", NULL, "customer order date" },
	{ "[{\"type\":\"BODY\",\"text\":\"Order {{1}}, order {{2}}: {{3}}\",\"parameters\":[{\"type\":\"TEXT\",\"text\":{"
	  "\"default\":\"a\"}},{\"type\":\"TEXT\",\"text\":{\"default\":\"b\"}},{\"type\":\"TEXT\",\"text\":{\"default\":"
	  "\"c\"}}]}]", NULL, "order order_2 value" },
	{ "[{\"type\":\"BODY\",\"text\":\"Out {{2}} of {{1}} order.\",\"parameters\":[{\"type\":\"TEXT\",\"text\":{\"default\":"
	  "\"a\"}},{\"type\":\"TEXT\",\"text\":{\"default\":\"b\"}}]}]", "en: the placeholders of its BODY", "" },
	{ "[{\"type\":\"BODY\",\"text\":\"Hi {{1}}.\"}]", "en: the placeholders of its BODY", "" },
	{ "[{\"type\":\"BODY\",\"text\":\"Hi {{name}}.\"}]", "en: the placeholders of its BODY", "" },
	{ "[{\"type\":\"FOOTER\",\"text\":\"Bye.\"}]", "en: no body text", "" },
	{ "[{\"type\":\"BODY\",\"text\":\"Hi.\"},{\"type\":\"CAROUSEL\"}]", "en: a component of type CAROUSEL", "" },
	{ "[{\"type\":\"HEADER\",\"format\":\"VIDEO\"},{\"type\":\"BODY\",\"text\":\"Hi.\"}]",
	  "en: a header of format VIDEO without its sample", "" },
	{ "[{\"type\":\"BODY\",\"text\":\"Hi.\"},{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"FLOW\"}]}]",
	  "en: a button of type FLOW", "" },
};

static void names_come_from_the_words_around(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_list components;
		struct hsm_error error;
		struct hsm_template template;
		const char *problem;
		char names[256] = "";
		assert_int_equal(hsm_content_read(&arena, cases[i].components, &components, &error), 0);
		hsm_content_make(&arena, &components);
		struct hsm_decompile_source source = { .language = "en", .components = &components };
		hsm_decompile(&arena, "x", HSM_CATEGORY_UTILITY, &source, 1, &template, &problem);
		if (!problem != !cases[i].problem ||
		    (problem && strncmp(problem, cases[i].problem, strlen(cases[i].problem)) != 0))
			fail_msg("case %zu: %s", i, problem ? problem : "no problem");
		for (size_t j = 0; !problem && j < template.parameters.count; j++) {
			if (j)
				strcat(names, " ");
			strcat(names, HSM_LIST_ITEM(template.parameters, struct hsm_parameter, j)->node.key.text);
		}
		assert_string_equal(names, cases[i].names);
		hsm_arena_release(&arena);
	}
}

/* Meta's header and body may each have a sample of their own for a name. */
static void a_name_with_two_samples_is_told(void **state)
{
	static const char components[] =
		"[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"For {{1}}\",\"parameters\":[{\"type\":\"TEXT\",\"text\":{\"default\":"
		"\"Ana\"}}]},{\"type\":\"BODY\",\"text\":\"Hi {{1}}.\",\"parameters\":[{\"type\":\"TEXT\",\"text\":{\"default\":\"Bob\"}}]}]";
	static const char *const names[] = { "who", "who" };
	struct hsm_arena arena = { 0 };
	struct hsm_list list;
	struct hsm_error error;
	struct hsm_template template;
	const char *problem;
	(void)state;
	assert_int_equal(hsm_content_read(&arena, components, &list, &error), 0);
	struct hsm_decompile_source source = { .language = "en", .components = &list, .names = names, .name_count = 2 };
	assert_int_equal(hsm_decompile(&arena, "x", HSM_CATEGORY_UTILITY, &source, 1, &template, &problem), HSM_ERROR_INVALID);
	assert_string_equal(problem, "en: parameter 'who' has two samples, and a file has one");
	hsm_arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_compiles_to_what_was_read),
		cmocka_unit_test(a_token_is_written_as_id_and_data),
		cmocka_unit_test(names_come_from_the_words_around),
		cmocka_unit_test(a_name_with_two_samples_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
