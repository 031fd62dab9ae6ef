#ifndef HSM_SERVER_H
#define HSM_SERVER_H

#include <microhttpd.h>
#include <stdbool.h>

#include "schema/base/buffer.h"
#include "schema/base/error.h"

/*
 * HTTP, in one thread of its own: connections, bodies, TLS. What a request means
 * is the handler's.
 */
struct hsm_server;

#define HSM_SERVER_BODY_MAX ((size_t)3 << 20) /* Meta's batches: https://developers.facebook.com, webhooks */

/* A request, until its answer has left. */
struct hsm_request {
	struct hsm_server *server;
	struct MHD_Connection *connection;
	const char *method, *path; /* path decoded, without its query; borrowed */
	struct hsm_buffer body;
	bool oversize, asked;
	struct MHD_Response *answer; /* of a request that was suspended */
	unsigned status;
	char *path_copy, *method_copy;
};

/*
 * Answers by hsm_request_answer, or suspends the request and lets another thread
 * answer it by hsm_request_resume.
 */
typedef enum MHD_Result hsm_server_handle(void *user, struct hsm_request *request);

struct hsm_server_options {
	const char *listen;          /* "127.0.0.1:8090", "[::]:8443" */
	const char *certificate, *key; /* PEM texts, copied; NULL: http */
	hsm_server_handle *handle;
	void *user;
};

int hsm_server_open(struct hsm_server **server, const struct hsm_server_options *options, struct hsm_error *error);
/* Takes no new connections, lets what is under way end (ten seconds at most), and ends. */
void hsm_server_close(struct hsm_server *server);
/* Other certificates for new connections. On failure it stays as it was. */
int hsm_server_renew(struct hsm_server *server, const char *certificate, const char *key, struct hsm_error *error);

unsigned hsm_server_port(const struct hsm_server *server);
bool hsm_server_is_loopback(const struct hsm_server *server);

/* NULL where there is none. */
const char *hsm_request_header(const struct hsm_request *request, const char *name);
const char *hsm_request_query(const struct hsm_request *request, const char *name);

/* The response is the caller's, to be destroyed or kept for the next. */
enum MHD_Result hsm_request_answer(struct hsm_request *request, unsigned status, struct MHD_Response *response);

/* Makes one of a text that is copied. */
struct MHD_Response *hsm_response_make(const char *text, size_t length, const char *content_type);

/* Call it before another thread can know of the request. */
void hsm_request_suspend(struct hsm_request *request);
/* From any thread; takes the response. */
void hsm_request_resume(struct hsm_request *request, unsigned status, struct MHD_Response *response);

#endif
