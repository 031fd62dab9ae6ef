#ifndef TESTS_HTTP_SERVER_H
#define TESTS_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

/* An HTTP server on loopback that answers from a script and keeps a log. */

struct http_reply {
	const char *request; /* "GET /things?page=*": method and target, as a glob */
	unsigned status;
	const char *body;    /* NULL: empty */
	size_t length;       /* of the body; 0: it is text */
	const char *headers; /* "Name: value\n" each; NULL: none */
	unsigned delay;      /* milliseconds */
	unsigned times;      /* answers so often, then the next reply that fits does; 0: always */
	bool drop;           /* reads the request and ends the connection */
};

struct http_server;

/* The first reply that fits answers; 404 where none does. The script is borrowed. */
struct http_server *http_server_start(const struct http_reply *replies, size_t count);
void http_server_stop(struct http_server *server);

const char *http_server_url(const struct http_server *server);

/* How many requests fitting the glob came. */
size_t http_server_count(struct http_server *server, const char *glob);
/* The number of the first of them, counting from 1; 0: none. */
size_t http_server_find(struct http_server *server, const char *glob);
/* Of the last request fitting the glob; "" where none came. Valid until stop. */
const char *http_server_body(struct http_server *server, const char *glob);
const char *http_server_authorization(struct http_server *server, const char *glob);

/* Most requests that were being answered at once. */
unsigned http_server_most(struct http_server *server);

#endif
