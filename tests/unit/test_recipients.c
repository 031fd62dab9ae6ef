/* Recipients from CSV and NDJSON: what is read, and what is wrong at which line and column. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reconciler/delivery/recipients.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define PHONE "+34600111222"
#define OTHER "+4915112345678"

struct input {
	const char *bytes;
	size_t length;
	const char *expected;
};
#define INPUT(bytes, expected) { bytes, sizeof(bytes) - 1, expected }

static void describe_rows(struct hsm_recipients *recipients, struct hsm_buffer *text)
{
	for (;;) {
		const struct hsm_recipient *row = NULL;
		struct hsm_error error;
		int rc = hsm_recipients_next(recipients, &row, &error);
		if (rc) {
			assert_int_equal(rc, HSM_ERROR_INVALID);
			assert_null(row);
			hsm_buffer_append_format(text, "%s\n", error.message);
			continue;
		}
		if (!row)
			return;
		hsm_buffer_append_format(text, "%zu@%zu %s", row->number, row->line, row->phone);
		for (size_t i = 0; i < row->value_count; i++) {
			assert_int_equal(strlen(row->values[i].value), row->values[i].length);
			hsm_buffer_append_format(text, " %s=[%s]", row->values[i].name, row->values[i].value);
		}
		hsm_buffer_append_char(text, '\n');
	}
}

/* "number@line phone name=[value] …" of each row, or its error. From memory of exactly the input's size. */
static char *describe(enum hsm_recipients_format format, const char *bytes, size_t length)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_recipients *recipients = NULL;
	struct hsm_error error;
	char *copy = length ? hsm_memory_resize(NULL, length, 1) : NULL;
	if (length)
		memcpy(copy, bytes, length);
	int rc = hsm_recipients_open(&recipients, "f", format, copy, length, &error);
	if (rc) {
		assert_int_equal(rc, HSM_ERROR_INVALID);
		assert_null(recipients);
		hsm_buffer_append_format(&text, "open %s\n", error.message);
	} else {
		describe_rows(recipients, &text);
		char *once = hsm_buffer_detach(&text);
		hsm_recipients_rewind(recipients);
		describe_rows(recipients, &text);
		assert_string_equal(hsm_buffer_text(&text), once);
		free(once);
	}
	hsm_recipients_free(recipients);
	free(copy);
	return hsm_buffer_detach(&text);
}

static void expect(enum hsm_recipients_format format, const struct input *inputs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *described = describe(format, inputs[i].bytes, inputs[i].length);
		if (strcmp(described, inputs[i].expected) != 0)
			fail_msg("input %zu:\n%s\nwanted:\n%s", i, described, inputs[i].expected);
		free(described);
	}
}
#define EXPECT(format, inputs) expect(format, inputs, sizeof(inputs) / sizeof(inputs[0]))

static void csv_is_read_as_rfc_4180_has_it(void **state)
{
	(void)state;
	static const struct input inputs[] = {
		INPUT("recipient,a\n" PHONE ",x\n", "1@2 " PHONE " a=[x]\n"),
		INPUT("a,recipient,b\r\nx," PHONE ",y\r\n", "1@2 " PHONE " a=[x] b=[y]\n"),
		INPUT("recipient\n" PHONE, "1@2 " PHONE "\n"),
		INPUT("recipient\n", ""),
		INPUT("recipient", ""),
		/* a byte-order mark is no part of the first name */
		INPUT("\xef\xbb\xbf" "recipient,a\n" PHONE ",x\n", "1@2 " PHONE " a=[x]\n"),
		INPUT("\xef\xbb\xbf\"recipient\"\n" PHONE, "1@2 " PHONE "\n"),
		/* quotes, and what stands in them */
		INPUT("recipient,a,b\n" PHONE ",\"x,y\",\"\"\"z\"\"\"\n" OTHER ",\"\",\"\"\"\"\n",
		      "1@2 " PHONE " a=[x,y] b=[\"z\"]\n2@3 " OTHER " a=[] b=[\"]\n"),
		INPUT("recipient,a\n\"" PHONE "\",\"one\ntwo\r\nthree\"\n" OTHER ",x\n",
		      "1@2 " PHONE " a=[one\ntwo\r\nthree]\n2@5 " OTHER " a=[x]\n"),
		INPUT("\"recipient\",\"a,\nb\"\n" PHONE ",x", "1@3 " PHONE " a,\nb=[x]\n"),
		INPUT("recipient,a\n" PHONE ",\"\r\"\n", "1@2 " PHONE " a=[\r]\n"),
		/* blanks are data */
		INPUT("recipient, a,b \n" PHONE ", x\t, \n", "1@2 " PHONE "  a=[ x\t] b =[ ]\n"),
		INPUT("recipient,a\n" PHONE ",\" x \"", "1@2 " PHONE " a=[ x ]\n"),
		/* empty fields, empty lines at the end */
		INPUT("recipient,a,b\n" PHONE ",,\n\n\r\n\n", "1@2 " PHONE " a=[] b=[]\n"),
		INPUT("a,recipient\n," PHONE, "1@2 " PHONE " a=[]\n"),
		INPUT("recipient,a\n" PHONE ",\xf0\x9f\x98\x80\xc3\xa9\n", "1@2 " PHONE " a=[\xf0\x9f\x98\x80\xc3\xa9]\n"),
		/* names in other letters are other names */
		INPUT("recipient,Recipient\n" PHONE ",x", "1@2 " PHONE " Recipient=[x]\n"),
	};
	EXPECT(HSM_RECIPIENTS_CSV, inputs);
}

