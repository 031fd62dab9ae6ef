/* What a plan says beside the rows of translations: removals, webhooks, thresholds, the registry, files. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/plan/versions.h"
#include "tests/unit/planning.h"

#define ORDER(rest) "name: order\ncategory: UTILITY\n" rest
#define EN(text) "translations:\n  en: {body: \"" text "\"}\n"
#define EN_ES(english, spanish) EN(english) "  es: {body: \"" spanish "\"}\n"
#define PARAMETERS "parameters:\n  a: {type: TEXT, default: x}\n  b: {type: TEXT, default: y}\n"

static void assert_rows(struct planning *planning, const char *name, const char *rows)
{
	if (strcmp(planning_rows(planning), rows) != 0)
		fail_msg("%s:\n%sand not\n%s", name, planning_rows(planning), rows);
}

static const struct {
	const char *name;
	const char *git, *old, *live;
	bool prune;
	const char *rows;
	int64_t prunable, unmanaged;
} removals[] = {
	{ "a base that git no longer has stays without --prune", ORDER(EN("A.")),
	  "name: gone\ncategory: UTILITY\n" EN("Old."),
	  "order_v1 en APPROVED UTILITY git\ngone_v1 en APPROVED UTILITY old", false, "", 1, 0 },
	{ "and goes with it", ORDER(EN("A.")), "name: gone\ncategory: UTILITY\n" EN("Old."),
	  "order_v1 en APPROVED UTILITY git\ngone_v1 en APPROVED UTILITY old", true, "delete gone_v1 en git-ahead\n", 0, 0 },
	{ "a translation that git no longer has goes", ORDER(EN("A.")), ORDER(EN_ES("A.", "Viejo.")),
	  "order_v1 en APPROVED UTILITY git\norder_v1 es APPROVED UTILITY old", true, "delete order_v1 es git-ahead\n", 0,
	  0 },
	{ "content that no commit ever had stays, whatever its base", ORDER(EN("A.")),
	  "name: gone\ncategory: UTILITY\n" EN("Old."),
	  "order_v1 en APPROVED UTILITY git\ngone_v1 en APPROVED UTILITY old\ngone_v2 en APPROVED UTILITY Foreign.", true,
	  "delete gone_v1 en git-ahead\n", 0, 0 },
	{ "what is being deleted is not deleted again", ORDER(EN("A.")), "name: gone\ncategory: UTILITY\n" EN("Old."),
	  "order_v1 en APPROVED UTILITY git\ngone_v1 en PENDING_DELETION UTILITY old", true, "", 0, 0 },
	{ "a base that no commit ever had is unmanaged", ORDER(EN("A.")), NULL,
	  "order_v1 en APPROVED UTILITY git\nforeign_v1 en APPROVED UTILITY Hi.\nforeign_v1 es APPROVED UTILITY Hola.", true,
	  "", 0, 1 },
	{ "nothing goes while something is on its way", ORDER(EN("A.")), "name: gone\ncategory: UTILITY\n" EN("Old."),
	  "order_v1 en PENDING UTILITY git\ngone_v1 en APPROVED UTILITY old", true,
	  "delete gone_v1 en waiting git-ahead: waits until every translation in git is APPROVED: 1 is not\n"
	  "wait order_v1 en: PENDING\n", 0, 0 },
	{ "versions beyond the kept ones retire", ORDER("lifecycle: {keep: 1}\n" EN("A.")), ORDER(EN("Old.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY old\norder_v3 en APPROVED UTILITY git", true,
	  "retire order_v1 en git-ahead\n", 0, 0 },
	{ "two are kept unless git says otherwise", ORDER(EN("A.")), ORDER(EN("Old.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY old\norder_v3 en REJECTED UTILITY old\n"
	  "order_v4 en APPROVED UTILITY git", true, "retire order_v1 en git-ahead\n", 0, 0 },
	{ "the active one and the one before stay however old", ORDER("lifecycle: {keep: 1}\n" EN("A.")), ORDER(EN("Old.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY git\norder_v3 en DISABLED UTILITY old\n"
	  "order_v4 en REJECTED UTILITY old", true,
	  "reuse order_v2 <- order_v4 en git-ahead\nretire order_v3 en git-ahead\n", 0, 0 },
	{ "a version that no commit ever had does not retire", ORDER("lifecycle: {keep: 1}\n" EN("A.")), NULL,
	  "order_v1 en APPROVED UTILITY Foreign.\norder_v2 en APPROVED UTILITY git\norder_v3 en APPROVED UTILITY git", true,
	  "", 0, 0 },
};

static void what_may_go_goes_with_prune_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(removals) / sizeof(removals[0]); i++) {
		struct planning planning = { 0 };
		const char *git[] = { removals[i].git, NULL }, *old[] = { removals[i].old, NULL };
		planning_start(&planning, NULL, git, old, removals[i].live);
		planning.options.prune = removals[i].prune;
		planning_make(&planning);
		assert_rows(&planning, removals[i].name, removals[i].rows);
		assert_int_equal(planning.plan.summary.prunable.value, removals[i].prunable);
		assert_int_equal(planning.plan.summary.unmanaged.value, removals[i].unmanaged);
		planning_release(&planning);
	}
}

static void without_history_nothing_is_deleted(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	planning_start(&planning, NULL, NULL, NULL, "gone_v1 en APPROVED UTILITY Old.");
	planning.history.complete = false;
	planning.options.prune = true;
	planning_make(&planning);
	assert_rows(&planning, "shallow", "");
	planning_release(&planning);
}

static void targets_leave_the_rest_out(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	const char *git[] = { ORDER(EN("A.")), "name: promo\ncategory: MARKETING\n" EN("B."), NULL };
	const char *targets[] = { "pro*" };
	planning_start(&planning, NULL, git, NULL, "");
	planning.options.targets = targets;
	planning.options.target_count = 1;
	planning_make(&planning);
	assert_rows(&planning, "target", "create promo_v1 en git-ahead\n");
	planning_release(&planning);
}

/* Webhooks. */
static const char webhook_config[] = "environments:\n"
				     "  dev:\n"
				     "    base_url: \"http://127.0.0.1:1\"\n"
				     "    webhooks:\n"
				     "      - {name: hook, url: \"https://${host}/x\", events: [a, b], secret: HOOK_SECRET}\n"
				     "variables: {host: h.example.com}\n";

