#include "reconciler/import/import.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/import/excuse.h"
#include "reconciler/import/keep.h"
#include "schema/base/memory.h"
#include "schema/compile.h"
#include "schema/decompile.h"
#include "schema/meta.h"
#include "schema/name.h"
#include "schema/yaml.h"
#include "schema/yaml_write.h"

void hsm_import_release(struct hsm_import *import)
{
	hsm_arena_release(&import->arena);
	*import = (struct hsm_import){ 0 };
}

static int compare_items(const void *a, const void *b)
{
	const struct hsm_import_item *left = a, *right = b;
	int64_t left_version, right_version;
	size_t left_length = hsm_name_split(left->name, &left_version, NULL);
	size_t right_length = hsm_name_split(right->name, &right_version, NULL);
	size_t shorter = left_length < right_length ? left_length : right_length;
	int order = strncmp(left->name, right->name, shorter);
	if (!order)
		order = (left_length > right_length) - (left_length < right_length);
	if (!order)
		order = strcmp(left->language, right->language);
	/* The newest first. */
	return order ? order : (left_version < right_version) - (left_version > right_version);
}

static bool same_base(const struct hsm_import_item *a, const struct hsm_import_item *b)
{
	int64_t version;
	size_t length = hsm_name_split(a->name, &version, NULL);
	return hsm_name_split(b->name, &version, NULL) == length && strncmp(a->name, b->name, length) == 0;
}

/* What makes an item no translation of a file, whatever the others are. */
static const char *find_problem(struct hsm_arena *arena, const struct hsm_import_item *item, const char *base)
{
	if (item->problem)
		return item->problem;
	if (hsm_meta_count_media(&item->components) > HSM_META_MEDIA_MAX)
		return "more media than a template may have";
	if (!hsm_pattern_matches(&hsm_name_base_pattern, base))
		return hsm_arena_format(arena, "its name is none of %s", hsm_name_base_pattern.what);
	if (!hsm_pattern_matches(&hsm_name_language_pattern, item->language))
		return hsm_arena_format(arena, "'%s' is no language code", item->language);
	if (!hsm_word_find(hsm_category_words, item->category))
		return hsm_arena_format(arena, "category %s is not one of UTILITY, MARKETING, AUTHENTICATION", item->category);
	return NULL;
}

/* What is to be compared: of what is or comes from Meta, without what it does not hold. */
static struct hsm_content make_comparable(struct hsm_arena *arena, const struct hsm_import *import,
					  const struct hsm_import_item *item, struct hsm_list *components)
{
	if (import->backend == HSM_BACKEND_META || item->backend == HSM_BACKEND_META)
		hsm_meta_project(components);
	return hsm_content_make(arena, components);
}

static bool compiles_to(struct hsm_arena *arena, const struct hsm_import *import, struct hsm_import_item *item,
			const struct hsm_compiled *compiled)
{
	struct hsm_list components;
	struct hsm_error error;
	if (hsm_content_read(arena, compiled->content.json, &components, &error) != 0)
		return false;
	struct hsm_content made = make_comparable(arena, import, item, &components);
	struct hsm_content wanted = make_comparable(arena, import, item, &item->components);
	return hsm_content_equals(&made, &wanted);
}

/* Compiles the text again: each item must come out as it went in. */
static void verify(struct hsm_import *import, struct hsm_import_file *file, struct hsm_import_item *const *items)
{
	static const struct hsm_config none;
	struct hsm_findings findings = { 0 };
	struct hsm_arena arena = { 0 };
	struct hsm_template template = { 0 };
	const struct hsm_source *source = hsm_yaml_source(&arena, "import", file->text, strlen(file->text), &findings);
	int rc = source ? hsm_yaml_load(&arena, source, &hsm_template_object, &template, &findings) : HSM_ERROR_INVALID;
	for (size_t i = 0; i < file->count; i++) {
		struct hsm_compiled compiled = { 0 };
		if (!rc && !hsm_compile(&arena, import->backend, &none, NULL, &template,
					HSM_LIST_ITEM(template.translations, struct hsm_translation, i), &compiled, &findings) &&
		    compiles_to(&arena, import, items[i], &compiled))
			continue;
		items[i]->problem = hsm_arena_format(&import->arena, "%s", findings.count ? findings.items[0].message :
										       "it would compile to other content");
	}
	hsm_findings_release(&findings);
	hsm_arena_release(&arena);
}

static size_t keep_sound(struct hsm_import_item **items, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (!items[i]->problem)
			items[kept++] = items[i];
	return kept;
}

static size_t add_media(struct hsm_arena *arena, const struct hsm_list *components, const char *stem,
			const char **media, size_t count)
{
	static const char *const extensions[][2] = { { "IMAGE", "jpg" }, { "VIDEO", "mp4" }, { "DOCUMENT", "pdf" } };
	for (size_t i = 0; i < components->count; i++) {
		const struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		for (size_t j = 0; j < sizeof(extensions) / sizeof(extensions[0]) && count < HSM_META_MEDIA_MAX; j++)
			if (component->format.text && strcmp(component->format.text, extensions[j][0]) == 0) {
				media[count] = count ? hsm_arena_format(arena, "%s_%zu.%s", stem, count + 1, extensions[j][1]) :
						       hsm_arena_format(arena, "%s.%s", stem, extensions[j][1]);
				count++;
			}
		for (size_t j = 0; j < component->cards.count; j++)
			count = add_media(arena, &HSM_LIST_ITEM(component->cards, struct hsm_wire_card, j)->components, stem, media,
					  count);
	}
	return count;
}

