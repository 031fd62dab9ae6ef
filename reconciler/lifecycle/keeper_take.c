/* What the keeper makes of events and listings, within a transaction. */
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/lifecycle/keeper_state.h"
#include "schema/base/memory.h"

static void mark_changed(struct hsm_keeper *keeper, const char *base)
{
	struct hsm_registry_template *template = hsm_registry_find_template(&keeper->registry, base);
	hsm_registry_touch(&keeper->registry, template);
	if (template->undecided)
		return;
	template->undecided = true;
	HSM_MEMORY_GROW(keeper->changed, keeper->changed_count, keeper->changed_capacity);
	keeper->changed[keeper->changed_count++] = template;
}

static void mark_unsaved(struct hsm_keeper *keeper, struct hsm_registry_version *version)
{
	if (version->unsaved)
		return;
	version->unsaved = true;
	HSM_MEMORY_GROW(keeper->unsaved, keeper->unsaved_count, keeper->unsaved_capacity);
	keeper->unsaved[keeper->unsaved_count++] = version;
}

static int save_versions(struct hsm_keeper *keeper, struct hsm_error *error)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < keeper->unsaved_count; i++) {
		keeper->unsaved[i]->unsaved = false;
		rc = hsm_store_save_version(keeper->store, keeper->unsaved[i], error);
	}
	return rc;
}

static int add_alert(struct hsm_keeper *keeper, enum hsm_alert_kind kind, const char *name, const char *language,
		     const char *text, struct hsm_error *error)
{
	struct hsm_alert alert = { .kind = kind, .text = text,
				   .subject = hsm_arena_format(&keeper->scratch, "%s %s", name, language) };
	keeper->counts.alerts[kind]++;
	return hsm_store_add_alert(keeper->store, &alert, hsm_clock_now(), error);
}

static const char *describe_status(struct hsm_arena *arena, const struct hsm_registry_version *version,
				   enum hsm_alert_kind kind, const char *value)
{
	if (kind == HSM_ALERT_RECATEGORISED)
		return hsm_arena_format(arena, "its category is %s now, or will be; git accepts %s",
					value ? value : version->category, version->accepted ? version->accepted : "any");
	if (kind == HSM_ALERT_QUALITY)
		return "its quality is RED: it will be paused unless fewer people block or report it";
	return hsm_arena_format(arena, "%s%s%s", version->status, version->reason ? ": " : "",
				version->reason ? version->reason : "");
}

/* What was told is kept, and people are told of what matters. */
static int keep_told(struct hsm_keeper *keeper, struct hsm_registry_version *version, const struct hsm_told *told,
		     const char *value, struct hsm_error *error)
{
	keeper->doubt |= told->doubtful;
	if (told->effect == HSM_EFFECT_APPLIED)
		mark_changed(keeper, version->base);
	mark_unsaved(keeper, version);
	int rc = 0;
	if (told->alert)
		rc = add_alert(keeper, told->alert, version->name, version->language,
			       describe_status(&keeper->scratch, version, told->alert, value), error);
	hsm_arena_clear(&keeper->scratch);
	return rc;
}

static int take_event(struct hsm_keeper *keeper, const struct hsm_event *event, const char *source, int64_t received,
		      struct hsm_error *error)
{
	bool fresh;
	int rc = hsm_store_add_event(keeper->store, event, source, received, &fresh, error);
	if (rc)
		return rc;
	keeper->counts.last_event = received;
	if (!fresh) {
		keeper->counts.duplicates++;
		return 0;
	}
	keeper->counts.events[event->kind]++;
	struct hsm_registry_version *version =
		event->name && event->language ? hsm_registry_find_name(&keeper->registry, event->name, event->language) :
						 NULL;
	struct hsm_told told = hsm_decide_event(version, event, received);
	keeper->counts.stale += told.effect == HSM_EFFECT_STALE;
	if (!version) {
		/* It may be one that was made a moment ago: a listing tells. */
		keeper->counts.strangers += event->kind != HSM_EVENT_UNKNOWN;
		keeper->doubt |= event->kind == HSM_EVENT_STATUS;
		return 0;
	}
	return keep_told(keeper, version, &told, event->value, error);
}

int hsm_keeper_take_events(struct hsm_keeper *keeper, const struct hsm_events *events, const char *source,
			   int64_t received, struct hsm_error *error)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < events->count; i++)
		rc = take_event(keeper, &events->items[i], source, received, error);
	return rc;
}

/* An event that came later than now came while this machine's clock was ahead: it
 * silences no listing until the clock is there again. */
static struct hsm_told take_seen(struct hsm_registry_version *version, const struct hsm_seen *seen, bool *missed)
{
	if (version->seen > hsm_clock_now())
		version->seen = 0;
	return hsm_decide_seen(version, seen, missed);
}

