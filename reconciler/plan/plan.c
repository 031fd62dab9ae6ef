#include "reconciler/plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/plan/planner.h"
#include "schema/base/age.h"
#include "schema/base/text.h"

bool hsm_plan_lists_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

bool hsm_plan_is_targeted(const struct hsm_plan_options *options, const char *base)
{
	for (size_t i = 0; i < options->target_count; i++)
		if (hsm_text_matches_glob(base, options->targets[i]))
			return true;
	return !options->target_count;
}

static bool equals_git(const struct hsm_version *version, const struct hsm_desired_translation *translation)
{
	return hsm_content_equals(&version->live->content, &translation->compiled.content) &&
	       (!translation->version || translation->version == version->number);
}

/* Whether git's content is live and APPROVED, under whatever category. */
static bool is_settled(const struct hsm_version_list *list, const struct hsm_desired_translation *translation)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (equals_git(&list->items[i], translation) && list->items[i].live->status == HSM_STATUS_APPROVED)
			return true;
	return false;
}

static size_t count_unsettled(const struct hsm_planner *planner)
{
	size_t count = 0;
	for (size_t i = 0; i < planner->desired->count; i++) {
		const struct hsm_desired_template *template = &planner->desired->templates[i];
		for (size_t j = 0; j < template->count; j++)
			count += !is_settled(hsm_versions_find(&planner->versions, template->name,
							       template->translations[j].language),
					     &template->translations[j]);
	}
	return count;
}

/* Whether nothing about a template needs its history: all of it is as git says. */
static bool is_plain(const struct hsm_versions *versions, const struct hsm_desired_template *template,
		     bool all_versions)
{
	size_t count;
	hsm_versions_find_base(versions, template->name, &count);
	if (count != template->count)
		return false;
	for (size_t i = 0; i < template->count; i++) {
		const struct hsm_desired_translation *translation = &template->translations[i];
		const struct hsm_version_list *list =
			hsm_versions_find(versions, template->name, translation->language);
		if (!list || (all_versions && list->count > 1))
			return false;
		const struct hsm_version *last = &list->items[list->count - 1];
		if (!equals_git(last, translation) || last->live->status != HSM_STATUS_APPROVED ||
		    strcmp(last->live->category, template->category) != 0)
			return false;
	}
	return true;
}

const char **hsm_plan_list_questions(struct hsm_arena *arena, const struct hsm_desired *desired,
				     const struct hsm_live *live, const struct hsm_plan_options *options,
				     bool all_versions, size_t *count)
{
	struct hsm_versions versions;
	hsm_versions_make(arena, live, &versions);
	size_t responses = live->responses ? live->responses->count : 0;
	const char **bases = hsm_arena_allocate_array(arena, desired->count + versions.count + responses, sizeof(*bases));
	*count = 0;
	for (size_t i = 0; i < desired->count; i++) {
		const struct hsm_desired_template *template = &desired->templates[i];
		if (hsm_plan_is_targeted(options, template->name) && !is_plain(&versions, template, all_versions))
			bases[(*count)++] = template->name;
	}
	for (size_t i = 0; i < versions.count; i++) {
		const char *base = versions.lists[i].base;
		if ((!i || strcmp(versions.lists[i - 1].base, base) != 0) && hsm_plan_is_targeted(options, base) &&
		    !hsm_desired_find(desired, base, strlen(base)))
			bases[(*count)++] = base;
	}
	if (options->prune && live->responses)
		*count += hsm_responses_list_bases(arena, desired, live->responses, &versions, bases + *count);
	return bases;
}

static bool is_last_settled(const struct hsm_version_list *list, const struct hsm_desired_template *template,
			    const struct hsm_desired_translation *translation)
{
	const struct hsm_version *last = list ? &list->items[list->count - 1] : NULL;
	return last && equals_git(last, translation) && last->live->status == HSM_STATUS_APPROVED &&
	       strcmp(last->live->category, template->category) == 0;
}

struct want_list {
	struct hsm_history_want *items; /* in the arena, with room for all */
	size_t count;
};

/* Whether a commit had what is live; of what git still says that is known. */
static void want_live(struct want_list *wants, const struct hsm_version_list *list,
		      const struct hsm_desired_template *template)
{
	const struct hsm_desired_translation *translation =
		template ? hsm_desired_find_translation(template, list->language) : NULL;
	for (size_t i = 0; i < list->count; i++) {
		const struct hsm_live_template *live = list->items[i].live;
		bool is_git = translation &&
			      hsm_content_equals(&live->content, &translation->compiled.content);
		if (is_git && strcmp(live->category, template->category) == 0)
			continue;
		wants->items[wants->count++] = (struct hsm_history_want){
			.base = list->base,
			.language = list->language,
			.content = &live->content,
			.category = live->category,
			.brought = is_git,
		};
	}
}

