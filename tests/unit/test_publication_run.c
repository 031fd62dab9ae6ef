/* The registry in data tables, against a scripted API: what is asked, and what every answer comes to. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "reconciler/lifecycle/publication.h"
#include "tests/unit/live_fixture.h"
#include "tests/unit/publication_rows.h"

#define TABLES_PATH "/api/v2/flows/datatables"
#define FIND(name) "GET " TABLES_PATH "?pageSize=100&pageNumber=1&expand=schema&name=" name
#define ROWS(table) "GET " TABLES_PATH "/" table "/rows?pageSize=100&pageNumber=1&showbrief=false"
#define MAKE "POST " TABLES_PATH
#define ADD "POST " TABLES_PATH "/t1/rows"
#define PAGE(entities, total) "{\"entities\":[" entities "],\"pageSize\":100,\"pageNumber\":1,\"total\":" total "}"

#define OURS "hsmctl dev: kept equal to the registry, do not edit"
#define TABLE(id, name, description, schema)                                                                     \
	"{\"id\":\"" id "\",\"name\":\"" name "\",\"description\":\"" description "\",\"schema\":" schema "}"
#define FOUND { .request = FIND("T"), .status = 200, .body = PAGE(TABLE("t1", "T", OURS, SCHEMA), "1") }
#define NOT_FOUND { .request = FIND("T"), .status = 200, .body = PAGE("", "0"), .times = 1 }

static const struct hsm_publication_options one = { ANSWERS, "T", 1, 5000, "dev" };

/* A run against a script, after the token's reply. */
struct trial {
	struct live_fixture f;
	struct hsm_publication_result result;
	int status;
};

static void begin(struct trial *trial, const struct http_reply *replies, size_t count)
{
	*trial = (struct trial){ 0 };
	live_fixture_open(&trial->f, replies, count);
	live_fixture_connect(&trial->f);
}

static void publish(struct trial *trial, const struct hsm_publication_row *rows, size_t count,
		    const struct hsm_publication_options *options)
{
	trial->f.error = (struct hsm_error){ 0 };
	trial->status = hsm_publication_run(trial->f.connection, rows, count, options, &trial->result, &trial->f.error);
	assert_int_equal(trial->status, trial->f.error.class);
	assert_null(strstr(trial->f.error.message, "planted"));
}

static void expect(struct trial *trial, size_t created, size_t replaced, size_t deleted)
{
	if (trial->status)
		fail_msg("%s", trial->f.error.message);
	assert_int_equal(trial->result.created, created);
	assert_int_equal(trial->result.replaced, replaced);
	assert_int_equal(trial->result.deleted, deleted);
}

static size_t count_writes(struct trial *trial)
{
	return http_server_count(trial->f.server, "P*" TABLES_PATH "*") + http_server_count(trial->f.server, "DELETE *");
}

static void end(struct trial *trial)
{
	hsm_publication_result_release(&trial->result);
	live_fixture_close(&trial->f);
}

static const struct hsm_publication_row a_row[] = { DESIRED("a", "a_v1") };

static void without_a_difference_it_only_reads(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, FOUND, { .request = ROWS("t1"), .status = 200, .body = PAGE(ROW("a:en", "a_v1"), "1") } };
	struct trial trial;
	(void)state;
	begin(&trial, replies, COUNT(replies));
	publish(&trial, a_row, 1, &one);
	expect(&trial, 0, 0, 0);
	assert_int_equal(http_server_count(trial.f.server, "*"), 3);
	assert_int_equal(trial.result.table_count, 1);
	assert_string_equal(trial.result.tables[0].name, "T");
	assert_string_equal(trial.result.tables[0].id, "t1");
	assert_int_equal(trial.result.tables[0].rows, 1);
	assert_false(trial.result.tables[0].created || trial.result.tables[0].extended);
	end(&trial);
}

