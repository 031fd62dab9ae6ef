/* Reading a listing: the requests it takes, and what can go wrong on the way. */
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

#define TEMPLATE(id, name) "{\"id\":\"" id "\",\"name\":\"" name "\",\"language\":\"en_US\",\"category\":\"utility\"," \
			   "\"status\":\"APPROVED\",\"components\":[{\"type\":\"BODY\",\"text\":\"Hi " id "\"}]}"
#define PAGE(entities, number, count, total) \
	"{\"entities\":[" entities "],\"pageSize\":100,\"pageNumber\":" number ",\"pageCount\":" count ",\"total\":" total "}"
#define EMPTY_LISTING { .request = TEMPLATES "*", .status = 200, .body = PAGE("", "1", "0", "0") }
#define PAGE_1 TEMPLATES "pageSize=100&pageNumber=1"
#define PAGE_2 TEMPLATES "pageSize=100&pageNumber=2"
#define PAGE_3 TEMPLATES "pageSize=100&pageNumber=3"
#define ORGANIZATION "GET /api/v2/organizations/me"

/* The JSON {"id":"org-1","name":"Acme"} as gzip has it. */
static const char organization_gzip[] =
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x4c\x51\xb2\x52\xca\x2f\x4a\xd7\x35\x54\xd2"
	"\x51\xca\x4b\xcc\x4d\x05\x72\x1d\x93\x81\x54\x2d\x00\xf9\x52\x6a\xbd\x1c\x00\x00\x00";

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
		TOKEN_REPLY,
		{ .request = ORGANIZATION, .status = 200, .body = organization_gzip,
		  .length = sizeof(organization_gzip) - 1, .headers = "Content-Encoding: gzip\n" },
		PROVIDERS_REPLY,
		{ .request = PAGE_1, .status = 200, .body = PAGE(TEMPLATE("a", "one_v1"), "1", "3", "3") },
		{ .request = PAGE_2, .status = 200, .body = PAGE(TEMPLATE("b", "two_v1"), "2", "3", "3"), .delay = 100 },
		{ .request = PAGE_3, .status = 200, .body = PAGE(TEMPLATE("c", "three_v1"), "3", "3", "3") },
		{ .request = "GET /api/v2/messaging/webhooks?page*", .status = 200,
		  .body = PAGE("{\"id\":\"w1\",\"name\":\"hook\",\"url\":\"https://x.example\",\"events\":[\"e1\",\"e2\"],"
			       "\"enabled\":false}", "1", "1", "1") },
	};
	struct live_fixture f;
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.organization = "org-1";
	live_fixture_connect(&f);
	assert_int_equal(hsm_live_read(f.connection, true, &f.live, note_progress, NULL, &f.error), 0);
	assert_int_equal(http_server_count(f.server, "*"), 7);
	assert_int_equal(hsm_connection_count_requests(f.connection), 7);
	assert_int_equal(http_server_find(f.server, ORGANIZATION), 2); /* right after the token */
	assert_string_equal(http_server_authorization(f.server, PAGE_3), "Bearer " LIVE_TOKEN);
	assert_string_equal(http_server_body(f.server, "POST /oauth/token"), "grant_type=client_credentials");
	assert_int_equal(pages_done, 3);
	assert_int_equal(pages_total, 3);
	assert_string_equal(f.live.organization_name, "Acme");
	assert_string_equal(f.live.provider_id, "p1");
	assert_int_equal(f.live.template_count, 3);
	assert_string_equal(f.live.templates[1].name, "two_v1"); /* the API's order, though it came last */
	assert_string_equal(f.live.templates[1].category, "UTILITY");
	assert_string_equal(f.live.templates[1].content.json, "[{\"type\":\"BODY\",\"text\":\"Hi b\"}]");
	assert_true(f.live.has_webhooks);
	assert_int_equal(f.live.webhook_count, 1);
	assert_string_equal(f.live.webhooks[0].events[1], "e2");
	assert_false(f.live.webhooks[0].enabled);
	live_fixture_close(&f);
}

