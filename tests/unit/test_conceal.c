/* No secret of ours in what others say, however they write it. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/conceal.h"

#define SECRET "s3cr+t/of=us \xc3\xa9"

static const char *conceal(struct hsm_buffer *buffer, const char *text)
{
	static const char *const secrets[] = { NULL, SECRET, "", "abc", "1234" };
	hsm_buffer_clear(buffer);
	hsm_buffer_append_string(buffer, text);
	hsm_conceal(buffer, secrets, sizeof(secrets) / sizeof(secrets[0]));
	return hsm_buffer_text(buffer);
}

static void a_secret_is_hidden_as_it_is_percent_encoded_and_in_hexadecimal(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "", "" },
		{ "nothing", "nothing" },
		{ SECRET, "***" },
		{ "a " SECRET SECRET " b " SECRET, "a ****** b ***" },
		{ "x=s3cr%2Bt%2Fof%3Dus%20%C3%A9&y", "x=***&y" },
		{ "x=s3cr%2bt%2fof%3dus+%c3%a9&y", "x=***&y" },
		{ "%733cr+t%2Fof=us%20\xc3\xa9!", "***!" },
		{ "0x733363722b742f6f663d757320c3a9.", "0x***." },
		{ "733363722B742F6F663D757320C3A9", "***" },
		/* cut by whoever quotes it */
		{ "s3cr+t/o...", "***..." },
		{ "s3cr+t/...", "s3cr+t/..." },
		{ "s3cr%2Bt%2Fof", "***" },
		{ "733363722b742f6f66 and", "*** and" },
		/* what is left is whole characters */
		{ "s3cr+t/of=us \xc3\xa8!", "***!" },
		/* too short to be one, and just long enough */
		{ "abc 616263 YWJj", "abc 616263 YWJj" },
		{ "12345 123 MTIzNA==", "***5 123 ***==" },
		{ "%", "%" }, { "%4", "%4" }, { "7", "7" }, { "73", "73" },
	};
	struct hsm_buffer buffer = HSM_BUFFER_INIT(1 << 16);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(conceal(&buffer, cases[i][0]), cases[i][1]);
	hsm_buffer_release(&buffer);
}

static void encode(const char *text, char *encoded, bool url)
{
	EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)text, (int)strlen(text));
	for (char *c = encoded; url && *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
}

static void a_secret_is_hidden_wherever_in_base64_it_is(void **state)
{
	(void)state;
	static const char *const before[] = { "", "i", "id", "id:", "Authorization: Bearer " };
	static const char *const after[] = { "", "\r", "\r\n", "\r\nAccept: */*\r\n" };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(1 << 16);
	for (size_t i = 0; i < 5 * 4 * 2; i++) {
		char text[200], encoded[300];
		snprintf(text, sizeof(text), "%s" SECRET "%s", before[i % 5], after[i / 5 % 4]);
		encode(text, encoded, i / 20);
		assert_true(hsm_conceal_finds(encoded, SECRET));
		assert_non_null(strstr(conceal(&buffer, encoded), "***"));
		/* what is left says no more than 5 bits of its ends */
		assert_true(buffer.length <= 3 + (strlen(before[i % 5]) + strlen(after[i / 5 % 4])) * 4 / 3 + 4);
	}
	assert_false(hsm_conceal_finds("czNjcit0L28", "s3cr+t/p"));
	assert_true(hsm_conceal_finds("czNjcit0L28", "s3cr+t/of"));
	hsm_buffer_release(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_hidden_as_it_is_percent_encoded_and_in_hexadecimal),
		cmocka_unit_test(a_secret_is_hidden_wherever_in_base64_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