static void a_table_that_is_not_there_is_created_and_filled(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY,
		/* names that only look alike */
		{ .request = FIND("T"), .status = 200,
		  .body = PAGE(TABLE("x", "t", "", SCHEMA) "," TABLE("y", "T_1", "", SCHEMA) ",{\"id\":\"z\"}", "3") },
		{ .request = MAKE, .status = 200, .body = "{\"id\":\"t1\"}" },
		{ .request = ROWS("t1"), .status = 200, .body = PAGE("", "0") },
		{ .request = ADD, .status = 200, .body = "{}" },
	};
	struct trial trial;
	(void)state;
	begin(&trial, replies, COUNT(replies));
	publish(&trial, a_row, 1, &one);
	expect(&trial, 1, 0, 0);
	assert_true(trial.result.tables[0].created);
	assert_string_equal(http_server_body(trial.f.server, MAKE),
			    "{\"name\":\"T\",\"description\":\"" OURS "\",\"schema\":" SCHEMA "}");
	assert_string_equal(http_server_body(trial.f.server, ADD), ROW("a:en", "a_v1"));
	end(&trial);
}

static void a_table_is_created_once_even_where_its_answer_is_lost(void **state)
{
#define OTHERS { .request = FIND("T"), .status = 200, .body = PAGE(TABLE("t1", "T", "mine", SCHEMA), "1") }
	static const struct {
		struct http_reply post, look;
		int status;
		size_t posts;
		const char *expected;
	} cases[] = {
		{ { .drop = true, .times = 1 }, FOUND, 0, 1, "" },
		{ { .status = 503, .times = 1 }, FOUND, 0, 1, "" },
		{ { .status = 200, .body = "<html>", .times = 1 }, FOUND, 0, 1, "" },
		{ { .status = 200, .body = "{}", .times = 1 }, FOUND, 0, 1, "" },
		{ { .status = 409 }, FOUND, 0, 1, "" },
		{ { .status = 409 }, OTHERS, HSM_ERROR_BLOCKED, 1, "somebody else's" },
		{ { .status = 409 }, { .request = FIND("T"), .status = 200, .body = PAGE("", "0") }, HSM_ERROR_FAILED, 1,
		  "in another case" },
		{ { .status = 409 }, { .request = FIND("T"), .status = 403 }, HSM_ERROR_AUTH, 1, "the name is taken" },
		{ { .drop = true, .times = 1 }, { .request = FIND("T"), .status = 200, .body = PAGE("", "0") }, 0, 2, "" },
		{ { .drop = true }, { .request = FIND("T"), .status = 200, .body = PAGE("", "0") }, HSM_ERROR_UNAVAILABLE, 2, MAKE },
		{ { .status = 500 }, { .request = FIND("T"), .status = 403 }, HSM_ERROR_AUTH, 1, "can't be told" },
		{ { .status = 429, .headers = "Retry-After: 1\n", .times = 1 }, FOUND, 0, 2, "" },
		{ { .status = 429, .headers = "Retry-After: 3600\n" }, FOUND, HSM_ERROR_UNAVAILABLE, 1, "429" },
		{ { .status = 400, .body = "{\"message\":\"full\"}" }, FOUND, HSM_ERROR_FAILED, 1, "full" },
		{ { .status = 401, .times = 1 }, FOUND, 0, 2, "" },
		{ { .status = 401 }, FOUND, HSM_ERROR_AUTH, 2, "401" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = {
			TOKEN_REPLY, NOT_FOUND, cases[i].post, cases[i].look,
			{ .request = MAKE, .status = 200, .body = "{\"id\":\"t1\"}" },
			{ .request = ROWS("t1"), .status = 200, .body = PAGE(ROW("a:en", "a_v1"), "1") },
		};
		struct trial trial;
		replies[2].request = MAKE;
		begin(&trial, replies, COUNT(replies));
		publish(&trial, a_row, 1, &one);
		if (trial.status != cases[i].status || !strstr(trial.f.error.message, cases[i].expected))
			fail_msg("case %zu: %d, %s", i, trial.status, trial.f.error.message);
		assert_int_equal(http_server_count(trial.f.server, MAKE), cases[i].posts);
		assert_int_equal(count_writes(&trial), cases[i].posts);
		end(&trial);
	}
}

static void a_table_that_is_not_ours_or_has_other_columns_is_not_touched(void **state)
{
	static const struct {
		const char *table;
		int status;
		const char *expected;
	} cases[] = {
		{ TABLE("t2", "T_2", "", SCHEMA), HSM_ERROR_BLOCKED, "data table 'T_2' (t2) is somebody else's" },
		{ "{\"id\":\"t2\",\"name\":\"T_2\",\"schema\":" SCHEMA "}", HSM_ERROR_BLOCKED, "'hsmctl dev:'" },
		{ TABLE("t2", "T_2", "hsmctl development: kept", SCHEMA), HSM_ERROR_BLOCKED, "somebody else's" },
		{ TABLE("t2", "T_2", " " OURS, SCHEMA), HSM_ERROR_BLOCKED, "somebody else's" },
		{ TABLE("t2", "T_2", OURS, SCHEMA_OF(FIRST "," LAST("string"))), HSM_ERROR_FAILED,
		  "data table 'T_2' (t2): column 'fallback' is of type 'string'" },
		{ "{\"id\":\"t2\",\"name\":\"T_2\"}", HSM_ERROR_UNAVAILABLE, "has no 'schema'" },
		{ "{\"name\":\"T_2\",\"schema\":{}}", HSM_ERROR_UNAVAILABLE, "" },
	};
	struct hsm_publication_options two = { ANSWERS, "T", 2, 5000, "dev" };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char page[4096];
		const struct http_reply replies[] = {
			TOKEN_REPLY,
			{ .request = FIND("T_1"), .status = 200, .body = PAGE("", "0") },
			{ .request = FIND("T_2"), .status = 200, .body = page },
		};
		struct trial trial;
		snprintf(page, sizeof(page), PAGE("%s", "1"), cases[i].table);
		begin(&trial, replies, COUNT(replies));
		publish(&trial, a_row, 1, &two);
		if (trial.status != cases[i].status || !strstr(trial.f.error.message, cases[i].expected))
			fail_msg("case %zu: %d, %s", i, trial.status, trial.f.error.message);
		assert_int_equal(count_writes(&trial), 0);
		end(&trial);
	}
}

