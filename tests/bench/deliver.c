/*
 * Delivers status events to hsmctl serve, as fast as it answers:
 *
 *   deliver [-a] HOST PORT SECRET FIRST COUNT CONNECTIONS BATCH NAMES
 *
 * COUNT events e<FIRST>, e<FIRST + 1>, ... of the templates template_00000_v1 and
 * so on, NAMES of them in turn; each template is paused and approved in turn.
 * BATCH 1: each is a StatusEvent; else Meta's envelope with BATCH changes. The same
 * event is the same on every delivery where DELIVER_TIME, milliseconds since 1970, is.
 * Where DELIVER_STATUS is a status, every event says it.
 *
 * -a prints the ids of those that were answered 200. What broke with its connection
 * is not sent again: nobody knows whether it was taken.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000
#define STEP 10            /* milliseconds from one event of a template to its next */
#define RETRY_SECONDS 20   /* that a server may be away */
#define RETRY_PAUSE 0.01
#define ANSWER_SECONDS 60  /* that an answer may take */
#define EVENT_SIZE 512
#define STATUSES 600

enum state { AWAY, CONNECTING, IDLE, SENDING, WAITING };

struct connection {
	enum state state;
	int socket;
	char *out, in[4096];
	size_t out_length, out_sent, in_length;
	long first, count; /* events of the request under way */
	double since;      /* of the request, or when it is tried again */
	double away;       /* since when there is no server; 0: there is one */
};

static struct {
	const char *host, *secret, *status;
	struct sockaddr_in address;
	long next, end, batch, names;
	int64_t time;
	bool prints;
	int epoll;
	size_t connection_count;
	struct connection connections[CONNECTIONS_MAX];
	/* figures */
	double *latencies;
	size_t latency_count;
	long acknowledged, answers[STATUSES], errors;
} load;

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "deliver: %s: %s\n", what, strerror(errno));
	exit(1);
}

static const char *find_status(long id)
{
	if (load.status && *load.status)
		return load.status;
	return id / load.names % 2 ? "APPROVED" : "PAUSED";
}

static int64_t find_time(long id)
{
	return load.time + id / load.names * STEP;
}

static size_t write_status_event(char *text, long id)
{
	int64_t time = find_time(id);
	time_t seconds = (time_t)(time / 1000);
	struct tm tm;
	char at[32];
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
	return (size_t)sprintf(text,
			       "{\"id\":\"e%ld\",\"event\":\"whatsapp_status_update\",\"timestamp\":\"%s.%03dZ\",\"providerId\":"
			       "\"5f3c1d2e-0000-4000-8000-000000000001\",\"template\":{\"name\":\"template_%05ld_v1\",\"language\":"
			       "\"en_US\",\"status\":\"%s\",\"rejection_reason\":null}}",
			       id, at, (int)(time % 1000), id % load.names, find_status(id));
}

/* An entry for each time, as the time is the entry's; a fraction of a second keeps the order without a wait. */
static size_t write_envelope(char *text, long first, long count)
{
	char *at = text;
	at += sprintf(at, "{\"object\":\"whatsapp_business_account\",\"entry\":[");
	for (long id = first; id < first + count; id++) {
		int64_t time = find_time(id);
		bool begins = id == first || time != find_time(id - 1);
		if (begins)
			at += sprintf(at, "%s{\"id\":\"102290129340398\",\"time\":%lld.%03d,\"changes\":[",
				      id == first ? "" : "]},", (long long)(time / 1000), (int)(time % 1000));
		at += sprintf(at,
			      "%s{\"field\":\"message_template_status_update\",\"value\":{\"event\":\"%s\",\"message_template_id\":"
			      "%ld,\"message_template_name\":\"template_%05ld_v1\",\"message_template_language\":\"en_US\","
			      "\"reason\":\"e%ld\"}}",
			      begins ? "" : ",", find_status(id), 594425479261596 + id % load.names, id % load.names, id);
	}
	at += sprintf(at, "]}]}");
	return (size_t)(at - text);
}

