/* Where buttons lead: what of the registry makes a payload current, stale, ambiguous or unknown. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/lifecycle/answers.h"
#include "reconciler/lifecycle/routing.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define TOKEN "T1_Q0hFQ0tfT1JERVI_c3RlcD0yJnRpZXI9Z29sZA" /* CHECK_ORDER?step=2&tier=gold */
#define OTHER_TOKEN "T1_Q0hFQ0tfT1JERVI_c3RlcD0z"         /* CHECK_ORDER?step=3 */

struct fixture {
	struct hsm_registry registry;
	struct hsm_answers answers;
	struct hsm_routing routing;
};

static void begin(struct fixture *fixture)
{
	*fixture = (struct fixture){ 0 };
	hsm_answers_begin(&fixture->answers, free);
	hsm_routing_begin(&fixture->routing);
}

static void end(struct fixture *fixture)
{
	hsm_registry_clear(&fixture->registry);
	hsm_answers_end(&fixture->answers);
	hsm_routing_end(&fixture->routing);
}

static void touch(struct fixture *fixture, const char *base)
{
	hsm_registry_touch(&fixture->registry, hsm_registry_find_template(&fixture->registry, base));
}

/* What git says of a template in a language: managed, or gone and still in use, or gone. */
static struct hsm_registry_translation *say(struct fixture *fixture, const char *base, const char *language,
					    const char *routes, const char *state)
{
	struct hsm_registry_translation *translation =
		hsm_registry_add_translation(&fixture->registry, base, language);
	translation->managed = strcmp(state, "managed") == 0;
	hsm_registry_set(&translation->routes, routes);
	hsm_registry_set(&translation->active, strcmp(state, "used") == 0 ? "x_v1" : NULL);
	touch(fixture, base);
	return translation;
}

/* A version's buttons, each an id with a space after it; NULL: its signature is not known. */
static void send(struct fixture *fixture, const char *base, const char *name, const char *status, const char *ids)
{
	struct hsm_registry_version *version = hsm_registry_add_version(&fixture->registry, base, name, "en");
	struct hsm_buffer text = HSM_BUFFER_INIT(65536);
	const char *comma = "";
	hsm_buffer_append_string(&text, "{\"header\":\"\",\"parameters\":[],\"buttons\":[");
	for (const char *id = ids; ids && *id; id += strcspn(id, " ") + 1, comma = ",")
		hsm_buffer_append_format(&text, "%s{\"type\":\"REPLY\",\"id\":\"%.*s\"}", comma, (int)strcspn(id, " "), id);
	hsm_buffer_append_string(&text, *comma ? ",{\"type\":\"URL\"}]}" : "]}");
	hsm_registry_set(&version->status, status);
	hsm_registry_set(&version->signature, ids ? hsm_buffer_text(&text) : NULL);
	hsm_buffer_release(&text);
	touch(fixture, base);
}

static void update(struct fixture *fixture)
{
	hsm_routing_update(&fixture->routing, &fixture->registry);
	hsm_answers_update(&fixture->answers, &fixture->registry);
}

/* What is answered for a payload: "unknown", or the members as JSON. */
static void expect(struct fixture *fixture, const char *sent, const char *base, const char *expected)
{
	struct hsm_arena arena = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(65536);
	struct hsm_json_writer writer = { .buffer = &text };
	struct hsm_payload payload = hsm_payload_decode(&arena, sent);
	struct hsm_routing_answer answer = hsm_routing_find(&fixture->routing, payload.id, base);
	if (answer.state == HSM_ROUTING_UNKNOWN) {
		hsm_buffer_append_string(&text, "unknown");
	} else {
		hsm_json_begin_object(&writer, NULL);
		hsm_routing_write(&writer, sent, &payload, &answer);
		hsm_json_end_object(&writer);
	}
	if (strcmp(hsm_buffer_text(&text), expected) != 0)
		fail_msg("%s: %s", sent, hsm_buffer_text(&text));
	hsm_buffer_release(&text);
	hsm_arena_release(&arena);
}

