#include "reconciler/delivery/chooser.h"

#include <string.h>

#include "reconciler/lifecycle/world.h"

/* What was answered before. */
struct hsm_chosen {
	struct hsm_chosen *next;
	const char *template, *language;
	struct hsm_choice choice;
};

struct reading {
	struct hsm_registry_version *version;
	struct hsm_error *error;
	int *rc;
};

void hsm_chooser_release(struct hsm_chooser *chooser)
{
	hsm_arena_release(&chooser->arena);
	chooser->chosen = NULL;
}

static void note_version(void *user, const struct hsm_write_result *result)
{
	const struct reading *reading = user;
	const struct hsm_live_template *live = result->template;
	if (result->outcome != HSM_OUTCOME_DONE) {
		if (!*reading->rc)
			*reading->error = result->error;
		*reading->rc = result->error.class;
		return;
	}
	hsm_registry_set(&reading->version->status, live ? live->status_word : "GONE");
	if (!live)
		return;
	hsm_registry_set(&reading->version->category, live->category);
	hsm_registry_set(&reading->version->reason, live->rejection_reason);
}

/* One request a version: of all templates, since a fallback may be any other. */
static int read_language(struct hsm_chooser *chooser, const struct hsm_registry_translation *translation,
			 struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	int rc = 0;
	for (size_t i = 0; i < chooser->registry->count; i++) {
		const struct hsm_registry_template *template = chooser->registry->templates[i];
		bool own = strcmp(template->base, translation->base) == 0;
		bool named = translation->fallback && strstr(translation->fallback, template->base);
		for (size_t j = 0; (own || named) && j < template->version_count; j++) {
			struct hsm_registry_version *version = template->versions[j];
			struct reading *reading = hsm_arena_allocate(&arena, sizeof(*reading));
			if (!version->id || strcmp(version->language, translation->language) != 0 ||
			    hsm_registry_equals(version->status, "GONE"))
				continue;
			*reading = (struct reading){ version, error, &rc };
			hsm_connection_get_template(chooser->connection, chooser->provider_id, version->id, note_version,
						    reading);
		}
	}
	hsm_connection_run(chooser->connection);
	hsm_arena_release(&arena);
	return rc;
}

static int refresh(struct hsm_chooser *chooser, const char *template, const char *language, struct hsm_error *error)
{
	const struct hsm_registry_translation *translation =
		hsm_choice_find(chooser->registry, template, language, chooser->default_language);
	int rc = translation ? read_language(chooser, translation, error) : 0;
	hsm_world_decide(chooser->registry);
	/* What was answered before may be another now, of others, too. */
	chooser->chosen = NULL;
	return rc;
}

int hsm_chooser_choose(void *user, const char *template, const char *language, bool afresh,
		       const struct hsm_choice **choice, struct hsm_error *error)
{
	struct hsm_chooser *chooser = user;
	int rc = afresh ? refresh(chooser, template, language, error) : 0;
	if (rc)
		return rc;
	struct hsm_chosen *chosen = chooser->chosen;
	while (chosen && (strcmp(chosen->template, template) != 0 || strcmp(chosen->language, language) != 0))
		chosen = chosen->next;
	if (!chosen) {
		struct hsm_choice made;
		rc = hsm_choose(&chooser->arena, chooser->registry, template, language, chooser->default_language,
				chooser->way, &made, error);
		if (rc)
			return rc;
		chosen = hsm_arena_allocate(&chooser->arena, sizeof(*chosen));
		chosen->choice = made;
		chosen->template = hsm_arena_copy_string(&chooser->arena, template);
		chosen->language = hsm_arena_copy_string(&chooser->arena, language);
		chosen->next = chooser->chosen;
		chooser->chosen = chosen;
	}
	*choice = &chosen->choice;
	return 0;
}
