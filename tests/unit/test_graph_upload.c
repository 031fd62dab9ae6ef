/* Files of headers at Meta's Graph API: before the create, once per content, and resumed. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/graph_fixture.h"

#define CONTENT "[{\"type\":\"HEADER\",\"format\":\"IMAGE\"},{\"type\":\"BODY\",\"text\":\"Hi.\"}]"
#define SESSIONS "POST " GRAPH "670843887433847/uploads?file_name=*"
#define SESSION_REPLY { .request = SESSIONS, .status = 200, .body = "{\"id\":\"upload:MTph==?sig=ARZq_9-x\"}" }
#define SEND "POST " GRAPH "upload:MTph==?sig=ARZq_9-x"
#define ASK "GET " GRAPH "upload:MTph==?sig=ARZq_9-x"
#define SEND_REPLY { .request = SEND, .status = 200, .body = "{\"h\":\"4::aW1h\\n4::Z2U=\"}" }
#define CREATE_REPLY { .request = GRAPH_CREATE, .status = 200, .body = "{\"id\":\"1\",\"status\":\"PENDING\"}" }
#define BYTES "\x89PNG rest of it"

struct seen {
	unsigned calls;
	enum hsm_outcome outcome;
	enum hsm_error_class class;
	char message[HSM_ERROR_MESSAGE_SIZE];
};

static void note(void *user, const struct hsm_write_result *result)
{
	struct seen *seen = user;
	seen->calls++;
	seen->outcome = result->outcome;
	seen->class = result->outcome == HSM_OUTCOME_DONE ? HSM_OK : result->error.class;
	snprintf(seen->message, sizeof(seen->message), "%s", seen->class ? result->error.message : "");
	assert_null(strstr(seen->message, "planted"));
	assert_null(strstr(seen->message, "sig="));
}

/* Of a template with one file. */
static void create_named(struct live_fixture *f, const char *name, const char *bytes, struct seen *seen)
{
	const struct hsm_media media = { "a logo.png", "image/png", bytes, strlen(bytes) };
	*seen = (struct seen){ 0 };
	hsm_connection_create_template(f->connection, ACCOUNT,
				       &(struct hsm_template_create){ name, "en_US", "UTILITY", CONTENT, &media, 1 }, note, seen);
}

static void create(struct live_fixture *f, struct seen *seen)
{
	create_named(f, "order_v1", BYTES, seen);
	hsm_connection_run(f->connection);
	assert_int_equal(seen->calls, 1);
}

static void a_file_is_uploaded_before_its_template_is_created(void **state)
{
	static const struct http_reply replies[] = { SESSION_REPLY, SEND_REPLY, CREATE_REPLY };
	struct live_fixture f;
	struct seen seen;
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	create(&f, &seen);
	assert_int_equal(seen.outcome, HSM_OUTCOME_DONE);
	assert_int_equal(http_server_find(f.server, "POST " GRAPH "670843887433847/uploads?file_name=a%20logo.png&file_length=15&"
						    "file_type=image%2Fpng"), 1);
	assert_int_equal(http_server_find(f.server, SEND), 2);
	assert_int_equal(http_server_find(f.server, GRAPH_CREATE), 3);
	assert_string_equal(http_server_body(f.server, SEND), BYTES);
	/* the guide's scheme for sessions */
	assert_string_equal(http_server_authorization(f.server, SEND), "OAuth " LIVE_TOKEN);
	assert_string_equal(http_server_authorization(f.server, SESSIONS), "Bearer " LIVE_TOKEN);
	assert_non_null(strstr(http_server_body(f.server, GRAPH_CREATE), "4::aW1h\\n4::Z2U="));
	live_fixture_close(&f);
}

