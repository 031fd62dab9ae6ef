#include "reconciler/delivery/value.h"

#include <ctype.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucurr.h>
#include <unicode/udat.h>
#include <unicode/uloc.h>
#include <unicode/unumberformatter.h>
#include <unicode/ustring.h>

#include "schema/base/date.h"
#include "schema/base/memory.h"

#define SHOWN_MAX 256 /* UTF-16 units: CLDR's longest date has some fifty */
#define LANGUAGE_SIZE 16
#define CODE_SIZE 4
#define AMOUNT_1000_MAX INT64_C(9007199254740991) /* what JSON's numbers hold, and the file takes */
#define DECIMALS_MAX 3 /* of amount_1000 */
#define BEFORE_HISTORY (-1e15) /* milliseconds: some 30,000 years */

/* Opening one takes a thousand times what using it does. */
struct formatter {
	char language[LANGUAGE_SIZE];
	char code[CODE_SIZE]; /* of a CURRENCY */
	enum hsm_parameter_type type;
	UDateFormat *date;
	UNumberFormatter *number;
};

#define FORMATTERS_MAX 64 /* of a thread: a bulk has one language, and a service some */

struct formatters {
	struct formatter items[FORMATTERS_MAX];
	size_t next; /* that makes room */
	UFormattedNumber *result;
};

static pthread_key_t formatters_key;
static pthread_once_t formatters_once = PTHREAD_ONCE_INIT;

static void close_formatter(struct formatter *formatter)
{
	udat_close(formatter->date);
	unumf_close(formatter->number);
	*formatter = (struct formatter){ 0 };
}

static void free_formatters(void *memory)
{
	struct formatters *formatters = memory;
	for (size_t i = 0; i < FORMATTERS_MAX; i++)
		close_formatter(&formatters->items[i]);
	unumf_closeResult(formatters->result);
	free(formatters);
}

static void make_key(void)
{
	pthread_key_create(&formatters_key, free_formatters);
}

static struct formatters *get_formatters(void)
{
	pthread_once(&formatters_once, make_key);
	struct formatters *formatters = pthread_getspecific(formatters_key);
	if (!formatters) {
		formatters = hsm_memory_allocate(sizeof(*formatters));
		pthread_setspecific(formatters_key, formatters);
	}
	return formatters;
}

/*
 * CLDR's name of Meta's language. What CLDR does not know is written as no language is:
 * ICU would take the machine's, and another machine would write another text.
 */
static const char *find_locale(const char *language)
{
	size_t length = strcspn(language, "_");
	if (strcmp(language, "prs_AF") == 0) /* Dari */
		return "fa_AF";
	for (int32_t i = 0; i < uloc_countAvailable(); i++)
		if (strncmp(uloc_getAvailable(i), language, length) == 0 && !uloc_getAvailable(i)[length])
			return language;
	return "root";
}

/* Days before 1582 too are counted as ISO 8601 counts them. */
static void use_iso_days(UDateFormat *date)
{
	UErrorCode status = U_ZERO_ERROR;
	UCalendar *calendar = ucal_clone(udat_getCalendar(date), &status);
	ucal_setGregorianChange(calendar, BEFORE_HISTORY, &status); /* other calendars have no such change */
	if (U_SUCCESS(status))
		udat_setCalendar(date, calendar);
	ucal_close(calendar);
}

static void open_formatter(struct formatter *formatter, UErrorCode *status)
{
	const char *locale = find_locale(formatter->language);
	if (formatter->type == HSM_PARAMETER_CURRENCY) {
		UChar skeleton[sizeof("currency/EUR")];
		char text[sizeof("currency/EUR")] = "currency/";
		strcat(text, formatter->code);
		u_charsToUChars(text, skeleton, sizeof(text));
		formatter->number = unumf_openForSkeletonAndLocale(skeleton, -1, locale, status);
		return;
	}
	UDateFormatStyle clock = formatter->type == HSM_PARAMETER_DATE_TIME ? UDAT_SHORT : UDAT_NONE;
	formatter->date = udat_open(clock, UDAT_LONG, locale, u"Etc/UTC", -1, NULL, 0, status);
	if (U_SUCCESS(*status))
		use_iso_days(formatter->date);
}

