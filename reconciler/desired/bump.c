/* Which version numbers a change needs. */
#include "reconciler/desired/bump.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/desired/desired_load.h"
#include "reconciler/desired/history.h"
#include "schema/base/memory.h"
#include "schema/name.h"

void hsm_bumps_release(struct hsm_bumps *bumps)
{
	hsm_arena_release(&bumps->arena);
	*bumps = (struct hsm_bumps){ 0 };
}

/* A translation of the work tree that needs a number. */
struct need {
	const char *base, *language;
	int64_t old_version;
	struct hsm_mark mark;
};

struct finder {
	struct hsm_repository *repository;
	const char *revision; /* NULL: the work tree */
	const char *commit;   /* to compare with */
	struct hsm_arena arena;
	struct need *needs; /* by base: environments have them in the same order */
	size_t count, capacity;
	struct hsm_findings *findings;
	struct hsm_error *error;
	bool several; /* environments: every translation needs a version */
};

static bool is_needed_already(const struct finder *finder, const char *base, const char *language)
{
	for (size_t i = 0; i < finder->count; i++)
		if (strcmp(finder->needs[i].base, base) == 0 && strcmp(finder->needs[i].language, language) == 0)
			return true;
	return false;
}

/* The source's text, to outlive what was loaded. */
static const struct hsm_source *keep_source(struct finder *finder, const struct hsm_source *source)
{
	for (size_t i = 0; i < finder->count; i++)
		if (strcmp(finder->needs[i].mark.source->path, source->path) == 0)
			return finder->needs[i].mark.source;
	return hsm_source_make(&finder->arena, source->path, source->text, source->length);
}

static void add_need(struct finder *finder, const char *base, const struct hsm_desired_translation *translation)
{
	const struct hsm_translation *file = translation->file;
	if (is_needed_already(finder, base, translation->language))
		return;
	struct need need = {
		.base = hsm_arena_copy_string(&finder->arena, base),
		.language = hsm_arena_copy_string(&finder->arena, translation->language),
		.old_version = translation->version,
		.mark = file->version.present ? file->version.mark : file->node.mark,
	};
	need.mark.source = keep_source(finder, need.mark.source);
	HSM_MEMORY_GROW(finder->needs, finder->count, finder->capacity);
	finder->needs[finder->count++] = need;
}

/* One environment's translations beside those of the base. */
static void compare(struct finder *finder, const struct hsm_desired *now, const struct hsm_desired *before)
{
	for (size_t i = 0; i < now->count; i++) {
		const struct hsm_desired_template *template = &now->templates[i];
		const struct hsm_desired_template *old = hsm_desired_find(before, template->name, strlen(template->name));
		for (size_t j = 0; j < template->count; j++) {
			const struct hsm_desired_translation *translation = &template->translations[j];
			const struct hsm_desired_translation *same =
				old ? hsm_desired_find_translation(old, translation->language) : NULL;
			bool changed = same && strcmp(same->compiled.content.fingerprint,
						      translation->compiled.content.fingerprint) != 0;
			if (translation->version ? changed && same->version == translation->version : finder->several)
				add_need(finder, template->name, translation);
		}
	}
}

/* What the base said for an environment; whatever was wrong with it then is no matter now. */
static void load_before(struct finder *finder, const char *environment, struct hsm_desired *before)
{
	struct hsm_findings ignored = { 0 };
	struct hsm_error error;
	if (hsm_desired_read_config(finder->repository, finder->commit, before, &ignored, &error) == 0 &&
	    hsm_desired_choose_environment(before, environment, &error) == 0)
		hsm_desired_load_templates(finder->repository, finder->commit, before, false, &ignored, &error);
	hsm_findings_release(&ignored);
}

static int compare_environment(struct finder *finder, const char *environment)
{
	struct hsm_desired now = { 0 }, before = { 0 };
	struct hsm_findings repeated = { 0 };
	/* Files are wrong for every environment: they are told of once. */
	struct hsm_findings *findings = finder->findings->errors ? &repeated : finder->findings;
	int rc = hsm_desired_read_config(finder->repository, finder->revision, &now, findings, finder->error);
	if (!rc)
		rc = hsm_desired_choose_environment(&now, environment, finder->error);
	if (!rc)
		rc = hsm_desired_load_templates(finder->repository, finder->revision, &now, false, findings, finder->error);
	if (!rc) {
		load_before(finder, environment, &before);
		compare(finder, &now, &before);
	}
	hsm_desired_release(&now);
	hsm_desired_release(&before);
	hsm_findings_release(&repeated);
	return rc;
}

