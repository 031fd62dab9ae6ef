/* Response Management over HTTP: what is read, in how many requests, and that no response is made twice. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "reconciler/live/responses.h"
#include "tests/unit/live_fixture.h"

#define INTEGRATIONS "GET /api/v2/conversations/messaging/integrations/whatsapp?*"
#define LIBRARIES "/api/v2/responsemanagement/libraries"
#define RESPONSES "/api/v2/responsemanagement/responses"
#define QUERY "POST " RESPONSES "/query"
#define USERS "GET /api/v2/architect/dependencytracking/consumingresources?*"
#define CAMPAIGNS "GET /api/v2/outbound/messagingcampaigns?*"
#define PAGE(items, total) "{\"entities\":[" items "],\"pageSize\":500,\"pageNumber\":1,\"total\":" total ",\"pageCount\":1}"
#define RESULTS(items, total) "{\"results\":" PAGE(items, total) "}"
#define CONTENT(text) "\"name\":\"o_v1 en\",\"texts\":[{\"content\":\"" text "\"}],\"substitutions\":[],\"responseType\":" \
		      "\"MessagingTemplate\",\"messagingTemplate\":{\"whatsApp\":{\"name\":\"o_v1\",\"language\":\"en\"}}"
#define RESPONSE(id, version, text) "{\"id\":\"" id "\",\"version\":" version ",\"libraries\":[{\"id\":\"l\"}]," CONTENT(text) "}"
#define OURS { .request = INTEGRATIONS, .status = 200, .body = PAGE("{\"id\":\"i\",\"whatsAppBusinessAccountId\":\"42\"}", "1") }
#define LIBRARY { .request = "GET " LIBRARIES "?*", .status = 200, .body = PAGE("{\"id\":\"l2\",\"name\":\"Main 2\"},{\"id\":\"l\",\"name\":\"Main\"}", "2") }

static int read_all(struct live_fixture *f, struct hsm_live_responses *responses)
{
	live_fixture_connect(f);
	return hsm_responses_read(f->connection, "42", "Main", responses, &f->error);
}

static void a_library_is_read_in_the_fewest_requests(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, OURS, LIBRARY,
		{ .request = QUERY, .status = 200,
		  .body = RESULTS(RESPONSE("b", "2", "Hi") "," RESPONSE("a", "1", "Ho") ",{\"id\":\"x\",\"name\":\"plain\",\"texts\":[]}", "3") },
	};
	struct live_fixture f;
	struct hsm_live_responses responses = { 0 };
	size_t count;
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	if (read_all(&f, &responses))
		fail_msg("%s", f.error.message);
	assert_int_equal(http_server_count(f.server, "*"), 4);
	assert_string_equal(http_server_body(f.server, QUERY), "{\"pageSize\":500,\"pageNumber\":1,\"filters\":[{\"name\":\"libraryId\","
							      "\"operator\":\"EQUALS\",\"values\":[\"l\"]}]}");
	assert_int_equal(responses.count, 2);
	const struct hsm_live_response *found = hsm_responses_find(&responses, "o_v1", "en", &count);
	assert_int_equal(count, 2);
	assert_string_equal(found->id, "a");
	assert_int_equal(found[1].version, 2);
	assert_null(hsm_responses_find(&responses, "o_v1", "es", &count));
	assert_string_equal(hsm_responses_get(&responses, "b")->content.text, "Hi");
	hsm_responses_release(&responses);
	live_fixture_close(&f);
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		struct http_reply reply;
		enum hsm_error_class class;
		const char *expected;
	} cases[] = {
		{ { .request = INTEGRATIONS, .status = 200, .body = PAGE("{\"id\":\"i\",\"whatsAppBusinessAccountId\":\"7\"},{\"id\":\"j\"}", "2") },
		  HSM_ERROR_CONFIG, "no WhatsApp integration of the account 42, but of 7" },
		{ { .request = INTEGRATIONS, .status = 200, .body = PAGE("", "0") }, HSM_ERROR_CONFIG, "of the account 42:" },
		{ { .request = INTEGRATIONS, .status = 403, .body = "{\"code\":\"missing.permissions\",\"message\":\"m\"}" }, HSM_ERROR_AUTH,
		  "missing.permissions" },
		{ { .request = "GET " LIBRARIES "?*", .status = 200, .body = PAGE("{\"id\":\"1\",\"name\":\"Main\"},{\"id\":\"2\",\"name\":\"Main\"}", "2") },
		  HSM_ERROR_CONFIG, "2 libraries are called 'Main'" },
		{ { .request = "GET " LIBRARIES "?*", .status = 200, .body = PAGE("{\"name\":\"Main\"}", "0") }, HSM_ERROR_UNAVAILABLE, "no 'id'" },
		{ { .request = QUERY, .status = 200, .body = "{\"results\":{}}" }, HSM_ERROR_UNAVAILABLE, "total" },
		{ { .request = QUERY, .status = 200, .body = RESULTS("{\"id\":\"a\",\"name\":\"n\",\"messagingTemplate\":{\"whatsApp\":{\"name\":7}}}", "1") },
		  HSM_ERROR_UNAVAILABLE, "response 'n'" },
		{ { .request = QUERY, .status = 200, .body = RESULTS("{\"messagingTemplate\":{\"whatsApp\":{\"name\":\"o\",\"language\":\"en\"}}}", "1") },
		  HSM_ERROR_UNAVAILABLE, "a response" },
		{ { .request = QUERY, .status = 400, .body = "{\"code\":\"bad.request\",\"message\":\"m\"}" }, HSM_ERROR_FAILED, "bad.request" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { TOKEN_REPLY, cases[i].reply, OURS, LIBRARY };
		struct live_fixture f;
		struct hsm_live_responses responses = { 0 };
		live_fixture_open(&f, replies, COUNT(replies));
		int status = read_all(&f, &responses);
		if (status != (int)cases[i].class || !strstr(f.error.message, cases[i].expected))
			fail_msg("case %zu: %d: %s", i, status, f.error.message);
		hsm_responses_release(&responses);
		live_fixture_close(&f);
	}
}

static void who_uses_one_is_asked_for_once_each(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, OURS, LIBRARY,
		{ .request = QUERY, .status = 200, .body = RESULTS(RESPONSE("a", "1", "Hi") "," RESPONSE("b", "1", "Ho") "," RESPONSE("c", "1", "Hu"), "3") },
		{ .request = USERS "id=a&*", .status = 200,
		  .body = "{\"entities\":[{\"name\":\"One\",\"type\":\"WORKFLOW\"},{\"id\":\"i-2\",\"type\":\"DATAACTION\"}],\"total\":2,\"pageCount\":1}" },
		{ .request = USERS, .status = 200, .body = "{\"entities\":[{\"name\":\"x\",\"type\":\"INBOUNDCALLFLOW\"}],\"total\":9,\"pageCount\":1}" },
		{ .request = CAMPAIGNS, .status = 200,
		  .body = PAGE("{\"id\":\"c1\",\"name\":\"Spring\",\"whatsAppConfig\":{\"contentTemplate\":{\"id\":\"a\"}}},{\"id\":\"c2\"}", "2") },
	};
	struct live_fixture f;
	struct hsm_live_responses responses = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	assert_int_equal(read_all(&f, &responses), 0);
	if (hsm_responses_read_users(f.connection, &responses, (const char *const[]){ "a", "b", "gone" }, 3, &f.error))
		fail_msg("%s", f.error.message);
	assert_string_equal(responses.items[0].users, "flow 'One', dataaction 'i-2', campaign 'Spring'");
	assert_string_equal(responses.items[1].users, "flow 'x' and 6 more");
	assert_null(responses.items[2].users);
	assert_int_equal(http_server_count(f.server, USERS), 2);
	assert_int_equal(http_server_count(f.server, CAMPAIGNS), 1);
	hsm_responses_release(&responses);
	live_fixture_close(&f);
}

struct seen {
	unsigned calls;
	enum hsm_outcome outcome;
	char id[16], message[HSM_ERROR_MESSAGE_SIZE];
};

static void note(void *user, const struct hsm_write_result *result)
{
	struct seen *seen = user;
	seen->calls++;
	seen->outcome = result->outcome;
	snprintf(seen->id, sizeof(seen->id), "%s", result->outcome == HSM_OUTCOME_DONE && result->id ? result->id : "");
	snprintf(seen->message, sizeof(seen->message), "%s", result->outcome == HSM_OUTCOME_DONE ? "" : result->error.message);
}

static const char *fingerprint(struct hsm_arena *arena, const char *json)
{
	struct hsm_canned canned;
	struct hsm_error error;
	assert_int_equal(hsm_canned_read(arena, json, &canned, &error), 0);
	struct hsm_canned_content content = hsm_canned_read_content(arena, &canned);
	return hsm_canned_fingerprint(arena, &content);
}

#define POST_ONE "POST " RESPONSES
#define PUT_ONE "PUT " RESPONSES "/a"

struct write_case {
	struct http_reply reply, further[2];
	enum hsm_outcome outcome;
	size_t writes, looks;
	const char *id, *expected;
};

/* Writes "Hi" over a server that answers like this; update: in the place of "Ho". */
static void check_write(const struct write_case *write_case, bool update)
{
	struct hsm_arena arena = { 0 };
	const char *request = update ? PUT_ONE : POST_ONE;
	struct http_reply replies[] = { TOKEN_REPLY, write_case->reply, write_case->further[0], write_case->further[1],
					{ .request = request, .status = 200, .body = RESPONSE("new", "3", "Hi") } };
	for (size_t i = 1; i < 4; i++)
		if (!replies[i].request)
			replies[i].request = i == 1 ? request : "nothing";
	struct live_fixture f;
	struct seen seen = { 0 };
	const char *libraries[] = { "l" };
	struct hsm_response_write write = { .name = "o_v1 en", .content = "{" CONTENT("Hi") "}", .libraries = libraries, .library_count = 1 };
	write.fingerprint = fingerprint(&arena, write.content);
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	if (update) {
		write.id = "a";
		write.version = 2;
		write.before = fingerprint(&arena, "{" CONTENT("Ho") "}");
		hsm_responses_update(f.connection, &write, note, &seen);
	} else {
		hsm_responses_create(f.connection, &write, note, &seen);
	}
	hsm_connection_run(f.connection);
	if (seen.calls != 1 || seen.outcome != write_case->outcome || !strstr(seen.message, write_case->expected) ||
	    strcmp(seen.id, write_case->id) != 0 || http_server_count(f.server, request) != write_case->writes ||
	    http_server_count(f.server, update ? "GET *" : QUERY) != write_case->looks)
		fail_msg("%u calls, outcome %d, id '%s', %zu writes, %zu looks: %s", seen.calls, (int)seen.outcome, seen.id,
			 http_server_count(f.server, request), http_server_count(f.server, update ? "GET *" : QUERY), seen.message);
	live_fixture_close(&f);
	hsm_arena_release(&arena);
}

