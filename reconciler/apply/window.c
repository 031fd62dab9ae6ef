#include "reconciler/apply/window.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "schema/base/arena.h"
#include "schema/base/buffer.h"

static int minutes(const struct hsm_string *time)
{
	return atoi(time->text) * 60 + atoi(time->text + strlen("HH:"));
}

static const char *zone(const struct hsm_window *window)
{
	return window->timezone.text ? window->timezone.text : "UTC";
}

/* The C library takes a name that it does not know for UTC. */
static int set_zone(const char *name, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	bool known = strcmp(name, "UTC") == 0 ||
		     access(hsm_arena_format(&arena, "/usr/share/zoneinfo/%s", name), R_OK) == 0;
	hsm_arena_release(&arena);
	if (!known)
		return hsm_error_set(error, HSM_ERROR_CONFIG,
				     "apply_window: the time zone '%s' is not known here: names are like Europe/Madrid, and "
				     "the package tzdata holds them", name);
	setenv("TZ", name, 1);
	tzset();
	return 0;
}

static bool has_day(const struct hsm_window *window, int weekday)
{
	static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };
	for (size_t i = 0; i < window->days.count; i++)
		if (strcmp(HSM_LIST_ITEM(window->days, struct hsm_string, i)->text, days[weekday]) == 0)
			return true;
	return !window->days.count;
}

int hsm_window_check(const struct hsm_window *window, int64_t now, bool *open, struct hsm_error *error)
{
	time_t seconds = (time_t)now;
	struct tm tm;
	int rc = set_zone(zone(window), error);
	if (rc)
		return rc;
	localtime_r(&seconds, &tm);
	int minute = tm.tm_hour * 60 + tm.tm_min, from = minutes(&window->from), to = minutes(&window->to);
	/* After midnight it is still the window of the day before. */
	if (from < to)
		*open = has_day(window, tm.tm_wday) && minute >= from && minute < to;
	else
		*open = (minute >= from && has_day(window, tm.tm_wday)) ||
			(minute < to && has_day(window, (tm.tm_wday + 6) % 7));
	return 0;
}

const char *hsm_window_describe(struct hsm_arena *arena, const struct hsm_window *window)
{
	struct hsm_buffer days = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < window->days.count; i++)
		hsm_buffer_append_format(&days, "%s%s", i ? ", " : "",
					 HSM_LIST_ITEM(window->days, struct hsm_string, i)->text);
	const char *text = hsm_arena_format(arena, "%s from %s to %s %s",
					    days.length ? hsm_buffer_text(&days) : "every day", window->from.text,
					    window->to.text, zone(window));
	hsm_buffer_release(&days);
	return text;
}
