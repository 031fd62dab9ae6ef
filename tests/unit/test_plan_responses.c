/* The rows of canned responses: which are made, changed, kept and removed. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/live/responses.h"
#include "reconciler/plan/plan.h"
#include "reconciler/plan/versions.h"
#include "schema/name.h"
#include "tests/unit/planning.h"

#define CONFIG "backend: meta\nenvironments:\n  dev: {account: \"1\", genesys: {library: L}}\n"
#define GIT "name: order\ncategory: UTILITY\ntranslations:\n  en: {body: New text.}\n  es: {body: Nuevo.}\n"
#define OLD "name: order\ncategory: UTILITY\ntranslations:\n  en: {body: Old text.}\n  es: {body: Nuevo.}\n"

/*
 * Responses, one a line: ID TEMPLATE LANGUAGE WHAT [USERS], where WHAT is "as" (as its live version
 * has it), "text" (another text), "footer" (what no PUT changes), "shared" (in another library, too).
 */
static void add_response(struct planning *planning, struct hsm_live_responses *responses, char *line)
{
	struct hsm_arena *arena = &planning->loading.arena;
	const char *id = strsep(&line, " "), *name = strsep(&line, " "), *language = strsep(&line, " "),
		   *what = strsep(&line, " ");
	static const char *libraries[] = { "l-1", "l-2" };
	struct hsm_live_response *response = &responses->items[responses->count++];
	struct hsm_message message = { 0 };
	struct hsm_canned canned;
	struct hsm_error error;
	const char *json = "[{\"type\":\"BODY\",\"text\":\"Gone.\"}]";
	for (size_t i = 0; i < planning->live.template_count; i++)
		if (strcmp(planning->live.templates[i].name, name) == 0 &&
		    strcmp(planning->live.templates[i].language, language) == 0)
			json = planning->live.templates[i].content.json;
	assert_int_equal(hsm_content_read(arena, json, &message.components, &error), 0);
	assert_null(hsm_canned_make(arena, name, language, &message, &canned));
	if (strcmp(what, "text") == 0)
		HSM_LIST_ITEM(canned.texts, struct hsm_canned_text, 0)->content.text = "Hello.";
	if (strcmp(what, "footer") == 0)
		canned.template.whatsapp.footer = (struct hsm_canned_part){ .node.present = true, .content.text = "Bye" };
	*response = (struct hsm_live_response){ .id = id, .version = 1, .template = name, .language = language,
						.libraries = libraries,
						.library_count = strcmp(what, "shared") == 0 ? 2 : 1,
						.content = hsm_canned_read_content(arena, &canned), .users = line };
}

struct world {
	const char *git, *live, *responses; /* git NULL: the template is gone */
	bool prune, no_library;
	const char *rows;
};

static void check(const struct world *world)
{
	struct planning planning = { 0 };
	struct hsm_live_responses responses = { .library = "L", .library_id = world->no_library ? NULL : "l-1" };
	planning_start(&planning, CONFIG, (const char *const[]){ world->git, NULL }, (const char *const[]){ OLD, NULL },
		       world->live);
	char *lines = hsm_arena_copy_string(&planning.loading.arena, world->responses);
	responses.items = hsm_arena_allocate_array(&planning.loading.arena, 16, sizeof(*responses.items));
	for (char *line; (line = strsep(&lines, "\n"));)
		if (*line)
			add_response(&planning, &responses, line);
	planning.live.responses = &responses;
	planning.options.prune = world->prune;
	planning_make(&planning);
	if (strcmp(planning_rows(&planning), world->rows) != 0)
		fail_msg("live\n%s\nresponses\n%s\ngot\n%s\nwanted\n%s", world->live, world->responses,
			 planning_rows(&planning), world->rows);
	/* The same, whatever is done with it. */
	struct hsm_buffer bytes = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_plan again;
	struct hsm_error error;
	planning.plan.genesys = (struct hsm_plan_target){ .node.present = true, .base_url.text = "http://127.0.0.1:1" };
	hsm_plan_save(&planning.plan, &bytes);
	if (hsm_plan_load(&planning.loading.arena, bytes.data, bytes.length, &again, &error))
		fail_msg("a saved plan is not read: %s\n%s", error.message, planning_rows(&planning));
	assert_string_equal(again.hash.text, planning.plan.hash.text);
	hsm_buffer_release(&bytes);
	planning_release(&planning);
}

