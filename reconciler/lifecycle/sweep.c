/* What is done now and then: when templates were last looked up, and which nobody uses. */
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/lifecycle/keeper.h"
#include "schema/json.h"

/* Told again after this long: a month, the time until it is archived. */
#define REMIND_AFTER ((int64_t)30 * 24 * 3600 * 1000)

/* Nobody asks for a message again with its old key after a week. */
#define SENDS_KEPT ((int64_t)7 * 24 * 3600 * 1000)

static struct hsm_registry_version *find_in_use(const struct hsm_registry *registry, const struct hsm_answer *answer)
{
	const struct hsm_registry_template *template = hsm_registry_find_template(registry, answer->base);
	const struct hsm_registry_translation *translation =
		template ? hsm_registry_find_translation(template, answer->language) : NULL;
	if (!translation)
		return NULL;
	const char *name = translation->active;
	if (hsm_registry_equals(translation->substitute, "template"))
		name = translation->substitute_name;
	return name ? hsm_registry_find_name(registry, name, answer->language) : NULL;
}

static int keep_used(struct hsm_keeper *keeper, struct hsm_error *error)
{
	struct hsm_answers *answers = hsm_keeper_answers(keeper);
	int rc = 0;
	pthread_rwlock_rdlock(&answers->lock);
	for (size_t i = 0; !rc && i < answers->count; i++) {
		int64_t used = answers->items[i]->used;
		struct hsm_registry_version *version =
			used ? find_in_use(hsm_keeper_registry(keeper), answers->items[i]) : NULL;
		if (!version || version->used >= used)
			continue;
		version->used = used;
		rc = hsm_store_save_version(hsm_keeper_store(keeper), version, error);
	}
	pthread_rwlock_unlock(&answers->lock);
	return rc;
}

static int remind(struct hsm_keeper *keeper, const struct hsm_registry_version *version, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct hsm_store *store = hsm_keeper_store(keeper);
	const char *key = hsm_arena_format(&arena, "unused %s %s", version->name, version->language), *last;
	int64_t now = hsm_clock_now();
	int rc = hsm_store_get(store, &arena, key, &last, error);
	if (!rc && (!last || now - strtoll(last, NULL, 10) >= REMIND_AFTER)) {
		struct hsm_alert alert = {
			HSM_ALERT_UNUSED, hsm_arena_format(&arena, "%s %s", version->name, version->language),
			"a fallback that nobody has used for 11 months: Meta archives it after 12; send it once, or replace it",
		};
		hsm_keeper_counts(keeper)->alerts[alert.kind]++;
		rc = hsm_store_add_alert(store, &alert, now, error);
		if (!rc)
			rc = hsm_store_set(store, key, hsm_arena_format(&arena, "%lld", (long long)now), error);
	}
	hsm_arena_release(&arena);
	return rc;
}

static int check_fallback(struct hsm_keeper *keeper, const char *base, const char *language, struct hsm_error *error)
{
	const struct hsm_registry_template *template = hsm_registry_find_template(hsm_keeper_registry(keeper), base);
	const struct hsm_registry_translation *translation =
		template ? hsm_registry_find_translation(template, language) : NULL;
	const struct hsm_registry_version *version =
		translation && translation->active ? hsm_registry_find_version(template, translation->active, language) :
						     NULL;
	if (!version || !hsm_decide_is_unused(hsm_clock_now(), version->created, version->used))
		return 0;
	return remind(keeper, version, error);
}

static int check_fallbacks(struct hsm_keeper *keeper, const struct hsm_registry_translation *translation,
			   struct hsm_error *error)
{
	cJSON *steps = translation->fallback ? cJSON_Parse(translation->fallback) : NULL;
	const cJSON *step;
	int rc = 0;
	cJSON_ArrayForEach(step, steps) {
		const char *base = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(step, "template"));
		if (!rc && base)
			rc = check_fallback(keeper, base, translation->language, error);
	}
	cJSON_Delete(steps);
	return rc;
}

int hsm_keeper_sweep(struct hsm_keeper *keeper, struct hsm_error *error)
{
	const struct hsm_registry *registry = hsm_keeper_registry(keeper);
	int rc = keep_used(keeper, error);
	if (!rc)
		rc = hsm_store_forget_sends(hsm_keeper_store(keeper), hsm_clock_now() - SENDS_KEPT, error);
	for (size_t i = 0; !rc && i < registry->count; i++)
		for (size_t j = 0; !rc && j < registry->templates[i]->translation_count; j++)
			rc = check_fallbacks(keeper, registry->templates[i]->translations[j], error);
	return rc;
}
