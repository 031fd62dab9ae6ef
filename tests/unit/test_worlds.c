/*
 * Random worlds without pinned versions: edits, reverts, languages that come and
 * go, reviews, rejections, foreign versions, applies that are killed. Whatever
 * happened:
 *  - a plan is a function: planning twice gives the same bytes;
 *  - it submits exactly the translations whose content is not live, each once,
 *    under a name that nothing has;
 *  - an apply that is killed anywhere and run again ends where an undisturbed one
 *    does, and the one after that writes nothing.
 *
 * HSM_WORLDS (default 1000) worlds from HSM_SEED (default 1) on; a failure names
 * the seed that repeats it.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/planning.h"

enum { TEMPLATES = 2, LANGUAGES = 3, TEXTS = 5, LIVE_MAX = 48, STEPS = 8 };
static const char *const languages[LANGUAGES] = { "en", "es", "fr" };

struct version {
	char name[32];
	int language;
	int text; /* 0: foreign */
	const char *status, *category;
};

struct world {
	unsigned long seed;
	uint64_t random;
	int git[TEMPLATES][LANGUAGES]; /* 0: no such translation */
	struct version live[LIVE_MAX];
	size_t count;
};

static unsigned roll(struct world *world, unsigned sides)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return (unsigned)(world->random % sides);
}

#define CHECK(world, condition, ...)                                                 \
	do {                                                                         \
		if (!(condition)) {                                                  \
			print_error("seed %lu: ", (world)->seed);                    \
			print_error(__VA_ARGS__);                                    \
			fail();                                                      \
		}                                                                    \
	} while (0)

/* The texts differ in their parameters, too, so that some changes break. */
static void append_text(struct hsm_buffer *yaml, int language, int template, int text)
{
	static const char *const parameters[] = { "", " {{a}}", " {{a}} and {{b}}" };
	hsm_buffer_append_format(yaml, "  %s: {body: \"Text %d of %d%s.\"}\n", languages[language], text, template,
				 parameters[text % 3]);
}

static const char *write_template(struct hsm_arena *arena, int template, const int texts[LANGUAGES])
{
	struct hsm_buffer yaml = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_format(&yaml,
				 "name: t%d\ncategory: UTILITY\nparameters: {a: {type: TEXT, default: x}, b: {type: TEXT, "
				 "default: y}}\ntranslations:\n", template);
	for (int i = 0; i < LANGUAGES; i++)
		if (texts[i])
			append_text(&yaml, i, template, texts[i]);
	const char *copy = hsm_arena_copy(arena, hsm_buffer_text(&yaml), yaml.length);
	hsm_buffer_release(&yaml);
	return copy;
}

static int compare_entries(const void *a, const void *b)
{
	const struct hsm_history_entry *left = a, *right = b;
	int order = strcmp(left->base, right->base);
	if (!order)
		order = strcmp(left->language, right->language);
	return order ? order : (int)left->commit->age - (int)right->commit->age;
}

/* What the API lists: contents of commits are looked up in the history by their text. */
static void list_live(const struct world *world, struct planning *planning, struct hsm_arena *arena)
{
	struct hsm_live *live = &planning->live;
	live->templates = hsm_arena_allocate_array(arena, LIVE_MAX, sizeof(*live->templates));
	for (size_t i = 0; i < world->count; i++) {
		const struct version *version = &world->live[i];
		struct hsm_buffer yaml = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		int template = version->name[1] - '0';
		hsm_buffer_append_string(&yaml, "name: x\ncategory: UTILITY\nparameters: {a: {type: TEXT, default: x}, b: "
						"{type: TEXT, default: y}}\ntranslations:\n");
		append_text(&yaml, version->language, template, version->text ? version->text : 900 + (int)i * 3);
		const struct hsm_template *file = loading_template(&planning->loading, hsm_buffer_text(&yaml));
		live->templates[live->template_count++] = (struct hsm_live_template){
			.id = hsm_arena_format(arena, "id-%zu", i),
			.name = version->name,
			.language = languages[version->language],
			.category = version->category,
			.status_word = version->status,
			.status = hsm_status_find(version->status),
			.content = loading_compile(&planning->loading, NULL, file, languages[version->language]).content,
		};
		hsm_buffer_release(&yaml);
	}
}