static void write_request(struct connection *connection)
{
	static char *body;
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	if (!body)
		body = malloc((size_t)load.batch * EVENT_SIZE + EVENT_SIZE);
	size_t length = load.batch == 1 ? write_status_event(body, connection->first) :
					  write_envelope(body, connection->first, connection->count);
	HMAC(EVP_sha256(), load.secret, (int)strlen(load.secret), (unsigned char *)body, length, mac, &size);
	char *at = connection->out;
	at += sprintf(at, "POST /webhooks/whatsapp HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
			  "Content-Length: %zu\r\nX-Hub-Signature-256: sha256=", load.host, length);
	for (unsigned i = 0; i < size; i++, at += 2) {
		*at = "0123456789abcdef"[mac[i] >> 4];
		at[1] = "0123456789abcdef"[mac[i] & 15];
	}
	memcpy(at, "\r\n\r\n", 4);
	memcpy(at + 4, body, length);
	connection->out_length = (size_t)(at + 4 - connection->out) + length;
	connection->out_sent = 0;
}

static void watch(struct connection *connection, uint32_t events, int operation)
{
	struct epoll_event event = { .events = events, .data.ptr = connection };
	if (epoll_ctl(load.epoll, operation, connection->socket, &event))
		die("epoll_ctl");
}

static void fail(struct connection *connection)
{
	if (connection->state == SENDING || connection->state == WAITING)
		load.errors++;
	if (connection->state != AWAY)
		close(connection->socket);
	connection->state = AWAY;
	connection->count = 0;
	connection->since = now();
	if (!connection->away)
		connection->away = connection->since;
	if (connection->since - connection->away > RETRY_SECONDS) {
		errno = ETIMEDOUT;
		die("the server does not come back");
	}
}

static void begin_connection(struct connection *connection)
{
	connection->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (connection->socket < 0)
		die("socket");
	connection->state = CONNECTING;
	connection->since = now();
	if (connect(connection->socket, (struct sockaddr *)&load.address, sizeof(load.address)) && errno != EINPROGRESS)
		fail(connection);
	else
		watch(connection, EPOLLOUT, EPOLL_CTL_ADD);
}

static void send_rest(struct connection *connection)
{
	ssize_t sent = send(connection->socket, connection->out + connection->out_sent,
			    connection->out_length - connection->out_sent, MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN) {
		fail(connection);
		return;
	}
	connection->out_sent += sent > 0 ? (size_t)sent : 0;
	enum state state = connection->out_sent == connection->out_length ? WAITING : SENDING;
	if (state != connection->state)
		watch(connection, state == WAITING ? EPOLLIN : EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
	connection->state = state;
}

static void begin_request(struct connection *connection)
{
	long left = load.end - load.next;
	if (!left)
		return;
	connection->first = load.next;
	connection->count = left < load.batch ? left : load.batch;
	load.next += connection->count;
	connection->in_length = 0;
	write_request(connection);
	connection->since = now();
	send_rest(connection);
}

/* The status, where the answer is whole; else 0. */
static int read_status(const struct connection *connection)
{
	const char *end = strstr(connection->in, "\r\n\r\n");
	const char *length = end ? strcasestr(connection->in, "\r\nContent-Length:") : NULL;
	if (!length || length > end)
		return 0;
	size_t whole = (size_t)(end + 4 - connection->in) + strtoul(length + 17, NULL, 10);
	return connection->in_length >= whole ? atoi(connection->in + 9) : 0;
}

static void note_answer(struct connection *connection, int status)
{
	load.latencies[load.latency_count++] = now() - connection->since;
	load.answers[status > 0 && status < STATUSES ? status : 0]++;
	if (status == 200)
		load.acknowledged += connection->count;
	for (long i = 0; status == 200 && load.prints && i < connection->count; i++)
		printf("e%ld\n", connection->first + i);
	connection->count = 0;
	connection->state = IDLE;
}

static void receive(struct connection *connection)
{
	size_t room = sizeof(connection->in) - 1 - connection->in_length;
	ssize_t got = recv(connection->socket, connection->in + connection->in_length, room, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		fail(connection);
		return;
	}
	connection->in_length += (size_t)got;
	connection->in[connection->in_length] = '\0';
	int status = read_status(connection);
	if (status) {
		note_answer(connection, status);
		begin_request(connection);
	} else if (connection->in_length == sizeof(connection->in) - 1) {
		fail(connection);
	}
}

static void go_on(struct connection *connection, uint32_t events)
{
	int problem = 0;
	socklen_t size = sizeof(problem);
	if (connection->state == CONNECTING) {
		getsockopt(connection->socket, SOL_SOCKET, SO_ERROR, &problem, &size);
		if (problem || events & (EPOLLERR | EPOLLHUP)) {
			fail(connection);
			return;
		}
		connection->away = 0;
		connection->state = IDLE;
		watch(connection, EPOLLIN, EPOLL_CTL_MOD);
		begin_request(connection);
	} else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
		receive(connection);
	} else if (connection->state == SENDING) {
		send_rest(connection);
	}
}

