/* Which version numbers a change needs. */
#include "reconciler/desired/bump.h"

#include <string.h>

#include "reconciler/desired/desired_load.h"
#include "reconciler/desired/history.h"
#include "schema/name.h"

struct finder {
	struct hsm_repository *repository;
	const char *revision;	   /* NULL: the work tree */
	struct hsm_desired now;	   /* what any environment has, or none */
	struct hsm_desired before; /* its configuration */
	bool **needed;		   /* of each template of now: of each translation */
	struct hsm_error *error;
};

void hsm_bumps_release(struct hsm_bumps *bumps)
{
	hsm_arena_release(&bumps->arena);
	*bumps = (struct hsm_bumps){ 0 };
}

static void add_need(struct finder *finder, const char *base, const char *language)
{
	const struct hsm_desired_template *template = hsm_desired_find(&finder->now, base, strlen(base));
	const struct hsm_desired_translation *translation =
	    template ? hsm_desired_find_translation(template, language) : NULL;
	if (translation)
		finder->needed[template - finder->now.templates][translation - template->translations] = true;
}

static bool needs_bump(const struct hsm_desired_translation *now,
		       const struct hsm_desired_translation *before)
{
	return now->version && now->version == before->version &&
	       !hsm_content_equals(&now->compiled.content, &before->compiled.content);
}

static void compare_template(struct finder *finder, const struct hsm_desired_template *now,
			     const struct hsm_desired_template *before)
{
	for (size_t i = 0; i < now->count; i++) {
		const struct hsm_desired_translation *old =
		    hsm_desired_find_translation(before, now->translations[i].language);
		if (old && needs_bump(&now->translations[i], old))
			add_need(finder, now->name, old->language);
	}
}

/* Wrong files are no matter here: the present ones are told of already, and the
 * past ones are past. But what cannot be read must not pass for unchanged. */
static int load_environment(struct finder *finder, const char *revision, const struct hsm_desired *side,
			    const struct hsm_environment *environment, struct hsm_desired *view)
{
	struct hsm_findings ignored = { 0 };
	struct hsm_error failure = { 0 };
	*view = (struct hsm_desired){ .config = side->config, .environment = environment };
	memcpy(view->commit, side->commit, sizeof(view->commit));
	int rc = hsm_desired_load_templates(finder->repository, revision, view, HSM_LOAD_CONTENTS, &ignored, &failure);
	hsm_findings_release(&ignored);
	if (!rc || rc == HSM_ERROR_INVALID || rc == HSM_ERROR_CONFIG)
		return 0;
	return hsm_error_set(finder->error, failure.class, "%s", failure.message);
}

static int compare_environment(struct finder *finder, const struct hsm_environment *environment)
{
	const struct hsm_environment *old =
	    hsm_config_find_environment(finder->before.config, environment->node.key.text);
	struct hsm_desired now = { 0 }, before = { 0 };
	if (!old)
		return 0;
	int rc = load_environment(finder, finder->revision, &finder->now, environment, &now);
	if (!rc)
		rc = load_environment(finder, finder->before.commit, &finder->before, old, &before);
	for (size_t i = 0; !rc && i < now.count; i++) {
		const struct hsm_desired_template *template =
		    hsm_desired_find(&before, now.templates[i].name, strlen(now.templates[i].name));
		if (template)
			compare_template(finder, &now.templates[i], template);
	}
	hsm_desired_release(&now);
	hsm_desired_release(&before);
	return rc;
}

static int compare_base(struct finder *finder, const char *base)
{
	const struct hsm_list *environments = &finder->now.config->environments;
	struct hsm_findings ignored = { 0 };
	struct hsm_error failure = { 0 };
	int rc = 0;
	if (*base)
		rc = hsm_desired_read_config(finder->repository, base, &finder->before, &ignored, &failure);
	hsm_findings_release(&ignored);
	if (rc && rc != HSM_ERROR_CONFIG && rc != HSM_ERROR_NO_INPUT)
		return hsm_error_set(finder->error, failure.class, "%s", failure.message);
	rc = 0;
	for (size_t i = 0; !rc && finder->before.config && i < environments->count; i++)
		rc = compare_environment(finder, HSM_LIST_ITEM(*environments, struct hsm_environment, i));
	return rc;
}

