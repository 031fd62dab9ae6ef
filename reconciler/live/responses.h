#ifndef HSM_RESPONSES_H
#define HSM_RESPONSES_H

#include "reconciler/live/live.h"
#include "schema/canned.h"

/*
 * Response Management: the canned responses of one library. They are Genesys Cloud's
 * whichever API keeps the templates, so these are functions beside struct
 * hsm_backend, over a connection of their own to the organisation.
 *
 * Reading runs until it is done. Writes are as live.h has them: queued, and done by
 * hsm_connection_run; texts are copied.
 */

/* One that names a template of WhatsApp. */
struct hsm_live_response {
	const char *id;
	int64_t version;
	const char *template, *language; /* physical */
	const char **libraries;          /* ids */
	size_t library_count;
	struct hsm_canned_content content;
	const char *users; /* "flow 'Orders', campaign 'Spring'"; NULL: nobody, or nobody asked */
};

/* Zero-initialise; release when done. */
struct hsm_live_responses {
	struct hsm_arena arena;
	const char *library, *library_id; /* id NULL: there is no such library yet */
	size_t integrations;              /* of the account: one for each of its phone numbers */
	struct hsm_live_response *items;  /* by template, language, id */
	size_t count;
};

void hsm_responses_release(struct hsm_live_responses *responses);

/*
 * Reads the library of exactly this name: 3 requests, and one more for each 500
 * responses beyond the first. HSM_ERROR_CONFIG where the organisation has no
 * integration of the account (it is another customer's, or another brand's), or
 * several libraries of the name.
 */
int hsm_responses_read(struct hsm_connection *connection, const char *account, const char *library,
		       struct hsm_live_responses *responses, struct hsm_error *error);

/* Those of a template and language: *count of them from the returned one on; NULL where there are none. */
const struct hsm_live_response *hsm_responses_find(const struct hsm_live_responses *responses, const char *template,
						   const char *language, size_t *count);

/* The one of an id; NULL. */
const struct hsm_live_response *hsm_responses_get(const struct hsm_live_responses *responses, const char *id);

/* Asks who uses these, as flows and campaigns tell: a request for each, and one for the campaigns. */
int hsm_responses_read_users(struct hsm_connection *connection, struct hsm_live_responses *responses,
			     const char *const *ids, size_t count, struct hsm_error *error);

struct hsm_response_write {
	const char *name;
	const char *content;          /* as hsm_canned_write has it */
	const char *const *libraries; /* ids */
	size_t library_count;
	const char *fingerprint; /* what it must be then; a server that keeps something else stops the apply */
	/* Of an update: */
	const char *id;
	int64_t version;
	const char *before; /* the fingerprint of what it may take the place of */
};

/* The result has its id. A lost one is looked up by its name before it is repeated. */
void hsm_responses_create_library(struct hsm_connection *connection, const char *name, hsm_write_done *done,
				  void *user);
/* A lost one is looked up by its name and content before it is repeated: the API takes a name twice. */
void hsm_responses_create(struct hsm_connection *connection, const struct hsm_response_write *write,
			  hsm_write_done *done, void *user);
/* Name, libraries and texts. Where its version moved it is read again and compared: what is done
 * already is done, and what somebody else changed (EXISTS) is theirs. */
void hsm_responses_update(struct hsm_connection *connection, const struct hsm_response_write *write,
			  hsm_write_done *done, void *user);
void hsm_responses_delete(struct hsm_connection *connection, const char *id, hsm_write_done *done, void *user);

#endif