/* Which commit brought what is to change. */
static void want_git(struct want_list *wants, const struct hsm_versions *versions,
		     const struct hsm_desired_template *template)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct hsm_desired_translation *translation = &template->translations[i];
		if (!is_last_settled(hsm_versions_find(versions, template->name, translation->language), template,
				     translation))
			wants->items[wants->count++] = (struct hsm_history_want){
				.base = template->name,
				.language = translation->language,
				.content = &translation->compiled.content,
				.brought = true,
			};
	}
}

struct hsm_history_want *hsm_plan_list_wants(struct hsm_arena *arena, const struct hsm_desired *desired,
					     const struct hsm_live *live, const char *const *bases, size_t base_count,
					     size_t *count)
{
	struct hsm_versions versions;
	size_t room = live->template_count;
	hsm_versions_make(arena, live, &versions);
	for (size_t i = 0; i < desired->count; i++)
		room += desired->templates[i].count;
	struct want_list wants = { .items = hsm_arena_allocate_array(arena, room, sizeof(*wants.items)) };
	for (size_t i = 0; i < base_count; i++) {
		size_t lists;
		const struct hsm_version_list *list = hsm_versions_find_base(&versions, bases[i], &lists);
		const struct hsm_desired_template *template = hsm_desired_find(desired, bases[i], strlen(bases[i]));
		for (size_t j = 0; j < lists; j++)
			want_live(&wants, &list[j], template);
		if (template)
			want_git(&wants, &versions, template);
	}
	*count = wants.count;
	return wants.items;
}

static int compare_changes(const void *a, const void *b)
{
	const struct hsm_plan_change *left = *(struct hsm_plan_change *const *)a;
	const struct hsm_plan_change *right = *(struct hsm_plan_change *const *)b;
	int order = left->kind.value - right->kind.value;
	if (!order && left->template.text)
		order = strcmp(left->template.text, right->template.text);
	if (!order)
		order = left->action.value - right->action.value;
	if (!order)
		order = (left->version.value > right->version.value) - (left->version.value < right->version.value);
	if (!order)
		order = strcmp(left->name.text, right->name.text);
	if (!order && left->languages.count && right->languages.count)
		order = strcmp(((const struct hsm_string *)left->languages.items)->text,
			       ((const struct hsm_string *)right->languages.items)->text);
	return order;
}

static struct hsm_integer *find_counter(struct hsm_plan_summary *summary, enum hsm_action action)
{
	struct hsm_integer *const counters[] = {
		[HSM_ACTION_CREATE] = &summary->create,	    [HSM_ACTION_REPLACE] = &summary->replace,
		[HSM_ACTION_UPDATE] = &summary->update,	    [HSM_ACTION_REUSE] = &summary->reuse,
		[HSM_ACTION_ACTIVATE] = &summary->activate, [HSM_ACTION_SETTINGS] = &summary->settings,
		[HSM_ACTION_RETIRE] = &summary->retire,	    [HSM_ACTION_DELETE] = &summary->delete,
		[HSM_ACTION_WAIT] = &summary->wait,	    [HSM_ACTION_BLOCKED] = &summary->blocked,
		[HSM_ACTION_CONFLICT] = &summary->conflict, [HSM_ACTION_RECATEGORISED] = &summary->recategorised,
	};
	return counters[action];
}

static bool is_write(enum hsm_action action)
{
	return action == HSM_ACTION_CREATE || action == HSM_ACTION_REPLACE || action == HSM_ACTION_UPDATE ||
	       action == HSM_ACTION_RETIRE || action == HSM_ACTION_DELETE;
}

static void count_change(struct hsm_plan_summary *summary, const struct hsm_plan_change *change)
{
	enum hsm_action action = (enum hsm_action)change->action.value;
	int64_t items = change->languages.count ? (int64_t)change->languages.count : 1;
	find_counter(summary, action)->value += items;
	summary->ignored.value += change->ignored_until.text ? items : 0;
	if (is_write(action) && !change->waiting.value)
		summary->requests.value += items;
}

/* Limits per account: https://developers.facebook.com, message templates; deleted ones are not listed. */
static struct hsm_plan_quota count_quota(const struct hsm_planner *planner)
{
	const int64_t hour = 3600;
	struct hsm_plan_quota quota = { .node.present = true };
	quota.templates = (struct hsm_integer){ .value = (int64_t)planner->live->template_count, .present = true };
	quota.creates_last_hour.present = true;
	for (size_t i = 0; i < planner->live->template_count; i++) {
		int64_t created = hsm_age_read_time(planner->live->templates[i].created);
		quota.creates_last_hour.value += created >= 0 && created > planner->options->now - hour &&
						 created <= planner->options->now;
	}
	return quota;
}

