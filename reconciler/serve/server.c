#include "reconciler/serve/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "schema/base/memory.h"

#define CONNECTIONS_MAX 2000
#define IDLE_SECONDS 60
#define DRAIN_SECONDS 10
#define DISCARD_MAX ((size_t)16 << 20)

/* Stands for a request that needs nothing of its own. */
static char plain_request;

/* Each has a copy of the listening socket: MHD closes that of a daemon that cannot start. */
struct listener {
	struct MHD_Daemon *daemon; /* NULL: none */
	int quiesced;              /* the copy that it gave back; -1: it listens */
};

struct hsm_server {
	struct hsm_server_options options;
	char *certificate, *key;
	struct listener now, former; /* former: ends what it has, with older certificates */
	int socket;
	unsigned port;
	bool loopback;
	atomic_size_t active;    /* requests */
	atomic_size_t suspended; /* of them: that another thread is to answer */
};

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return (ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24) == 127;
	return address->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static int bind_address(struct hsm_server *server, const struct addrinfo *address)
{
	int on = 1;
	server->socket = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->socket < 0)
		return -1;
	setsockopt(server->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	server->loopback = is_loopback(address->ai_addr);
	return bind(server->socket, address->ai_addr, address->ai_addrlen) || listen(server->socket, 1024) ? -1 : 0;
}

static void note_port(struct hsm_server *server)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char port[8] = "0";
	if (getsockname(server->socket, (struct sockaddr *)&address, &length) == 0)
		getnameinfo((struct sockaddr *)&address, length, NULL, 0, port, sizeof(port), NI_NUMERICSERV);
	server->port = (unsigned)strtoul(port, NULL, 10);
}

static int open_socket(struct hsm_server *server, const char *given, struct hsm_error *error)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found = NULL;
	const char *colon = strrchr(given, ':');
	char *host = hsm_memory_copy_string(given);
	host[colon - given] = '\0';
	char *name = host;
	if (*name == '[') {
		name++;
		name[strlen(name) - 1] = '\0';
	}
	int rc = getaddrinfo(name, colon + 1, &hints, &found);
	if (rc)
		rc = hsm_error_set(error, HSM_ERROR_FAILED, "cannot listen on %s: %s", given, gai_strerror(rc));
	else if (bind_address(server, found))
		rc = hsm_error_set(error, HSM_ERROR_FAILED, "cannot listen on %s: %s", given, strerror(errno));
	else
		note_port(server);
	if (found)
		freeaddrinfo(found);
	free(host);
	return rc;
}

static void free_request(struct hsm_request *request)
{
	hsm_buffer_release(&request->body);
	if (request->answer)
		MHD_destroy_response(request->answer);
	free(request->path_copy);
	free(request->method_copy);
	free(request);
}

static void take_body(struct hsm_request *request, const char *data, size_t length)
{
	if (!request->oversize)
		hsm_buffer_append(&request->body, data, length);
	request->oversize = request->body.full;
}

static enum MHD_Result refuse_size(struct hsm_request *request)
{
	static const char text[] = "{\"message\":\"the body is larger than 3 MiB\"}\n";
	struct MHD_Response *response = hsm_response_make(text, sizeof(text) - 1, "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	enum MHD_Result result = hsm_request_answer(request, MHD_HTTP_CONTENT_TOO_LARGE, response);
	MHD_destroy_response(response);
	return result;
}

/* Requests without a body need nothing of their own: most are lookups. */
static enum MHD_Result handle_plain(struct hsm_server *server, struct MHD_Connection *connection, const char *url,
				    const char *method)
{
	struct hsm_request request = { .server = server, .connection = connection, .method = method, .path = url };
	return server->options.handle(server->options.user, &request);
}

static struct hsm_request *begin(struct hsm_server *server, struct MHD_Connection *connection, const char *url,
				 const char *method)
{
	struct hsm_request *request = hsm_memory_allocate(sizeof(*request));
	request->server = server;
	request->connection = connection;
	request->path = request->path_copy = hsm_memory_copy_string(url);
	request->method = request->method_copy = hsm_memory_copy_string(method);
	request->body.cap = HSM_SERVER_BODY_MAX;
	const char *length = hsm_request_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
	request->oversize = length && strtoull(length, NULL, 10) > HSM_SERVER_BODY_MAX;
	server->active++;
	return request;
}

/* MHD's answer handler: once with the headers, then with each part of the body, then without. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *data, size_t *length, void **slot)
{
	struct hsm_server *server = context;
	struct hsm_request *request = *slot;
	(void)version;
	if (!*slot) {
		bool has_body = strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
		/* What the database is asked for is answered by another thread. */
		bool waits = strcmp(url, "/") == 0 || strstr(url, "/history") != NULL;
		*slot = has_body || waits ? (void *)begin(server, connection, url, method) : &plain_request;
		return MHD_YES;
	}
	if (*slot == &plain_request) {
		*length = 0;
		return handle_plain(server, connection, url, method);
	}
	if (*length) {
		take_body(request, data, *length);
		*length = 0;
		return MHD_YES;
	}
	if (request->oversize)
		return refuse_size(request);
	if (request->answer)
		return hsm_request_answer(request, request->status, request->answer);
	if (request->asked)
		return MHD_YES;
	request->asked = true;
	return server->options.handle(server->options.user, request);
}

