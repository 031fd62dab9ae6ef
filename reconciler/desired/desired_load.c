#include "reconciler/desired/desired_load.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/desired/map.h"
#include "reconciler/desired/media.h"
#include "reconciler/desired/stale.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/name.h"
#include "schema/rules.h"
#include "schema/yaml.h"

/* Of all template files together: what a machine of a CI service can hold. */
#define TOTAL_MAX ((size_t)256 << 20)

struct file {
	const char *path;
	size_t stem;                     /* length of the path without .yaml */
	const struct hsm_source *source; /* NULL: not text */
	struct file *owner;              /* of a translation's file: the template's */
	size_t translation_files;        /* of a template's file: how many it owns */
	size_t translation_room;
	struct hsm_template *template;   /* NULL: it is none */
	bool broken;                     /* loading it gave errors */
};

struct hsm_desired_loader {
	struct hsm_repository *repository;
	const char *commit; /* NULL: the work tree */
	struct hsm_desired *desired;
	unsigned load; /* of hsm_load */
	struct hsm_arena scratch; /* of one file, or one template */
	struct hsm_findings *findings;
	size_t errors; /* that others found before */
	int rc;        /* what ended it */
	struct hsm_error error;
	struct file *files; /* by path */
	size_t count, capacity;
	size_t total;
	struct hsm_media_checks media;
	struct file **named; /* those with a template, by its name */
	size_t named_count;
	const struct file *first; /* of the name at hand */
	const struct hsm_template **checked;
	size_t checked_count;
	struct hsm_checker *checker;
	size_t phase, next, end;
};

bool hsm_desired_is_yaml(const char *name, size_t length, size_t *stem)
{
	if (length > 5 && memcmp(name + length - 5, ".yaml", 5) == 0)
		*stem = length - 5;
	else if (length > 4 && memcmp(name + length - 4, ".yml", 4) == 0)
		*stem = length - 4;
	else
		return false;
	return true;
}

static int gather_file(void *user, const char *path, const char *blob_id)
{
	struct hsm_desired_loader *loader = user;
	struct file file = { 0 };
	const char *data;
	size_t length;
	if (!hsm_desired_is_yaml(path, strlen(path), &file.stem))
		return 0;
	int rc = blob_id ? hsm_repository_read_blob(loader->repository, blob_id, HSM_YAML_SIZE_MAX, &loader->scratch,
						    &data, &length, &loader->error) :
			   hsm_repository_read(loader->repository, NULL, path, HSM_YAML_SIZE_MAX, &loader->scratch, &data,
					       &length, &loader->error);
	if (!rc && (loader->total += length) > TOTAL_MAX)
		rc = hsm_error_set(&loader->error, HSM_ERROR_FAILED, "the template files have more than %zu MiB together",
				   TOTAL_MAX >> 20);
	if (!rc) {
		file.path = hsm_arena_copy_string(&loader->desired->arena, path);
		file.source = hsm_yaml_source(&loader->desired->arena, path, data, length, loader->findings);
		HSM_MEMORY_GROW(loader->files, loader->count, loader->capacity);
		loader->files[loader->count++] = file;
	}
	hsm_arena_clear(&loader->scratch);
	return rc;
}

