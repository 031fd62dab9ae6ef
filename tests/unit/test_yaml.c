#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "schema/serve.h"
#include "schema/yaml.h"
#include "tests/unit/loading.h"

#define HEAD "name: t\ncategory: UTILITY\ntranslations:\n  en_US:\n"

/* Each wrong file, and the first line that says so. */
static const struct {
	const char *name, *text, *report;
} wrong[] = {
	{ "unknown key", HEAD "    bdy: x\n    body: x\n",
	  "test.yaml:5:5: error HSM004: unknown key 'bdy' of a translation: did you mean 'body'?" },
	{ "duplicate key", HEAD "    body: x\n    body: y\n", "test.yaml:6:5: error HSM005: 'body' stands here twice" },
	{ "duplicate language", HEAD "    body: x\n  en_US:\n    body: y\n",
	  "test.yaml:6:3: error HSM005: 'en_US' stands here twice" },
	{ "missing key", "name: t\ntranslations:\n  en_US:\n    body: x\n",
	  "test.yaml:1:1: error HSM006: missing key 'category' of a template" },
	{ "missing key in a mapping", HEAD "    footer: x\n",
	  "test.yaml:4:3: error HSM006: missing key 'body' of a translation" },
	{ "alias", HEAD "    body: *x\n", "test.yaml:5:11: error HSM003: aliases are not supported" },
	{ "anchor", HEAD "    body: &x y\n", "test.yaml:5:11: error HSM003: anchors are not supported" },
	{ "tag", HEAD "    body: !!str y\n", "test.yaml:5:11: error HSM003: tags are not supported" },
	{ "merge key", HEAD "    <<: {}\n    body: x\n", "test.yaml:5:5: error HSM003: merge keys are not supported" },
	{ "second document", HEAD "    body: x\n---\nname: u\n",
	  "test.yaml:6:1: error HSM003: a second document begins here" },
	{ "wrong type", HEAD "    body: [x]\n", "test.yaml:5:11: error HSM007: 'body' wants text, not a list" },
	{ "number unquoted", HEAD "    body: 12\n",
	  "test.yaml:5:11: error HSM007: 'body' wants text, and YAML reads a number here: write \"12\" in quotes" },
	{ "boolean unquoted", HEAD "    body: true\n", "test.yaml:5:11: error HSM007: 'body' wants text, and YAML reads "
						       "true or false here" },
	{ "nothing", HEAD "    body:\n", "test.yaml:5:10: error HSM007: 'body' wants text, and YAML reads nothing" },
	{ "number quoted", HEAD "    version: \"1\"\n    body: x\n",
	  "test.yaml:5:14: error HSM007: 'version' wants a whole number, not text" },
	{ "hexadecimal number", HEAD "    version: 0x1\n    body: x\n",
	  "test.yaml:5:14: error HSM007: 'version' wants a whole number" },
	{ "number too large", HEAD "    version: 1000000\n    body: x\n",
	  "test.yaml:5:14: error HSM008: 'version' wants a number from 1 to 999999" },
	{ "number beyond 64 bits", HEAD "    version: 99999999999999999999\n    body: x\n",
	  "test.yaml:5:14: error HSM008: 'version' wants a number from 1 to 999999" },
	{ "word", "name: t\ncategory: utility\ntranslations: {en: {body: x}}\n",
	  "test.yaml:2:11: error HSM008: 'category' wants one of UTILITY, MARKETING, AUTHENTICATION, not 'utility'" },
	{ "tab", HEAD "\tbody: x\n", "test.yaml:5:1: error HSM002: a tab cannot indent YAML: use spaces" },
	{ "comment cuts a text", HEAD "    body: Order #1 #{{x}}\n    footer: Order # {{x}}\n",
	  "test.yaml:5:17: error HSM009: a comment begins here and cuts 'body' short" },
	{ "placeholder unquoted", HEAD "    body: {{x}}\n",
	  "test.yaml:5:11: error HSM007: 'body' wants text: a text that starts with '{' must stand in quotes" },
	{ "colon unquoted", HEAD "    body: Note: x\n",
	  "test.yaml:5:15: error HSM002: a text with ': ' in it must stand in quotes" },
	{ "NUL in a text", HEAD "    body: \"a\\0b\"\n", "test.yaml:5:11: error HSM008: 'body' holds a NUL character" },
	{ "control character", HEAD "    body: a\001b\n", "test.yaml:5:12: error HSM001: control characters are not allowed" },
	{ "control character after a byte-order mark", "\xef\xbb\xbfname: a\001b\n",
	  "test.yaml:1:8: error HSM001: control characters are not allowed" },
	{ "a byte-order mark has no column", "\xef\xbb\xbfnam: a\n",
	  "test.yaml:1:1: error HSM004: unknown key 'nam'" },
	{ "not UTF-8", HEAD "    body: a\xff\n", "test.yaml:5:12: error HSM001: byte 0xff is not UTF-8" },
	{ "overlong UTF-8", HEAD "    body: \xc0\xaf\n", "test.yaml:5:11: error HSM001: byte 0xc0 is not UTF-8" },
	{ "surrogate", HEAD "    body: \xed\xa0\x80\n", "test.yaml:5:11: error HSM001: byte 0xed is not UTF-8" },
	{ "empty file", "", "test.yaml: error HSM002: the file is empty" },
	{ "only a comment", "# x\n", "test.yaml: error HSM002: the file is empty" },
	{ "a list", "- x\n", "test.yaml:1:1: error HSM007: 'template' wants a mapping, not a list" },
	{ "two kinds of button", HEAD "    body: x\n    buttons: [{reply: {id: a, title: b}, copy_code: {example: c}}]\n",
	  "test.yaml:6:15: error HSM008: a button has exactly one key, not 2" },
	{ "no kind of header", HEAD "    header: {}\n    body: x\n",
	  "test.yaml:5:13: error HSM008: a header has exactly one key, not 0" },
	{ "header's own key", HEAD "    header: {text: x}\n    body: x\n",
	  "test.yaml:5:14: error HSM004: unknown key 'text': a header has image, video, document, location" },
	{ "name with a version", "name: t_v2\ncategory: UTILITY\n", "test.yaml:1:7: error HSM008: 'name' wants" },
	{ "language", "name: t\ncategory: UTILITY\ntranslations: {en-US: {body: x}}\n",
	  "test.yaml:3:16: error HSM008: a key of 'translations' is a language such as en or en_US, not 'en-US'" },
	{ "complex key", "name: t\ncategory: UTILITY\n? {a: b}\n: c\n",
	  "test.yaml:3:3: error HSM007: a key is text" },
	{ "title too long", HEAD "    body: x\n    buttons: [{reply: {id: a, title: abcdefghijklmnopqrstuvwxyz}}]\n",
	  "test.yaml:6:38: error HSM008: 'title' has 26 characters, 25 at most are allowed" },
	{ "unclosed quote", HEAD "    body: \"x\n", "test.yaml:5:11: error HSM002: a quote is opened here and never closed" },
	{ "sign unquoted", HEAD "    body: @x \"y\"\n",
	  "test.yaml:5:11: error HSM002: a text that starts with '@' must stand in quotes: write body: \"@x \\\"y\\\"\"" },
	{ "list unquoted", HEAD "    body: - x\n",
	  "test.yaml:5:11: error HSM002: block sequence entries are not allowed in this context; if it is a text, put "
	  "it in quotes: write body: \"- x\"" },
	{ "tag for a text", HEAD "    body: !Hello\n",
	  "test.yaml:5:11: error HSM003: tags are not supported: if it is a text, put it in quotes: write body: \"!Hello\"" },
};

