#include "schema/base/age.h"

#include <inttypes.h>
#include <time.h>

int64_t hsm_age_read_time(const char *text)
{
	struct tm tm = { 0 };
	return text && strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? (int64_t)timegm(&tm) : -1;
}

const char *hsm_age_format(struct hsm_arena *arena, int64_t seconds)
{
	static const struct {
		int64_t below, unit;
		char letter;
	} units[] = { { 60, 1, 's' }, { 3600, 60, 'm' }, { 48 * 3600, 3600, 'h' }, { INT64_MAX, 86400, 'd' } };
	if (seconds < 0)
		return "";
	size_t i = 0;
	while (seconds >= units[i].below)
		i++;
	return hsm_arena_format(arena, "%" PRId64 "%c", seconds / units[i].unit, units[i].letter);
}
