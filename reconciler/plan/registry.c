/*
 * What should be in use beside what the registry holds: where they differ
 * production moves, so the plan shows it.
 */
#include <stdlib.h>
#include <string.h>

#include "reconciler/plan/planner.h"
#include "schema/json.h"

static int compare_entries(const void *a, const void *b)
{
	const struct hsm_registry_entry *left = a, *right = b;
	int order = strcmp(left->base, right->base);
	return order ? order : strcmp(left->language, right->language);
}

void hsm_registry_sort(struct hsm_registry_entry *entries, size_t count)
{
	if (count)
		qsort(entries, count, sizeof(*entries), compare_entries);
}

const struct hsm_registry_entry *hsm_registry_find(const struct hsm_registry_state *registry, const char *base,
						   const char *language)
{
	struct hsm_registry_entry key = { .base = base, .language = language };
	if (!registry || !registry->count)
		return NULL;
	return bsearch(&key, registry->entries, registry->count, sizeof(key), compare_entries);
}

static bool is_live(const struct hsm_translation_state *state, const char *name)
{
	for (size_t i = 0; state->versions && i < state->versions->count; i++)
		if (strcmp(state->versions->items[i].live->name, name) == 0)
			return true;
	return false;
}

static struct hsm_plan_change *find_row(const struct hsm_planner *planner, size_t first, enum hsm_action action,
					const char *name, const char *from)
{
	for (size_t i = first; i < planner->change_count; i++) {
		struct hsm_plan_change *change = planner->changes[i];
		const char *other = change->from_name.text;
		if (change->action.value == (int)action && strcmp(change->name.text, name) == 0 &&
		    (from ? other && strcmp(other, from) == 0 : !other))
			return change;
	}
	return NULL;
}

/* A controller moves all languages of a number together: whether some are not ready yet. */
static bool waits_for_others(const struct hsm_desired_template *template, const struct hsm_decision *decisions,
			     const struct hsm_translation_state *state)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct hsm_translation_state *other = decisions[i].state;
		if (other->target && other->target->number == state->active->number &&
		    (other->held || other->target->live->status != HSM_STATUS_APPROVED))
			return true;
	}
	return false;
}

static void compare_active(struct hsm_planner *planner, size_t first, const struct hsm_desired_template *template,
			   const struct hsm_decision *decisions, size_t index, const struct hsm_registry_entry *entry)
{
	const struct hsm_translation_state *state = decisions[index].state;
	const char *old = entry ? entry->active : NULL;
	/* Until the target may be used what is in use stays. */
	if (!state->active || (state->active != state->target && old && is_live(state, old)))
		return;
	if (old && state->active == state->target && waits_for_others(template, decisions, state))
		return;
	const char *name = state->active->live->name;
	if (old && strcmp(old, name) == 0)
		return;
	struct hsm_plan_change *change = find_row(planner, first, HSM_ACTION_ACTIVATE, name, old);
	if (!change) {
		change = hsm_rows_add(planner, HSM_ACTION_ACTIVATE, HSM_KIND_TEMPLATE, state->template->name, name);
		change->from_name.text = old;
		change->version = (struct hsm_integer){ .value = state->active->number, .present = true };
	}
	hsm_rows_add_language(planner, change, state->translation->language);
	hsm_rows_add_live(planner, change, state->active);
}

const char *hsm_registry_write_fallback(struct hsm_arena *arena, const struct hsm_template *file)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &buffer };
	const struct hsm_field *field = hsm_object_find(&hsm_template_object, "fallback");
	if (file->fallback.count)
		hsm_json_write_list(&writer, NULL, field->element, field->item_size, &file->fallback);
	const char *text = hsm_arena_copy(arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return text;
}

const char *hsm_registry_write_routes(struct hsm_arena *arena, const struct hsm_template *file)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &buffer };
	if (file->routes.count) {
		hsm_json_begin_object(&writer, NULL);
		for (size_t i = 0; i < file->routes.count; i++) {
			const struct hsm_keyed_string *route =
				HSM_LIST_ITEM(file->routes, struct hsm_keyed_string, i);
			hsm_json_write_string(&writer, route->key.text, route->value.text);
		}
		hsm_json_end_object(&writer);
	}
	const char *text = hsm_arena_copy(arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return text;
}

const char *hsm_registry_write_inputs(struct hsm_arena *arena, const struct hsm_template *file,
				      const struct hsm_delivery_defaults *defaults)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &buffer };
	struct hsm_template inputs = { .node.present = true, .parameters = file->parameters };
	struct hsm_parameter *parameters = hsm_arena_allocate_array(arena, file->parameters.count, sizeof(*parameters));
	inputs.parameters.items = parameters;
	for (size_t i = 0; i < file->parameters.count; i++) {
		parameters[i] = *HSM_LIST_ITEM(file->parameters, struct hsm_parameter, i);
		if (!parameters[i].emoji.value)
			parameters[i].emoji = defaults->emoji;
		if (!parameters[i].allowed.text)
			parameters[i].allowed = defaults->allowed;
	}
	if (file->parameters.count)
		hsm_json_write(&writer, NULL, &hsm_template_inputs_object, &inputs);
	const char *text = hsm_arena_copy(arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return text;
}

static void compare_setting(struct hsm_planner *planner, size_t first, const struct hsm_decision *decision,
			    const char *setting, const char *old, const char *new)
{
	const struct hsm_desired_template *template = decision->state->template;
	const char *language = decision->state->translation->language;
	old = old ? old : "";
	if (strcmp(old, new) == 0)
		return;
	struct hsm_plan_change *change = find_row(planner, first, HSM_ACTION_SETTINGS, template->name, NULL);
	if (!change)
		change = hsm_rows_add(planner, HSM_ACTION_SETTINGS, HSM_KIND_TEMPLATE, template->name, template->name);
	size_t count = change->languages.count;
	if (!count || strcmp(HSM_LIST_ITEM(change->languages, struct hsm_string, count - 1)->text, language) != 0)
		hsm_rows_add_language(planner, change, language);
	struct hsm_plan_difference *difference = hsm_rows_append(planner, &change->diffs, sizeof(*difference));
	*difference = (struct hsm_plan_difference){
		.node.present = true,
		.language.text = language,
		.component.text = "settings",
		.path.text = setting,
		.old_value.text = *old ? old : NULL,
		.new_value.text = *new ? new : NULL,
	};
}

void hsm_registry_compare(struct hsm_planner *planner, const struct hsm_desired_template *template,
			  const struct hsm_decision *decisions)
{
	size_t first = planner->change_count;
	if (!planner->registry)
		return;
	const char *fallback = hsm_registry_write_fallback(planner->arena, template->file);
	const char *routes = hsm_registry_write_routes(planner->arena, template->file);
	for (size_t i = 0; i < template->count; i++) {
		const struct hsm_registry_entry *entry =
			hsm_registry_find(planner->registry, template->name, template->translations[i].language);
		compare_active(planner, first, template, decisions, i, entry);
		compare_setting(planner, first, &decisions[i], "fallback", entry ? entry->fallback : NULL, fallback);
		compare_setting(planner, first, &decisions[i], "routes", entry ? entry->routes : NULL, routes);
	}
}
