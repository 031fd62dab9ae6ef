#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "schema/content.h"
#include "schema/json.h"
#include "schema/signature.h"
#include "tests/unit/loading.h"

static struct hsm_content read_content(struct hsm_arena *arena, const char *json)
{
	struct hsm_list components = { 0 };
	struct hsm_error error;
	if (hsm_content_read(arena, json, &components, &error) != 0)
		fail_msg("%s", error.message);
	return hsm_content_make(arena, &components);
}

#define BODY "{\"type\":\"BODY\",\"text\":\"Hi {{1}}\",\"parameters\":[{\"type\":\"TEXT\",\"text\":{\"default\":\"Ana\"}}]}"

/* What a server may do to content without changing it. */
static void a_servers_own_noise_is_no_difference(void **state)
{
	(void)state;
	static const char *const same[] = {
		"[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"\xc3\xa9\"}," BODY "]",
		"[" BODY ",{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"\xc3\xa9\"}]",
		"[{\"text\":\"\xc3\xa9\",\"type\":\"header\"}," BODY "]",
		"[{\"type\":\"HEADER\",\"format\":\"text\",\"text\":\"e\\u0301\",\"parameters\":[],\"buttons\":null}," BODY "]",
		"[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"\xc3\xa9\\r\\n\",\"media\":\"\"},"
		"{\"type\":\"BODY\",\"format\":\"TEXT\",\"added\":{\"later\":[1]},\"text\":\"Hi {{1}}\\n\","
		"\"parameters\":[{\"date\":null,\"type\":\"text\",\"text\":{\"default\":\"Ana\",\"x\":1}}]}]",
	};
	struct hsm_arena arena = { 0 };
	const char *first = read_content(&arena, same[0]).json;
	for (size_t i = 1; i < sizeof(same) / sizeof(same[0]); i++)
		assert_string_equal(read_content(&arena, same[i]).json, first);
	hsm_arena_release(&arena);
}

static void everything_that_customers_or_reviewers_see_is_content(void **state)
{
	(void)state;
	static const char *const other[] = {
		"[" BODY "]",
		"[{\"type\":\"BODY\",\"text\":\"Hi {{1}}!\",\"parameters\":[{\"type\":\"TEXT\",\"text\":{\"default\":\"Ana\"}}]}]",
		"[{\"type\":\"BODY\",\"text\":\"Hi {{1}}\",\"parameters\":[{\"type\":\"TEXT\",\"text\":{\"default\":\"Eva\"}}]}]",
		"[{\"type\":\"BODY\",\"text\":\"Hi {{1}}\",\"parameters\":[{\"type\":\"DATE\",\"date\":{\"default\":\"Ana\"}}]}]",
		"[" BODY ",{\"type\":\"FOOTER\",\"text\":\"x\"}]",
		"[" BODY ",{\"type\":\"CAROUSEL\"}]",
		"[" BODY ",{\"type\":\"HEADER\",\"format\":\"IMAGE\",\"media\":\"https://example.com/a.png\"}]",
		"[" BODY ",{\"type\":\"HEADER\",\"format\":\"IMAGE\",\"media\":\"https://example.com/b.png\"}]",
		"[" BODY ",{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"REPLY\",\"reply\":{\"id\":\"a\",\"title\":\"A\"}}]}]",
		"[" BODY ",{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"REPLY\",\"reply\":{\"id\":\"b\",\"title\":\"A\"}}]}]",
	};
	struct hsm_arena arena = { 0 };
	enum { count = sizeof(other) / sizeof(other[0]) };
	struct hsm_content contents[count];
	for (size_t i = 0; i < count; i++) {
		contents[i] = read_content(&arena, other[i]);
		for (size_t j = 0; j < i; j++) {
			assert_false(hsm_content_equals(&contents[i], &contents[j]));
			assert_string_not_equal(hsm_content_fingerprint(&arena, &contents[i]),
						hsm_content_fingerprint(&arena, &contents[j]));
		}
	}
	hsm_arena_release(&arena);
}

static void hostile_json_is_refused_with_a_reason(void **state)
{
	(void)state;
	char deep[400];
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "not JSON" },
		{ "{", "not JSON" },
		{ "[] x", "not JSON at byte 3" },
		{ "<html>", "not JSON at byte 0" },
		{ "\"\xff\"", "not UTF-8 at byte 1" },
		{ "\"a\\u0000b\"", "a NUL character at byte 2" },
		{ "\"\\\\\\u00g0b\"", "not JSON at byte 3" },
		{ "\"\\u12\"", "not JSON" },
		{ deep, "nested too deeply at byte 64" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_error error;
		cJSON *json = NULL;
		assert_int_equal(hsm_json_parse(&json, cases[i].text, strlen(cases[i].text), &error),
				 HSM_ERROR_UNAVAILABLE);
		if (!strstr(error.message, cases[i].message))
			fail_msg("%s", error.message);
		assert_null(json);
	}
}