static int take_version(struct hsm_keeper *keeper, const struct hsm_world *world,
			const struct hsm_world_version *row, size_t *missed, struct hsm_error *error)
{
	/* What neither git nor the registry knows is nobody's here. */
	if (!hsm_registry_find_template(&keeper->registry, row->base))
		return 0;
	struct hsm_registry_version *version =
		hsm_registry_add_version(&keeper->registry, row->base, row->name, row->language);
	struct hsm_seen seen = { row->status, row->category, row->reason, row->modified, world->began };
	bool silent = false, changed = version->number != row->number;
	const struct hsm_registry_version before = *version;
	if (!version->status && !world->has_git)
		keeper->counts.unplanned = true;
	struct hsm_told told = take_seen(version, &seen, &silent);
	*missed += silent;
	version->number = row->number;
	version->created = row->created;
	changed |= hsm_registry_set(&version->id, row->id);
	changed |= hsm_registry_set(&version->content, row->content);
	/* Names that some commit told once are not forgotten where history is not read. */
	if (row->accepted)
		changed |= hsm_registry_set(&version->accepted, row->accepted);
	if (row->signature)
		changed |= hsm_registry_set(&version->signature, row->signature);
	if (row->parameters && (row->signature || !version->parameters))
		changed |= hsm_registry_set(&version->parameters, row->parameters);
	/* What git says of it holds, whatever was told meanwhile. */
	if (changed)
		told.effect = HSM_EFFECT_APPLIED;
	/* Clocks decide about later events: they are kept where nothing else changed, too. */
	bool moved = before.changed != version->changed || before.categorised != version->categorised ||
		     before.created != version->created;
	return told.effect == HSM_EFFECT_APPLIED || moved ? keep_told(keeper, version, &told, NULL, error) : 0;
}

static int take_translation(struct hsm_keeper *keeper, const struct hsm_world_translation *row,
			    struct hsm_error *error)
{
	struct hsm_registry_translation *translation =
		hsm_registry_add_translation(&keeper->registry, row->base, row->language);
	bool changed = !translation->managed;
	translation->managed = 1;
	changed |= hsm_registry_set(&translation->category, row->category);
	changed |= hsm_registry_set(&translation->target, row->target);
	changed |= hsm_registry_set(&translation->held, row->held);
	changed |= hsm_registry_set(&translation->suggested, row->suggested);
	changed |= hsm_registry_set(&translation->fallback, row->fallback);
	changed |= hsm_registry_set(&translation->routes, row->routes);
	changed |= hsm_registry_set(&translation->inputs, row->inputs);
	if (!changed)
		return 0;
	mark_changed(keeper, row->base);
	return hsm_store_save_translation(keeper->store, translation, error);
}

static int compare_names(const void *a, const void *b)
{
	const struct hsm_world_version *left = a, *right = b;
	int order = strcmp(left->name, right->name);
	return order ? order : strcmp(left->language, right->language);
}

static int compare_translations(const void *a, const void *b)
{
	const struct hsm_world_translation *left = a, *right = b;
	int order = strcmp(left->base, right->base);
	return order ? order : strcmp(left->language, right->language);
}

/* Of nothing, bsearch wants an array all the same. */
static bool has(const void *key, const void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	return count && bsearch(key, items, count, size, compare);
}

/* What the registry has and the listing has not. */
static int take_gone(struct hsm_keeper *keeper, const struct hsm_world *world, struct hsm_error *error)
{
	struct hsm_seen seen = { .began = world->began };
	bool silent;
	int rc = 0;
	for (size_t i = 0; i < keeper->registry.count; i++) {
		struct hsm_registry_template *template = keeper->registry.templates[i];
		for (size_t j = 0; !rc && j < template->version_count; j++) {
			struct hsm_registry_version *version = template->versions[j];
			struct hsm_world_version key = { .name = version->name, .language = version->language };
			if (has(&key, world->versions, world->version_count, sizeof(key), compare_names))
				continue;
			struct hsm_told told = take_seen(version, &seen, &silent);
			if (told.effect == HSM_EFFECT_APPLIED)
				rc = keep_told(keeper, version, &told, NULL, error);
		}
	}
	return rc;
}

/* What git had and has no more keeps what is in use, while it may be used. */
static int take_unmanaged(struct hsm_keeper *keeper, const struct hsm_world *world, struct hsm_error *error)
{
	int rc = 0;
	for (size_t i = 0; i < keeper->registry.count; i++) {
		struct hsm_registry_template *template = keeper->registry.templates[i];
		for (size_t j = 0; !rc && j < template->translation_count; j++) {
			struct hsm_registry_translation *translation = template->translations[j];
			struct hsm_world_translation key = { .base = translation->base, .language = translation->language };
			if (!translation->managed ||
			    has(&key, world->translations, world->translation_count, sizeof(key), compare_translations))
				continue;
			translation->managed = 0;
			hsm_registry_set(&translation->target, NULL);
			mark_changed(keeper, translation->base);
			rc = hsm_store_save_translation(keeper->store, translation, error);
		}
	}
	return rc;
}

