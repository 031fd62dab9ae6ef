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

/* Rule 3. What is not the same to a sender may not take its place, nor may what is held. */
static const struct hsm_registry_version *find_equal(const struct hsm_registry_template *template,
						     const struct hsm_registry_translation *translation,
						     const struct hsm_registry_version *withdrawn)
{
	const struct hsm_registry_version *best = NULL;
	for (size_t i = 0; withdrawn && withdrawn->signature && i < template->version_count; i++) {
		const struct hsm_registry_version *version = template->versions[i];
		bool held = translation->held && hsm_registry_equals(version->name, translation->target);
		if (version != withdrawn && !held && strcmp(version->language, withdrawn->language) == 0 &&
		    hsm_registry_version_is_usable(version) &&
		    hsm_registry_equals(version->signature, withdrawn->signature) &&
		    (!best || version->number > best->number))
			best = version;
	}
	return best;
}

/* Its own version: rules 1 to 3. */
static const char *find_own(const struct hsm_registry_template *template,
			    const struct hsm_registry_translation *translation, const char *preferred)
{
	const struct hsm_registry_version *version = find(template, preferred, translation->language);
	if (hsm_registry_version_is_usable(version))
		return preferred;
	const struct hsm_registry_version *equal = find_equal(template, translation, version);
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
			translation ? find_own(other, translation, find_preferred(other, translation)) : NULL;
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
		return "no version of it could be used yet";
	if (!version || !version->status || strcmp(version->status, "GONE") == 0)
		return hsm_arena_format(arena, "%s is not live any more", name);
	if (!hsm_registry_equals(version->status, "APPROVED"))
		return hsm_arena_format(arena, "%s is %s%s%s", name, version->status, version->reason ? ": " : "",
					version->reason ? version->reason : "");
	return hsm_arena_format(arena, "%s is %s now, not %s", name, version->category ? version->category : "of no category",
				version->accepted);
}

