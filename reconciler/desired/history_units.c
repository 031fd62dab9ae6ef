#include "reconciler/desired/history_units.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/desired/desired_load.h"
#include "schema/base/memory.h"
#include "schema/name.h"
#include "schema/yaml.h"

/* What one unit is made of while it is read. */
struct unit_files {
	struct hsm_arena arena;
	struct hsm_findings ignored;
	struct hsm_template template;
	const struct hsm_translation **translations;
	size_t count, capacity;
	/* Number; broken files' count too, since an older hsmctl may have taken them. */
	int64_t highest;
	struct hsm_history_files *variables; /* in the reader's arena */
	bool broken; /* the template's file */
};

void hsm_history_reader_release(struct hsm_history_reader *reader)
{
	for (struct hsm_history_config *config = reader->config_list; config; config = config->next)
		hsm_desired_release(&config->desired);
	hsm_trees_release(&reader->trees);
	hsm_arena_release(&reader->arena);
}

/* A file's bytes; NULL where it is not here or too large to have been read. */
static const char *read_blob(struct hsm_history_reader *reader, const unsigned char *blob, struct hsm_arena *arena,
			     size_t *length)
{
	git_odb_object *object = NULL;
	const char *data = NULL;
	git_object_t type;
	git_oid id;
	git_oid_fromraw(&id, blob);
	int code = git_odb_read_header(length, &type, reader->repository->objects, &id);
	if (!code && *length <= HSM_YAML_SIZE_MAX) {
		code = git_odb_read(&object, reader->repository->objects, &id);
		if (!code)
			data = hsm_arena_copy(arena, git_odb_object_data(object), *length);
	}
	if (code < 0)
		hsm_trees_note(&reader->trees, code, &id);
	git_odb_object_free(object);
	return data;
}

static const struct hsm_source *read_source(struct hsm_history_reader *reader, const unsigned char *blob,
					    struct hsm_arena *arena, struct hsm_findings *ignored)
{
	size_t length;
	const char *data = read_blob(reader, blob, arena, &length);
	return data ? hsm_yaml_source(arena, "", data, length, ignored) : NULL;
}

static const char *intern(struct hsm_history_reader *reader, const char *text)
{
	void **place = hsm_map_at(&reader->strings, &reader->arena, text, strlen(text));
	if (!*place)
		*place = hsm_arena_copy_string(&reader->history->arena, text);
	return *place;
}

static bool is_known(const struct hsm_history *history, const struct hsm_history_webhook *webhook)
{
	for (size_t i = 0; i < history->webhook_count; i++) {
		const struct hsm_history_webhook *known = &history->webhooks[i];
		bool same = known->name == webhook->name && known->url == webhook->url &&
			    known->enabled == webhook->enabled && known->event_count == webhook->event_count;
		for (size_t j = 0; same && j < known->event_count; j++)
			same = known->events[j] == webhook->events[j];
		if (same)
			return true;
	}
	return false;
}

static struct hsm_history_webhook describe_webhook(struct hsm_history_reader *reader, const struct hsm_config *config,
						   const struct hsm_environment *environment,
						   const struct hsm_webhook *webhook)
{
	struct hsm_findings ignored = { 0 };
	const char *url =
		hsm_compile_variables(&reader->arena, config, environment, "", &webhook->url, &ignored);
	struct hsm_history_webhook described = {
		.name = intern(reader, webhook->name.text),
		.url = intern(reader, url ? url : webhook->url.text),
		.event_count = webhook->events.count,
		.enabled = webhook->enabled.value || !webhook->enabled.present,
	};
	described.events = hsm_arena_allocate_array(&reader->history->arena, webhook->events.count, sizeof(char *));
	for (size_t i = 0; i < webhook->events.count; i++)
		described.events[i] = intern(reader, HSM_LIST_ITEM(webhook->events, struct hsm_string, i)->text);
	hsm_findings_release(&ignored);
	return described;
}

/* The webhooks that the environment had. */
static void add_webhooks(struct hsm_history_reader *reader, const struct hsm_config *config,
			 const struct hsm_environment *environment)
{
	struct hsm_history *history = reader->history;
	for (size_t i = 0; i < environment->webhooks.count; i++) {
		const struct hsm_webhook *webhook = HSM_LIST_ITEM(environment->webhooks, struct hsm_webhook, i);
		if (!webhook->name.text || !webhook->url.text)
			continue;
		struct hsm_history_webhook described = describe_webhook(reader, config, environment, webhook);
		if (is_known(history, &described))
			continue;
		struct hsm_history_webhook *more =
			hsm_arena_allocate_array(&history->arena, history->webhook_count + 1, sizeof(*more));
		if (history->webhook_count)
			memcpy(more, history->webhooks, history->webhook_count * sizeof(*more));
		more[history->webhook_count++] = described;
		history->webhooks = more;
	}
}