static void one_content_is_uploaded_once(void **state)
{
	static const struct http_reply replies[] = {
		SESSION_REPLY,
		{ .request = SEND, .status = 200, .body = "{\"h\":\"4::aW1h\"}", .delay = 200 },
		CREATE_REPLY,
	};
	struct live_fixture f;
	struct seen seen[4];
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	/* three at once, of two contents */
	create_named(&f, "a_v1", BYTES, &seen[0]);
	create_named(&f, "b_v1", BYTES, &seen[1]);
	create_named(&f, "c_v1", "other", &seen[2]);
	hsm_connection_run(f.connection);
	/* and one later */
	create_named(&f, "d_v1", BYTES, &seen[3]);
	hsm_connection_run(f.connection);
	for (size_t i = 0; i < COUNT(seen); i++) {
		assert_int_equal(seen[i].calls, 1);
		assert_int_equal(seen[i].outcome, HSM_OUTCOME_DONE);
	}
	assert_int_equal(http_server_count(f.server, SESSIONS), 2);
	assert_int_equal(http_server_count(f.server, SEND), 2);
	assert_int_equal(http_server_count(f.server, GRAPH_CREATE), 4);
	live_fixture_close(&f);
}

static void what_is_lost_is_resumed_where_it_ended(void **state)
{
	static const struct {
		struct http_reply send, ask;
		enum hsm_outcome outcome;
		const char *rest;
		size_t sends;
		const char *expected;
	} cases[] = {
		{ { .drop = true, .times = 1 }, { .status = 200, .body = "{\"id\":\"x\",\"file_offset\":5}" }, HSM_OUTCOME_DONE,
		  &BYTES[5], 2, "" },
		{ { .status = 502, .body = "<html>", .times = 1 }, { .status = 200, .body = "{\"file_offset\":0}" }, HSM_OUTCOME_DONE,
		  BYTES, 2, "" },
		/* everything is there, and its answer was not */
		{ { .status = 200, .body = "<html>", .times = 1 }, { .status = 200, .body = "{\"file_offset\":15}" },
		  HSM_OUTCOME_DONE, "", 2, "" },
		{ { .status = 500, .times = 1 }, { .status = 200, .body = "{\"file_offset\":15}" }, HSM_OUTCOME_DONE, "", 2, "" },
		{ { .drop = true }, { .status = 200, .body = "{\"file_offset\":5}" }, HSM_OUTCOME_UNAVAILABLE, &BYTES[5], 5,
		  "'a logo.png' is not uploaded: POST " GRAPH "upload:...: " },
		{ { .drop = true }, { .status = 200, .body = "{\"file_offset\":16}" }, HSM_OUTCOME_UNAVAILABLE, BYTES, 1,
		  "does not tell how much" },
		{ { .drop = true }, { .status = 200, .body = "{\"file_offset\":-1}" }, HSM_OUTCOME_UNAVAILABLE, BYTES, 1,
		  "does not tell how much" },
		{ { .drop = true }, { .status = 200, .body = "{\"file_offset\":\"5\"}" }, HSM_OUTCOME_UNAVAILABLE, BYTES, 1,
		  "does not tell how much" },
		{ { .drop = true }, { .status = 401, .body = GRAPH_ERROR("190", "") }, HSM_OUTCOME_FORBIDDEN, BYTES, 1,
		  "META_ACCESS_TOKEN" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { SESSION_REPLY, cases[i].send, SEND_REPLY, cases[i].ask, CREATE_REPLY };
		struct live_fixture f;
		struct seen seen;
		replies[1].request = SEND;
		replies[3].request = ASK;
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		create(&f, &seen);
		if (seen.outcome != cases[i].outcome || !strstr(seen.message, cases[i].expected))
			fail_msg("case %zu: outcome %d, %s", i, seen.outcome, seen.message);
		assert_string_equal(http_server_body(f.server, SEND), cases[i].rest);
		assert_int_equal(http_server_count(f.server, SEND), cases[i].sends);
		assert_int_equal(http_server_count(f.server, SESSIONS), 1);
		assert_int_equal(http_server_count(f.server, GRAPH_CREATE), cases[i].outcome == HSM_OUTCOME_DONE);
		live_fixture_close(&f);
	}
}

static void a_file_that_is_not_uploaded_is_a_template_that_is_not_created(void **state)
{
	static const struct {
		struct http_reply session, send;
		enum hsm_outcome outcome;
		enum hsm_error_class class;
		const char *expected;
	} cases[] = {
		{ { .status = 400, .body = GRAPH_ERROR("100", "") }, { .status = 500 }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID,
		  "'a logo.png' is not uploaded: POST " GRAPH "670843887433847/uploads" },
		{ { .status = 400, .body = GRAPH_ERROR("200", "") }, { .status = 500 }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, "200" },
		{ { .status = 400, .body = GRAPH_ERROR("4", ""), .headers = GRAPH_SPENT }, { .status = 500 }, HSM_OUTCOME_QUOTA,
		  HSM_ERROR_TRY_LATER, "400 4" },
		{ { .status = 200, .body = "{}" }, { .status = 500 }, HSM_OUTCOME_UNAVAILABLE, HSM_ERROR_UNAVAILABLE, "no 'id'" },
		{ { .status = 200, .body = "{\"id\":\"me/accounts\"}" }, { .status = 500 }, HSM_OUTCOME_UNAVAILABLE,
		  HSM_ERROR_UNAVAILABLE, "no 'id'" },
		{ { .status = 200, .body = "{\"id\":\"upload:../me\"}" }, { .status = 500 }, HSM_OUTCOME_UNAVAILABLE,
		  HSM_ERROR_UNAVAILABLE, "no 'id'" },
		{ { .status = 200, .body = "{\"id\":\"upload:a b\"}" }, { .status = 500 }, HSM_OUTCOME_UNAVAILABLE,
		  HSM_ERROR_UNAVAILABLE, "no 'id'" },
		{ { .status = 200, .body = "{\"id\":\"upload:a#b\"}" }, { .status = 500 }, HSM_OUTCOME_UNAVAILABLE,
		  HSM_ERROR_UNAVAILABLE, "no 'id'" },
		{ SESSION_REPLY, { .status = 400, .body = GRAPH_ERROR("100", "") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, "upload:..." },
		{ SESSION_REPLY, { .status = 200, .body = "{\"h\":\"\"}" }, HSM_OUTCOME_UNAVAILABLE, HSM_ERROR_UNAVAILABLE, "no handle" },
		{ SESSION_REPLY, { .status = 200, .body = "{\"h\":7}" }, HSM_OUTCOME_UNAVAILABLE, HSM_ERROR_UNAVAILABLE, "no handle" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { cases[i].session, cases[i].send, CREATE_REPLY,
						{ .request = ASK, .status = 200, .body = "{\"file_offset\":0}" } };
		struct live_fixture f;
		struct seen seen[2];
		replies[0].request = SESSIONS;
		replies[1].request = SEND;
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		/* both that wait for it are told */
		create_named(&f, "a_v1", BYTES, &seen[0]);
		create_named(&f, "b_v1", BYTES, &seen[1]);
		hsm_connection_run(f.connection);
		for (size_t j = 0; j < 2; j++) {
			assert_int_equal(seen[j].calls, 1);
			if (seen[j].outcome != cases[i].outcome || seen[j].class != cases[i].class ||
			    !strstr(seen[j].message, cases[i].expected))
				fail_msg("case %zu: outcome %d, class %d, %s", i, seen[j].outcome, seen[j].class, seen[j].message);
		}
		assert_int_equal(http_server_count(f.server, SESSIONS), 1);
		assert_int_equal(http_server_count(f.server, GRAPH_CREATE), 0);
		live_fixture_close(&f);
	}
}

/* A failure is not kept: the next one that asks tries anew. */
static void an_upload_that_failed_is_tried_again_by_the_next(void **state)
{
	static const struct http_reply replies[] = {
		{ .request = SESSIONS, .status = 400, .body = GRAPH_ERROR("100", ""), .times = 1 }, SESSION_REPLY, SEND_REPLY,
		CREATE_REPLY,
	};
	struct live_fixture f;
	struct seen seen;
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	create(&f, &seen);
	assert_int_equal(seen.outcome, HSM_OUTCOME_REFUSED);
	create(&f, &seen);
	assert_int_equal(seen.outcome, HSM_OUTCOME_DONE);
	live_fixture_close(&f);
}

static void the_files_must_be_those_that_the_headers_show(void **state)
{
	static const struct {
		const char *content, *app;
		size_t files;
		enum hsm_error_class class;
		const char *expected;
	} cases[] = {
		{ CONTENT, "1", 0, HSM_ERROR_INVALID, "order_v1 en_US: its headers show 1 files, and 0 are there" },
		{ "[{\"type\":\"BODY\",\"text\":\"Hi.\"}]", "1", 1, HSM_ERROR_INVALID, "show 0 files, and 1 are there" },
		{ CONTENT, NULL, 1, HSM_ERROR_CONFIG, "environment 'dev' has no app" },
		{ "[", "1", 0, HSM_ERROR_UNAVAILABLE, "not JSON" },
	};
	const struct hsm_media media = { "logo.png", "image/png", BYTES, strlen(BYTES) };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hsm_template_create given = { "order_v1", "en_US", "UTILITY", cases[i].content, &media, cases[i].files };
		struct live_fixture f;
		struct seen seen = { 0 };
		graph_fixture_open(&f, NULL, 0);
		f.settings.app = cases[i].app;
		live_fixture_connect(&f);
		hsm_connection_create_template(f.connection, ACCOUNT, &given, note, &seen);
		hsm_connection_run(f.connection);
		assert_int_equal(seen.calls, 1);
		assert_int_equal(seen.outcome, HSM_OUTCOME_UNAVAILABLE);
		if (seen.class != cases[i].class || !strstr(seen.message, cases[i].expected))
			fail_msg("case %zu: class %d, %s", i, seen.class, seen.message);
		assert_int_equal(http_server_count(f.server, "*"), 0);
		live_fixture_close(&f);
	}
}

static void an_interruption_ends_what_waits_for_a_file(void **state)
{
	static const struct http_reply replies[] = { SESSION_REPLY, SEND_REPLY, CREATE_REPLY };
	static volatile sig_atomic_t interrupted;
	struct live_fixture f;
	struct seen seen[2];
	(void)state;
	interrupted = 1;
	graph_fixture_open(&f, replies, COUNT(replies));
	f.settings.interrupted = &interrupted;
	live_fixture_connect(&f);
	create_named(&f, "a_v1", BYTES, &seen[0]);
	create_named(&f, "b_v1", BYTES, &seen[1]);
	hsm_connection_run(f.connection);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(seen[i].calls, 1);
		assert_int_equal(seen[i].outcome, HSM_OUTCOME_INTERRUPTED);
	}
	assert_int_equal(http_server_count(f.server, "*"), 0);
	live_fixture_close(&f);
}

static void a_connection_is_freed_with_uploads_that_never_ran(void **state)
{
	struct live_fixture f;
	struct seen seen[2];
	(void)state;
	graph_fixture_open(&f, NULL, 0);
	live_fixture_connect(&f);
	create_named(&f, "a_v1", BYTES, &seen[0]);
	create_named(&f, "b_v1", BYTES, &seen[1]);
	live_fixture_close(&f);
	assert_int_equal(seen[0].calls + seen[1].calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_uploaded_before_its_template_is_created),
		cmocka_unit_test(one_content_is_uploaded_once),
		cmocka_unit_test(what_is_lost_is_resumed_where_it_ended),
		cmocka_unit_test(a_file_that_is_not_uploaded_is_a_template_that_is_not_created),
		cmocka_unit_test(an_upload_that_failed_is_tried_again_by_the_next),
		cmocka_unit_test(the_files_must_be_those_that_the_headers_show),
		cmocka_unit_test(an_interruption_ends_what_waits_for_a_file),
		cmocka_unit_test(a_connection_is_freed_with_uploads_that_never_ran),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
