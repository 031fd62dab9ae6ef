/* Every row of the law of reconciliation. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/unit/planning.h"

#define TEMPLATE(rest) "name: order\ncategory: UTILITY\n" rest
#define EN(text) "  en: {body: \"" text "\"}\n"
#define ES(text) "  es: {body: \"" text "\"}\n"
#define FR(text) "  fr: {body: \"" text "\"}\n"
#define PINNED(language, version, text) "  " language ": {version: " #version ", body: \"" text "\"}\n"
#define PARAMETERS "parameters:\n  a: {type: TEXT, default: x}\n  b: {type: TEXT, default: y}\n"

static const struct {
	const char *name;
	const char *git;
	const char *old; /* of an earlier commit */
	const char *live;
	const char *rows;
	const char *resubmit, *overwrite;
	bool shallow;
} cases[] = {
	/* Row 1: as 4 to 8, with that version. */
	{ "1: a pinned version that is live and approved", TEMPLATE("translations:\n" PINNED("en", 3, "A.")), NULL,
	  "order_v3 en APPROVED UTILITY git", "", NULL, NULL, false },
	{ "1: a pinned version that waits", TEMPLATE("translations:\n" PINNED("en", 3, "A.")), NULL,
	  "order_v3 en PENDING UTILITY git", "wait order_v3 en: PENDING\n", NULL, NULL, false },
	{ "1: a pinned version that was rejected", TEMPLATE("translations:\n" PINNED("en", 3, "A.")), NULL,
	  "order_v3 en REJECTED UTILITY git", "blocked order_v3 en git-ahead: REJECTED: PROMOTIONAL\n", NULL, NULL, false },
	{ "1: an equal version under another number is not the pinned one",
	  TEMPLATE("translations:\n" PINNED("en", 3, "A.")), NULL, "order_v2 en APPROVED UTILITY git",
	  "replace order_v3 <- order_v2 en compatible git-ahead\n", NULL, NULL, false },
	/* Row 2. */
	{ "2: a pinned number that names other content", TEMPLATE("translations:\n" PINNED("en", 3, "A.")),
	  TEMPLATE("translations:\n" EN("Old.")), "order_v3 en APPROVED UTILITY old",
	  "blocked order_v3 en git-ahead: it is live with other content, and a number never changes its content: run "
	  "hsmctl bump\n", NULL, NULL, false },
	/* Row 3. */
	{ "3: a pinned version that is not live is created", TEMPLATE("translations:\n" PINNED("en", 7, "A.")), NULL, "",
	  "create order_v7 en git-ahead\n", NULL, NULL, false },
	{ "3: whatever else is live", TEMPLATE("translations:\n" PINNED("en", 2, "A.")),
	  TEMPLATE("translations:\n" EN("Old.")), "order_v1 en APPROVED UTILITY old\norder_v5 es APPROVED UTILITY Foreign.",
	  "replace order_v2 <- order_v1 en compatible git-ahead\n", NULL, NULL, false },
	{ "3: foreign content does not stop a pinned version", TEMPLATE("translations:\n" PINNED("en", 2, "A.")), NULL,
	  "order_v5 en APPROVED UTILITY Foreign.", "replace order_v2 <- order_v5 en compatible out-of-band\n", NULL, NULL,
	  false },
	/* Row 4. */
	{ "4: equal and approved is in sync", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order_v1 en APPROVED UTILITY git", "", NULL, NULL, false },
	{ "4: a name without a suffix is version 1", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order en APPROVED UTILITY git", "", NULL, NULL, false },
	{ "4: of several equal ones the highest that is not burnt counts", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order_v1 en APPROVED UTILITY git\norder_v2 en PENDING UTILITY git\norder_v3 en REJECTED UTILITY git",
	  "wait order_v2 en: PENDING\n", NULL, NULL, false },
	{ "4: a revert uses the old version again", TEMPLATE("translations:\n" EN("A.")),
	  TEMPLATE("translations:\n" EN("B.")), "order_v1 en APPROVED UTILITY git\norder_v2 en APPROVED UTILITY old",
	  "reuse order_v1 <- order_v2 en git-ahead\n", NULL, NULL, false },
	/* Row 5. */
	{ "5: another category than git's was given by the reviewer", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order_v1 en APPROVED MARKETING git",
	  "recategorised order_v1 en held git-ahead: UTILITY in git, MARKETING live: write category: MARKETING to accept "
	  "it\n", NULL, NULL, false },
	{ "5: it was git that changed the category", TEMPLATE("translations:\n" EN("A.")),
	  "name: order\ncategory: MARKETING\ntranslations:\n" EN("A."), "order_v1 en APPROVED MARKETING git",
	  "recategorised order_v1 en held git-ahead: UTILITY in git since it was MARKETING: apply --resubmit order, or a "
	  "bump, submits it anew\n", NULL, NULL, false },
	{ "5: --resubmit submits it anew", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order_v1 en APPROVED MARKETING git", "replace order_v2 <- order_v1 en compatible git-ahead\n", "order", NULL,
	  false },
	{ "5: a pinned version is resubmitted by its bump", TEMPLATE("translations:\n" PINNED("en", 1, "A.")), NULL,
	  "order_v1 en APPROVED MARKETING git",
	  "blocked order_v1 en git-ahead: its version is pinned to 1: write another number, or run hsmctl bump\n", "order",
	  NULL, false },
	/* Row 6. */
	{ "6: PENDING", TEMPLATE("translations:\n" EN("A.")), NULL, "order_v1 en PENDING UTILITY git",
	  "wait order_v1 en: PENDING\n", NULL, NULL, false },
	{ "6: IN_REVIEW", TEMPLATE("translations:\n" EN("A.")), NULL, "order_v1 en IN_REVIEW UTILITY git",
	  "wait order_v1 en: IN_REVIEW\n", NULL, NULL, false },
	{ "6: IN_APPEAL", TEMPLATE("translations:\n" EN("A.")), NULL, "order_v1 en IN_APPEAL UTILITY git",
	  "wait order_v1 en: IN_APPEAL\n", NULL, NULL, false },
	{ "6: PAUSED", TEMPLATE("translations:\n" EN("A.")), NULL, "order_v1 en PAUSED UTILITY git",
	  "wait order_v1 en: PAUSED\n", NULL, NULL, false },
	/* Row 7. */
	{ "7: a status that is not known", TEMPLATE("translations:\n" EN("A.")), NULL, "order_v1 en LIMBO UTILITY git",
	  "blocked order_v1 en git-ahead: its status is LIMBO: nothing is known to do about it\n", NULL, NULL, false },
	{ "7: ARCHIVED", TEMPLATE("translations:\n" EN("A.")), NULL, "order_v1 en ARCHIVED UTILITY git",
	  "blocked order_v1 en git-ahead: its status is ARCHIVED: nothing is known to do about it\n", NULL, NULL, false },
	/* Row 8. */
	{ "8: only burnt versions equal git", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order_v1 en DISABLED UTILITY git\norder_v2 en REJECTED UTILITY git",
	  "blocked order_v2 en git-ahead: REJECTED: PROMOTIONAL\n", NULL, NULL, false },
	{ "8: PENDING_DELETION is burnt", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order_v1 en PENDING_DELETION UTILITY git", "blocked order_v1 en git-ahead: PENDING_DELETION\n", NULL, NULL,
	  false },
	{ "8: --resubmit takes the next number", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order_v1 en REJECTED UTILITY git", "replace order_v2 <- order_v1 en compatible git-ahead\n", "order", NULL,
	  false },
	/* Row 9. */
	{ "9: nothing is live", TEMPLATE("translations:\n" EN("A.") ES("B.")), NULL, "",
	  "create order_v1 en,es git-ahead\n", NULL, NULL, false },
	{ "9: a language more takes the number of the others", TEMPLATE("translations:\n" EN("A.") ES("B.")), NULL,
	  "order_v3 en APPROVED UTILITY git", "create order_v3 es git-ahead\n", NULL, NULL, false },
	{ "9: nor where one of the others is under another category",
	  TEMPLATE("translations:\n" EN("A.") ES("B.") FR("C.")), NULL,
	  "order_v3 en APPROVED UTILITY git\norder_v3 es APPROVED MARKETING git",
	  "create order_v4 fr git-ahead\n"
	  "recategorised order_v3 es held git-ahead: UTILITY in git, MARKETING live: write category: MARKETING to accept "
	  "it\n", NULL, NULL, false },
	{ "9: but not under another category", TEMPLATE("translations:\n" EN("A.") ES("B.")), NULL,
	  "order_v3 en APPROVED MARKETING git",
	  "create order_v4 es git-ahead\n"
	  "recategorised order_v3 en held git-ahead: UTILITY in git, MARKETING live: write category: MARKETING to accept "
	  "it\n", NULL, NULL, false },
	{ "9: a locked name is passed over with --resubmit", TEMPLATE("translations:\n" EN("A.")), NULL, "",
	  "create order_v2 en git-ahead\n", "order", NULL, false },
	{ "9: that of a language more, too", TEMPLATE("translations:\n" EN("A.") ES("B.")), NULL,
	  "order_v3 en APPROVED UTILITY git", "create order_v4 es git-ahead\n", "order", NULL, false },
	/* Row 10. */
	{ "10: content that no commit ever had is not overwritten", TEMPLATE("translations:\n" EN("A.")),
	  TEMPLATE("translations:\n" EN("Old.")), "order_v1 en APPROVED UTILITY old\norder_v2 en APPROVED UTILITY Foreign.",
	  "conflict order_v2 en out-of-band: no commit ever had what is live: apply --overwrite order replaces it by what "
	  "git says\n", NULL, NULL, false },
	{ "10: nor where history cannot tell", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order_v1 en APPROVED UTILITY Foreign.",
	  "conflict order_v1 en unknown: history cannot tell whose the live content is: apply --overwrite order replaces it "
	  "by what git says\n", NULL, NULL, true },
	{ "10: --overwrite replaces it", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order_v2 en APPROVED UTILITY Foreign.", "replace order_v3 <- order_v2 en compatible out-of-band\n", NULL, "order",
	  false },
	{ "10: foreign content that is burnt stops nobody", TEMPLATE("translations:\n" EN("A.")),
	  TEMPLATE("translations:\n" EN("Old.")), "order_v1 en APPROVED UTILITY old\norder_v2 en REJECTED UTILITY Foreign.",
	  "replace order_v3 <- order_v1 en compatible git-ahead\n", NULL, NULL, false },
	/* Row 11. */
	{ "11: a change takes the next number", TEMPLATE("translations:\n" EN("A.") ES("B.")),
	  TEMPLATE("translations:\n" EN("Old.") ES("Viejo.")),
	  "order_v1 en APPROVED UTILITY old\norder_v1 es APPROVED UTILITY git",
	  "replace order_v2 <- order_v1 en compatible git-ahead\n", NULL, NULL, false },
	{ "11: those that change together get the same number, above every language's",
	  TEMPLATE("translations:\n" EN("A.") ES("B.") FR("C.")), TEMPLATE("translations:\n" EN("Old.") ES("Viejo.")),
	  "order_v1 en APPROVED UTILITY old\norder_v4 es APPROVED UTILITY old",
	  "create order_v5 fr git-ahead\n"
	  "replace order_v5 <- order_v1 en compatible git-ahead\nreplace order_v5 <- order_v4 es compatible git-ahead\n",
	  NULL, NULL, false },
	{ "11: a language that changed when another one's number was given takes that number",
	  TEMPLATE("translations:\n" EN("A.") ES("B.")), TEMPLATE("translations:\n" EN("Old.") ES("Viejo.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en PENDING UTILITY git\norder_v1 es APPROVED UTILITY old",
	  "replace order_v2 <- order_v1 es compatible git-ahead\nwait order_v2 en: PENDING\n", NULL, NULL, false },
	{ "11: a locked name is passed over with --resubmit", TEMPLATE("translations:\n" EN("A.")),
	  TEMPLATE("translations:\n" EN("Old.")), "order_v1 en APPROVED UTILITY old",
	  "replace order_v3 <- order_v1 en compatible git-ahead\n", "order", NULL, false },
	{ "11: numbers end", TEMPLATE("translations:\n" EN("A.")), TEMPLATE("translations:\n" EN("Old.")),
	  "order_v999999 en APPROVED UTILITY old",
	  "blocked order en git-ahead: its highest version is live already: no number is left\n", NULL, NULL, false },
	/* Compatible or breaking. */
	{ "a parameter more breaks, and is held", TEMPLATE(PARAMETERS "translations:\n" EN("A {{a}} and {{b}}.")),
	  TEMPLATE(PARAMETERS "translations:\n" EN("A {{a}}.")), "order_v1 en APPROVED UTILITY old",
	  "replace order_v2 <- order_v1 en BREAKING held git-ahead\n", NULL, NULL, false },
	{ "accept_breaking lets it become active",
	  TEMPLATE(PARAMETERS "lifecycle: {accept_breaking: 2}\ntranslations:\n" EN("A {{a}} and {{b}}.")),
	  TEMPLATE(PARAMETERS "translations:\n" EN("A {{a}}.")), "order_v1 en APPROVED UTILITY old",
	  "replace order_v2 <- order_v1 en BREAKING git-ahead\n", NULL, NULL, false },
	{ "accept_breaking of a lower number does not",
	  TEMPLATE(PARAMETERS "lifecycle: {accept_breaking: 1}\ntranslations:\n" EN("A {{a}} and {{b}}.")),
	  TEMPLATE(PARAMETERS "translations:\n" EN("A {{a}}.")), "order_v1 en APPROVED UTILITY old",
	  "replace order_v2 <- order_v1 en BREAKING held git-ahead\n", NULL, NULL, false },
	{ "accept_breaking of another environment does not",
	  TEMPLATE(PARAMETERS "lifecycle: {accept_breaking: {prod: 2}}\ntranslations:\n" EN("A {{a}} and {{b}}.")),
	  TEMPLATE(PARAMETERS "translations:\n" EN("A {{a}}.")), "order_v1 en APPROVED UTILITY old",
	  "replace order_v2 <- order_v1 en BREAKING held git-ahead\n", NULL, NULL, false },
	{ "on_breaking: publish never holds",
	  TEMPLATE(PARAMETERS "lifecycle: {on_breaking: publish}\ntranslations:\n" EN("A {{a}} and {{b}}.")),
	  TEMPLATE(PARAMETERS "translations:\n" EN("A {{a}}.")), "order_v1 en APPROVED UTILITY old",
	  "replace order_v2 <- order_v1 en BREAKING git-ahead\n", NULL, NULL, false },
	{ "a default alone is sample only", TEMPLATE("parameters: {a: {type: TEXT, default: new}}\ntranslations:\n" EN("A {{a}}.")),
	  TEMPLATE("parameters: {a: {type: TEXT, default: old}}\ntranslations:\n" EN("A {{a}}.")),
	  "order_v1 en APPROVED UTILITY old", "replace order_v2 <- order_v1 en compatible git-ahead: sample only\n", NULL,
	  NULL, false },
	{ "it is compared with what flows use, not with what was rejected",
	  TEMPLATE(PARAMETERS "translations:\n" EN("A {{a}}, B {{b}}.")), TEMPLATE(PARAMETERS "translations:\n" EN("A {{a}} {{b}}.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en REJECTED UTILITY Foreign.",
	  "replace order_v3 <- order_v1 en compatible git-ahead\n", NULL, NULL, false },
	{ "a target that waits says that it will be held", TEMPLATE(PARAMETERS "translations:\n" EN("A {{a}} and {{b}}.")),
	  TEMPLATE(PARAMETERS "translations:\n" EN("A {{a}}.")),
	  "order_v1 en APPROVED UTILITY old\norder_v2 en PENDING UTILITY git", "wait order_v2 en held: PENDING\n", NULL, NULL,
	  false },
	/* Beside translations. */
	{ "a live base that no commit ever had is left alone", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order_v1 en APPROVED UTILITY git\nforeign_v1 en APPROVED UTILITY Hello.", "", NULL, NULL, false },
	{ "a name that is version 1 twice over is unmanaged", TEMPLATE("translations:\n" EN("A.")), NULL,
	  "order en APPROVED UTILITY Foreign.\norder_v1 en APPROVED UTILITY git", "", NULL, NULL, false },
	{ "a language more joins those without a suffix", TEMPLATE("translations:\n" EN("A.") ES("B.")), NULL,
	  "order en APPROVED UTILITY git", "create order_v1 es git-ahead\n", NULL, NULL, false },
	{ "and they stay what they are", TEMPLATE("translations:\n" EN("A.") ES("B.")), NULL,
	  "order en APPROVED UTILITY git\norder_v1 es APPROVED UTILITY git", "", NULL, NULL, false },
	{ "pinned ones, too", TEMPLATE("translations:\n" PINNED("en", 1, "A.") PINNED("es", 1, "B.")), NULL,
	  "order en APPROVED UTILITY git\norder_v1 es APPROVED UTILITY git", "", NULL, NULL, false },
};

static void check_case(size_t i, const char *config)
{
	struct planning planning = { 0 };
	const char *git[] = { cases[i].git, NULL }, *old[] = { cases[i].old, NULL };
	planning_start(&planning, config, git, old, cases[i].live);
	planning.history.complete = !cases[i].shallow;
	planning.history.incomplete = cases[i].shallow ? "git fetch --unshallow" : NULL;
	planning.options.resubmit = &cases[i].resubmit;
	planning.options.resubmit_count = cases[i].resubmit != NULL;
	planning.options.overwrite = &cases[i].overwrite;
	planning.options.overwrite_count = cases[i].overwrite != NULL;
	planning_make(&planning);
	if (strcmp(planning_rows(&planning), cases[i].rows) != 0)
		fail_msg("%s:\n%sand not\n%s", cases[i].name, planning_rows(&planning), cases[i].rows);
	planning_release(&planning);
}

static void every_row_of_the_law_decides_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t j = 0; planning_configs[j]; j++)
			check_case(i, planning_configs[j]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_law_decides_as_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
