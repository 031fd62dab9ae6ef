#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schema/base/error.h"
#include "schema/base/fingerprint.h"
#include "schema/base/text.h"
#include "schema/name.h"

static void canonical_text_is_nfc_with_lf_and_no_newline_at_the_end(void **state)
{
	(void)state;
	static const struct {
		const char *text, *canonical;
	} cases[] = {
		{ "", "" },
		{ "abc", "abc" },
		{ "abc\n", "abc" },
		{ "abc\r\n\r\n", "abc" },
		{ "a\r\nb\rc", "a\nb\nc" },
		{ "e\xcc\x81", "\xc3\xa9" },                 /* e + acute */
		{ "\xe1\x84\x80\xe1\x85\xa1", "\xea\xb0\x80" }, /* Hangul jamo */
		{ "\xc3\xa9\n\n", "\xc3\xa9" },
		{ "  a ", "  a " },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_arena arena = { 0 };
		assert_string_equal(hsm_text_canonical(&arena, cases[i].text), cases[i].canonical);
		hsm_arena_release(&arena);
	}
}

static void control_characters_never_reach_a_terminal(void **state)
{
	(void)state;
	static const struct {
		const char *text, *line;
	} cases[] = {
		{ "a\033[31mb", "a\\u001b[31mb" },
		{ "a\nb\tc\r", "a\\nb\\tc\\u000d" },
		{ "\x7f\xc2\x9b", "\\u007f\\u009b" },
		{ "\xe2\x80\xae\xe2\x81\xa6", "\\u202e\\u2066" },
		{ "\xff\xc0\xaf", "\\xff\\xc0\\xaf" },
		{ "\xd9\x85\xd8\xb1", "\xd9\x85\xd8\xb1" },
		{ "\xe2\x80\xa8", "\\u2028" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		hsm_text_append_printable_line(&buffer, cases[i].text);
		assert_string_equal(hsm_buffer_text(&buffer), cases[i].line);
		hsm_buffer_release(&buffer);
	}
	struct hsm_buffer lines = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_text_append_printable(&lines, "a\nb\x01");
	assert_string_equal(hsm_buffer_text(&lines), "a\nb\\u0001");
	hsm_buffer_release(&lines);
}

static void globs_match_as_in_a_shell(void **state)
{
	(void)state;
	static const struct {
		const char *text, *glob;
		bool matches;
	} cases[] = {
		{ "order_x", "order_*", true }, { "order_", "order_*", true }, { "xorder_", "order_*", false },
		{ "abc", "a?c", true },		{ "ac", "a?c", false },	       { "abcabc", "*abc", true },
		{ "abcab", "*abc", false },	{ "", "*", true },	       { "", "?", false },
		{ "a.b", "a.b", true },		{ "axb", "a.b", false },       { "aXbXc", "a*b*c", true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(hsm_text_matches_glob(cases[i].text, cases[i].glob), cases[i].matches);
}

static void a_buffer_stops_at_its_cap(void **state)
{
	(void)state;
	struct hsm_buffer buffer = HSM_BUFFER_INIT(4);
	hsm_buffer_append_string(&buffer, "abc");
	assert_false(buffer.full);
	hsm_buffer_append_string(&buffer, "de");
	assert_true(buffer.full);
	hsm_buffer_append_string(&buffer, "d");
	assert_string_equal(hsm_buffer_text(&buffer), "abc");
	hsm_buffer_release(&buffer);
}

static void an_error_gathers_context_and_is_cut_at_its_size(void **state)
{
	(void)state;
	struct hsm_error error;
	assert_int_equal(hsm_error_set(&error, HSM_ERROR_AUTH, "no %s", "token"), HSM_ERROR_AUTH);
	assert_int_equal(hsm_error_prefix(&error, "prod"), HSM_ERROR_AUTH);
	assert_string_equal(error.message, "prod: no token");
	for (int i = 0; i < 1000; i++)
		hsm_error_prefix(&error, "prefix");
	assert_int_equal(strlen(error.message), HSM_ERROR_MESSAGE_SIZE - 1);
	/* between characters: one of them takes the last byte, or ends before it */
	char text[HSM_ERROR_MESSAGE_SIZE + 1] = "";
	while (strlen(text) + 4 < sizeof(text))
		strcat(text, "\xf0\x9f\x98\x80");
	for (size_t i = 0; i < 4; i++) {
		hsm_error_set(&error, HSM_ERROR_AUTH, "%.*s%s", (int)i, "abc", text);
		assert_int_equal(strlen(error.message), i == 3 ? HSM_ERROR_MESSAGE_SIZE - 1 : HSM_ERROR_MESSAGE_SIZE - 4 + i);
		assert_int_equal(hsm_text_find_invalid(error.message, strlen(error.message)), strlen(error.message));
		hsm_error_prefix(&error, "d");
		assert_int_equal(hsm_text_find_invalid(error.message, strlen(error.message)), strlen(error.message));
	}
}

static void physical_names_split_into_base_and_version(void **state)
{
	(void)state;
	static const struct {
		const char *name, *base;
		int64_t version;
		bool suffix;
	} cases[] = {
		{ "order_v2", "order", 2, true },	  { "order", "order", 1, false },
		{ "order_v0", "order_v0", 1, false },	  { "order_v01", "order_v01", 1, false },
		{ "order_v999999", "order", 999999, true }, { "order_v1000000", "order_v1000000", 1, false },
		{ "order_v", "order_v", 1, false },	  { "_v2", "_v2", 1, false },
		{ "order_v2_v3", "order_v2", 3, true },	  { "orderv2", "orderv2", 1, false },
		{ "2", "2", 1, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t version;
		bool suffix;
		size_t length = hsm_name_split(cases[i].name, &version, &suffix);
		assert_int_equal(length, strlen(cases[i].base));
		assert_int_equal(version, cases[i].version);
		assert_int_equal(suffix, cases[i].suffix);
	}
}

static void a_fingerprint_is_sha_256(void **state)
{
	(void)state;
	char fingerprint[HSM_FINGERPRINT_SIZE];
	hsm_fingerprint_compute("abc", 3, fingerprint); /* FIPS 180-2, appendix B.1 */
	assert_string_equal(fingerprint, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_slip_of_the_pen_is_recognised(void **state)
{
	(void)state;
	static const char *const words[] = { "plan", "apply", "drift" };
	assert_string_equal(hsm_text_find_similar("aply", words, 3), "apply");
	assert_string_equal(hsm_text_find_similar("pln", words, 3), "plan");
	assert_null(hsm_text_find_similar("destroy", words, 3));
}

static void a_text_is_cut_between_characters(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t most;
		int length;
	} cases[] = {
		{ "", 0, 0 },
		{ "abc", 3, 3 },
		{ "abc", 2, 2 },
		{ "abc", 0, 0 },
		{ "a\xc3\xa9", 3, 3 },
		{ "a\xc3\xa9", 2, 1 },
		{ "\xf0\x9f\x98\x80z", 5, 5 },
		{ "\xf0\x9f\x98\x80z", 4, 4 },
		{ "\xf0\x9f\x98\x80z", 3, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(hsm_text_fit(cases[i].text, cases[i].most), cases[i].length);
}

/* Texts are looked through eight bytes at a time. */
static void an_invalid_byte_and_a_carriage_return_are_found_at_every_place(void **state)
{
	(void)state;
	for (size_t length = 1; length < 24; length++)
		for (size_t at = 0; at < length; at++) {
			struct hsm_arena arena = { 0 };
			char text[24] = { 0 }, lines[24] = { 0 };
			memset(text, 'a', length);
			assert_int_equal(hsm_text_find_invalid(text, length), length);
			text[at] = (char)0x80;
			assert_int_equal(hsm_text_find_invalid(text, length), at);
			text[at] = '\r';
			memset(lines, 'a', length);
			lines[at] = at == length - 1 ? '\0' : '\n';
			assert_string_equal(hsm_text_canonical(&arena, text), lines);
			hsm_arena_release(&arena);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical_text_is_nfc_with_lf_and_no_newline_at_the_end),
		cmocka_unit_test(control_characters_never_reach_a_terminal),
		cmocka_unit_test(globs_match_as_in_a_shell),
		cmocka_unit_test(a_buffer_stops_at_its_cap),
		cmocka_unit_test(an_error_gathers_context_and_is_cut_at_its_size),
		cmocka_unit_test(a_text_is_cut_between_characters),
		cmocka_unit_test(an_invalid_byte_and_a_carriage_return_are_found_at_every_place),
		cmocka_unit_test(physical_names_split_into_base_and_version),
		cmocka_unit_test(a_fingerprint_is_sha_256),
		cmocka_unit_test(a_slip_of_the_pen_is_recognised),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