const struct hsm_history_config *hsm_history_load_config(struct hsm_history_reader *reader, const git_oid *blob)
{
	static const git_oid none;
	void **place = hsm_map_at(&reader->configs, &reader->arena, blob ? blob->id : none.id, GIT_OID_RAWSZ);
	if (*place)
		return *place;
	struct hsm_history_config *known = hsm_arena_allocate(&reader->arena, sizeof(*known));
	struct hsm_arena *arena = &known->desired.arena;
	struct hsm_config *config = hsm_arena_allocate(arena, sizeof(*config));
	struct hsm_findings ignored = { 0 };
	const struct hsm_source *source = blob ? read_source(reader, blob->id, arena, &ignored) : NULL;
	if (source)
		hsm_yaml_load(arena, source, &hsm_config_object, config, &ignored);
	hsm_findings_release(&ignored);
	known->desired.config = config;
	if (reader->environment)
		known->environment = hsm_config_find_environment(config, reader->environment);
	if (known->environment)
		add_webhooks(reader, config, known->environment);
	known->next = reader->config_list;
	reader->config_list = known;
	*place = known;
	return known;
}

bool hsm_history_find_base(struct hsm_history_reader *reader, const unsigned char *blob, size_t *base)
{
	void **place = hsm_map_at(&reader->base_by_blob, &reader->arena, blob, GIT_OID_RAWSZ);
	if (!*place) {
		struct hsm_arena scratch = { 0 };
		size_t length;
		const char *data = read_blob(reader, blob, &scratch, &length);
		const char *name = data ? hsm_yaml_peek(&scratch, data, length, "name") : NULL;
		void *index = name ? *hsm_map_at(&reader->base_by_name, &reader->arena, name, strlen(name)) : NULL;
		*place = index ? index : (void *)(uintptr_t)(reader->base_count + 1);
		hsm_arena_release(&scratch);
	}
	*base = (size_t)(uintptr_t)*place - 1;
	return *base < reader->base_count;
}

static void note_variable(struct hsm_history_reader *reader, struct hsm_history_files *files, const char *name,
			  size_t length)
{
	for (size_t i = 0; i < files->count; i++)
		if (strncmp(files->variables[i], name, length) == 0 && !files->variables[i][length])
			return;
	const char **more = hsm_arena_allocate_array(&reader->arena, files->count + 1, sizeof(*more));
	if (files->count)
		memcpy(more, files->variables, files->count * sizeof(*more));
	more[files->count++] = hsm_arena_copy(&reader->arena, name, length);
	files->variables = more;
}

/* Each ${name}, and $${name} too: one name too many is found to be unchanged. */
static void note_variables(struct hsm_history_reader *reader, struct hsm_history_files *files, const char *text)
{
	for (const char *at = text; (at = strstr(at, "${")); at += 2) {
		size_t length = strcspn(at + 2, "}\n");
		if (at[2 + length] == '}')
			note_variable(reader, files, at + 2, length);
	}
}

static void add_number(struct unit_files *files, const struct hsm_translation *translation)
{
	int64_t version = translation->version.value;
	if (version > files->highest && version <= HSM_VERSION_MAXIMUM)
		files->highest = version;
}

static void add_translation(struct unit_files *files, const struct hsm_translation *translation)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->translations[i]->node.key.text, translation->node.key.text) == 0)
			return;
	HSM_MEMORY_GROW(files->translations, files->count, files->capacity);
	files->translations[files->count++] = translation;
}

/* Whether the file is a translation's, and of which language. */
static const char *entry_language(struct hsm_arena *arena, const struct hsm_tree_entry *entry)
{
	size_t stem;
	if (!entry->is_file || !hsm_desired_is_yaml(entry->name, entry->length, &stem))
		return NULL;
	const char *language = hsm_arena_copy(arena, entry->name, stem);
	return hsm_pattern_matches(&hsm_name_language_pattern, language) ? language : NULL;
}

static void read_translation_file(struct hsm_history_reader *reader, struct unit_files *files,
				  const struct hsm_tree_entry *entry)
{
	const char *language = entry_language(&files->arena, entry);
	const struct hsm_source *source = language ? read_source(reader, entry->id, &files->arena, &files->ignored) : NULL;
	if (!source)
		return;
	struct hsm_translation *translation = hsm_arena_allocate(&files->arena, sizeof(*translation));
	translation->node.key.text = language;
	note_variables(reader, files->variables, source->text);
	int rc = hsm_yaml_load(&files->arena, source, &hsm_translation_object, translation, &files->ignored);
	add_number(files, translation);
	if (!rc)
		add_translation(files, translation);
}

