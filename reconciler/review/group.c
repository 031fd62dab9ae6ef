/* Where one variable changed 200 templates, a reviewer reads of it once. */
#include <stdlib.h>
#include <string.h>

#include "reconciler/review/rows.h"

/* Fewer are read one by one. */
#define GROUP_MIN 3

struct item {
	const struct hsm_plan_change *change;
	size_t index;
};

static int compare_texts(const struct hsm_string *a, const struct hsm_string *b)
{
	return strcmp(a->text ? a->text : "", b->text ? b->text : "");
}

static int compare_causes(const struct hsm_plan_change *a, const struct hsm_plan_change *b)
{
	int order = a->action.value - b->action.value;
	if (!order)
		order = a->compatibility.value - b->compatibility.value;
	if (!order)
		order = a->held.value - b->held.value;
	if (!order)
		order = compare_texts(&a->reason, &b->reason);
	if (!order)
		order = compare_texts(&a->origin.commit, &b->origin.commit);
	return order ? order : compare_texts(&a->origin.variables, &b->origin.variables);
}

static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = compare_causes(a->change, b->change);
	return order ? order : (a->index > b->index) - (a->index < b->index);
}

/* Rows whose differences came from a variable alone, those of one cause together. */
static size_t list_candidates(const struct hsm_plan_change *const *rows, size_t count, struct item *items)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		if (rows[i]->origin.variables.text)
			items[found++] = (struct item){ rows[i], i };
	if (found)
		qsort(items, found, sizeof(*items), compare_items);
	return found;
}

struct hsm_review_group *hsm_review_group(struct hsm_arena *arena, const struct hsm_plan_change *const *rows,
					  size_t count)
{
	struct hsm_review_group *groups = hsm_arena_allocate_array(arena, count, sizeof(*groups));
	struct item *items = hsm_arena_allocate_array(arena, count, sizeof(*items));
	size_t found = list_candidates(rows, count, items), size;
	for (size_t first = 0; first < found; first += size) {
		for (size = 1; first + size < found && !compare_causes(items[first].change, items[first + size].change);)
			size++;
		if (size < GROUP_MIN)
			continue;
		struct hsm_review_group *group = &groups[items[first].index];
		group->members = hsm_arena_allocate_array(arena, size, sizeof(struct hsm_plan_change *));
		group->count = size;
		for (size_t i = 0; i < size; i++) {
			group->members[i] = items[first + i].change;
			groups[items[first + i].index].count = i ? 1 : size;
		}
	}
	return groups;
}
