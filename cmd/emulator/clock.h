#ifndef HSM_EMULATOR_CLOCK_H
#define HSM_EMULATOR_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hsm_emu;

/* Lives in what it is about; all zero is not set. */
struct hsm_emu_timer {
	int64_t due;
	size_t slot; /* from 1; 0: not set */
	void (*fire)(struct hsm_emu *emu, struct hsm_emu_timer *timer);
};

/* The emulator's own time: the machine's, moved forward by the admin path. */
struct hsm_emu_clock {
	int64_t offset;
	struct hsm_emu_timer **heap;
	size_t count, capacity;
};

/* The struct that the timer is a member of. */
#define EMU_TIMER_OWNER(timer, type, member) ((type *)(void *)((char *)(timer) - offsetof(type, member)))

/* Milliseconds since 1970. */
int64_t hsm_emu_now(const struct hsm_emu *emu);

/* Sets or moves it. */
void hsm_emu_timer_set(struct hsm_emu *emu, struct hsm_emu_timer *timer, int64_t due);
void hsm_emu_timer_cancel(struct hsm_emu *emu, struct hsm_emu_timer *timer);

/* Fires what is due. */
void hsm_emu_timers_run(struct hsm_emu *emu);

/* Milliseconds until the next one, at most maximum. */
int hsm_emu_timers_wait(const struct hsm_emu *emu, int maximum);

#define EMU_TIME_SIZE 32

/* 2026-11-20T10:00:00.000Z */
const char *hsm_emu_time_format(int64_t time, char text[EMU_TIME_SIZE]);

/* RFC 3339; false where it is not that. */
bool hsm_emu_time_parse(const char *text, int64_t *time);

/* YYYY-MM-DD, a day that exists. */
bool hsm_emu_date_is_valid(const char *text);

#endif
