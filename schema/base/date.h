#ifndef HSM_DATE_H
#define HSM_DATE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Days and times as the API takes them: ISO 8601 as RFC 3339, section 5.6, narrows it.
 * *clock is what a clock at their place shows, in seconds since 1970-01-01 00:00 there.
 */

/* "2026-03-31": a day that is in the calendar, from the year 1. */
bool hsm_date_read(const char *text, int64_t *clock);

/* "2026-03-31T14:30:00Z", "2026-03-31t14:30:00.5+02:00" */
bool hsm_date_time_read(const char *text, int64_t *clock);

#endif
