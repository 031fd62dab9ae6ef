#ifndef HSM_EXIT_H
#define HSM_EXIT_H

#include "schema/base/error.h"

/*
 * What a command comes to: 0, HSM_DIFFERENCES, or a negative error class. The
 * exit code follows from it in one table.
 */
#define HSM_DIFFERENCES 1

struct hsm_exit {
	int result;
	int code;
	const char *meaning;
};

/* The rows by code: the one after `row`, or the first; NULL at the end. */
const struct hsm_exit *hsm_exit_next(const struct hsm_exit *row);

int hsm_exit_code(int result);

/* Of two results that fit the one whose exit code counts. */
int hsm_exit_pick(int first, int second);

#endif