#define NO_PHONE "the recipient is no phone number: '+', the country and the number, 7 to 15 digits and nothing else (E.164)"
#define EMPTY "an empty file: the first row is to name the columns"
#define NOT_CLOSED "a quote that is never closed"
#define CLOSED "a closing quote in the middle of a field: inside quotes a quote is doubled"
#define INSIDE "a quote in a field that does not begin with one: quote the field, and double it"
#define LONE_CR "a carriage return outside of quotes that no line feed follows"
#define NUL_BYTE "a NUL byte: the file is to be UTF-8"

static void csv_whose_columns_are_wrong_is_not_opened(void **state)
{
	(void)state;
	static const struct input inputs[] = {
		INPUT("", "open f:1:1: " EMPTY "\n"),
		INPUT("\n\n", "open f:1:1: " EMPTY "\n"),
		INPUT("\xef\xbb\xbf", "open f:1:1: " EMPTY "\n"),
		INPUT("a,b\n" PHONE ",x\n", "open f:1:1: no column is named 'recipient'\n"),
		INPUT("Recipient\n", "open f:1:1: no column is named 'recipient'\n"),
		INPUT(" recipient\n", "open f:1:1: no column is named 'recipient'\n"),
		INPUT("recipient;a\n", "open f:1:1: no column is named 'recipient'\n"),
		INPUT("\nrecipient\n", "open f:1:1: a column without a name\n"),
		INPUT("recipient,\n", "open f:1:11: a column without a name\n"),
		INPUT("\xc3\xa9,recipient,\"\"\n", "open f:1:13: a column without a name\n"),
		INPUT("recipient,recipient\n", "open f:1:11: a second column of this name\n"),
		INPUT("b,recipient,a,\"b\",a\n", "open f:1:15: a second column of this name\n"),
		INPUT("recipient,\"a\nb", "open f:1:11: " NOT_CLOSED "\n"),
		INPUT("recipient,\"a\"b\n", "open f:1:14: " CLOSED "\n"),
		INPUT("recipient,\"a\nb\"c\n", "open f:2:3: " CLOSED "\n"),
		INPUT("recipient,a\"b\n", "open f:1:12: " INSIDE "\n"),
		INPUT("recipient\ra\n", "open f:1:10: " LONE_CR "\n"),
		INPUT("recipient\r", "open f:1:10: " LONE_CR "\n"),
		INPUT("recipient,\xc3(\n", "open f:1:11: not UTF-8\n"),
		INPUT("recipient,a\0b\n", "open f:1:12: " NUL_BYTE "\n"),
		INPUT("\xff\xfer\0e\0", "open f:1:1: not UTF-8\n"), /* UTF-16 */
		INPUT("\0r\0e", "open f:1:1: " NUL_BYTE "\n"),
	};
	EXPECT(HSM_RECIPIENTS_CSV, inputs);
}

