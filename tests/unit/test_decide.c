/* The controller's decisions: what is in use, what events and listings change, how often to ask. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/lifecycle/decide.h"
#include "schema/name.h"

/* The next word of a line; NULL for "-". */
static char *take_word(char **line)
{
	char *word = strsep(line, " ");
	return word && strcmp(word, "-") != 0 ? word : NULL;
}

/* "name language status category accepted signature" */
static void add_version(struct hsm_registry *registry, char *line)
{
	int64_t number;
	char *name = take_word(&line), *language = take_word(&line);
	char *base = strdup(name);
	base[hsm_name_split(name, &number, NULL)] = '\0';
	struct hsm_registry_version *version = hsm_registry_add_version(registry, base, name, language);
	version->number = number;
	hsm_registry_set(&version->status, take_word(&line));
	hsm_registry_set(&version->category, take_word(&line));
	hsm_registry_set(&version->accepted, take_word(&line));
	hsm_registry_set(&version->signature, take_word(&line));
	free(base);
}

/* "base language target preferred suggested held", where git has it no more "unmanaged" */
static void add_translation(struct hsm_registry *registry, char *line)
{
	char *base = take_word(&line), *language = take_word(&line);
	struct hsm_registry_translation *translation = hsm_registry_add_translation(registry, base, language);
	hsm_registry_set(&translation->target, take_word(&line));
	hsm_registry_set(&translation->preferred, take_word(&line));
	hsm_registry_set(&translation->suggested, take_word(&line));
	hsm_registry_set(&translation->held, take_word(&line));
	translation->managed = take_word(&line) == NULL;
}

static void fill(struct hsm_registry *registry, const char *lines, void (*add)(struct hsm_registry *, char *))
{
	char *copy = strdup(lines), *rest = copy;
	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (*line)
			add(registry, line);
	free(copy);
}

#define WORD(text) ((text) ? (text) : "-")

/* "preferred active substitute name text|cause" */
static char *format_use(const struct hsm_use *use)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(65536);
	hsm_buffer_append_format(&text, "%s %s %s %s %s|%s", WORD(use->preferred), WORD(use->active),
				 WORD(use->substitute), WORD(use->substitute_name), WORD(use->substitute_text),
				 use->cause ? use->cause : "");
	return hsm_buffer_detach(&text);
}

#define OK1 "order_v1 en APPROVED UTILITY UTILITY a\n"
#define OK2 "order_v2 en APPROVED UTILITY UTILITY a\n"
#define OTHER2 "order_v2 en APPROVED UTILITY UTILITY b\n"
#define BAD1(status) "order_v1 en " status " UTILITY UTILITY a\n"
#define BAD2(status) "order_v2 en " status " UTILITY UTILITY a\n"
#define ON1 "order en order_v1 order_v1\n"
#define ON1_TO2 "order en order_v2 order_v1\n"
#define ON2 "order en order_v2 order_v2\n"
#define NOTHING " - - -|"

