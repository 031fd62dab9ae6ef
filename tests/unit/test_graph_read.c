/* Reading Meta's Graph API: pages behind cursors, and what can go wrong on the way. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "reconciler/live/usage.h"
#include "tests/unit/graph_fixture.h"

#define FIRST GRAPH_LIST "1000"
#define SECOND GRAPH_LIST "1000&after=a%2B1%3D%26x"
#define THIRD GRAPH_LIST "1000&after=c2"
#define ONE GRAPH_ROW("\"11\"", "one_v1", "en_US", "APPROVED")
#define TWO GRAPH_ROW("\"12\"", "two_v1", "en_US", "APPROVED")
#define EMPTY { .request = GRAPH_LIST "*", .status = 200, .body = GRAPH_PAGE("", "") }

static void assert_error(const struct live_fixture *fixture, const char *text)
{
	if (!strstr(fixture->error.message, text))
		fail_msg("no '%s' in '%s'", text, fixture->error.message);
	assert_null(strstr(fixture->error.message, "planted"));
}

static size_t pages_done, pages_total;

static void note_progress(void *user, size_t done, size_t total)
{
	(void)user;
	pages_done = done;
	pages_total = total;
}

static void everything_is_read_in_the_fewest_requests(void **state)
{
	static const struct http_reply replies[] = {
		ACCOUNT_REPLY,
		{ .request = SECOND, .status = 200, .body = GRAPH_PAGE(TWO, ",\"paging\":{\"cursors\":{\"after\":\"end\"}}") },
		{ .request = FIRST, .status = 200, .body = GRAPH_PAGE(ONE, GRAPH_NEXT("a+1=&x")) },
	};
	struct live_fixture f;
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	live_fixture_connect(&f);
	assert_int_equal(hsm_live_read(f.connection, true, &f.live, note_progress, NULL, &f.error), 0);
	assert_int_equal(http_server_count(f.server, "*"), 3);
	assert_int_equal(http_server_find(f.server, "GET " GRAPH ACCOUNT "?fields=id*"), 1); /* before anything else */
	assert_string_equal(http_server_authorization(f.server, SECOND), "Bearer " LIVE_TOKEN);
	assert_int_equal(pages_done, 2);
	assert_int_equal(pages_total, 0); /* nobody knows */
	assert_string_equal(f.live.provider_id, ACCOUNT);
	assert_string_equal(f.live.provider_name, "Acme");
	assert_int_equal(f.live.template_count, 2);
	assert_int_equal(f.live.page_count, 2);
	assert_string_equal(f.live.templates[0].id, "11");
	assert_string_equal(f.live.templates[1].name, "two_v1");
	assert_string_equal(f.live.templates[1].content.json, "[{\"type\":\"BODY\",\"text\":\"Hi.\"}]");
	assert_true(f.live.has_webhooks);
	assert_int_equal(f.live.webhook_count, 0);
	live_fixture_close(&f);
}