static void rows_of_csv_that_are_wrong_are_told_and_the_next_is_read(void **state)
{
	(void)state;
	static const struct input inputs[] = {
		INPUT("recipient,a\n" PHONE "\n" PHONE ",x,y\n" PHONE ",x,y,z\n" OTHER ",x",
		      "f:2:13: 1 field, where the first row names 2\nf:3:16: 3 fields, where the first row names 2\n"
		      "f:4:16: 4 fields, where the first row names 2\n4@5 " OTHER " a=[x]\n"),
		INPUT("recipient,a\n\n" OTHER ",x", "f:2:1: 1 field, where the first row names 2\n2@3 " OTHER " a=[x]\n"),
		INPUT("recipient\n\n" OTHER, "f:2:1: " NO_PHONE "\n2@3 " OTHER "\n"),
		INPUT("recipient,a\n" PHONE ",\xf0\x9f\x98\x80\"\n" OTHER ",x",
		      "f:2:15: " INSIDE "\n2@3 " OTHER " a=[x]\n"),
		INPUT("recipient,a\n" PHONE ",\"one\ntwo\"three\",x\n" OTHER ",x", "f:3:5: " CLOSED "\n2@4 " OTHER " a=[x]\n"),
		INPUT("recipient,a\n" PHONE ",\"x\"\"\n" OTHER ",x\n", "f:2:14: " NOT_CLOSED "\n"),
		INPUT("recipient,a\n" PHONE ",\"", "f:2:14: " NOT_CLOSED "\n"),
		INPUT("recipient,a\n" PHONE ",x\ry\n" OTHER ",x\r\n", "f:2:15: " LONE_CR "\n2@3 " OTHER " a=[x]\n"),
		INPUT("recipient,a\n" PHONE ",x\r\r\n", "f:2:15: " LONE_CR "\n"),
		INPUT("recipient,a\n" PHONE ",\"x\"\r", "f:2:17: " CLOSED "\n"),
		INPUT("recipient,a\n" PHONE ",x\0\n" OTHER ",x", "f:2:15: " NUL_BYTE "\n2@3 " OTHER " a=[x]\n"),
		INPUT("recipient,a\n" PHONE ",\"\n\xc3\xa9\xed\xa0\x80\"\n" OTHER ",x",
		      "f:3:2: not UTF-8\n2@4 " OTHER " a=[x]\n"),
		/* the first thing that is wrong */
		INPUT("recipient,a\n" PHONE ",\xff,\"x\"y\n" PHONE ",\"x\"y,\xff\n",
		      "f:2:14: not UTF-8\nf:3:17: " CLOSED "\n"),
		INPUT("recipient,a\n " PHONE ",x\nx,y,z\n" OTHER ",x",
		      "f:2:1: " NO_PHONE "\nf:3:5: 3 fields, where the first row names 2\n3@4 " OTHER " a=[x]\n"),
		INPUT("a,recipient\n\"1\n2\"," PHONE "x\n", "f:3:4: " NO_PHONE "\n"),
	};
	EXPECT(HSM_RECIPIENTS_CSV, inputs);
}

static void ndjson_is_read_with_its_numbers_as_they_are_written(void **state)
{
	(void)state;
	static const struct input inputs[] = {
		INPUT("", ""),
		INPUT("\n\r\n", ""),
		INPUT("{\"recipient\":\"" PHONE "\"}", "1@1 " PHONE "\n"),
		INPUT("\xef\xbb\xbf{\"recipient\":\"" PHONE "\"}\n", "1@1 " PHONE "\n"),
		INPUT(" { \"b\" : \"x\" ,\t\"recipient\":\"" PHONE "\" , \"a\":\"y\" } \r\n{\"recipient\":\"" OTHER "\"}\n\n",
		      "1@1 " PHONE " b=[x] a=[y]\n2@2 " OTHER "\n"),
		INPUT("{\"recipient\":\"" PHONE "\",\"a\":12.90,\"b\":-0,\"c\":123456789012345678901234567890,\"d\":1E+5 ,\"e\":1e999}",
		      "1@1 " PHONE " a=[12.90] b=[-0] c=[123456789012345678901234567890] d=[1E+5] e=[1e999]\n"),
		INPUT("{\"\\u0072ecipient\":\"\\u002b34600111222\",\"\\\"\":\"\\\\ \\\" \\n \\u00e9 \\ud83d\\ude00\",\"b\":1}",
		      "1@1 " PHONE " \"=[\\ \" \n \xc3\xa9 \xf0\x9f\x98\x80] b=[1]\n"),
		INPUT("{\"recipient\":\"" PHONE "\",\"a\":\"\",\"b\":\"}{,:[\"}", "1@1 " PHONE " a=[] b=[}{,:[]\n"),
	};
	EXPECT(HSM_RECIPIENTS_NDJSON, inputs);
}