static void complete(void *context, struct MHD_Connection *connection, void **slot,
		     enum MHD_RequestTerminationCode why)
{
	struct hsm_server *server = context;
	(void)connection;
	(void)why;
	if (!*slot || *slot == &plain_request)
		return;
	free_request(*slot);
	*slot = NULL;
	server->active--;
}

struct MHD_Response *hsm_response_make(const char *text, size_t length, const char *content_type)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(length, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	if (!response || MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type) != MHD_YES)
		hsm_memory_exhausted();
	return response;
}

const char *hsm_request_header(const struct hsm_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *hsm_request_query(const struct hsm_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

enum MHD_Result hsm_request_answer(struct hsm_request *request, unsigned status, struct MHD_Response *response)
{
	return MHD_queue_response(request->connection, status, response);
}

void hsm_request_suspend(struct hsm_request *request)
{
	request->server->suspended++;
	MHD_suspend_connection(request->connection);
}

void hsm_request_resume(struct hsm_request *request, unsigned status, struct MHD_Response *response)
{
	request->status = status;
	request->answer = response;
	struct hsm_server *server = request->server; /* the request may be gone after this */
	MHD_resume_connection(request->connection);
	server->suspended--;
}

static bool start(struct hsm_server *server, struct listener *listener)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_TURBO;
	struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate },
					{ MHD_OPTION_HTTPS_MEM_KEY, 0, server->key },
					{ MHD_OPTION_END, 0, NULL } };
	int copy = fcntl(server->socket, F_DUPFD_CLOEXEC, 0);
	if (!server->certificate)
		tls[0].option = MHD_OPTION_END;
	listener->quiesced = -1;
	listener->daemon = MHD_start_daemon(flags | (server->certificate ? MHD_USE_TLS : 0), 0, NULL, NULL, handle, server,
					    MHD_OPTION_LISTEN_SOCKET, copy, MHD_OPTION_NOTIFY_COMPLETED, complete, server,
					    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
					    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_ARRAY, tls,
					    MHD_OPTION_END);
	return listener->daemon != NULL;
}

/* Takes no new connections. Its socket may be closed only once it has stopped. */
static void quiesce(struct listener *listener)
{
	if (listener->daemon && listener->quiesced < 0)
		listener->quiesced = MHD_quiesce_daemon(listener->daemon);
}

static void stop(struct listener *listener)
{
	if (!listener->daemon)
		return;
	MHD_stop_daemon(listener->daemon);
	if (listener->quiesced >= 0)
		close(listener->quiesced);
	listener->daemon = NULL;
}

int hsm_server_open(struct hsm_server **opened, const struct hsm_server_options *options, struct hsm_error *error)
{
	struct hsm_server *server = hsm_memory_allocate(sizeof(*server));
	server->options = *options;
	server->socket = -1;
	server->certificate = options->certificate ? hsm_memory_copy_string(options->certificate) : NULL;
	server->key = options->key ? hsm_memory_copy_string(options->key) : NULL;
	int rc = open_socket(server, options->listen, error);
	if (!rc && !start(server, &server->now))
		rc = hsm_error_set(error, HSM_ERROR_FAILED, "cannot serve on %s%s", options->listen,
				   server->certificate ? ": are the certificate and the key PEM files of one another?" : "");
	*opened = rc ? NULL : server;
	if (rc)
		hsm_server_close(server);
	return rc;
}

/* MHD does not stop a daemon whose connections wait for an answer. */
static bool is_busy(const struct listener *listener)
{
	const union MHD_DaemonInfo *info =
		listener->daemon ? MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS) : NULL;
	return info && info->num_connections > 0;
}

int hsm_server_renew(struct hsm_server *server, const char *certificate, const char *key, struct hsm_error *error)
{
	if (is_busy(&server->former))
		return hsm_error_set(error, HSM_ERROR_TRY_LATER,
				     "connections of the certificate before the last one are still open: the last one is used on; "
				     "try again in a minute");
	char *old_certificate = server->certificate, *old_key = server->key;
	struct listener renewed;
	server->certificate = hsm_memory_copy_string(certificate);
	server->key = hsm_memory_copy_string(key);
	if (!start(server, &renewed)) {
		free(server->certificate);
		free(server->key);
		server->certificate = old_certificate;
		server->key = old_key;
		return hsm_error_set(error, HSM_ERROR_FAILED,
				     "the new certificate and key can't be used; the old ones are still");
	}
	free(old_certificate);
	free(old_key);
	quiesce(&server->now);
	/* One that is older still has had its time. */
	stop(&server->former);
	server->former = server->now;
	server->now = renewed;
	return 0;
}

void hsm_server_close(struct hsm_server *server)
{
	if (!server)
		return;
	quiesce(&server->now);
	/* MHD would end the program over a request that still waits for another thread, as
	 * for a database that is stuck: that gives up in its own time. */
	for (int i = 0; server->suspended || (i < DRAIN_SECONDS * 100 && server->active); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	stop(&server->former);
	stop(&server->now);
	if (server->socket >= 0)
		close(server->socket);
	free(server->certificate);
	free(server->key);
	free(server);
}

unsigned hsm_server_port(const struct hsm_server *server)
{
	return server->port;
}

bool hsm_server_is_loopback(const struct hsm_server *server)
{
	return server->loopback;
}