static const struct {
	const char *name;
	struct hsm_live_webhook live;
	bool prune;
	const char *rows;
} webhooks[] = {
	{ "a webhook that is missing is created", { 0 }, false, "create hook git-ahead\n" },
	{ "an equal one is in sync, whatever the order of its events",
	  { "w1", "hook", "https://h.example.com/x", (const char *[]){ "b", "a" }, 2, true }, false, "" },
	{ "another URL is an update", { "w1", "hook", "https://evil/x", (const char *[]){ "a", "b" }, 2, true }, false,
	  "update hook out-of-band\n" },
	{ "a disabled one is an update", { "w1", "hook", "https://h.example.com/x", (const char *[]){ "a", "b" }, 2, false },
	  false, "update hook out-of-band\n" },
	{ "an event less is an update", { "w1", "hook", "https://h.example.com/x", (const char *[]){ "a" }, 1, true }, false,
	  "update hook out-of-band\n" },
	{ "one that git had goes with --prune", { "w2", "formerly", "https://h", NULL, 0, true }, true,
	  "create hook git-ahead\ndelete formerly git-ahead\n" },
	{ "and stays without", { "w2", "formerly", "https://h", NULL, 0, true }, false, "create hook git-ahead\n" },
	{ "one that git never had stays", { "w2", "foreign", "https://h", NULL, 0, true }, true, "create hook git-ahead\n" },
};

static void webhooks_are_matched_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(webhooks) / sizeof(webhooks[0]); i++) {
		struct planning planning = { 0 };
		struct hsm_live_webhook live = webhooks[i].live;
		struct hsm_history_webhook had[] = { { "formerly", "https://h", NULL, 0, true } };
		planning_start(&planning, webhook_config, NULL, NULL, NULL);
		planning.live.webhooks = &live;
		planning.live.webhook_count = live.name != NULL;
		planning.live.has_webhooks = true;
		planning.history.webhooks = had;
		planning.history.webhook_count = 1;
		planning.options.prune = webhooks[i].prune;
		planning_make(&planning);
		assert_rows(&planning, webhooks[i].name, webhooks[i].rows);
		planning_release(&planning);
	}
}

static void a_webhook_row_names_the_secret_and_does_not_hold_it(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	struct hsm_buffer saved = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	setenv("HOOK_SECRET", "tops3cret", 1);
	planning_start(&planning, webhook_config, NULL, NULL, NULL);
	planning.live.has_webhooks = true;
	planning_make(&planning);
	hsm_plan_save(&planning.plan, &saved);
	assert_non_null(strstr(saved.data, "HOOK_SECRET"));
	assert_non_null(strstr(saved.data, "https://h.example.com/x"));
	assert_null(strstr(saved.data, "tops3cret"));
	hsm_buffer_release(&saved);
	planning_release(&planning);
}