static void what_lists_say_is_kept_as_it_is(void **state)
{
	static const struct http_reply replies[] = {
		ACCOUNT_REPLY,
		{ .request = FIRST, .status = 200,
		  .body = "{\"data\":[{\"id\":12345678901234567891,\"name\":\"a_v1\",\"language\":\"pt_BR\",\"status\":\"approved\","
			  "\"category\":\"marketing\",\"correct_category\":\"UTILITY\",\"previous_category\":\"utility\","
			  "\"quality_score\":{\"score\":\"green\",\"date\":12345678901234567},\"rejected_reason\":\"NONE\","
			  "\"components\":[{\"type\":\"body\",\"text\":\"Oi.\"}]},"
			  "{\"id\":9007199254740993,\"name\":\"b_v1\",\"language\":\"en\",\"status\":\"LIMIT_EXCEEDED\",\"category\":\"ODD\","
			  "\"correct_category\":\"\",\"rejected_reason\":\"scam\",\"quality_score\":7,"
			  "\"components\":[{\"type\":\"HOLOGRAM\",\"text\":\"x\"},{\"type\":\"BODY\",\"text\":\"y\"}]},"
			  "{\"id\":7,\"name\":\"c_v1\",\"language\":\"en\",\"status\":\"PENDING_DELETION\",\"category\":\"UTILITY\","
			  "\"components\":[]}]}" },
	};
	struct live_fixture f;
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	if (live_fixture_read(&f, false))
		fail_msg("%s", f.error.message);
	const struct hsm_live_template *row = f.live.templates;
	assert_int_equal(f.live.template_count, 3);
	assert_string_equal(row[0].id, "12345678901234567891");
	assert_string_equal(row[0].category, "MARKETING");
	assert_string_equal(row[0].correct_category, "UTILITY");
	assert_string_equal(row[0].previous_category, "UTILITY");
	assert_string_equal(row[0].quality, "GREEN");
	assert_int_equal(row[0].status, HSM_STATUS_APPROVED);
	assert_null(row[0].rejection_reason);
	assert_null(row[0].created);
	assert_string_equal(row[0].content.json, "[{\"type\":\"BODY\",\"text\":\"Oi.\"}]");
	assert_string_equal(row[1].id, "9007199254740993");
	assert_int_equal(row[1].status, HSM_STATUS_UNKNOWN);
	assert_string_equal(row[1].status_word, "LIMIT_EXCEEDED");
	assert_null(row[1].correct_category);
	assert_null(row[1].quality);
	assert_string_equal(row[1].rejection_reason, "SCAM");
	/* an unknown component equals nothing that a file can hold */
	assert_string_not_equal(row[1].content.json, "[{\"type\":\"BODY\",\"text\":\"y\"}]");
	assert_string_equal(row[2].id, "7");
	assert_int_equal(row[2].status, HSM_STATUS_PENDING_DELETION);
	assert_string_not_equal(row[2].content.json, "[]");
	live_fixture_close(&f);
}

static char huge[(17 << 20) + 1];

static void a_page_that_is_too_large_is_asked_for_in_smaller_ones(void **state)
{
	static const struct {
		struct http_reply reply;
		const char *taken;
		size_t requests;
	} cases[] = {
		{ { .request = FIRST, .status = 500, .body = GRAPH_ERROR("1", "") }, GRAPH_LIST "250", 2 },
		{ { .request = FIRST, .status = 400, .body = GRAPH_ERROR("100", "") }, GRAPH_LIST "250", 2 },
		{ { .request = FIRST, .status = 200, .body = huge }, GRAPH_LIST "250", 6 }, /* as of any passing fault */
		{ { .request = GRAPH_LIST "*0", .status = 400, .body = GRAPH_ERROR("100", "") }, GRAPH_LIST "25", 4 },
	};
	(void)state;
	memset(huge, ' ', sizeof(huge) - 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = { cases[i].reply, ACCOUNT_REPLY, EMPTY };
		struct live_fixture f;
		graph_fixture_open(&f, replies, COUNT(replies));
		if (live_fixture_read(&f, false))
			fail_msg("case %zu: %s", i, f.error.message);
		size_t requests = http_server_count(f.server, GRAPH_LIST "*");
		assert_true(requests <= cases[i].requests);
		assert_int_equal(http_server_count(f.server, cases[i].taken), 1);
		/* and so from then on */
		assert_int_equal(live_fixture_read(&f, false), 0);
		assert_int_equal(http_server_count(f.server, GRAPH_LIST "*"), requests + 1);
		live_fixture_close(&f);
	}
}