static void a_wrong_file_is_reported_at_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct loading loading = { 0 };
		struct hsm_template template = { 0 };
		int status = loading_yaml(&loading, &hsm_template_object, wrong[i].text, &template);
		const char *report = loading_report(&loading);
		if (strncmp(report, wrong[i].report, strlen(wrong[i].report)) != 0) {
			print_error("%s: %s", wrong[i].name, report);
			fail();
		}
		assert_int_equal(status, HSM_ERROR_INVALID);
		loading_release(&loading);
	}
}

static void all_errors_of_a_file_come_in_one_run(void **state)
{
	(void)state;
	struct loading loading = { 0 };
	struct hsm_template template = { 0 };
	loading_yaml(&loading, &hsm_template_object, "nme: t\ncategory: X\ntranslations: {en: {body: 1, footer: 2}}\n",
		     &template);
	assert_int_equal(loading.findings.errors, 5);
	loading_release(&loading);
}

static void a_caret_stands_under_the_value(void **state)
{
	(void)state;
	struct loading loading = { 0 };
	struct hsm_template template = { 0 };
	loading_yaml(&loading, &hsm_template_object, "name: t\ncategory: \"\xc3\xa4\x1b[31m\xe2\x80\xae\"\n", &template);
	loading_release(&loading);
	loading_yaml(&loading, &hsm_template_object, "name: \"\xc3\xa4\xe2\x80\xae\"\ncategory: X\n", &template);
	assert_string_equal(loading_report(&loading),
			    "test.yaml:1:7: error HSM008: 'name' wants 1 to 504 lower-case letters, digits and '_', not "
			    "ending in _v and a number, not '\xc3\xa4\\u202e'\n"
			    "    name: \"\xc3\xa4\\u202e\"\n"
			    "          ^\n"
			    "test.yaml:2:11: error HSM008: 'category' wants one of UTILITY, MARKETING, AUTHENTICATION, "
			    "not 'X'\n"
			    "    category: X\n"
			    "              ^\n");
	loading_release(&loading);
}

static void deep_nesting_ends_at_once(void **state)
{
	(void)state;
	size_t size = 160000;
	char *text = malloc(size + 1);
	memset(text, '[', size);
	text[size] = '\0';
	struct loading loading = { 0 };
	struct hsm_template template = { 0 };
	assert_int_equal(loading_yaml(&loading, &hsm_template_object, text, &template), HSM_ERROR_INVALID);
	assert_non_null(strstr(loading_report(&loading), "nested deeper than 32 levels"));
	loading_release(&loading);
	free(text);
}

