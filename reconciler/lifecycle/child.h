#ifndef HSM_CHILD_H
#define HSM_CHILD_H

#include <signal.h>
#include <stddef.h>

#include "schema/base/buffer.h"
#include "schema/base/error.h"

/*
 * Another program, run to its end within a time. It has a session of its own, and
 * so no terminal that it could ask a person at; the usual signal handling; and no
 * open files but standard input (the given bytes, or nothing), output and errors.
 * However it ends, all that is left of its process group is killed, so nothing
 * runs on in the background unless it leaves the group (setsid).
 *
 * May be called from any thread. SIGCHLD must not be ignored in the process.
 */
struct hsm_child {
	const char *const *argv;        /* ends with NULL; the program is looked for in PATH */
	const char *folder;             /* NULL: this one */
	const char *const *environment; /* on top of this process's: "NAME=value", or "NAME" to remove it; ends with
					   NULL; NULL: nothing */
	const char *input;
	size_t input_length;
	double timeout; /* seconds */
	const volatile sig_atomic_t *interrupted; /* set: kill it; may be NULL */
};

#define HSM_CHILD_OUTPUT_MAX ((size_t)64 << 10) /* for the output's cap */

/*
 * Appends what the program wrote, output and errors as they come, up to the
 * output's cap; the rest is read and dropped. HSM_ERROR_NO_INPUT where there is no
 * such program or folder, HSM_ERROR_UNAVAILABLE where it took too long,
 * HSM_ERROR_FAILED with the last line that it wrote where it failed, and
 * HSM_ERROR_FAILED where it was interrupted.
 */
int hsm_child_run(const struct hsm_child *child, struct hsm_buffer *output, struct hsm_error *error);

#endif