static void integers_that_doubles_do_not_hold_are_read_as_they_are(void **state)
{
	(void)state;
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "{\"id\":12345678901234567891,\"n\":[-9007199254740993,999999999999999]}",
		  "{\"id\":\"12345678901234567891\",\"n\":[\"-9007199254740993\",999999999999999]}" },
		{ "1234567890123456", "\"1234567890123456\"" },
		/* no integers, and no numbers at all */
		{ "[1234567890123456.5,1e20,1000000000000000e5]", "[1234567890123456.5,1e+20,1e+20]" },
		{ "{\"1234567890123456\":\"a\\\" 1234567890123456 \\\\\"}", "{\"1234567890123456\":\"a\\\" 1234567890123456 \\\\\"}" },
		{ "[]", "[]" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		struct hsm_json_writer writer = { .buffer = &buffer };
		struct hsm_error error;
		cJSON *json = NULL;
		if (hsm_json_parse_exact(&json, cases[i].text, strlen(cases[i].text), &error))
			fail_msg("%s: %s", cases[i].text, error.message);
		hsm_json_write_value(&writer, NULL, json);
		assert_string_equal(hsm_buffer_text(&buffer), cases[i].expected);
		cJSON_Delete(json);
		hsm_buffer_release(&buffer);
	}
	struct hsm_error error;
	cJSON *json;
	assert_int_equal(hsm_json_parse_exact(&json, "[1234567890123456", 17, &error), HSM_ERROR_UNAVAILABLE);
	assert_int_equal(hsm_json_parse_exact(&json, "\"\\", 2, &error), HSM_ERROR_UNAVAILABLE);
	assert_int_equal(hsm_json_parse_exact(&json, "12345678901234567\0", 18, &error), HSM_ERROR_UNAVAILABLE);
}

static void the_emitter_escapes_and_prints_large_numbers_whole(void **state)
{
	(void)state;
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &buffer };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "a\"", "\\ \n\t\033\x7f\xc2\x9b\xe2\x80\xa8\xc3\xa9");
	hsm_json_write_integer(&writer, "n", INT64_C(1234567890123456789));
	hsm_json_begin_array(&writer, "e");
	hsm_json_end_array(&writer);
	hsm_json_end_object(&writer);
	assert_string_equal(hsm_buffer_text(&buffer),
			    "{\"a\\\"\":\"\\\\ \\n\\t\\u001b\\u007f\\u009b\\u2028\xc3\xa9\",\"n\":1234567890123456789,\"e\":[]}");
	hsm_buffer_release(&buffer);
}

/* Texts are looked through eight bytes at a time. */
static void the_emitter_finds_what_to_escape_at_every_place(void **state)
{
	(void)state;
	for (int byte = 1; byte < 0x80; byte++)
		for (size_t at = 0; at < 20; at++) {
			char text[32] = "The place of each of it", escape[8] = { 0 }, expected[64];
			text[at] = (char)byte;
			if (byte == '"' || byte == '\\')
				snprintf(escape, sizeof(escape), "\\%c", byte);
			else if (byte == '\n' || byte == '\t')
				snprintf(escape, sizeof(escape), byte == '\n' ? "\\n" : "\\t");
			else
				snprintf(escape, sizeof(escape), byte < 0x20 || byte == 0x7f ? "\\u%04x" : "%c", byte);
			snprintf(expected, sizeof(expected), "\"%.*s%s%s\"", (int)at, text, escape, text + at + 1);
			struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
			struct hsm_json_writer writer = { .buffer = &buffer };
			hsm_json_write_string(&writer, NULL, text);
			assert_string_equal(hsm_buffer_text(&buffer), expected);
			hsm_buffer_release(&buffer);
		}
}

#define TEMPLATE(parameters, en) \
	"name: t\ncategory: UTILITY\nparameters: {" parameters "}\ntranslations:\n  en:\n" en

struct pair {
	struct loading loading;
	struct hsm_message old_message, new_message;
	bool names_known;
};

static struct hsm_message compile_message(struct pair *pair, const char *text)
{
	struct hsm_compiled compiled =
		loading_compile(&pair->loading, NULL, loading_template(&pair->loading, text), "en");
	struct hsm_message message = { .names = compiled.names, .name_count = compiled.name_count };
	struct hsm_error error;
	assert_int_equal(hsm_content_read(&pair->loading.arena, compiled.content.json, &message.components, &error), 0);
	return message;
}

