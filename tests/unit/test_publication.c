/* The registry in data tables: which rows go where, and what makes a table equal to them. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/lifecycle/publication.h"
#include "tests/unit/publication_rows.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void rows_of_a_base_name_always_live_in_the_same_table(void **state)
{
	/* printf %s order_confirmation | sha256sum: 339a463b... */
	static const struct {
		const char *base;
		size_t of[6];
	} cases[] = {
		{ "order_confirmation", { 1, 2, 2, 4, 6, 60 } }, { "menu", { 1, 1, 1, 1, 2, 1 } },
		{ "welcome", { 1, 2, 2, 4, 6, 44 } },		 { "árvíztűrő", { 1, 1, 2, 3, 7, 39 } },
	};
	static const size_t tables[] = { 1, 2, 3, 4, 7, 64 };
	struct hsm_arena arena = { 0 };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t j = 0; j < COUNT(tables); j++)
			assert_int_equal(hsm_publication_find_table(cases[i].base, tables[j]), cases[i].of[j]);
	assert_string_equal(hsm_publication_name_table(&arena, "T", 1, 1), "T");
	assert_string_equal(hsm_publication_name_table(&arena, "T", 12, 1), "T_1");
	assert_string_equal(hsm_publication_name_table(&arena, "T", 12, 12), "T_12");
	hsm_arena_release(&arena);
}

static void rows_that_no_table_would_hold_are_refused_and_so_many_tables_would_do(void **state)
{
	/* of 2 tables: a, b in the first, and c, d, e in the second; of 3: a, c, e in the third; of 4: c, d, e in
	 * the fourth; of 7: each in its own */
	static const struct hsm_publication_row rows[] = {
		DESIRED("a", "v"), DESIRED("b", "v"), DESIRED("c", "v"), DESIRED("d", "v"), DESIRED("e", "v") };
	static const struct {
		size_t tables, rows;
		const char *expected; /* NULL: they fit */
		enum hsm_publication publication;
	} cases[] = {
		{ 1, 5, NULL, HSM_PUBLICATION_ANSWERS },
		{ 1, 4, "data table 'T' would get 5 rows and may hold 4; 2 tables would do: set data_table.tables",
		  HSM_PUBLICATION_ANSWERS },
		{ 2, 3, NULL, HSM_PUBLICATION_ANSWERS },
		{ 2, 2, "data table 'T_2' would get 3 rows and may hold 2; 5 tables would do: set routes_table.tables",
		  HSM_PUBLICATION_ROUTES },
		{ 7, 1, NULL, HSM_PUBLICATION_ROUTES },
		{ 64, 0, "no number of tables up to 64 would do: raise routes_table.rows", HSM_PUBLICATION_ROUTES },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hsm_publication_options options = { &hsm_publication_kinds[cases[i].publication], "T", cases[i].tables,
							   cases[i].rows, "dev" };
		struct hsm_error error = { 0 };
		int status = hsm_publication_check_rows(rows, COUNT(rows), &options, &error);
		assert_int_equal(status, cases[i].expected ? HSM_ERROR_CONFIG : 0);
		if (cases[i].expected && !strstr(error.message, cases[i].expected))
			fail_msg("case %zu: %s", i, error.message);
		assert_int_equal(hsm_publication_check_rows(rows, 0, &options, &error), 0);
	}
}

static void a_schema_gets_the_columns_that_it_lacks_and_keeps_what_people_added(void **state)
{
#define PEOPLES "\"ours\":{\"type\":\"integer\",\"default\":9007199254740991,\"title\":\"x\",\"displayOrder\":8}"
	static const struct {
		const struct hsm_publication_kind *kind;
		const char *schema, *expected, *message;
	} cases[] = {
		{ ANSWERS, SCHEMA, "", NULL },
		{ ANSWERS, SCHEMA_OF(PEOPLES "," FIRST "," LAST("boolean")), "", NULL },
		{ ANSWERS, SCHEMA_OF(FIRST "," PEOPLES),
		  SCHEMA_OF(FIRST "," PEOPLES "," PROPERTY("fallback", "boolean", "Fallback", "9") ","
			    PROPERTY("channel", "string", "Channel", "10") "," PROPERTY("text", "string", "Text", "11")), NULL },
		{ ANSWERS, "{}", "{\"properties\":{" FIRST "," LAST("boolean") "}}", NULL },
		{ ANSWERS, SCHEMA_OF(FIRST "," LAST("string")), "", "column 'fallback' is of type 'string' and must be of type 'boolean'" },
		{ ANSWERS, "{\"properties\":{\"use\":{}}}", "", "column 'use' is of type '?'" },
		{ ROUTES, ROUTES_SCHEMA, "", NULL },
		/* a table of answers */
		{ ROUTES, "{\"properties\":{" FIRST "}}",
		  "{\"properties\":{" FIRST "," PROPERTY("target", "string", "Target", "5") ","
		  PROPERTY("state", "string", "State", "6") "," PROPERTY("id", "string", "Button", "7") ","
		  PROPERTY("data", "string", "Data", "8") "}}", NULL },
	};
	struct hsm_buffer made = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	(void)state;
	hsm_publication_append_schema(ANSWERS, &made);
	assert_string_equal(hsm_buffer_text(&made), SCHEMA);
	hsm_buffer_clear(&made);
	hsm_publication_append_schema(ROUTES, &made);
	assert_string_equal(hsm_buffer_text(&made), ROUTES_SCHEMA);
	hsm_buffer_release(&made);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		struct hsm_error error = { 0 };
		cJSON *schema = cJSON_Parse(cases[i].schema);
		int status = hsm_publication_extend_schema(cases[i].kind, schema, &buffer, &error);
		assert_int_equal(status, cases[i].message ? HSM_ERROR_FAILED : 0);
		assert_string_equal(hsm_buffer_text(&buffer), cases[i].expected);
		assert_non_null(strstr(error.message, cases[i].message ? cases[i].message : ""));
		hsm_buffer_release(&buffer);
		cJSON_Delete(schema);
	}
}