/* Of order in en. */
static const struct {
	const char *name, *versions, *translations, *fallback, *expected;
} uses[] = {
	/* Rule 1. */
	{ "nothing is live", "", "order en\n", NULL, "- -" NOTHING "no version of it could be used yet" },
	{ "a first version that waits", BAD1("PENDING"), "order en order_v1\n", NULL,
	  "- -" NOTHING "no version of it could be used yet" },
	{ "a first version that is approved", OK1, "order en order_v1\n", NULL, "order_v1 order_v1" NOTHING },
	{ "a first version needs no other language", OK1 "order_v1 es PENDING UTILITY UTILITY a\n",
	  "order en order_v1\norder es order_v1\n", NULL, "order_v1 order_v1" NOTHING },
	{ "a first version that is held", OK1, "order en order_v1 - - why\n", NULL,
	  "- -" NOTHING "no version of it could be used yet" },
	{ "a first version in a category that git does not accept", "order_v1 en APPROVED MARKETING UTILITY a\n",
	  "order en order_v1\n", NULL, "- -" NOTHING "no version of it could be used yet" },
	{ "any category where git does not tell", "order_v1 en APPROVED MARKETING - a\n", "order en order_v1\n", NULL,
	  "order_v1 order_v1" NOTHING },
	{ "a first version whose category nobody told", "order_v1 en APPROVED - UTILITY a\n", "order en order_v1\n", NULL,
	  "- -" NOTHING "no version of it could be used yet" },
	{ "what was suggested, while the target waits", OK1 BAD2("PENDING"), "order en order_v2 - order_v1\n", NULL,
	  "order_v1 order_v1" NOTHING },
	{ "the target before what was suggested", OK1 OK2, "order en order_v2 - order_v1\n", NULL,
	  "order_v2 order_v2" NOTHING },
	{ "what was suggested may not be used", BAD1("PAUSED") BAD2("PENDING"), "order en order_v2 - order_v1\n", NULL,
	  "- -" NOTHING "no version of it could be used yet" },
	{ "a new version that waits", OK1 BAD2("PENDING"), ON1_TO2, NULL, "order_v1 order_v1" NOTHING },
	{ "a new version that was rejected", OK1 BAD2("REJECTED"), ON1_TO2, NULL, "order_v1 order_v1" NOTHING },
	{ "a new version that is approved", OK1 OK2, ON1_TO2, NULL, "order_v2 order_v2" NOTHING },
	{ "a new version that takes other parameters", OK1 OTHER2, ON1_TO2, NULL, "order_v2 order_v2" NOTHING },
	{ "a new version that is held", OK1 OTHER2, "order en order_v2 order_v1 - why\n", NULL,
	  "order_v1 order_v1" NOTHING },
	{ "a new version in another category is held", OK1 "order_v2 en APPROVED MARKETING UTILITY a\n", ON1_TO2, NULL,
	  "order_v1 order_v1" NOTHING },
	{ "another language of the number waits", OK1 OK2 "order_v2 es PENDING UTILITY UTILITY a\n",
	  ON1_TO2 "order es order_v2 order_v1\n", NULL, "order_v1 order_v1" NOTHING },
	{ "another language of the number is held", OK1 OK2 "order_v2 es APPROVED UTILITY UTILITY a\n",
	  ON1_TO2 "order es order_v2 order_v1 - why\n", NULL, "order_v1 order_v1" NOTHING },
	{ "another language of the number is in another category", OK1 OK2 "order_v2 es APPROVED MARKETING UTILITY a\n",
	  ON1_TO2 "order es order_v2 order_v1\n", NULL, "order_v1 order_v1" NOTHING },
	{ "every language of the number is approved", OK1 OK2 "order_v2 es APPROVED UTILITY UTILITY a\n",
	  ON1_TO2 "order es order_v2 order_v1\n", NULL, "order_v2 order_v2" NOTHING },
	{ "another language's other number does not count", OK1 OK2 "order_v3 es PENDING UTILITY UTILITY a\n",
	  ON1_TO2 "order es order_v3\n", NULL, "order_v2 order_v2" NOTHING },
	{ "a language that is new in git waits with the others", OK1 OK2 "order_v2 fr PENDING UTILITY UTILITY a\n",
	  ON1_TO2 "order fr order_v2\n", NULL, "order_v1 order_v1" NOTHING },
	{ "a language that git has no more does not count", OK1 OK2 "order_v2 es PENDING UTILITY UTILITY a\n",
	  ON1_TO2 "order es order_v2 order_v1 - - unmanaged\n", NULL, "order_v2 order_v2" NOTHING },
	{ "a language without a target does not count", OK1 OK2, ON1_TO2 "order es - order_v1\n", NULL,
	  "order_v2 order_v2" NOTHING },
	{ "what git goes back to is a target as well", OK1 OK2, "order en order_v1 order_v2\n", NULL,
	  "order_v1 order_v1" NOTHING },
	{ "another base's number does not count", OK1 OK2 "other_v2 es PENDING UTILITY UTILITY a\n",
	  ON1_TO2 "other es other_v2\n", NULL, "order_v2 order_v2" NOTHING },
	{ "what was in use is gone: the target alone", "order_v1 en GONE UTILITY UTILITY a\n" OTHER2
	  "order_v2 es PENDING UTILITY UTILITY a\n", ON1_TO2 "order es order_v2 order_v1\n", NULL,
	  "order_v2 order_v2" NOTHING },
	/* Rule 2. */
	{ "what is in use stays", OK1, ON1, NULL, "order_v1 order_v1" NOTHING },
	{ "what is in use stays without a target", OK1, "order en - order_v1 - - unmanaged\n", NULL,
	  "order_v1 order_v1" NOTHING },
	{ "what is in use stays while another language of it is paused",
	  OK2 "order_v2 es PAUSED UTILITY UTILITY a\n", ON2 "order es order_v2 order_v2\n", NULL,
	  "order_v2 order_v2" NOTHING },
	{ "what is in use stays when it comes to be held", OK1 OK2, "order en order_v2 order_v2 - why\n", NULL,
	  "order_v2 order_v2" NOTHING },
	/* Rule 3. */
	{ "a pause moves to the version before", OK1 BAD2("PAUSED"), ON2, NULL,
	  "order_v2 order_v1 version order_v1 -|order_v2 is PAUSED" },
	{ "so does a rejection", OK1 BAD2("REJECTED"), ON2, NULL,
	  "order_v2 order_v1 version order_v1 -|order_v2 is REJECTED" },
	{ "so does a disabling", OK1 BAD2("DISABLED"), ON2, NULL,
	  "order_v2 order_v1 version order_v1 -|order_v2 is DISABLED" },
	{ "so does a status that nobody knows", OK1 BAD2("LIMBO"), ON2, NULL,
	  "order_v2 order_v1 version order_v1 -|order_v2 is LIMBO" },
	{ "so does a deletion", OK1 BAD2("GONE"), "order en - order_v2\n", NULL,
	  "order_v2 order_v1 version order_v1 -|order_v2 is not live any more" },
	{ "so does another category", OK1 "order_v2 en APPROVED MARKETING UTILITY a\n", ON2, NULL,
	  "order_v2 order_v1 version order_v1 -|order_v2 is MARKETING now, not UTILITY" },
	{ "so does a category that nobody told", OK1 "order_v2 en APPROVED - UTILITY a\n", ON2, NULL,
	  "order_v2 order_v1 version order_v1 -|order_v2 is of no category now, not UTILITY" },
	{ "a version without a status is not live", OK1 "order_v2 en - UTILITY UTILITY a\n", ON2, NULL,
	  "order_v2 order_v1 version order_v1 -|order_v2 is not live any more" },
	{ "the highest equal one counts", OK1 "order_v3 en APPROVED UTILITY UTILITY a\n" BAD2("PAUSED"), ON2, NULL,
	  "order_v2 order_v3 version order_v3 -|order_v2 is PAUSED" },
	{ "of those that may be used", OK1 "order_v3 en PAUSED UTILITY UTILITY a\n" BAD2("PAUSED"), ON2, NULL,
	  "order_v2 order_v1 version order_v1 -|order_v2 is PAUSED" },
	{ "in a category that git accepts", OK1 "order_v3 en APPROVED MARKETING UTILITY a\n" BAD2("PAUSED"), ON2, NULL,
	  "order_v2 order_v1 version order_v1 -|order_v2 is PAUSED" },
	{ "other parameters do not take its place", "order_v1 en APPROVED UTILITY UTILITY b\n" BAD2("PAUSED"), ON2, NULL,
	  "order_v2 -" NOTHING "order_v2 is PAUSED" },
	{ "nor what nobody knows the parameters of", "order_v1 en APPROVED UTILITY UTILITY -\n" BAD2("PAUSED"), ON2, NULL,
	  "order_v2 -" NOTHING "order_v2 is PAUSED" },
	{ "nor where its own are not known", "order_v1 en APPROVED UTILITY UTILITY -\n"
	  "order_v2 en PAUSED UTILITY UTILITY -\n", ON2, NULL, "order_v2 -" NOTHING "order_v2 is PAUSED" },
	{ "nor another language", "order_v1 es APPROVED UTILITY UTILITY a\n" BAD2("PAUSED"), ON2, NULL,
	  "order_v2 -" NOTHING "order_v2 is PAUSED" },
	{ "nor a target that is held", BAD1("PAUSED") OK2, "order en order_v2 order_v1 - why\n", NULL,
	  "order_v1 -" NOTHING "order_v1 is PAUSED" },
	{ "a target whose other language waits takes its place", BAD1("PAUSED") OK2
	  "order_v2 es PENDING UTILITY UTILITY a\n", ON1_TO2 "order es order_v2 order_v1\n", NULL,
	  "order_v1 order_v2 version order_v2 -|order_v1 is PAUSED" },
	{ "what was preferred is not known at all", OK1, "order en - order_v7\n", NULL,
	  "order_v7 -" NOTHING "order_v7 is not live any more" },
	/* Rule 4. */
	{ "a template", BAD1("PAUSED") "plain_v1 en APPROVED UTILITY UTILITY b\n", ON1 "plain en plain_v1 plain_v1\n",
	  "[{\"template\":\"plain\"}]", "order_v1 - template plain_v1 -|order_v1 is PAUSED" },
	{ "an equal version comes before it", OK1 BAD2("PAUSED") "plain_v1 en APPROVED UTILITY UTILITY b\n",
	  ON2 "plain en plain_v1 plain_v1\n", "[{\"template\":\"plain\"}]",
	  "order_v2 order_v1 version order_v1 -|order_v2 is PAUSED" },
	{ "a template that was never in use is used as it would be", BAD1("PAUSED")
	  "plain_v1 en APPROVED UTILITY UTILITY b\n", ON1 "plain en plain_v1\n", "[{\"template\":\"plain\"}]",
	  "order_v1 - template plain_v1 -|order_v1 is PAUSED" },
	{ "a template's equal version", BAD1("PAUSED") "plain_v1 en APPROVED UTILITY UTILITY b\n"
	  "plain_v2 en PAUSED UTILITY UTILITY b\n", ON1 "plain en plain_v2 plain_v2\n", "[{\"template\":\"plain\"}]",
	  "order_v1 - template plain_v1 -|order_v1 is PAUSED" },
	{ "a template that lacks the language is passed over", BAD1("PAUSED")
	  "plain_v1 es APPROVED UTILITY UTILITY b\n", ON1 "plain es plain_v1 plain_v1\n",
	  "[{\"template\":\"plain\"},{\"channel\":\"sms\",\"text\":\"Hi\"}]",
	  "order_v1 - channel sms Hi|order_v1 is PAUSED" },
	{ "a template that nobody knows is passed over", BAD1("PAUSED"), ON1,
	  "[{\"template\":\"none\"},{\"channel\":\"sms\",\"text\":\"Hi\"}]",
	  "order_v1 - channel sms Hi|order_v1 is PAUSED" },
	{ "a template that may not be used is passed over", BAD1("PAUSED") "plain_v1 en DISABLED UTILITY UTILITY b\n",
	  ON1 "plain en plain_v1 plain_v1\n", "[{\"template\":\"plain\"}]", "order_v1 -" NOTHING "order_v1 is PAUSED" },
	{ "a template's own fallbacks are not followed", BAD1("PAUSED") "plain_v1 en DISABLED UTILITY UTILITY b\n"
	  "more_v1 en APPROVED UTILITY UTILITY b\n", ON1 "plain en plain_v1 plain_v1\nmore en more_v1 more_v1\n",
	  "[{\"template\":\"plain\"},{\"template\":\"more\"}]", "order_v1 - template more_v1 -|order_v1 is PAUSED" },
	{ "itself is no fallback", BAD1("PAUSED"), ON1, "[{\"template\":\"order\"}]",
	  "order_v1 -" NOTHING "order_v1 is PAUSED" },
	{ "a text of this language", BAD1("PAUSED"), ON1,
	  "[{\"channel\":\"sms\",\"text\":{\"es\":\"Hola\",\"en\":\"Hi\"}}]", "order_v1 - channel sms Hi|order_v1 is PAUSED" },
	{ "no text of this language", BAD1("PAUSED"), ON1,
	  "[{\"channel\":\"sms\",\"text\":{\"es\":\"Hola\"}},{\"channel\":\"mail\",\"text\":\"Any\"}]",
	  "order_v1 - channel mail Any|order_v1 is PAUSED" },
	{ "a channel without a text", BAD1("PAUSED"), ON1, "[{\"channel\":\"sms\"}]",
	  "order_v1 -" NOTHING "order_v1 is PAUSED" },
	{ "a text without a channel", BAD1("PAUSED"), ON1, "[{\"text\":\"Hi\"}]", "order_v1 -" NOTHING "order_v1 is PAUSED" },
	{ "steps of any type", BAD1("PAUSED"), ON1,
	  "[1,null,\"x\",[],{\"template\":7},{\"channel\":{},\"text\":3},{\"channel\":\"sms\",\"text\":\"Hi\"}]",
	  "order_v1 - channel sms Hi|order_v1 is PAUSED" },
	{ "fallbacks that are no JSON", BAD1("PAUSED"), ON1, "[{", "order_v1 -" NOTHING "order_v1 is PAUSED" },
	{ "what never was approved has its fallback, too", BAD1("PENDING"), "order en order_v1\n",
	  "[{\"channel\":\"sms\",\"text\":\"Hi\"}]", "- - channel sms Hi|no version of it could be used yet" },
	{ "no fallback while nothing is wrong", OK1, ON1, "[{\"channel\":\"sms\",\"text\":\"Hi\"}]",
	  "order_v1 order_v1" NOTHING },
};