static void an_access_token_needs_no_token_request_and_no_organisation_is_asked_for(void **state)
{
	static const struct http_reply replies[] = { PROVIDERS_REPLY, EMPTY_LISTING };
	struct live_fixture f;
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.access_token = "given";
	assert_int_equal(live_fixture_read(&f, false), 0);
	assert_int_equal(http_server_count(f.server, "*"), 2);
	assert_string_equal(http_server_authorization(f.server, PAGE_1), "Bearer given");
	assert_int_equal(f.live.template_count, 0);
	assert_false(f.live.has_webhooks);
	assert_null(f.live.organization_id);
	live_fixture_close(&f);
}

static void credentials_of_another_organisation_read_nothing(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY,
		{ .request = ORGANIZATION, .status = 200, .body = "{\"id\":\"org-2\",\"name\":\"Other\"}" },
		PROVIDERS_REPLY, EMPTY_LISTING,
	};
	struct live_fixture f;
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.organization = "org-1";
	assert_int_equal(live_fixture_read(&f, false), HSM_ERROR_AUTH);
	assert_error(&f, "is organization org-1");
	assert_error(&f, "org-2 (Other)");
	assert_int_equal(http_server_count(f.server, "*"), 2);
	live_fixture_close(&f);
}

static void the_provider_is_the_one_that_is_meant(void **state)
{
	static const struct {
		const char *wanted, *entities;
		int class;
		const char *expected; /* its id, or a part of the message */
	} cases[] = {
		{ NULL, "{\"id\":\"p2\",\"type\":\"OPEN\"},{\"id\":\"p1\",\"type\":\"whatsapp\",\"status\":\"active\"}", 0, "p1" },
		{ NULL, "{\"id\":\"p2\",\"type\":\"WHATSAPP\",\"status\":\"INACTIVE\"},{\"id\":\"p1\",\"type\":\"WHATSAPP\"}", 0,
		  "p1" },
		{ "Acme", "{\"id\":\"p2\",\"type\":\"WHATSAPP\"},{\"id\":\"p1\",\"name\":\"Acme\",\"type\":\"WHATSAPP\"}", 0, "p1" },
		{ "p1", "{\"id\":\"p2\",\"type\":\"WHATSAPP\"},{\"id\":\"p1\",\"type\":\"WHATSAPP\"}", 0, "p1" },
		{ NULL, "", HSM_ERROR_UNAVAILABLE, "there are none at all" },
		{ NULL, "{\"id\":\"p2\",\"name\":\"Text\",\"type\":\"OPEN\"}", HSM_ERROR_UNAVAILABLE, "'Text' (p2, OPEN, ACTIVE)" },
		{ NULL, "{\"id\":\"p1\",\"name\":\"Acme\",\"type\":\"WHATSAPP\",\"status\":\"ERROR\"}", HSM_ERROR_UNAVAILABLE,
		  "'Acme' is ERROR" },
		{ NULL, "{\"id\":\"p1\",\"type\":\"WHATSAPP\"},{\"id\":\"p2\",\"type\":\"WHATSAPP\"}", HSM_ERROR_CONFIG,
		  "2 active WHATSAPP providers could be meant" },
		{ "Twin", "{\"id\":\"p1\",\"name\":\"Twin\",\"type\":\"WHATSAPP\"},"
			  "{\"id\":\"p2\",\"name\":\"Twin\",\"type\":\"WHATSAPP\"}", HSM_ERROR_CONFIG, "have that name" },
		{ "Nope", "{\"id\":\"p1\",\"name\":\"Acme\",\"type\":\"WHATSAPP\"}", HSM_ERROR_CONFIG, "name or id 'Nope'" },
		{ "p2", "{\"id\":\"p2\",\"name\":\"Text\",\"type\":\"OPEN\"}", HSM_ERROR_CONFIG, "name or id 'p2'" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char body[512];
		size_t total = *cases[i].entities ? 1 : 0;
		for (const char *c = cases[i].entities; (c = strstr(c, "},{")); c++)
			total++;
		snprintf(body, sizeof(body), "{\"entities\":[%s],\"total\":%zu,\"pageCount\":1}", cases[i].entities, total);
		const struct http_reply replies[] = {
			TOKEN_REPLY,
			{ .request = "GET /api/v2/messaging/providers?page*", .status = 200, .body = body },
			EMPTY_LISTING,
		};
		struct live_fixture f;
		live_fixture_open(&f, replies, COUNT(replies));
		f.settings.provider = cases[i].wanted;
		assert_int_equal(live_fixture_read(&f, false), cases[i].class);
		if (cases[i].class)
			assert_error(&f, cases[i].expected);
		else
			assert_string_equal(f.live.provider_id, cases[i].expected);
		live_fixture_close(&f);
	}
}

#define GOOD_1 { .request = PAGE_1, .status = 200, .body = PAGE(TEMPLATE("a", "one_v1"), "1", "2", "2") }
#define GOOD_2 { .request = PAGE_2, .status = 200, .body = PAGE(TEMPLATE("b", "two_v1"), "2", "2", "2") }

static void a_listing_that_shifts_is_read_again(void **state)
{
	static const struct http_reply shifted[] = {
		{ .request = PAGE_2, .status = 200, .body = PAGE(TEMPLATE("a", "one_v1"), "2", "2", "2"), .times = 1 },
		{ .request = PAGE_2, .status = 200, .body = PAGE(TEMPLATE("b", "two_v1"), "2", "2", "3"), .times = 1 },
		{ .request = PAGE_2, .status = 200, .body = PAGE(TEMPLATE("b", "two_v1"), "2", "3", "2"), .times = 1 },
		{ .request = PAGE_2, .status = 200, .body = PAGE("", "2", "2", "2"), .times = 1 },
		{ .request = PAGE_2, .status = 200,
		  .body = PAGE(TEMPLATE("b", "two_v1") "," TEMPLATE("c", "c_v1"), "2", "2", "2"), .times = 1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(shifted); i++) {
		const struct http_reply replies[] = { TOKEN_REPLY, PROVIDERS_REPLY, shifted[i], GOOD_1, GOOD_2 };
		struct live_fixture f;
		live_fixture_open(&f, replies, COUNT(replies));
		assert_int_equal(live_fixture_read(&f, false), 0);
		assert_int_equal(f.live.template_count, 2);
		assert_string_equal(f.live.templates[1].id, "b");
		assert_int_equal(http_server_count(f.server, TEMPLATES "*"), 4);
		live_fixture_close(&f);
	}
}

static void a_listing_that_never_holds_still_is_given_up(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, PROVIDERS_REPLY, GOOD_1,
		{ .request = PAGE_2, .status = 200, .body = PAGE(TEMPLATE("a", "one_v1"), "2", "2", "2") },
	};
	struct live_fixture f;
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	assert_int_equal(live_fixture_read(&f, false), HSM_ERROR_UNAVAILABLE);
	assert_error(&f, "shifted");
	assert_int_equal(http_server_count(f.server, TEMPLATES "*"), 10);
	live_fixture_close(&f);
}

static char deep[4000], huge[(17 << 20) + 1];

static void answers_that_make_no_sense_are_told_with_where_and_correlation_id(void **state)
{
	const struct {
		unsigned status;
		const char *body, *expected;
	} cases[] = {
		{ 200, "<html>Sign in</html>", ": 200: HTML instead of JSON (correlation id corr-7)" },
		{ 404, "<html>", ": 404: HTML instead of JSON (correlation id corr-7)" },
		{ 200, "", ": 200: no content" },
		{ 200, "hello", "something else than JSON" },
		{ 200, "{\"entities\":[", "not JSON at byte" },
		{ 200, "{\"entities\":[],\"total\":0,\"pageCount\":0} x", "not JSON at byte" },
		{ 200, "{\"entities\":{},\"total\":0}", "no array 'entities'" },
		{ 200, "{\"entities\":[]}", "has no 'total'" },
		{ 200, "{\"entities\":[],\"total\":1e300}", "'total' is not an integer" },
		{ 200, "{\"entities\":[],\"total\":-1}", "a page of" },
		{ 200, "{\"entities\":[],\"total\":1,\"pageCount\":1000000}", "a page of 1000000 pages" },
		{ 200, "{\"entities\":[null],\"total\":1}", "is not an object" },
		{ 200, "{\"entities\":[{\"id\":\"x\"}],\"total\":1}", "has no 'name'" },
		{ 200, "{\"entities\":[{\"id\":\"x\",\"name\":\"n\",\"language\":7}],\"total\":1}",
		  "template 'n': 'language' is not a string" },
		{ 200, "{\"entities\":[],\"total\":\"\xff\"}", "not UTF-8" },
		{ 200, deep, "nested too deeply" },
		{ 200, huge, "larger than 16 MiB" },
		{ 302, "", "a redirect, which is not followed" },
		{ 404, "{\"message\":\"gone\",\"code\":\"not.found\",\"contextId\":\"ctx\"}",
		  ": 404 not.found: gone (correlation id corr-7)" },
		{ 400, "{\"message\":\"bad " LIVE_TOKEN " and " LIVE_SECRET "\"}", ": 400: bad *** and ***" },
		/* base64 of client:SECRET, and of a header with the token; the token in hexadecimal */
		{ 400, "{\"message\":\"Basic Y2xpZW50OnBsYW50ZWQtY2xpZW50LXNlY3JldA==\",\"code\":\"QXV0aG9yaXphdGlvbjogQmVhcmVyIHBsYW50ZWQtdG9rZW4N\"}", ": 400 QXV0aG9yaXphdGlvbjogQmVhcmVyI***N: Basic Y2xpZW50O***==" },
		{ 400, "{\"message\":\"0x706c616e7465642d746f6b656e\"}", ": 400: 0x***" },
		{ 400, "{\"message\":\"m\",\"details\":[{\"fieldName\":\"f\",\"errorCode\":\"e\"}],"
		       "\"errors\":[{\"message\":\"n\"}]}", ": 400: m [f: e]; n (" },
	};
	(void)state;
	memset(deep, '[', sizeof(deep) - 1);
	memset(huge, ' ', sizeof(huge) - 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = {
			TOKEN_REPLY, PROVIDERS_REPLY,
			{ .request = PAGE_1, .status = cases[i].status, .body = cases[i].body,
			  .headers = CORRELATION "Location: /elsewhere\n" },
		};
		struct live_fixture f;
		live_fixture_open(&f, replies, COUNT(replies));
		int class = cases[i].status >= 400 ? HSM_ERROR_FAILED : HSM_ERROR_UNAVAILABLE;
		assert_int_equal(live_fixture_read(&f, false), class);
		assert_error(&f, PAGE_1);
		assert_error(&f, cases[i].expected);
		assert_error(&f, "corr-7");
		assert_int_equal(http_server_count(f.server, "*"), 3);
		live_fixture_close(&f);
	}
}

/* A gateway that quotes what it was sent, where nobody looks for it. */
static void a_correlation_id_with_a_secret_in_it_is_not_told(void **state)
{
	static const char *const quoted[] = { LIVE_TOKEN, LIVE_SECRET, "eDogcGxhbnRlZC10b2tlbg==", "706c616e7465642d636c69656e742d736563726574" };
	(void)state;
	for (size_t i = 0; i < COUNT(quoted); i++) {
		char header[400], body[400];
		const struct http_reply replies[] = {
			TOKEN_REPLY,
			{ .request = "GET /api/v2/messaging/providers?page*", .status = i % 2 ? 404 : 200, .body = body, .headers = header },
		};
		struct live_fixture f;
		/* as the header, and as what stands in for it */
		for (int j = 0; j < 2; j++) {
			snprintf(header, sizeof(header), "%s: for %s\n", j ? "other" : "inin-correlation-id", quoted[i]);
			snprintf(body, sizeof(body), "{\"message\":\"no\",\"contextId\":\"for %s\"}", quoted[i]);
			live_fixture_open(&f, replies, COUNT(replies));
			assert_true(live_fixture_read(&f, false) < 0);
			assert_error(&f, "GET /api/v2/messaging/providers");
			assert_null(strstr(f.error.message, quoted[i]));
			live_fixture_close(&f);
		}
	}
}

static void strange_templates_are_kept_for_the_planner(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, PROVIDERS_REPLY,
		{ .request = PAGE_1, .status = 200,
		  .body = "{\"entities\":[{\"id\":\"1\",\"name\":\"Not A Name\",\"language\":\"??\",\"category\":\"ODD\","
			  "\"status\":\"QUARANTINED\",\"rejection_reason\":\"\",\"dateCreated\":\"yesterday\","
			  "\"dateModified\":\"2026-01-02T03:04:05.678Z\",\"components\":[]},"
			  "{\"id\":\"2\",\"name\":\"b\",\"language\":\"en\",\"category\":\"UTILITY\",\"status\":\"REJECTED\","
			  "\"rejection_reason\":\"SCAM\",\"components\":[{\"type\":\"CAROUSEL\",\"cards\":[]}]}],\"total\":2}" },
	};
	struct live_fixture f;
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	assert_int_equal(live_fixture_read(&f, false), 0);
	assert_int_equal(f.live.template_count, 2);
	assert_string_equal(f.live.templates[0].name, "Not A Name");
	assert_int_equal(f.live.templates[0].status, HSM_STATUS_UNKNOWN);
	assert_string_equal(f.live.templates[0].status_word, "QUARANTINED");
	assert_null(f.live.templates[0].rejection_reason);
	assert_null(f.live.templates[0].created);
	assert_string_equal(f.live.templates[0].modified, "2026-01-02T03:04:05.678Z");
	assert_string_equal(f.live.templates[1].rejection_reason, "SCAM");
	live_fixture_close(&f);
}