/* Those that are away try again while there is something to send. True where nothing is under way. */
static bool look_after(void)
{
	bool done = true;
	double time = now();
	for (size_t i = 0; i < load.connection_count; i++) {
		struct connection *connection = &load.connections[i];
		bool busy = connection->state == SENDING || connection->state == WAITING;
		if (busy && time - connection->since > ANSWER_SECONDS)
			fail(connection);
		if (connection->state == AWAY && load.next < load.end && time - connection->since > RETRY_PAUSE)
			begin_connection(connection);
		done &= !busy;
	}
	return done && load.next == load.end;
}

static void deliver(void)
{
	struct epoll_event events[CONNECTIONS_MAX];
	double looked = 0;
	for (bool done = false; !done;) {
		int count = epoll_wait(load.epoll, events, CONNECTIONS_MAX, 5);
		for (int i = 0; i < count; i++)
			go_on(events[i].data.ptr, events[i].events);
		if (count > 0 && load.next < load.end && now() - looked < RETRY_PAUSE)
			continue;
		looked = now();
		done = look_after();
	}
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

static double percentile(double part)
{
	size_t at = (size_t)((double)load.latency_count * part);
	return load.latency_count ? load.latencies[at < load.latency_count ? at : load.latency_count - 1] * 1000 : 0;
}

/* What the load itself took, microseconds an event. */
static double find_own_share(void)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	double seconds = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
			 (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	return load.acknowledged ? seconds * 1e6 / (double)load.acknowledged : 0;
}

static void report(double seconds)
{
	double own = find_own_share();
	qsort(load.latencies, load.latency_count, sizeof(double), compare);
	fprintf(stderr, "events %ld seconds %.3f rate %.0f p50 %.2f ms p99 %.2f ms max %.2f ms own %.1f us",
		load.acknowledged, seconds, (double)load.acknowledged / seconds, percentile(0.5), percentile(0.99),
		percentile(1), own);
	for (int status = 0; status < STATUSES; status++)
		if (load.answers[status])
			fprintf(stderr, " status-%d %ld", status, load.answers[status]);
	fprintf(stderr, " errors %ld\n", load.errors);
}

static int64_t read_start(void)
{
	const char *given = getenv("DELIVER_TIME");
	return given && *given ? strtoll(given, NULL, 10) : (int64_t)time(NULL) * 1000;
}

int main(int argc, char *argv[])
{
	if (argc > 1 && strcmp(argv[1], "-a") == 0) {
		load.prints = true;
		argv++;
		argc--;
	}
	if (argc != 9) {
		fprintf(stderr, "usage: deliver [-a] HOST PORT SECRET FIRST COUNT CONNECTIONS BATCH NAMES\n");
		return 64;
	}
	load.host = argv[1];
	load.secret = argv[3];
	load.next = atol(argv[4]);
	load.end = load.next + atol(argv[5]);
	load.connection_count = (size_t)atol(argv[6]);
	load.batch = atol(argv[7]);
	load.names = atol(argv[8]);
	load.time = read_start();
	load.status = getenv("DELIVER_STATUS");
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	load.address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2])) };
	if (inet_pton(AF_INET, load.host, &load.address.sin_addr) != 1 || load.batch < 1 || load.names < 1 ||
	    !load.connection_count || load.connection_count > CONNECTIONS_MAX || load.end < load.next)
		return 64;
	load.latencies = malloc(((size_t)(load.end - load.next) + 1) * sizeof(double));
	for (size_t i = 0; i < load.connection_count; i++)
		load.connections[i].out = malloc((size_t)load.batch * EVENT_SIZE + 2 * EVENT_SIZE);
	double began = now();
	deliver();
	report(now() - began);
	return fflush(stdout) ? 1 : 0;
}
