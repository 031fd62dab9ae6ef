#ifndef HSM_GENESYS_WRITE_H
#define HSM_GENESYS_WRITE_H

#include "reconciler/live/answer.h"
#include "reconciler/live/genesys.h"

/* A write under way, through as many requests as it takes. Freed with the last. */
struct hsm_genesys_write {
	struct hsm_connection *connection;
	hsm_write_done *done;
	void *user;
	struct hsm_arena arena;
	unsigned references; /* requests that are sent and not ended */

	const char *path;            /* of the listing that it is about */
	const char *id;              /* what to write; NULL: not known yet */
	const char *name, *language; /* what to look for */
	const char *body, *secret;
	const struct hsm_live_template *found;
	bool reads;       /* it writes nothing: no answer is no loss */
	size_t page;      /* of the listing, the last one asked for */
	unsigned creates; /* sent */
};

struct hsm_genesys_write *hsm_genesys_write_make(struct hsm_connection *connection, const char *path,
						 hsm_write_done *done, void *user);

/* done is called with the write as its user. */
void hsm_genesys_write_send(struct hsm_genesys_write *write, const char *method, const char *path, const char *body,
			    enum hsm_http_repeat repeat, hsm_http_done *done);

/* Tells what became of it. */
void hsm_genesys_write_end(struct hsm_genesys_write *write, const struct hsm_write_result *result);

/* What an answer that is not good comes to; code: the one that it tells, or NULL. Also
 * the class of its error. */
enum hsm_outcome hsm_genesys_judge(const struct hsm_http_answer *answer, const char *code,
				   enum hsm_error_class *class);

/* Ends a write with an answer that is not good: its outcome, and its error. */
void hsm_genesys_write_fail(struct hsm_genesys_write *write, const struct hsm_http_answer *answer);

/* The end of a delete: what is gone already counts as done. */
void hsm_genesys_delete_done(void *user, const struct hsm_http_answer *answer);

#endif
