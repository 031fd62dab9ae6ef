/* A registry of the moment, where no controller keeps one. */
#include "reconciler/lifecycle/decide.h"
#include "reconciler/lifecycle/world.h"

static void take_version(struct hsm_registry *registry, const struct hsm_world_version *row)
{
	struct hsm_registry_version *version = hsm_registry_add_version(registry, row->base, row->name, row->language);
	version->number = row->number;
	hsm_registry_set(&version->id, row->id);
	hsm_registry_set(&version->status, row->status);
	hsm_registry_set(&version->category, row->category);
	hsm_registry_set(&version->reason, row->reason);
	hsm_registry_set(&version->accepted, row->accepted);
	hsm_registry_set(&version->signature, row->signature);
	hsm_registry_set(&version->parameters, row->parameters);
	hsm_registry_set(&version->content, row->content);
}

static void take_translation(struct hsm_registry *registry, const struct hsm_world_translation *row)
{
	struct hsm_registry_translation *translation = hsm_registry_add_translation(registry, row->base, row->language);
	translation->managed = 1;
	hsm_registry_set(&translation->category, row->category);
	hsm_registry_set(&translation->target, row->target);
	hsm_registry_set(&translation->held, row->held);
	hsm_registry_set(&translation->suggested, row->suggested);
	hsm_registry_set(&translation->fallback, row->fallback);
	hsm_registry_set(&translation->inputs, row->inputs);
}

static void decide(struct hsm_registry *registry, struct hsm_registry_template *template)
{
	struct hsm_arena arena = { 0 };
	for (size_t i = 0; i < template->translation_count; i++) {
		struct hsm_use use;
		hsm_decide_use(&arena, registry, template, template->translations[i], &use);
		use.preferred = hsm_arena_copy_string(&arena, use.preferred);
		use.active = hsm_arena_copy_string(&arena, use.active);
		use.substitute_name = hsm_arena_copy_string(&arena, use.substitute_name);
		hsm_decide_take(template->translations[i], &use);
	}
	hsm_arena_release(&arena);
}

void hsm_world_decide(struct hsm_registry *registry)
{
	for (size_t i = 0; i < registry->count; i++)
		decide(registry, registry->templates[i]);
}

void hsm_world_settle(const struct hsm_world *world, struct hsm_registry *registry)
{
	/* What is not listed is not live. */
	for (size_t i = 0; i < registry->count; i++)
		for (size_t j = 0; j < registry->templates[i]->version_count; j++)
			hsm_registry_set(&registry->templates[i]->versions[j]->status, "GONE");
	for (size_t i = 0; i < world->version_count; i++)
		take_version(registry, &world->versions[i]);
	for (size_t i = 0; i < world->translation_count; i++)
		take_translation(registry, &world->translations[i]);
	hsm_world_decide(registry);
}