static const struct formatter *find_formatter(struct formatters *formatters, enum hsm_parameter_type type,
					      const char *language, const char *code, UErrorCode *status)
{
	for (size_t i = 0; i < FORMATTERS_MAX; i++) {
		const struct formatter *formatter = &formatters->items[i];
		if (formatter->type == type && strcmp(formatter->language, language) == 0 &&
		    strcmp(formatter->code, code) == 0)
			return formatter;
	}
	struct formatter *formatter = &formatters->items[formatters->next];
	formatters->next = (formatters->next + 1) % FORMATTERS_MAX;
	close_formatter(formatter);
	formatter->type = type;
	strcpy(formatter->language, language);
	strcpy(formatter->code, code);
	open_formatter(formatter, status);
	if (U_FAILURE(*status))
		close_formatter(formatter);
	return formatter;
}

/* "-12990" as "-12.990" */
static void write_decimal(int64_t amount_1000, char text[32])
{
	uint64_t amount = (uint64_t)(amount_1000 < 0 ? -amount_1000 : amount_1000);
	snprintf(text, 32, "%s%llu.%03llu", amount_1000 < 0 ? "-" : "", (unsigned long long)(amount / 1000),
		 (unsigned long long)(amount % 1000));
}

static int32_t format_amount(struct formatters *formatters, const struct formatter *formatter, int64_t amount_1000,
			     UChar *shown, UErrorCode *status)
{
	char decimal[32];
	write_decimal(amount_1000, decimal);
	if (!formatters->result)
		formatters->result = unumf_openResult(status);
	unumf_formatDecimal(formatter->number, decimal, -1, formatters->result, status);
	return unumf_resultToString(formatters->result, shown, SHOWN_MAX, status);
}

/* A date or time by its clock, or an amount times 1000, as people read it. */
static int show(struct hsm_arena *arena, enum hsm_parameter_type type, const char *language, const char *code,
		int64_t number, const char **shown, struct hsm_error *error)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar text[SHOWN_MAX];
	char bytes[SHOWN_MAX * 3];
	struct formatters *formatters = get_formatters();
	const struct formatter *formatter = find_formatter(
		formatters, type, strlen(language) < LANGUAGE_SIZE ? language : "root", code ? code : "", &status);
	int32_t length = 0;
	if (U_SUCCESS(status))
		length = type == HSM_PARAMETER_CURRENCY ?
				 format_amount(formatters, formatter, number, text, &status) :
				 udat_format(formatter->date, (double)number * 1000, text, SHOWN_MAX, NULL, &status);
	u_strToUTF8(bytes, sizeof(bytes), &length, text, length, &status);
	if (U_FAILURE(status))
		return hsm_error_set(error, HSM_ERROR_FAILED, "a value cannot be written in %s: %s", language,
				     u_errorName(status));
	*shown = hsm_arena_copy(arena, bytes, (size_t)length);
	return 0;
}

static bool is_code(const char *text)
{
	return isupper((unsigned char)text[0]) && isupper((unsigned char)text[1]) && isupper((unsigned char)text[2]);
}

/* The decimals that a currency has, as amount_1000 can hold; -1 where there is no such currency. */
static int find_decimals(const char *code)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar wide[CODE_SIZE];
	u_charsToUChars(code, wide, CODE_SIZE);
	if (!ucurr_getNumericCode(wide))
		return -1;
	int32_t decimals = ucurr_getDefaultFractionDigits(wide, &status);
	return decimals < DECIMALS_MAX ? decimals : DECIMALS_MAX;
}

struct amount {
	int64_t by_1000;
	int decimals;
	char code[CODE_SIZE]; /* "" where the text tells none */
};