static void passing_trouble_is_passed_over(void **state)
{
	static const struct {
		struct http_reply reply;
		size_t requests;
	} cases[] = {
		{ { .request = PAGE_1, .status = 503, .times = 2 }, 5 },
		{ { .request = PAGE_1, .status = 502, .body = "<html>", .times = 1 }, 4 },
		{ { .request = PAGE_1, .status = 429, .headers = "Retry-After: 1\n", .times = 1 }, 4 },
		{ { .request = PAGE_1, .drop = true, .times = 1 }, 4 },
		{ { .request = "POST /oauth/token", .status = 503, .times = 1 }, 4 },
		{ { .request = "POST /oauth/token", .status = 400, .times = 1,
		    .body = "{\"error\":\"invalid_request\",\"description\":\"(rate limit exceeded; 300)\"}" }, 4 },
		/* a token that was withdrawn */
		{ { .request = PAGE_1, .status = 401, .times = 1 }, 5 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = { cases[i].reply, TOKEN_REPLY, PROVIDERS_REPLY, EMPTY_LISTING };
		struct live_fixture f;
		live_fixture_open(&f, replies, COUNT(replies));
		if (live_fixture_read(&f, false))
			fail_msg("case %zu: %s", i, f.error.message);
		assert_in_range(http_server_count(f.server, "*"), cases[i].requests, cases[i].requests + cases[i].reply.drop);
		live_fixture_close(&f);
	}
}

static void trouble_that_does_not_pass_ends_with_its_class(void **state)
{
	static const struct {
		struct http_reply reply;
		const char *token;
		int class;
		size_t requests;
		const char *expected;
	} cases[] = {
		{ { .request = PAGE_1, .status = 500 }, "t", HSM_ERROR_UNAVAILABLE, 6, ": 500: no content" },
		{ { .request = PAGE_1, .status = 403, .body = "{\"message\":\"no scope\"}" }, "t", HSM_ERROR_AUTH, 2, "no scope" },
		{ { .request = PAGE_1, .status = 401 }, "t", HSM_ERROR_AUTH, 2, ": 401" },
		{ { .request = PAGE_1, .status = 401 }, NULL, HSM_ERROR_AUTH, 5, ": 401" }, /* one token more, once */
		{ { .request = PAGE_1, .status = 429, .headers = "Retry-After: 3600\n" }, "t", HSM_ERROR_UNAVAILABLE, 2, ": 429" },
		{ { .request = "POST /oauth/token", .status = 401,
		    .body = "{\"error\":\"invalid_client\",\"error_description\":\"" LIVE_SECRET " is wrong\"}" }, NULL,
		  HSM_ERROR_AUTH, 1, "does not accept the OAuth client's id and secret: POST /oauth/token: 401 invalid_client: ***" },
		{ { .request = "POST /oauth/token", .status = 401,
		    .body = "{\"error\":\"invalid_client\",\"error_description\":\"Basic Y2xpZW50OnBsYW50ZWQtY2xpZW50LXNlY3JldA==\"}" }, NULL,
		  HSM_ERROR_AUTH, 1, "POST /oauth/token: 401 invalid_client: Basic ***" },
		{ { .request = "POST /oauth/token", .status = 400,
		    .body = "{\"error\":\"invalid_request\",\"description\":\"(rate limit exceeded; 300)\"}" }, NULL,
		  HSM_ERROR_UNAVAILABLE, 5, "POST /oauth/token: 400 invalid_request: (rate limit exceeded; 300)" },
		{ { .request = "POST /oauth/token", .status = 200, .body = "<html>" }, NULL, HSM_ERROR_UNAVAILABLE, 1,
		  "POST /oauth/token: 200: HTML instead of JSON" },
		{ { .request = "POST /oauth/token", .status = 200, .body = "{\"access_token\":\"a\\nb\"}" }, NULL,
		  HSM_ERROR_UNAVAILABLE, 1, "the token is empty or no text" },
		{ { .request = "POST /oauth/token", .status = 502 }, NULL, HSM_ERROR_UNAVAILABLE, 5, "POST /oauth/token: 502" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct http_reply replies[] = { cases[i].reply, TOKEN_REPLY, PROVIDERS_REPLY, EMPTY_LISTING };
		struct live_fixture f;
		live_fixture_open(&f, replies, COUNT(replies));
		f.settings.access_token = cases[i].token;
		int class = live_fixture_read(&f, false);
		if (class != cases[i].class)
			fail_msg("case %zu: class %d, %s", i, class, f.error.message);
		assert_error(&f, cases[i].expected);
		assert_int_equal(http_server_count(f.server, "*"), cases[i].requests);
		live_fixture_close(&f);
	}
}

static void a_page_that_fails_ends_the_others(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, PROVIDERS_REPLY,
		{ .request = PAGE_1, .status = 200, .body = PAGE(TEMPLATE("a", "one_v1"), "1", "50", "50") },
		{ .request = PAGE_2, .status = 403 },
		{ .request = TEMPLATES "*", .status = 200, .body = "{}", .delay = 300 },
	};
	struct live_fixture f;
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	assert_int_equal(live_fixture_read(&f, false), HSM_ERROR_AUTH);
	assert_error(&f, PAGE_2);
	assert_in_range(http_server_count(f.server, TEMPLATES "*"), 2, 5);
	live_fixture_close(&f);
}

struct watch {
	const struct live_fixture *fixture;
	size_t sent[8]; /* requests, when so many pages had been told */
};

static void note_sent(void *user, size_t done, size_t total)
{
	struct watch *watch = user;
	assert_true(done <= total && done < COUNT(watch->sent));
	watch->sent[done] = hsm_connection_count_requests(watch->fixture->connection);
}

static void while_a_page_is_parsed_the_next_is_under_way(void **state)
{
#define OF_SIX(id, number) { .request = TEMPLATES "pageSize=100&pageNumber=" number, .status = 200, \
			     .body = PAGE(TEMPLATE(id, "name_v1"), number, "6", "6") }
	static const struct http_reply replies[] = { TOKEN_REPLY, PROVIDERS_REPLY, OF_SIX("a", "1"), OF_SIX("b", "2"),
						     OF_SIX("c", "3"), OF_SIX("d", "4"), OF_SIX("e", "5"), OF_SIX("f", "6") };
	struct live_fixture f;
	struct watch watch = { .fixture = &f };
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.parallelism = 2;
	live_fixture_connect(&f);
	assert_int_equal(hsm_live_read(f.connection, false, &f.live, note_sent, &watch, &f.error), 0);
	assert_int_equal(watch.sent[1], 3); /* only this page says that there are others */
	assert_true(watch.sent[2] >= 6);    /* the second or third is told, and another took its place */
	assert_int_equal(watch.sent[6], 8);
	assert_true(http_server_most(f.server) <= 2);
	live_fixture_close(&f);
}

