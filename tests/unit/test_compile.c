#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/json.h"
#include "schema/json_schema.h"
#include "tests/unit/loading.h"

static char *read_file(struct hsm_arena *arena, const char *path)
{
	char buffer[65536];
	FILE *file = fopen(path, "r");
	if (!file)
		fail_msg("%s: run from the top of the repository", path);
	size_t length = fread(buffer, 1, sizeof(buffer), file);
	fclose(file);
	return hsm_arena_copy(arena, buffer, length);
}

/* The create bodies of the document that hsmctl implements. */
static void the_seeds_templates_compile_to_the_seeds_bodies(void **state)
{
	(void)state;
	static const char *const names[] = { "order_confirmation", "support_menu" };
	for (size_t i = 0; i < 2; i++) {
		struct loading loading = { 0 };
		char path[256];
		snprintf(path, sizeof(path), "examples/quickstart/templates/%s.yaml", names[i]);
		struct hsm_template *template =
			loading_template(&loading, read_file(&loading.arena, path));
		struct hsm_compiled compiled = loading_compile(&loading, NULL, template, "en_US");
		snprintf(path, sizeof(path), "tests/golden/seed/%s.json", names[i]);
		cJSON *seed = cJSON_Parse(read_file(&loading.arena, path));
		cJSON *components = cJSON_Parse(compiled.content.json);
		assert_non_null(seed);
		if (!cJSON_Compare(cJSON_GetObjectItemCaseSensitive(seed, "components"), components, true))
			fail_msg("%s", compiled.content.json);
		cJSON_Delete(components);
		cJSON_Delete(seed);
		loading_release(&loading);
	}
}