/* Thresholds. */
static const struct {
	const char *policy;
	const char *violated; /* of a plan that changes 1 of 4 base names and deletes 1 */
} policies[] = {
	{ "{}", "" },
	{ "{max_change_percent: 50}", "" },
	{ "{max_change_percent: 49}", "max_change_percent 49 50\n" },
	{ "{max_delete_percent: 25}", "" },
	{ "{max_delete_percent: 24}", "max_delete_percent 24 25\n" },
	{ "{max_delete_percent: 0, max_change_percent: 0}", "max_change_percent 0 50\nmax_delete_percent 0 25\n" },
	{ "{max_change_percent: 0, min_existing: 4}", "max_change_percent 0 50\n" },
	{ "{max_change_percent: 0, min_existing: 5}", "" },
};

static void thresholds_count_base_names(void **state)
{
	(void)state;
	const char *git[] = { ORDER(EN_ES("A.", "B.")), "name: b\ncategory: UTILITY\n" EN("B."),
			      "name: c\ncategory: UTILITY\n" EN("C."), "name: d\ncategory: UTILITY\n" EN("D."), NULL };
	const char *old[] = { ORDER(EN_ES("Old.", "Viejo.")), "name: gone\ncategory: UTILITY\n" EN("Gone."), NULL };
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		struct planning planning = { 0 };
		char config[256], found[256] = "";
		snprintf(config, sizeof(config), "environments:\n  dev: {base_url: \"http://127.0.0.1:1\"}\npolicy: %s\n",
			 policies[i].policy);
		/* d is new: not managed before, so not counted. Foreign names are not git's. */
		planning_start(&planning, config, git, old,
			       "order_v1 en APPROVED UTILITY old\norder_v1 es APPROVED UTILITY old\n"
			       "b_v1 en APPROVED UTILITY git\nc_v1 en APPROVED UTILITY git\n"
			       "gone_v1 en APPROVED UTILITY old\nforeign_v1 en APPROVED UTILITY Hi.");
		planning.options.prune = true;
		planning_make(&planning);
		for (size_t j = 0; j < planning.plan.violations.count; j++) {
			const struct hsm_plan_violation *violation =
				HSM_LIST_ITEM(planning.plan.violations, struct hsm_plan_violation, j);
			size_t length = strlen(found);
			snprintf(found + length, sizeof(found) - length, "%s %d %d\n", violation->policy.text,
				 (int)violation->limit.value, (int)violation->actual.value);
		}
		assert_string_equal(found, policies[i].violated);
		planning_release(&planning);
	}
}

