#ifndef HSM_CLOCK_H
#define HSM_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC, seconds: for how long something takes, and deadlines. */
double hsm_clock_monotonic(void);

/* Milliseconds since 1970: for what is written down. */
int64_t hsm_clock_now(void);

#endif
