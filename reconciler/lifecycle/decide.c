#include "reconciler/lifecycle/decide.h"

#include <string.h>

#include "schema/base/text.h"
#include "schema/json.h"

#define MINUTE ((int64_t)60 * 1000)
#define DAY (24 * 60 * MINUTE)
#define AHEAD_MAX (5 * MINUTE)    /* a sender's clock */
#define TELLING (2 * MINUTE)      /* a webhook is on its way no longer */
#define UNUSED_AFTER (335 * DAY)  /* 11 months: Meta archives after 12 */

static const struct hsm_registry_version *find(const struct hsm_registry_template *template, const char *name,
					       const char *language)
{
	return name ? hsm_registry_find_version(template, name, language) : NULL;
}

static bool may_take_target(const struct hsm_registry_template *template,
			    const struct hsm_registry_translation *translation)
{
	return !translation->held &&
	       hsm_registry_version_is_usable(find(template, translation->target, translation->language));
}

/* Every language of the target's number. */
static bool is_complete(const struct hsm_registry_template *template, int64_t number)
{
	for (size_t i = 0; i < template->translation_count; i++) {
		const struct hsm_registry_translation *other = template->translations[i];
		const struct hsm_registry_version *version = find(template, other->target, other->language);
		if (other->managed && version && version->number == number && !may_take_target(template, other))
			return false;
	}
	return true;
}

static const char *find_preferred(const struct hsm_registry_template *template,
				  const struct hsm_registry_translation *translation)
{
	const struct hsm_registry_version *target = find(template, translation->target, translation->language);
	const struct hsm_registry_version *now = find(template, translation->preferred, translation->language);
	bool first = !now || hsm_registry_equals(now->status, "GONE");
	if (target && may_take_target(template, translation) && (first || is_complete(template, target->number)))
		return translation->target;
	if (first && hsm_registry_version_is_usable(find(template, translation->suggested, translation->language)))
		return translation->suggested;
	return translation->preferred;
}

/* Rule 3. What is not the same to a sender may not take its place. */
static const struct hsm_registry_version *find_equal(const struct hsm_registry_template *template,
						     const struct hsm_registry_version *withdrawn)
{
	const struct hsm_registry_version *best = NULL;
	for (size_t i = 0; withdrawn && withdrawn->signature && i < template->version_count; i++) {
		const struct hsm_registry_version *version = template->versions[i];
		if (version != withdrawn && strcmp(version->language, withdrawn->language) == 0 &&
		    hsm_registry_version_is_usable(version) &&
		    hsm_registry_equals(version->signature, withdrawn->signature) &&
		    (!best || version->number > best->number))
			best = version;
	}
	return best;
}

/* Its own version: rules 1 to 3. */
static const char *find_own(const struct hsm_registry_template *template, const char *language,
			    const char *preferred)
{
	const struct hsm_registry_version *version = find(template, preferred, language);
	if (hsm_registry_version_is_usable(version))
		return preferred;
	const struct hsm_registry_version *equal = find_equal(template, version);
	return equal ? equal->name : NULL;
}

static const char *find_text(const cJSON *text, const char *language)
{
	const cJSON *own = cJSON_GetObjectItemCaseSensitive(text, language);
	return cJSON_GetStringValue(cJSON_IsObject(text) ? own : text);
}

/* One of the file's fallbacks; false where it can't be used now. */
static bool take_step(struct hsm_arena *arena, const struct hsm_registry *registry, const char *language,
		      const cJSON *step, struct hsm_use *use)
{
	const char *base = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(step, "template"));
	const char *channel = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(step, "channel"));
	const char *text = find_text(cJSON_GetObjectItemCaseSensitive(step, "text"), language);
	if (base) {
		const struct hsm_registry_template *other = hsm_registry_find_template(registry, base);
		const struct hsm_registry_translation *translation =
			other ? hsm_registry_find_translation(other, language) : NULL;
		use->substitute = "template";
		use->substitute_name =
			translation ? find_own(other, language, find_preferred(other, translation)) : NULL;
		return use->substitute_name != NULL;
	}
	use->substitute = "channel";
	use->substitute_name = hsm_arena_copy_string(arena, channel);
	use->substitute_text = hsm_arena_copy_string(arena, text);
	return channel && text;
}