struct chore {
	struct hsm_connection *connection;
	size_t calls, pieces;
	bool wrong; /* found to be, at the end */
};

static bool do_piece(void *user)
{
	struct chore *chore = user;
	if (++chore->calls < chore->pieces)
		return true;
	if (chore->wrong)
		hsm_connection_abandon(chore->connection);
	return false;
}

static void other_work_is_done_while_answers_are_awaited(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY,
		{ .request = "GET /api/v2/messaging/providers?page*", .status = 200, .delay = 150,
		  .body = PAGE("{\"id\":\"p1\",\"type\":\"WHATSAPP\"}", "1", "1", "1") },
		EMPTY_LISTING,
	};
	(void)state;
	for (int wrong = 0; wrong < 2; wrong++) {
		struct live_fixture f;
		live_fixture_open(&f, replies, COUNT(replies));
		live_fixture_connect(&f);
		struct chore chore = { .connection = f.connection, .pieces = 1000, .wrong = wrong };
		hsm_connection_set_work(f.connection, do_piece, &chore);
		assert_int_equal(live_fixture_read(&f, false), wrong ? HSM_ERROR_FAILED : 0);
		assert_int_equal(chore.calls, 1000); /* and not again once it is done */
		assert_int_equal(http_server_count(f.server, TEMPLATES "*"), wrong ? 0 : 1);
		live_fixture_close(&f);
	}
}

