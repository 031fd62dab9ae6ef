#ifndef HSM_SNAPSHOT_H
#define HSM_SNAPSHOT_H

#include "reconciler/live/live.h"
#include "schema/base/buffer.h"

/*
 * What is live as a file, so that whoever has no credentials (a pull request from
 * a fork) can plan against it. It holds what the API lists of templates and
 * webhooks, and no secret.
 */

struct hsm_snapshot {
	const char *environment; /* whose it is */
	const char *taken;       /* RFC 3339 */
};

/* Canonical JSON, ending in a newline. */
void hsm_snapshot_save(const struct hsm_live *live, const struct hsm_snapshot *snapshot, struct hsm_buffer *buffer);

/* The texts of *snapshot live in live's arena. HSM_ERROR_INVALID for what no snapshot is. */
int hsm_snapshot_load(const char *data, size_t length, struct hsm_live *live, struct hsm_snapshot *snapshot,
		      struct hsm_error *error);

#endif