static void take_fallback(struct hsm_arena *arena, const struct hsm_registry *registry,
			  const struct hsm_registry_translation *translation, struct hsm_use *use)
{
	cJSON *steps = translation->fallback ? cJSON_Parse(translation->fallback) : NULL;
	const cJSON *step;
	bool taken = false;
	cJSON_ArrayForEach(step, steps) {
		taken = take_step(arena, registry, translation->language, step, use);
		if (taken)
			break;
		use->substitute = use->substitute_name = use->substitute_text = NULL;
	}
	cJSON_Delete(steps);
}

static const char *explain(struct hsm_arena *arena, const struct hsm_registry_version *version, const char *name)
{
	if (!name)
		return "no version of it was ever approved";
	if (!version || hsm_registry_equals(version->status, "GONE"))
		return hsm_arena_format(arena, "%s is not live any more", name);
	if (!hsm_registry_equals(version->status, "APPROVED"))
		return hsm_arena_format(arena, "%s is %s%s%s", name, version->status, version->reason ? ": " : "",
					version->reason ? version->reason : "");
	return hsm_arena_format(arena, "%s is %s now, not %s", name, version->category, version->accepted);
}

void hsm_decide_use(struct hsm_arena *arena, const struct hsm_registry *registry,
		    const struct hsm_registry_template *template,
		    const struct hsm_registry_translation *translation, struct hsm_use *use)
{
	*use = (struct hsm_use){ .preferred = find_preferred(template, translation) };
	use->active = find_own(template, translation->language, use->preferred);
	if (use->active && strcmp(use->active, use->preferred) == 0)
		return;
	use->cause = explain(arena, find(template, use->preferred, translation->language), use->preferred);
	if (use->active) {
		use->substitute = "version";
		use->substitute_name = use->active;
	} else {
		take_fallback(arena, registry, translation, use);
	}
}

/* Meta's events that are no status of their own. */
static const char *find_status(const char *event)
{
	static const char *const notes[] = { "FLAGGED", "LOCKED", "LIMIT_EXCEEDED" };
	if (strcmp(event, "REINSTATED") == 0 || strcmp(event, "UNARCHIVED") == 0)
		return "APPROVED";
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (strcmp(event, notes[i]) == 0)
			return NULL;
	return event;
}