static void a_token_is_renewed_before_it_expires(void **state)
{
	static const struct http_reply replies[] = {
		{ .request = "POST /oauth/token", .status = 200, .body = "{\"access_token\":\"short\",\"expires_in\":1}",
		  .times = 1 },
		TOKEN_REPLY, PROVIDERS_REPLY, EMPTY_LISTING,
	};
	struct live_fixture f;
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	assert_int_equal(live_fixture_read(&f, false), 0);
	usleep(600 * 1000);
	assert_int_equal(live_fixture_read(&f, false), 0);
	assert_int_equal(http_server_count(f.server, "POST /oauth/token"), 2);
	assert_string_equal(http_server_authorization(f.server, PAGE_1), "Bearer " LIVE_TOKEN);
	live_fixture_close(&f);
}

/* libcurl sends it again by itself where the connection was kept alive, and that may be:
 * a token more does no harm, and it holds for what waits. */
static void a_token_request_that_a_dying_connection_swallowed_is_sent_again(void **state)
{
	static const struct http_reply replies[] = {
		{ .request = "POST /oauth/token", .status = 200, .body = "{\"access_token\":\"ended\",\"expires_in\":86400}",
		  .times = 1 },
		{ .request = "POST /oauth/token", .drop = true, .times = 1 },
		TOKEN_REPLY, PROVIDERS_REPLY,
		{ .request = PAGE_1, .status = 401, .times = 1 },
		EMPTY_LISTING,
	};
	struct live_fixture f;
	(void)state;
	live_fixture_open(&f, replies, COUNT(replies));
	assert_int_equal(live_fixture_read(&f, false), 0);
	assert_int_equal(http_server_count(f.server, "POST /oauth/token"), 3);
	assert_int_equal(http_server_count(f.server, PAGE_1), 2);
	assert_string_equal(http_server_authorization(f.server, PAGE_1), "Bearer " LIVE_TOKEN);
	live_fixture_close(&f);
}