/* "create KEY ROW", "replace KEY ROW", "delete KEY" each on a line, in order of writing. */
static char *compare(const struct hsm_publication_kind *kind, const struct hsm_publication_row *rows, size_t count,
		     const char *live, size_t limit)
{
	struct hsm_publication_options options = { kind, "T", 1, limit, "dev" };
	struct hsm_arena arena = { 0 };
	struct hsm_error error;
	struct hsm_publication_difference difference;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	cJSON *json = cJSON_Parse(live);
	assert_true(cJSON_IsArray(json));
	assert_int_equal(hsm_publication_compare(&arena, &options, rows, count, json, &difference, &error), 0);
	for (size_t i = 0; i < difference.delete.count; i++)
		if (i < difference.early)
			hsm_buffer_append_format(&text, "delete %s\n", difference.delete.items[i].key);
	for (size_t i = 0; i < difference.create.count; i++)
		hsm_buffer_append_format(&text, "create %s %s\n", difference.create.items[i].key, difference.create.items[i].row);
	for (size_t i = 0; i < difference.replace.count; i++)
		hsm_buffer_append_format(&text, "replace %s %s\n", difference.replace.items[i].key,
					 difference.replace.items[i].row);
	for (size_t i = difference.early; i < difference.delete.count; i++)
		hsm_buffer_append_format(&text, "delete %s\n", difference.delete.items[i].key);
	cJSON_Delete(json);
	hsm_arena_release(&arena);
	hsm_buffer_append_string(&text, "");
	return hsm_buffer_detach(&text);
}

