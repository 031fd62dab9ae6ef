/*
 * What the live versions of a template come to: target, held, active.
 */
#include <string.h>

#include "reconciler/plan/versions.h"

struct judge {
	struct hsm_arena *arena;
	const struct hsm_versions *versions;
	const struct hsm_history *history;
	const struct hsm_desired_template *template;
	const char *environment;
};

const struct hsm_history_entry *hsm_versions_find_entry(const struct hsm_history *history, const char *base,
							const char *language, const struct hsm_content *content)
{
	size_t count;
	const struct hsm_history_entry *entries = hsm_history_find(history, base, language, &count);
	for (size_t i = 0; i < count; i++)
		if (hsm_content_equals(&entries[i].compiled.content, content))
			return &entries[i];
	return NULL;
}

/* What no commit tells the content may: Meta's NAMED templates do. */
static void take_own_names(struct hsm_arena *arena, struct hsm_message *message)
{
	size_t count, known = 0;
	const char *const *names = hsm_content_find_names(arena, &message->components, &count);
	while (names && known < count && names[known])
		known++;
	if (!names || known < count)
		return;
	message->names = names;
	message->name_count = count;
}

static struct hsm_message read_message(struct hsm_arena *arena, const char *json, const struct hsm_compiled *names)
{
	struct hsm_message message = { 0 };
	struct hsm_error error;
	/* Contents were made by hsm_content_make: they can be read. */
	if (hsm_content_read(arena, json, &message.components, &error) != 0)
		return (struct hsm_message){ 0 };
	if (names) {
		message.names = names->names;
		message.name_count = names->name_count;
		message.payloads = names->payloads;
		message.payload_count = names->payload_count;
	} else {
		take_own_names(arena, &message);
	}
	return message;
}

struct hsm_message hsm_versions_read_desired(struct hsm_arena *arena,
					     const struct hsm_desired_translation *translation)
{
	return read_message(arena, translation->compiled.content.json, &translation->compiled);
}

const struct hsm_compiled *hsm_versions_find_names(const struct hsm_history *history,
						   const struct hsm_desired_template *template,
						   const struct hsm_version *version)
{
	const struct hsm_live_template *live = version->live;
	const struct hsm_desired_translation *translation =
		template ? hsm_desired_find_translation(template, live->language) : NULL;
	if (translation && hsm_content_equals(&translation->compiled.content, &live->content))
		return &translation->compiled;
	const struct hsm_history_entry *entry =
		hsm_versions_find_entry(history, version->base, live->language, &live->content);
	return entry ? &entry->compiled : NULL;
}

struct hsm_message hsm_versions_read_message(struct hsm_arena *arena, const struct hsm_history *history,
					     const struct hsm_desired_template *template,
					     const struct hsm_version *version)
{
	return read_message(arena, version->live->content.json, hsm_versions_find_names(history, template, version));
}

bool hsm_versions_accepts(const struct hsm_desired_template *template, const char *environment, int64_t number)
{
	const struct hsm_lifecycle *lifecycle = &template->file->lifecycle;
	const struct hsm_integer *accepted = hsm_integer_by_key_find(&lifecycle->accept_breaking, environment);
	return lifecycle->on_breaking.value == HSM_ON_BREAKING_PUBLISH || (accepted && accepted->value >= number);
}

/* Meta pauses and disables what was approved before. */
static bool was_approved(enum hsm_status status)
{
	return status == HSM_STATUS_APPROVED || status == HSM_STATUS_PAUSED || status == HSM_STATUS_DISABLED;
}

static bool equals_git(const struct hsm_version *version, const struct hsm_desired_translation *translation)
{
	return hsm_content_equals(&version->live->content, &translation->compiled.content);
}

/* Whether a version has a category that no line in git accepts. */
static bool has_foreign_category(const struct judge *judge, const struct hsm_desired_translation *translation,
				 const struct hsm_version *version)
{
	const struct hsm_live_template *live = version->live;
	size_t count;
	bool known = false;
	if (equals_git(version, translation))
		return strcmp(live->category, judge->template->category) != 0;
	const struct hsm_history_entry *entries =
		hsm_history_find(judge->history, version->base, live->language, &count);
	for (size_t i = 0; i < count; i++) {
		if (!hsm_content_equals(&entries[i].compiled.content, &live->content))
			continue;
		if (strcmp(entries[i].category, live->category) == 0)
			return false;
		known = true;
	}
	return known;
}

static struct hsm_reasons find_breaks(const struct judge *judge, const struct hsm_version *old_version,
				      const struct hsm_message *new_message)
{
	struct hsm_reasons reasons = { 0 };
	struct hsm_message old_message =
		hsm_versions_read_message(judge->arena, judge->history, judge->template, old_version);
	hsm_signature_compare(judge->arena, &old_message, new_message, &reasons);
	return reasons;
}

/* For each version of a translation, whether it may not be active. */
static bool *find_held(const struct judge *judge, const struct hsm_translation_state *state)
{
	const struct hsm_version_list *list = state->versions;
	bool *held = hsm_arena_allocate_array(judge->arena, list->count, sizeof(*held));
	const struct hsm_version *basis = NULL;
	for (size_t i = 0; i < list->count; i++) {
		const struct hsm_version *version = &list->items[i];
		held[i] = has_foreign_category(judge, state->translation, version);
		if (basis && !held[i] && !hsm_versions_accepts(judge->template, judge->environment, version->number)) {
			struct hsm_message message =
				hsm_versions_read_message(judge->arena, judge->history, judge->template, version);
			held[i] = find_breaks(judge, basis, &message).count > 0;
		}
		if (!held[i] && was_approved(version->live->status))
			basis = version;
	}
	return held;
}

