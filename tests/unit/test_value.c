/* Typed values: what is read, and how the API and people get it. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/delivery/value.h"
#include "schema/rules/check.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NBSP "\xc2\xa0"
#define NARROW "\xe2\x80\xaf"

#define TEXT HSM_PARAMETER_TEXT
#define DATE HSM_PARAMETER_DATE
#define TIME HSM_PARAMETER_DATE_TIME
#define MONEY HSM_PARAMETER_CURRENCY

struct value_case {
	enum hsm_parameter_type type;
	const char *language, *given, *wire, *shown;
};

static bool is_right(const struct value_case *one)
{
	struct hsm_arena arena = { 0 };
	struct hsm_value value;
	struct hsm_error error = { 0 };
	int status = hsm_value_read(&arena, one->type, one->language, NULL, one->given, &value, &error);
	bool right = one->wire ? !status && strcmp(value.wire, one->wire) == 0 && strcmp(value.shown, one->shown) == 0 :
				 status == HSM_ERROR_INVALID && *error.message && !strstr(error.message, one->given);
	if (!right)
		print_error("%s '%s' is '%s' and '%s' (%s), not '%s' and '%s'\n", one->language, one->given, value.wire,
			    value.shown, error.message, one->wire, one->shown);
	hsm_arena_release(&arena);
	return right;
}

static void check(const struct value_case *cases, size_t count)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++)
		wrong += !is_right(&cases[i]);
	assert_int_equal(wrong, 0);
}

static void a_date_is_sent_as_it_is_and_read_as_its_language_writes_it(void **state)
{
	static const struct value_case cases[] = {
		{ DATE, "en_US", "2023-11-01", "2023-11-01", "November 1, 2023" },
		{ DATE, "en_GB", "2023-11-01", "2023-11-01", "1 November 2023" },
		{ DATE, "es_ES", "2023-11-01", "2023-11-01", "1 de noviembre de 2023" },
		{ DATE, "de", "2023-11-01", "2023-11-01", "1. November 2023" },
		{ DATE, "hu", "2023-11-01", "2023-11-01", "2023. november 1." },
		{ DATE, "pt_BR", "2023-11-01", "2023-11-01", "1 de novembro de 2023" },
		{ DATE, "ru", "2023-11-01", "2023-11-01", "1 ноября 2023" NARROW "г." },
		{ DATE, "zh_CN", "2023-11-01", "2023-11-01", "2023年11月1日" },
		{ DATE, "ja", "2023-11-01", "2023-11-01", "2023年11月1日" },
		{ DATE, "ko", "2023-11-01", "2023-11-01", "2023년 11월 1일" },
		{ DATE, "hi", "2023-11-01", "2023-11-01", "1 नवंबर 2023" },
		{ DATE, "ar_EG", "2023-11-01", "2023-11-01", "١ نوفمبر ٢٠٢٣" },
		{ DATE, "ar_AE", "2023-11-01", "2023-11-01", "1 نوفمبر 2023" },
		{ DATE, "th", "2023-11-01", "2023-11-01", "1 พฤศจิกายน 2566" }, /* of Buddha */
		{ DATE, "fa", "2023-11-01", "2023-11-01", "۱۰ آبان ۱۴۰۲" }, /* and by the sun from the Hijra */
		{ DATE, "prs_AF", "2023-11-01", "2023-11-01", "۱۰ عقرب ۱۴۰۲" },
		{ DATE, "fil", "2023-11-01", "2023-11-01", "Nobyembre 1, 2023" },
		{ DATE, "en", "2024-02-29", "2024-02-29", "February 29, 2024" },
		{ DATE, "en", "9999-12-31", "9999-12-31", "December 31, 9999" },
		{ DATE, "en", "1582-10-10", "1582-10-10", "October 10, 1582" }, /* which history did not have */
		{ DATE, "en", "0001-01-01", "0001-01-01", "January 1, 1" },
		{ DATE, "xx", "2023-11-01", "2023-11-01", "2023 M11 1" }, /* on every machine the same */
		{ DATE, "a_language_that_is_none", "2023-11-01", "2023-11-01", "2023 M11 1" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void a_time_is_read_as_the_clock_at_its_offset(void **state)
{
	static const struct value_case cases[] = {
		{ TIME, "en_US", "2023-11-01T14:30:00Z", "2023-11-01T14:30:00Z", "November 1, 2023 at 2:30" NARROW "PM" },
		{ TIME, "en_GB", "2023-11-01T14:30:00+02:00", "2023-11-01T14:30:00+02:00", "1 November 2023 at 14:30" },
		{ TIME, "de", "2023-11-01T23:59:60.5-11:30", "2023-11-01T23:59:60.5-11:30", "1. November 2023 um 23:59" },
		{ TIME, "es_ES", "2023-11-01t00:05:00z", "2023-11-01t00:05:00z", "1 de noviembre de 2023, 0:05" },
		{ TIME, "ja", "2023-11-01T14:30:00+09:00", "2023-11-01T14:30:00+09:00", "2023年11月1日 14:30" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void an_amount_is_read_and_sent_as_its_language_writes_it(void **state)
{
	static const struct value_case cases[] = {
		{ MONEY, "en_US", "12.99 EUR", "€12.99", "€12.99" },
		{ MONEY, "en_US", "EUR 12.99", "€12.99", "€12.99" },
		{ MONEY, "en_US", "EUR  12.9", "€12.90", "€12.90" },
		{ MONEY, "de", "1234567.5 EUR", "1.234.567,50" NBSP "€", "1.234.567,50" NBSP "€" },
		{ MONEY, "fr", "1234.5 EUR", "1" NARROW "234,50" NBSP "€", "1" NARROW "234,50" NBSP "€" },
		{ MONEY, "es_MX", "12.99 MXN", "$12.99", "$12.99" },
		{ MONEY, "en_IN", "123456.7 INR", "₹1,23,456.70", "₹1,23,456.70" },
		{ MONEY, "ja", "1200 JPY", "￥1,200", "￥1,200" },
		{ MONEY, "en", "1.234 KWD", "KWD" NBSP "1.234", "KWD" NBSP "1.234" },
		{ MONEY, "en", "0 USD", "$0.00", "$0.00" },
		{ MONEY, "en", "-5 USD", "-$5.00", "-$5.00" },
		{ MONEY, "en", "9007199254740.99 USD", "$9,007,199,254,740.99", "$9,007,199,254,740.99" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void other_values_are_refused_and_not_repeated(void **state)
{
	static const struct value_case cases[] = {
		{ DATE, "en", "2023-02-29", NULL, NULL },
		{ DATE, "en", "2023-13-01", NULL, NULL },
		{ DATE, "en", "2023-00-10", NULL, NULL },
		{ DATE, "en", "2023-01-00", NULL, NULL },
		{ DATE, "en", "0000-01-01", NULL, NULL },
		{ DATE, "en", "2023-1-1", NULL, NULL },
		{ DATE, "en", "01/11/2023", NULL, NULL },
		{ DATE, "en", "tomorrow", NULL, NULL },
		{ DATE, "en", "2023-11-01T00:00:00Z", NULL, NULL },
		{ DATE, "en", "2023-11-01 ", NULL, NULL },
		{ DATE, "en", "２０２３-11-01", NULL, NULL },
		{ TIME, "en", "2023-11-01", NULL, NULL },
		{ TIME, "en", "2023-11-01T14:30:00", NULL, NULL },
		{ TIME, "en", "2023-11-01 14:30:00Z", NULL, NULL },
		{ TIME, "en", "2023-11-01T24:00:00Z", NULL, NULL },
		{ TIME, "en", "2023-11-01T14:60:00Z", NULL, NULL },
		{ TIME, "en", "2023-11-01T14:30:00+2:00", NULL, NULL },
		{ TIME, "en", "2023-11-01T14:30:00.Z", NULL, NULL },
		{ MONEY, "en", "13.99", NULL, NULL }, /* of what? */
		{ MONEY, "en", "12.999 EUR", NULL, NULL },
		{ MONEY, "en", "1.5 JPY", NULL, NULL },
		{ MONEY, "en", "1.2345 CLF", NULL, NULL }, /* which has four: amount_1000 holds three */
		{ MONEY, "en", "12,99 EUR", NULL, NULL },
		{ MONEY, "en", "1,234.00 EUR", NULL, NULL },
		{ MONEY, "en", "12.99 eur", NULL, NULL },
		{ MONEY, "en", "12.99EUR", NULL, NULL },
		{ MONEY, "en", "12.99 XYZ", NULL, NULL },
		{ MONEY, "en", "12.99 EURO", NULL, NULL },
		{ MONEY, "en", "EUR 12.99 EUR", NULL, NULL },
		{ MONEY, "en", "€12.99", NULL, NULL },
		{ MONEY, "en", "12. EUR", NULL, NULL },
		{ MONEY, "en", ".5 EUR", NULL, NULL },
		{ MONEY, "en", "+5 EUR", NULL, NULL },
		{ MONEY, "en", "- EUR", NULL, NULL },
		{ MONEY, "en", "1e3 EUR", NULL, NULL },
		{ MONEY, "en", "9007199254741.00 EUR", NULL, NULL },
		{ MONEY, "en", "99999999999999999999999999 EUR", NULL, NULL },
		{ MONEY, "en", "USD", NULL, NULL },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void an_amount_has_its_code_or_the_file_s(void **state)
{
	struct hsm_arena arena = { 0 };
	struct hsm_value value;
	struct hsm_error error;
	(void)state;
	assert_int_equal(hsm_value_read(&arena, MONEY, "en_US", "EUR", "12.99", &value, &error), 0);
	assert_string_equal(value.shown, "€12.99");
	assert_string_equal(value.code, "EUR");
	assert_int_equal(value.amount_1000, 12990);
	assert_int_equal(hsm_value_read(&arena, MONEY, "en_US", "EUR", "-0.01 USD", &value, &error), 0);
	assert_string_equal(value.code, "USD");
	assert_int_equal(value.amount_1000, -10);
	assert_int_equal(hsm_value_read(&arena, MONEY, "en_US", "no", "1", &value, &error), HSM_ERROR_INVALID);
	assert_int_equal(hsm_value_read(&arena, TEXT, "en_US", NULL, "{{1}}", &value, &error), 0);
	assert_string_equal(value.wire, "{{1}}");
	assert_string_equal(value.shown, "{{1}}");
	assert_null(value.code);
	hsm_arena_release(&arena);
}

/* More languages than a thread keeps, twice, on several threads at once: each as CLDR has it. */
static void *show_all(void *wrong)
{
	for (size_t i = 0; i < 2 * hsm_languages_listed_count; i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_value date, time, money;
		struct hsm_error error = { 0 };
		const char *language = hsm_languages_listed[i % hsm_languages_listed_count];
		if (hsm_value_read(&arena, DATE, language, NULL, "2023-11-01", &date, &error) ||
		    hsm_value_read(&arena, TIME, language, NULL, "2023-11-01T14:30:00Z", &time, &error) ||
		    hsm_value_read(&arena, MONEY, language, "EUR", "12.99", &money, &error) ||
		    strstr(date.shown, "M11") || strstr(time.shown, "M11") || strlen(time.shown) <= strlen(date.shown) ||
		    !(strstr(money.shown, "€") || strstr(money.shown, "EUR"))) {
			print_error("%s: %s\n", language, error.message);
			++*(size_t *)wrong;
		}
		hsm_arena_release(&arena);
	}
	return NULL;
}

static void every_language_of_meta_s_is_one_of_cldr_s(void **state)
{
	pthread_t threads[4];
	size_t wrong[COUNT(threads)] = { 0 };
	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, show_all, &wrong[i]), 0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(wrong[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_date_is_sent_as_it_is_and_read_as_its_language_writes_it),
		cmocka_unit_test(a_time_is_read_as_the_clock_at_its_offset),
		cmocka_unit_test(an_amount_is_read_and_sent_as_its_language_writes_it),
		cmocka_unit_test(other_values_are_refused_and_not_repeated),
		cmocka_unit_test(an_amount_has_its_code_or_the_file_s),
		cmocka_unit_test(every_language_of_meta_s_is_one_of_cldr_s),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