static void expect_all(struct fixture *fixture, const char *expected)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(65536);
	hsm_routing_append(&fixture->routing, &text);
	assert_string_equal(hsm_buffer_text(&text), expected);
	hsm_buffer_release(&text);
}

#define PLACE(payload, id, base, target)                                                                         \
	"{\"payload\":\"" payload "\",\"id\":\"" id "\",\"template\":\"" base "\",\"target\":\"" target "\",\"state\":\"current\"}"
#define STALE(payload, id, base)                                                                                 \
	"{\"payload\":\"" payload "\",\"id\":\"" id "\",\"template\":\"" base "\",\"state\":\"stale\"}"

static void an_id_is_current_by_gits_routes_stale_by_buttons_and_else_unknown(void **state)
{
	struct fixture fixture;
	(void)state;
	begin(&fixture);
	expect(&fixture, "YES", NULL, "unknown");
	expect_all(&fixture, "{\"routes\":[]}\n");
	say(&fixture, "menu", "en", "{\"YES\":\"queue\",\"NO\":\"none\"}", "managed");
	send(&fixture, "menu", "menu_v1", "GONE", "OLD a/b ");
	send(&fixture, "menu", "menu_v2", "APPROVED", "YES OLDER ");
	send(&fixture, "menu", "menu_v3", "PENDING", NULL);
	update(&fixture);
	expect(&fixture, "YES", NULL, PLACE("YES", "YES", "menu", "queue"));
	expect(&fixture, "NO", NULL, PLACE("NO", "NO", "menu", "none"));
	expect(&fixture, "OLD", NULL, STALE("OLD", "OLD", "menu"));
	expect(&fixture, "OLDER", NULL, STALE("OLDER", "OLDER", "menu"));
	expect(&fixture, "a/b", NULL, STALE("a/b", "a/b", "menu"));
	expect(&fixture, "yes", NULL, "unknown");
	expect(&fixture, "", NULL, "unknown");
	expect(&fixture, "YES", "menu", PLACE("YES", "YES", "menu", "queue"));
	expect(&fixture, "YES", "other", "unknown");
	expect_all(&fixture, "{\"routes\":[" PLACE("NO", "NO", "menu", "none") "," STALE("OLD", "OLD", "menu") ","
			     STALE("OLDER", "OLDER", "menu") "," PLACE("YES", "YES", "menu", "queue") ","
			     STALE("a/b", "a/b", "menu") "]}\n");
	end(&fixture);
}

static void a_token_is_looked_up_by_its_id_and_tells_its_data(void **state)
{
#define DATA "{\"payload\":\"" TOKEN "\",\"id\":\"CHECK_ORDER\",\"data\":{\"step\":\"2\",\"tier\":\"gold\"},\"template\":\"menu\","
	struct fixture fixture;
	(void)state;
	begin(&fixture);
	say(&fixture, "menu", "en", "{\"CHECK_ORDER\":\"lookup\"}", "managed");
	send(&fixture, "menu", "menu_v1", "APPROVED", TOKEN " ");
	update(&fixture);
	expect(&fixture, TOKEN, NULL, DATA "\"target\":\"lookup\",\"state\":\"current\"}");
	/* one that nobody sends, and the id alone */
	expect(&fixture, OTHER_TOKEN, NULL,
	       "{\"payload\":\"" OTHER_TOKEN "\",\"id\":\"CHECK_ORDER\",\"data\":{\"step\":\"3\"},\"template\":\"menu\","
	       "\"target\":\"lookup\",\"state\":\"current\"}");
	expect(&fixture, "CHECK_ORDER", NULL, PLACE("CHECK_ORDER", "CHECK_ORDER", "menu", "lookup"));
	expect_all(&fixture, "{\"routes\":[" PLACE("CHECK_ORDER", "CHECK_ORDER", "menu", "lookup") "," DATA
			     "\"target\":\"lookup\",\"state\":\"current\"}]}\n");
	say(&fixture, "menu", "en", NULL, "managed");
	update(&fixture);
	expect(&fixture, TOKEN, NULL, DATA "\"state\":\"stale\"}");
	expect_all(&fixture, "{\"routes\":[" DATA "\"state\":\"stale\"}]}\n");
	expect(&fixture, OTHER_TOKEN, NULL,
	       "{\"payload\":\"" OTHER_TOKEN "\",\"id\":\"CHECK_ORDER\",\"data\":{\"step\":\"3\"},\"template\":\"menu\","
	       "\"state\":\"stale\"}");
	end(&fixture);
}

