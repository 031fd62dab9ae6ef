/* Sending: what each answer means, that no message goes out twice, and that no error tells what was sent. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reconciler/live/conversations.h"
#include "schema/base/buffer.h"
#include "tests/unit/live_fixture.h"

#define CONVERSATIONS "/api/v2/messaging/conversations"
#define SEND "POST " CONVERSATIONS
#define LIST "GET " CONVERSATIONS "?phoneNumber=%2B34600123456&pageSize=100"
#define PHONE "+34600123456"
#define PHONE_HEX "2b3334363030313233343536"
#define LABEL "0123456789abcdef0123456789abcdef"
#define NAME "Mar\xc3\xad" "a Ruiz"
#define ORDER "ORD-98765"
#define TEXT_SENT "Dear " NAME
#define ACCEPTED "{\"id\":\"c-1\",\"label\":\"" LABEL "\",\"messages\":[{\"id\":\"m-1\",\"status\":\"accepted\"}]}"
#define PAGE(entities, total) "{\"entities\":[" entities "],\"pageSize\":100,\"pageNumber\":1,\"total\":" total "}"

static const char *const parameters[] = { ORDER, NAME };
static const struct hsm_send template_send = {
	.phone = PHONE, .label = LABEL, .template = "order_v2", .language = "es_ES", .parameters = parameters,
	.parameter_count = 2,
};
static const struct hsm_send text_send = { .phone = PHONE, .label = LABEL, .text = TEXT_SENT };

/* What a request came to, out of the borrowed result. */
struct seen {
	unsigned calls;
	struct hsm_send_result result;
	struct hsm_conversation conversations[3];
	char id[64], label[64], status[16], session[16], wrote[40], message[HSM_ERROR_MESSAGE_SIZE];
	int64_t error;
	char error_text[80];
};

static void copy_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "-");
}

/* The first conversation is looked at in full. */
static void note(void *user, const struct hsm_send_result *result)
{
	struct seen *seen = user;
	seen->calls++;
	seen->result = *result;
	copy_text(seen->message, sizeof(seen->message), result->outcome == HSM_OUTCOME_DONE ? "" : result->error.message);
	if (!result->conversation_count)
		return;
	const struct hsm_conversation *first = result->conversations;
	copy_text(seen->id, sizeof(seen->id), first->id);
	copy_text(seen->label, sizeof(seen->label), first->label);
	copy_text(seen->session, sizeof(seen->session), first->session_status);
	copy_text(seen->wrote, sizeof(seen->wrote), first->last_user_message);
	if (!first->message_count)
		return;
	copy_text(seen->status, sizeof(seen->status), first->messages[0].status);
	copy_text(seen->error_text, sizeof(seen->error_text), first->messages[0].error_text);
	seen->error = first->messages[0].error;
}

static void run(struct live_fixture *f, const struct hsm_send *send, struct seen *seen)
{
	*seen = (struct seen){ 0 };
	hsm_conversation_send(f->connection, send, note, seen);
	hsm_connection_run(f->connection);
	assert_int_equal(seen->calls, 1);
}

static void list(struct live_fixture *f, struct seen *seen)
{
	*seen = (struct seen){ 0 };
	hsm_conversation_list(f->connection, PHONE, note, seen);
	hsm_connection_run(f->connection);
	assert_int_equal(seen->calls, 1);
}

static void a_template_is_sent_by_its_name_with_ordered_parameters(void **state)
{
	static const struct http_reply replies[] = { TOKEN_REPLY, { .request = SEND, .status = 201, .body = ACCEPTED } };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	hsm_conversation_send(f.connection, &template_send, note, &seen);
	assert_int_equal(http_server_count(f.server, "*"), 0); /* queued only */
	hsm_connection_run(f.connection);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.result.outcome, HSM_OUTCOME_DONE);
	assert_int_equal(seen.result.conversation_count, 1);
	assert_string_equal(seen.id, "c-1");
	assert_string_equal(seen.label, LABEL);
	assert_string_equal(seen.status, "ACCEPTED");
	assert_string_equal(seen.session, "-");
	assert_string_equal(http_server_body(f.server, SEND),
			    "{\"label\":\"" LABEL "\",\"participant\":{\"address\":{\"phoneNumber\":\"" PHONE
			    "\",\"channelType\":\"whatsapp\"}},\"messages\":[{\"type\":\"whatsapp_template\","
			    "\"templateName\":\"order_v2\",\"language\":\"es_ES\",\"parameters\":[\"" ORDER "\",\"" NAME "\"]}]}");
	live_fixture_close(&f);
}