#define NO_OBJECT "no object: each line is one"
#define WANTED ", where a text or a number is wanted"
#define UNKNOWN_NUMBER "a number that JSON does not know"

static void rows_of_ndjson_that_are_wrong_are_told_and_the_next_is_read(void **state)
{
	(void)state;
	static const struct input inputs[] = {
		INPUT("[]\n \n{\"recipient\":\"" OTHER "\"}\nnull\n\"x\"",
		      "f:1:1: " NO_OBJECT "\nf:2:2: " NO_OBJECT "\n3@3 " OTHER "\nf:4:1: " NO_OBJECT "\nf:5:1: " NO_OBJECT "\n"),
		INPUT("\n{\"recipient\":\"" OTHER "\"}", "f:1:1: " NO_OBJECT "\n2@2 " OTHER "\n"),
		INPUT("{\"recipient\":\n\"" OTHER "\"}", "f:1:13: not JSON\nf:2:1: " NO_OBJECT "\n"),
		INPUT("{\"recipient\":\"" PHONE "\"} x", "f:1:30: not JSON\n"),
		INPUT("{\"recipient\":\"" PHONE "\"}{}", "f:1:29: not JSON\n"),
		INPUT("\xef\xbb\xbf\xef\xbb\xbf{}\n\xef\xbb\xbf{}", "f:1:1: " NO_OBJECT "\nf:2:1: " NO_OBJECT "\n"),
		INPUT("{}\n{\"a\":1}", "f:1:1: no member is named 'recipient'\nf:2:1: no member is named 'recipient'\n"),
		INPUT("{\"\":1}\n{ \"a\":1, \"\":1}", "f:1:2: a member without a name\nf:2:10: a member without a name\n"),
		INPUT("{\"a\":null}\n{\"a\": true}\n{\"a\":\"\xc3\xa9\",\"b\":false}\n{\"a\":{}}\n{\"a\":[1]}",
		      "f:1:6: null" WANTED "\nf:2:7: true or false" WANTED "\nf:3:14: true or false" WANTED "\n"
		      "f:4:6: an object" WANTED "\nf:5:6: an array" WANTED "\n"),
		INPUT("{\"a\":01}\n{\"a\":1.}\n{\"a\":-01}\n{\"a\":1.e1}\n{\"a\":-.5}",
		      "f:1:6: " UNKNOWN_NUMBER "\nf:2:6: " UNKNOWN_NUMBER "\nf:3:6: " UNKNOWN_NUMBER "\nf:4:6: " UNKNOWN_NUMBER
		      "\nf:5:6: " UNKNOWN_NUMBER "\n"),
		INPUT("{\"recipient\":34600111222}\n{\"recipient\": \"\"}\n{\"a\":1,\"recipient\":\"" PHONE " \"}",
		      "f:1:14: " NO_PHONE "\nf:2:15: " NO_PHONE "\nf:3:20: " NO_PHONE "\n"),
		INPUT("{\"recipient\":\"" PHONE "\",\"a\":1,\"b\":2,\"\\u0061\":3}", "f:1:41: a second member of this name\n"),
		INPUT("{\"recipient\":\"" PHONE "\",\"recipient\":\"" OTHER "\"}", "f:1:29: a second member of this name\n"),
		INPUT("{\"a\":\"\\u0000\"}\n{\"a\":\"\\u00g1\"}\n{\"a\":\"\\ud800\"}",
		      "f:1:7: JSON with a NUL character\nf:2:7: not JSON\nf:3:7: not JSON\n"),
		INPUT("{\"a\":\"\0\"}\n{\"\xc3\xa9\":\"\xff\"}\n", "f:1:7: " NUL_BYTE "\nf:2:7: not UTF-8\n"),
		INPUT("{\"a\":\"x", "f:1:7: not JSON\n"),
	};
	EXPECT(HSM_RECIPIENTS_NDJSON, inputs);
}