static void columns_that_a_table_lacks_are_added(void **state)
{
#define OLD "{\"id\":\"t1\",\"name\":\"T\",\"description\":\"" OURS "\",\"division\":{\"id\":\"d1\",\"name\":\"Home\"}," \
	    "\"schema\":" SCHEMA_OF(FIRST) ",\"selfUri\":\"/x\"}"
	static const struct http_reply replies[] = {
		TOKEN_REPLY,
		{ .request = FIND("T"), .status = 200, .body = PAGE(OLD, "1") },
		{ .request = "PUT " TABLES_PATH "/t1", .status = 503, .times = 1 },
		{ .request = "PUT " TABLES_PATH "/t1", .status = 200, .body = "{}" },
		{ .request = ROWS("t1"), .status = 200, .body = PAGE(ROW("a:en", "a_v1"), "1") },
	};
	struct trial trial;
	(void)state;
	begin(&trial, replies, COUNT(replies));
	publish(&trial, a_row, 1, &one);
	expect(&trial, 0, 0, 0);
	assert_true(trial.result.tables[0].extended && !trial.result.tables[0].created);
	assert_int_equal(count_writes(&trial), 2);
	assert_string_equal(http_server_body(trial.f.server, "PUT *"),
			    "{\"id\":\"t1\",\"name\":\"T\",\"description\":\"" OURS "\",\"division\":{\"id\":\"d1\"},\"schema\":" SCHEMA "}");
	end(&trial);
}

