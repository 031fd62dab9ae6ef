#ifndef HSM_GRAPH_H
#define HSM_GRAPH_H

#include <cjson/cJSON.h>

#include "reconciler/desired/map.h"
#include "reconciler/live/backend.h"
#include "reconciler/live/template_reader.h"

/* Meta's Graph API: its paths, its templates, its errors, its uploads. */

/* A code, and a subcode of it: there is no such object, or the token may not see it. */
#define HSM_GRAPH_PARAMETER 100
#define HSM_GRAPH_MISSING 33

/* What a connection keeps. */
struct hsm_graph {
	size_t page_size; /* which of the sizes of pages the API takes; 0: the largest */
	struct hsm_graph_upload *uploads;
};

struct hsm_graph *hsm_graph_of(struct hsm_connection *connection);

/* "/v23.0/NODE" and what follows, with the node escaped. */
const char *hsm_graph_path(struct hsm_arena *arena, const struct hsm_connection *connection, const char *node,
			   const char *rest);

/* The members of a template that are asked for. */
extern const char hsm_graph_template_fields[];

/* The id in a JSON object, a string or digits; NULL where there is none that is. In the arena. */
const char *hsm_graph_read_id(struct hsm_arena *arena, const cJSON *json);

int hsm_graph_read_template(struct hsm_template_reader *reader, const cJSON *json,
			    struct hsm_live_template *template, struct hsm_error *error);

/* What an answer says of the next page's address is not followed: that holds the
 * token, and is wherever the answer likes. Its cursor is enough. */
struct hsm_graph_page {
	cJSON *json;
	const cJSON *data;
	bool is_last;
};

/* A listing of templates, page by page: which is the next is known after each. Set
 * the first four, zero the rest. */
struct hsm_graph_listing {
	struct hsm_connection *connection;
	struct hsm_arena *arena;
	const char *path;  /* hsm_graph_templates_path */
	const char *query; /* "&name=order_v1"; "": all */
	size_t size;       /* which, of the page that was asked for */
	size_t page_count; /* taken */
	const char *after; /* the next page's cursor; NULL: the first, or none */
	struct hsm_map cursors;
};

const char *hsm_graph_templates_path(struct hsm_arena *arena, const struct hsm_connection *connection,
				     const char *account);

/* Sends the request for the next page. */
void hsm_graph_request_page(struct hsm_graph_listing *listing, hsm_http_done *done, void *user,
			    void (*release)(void *user));

/*
 * Takes the answer to it, filling *page, whose json is to be deleted. 0 with data
 * NULL: the page was too large, and the next request asks for a smaller one. An
 * error where it is none, or cursors lead in circles.
 */
int hsm_graph_take_page(struct hsm_graph_listing *listing, const struct hsm_http_answer *answer,
			struct hsm_graph_page *page, struct hsm_error *error);

/* As hsm_answer_fail, of a request that only reads. */
int hsm_graph_fail(const struct hsm_connection *connection, const struct hsm_http_answer *answer,
		   struct hsm_error *error);

/*
 * Uploads a file, once per content and connection. done is called with its handle,
 * or NULL and why: from hsm_connection_run, or at once where it is there already.
 */
typedef void hsm_graph_uploaded(void *user, const char *handle, const struct hsm_write_result *failure);
void hsm_graph_upload(struct hsm_connection *connection, const struct hsm_media *media, hsm_graph_uploaded *done,
		      void *user);
/* Forgets them all; users that still wait are released as writes. */
void hsm_graph_release_uploads(struct hsm_graph *graph);

int hsm_graph_read(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		   void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error);

void hsm_graph_create_template(struct hsm_connection *connection, const char *account,
			       const struct hsm_template_create *create, hsm_write_done *done, void *user);
void hsm_graph_find_template(struct hsm_connection *connection, const char *account, const char *name,
			     const char *language, hsm_write_done *done, void *user);
void hsm_graph_get_template(struct hsm_connection *connection, const char *account, const char *id,
			    hsm_write_done *done, void *user);
void hsm_graph_delete_template(struct hsm_connection *connection, const char *account, const char *id,
			       const char *name, hsm_write_done *done, void *user);
void hsm_graph_probe_write(struct hsm_connection *connection, const char *account, hsm_write_done *done, void *user);

/* The id of the one phone number of the account; HSM_ERROR_CONFIG where it has none, or several. */
int hsm_graph_find_number(struct hsm_arena *arena, struct hsm_connection *connection, const char **number,
			  struct hsm_error *error);

void hsm_graph_read_fault(struct hsm_arena *arena, const struct hsm_http_answer *answer, struct hsm_fault *fault);
enum hsm_outcome hsm_graph_judge(const struct hsm_http_answer *answer, const struct hsm_fault *fault,
				 enum hsm_error_class *class);
enum hsm_http_verdict hsm_graph_verdict(const struct hsm_http_answer *answer);

#endif