static void parameters_are_numbered_per_component_and_ordered_for_the_sender(void **state)
{
	(void)state;
	struct loading loading = { 0 };
	struct hsm_template *template = loading_template(&loading,
		"name: t\ncategory: UTILITY\nparameters:\n  a: {default: A}\n  b: {default: B}\n  c: {default: C}\n"
		"translations:\n  en:\n    header: \"H {{b}}\"\n    body: \"x {{c}} {{a}} {{c}} {{b}} y\"\n"
		"    buttons:\n      - url: {title: T, url: \"https://e.com/{{a}}\"}\n"
		"      - reply: {id: r, title: R}\n      - url: {title: U, url: \"https://e.com/u/{{c}}\"}\n");
	struct hsm_compiled compiled = loading_compile(&loading, NULL, template, "en");
	static const char *const names[] = { "b", "c", "a", "b", "a", "c" };
	assert_int_equal(compiled.name_count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(compiled.names[i], names[i]);
	assert_non_null(strstr(compiled.content.json, "\"x {{1}} {{2}} {{1}} {{3}} y\""));
	assert_non_null(strstr(compiled.content.json, "\"https://e.com/u/{{1}}\""));
	loading_release(&loading);
}

#define CONFIG                                                                                     \
	"environments:\n  dev:\n    base_url: http://127.0.0.1:1\n    variables: {brand: Dev}\n"     \
	"variables:\n  brand: Acme\n  legal: {en: London, es: Londres}\n"

static void variables_come_from_the_environment_then_from_everybody(void **state)
{
	(void)state;
	static const struct {
		const char *body, *compiled;
	} cases[] = {
		{ "${brand}, ${legal}", "Dev, London" },
		{ "$${brand} $ $$ ${brand}", "${brand} $ $$ Dev" },
		{ "100$", "100$" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct loading loading = { 0 };
		struct hsm_config *config = loading_config(&loading, CONFIG);
		const char *text = hsm_arena_format(
			&loading.arena, "name: t\ncategory: UTILITY\ntranslations:\n  en: {body: \"%s\"}\n", cases[i].body);
		struct hsm_compiled compiled =
			loading_compile(&loading, config, loading_template(&loading, text), "en");
		const char *json = hsm_arena_format(&loading.arena, "[{\"type\":\"BODY\",\"text\":\"%s\"}]", cases[i].compiled);
		assert_string_equal(compiled.content.json, json);
		loading_release(&loading);
	}
}

static void what_cannot_be_compiled_is_reported_at_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *body, *report;
	} cases[] = {
		{ "\"Hi {{x}} y\"", "test.yaml:5:18: error HSM010: 'x' is not declared under 'parameters'" },
		{ "\"\xc3\xa4\xc3\xb6 {{ a }} y\"", "test.yaml:5:18: error HSM010: a placeholder is exactly {{name}}" },
		{ "\"Hi {{1}} y\"", "test.yaml:5:18: error HSM010: parameters have names here" },
		{ "\"Hi {{a\"", "test.yaml:5:18: error HSM010: a placeholder is exactly {{name}}" },
		{ "\"Hi {{}} y\"", "test.yaml:5:18: error HSM010: a placeholder is exactly {{name}}" },
		{ "\"Hi ${x} y\"", "test.yaml:5:18: error HSM011: hsmctl.yaml has no variable 'x' for es" },
		{ "\"Hi ${ x} y\"", "test.yaml:5:18: error HSM011: a variable is ${name}" },
		{ "\"Hi {{a}} y\"", "test.yaml:3:14: error HSM012: parameter 'a' has no default for es" },
		{ "\"Hi {{c}} y\"", "test.yaml:3:37: error HSM006: a CURRENCY has 'code' and 'amount_1000'" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct loading loading = { 0 };
		struct hsm_template *template = loading_template(
			&loading, hsm_arena_format(&loading.arena,
						   "name: t\ncategory: UTILITY\nparameters: {a: {default: {en: x}}, c: "
						   "{type: CURRENCY, default: x}}\ntranslations:\n  es: {body: %s}\n",
						   cases[i].body));
		struct hsm_config *config = loading_config(&loading, CONFIG);
		struct hsm_compiled compiled;
		assert_int_equal(hsm_compile(&loading.arena, HSM_BACKEND_GENESYS, config, NULL, template, template->translations.items,
					     &compiled, &loading.findings),
				 HSM_ERROR_INVALID);
		const char *report = loading_report(&loading);
		if (strncmp(report, cases[i].report, strlen(cases[i].report)) != 0)
			fail_msg("%s", report);
		loading_release(&loading);
	}
}

#define BUTTON(reply) "name: t\ncategory: UTILITY\ntranslations:\n  en:\n    body: Hi\n    buttons:\n      - reply: " reply "\n"
#define LONG_ID                                                                                                          \
	"A23456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234" \
	"A2345678901234567890123456789012345678901234567890123456789012345678901"

static void a_buttons_data_is_sent_with_its_id(void **state)
{
	static const struct {
		const char *text, *sent;
	} cases[] = {
		{ BUTTON("{id: CHECK_ORDER, title: T}"), "\"reply\":{\"id\":\"CHECK_ORDER\",\"title\":\"T\"}" },
		{ BUTTON("{id: CHECK_ORDER, data: {tier: gold, step: \"2\"}, title: T}"),
		  "\"reply\":{\"id\":\"T1_Q0hFQ0tfT1JERVI_c3RlcD0yJnRpZXI9Z29sZA\",\"title\":\"T\"}" },
		{ BUTTON("{id: T1_YES, title: T}"), "\"id\":\"T1_YES\"" },
		{ BUTTON("{id: " LONG_ID ", data: {k: v}, title: T}"), "\"id\":\"T1_QTIzNDU2" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct loading loading = { 0 };
		const struct hsm_template *template = loading_template(&loading, cases[i].text);
		const char *json = loading_compile(&loading, NULL, template, "en").content.json;
		if (!strstr(json, cases[i].sent))
			fail_msg("case %zu: %s", i, json);
		loading_release(&loading);
	}
}

static void data_that_no_button_can_send_is_reported_at_its_place(void **state)
{
	static const struct {
		const char *text, *report;
	} cases[] = {
		{ BUTTON("{id: " LONG_ID "X, data: {k: v}, title: T}"),
		  "test.yaml:7:215: error HSM008: 'id' and 'data' make a token of more than 256 characters" },
		{ BUTTON("{id: T1_QT9iPWM, title: T}"), "test.yaml:7:21: error HSM008: this id is the token of A?b=c: write" },
		{ BUTTON("{id: A, data: {}, title: T}"), "test.yaml:7:30: error HSM008: 'data' must not be empty" },
		{ BUTTON("{id: A, data: {Step: a}, title: T}"), "test.yaml:7:31: error HSM008: a key of 'data' is" },
		{ BUTTON("{id: A, data: {mail: ana@example.com}, title: T}"), "test.yaml:7:37: error HSM008: 'data' wants 1 to 32" },
		{ BUTTON("{id: A, data: {step: 2}, title: T}"),
		  "test.yaml:7:37: error HSM007: 'data' wants text, and YAML reads a number here: write \"2\" in quotes" },
		{ BUTTON("{id: A, data: {a: x, a: x}, title: T}"), "test.yaml:7:37: error HSM005: 'a' stands here twice" },
		{ BUTTON("{id: A, data: {a: x, b: x, c: x, d: x, e: x, f: x, g: x, h: x, i: x}, title: T}"),
		  "test.yaml:7:30: error HSM008: 'data' has 9 entries, 8 at most are allowed" },
	};
	static const struct hsm_config none;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct loading loading = { 0 };
		struct hsm_template template = { 0 };
		if (loading_yaml(&loading, &hsm_template_object, cases[i].text, &template) == 0)
			assert_int_equal(hsm_compile(&loading.arena, HSM_BACKEND_GENESYS, &none, NULL, &template, template.translations.items, NULL,
						     &loading.findings), HSM_ERROR_INVALID);
		const char *report = loading_report(&loading);
		if (strncmp(report, cases[i].report, strlen(cases[i].report)) != 0)
			fail_msg("case %zu: %s", i, report);
		loading_release(&loading);
	}
}

static void each_type_puts_its_default_under_its_name(void **state)
{
	(void)state;
	struct loading loading = { 0 };
	struct hsm_template *template = loading_template(&loading,
		"name: t\ncategory: UTILITY\nparameters:\n  a: {default: {en: A, es: E}}\n"
		"  b: {type: DATE_TIME, default: \"2026-01-02T03:04:05Z\"}\n"
		"  c: {type: CURRENCY, default: $10, code: USD, amount_1000: 10000}\n"
		"translations:\n  es: {body: \"x {{c}} {{b}} {{a}} y\", header: {location: true}}\n");
	assert_string_equal(loading_compile(&loading, NULL, template, "es").content.json,
			    "[{\"type\":\"HEADER\",\"format\":\"LOCATION\"},{\"type\":\"BODY\",\"text\":\"x {{1}} {{2}} {{3}} y\","
			    "\"parameters\":[{\"type\":\"CURRENCY\",\"currency\":{\"default\":\"$10\",\"code\":\"USD\","
			    "\"amount_1000\":10000}},{\"type\":\"DATE_TIME\",\"date_time\":{\"default\":"
			    "\"2026-01-02T03:04:05Z\"}},{\"type\":\"TEXT\",\"text\":{\"default\":\"E\"}}]}]");
	loading_release(&loading);
}

/* So a change of them is no new version, and breaks no flow. */
static void how_values_are_sent_is_no_content(void **state)
{
	static const char *const rules[] = {
		"", ", max_length: 9", ", truncate: true", ", emoji: strip", ", allowed: \"[A-Z]\"",
		", max_length: 9, truncate: true, emoji: name, allowed: \"[A-Z]\"",
	};
	char first[256] = "";
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct loading loading = { 0 };
		const struct hsm_template *template = loading_template(
			&loading, hsm_arena_format(&loading.arena,
						   "name: t\ncategory: UTILITY\nparameters: {a: {default: A%s}}\n"
						   "translations: {en: {body: \"Dear {{a}}, it is done.\"}}\n",
						   rules[i]));
		struct hsm_compiled compiled = loading_compile(&loading, NULL, template, "en");
		if (!i)
			strcpy(first, compiled.content.json);
		assert_string_equal(compiled.content.json, first);
		loading_release(&loading);
	}
}