static const struct {
	const char *name, *old_text, *new_text;
	bool old_names_unknown;
	const char *reasons; /* joined by "; " */
} signatures[] = {
	{ "text only", TEMPLATE("a: {default: x}", "    body: Hi {a} x\n"), TEMPLATE("a: {default: x}", "    body: Ho\n"),
	  false, "" },
	{ "a default", TEMPLATE("a: {default: x}", "    body: \"Hi {{a}} x\"\n"),
	  TEMPLATE("a: {default: y}", "    body: \"Hi {{a}} x\"\n"), false, "" },
	{ "a parameter more", TEMPLATE("a: {default: x}", "    body: \"Hi {{a}} x\"\n"),
	  TEMPLATE("a: {default: x}, b: {type: DATE, default: 2026-01-01}", "    body: \"Hi {{a}} {{b}} x\"\n"), false,
	  "body: parameter 2 'b' (DATE) is new" },
	{ "a parameter less", TEMPLATE("a: {default: x}", "    body: \"Hi {{a}} x\"\n"),
	  TEMPLATE("a: {default: x}", "    body: Hi\n"), false, "body: parameter 1 'a' (TEXT) is gone" },
	{ "two change places", TEMPLATE("a: {default: x}, b: {default: y}", "    body: \"Hi {{a}} {{b}} x\"\n"),
	  TEMPLATE("a: {default: x}, b: {default: y}", "    body: \"Hi {{b}} {{a}} x\"\n"), false,
	  "body: parameter 1 'a' (TEXT) is now 'b' (TEXT); body: parameter 2 'b' (TEXT) is now 'a' (TEXT)" },
	{ "a type", TEMPLATE("a: {default: x}", "    body: \"Hi {{a}} x\"\n"),
	  TEMPLATE("a: {type: DATE, default: 2026-01-01}", "    body: \"Hi {{a}} x\"\n"), false,
	  "body: parameter 1 'a' (TEXT) is now 'a' (DATE)" },
	{ "moved to the header", TEMPLATE("a: {default: x}", "    body: \"Hi {{a}} x\"\n"),
	  TEMPLATE("a: {default: x}", "    header: \"Hi {{a}}\"\n    body: Hi\n"), false,
	  "header: parameter 1 'a' (TEXT) is new; body: parameter 1 'a' (TEXT) is gone" },
	{ "names not known, same defaults", TEMPLATE("a: {default: x}", "    body: \"Hi {{a}} x\"\n"),
	  TEMPLATE("b: {default: x}", "    body: \"Ho {{b}} x\"\n"), true, "" },
	{ "names not known, another default", TEMPLATE("a: {default: x}", "    body: \"Hi {{a}} x\"\n"),
	  TEMPLATE("b: {default: y}", "    body: \"Ho {{b}} x\"\n"), true,
	  "body: parameter 1 'b' (TEXT) may be another: no commit tells its name" },
	{ "a text header more", TEMPLATE("", "    body: Hi\n"), TEMPLATE("", "    header: H\n    body: Hi\n"), false, "" },
	{ "an image", TEMPLATE("", "    header: H\n    body: Hi\n"),
	  TEMPLATE("", "    header: {image: \"https://e.com/i.png\"}\n    body: Hi\n"), false,
	  "header: TEXT is now IMAGE" },
	{ "an image less", TEMPLATE("", "    header: {image: \"https://e.com/i.png\"}\n    body: Hi\n"),
	  TEMPLATE("", "    body: Hi\n"), false, "header: IMAGE is now none" },
	{ "a button's title", TEMPLATE("", "    body: Hi\n    buttons: [{reply: {id: a, title: A}}]\n"),
	  TEMPLATE("", "    body: Hi\n    buttons: [{reply: {id: a, title: B}}]\n"), false, "" },
	{ "a button's id", TEMPLATE("", "    body: Hi\n    buttons: [{reply: {id: a, title: A}}]\n"),
	  TEMPLATE("", "    body: Hi\n    buttons: [{reply: {id: b, title: A}}]\n"), false,
	  "buttons: 'a' (REPLY) is gone; buttons: 'b' (REPLY) is new" },
	{ "a button's data", TEMPLATE("", "    body: Hi\n    buttons: [{reply: {id: a, title: A}}]\n"),
	  TEMPLATE("", "    body: Hi\n    buttons: [{reply: {id: a, data: {step: x}, title: A}}]\n"), false,
	  "buttons: 'a' (REPLY) is gone; buttons: 'a?step=x' (REPLY) is new" },
	{ "buttons change places",
	  TEMPLATE("", "    body: Hi\n    buttons: [{reply: {id: a, title: A}}, {reply: {id: b, title: B}}]\n"),
	  TEMPLATE("", "    body: Hi\n    buttons: [{reply: {id: b, title: B}}, {reply: {id: a, title: A}}]\n"), false,
	  "" },
	{ "a link's parameter", TEMPLATE("", "    body: Hi\n    buttons: [{url: {title: A, url: \"https://e.com/\"}}]\n"),
	  TEMPLATE("a: {default: x}", "    body: Hi\n    buttons: [{url: {title: A, url: \"https://e.com/{{a}}\"}}]\n"),
	  false, "buttons: parameter 1 'a' (TEXT) is new" },
	{ "a kind of button", TEMPLATE("", "    body: Hi\n    buttons: [{copy_code: {example: X}}]\n"),
	  TEMPLATE("", "    body: Hi\n    buttons: [{phone_number: {title: A, phone_number: \"+1\"}}]\n"), false,
	  "buttons: a COPY_CODE button is gone; buttons: a PHONE_NUMBER button is new" },
};