/* With several environments the numbers of one must be the others' too. */
static void add_missing(struct finder *finder)
{
	bool several = finder->now.config->environments.count > 1;
	for (size_t i = 0; i < finder->now.count; i++) {
		const struct hsm_desired_template *template = &finder->now.templates[i];
		finder->needed[i] =
		    hsm_arena_allocate_array(&finder->now.arena, template->count, sizeof(bool));
		for (size_t j = 0; j < template->count; j++)
			finder->needed[i][j] = several && !template->translations[j].version;
	}
}

static int add_bumps(struct finder *finder, size_t index, int64_t version, struct hsm_bumps *bumps)
{
	const struct hsm_desired_template *template = &finder->now.templates[index];
	for (size_t i = 0; i < template->count; i++) {
		const struct hsm_desired_translation *translation = &template->translations[i];
		const struct hsm_translation *file = translation->file;
		struct hsm_mark mark = translation->version ? file->version.mark : file->node.mark;
		if (!finder->needed[index][i])
			continue;
		if (version > HSM_VERSION_MAXIMUM)
			return hsm_error_set(
			    finder->error, HSM_ERROR_INVALID,
			    "%s:%u: no version is left for '%s' after %d: give it a new name",
			    mark.source->path, mark.line, template->name, HSM_VERSION_MAXIMUM);
		bumps->items[bumps->count++] = (struct hsm_bump){
			.base = template->name,
			.language = translation->language,
			.path = mark.source->path,
			.old_version = translation->version,
			.new_version = version,
			.mark = mark,
		};
	}
	return 0;
}

/* The templates that need a number, by their index; *room is for their bumps. */
static size_t list_needs(struct finder *finder, const char **bases, size_t *indexes, size_t *room)
{
	size_t count = 0;
	*room = 0;
	for (size_t i = 0; i < finder->now.count; i++) {
		size_t needs = 0;
		for (size_t j = 0; j < finder->now.templates[i].count; j++)
			needs += finder->needed[i][j];
		*room += needs;
		if (!needs)
			continue;
		bases[count] = finder->now.templates[i].name;
		indexes[count++] = i;
	}
	return count;
}

/* One more than any number; a base that no ref leads to any more has given its own, too. */
static int64_t next_version(const struct finder *finder, size_t index, int64_t highest)
{
	const struct hsm_desired_template *template = &finder->now.templates[index];
	for (size_t i = 0; i < template->count; i++)
		if (finder->needed[index][i] && template->translations[i].version > highest)
			highest = template->translations[i].version;
	return highest + 1;
}

static int number_needs(struct finder *finder, struct hsm_bumps *bumps)
{
	struct hsm_arena *arena = &finder->now.arena;
	const char **bases = hsm_arena_allocate_array(arena, finder->now.count, sizeof(*bases));
	size_t *indexes = hsm_arena_allocate_array(arena, finder->now.count, sizeof(*indexes));
	struct hsm_history history = { 0 };
	size_t room, count = list_needs(finder, bases, indexes, &room);
	if (!count)
		return 0;
	bumps->items = hsm_arena_allocate_array(arena, room, sizeof(*bumps->items));
	int rc = hsm_history_read(finder->repository, &finder->now, bases, count, &history, finder->error);
	if (!rc && !history.complete)
		rc = hsm_error_set(finder->error, HSM_ERROR_FAILED,
				   "which version is next for '%s' cannot be told: %s", bases[0],
				   history.incomplete);
	for (size_t i = 0; !rc && i < count; i++)
		rc = add_bumps(finder, indexes[i], next_version(finder, indexes[i], history.highest[i]), bumps);
	hsm_history_release(&history);
	return rc;
}

int hsm_bump_find(struct hsm_repository *repository, const char *revision, const char *base,
		  struct hsm_bumps *bumps, struct hsm_findings *findings, struct hsm_error *error)
{
	struct finder finder = { .repository = repository, .revision = revision, .error = error };
	int invalid = 0, rc = hsm_desired_read_config(repository, revision, &finder.now, findings, error);
	if (!rc)
		rc = hsm_desired_load_templates(repository, revision, &finder.now, HSM_LOAD_CONTENTS, findings, error);
	if (rc == HSM_ERROR_INVALID) {
		invalid = rc;
		rc = 0;
	}
	if (!rc) {
		finder.needed =
		    hsm_arena_allocate_array(&finder.now.arena, finder.now.count, sizeof(*finder.needed));
		add_missing(&finder);
		rc = compare_base(&finder, base);
	}
	if (!rc)
		rc = number_needs(&finder, bumps);
	hsm_desired_release(&finder.before);
	bumps->arena = finder.now.arena; /* the bumps point into it */
	return rc ? rc : invalid;
}