static void a_large_file_is_refused(void **state)
{
	(void)state;
	char *text = malloc(HSM_YAML_SIZE_MAX + 2);
	memset(text, '#', HSM_YAML_SIZE_MAX + 1);
	text[HSM_YAML_SIZE_MAX + 1] = '\0';
	struct loading loading = { 0 };
	struct hsm_template template = { 0 };
	assert_int_equal(loading_yaml(&loading, &hsm_template_object, text, &template), HSM_ERROR_INVALID);
	assert_non_null(strstr(loading_report(&loading), "1048577 bytes: 1048576 at most are read"));
	loading_release(&loading);
	free(text);
}

static void every_value_keeps_its_mark(void **state)
{
	(void)state;
	struct loading loading = { 0 };
	struct hsm_template *template = loading_template(&loading, "# first\nname: t\ncategory: UTILITY\nparameters:\n"
								   "  a: {default: {en: \"x\"}}\ntranslations:\n  en:\n"
								   "    body: |\n      Hello\n      {{a}} there\n");
	const struct hsm_parameter *a = template->parameters.items;
	const struct hsm_translation *en = template->translations.items;
	assert_int_equal(template->name.mark.line, 2);
	assert_int_equal(template->name.mark.column, 7);
	assert_int_equal(a->node.key.mark.line, 5);
	assert_int_equal(hsm_string_by_key_find(&a->default_value, "en")->mark.column, 21);
	assert_int_equal(en->body.mark.line, 8);
	assert_string_equal(en->body.text, "Hello\n{{a}} there\n");
	struct hsm_mark inside = hsm_yaml_mark_inside(en->body.mark, en->body.text, 6, 5);
	assert_int_equal(inside.line, 10);
	assert_int_equal(inside.column, 7);
	assert_int_equal(inside.end_column, 12);
	size_t offset = hsm_source_offset(inside.source, inside.line, inside.column);
	assert_memory_equal(inside.source->text + offset, "{{a}}", 5);
	loading_release(&loading);
}

/* What stands where the name of a secret belongs may be the secret, and a URL may have a password. */
static void a_secret_in_a_file_is_not_shown(void **state)
{
	(void)state;
	static const struct {
		const char *text, *report;
	} cases[] = {
		{ "tokens: [planted-1, 12, GOOD, \"pl\\nanted\"] # x\n",
		  "test.yaml:1:10: error HSM008: 'secret' wants the name of an environment variable: letters, digits and '_', "
		  "and no secret itself\n    tokens: [*********, **, GOOD, ***********] # x\n             ^\n" },
		{ "webhook: {secret: planted-1, planted: 1}\n", "    webhook: {secret: *********, planted: 1}\n" },
		{ "registri: postgres://bob:plant\xc3\xa9/x@h/x\n",
		  "test.yaml:1:1: error HSM004: unknown key 'registri' of a serve: did you mean 'registry'?\n"
		  "    registri: postgres://************@h/x\n    ^\n" },
		{ "registry: {a: postgres://bob:planted@h/x}\n", "write registry: \"{a: postgres://***********@h/x}\"" },
		{ "registri: postgres://h:1/planted\n", "    registri: postgres://h:1/planted\n" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct loading loading = { 0 };
		struct hsm_serve serve = { 0 };
		assert_true(loading_yaml(&loading, &hsm_serve_object, cases[i].text, &serve) < 0);
		const char *report = loading_report(&loading);
		if (!strstr(report, cases[i].report))
			fail_msg("%sand not\n%s", report, cases[i].report);
		loading_release(&loading);
	}
}

static void peek_finds_a_top_level_scalar_only(void **state)
{
	(void)state;
	static const struct {
		const char *text, *name;
	} cases[] = {
		{ "name: a\n", "a" },
		{ "x: {name: b}\ny: [name, c]\nname: a\n", "a" },
		{ "x: name\nname: a\n", "a" },
		{ "name: {a: b}\n", NULL },
		{ "- name: a\n", NULL },
		{ "", NULL },
		{ "name: [\n", NULL },
		{ "name: \xff\n", NULL },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_arena arena = { 0 };
		const char *name = hsm_yaml_peek(&arena, cases[i].text, strlen(cases[i].text), "name");
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		else
			assert_null(name);
		hsm_arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_file_is_reported_at_its_place),
		cmocka_unit_test(all_errors_of_a_file_come_in_one_run),
		cmocka_unit_test(a_caret_stands_under_the_value),
		cmocka_unit_test(deep_nesting_ends_at_once),
		cmocka_unit_test(a_large_file_is_refused),
		cmocka_unit_test(every_value_keeps_its_mark),
		cmocka_unit_test(a_secret_in_a_file_is_not_shown),
		cmocka_unit_test(peek_finds_a_top_level_scalar_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