static struct file *find_file(const struct hsm_desired_loader *loader, const char *stem, size_t length,
			      const char *suffix)
{
	for (size_t low = 0, high = loader->count; low < high;) {
		size_t middle = low + (high - low) / 2;
		int order = strncmp(loader->files[middle].path, stem, length);
		if (!order)
			order = strcmp(loader->files[middle].path + length, suffix);
		if (!order)
			return &loader->files[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The template's file that stands beside this file's folder. */
static struct file *find_beside(const struct hsm_desired_loader *loader, const struct file *file)
{
	const char *slash = strrchr(file->path, '/');
	size_t length = slash ? (size_t)(slash - file->path) : 0;
	struct file *found = length ? find_file(loader, file->path, length, ".yaml") : NULL;
	return found || !length ? found : find_file(loader, file->path, length, ".yml");
}

static void find_owners(struct hsm_desired_loader *loader)
{
	for (size_t i = 0; i < loader->count; i++) {
		struct file *file = &loader->files[i], *owner = find_beside(loader, file);
		if (!owner || find_beside(loader, owner)) /* a translation owns nothing */
			continue;
		file->owner = owner;
		owner->translation_files++;
	}
}

static struct hsm_mark file_mark(const struct file *file)
{
	return (struct hsm_mark){ .source = file->source, .line = 1, .column = 1, .end_line = 1, .end_column = 1 };
}

/* The file's name without folders and .yaml, where that is a language. */
static const char *file_language(struct hsm_desired_loader *loader, const struct file *file)
{
	const char *slash = strrchr(file->path, '/');
	const char *name = slash ? slash + 1 : file->path;
	const char *stem = hsm_arena_copy(&loader->desired->arena, name, file->stem - (size_t)(name - file->path));
	return hsm_pattern_matches(&hsm_name_language_pattern, stem) ? stem : NULL;
}

static void load_template(struct hsm_desired_loader *loader, size_t index)
{
	struct hsm_arena *arena = &loader->desired->arena;
	struct file *file = &loader->files[index];
	if (!file->source || file->owner)
		return;
	const char *language = file_language(loader, file);
	/* "es.yaml" may be anything; "es_ES.yaml" without a name is a translation. */
	if (language && strchr(language, '_') &&
	    !hsm_yaml_peek(arena, file->source->text, file->source->length, "name")) {
		hsm_findings_add(loader->findings, HSM_RULE_ORPHAN, file_mark(file),
				 "a translation without its template: %.*s.yaml should stand beside this folder",
				 (int)(strrchr(file->path, '/') - file->path), file->path);
		return;
	}
	file->template = hsm_arena_allocate(arena, sizeof(*file->template));
	file->broken = hsm_yaml_load(arena, file->source, &hsm_template_object, file->template, loader->findings) != 0;
	file->translation_room = file->template->translations.count;
}

static const struct hsm_translation *find_translation(const struct hsm_template *template, const char *language)
{
	for (size_t i = 0; i < template->translations.count; i++) {
		const struct hsm_translation *translation =
			HSM_LIST_ITEM(template->translations, struct hsm_translation, i);
		if (strcmp(translation->node.key.text, language) == 0)
			return translation;
	}
	return NULL;
}

static void add_translation(struct hsm_desired_loader *loader, struct file *owner,
			    const struct hsm_translation *translation)
{
	struct hsm_list *list = &owner->template->translations;
	if (list->count == owner->translation_room) {
		owner->translation_room += owner->translation_files;
		struct hsm_translation *items = hsm_arena_allocate_array(&loader->desired->arena, owner->translation_room,
									 sizeof(*items));
		if (list->count)
			memcpy(items, list->items, list->count * sizeof(*items));
		list->items = items;
	}
	*HSM_LIST_ITEM(*list, struct hsm_translation, list->count) = *translation;
	list->count++;
}

static void load_translation(struct hsm_desired_loader *loader, size_t index)
{
	struct hsm_translation translation = { 0 };
	const struct file *file = &loader->files[index];
	struct file *owner = file->owner;
	if (!file->source || !owner)
		return;
	const char *language = file_language(loader, file);
	if (!language) {
		hsm_findings_add(loader->findings, HSM_RULE_ORPHAN, file_mark(file),
				 "beside %s stand its translations, each named by its language (en_US.yaml): move this file",
				 owner->path);
		return;
	}
	translation.node.key = (struct hsm_string){ language, file_mark(file) };
	if (hsm_yaml_load(&loader->desired->arena, file->source, &hsm_translation_object, &translation,
			  loader->findings) || !owner->template)
		return;
	const struct hsm_translation *first = find_translation(owner->template, language);
	if (first)
		hsm_findings_add(loader->findings, HSM_RULE_DUPLICATE_NAME, translation.node.key.mark,
				 "%s of '%s' stands in %s:%u already", language,
				 owner->template->name.text ? owner->template->name.text : owner->path,
				 first->node.key.mark.source->path, first->node.key.mark.line);
	else
		add_translation(loader, owner, &translation);
}

static int compare_templates(const void *left, const void *right)
{
	const struct file *a = *(const struct file *const *)left, *b = *(const struct file *const *)right;
	int order = strcmp(a->template->name.text, b->template->name.text);
	return order ? order : strcmp(a->path, b->path);
}

static size_t count_files(struct hsm_desired_loader *loader)
{
	return loader->count;
}

static size_t gather_files(struct hsm_desired_loader *loader)
{
	const struct hsm_string *given = &loader->desired->config->templates;
	loader->rc = hsm_repository_list(loader->repository, loader->commit,
					 hsm_config_templates(loader->desired->config), gather_file, loader,
					 &loader->error);
	/* git keeps no empty folder: without its last template it is gone. But a
	 * name that somebody wrote is rather a wrong one. */
	if (loader->rc == HSM_ERROR_NO_INPUT && !loader->count) {
		if (given->text)
			hsm_findings_add(loader->findings, HSM_RULE_CONFIG, given->mark, "there is no folder '%s'", given->text);
		loader->rc = given->text ? HSM_ERROR_CONFIG : 0;
	}
	find_owners(loader);
	return loader->count;
}

/* By name. */
static size_t sort_templates(struct hsm_desired_loader *loader)
{
	struct hsm_desired *desired = loader->desired;
	loader->named = hsm_memory_resize(NULL, loader->count, sizeof(*loader->named));
	for (size_t i = 0; i < loader->count; i++)
		if (loader->files[i].template && loader->files[i].template->name.text)
			loader->named[loader->named_count++] = &loader->files[i];
	if (loader->named_count)
		qsort(loader->named, loader->named_count, sizeof(*loader->named), compare_templates);
	desired->templates = hsm_arena_allocate_array(&desired->arena, loader->named_count, sizeof(*desired->templates));
	loader->checked = hsm_memory_resize(NULL, loader->named_count + 1, sizeof(*loader->checked));
	return loader->named_count;
}

/* The second of one name is an error. */
static void finish_template(struct hsm_desired_loader *loader, size_t index)
{
	struct hsm_desired *desired = loader->desired;
	struct file *file = loader->named[index];
	const struct file *first = loader->first;
	const struct hsm_string *name = &file->template->name;
	bool again = first && strcmp(first->template->name.text, name->text) == 0;
	if (again)
		hsm_findings_add(loader->findings, HSM_RULE_DUPLICATE_NAME, name->mark, "'%s' is the name of %s:%u already",
				 name->text, first->path, first->template->name.mark.line);
	else
		loader->first = file;
	if (file->broken)
		return;
	hsm_desired_check_template(desired->config, file->template, loader->load & HSM_LOAD_RULES, loader->findings);
	if (!file->template->translations.count && !file->translation_files)
		hsm_findings_add(loader->findings, HSM_RULE_MISSING_KEY, name->mark,
				 "'%s' has no translation: write one under 'translations', or in %.*s/<language>.yaml",
				 name->text, (int)file->stem, file->path);
	loader->checked[loader->checked_count++] = file->template;
	struct hsm_desired_template *next = &desired->templates[desired->count];
	struct hsm_desired_template *compiled = loader->load & HSM_LOAD_CONTENTS ? next : NULL;
	struct hsm_desired_compiling compiling = { desired, &loader->media, &loader->scratch, loader->findings };
	if (!again && hsm_desired_compile_template(&compiling, file->template, file->path, compiled))
		desired->count++;
}

static size_t begin_rules(struct hsm_desired_loader *loader)
{
	const struct hsm_desired *desired = loader->desired;
	if (!(loader->load & HSM_LOAD_RULES))
		return 0;
	loader->checker = hsm_rules_begin_check(desired->config, desired->environment, loader->checked,
						loader->checked_count, loader->findings);
	return loader->checked_count + 1;
}

static void check_rules(struct hsm_desired_loader *loader, size_t index)
{
	(void)index;
	hsm_rules_check_more(loader->checker);
}

/* Before an environment is chosen all that is found is: only then a comment has nothing to ignore. */
static size_t control_rules(struct hsm_desired_loader *loader)
{
	const struct hsm_desired *desired = loader->desired;
	if (!(loader->load & HSM_LOAD_RULES))
		return 0;
	const struct hsm_source **sources = hsm_memory_resize(NULL, loader->count + 1, sizeof(*sources));
	size_t source_count = 0;
	loader->rc = hsm_stale_find(loader->repository, desired, loader->checked, loader->checked_count,
				    loader->findings, &loader->error);
	if (desired->config->node.mark.source)
		sources[source_count++] = desired->config->node.mark.source;
	for (size_t i = 0; i < loader->count; i++)
		if (loader->files[i].source)
			sources[source_count++] = loader->files[i].source;
	hsm_rules_control(desired->config, sources, source_count, !desired->environment, loader->findings);
	free(sources);
	return 0;
}

/* One after the other, in pieces of a file or a template. */
static const struct {
	size_t (*begin)(struct hsm_desired_loader *loader); /* how many pieces follow */
	void (*each)(struct hsm_desired_loader *loader, size_t index);
} phases[] = {
	{ gather_files, load_template },
	{ count_files, load_translation },
	{ sort_templates, finish_template },
	{ begin_rules, check_rules },
	{ control_rules, NULL },
};

struct hsm_desired_loader *hsm_desired_begin_load(struct hsm_repository *repository, const char *revision,
						  struct hsm_desired *desired, unsigned load,
						  struct hsm_findings *findings)
{
	struct hsm_desired_loader *loader = hsm_memory_allocate(sizeof(*loader));
	desired->count = 0;
	loader->repository = repository;
	loader->commit = revision ? desired->commit : NULL;
	loader->desired = desired;
	loader->media = (struct hsm_media_checks){ repository, loader->commit, &desired->arena, { 0 } };
	loader->load = load;
	loader->findings = findings;
	loader->errors = findings->errors;
	return loader;
}

static int sum_up(struct hsm_desired_loader *loader)
{
	size_t errors = loader->findings->errors - loader->errors;
	return errors ? hsm_error_set(&loader->error, HSM_ERROR_INVALID, "the template files have %zu error%s", errors,
				      errors == 1 ? "" : "s") : 0;
}

int hsm_desired_load_more(struct hsm_desired_loader *loader)
{
	if (loader->rc)
		return loader->rc;
	if (loader->next < loader->end) {
		phases[loader->phase - 1].each(loader, loader->next++);
		return 1;
	}
	if (loader->phase == sizeof(phases) / sizeof(*phases))
		return loader->rc = sum_up(loader);
	loader->next = 0;
	loader->end = phases[loader->phase++].begin(loader);
	return 1;
}

int hsm_desired_end_load(struct hsm_desired_loader *loader, struct hsm_error *error)
{
	int rc;
	while ((rc = hsm_desired_load_more(loader)) > 0)
		continue;
	if (rc)
		hsm_error_set(error, (enum hsm_error_class)rc, "%s", loader->error.message);
	hsm_rules_end_check(loader->checker);
	hsm_arena_release(&loader->scratch);
	free(loader->checked);
	free(loader->named);
	free(loader->files);
	free(loader);
	return rc;
}

int hsm_desired_load_templates(struct hsm_repository *repository, const char *revision,
			       struct hsm_desired *desired, unsigned load, struct hsm_findings *findings,
			       struct hsm_error *error)
{
	return hsm_desired_end_load(hsm_desired_begin_load(repository, revision, desired, load, findings), error);
}