/* Every answer to the create of a row, and to the replace that may follow. */
static void a_row_is_there_once_whatever_becomes_of_its_create(void **state)
{
	static const struct {
		struct http_reply post, put;
		int status;
		size_t posts, puts;
		const char *expected;
	} cases[] = {
		{ { .status = 200 }, { .status = 500 }, 0, 1, 0, "" },
		{ { .status = 409, .body = "{\"code\":\"whatever\"}" }, { .status = 200 }, 0, 1, 1, "" },
		{ { .drop = true, .times = 1 }, { .status = 200 }, 0, 1, 1, "" },
		{ { .status = 500, .times = 1 }, { .status = 404 }, 0, 2, 1, "" },
		{ { .drop = true, .times = 1 }, { .status = 404 }, 0, 2, 1, "" },
		{ { .drop = true }, { .status = 404 }, HSM_ERROR_UNAVAILABLE, 5, 4, "data table 'T': POST " },
		{ { .status = 409 }, { .status = 404 }, HSM_ERROR_FAILED, 5, 5, "data table 'T': PUT " },
		{ { .status = 502 }, { .status = 503 }, HSM_ERROR_UNAVAILABLE, 1, 5, "503" },
		{ { .status = 429, .headers = "Retry-After: 1\n", .times = 1 }, { .status = 500 }, 0, 2, 0, "" },
		{ { .status = 429, .headers = "Retry-After: 3600\n" }, { .status = 500 }, HSM_ERROR_TRY_LATER, 1, 0, "429" },
		{ { .status = 400, .body = "{\"message\":\"too long\"}" }, { .status = 500 }, HSM_ERROR_FAILED, 1, 0, "too long" },
		{ { .status = 401, .times = 1 }, { .status = 500 }, 0, 2, 0, "" },
		{ { .status = 401 }, { .status = 500 }, HSM_ERROR_AUTH, 2, 0, "401" },
		{ { .status = 403 }, { .status = 500 }, HSM_ERROR_AUTH, 1, 0, "403" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = {
			TOKEN_REPLY, FOUND, { .request = ROWS("t1"), .status = 200, .body = PAGE("", "0") },
			cases[i].post, cases[i].put, { .request = ADD, .status = 200 },
		};
		struct trial trial;
		replies[3].request = ADD;
		replies[4].request = "PUT " TABLES_PATH "/t1/rows/a%3Aen";
		begin(&trial, replies, COUNT(replies));
		publish(&trial, a_row, 1, &one);
		if (trial.status != cases[i].status || !strstr(trial.f.error.message, cases[i].expected))
			fail_msg("case %zu: %d, %s", i, trial.status, trial.f.error.message);
		assert_int_equal(http_server_count(trial.f.server, ADD), cases[i].posts);
		assert_int_equal(http_server_count(trial.f.server, "PUT *"), cases[i].puts);
		assert_int_equal(trial.result.created, !trial.status);
		end(&trial);
	}
}

static void hostile_keys_stay_one_segment_of_the_path(void **state)
{
#define SLASH "../a/b%2F?x=1#y"
	static const struct hsm_publication_row rows[] = {
		{ "ár/v%:en", ROW("ár/v%:en", "v2"), "ár/v%" } };
	static const struct http_reply replies[] = {
		TOKEN_REPLY, FOUND,
		{ .request = ROWS("t1"), .status = 200,
		  .body = PAGE(ROW("ár/v%:en", "v1") "," ROW(SLASH, "v1") "," ROW("..", "v1"), "3") },
		{ .request = "PUT *", .status = 200 }, { .request = "DELETE *", .status = 204 },
	};
	struct trial trial;
	(void)state;
	begin(&trial, replies, COUNT(replies));
	publish(&trial, rows, 1, &one);
	expect(&trial, 0, 1, 1);
	assert_int_equal(http_server_count(trial.f.server, "PUT " TABLES_PATH "/t1/rows/%C3%A1r%2Fv%25%3Aen"), 1);
	assert_int_equal(http_server_count(trial.f.server, "DELETE " TABLES_PATH "/t1/rows/..%2Fa%2Fb%252F%3Fx%3D1%23y"), 1);
	assert_int_equal(count_writes(&trial), 2);
	end(&trial);
}

static void a_row_moves_to_its_new_table_before_it_leaves_the_old_one(void **state)
{
	/* of two tables, b lives in the first and c in the second */
	static const struct hsm_publication_row rows[] = { DESIRED("b", "b_v1"), DESIRED("c", "c_v1") };
	static const struct http_reply replies[] = {
		TOKEN_REPLY,
		{ .request = FIND("T_1"), .status = 200, .body = PAGE(TABLE("t1", "T_1", OURS, SCHEMA), "1") },
		{ .request = FIND("T_2"), .status = 200, .body = PAGE(TABLE("t2", "T_2", OURS, SCHEMA), "1") },
		{ .request = ROWS("t1"), .status = 200, .body = PAGE(ROW("b:en", "b_v0") "," ROW("c:en", "c_v1"), "2") },
		{ .request = ROWS("t2"), .status = 200, .body = PAGE("", "0") },
		{ .request = "POST " TABLES_PATH "/t2/rows", .status = 400, .times = 1 },
		{ .request = "POST " TABLES_PATH "/t2/rows", .status = 200, .delay = 50 },
		{ .request = "PUT " TABLES_PATH "/t1/rows/b%3Aen", .status = 200 },
		{ .request = "DELETE " TABLES_PATH "/t1/rows/c%3Aen", .status = 404 },
	};
	struct hsm_publication_options two = { ANSWERS, "T", 2, 5000, "dev" };
	struct trial trial;
	(void)state;
	begin(&trial, replies, COUNT(replies));
	publish(&trial, rows, 2, &two); /* the create is refused: the others are written, and nothing vanishes */
	assert_int_equal(trial.status, HSM_ERROR_FAILED);
	assert_non_null(strstr(trial.f.error.message, "data table 'T_2': POST "));
	assert_int_equal(trial.result.replaced, 1);
	assert_int_equal(http_server_count(trial.f.server, "DELETE *"), 0);
	publish(&trial, rows, 2, &two);
	expect(&trial, 1, 1, 1);
	assert_int_equal(trial.result.table_count, 2);
	assert_string_equal(trial.result.tables[1].id, "t2");
	assert_int_equal(http_server_find(trial.f.server, "DELETE *"), http_server_count(trial.f.server, "*"));
	end(&trial);
}

static void what_ails_every_row_ends_the_run(void **state)
{
	static const struct http_reply replies[] = {
		TOKEN_REPLY, FOUND, { .request = ROWS("t1"), .status = 200, .body = PAGE("", "0") },
		{ .request = ADD, .status = 403, .headers = CORRELATION } };
	struct hsm_publication_row rows[200];
	char texts[COUNT(rows)][2][256];
	struct trial trial;
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(texts[i][0], sizeof(texts[i][0]), "r%zu:en", i);
		snprintf(texts[i][1], sizeof(texts[i][1]), ROW("r%zu:en", "v"), i);
		rows[i] = (struct hsm_publication_row){ texts[i][0], texts[i][1], "r" };
	}
	begin(&trial, replies, COUNT(replies));
	publish(&trial, rows, COUNT(rows), &one);
	assert_int_equal(trial.status, HSM_ERROR_AUTH);
	assert_non_null(strstr(trial.f.error.message, "(correlation id corr-7)"));
	assert_in_range(http_server_count(trial.f.server, ADD), 1, 8);
	end(&trial);
}