#define BOTH "order_v1 en APPROVED UTILITY git\norder_v1 es APPROVED UTILITY git\n"
#define GONE "order_v1 en APPROVED UTILITY old\norder_v1 es APPROVED UTILITY old\n"
#define MOVED "order_v1 en APPROVED UTILITY old\norder_v1 es APPROVED UTILITY git\norder_v2 en APPROVED UTILITY git\n"
#define WAITING "order_v1 en APPROVED UTILITY old\norder_v1 es APPROVED UTILITY git\norder_v2 en PENDING UTILITY git\n"

static void every_case_has_its_row(void **state)
{
	static const struct world worlds[] = {
		{ GIT, BOTH, "", .no_library = true, .rows = "create L\ncreate order_v1 en,es\n" },
		{ GIT, BOTH, "", .rows = "create order_v1 en,es\n" },
		{ GIT, BOTH, "a order_v1 en as\nb order_v1 es as", .rows = "" },
		{ GIT, BOTH, "a order_v1 en as\nb order_v1 es text", .rows = "update order_v1 es out-of-band\n" },
		{ GIT, BOTH, "a order_v1 en text\nb order_v1 es text", .rows = "update order_v1 en,es out-of-band\n" },
		{ GIT, BOTH, "a order_v1 en footer\nb order_v1 es as",
		  .rows = "create order_v1 en out-of-band: what is there differs in what can't be changed in place\n" },
		{ GIT, BOTH, "a order_v1 en footer\nb order_v1 en footer\nc order_v1 es as", .prune = true,
		  .rows = "blocked order_v1 en out-of-band: 2 responses name it, and none is as it should be: delete those that are "
			  "wrong\n" },
		/* The nearest counts; the others go with --prune. */
		{ GIT, BOTH, "a order_v1 en footer\nb order_v1 en text\nc order_v1 en as\nd order_v1 es as", .rows = "" },
		{ GIT, BOTH, "a order_v1 en footer\nb order_v1 en text\nc order_v1 en as\nd order_v1 es as", .prune = true,
		  .rows = "delete order_v1 en,en git-ahead: another one takes its place\n" },
		/* While a version waits nothing moves. */
		{ GIT, WAITING, "a order_v1 en as\nb order_v1 es as", .prune = true, .rows = "wait order_v2 en: PENDING\n" },
		{ GIT, MOVED, "a order_v1 en as\nb order_v1 es as", .rows = "create order_v2 en\n" },
		{ GIT, MOVED, "a order_v1 en as\nb order_v1 es as\nc order_v2 en as", .rows = "" },
		{ GIT, MOVED, "a order_v1 en as\nb order_v1 es as\nc order_v2 en as", .prune = true,
		  .rows = "delete order_v1 en git-ahead: order_v2 is active\n" },
		{ GIT, MOVED, "a order_v1 en as flow 'Orders'\nb order_v1 es as\nc order_v2 en as", .prune = true,
		  .rows = "blocked order_v1 en git-ahead: used by flow 'Orders'\n" },
		{ GIT, MOVED, "a order_v1 en shared\nb order_v1 es as\nc order_v2 en as", .prune = true,
		  .rows = "blocked order_v1 en git-ahead: it stands in another library, too\n" },
		/* What names no version of git's. */
		{ GIT, BOTH, "a order_v1 en as\nb order_v1 es as\nc other_v1 en as\nd order_v1 fr as", .prune = true, .rows = "" },
		{ GIT, BOTH "order_v2 en APPROVED UTILITY Nobody's.\n",
		  "a order_v1 en as\nb order_v1 es as\nc order_v2 en as", .prune = true,
		  .rows = "reuse order_v1 <- order_v2 en out-of-band\n" },
		/* A version that is gone at the account. */
		{ GIT, BOTH, "a order_v1 en as\nb order_v1 es as\nc order_v7 en as", .prune = true,
		  .rows = "delete order_v7 en git-ahead: order_v1 is active\n" },
		/* A pause is no retirement. */
		{ GIT, "order_v1 en PAUSED UTILITY git\norder_v1 es APPROVED UTILITY git\n", "a order_v1 en as\nb order_v1 es as",
		  .prune = true, .rows = "wait order_v1 en: PAUSED\n" },
		/* What git has no more. */
		{ NULL, GONE, "a order_v1 en as\nb order_v1 es as", .rows = "" },
		{ NULL, GONE, "a order_v1 en as flow 'Orders'\nb order_v1 es as", .prune = true,
		  .rows = "delete order_v1 es git-ahead\nblocked order_v1 en git-ahead: its response is used by flow 'Orders'\n"
			  "delete order_v1 es git-ahead: git has no more of it\nblocked order_v1 en git-ahead: used by flow 'Orders'\n" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(worlds) / sizeof(*worlds); i++)
		check(&worlds[i]);
}

static void only_those_that_would_go_are_asked_for(void **state)
{
	struct planning planning = { 0 };
	struct hsm_live_responses responses = { .library = "L", .library_id = "l-1" };
	size_t count;
	(void)state;
	planning_start(&planning, CONFIG, (const char *const[]){ GIT, NULL }, (const char *const[]){ OLD, NULL }, MOVED);
	responses.items = hsm_arena_allocate_array(&planning.loading.arena, 3, sizeof(*responses.items));
	add_response(&planning, &responses, hsm_arena_copy_string(&planning.loading.arena, "a order_v1 en as"));
	add_response(&planning, &responses, hsm_arena_copy_string(&planning.loading.arena, "b order_v1 es as"));
	add_response(&planning, &responses, hsm_arena_copy_string(&planning.loading.arena, "c order_v2 en as"));
	planning.live.responses = &responses;
	planning_make(&planning);
	hsm_plan_list_removed_responses(&planning.loading.arena, &planning.plan, &count);
	assert_int_equal(count, 0);
	planning.options.prune = true;
	planning_make(&planning);
	const char **ids = hsm_plan_list_removed_responses(&planning.loading.arena, &planning.plan, &count);
	assert_int_equal(count, 1);
	assert_string_equal(ids[0], "a");
	planning_release(&planning);
}

/* What the registry remembers is in use, whatever else is approved. */
static void the_registry_says_what_is_active(void **state)
{
	struct planning planning = { 0 };
	struct hsm_live_responses responses = { .library = "L", .library_id = "l-1" };
	struct hsm_registry_entry entries[] = { { .base = "order", .language = "en", .active = "order_v1" },
						{ .base = "order", .language = "es", .active = "order_v1" } };
	struct hsm_registry_state registry = { entries, 2 };
	(void)state;
	planning_start(&planning, CONFIG, (const char *const[]){ GIT, NULL }, (const char *const[]){ OLD, NULL }, MOVED);
	planning.live.responses = &responses;
	planning.registry = &registry;
	planning_make(&planning);
	assert_string_equal(planning_rows(&planning), "activate order_v2 <- order_v1 en\ncreate order_v1 en,es\n");
	planning_release(&planning);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_has_its_row),
		cmocka_unit_test(only_those_that_would_go_are_asked_for),
		cmocka_unit_test(the_registry_says_what_is_active),
	};
	return cmocka_run_group_tests_name("rows of responses", tests, NULL, NULL);
}
