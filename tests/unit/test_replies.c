/* What the reply buttons of a live version send, where its content tells it and where git alone does. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "reconciler/plan/versions.h"
#include "tests/unit/planning.h"

#define HEAD "name: order\ncategory: MARKETING\ntranslations:\n  en_US:\n"
#define REPLIES(body)                                                                                         \
	HEAD "    body: " body "\n    buttons:\n      - reply: {id: A, title: \"Yes\"}\n"                           \
	     "      - reply: {id: B, data: {step: \"2\"}, title: \"No\"}\n      - url: {title: T, url: \"https://e.com/\"}\n"
#define CARD(id) "      - {header: {image: a.jpg}, buttons: [{reply: {id: " id ", title: More}}]}\n"
#define TOKEN "T1_Qj9zdGVwPTI" /* of B?step=2 */

static const struct {
	const char *backend, *git, *old, *live;
	const char *sent; /* each and a blank; "?" for one that nobody tells */
	bool told;
} cases[] = {
	{ "genesys", REPLIES("It is here."), NULL, "git", "A " TOKEN " ", true },
	{ "genesys", REPLIES("It is here."), REPLIES("It was here."), "old", "A " TOKEN " ", true },
	{ "genesys", HEAD "    body: It is here.\n", NULL, "git", "", true },
	{ "meta", REPLIES("It is here."), NULL, "git", "A " TOKEN " ", true },
	{ "meta", REPLIES("It is here."), REPLIES("It was here."), "old", "? ? ", false },
	{ "meta", HEAD "    body: It is here.\n", NULL, "git", "", true },
	{ "meta", HEAD "    body: It is here.\n    carousel:\n" CARD("A") CARD("C"), NULL, "git", "A C ", true },
};

static void content_tells_it_or_git_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct planning planning = { 0 };
		struct hsm_replies replies;
		char config[128], live[128], sent[256] = "";
		snprintf(config, sizeof(config), "backend: %s\nenvironments:\n  dev: {base_url: \"http://127.0.0.1:1\"}\n", cases[i].backend);
		snprintf(live, sizeof(live), "order_v1 en_US APPROVED MARKETING %s\n", cases[i].live);
		planning_start(&planning, config, (const char *[]){ cases[i].git, NULL }, (const char *[]){ cases[i].old, NULL }, live);
		struct hsm_arena *arena = &planning.loading.arena;
		const struct hsm_desired_template *template = &planning.desired.templates[0];
		const struct hsm_version version = { .live = planning.live.templates, .number = 1, .base = "order" };
		struct hsm_message message = hsm_versions_read_message(arena, &planning.history, template, &version);
		bool told = hsm_versions_list_replies(arena, &version, &message.components, template->translations, &replies);
		for (size_t j = 0; j < replies.count; j++) {
			strcat(sent, replies.sent[j] ? replies.sent[j] : "?");
			strcat(sent, " ");
		}
		if (told != cases[i].told || strcmp(sent, cases[i].sent) != 0)
			fail_msg("case %zu: %s%s", i, sent, told ? "" : ", not told");
		planning_release(&planning);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_tells_it_or_git_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