static void templates_that_agree_are_one_answer_and_others_are_chosen_among(void **state)
{
	struct fixture fixture;
	(void)state;
	begin(&fixture);
	say(&fixture, "b", "en", "{\"YES\":\"queue\",\"NO\":\"none\",\"BACK\":\"menu\"}", "managed");
	say(&fixture, "a", "en", "{\"YES\":\"queue\",\"NO\":\"sales\"}", "managed");
	say(&fixture, "c", "en", "{\"NO\":\"none\"}", "managed");
	send(&fixture, "a", "a_v1", "APPROVED", "BACK OLD ");
	send(&fixture, "c", "c_v1", "GONE", "YES NO OLD ");
	update(&fixture);
	expect(&fixture, "YES", NULL, PLACE("YES", "YES", "a", "queue"));
	expect(&fixture, "YES", "b", PLACE("YES", "YES", "b", "queue"));
	expect(&fixture, "YES", "c", STALE("YES", "YES", "c"));
	expect(&fixture, "NO", NULL,
	       "{\"payload\":\"NO\",\"id\":\"NO\",\"candidates\":[{\"template\":\"a\",\"target\":\"sales\"},"
	       "{\"template\":\"b\",\"target\":\"none\"},{\"template\":\"c\",\"target\":\"none\"}],\"state\":\"ambiguous\"}");
	expect(&fixture, "NO", "c", PLACE("NO", "NO", "c", "none"));
	/* stale in the first by name */
	expect(&fixture, "BACK", NULL, PLACE("BACK", "BACK", "b", "menu"));
	expect(&fixture, "BACK", "a", STALE("BACK", "BACK", "a"));
	expect(&fixture, "OLD", NULL, STALE("OLD", "OLD", "a"));
	end(&fixture);
}

static void what_git_has_no_more_is_routed_while_it_is_in_use(void **state)
{
	struct fixture fixture;
	struct hsm_registry_translation *translation;
	(void)state;
	begin(&fixture);
	say(&fixture, "menu", "de", "{\"YES\":\"old\",\"NO\":\"old\"}", "used");
	say(&fixture, "menu", "en", "{\"YES\":\"new\"}", "managed");
	send(&fixture, "menu", "menu_v1", "APPROVED", "YES NO ");
	update(&fixture);
	/* a language that git has is what counts */
	expect(&fixture, "YES", NULL, PLACE("YES", "YES", "menu", "new"));
	expect(&fixture, "NO", NULL, STALE("NO", "NO", "menu"));
	say(&fixture, "menu", "en", "{\"YES\":\"new\"}", "gone");
	update(&fixture);
	expect(&fixture, "YES", NULL, PLACE("YES", "YES", "menu", "old"));
	translation = say(&fixture, "menu", "de", "{\"YES\":\"old\",\"NO\":\"old\"}", "gone");
	hsm_registry_set(&translation->substitute, "channel");
	hsm_registry_set(&translation->substitute_name, "sms");
	hsm_registry_set(&translation->substitute_text, "Hi.");
	update(&fixture);
	expect(&fixture, "NO", NULL, PLACE("NO", "NO", "menu", "old"));
	hsm_registry_set(&translation->substitute, NULL);
	touch(&fixture, "menu");
	update(&fixture);
	expect(&fixture, "YES", NULL, STALE("YES", "YES", "menu"));
	expect(&fixture, "NO", NULL, STALE("NO", "NO", "menu"));
	end(&fixture);
}

