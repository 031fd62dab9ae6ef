/*
 * Random promotion histories: edits, hotfix branches and their merges, reverts,
 * rejections in one environment, applies that stop halfway, over three
 * environments with pinned versions and a real git repository. Whatever happens:
 * the same commit gives the same names everywhere, no number ever names two
 * contents, and every environment converges.
 *
 * HSM_PROMOTIONS (default 1000) histories from HSM_SEED (default 1) on; a failure
 * names the seed that repeats it.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reconciler/desired/bump.h"
#include "reconciler/plan/plan.h"

enum { TEMPLATES = 2, LANGUAGES = 3, ENVIRONMENTS = 3, LIVE_MAX = 400, COMMITS_MAX = 40, NAMED_MAX = 1000 };

static const char *const languages[LANGUAGES] = { "en_US", "es_ES", "fr_FR" };
#define ENVIRONMENTS_WITH(place) "environments:\n  dev: {" place "}\n  test: {" place "}\n  prod: {" place "}\n"
static const char *const environments[ENVIRONMENTS] = { "dev", "test", "prod" };

struct cell {
	int text; /* 0: no such translation */
	int64_t version;
};

struct state { /* what one commit says */
	struct cell cells[TEMPLATES][LANGUAGES];
};

struct commit {
	struct state state;
	git_oid id;
};

struct named { /* a number's content, over all environments and all time */
	char name[64], language[8], fingerprint[65];
};

struct world {
	uint64_t seed, random;
	char folder[64];
	git_repository *git;
	struct hsm_repository *repository;
	struct commit main[COMMITS_MAX];
	size_t main_count;
	struct hsm_arena arena; /* of what is live */
	struct hsm_live_template live[ENVIRONMENTS][LIVE_MAX];
	size_t live_count[ENVIRONMENTS];
	struct named named[NAMED_MAX];
	size_t named_count;
	int next_text;
	bool rejections;
};

/* Plans that did not need all of the history. */
static size_t partial_reads;

static unsigned roll(struct world *world, unsigned sides)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return (unsigned)(world->random % sides);
}

#define CHECK(world, condition, ...)                                                             \
	do {                                                                                     \
		if (!(condition)) {                                                              \
			print_error("seed %llu: ", (unsigned long long)(world)->seed);           \
			print_error(__VA_ARGS__);                                                \
			print_error("\nrepeat: HSM_SEED=%llu HSM_PROMOTIONS=1 build/unit/test_promotion\n", \
				    (unsigned long long)(world)->seed);                          \
			fail();                                                                  \
		}                                                                                \
	} while (0)