static struct hsm_registry_template *find_order(const struct hsm_registry *registry)
{
	return hsm_registry_find_template(registry, "order");
}

static char *decide(struct hsm_registry *registry, struct hsm_arena *arena, struct hsm_use *use)
{
	const struct hsm_registry_template *order = find_order(registry);
	hsm_decide_use(arena, registry, order, hsm_registry_find_translation(order, "en"), use);
	return format_use(use);
}

static void what_is_in_use_is_the_first_that_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		struct hsm_registry registry = { 0 };
		struct hsm_arena arena = { 0 };
		struct hsm_use use;
		fill(&registry, uses[i].versions, add_version);
		fill(&registry, uses[i].translations, add_translation);
		struct hsm_registry_translation *en = hsm_registry_find_translation(find_order(&registry), "en");
		hsm_registry_set(&en->fallback, uses[i].fallback);
		char *got = decide(&registry, &arena, &use);
		if (strcmp(got, uses[i].expected) != 0)
			fail_msg("%s: got\n%s\nexpected\n%s", uses[i].name, got, uses[i].expected);
		free(got);
		/* Decided again, it is the same. */
		hsm_registry_set(&en->preferred, use.preferred);
		got = decide(&registry, &arena, &use);
		if (strcmp(got, uses[i].expected) != 0)
			fail_msg("%s, again: got\n%s\nexpected\n%s", uses[i].name, got, uses[i].expected);
		free(got);
		hsm_arena_release(&arena);
		hsm_registry_clear(&registry);
	}
}