/* Every commit that the world may have had: each text in each language. */
static void write_history(struct planning *planning, struct hsm_arena *arena)
{
	static const struct hsm_history_commit commit = { "1111111", "Ben", "2026-11-01", "First", true, 1 };
	struct hsm_history *history = &planning->history;
	history->entries = hsm_arena_allocate_array(arena, (size_t)TEMPLATES * LANGUAGES * TEXTS, sizeof(*history->entries));
	history->count = 0;
	for (int t = 0; t < TEMPLATES; t++)
		for (int text = 1; text <= TEXTS; text++) {
			const int texts[LANGUAGES] = { text, text, text };
			const struct hsm_template *file =
				loading_template(&planning->loading, write_template(arena, t, texts));
			for (int l = 0; l < LANGUAGES; l++)
				history->entries[history->count++] = (struct hsm_history_entry){
					.base = file->name.text, .language = languages[l], .category = "UTILITY",
					.compiled = loading_compile(&planning->loading, NULL, file, languages[l]),
					.commit = &commit,
				};
		}
	qsort(history->entries, history->count, sizeof(*history->entries), compare_entries);
}

static void plan_world(const struct world *world, struct planning *planning)
{
	static const char *const overwrite[] = { "t0", "t1" };
	struct hsm_arena *arena = &planning->loading.arena;
	const char *git[TEMPLATES + 1] = { NULL };
	size_t count = 0;
	for (int t = 0; t < TEMPLATES; t++)
		if (world->git[t][0] || world->git[t][1] || world->git[t][2])
			git[count++] = write_template(arena, t, world->git[t]);
	planning_start(planning, planning_configs[world->seed % 2], git, NULL, NULL);
	write_history(planning, arena);
	list_live(world, planning, arena);
	planning->options.overwrite = overwrite;
	planning->options.overwrite_count = 2;
	planning_make(planning);
}

static int language_of(const char *language)
{
	int i = 0;
	while (strcmp(languages[i], language) != 0)
		i++;
	return i;
}


/* Whether git's text of a translation is live: usable, or refused. */
static bool has_text(const struct world *world, int template, int language)
{
	for (size_t i = 0; i < world->count; i++)
		if (world->live[i].name[1] - '0' == template && world->live[i].language == language &&
		    world->live[i].text == world->git[template][language])
			return true;
	return false;
}

static void create(struct world *world, const char *name, int language)
{
	for (size_t i = 0; i < world->count; i++)
		CHECK(world, strcmp(world->live[i].name, name) != 0 || world->live[i].language != language,
		      "%s %s is created twice", name, languages[language]);
	CHECK(world, world->count < LIVE_MAX, "too many");
	struct version *version = &world->live[world->count++];
	snprintf(version->name, sizeof(version->name), "%s", name);
	version->language = language;
	version->text = world->git[name[1] - '0'][language];
	version->status = "PENDING";
	version->category = "UTILITY";
}

