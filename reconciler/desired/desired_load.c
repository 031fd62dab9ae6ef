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

struct loader {
	struct hsm_repository *repository;
	const char *commit; /* NULL: the work tree */
	struct hsm_desired *desired;
	unsigned load; /* of hsm_load */
	struct hsm_arena scratch; /* of one file, or one template */
	struct hsm_findings *findings;
	struct hsm_error *error;
	struct file *files; /* by path */
	size_t count, capacity;
	size_t total;
	struct hsm_map media; /* the first thing that is wrong with a file, or SOUND; in the desired state's arena */
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
	struct loader *loader = user;
	struct file file = { 0 };
	const char *data;
	size_t length;
	if (!hsm_desired_is_yaml(path, strlen(path), &file.stem))
		return 0;
	int rc = blob_id ? hsm_repository_read_blob(loader->repository, blob_id, HSM_YAML_SIZE_MAX, &loader->scratch,
						    &data, &length, loader->error) :
			   hsm_repository_read(loader->repository, NULL, path, HSM_YAML_SIZE_MAX, &loader->scratch, &data,
					       &length, loader->error);
	if (!rc && (loader->total += length) > TOTAL_MAX)
		rc = hsm_error_set(loader->error, HSM_ERROR_FAILED, "the template files have more than %zu MiB together",
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

static struct file *find_file(const struct loader *loader, const char *stem, size_t length, const char *suffix)
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
static struct file *find_beside(const struct loader *loader, const struct file *file)
{
	const char *slash = strrchr(file->path, '/');
	size_t length = slash ? (size_t)(slash - file->path) : 0;
	struct file *found = length ? find_file(loader, file->path, length, ".yaml") : NULL;
	return found || !length ? found : find_file(loader, file->path, length, ".yml");
}

static void find_owners(struct loader *loader)
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
static const char *file_language(struct loader *loader, const struct file *file)
{
	const char *slash = strrchr(file->path, '/');
	const char *name = slash ? slash + 1 : file->path;
	const char *stem = hsm_arena_copy(&loader->desired->arena, name, file->stem - (size_t)(name - file->path));
	return hsm_pattern_matches(&hsm_name_language_pattern, stem) ? stem : NULL;
}

static void load_template(struct loader *loader, struct file *file)
{
	struct hsm_arena *arena = &loader->desired->arena;
	if (!file->source)
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

static void add_translation(struct loader *loader, struct file *owner, const struct hsm_translation *translation)
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

static void load_translation(struct loader *loader, const struct file *file)
{
	struct hsm_translation translation = { 0 };
	struct file *owner = file->owner;
	if (!file->source)
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

static void check_fallback(const struct loader *loader, const struct hsm_template *template)
{
	for (size_t i = 0; i < template->fallback.count; i++) {
		const struct hsm_fallback *fallback = HSM_LIST_ITEM(template->fallback, struct hsm_fallback, i);
		bool text = fallback->text.value.text || fallback->text.by_key.present;
		if (!fallback->template.text == !fallback->channel.value)
			hsm_findings_add(loader->findings, HSM_RULE_VALUE, fallback->node.mark,
					 "a fallback has exactly one of 'template' and 'channel'");
		else if (fallback->channel.value && !text)
			hsm_findings_add(loader->findings, HSM_RULE_VALUE, fallback->node.mark,
					 "a fallback to a channel needs the 'text' to send there");
		else if (fallback->template.text && text)
			hsm_findings_add(loader->findings, HSM_RULE_VALUE, fallback->node.mark,
					 "a fallback to a template has no 'text' of its own");
	}
}

static void check_accept_breaking(const struct loader *loader, const struct hsm_template *template)
{
	const struct hsm_list *by_environment = &template->lifecycle.accept_breaking.by_key;
	for (size_t i = 0; i < by_environment->count; i++) {
		const struct hsm_string *key = &HSM_LIST_ITEM(*by_environment, struct hsm_keyed_integer, i)->key;
		if (!hsm_config_find_environment(loader->desired->config, key->text))
			hsm_findings_add(loader->findings, HSM_RULE_CONFIG, key->mark,
					 "'accept_breaking' names '%s': %s has no such environment", key->text, HSM_CONFIG_FILE);
	}
}

static void check_versions(const struct loader *loader, const struct hsm_template *template)
{
	for (size_t i = 0; i < template->translations.count; i++) {
		const struct hsm_translation *translation =
			HSM_LIST_ITEM(template->translations, struct hsm_translation, i);
		if (!translation->version.present)
			hsm_findings_add(loader->findings, HSM_RULE_PIN, translation->node.key.mark,
					 "%s has no version, and with several environments each needs one: hsmctl bump writes it",
					 translation->node.key.text);
	}
}

static void check_template(const struct loader *loader, const struct file *file)
{
	const struct hsm_template *template = file->template;
	check_fallback(loader, template);
	check_accept_breaking(loader, template);
	if ((loader->load & HSM_LOAD_RULES) && loader->desired->config->environments.count > 1)
		check_versions(loader, template);
	if (!template->translations.count && !file->translation_files)
		hsm_findings_add(loader->findings, HSM_RULE_MISSING_KEY, template->name.mark,
				 "'%s' has no translation: write one under 'translations', or in %.*s/<language>.yaml",
				 template->name.text, (int)file->stem, file->path);
}

struct hsm_compiled hsm_desired_copy_compiled(struct hsm_arena *arena, const struct hsm_compiled *compiled)
{
	struct hsm_compiled copy = *compiled;
	const char **names = hsm_arena_allocate_array(arena, compiled->name_count, sizeof(*names));
	for (size_t i = 0; i < compiled->name_count; i++)
		names[i] = compiled->names[i];
	struct hsm_compiled_media *media = hsm_arena_allocate_array(arena, compiled->media_count, sizeof(*media));
	for (size_t i = 0; i < compiled->media_count; i++) {
		media[i] = compiled->media[i];
		media[i].path.text = hsm_arena_copy_string(arena, compiled->media[i].path.text);
	}
	const char **payloads = hsm_arena_allocate_array(arena, compiled->payload_count, sizeof(*payloads));
	for (size_t i = 0; i < compiled->payload_count; i++)
		payloads[i] = hsm_arena_copy_string(arena, compiled->payloads[i]);
	copy.names = names;
	copy.payloads = payloads;
	copy.media = media;
	copy.content.json = hsm_arena_copy_string(arena, compiled->content.json);
	return copy;
}

static bool has_variables(const struct hsm_template *template, const struct hsm_translation *translation)
{
	const struct hsm_source *own = translation->node.key.mark.source;
	return strstr(template->name.mark.source->text, "${") || strstr(own->text, "${");
}

/* A file that many translations show is looked at once. */
static const char *find_media_problem(struct loader *loader, const struct hsm_compiled_media *media)
{
	static const char sound[] = "";
	struct hsm_arena *arena = &loader->desired->arena;
	const char *key = hsm_arena_format(&loader->scratch, "%s %s", media->format, media->path.text);
	void **place = hsm_map_at(&loader->media, arena, key, strlen(key));
	struct hsm_error error;
	if (!*place && hsm_media_check(loader->repository, loader->commit, media->path.text, media->format, &error) == 0)
		*place = (void *)(uintptr_t)sound;
	else if (!*place)
		*place = hsm_arena_copy_string(arena, error.message);
	return *place == (const void *)sound ? NULL : *place;
}

static bool check_media(struct loader *loader, const struct hsm_compiled *compiled)
{
	size_t errors = loader->findings->errors;
	for (size_t i = 0; i < compiled->media_count; i++) {
		const char *problem = find_media_problem(loader, &compiled->media[i]);
		if (problem)
			hsm_findings_add(loader->findings, HSM_RULE_MEDIA, compiled->media[i].path.mark, "%s", problem);
	}
	return errors == loader->findings->errors;
}

/* For one API. Its media are looked at even where contents are not wanted. */
static bool compile_for(struct loader *loader, const struct hsm_environment *environment,
			const struct hsm_template *template, const struct hsm_translation *translation,
			struct hsm_compiled *compiled)
{
	const struct hsm_config *config = loader->desired->config;
	enum hsm_backend_word backend = hsm_config_find_backend(config, environment);
	bool wanted = (loader->load & HSM_LOAD_CONTENTS) || backend == HSM_BACKEND_META;
	if (hsm_compile(&loader->scratch, backend, config, environment, template, translation, wanted ? compiled : NULL,
			loader->findings))
		return false;
	return backend != HSM_BACKEND_META || check_media(loader, compiled);
}

/* Compiles for the chosen environment; before one is chosen for each that has
 * the translation, which shows what any of them lacks. False where the
 * environment has it not, or it is wrong. */
static bool compile_translation(struct loader *loader, const struct hsm_template *template,
				const struct hsm_translation *translation, struct hsm_compiled *compiled)
{
	const struct hsm_config *config = loader->desired->config;
	const struct hsm_environment *chosen = loader->desired->environment;
	struct hsm_compiled one;
	unsigned backends = 0; /* that it was compiled for */
	for (size_t i = 0; i < config->environments.count; i++) {
		const struct hsm_environment *environment =
			HSM_LIST_ITEM(config->environments, struct hsm_environment, i);
		unsigned bit = 1U << hsm_config_find_backend(config, environment);
		if ((chosen && environment != chosen) || ((backends & bit) && !has_variables(template, translation)) ||
		    !hsm_environment_has_template(environment, template->name.text) ||
		    !hsm_environment_has_language(environment, translation->node.key.text))
			continue;
		if (!compile_for(loader, environment, template, translation, backends ? &one : compiled))
			return false;
		backends |= bit;
	}
	return backends || (!chosen && compile_for(loader, NULL, template, translation, compiled));
}

static int compare_translations(const void *left, const void *right)
{
	return strcmp(((const struct hsm_desired_translation *)left)->language,
		      ((const struct hsm_desired_translation *)right)->language);
}

/* False where the environment has nothing of it, or contents are not wanted. */
static bool compile_template(struct loader *loader, const struct file *file, struct hsm_desired_template *desired)
{
	const struct hsm_template *template = file->template;
	struct hsm_arena *arena = &loader->desired->arena;
	bool wanted = loader->load & HSM_LOAD_CONTENTS;
	*desired = (struct hsm_desired_template){
		.name = template->name.text,
		.path = file->path,
		.category = hsm_category_words[template->category.value - 1],
		.file = template,
		.translations = hsm_arena_allocate_array(arena, wanted ? template->translations.count : 0,
							 sizeof(struct hsm_desired_translation)),
	};
	for (size_t i = 0; i < template->translations.count; i++) {
		const struct hsm_translation *translation =
			HSM_LIST_ITEM(template->translations, struct hsm_translation, i);
		struct hsm_compiled compiled;
		if (!compile_translation(loader, template, translation, &compiled) || !wanted)
			continue;
		desired->translations[desired->count++] = (struct hsm_desired_translation){
			.language = translation->node.key.text,
			.version = translation->version.value,
			.mark = translation->node.key.mark,
			.file = translation,
			.compiled = hsm_desired_copy_compiled(arena, &compiled),
		};
	}
	hsm_arena_clear(&loader->scratch);
	if (desired->count)
		qsort(desired->translations, desired->count, sizeof(*desired->translations), compare_translations);
	return desired->count;
}

static int compare_templates(const void *left, const void *right)
{
	const struct file *a = *(const struct file *const *)left, *b = *(const struct file *const *)right;
	int order = strcmp(a->template->name.text, b->template->name.text);
	return order ? order : strcmp(a->path, b->path);
}

/* Before an environment is chosen all that is found is: only then a comment has nothing to ignore. */
static int check_rules(struct loader *loader, const struct hsm_template *const *templates, size_t count)
{
	const struct hsm_desired *desired = loader->desired;
	const struct hsm_source **sources = hsm_memory_resize(NULL, loader->count + 1, sizeof(*sources));
	size_t source_count = 0;
	hsm_rules_check(desired->config, desired->environment, templates, count, loader->findings);
	int rc = hsm_stale_find(loader->repository, desired, templates, count, loader->findings, loader->error);
	if (desired->config->node.mark.source)
		sources[source_count++] = desired->config->node.mark.source;
	for (size_t i = 0; i < loader->count; i++)
		if (loader->files[i].source)
			sources[source_count++] = loader->files[i].source;
	hsm_rules_control(desired->config, sources, source_count, !desired->environment, loader->findings);
	free(sources);
	return rc;
}

/* Checks and compiles what was loaded, by name: the second of one name is an
 * error. */
static int finish_templates(struct loader *loader)
{
	struct hsm_desired *desired = loader->desired;
	struct file **named = hsm_memory_resize(NULL, loader->count, sizeof(struct file *));
	size_t count = 0;
	for (size_t i = 0; i < loader->count; i++)
		if (loader->files[i].template && loader->files[i].template->name.text)
			named[count++] = &loader->files[i];
	if (count)
		qsort(named, count, sizeof(*named), compare_templates);
	desired->templates = hsm_arena_allocate_array(&desired->arena, count, sizeof(*desired->templates));
	const struct hsm_template **checked = hsm_memory_resize(NULL, count + 1, sizeof(*checked));
	const struct file *first = NULL;
	size_t checked_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct hsm_string *name = &named[i]->template->name;
		bool again = first && strcmp(first->template->name.text, name->text) == 0;
		if (again)
			hsm_findings_add(loader->findings, HSM_RULE_DUPLICATE_NAME, name->mark,
					 "'%s' is the name of %s:%u already", name->text, first->path,
					 first->template->name.mark.line);
		else
			first = named[i];
		if (named[i]->broken)
			continue;
		check_template(loader, named[i]);
		checked[checked_count++] = named[i]->template;
		if (!again && compile_template(loader, named[i], &desired->templates[desired->count]))
			desired->count++;
	}
	int rc = loader->load & HSM_LOAD_RULES ? check_rules(loader, checked, checked_count) : 0;
	free(checked);
	free(named);
	return rc;
}

static int gather_files(struct loader *loader)
{
	const struct hsm_string *given = &loader->desired->config->templates;
	struct hsm_error failure = { 0 }, *whole = loader->error;
	loader->error = &failure;
	int rc = hsm_repository_list(loader->repository, loader->commit, hsm_config_templates(loader->desired->config),
				     gather_file, loader, &failure);
	loader->error = whole;
	/* git keeps no empty folder: without its last template it is gone. But a
	 * name that somebody wrote is rather a wrong one. */
	if (rc == HSM_ERROR_NO_INPUT && !given->text && !loader->count)
		return 0;
	if (rc == HSM_ERROR_NO_INPUT && !loader->count) {
		hsm_findings_add(loader->findings, HSM_RULE_CONFIG, given->mark, "there is no folder '%s'", given->text);
		rc = HSM_ERROR_CONFIG;
	}
	return rc ? hsm_error_set(whole, (enum hsm_error_class)rc, "%s", failure.message) : 0;
}

int hsm_desired_load_templates(struct hsm_repository *repository, const char *revision,
			       struct hsm_desired *desired, unsigned load, struct hsm_findings *findings,
			       struct hsm_error *error)
{
	struct loader loader = { .repository = repository, .commit = revision ? desired->commit : NULL,
				 .desired = desired, .load = load, .findings = findings, .error = error };
	size_t errors = findings->errors;
	desired->count = 0;
	int rc = gather_files(&loader);
	find_owners(&loader);
	for (size_t i = 0; !rc && i < loader.count; i++)
		if (!loader.files[i].owner)
			load_template(&loader, &loader.files[i]);
	for (size_t i = 0; !rc && i < loader.count; i++)
		if (loader.files[i].owner)
			load_translation(&loader, &loader.files[i]);
	if (!rc)
		rc = finish_templates(&loader);
	free(loader.files);
	hsm_arena_release(&loader.scratch);
	errors = findings->errors - errors;
	if (!rc && errors)
		rc = hsm_error_set(error, HSM_ERROR_INVALID, "the template files have %zu error%s", errors,
				   errors == 1 ? "" : "s");
	return rc;
}
