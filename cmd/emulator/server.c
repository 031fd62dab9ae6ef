#include "cmd/emulator/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/emulator/request.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define CONNECTIONS_MAXIMUM 4096
#define CONNECTION_TIMEOUT 300 /* seconds */
#define WAIT_MAXIMUM 60000
#define DISCARD_MAXIMUM ((size_t)64 << 20)
#define DRIP_INTERVAL 100 /* milliseconds */

struct hsm_emu_server {
	struct MHD_Daemon *daemon;
	int epoll, signals;
	struct hsm_emu_request *suspended; /* all of them */
	bool resumed; /* MHD has something to do that it does not tell of by itself */
	bool stopping;
};

static void suspend(struct hsm_emu_request *request)
{
	struct hsm_emu_server *server = request->emu->server;
	request->previous = NULL;
	request->next = server->suspended;
	if (server->suspended)
		server->suspended->previous = request;
	server->suspended = request;
	MHD_suspend_connection(request->connection);
}

static void resume(struct hsm_emu_request *request)
{
	struct hsm_emu_server *server = request->emu->server;
	*(request->previous ? &request->previous->next : &server->suspended) = request->next;
	if (request->next)
		request->next->previous = request->previous;
	MHD_resume_connection(request->connection);
	server->resumed = true;
}

static void resume_after_delay(struct hsm_emu *emu, struct hsm_emu_timer *timer)
{
	(void)emu;
	resume(EMU_TIMER_OWNER(timer, struct hsm_emu_request, timer));
}

/* Answers leave after the turn's commit, and after their delay. */
static void resume_committed(struct hsm_emu *emu)
{
	struct hsm_emu_request *next;
	for (struct hsm_emu_request *request = emu->server->suspended; request; request = next) {
		next = request->next;
		if (!request->timer.slot)
			resume(request);
	}
}

static ssize_t read_half(void *context, uint64_t position, char *to, size_t maximum)
{
	const struct hsm_emu_request *request = context;
	size_t half = request->answer.length / 2, length = half > position ? half - (size_t)position : 0;
	if (!length)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	length = length < maximum ? length : maximum;
	memcpy(to, request->answer.data + position, length);
	return (ssize_t)length;
}

/* JSON that goes on for as long as it was told to. */
static ssize_t read_huge(void *context, uint64_t position, char *to, size_t maximum)
{
	static const char start[] = "{\"entities\":[\"";
	const struct hsm_emu_request *request = context;
	uint64_t size = request->manner_argument ? (uint64_t)request->manner_argument : UINT64_MAX;
	if (position >= size)
		return MHD_CONTENT_READER_END_OF_STREAM;
	size_t length = size - position < maximum ? (size_t)(size - position) : maximum;
	for (size_t i = 0; i < length; i++)
		to[i] = position + i < sizeof(start) - 1 ? start[position + i] : 'x';
	return (ssize_t)length;
}

static ssize_t read_slowly(void *context, uint64_t position, char *to, size_t maximum)
{
	struct hsm_emu_request *request = context;
	struct hsm_emu *emu = request->emu;
	size_t length = (size_t)request->manner_argument * DRIP_INTERVAL / 1000;
	if (!request->paused && !emu->server->stopping) {
		request->paused = true;
		request->timer.fire = resume_after_delay;
		hsm_emu_timer_set(emu, &request->timer, hsm_emu_now(emu) + DRIP_INTERVAL);
		suspend(request);
		return 0;
	}
	request->paused = false;
	length = length < maximum ? length : maximum;
	if (length > request->answer.length - position)
		length = request->answer.length - (size_t)position;
	memcpy(to, request->answer.data + position, length);
	return (ssize_t)length;
}

static struct MHD_Response *make_response(struct hsm_emu_request *request)
{
	size_t length = request->answer.length;
	switch (request->manner) {
	case EMU_MANNER_TRUNCATE:
		return MHD_create_response_from_callback(length, 16384, read_half, request, NULL);
	case EMU_MANNER_SLOW:
		return MHD_create_response_from_callback(length, 1024, read_slowly, request, NULL);
	case EMU_MANNER_HUGE:
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, read_huge, request, NULL);
	case EMU_MANNER_WHOLE:
	case EMU_MANNER_RESET:
		break;
	}
	char *body = length ? hsm_buffer_detach(&request->answer) : NULL;
	return MHD_create_response_from_buffer(length, body, MHD_RESPMEM_MUST_FREE);
}

