#include "schema/base/date.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

/* The form's digits ('0') and marks: "0000-00-00" */
static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++)
		if (*form == '0' ? !isdigit((unsigned char)*text) : *form != *text)
			return false;
	return true;
}

static int number_at(const char *text, size_t at, size_t digits)
{
	int number = 0;
	for (size_t i = at; i < at + digits; i++)
		number = number * 10 + (text[i] - '0');
	return number;
}

/* The day that text begins with. */
static bool read_day(const char *text, int64_t *clock)
{
	if (!has_form(text, "0000-00-00") || number_at(text, 0, 4) < 1)
		return false;
	struct tm tm = { .tm_year = number_at(text, 0, 4) - 1900, .tm_mon = number_at(text, 5, 2) - 1,
			 .tm_mday = number_at(text, 8, 2) };
	struct tm day = tm;
	*clock = timegm(&day); /* moves the 30th of February into March */
	return tm.tm_mon >= 0 && day.tm_mon == tm.tm_mon && day.tm_mday == tm.tm_mday;
}

bool hsm_date_read(const char *text, int64_t *clock)
{
	return read_day(text, clock) && !text[10];
}

static bool is_offset(const char *text)
{
	if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
		return true;
	return (has_form(text, "+00:00") || has_form(text, "-00:00")) && !text[6] && number_at(text, 1, 2) < 24 &&
	       number_at(text, 4, 2) < 60;
}

bool hsm_date_time_read(const char *text, int64_t *clock)
{
	if (!read_day(text, clock) || (text[10] != 'T' && text[10] != 't') || !has_form(text + 11, "00:00:00"))
		return false;
	int hour = number_at(text, 11, 2), minute = number_at(text, 14, 2), second = number_at(text, 17, 2);
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	/* No clock shows a leap second but by staying. */
	*clock += (hour * 60 + minute) * 60 + (second < 60 ? second : 59);
	const char *rest = text + 19;
	if (*rest == '.') {
		size_t digits = strspn(rest + 1, "0123456789");
		if (!digits)
			return false;
		rest += 1 + digits;
	}
	return is_offset(rest);
}