static void write_file(struct world *world, const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", world->folder, name);
	FILE *file = fopen(path, "w");
	CHECK(world, file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", path);
}

static void write_state(struct world *world, const struct state *state)
{
	for (int t = 0; t < TEMPLATES; t++) {
		char text[2048], name[64];
		int length = snprintf(text, sizeof(text), "name: t%d\ncategory: UTILITY\ntranslations:\n", t);
		for (int l = 0; l < LANGUAGES; l++) {
			const struct cell *cell = &state->cells[t][l];
			if (!cell->text)
				continue;
			length += snprintf(text + length, sizeof(text) - (size_t)length, "  %s:\n", languages[l]);
			if (cell->version)
				length += snprintf(text + length, sizeof(text) - (size_t)length, "    version: %lld\n",
						   (long long)cell->version);
			length += snprintf(text + length, sizeof(text) - (size_t)length, "    body: Text %d of t%d.\n",
					   cell->text, t);
		}
		snprintf(name, sizeof(name), "templates/t%d.yaml", t);
		write_file(world, name, text);
	}
}

static void bump(struct world *world, struct state *state, const git_oid *base)
{
	struct hsm_bumps bumps = { 0 };
	struct hsm_findings findings = { 0 };
	struct hsm_error error = { 0 };
	char id[HSM_COMMIT_SIZE];
	git_oid_tostr(id, sizeof(id), base);
	int status = hsm_bump_find(world->repository, NULL, id, &bumps, &findings, &error);
	CHECK(world, status == 0, "bump: %s", error.message);
	status = hsm_bump_write(world->repository, &bumps, &error);
	CHECK(world, status == 0, "bump: %s", error.message);
	for (size_t i = 0; i < bumps.count; i++)
		for (int l = 0; l < LANGUAGES; l++)
			if (strcmp(bumps.items[i].language, languages[l]) == 0)
				state->cells[bumps.items[i].base[1] - '0'][l].version = bumps.items[i].new_version;
	hsm_bumps_release(&bumps);
	hsm_findings_release(&findings);
}

static git_oid make_commit(struct world *world, const char *reference, const git_oid *parents, size_t count)
{
	git_index *index = NULL;
	git_tree *tree = NULL;
	git_signature *author = NULL;
	git_commit *commits[2] = { NULL, NULL };
	git_oid tree_id, id;
	int status = git_repository_index(&index, world->git);
	status = status ? status : git_index_add_all(index, NULL, 0, NULL, NULL);
	status = status ? status : git_index_write_tree(&tree_id, index);
	status = status ? status : git_index_write(index);
	status = status ? status : git_tree_lookup(&tree, world->git, &tree_id);
	status = status ? status : git_signature_new(&author, "Ana", "ana@example.com", 1700000000, 0);
	for (size_t i = 0; !status && i < count; i++)
		status = git_commit_lookup(&commits[i], world->git, &parents[i]);
	status = status ? status : git_commit_create(&id, world->git, reference, author, author, NULL, "change", tree, count,
						     (const git_commit **)commits);
	CHECK(world, status == 0, "commit: %s", git_error_last() ? git_error_last()->message : "?");
	for (size_t i = 0; i < count; i++)
		git_commit_free(commits[i]);
	git_signature_free(author);
	git_tree_free(tree);
	git_index_free(index);
	return id;
}

/* One commit on main: the state's texts, bumped against its parent. */
static void commit_main(struct world *world, struct state state, bool bumped, const git_oid *other)
{
	git_oid parents[2];
	size_t count = 0;
	write_state(world, &state);
	if (world->main_count) {
		parents[count++] = world->main[world->main_count - 1].id;
		if (bumped)
			bump(world, &state, &parents[0]);
	}
	if (other)
		parents[count++] = *other;
	world->main[world->main_count].state = state;
	world->main[world->main_count].id = make_commit(world, "refs/heads/main", parents, count);
	world->main_count++;
}

static int pick_text(struct world *world)
{
	return roll(world, 3) ? world->next_text++ : 1 + (int)roll(world, 4);
}

static void change_cells(struct world *world, struct state *state)
{
	unsigned changes = 1 + roll(world, 3);
	for (unsigned i = 0; i < changes; i++)
		state->cells[roll(world, TEMPLATES)][roll(world, LANGUAGES)].text = pick_text(world);
}

static void edit(struct world *world)
{
	struct state state = world->main[world->main_count - 1].state;
	change_cells(world, &state);
	commit_main(world, state, true, NULL);
}

/* git revert: text and number of an older commit come back together. */
static void revert(struct world *world)
{
	commit_main(world, world->main[roll(world, (unsigned)world->main_count)].state, false, NULL);
}

static void apply(struct world *world, int environment, const git_oid *commit, bool whole);

/* A branch from an older commit goes to production first, and is merged then. */
static void hotfix(struct world *world)
{
	const struct commit *from = &world->main[roll(world, (unsigned)world->main_count)];
	const struct state *head = &world->main[world->main_count - 1].state;
	struct state state = from->state, merged = *head;
	char reference[64];
	change_cells(world, &state);
	write_state(world, &state);
	bump(world, &state, &from->id);
	snprintf(reference, sizeof(reference), "refs/heads/hotfix-%zu", world->main_count);
	git_oid id = make_commit(world, NULL, &from->id, 1);
	git_reference *branch = NULL;
	CHECK(world, git_reference_create(&branch, world->git, reference, &id, 1, NULL) == 0, "branch");
	git_reference_free(branch);
	apply(world, 2, &id, roll(world, 2));
	for (int t = 0; t < TEMPLATES; t++)
		for (int l = 0; l < LANGUAGES; l++)
			if (memcmp(&state.cells[t][l], &from->state.cells[t][l], sizeof(struct cell)) != 0 &&
			    (memcmp(&head->cells[t][l], &from->state.cells[t][l], sizeof(struct cell)) == 0 ||
			     roll(world, 2)))
				merged.cells[t][l] = state.cells[t][l];
	commit_main(world, merged, false, &id);
}

static void check_name(struct world *world, const char *name, const char *language, const char *fingerprint)
{
	for (size_t i = 0; i < world->named_count; i++) {
		const struct named *named = &world->named[i];
		if (strcmp(named->name, name) == 0 && strcmp(named->language, language) == 0) {
			CHECK(world, strcmp(named->fingerprint, fingerprint) == 0, "%s %s names two contents", name,
			      language);
			return;
		}
	}
	struct named *named = &world->named[world->named_count++];
	snprintf(named->name, sizeof(named->name), "%s", name);
	snprintf(named->language, sizeof(named->language), "%s", language);
	snprintf(named->fingerprint, sizeof(named->fingerprint), "%s", fingerprint);
}

static void create(struct world *world, int environment, const char *name, const struct hsm_plan_submission *submission)
{
	struct hsm_arena *arena = &world->arena;
	bool rejected = world->rejections && roll(world, 8) == 0;
	for (size_t i = 0; i < world->live_count[environment]; i++)
		CHECK(world,
		      strcmp(world->live[environment][i].name, name) != 0 ||
			      strcmp(world->live[environment][i].language, submission->node.key.text) != 0,
		      "%s %s is created twice", name, submission->node.key.text);
	check_name(world, name, submission->node.key.text, submission->fingerprint.text);
	world->live[environment][world->live_count[environment]++] = (struct hsm_live_template){
		.id = hsm_arena_format(arena, "id-%zu", world->live_count[environment]),
		.name = hsm_arena_copy_string(arena, name),
		.language = hsm_arena_copy_string(arena, submission->node.key.text),
		.category = "UTILITY",
		.status_word = rejected ? "REJECTED" : "APPROVED",
		.status = rejected ? HSM_STATUS_REJECTED : HSM_STATUS_APPROVED,
		.content.json = hsm_arena_copy_string(arena, submission->content.text),
	};
}

struct planning {
	struct hsm_desired desired;
	struct hsm_history history;
	struct hsm_live live;
	struct hsm_arena arena;
	struct hsm_plan plan;
};

/* As much of the history as a plan asks for gives the same plan as all of it. */
static void compare_wanted(struct world *world, struct planning *planning, const char *const *bases, size_t count,
			   const struct hsm_plan_options *options)
{
	struct hsm_history history = { 0 };
	struct hsm_buffer all = HSM_BUFFER_INIT(HSM_BUFFER_CAP), wanted = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_plan plan;
	struct hsm_error error = { 0 };
	size_t want_count;
	const struct hsm_history_want *wants = hsm_plan_list_wants(&planning->arena, &planning->desired, &planning->live,
								   bases, count, &want_count);
	int status = hsm_history_read_wanted(world->repository, &planning->desired, bases, count, wants, want_count,
					     &history, &error);
	CHECK(world, status == 0, "history: %s", error.message);
	hsm_plan_make(&planning->arena, &planning->desired, &planning->live, &history, NULL, options, &plan);
	hsm_plan_append_json(&planning->plan, &all);
	hsm_plan_append_json(&plan, &wanted);
CHECK(world, strcmp(all.data, wanted.data) == 0, "another plan by less history:\n%s\n%s", all.data, wanted.data);
	partial_reads += history.partial && count;
	hsm_buffer_release(&all);
	hsm_buffer_release(&wanted);
	hsm_history_release(&history);
}

static void make_plan(struct world *world, int environment, const git_oid *commit, struct planning *planning)
{
	struct hsm_findings findings = { 0 };
	struct hsm_error error = { 0 };
	struct hsm_plan_options options = { 0 };
	char id[HSM_COMMIT_SIZE];
	size_t count;
	git_oid_tostr(id, sizeof(id), commit);
	int status = hsm_desired_read_config(world->repository, id, &planning->desired, &findings, &error);
	status = status ? status : hsm_desired_choose_environment(&planning->desired, environments[environment], &error);
	status = status ? status :
			  hsm_desired_read_templates(world->repository, id, &planning->desired, &findings, &error);
	CHECK(world, status == 0, "load: %s", error.message);
	planning->live.templates = world->live[environment];
	planning->live.template_count = world->live_count[environment];
	planning->live.provider_id = "p";
	const char **bases =
		hsm_plan_list_questions(&planning->arena, &planning->desired, &planning->live, &options, false, &count);
	status = hsm_history_read(world->repository, &planning->desired, bases, count, &planning->history, &error);
	CHECK(world, status == 0, "history: %s", error.message);
	hsm_plan_make(&planning->arena, &planning->desired, &planning->live, &planning->history, NULL, &options,
		      &planning->plan);
	compare_wanted(world, planning, bases, count, &options);
	hsm_findings_release(&findings);
}

static void release_planning(struct planning *planning)
{
	planning->live.templates = NULL;
	hsm_history_release(&planning->history);
	hsm_desired_release(&planning->desired);
	hsm_arena_release(&planning->arena);
}

/* The number that the commit pins: the name must be of it, in every environment. */
static int64_t pinned(const struct planning *planning, const char *base, const char *language)
{
	const struct hsm_desired_template *template = hsm_desired_find(&planning->desired, base, strlen(base));
	const struct hsm_desired_translation *translation =
		template ? hsm_desired_find_translation(template, language) : NULL;
	return translation ? translation->version : 0;
}

static void apply(struct world *world, int environment, const git_oid *commit, bool whole)
{
	struct planning planning = { 0 };
	make_plan(world, environment, commit, &planning);
	for (size_t i = 0; i < planning.plan.changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(planning.plan.changes, struct hsm_plan_change, i);
		CHECK(world, change->action.value != HSM_ACTION_CONFLICT, "a conflict on %s", change->name.text);
		if (change->action.value == HSM_ACTION_BLOCKED)
			CHECK(world, strstr(change->reason.text, "REJECTED"), "%s is blocked: %s", change->name.text,
			      change->reason.text);
		for (size_t j = 0; j < change->submit.count; j++) {
			const struct hsm_plan_submission *submission =
				HSM_LIST_ITEM(change->submit, struct hsm_plan_submission, j);
			char name[64];
			snprintf(name, sizeof(name), "%s_v%lld", change->template.text,
				 (long long)pinned(&planning, change->template.text, submission->node.key.text));
			CHECK(world, strcmp(name, change->name.text) == 0, "%s is to be %s", change->name.text, name);
			if (whole || roll(world, 2))
				create(world, environment, change->name.text, submission);
		}
	}
	release_planning(&planning);
}

/* New texts for what one environment refused: only content can help. */
static void rewrite_rejected(struct world *world)
{
	struct state state = world->main[world->main_count - 1].state;
	for (int t = 0; t < TEMPLATES; t++)
		for (int l = 0; l < LANGUAGES; l++)
			for (int e = 0; e < ENVIRONMENTS; e++)
				for (size_t i = 0; i < world->live_count[e]; i++) {
					const struct hsm_live_template *live = &world->live[e][i];
					char name[64];
					snprintf(name, sizeof(name), "t%d_v%lld", t,
						 (long long)state.cells[t][l].version);
					if (live->status == HSM_STATUS_REJECTED && strcmp(live->name, name) == 0 &&
					    strcmp(live->language, languages[l]) == 0)
						state.cells[t][l].text = world->next_text++;
				}
	commit_main(world, state, true, NULL);
}

static void converge(struct world *world)
{
	world->rejections = false;
	rewrite_rejected(world);
	const struct commit *head = &world->main[world->main_count - 1];
	for (int e = 0; e < ENVIRONMENTS; e++) {
		struct planning planning = { 0 };
		apply(world, e, &head->id, true);
		make_plan(world, e, &head->id, &planning);
		CHECK(world, !hsm_plan_has_differences(&planning.plan), "%s does not converge", environments[e]);
		for (int t = 0; t < TEMPLATES; t++)
			for (int l = 0; l < LANGUAGES; l++) {
				char name[64];
				bool found = !head->state.cells[t][l].text;
				snprintf(name, sizeof(name), "t%d_v%lld", t, (long long)head->state.cells[t][l].version);
				for (size_t i = 0; i < world->live_count[e]; i++)
					found |= strcmp(world->live[e][i].name, name) == 0 &&
						 strcmp(world->live[e][i].language, languages[l]) == 0;
				CHECK(world, found, "%s %s is not live in %s", name, languages[l], environments[e]);
			}
		release_planning(&planning);
	}
}

static void open_world(struct world *world, uint64_t seed)
{
	const char *temporary = getenv("TMPDIR");
	memset(world, 0, sizeof(*world));
	world->seed = seed;
	world->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	world->next_text = 10;
	world->rejections = true;
	snprintf(world->folder, sizeof(world->folder), "%s/hsm-promotion-XXXXXX",
		 temporary && strlen(temporary) < 40 ? temporary : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	CHECK(world, mkdtemp(world->folder), "%s", world->folder);
	char path[128];
	snprintf(path, sizeof(path), "%s/templates", world->folder);
	CHECK(world, mkdir(path, 0700) == 0, "%s", path);
	struct hsm_error error;
	git_repository_init_options options;
	git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	options.flags = GIT_REPOSITORY_INIT_NO_REINIT;
	options.initial_head = "main";
	CHECK(world, git_repository_init_ext(&world->git, world->folder, &options) == 0, "init");
	CHECK(world, hsm_repository_open(&world->repository, world->folder, &error) == 0, "%s", error.message);
	write_file(world, "hsmctl.yaml", world->seed % 2 ? "backend: meta\n" ENVIRONMENTS_WITH("account: '1'") :
							  ENVIRONMENTS_WITH("region: eu-west-1"));
}

static void close_world(struct world *world)
{
	char command[128];
	hsm_repository_free(world->repository);
	git_repository_free(world->git);
	hsm_arena_release(&world->arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", world->folder);
	assert_int_equal(system(command), 0);
}

static void live_through(struct world *world)
{
	struct state first = { 0 };
	for (int t = 0; t < TEMPLATES; t++)
		for (int l = 0; l < LANGUAGES - 1; l++)
			first.cells[t][l] = (struct cell){ 1 + (int)roll(world, 4), 1 };
	commit_main(world, first, false, NULL);
	unsigned steps = 4 + roll(world, 8);
	for (unsigned i = 0; i < steps; i++) {
		switch (roll(world, 8)) {
		case 0:
			hotfix(world);
			break;
		case 1:
			revert(world);
			break;
		case 2:
		case 3:
			edit(world);
			break;
		default: {
			/* Promotion lags: production is often behind. */
			int environment = (int)roll(world, ENVIRONMENTS);
			size_t behind = roll(world, 1 + (unsigned)environment);
			size_t at = world->main_count > behind ? world->main_count - 1 - behind : 0;
			apply(world, environment, &world->main[at].id, roll(world, 3));
			break;
		}
		}
	}
	converge(world);
}

static unsigned long setting(const char *name, unsigned long fallback)
{
	const char *value = getenv(name);
	return value && *value ? strtoul(value, NULL, 10) : fallback;
}

static void promotions_converge_under_the_same_names(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	unsigned long seed = setting("HSM_SEED", 1), count = setting("HSM_PROMOTIONS", 1000);
	for (unsigned long i = 0; i < count; i++) {
		open_world(world, seed + i);
		live_through(world);
		close_world(world);
	}
	free(world);
	if (count >= 100)
		assert_true(partial_reads > count);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(promotions_converge_under_the_same_names) };
	git_libgit2_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	git_libgit2_shutdown();
	return failed;
}