static void a_signature_breaks_where_flows_would(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		struct pair pair = { 0 };
		struct hsm_reasons reasons = { 0 };
		struct hsm_buffer joined = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		pair.old_message = compile_message(&pair, signatures[i].old_text);
		pair.new_message = compile_message(&pair, signatures[i].new_text);
		if (signatures[i].old_names_unknown)
			pair.old_message.names = NULL;
		hsm_signature_compare(&pair.loading.arena, &pair.old_message, &pair.new_message, &reasons);
		for (size_t j = 0; j < reasons.count; j++)
			hsm_buffer_append_format(&joined, "%s%s", j ? "; " : "", reasons.items[j]);
		if (strcmp(hsm_buffer_text(&joined), signatures[i].reasons) != 0)
			fail_msg("%s: %s", signatures[i].name, hsm_buffer_text(&joined));
		hsm_buffer_release(&joined);
		loading_release(&pair.loading);
	}
}

static void differences_name_component_path_and_both_values(void **state)
{
	(void)state;
	struct pair pair = { 0 };
	struct hsm_content_differences differences = { 0 };
	pair.old_message = compile_message(&pair, TEMPLATE("a: {default: x}, b: {default: y}",
							   "    header: \"H {{b}}\"\n    body: \"Hi {{a}} x\"\n"
							   "    buttons: [{reply: {id: a, title: A}}]\n"));
	pair.new_message = compile_message(&pair, TEMPLATE("a: {default: z}, b: {default: y}",
							   "    body: \"Ho {{a}} x\"\n    footer: F\n"
							   "    buttons: [{reply: {id: a, data: {step: x}, title: A}}]\n"));
	hsm_content_compare(&pair.loading.arena, &pair.old_message, &pair.new_message, &differences);
	static const struct hsm_content_difference expected[] = {
		{ "body", "text", "Hi {{a}} x", "Ho {{a}} x", false },
		{ "body", "parameters[1].text.default", "x", "z", true },
		{ "footer", "text", NULL, "F", false },
		{ "buttons", "[1].reply.id", "a", "a?step=x", false },
		{ "header", "format", "TEXT", NULL, false },
		{ "header", "text", "H {{b}}", NULL, false },
		{ "header", "parameters[1].type", "TEXT", NULL, false },
		{ "header", "parameters[1].text.default", "y", NULL, false },
	};
	assert_int_equal(differences.count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < differences.count; i++) {
		const struct hsm_content_difference *got = &differences.items[i], *want = &expected[i];
		assert_string_equal(got->component, want->component);
		assert_string_equal(got->path, want->path);
		assert_int_equal(got->sample, want->sample);
		assert_int_equal(!got->old_value, !want->old_value);
		assert_int_equal(!got->new_value, !want->new_value);
		if (want->old_value)
			assert_string_equal(got->old_value, want->old_value);
		if (want->new_value)
			assert_string_equal(got->new_value, want->new_value);
	}
	loading_release(&pair.loading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_servers_own_noise_is_no_difference),
		cmocka_unit_test(everything_that_customers_or_reviewers_see_is_content),
		cmocka_unit_test(hostile_json_is_refused_with_a_reason),
		cmocka_unit_test(integers_that_doubles_do_not_hold_are_read_as_they_are),
		cmocka_unit_test(the_emitter_escapes_and_prints_large_numbers_whole),
		cmocka_unit_test(the_emitter_finds_what_to_escape_at_every_place),
		cmocka_unit_test(a_signature_breaks_where_flows_would),
		cmocka_unit_test(differences_name_component_path_and_both_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