static void subsets_of_an_environment_are_globs_and_languages(void **state)
{
	(void)state;
	struct loading loading = { 0 };
	struct hsm_config *config = loading_config(&loading,
		"environments:\n  a: {base_url: \"http://127.0.0.1:1\", templates: [order_*, x], languages: [en]}\n"
		"  b: {region: eu-west-1}\n  c: {region: eu-west-1, languages: []}\n");
	const struct hsm_environment *a = hsm_config_find_environment(config, "a");
	assert_true(hsm_environment_has_template(a, "order_1"));
	assert_true(hsm_environment_has_template(a, "x"));
	assert_false(hsm_environment_has_template(a, "xy"));
	assert_true(hsm_environment_has_language(a, "en"));
	assert_false(hsm_environment_has_language(a, "es"));
	assert_true(hsm_environment_has_language(hsm_config_find_environment(config, "b"), "es"));
	assert_false(hsm_environment_has_language(hsm_config_find_environment(config, "c"), "es"));
	assert_null(hsm_config_find_environment(config, "d"));
	loading_release(&loading);
}

/* The checked-in schemas are what editors use: they must be the tables'. */
static void the_checked_in_schemas_are_the_tables(void **state)
{
	(void)state;
	static const struct {
		const struct hsm_object *object;
		const char *path;
	} kinds[] = {
		{ &hsm_template_object, "schema/template.schema.json" },
		{ &hsm_config_object, "schema/config.schema.json" },
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		hsm_json_schema_append(kinds[i].object, &buffer);
		if (strcmp(hsm_buffer_text(&buffer), read_file(&arena, kinds[i].path)) != 0)
			fail_msg("%s is stale: run make schemas", kinds[i].path);
		hsm_buffer_release(&buffer);
		hsm_arena_release(&arena);
	}
}