/* The registry. */
static const struct {
	const char *name;
	const char *git, *old, *live;
	const char *active; /* what the registry has for en */
	const char *rows;
} registries[] = {
	{ "an approved target becomes active", ORDER(EN("A.")), NULL, "order_v1 en APPROVED UTILITY git", NULL,
	  "activate order_v1 en\n" },
	{ "and stays", ORDER(EN("A.")), NULL, "order_v1 en APPROVED UTILITY git", "order_v1", "" },
	{ "it moves from the one before", ORDER(EN("A.")), ORDER(EN("Old.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY git", "order_v1",
	  "activate order_v2 <- order_v1 en\n" },
	{ "not before it is approved", ORDER(EN("A.")), ORDER(EN("Old.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en PENDING UTILITY git", "order_v1", "wait order_v2 en: PENDING\n" },
	{ "nor while it is held", ORDER(PARAMETERS EN("A {{a}} {{b}}.")), ORDER(PARAMETERS EN("Old {{a}}.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY git", "order_v1", "" },
	{ "a breaking one that is accepted moves", ORDER("lifecycle: {accept_breaking: 2}\n" PARAMETERS EN("A {{a}} {{b}}.")),
	  ORDER(PARAMETERS EN("Old {{a}}.")), "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY git", "order_v1",
	  "activate order_v2 <- order_v1 en\n" },
	{ "a breaking one waits for its other languages",
	  ORDER("lifecycle: {accept_breaking: 2}\n" PARAMETERS EN_ES("A {{a}} {{b}}.", "B {{a}} {{b}}.")),
	  ORDER(PARAMETERS EN_ES("Old {{a}}.", "Viejo {{a}}.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY git\norder_v1 es APPROVED UTILITY old\n"
	  "order_v2 es PENDING UTILITY git",
	  "order_v1", "activate order_v1 es\nwait order_v2 es: PENDING\n" },
	/* As the controller does, which moves the registry. */
	{ "and so does a compatible one", ORDER(EN_ES("A.", "B.")), ORDER(EN_ES("Old.", "Viejo.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY git\norder_v1 es APPROVED UTILITY old\n"
	  "order_v2 es PENDING UTILITY git",
	  "order_v1", "activate order_v1 es\nwait order_v2 es: PENDING\n" },
	{ "when the last one is approved they move", ORDER(EN_ES("A.", "B.")), ORDER(EN_ES("Old.", "Viejo.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY git\norder_v1 es APPROVED UTILITY old\n"
	  "order_v2 es APPROVED UTILITY git",
	  "order_v1", "activate order_v2 <- order_v1 en\nactivate order_v2 es\n" },
	{ "a revert moves back", ORDER(EN("A.")), ORDER(EN("Old.")),
	  "order_v1 en APPROVED UTILITY git\norder_v2 en APPROVED UTILITY old", "order_v2",
	  "reuse order_v1 <- order_v2 en git-ahead\nactivate order_v1 <- order_v2 en\n" },
	{ "what flows route to is shown", ORDER("routes: {X: queue}\n" EN("A.")), NULL, "order_v1 en APPROVED UTILITY git",
	  "order_v1", "settings order en\n" },
};

static void the_registry_shows_where_production_moves(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(registries) / sizeof(registries[0]); i++) {
		struct planning planning = { 0 };
		const char *git[] = { registries[i].git, NULL }, *old[] = { registries[i].old, NULL };
		struct hsm_registry_entry entry = { "order", "en", registries[i].active, "", "" };
		struct hsm_registry_state registry = { &entry, registries[i].active != NULL };
		planning_start(&planning, NULL, git, old, registries[i].live);
		planning.registry = &registry;
		planning_make(&planning);
		assert_rows(&planning, registries[i].name, registries[i].rows);
		planning_release(&planning);
	}
}

/* Active versions without a registry. */
static const struct {
	const char *name;
	const char *git, *old, *live;
	const char *active, *previous; /* of en */
	bool held;
} judgements[] = {
	{ "an approved target", ORDER(EN("A.")), NULL, "order_v1 en APPROVED UTILITY git", "order_v1", NULL, false },
	{ "while the target waits, the highest approved one", ORDER(EN("A.")), ORDER(EN("Old.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY old\norder_v3 en PENDING UTILITY git", "order_v2",
	  "order_v1", false },
	{ "a held target is not", ORDER(PARAMETERS EN("A {{a}} {{b}}.")), ORDER(PARAMETERS EN("Old {{a}}.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY git", "order_v1", NULL, true },
	{ "nor one of another category", ORDER(EN("A.")), ORDER(EN("Old.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED MARKETING git", "order_v1", NULL, true },
	{ "nor an old one that was recategorised", ORDER(EN("A.")), ORDER(EN("Old.")),
	  "order_v1 en APPROVED MARKETING old\norder_v2 en PENDING UTILITY git", NULL, NULL, false },
	{ "a category that a commit accepted is", ORDER(EN("A.")), "name: order\ncategory: MARKETING\n" EN("Old."),
	  "order_v1 en APPROVED MARKETING old\norder_v2 en PENDING UTILITY git", "order_v1", NULL, false },
	{ "a break is measured against the newest that is not held itself",
	  ORDER(PARAMETERS EN("A {{a}}.")), ORDER(PARAMETERS EN("Old {{a}}.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY {{1}} foreign\norder_v3 en APPROVED UTILITY git",
	  "order_v3", "order_v1", false },
};

static const char *name_of(const struct hsm_version *version)
{
	return version ? version->live->name : "none";
}

static void one_version_is_active(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++) {
		struct planning planning = { 0 };
		struct hsm_versions versions;
		const char *git[] = { judgements[i].git, NULL }, *old[] = { judgements[i].old, NULL };
		planning_start(&planning, NULL, git, old, judgements[i].live);
		hsm_versions_make(&planning.loading.arena, &planning.live, &versions);
		const struct hsm_translation_state *judged =
			hsm_versions_judge(&planning.loading.arena, &versions, &planning.history,
					   &planning.desired.templates[0], "dev");
		const char *active = judgements[i].active ? judgements[i].active : "none";
		const char *previous = judgements[i].previous ? judgements[i].previous : "none";
		if (strcmp(name_of(judged->active), active) != 0 || strcmp(name_of(judged->previous), previous) != 0 ||
		    judged->held != judgements[i].held)
			fail_msg("%s: active %s, before %s, %s", judgements[i].name, name_of(judged->active),
				 name_of(judged->previous), judged->held ? "held" : "not held");
		planning_release(&planning);
	}
}

/* Questions. */
static void history_is_asked_only_for_what_differs(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	const char *git[] = { "name: new\ncategory: UTILITY\n" EN("N."), ORDER(EN("A.")),
			      "name: same\ncategory: UTILITY\n" EN("S."), "name: two\ncategory: UTILITY\n" EN("T."), NULL };
	const char *old[] = { ORDER(EN("Old.")), "name: two\ncategory: UTILITY\n" EN("Two."), NULL };
	planning_start(&planning, NULL, git, old,
		       "order_v1 en APPROVED UTILITY old\nsame_v1 en APPROVED UTILITY git\n"
		       "two_v1 en APPROVED UTILITY old\ntwo_v2 en APPROVED UTILITY git\nforeign en APPROVED UTILITY Hi.");
	for (int all = 0; all < 2; all++) {
		size_t count;
		char list[128] = "";
		const char **bases = hsm_plan_list_questions(&planning.loading.arena, &planning.desired, &planning.live,
							     &planning.options, all, &count);
		for (size_t i = 0; i < count; i++) {
			size_t length = strlen(list);
			snprintf(list + length, sizeof(list) - length, "%s ", bases[i]);
		}
		assert_string_equal(list, all ? "new order two foreign " : "new order foreign ");
	}
	planning_release(&planning);
}

/* Files. */
static void start_rich(struct planning *planning)
{
	const char *git[] = { ORDER(PARAMETERS EN_ES("A {{a}} {{b}}. Same.", "Nuevo.")),
			      "name: promo\ncategory: MARKETING\n" EN("Buy \\u0022now\\u0022"), NULL };
	const char *old[] = { ORDER(PARAMETERS EN_ES("Old {{a}}. Same.", "Viejo.")), NULL };
	planning_start(planning, NULL, git, old,
		       "order_v1 en APPROVED UTILITY old\norder_v1 es APPROVED UTILITY old\n"
		       "promo_v1 en REJECTED MARKETING git");
	planning_make(planning);
}

static void a_saved_plan_is_read_back_byte_for_byte(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	struct hsm_buffer saved = HSM_BUFFER_INIT(HSM_BUFFER_CAP), again = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_plan plan;
	struct hsm_error error;
	start_rich(&planning);
	hsm_plan_save(&planning.plan, &saved);
	assert_int_equal(hsm_plan_load(&planning.loading.arena, saved.data, saved.length, &plan, &error), 0);
	hsm_plan_save(&plan, &again);
	assert_string_equal(again.data, saved.data);
	hsm_buffer_release(&saved);
	hsm_buffer_release(&again);
	planning_release(&planning);
}

static void a_plan_file_that_was_changed_is_refused(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	struct hsm_buffer saved = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_plan plan;
	struct hsm_error error;
	start_rich(&planning);
	hsm_plan_save(&planning.plan, &saved);
	/* Every byte counts, and so does every byte that is missing. */
	for (size_t i = 0; i < saved.length; i++) {
		saved.data[i] ^= 1;
		if (hsm_plan_load(&planning.loading.arena, saved.data, saved.length, &plan, &error) == 0)
			fail_msg("byte %zu of %zu was changed", i, saved.length);
		saved.data[i] ^= 1;
	}
	for (size_t i = 0; i < saved.length; i += 7)
		assert_int_not_equal(hsm_plan_load(&planning.loading.arena, saved.data, i, &plan, &error), 0);
	assert_int_equal(hsm_plan_load(&planning.loading.arena, "{}", 2, &plan, &error), HSM_ERROR_INVALID);
	planning.plan.tool_version.text = "0.0.0";
	hsm_buffer_clear(&saved);
	hsm_plan_save(&planning.plan, &saved);
	assert_int_equal(hsm_plan_load(&planning.loading.arena, saved.data, saved.length, &plan, &error), HSM_ERROR_STALE);
	assert_non_null(strstr(error.message, "0.0.0"));
	hsm_buffer_release(&saved);
	planning_release(&planning);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_go_goes_with_prune_only),
		cmocka_unit_test(without_history_nothing_is_deleted),
		cmocka_unit_test(targets_leave_the_rest_out),
		cmocka_unit_test(webhooks_are_matched_by_name),
		cmocka_unit_test(a_webhook_row_names_the_secret_and_does_not_hold_it),
		cmocka_unit_test(thresholds_count_base_names),
		cmocka_unit_test(the_registry_shows_where_production_moves),
		cmocka_unit_test(one_version_is_active),
		cmocka_unit_test(history_is_asked_only_for_what_differs),
		cmocka_unit_test(a_saved_plan_is_read_back_byte_for_byte),
		cmocka_unit_test(a_plan_file_that_was_changed_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
