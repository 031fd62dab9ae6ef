/* Writes at Meta's Graph API: what each answer means, and that no create is sent twice. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/graph_fixture.h"

#define BODY "[{\"type\":\"BODY\",\"text\":\"Hi.\"}]"
#define NAMED GRAPH_LIST "*&name=order_v1"
#define OURS(status) GRAPH_ROW("\"77\"", "order_v1", "en_US", status)
#define SUBCODE(number) GRAPH_ERROR("100", ",\"error_subcode\":" number)

/* What a write came to, out of the borrowed result. */
struct seen {
	unsigned calls;
	enum hsm_outcome outcome;
	enum hsm_error_class class;
	bool has_template, has_content;
	char id[64], status[32], category[32], message[HSM_ERROR_MESSAGE_SIZE];
};

static void note(void *user, const struct hsm_write_result *result)
{
	struct seen *seen = user;
	const struct hsm_live_template *template = result->template;
	seen->calls++;
	seen->outcome = result->outcome;
	seen->class = result->outcome == HSM_OUTCOME_DONE ? HSM_OK : result->error.class;
	seen->has_template = template != NULL;
	seen->has_content = template && template->content.json;
	snprintf(seen->id, sizeof(seen->id), "%s", template ? template->id : "");
	snprintf(seen->status, sizeof(seen->status), "%s", template ? template->status_word : "");
	snprintf(seen->category, sizeof(seen->category), "%s", template ? template->category : "");
	snprintf(seen->message, sizeof(seen->message), "%s", seen->class ? result->error.message : "");
	assert_null(strstr(seen->message, "planted"));
}

static void create(struct live_fixture *f, struct seen *seen)
{
	*seen = (struct seen){ 0 };
	hsm_connection_create_template(f->connection, ACCOUNT,
				       &(struct hsm_template_create){ "order_v1", "en_US", "UTILITY", BODY, NULL, 0 }, note, seen);
	hsm_connection_run(f->connection);
	assert_int_equal(seen->calls, 1);
}