static void differences_are_what_is_new_changed_and_gone(void **state)
{
#define WITHOUT_TEXT "{\"key\":\"a:en\",\"use\":\"template\",\"template\":\"a_v1\",\"language\":\"en\"}"
#define NULLS "{\"text\":null,\"key\":\"a:en\",\"fallback\":null,\"use\":\"template\",\"template\":\"a_v1\",\"language\":\"en\"}"
#define PEOPLE ",\"note\":\"call \\\"Anna\\\"\",\"weight\":0.1,\"big\":9007199254740991,\"flag\":true}"
#define WITH_PEOPLE "{\"key\":\"a:en\",\"template\":\"a_v0\",\"none\":null" PEOPLE
#define FALLBACK "{\"key\":\"a:en\",\"use\":\"template\",\"template\":\"a_v1\",\"language\":\"en\",\"fallback\":true}"
	static const struct hsm_publication_row a[] = { DESIRED("a", "a_v1") };
	static const struct hsm_publication_row brief[] = { { "a:en", WITHOUT_TEXT, "a" } };
	static const struct hsm_publication_row several[] = { DESIRED("d", "d_v1"), DESIRED("a", "a_v2"), DESIRED("b", "b_v1") };
	static const struct {
		const struct hsm_publication_row *rows;
		size_t count;
		const char *live;
		size_t limit;
		const char *expected;
	} cases[] = {
		{ a, 0, "[]", 10, "" },
		{ a, 1, "[]", 10, "create a:en " ROW("a:en", "a_v1") "\n" },
		{ a, 0, "[" ROW("a:en", "a_v1") "]", 10, "delete a:en\n" },
		{ a, 1, "[" ROW("a:en", "a_v1") "]", 10, "" },
		{ a, 1, "[" ROW("a:en", "a_v0") "]", 10, "replace a:en " ROW("a:en", "a_v1") "\n" },
		{ a, 1, "[" FALLBACK "]", 10, "replace a:en " ROW("a:en", "a_v1") "\n" },
		/* keys differ by case */
		{ a, 1, "[" ROW("A:en", "a_v1") "]", 10, "create a:en " ROW("a:en", "a_v1") "\ndelete A:en\n" },
		/* defaults, on either side */
		{ a, 1, "[" WITHOUT_TEXT "]", 10, "" },
		{ a, 1, "[" NULLS "]", 10, "" },
		{ brief, 1, "[" ROW("a:en", "a_v1") "]", 10, "" },
		{ brief, 1, "[]", 10, "create a:en " ROW("a:en", "a_v1") "\n" },
		/* columns of people */
		{ a, 1, "[{\"key\":\"a:en\",\"use\":\"template\",\"template\":\"a_v1\",\"language\":\"en\"" PEOPLE "]", 10, "" },
		{ a, 1, "[" WITH_PEOPLE "]", 10,
		  "replace a:en {\"key\":\"a:en\",\"use\":\"template\",\"template\":\"a_v1\",\"language\":\"en\",\"parameters\":\"\","
		  "\"fallback\":false,\"channel\":\"\",\"text\":\"\"" PEOPLE "\n" },
		/* all at once, in no order */
		{ several, 3, "[" ROW("e:en", "e_v1") "," ROW("c:en", "c_v1") "," ROW("b:en", "b_v1") "," ROW("a:en", "a_v1") "]", 10,
		  "create d:en " ROW("d:en", "d_v1") "\nreplace a:en " ROW("a:en", "a_v2") "\ndelete c:en\ndelete e:en\n" },
		/* a full table: as many deletes first as it takes */
		{ several, 3, "[" ROW("e:en", "e_v1") "," ROW("c:en", "c_v1") "," ROW("b:en", "b_v1") "," ROW("a:en", "a_v1") "]", 4,
		  "delete c:en\ncreate d:en " ROW("d:en", "d_v1") "\nreplace a:en " ROW("a:en", "a_v2") "\ndelete e:en\n" },
		{ several, 3, "[" ROW("e:en", "e_v1") "," ROW("c:en", "c_v1") "," ROW("b:en", "b_v1") "," ROW("a:en", "a_v2") "]", 1,
		  "delete c:en\ndelete e:en\ncreate d:en " ROW("d:en", "d_v1") "\n" },
		/* their paths would be others' */
		{ a, 0, "[" ROW("..", "x") "," ROW(".", "x") "," ROW("", "x") "," ROW("...", "x") "]", 10, "delete ...\n" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = compare(ANSWERS, cases[i].rows, cases[i].count, cases[i].live, cases[i].limit);
		if (strcmp(text, cases[i].expected) != 0)
			fail_msg("case %zu:\n%s", i, text);
		free(text);
	}
}

static void rows_of_routes_are_compared_by_their_own_columns(void **state)
{
#define ROUTE(target, state) "{\"key\":\"YES\",\"target\":\"" target "\",\"template\":\"a\",\"state\":\"" state "\"," \
	"\"id\":\"YES\",\"data\":\"\"}"
	static const struct hsm_publication_row rows[] = { { "YES", ROUTE("queue", "current"), "YES" } };
	static const struct {
		const char *live, *expected;
	} cases[] = {
		{ "[]", "create YES " ROUTE("queue", "current") "\n" },
		{ "[" ROUTE("queue", "current") "]", "" },
		{ "[" ROUTE("", "stale") "]", "replace YES " ROUTE("queue", "current") "\n" },
		/* "use" is a column of people's here */
		{ "[{\"key\":\"YES\",\"target\":\"queue\",\"template\":\"a\",\"state\":\"current\",\"id\":\"YES\",\"use\":\"x\"}]", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = compare(ROUTES, rows, COUNT(rows), cases[i].live, 10);
		if (strcmp(text, cases[i].expected) != 0)
			fail_msg("case %zu:\n%s", i, text);
		free(text);
	}
}

static void a_row_that_is_not_what_its_key_says_is_an_error(void **state)
{
	static const struct hsm_publication_row rows[] = {
		{ "a:en", "{", "a" }, { "a:en", "[]", "a" }, { "a:en", ROW("b:en", "v"), "a" } };
	struct hsm_publication_options options = { ANSWERS, "T", 1, 10, "dev" };
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_publication_difference difference;
		struct hsm_error error;
		cJSON *live = cJSON_CreateArray();
		assert_int_equal(hsm_publication_compare(&arena, &options, &rows[i], 1, live, &difference, &error), HSM_ERROR_FAILED);
		assert_non_null(strstr(error.message, "'a:en'"));
		cJSON_Delete(live);
		hsm_arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_a_base_name_always_live_in_the_same_table),
		cmocka_unit_test(rows_that_no_table_would_hold_are_refused_and_so_many_tables_would_do),
		cmocka_unit_test(a_schema_gets_the_columns_that_it_lacks_and_keeps_what_people_added),
		cmocka_unit_test(differences_are_what_is_new_changed_and_gone),
		cmocka_unit_test(rows_of_routes_are_compared_by_their_own_columns),
		cmocka_unit_test(a_row_that_is_not_what_its_key_says_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
