/* Writes: what each answer means, and that no create is sent twice. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/live_fixture.h"

#define BODY "[{\"type\":\"BODY\",\"text\":\"Hi.\"}]"
#define TEMPLATE(name, language) "{\"id\":\"t-" name "-" language "\",\"name\":\"" name "\",\"language\":\"" language "\"," \
				 "\"category\":\"UTILITY\",\"status\":\"PENDING\",\"components\":" BODY "}"
#define HOOKS "/api/v2/messaging/webhooks"
#define HOOK_LIST "GET " HOOKS "?page*"
#define HOOK_SECRET "planted-hook-secret"
#define FIND TEMPLATES "name=order_v1&pageSize=100&pageNumber="

/* What a write came to, out of the borrowed result. */
struct seen {
	unsigned calls;
	enum hsm_outcome outcome;
	enum hsm_error_class class;
	bool has_template;
	char id[64], language[16], message[HSM_ERROR_MESSAGE_SIZE];
};

static void note(void *user, const struct hsm_write_result *result)
{
	struct seen *seen = user;
	seen->calls++;
	seen->outcome = result->outcome;
	seen->class = result->outcome == HSM_OUTCOME_DONE ? HSM_OK : result->error.class;
	seen->has_template = result->template != NULL;
	const char *id = result->template ? result->template->id : result->id;
	snprintf(seen->id, sizeof(seen->id), "%s", id ? id : "");
	snprintf(seen->language, sizeof(seen->language), "%s", result->template ? result->template->language : "");
	snprintf(seen->message, sizeof(seen->message), "%s", seen->class ? result->error.message : "");
	assert_null(strstr(seen->message, "planted"));
}

static void create(struct live_fixture *f, const char *name, struct seen *seen)
{
	hsm_connection_create_template(f->connection, "p1", &(struct hsm_template_create){ name, "en_US", "UTILITY", BODY, NULL, 0 },
				       note, seen);
}

static void a_create_sends_the_content_once_and_gives_back_what_the_api_has(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, { .request = CREATE, .status = 201, .body = TEMPLATE("order_v1", "en_US") } };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	create(&f, "order_v1", &seen);
	assert_int_equal(http_server_count(f.server, "*"), 0); /* queued only */
	hsm_connection_run(f.connection);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.outcome, HSM_OUTCOME_DONE);
	assert_string_equal(seen.id, "t-order_v1-en_US");
	assert_string_equal(http_server_body(f.server, CREATE),
			    "{\"name\":\"order_v1\",\"language\":\"en_US\",\"category\":\"UTILITY\",\"components\":" BODY "}");
	assert_int_equal(http_server_count(f.server, CREATE), 1);
	live_fixture_close(&f);
}