static void a_create_is_looked_up_before_it_is_repeated(void **state)
{
	static const struct write_case cases[] = {
		{ { .status = 200, .body = RESPONSE("a", "1", "Hi") }, { { 0 } }, HSM_OUTCOME_DONE, 1, 0, "a", "" },
		{ { .status = 200, .body = RESPONSE("a", "1", "Other") }, { { 0 } }, HSM_OUTCOME_UNAVAILABLE, 1, 0, "", "keeps other content" },
		{ { .status = 400, .body = "{\"code\":\"bad.request\",\"message\":\"m\"}" }, { { 0 } }, HSM_OUTCOME_REFUSED, 1, 0, "", "bad.request" },
		{ { .status = 403, .body = "{\"code\":\"missing.permissions\"}" }, { { 0 } }, HSM_OUTCOME_FORBIDDEN, 1, 0, "", "missing.permissions" },
		/* It was done. */
		{ { .status = 502, .times = 1 }, { { .request = QUERY, .status = 200, .body = RESULTS(RESPONSE("x", "1", "Other") "," RESPONSE("a", "1", "Hi"), "2") } },
		  HSM_OUTCOME_DONE, 1, 1, "a", "" },
		{ { .drop = true, .times = 1 }, { { .request = QUERY, .status = 200, .body = RESULTS(RESPONSE("a", "1", "Hi"), "1") } },
		  HSM_OUTCOME_DONE, 1, 1, "a", "" },
		{ { .status = 200, .body = "<html>", .times = 1 }, { { .request = QUERY, .status = 200, .body = RESULTS(RESPONSE("a", "1", "Hi"), "1") } },
		  HSM_OUTCOME_DONE, 1, 1, "a", "" },
		/* It was not. */
		{ { .status = 502, .times = 1 }, { { .request = QUERY, .status = 200, .body = RESULTS(RESPONSE("x", "1", "Other"), "1") } },
		  HSM_OUTCOME_DONE, 2, 1, "new", "" },
		{ { .status = 502 }, { { .request = QUERY, .status = 200, .body = RESULTS("", "0") } }, HSM_OUTCOME_LOST, 2, 1, "", "502" },
		/* That can't be told. */
		{ { .status = 502 }, { { .request = QUERY, .status = 400 } }, HSM_OUTCOME_LOST, 1, 1, "", "can't be told" },
		{ { .status = 412, .headers = "Retry-After: 1\n", .times = 1 }, { { 0 } }, HSM_OUTCOME_DONE, 2, 0, "new", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check_write(&cases[i], false);
}

static void an_update_whose_version_moved_is_compared(void **state)
{
	static const struct write_case cases[] = {
		{ { .status = 200, .body = RESPONSE("a", "3", "Hi") }, { { 0 } }, HSM_OUTCOME_DONE, 1, 0, "a", "" },
		{ { .status = 200, .body = RESPONSE("a", "3", "Other") }, { { 0 } }, HSM_OUTCOME_UNAVAILABLE, 1, 0, "", "keeps other content" },
		{ { .status = 404, .body = "{\"code\":\"not.found\"}" }, { { 0 } }, HSM_OUTCOME_REFUSED, 1, 0, "", "not.found" },
		/* By ourselves, whose answer was lost. */
		{ { .status = 409 }, { { .request = "GET *", .status = 200, .body = RESPONSE("a", "3", "Hi") } }, HSM_OUTCOME_DONE, 1, 1, "a", "" },
		/* By somebody who changed nothing that is compared. */
		{ { .status = 409, .times = 1 }, { { .request = "GET *", .status = 200, .body = RESPONSE("a", "7", "Ho") } },
		  HSM_OUTCOME_DONE, 2, 1, "a", "" },
		{ { .status = 400, .times = 1, .body = "{\"message\":\"version 2 does not match the current version 7\"}" },
		  { { .request = "GET *", .status = 200, .body = RESPONSE("a", "7", "Ho") } }, HSM_OUTCOME_DONE, 2, 1, "a", "" },
		/* By somebody who did. */
		{ { .status = 409 }, { { .request = "GET *", .status = 200, .body = RESPONSE("a", "7", "Hey") } },
		  HSM_OUTCOME_EXISTS, 1, 1, "", "somebody else changes it" },
		/* By somebody who does not stop. */
		{ { .status = 409 }, { { .request = "GET *", .status = 200, .body = RESPONSE("a", "7", "Ho") } },
		  HSM_OUTCOME_EXISTS, 3, 3, "", "somebody else changes it" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check_write(&cases[i], true);
}

static void a_library_is_made_once(void **state)
{
	static const struct {
		struct http_reply reply;
		const char *listed;
		size_t posts;
		enum hsm_outcome outcome;
		const char *id;
	} cases[] = {
		{ { .status = 200, .body = "{\"id\":\"l\"}" }, PAGE("", "0"), 1, HSM_OUTCOME_DONE, "l" },
		{ { .drop = true, .times = 1 }, PAGE("{\"id\":\"l7\",\"name\":\"Main 7\"},{\"id\":\"l\",\"name\":\"Main\"}", "2"), 1, HSM_OUTCOME_DONE, "l" },
		{ { .status = 503, .times = 1 }, PAGE("", "0"), 2, HSM_OUTCOME_DONE, "again" },
		{ { .status = 403 }, PAGE("", "0"), 1, HSM_OUTCOME_FORBIDDEN, "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { TOKEN_REPLY, cases[i].reply,
						{ .request = "POST " LIBRARIES, .status = 200, .body = "{\"id\":\"again\"}" },
						{ .request = "GET " LIBRARIES "?*", .status = 200, .body = cases[i].listed } };
		struct live_fixture f;
		struct seen seen = { 0 };
		replies[1].request = "POST " LIBRARIES;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		hsm_responses_create_library(f.connection, "Main", note, &seen);
		hsm_connection_run(f.connection);
		assert_int_equal(seen.outcome, cases[i].outcome);
		assert_string_equal(seen.id, cases[i].id);
		assert_int_equal(http_server_count(f.server, "POST " LIBRARIES), cases[i].posts);
		live_fixture_close(&f);
	}
}

static void one_that_is_gone_is_deleted(void **state)
{
	static const struct http_reply replies[] = { TOKEN_REPLY, { .request = "DELETE " RESPONSES "/a%2Fb", .status = 410 } };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	hsm_responses_delete(f.connection, "a/b", note, &seen);
	hsm_connection_run(f.connection);
	assert_int_equal(seen.outcome, HSM_OUTCOME_DONE);
	live_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_library_is_read_in_the_fewest_requests),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(who_uses_one_is_asked_for_once_each),
		cmocka_unit_test(a_create_is_looked_up_before_it_is_repeated),
		cmocka_unit_test(an_update_whose_version_moved_is_compared),
		cmocka_unit_test(a_library_is_made_once),
		cmocka_unit_test(one_that_is_gone_is_deleted),
	};
	return cmocka_run_group_tests_name("responses over HTTP", tests, NULL, NULL);
}
