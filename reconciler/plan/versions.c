#include "reconciler/plan/versions.h"

#include <stdlib.h>
#include <string.h>

#include "schema/name.h"

struct numbered {
	struct hsm_version version;
	bool has_suffix;
};

static int compare_numbered(const void *a, const void *b)
{
	const struct numbered *left = a, *right = b;
	int order = strcmp(left->version.base, right->version.base);
	if (!order)
		order = strcmp(left->version.live->language, right->version.live->language);
	if (!order)
		order = (left->version.number > right->version.number) - (left->version.number < right->version.number);
	return order ? order : (int)left->has_suffix - (int)right->has_suffix;
}

static struct numbered *number_all(struct hsm_arena *arena, const struct hsm_live *live)
{
	struct numbered *all = hsm_arena_allocate_array(arena, live->template_count, sizeof(*all));
	for (size_t i = 0; i < live->template_count; i++) {
		const struct hsm_live_template *template = &live->templates[i];
		int64_t number;
		size_t length = hsm_name_split(template->name, &number, &all[i].has_suffix);
		all[i].version.live = template;
		all[i].version.number = number;
		/* Rows of one name mostly stand together. */
		const struct hsm_version *before = i ? &all[i - 1].version : NULL;
		bool same = before && strncmp(before->base, template->name, length) == 0 && !before->base[length];
		all[i].version.base = same ? before->base : hsm_arena_copy(arena, template->name, length);
	}
	if (live->template_count)
		qsort(all, live->template_count, sizeof(*all), compare_numbered);
	return all;
}

/* Whether the next one is version 1 of the same translation, too. In another language it may be: a language that
 * joins those without a suffix is B_v1, and they stay what they are. */
static bool is_unmanaged(const struct numbered *all, size_t at, size_t count)
{
	const struct hsm_version *version = &all[at].version, *next = at + 1 < count ? &all[at + 1].version : NULL;
	return !all[at].has_suffix && next && next->number == 1 && strcmp(next->base, version->base) == 0 &&
	       strcmp(next->live->language, version->live->language) == 0;
}

static void add_version(struct hsm_versions *versions, struct hsm_version *item, const struct hsm_version *version)
{
	struct hsm_version_list *list = versions->count ? &versions->lists[versions->count - 1] : NULL;
	*item = *version;
	if (list && strcmp(list->base, version->base) == 0 && strcmp(list->language, version->live->language) == 0) {
		list->count++;
		return;
	}
	versions->lists[versions->count++] = (struct hsm_version_list){
		.base = version->base, .language = version->live->language, .items = item, .count = 1
	};
}

void hsm_versions_make(struct hsm_arena *arena, const struct hsm_live *live, struct hsm_versions *versions)
{
	size_t count = live->template_count, used = 0;
	*versions = (struct hsm_versions){ 0 };
	const struct numbered *all = number_all(arena, live);
	struct hsm_version *items = hsm_arena_allocate_array(arena, count, sizeof(*items));
	versions->lists = hsm_arena_allocate_array(arena, count, sizeof(*versions->lists));
	for (size_t i = 0; i < count; i++) {
		if (is_unmanaged(all, i, count))
			versions->unmanaged_names++;
		else
			add_version(versions, &items[used++], &all[i].version);
	}
}

/* The first list that does not come before (base, language). */
static size_t lower_bound(const struct hsm_versions *versions, const char *base, const char *language)
{
	size_t low = 0, high = versions->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct hsm_version_list *list = &versions->lists[middle];
		int order = strcmp(list->base, base);
		if (!order)
			order = strcmp(list->language, language);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct hsm_version_list *hsm_versions_find(const struct hsm_versions *versions, const char *base,
						 const char *language)
{
	size_t at = lower_bound(versions, base, language);
	if (at == versions->count)
		return NULL;
	const struct hsm_version_list *list = &versions->lists[at];
	return strcmp(list->base, base) == 0 && strcmp(list->language, language) == 0 ? list : NULL;
}

const struct hsm_version_list *hsm_versions_find_base(const struct hsm_versions *versions, const char *base,
						      size_t *count)
{
	size_t at = lower_bound(versions, base, ""), end = at;
	while (end < versions->count && strcmp(versions->lists[end].base, base) == 0)
		end++;
	*count = end - at;
	return *count ? &versions->lists[at] : NULL;
}

int64_t hsm_versions_highest(const struct hsm_versions *versions, const char *base)
{
	size_t count;
	int64_t highest = 0;
	const struct hsm_version_list *lists = hsm_versions_find_base(versions, base, &count);
	for (size_t i = 0; i < count; i++) {
		int64_t number = lists[i].items[lists[i].count - 1].number;
		highest = number > highest ? number : highest;
	}
	return highest;
}