static void a_reason_is_told(void **state)
{
	(void)state;
	struct hsm_registry registry = { 0 };
	struct hsm_arena arena = { 0 };
	struct hsm_use use;
	fill(&registry, BAD1("PAUSED"), add_version);
	fill(&registry, ON1, add_translation);
	hsm_registry_set(&find_order(&registry)->versions[0]->reason, "FIRST_PAUSE");
	free(decide(&registry, &arena, &use));
	assert_string_equal(use.cause, "order_v1 is PAUSED: FIRST_PAUSE");
	hsm_arena_release(&arena);
	hsm_registry_clear(&registry);
}

#define MINUTE ((int64_t)60 * 1000)
#define NOW ((int64_t)1793614830000)

static const char *const effects[] = { "none", "applied", "stale", "unknown" };

/* "status category quality reason changed-seen|effect doubtful alert" */
static char *format_told(const struct hsm_registry_version *version, const struct hsm_told *told)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(65536);
	hsm_buffer_append_format(&text, "%s %s %s %s %s%s|%s%s %s", WORD(version->status), WORD(version->category),
				 WORD(version->quality), WORD(version->reason),
				 version->changed == NOW ? "known" : version->changed > NOW ? "newer" : "older",
				 version->seen == NOW ? " seen" : "", effects[told->effect],
				 told->doubtful ? " doubtful" : "", hsm_alert_kind_words[told->alert]);
	return hsm_buffer_detach(&text);
}

static void make_version(struct hsm_registry *registry, const char *status, const char *category, const char *reason)
{
	struct hsm_registry_version *version = hsm_registry_add_version(registry, "order", "order_v1", "en");
	hsm_registry_set(&version->status, status);
	hsm_registry_set(&version->category, category);
	hsm_registry_set(&version->accepted, "UTILITY");
	hsm_registry_set(&version->reason, reason);
	version->changed = version->categorised = version->assessed = NOW - MINUTE;
}