static void read_files(struct hsm_history_reader *reader, struct unit_files *files, const unsigned char *blob,
		       const unsigned char *folder)
{
	struct hsm_tree_cursor cursor;
	struct hsm_tree_entry entry;
	const struct hsm_source *source = read_source(reader, blob, &files->arena, &files->ignored);
	if (!source)
		return;
	note_variables(reader, files->variables, source->text);
	files->broken = hsm_yaml_load(&files->arena, source, &hsm_template_object, &files->template, &files->ignored) != 0;
	for (size_t i = 0; i < files->template.translations.count; i++) {
		const struct hsm_translation *translation =
			HSM_LIST_ITEM(files->template.translations, struct hsm_translation, i);
		add_number(files, translation);
		add_translation(files, translation);
	}
	git_odb_object *tree = hsm_tree_open(&reader->trees, folder, &cursor);
	while (hsm_tree_next(&cursor, &entry))
		read_translation_file(reader, files, &entry);
	git_odb_object_free(tree);
}

/* One pointer for equal content with equal names. */
static const struct hsm_compiled *intern_compiled(struct hsm_history_reader *reader,
						  const struct hsm_compiled *compiled)
{
	struct hsm_buffer key = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_string(&key, compiled->content.json);
	for (size_t i = 0; i < compiled->name_count; i++)
		hsm_buffer_append_format(&key, " %s", compiled->names[i]);
	for (size_t i = 0; i < compiled->payload_count; i++)
		hsm_buffer_append_format(&key, "\n%s", compiled->payloads[i]);
	void **place = hsm_map_at(&reader->compiled, &reader->arena, key.data, key.length);
	hsm_buffer_release(&key);
	if (*place)
		return *place;
	struct hsm_compiled *copy = hsm_arena_allocate(&reader->history->arena, sizeof(*copy));
	const char **names = hsm_arena_allocate_array(&reader->history->arena, compiled->name_count, sizeof(*names));
	for (size_t i = 0; i < compiled->name_count; i++)
		names[i] = intern(reader, compiled->names[i]);
	*copy = hsm_desired_copy_compiled(&reader->history->arena, compiled);
	copy->names = names;
	*place = copy;
	return copy;
}

static struct hsm_history_unit *compile_unit(struct hsm_history_reader *reader, struct unit_files *files,
					     const struct hsm_history_config *config, size_t base)
{
	struct hsm_history_unit *unit = hsm_arena_allocate(&reader->arena, sizeof(*unit));
	unit->items = hsm_arena_allocate_array(&reader->arena, files->count, sizeof(*unit->items));
	unit->files = files->variables;
	if (files->highest > reader->history->highest[base])
		reader->history->highest[base] = files->highest;
	for (size_t i = 0; i < files->count; i++) {
		const struct hsm_translation *translation = files->translations[i];
		struct hsm_compiled compiled;
		if (files->broken ||
		    hsm_compile(&files->arena, reader->backend, config->desired.config, config->environment, &files->template,
				translation, &compiled, &files->ignored))
			continue;
		unit->items[unit->count++] = (struct hsm_history_item){
			.base = base,
			.language = intern(reader, translation->node.key.text),
			.category = files->template.category.value,
			.version = translation->version.value,
			.compiled = intern_compiled(reader, &compiled),
			.files = files->variables,
		};
	}
	return unit;
}

static struct hsm_history_unit *read_unit(struct hsm_history_reader *reader, const struct hsm_history_config *config,
					  size_t base, const unsigned char *blob, const unsigned char *folder)
{
	struct unit_files files = { .variables = hsm_arena_allocate(&reader->arena, sizeof(*files.variables)) };
	read_files(reader, &files, blob, folder);
	struct hsm_history_unit *unit = compile_unit(reader, &files, config, base);
	free(files.translations);
	hsm_findings_release(&files.ignored);
	hsm_arena_release(&files.arena);
	return unit;
}

const struct hsm_history_unit *hsm_history_load_unit(struct hsm_history_reader *reader,
						     const struct hsm_history_config *config, size_t base,
						     const unsigned char *blob, const unsigned char *folder)
{
	unsigned char key[2 * GIT_OID_RAWSZ + sizeof(config)];
	size_t length = folder ? 2 * GIT_OID_RAWSZ : GIT_OID_RAWSZ;
	memcpy(key, blob, GIT_OID_RAWSZ);
	if (folder)
		memcpy(key + GIT_OID_RAWSZ, folder, GIT_OID_RAWSZ);
	memcpy(key + length, &config, sizeof(config));
	const struct hsm_history_unit *unit = *hsm_map_at(&reader->units, &reader->arena, key, length);
	const struct hsm_history_files *files = unit ? unit->files : NULL;
	if (unit && files->count)
		unit = *hsm_map_at(&reader->units, &reader->arena, key, length + sizeof(config));
	if (unit)
		return unit;
	struct hsm_history_unit *fresh = read_unit(reader, config, base, blob, folder);
	for (size_t i = 0; files && i < fresh->count; i++)
		fresh->items[i].files = files;
	fresh->files = files ? files : fresh->files;
	*hsm_map_at(&reader->units, &reader->arena, key, length) = fresh;
	if (fresh->files->count)
		*hsm_map_at(&reader->units, &reader->arena, key, length + sizeof(config)) = fresh;
	return fresh;
}