static void more_columns_than_anybody_has_are_refused(void **state)
{
	(void)state;
	struct hsm_buffer csv = HSM_BUFFER_INIT(HSM_BUFFER_CAP), wide = HSM_BUFFER_INIT(HSM_BUFFER_CAP),
			  json = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	static const char *const expected[] = {
		"1@2 ", "open f:1:1178: more than 256 columns\n", "open f:1:1178: more than 256 columns\n",
	};
	static const size_t counts[] = { 256, 257, 100000 };
	for (size_t i = 0; i < 3; i++) {
		hsm_buffer_clear(&csv);
		hsm_buffer_append_string(&csv, "recipient");
		for (size_t column = 1; column < counts[i]; column++)
			hsm_buffer_append_format(&csv, ",c%zu", column);
		hsm_buffer_append_string(&csv, "\n" PHONE);
		for (size_t column = 1; column < counts[i]; column++)
			hsm_buffer_append_char(&csv, ',');
		char *described = describe(HSM_RECIPIENTS_CSV, csv.data, csv.length);
		assert_true(hsm_text_starts_with(described, expected[i]));
		free(described);
	}
	hsm_buffer_append_string(&wide, "recipient,a\n");
	hsm_buffer_append_string(&json, "{\"recipient\":\"" PHONE "\"");
	for (size_t i = 0; i < 100000; i++)
		hsm_buffer_append_char(&wide, ',');
	for (size_t i = 0; i < 50000; i++)
		hsm_buffer_append_format(&json, ",\"c%zu\":1", i);
	hsm_buffer_append_char(&json, '}');
	char *described = describe(HSM_RECIPIENTS_CSV, wide.data, wide.length);
	assert_string_equal(described, "f:2:3: 100001 fields, where the first row names 2\n");
	free(described);
	described = describe(HSM_RECIPIENTS_NDJSON, json.data, json.length);
	assert_string_equal(described, "f:1:2214: more than 256 members\n");
	free(described);
	hsm_buffer_release(&csv);
	hsm_buffer_release(&wide);
	hsm_buffer_release(&json);
}

static void a_row_may_be_so_long_and_no_longer(void **state)
{
	(void)state;
	static const struct {
		enum hsm_recipients_format format;
		const char *head, *begin, *end, *too_long;
	} cases[] = {
		{ HSM_RECIPIENTS_CSV, "recipient,a\n", PHONE ",\"", "\"", "f:2:1: a row of more than 1048576 bytes\n" },
		{ HSM_RECIPIENTS_NDJSON, "", "{\"recipient\":\"" PHONE "\",\"a\":\"", "\"}",
		  "f:1:1: a row of more than 1048576 bytes\n" },
	};
	for (size_t i = 0; i < 2; i++) {
		for (size_t more = 0; more < 2; more++) {
			struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
			size_t fill = HSM_RECIPIENTS_ROW_MAX - strlen(cases[i].begin) - strlen(cases[i].end) + more;
			hsm_buffer_append_format(&text, "%s%s", cases[i].head, cases[i].begin);
			while (fill--)
				hsm_buffer_append_char(&text, 'x');
			hsm_buffer_append_format(&text, "%s\r\n", cases[i].end);
			char *described = describe(cases[i].format, text.data, text.length);
			if (more)
				assert_string_equal(described, cases[i].too_long);
			else
				assert_true(hsm_text_starts_with(described, "1@"));
			free(described);
			hsm_buffer_release(&text);
		}
	}
}

static double cpu_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* CPU seconds of reading so many copies of a text; checks how many rows it has, right and wrong. */
static double measure(enum hsm_recipients_format format, const char *head, const char *text, size_t count,
		      size_t right, size_t wrong)
{
	struct hsm_buffer bytes = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_recipients *recipients;
	const struct hsm_recipient *row;
	struct hsm_error error;
	hsm_buffer_append_string(&bytes, head);
	for (size_t i = 0; i < count; i++)
		hsm_buffer_append_string(&bytes, text);
	double start = cpu_seconds();
	assert_int_equal(hsm_recipients_open(&recipients, "f", format, bytes.data, bytes.length, &error), 0);
	for (;;) {
		int rc = hsm_recipients_next(recipients, &row, &error);
		if (!rc && !row)
			break;
		right -= !rc;
		wrong -= rc != 0;
	}
	assert_int_equal(right, 0);
	assert_int_equal(wrong, 0);
	hsm_recipients_free(recipients);
	double seconds = cpu_seconds() - start;
	hsm_buffer_release(&bytes);
	return seconds;
}