static void check_table(const struct hsm_object *object)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct hsm_field *field = &object->fields[i];
		assert_true(field->offset < object->size);
		assert_true(field->minimum <= field->maximum || !field->maximum);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(field->key, object->fields[j].key);
		if (!field->help && !(field->object && field->object->help))
			fail_msg("%s.%s has no help", object->name, field->key);
		if (field->object)
			check_table(field->object);
		if (field->type == HSM_TYPE_LIST || field->type == HSM_TYPE_MAPPING) {
			assert_non_null(field->element);
			assert_true(field->item_size > 0);
			if (field->element->object) {
				assert_int_equal(field->item_size, field->element->object->size);
				check_table(field->element->object);
			}
		}
		if (field->type == HSM_TYPE_WORD)
			assert_non_null(field->words);
	}
}

static void the_tables_are_sound_and_say_what_each_key_is(void **state)
{
	(void)state;
	check_table(&hsm_template_object);
	check_table(&hsm_config_object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_seeds_templates_compile_to_the_seeds_bodies),
		cmocka_unit_test(parameters_are_numbered_per_component_and_ordered_for_the_sender),
		cmocka_unit_test(variables_come_from_the_environment_then_from_everybody),
		cmocka_unit_test(what_cannot_be_compiled_is_reported_at_its_place),
		cmocka_unit_test(a_buttons_data_is_sent_with_its_id),
		cmocka_unit_test(data_that_no_button_can_send_is_reported_at_its_place),
		cmocka_unit_test(each_type_puts_its_default_under_its_name),
		cmocka_unit_test(how_values_are_sent_is_no_content),
		cmocka_unit_test(subsets_of_an_environment_are_globs_and_languages),
		cmocka_unit_test(the_checked_in_schemas_are_the_tables),
		cmocka_unit_test(the_tables_are_sound_and_say_what_each_key_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