/* "-12.9" at text, and *end after it. */
static bool read_number(const char *text, struct amount *amount, const char **end)
{
	bool negative = *text == '-';
	int64_t number = 0, unit = 1000;
	text += negative;
	size_t whole = strspn(text, "0123456789"), decimals = 0;
	for (size_t i = 0; i < whole && number <= AMOUNT_1000_MAX; i++)
		number = number * 10 + (text[i] - '0') * 1000;
	if (text[whole] == '.')
		decimals = strspn(text + whole + 1, "0123456789");
	for (size_t i = 0; i < decimals && i < DECIMALS_MAX; i++)
		number += (text[whole + 1 + i] - '0') * (unit /= 10);
	*end = text + whole + (text[whole] == '.') + decimals;
	amount->by_1000 = negative ? -number : number;
	amount->decimals = (int)(decimals <= DECIMALS_MAX ? decimals : DECIMALS_MAX + 1);
	return whole && number <= AMOUNT_1000_MAX && (text[whole] != '.' || decimals);
}

static bool read_amount(const char *text, struct amount *amount)
{
	const char *code = NULL, *end;
	if (is_code(text) && text[3] == ' ') {
		code = text;
		text += 3 + strspn(text + 3, " ");
	}
	if (!read_number(text, amount, &end))
		return false;
	if (!code && *end == ' ') {
		end += strspn(end, " ");
		if (!is_code(end))
			return false;
		code = end;
		end += 3;
	}
	snprintf(amount->code, sizeof(amount->code), "%.3s", code ? code : "");
	return !*end;
}

static int read_currency(struct hsm_arena *arena, const char *code, const char *text, struct hsm_value *value,
			 struct hsm_error *error)
{
	struct amount amount;
	if (!read_amount(text, &amount))
		return hsm_error_set(error, HSM_ERROR_INVALID,
				     "a CURRENCY is an amount and its ISO 4217 code, such as \"12.99 EUR\"");
	value->amount_1000 = amount.by_1000;
	value->code = *amount.code ? hsm_arena_copy_string(arena, amount.code) : code;
	if (!value->code)
		return hsm_error_set(error, HSM_ERROR_INVALID,
				     "a CURRENCY has the code of its currency beside the amount, such as \"12.99 EUR\"");
	int decimals = is_code(value->code) && !value->code[3] ? find_decimals(value->code) : -1;
	if (decimals < 0)
		return hsm_error_set(error, HSM_ERROR_INVALID, "a CURRENCY is of a currency that ISO 4217 has");
	if (amount.decimals > decimals)
		return hsm_error_set(error, HSM_ERROR_INVALID, "the amount has more decimals than its currency: %d at most",
				     decimals);
	return 0;
}

int hsm_value_read(struct hsm_arena *arena, enum hsm_parameter_type type, const char *language, const char *code,
		   const char *text, struct hsm_value *value, struct hsm_error *error)
{
	int64_t clock = 0;
	int status = 0;
	*value = (struct hsm_value){ .wire = text, .shown = text };
	switch (type) {
	case HSM_PARAMETER_TEXT:
		return 0;
	case HSM_PARAMETER_DATE:
		if (!hsm_date_read(text, &clock))
			return hsm_error_set(error, HSM_ERROR_INVALID, "a DATE is a day as YYYY-MM-DD, such as 2026-03-31");
		return show(arena, type, language, NULL, clock, &value->shown, error);
	case HSM_PARAMETER_DATE_TIME:
		if (!hsm_date_time_read(text, &clock))
			return hsm_error_set(error, HSM_ERROR_INVALID,
					     "a DATE_TIME is as RFC 3339 has it, such as 2026-03-31T14:30:00Z");
		return show(arena, type, language, NULL, clock, &value->shown, error);
	case HSM_PARAMETER_CURRENCY:
		status = read_currency(arena, code, text, value, error);
		if (!status)
			status = show(arena, type, language, value->code, value->amount_1000, &value->shown, error);
		value->wire = value->shown;
		return status;
	}
	return hsm_error_set(error, HSM_ERROR_INVALID, "a parameter of no known type");
}
