#ifndef HSM_WRITE_H
#define HSM_WRITE_H

#include "reconciler/live/backend.h"

/* A write under way, through as many requests as it takes. Freed with the last. */
struct hsm_write {
	struct hsm_connection *connection;
	hsm_write_done *done;
	void *user;
	struct hsm_arena arena;
	unsigned references; /* requests that are sent and not ended, and who else holds it */

	const char *path;            /* of the listing that it is about */
	const char *id;              /* what to write; NULL: not known yet */
	const char *name, *language; /* what to look for */
	const char *body, *secret;
	const struct hsm_live_template *found;
	bool reads;       /* it writes nothing, or nothing yet: no answer is no loss */
	size_t page;      /* of the listing, the last one asked for */
	unsigned creates; /* sent */
	void *more;       /* the API's own, in the arena */
};

struct hsm_write *hsm_write_make(struct hsm_connection *connection, const char *path, hsm_write_done *done,
				 void *user);

/* Gives back a reference that the holder took by counting it. */
void hsm_write_release(void *write);

/* done is called with the write as its user. */
void hsm_write_send(struct hsm_write *write, const char *method, const char *path, const char *body,
		    enum hsm_http_repeat repeat, hsm_http_done *done);

/* Tells what became of it. */
void hsm_write_end(struct hsm_write *write, const struct hsm_write_result *result);

/* Ends a write with an answer that is not good: its outcome, and its error. */
void hsm_write_fail(struct hsm_write *write, const struct hsm_http_answer *answer);

/* The end of a delete: what is gone already counts as done. */
void hsm_write_delete_done(void *user, const struct hsm_http_answer *answer);

#endif