static void a_rate_limit_is_obeyed_before_it_is_met(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY,
		{ .request = "GET /api/v2/messaging/providers?page*", .status = 200,
		  .body = "{\"entities\":[{\"id\":\"p1\",\"type\":\"WHATSAPP\"}],\"total\":1}",
		  .headers = "inin-ratelimit-count: 285\ninin-ratelimit-allowed: 300\ninin-ratelimit-reset: 2\n" },
		EMPTY_LISTING,
	};
	struct live_fixture f;
	int64_t count, allowed;
	double deadlines[] = { 1.5, 4 };
	int classes[] = { HSM_ERROR_UNAVAILABLE, 0 };
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct timespec now;
		clock_gettime(CLOCK_MONOTONIC, &now);
		live_fixture_open(&f, replies, COUNT(replies));
		f.settings.deadline = (double)now.tv_sec + (double)now.tv_nsec / 1e9 + deadlines[i];
		assert_int_equal(live_fixture_read(&f, false), classes[i]);
		assert_int_equal(http_server_count(f.server, TEMPLATES "*"), i);
		hsm_connection_rate(f.connection, &count, &allowed);
		assert_int_equal(allowed, 300); /* the next window's too, until an answer tells */
		assert_int_equal(count, i ? 1 : 285);
		live_fixture_close(&f);
	}
}