static void every_answer_to_a_create_has_its_outcome(void **state)
{
	static const struct {
		struct http_reply reply;
		enum hsm_outcome outcome;
		enum hsm_error_class class;
		size_t posts;
		const char *expected;
	} cases[] = {
		{ { .status = 409, .body = "{\"message\":\"m\",\"code\":\"messaging.template.duplicate\"}" },
		  HSM_OUTCOME_EXISTS, HSM_ERROR_FAILED, 1, "409 messaging.template.duplicate: m" },
		{ { .status = 409, .body = "{\"message\":\"after 2026-12-01\",\"code\":\"messaging.template.name.locked\"}" },
		  HSM_OUTCOME_LOCKED, HSM_ERROR_TRY_LATER, 1, "after 2026-12-01" },
		{ { .status = 409, .body = "<html>" }, HSM_OUTCOME_EXISTS, HSM_ERROR_FAILED, 1, "409: HTML" },
		{ { .status = 400, .body = "{\"message\":\"m\",\"code\":\"invalid.template\"}" },
		  HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "invalid.template" },
		{ { .status = 422 }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "422" },
		{ { .status = 404 }, HSM_OUTCOME_REFUSED, HSM_ERROR_FAILED, 1, "404" },
		{ { .status = 400, .body = "{\"message\":\"full\",\"code\":\"messaging.template.limit\"}" },
		  HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER, 1, "full" },
		{ { .status = 429, .body = "{\"message\":\"hour\",\"code\":\"messaging.template.hourly.limit\"}",
		    .headers = "Retry-After: 1\n" }, HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER, 1, "hour" },
		{ { .status = 429, .headers = "Retry-After: 3600\n" }, HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER, 1, "429" },
		{ { .status = 429, .headers = "Retry-After: 1\n", .times = 1 }, HSM_OUTCOME_DONE, HSM_OK, 2, "" },
		{ { .status = 401, .times = 1 }, HSM_OUTCOME_DONE, HSM_OK, 2, "" },
		{ { .status = 401 }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, 2, "401" },
		{ { .status = 403 }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, 1, "403" },
		{ { .status = 302 }, HSM_OUTCOME_UNAVAILABLE, HSM_ERROR_UNAVAILABLE, 1, "redirect" },
		{ { .status = 500, .times = 1 }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "500" },
		{ { .status = 503, .headers = "Retry-After: 1\n", .times = 1 }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "503" },
		{ { .drop = true, .times = 1 }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, CREATE ": " },
		{ { .status = 200, .body = "<html>" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "HTML" },
		{ { .status = 200, .body = "{\"id\":\"x\"}" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "has no 'name'" },
		{ { .status = 200, .body = TEMPLATE("other_v1", "en_US") }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1,
		  "it is about other_v1" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = {
			TOKEN_REPLY, cases[i].reply,
			{ .request = CREATE, .status = 200, .body = TEMPLATE("order_v1", "en_US") },
			{ .request = TEMPLATES "*", .status = 404 },
		};
		struct live_fixture f;
		struct seen seen = { 0 };
		replies[1].request = CREATE;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		/* a connection to reuse: a drop there must not be repeated by libcurl */
		hsm_connection_find_template(f.connection, "p1", "order_v1", "en_US", note, &seen);
		hsm_connection_run(f.connection);
		seen = (struct seen){ 0 };
		create(&f, "order_v1", &seen);
		hsm_connection_run(f.connection);
		assert_int_equal(seen.calls, 1);
		if (seen.outcome != cases[i].outcome || seen.class != cases[i].class)
			fail_msg("case %zu: outcome %d, class %d, %s", i, seen.outcome, seen.class, seen.message);
		if (!strstr(seen.message, cases[i].expected))
			fail_msg("case %zu: no '%s' in '%s'", i, cases[i].expected, seen.message);
		assert_int_equal(http_server_count(f.server, CREATE), cases[i].posts);
		assert_int_equal(seen.has_template, cases[i].outcome == HSM_OUTCOME_DONE);
		live_fixture_close(&f);
	}
}

static void what_cannot_be_sent_is_certainly_not_done(void **state)
{
	static const struct http_reply replies[] = { TOKEN_REPLY };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.access_token = "t";
	f.settings.base_url = "http://127.0.0.1:1"; /* nobody listens */
	live_fixture_connect(&f);
	create(&f, "order_v1", &seen);
	hsm_connection_run(f.connection);
	assert_int_equal(seen.outcome, HSM_OUTCOME_UNAVAILABLE);
	assert_int_equal(seen.class, HSM_ERROR_UNAVAILABLE);
	assert_int_equal(hsm_connection_count_requests(f.connection), 5);
	live_fixture_close(&f);
}

static void without_a_token_nothing_is_written(void **state)
{
	static const struct http_reply replies[] = {
		{ .request = "POST /oauth/token", .status = 401, .body = "{\"error\":\"invalid_client\"}" } };
	struct live_fixture f;
	struct seen seen[2] = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	create(&f, "order_v1", &seen[0]);
	create(&f, "menu_v1", &seen[1]);
	hsm_connection_run(f.connection);
	assert_int_equal(seen[0].outcome, HSM_OUTCOME_FORBIDDEN);
	assert_int_equal(seen[1].outcome, HSM_OUTCOME_FORBIDDEN);
	assert_int_equal(seen[1].class, HSM_ERROR_AUTH);
	assert_int_equal(http_server_count(f.server, "*"), 1);
	live_fixture_close(&f);
}

static void a_template_is_found_by_exactly_its_name_and_language(void **state)
{
#define FOUND(entities, count) "{\"entities\":[" entities "],\"total\":200,\"pageCount\":" count "}"
	static const struct {
		struct http_reply replies[2];
		enum hsm_outcome outcome;
		const char *id;
		size_t gets;
	} cases[] = {
		{ { { .request = FIND "1", .status = 200,
		      .body = FOUND(TEMPLATE("order_v1", "es_ES") "," TEMPLATE("order_v1", "en_US"), "1") } },
		  HSM_OUTCOME_DONE, "t-order_v1-en_US", 1 },
		/* a server that does not filter */
		{ { { .request = FIND "1", .status = 200, .body = FOUND(TEMPLATE("order_v11", "en_US"), "2") },
		    { .request = FIND "2", .status = 200, .body = FOUND(TEMPLATE("order_v1", "en_US"), "2") } },
		  HSM_OUTCOME_DONE, "t-order_v1-en_US", 2 },
		{ { { .request = FIND "1", .status = 200, .body = FOUND(TEMPLATE("order_v1", "en_GB"), "1") } },
		  HSM_OUTCOME_DONE, "", 1 },
		{ { { .request = FIND "1", .status = 503, .times = 1 },
		    { .request = FIND "1", .status = 200, .body = FOUND("", "0") } }, HSM_OUTCOME_DONE, "", 2 },
		{ { { .request = FIND "1", .status = 200, .body = "{\"entities\":[7],\"total\":1}" } },
		  HSM_OUTCOME_UNAVAILABLE, "", 1 },
		{ { { .request = FIND "1", .status = 200, .body = "<html>" } }, HSM_OUTCOME_UNAVAILABLE, "", 1 },
		{ { { .request = FIND "1", .status = 403 } }, HSM_OUTCOME_FORBIDDEN, "", 1 },
		/* a lookup writes nothing: no answer is no loss */
		{ { { .request = FIND "1", .status = 500 } }, HSM_OUTCOME_UNAVAILABLE, "", 5 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[3] = { TOKEN_REPLY, cases[i].replies[0], cases[i].replies[1] };
		struct live_fixture f;
		struct seen seen = { 0 };
		live_fixture_open(&f, replies, cases[i].replies[1].request ? 3 : 2);
		live_fixture_connect(&f);
		hsm_connection_find_template(f.connection, "p1", "order_v1", "en_US", note, &seen);
		hsm_connection_run(f.connection);
		assert_int_equal(seen.calls, 1);
		if (seen.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d, %s", i, seen.outcome, seen.message);
		assert_string_equal(seen.id, cases[i].id);
		assert_int_equal(http_server_count(f.server, TEMPLATES "*"), cases[i].gets);
		live_fixture_close(&f);
	}
}

static void ids_and_names_cannot_reach_another_path(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, { .request = "DELETE *", .status = 204 }, { .request = "GET *", .status = 404 } };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	hsm_connection_delete_template(f.connection, "a/b", "../x?y#z", "n", note, &seen);
	hsm_connection_find_template(f.connection, "p1", "a&b c", "en_US", note, &seen);
	hsm_connection_run(f.connection);
	assert_int_equal(http_server_count(f.server, "DELETE /api/v2/messaging/providers/a%2Fb/templates/..%2Fx%3Fy%23z"), 1);
	assert_int_equal(http_server_count(f.server, TEMPLATES "name=a%26b%20c&*"), 1);
	live_fixture_close(&f);
}

static void deleting_what_is_gone_is_done(void **state)
{
	static const struct {
		struct http_reply reply;
		enum hsm_outcome outcome;
		size_t deletes;
	} cases[] = {
		{ { .status = 204 }, HSM_OUTCOME_DONE, 1 },
		{ { .status = 200 }, HSM_OUTCOME_DONE, 1 },
		{ { .status = 404, .body = "{\"code\":\"not.found\",\"message\":\"m\"}" }, HSM_OUTCOME_DONE, 1 },
		{ { .status = 410 }, HSM_OUTCOME_DONE, 1 },
		{ { .status = 503, .times = 1 }, HSM_OUTCOME_DONE, 2 },
		{ { .status = 403 }, HSM_OUTCOME_FORBIDDEN, 1 },
		{ { .status = 400 }, HSM_OUTCOME_REFUSED, 1 },
		{ { .status = 500 }, HSM_OUTCOME_LOST, 5 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { TOKEN_REPLY, cases[i].reply, { .request = "DELETE *", .status = 204 } };
		struct live_fixture f;
		struct seen seen[2] = { 0 };
		replies[1].request = "DELETE *";
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		hsm_connection_delete_template(f.connection, "p1", "t1", "n", note, &seen[0]);
		hsm_connection_run(f.connection);
		assert_int_equal(seen[0].outcome, cases[i].outcome);
		assert_int_equal(http_server_count(f.server, "DELETE /api/v2/messaging/providers/p1/templates/t1"),
				 cases[i].deletes);
		hsm_connection_delete_webhook(f.connection, "w1", note, &seen[1]);
		hsm_connection_run(f.connection);
		assert_int_equal(seen[1].calls, 1);
		assert_int_equal(http_server_count(f.server, "DELETE " HOOKS "/w1") > 0, true);
		live_fixture_close(&f);
	}
}

static void write_webhook(struct live_fixture *f, const char *id, struct seen *seen)
{
	static const char *const events[] = { "e1", "e2" };
	const struct hsm_webhook_write webhook = { .name = "hook", .url = "https://x.example", .events = events,
						   .event_count = 2, .enabled = true, .secret = HOOK_SECRET };
	hsm_connection_write_webhook(f->connection, id, &webhook, note, seen);
	hsm_connection_run(f->connection);
}

static void a_webhook_is_created_once_even_where_its_answer_is_lost(void **state)
{
#define HOOK(name, id) "{\"id\":\"" id "\",\"name\":\"" name "\",\"url\":\"u\",\"events\":[]}"
#define HOOK_PAGE(hooks) "{\"entities\":[" hooks "],\"total\":1,\"pageCount\":1}"
	static const struct {
		struct http_reply post, list;
		enum hsm_outcome outcome;
		const char *id;
		size_t posts, puts;
	} cases[] = {
		{ { .status = 200, .body = HOOK("hook", "w1") }, { .status = 500 }, HSM_OUTCOME_DONE, "w1", 1, 0 },
		{ { .drop = true, .times = 1 }, { .status = 200, .body = HOOK_PAGE(HOOK("hook", "w2")) }, HSM_OUTCOME_DONE,
		  "w2", 1, 1 },
		{ { .status = 502, .times = 1 }, { .status = 200, .body = HOOK_PAGE(HOOK("hooks", "w2")) }, HSM_OUTCOME_DONE,
		  "w9", 2, 0 },
		{ { .status = 200, .body = "<html>", .times = 1 }, { .status = 200, .body = HOOK_PAGE(HOOK("hook", "w2")) },
		  HSM_OUTCOME_DONE, "w2", 1, 1 },
		{ { .status = 500 }, { .status = 200, .body = HOOK_PAGE("") }, HSM_OUTCOME_LOST, "", 2, 0 },
		{ { .status = 500 }, { .status = 403 }, HSM_OUTCOME_LOST, "", 1, 0 },
		{ { .status = 400, .body = "{\"message\":\"bad key " HOOK_SECRET "\"}" }, { .status = 500 },
		  HSM_OUTCOME_REFUSED, "", 1, 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = {
			TOKEN_REPLY, cases[i].post, cases[i].list,
			{ .request = "POST " HOOKS, .status = 200, .body = HOOK("hook", "w9") },
			{ .request = "PUT " HOOKS "/w2", .status = 200, .body = HOOK("hook", "w2") },
		};
		struct live_fixture f;
		struct seen seen = { 0 };
		replies[1].request = "POST " HOOKS;
		replies[2].request = HOOK_LIST;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		write_webhook(&f, NULL, &seen);
		assert_int_equal(seen.calls, 1);
		if (seen.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d, %s", i, seen.outcome, seen.message);
		assert_string_equal(seen.id, cases[i].id);
		assert_int_equal(http_server_count(f.server, "POST " HOOKS), cases[i].posts);
		assert_int_equal(http_server_count(f.server, "PUT *"), cases[i].puts);
		assert_string_equal(http_server_body(f.server, cases[i].puts ? "PUT *" : "POST " HOOKS),
				    "{\"name\":\"hook\",\"url\":\"https://x.example\",\"events\":[\"e1\",\"e2\"],"
				    "\"enabled\":true,\"secret\":\"" HOOK_SECRET "\"}");
		live_fixture_close(&f);
	}
}

static void a_webhook_that_is_there_is_replaced(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, { .request = "PUT *", .status = 503, .times = 1 }, { .request = "PUT *", .status = 200 } };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	write_webhook(&f, "w1", &seen);
	assert_int_equal(seen.outcome, HSM_OUTCOME_DONE);
	assert_string_equal(seen.id, "w1");
	assert_int_equal(http_server_count(f.server, "PUT " HOOKS "/w1"), 2);
	live_fixture_close(&f);
}

static void a_probe_tells_whether_creates_are_allowed(void **state)
{
	static const struct {
		unsigned status;
		enum hsm_outcome outcome;
	} cases[] = { { 400, HSM_OUTCOME_DONE }, { 422, HSM_OUTCOME_DONE }, { 403, HSM_OUTCOME_FORBIDDEN },
		      { 500, HSM_OUTCOME_LOST }, { 404, HSM_OUTCOME_REFUSED } };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = { TOKEN_REPLY, { .request = CREATE, .status = cases[i].status } };
		struct live_fixture f;
		struct seen seen = { 0 };
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		hsm_connection_probe_write(f.connection, "p1", note, &seen);
		hsm_connection_run(f.connection);
		assert_int_equal(seen.outcome, cases[i].outcome);
		assert_string_equal(http_server_body(f.server, CREATE), "{}");
		live_fixture_close(&f);
	}
}

static void so_many_writes_are_under_way_as_the_settings_say(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, { .request = CREATE, .status = 200, .body = TEMPLATE("order_v1", "en_US"), .delay = 100 } };
	struct live_fixture f;
	struct seen seen[12] = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.parallelism = 3;
	live_fixture_connect(&f);
	for (size_t i = 0; i < COUNT(seen); i++)
		create(&f, "order_v1", &seen[i]);
	hsm_connection_run(f.connection);
	assert_int_equal(http_server_most(f.server), 3);
	assert_int_equal(http_server_count(f.server, CREATE), COUNT(seen));
	live_fixture_close(&f);
}

/* Interrupts from the first write's callback and queues one more. */
struct interrupter {
	struct live_fixture *fixture;
	volatile sig_atomic_t flag;
	struct seen first, later;
};

static void interrupt(void *user, const struct hsm_write_result *result)
{
	struct interrupter *interrupter = user;
	interrupter->flag = 1;
	note(&interrupter->first, result);
	create(interrupter->fixture, "later_v1", &interrupter->later);
}

struct stopper {
	struct hsm_connection *connection;
	size_t sent; /* requests, when the first write had ended */
};

static void stop_at_the_first(void *user, const struct hsm_write_result *result)
{
	struct stopper *stopper = user;
	(void)result;
	if (!stopper->sent)
		stopper->sent = hsm_connection_count_requests(stopper->connection);
	hsm_connection_abandon(stopper->connection);
}

/* What it says may be that nothing more is to be written. */
static void no_write_begins_between_anothers_end_and_its_telling(void **state)
{
	static const struct http_reply replies[] = { TOKEN_REPLY, { .request = CREATE, .status = 403 } };
	struct live_fixture f;
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.parallelism = 1;
	live_fixture_connect(&f);
	struct stopper stopper = { .connection = f.connection };
	for (int i = 0; i < 3; i++)
		hsm_connection_create_template(
			f.connection, "p1", &(struct hsm_template_create){ "order_v1", "en_US", "UTILITY", BODY, NULL, 0 },
			stop_at_the_first, &stopper);
	hsm_connection_run(f.connection);
	assert_int_equal(stopper.sent, 2);
	assert_int_equal(http_server_count(f.server, CREATE), 1);
	live_fixture_close(&f);
}

static void an_interruption_waits_for_writes_under_way_and_sends_no_others(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY,
		{ .request = CREATE, .status = 200, .body = TEMPLATE("order_v1", "en_US"), .times = 1 },
		{ .request = CREATE, .status = 200, .body = TEMPLATE("order_v1", "en_US"), .delay = 400 },
	};
	struct live_fixture f;
	struct interrupter interrupter = { .fixture = &f };
	struct seen under_way = { 0 }, queued = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.parallelism = 2;
	f.settings.interrupted = &interrupter.flag;
	live_fixture_connect(&f);
	hsm_connection_create_template(f.connection, "p1",
				       &(struct hsm_template_create){ "order_v1", "en_US", "UTILITY", BODY, NULL, 0 },
				       interrupt, &interrupter);
	/* may be the one that is answered at once: then it is not under way any more */
	create(&f, "order_v1", &under_way);
	create(&f, "order_v1", &queued);
	hsm_connection_run(f.connection);
	assert_int_equal(interrupter.first.outcome, HSM_OUTCOME_DONE);
	assert_int_equal(under_way.outcome, HSM_OUTCOME_DONE);
	assert_int_equal(interrupter.later.outcome, HSM_OUTCOME_INTERRUPTED);
	assert_int_equal(interrupter.later.calls, 1);
	assert_in_range(http_server_count(f.server, CREATE), 2, 3);
	assert_int_equal(queued.outcome, http_server_count(f.server, CREATE) == 2 ? HSM_OUTCOME_INTERRUPTED :
										      HSM_OUTCOME_DONE);
	live_fixture_close(&f);
}

static void the_deadline_stops_what_waits_for_its_turn(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, { .request = CREATE, .status = 429, .headers = "Retry-After: 60\n" } };
	struct live_fixture f;
	struct seen seen[2] = { 0 };
	struct timespec now;
	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &now);
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.parallelism = 1;
	f.settings.deadline = (double)now.tv_sec + (double)now.tv_nsec / 1e9 + 0.5;
	live_fixture_connect(&f);
	create(&f, "order_v1", &seen[0]); /* the wait would outlast the deadline */
	hsm_connection_run(f.connection);
	assert_int_equal(seen[0].outcome, HSM_OUTCOME_UNAVAILABLE);
	usleep(600 * 1000);
	create(&f, "order_v1", &seen[1]);
	hsm_connection_run(f.connection);
	assert_int_equal(seen[1].outcome, HSM_OUTCOME_INTERRUPTED);
	assert_int_equal(seen[1].class, HSM_ERROR_UNAVAILABLE);
	assert_int_equal(http_server_count(f.server, CREATE), 1);
	live_fixture_close(&f);
}

static void a_connection_is_freed_with_writes_that_never_ran(void **state)
{
	static const struct http_reply replies[] = { TOKEN_REPLY };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	create(&f, "order_v1", &seen);
	live_fixture_close(&f);
	assert_int_equal(seen.calls, 0);
}

static void the_clock_of_the_server_is_compared_with_ours(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, { .request = "DELETE *", .status = 204, .headers = "Date: Fri, 01 Jan 2100 00:00:00 GMT\n" } };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	assert_true(hsm_connection_clock_skew(f.connection) == 0);
	hsm_connection_delete_template(f.connection, "p1", "t1", "n", note, &seen);
	hsm_connection_run(f.connection);
	assert_true(hsm_connection_clock_skew(f.connection) > 86400);
	live_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_create_sends_the_content_once_and_gives_back_what_the_api_has),
		cmocka_unit_test(every_answer_to_a_create_has_its_outcome),
		cmocka_unit_test(what_cannot_be_sent_is_certainly_not_done),
		cmocka_unit_test(without_a_token_nothing_is_written),
		cmocka_unit_test(a_template_is_found_by_exactly_its_name_and_language),
		cmocka_unit_test(ids_and_names_cannot_reach_another_path),
		cmocka_unit_test(deleting_what_is_gone_is_done),
		cmocka_unit_test(a_webhook_is_created_once_even_where_its_answer_is_lost),
		cmocka_unit_test(a_webhook_that_is_there_is_replaced),
		cmocka_unit_test(a_probe_tells_whether_creates_are_allowed),
		cmocka_unit_test(so_many_writes_are_under_way_as_the_settings_say),
		cmocka_unit_test(no_write_begins_between_anothers_end_and_its_telling),
		cmocka_unit_test(an_interruption_waits_for_writes_under_way_and_sends_no_others),
		cmocka_unit_test(the_deadline_stops_what_waits_for_its_turn),
		cmocka_unit_test(a_connection_is_freed_with_writes_that_never_ran),
		cmocka_unit_test(the_clock_of_the_server_is_compared_with_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