/* A bound that a quadratic reader passes by far, whatever the machine. */
static void time_grows_with_the_file_whatever_stands_in_it(void **state)
{
	(void)state;
	enum { many = 1000000 };
	static const struct {
		enum hsm_recipients_format format;
		const char *head, *text;
		size_t right, wrong; /* of each a copy has so many rows */
		bool one;            /* all of it is one row */
	} cases[] = {
		{ HSM_RECIPIENTS_CSV, "recipient,a,b\n", PHONE ",Ana Ruiz,\"x, y\"\n", 1, 0, false },
		{ HSM_RECIPIENTS_NDJSON, "", "{\"recipient\":\"" PHONE "\",\"a\":\"Ana Ruiz\",\"b\":12.90}\n", 1, 0, false },
		{ HSM_RECIPIENTS_CSV, "recipient,a\n", "x\n", 0, 1, false },
		{ HSM_RECIPIENTS_CSV, "recipient,a\n", PHONE ",x\"\n", 0, 1, false },
		{ HSM_RECIPIENTS_CSV, "recipient,a\n", PHONE ",\"x\ny\"z\n", 0, 1, false },
		{ HSM_RECIPIENTS_CSV, "recipient,a\n\"", "\"\"\n", 0, 0, true },
		{ HSM_RECIPIENTS_CSV, "recipient,a\n", ",\r,\xff", 0, 0, true },
		{ HSM_RECIPIENTS_NDJSON, "", "{\"a\":[\n", 0, 1, false },
		{ HSM_RECIPIENTS_NDJSON, "{\"a\":\"", "\\\"", 0, 0, true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double seconds = measure(cases[i].format, cases[i].head, cases[i].text, many, many * cases[i].right,
					 cases[i].one ? 1 : many * cases[i].wrong);
		print_message("%zu: %.2f s\n", i, seconds);
		assert_true(seconds < 30);
	}
}

static void phone_numbers_are_e_164_and_nothing_else(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{ "+1234567", true },
		{ "+123456789012345", true },
		{ PHONE, true },
		{ "", false },
		{ "+", false },
		{ "+123456", false },           /* 6 digits */
		{ "+1234567890123456", false }, /* 16 */
		{ "+0123456789", false },
		{ "34600111222", false },
		{ "0034600111222", false },
		{ "++34600111222", false },
		{ "+34 600 111 222", false },
		{ "+34-600111222", false },
		{ "+(34)600111222", false },
		{ " " PHONE, false },
		{ PHONE " ", false },
		{ PHONE "\n", false },
		{ "+34600111222x1", false },
		{ "+\xd9\xa3\xd9\xa4\xd9\xa6\xd9\xa0\xd9\xa0\xd9\xa1\xd9\xa1\xd9\xa1", false }, /* Arabic digits */
		{ "\xef\xbc\x8b" "34600111222", false },                                      /* a wide plus */
		{ "tel:+34600111222", false },
		{ "3.4600111222E+10", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (hsm_phone_number_is_valid(cases[i].text) != cases[i].valid)
			fail_msg("'%s' is %svalid", cases[i].text, cases[i].valid ? "not " : "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_is_read_as_rfc_4180_has_it),
		cmocka_unit_test(csv_whose_columns_are_wrong_is_not_opened),
		cmocka_unit_test(rows_of_csv_that_are_wrong_are_told_and_the_next_is_read),
		cmocka_unit_test(ndjson_is_read_with_its_numbers_as_they_are_written),
		cmocka_unit_test(rows_of_ndjson_that_are_wrong_are_told_and_the_next_is_read),
		cmocka_unit_test(more_columns_than_anybody_has_are_refused),
		cmocka_unit_test(a_row_may_be_so_long_and_no_longer),
		cmocka_unit_test(time_grows_with_the_file_whatever_stands_in_it),
		cmocka_unit_test(phone_numbers_are_e_164_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
