#include "cmd/emulator/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/emulator/emulator.h"
#include "schema/base/memory.h"

int64_t hsm_emu_now(const struct hsm_emu *emu)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + emu->clock.offset;
}

static void place(struct hsm_emu_clock *clock, size_t slot, struct hsm_emu_timer *timer)
{
	clock->heap[slot - 1] = timer;
	timer->slot = slot;
}

/* Moves a timer to where it belongs in the heap, up or down from slot. */
static void settle(struct hsm_emu_clock *clock, size_t slot, struct hsm_emu_timer *timer)
{
	while (slot > 1 && clock->heap[slot / 2 - 1]->due > timer->due) {
		place(clock, slot, clock->heap[slot / 2 - 1]);
		slot /= 2;
	}
	for (;;) {
		size_t child = slot * 2;
		if (child > clock->count)
			break;
		if (child < clock->count && clock->heap[child]->due < clock->heap[child - 1]->due)
			child++;
		if (clock->heap[child - 1]->due >= timer->due)
			break;
		place(clock, slot, clock->heap[child - 1]);
		slot = child;
	}
	place(clock, slot, timer);
}

void hsm_emu_timer_set(struct hsm_emu *emu, struct hsm_emu_timer *timer, int64_t due)
{
	struct hsm_emu_clock *clock = &emu->clock;
	timer->due = due;
	if (!timer->slot) {
		HSM_MEMORY_GROW(clock->heap, clock->count, clock->capacity);
		clock->count++;
		timer->slot = clock->count;
	}
	settle(clock, timer->slot, timer);
}

void hsm_emu_timer_cancel(struct hsm_emu *emu, struct hsm_emu_timer *timer)
{
	struct hsm_emu_clock *clock = &emu->clock;
	if (!timer->slot)
		return;
	size_t slot = timer->slot;
	struct hsm_emu_timer *last = clock->heap[--clock->count];
	timer->slot = 0;
	if (last != timer)
		settle(clock, slot, last);
}

void hsm_emu_timers_run(struct hsm_emu *emu)
{
	int64_t now = hsm_emu_now(emu);
	while (emu->clock.count && emu->clock.heap[0]->due <= now) {
		struct hsm_emu_timer *timer = emu->clock.heap[0];
		hsm_emu_timer_cancel(emu, timer);
		timer->fire(emu, timer);
	}
}

int hsm_emu_timers_wait(const struct hsm_emu *emu, int maximum)
{
	if (!emu->clock.count)
		return maximum;
	int64_t wait = emu->clock.heap[0]->due - hsm_emu_now(emu);
	return wait < 0 ? 0 : wait < maximum ? (int)wait : maximum;
}

const char *hsm_emu_time_format(int64_t time, char text[EMU_TIME_SIZE])
{
	time_t seconds = (time_t)(time / 1000);
	struct tm tm;
	char day[24];
	gmtime_r(&seconds, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, EMU_TIME_SIZE, "%s.%03dZ", day, (int)(time % 1000));
	return text;
}

/* Reads exactly count digits. */
static bool read_digits(const char **text, int count, int *value)
{
	*value = 0;
	for (; count; count--, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		*value = *value * 10 + (**text - '0');
	}
	return true;
}

static bool read_char(const char **text, const char *wanted)
{
	if (!**text || !strchr(wanted, **text))
		return false;
	(*text)++;
	return true;
}

static bool read_date(const char **text, struct tm *tm)
{
	int year, month, day;
	if (!read_digits(text, 4, &year) || !read_char(text, "-") || !read_digits(text, 2, &month) ||
	    !read_char(text, "-") || !read_digits(text, 2, &day) || year < 1970)
		return false;
	*tm = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	struct tm normal = *tm;
	timegm(&normal);
	return normal.tm_mday == day && normal.tm_mon == month - 1;
}

bool hsm_emu_date_is_valid(const char *text)
{
	struct tm tm;
	return read_date(&text, &tm) && !*text;
}

bool hsm_emu_time_parse(const char *text, int64_t *time)
{
	struct tm tm;
	int hour, minute, second, milliseconds = 0, zone_hour = 0, zone_minute = 0, sign = 1;
	if (!read_date(&text, &tm) || !read_char(&text, "Tt ") || !read_digits(&text, 2, &hour) ||
	    !read_char(&text, ":") || !read_digits(&text, 2, &minute) || !read_char(&text, ":") ||
	    !read_digits(&text, 2, &second) || hour > 23 || minute > 59 || second > 60)
		return false;
	if (*text == '.') {
		if (*++text < '0' || *text > '9')
			return false;
		for (int scale = 100; *text >= '0' && *text <= '9'; text++, scale /= 10)
			milliseconds += scale * (*text - '0');
	}
	if (!read_char(&text, "Zz")) {
		sign = *text == '-' ? -1 : 1;
		if (!read_char(&text, "+-") || !read_digits(&text, 2, &zone_hour) || !read_char(&text, ":") ||
		    !read_digits(&text, 2, &zone_minute) || zone_hour > 23 || zone_minute > 59)
			return false;
	}
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	*time = ((int64_t)timegm(&tm) - sign * (zone_hour * 3600 + zone_minute * 60)) * 1000 + milliseconds;
	return !*text;
}