static void ignore_known(const struct hsm_planner *planner, struct hsm_plan_change *change)
{
	const struct hsm_plan_options *options = planner->options;
	const char *name = change->template.text ? change->template.text : change->name.text;
	for (size_t i = 0; i < options->ignore_count && !change->ignored_until.text; i++)
		if (hsm_text_matches_glob(name, options->ignores[i].glob))
			change->ignored_until.text = options->ignores[i].until;
}

static void finish(struct hsm_planner *planner, struct hsm_plan *plan)
{
	struct hsm_plan_change *changes =
		hsm_arena_allocate_array(planner->arena, planner->change_count, sizeof(*changes));
	struct hsm_plan_summary *summary = &planner->summary;
	if (planner->change_count)
		qsort(planner->changes, planner->change_count, sizeof(struct hsm_plan_change *), compare_changes);
	for (size_t i = 0; i < planner->change_count; i++) {
		changes[i] = *planner->changes[i];
		ignore_known(planner, &changes[i]);
		count_change(summary, &changes[i]);
	}
	plan->changes = (struct hsm_list){ .items = changes, .count = planner->change_count, .present = true };
	for (int action = HSM_ACTION_CREATE; action <= HSM_ACTION_RECATEGORISED; action++)
		find_counter(summary, (enum hsm_action)action)->present = true;
	summary->in_sync.present = summary->unmanaged.present = summary->requests.present = true;
	summary->prunable.present = summary->prunable.value > 0;
	summary->ignored.present = summary->ignored.value > 0;
	summary->node.present = true;
	plan->summary = *summary;
	if (planner->unknown_origins)
		plan->history.text = planner->history->incomplete;
	plan->quota = count_quota(planner);
	hsm_policy_check(planner, plan);
	char *hash = hsm_arena_allocate(planner->arena, HSM_FINGERPRINT_SIZE);
	hsm_plan_hash(plan, hash);
	plan->hash.text = hash;
}

static void plan_template(struct hsm_planner *planner, const struct hsm_desired_template *template)
{
	const struct hsm_decision *decisions = hsm_law_decide(planner, template);
	planner->decisions[template - planner->desired->templates] = decisions;
	for (size_t i = 0; i < template->count; i++)
		planner->summary.in_sync.value += !decisions[i].action;
	hsm_rows_make(planner, template, decisions);
	hsm_registry_compare(planner, template, decisions);
	hsm_prune_retire(planner, template, decisions);
}

void hsm_plan_make(struct hsm_arena *arena, const struct hsm_desired *desired, const struct hsm_live *live,
		   const struct hsm_history *history, const struct hsm_registry_state *registry,
		   const struct hsm_plan_options *options, struct hsm_plan *plan)
{
	struct hsm_planner planner = { .arena = arena, .desired = desired, .live = live, .history = history,
				       .registry = registry, .options = options };
	*plan = (struct hsm_plan){ .node.present = true };
	plan->format_version.text = "1";
	plan->tool_version.text = HSM_VERSION;
	plan->command.text = options->command;
	plan->environment.text = desired->environment->node.key.text;
	plan->window = desired->environment->apply_window;
	plan->provider_id.text = live->provider_id;
	plan->provider_name.text = live->provider_name;
	plan->commit.text = *desired->commit ? desired->commit : NULL;
	plan->dirty = (struct hsm_boolean){ .value = desired->dirty != NULL, .present = true };
	hsm_versions_make(arena, live, &planner.versions);
	planner.unsettled = count_unsettled(&planner);
	planner.decisions = hsm_arena_allocate_array(arena, desired->count, sizeof(*planner.decisions));
	for (size_t i = 0; i < desired->count; i++)
		if (hsm_plan_is_targeted(options, desired->templates[i].name))
			plan_template(&planner, &desired->templates[i]);
	hsm_prune_delete(&planner);
	if (!options->target_count)
		hsm_webhooks_compare(&planner);
	if (live->responses)
		hsm_responses_compare(&planner, plan);
	finish(&planner, plan);
	free(planner.changes);
}

size_t hsm_plan_count_submissions(const struct hsm_plan *plan)
{
	size_t count = 0;
	for (size_t i = 0; i < plan->changes.count; i++)
		count += HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i)->submit.count;
	return count;
}

bool hsm_plan_has_differences(const struct hsm_plan *plan)
{
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		int action = change->action.value;
		if (action != HSM_ACTION_WAIT && action != HSM_ACTION_REUSE && !change->ignored_until.text)
			return true;
	}
	return false;
}

bool hsm_plan_has_problems(const struct hsm_plan *plan)
{
	for (size_t i = 0; i < plan->changes.count; i++) {
		int action = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i)->action.value;
		if (action == HSM_ACTION_BLOCKED || action == HSM_ACTION_CONFLICT || action == HSM_ACTION_RECATEGORISED)
			return true;
	}
	return false;
}