static const struct hsm_version *find_target(const struct hsm_translation_state *state)
{
	const struct hsm_version_list *list = state->versions;
	const struct hsm_version *target = NULL;
	int64_t pinned = state->translation->version;
	for (size_t i = 0; list && i < list->count; i++) {
		const struct hsm_version *version = &list->items[i];
		if (!equals_git(version, state->translation) || (pinned && version->number != pinned))
			continue;
		if (!target || !hsm_status_is_burnt(version->live->status) || hsm_status_is_burnt(target->live->status))
			target = version;
	}
	return target;
}

static bool is_usable(const struct hsm_version_list *list, const bool *held, size_t i)
{
	return list->items[i].live->status == HSM_STATUS_APPROVED && !held[i];
}

static const char *explain_hold(const struct judge *judge, const struct hsm_translation_state *state)
{
	const struct hsm_live_template *live = state->target->live;
	if (strcmp(live->category, judge->template->category) != 0)
		return hsm_arena_format(judge->arena, "its category is %s and the file's is %s", live->category,
					judge->template->category);
	return hsm_arena_format(judge->arena, "it breaks %s (%s)", state->basis->live->name, state->breaking.items[0]);
}

/* Target, basis, breaks and held of one translation; the versions' holds are returned. */
static const bool *judge_target(const struct judge *judge, struct hsm_translation_state *state)
{
	const struct hsm_version_list *list = state->versions;
	if (!list)
		return NULL;
	state->target = find_target(state);
	const bool *held = find_held(judge, state);
	int64_t pinned = state->translation->version;
	int64_t number = state->target ? state->target->number : pinned ? pinned : INT64_MAX;
	for (size_t i = 0; i < list->count && list->items[i].number < number; i++)
		if (!held[i] && was_approved(list->items[i].live->status))
			state->basis = &list->items[i];
	if (state->basis) {
		struct hsm_message message = hsm_versions_read_desired(judge->arena, state->translation);
		state->breaking = find_breaks(judge, state->basis, &message);
	}
	if (state->target && held[state->target - list->items]) {
		state->held = true;
		state->held_reason = explain_hold(judge, state);
	}
	return held;
}

/* The number under which a translation changes, or changed. */
static int64_t group_number(const struct judge *judge, const struct hsm_translation_state *state)
{
	if (state->target)
		return state->target->number;
	if (state->translation->version)
		return state->translation->version;
	int64_t highest = hsm_versions_highest(judge->versions, judge->template->name);
	const struct hsm_version_list *list = state->versions;
	return list && list->items[list->count - 1].number == highest ? highest + 1 : highest;
}

static bool can_use_target(const struct hsm_translation_state *state)
{
	return state->target && state->target->live->status == HSM_STATUS_APPROVED && !state->held;
}

/* A breaking change moves all its languages together. */
static bool may_move(const struct judge *judge, const struct hsm_translation_state *states,
		     const struct hsm_translation_state *state)
{
	if (!can_use_target(state))
		return false;
	for (size_t i = 0; state->breaking.count && i < judge->template->count; i++)
		if (states[i].breaking.count && group_number(judge, &states[i]) == state->target->number &&
		    !can_use_target(&states[i]))
			return false;
	return true;
}

static void judge_active(const struct judge *judge, struct hsm_translation_state *states,
			 struct hsm_translation_state *state, const bool *held)
{
	const struct hsm_version_list *list = state->versions;
	bool moves = may_move(judge, states, state);
	if (moves)
		state->active = state->target;
	for (size_t i = 0; !moves && list && i < list->count; i++)
		/* A target that waits for its other languages is not the choice. */
		if (is_usable(list, held, i) && !(&list->items[i] == state->target && state->breaking.count))
			state->active = &list->items[i];
	for (size_t i = 0; state->active && i < list->count; i++) {
		const struct hsm_version *version = &list->items[i];
		/* A usable version above the active one was active before git went back. */
		if (version != state->active && is_usable(list, held, i))
			state->previous = version;
	}
}

struct hsm_translation_state *hsm_versions_judge(struct hsm_arena *arena, const struct hsm_versions *versions,
						 const struct hsm_history *history,
						 const struct hsm_desired_template *template,
						 const char *environment)
{
	struct judge judge = { arena, versions, history, template, environment };
	struct hsm_translation_state *states = hsm_arena_allocate_array(arena, template->count, sizeof(*states));
	const bool **held = hsm_arena_allocate_array(arena, template->count, sizeof(*held));
	for (size_t i = 0; i < template->count; i++) {
		states[i].template = template;
		states[i].translation = &template->translations[i];
		states[i].versions = hsm_versions_find(versions, template->name, template->translations[i].language);
		held[i] = judge_target(&judge, &states[i]);
	}
	for (size_t i = 0; i < template->count; i++)
		judge_active(&judge, states, &states[i], held[i]);
	return states;
}
