#include "tests/unit/http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/buffer.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define CALLS_MAX 4096

struct call {
	char *target; /* as on the wire, then "METHOD target" */
	char *authorization;
	struct hsm_buffer body;
	bool begun;
};

struct http_server {
	const struct http_reply *replies;
	size_t count;
	unsigned *used; /* per reply */
	struct MHD_Daemon *daemon;
	char url[64];
	pthread_mutex_t lock;
	struct call *calls[CALLS_MAX];
	size_t call_count;
	unsigned now, most;
};

static void *begin_call(void *user, const char *target, struct MHD_Connection *connection)
{
	struct call *call = hsm_memory_allocate(sizeof(*call));
	(void)user;
	(void)connection;
	call->target = hsm_memory_copy_string(target);
	call->body = (struct hsm_buffer)HSM_BUFFER_INIT((size_t)1 << 20);
	return call;
}

static void name_call(struct call *call, struct MHD_Connection *connection, const char *method)
{
	struct hsm_buffer name = HSM_BUFFER_INIT(4096);
	const char *authorization =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
	hsm_buffer_append_format(&name, "%s %s", method, call->target);
	free(call->target);
	call->target = hsm_buffer_detach(&name);
	call->authorization = hsm_memory_copy_string(authorization ? authorization : "");
	call->begun = true;
}

static const struct http_reply *choose(struct http_server *server, struct call *call)
{
	const struct http_reply *chosen = NULL;
	pthread_mutex_lock(&server->lock);
	if (server->call_count < CALLS_MAX)
		server->calls[server->call_count++] = call;
	for (size_t i = 0; i < server->count && !chosen; i++) {
		const struct http_reply *reply = &server->replies[i];
		if (!hsm_text_matches_glob(call->target, reply->request) ||
		    (reply->times && server->used[i] >= reply->times))
			continue;
		server->used[i]++;
		chosen = reply;
	}
	if (++server->now > server->most)
		server->most = server->now;
	pthread_mutex_unlock(&server->lock);
	return chosen;
}

static void add_headers(struct MHD_Response *response, const char *headers)
{
	while (headers && *headers) {
		char name[128], value[256];
		size_t length = strcspn(headers, "\n");
		if (sscanf(headers, "%127[^:]: %255[^\n]", name, value) == 2)
			MHD_add_response_header(response, name, value);
		headers += length + (headers[length] == '\n');
	}
}

static enum MHD_Result answer(struct MHD_Connection *connection, const struct http_reply *reply)
{
	static const struct http_reply none = { .status = 404 };
	const struct http_reply *chosen = reply ? reply : &none;
	const char *body = chosen->body ? chosen->body : "";
	size_t length = chosen->length ? chosen->length : strlen(body);
	if (chosen->drop)
		return MHD_NO;
	struct MHD_Response *response =
		MHD_create_response_from_buffer(length, (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	add_headers(response, chosen->headers);
	enum MHD_Result result = MHD_queue_response(connection, chosen->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *data, size_t *size, void **state)
{
	struct http_server *server = user;
	struct call *call = *state;
	(void)url;
	(void)version;
	if (!call->begun) {
		name_call(call, connection, method);
		return MHD_YES;
	}
	if (*size) {
		hsm_buffer_append(&call->body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	const struct http_reply *reply = choose(server, call);
	if (reply && reply->delay)
		usleep(reply->delay * 1000);
	pthread_mutex_lock(&server->lock);
	server->now--;
	pthread_mutex_unlock(&server->lock);
	return answer(connection, reply);
}

struct http_server *http_server_start(const struct http_reply *replies, size_t count)
{
	struct http_server *server = hsm_memory_allocate(sizeof(*server));
	struct sockaddr_in address = { .sin_family = AF_INET };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->replies = replies;
	server->count = count;
	server->used = hsm_memory_allocate(count * sizeof(*server->used));
	pthread_mutex_init(&server->lock, NULL);
	server->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL,
					  NULL, handle, server, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
					  MHD_OPTION_URI_LOG_CALLBACK, begin_call, server, MHD_OPTION_END);
	if (!server->daemon)
		abort();
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u", info->port);
	return server;
}

void http_server_stop(struct http_server *server)
{
	MHD_stop_daemon(server->daemon);
	for (size_t i = 0; i < server->call_count; i++) {
		free(server->calls[i]->target);
		free(server->calls[i]->authorization);
		hsm_buffer_release(&server->calls[i]->body);
		free(server->calls[i]);
	}
	pthread_mutex_destroy(&server->lock);
	free(server->used);
	free(server);
}

const char *http_server_url(const struct http_server *server)
{
	return server->url;
}

/* Counts, and tells the first (from 1) and the last that fits. */
static size_t search(struct http_server *server, const char *glob, size_t *first, const struct call **last)
{
	size_t count = 0;
	*first = 0;
	*last = NULL;
	pthread_mutex_lock(&server->lock);
	for (size_t i = 0; i < server->call_count; i++) {
		if (!hsm_text_matches_glob(server->calls[i]->target, glob))
			continue;
		*first = *first ? *first : i + 1;
		*last = server->calls[i];
		count++;
	}
	pthread_mutex_unlock(&server->lock);
	return count;
}

size_t http_server_count(struct http_server *server, const char *glob)
{
	size_t first;
	const struct call *last;
	return search(server, glob, &first, &last);
}

size_t http_server_find(struct http_server *server, const char *glob)
{
	size_t first;
	const struct call *last;
	search(server, glob, &first, &last);
	return first;
}

const char *http_server_body(struct http_server *server, const char *glob)
{
	size_t first;
	const struct call *last;
	search(server, glob, &first, &last);
	return last ? hsm_buffer_text(&last->body) : "";
}

const char *http_server_authorization(struct http_server *server, const char *glob)
{
	size_t first;
	const struct call *last;
	search(server, glob, &first, &last);
	return last ? last->authorization : "";
}

unsigned http_server_most(struct http_server *server)
{
	return server->most;
}