static void cursors_that_lead_nowhere_end_the_reading(void **state)
{
	static const struct {
		const char *second, *third, *expected;
		size_t pages;
	} cases[] = {
		/* the same again, or the first one's */
		{ GRAPH_PAGE(TWO, GRAPH_NEXT("a+1=&x")), "", "in a circle", 2 },
		{ GRAPH_PAGE(TWO, GRAPH_NEXT("c2")), GRAPH_PAGE("", GRAPH_NEXT("a+1=&x")), "in a circle", 3 },
		{ GRAPH_PAGE("", GRAPH_NEXT("c2")), GRAPH_PAGE("", GRAPH_NEXT("c2")), "in a circle", 3 },
		{ GRAPH_PAGE(TWO, GRAPH_NEXT("")), "", "no cursor to it", 2 },
		{ GRAPH_PAGE(TWO, ",\"paging\":{\"next\":\"https://x\"}"), "", "no cursor to it", 2 },
		{ GRAPH_PAGE(TWO, ",\"paging\":{\"next\":\"https://x\",\"cursors\":{\"after\":7}}"), "", "no cursor to it", 2 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = {
			ACCOUNT_REPLY,
			{ .request = SECOND, .status = 200, .body = cases[i].second },
			{ .request = THIRD, .status = 200, .body = cases[i].third },
			{ .request = FIRST, .status = 200, .body = GRAPH_PAGE(ONE, GRAPH_NEXT("a+1=&x")) },
		};
		struct live_fixture f;
		graph_fixture_open(&f, replies, COUNT(replies));
		assert_int_equal(live_fixture_read(&f, false), HSM_ERROR_UNAVAILABLE);
		assert_error(&f, cases[i].expected);
		assert_error(&f, "GET " GRAPH_TEMPLATES);
		assert_int_equal(http_server_count(f.server, GRAPH_LIST "*"), cases[i].pages);
		live_fixture_close(&f);
	}
}

static void a_listing_that_shifts_is_read_again(void **state)
{
	static const struct http_reply replies[] = {
		ACCOUNT_REPLY,
		{ .request = SECOND, .status = 200, .body = GRAPH_PAGE(ONE, ""), .times = 1 },
		{ .request = SECOND, .status = 200, .body = GRAPH_PAGE(TWO, "") },
		{ .request = FIRST, .status = 200, .body = GRAPH_PAGE(ONE, GRAPH_NEXT("a+1=&x")) },
	};
	struct live_fixture f;
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	assert_int_equal(live_fixture_read(&f, false), 0);
	assert_int_equal(f.live.template_count, 2);
	assert_string_equal(f.live.templates[1].name, "two_v1");
	assert_int_equal(http_server_count(f.server, GRAPH_LIST "*"), 4);
	assert_int_equal(http_server_count(f.server, "*"), 5); /* the account is asked for once */
	live_fixture_close(&f);
}

static void a_listing_that_never_holds_still_is_given_up(void **state)
{
	static const struct http_reply replies[] = {
		ACCOUNT_REPLY,
		{ .request = FIRST, .status = 200, .body = GRAPH_PAGE(ONE "," ONE, GRAPH_NEXT("c2")) },
	};
	struct live_fixture f;
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	assert_int_equal(live_fixture_read(&f, false), HSM_ERROR_UNAVAILABLE);
	assert_error(&f, "shifted each of the 5 times");
	assert_int_equal(http_server_count(f.server, GRAPH_LIST "*"), 5);
	live_fixture_close(&f);
}

static char deep[4000];

static void answers_that_make_no_sense_are_told_with_where(void **state)
{
	static const struct {
		const char *body, *expected;
	} cases[] = {
		{ "<html>", "HTML instead of JSON" },
		{ "", "no content" },
		{ "{\"data\":{}}", "no array 'data'" },
		{ "{\"error\":{\"code\":1}}", "no array 'data'" },
		{ "{\"data\":[7]}", "is not an object" },
		{ "{\"data\":[{}]}", "has no 'id'" },
		{ GRAPH_PAGE(GRAPH_ROW("\"../x\"", "a", "en", "APPROVED"), ""), "template 'a' has no 'id' that is one" },
		{ GRAPH_PAGE(GRAPH_ROW("1e300", "a", "en", "APPROVED"), ""), "has no 'id' that is one" },
		{ GRAPH_PAGE(GRAPH_ROW("-1234567890123456789", "a", "en", "APPROVED"), ""), "has no 'id' that is one" },
		{ GRAPH_PAGE(GRAPH_ROW("1.5", "a", "en", "APPROVED"), ""), "has no 'id' that is one" },
		{ "{\"data\":[{\"id\":\"1\",\"name\":7}]}", "has no 'name'" },
		{ "{\"data\":[{\"id\":\"1\",\"name\":\"n\",\"language\":\"en\",\"category\":\"X\"}]}", "has no 'status'" },
		{ "{\"data\":\"\xff\"}", "not UTF-8" },
		{ deep, "nested too deeply" },
	};
	(void)state;
	memset(deep, '[', sizeof(deep) - 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = { ACCOUNT_REPLY, { .request = FIRST, .status = 200, .body = cases[i].body } };
		struct live_fixture f;
		graph_fixture_open(&f, replies, COUNT(replies));
		assert_int_equal(live_fixture_read(&f, false), HSM_ERROR_UNAVAILABLE);
		assert_error(&f, "GET " GRAPH_TEMPLATES "?limit=1000: 200: ");
		assert_error(&f, cases[i].expected);
		assert_int_equal(http_server_count(f.server, "*"), 2);
		live_fixture_close(&f);
	}
}

static void the_account_tells_first_whether_the_token_is_right(void **state)
{
	static const struct {
		struct http_reply reply;
		int class;
		const char *expected;
	} cases[] = {
		{ { .status = 401, .body = GRAPH_ERROR("190", ",\"error_subcode\":463") }, HSM_ERROR_AUTH,
		  "the access token of META_ACCESS_TOKEN: GET " GRAPH ACCOUNT "?fields=id,name: 401 190/463: the access token is "
		  "wrong, has expired or was withdrawn: make a new one" },
		{ { .status = 400, .body = GRAPH_ERROR("190", "") }, HSM_ERROR_AUTH, "(correlation id AbC-trace)" },
		{ { .status = 400, .body = GRAPH_ERROR("100", ",\"error_subcode\":33") }, HSM_ERROR_AUTH, "there is no such object" },
		{ { .status = 403, .body = GRAPH_ERROR("10", "") }, HSM_ERROR_AUTH, "whatsapp_business_management" },
		{ { .status = 400, .body = GRAPH_ERROR("200", "") }, HSM_ERROR_AUTH, "whatsapp_business_management" },
		{ { .status = 400, .body = GRAPH_ERROR("299", "") }, HSM_ERROR_AUTH, "whatsapp_business_management" },
		{ { .status = 403, .body = GRAPH_ERROR("4", ""), .headers = GRAPH_SPENT }, HSM_ERROR_TRY_LATER, "calls of this hour" },
		{ { .status = 400, .body = GRAPH_ERROR("80008", ""), .headers = GRAPH_SPENT }, HSM_ERROR_TRY_LATER,
		  "calls of this hour" },
		{ { .status = 400, .body = GRAPH_ERROR("100", ",\"error_user_title\":\"\xc3\x87\",\"error_user_msg\":\"Par\xc3\xa2metro\"") },
		  HSM_ERROR_FAILED, "it says '\xc3\x87: Par\xc3\xa2metro'" },
		{ { .status = 400, .body = GRAPH_ERROR("77", ",\"error_data\":{\"details\":\"why " LIVE_TOKEN "\"}") }, HSM_ERROR_FAILED,
		  ": 400 77: why *** (" },
		{ { .status = 200, .body = "{\"id\":\"5\",\"name\":\"Other\"}" }, HSM_ERROR_UNAVAILABLE, "another account" },
		{ { .status = 200, .body = "[]" }, HSM_ERROR_UNAVAILABLE, "another account" },
		{ { .status = 404, .body = "<html>" }, HSM_ERROR_FAILED, "404: HTML" },
		{ { .status = 302 }, HSM_ERROR_UNAVAILABLE, "redirect" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { cases[i].reply, EMPTY };
		struct live_fixture f;
		replies[0].request = "GET " GRAPH ACCOUNT "?fields=id*";
		graph_fixture_open(&f, replies, COUNT(replies));
		int class = live_fixture_read(&f, false);
		if (class != cases[i].class)
			fail_msg("case %zu: class %d, %s", i, class, f.error.message);
		assert_error(&f, cases[i].expected);
		assert_int_equal(http_server_count(f.server, "*"), 1);
		live_fixture_close(&f);
	}
}

static void passing_trouble_is_passed_over(void **state)
{
	static const struct http_reply cases[] = {
		{ .request = FIRST, .status = 400, .body = GRAPH_ERROR("2", ""), .times = 1 },
		{ .request = FIRST, .status = 400, .body = GRAPH_ERROR("77", ",\"is_transient\":true"), .times = 1 },
		{ .request = FIRST, .status = 502, .body = "<html>", .times = 1 },
		{ .request = FIRST, .drop = true, .times = 1 },
		{ .request = FIRST, .status = 400, .body = GRAPH_ERROR("130429", ""), .times = 1 },
		{ .request = "GET " GRAPH ACCOUNT "?fields=id*", .status = 500, .body = GRAPH_ERROR("1", ""), .times = 1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = { cases[i], ACCOUNT_REPLY, EMPTY };
		struct live_fixture f;
		graph_fixture_open(&f, replies, COUNT(replies));
		if (live_fixture_read(&f, false))
			fail_msg("case %zu: %s", i, f.error.message);
		assert_in_range(http_server_count(f.server, "*"), 3, 4);
		assert_int_equal(http_server_count(f.server, GRAPH_LIST "250"), 0); /* nor is a page smaller for it */
		live_fixture_close(&f);
	}
}

static void a_token_that_expires_in_the_middle_is_told(void **state)
{
	static const struct http_reply replies[] = {
		ACCOUNT_REPLY,
		{ .request = SECOND, .status = 401, .body = GRAPH_ERROR("190", ",\"error_subcode\":463") },
		{ .request = FIRST, .status = 200, .body = GRAPH_PAGE(ONE, GRAPH_NEXT("a+1=&x")) },
	};
	struct live_fixture f;
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	assert_int_equal(live_fixture_read(&f, false), HSM_ERROR_AUTH);
	assert_error(&f, "META_ACCESS_TOKEN");
	assert_int_equal(http_server_count(f.server, "*"), 3);
	live_fixture_close(&f);
}

static void usage_is_the_highest_share_that_headers_tell(void **state)
{
	static const struct {
		const char *header;
		int percent, minutes;
	} cases[] = {
		{ "{\"call_count\":28,\"total_time\":25,\"total_cputime\":31}", 31, 0 },
		{ "{\"1\":[{\"type\":\"whatsapp_business_management\",\"call_count\":90,\"total_time\":5,"
		  "\"estimated_time_to_regain_access\":0}],\"2\":[{\"type\":\"x\",\"call_count\":100,"
		  "\"estimated_time_to_regain_access\":19}]}", 100, 19 },
		/* messages are not what is asked for here */
		{ "{\"1\":[{\"type\":\"whatsapp\",\"call_count\":100,\"estimated_time_to_regain_access\":19}]}", -1, 0 },
		{ "{\"call_count\":-5}", 0, 0 }, { "{\"call_count\":1e999}", 1000, 0 },
		{ "{\"estimated_time_to_regain_access\":1e15}", -1, 1440 }, { "{\"call_count\":\"99\"}", -1, 0 },
		{ "99", -1, 0 }, { "", -1, 0 }, { "{", -1, 0 }, { "[[[99]]]", -1, 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hsm_usage usage = { .percent = -1 };
		hsm_usage_read(cases[i].header, strlen(cases[i].header), &usage);
		assert_int_equal(usage.percent, cases[i].percent);
		assert_int_equal(usage.minutes, cases[i].minutes);
	}
}

/* What is taken yet is asked for, and after a refusal nothing is. */
static void an_account_whose_calls_are_spent_is_asked_nothing_more(void **state)
{
	static const struct http_reply replies[] = {
		{ .request = "GET " GRAPH ACCOUNT "?fields=id*", .status = 200, .body = "{\"id\":\"" ACCOUNT "\"}",
		  .headers = GRAPH_SPENT },
		{ .request = FIRST, .status = 400, .body = GRAPH_ERROR("80008", ""), .headers = GRAPH_SPENT },
	};
	struct live_fixture f;
	(void)state;
	graph_fixture_open(&f, replies, COUNT(replies));
	assert_int_equal(live_fixture_read(&f, false), HSM_ERROR_TRY_LATER);
	assert_error(&f, "or its creates, are spent");
	assert_int_equal(http_server_count(f.server, "*"), 2);
	assert_int_equal(live_fixture_read(&f, false), HSM_ERROR_TRY_LATER);
	assert_error(&f, "environment 'dev': the calls that the API allows are spent: it takes more in about 60 minutes");
	assert_int_equal(http_server_count(f.server, "*"), 2);
	assert_int_equal(hsm_connection_usage(f.connection), 100);
	live_fixture_close(&f);
}

static void requests_keep_apart_where_little_is_left(void **state)
{
	static const char *const headers[] = { NULL, "X-App-Usage: {\"call_count\":79}\n", "X-App-Usage: {\"call_count\":85}\n" };
	static const double least[] = { 0, 0, 0.5 };
	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		const struct http_reply replies[] = {
			{ .request = "GET " GRAPH ACCOUNT "?fields=id*", .status = 200, .body = "{\"id\":\"" ACCOUNT "\"}", .headers = headers[i] },
			{ .request = FIRST, .status = 200, .body = GRAPH_PAGE(ONE, GRAPH_NEXT("c2")) },
			{ .request = THIRD, .status = 200, .body = GRAPH_PAGE(TWO, "") },
		};
		struct live_fixture f;
		struct timespec begin, end;
		graph_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		clock_gettime(CLOCK_MONOTONIC, &begin);
		if (live_fixture_read(&f, false))
			fail_msg("%s", f.error.message);
		clock_gettime(CLOCK_MONOTONIC, &end);
		double took = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
		assert_true(took >= least[i]); /* between the two pages */
		assert_int_equal(hsm_connection_usage(f.connection), i == 0 ? -1 : i == 1 ? 79 : 85);
		live_fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_read_in_the_fewest_requests),
		cmocka_unit_test(what_lists_say_is_kept_as_it_is),
		cmocka_unit_test(a_page_that_is_too_large_is_asked_for_in_smaller_ones),
		cmocka_unit_test(cursors_that_lead_nowhere_end_the_reading),
		cmocka_unit_test(a_listing_that_shifts_is_read_again),
		cmocka_unit_test(a_listing_that_never_holds_still_is_given_up),
		cmocka_unit_test(answers_that_make_no_sense_are_told_with_where),
		cmocka_unit_test(the_account_tells_first_whether_the_token_is_right),
		cmocka_unit_test(passing_trouble_is_passed_over),
		cmocka_unit_test(a_token_that_expires_in_the_middle_is_told),
		cmocka_unit_test(usage_is_the_highest_share_that_headers_tell),
		cmocka_unit_test(an_account_whose_calls_are_spent_is_asked_nothing_more),
		cmocka_unit_test(requests_keep_apart_where_little_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