/* Plans, and does the first `limit` submissions of it. Returns how many there are. */
static size_t apply(struct world *world, size_t limit)
{
	struct planning planning = { 0 }, again = { 0 };
	struct hsm_buffer first = HSM_BUFFER_INIT(HSM_BUFFER_CAP), second = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	const struct world before = *world;
	size_t submissions = 0, wanted = 0;
	plan_world(world, &planning);
	plan_world(world, &again);
	hsm_plan_save(&planning.plan, &first);
	hsm_plan_save(&again.plan, &second);
	CHECK(world, strcmp(first.data, second.data) == 0, "two plans of one world differ");
	for (size_t i = 0; i < planning.plan.changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(planning.plan.changes, struct hsm_plan_change, i);
		for (size_t j = 0; j < change->submit.count; j++) {
			const char *key = HSM_LIST_ITEM(change->submit, struct hsm_plan_submission, j)->node.key.text;
			int language = language_of(key);
			CHECK(world, !has_text(&before, change->name.text[1] - '0', language), "%s %s is live already",
			      change->name.text, key);
			if (submissions++ < limit)
				create(world, change->name.text, language);
		}
	}
	for (int t = 0; t < TEMPLATES; t++)
		for (int l = 0; l < LANGUAGES; l++)
			wanted += before.git[t][l] && !has_text(&before, t, l);
	CHECK(world, submissions == wanted, "%zu submissions for %zu translations that are not live", submissions, wanted);
	planning_release(&planning);
	planning_release(&again);
	hsm_buffer_release(&first);
	hsm_buffer_release(&second);
	return submissions;
}

static int compare_versions(const void *a, const void *b)
{
	const struct version *left = a, *right = b;
	int order = strcmp(left->name, right->name);
	return order ? order : left->language - right->language;
}

static void check_same(struct world *killed, struct world *whole)
{
	qsort(killed->live, killed->count, sizeof(killed->live[0]), compare_versions);
	qsort(whole->live, whole->count, sizeof(whole->live[0]), compare_versions);
	CHECK(whole, killed->count == whole->count, "%zu versions and not %zu", killed->count, whole->count);
	for (size_t i = 0; i < whole->count; i++)
		CHECK(whole, compare_versions(&killed->live[i], &whole->live[i]) == 0 &&
				     killed->live[i].text == whole->live[i].text,
		      "%s %s and not %s %s", killed->live[i].name, languages[killed->live[i].language],
		      whole->live[i].name, languages[whole->live[i].language]);
}

static void apply_killed_anywhere(struct world *world)
{
	struct world whole = *world;
	size_t submissions = apply(&whole, SIZE_MAX);
	for (size_t limit = 0; limit < submissions; limit++) {
		struct world killed = *world;
		apply(&killed, limit);
		apply(&killed, SIZE_MAX);
		check_same(&killed, &whole);
	}
	CHECK(world, apply(&whole, SIZE_MAX) == 0, "the second apply submits something");
	*world = whole;
}

static void step(struct world *world)
{
	int t = (int)roll(world, TEMPLATES), l = (int)roll(world, LANGUAGES);
	switch (roll(world, 6)) {
	case 0: { /* a foreign version above all */
		struct version *version = &world->live[world->count];
		if (world->count > LIVE_MAX - 12)
			return;
		*version = (struct version){ .language = l, .status = "APPROVED", .category = "UTILITY" };
		snprintf(version->name, sizeof(version->name), "t%d_v%zu", t, 100 + world->count++);
		return;
	}
	case 1: /* the reviews end */
		for (size_t i = 0; i < world->count; i++)
			if (strcmp(world->live[i].status, "PENDING") == 0)
				world->live[i].status = roll(world, 4) ? "APPROVED" : "REJECTED";
		return;
	case 2:
		if (world->count <= LIVE_MAX - 12)
			apply_killed_anywhere(world);
		return;
	default:
		world->git[t][l] = (int)roll(world, TEXTS + 1);
		return;
	}
}

static void worlds_converge(void **state)
{
	(void)state;
	const char *seed = getenv("HSM_SEED"), *count = getenv("HSM_WORLDS");
	unsigned long first = seed ? strtoul(seed, NULL, 10) : 1, worlds = count ? strtoul(count, NULL, 10) : 1000;
	for (unsigned long i = 0; i < worlds; i++) {
		struct world world = { .seed = first + i, .random = (first + i) * UINT64_C(0x9E3779B97F4A7C15) + 1 };
		for (int j = 0; j < STEPS; j++)
			step(&world);
		apply_killed_anywhere(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(worlds_converge) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