int hsm_keeper_take_world(struct hsm_keeper *keeper, const struct hsm_world *world, struct hsm_error *error)
{
	size_t missed = 0;
	int rc = 0;
	if (world->version_count)
		qsort(world->versions, world->version_count, sizeof(*world->versions), compare_names);
	if (world->translation_count)
		qsort(world->translations, world->translation_count, sizeof(*world->translations),
		      compare_translations);
	for (size_t i = 0; !rc && i < world->translation_count; i++)
		rc = take_translation(keeper, &world->translations[i], error);
	for (size_t i = 0; !rc && i < world->version_count; i++)
		rc = take_version(keeper, world, &world->versions[i], &missed, error);
	if (!rc)
		rc = take_gone(keeper, world, error);
	if (!rc && world->has_git)
		rc = take_unmanaged(keeper, world, error);
	struct hsm_alert alert = { HSM_ALERT_WEBHOOK_SILENT, "webhook",
				   "a status changed and no webhook told: check that the webhook is registered, that its URL "
				   "reaches this controller and that its secret is the same on both sides" };
	if (!rc && missed) {
		keeper->counts.alerts[alert.kind]++;
		rc = hsm_store_add_alert(keeper->store, &alert, hsm_clock_now(), error);
	}
	return rc;
}

static const char *in_use(const struct hsm_registry_translation *translation)
{
	return translation->substitute ? translation->substitute_name : translation->active;
}

/* What people are told where another thing is in use now. */
static enum hsm_alert_kind find_alert(const struct hsm_registry_translation *translation, const struct hsm_use *use)
{
	bool had_trouble = translation->substitute || (translation->preferred && !translation->active);
	if (use->substitute)
		return HSM_ALERT_FALLBACK;
	if (!use->active)
		return translation->preferred ? HSM_ALERT_UNAVAILABLE : HSM_ALERT_NONE;
	return had_trouble ? HSM_ALERT_RECOVERED : HSM_ALERT_NONE;
}

static const char *describe_use(struct hsm_arena *arena, const struct hsm_use *use)
{
	if (use->substitute)
		return hsm_arena_format(arena, "%s: %s is used instead", use->cause, use->substitute_name);
	if (!use->active)
		return hsm_arena_format(arena, "%s, and nothing may be used instead: correct it, or give its file a fallback",
					use->cause);
	return hsm_arena_format(arena, "%s is in use", use->active);
}

/* Keeps what was decided of a translation, where it is something new. */
static int keep_use(struct hsm_keeper *keeper, struct hsm_arena *arena, struct hsm_registry_translation *translation,
		    const struct hsm_use *use, struct hsm_error *error)
{
	const char *before = hsm_arena_copy_string(arena, in_use(translation));
	const char *after = use->substitute ? use->substitute_name : use->active;
	enum hsm_alert_kind alert = find_alert(translation, use);
	bool moved = !hsm_registry_equals(before, after) ||
		     !hsm_registry_equals(translation->substitute, use->substitute);
	if (!hsm_decide_take(translation, use) && !moved)
		return 0;
	if (moved)
		translation->since = hsm_clock_now();
	int rc = hsm_store_save_translation(keeper->store, translation, error);
	if (rc || !moved)
		return rc;
	const char *text = describe_use(arena, use);
	keeper->counts.changes++;
	rc = hsm_store_add_change(keeper->store, translation, before, text, translation->since, error);
	if (!rc && alert)
		rc = add_alert(keeper, alert, translation->base, translation->language, text, error);
	return rc;
}

static int decide_template(struct hsm_keeper *keeper, struct hsm_registry_template *template, struct hsm_error *error)
{
	struct hsm_arena *arena = &keeper->scratch;
	int rc = 0;
	hsm_registry_touch(&keeper->registry, template);
	for (size_t i = 0; !rc && i < template->translation_count; i++) {
		struct hsm_use use;
		hsm_decide_use(arena, &keeper->registry, template, template->translations[i], &use);
		/* Borrowed texts may be its own. */
		use.preferred = hsm_arena_copy_string(arena, use.preferred);
		use.active = hsm_arena_copy_string(arena, use.active);
		use.substitute_name = hsm_arena_copy_string(arena, use.substitute_name);
		rc = keep_use(keeper, arena, template->translations[i], &use, error);
		hsm_arena_clear(arena);
	}
	return rc;
}

/* Whether it is, or may come to be, on a fallback. */
static bool is_in_need(const struct hsm_registry_template *template)
{
	for (size_t i = 0; i < template->translation_count; i++)
		if (template->translations[i]->cause)
			return true;
	return false;
}

int hsm_keeper_settle(struct hsm_keeper *keeper, struct hsm_error *error)
{
	int rc = save_versions(keeper, error);
	for (size_t i = 0; !rc && i < keeper->changed_count; i++) {
		keeper->changed[i]->undecided = false;
		rc = decide_template(keeper, keeper->changed[i], error);
	}
	for (size_t i = 0; !rc && keeper->changed_count && i < keeper->registry.leaning_count; i++)
		if (is_in_need(keeper->registry.leaning[i]))
			rc = decide_template(keeper, keeper->registry.leaning[i], error);
	return rc;
}