static void add_number(struct MHD_Response *response, const char *name, long value)
{
	char text[32];
	snprintf(text, sizeof(text), "%ld", value);
	MHD_add_response_header(response, name, text);
}

/* The emulator's own time, as all its answers have it. */
static void add_date(const struct hsm_emu *emu, struct MHD_Response *response)
{
	time_t seconds = (time_t)(hsm_emu_now(emu) / 1000);
	struct tm tm;
	char text[64];
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &tm));
	MHD_add_response_header(response, "Date", text);
}

/* A reset rather than a tidy end. */
static enum MHD_Result reset(struct hsm_emu_request *request)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	if (info)
		setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	return MHD_NO;
}

static enum MHD_Result respond(struct hsm_emu_request *request)
{
	if (request->manner == EMU_MANNER_RESET)
		return reset(request);
	struct MHD_Response *response = make_response(request);
	if (!response)
		return MHD_NO;
	if (request->status != 204)
		MHD_add_response_header(response, "Content-Type",
					request->content_type ? request->content_type : "application/json");
	add_date(request->emu, response);
	if (request->graph)
		hsm_emu_graph_add_headers(request, response);
	else
		MHD_add_response_header(response, "ININ-Correlation-Id", request->correlation);
	if (request->allow)
		MHD_add_response_header(response, "Allow", request->allow);
	if (request->retry_after > 0)
		add_number(response, "Retry-After", request->retry_after);
	if (request->rated && !request->graph) {
		add_number(response, "inin-ratelimit-count", request->rate_count);
		add_number(response, "inin-ratelimit-allowed", request->rate_allowed);
		add_number(response, "inin-ratelimit-reset", request->rate_reset);
	}
	enum MHD_Result result = MHD_queue_response(request->connection, request->status, response);
	MHD_destroy_response(response);
	return result;
}

/* The first thing that MHD does with a request: its URI as it was sent. */
static void *begin(void *context, const char *uri, struct MHD_Connection *connection)
{
	struct hsm_emu_request *request = hsm_memory_allocate(sizeof(*request));
	request->emu = context;
	request->connection = connection;
	request->target = hsm_memory_copy_string(uri);
	request->answer.cap = HSM_BUFFER_CAP;
	hsm_emu_id_generate(request->correlation);
	return request;
}

static void take_body(struct hsm_emu_request *request, const char *data, size_t length)
{
	bool admin = hsm_text_starts_with(request->path, "/_emulator/");
	bool upload = request->graph && strstr(request->path, "/upload:");
	request->body.cap = admin ? EMU_ADMIN_BODY_MAXIMUM : upload ? EMU_UPLOAD_MAXIMUM : EMU_BODY_MAXIMUM;
	if (!request->oversize)
		hsm_buffer_append(&request->body, data, length);
	request->oversize = request->body.full;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *data, size_t *length, void **slot)
{
	struct hsm_emu_request *request = *slot;
	(void)context;
	(void)connection;
	(void)version;
	if (!request->path) {
		request->path = hsm_memory_copy_string(url);
		request->graph = hsm_emu_route_version(url);
		snprintf(request->method, sizeof(request->method), "%s", method);
		return MHD_YES;
	}
	if (*length) {
		take_body(request, data, *length);
		request->discarded += *length;
		*length = 0;
		return request->discarded > DISCARD_MAXIMUM && request->oversize ? MHD_NO : MHD_YES;
	}
	if (!request->routed) {
		request->routed = true;
		hsm_emu_route(request);
		if (request->delay) {
			request->timer.fire = resume_after_delay;
			hsm_emu_timer_set(request->emu, &request->timer, hsm_emu_now(request->emu) + request->delay);
		}
		if (request->delay || request->emu->store.dirty) {
			suspend(request);
			return MHD_YES;
		}
	}
	return respond(request);
}

