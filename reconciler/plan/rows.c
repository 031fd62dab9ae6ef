/* From what the law says of each translation to the rows of a plan. */
#include <inttypes.h>
#include <string.h>

#include "reconciler/plan/planner.h"
#include "schema/base/memory.h"

void *hsm_rows_append(struct hsm_planner *planner, struct hsm_list *list, size_t item_size)
{
	/* Full at each power of two. */
	if ((list->count & (list->count - 1)) == 0) {
		void *items = hsm_arena_allocate_array(planner->arena, list->count ? list->count * 2 : 1, item_size);
		if (list->count)
			memcpy(items, list->items, list->count * item_size);
		list->items = items;
	}
	list->present = true;
	return (char *)list->items + list->count++ * item_size;
}

static void append_text(struct hsm_planner *planner, struct hsm_list *list, const char *text)
{
	((struct hsm_string *)hsm_rows_append(planner, list, sizeof(struct hsm_string)))->text = text;
}

struct hsm_plan_change *hsm_rows_add(struct hsm_planner *planner, enum hsm_action action, enum hsm_kind kind,
				     const char *template, const char *name)
{
	struct hsm_plan_change *change = hsm_arena_allocate(planner->arena, sizeof(*change));
	HSM_MEMORY_GROW(planner->changes, planner->change_count, planner->change_capacity);
	planner->changes[planner->change_count++] = change;
	change->node.present = true;
	change->action.value = (int)action;
	change->kind.value = (int)kind;
	change->template.text = template;
	change->name.text = name;
	return change;
}

void hsm_rows_add_language(struct hsm_planner *planner, struct hsm_plan_change *change, const char *language)
{
	append_text(planner, &change->languages, language);
}

void hsm_rows_wait(struct hsm_planner *planner, struct hsm_plan_change *change)
{
	change->waiting = (struct hsm_boolean){ .value = true, .present = true };
	change->reason.text = hsm_arena_format(planner->arena, "waits until every translation in git is APPROVED: %zu %s not",
					       planner->unsettled, planner->unsettled == 1 ? "is" : "are");
}

void hsm_rows_add_live(struct hsm_planner *planner, struct hsm_plan_change *change,
		       const struct hsm_version *version)
{
	const struct hsm_live_template *live = version->live;
	struct hsm_plan_live *seen = hsm_rows_append(planner, &change->live, sizeof(*seen));
	const struct hsm_desired_template *template =
		hsm_desired_find(planner->desired, version->base, strlen(version->base));
	const struct hsm_compiled *names = hsm_versions_find_names(planner->history, template, version);
	*seen = (struct hsm_plan_live){
		.node = { .key.text = live->language, .present = true },
		.id.text = live->id,
		.name.text = live->name,
		.fingerprint.text = hsm_content_fingerprint(planner->arena, &live->content),
		.status.text = live->status_word,
		.category.text = live->category,
		.since.text = live->modified ? live->modified : live->created,
		.content.text = live->content.json,
	};
	for (size_t i = 0; names && i < names->name_count; i++)
		append_text(planner, &seen->parameters, names->names[i]);
}

static bool submits(enum hsm_action action)
{
	return action == HSM_ACTION_CREATE || action == HSM_ACTION_REPLACE;
}

/* Whether git's content is not what the row shows live. */
static bool says_other(const struct hsm_decision *decision)
{
	return !decision->from || !hsm_content_equals(&decision->from->live->content, &decision->state->translation->compiled.content);
}

/* What stands live beside git's content, where showing the difference helps. */
static struct hsm_content_differences find_differences(struct hsm_planner *planner,
						       const struct hsm_decision *decision)
{
	struct hsm_content_differences differences = { 0 };
	const struct hsm_translation_state *state = decision->state;
	if (!decision->from || !says_other(decision))
		return differences;
	struct hsm_message old_message =
		hsm_versions_read_message(planner->arena, planner->history, state->template, decision->from);
	struct hsm_message new_message = hsm_versions_read_desired(planner->arena, state->translation);
	hsm_content_compare(planner->arena, &old_message, &new_message, &differences);
	return differences;
}

static bool is_sample_only(const struct hsm_content_differences *differences)
{
	for (size_t i = 0; i < differences->count; i++)
		if (!differences->items[i].sample)
			return false;
	return differences->count > 0;
}