static enum hsm_alert_kind find_alert(const char *status)
{
	static const struct {
		const char *status;
		enum hsm_alert_kind alert;
	} rows[] = { { "REJECTED", HSM_ALERT_REJECTED }, { "PAUSED", HSM_ALERT_PAUSED },
		     { "DISABLED", HSM_ALERT_DISABLED } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (hsm_registry_equals(status, rows[i].status))
			return rows[i].alert;
	return HSM_ALERT_NONE;
}

/* Status, reason and category at once; what they say of a version. */
static bool change(struct hsm_registry_version *version, const char *status, const char *reason,
		   const char *category, struct hsm_told *told)
{
	bool status_changed = hsm_registry_set(&version->status, status);
	if (status_changed)
		told->alert = find_alert(status);
	bool category_changed = category && hsm_registry_set(&version->category, category);
	if (category_changed && version->accepted && strcmp(category, version->accepted) != 0)
		told->alert = HSM_ALERT_RECATEGORISED;
	bool reason_changed = hsm_registry_set(&version->reason, reason);
	return status_changed || category_changed || reason_changed;
}

static void apply_status(struct hsm_registry_version *version, const struct hsm_event *event, int64_t time,
			 struct hsm_told *told)
{
	const char *status = find_status(event->value);
	if (time < version->changed) {
		told->effect = HSM_EFFECT_STALE;
		return;
	}
	if (!status) {
		told->doubtful = true;
		return;
	}
	bool tie = time == version->changed && !hsm_registry_equals(version->status, status);
	const char *reason = strcmp(status, "APPROVED") == 0 ? NULL : event->reason;
	told->effect = change(version, status, reason, event->category, told) ? HSM_EFFECT_APPLIED : HSM_EFFECT_NONE;
	told->doubtful = tie;
	version->changed = time;
}

struct hsm_told hsm_decide_event(struct hsm_registry_version *version, const struct hsm_event *event,
				 int64_t received)
{
	struct hsm_told told = { .effect = version ? HSM_EFFECT_NONE : HSM_EFFECT_UNKNOWN };
	int64_t time = event->time && event->time < received + AHEAD_MAX ? event->time : received;
	if (event->time >= received + AHEAD_MAX)
		time = received + AHEAD_MAX;
	if (!version)
		return told;
	switch (event->kind) {
	case HSM_EVENT_STATUS:
		apply_status(version, event, time, &told);
		break;
	case HSM_EVENT_CATEGORY:
		if (hsm_registry_set(&version->category, event->value)) {
			told.effect = HSM_EFFECT_APPLIED;
			if (version->accepted && strcmp(version->accepted, event->value) != 0)
				told.alert = HSM_ALERT_RECATEGORISED;
		}
		told.doubtful = true; /* category events have no order among themselves that can be relied on */
		break;
	case HSM_EVENT_CATEGORY_NOTICE:
		told.alert = HSM_ALERT_RECATEGORISED;
		break;
	case HSM_EVENT_QUALITY:
		if (hsm_registry_set(&version->quality, event->value)) {
			told.effect = HSM_EFFECT_APPLIED;
			told.alert = strcmp(event->value, "RED") == 0 ? HSM_ALERT_QUALITY : HSM_ALERT_NONE;
		}
		break;
	case HSM_EVENT_COMPONENTS:
		told.doubtful = true;
		break;
	case HSM_EVENT_UNKNOWN:
	case HSM_EVENT_KIND_MAX_:
		told.effect = HSM_EFFECT_UNKNOWN;
		return told;
	}
	version->seen = received;
	return told;
}

struct hsm_told hsm_decide_seen(struct hsm_registry_version *version, const struct hsm_seen *seen, bool *missed)
{
	struct hsm_told told = { .effect = HSM_EFFECT_NONE };
	const char *status = seen->status ? seen->status : "GONE";
	bool known = version->status != NULL;
	if (version->seen > seen->began) {
		told.effect = HSM_EFFECT_STALE;
		return told;
	}
	if (change(version, status, seen->reason, seen->category, &told)) {
		told.effect = HSM_EFFECT_APPLIED;
		/* What is deleted, or is seen for the first time, no webhook tells. */
		if (known && seen->status && seen->modified && seen->modified < seen->began - TELLING)
			*missed = true;
	}
	/* What was so when we first looked is no news. */
	if (!known)
		told.alert = HSM_ALERT_NONE;
	if (seen->modified > version->changed)
		version->changed = seen->modified;
	return told;
}

double hsm_decide_interval(double duration, bool waiting, bool doubtful)
{
	/* What changes just after its page was read is seen at the end of the next listing: five minutes in all. */
	double interval = 290 - duration;
	if (interval > 240)
		interval = 240;
	if (waiting && interval > 30 + 4 * duration)
		interval = 30 + 4 * duration;
	if (doubtful && interval > 5 + 2 * duration)
		interval = 5 + 2 * duration;
	/* Requests are others', too: an apply's, a flow's. */
	return interval < 1.25 * duration ? 1.25 * duration : interval;
}

bool hsm_decide_is_unused(int64_t now, int64_t created, int64_t used)
{
	int64_t last = used > created ? used : created;
	return last > 0 && now - last >= UNUSED_AFTER;
}