static void too_many_rows_ask_the_api_for_nothing(void **state)
{
	static const struct http_reply replies[] = { TOKEN_REPLY };
	struct hsm_publication_options tiny = { ANSWERS, "T", 1, 0, "dev" };
	struct trial trial;
	(void)state;
	begin(&trial, replies, COUNT(replies));
	publish(&trial, a_row, 1, &tiny);
	assert_int_equal(trial.status, HSM_ERROR_CONFIG);
	assert_int_equal(http_server_count(trial.f.server, "*"), 0);
	end(&trial);
}

/* 250 rows on three pages, of which the last is wrong at first. */
static void pages_of_rows_are_read_in_parallel_and_again_where_they_shifted(void **state)
{
	static char pages[4][16384];
	struct http_reply replies[] = {
		TOKEN_REPLY, FOUND,
		{ .request = "*&pageNumber=1&showbrief=false", .status = 200, .body = pages[0] },
		{ .request = "*&pageNumber=2&showbrief=false", .status = 200, .body = pages[1] },
		{ .request = "*&pageNumber=3&showbrief=false", .status = 200, .body = pages[3], .times = 1 },
		{ .request = "*&pageNumber=3&showbrief=false", .status = 200, .body = pages[2] },
	};
	struct hsm_publication_row rows[250];
	char texts[COUNT(rows)][2][256];
	struct trial trial;
	(void)state;
	for (size_t page = 0; page < 4; page++) {
		size_t length = (size_t)snprintf(pages[page], sizeof(pages[page]), "{\"total\":250,\"pageCount\":3,\"entities\":[");
		size_t first = page == 3 ? 150 : page * 100; /* a row of page 2 again */
		for (size_t i = first; i < first + (page > 1 ? 50 : 100); i++)
			length += (size_t)snprintf(pages[page] + length, sizeof(pages[page]) - length,
						   "%s{\"key\":\"r%zu:en\",\"use\":\"none\"}", i > first ? "," : "", i);
		snprintf(pages[page] + length, sizeof(pages[page]) - length, "]}");
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(texts[i][0], sizeof(texts[i][0]), "r%zu:en", i);
		snprintf(texts[i][1], sizeof(texts[i][1]), "{\"key\":\"r%zu:en\",\"use\":\"none\"}", i);
		rows[i] = (struct hsm_publication_row){ texts[i][0], texts[i][1], "r" };
	}
	begin(&trial, replies, COUNT(replies));
	publish(&trial, rows, COUNT(rows), &one);
	expect(&trial, 0, 0, 0);
	assert_int_equal(http_server_count(trial.f.server, "*showbrief=false"), 6);
	assert_int_equal(count_writes(&trial), 0);
	end(&trial);
}

