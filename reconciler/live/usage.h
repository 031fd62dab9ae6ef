#ifndef HSM_USAGE_H
#define HSM_USAGE_H

#include <stddef.h>

/*
 * How much of what Meta's Graph API allows is used, as the JSON of its headers
 * X-App-Usage and X-Business-Use-Case-Usage tells: percentages of a rolling hour.
 */
struct hsm_usage {
	int percent; /* of what is used most; -1: not told */
	int minutes; /* until calls are taken again; 0: they are taken */
};

/* Raises *usage to what a header says, where that is more. */
void hsm_usage_read(const char *json, size_t length, struct hsm_usage *usage);

#endif