static void a_body_is_written_as_it_is_sent(void **state)
{
	static const char *const quoted[] = { "a \"b\"\\", "" };
	static const struct {
		struct hsm_send send;
		const char *messages;
	} cases[] = {
		{ { .phone = PHONE, .text = "Hi \"you\"\n" }, "[{\"type\":\"text\",\"text\":\"Hi \\\"you\\\"\\n\"}]" },
		{ { .phone = PHONE, .template = "hello", .language = "en_US" },
		  "[{\"type\":\"whatsapp_template\",\"templateName\":\"hello\",\"language\":\"en_US\",\"parameters\":[]}]" },
		{ { .phone = PHONE, .template = "hello", .language = "en", .parameters = quoted, .parameter_count = 2 },
		  "[{\"type\":\"whatsapp_template\",\"templateName\":\"hello\",\"language\":\"en\","
		  "\"parameters\":[\"a \\\"b\\\"\\\\\",\"\"]}]" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hsm_arena arena = { 0 };
		char expected[512];
		snprintf(expected, sizeof(expected), "{\"participant\":{\"address\":{\"phoneNumber\":\"" PHONE
			 "\",\"channelType\":\"whatsapp\"}},\"messages\":%s}", cases[i].messages);
		assert_string_equal(hsm_send_write(&arena, &cases[i].send), expected);
		hsm_arena_release(&arena);
	}
}

#define REFUSAL(code, detail) "{\"message\":\"m\",\"code\":\"" code "\",\"status\":400,\"details\":[" detail "],\"errors\":[]}"
#define DETAIL(code, field) "{\"errorCode\":\"" code "\",\"fieldName\":\"" field "\"}"

static void every_answer_to_a_send_has_its_outcome(void **state)
{
	enum { NONE, NOT_APPROVED, SESSION_CLOSED };
	static const struct {
		struct http_reply reply;
		enum hsm_outcome outcome;
		enum hsm_error_class class;
		size_t posts;
		int meaning;
		int64_t code;
		const char *expected;
	} cases[] = {
		{ { .status = 400, .body = REFUSAL("session.closed", "") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1,
		  SESSION_CLOSED, 0, "400 session.closed: the user did not write" },
		{ { .status = 400, .body = REFUSAL("bad.request", DETAIL("131047", "messages[0]")) }, HSM_OUTCOME_REFUSED,
		  HSM_ERROR_INVALID, 1, SESSION_CLOSED, 131047, "400 bad.request [messages[0]: 131047]" },
		{ { .status = 400, .body = REFUSAL("messaging.template.not.approved", "") }, HSM_OUTCOME_REFUSED,
		  HSM_ERROR_BLOCKED, 1, NOT_APPROVED, 0, "not.approved: the template is not approved" },
		{ { .status = 404, .body = REFUSAL("messaging.template.not.found", "") }, HSM_OUTCOME_REFUSED,
		  HSM_ERROR_BLOCKED, 1, NOT_APPROVED, 0, "404 messaging.template.not.found" },
		{ { .status = 400, .body = REFUSAL("bad.request", DETAIL("132001", "messages[0].templateName")) },
		  HSM_OUTCOME_REFUSED, HSM_ERROR_BLOCKED, 1, NOT_APPROVED, 132001, "[messages[0].templateName: 132001]" },
		{ { .status = 400, .body = REFUSAL("bad.request", DETAIL("invalid.value", "a") "," DETAIL("132015", "b")) },
		  HSM_OUTCOME_REFUSED, HSM_ERROR_BLOCKED, 1, NOT_APPROVED, 132015,
		  "[a: invalid.value; b: 132015]: the template is paused" },
		{ { .status = 400, .body = REFUSAL("bad.request", DETAIL("132016", "")) }, HSM_OUTCOME_REFUSED,
		  HSM_ERROR_BLOCKED, 1, NOT_APPROVED, 132016, "bad.request [132016]: the template is disabled" },
		{ { .status = 400, .body = REFUSAL("invalid.parameter", DETAIL("132018", "messages[0].parameters[1]")) },
		  HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, NONE, 132018, "messages[0].parameters[1]: 132018]: a parameter" },
		{ { .status = 400, .body = REFUSAL("bad.request", DETAIL("2388019", "")) }, HSM_OUTCOME_REFUSED,
		  HSM_ERROR_INVALID, 1, NONE, 2388019, "2388019" },
		{ { .status = 400, .body = REFUSAL("bad.request", DETAIL("23880190", "")) }, HSM_OUTCOME_REFUSED,
		  HSM_ERROR_INVALID, 1, NONE, 0, "400" },
		{ { .status = 400, .body = "<html>" }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, NONE, 0, SEND ": 400" },
		{ { .status = 400, .body = "{\"code\":7,\"details\":\"x\"}", .headers = CORRELATION }, HSM_OUTCOME_REFUSED,
		  HSM_ERROR_INVALID, 1, NONE, 0, "400 (correlation id corr-7)" },
		{ { .status = 409 }, HSM_OUTCOME_REFUSED, HSM_ERROR_FAILED, 1, NONE, 0, "409" },
		{ { .status = 413 }, HSM_OUTCOME_REFUSED, HSM_ERROR_FAILED, 1, NONE, 0, "413" },
		{ { .status = 403 }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, 1, NONE, 0, "403" },
		{ { .status = 401 }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, 2, NONE, 0, "401" },
		{ { .status = 401, .times = 1 }, HSM_OUTCOME_DONE, HSM_OK, 2, NONE, 0, "" },
		{ { .status = 429, .headers = "Retry-After: 1\n", .times = 1 }, HSM_OUTCOME_DONE, HSM_OK, 2, NONE, 0, "" },
		{ { .status = 429, .headers = "Retry-After: 3600\n" }, HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER, 1, NONE, 0, "429" },
		{ { .status = 302 }, HSM_OUTCOME_UNAVAILABLE, HSM_ERROR_UNAVAILABLE, 1, NONE, 0, "302" },
		{ { .status = 408, .times = 1 }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, NONE, 0, "408" },
		{ { .status = 500, .times = 1 }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, NONE, 0, "500" },
		{ { .status = 500, .body = REFUSAL("session.closed", ""), .times = 1 }, HSM_OUTCOME_LOST,
		  HSM_ERROR_UNAVAILABLE, 1, NONE, 0, "500" },
		{ { .status = 503, .headers = "Retry-After: 1\n", .times = 1 }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1,
		  NONE, 0, "503" },
		/* a kept-alive connection that ends before the first byte: libcurl must not send it again */
		{ { .drop = true, .times = 1 }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, NONE, 0, SEND ": " },
		{ { .status = 200 }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, NONE, 0, "no content" },
		{ { .status = 200, .body = "<html>" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, NONE, 0, "HTML" },
		{ { .status = 200, .body = "{\"id\":\"c-1\",\"mess" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, NONE, 0,
		  "not JSON at byte" },
		{ { .status = 200, .body = "{\"id\":\"\"}" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, NONE, 0, "an id is empty" },
		{ { .status = 200, .body = "{\"label\":\"" LABEL "\"}" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, NONE, 0,
		  "a conversation has no 'id'" },
		{ { .status = 200, .body = "{\"id\":\"c-1\",\"messages\":{}}" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1,
		  NONE, 0, "'messages' is not an array" },
		{ { .status = 200, .body = "{\"id\":\"c-1\",\"messages\":[null]}" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1,
		  NONE, 0, "a message is null" },
		{ { .status = 200, .body = "{\"id\":\"c-1\",\"label\":\"other\"}" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1,
		  NONE, 0, "it is about another conversation" },
		{ { .status = 200, .body = "{\"id\":\"c-1\"}" }, HSM_OUTCOME_DONE, HSM_OK, 1, NONE, 0, "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = {
			TOKEN_REPLY, cases[i].reply, { .request = SEND, .status = 200, .body = ACCEPTED },
			{ .request = LIST, .status = 200, .body = PAGE("", "0") },
		};
		struct live_fixture f;
		struct seen seen;
		replies[1].request = SEND;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		list(&f, &seen); /* leaves a connection to reuse */
		assert_int_equal(seen.result.outcome, HSM_OUTCOME_DONE);
		run(&f, &template_send, &seen);
		if (seen.result.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d, %s", i, seen.result.outcome, seen.message);
		if (seen.result.outcome != HSM_OUTCOME_DONE && seen.result.error.class != cases[i].class)
			fail_msg("case %zu: class %d, %s", i, seen.result.error.class, seen.message);
		if (!strstr(seen.message, cases[i].expected) || strstr(seen.message, "planted"))
			fail_msg("case %zu: '%s' where '%s' is wanted", i, seen.message, cases[i].expected);
		if (http_server_count(f.server, SEND) != cases[i].posts)
			fail_msg("case %zu: sent %zu times", i, http_server_count(f.server, SEND));
		assert_int_equal(seen.result.session_closed, cases[i].meaning == SESSION_CLOSED);
		assert_int_equal(seen.result.not_approved, cases[i].meaning == NOT_APPROVED);
		assert_int_equal(seen.result.error_code, cases[i].code);
		assert_int_equal(seen.result.conversation_count, cases[i].outcome == HSM_OUTCOME_DONE);
		live_fixture_close(&f);
	}
}

/* A server below HTTP's rules. */
struct raw_server {
	const char *answer; /* sent when the request was read, then the connection ends; NULL: reset before it is read */
	int listener;
	unsigned connections;
	pthread_t thread;
	char url[64];
};

static void read_request(int connection)
{
	char text[4096];
	size_t length = 0;
	ssize_t got = 1;
	while (got > 0 && length < sizeof(text) - 1) {
		got = recv(connection, text + length, sizeof(text) - 1 - length, 0);
		length += got > 0 ? (size_t)got : 0;
		text[length] = '\0';
		if (strstr(text, "}]}")) /* the body's end */
			return;
	}
}

static void *serve(void *user)
{
	struct raw_server *server = user;
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	for (int connection; (connection = accept(server->listener, NULL, NULL)) >= 0; close(connection)) {
		server->connections++;
		if (!server->answer) {
			setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
			continue;
		}
		read_request(connection);
		send(connection, server->answer, strlen(server->answer), MSG_NOSIGNAL);
	}
	return NULL;
}

static void raw_server_start(struct raw_server *server, const char *answer)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*server = (struct raw_server){ .answer = answer, .listener = socket(AF_INET, SOCK_STREAM, 0) };
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server->listener, 8), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void raw_server_stop(struct raw_server *server)
{
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
}

static void a_reset_before_the_request_was_read_is_never_taken_for_done(void **state)
{
	static const struct http_reply replies[] = { TOKEN_REPLY };
	struct raw_server server;
	struct live_fixture f;
	struct seen seen;
	(void)state;
	raw_server_start(&server, NULL);
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.base_url = server.url;
	live_fixture_connect(&f);
	run(&f, &template_send, &seen);
	raw_server_stop(&server);
	/* Whether bytes left before the reset came is the kernel's to say. */
	assert_true(seen.result.outcome == HSM_OUTCOME_LOST || seen.result.outcome == HSM_OUTCOME_UNAVAILABLE);
	assert_null(strstr(seen.message, "600123456"));
	/* Nobody listens any more: certainly not sent, tried again, and given up. */
	run(&f, &template_send, &seen);
	assert_int_equal(seen.result.outcome, HSM_OUTCOME_UNAVAILABLE);
	live_fixture_close(&f);
}

static void an_answer_that_is_cut_off_is_lost_after_one_request(void **state)
{
	static const struct {
		const char *answer, *kept;
	} cases[] = {
		{ "", SEND ": " },
		{ "HTTP/1.1 200 OK\r\nContent-", SEND ": " },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nININ-Correlation-Id: corr-7\r\n\r\n{\"id\"", "corr-7" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nININ-Correlation-Id: " PHONE "\r\n\r\n{\"id\"", "cut off" },
		{ "HTTP/1.1 400 Bad\r\nContent-Length: 100\r\n\r\n{\"code\":\"bad.request\"", SEND ": " },
		{ PHONE " is no HTTP\r\n\r\n", SEND ": " },
	};
	static const struct http_reply replies[] = { TOKEN_REPLY };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct raw_server server;
		struct live_fixture f;
		struct seen seen;
		raw_server_start(&server, cases[i].answer);
		live_fixture_open(&f, replies, COUNT(replies));
		f.settings.base_url = server.url;
		live_fixture_connect(&f);
		run(&f, &template_send, &seen);
		raw_server_stop(&server);
		if (seen.result.outcome != HSM_OUTCOME_LOST || server.connections != 1)
			fail_msg("case %zu: outcome %d after %u requests, %s", i, seen.result.outcome, server.connections,
				 seen.message);
		if (!strstr(seen.message, cases[i].kept) || strstr(seen.message, "600123456"))
			fail_msg("case %zu: '%s' where '%s' is wanted", i, seen.message, cases[i].kept);
		live_fixture_close(&f);
	}
}

static void no_error_tells_what_was_sent_whatever_the_answer_quotes(void **state)
{
	static const struct {
		struct http_reply reply;
		const char *kept; /* that the message still has */
	} cases[] = {
		{ { .status = 400, .body = "{\"code\":\"bad.request\",\"message\":\"no WhatsApp at " PHONE "\"}" }, "400 bad.request" },
		{ { .status = 400, .body = "{\"code\":\"recipient.34600123456\",\"message\":\"m\"}" }, ": 400" },
		{ { .status = 400, .body = "{\"code\":\"600123456\"}" }, ": 400" },
		{ { .status = 400, .body = "{\"code\":\"value.ord-98765.wrong\"}" }, ": 400" },
		{ { .status = 400, .body = "{\"code\":\"" NAME "\"}" }, ": 400" },
		{ { .status = 400, .body = "{\"code\":\"unknown.Ruiz\"}" }, ": 400" },
		{ { .status = 400, .body = "{\"code\":\"bad.request\",\"details\":[{\"errorCode\":\"132012\",\"fieldName\":\"" ORDER
			   "\",\"entityName\":\"" NAME "\"}]}" }, "400 bad.request [132012]" },
		{ { .status = 400, .body = "{\"code\":\"bad.request\",\"details\":[{\"errorCode\":\"" PHONE "\",\"fieldName\":\"a\"}]}" },
		  "[a]" },
		{ { .status = 400, .body = "{\"code\":\"bad.request\",\"errors\":[{\"message\":\"" NAME "\",\"code\":\"" ORDER "\"}]}" },
		  "bad.request" },
		{ { .status = 400, .body = "{\"code\":\"bad.request\",\"contextId\":\"" ORDER "\"}" }, "bad.request" },
		{ { .status = 400, .headers = "ININ-Correlation-Id: " PHONE "\n" }, ": 400" },
		{ { .status = 400, .body = "{\"code\":\"KzM0NjAwMTIzNDU2\",\"details\":[{\"errorCode\":\"eDogT1JELTk4NzY1\"}]}",
		    .headers = "ININ-Correlation-Id: " PHONE_HEX "\n" }, ": 400" },
		{ { .status = 400, .headers = "ININ-Correlation-Id: c-34600123456\n" }, ": 400" },
		{ { .status = 200, .body = "<html>" PHONE NAME, .headers = "ININ-Correlation-Id: " ORDER "\n" }, "200: HTML" },
		{ { .status = 200, .body = "{\"" NAME "\":\"" PHONE "\"}" }, "has no 'id'" },
		{ { .status = 500, .body = "{\"message\":\"" NAME "\",\"code\":\"x " PHONE "\"}", .headers = CORRELATION }, "corr-7" },
		{ { .status = 400, .body = "{\"code\":\"bad\\u001b[2Jrequest\"}" }, ": 400" },
	};
	static const struct {
		const struct hsm_send *send;
		const char *secrets[8];
	} sends[] = { { &template_send, { "600123", ORDER, "ord-98765", "Mar", "Ruiz", "\x1b", "T1JELTk4NzY1", PHONE_HEX } },
		      { &text_send, { "600123", "Dear", "Mar", "Ruiz", "\x1b", "planted", "KzM0NjAwMTIzNDU2", PHONE_HEX } } };
	(void)state;
	for (size_t i = 0; i < COUNT(cases) * COUNT(sends); i++) {
		struct http_reply replies[] = { TOKEN_REPLY, cases[i / 2].reply };
		struct live_fixture f;
		struct seen seen;
		replies[1].request = SEND;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		run(&f, sends[i % 2].send, &seen);
		assert_int_not_equal(seen.result.outcome, HSM_OUTCOME_DONE);
		for (size_t j = 0; j < COUNT(sends[0].secrets); j++)
			if (strstr(seen.message, sends[i % 2].secrets[j]))
				fail_msg("case %zu: '%s' in '%s'", i, sends[i % 2].secrets[j], seen.message);
		if (i % 2 == 0 && !strstr(seen.message, cases[i / 2].kept))
			fail_msg("case %zu: no '%s' in '%s'", i, cases[i / 2].kept, seen.message);
		live_fixture_close(&f);
	}
}

static void a_number_that_was_sent_comes_back_as_no_code(void **state)
{
	static const char *const numbers[] = { "98765", "132015" };
	static const struct hsm_send send = {
		.phone = PHONE, .template = "order_v2", .language = "es_ES", .parameters = numbers, .parameter_count = 2 };
	static const struct {
		const char *body;
		int64_t code;
	} cases[] = { { REFUSAL("bad.request", DETAIL("98765", "a")), 0 },
		      { REFUSAL("bad.request", DETAIL("98766", "a")), 98766 },
		      { REFUSAL("bad.request", DETAIL("132015", "a")), 132015 } /* known, whatever was sent */ };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = { TOKEN_REPLY,
						      { .request = SEND, .status = 400, .body = cases[i].body } };
		struct live_fixture f;
		struct seen seen;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		run(&f, &send, &seen);
		assert_int_equal(seen.result.outcome, HSM_OUTCOME_REFUSED);
		assert_int_equal(seen.result.error_code, cases[i].code);
		assert_null(strstr(seen.message, "98765"));
		live_fixture_close(&f);
	}
}

/* A text of so many repetitions between two others; free it. */
static char *repeat(const char *before, const char *what, size_t count, const char *after)
{
	struct hsm_buffer text = HSM_BUFFER_INIT((size_t)64 << 20);
	hsm_buffer_append_string(&text, before);
	for (size_t i = 0; i < count; i++)
		hsm_buffer_append_string(&text, what);
	hsm_buffer_append_string(&text, after);
	return hsm_buffer_detach(&text);
}

static void answers_that_are_huge_or_deep_are_lost_not_believed(void **state)
{
	char *const bodies[] = {
		repeat("{\"id\":\"", "x", (size_t)17 << 20, "\"}"),
		repeat("{\"id\":\"", "x", 257, "\"}"),
		repeat("{\"id\":\"c-1\",\"messages\":[{\"id\":\"", "x", 257, "\"}]}"),
		repeat("{\"id\":\"c-1\",\"more\":", "[", 100000, ""),
		repeat("", "{\"id\":", 100000, ""),
	};
	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		const struct http_reply replies[] = { TOKEN_REPLY, { .request = SEND, .status = 200, .body = bodies[i] } };
		struct live_fixture f;
		struct seen seen;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		run(&f, &template_send, &seen);
		assert_int_equal(seen.result.outcome, HSM_OUTCOME_LOST);
		assert_int_equal(http_server_count(f.server, SEND), 1);
		live_fixture_close(&f);
		free(bodies[i]);
	}
}

static void a_listing_tells_what_became_of_messages(void **state)
{
#define CONVERSATION(id, message) "{\"id\":\"" id "\",\"label\":\"l-" id "\",\"session_status\":\"open\"," \
				  "\"last_user_message_timestamp\":\"2026-11-20T10:00:00.000Z\",\"messages\":[" message "]}"
	static const struct {
		const char *body;
		enum hsm_outcome outcome;
		size_t count;
		bool has_older;
		const char *id, *label, *status, *session, *wrote;
		int64_t error;
		const char *error_text;
	} cases[] = {
		{ PAGE("", "0"), HSM_OUTCOME_DONE, 0, false, "", "", "", "", "", 0, "" },
		{ PAGE(CONVERSATION("c-2", "{\"id\":\"m\",\"status\":\"Delivered\"}") "," CONVERSATION("c-1", ""), "2"),
		  HSM_OUTCOME_DONE, 2, false, "c-2", "l-c-2", "DELIVERED", "OPEN", "2026-11-20T10:00:00.000Z", 0, "-" },
		{ PAGE("{\"id\":\"c-1\",\"label\":null,\"session_status\":\"CLOSED\",\"last_user_message_timestamp\":null,"
		       "\"messages\":[{\"id\":\"m\",\"status\":\"FAILED\",\"errors\":[{\"code\":132015,\"message\":\"to " PHONE "\"}]}]}",
		       "101"),
		  HSM_OUTCOME_DONE, 1, true, "c-1", "-", "FAILED", "CLOSED", "-", 132015, "the template is paused" },
		/* a time that is none, and reasons that nobody knows */
		{ PAGE("{\"id\":\"c-1\",\"last_user_message_timestamp\":\"yesterday\",\"messages\":[{\"errors\":[7,{\"code\":\"x\"},"
		       "{\"code\":-1},{\"code\":1e300},{\"code\":424242}]}]}", "1"),
		  HSM_OUTCOME_DONE, 1, false, "c-1", "-", "-", "-", "-", 424242, "-" },
		{ PAGE("{\"id\":\"c-1\",\"messages\":[{\"status\":\"SENT\",\"errors\":\"none\"}]}", "1"), HSM_OUTCOME_DONE, 1, false,
		  "c-1", "-", "SENT", "-", "-", 0, "-" },
		/* what can't be read might be the one that is looked for */
		{ PAGE(CONVERSATION("c-2", "") ",{\"label\":\"x\"}", "2"), HSM_OUTCOME_UNAVAILABLE, 0, false, "", "", "", "", "", 0, "" },
		{ PAGE("{\"id\":\"c-1\",\"label\":7}", "1"), HSM_OUTCOME_UNAVAILABLE, 0, false, "", "", "", "", "", 0, "" },
		{ PAGE("7", "1"), HSM_OUTCOME_UNAVAILABLE, 0, false, "", "", "", "", "", 0, "" },
		{ "{\"entities\":[]}", HSM_OUTCOME_UNAVAILABLE, 0, false, "", "", "", "", "", 0, "" },
		{ "<html>" PHONE, HSM_OUTCOME_UNAVAILABLE, 0, false, "", "", "", "", "", 0, "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = { TOKEN_REPLY, { .request = LIST, .status = 200, .body = cases[i].body } };
		struct live_fixture f;
		struct seen seen;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		list(&f, &seen);
		if (seen.result.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d, %s", i, seen.result.outcome, seen.message);
		assert_int_equal(seen.result.conversation_count, cases[i].count);
		assert_int_equal(seen.result.has_older, cases[i].has_older);
		assert_string_equal(seen.id, cases[i].id);
		assert_string_equal(seen.label, cases[i].label);
		assert_string_equal(seen.status, cases[i].status);
		assert_string_equal(seen.session, cases[i].session);
		assert_string_equal(seen.wrote, cases[i].wrote);
		assert_int_equal(seen.error, cases[i].error);
		assert_string_equal(seen.error_text, cases[i].error_text);
		assert_null(strstr(seen.message, "600123"));
		live_fixture_close(&f);
	}
}

static void a_listing_is_a_read_and_no_error_of_it_tells_whose_it_was(void **state)
{
	static const struct {
		struct http_reply reply;
		enum hsm_outcome outcome;
		size_t gets;
	} cases[] = {
		{ { .status = 503, .times = 1 }, HSM_OUTCOME_DONE, 2 },
		{ { .drop = true, .times = 2 }, HSM_OUTCOME_DONE, 2 },
		{ { .status = 500 }, HSM_OUTCOME_UNAVAILABLE, 5 },
		{ { .drop = true }, HSM_OUTCOME_UNAVAILABLE, 5 },
		{ { .status = 403, .body = "{\"code\":\"not.authorized\",\"message\":\"" PHONE "\"}" }, HSM_OUTCOME_FORBIDDEN, 1 },
		{ { .status = 400, .body = "{\"code\":\"bad.request\",\"message\":\"" PHONE "\",\"details\":[{\"fieldName\":\"" PHONE
			   "\"}]}", .headers = "ININ-Correlation-Id: 34600123456\n" }, HSM_OUTCOME_REFUSED, 1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { TOKEN_REPLY, cases[i].reply,
						{ .request = LIST, .status = 200, .body = PAGE("", "0") } };
		struct live_fixture f;
		struct seen seen;
		replies[1].request = LIST;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		list(&f, &seen);
		if (seen.result.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d, %s", i, seen.result.outcome, seen.message);
		assert_true(http_server_count(f.server, LIST) >= cases[i].gets);
		if (seen.result.outcome != HSM_OUTCOME_DONE && !strstr(seen.message, "GET " CONVERSATIONS ": "))
			fail_msg("case %zu: %s", i, seen.message);
		assert_null(strstr(seen.message, "34600"));
		live_fixture_close(&f);
	}
}

/* What a template's reading came to. */
struct template_seen {
	unsigned calls;
	enum hsm_outcome outcome;
	char status[32], message[HSM_ERROR_MESSAGE_SIZE];
};

static void note_template(void *user, const struct hsm_write_result *result)
{
	struct template_seen *seen = user;
	seen->calls++;
	seen->outcome = result->outcome;
	copy_text(seen->status, sizeof(seen->status), result->template ? result->template->status_word : NULL);
	copy_text(seen->message, sizeof(seen->message), result->outcome == HSM_OUTCOME_DONE ? "" : result->error.message);
}

static void one_template_is_read_by_its_id(void **state)
{
#define ONE "GET /api/v2/messaging/providers/p1/templates/t%2F1"
#define ONE_BODY(id) "{\"id\":\"" id "\",\"name\":\"order_v2\",\"language\":\"es_ES\",\"category\":\"UTILITY\"," \
		     "\"status\":\"PAUSED\",\"components\":[{\"type\":\"BODY\",\"text\":\"Hi.\"}]}"
	static const struct {
		struct http_reply reply;
		enum hsm_outcome outcome;
		const char *status, *expected;
	} cases[] = {
		{ { .status = 200, .body = ONE_BODY("t/1") }, HSM_OUTCOME_DONE, "PAUSED", "" },
		{ { .status = 503, .times = 1 }, HSM_OUTCOME_DONE, "PAUSED", "" },
		{ { .status = 404 }, HSM_OUTCOME_DONE, "-", "" },
		{ { .status = 403 }, HSM_OUTCOME_FORBIDDEN, "-", "403" },
		{ { .status = 500 }, HSM_OUTCOME_UNAVAILABLE, "-", "500" },
		{ { .status = 200, .body = ONE_BODY("t2") }, HSM_OUTCOME_UNAVAILABLE, "-", "it is about the id 't2'" },
		{ { .status = 200, .body = "{\"id\":\"t/1\"}" }, HSM_OUTCOME_UNAVAILABLE, "-", "has no 'name'" },
		{ { .status = 200, .body = "<html>" }, HSM_OUTCOME_UNAVAILABLE, "-", "HTML" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { TOKEN_REPLY, cases[i].reply,
						{ .request = ONE, .status = 200, .body = ONE_BODY("t/1") } };
		struct live_fixture f;
		struct template_seen seen = { 0 };
		replies[1].request = ONE;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		hsm_connection_get_template(f.connection, "p1", "t/1", note_template, &seen);
		assert_int_equal(http_server_count(f.server, "*"), 0);
		hsm_connection_run(f.connection);
		assert_int_equal(seen.calls, 1);
		if (seen.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d, %s", i, seen.outcome, seen.message);
		assert_string_equal(seen.status, cases[i].status);
		if (!strstr(seen.message, cases[i].expected))
			fail_msg("case %zu: no '%s' in '%s'", i, cases[i].expected, seen.message);
		live_fixture_close(&f);
	}
}

/* Sends from within the callback that saw the template's status. */
struct chain {
	struct live_fixture *fixture;
	struct seen seen;
};

static void send_if_approved(void *user, const struct hsm_write_result *result)
{
	struct chain *chain = user;
	assert_int_equal(result->outcome, HSM_OUTCOME_DONE);
	if (result->template && result->template->status == HSM_STATUS_APPROVED)
		hsm_conversation_send(chain->fixture->connection, &template_send, note, &chain->seen);
}

static void a_send_is_queued_from_the_reading_of_its_template(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY,
		{ .request = "GET *", .status = 200, .body = "{\"id\":\"t1\",\"name\":\"order_v2\",\"language\":\"es_ES\","
			"\"category\":\"UTILITY\",\"status\":\"APPROVED\",\"components\":[{\"type\":\"BODY\",\"text\":\"Hi.\"}]}" },
		{ .request = SEND, .drop = true, .times = 1 },
		{ .request = SEND, .status = 200, .body = ACCEPTED },
	};
	struct live_fixture f;
	struct chain chain = { .fixture = &f };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	hsm_connection_get_template(f.connection, "p1", "t1", send_if_approved, &chain);
	hsm_connection_run(f.connection);
	assert_int_equal(chain.seen.calls, 1);
	assert_int_equal(chain.seen.result.outcome, HSM_OUTCOME_LOST);
	assert_int_equal(http_server_count(f.server, SEND), 1);
	live_fixture_close(&f);
}

static void a_connection_is_freed_with_sends_that_never_ran(void **state)
{
	static const struct http_reply replies[] = { TOKEN_REPLY };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	hsm_conversation_send(f.connection, &template_send, note, &seen);
	hsm_conversation_list(f.connection, PHONE, note, &seen);
	live_fixture_close(&f);
	assert_int_equal(seen.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_template_is_sent_by_its_name_with_ordered_parameters),
		cmocka_unit_test(a_body_is_written_as_it_is_sent),
		cmocka_unit_test(every_answer_to_a_send_has_its_outcome),
		cmocka_unit_test(a_reset_before_the_request_was_read_is_never_taken_for_done),
		cmocka_unit_test(an_answer_that_is_cut_off_is_lost_after_one_request),
		cmocka_unit_test(no_error_tells_what_was_sent_whatever_the_answer_quotes),
		cmocka_unit_test(a_number_that_was_sent_comes_back_as_no_code),
		cmocka_unit_test(answers_that_are_huge_or_deep_are_lost_not_believed),
		cmocka_unit_test(a_listing_tells_what_became_of_messages),
		cmocka_unit_test(a_listing_is_a_read_and_no_error_of_it_tells_whose_it_was),
		cmocka_unit_test(one_template_is_read_by_its_id),
		cmocka_unit_test(a_send_is_queued_from_the_reading_of_its_template),
		cmocka_unit_test(a_connection_is_freed_with_sends_that_never_ran),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