static void rows_that_cannot_be_read_are_not_written(void **state)
{
	static const struct {
		struct http_reply rows;
		int status;
		const char *expected;
	} cases[] = {
		{ { .status = 200, .body = PAGE("{\"key\":7}", "1") }, HSM_ERROR_UNAVAILABLE, "a row has no string 'key'" },
		{ { .status = 200, .body = "<html>" }, HSM_ERROR_UNAVAILABLE, "HTML" },
		{ { .status = 404 }, HSM_ERROR_FAILED, "data table 'T': GET " },
		{ { .status = 401 }, HSM_ERROR_AUTH, "401" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply replies[] = { TOKEN_REPLY, FOUND, cases[i].rows };
		struct trial trial;
		replies[2].request = ROWS("t1");
		begin(&trial, replies, COUNT(replies));
		publish(&trial, a_row, 1, &one);
		if (trial.status != cases[i].status || !strstr(trial.f.error.message, cases[i].expected))
			fail_msg("case %zu: %d, %s", i, trial.status, trial.f.error.message);
		assert_int_equal(count_writes(&trial), 0);
		end(&trial);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_difference_it_only_reads),
		cmocka_unit_test(a_table_that_is_not_there_is_created_and_filled),
		cmocka_unit_test(a_table_is_created_once_even_where_its_answer_is_lost),
		cmocka_unit_test(a_table_that_is_not_ours_or_has_other_columns_is_not_touched),
		cmocka_unit_test(columns_that_a_table_lacks_are_added),
		cmocka_unit_test(a_row_is_there_once_whatever_becomes_of_its_create),
		cmocka_unit_test(hostile_keys_stay_one_segment_of_the_path),
		cmocka_unit_test(a_row_moves_to_its_new_table_before_it_leaves_the_old_one),
		cmocka_unit_test(what_ails_every_row_ends_the_run),
		cmocka_unit_test(too_many_rows_ask_the_api_for_nothing),
		cmocka_unit_test(pages_of_rows_are_read_in_parallel_and_again_where_they_shifted),
		cmocka_unit_test(rows_that_cannot_be_read_are_not_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