static void a_create_sends_the_content_once_and_reads_back_what_became_of_it(void **state)
{
	static const struct {
		const char *body, *id, *status, *category;
	} cases[] = {
		{ "{\"id\":\"123\",\"status\":\"PENDING\",\"category\":\"UTILITY\"}", "123", "PENDING", "UTILITY" },
		{ "{\"id\":12345678901234567,\"status\":\"approved\",\"category\":\"marketing\"}", "12345678901234567", "APPROVED",
		  "MARKETING" },
		{ "{\"id\":\"123\",\"status\":\"QUARANTINED\"}", "123", "QUARANTINED", "UTILITY" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = { { .request = GRAPH_CREATE, .status = 200, .body = cases[i].body } };
		struct live_fixture f;
		struct seen seen;
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		create(&f, &seen);
		assert_int_equal(seen.outcome, HSM_OUTCOME_DONE);
		assert_string_equal(seen.id, cases[i].id);
		assert_string_equal(seen.status, cases[i].status);
		assert_string_equal(seen.category, cases[i].category);
		assert_false(seen.has_content); /* the answer does not tell */
		const char *sent = http_server_body(f.server, GRAPH_CREATE);
		assert_non_null(strstr(sent, "{\"name\":\"order_v1\",\"language\":\"en_US\",\"category\":\"UTILITY\","));
		assert_non_null(strstr(sent, "\"components\":" BODY));
		assert_string_equal(http_server_authorization(f.server, GRAPH_CREATE), "Bearer " LIVE_TOKEN);
		assert_int_equal(http_server_count(f.server, "*"), 1);
		live_fixture_close(&f);
	}
}

/* Every row of the table of errors, and what has none. */
static void every_answer_to_a_create_has_its_outcome(void **state)
{
	static const struct {
		struct http_reply reply;
		enum hsm_outcome outcome;
		enum hsm_error_class class;
		size_t posts;
		const char *expected;
	} cases[] = {
		{ { .status = 500, .body = GRAPH_ERROR("1", "") }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "a fault that passes" },
		{ { .status = 400, .body = GRAPH_ERROR("2", "") }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "a fault that passes" },
		{ { .status = 400, .body = GRAPH_ERROR("100", ",\"is_transient\":true") }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1,
		  "400 100" },
		{ { .status = 403, .body = GRAPH_ERROR("4", ""), .headers = GRAPH_SPENT }, HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER, 1,
		  "the app's calls" },
		{ { .status = 400, .body = GRAPH_ERROR("80007", ""), .headers = GRAPH_SPENT }, HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER,
		  1, "the account's calls" },
		{ { .status = 400, .body = GRAPH_ERROR("80008", ",\"is_transient\":true"), .headers = GRAPH_SPENT }, HSM_OUTCOME_QUOTA,
		  HSM_ERROR_TRY_LATER, 1, "or its creates, are spent" },
		{ { .status = 429, .body = GRAPH_ERROR("130429", ""), .headers = "Retry-After: 3600\n" }, HSM_OUTCOME_QUOTA,
		  HSM_ERROR_TRY_LATER, 1, "faster" },
		/* said not to be done, and taken a second later */
		{ { .status = 400, .body = GRAPH_ERROR("80008", ""), .headers = "Retry-After: 1\n", .times = 1 }, HSM_OUTCOME_DONE,
		  HSM_OK, 2, "" },
		{ { .status = 403, .body = GRAPH_ERROR("10", "") }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, 1, "lacks a permission" },
		{ { .status = 401, .body = GRAPH_ERROR("190", "") }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, 1,
		  "the access token of META_ACCESS_TOKEN: POST" },
		{ { .status = 400, .body = GRAPH_ERROR("200", "") }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, 1, "lacks a permission" },
		{ { .status = 400, .body = SUBCODE("33") }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, 1, "no such object" },
		{ { .status = 400, .body = SUBCODE("2388019") }, HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER, 1, "as many templates" },
		{ { .status = 400, .body = SUBCODE("2388024") }, HSM_OUTCOME_EXISTS, HSM_ERROR_FAILED, 1, "100/2388024: the name has" },
		{ { .status = 400, .body = SUBCODE("2388039") }, HSM_OUTCOME_REFUSED, HSM_ERROR_FAILED, 1, "in review" },
		{ { .status = 400, .body = SUBCODE("2388040") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "longer" },
		{ { .status = 400, .body = SUBCODE("2388043") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "an example" },
		{ { .status = 400, .body = SUBCODE("2388046") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "lower-case" },
		{ { .status = 400, .body = SUBCODE("2388047") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "header" },
		{ { .status = 400, .body = SUBCODE("2388072") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "body" },
		{ { .status = 400, .body = SUBCODE("2388073") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "footer" },
		{ { .status = 400, .body = SUBCODE("2388148") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "OTP" },
		{ { .status = 400, .body = SUBCODE("2388155") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "sample template" },
		{ { .status = 400, .body = SUBCODE("2388293") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "too many parameters" },
		{ { .status = 400, .body = SUBCODE("2388299") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "at the end" },
		{ { .status = 400, .body = GRAPH_ERROR("100", ",\"error_user_msg\":\"n\xc3\xa3o\"") }, HSM_OUTCOME_REFUSED,
		  HSM_ERROR_INVALID, 1, "it says 'n\xc3\xa3o' (correlation id AbC-trace)" },
		/* not known here */
		{ { .status = 400, .body = GRAPH_ERROR("100", ",\"error_subcode\":999,\"error_data\":{\"blame_field_specs\":"
						       "[[\"name\"],[\"components\",0,\"text\"],7,[]]}") },
		  HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, ": 400 100/999: Invalid parameter [name; components[0].text] (" },
		{ { .status = 400, .body = GRAPH_ERROR("\"190\"", "") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, ": 400: Invalid" },
		{ { .status = 400, .body = GRAPH_ERROR("1e300", "") }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, ": 400 0: Invalid" },
		{ { .status = 400, .body = "{\"error\":\"no\"}" }, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, 1, "400: something else" },
		{ { .status = 404 }, HSM_OUTCOME_REFUSED, HSM_ERROR_FAILED, 1, "404" },
		{ { .status = 403, .body = "<html>" }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, 1, "403" },
		{ { .status = 302 }, HSM_OUTCOME_UNAVAILABLE, HSM_ERROR_UNAVAILABLE, 1, "redirect" },
		/* lost */
		{ { .status = 502, .body = "<html>" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "502: HTML" },
		{ { .status = 500, .body = GRAPH_ERROR("77", "") }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "500 77" },
		{ { .drop = true }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, GRAPH_CREATE ": " },
		{ { .status = 200, .body = "<html>" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "HTML" },
		{ { .status = 200, .body = "{\"success\":true}" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "no 'id'" },
		{ { .status = 200, .body = "{\"id\":\"1\"}" }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "no 'status'" },
		{ { .status = 200, .body = GRAPH_ERROR("100", "") }, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, 1, "no 'id'" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = {
			{ .request = GRAPH_LIST "*", .status = 200, .body = GRAPH_PAGE("", "") }, cases[i].reply,
			{ .request = GRAPH_CREATE, .status = 200, .body = "{\"id\":\"1\",\"status\":\"PENDING\"}" },
		};
		struct live_fixture f;
		struct seen seen = { 0 };
		replies[1].request = GRAPH_CREATE;
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		/* a connection to reuse: a drop there must not be repeated by libcurl */
		hsm_connection_find_template(f.connection, ACCOUNT, "order_v1", "en_US", note, &seen);
		hsm_connection_run(f.connection);
		create(&f, &seen);
		if (seen.outcome != cases[i].outcome || seen.class != cases[i].class)
			fail_msg("case %zu: outcome %d, class %d, %s", i, seen.outcome, seen.class, seen.message);
		if (!strstr(seen.message, cases[i].expected))
			fail_msg("case %zu: no '%s' in '%s'", i, cases[i].expected, seen.message);
		if (http_server_count(f.server, GRAPH_CREATE) != cases[i].posts)
			fail_msg("case %zu: %zu posts", i, http_server_count(f.server, GRAPH_CREATE));
		assert_int_equal(seen.has_template, cases[i].outcome == HSM_OUTCOME_DONE);
		live_fixture_close(&f);
	}
}

/* As a 429: what waits behind the one that is refused is not sent. */
static void a_quota_that_is_spent_ends_what_waits(void **state)
{
	static const struct http_reply replies[] = {
		{ .request = GRAPH_CREATE, .status = 400, .body = GRAPH_ERROR("80008", ""), .headers = GRAPH_SPENT } };
	struct live_fixture f;
	struct seen seen[5] = { 0 };
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	f.settings.parallelism = 1;
	live_fixture_connect(&f);
	for (size_t i = 0; i < COUNT(seen); i++)
		hsm_connection_create_template(f.connection, ACCOUNT,
					       &(struct hsm_template_create){ "order_v1", "en_US", "UTILITY", BODY, NULL, 0 }, note,
					       &seen[i]);
	hsm_connection_run(f.connection);
	for (size_t i = 0; i < COUNT(seen); i++) {
		assert_int_equal(seen[i].calls, 1);
		assert_int_equal(seen[i].outcome, HSM_OUTCOME_QUOTA);
		assert_int_equal(seen[i].class, HSM_ERROR_TRY_LATER);
	}
	assert_int_equal(http_server_count(f.server, "*"), 1);
	live_fixture_close(&f);
}

/* Some log its code for a name that is there, others for one that is being deleted. */
static void a_name_in_cool_down_is_looked_for(void **state)
{
	static const struct {
		struct http_reply list;
		enum hsm_outcome outcome;
		enum hsm_error_class class;
		const char *expected;
	} cases[] = {
		{ { .status = 200, .body = GRAPH_PAGE("", "") }, HSM_OUTCOME_LOCKED, HSM_ERROR_TRY_LATER, "for four weeks" },
		{ { .status = 200, .body = GRAPH_PAGE(OURS("PENDING_DELETION"), "") }, HSM_OUTCOME_LOCKED, HSM_ERROR_TRY_LATER,
		  "100/2388023" },
		{ { .status = 200, .body = GRAPH_PAGE(GRAPH_ROW("\"7\"", "order_v1", "es", "APPROVED"), "") }, HSM_OUTCOME_LOCKED,
		  HSM_ERROR_TRY_LATER, "100/2388023" },
		{ { .status = 200, .body = GRAPH_PAGE(OURS("APPROVED") "," OURS("PENDING_DELETION"), "") }, HSM_OUTCOME_EXISTS,
		  HSM_ERROR_TRY_LATER, "100/2388023" },
		{ { .status = 200, .body = "<html>" }, HSM_OUTCOME_UNAVAILABLE, HSM_ERROR_UNAVAILABLE, "HTML" },
		{ { .status = 401, .body = GRAPH_ERROR("190", "") }, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, "190" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { { .request = GRAPH_CREATE, .status = 400, .body = SUBCODE("2388023") }, cases[i].list };
		struct live_fixture f;
		struct seen seen;
		replies[1].request = NAMED;
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		create(&f, &seen);
		if (seen.outcome != cases[i].outcome || seen.class != cases[i].class || !strstr(seen.message, cases[i].expected))
			fail_msg("case %zu: outcome %d, class %d, %s", i, seen.outcome, seen.class, seen.message);
		assert_int_equal(http_server_count(f.server, GRAPH_CREATE), 1);
		assert_int_equal(http_server_count(f.server, NAMED), 1);
		live_fixture_close(&f);
	}
}

static void a_template_is_found_by_exactly_its_name_and_language(void **state)
{
#define MORE(rows) GRAPH_PAGE(rows, GRAPH_NEXT("c2"))
	static const struct {
		const char *first, *second;
		enum hsm_outcome outcome;
		const char *id;
		size_t gets;
	} cases[] = {
		/* name= takes parts of names, and says nothing of languages */
		{ GRAPH_PAGE(GRAPH_ROW("\"1\"", "order_v11", "en_US", "APPROVED") "," GRAPH_ROW("\"2\"", "order_v1", "en", "APPROVED") ","
			     OURS("APPROVED"), ""), "", HSM_OUTCOME_DONE, "77", 1 },
		{ MORE(GRAPH_ROW("\"1\"", "my_order_v1", "en_US", "APPROVED")), GRAPH_PAGE(OURS("REJECTED"), ""), HSM_OUTCOME_DONE,
		  "77", 2 },
		{ GRAPH_PAGE(GRAPH_ROW("\"1\"", "order_v1", "en_GB", "APPROVED"), ""), "", HSM_OUTCOME_DONE, "", 1 },
		{ GRAPH_PAGE(GRAPH_ROW("\"1\"", "ORDER_V1", "en_US", "APPROVED"), ""), "", HSM_OUTCOME_DONE, "", 1 },
		{ GRAPH_PAGE("", ""), "", HSM_OUTCOME_DONE, "", 1 },
		/* one that goes does not stand before one that came */
		{ GRAPH_PAGE(OURS("PENDING") "," GRAPH_ROW("\"1\"", "order_v1", "en_US", "PENDING_DELETION"), ""), "", HSM_OUTCOME_DONE,
		  "77", 1 },
		{ GRAPH_PAGE(GRAPH_ROW("\"1\"", "order_v1", "en_US", "PENDING_DELETION") "," OURS("PENDING"), ""), "", HSM_OUTCOME_DONE,
		  "77", 1 },
		{ GRAPH_PAGE(GRAPH_ROW("\"1\"", "order_v1", "en_US", "DELETED"), ""), "", HSM_OUTCOME_DONE, "1", 1 },
		{ MORE(""), MORE(""), HSM_OUTCOME_UNAVAILABLE, "", 2 },
		{ GRAPH_PAGE("7", ""), "", HSM_OUTCOME_UNAVAILABLE, "", 1 },
		{ "{}", "", HSM_OUTCOME_UNAVAILABLE, "", 1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = {
			{ .request = NAMED, .status = 200, .body = cases[i].first },
			{ .request = NAMED "&after=c2", .status = 200, .body = cases[i].second },
		};
		struct live_fixture f;
		struct seen seen = { 0 };
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		hsm_connection_find_template(f.connection, ACCOUNT, "order_v1", "en_US", note, &seen);
		hsm_connection_run(f.connection);
		assert_int_equal(seen.calls, 1);
		if (seen.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d, %s", i, seen.outcome, seen.message);
		assert_string_equal(seen.id, cases[i].id);
		assert_int_equal(seen.has_content, *cases[i].id != '\0');
		assert_int_equal(http_server_count(f.server, "*"), cases[i].gets);
		live_fixture_close(&f);
	}
}

static void a_look_that_fails_is_no_loss(void **state)
{
	static const struct {
		struct http_reply reply;
		enum hsm_outcome outcome;
	} cases[] = {
		{ { .status = 500, .body = GRAPH_ERROR("77", "") }, HSM_OUTCOME_UNAVAILABLE },
		{ { .status = 400, .body = GRAPH_ERROR("10", "") }, HSM_OUTCOME_FORBIDDEN },
		{ { .status = 400, .body = GRAPH_ERROR("4", ""), .headers = GRAPH_SPENT }, HSM_OUTCOME_QUOTA },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { cases[i].reply };
		struct live_fixture f;
		struct seen seen = { 0 };
		replies[0].request = "GET *";
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		hsm_connection_find_template(f.connection, ACCOUNT, "order_v1", "en_US", note, &seen);
		hsm_connection_run(f.connection);
		assert_int_equal(seen.outcome, cases[i].outcome);
		seen = (struct seen){ 0 };
		hsm_connection_get_template(f.connection, ACCOUNT, "77", note, &seen);
		hsm_connection_run(f.connection);
		assert_int_equal(seen.outcome, cases[i].outcome);
		live_fixture_close(&f);
	}
}

static void a_template_is_read_by_its_id(void **state)
{
	static const struct {
		unsigned status;
		const char *body;
		enum hsm_outcome outcome;
		const char *id;
	} cases[] = {
		{ 200, OURS("PAUSED"), HSM_OUTCOME_DONE, "77" },
		{ 200, GRAPH_ROW("77", "order_v1", "en_US", "PAUSED"), HSM_OUTCOME_DONE, "77" },
		{ 400, SUBCODE("33"), HSM_OUTCOME_DONE, "" },
		{ 200, GRAPH_ROW("\"78\"", "order_v1", "en_US", "PAUSED"), HSM_OUTCOME_UNAVAILABLE, "" },
		{ 400, GRAPH_ERROR("100", ""), HSM_OUTCOME_REFUSED, "" },
		{ 200, "{}", HSM_OUTCOME_UNAVAILABLE, "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = {
			{ .request = "GET " GRAPH "77?fields=*", .status = cases[i].status, .body = cases[i].body } };
		struct live_fixture f;
		struct seen seen = { 0 };
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		hsm_connection_get_template(f.connection, ACCOUNT, "77", note, &seen);
		hsm_connection_run(f.connection);
		if (seen.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d, %s", i, seen.outcome, seen.message);
		assert_string_equal(seen.id, cases[i].id);
		assert_int_equal(http_server_count(f.server, "*"), 1);
		live_fixture_close(&f);
	}
}

#define DELETE "DELETE " GRAPH_TEMPLATES "?hsm_id=77&name=order_v1"

static void one_language_is_deleted_by_its_id_and_name(void **state)
{
	static const struct {
		struct http_reply reply;
		const char *list;
		enum hsm_outcome outcome;
		size_t deletes, looks;
	} cases[] = {
		{ { .status = 200, .body = "{\"success\":true}" }, "", HSM_OUTCOME_DONE, 1, 0 },
		{ { .status = 502, .times = 1 }, "", HSM_OUTCOME_DONE, 2, 0 },
		/* an answer that does not say it */
		{ { .status = 200, .body = "{\"success\":false}" }, GRAPH_PAGE(OURS("APPROVED"), ""), HSM_OUTCOME_REFUSED, 1, 1 },
		{ { .status = 200, .body = "<html>" }, GRAPH_PAGE(OURS("PENDING_DELETION"), ""), HSM_OUTCOME_DONE, 1, 1 },
		/* refused, since it is gone already: only the listing can tell */
		{ { .status = 400, .body = SUBCODE("2593002") }, GRAPH_PAGE("", ""), HSM_OUTCOME_DONE, 1, 1 },
		{ { .status = 400, .body = GRAPH_ERROR("100", "") }, GRAPH_PAGE(OURS("PENDING_DELETION"), ""), HSM_OUTCOME_DONE, 1, 1 },
		{ { .status = 400, .body = GRAPH_ERROR("100", "") }, GRAPH_PAGE(GRAPH_ROW("\"78\"", "order_v1", "en_US", "APPROVED"), ""),
		  HSM_OUTCOME_DONE, 1, 1 },
		{ { .status = 404 }, GRAPH_PAGE("", ""), HSM_OUTCOME_DONE, 1, 1 },
		{ { .status = 400, .body = GRAPH_ERROR("100", "") }, GRAPH_PAGE(OURS("DISABLED"), ""), HSM_OUTCOME_REFUSED, 1, 1 },
		{ { .status = 400, .body = GRAPH_ERROR("100", "") }, "<html>", HSM_OUTCOME_UNAVAILABLE, 1, 1 },
		{ { .status = 400, .body = GRAPH_ERROR("10", "") }, "", HSM_OUTCOME_FORBIDDEN, 1, 0 },
		{ { .status = 500 }, "", HSM_OUTCOME_LOST, 5, 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = {
			cases[i].reply,
			{ .request = DELETE, .status = 200, .body = "{\"success\":true}" },
			{ .request = NAMED, .status = 200, .body = cases[i].list },
		};
		struct live_fixture f;
		struct seen seen = { 0 };
		replies[0].request = DELETE;
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		hsm_connection_delete_template(f.connection, ACCOUNT, "77", "order_v1", note, &seen);
		hsm_connection_run(f.connection);
		assert_int_equal(seen.calls, 1);
		if (seen.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d, %s", i, seen.outcome, seen.message);
		assert_int_equal(http_server_count(f.server, "DELETE *"), cases[i].deletes);
		assert_int_equal(http_server_count(f.server, DELETE), cases[i].deletes);
		assert_int_equal(http_server_count(f.server, NAMED), cases[i].looks);
		live_fixture_close(&f);
	}
}

/* An empty hsm_id might be none, and a name alone is every language. */
static void nothing_is_deleted_by_its_name_alone(void **state)
{
	static const struct http_reply replies[] = { { .request = "*", .status = 400, .body = GRAPH_ERROR("10", "") } };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	hsm_connection_delete_template(f.connection, ACCOUNT, "", "order_v1", note, &seen);
	hsm_connection_delete_template(f.connection, ACCOUNT, "a&name=b", "c&hsm_id=1", note, &seen);
	hsm_connection_run(f.connection);
	assert_int_equal(http_server_count(f.server, "DELETE " GRAPH_TEMPLATES "?hsm_id=0&name=order_v1"), 1);
	assert_int_equal(http_server_count(f.server, "DELETE " GRAPH_TEMPLATES "?hsm_id=a%26name%3Db&name=c%26hsm_id%3D1"), 1);
	assert_int_equal(http_server_count(f.server, "*"), 2);
	live_fixture_close(&f);
}

static void ids_and_names_cannot_reach_another_path(void **state)
{
	static const struct http_reply replies[] = { { .request = "GET *", .status = 400, .body = SUBCODE("33") } };
	struct live_fixture f;
	struct seen seen = { 0 };
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	hsm_connection_get_template(f.connection, ACCOUNT, "../me?x#y", note, &seen);
	hsm_connection_find_template(f.connection, "a/b", "a&b c", "en_US", note, &seen);
	hsm_connection_run(f.connection);
	assert_int_equal(http_server_count(f.server, "GET " GRAPH "..%2Fme%3Fx%23y?fields=*"), 1);
	assert_int_equal(http_server_count(f.server, "GET " GRAPH "a%2Fb/message_templates?*&name=a%26b%20c"), 1);
	live_fixture_close(&f);
}

static void a_probe_tells_whether_creates_are_allowed(void **state)
{
	static const struct {
		struct http_reply reply;
		enum hsm_outcome outcome;
	} cases[] = {
		{ { .status = 400, .body = GRAPH_ERROR("100", "") }, HSM_OUTCOME_DONE },
		{ { .status = 400, .body = SUBCODE("2388043") }, HSM_OUTCOME_DONE },
		{ { .status = 400, .body = SUBCODE("33") }, HSM_OUTCOME_FORBIDDEN },
		{ { .status = 400, .body = GRAPH_ERROR("200", "") }, HSM_OUTCOME_FORBIDDEN },
		{ { .status = 401, .body = GRAPH_ERROR("190", "") }, HSM_OUTCOME_FORBIDDEN },
		{ { .status = 404 }, HSM_OUTCOME_REFUSED },
		{ { .status = 500 }, HSM_OUTCOME_LOST },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { cases[i].reply };
		struct live_fixture f;
		struct seen seen = { 0 };
		replies[0].request = GRAPH_CREATE;
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		hsm_connection_probe_write(f.connection, ACCOUNT, note, &seen);
		hsm_connection_run(f.connection);
		if (seen.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d, %s", i, seen.outcome, seen.message);
		assert_string_equal(http_server_body(f.server, GRAPH_CREATE), "{}");
		live_fixture_close(&f);
	}
}

static void webhooks_are_none_of_an_account(void **state)
{
	struct live_fixture f;
	struct seen seen[2] = { 0 };
	(void)state;
	graph_fixture_open(&f, NULL, 0);
	live_fixture_connect(&f);
	hsm_connection_write_webhook(f.connection, NULL, &(struct hsm_webhook_write){ .name = "w" }, note, &seen[0]);
	hsm_connection_delete_webhook(f.connection, "w1", note, &seen[1]);
	hsm_connection_run(f.connection);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(seen[i].calls, 1);
		assert_int_equal(seen[i].class, HSM_ERROR_CONFIG);
	}
	assert_int_equal(http_server_count(f.server, "*"), 0);
	live_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_create_sends_the_content_once_and_reads_back_what_became_of_it),
		cmocka_unit_test(every_answer_to_a_create_has_its_outcome),
		cmocka_unit_test(a_quota_that_is_spent_ends_what_waits),
		cmocka_unit_test(a_name_in_cool_down_is_looked_for),
		cmocka_unit_test(a_template_is_found_by_exactly_its_name_and_language),
		cmocka_unit_test(a_look_that_fails_is_no_loss),
		cmocka_unit_test(a_template_is_read_by_its_id),
		cmocka_unit_test(one_language_is_deleted_by_its_id_and_name),
		cmocka_unit_test(nothing_is_deleted_by_its_name_alone),
		cmocka_unit_test(ids_and_names_cannot_reach_another_path),
		cmocka_unit_test(a_probe_tells_whether_creates_are_allowed),
		cmocka_unit_test(webhooks_are_none_of_an_account),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