/* Of a version that is APPROVED, UTILITY since a minute. Received now. */
static const struct {
	const char *name;
	enum hsm_event_kind kind;
	int64_t time;
	const char *value, *category, *reason, *before, *expected;
} tellings[] = {
	{ "a pause", HSM_EVENT_STATUS, NOW, "PAUSED", NULL, "FIRST_PAUSE", "APPROVED",
	  "PAUSED UTILITY - FIRST_PAUSE known seen|applied paused" },
	{ "a rejection", HSM_EVENT_STATUS, NOW, "REJECTED", NULL, "SCAM", "PENDING",
	  "REJECTED UTILITY - SCAM known seen|applied rejected" },
	{ "a disabling", HSM_EVENT_STATUS, NOW, "DISABLED", NULL, NULL, "APPROVED",
	  "DISABLED UTILITY - - known seen|applied disabled" },
	{ "an approval", HSM_EVENT_STATUS, NOW, "APPROVED", NULL, NULL, "PENDING",
	  "APPROVED UTILITY - - known seen|applied none" },
	{ "an approval has no reason", HSM_EVENT_STATUS, NOW, "APPROVED", NULL, "UNPAUSE", "PAUSED",
	  "APPROVED UTILITY - - known seen|applied none" },
	{ "what was known", HSM_EVENT_STATUS, NOW, "APPROVED", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - known seen|none none" },
	{ "another reason", HSM_EVENT_STATUS, NOW, "PAUSED", NULL, "SECOND_PAUSE", "PAUSED",
	  "PAUSED UTILITY - SECOND_PAUSE known seen|applied none" },
	{ "reinstated is approved", HSM_EVENT_STATUS, NOW, "REINSTATED", NULL, NULL, "DISABLED",
	  "APPROVED UTILITY - - known seen|applied none" },
	{ "unarchived is approved", HSM_EVENT_STATUS, NOW, "UNARCHIVED", NULL, NULL, "ARCHIVED",
	  "APPROVED UTILITY - - known seen|applied none" },
	{ "archived", HSM_EVENT_STATUS, NOW, "ARCHIVED", NULL, NULL, "APPROVED",
	  "ARCHIVED UTILITY - - known seen|applied none" },
	{ "in appeal", HSM_EVENT_STATUS, NOW, "IN_APPEAL", NULL, NULL, "REJECTED",
	  "IN_APPEAL UTILITY - - known seen|applied none" },
	{ "pending deletion", HSM_EVENT_STATUS, NOW, "PENDING_DELETION", NULL, NULL, "APPROVED",
	  "PENDING_DELETION UTILITY - - known seen|applied none" },
	{ "flagged is no status", HSM_EVENT_STATUS, NOW, "FLAGGED", NULL, "x", "APPROVED",
	  "APPROVED UTILITY - - older|none doubtful none" },
	{ "locked is no status", HSM_EVENT_STATUS, NOW, "LOCKED", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older|none doubtful none" },
	{ "a limit is no status", HSM_EVENT_STATUS, NOW, "LIMIT_EXCEEDED", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older|none doubtful none" },
	{ "gone is a listing's to say", HSM_EVENT_STATUS, NOW, "GONE", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older|none doubtful none" },
	{ "a status that nobody knows", HSM_EVENT_STATUS, NOW, "LIMBO", NULL, NULL, "APPROVED",
	  "LIMBO UTILITY - - known seen|applied none" },
	{ "what was before", HSM_EVENT_STATUS, NOW - 2 * MINUTE, "PAUSED", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older|stale none" },
	{ "two things of one moment", HSM_EVENT_STATUS, NOW - MINUTE, "PAUSED", NULL, NULL, "APPROVED",
	  "PAUSED UTILITY - - older seen|applied doubtful paused" },
	{ "the same of one moment", HSM_EVENT_STATUS, NOW - MINUTE, "APPROVED", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older seen|none none" },
	{ "a time that nobody told is now", HSM_EVENT_STATUS, 0, "PAUSED", NULL, NULL, "APPROVED",
	  "PAUSED UTILITY - - known seen|applied paused" },
	{ "a deleted version is not brought back by a late event", HSM_EVENT_STATUS, NOW, "APPROVED", NULL, NULL, "GONE",
	  "GONE UTILITY - - older|none doubtful none" },
	{ "a status with another category", HSM_EVENT_STATUS, NOW, "APPROVED", "MARKETING", NULL, "PENDING",
	  "APPROVED MARKETING - - known seen|applied recategorised" },
	{ "the more urgent alert stays", HSM_EVENT_STATUS, NOW, "DISABLED", "MARKETING", NULL, "APPROVED",
	  "DISABLED MARKETING - - known seen|applied disabled" },
	{ "another category", HSM_EVENT_CATEGORY, NOW, "MARKETING", NULL, NULL, "APPROVED",
	  "APPROVED MARKETING - - older seen|applied doubtful recategorised" },
	{ "the category that was known", HSM_EVENT_CATEGORY, NOW, "UTILITY", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older seen|none doubtful none" },
	{ "a category of before", HSM_EVENT_CATEGORY, NOW - 2 * MINUTE, "MARKETING", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older|stale none" },
	{ "a category that will be", HSM_EVENT_CATEGORY_NOTICE, NOW, "MARKETING", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older|none recategorised" },
	{ "a category that will be, and that git has", HSM_EVENT_CATEGORY_NOTICE, NOW, "UTILITY", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older|none none" },
	{ "low quality", HSM_EVENT_QUALITY, NOW, "RED", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY RED - older|applied quality" },
	{ "good quality", HSM_EVENT_QUALITY, NOW, "GREEN", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY GREEN - older|applied none" },
	{ "quality of before", HSM_EVENT_QUALITY, NOW - 2 * MINUTE, "RED", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older|stale none" },
	{ "an edit", HSM_EVENT_COMPONENTS, NOW, NULL, NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older|none doubtful none" },
	{ "an event that nobody knows", HSM_EVENT_UNKNOWN, NOW, "PAUSED", NULL, NULL, "APPROVED",
	  "APPROVED UTILITY - - older|unknown none" },
};

static void events_change_what_they_are_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tellings) / sizeof(tellings[0]); i++) {
		struct hsm_registry registry = { 0 };
		struct hsm_event event = { .id = "e", .kind = tellings[i].kind, .time = tellings[i].time,
					   .value = tellings[i].value, .category = tellings[i].category,
					   .reason = tellings[i].reason };
		make_version(&registry, tellings[i].before, "UTILITY", NULL);
		struct hsm_registry_version *version = find_order(&registry)->versions[0];
		struct hsm_told told = hsm_decide_event(version, &event, NOW);
		char *got = format_told(version, &told);
		if (strcmp(got, tellings[i].expected) != 0)
			fail_msg("%s: got\n%s\nexpected\n%s", tellings[i].name, got, tellings[i].expected);
		free(got);
		hsm_registry_clear(&registry);
	}
}

static void an_event_of_a_version_that_nobody_knows_changes_nothing(void **state)
{
	(void)state;
	for (int kind = 0; kind < HSM_EVENT_KIND_MAX_; kind++) {
		struct hsm_event event = { .kind = (enum hsm_event_kind)kind, .value = "PAUSED" };
		struct hsm_told told = hsm_decide_event(NULL, &event, NOW);
		assert_int_equal(told.effect, HSM_EFFECT_UNKNOWN);
		assert_int_equal(told.alert, HSM_ALERT_NONE);
	}
}

static void a_clock_that_is_ahead_blocks_nothing_for_longer_than_five_minutes(void **state)
{
	(void)state;
	static const int64_t aheads[] = { 1, 4 * MINUTE, 5 * MINUTE, 6 * MINUTE, 365 * 24 * 60 * MINUTE, INT64_MAX - NOW };
	for (size_t i = 0; i < sizeof(aheads) / sizeof(aheads[0]); i++)
		for (int listed = 0; listed < 2; listed++) {
			struct hsm_registry registry = { 0 };
			bool missed = false;
			make_version(&registry, "APPROVED", "UTILITY", NULL);
			struct hsm_registry_version *version = find_order(&registry)->versions[0];
			struct hsm_event event = { .kind = HSM_EVENT_STATUS, .time = NOW + aheads[i], .value = "PAUSED",
						   .category = "MARKETING" };
			struct hsm_seen seen = { "PAUSED", "MARKETING", NULL, NOW + aheads[i], NOW };
			if (listed)
				hsm_decide_seen(version, &seen, &missed);
			else
				hsm_decide_event(version, &event, NOW);
			assert_string_equal(version->status, "PAUSED");
			event = (struct hsm_event){ .kind = HSM_EVENT_STATUS, .time = NOW + 5 * MINUTE + 1,
						    .value = "APPROVED", .category = "UTILITY" };
			hsm_decide_event(version, &event, NOW + 5 * MINUTE + 1);
			assert_string_equal(version->status, "APPROVED");
			assert_string_equal(version->category, "UTILITY");
			hsm_registry_clear(&registry);
		}
}

/* Of a listing that began now; seen: when the version was told of, before that. */
static const struct {
	const char *name, *before, *before_reason;
	int64_t told;
	struct hsm_seen seen;
	bool missed;
	const char *expected;
} listings[] = {
	{ "what was known", "APPROVED", NULL, 0, { "APPROVED", "UTILITY", NULL, 0, NOW }, false,
	  "APPROVED UTILITY - - older|none none" },
	{ "a first look is no news", NULL, NULL, 0, { "REJECTED", "MARKETING", "SCAM", NOW - 9 * MINUTE, NOW }, false,
	  "REJECTED MARKETING - SCAM older|applied none" },
	{ "a change that no webhook told", "APPROVED", NULL, 0, { "PAUSED", "UTILITY", NULL, NOW - 3 * MINUTE, NOW }, true,
	  "PAUSED UTILITY - - older|applied paused" },
	{ "a change whose webhook may be on its way", "APPROVED", NULL, 0, { "PAUSED", "UTILITY", NULL, NOW - MINUTE, NOW },
	  false, "PAUSED UTILITY - - older|applied paused" },
	{ "a change of which nobody knows when", "APPROVED", NULL, 0, { "PAUSED", "UTILITY", NULL, 0, NOW }, false,
	  "PAUSED UTILITY - - older|applied paused" },
	{ "another category, of which not every webhook tells", "APPROVED", NULL, 0,
	  { "APPROVED", "MARKETING", NULL, NOW - 3 * MINUTE, NOW }, false,
	  "APPROVED MARKETING - - older|applied recategorised" },
	{ "no category says nothing", "APPROVED", NULL, 0, { "APPROVED", NULL, NULL, 0, NOW }, false,
	  "APPROVED UTILITY - - older|none none" },
	{ "no reason takes none away", "PAUSED", "FIRST_PAUSE", 0, { "PAUSED", "UTILITY", NULL, NOW - 3 * MINUTE, NOW },
	  false, "PAUSED UTILITY - FIRST_PAUSE older|none none" },
	{ "another reason is no webhook's to tell", "REJECTED", "A", 0, { "REJECTED", "UTILITY", "B", NOW - 3 * MINUTE, NOW },
	  false, "REJECTED UTILITY - B older|applied none" },
	{ "another status has its own reason", "PAUSED", "FIRST_PAUSE", 0, { "DISABLED", "UTILITY", NULL, 0, NOW }, false,
	  "DISABLED UTILITY - - older|applied disabled" },
	{ "a deletion", "APPROVED", NULL, 0, { NULL, NULL, NULL, 0, NOW }, false, "GONE UTILITY - - older|applied none" },
	{ "a deletion that was known", "GONE", NULL, 0, { NULL, NULL, NULL, 0, NOW }, false,
	  "GONE UTILITY - - older|none none" },
	{ "what was deleted is live again", "GONE", NULL, 0, { "APPROVED", "UTILITY", NULL, NOW - 9 * MINUTE, NOW }, false,
	  "APPROVED UTILITY - - older|applied none" },
	{ "an event came after it began", "APPROVED", NULL, NOW + 1, { "PAUSED", "MARKETING", "x", NOW + 2, NOW }, false,
	  "APPROVED UTILITY - - older|stale none" },
	{ "an event came before it began", "APPROVED", NULL, NOW - 1, { "PAUSED", "UTILITY", NULL, 0, NOW }, false,
	  "PAUSED UTILITY - - older|applied paused" },
	{ "it overrules what a clock that is ahead told", "APPROVED", NULL, 0, { "PAUSED", "UTILITY", NULL, NOW, NOW }, false,
	  "PAUSED UTILITY - - known|applied paused" },
};

static void listings_overrule_what_came_before_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(listings) / sizeof(listings[0]); i++) {
		struct hsm_registry registry = { 0 };
		bool missed = false;
		make_version(&registry, listings[i].before, "UTILITY", listings[i].before_reason);
		struct hsm_registry_version *version = find_order(&registry)->versions[0];
		version->seen = listings[i].told;
		struct hsm_told told = hsm_decide_seen(version, &listings[i].seen, &missed);
		char *got = format_told(version, &told);
		if (strcmp(got, listings[i].expected) != 0 || missed != listings[i].missed)
			fail_msg("%s: got\n%s%s\nexpected\n%s", listings[i].name, got, missed ? ", missed" : "",
				 listings[i].expected);
		free(got);
		hsm_registry_clear(&registry);
	}
}

/* Else each listing would come too late for the next event, and none would count. */
static void events_that_say_nothing_of_status_or_category_stop_no_listing(void **state)
{
	(void)state;
	static const struct hsm_event events[] = {
		{ .kind = HSM_EVENT_QUALITY, .time = NOW, .value = "GREEN" },
		{ .kind = HSM_EVENT_COMPONENTS, .time = NOW },
		{ .kind = HSM_EVENT_CATEGORY_NOTICE, .time = NOW, .value = "MARKETING" },
		{ .kind = HSM_EVENT_STATUS, .time = NOW, .value = "FLAGGED" },
		{ .kind = HSM_EVENT_STATUS, .time = NOW - 9 * MINUTE, .value = "PENDING" },
		{ .kind = HSM_EVENT_CATEGORY, .time = NOW - 9 * MINUTE, .value = "MARKETING" },
		{ .kind = HSM_EVENT_UNKNOWN, .time = NOW },
	};
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		struct hsm_registry registry = { 0 };
		bool missed;
		make_version(&registry, "APPROVED", "UTILITY", NULL);
		struct hsm_registry_version *version = find_order(&registry)->versions[0];
		struct hsm_seen seen = { "PAUSED", "UTILITY", NULL, 0, NOW - 1 };
		hsm_decide_event(version, &events[i], NOW);
		hsm_decide_seen(version, &seen, &missed);
		assert_string_equal(version->status, "PAUSED");
		hsm_registry_clear(&registry);
	}
}

/* What an event of some set says; at: minutes. */
struct tale {
	const char *name, *language;
	enum hsm_event_kind kind;
	int at;
	const char *value, *category;
};

#define TALES_MAX 6
static const struct {
	const char *name, *versions, *translations;
	struct tale tales[TALES_MAX];
	const char *expected;
} tangles[] = {
	{ "a version's life", "order_v1 en PENDING UTILITY UTILITY a\n", "order en order_v1\norder es order_v1\n",
	  { { "order_v1", "en", HSM_EVENT_STATUS, 1, "IN_APPEAL", NULL },
	    { "order_v1", "en", HSM_EVENT_STATUS, 2, "REJECTED", NULL },
	    { "order_v1", "en", HSM_EVENT_STATUS, 3, "PENDING", NULL },
	    { "order_v1", "en", HSM_EVENT_STATUS, 4, "FLAGGED", NULL },
	    { "order_v1", "en", HSM_EVENT_STATUS, 5, "PAUSED", NULL },
	    { "order_v1", "en", HSM_EVENT_STATUS, 6, "APPROVED", NULL } }, "order_v1 order_v1" NOTHING },
	{ "pauses and recoveries of what is in use", OK1 OK2, ON2,
	  { { "order_v2", "en", HSM_EVENT_STATUS, 1, "PAUSED", NULL },
	    { "order_v2", "en", HSM_EVENT_STATUS, 2, "APPROVED", NULL },
	    { "order_v2", "en", HSM_EVENT_STATUS, 3, "PAUSED", NULL },
	    { "order_v1", "en", HSM_EVENT_STATUS, 4, "DISABLED", NULL },
	    { "order_v1", "en", HSM_EVENT_STATUS, 5, "REINSTATED", NULL },
	    { "order_v2", "en", HSM_EVENT_STATUS, 6, "DISABLED", NULL } },
	  "order_v2 order_v1 version order_v1 -|order_v2 is DISABLED" },
	{ "three languages and a deletion", OK1 BAD2("PENDING") "order_v2 es PENDING UTILITY UTILITY a\n"
	  "order_v2 fr PENDING UTILITY UTILITY a\n", ON1_TO2 "order es order_v2 order_v1\norder fr order_v2 order_v1\n",
	  { { "order_v2", "en", HSM_EVENT_STATUS, 1, "APPROVED", NULL },
	    { "order_v2", "es", HSM_EVENT_STATUS, 2, "REJECTED", NULL },
	    { "order_v2", "fr", HSM_EVENT_STATUS, 3, "APPROVED", NULL },
	    { "order_v2", "es", HSM_EVENT_STATUS, 4, "PENDING", NULL },
	    { "order_v2", "es", HSM_EVENT_STATUS, 5, "APPROVED", NULL },
	    { "order_v1", "en", HSM_EVENT_STATUS, 6, "DELETED", NULL } }, "order_v2 order_v2" NOTHING },
	{ "categories there and back, by both of Meta's events", OK1 OK2, ON2,
	  { { "order_v2", "en", HSM_EVENT_CATEGORY_NOTICE, 1, "MARKETING", NULL },
	    { "order_v2", "en", HSM_EVENT_CATEGORY, 2, "MARKETING", NULL },
	    { "order_v2", "en", HSM_EVENT_STATUS, 3, "PAUSED", "MARKETING" },
	    { "order_v2", "en", HSM_EVENT_STATUS, 4, "APPROVED", NULL },
	    { "order_v2", "en", HSM_EVENT_CATEGORY, 5, "UTILITY", NULL },
	    { "order_v2", "en", HSM_EVENT_CATEGORY, 6, "MARKETING", NULL } },
	  "order_v2 order_v1 version order_v1 -|order_v2 is MARKETING now, not UTILITY" },
	{ "a category beside an approval that is overtaken", OK1 OK2, ON2,
	  { { "order_v2", "en", HSM_EVENT_STATUS, 1, "APPROVED", "MARKETING" },
	    { "order_v2", "en", HSM_EVENT_STATUS, 2, "APPROVED", NULL },
	    { "order_v2", "en", HSM_EVENT_COMPONENTS, 3, NULL, NULL } },
	  "order_v2 order_v1 version order_v1 -|order_v2 is MARKETING now, not UTILITY" },
	{ "qualities", OK1, ON1,
	  { { "order_v1", "en", HSM_EVENT_QUALITY, 1, "GREEN", NULL },
	    { "order_v1", "en", HSM_EVENT_QUALITY, 2, "YELLOW", NULL },
	    { "order_v1", "en", HSM_EVENT_QUALITY, 3, "RED", NULL },
	    { "order_v1", "en", HSM_EVENT_STATUS, 4, "PAUSED", NULL },
	    { "order_v1", "en", HSM_EVENT_QUALITY, 5, "UNKNOWN", NULL },
	    { "order_v1", "en", HSM_EVENT_STATUS, 6, "APPROVED", NULL } }, "order_v1 order_v1" NOTHING },
	{ "what a fallback leans on", OK1 "plain_v1 en APPROVED UTILITY UTILITY b\n", ON1 "plain en plain_v1 plain_v1\n",
	  { { "order_v1", "en", HSM_EVENT_STATUS, 1, "DISABLED", NULL },
	    { "plain_v1", "en", HSM_EVENT_STATUS, 2, "PAUSED", NULL },
	    { "plain_v1", "en", HSM_EVENT_STATUS, 3, "APPROVED", NULL },
	    { "order_v1", "en", HSM_EVENT_UNKNOWN, 4, "APPROVED", NULL } },
	  "order_v1 - template plain_v1 -|order_v1 is DISABLED" },
};

static size_t count_tales(const struct tale *tales)
{
	size_t count = 0;
	while (count < TALES_MAX && tales[count].name)
		count++;
	return count;
}

static void tell(struct hsm_registry *registry, const struct tale *tale)
{
	struct hsm_event event = { .id = "e", .kind = tale->kind, .name = tale->name, .language = tale->language,
				   .time = NOW + tale->at * 1000, .value = tale->value, .category = tale->category };
	struct hsm_registry_version *version = hsm_registry_find_name(registry, tale->name, tale->language);
	assert_non_null(version);
	hsm_decide_event(version, &event, NOW + MINUTE);
}

/* As whoever keeps the registry does after each event. */
static void keep(struct hsm_registry *registry)
{
	for (size_t i = 0; i < registry->count; i++)
		for (size_t j = 0; j < registry->templates[i]->translation_count; j++) {
			struct hsm_registry_translation *translation = registry->templates[i]->translations[j];
			struct hsm_arena arena = { 0 };
			struct hsm_use use;
			hsm_decide_use(&arena, registry, registry->templates[i], translation, &use);
			char *preferred = use.preferred ? strdup(use.preferred) : NULL;
			hsm_registry_set(&translation->preferred, preferred);
			free(preferred);
			hsm_arena_release(&arena);
		}
}

/* Every field of every version but when we were told. */
static void append_registry(const struct hsm_registry *registry, struct hsm_buffer *text)
{
	const struct hsm_registry_table *table = &hsm_registry_versions;
	for (size_t i = 0; i < registry->count; i++)
		for (size_t j = 0; j < registry->templates[i]->version_count; j++)
			for (size_t k = 0; k < table->count; k++) {
				const void *at = (const char *)registry->templates[i]->versions[j] + table->columns[k].offset;
				if (strcmp(table->columns[k].name, "seen") == 0)
					continue;
				if (table->columns[k].type == HSM_REGISTRY_NUMBER)
					hsm_buffer_append_format(text, "%lld ", (long long)*(const int64_t *)at);
				else
					hsm_buffer_append_format(text, "%s ", WORD(*(const char *const *)at));
			}
}

enum keeping { KEEP_EACH, KEEP_LAST, KEEP_DOUBLED, KEEP_AGAIN, KEEPING_MAX };

/* The registry and the use after the tales in some order. */
static char *tell_all(size_t tangle, const size_t order[], size_t count, enum keeping keeping)
{
	struct hsm_registry registry = { 0 };
	struct hsm_arena arena = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(65536);
	struct hsm_use use;
	fill(&registry, tangles[tangle].versions, add_version);
	fill(&registry, tangles[tangle].translations, add_translation);
	hsm_registry_set(&hsm_registry_find_translation(find_order(&registry), "en")->fallback,
			 "[{\"template\":\"plain\"}]");
	for (size_t i = 0; i < (keeping == KEEP_AGAIN ? 2 * count : count); i++) {
		tell(&registry, &tangles[tangle].tales[order[i % count]]);
		if (keeping != KEEP_LAST)
			keep(&registry);
		if (keeping == KEEP_DOUBLED)
			tell(&registry, &tangles[tangle].tales[order[i / 2]]);
	}
	keep(&registry);
	char *got = decide(&registry, &arena, &use);
	append_registry(&registry, &text);
	hsm_buffer_append_format(&text, "\n%s", got);
	free(got);
	hsm_arena_release(&arena);
	hsm_registry_clear(&registry);
	return hsm_buffer_detach(&text);
}

/* The next order; false after the last. */
static bool permute(size_t order[], size_t count)
{
	size_t i = count - 1, j = count - 1;
	while (i > 0 && order[i - 1] > order[i])
		i--;
	if (i == 0)
		return false;
	while (order[j] < order[i - 1])
		j--;
	size_t swap = order[i - 1];
	order[i - 1] = order[j];
	order[j] = swap;
	for (j = count - 1; i < j; i++, j--) {
		swap = order[i];
		order[i] = order[j];
		order[j] = swap;
	}
	return true;
}

static void any_order_and_repetition_of_events_ends_in_the_same_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tangles) / sizeof(tangles[0]); i++) {
		size_t order[] = { 0, 1, 2, 3, 4, 5 }, count = count_tales(tangles[i].tales);
		char *first = tell_all(i, order, count, KEEP_EACH);
		if (strcmp(strchr(first, '\n') + 1, tangles[i].expected) != 0)
			fail_msg("%s: got\n%s\nexpected\n%s", tangles[i].name, first, tangles[i].expected);
		do {
			for (int keeping = 0; keeping < KEEPING_MAX; keeping++) {
				char *got = tell_all(i, order, count, (enum keeping)keeping);
				if (strcmp(got, first) != 0)
					fail_msg("%s, in the order %zu %zu %zu %zu %zu %zu (%d): got\n%s\nexpected\n%s",
						 tangles[i].name, order[0], order[1], order[2], order[3], order[4], order[5],
						 keeping, got, first);
				free(got);
			}
		} while (permute(order, count));
		free(first);
	}
}

/*
 * What was in use meanwhile depends on what was known meanwhile: a target that was
 * complete for a moment is promoted only by those who saw that moment. The versions
 * are the same all the same, and so is everything once the target is complete again.
 */
static void a_moment_that_was_not_seen_is_made_up_for_when_the_target_recovers(void **state)
{
	(void)state;
	static const struct tale tales[] = { { "order_v2", "en", HSM_EVENT_STATUS, 1, "APPROVED", NULL },
					     { "order_v2", "es", HSM_EVENT_STATUS, 2, "APPROVED", NULL },
					     { "order_v2", "es", HSM_EVENT_STATUS, 3, "PAUSED", NULL } };
	static const struct tale recovery = { "order_v2", "es", HSM_EVENT_STATUS, 4, "APPROVED", NULL };
	size_t order[] = { 0, 1, 2 };
	do {
		struct hsm_registry registry = { 0 };
		struct hsm_arena arena = { 0 };
		struct hsm_use use;
		fill(&registry, OK1 BAD2("PENDING") "order_v1 es APPROVED UTILITY UTILITY b\n"
		     "order_v2 es PENDING UTILITY UTILITY a\n", add_version);
		fill(&registry, ON1_TO2 "order es order_v2 order_v1\n", add_translation);
		for (size_t i = 0; i < 3; i++) {
			tell(&registry, &tales[order[i]]);
			keep(&registry);
		}
		/* Whoever saw it or not: what is in use may be used. */
		free(decide(&registry, &arena, &use));
		assert_non_null(use.active);
		tell(&registry, &recovery);
		keep(&registry);
		free(decide(&registry, &arena, &use));
		assert_string_equal(use.active, "order_v2");
		assert_null(use.cause);
		assert_string_equal(hsm_registry_find_translation(find_order(&registry), "es")->preferred, "order_v2");
		hsm_arena_release(&arena);
		hsm_registry_clear(&registry);
	} while (permute(order, 3));
}

static void what_no_webhook_tells_is_seen_within_five_minutes(void **state)
{
	(void)state;
	for (int tenths = 1; tenths <= 2000; tenths++)
		for (int flags = 0; flags < 4; flags++) {
			double duration = tenths / 10.0, interval = hsm_decide_interval(duration, flags & 1, flags & 2);
			if (interval < duration || (duration <= 150 && interval + duration > 300 + 1e-9))
				fail_msg("%.1f s, %d: %f", duration, flags, interval);
			/* Nobody asks more often than he must. */
			assert_true(interval >= 5);
			assert_true(flags || interval >= 150 || interval >= 1.25 * duration);
			/* What is doubtful is asked about at least as soon as what waits, that as what does not. */
			assert_true(hsm_decide_interval(duration, true, true) <= interval + 1e-9);
			assert_true(hsm_decide_interval(duration, false, false) >= interval - 1e-9);
		}
	assert_true(hsm_decide_interval(1, false, false) >= 200);
	assert_true(hsm_decide_interval(1, true, false) <= 60);
	assert_true(hsm_decide_interval(1, false, true) <= 10);
}

static void what_nobody_sent_for_eleven_months_is_unused(void **state)
{
	(void)state;
	const int64_t day = 24 * 60 * MINUTE;
	const struct {
		const char *name;
		int64_t created, used;
		bool unused;
	} cases[] = {
		{ "nothing is known", 0, 0, false },
		{ "made today", NOW, 0, false },
		{ "made 334 days ago", NOW - 334 * day, 0, false },
		{ "made 336 days ago", NOW - 336 * day, 0, true },
		{ "made long ago and used today", NOW - 900 * day, NOW, false },
		{ "made long ago and used long ago", NOW - 900 * day, NOW - 336 * day, true },
		{ "used long ago, made anew", NOW - day, NOW - 900 * day, false },
		{ "used, and nobody knows since when it is", 0, NOW - 400 * day, true },
		{ "made tomorrow", NOW + day, 0, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (hsm_decide_is_unused(NOW, cases[i].created, cases[i].used) != cases[i].unused)
			fail_msg("%s", cases[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_use_is_the_first_that_fits),
		cmocka_unit_test(a_reason_is_told),
		cmocka_unit_test(events_change_what_they_are_of),
		cmocka_unit_test(an_event_of_a_version_that_nobody_knows_changes_nothing),
		cmocka_unit_test(a_clock_that_is_ahead_blocks_nothing_for_longer_than_five_minutes),
		cmocka_unit_test(listings_overrule_what_came_before_them),
		cmocka_unit_test(events_that_say_nothing_of_status_or_category_stop_no_listing),
		cmocka_unit_test(any_order_and_repetition_of_events_ends_in_the_same_state),
		cmocka_unit_test(a_moment_that_was_not_seen_is_made_up_for_when_the_target_recovers),
		cmocka_unit_test(what_no_webhook_tells_is_seen_within_five_minutes),
		cmocka_unit_test(what_nobody_sent_for_eleven_months_is_unused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
