/*
 * What should be in use beside what the registry holds: where they differ
 * production moves, so the plan shows it.
 */
#include <string.h>

#include "reconciler/plan/planner.h"
#include "schema/json.h"

const struct hsm_registry_entry *hsm_registry_find(const struct hsm_registry_state *registry, const char *base,
						   const char *language)
{
	for (size_t i = 0; registry && i < registry->count; i++)
		if (strcmp(registry->entries[i].base, base) == 0 &&
		    strcmp(registry->entries[i].language, language) == 0)
			return &registry->entries[i];
	return NULL;
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

static void compare_active(struct hsm_planner *planner, size_t first, const struct hsm_decision *decision,
			   const struct hsm_registry_entry *entry)
{
	const struct hsm_translation_state *state = decision->state;
	const char *old = entry ? entry->active : NULL;
	/* Until the target may be used what is in use stays. */
	if (!state->active || (state->active != state->target && old && is_live(state, old)))
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
		compare_active(planner, first, &decisions[i], entry);
		compare_setting(planner, first, &decisions[i], "fallback", entry ? entry->fallback : NULL, fallback);
		compare_setting(planner, first, &decisions[i], "routes", entry ? entry->routes : NULL, routes);
	}
}