void hsm_decide_use(struct hsm_arena *arena, const struct hsm_registry *registry,
		    const struct hsm_registry_template *template,
		    const struct hsm_registry_translation *translation, struct hsm_use *use)
{
	*use = (struct hsm_use){ .preferred = find_preferred(template, translation) };
	use->active = find_own(template, translation, use->preferred);
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

bool hsm_decide_take(struct hsm_registry_translation *translation, const struct hsm_use *use)
{
	if (translation->active && !hsm_registry_equals(translation->active, use->active))
		hsm_registry_set(&translation->previous, translation->active);
	else if (use->active && hsm_registry_equals(translation->previous, use->active))
		hsm_registry_set(&translation->previous, NULL);
	bool changed = hsm_registry_set(&translation->preferred, use->preferred);
	changed |= hsm_registry_set(&translation->active, use->active);
	changed |= hsm_registry_set(&translation->substitute, use->substitute);
	changed |= hsm_registry_set(&translation->substitute_name, use->substitute_name);
	changed |= hsm_registry_set(&translation->substitute_text, use->substitute_text);
	changed |= hsm_registry_set(&translation->cause, use->cause);
	return changed;
}

/* Meta's events that are no status of their own; and GONE is a listing's to say. */
static const char *find_status(const char *event)
{
	static const char *const notes[] = { "FLAGGED", "LOCKED", "LIMIT_EXCEEDED", "GONE" };
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

static bool change_status(struct hsm_registry_version *version, const char *status, const char *reason,
			  struct hsm_told *told)
{
	bool status_changed = hsm_registry_set(&version->status, status);
	if (status_changed)
		told->alert = find_alert(status);
	return hsm_registry_set(&version->reason, reason) || status_changed;
}

/* The more urgent alert stays. */
static bool change_category(struct hsm_registry_version *version, const char *category, struct hsm_told *told)
{
	if (!hsm_registry_set(&version->category, category))
		return false;
	if (version->accepted && strcmp(category, version->accepted) != 0 && !told->alert)
		told->alert = HSM_ALERT_RECATEGORISED;
	return true;
}

static void note_effect(struct hsm_told *told, bool changed)
{
	if (told->effect != HSM_EFFECT_APPLIED)
		told->effect = changed ? HSM_EFFECT_APPLIED : HSM_EFFECT_NONE;
}

/* Each says whether it took something from the event. */
static bool apply_status(struct hsm_registry_version *version, const struct hsm_event *event, int64_t time,
			 struct hsm_told *told)
{
	const char *status = find_status(event->value);
	bool newer = time >= version->changed, tells_category = event->category && time >= version->categorised;
	/* What was deleted comes back by a listing, not by an event that was late. */
	if (!status || hsm_registry_equals(version->status, "GONE")) {
		told->doubtful = true;
		return false;
	}
	if (newer) {
		told->doubtful = time == version->changed && !hsm_registry_equals(version->status, status);
		const char *reason = strcmp(status, "APPROVED") == 0 ? NULL : event->reason;
		note_effect(told, change_status(version, status, reason, told));
		version->changed = time;
	}
	if (tells_category) {
		note_effect(told, change_category(version, event->category, told));
		version->categorised = time;
	}
	if (!newer && !tells_category)
		told->effect = HSM_EFFECT_STALE;
	return newer || tells_category;
}

static bool apply_category(struct hsm_registry_version *version, const struct hsm_event *event, int64_t time,
			   struct hsm_told *told)
{
	if (time < version->categorised) {
		told->effect = HSM_EFFECT_STALE;
		return false;
	}
	note_effect(told, change_category(version, event->value, told));
	told->doubtful = true; /* not every sender tells of categories: a listing is to agree */
	version->categorised = time;
	return true;
}

static void apply_quality(struct hsm_registry_version *version, const struct hsm_event *event, int64_t time,
			  struct hsm_told *told)
{
	if (time < version->assessed) {
		told->effect = HSM_EFFECT_STALE;
		return;
	}
	if (hsm_registry_set(&version->quality, event->value)) {
		told->effect = HSM_EFFECT_APPLIED;
		told->alert = strcmp(event->value, "RED") == 0 ? HSM_ALERT_QUALITY : HSM_ALERT_NONE;
	}
	version->assessed = time;
}

struct hsm_told hsm_decide_event(struct hsm_registry_version *version, const struct hsm_event *event,
				 int64_t received)
{
	struct hsm_told told = { .effect = version ? HSM_EFFECT_NONE : HSM_EFFECT_UNKNOWN };
	int64_t time = event->time && event->time < received + AHEAD_MAX ? event->time : received;
	if (event->time >= received + AHEAD_MAX)
		time = received + AHEAD_MAX;
	bool taken = false;
	if (!version)
		return told;
	switch (event->kind) {
	case HSM_EVENT_STATUS:
		taken = apply_status(version, event, time, &told);
		break;
	case HSM_EVENT_CATEGORY:
		taken = apply_category(version, event, time, &told);
		break;
	case HSM_EVENT_CATEGORY_NOTICE:
		if (!hsm_registry_equals(event->value, version->accepted))
			told.alert = HSM_ALERT_RECATEGORISED;
		break;
	case HSM_EVENT_QUALITY:
		apply_quality(version, event, time, &told);
		break;
	case HSM_EVENT_COMPONENTS:
		told.doubtful = true;
		break;
	case HSM_EVENT_UNKNOWN:
	case HSM_EVENT_KIND_MAX_:
		told.effect = HSM_EFFECT_UNKNOWN;
		break;
	}
	/* What a listing tells too: one that began before says less of it. */
	if (taken)
		version->seen = received;
	return told;
}

/* A listing without a reason takes none away: webhooks tell more of a pause. */
static const char *find_reason(const struct hsm_registry_version *version, const char *status, const char *reason)
{
	if (strcmp(status, "APPROVED") == 0)
		return NULL;
	return reason || !hsm_registry_equals(version->status, status) ? reason : version->reason;
}

struct hsm_told hsm_decide_seen(struct hsm_registry_version *version, const struct hsm_seen *seen, bool *missed)
{
	struct hsm_told told = { .effect = HSM_EFFECT_NONE };
	const char *status = seen->status ? seen->status : "GONE";
	int64_t modified = seen->modified < seen->began + AHEAD_MAX ? seen->modified : seen->began + AHEAD_MAX;
	bool first = !version->status, other = !hsm_registry_equals(version->status, status);
	/* Webhooks tell statuses, but not what is deleted, or is there for the first time. */
	bool told_by_webhook = other && seen->status && !first && strcmp(version->status, "GONE") != 0;
	if (version->seen > seen->began) {
		told.effect = HSM_EFFECT_STALE;
		return told;
	}
	note_effect(&told, change_status(version, status, find_reason(version, status, seen->reason), &told));
	if (seen->category)
		note_effect(&told, change_category(version, seen->category, &told));
	if (told_by_webhook && modified && modified < seen->began - TELLING)
		*missed = true;
	/* What was so when we first looked is no news. */
	if (first)
		told.alert = HSM_ALERT_NONE;
	if (modified > version->changed)
		version->changed = modified;
	if (modified > version->categorised)
		version->categorised = modified;
	return told;
}

double hsm_decide_interval(double duration, bool waiting, bool doubtful)
{
	/* What changes just after its page was read is seen at the end of the next listing: five minutes in all. */
	double interval = 290 - duration, least = 1.25 * duration;
	if (interval > 240)
		interval = 240;
	if (waiting && interval > 30 + 4 * duration)
		interval = 30 + 4 * duration;
	if (doubtful && interval > 5 + 2 * duration)
		interval = 5 + 2 * duration;
	/* Requests are others', too: an apply's, a flow's. Between them and the five minutes the latter win. */
	if (least + duration > 300 && duration <= 150)
		least = 300 - duration;
	return interval < least ? least : interval;
}

bool hsm_decide_is_unused(int64_t now, int64_t created, int64_t used)
{
	int64_t last = used > created ? used : created;
	return last > 0 && now - last >= UNUSED_AFTER;
}