static bool equals(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The row among those from `first` on that says the same of another language. */
static struct hsm_plan_change *find_row(const struct hsm_planner *planner, size_t first,
					const struct hsm_plan_change *wanted)
{
	for (size_t i = first; i < planner->change_count; i++) {
		struct hsm_plan_change *change = planner->changes[i];
		if (change->action.value == wanted->action.value && equals(change->name.text, wanted->name.text) &&
		    equals(change->from_name.text, wanted->from_name.text) &&
		    equals(change->reason.text, wanted->reason.text) &&
		    equals(change->origin.kind.text, wanted->origin.kind.text) &&
		    equals(change->origin.commit.text, wanted->origin.commit.text) &&
		    equals(change->origin.variables.text, wanted->origin.variables.text))
			return change;
	}
	return NULL;
}

static void add_differences(struct hsm_planner *planner, struct hsm_plan_change *change, const char *language,
			    const struct hsm_content_differences *differences)
{
	for (size_t i = 0; i < differences->count; i++) {
		const struct hsm_content_difference *from = &differences->items[i];
		struct hsm_plan_difference *difference =
			hsm_rows_append(planner, &change->diffs, sizeof(*difference));
		*difference = (struct hsm_plan_difference){
			.node.present = true,
			.language.text = language,
			.component.text = from->component,
			.path.text = from->path,
			.old_value.text = from->old_value,
			.new_value.text = from->new_value,
			.sample = { .value = from->sample, .present = from->sample },
		};
	}
}

static void add_submission(struct hsm_planner *planner, struct hsm_list *list, const struct hsm_decision *decision)
{
	const struct hsm_translation_state *state = decision->state;
	const struct hsm_compiled *compiled = &state->translation->compiled;
	struct hsm_plan_submission *submission = hsm_rows_append(planner, list, sizeof(*submission));
	*submission = (struct hsm_plan_submission){
		.node = { .key.text = state->translation->language, .present = true },
		.category.text = state->template->category,
		.fingerprint.text = hsm_content_fingerprint(planner->arena, &compiled->content),
		.content.text = compiled->content.json,
	};
	for (size_t i = 0; i < compiled->name_count; i++)
		append_text(planner, &submission->parameters, compiled->names[i]);
	for (size_t i = 0; i < compiled->media_count; i++) {
		struct hsm_plan_media *media = hsm_rows_append(planner, &submission->media, sizeof(*media));
		*media = (struct hsm_plan_media){ .node.present = true, .format.text = compiled->media[i].format,
						  .path.text = compiled->media[i].path.text };
	}
	for (size_t i = 0; state->versions && i < state->versions->count; i++)
		append_text(planner, &submission->seen, state->versions->items[i].live->name);
}

/* The line that lets a breaking version become active. */
static const char *accepting_line(struct hsm_planner *planner, int64_t version)
{
	const struct hsm_desired *desired = planner->desired;
	if (desired->config->environments.count > 1)
		return hsm_arena_format(planner->arena, "lifecycle: {accept_breaking: {%s: %" PRId64 "}}",
					desired->environment->node.key.text, version);
	return hsm_arena_format(planner->arena, "lifecycle: {accept_breaking: %" PRId64 "}", version);
}

static void hold(struct hsm_planner *planner, struct hsm_plan_change *change, const char *accept)
{
	change->held = (struct hsm_boolean){ .value = true, .present = true };
	change->accept.text = accept ? accept : accepting_line(planner, change->version.value);
}

/*
 * Compared with what flows use: the newest version that was approved and is not
 * held. Where none ever was nobody depends on anything, but a reviewer still
 * wants to know.
 */
static void judge_replace(struct hsm_planner *planner, struct hsm_plan_change *change,
			  const struct hsm_decision *decision)
{
	const struct hsm_translation_state *state = decision->state;
	struct hsm_reasons reasons = state->breaking;
	if (!state->basis) {
		struct hsm_message old_message =
			hsm_versions_read_message(planner->arena, planner->history, state->template, decision->from);
		struct hsm_message new_message = hsm_versions_read_desired(planner->arena, state->translation);
		hsm_signature_compare(planner->arena, &old_message, &new_message, &reasons);
	}
	for (size_t i = 0; i < reasons.count; i++)
		append_text(planner, &change->breaking,
			    hsm_arena_format(planner->arena, "%s %s", state->translation->language, reasons.items[i]));
	if (reasons.count || !change->compatibility.value)
		change->compatibility.value = reasons.count ? HSM_BREAKING : HSM_COMPATIBLE;
	if (state->breaking.count && !hsm_versions_accepts(state->template, planner->desired->environment->node.key.text,
							   decision->version))
		hold(planner, change, NULL);
}

/* Meta bills marketing messages dearest of all. */
static void note_category(struct hsm_planner *planner, struct hsm_plan_change *change,
			  const struct hsm_decision *decision)
{
	const char *live = decision->from->live->category, *wanted = decision->state->template->category;
	change->cost.text = strcmp(live, "MARKETING") == 0   ? "higher" :
			    strcmp(wanted, "MARKETING") == 0 ? "lower" :
							       "other";
	hold(planner, change, hsm_arena_format(planner->arena, "category: %s", live));
}

static void place_row(struct hsm_plan_change *change, const struct hsm_translation_state *state)
{
	const struct hsm_mark *mark = &state->translation->mark;
	change->file.text = mark->source ? mark->source->path : state->template->path;
	if (!mark->line)
		return;
	change->line = (struct hsm_integer){ .value = mark->line, .present = true };
	change->column = (struct hsm_integer){ .value = mark->column, .present = true };
}

/* What tells a row from others, without what its languages add. */
static struct hsm_plan_change describe_row(struct hsm_planner *planner, const struct hsm_decision *decision,
					   const struct hsm_content_differences *differences)
{
	const struct hsm_translation_state *state = decision->state;
	enum hsm_action action = decision->action;
	struct hsm_plan_change row = { .action.value = (int)action, .name.text = decision->name };
	row.reason.text = decision->reason;
	if (action == HSM_ACTION_REPLACE || action == HSM_ACTION_REUSE)
		row.from_name.text = decision->from->live->name;
	if (action == HSM_ACTION_REPLACE && is_sample_only(differences))
		row.reason.text = "sample only";
	if (action != HSM_ACTION_WAIT)
		hsm_origin_find(planner, state->template->name, state->translation->language,
				decision->from ? decision->from->live : NULL, state->translation, &row.origin);
	return row;
}

static void add_decision(struct hsm_planner *planner, size_t first, const struct hsm_decision *decision)
{
	const struct hsm_translation_state *state = decision->state;
	struct hsm_content_differences differences = find_differences(planner, decision);
	struct hsm_plan_change row = describe_row(planner, decision, &differences);
	struct hsm_plan_change *change = find_row(planner, first, &row);
	if (!change) {
		change = hsm_rows_add(planner, decision->action, HSM_KIND_TEMPLATE, state->template->name,
				      decision->name);
		change->from_name = row.from_name;
		change->reason = row.reason;
		change->origin = row.origin;
		change->version = (struct hsm_integer){ .value = decision->version, .present = decision->version > 0 };
		place_row(change, state);
	}
	hsm_rows_add_language(planner, change, state->translation->language);
	add_differences(planner, change, state->translation->language, &differences);
	if (decision->from)
		hsm_rows_add_live(planner, change, decision->from);
	if (submits(decision->action))
		add_submission(planner, &change->submit, decision);
	else if (says_other(decision))
		add_submission(planner, &change->wanted, decision);
	if (decision->action == HSM_ACTION_REPLACE)
		judge_replace(planner, change, decision);
	else if (decision->action == HSM_ACTION_RECATEGORISED)
		note_category(planner, change, decision);
	else if (decision->action == HSM_ACTION_WAIT && state->held)
		hold(planner, change, state->breaking.count ? NULL :
				      hsm_arena_format(planner->arena, "category: %s", state->target->live->category));
}

void hsm_rows_make(struct hsm_planner *planner, const struct hsm_desired_template *template,
		   const struct hsm_decision *decisions)
{
	size_t first = planner->change_count;
	for (size_t i = 0; i < template->count; i++)
		if (decisions[i].action)
			add_decision(planner, first, &decisions[i]);
}
