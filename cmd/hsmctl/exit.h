#ifndef HSM_EXIT_H
#define HSM_EXIT_H

#include <stddef.h>

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

/* By importance: of several results that fit, the first of the table counts. */
extern const struct hsm_exit hsm_exits[];
extern const size_t hsm_exit_count;

int hsm_exit_code(int result);

/* Of two results the one whose exit code counts. */
int hsm_exit_pick(int first, int second);

#endif
