#ifndef HSM_ANSWERS_H
#define HSM_ANSWERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "reconciler/lifecycle/registry.h"
#include "schema/base/buffer.h"

/*
 * What flows are answered, made when the registry changes and read by any thread:
 * one text for each translation.
 */

#define HSM_ETAG_SIZE 36 /* "\"<32 hexadecimal digits>\"" and a NUL */

struct hsm_answer {
	char *base, *language;
	char *body; /* of GET /v1/templates/{name} */
	size_t length;
	char etag[HSM_ETAG_SIZE];
	char *key, *row; /* of the data table: the row as JSON, key included */
	const char *health; /* "healthy", "fallback", "unavailable", "progressing", "suspended" */
	char *quality; /* of what is in use; NULL: not told */
	_Atomic int64_t used; /* when it was last given, milliseconds */
	void *attachment;     /* the server's, made of body */
};

struct hsm_answers {
	pthread_rwlock_t lock;
	struct hsm_answer **items; /* by base, then language */
	size_t count, capacity;
	struct hsm_answer **slots; /* by base and language; a power of two */
	size_t slot_count;
	uint64_t generation; /* grows with every change */
	void (*detach)(void *attachment); /* frees one; called without the lock's being free */
};

void hsm_answers_begin(struct hsm_answers *answers, void (*detach)(void *attachment));
void hsm_answers_end(struct hsm_answers *answers);

/* Makes the answers of touched templates anew, and clears that mark. */
void hsm_answers_update(struct hsm_answers *answers, struct hsm_registry *registry);

/* The following with the lock held, to read at least. */

/* The answer for a language, else for its language without a region, else for the default (may be NULL). */
struct hsm_answer *hsm_answers_find(const struct hsm_answers *answers, const char *base, const char *language,
				    const char *fallback_language);
bool hsm_answers_has(const struct hsm_answers *answers, const char *base);

/* Everything, as GET /v1/templates has it. */
void hsm_answers_append(const struct hsm_answers *answers, struct hsm_buffer *buffer);

#endif