/* Where the samples are to lie, for a repository whose API takes files. */
static const char *const *place_media(struct hsm_arena *arena, const struct hsm_import_item *item, const char *base)
{
	const char **media = hsm_arena_allocate_array(arena, HSM_META_MEDIA_MAX, sizeof(*media));
	add_media(arena, &item->components, hsm_arena_format(arena, "files/%s_%s", base, item->language), media, 0);
	return media;
}

static struct hsm_decompile_source make_source(struct hsm_import *import, const struct hsm_import_item *item,
					       const char *base, bool pinned)
{
	int64_t version;
	hsm_name_split(item->name, &version, NULL);
	return (struct hsm_decompile_source){
		.language = item->language, .version = pinned ? version : 0, .components = &item->components,
		.names = item->names, .name_count = item->name_count,
		.media = import->backend == HSM_BACKEND_META ? place_media(&import->arena, item, base) : item->media,
	};
}

/* The text of a file; false where an item turned out to be impossible: then without it. */
static bool write_file(struct hsm_import *import, const char *base, struct hsm_import_item **items, size_t count,
		       bool pinned, struct hsm_import_file *file)
{
	struct hsm_arena *arena = &import->arena;
	struct hsm_decompile_source *sources = hsm_arena_allocate_array(arena, count, sizeof(*sources));
	struct hsm_template template;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_YAML_SIZE_MAX);
	enum hsm_category category = (enum hsm_category)hsm_word_find(hsm_category_words, items[0]->category);
	const char *problem;
	bool sound = true;
	for (size_t i = 0; i < count; i++) {
		sources[i] = make_source(import, items[i], base, pinned);
		/* Each by itself first, so that the one that is wrong is told from the others. */
		if (hsm_decompile(arena, base, category, &sources[i], 1, &template, &problem)) {
			items[i]->problem = problem;
			sound = false;
		}
	}
	if (!sound)
		return false;
	hsm_decompile(arena, base, category, sources, count, &template, &problem);
	if (items[0]->file)
		hsm_import_keep(import->backend, &template, items[0]->file);
	hsm_yaml_write(&text, &hsm_template_object, &template);
	*file = (struct hsm_import_file){ .base = base, .count = count };
	file->text = hsm_arena_copy(arena, hsm_buffer_text(&text), text.length);
	hsm_buffer_release(&text);
	verify(import, file, items);
	bool live = true;
	for (size_t i = 0; i < count; i++)
		live &= items[i]->live;
	file->text = hsm_import_excuse(arena, import->backend, live, file->text);
	return keep_sound(items, count) == count;
}

/* One base: the newest version of each language, all of one category. */
static void make_file(struct hsm_import *import, struct hsm_import_item *group, size_t count, bool pinned)
{
	int64_t version;
	size_t length = hsm_name_split(group->name, &version, NULL), chosen = 0;
	const char *base = hsm_arena_copy(&import->arena, group->name, length);
	struct hsm_import_item **items = hsm_arena_allocate_array(&import->arena, count, sizeof(*items));
	struct hsm_import_file *file = &import->files[import->count];
	for (size_t i = 0; i < count; i++) {
		struct hsm_import_item *item = &group[i];
		bool older = i && strcmp(group[i - 1].language, item->language) == 0;
		item->superseded = older;
		item->problem = older ? "a newer version is imported" : find_problem(&import->arena, item, base);
		if (!item->problem && chosen && strcmp(items[0]->category, item->category) != 0)
			item->problem = hsm_arena_format(&import->arena, "its category is %s and that of %s is %s: a template has one",
							 item->category, items[0]->language, items[0]->category);
		if (!item->problem)
			items[chosen++] = item;
	}
	while (chosen && !write_file(import, base, items, chosen, pinned, file))
		chosen = keep_sound(items, chosen);
	if (!chosen)
		return;
	file->items = (const struct hsm_import_item **)items;
	import->count++;
}

static void strip_names(struct hsm_list *parameters)
{
	for (size_t i = 0; i < parameters->count; i++)
		HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i)->name.text = NULL;
}

/* Genesys numbers what Meta may name: that is the file's to know then. */
static void adapt(struct hsm_import_item *item, enum hsm_backend_word backend)
{
	for (size_t i = 0; i < item->components.count && backend != HSM_BACKEND_META; i++)
		strip_names(&HSM_LIST_ITEM(item->components, struct hsm_wire_component, i)->parameters);
}

void hsm_import_make(struct hsm_import_item *items, size_t count, enum hsm_backend_word backend, bool pinned,
		     struct hsm_import *import)
{
	import->backend = backend;
	for (size_t i = 0; i < count; i++)
		adapt(&items[i], backend);
	if (count)
		qsort(items, count, sizeof(*items), compare_items);
	import->files = hsm_arena_allocate_array(&import->arena, count, sizeof(*import->files));
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && same_base(&items[i], &items[end]);)
			end++;
		make_file(import, &items[i], end - i, pinned);
	}
}