/* The highest number that a template has in any commit. Numbers are the same for all environments, so
 * none is chosen: it would leave out what it has not. */
static int find_highest(struct finder *finder, const char **bases, size_t count, int64_t *highest)
{
	struct hsm_desired desired = { 0 };
	struct hsm_findings ignored = { 0 };
	struct hsm_history history = { 0 };
	int rc = hsm_desired_read_config(finder->repository, finder->revision, &desired, &ignored, finder->error);
	if (!rc)
		rc = hsm_history_read(finder->repository, &desired, bases, count, &history, finder->error);
	if (!rc && !history.complete)
		rc = hsm_error_set(finder->error, HSM_ERROR_FAILED,
				   "which numbers were given already cannot be told: %s", history.incomplete);
	for (size_t i = 0; !rc && i < count; i++)
		highest[i] = history.highest[i];
	hsm_history_release(&history);
	hsm_findings_release(&ignored);
	hsm_desired_release(&desired);
	return rc;
}

static size_t find_base(const char *const *bases, size_t count, const char *base)
{
	size_t i = 0;
	while (i < count && strcmp(bases[i], base) != 0)
		i++;
	return i;
}

static int number_needs(struct finder *finder, struct hsm_bumps *bumps)
{
	const char **bases = hsm_arena_allocate_array(&finder->arena, finder->count, sizeof(*bases));
	int64_t *highest = hsm_arena_allocate_array(&finder->arena, finder->count, sizeof(*highest));
	size_t count = 0;
	for (size_t i = 0; i < finder->count; i++)
		if (find_base(bases, count, finder->needs[i].base) == count)
			bases[count++] = finder->needs[i].base;
	int rc = find_highest(finder, bases, count, highest);
	if (rc)
		return rc;
	/* The base may be a commit that no ref leads to any more. */
	for (size_t i = 0; i < finder->count; i++) {
		int64_t *known = &highest[find_base(bases, count, finder->needs[i].base)];
		*known = finder->needs[i].old_version > *known ? finder->needs[i].old_version : *known;
	}
	bumps->items = hsm_arena_allocate_array(&finder->arena, finder->count, sizeof(*bumps->items));
	for (size_t i = 0; i < finder->count; i++) {
		const struct need *need = &finder->needs[i];
		int64_t version = highest[find_base(bases, count, need->base)] + 1;
		if (version > HSM_VERSION_MAXIMUM)
			return hsm_error_set(finder->error, HSM_ERROR_INVALID, "%s: no version number is left after %d",
					     need->base, HSM_VERSION_MAXIMUM);
		bumps->items[bumps->count++] = (struct hsm_bump){
			.base = need->base, .language = need->language, .path = need->mark.source->path,
			.old_version = need->old_version, .new_version = version, .mark = need->mark,
		};
	}
	return 0;
}

static int compare_environments(struct finder *finder)
{
	struct hsm_desired desired = { 0 };
	int rc = hsm_desired_read_config(finder->repository, finder->revision, &desired, finder->findings, finder->error);
	finder->several = !rc && desired.config->environments.count > 1;
	for (size_t i = 0; !rc && i < desired.config->environments.count; i++)
		rc = compare_environment(finder, HSM_LIST_ITEM(desired.config->environments, struct hsm_environment, i)
							 ->node.key.text);
	hsm_desired_release(&desired);
	return rc;
}

int hsm_bump_find(struct hsm_repository *repository, const char *revision, const char *base,
		  struct hsm_bumps *bumps, struct hsm_findings *findings, struct hsm_error *error)
{
	struct finder finder = { .repository = repository, .revision = revision, .commit = base,
				 .findings = findings, .error = error };
	int rc = compare_environments(&finder);
	if (!rc && finder.count)
		rc = number_needs(&finder, bumps);
	free(finder.needs);
	/* The bumps point into it. */
	bumps->arena = finder.arena;
	return rc;
}