static void an_interruption_ends_a_reading_soon(void **state)
{
	static const struct http_reply replies[] = { TOKEN_REPLY, PROVIDERS_REPLY, EMPTY_LISTING };
	static volatile sig_atomic_t interrupted;
	struct live_fixture f;
	(void)state;
	interrupted = 1;
	live_fixture_open(&f, replies, COUNT(replies));
	f.settings.interrupted = &interrupted;
	assert_int_equal(live_fixture_read(&f, false), HSM_ERROR_FAILED);
	assert_error(&f, "interrupted");
	assert_int_equal(http_server_count(f.server, "*"), 0);
	live_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_read_in_the_fewest_requests),
		cmocka_unit_test(an_access_token_needs_no_token_request_and_no_organisation_is_asked_for),
		cmocka_unit_test(credentials_of_another_organisation_read_nothing),
		cmocka_unit_test(the_provider_is_the_one_that_is_meant),
		cmocka_unit_test(a_listing_that_shifts_is_read_again),
		cmocka_unit_test(a_listing_that_never_holds_still_is_given_up),
		cmocka_unit_test(answers_that_make_no_sense_are_told_with_where_and_correlation_id),
		cmocka_unit_test(a_correlation_id_with_a_secret_in_it_is_not_told),
		cmocka_unit_test(strange_templates_are_kept_for_the_planner),
		cmocka_unit_test(passing_trouble_is_passed_over),
		cmocka_unit_test(trouble_that_does_not_pass_ends_with_its_class),
		cmocka_unit_test(a_page_that_fails_ends_the_others),
		cmocka_unit_test(while_a_page_is_parsed_the_next_is_under_way),
		cmocka_unit_test(other_work_is_done_while_answers_are_awaited),
		cmocka_unit_test(a_token_is_renewed_before_it_expires),
		cmocka_unit_test(a_token_request_that_a_dying_connection_swallowed_is_sent_again),
		cmocka_unit_test(a_rate_limit_is_obeyed_before_it_is_met),
		cmocka_unit_test(an_interruption_ends_a_reading_soon),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