static void only_what_changes_routes_or_buttons_makes_them_anew(void **state)
{
	struct fixture fixture;
	(void)state;
	begin(&fixture);
	say(&fixture, "menu", "en", "{\"YES\":\"queue\"}", "managed");
	send(&fixture, "menu", "menu_v1", "APPROVED", "YES ");
	say(&fixture, "plain", "en", NULL, "managed");
	update(&fixture);
	assert_int_equal(fixture.routing.generation, 1);
	send(&fixture, "menu", "menu_v1", "PAUSED", "YES ");
	send(&fixture, "plain", "plain_v1", "APPROVED", "");
	hsm_registry_set(&hsm_registry_find_translation(hsm_registry_find_template(&fixture.registry, "menu"), "en")->cause, "x");
	update(&fixture);
	assert_int_equal(fixture.routing.generation, 1);
	send(&fixture, "menu", "menu_v2", "PENDING", "YES ");
	update(&fixture);
	assert_int_equal(fixture.routing.generation, 2);
	say(&fixture, "menu", "en", "{\"YES\":\"other\"}", "managed");
	update(&fixture);
	assert_int_equal(fixture.routing.generation, 3);
	expect(&fixture, "YES", NULL, PLACE("YES", "YES", "menu", "other"));
	/* A registry that could not be read leaves the last routes. */
	hsm_registry_clear(&fixture.registry);
	update(&fixture);
	expect(&fixture, "YES", NULL, PLACE("YES", "YES", "menu", "other"));
	end(&fixture);
}

static void rows_of_the_data_table_have_a_state_and_never_an_ambiguous_target(void **state)
{
#define TABLE_ROW(key, target, base, state, id, data)                                                            \
	"{\"key\":\"" key "\",\"target\":\"" target "\",\"template\":\"" base "\",\"state\":\"" state "\",\"id\":\"" id \
	"\",\"data\":\"" data "\"}"
	static const struct {
		const char *sent, *row;
	} cases[] = {
		{ "YES", TABLE_ROW("YES", "queue", "a", "current", "YES", "") },
		{ "NO", TABLE_ROW("NO", "", "", "ambiguous", "NO", "") },
		{ "OLD", TABLE_ROW("OLD", "", "a", "stale", "OLD", "") },
		{ TOKEN, TABLE_ROW(TOKEN, "none", "b", "current", "CHECK_ORDER", "step=2&tier=gold") },
	};
	struct fixture fixture;
	(void)state;
	begin(&fixture);
	say(&fixture, "a", "en", "{\"YES\":\"queue\",\"NO\":\"x\"}", "managed");
	say(&fixture, "b", "en", "{\"NO\":\"y\",\"CHECK_ORDER\":\"none\"}", "managed");
	send(&fixture, "a", "a_v1", "APPROVED", "OLD ");
	update(&fixture);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hsm_buffer text = HSM_BUFFER_INIT(65536);
		hsm_routing_append_row(&fixture.routing, cases[i].sent, &text);
		assert_string_equal(hsm_buffer_text(&text), cases[i].row);
		hsm_buffer_release(&text);
	}
	end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_current_by_gits_routes_stale_by_buttons_and_else_unknown),
		cmocka_unit_test(a_token_is_looked_up_by_its_id_and_tells_its_data),
		cmocka_unit_test(templates_that_agree_are_one_answer_and_others_are_chosen_among),
		cmocka_unit_test(what_git_has_no_more_is_routed_while_it_is_in_use),
		cmocka_unit_test(only_what_changes_routes_or_buttons_makes_them_anew),
		cmocka_unit_test(rows_of_the_data_table_have_a_state_and_never_an_ambiguous_target),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