static void complete(void *context, struct MHD_Connection *connection, void **slot,
		     enum MHD_RequestTerminationCode why)
{
	struct hsm_emu_request *request = *slot;
	(void)context;
	(void)connection;
	(void)why;
	if (!request)
		return;
	hsm_emu_timer_cancel(request->emu, &request->timer);
	hsm_buffer_release(&request->body);
	hsm_buffer_release(&request->answer);
	free(request->target);
	free(request->path);
	free(request);
	*slot = NULL;
}

static int open_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static struct MHD_Daemon *start_daemon(struct hsm_emu *emu, const struct sockaddr_in *address)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK, 0, NULL, NULL, handle, emu,
				MHD_OPTION_SOCK_ADDR, (const struct sockaddr *)address, MHD_OPTION_URI_LOG_CALLBACK,
				begin, emu, MHD_OPTION_NOTIFY_COMPLETED, complete, emu, MHD_OPTION_CONNECTION_LIMIT,
				(unsigned)CONNECTIONS_MAXIMUM, MHD_OPTION_CONNECTION_TIMEOUT,
				(unsigned)CONNECTION_TIMEOUT, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)65536,
				MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u, MHD_OPTION_END);
}

int hsm_emu_server_open(struct hsm_emu *emu, int *port, struct hsm_error *error)
{
	struct hsm_emu_server *server = emu->server = hsm_memory_allocate(sizeof(*server));
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)emu->options.port) };
	server->signals = open_signals();
	if (inet_pton(AF_INET, emu->options.listen, &address.sin_addr) != 1)
		return hsm_error_set(error, HSM_ERROR_USAGE, "--listen '%s' is no IPv4 address", emu->options.listen);
	server->daemon = start_daemon(emu, &address);
	if (!server->daemon)
		return hsm_error_set(error, HSM_ERROR_FAILED, "cannot listen on %s:%d: %s", emu->options.listen,
				     emu->options.port, strerror(errno));
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	server->epoll = info->epoll_fd;
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
	*port = info->port;
	return 0;
}

/* Milliseconds until there is something to do that no file tells. */
static int find_wait(struct hsm_emu *emu)
{
	MHD_UNSIGNED_LONG_LONG wait;
	int timers = hsm_emu_timers_wait(emu, WAIT_MAXIMUM);
	if (emu->server->resumed)
		return 0;
	if (MHD_get_timeout(emu->server->daemon, &wait) != MHD_YES || wait > (unsigned)timers)
		return timers;
	return (int)wait;
}

int hsm_emu_server_run(struct hsm_emu *emu, struct hsm_error *error)
{
	struct hsm_emu_server *server = emu->server;
	struct signalfd_siginfo signal_info;
	while (read(server->signals, &signal_info, sizeof(signal_info)) < 0) {
		server->resumed = false;
		if (MHD_run(server->daemon) != MHD_YES)
			return hsm_error_set(error, HSM_ERROR_FAILED, "the server stopped");
		hsm_emu_timers_run(emu);
		hsm_emu_deliveries_run(emu);
		hsm_emu_store_commit(emu);
		resume_committed(emu);
		struct curl_waitfd files[] = {
			{ .fd = server->epoll, .events = CURL_WAIT_POLLIN },
			{ .fd = server->signals, .events = CURL_WAIT_POLLIN },
		};
		curl_multi_poll(emu->deliveries.multi, files, 2, find_wait(emu), NULL);
	}
	return 0;
}

void hsm_emu_server_close(struct hsm_emu *emu)
{
	struct hsm_emu_server *server = emu->server;
	if (!server)
		return;
	server->stopping = true;
	while (server->suspended) {
		hsm_emu_timer_cancel(emu, &server->suspended->timer);
		resume(server->suspended);
	}
	if (server->daemon) {
		MHD_run(server->daemon); /* what was resumed must know it before the end */
		MHD_stop_daemon(server->daemon);
	}
	close(server->signals);
	free(server);
	emu->server = NULL;
}
