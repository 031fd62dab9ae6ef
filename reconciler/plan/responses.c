/*
 * The canned responses at Genesys Cloud beside the versions that are active: each
 * has one. Of a version and language the first that fits:
 *
 * | case | row |
 * |---|---|
 * | a response equals it | none |
 * | one differs in its name or texts | update: its id stays, which flows and campaigns know |
 * | none, or one that differs in what no PUT changes | create |
 * | several, and none is near | blocked: a server that rewrites would get one more each time |
 * | a response can't hold it (a carousel) | none: a remark |
 *
 * And what is in the library beside those, and names a template of git's, or one that git
 * had: as of webhooks it stays until --prune, even where its version is no longer active,
 * since flows that were published with its id go on using it. With --prune it is a delete,
 * or blocked, with who uses it; its version is not retired then, either. What names
 * anything else, or nothing, is not touched.
 */
#include <string.h>

#include "reconciler/plan/planner.h"
#include "schema/name.h"

#define SHOWN_MAX 5

struct comparison {
	struct hsm_planner *planner;
	const struct hsm_live_responses *live;
	size_t first; /* of the rows that are its own */
	bool *settled; /* of the live ones, in their order: they stay, or have a row */
	bool creates;
	size_t left_out; /* versions that no response can hold */
	const char *left_out_names;
};

/* What a version should have. */
struct wanted {
	const struct hsm_version *version;
	const char *language;
	struct hsm_canned canned;
	struct hsm_canned_content content;
};

static const struct hsm_version *find_version(const struct hsm_version_list *list, const char *name)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (strcmp(list->items[i].live->name, name) == 0)
			return &list->items[i];
	return NULL;
}

/* What flows use now: where a registry remembers, that. */
static const struct hsm_version *find_active(const struct hsm_planner *planner,
					     const struct hsm_translation_state *state)
{
	const struct hsm_registry_entry *entry =
		hsm_registry_find(planner->registry, state->template->name, state->translation->language);
	const struct hsm_version *version =
		entry && entry->active ? find_version(state->versions, entry->active) : NULL;
	return version ? version : state->active;
}

static struct hsm_plan_change *add_row(struct comparison *comparison, enum hsm_action action, const char *base,
				       const char *name, const char *reason)
{
	struct hsm_planner *planner = comparison->planner;
	for (size_t i = comparison->first; i < planner->change_count; i++) {
		struct hsm_plan_change *change = planner->changes[i];
		const char *other = change->reason.text;
		if (change->action.value == (int)action && strcmp(change->name.text, name) == 0 &&
		    (reason ? other && strcmp(other, reason) == 0 : !other))
			return change;
	}
	struct hsm_plan_change *change = hsm_rows_add(planner, action, HSM_KIND_RESPONSE, base, name);
	change->reason.text = reason;
	return change;
}

static void add_text(struct hsm_planner *planner, struct hsm_list *list, const char *text)
{
	((struct hsm_string *)hsm_rows_append(planner, list, sizeof(struct hsm_string)))->text = text;
}

static void add_live(struct comparison *comparison, struct hsm_plan_change *change,
		     const struct hsm_live_response *live)
{
	struct hsm_planner *planner = comparison->planner;
	struct hsm_plan_response *seen = hsm_rows_append(planner, &change->live_responses, sizeof(*seen));
	*seen = (struct hsm_plan_response){
		.node.present = true,
		.language.text = live->language,
		.id.text = live->id,
		.version = { .value = live->version, .present = true },
		.name.text = live->content.name,
		.fingerprint.text = hsm_canned_fingerprint(planner->arena, &live->content),
	};
	for (size_t i = 0; i < live->library_count; i++)
		add_text(planner, &seen->libraries, live->libraries[i]);
}

static struct hsm_plan_response *add_wanted(struct comparison *comparison, struct hsm_plan_change *change,
					    const struct wanted *wanted)
{
	struct hsm_planner *planner = comparison->planner;
	struct hsm_plan_response *response = hsm_rows_append(planner, &change->responses, sizeof(*response));
	*response = (struct hsm_plan_response){
		.node.present = true,
		.language.text = wanted->language,
		.name.text = wanted->content.name,
		.fingerprint.text = hsm_canned_fingerprint(planner->arena, &wanted->content),
		.content.text = hsm_canned_write(planner->arena, &wanted->canned),
	};
	hsm_rows_add_language(planner, change, wanted->language);
	return response;
}

static void add_difference(struct comparison *comparison, struct hsm_plan_change *change, const struct wanted *wanted,
			   const char *path, const char *old_value, const char *new_value)
{
	if (strcmp(old_value, new_value) == 0)
		return;
	struct hsm_plan_difference *difference =
		hsm_rows_append(comparison->planner, &change->diffs, sizeof(*difference));
	*difference = (struct hsm_plan_difference){
		.node.present = true,
		.language.text = wanted->language,
		.component.text = "response",
		.path.text = path,
		.old_value.text = old_value,
		.new_value.text = new_value,
	};
}

/* A version's content never changes: where its response is another, somebody else wrote that. */
static void compare_contents(struct comparison *comparison, struct hsm_plan_change *change,
			     const struct wanted *wanted, const struct hsm_canned_content *live)
{
	add_difference(comparison, change, wanted, "name", live->name, wanted->content.name);
	add_difference(comparison, change, wanted, "text", live->text, wanted->content.text);
	if (strcmp(live->text, wanted->content.text) == 0)
		add_difference(comparison, change, wanted, "texts", live->texts, wanted->content.texts);
	add_difference(comparison, change, wanted, "substitutions", live->substitutions, wanted->content.substitutions);
	add_difference(comparison, change, wanted, "template", live->template, wanted->content.template);
	change->origin = (struct hsm_plan_origin){ .node.present = true, .kind.text = "out-of-band" };
}

static void plan_create(struct comparison *comparison, const struct wanted *wanted,
			const struct hsm_live_response *found, size_t count)
{
	const struct hsm_version *version = wanted->version;
	const char *reason = count ? "what is there differs in what can't be changed in place" : NULL;
	struct hsm_plan_change *change =
		add_row(comparison, HSM_ACTION_CREATE, version->base, version->live->name, reason);
	change->version = (struct hsm_integer){ .value = version->number, .present = true };
	struct hsm_plan_response *response = add_wanted(comparison, change, wanted);
	for (size_t i = 0; i < count; i++)
		add_text(comparison->planner, &response->seen, found[i].id);
	if (count)
		compare_contents(comparison, change, wanted, &found->content);
	comparison->creates = true;
}

static void plan_update(struct comparison *comparison, const struct wanted *wanted,
			const struct hsm_live_response *live)
{
	const struct hsm_version *version = wanted->version;
	struct hsm_plan_change *change =
		add_row(comparison, HSM_ACTION_UPDATE, version->base, version->live->name, NULL);
	change->version = (struct hsm_integer){ .value = version->number, .present = true };
	add_wanted(comparison, change, wanted);
	add_live(comparison, change, live);
	compare_contents(comparison, change, wanted, &live->content);
}

static void plan_several(struct comparison *comparison, const struct wanted *wanted,
			 const struct hsm_live_response *found, size_t count)
{
	const struct hsm_version *version = wanted->version;
	struct hsm_planner *planner = comparison->planner;
	const char *reason = hsm_arena_format(planner->arena, "%zu responses name it, and none is as it should be: delete "
					      "those that are wrong", count);
	struct hsm_plan_change *change =
		add_row(comparison, HSM_ACTION_BLOCKED, version->base, version->live->name, reason);
	hsm_rows_add_language(planner, change, wanted->language);
	add_live(comparison, change, found);
	compare_contents(comparison, change, wanted, &found->content);
}

/* The one that equals it, else the first that can be made so; NULL. */
static const struct hsm_live_response *find_nearest(const struct hsm_live_response *found, size_t count,
						    const struct hsm_canned_content *content)
{
	const struct hsm_live_response *nearest = NULL;
	for (size_t i = 0; i < count; i++) {
		if (hsm_canned_equals(&found[i].content, content))
			return &found[i];
		if (!nearest && !hsm_canned_is_another(&found[i].content, content))
			nearest = &found[i];
	}
	return nearest;
}

static void settle(struct comparison *comparison, const struct hsm_live_response *found, size_t count)
{
	for (size_t i = 0; i < count; i++)
		comparison->settled[found - comparison->live->items + (ptrdiff_t)i] = true;
}

static void leave_out(struct comparison *comparison, const struct wanted *wanted, const char *problem)
{
	if (comparison->left_out++ < SHOWN_MAX)
		comparison->left_out_names = hsm_arena_format(comparison->planner->arena, "%s%s%s %s (%s)",
							      comparison->left_out_names,
							      *comparison->left_out_names ? ", " : "",
							      wanted->version->live->name, wanted->language, problem);
}

static void compare_translation(struct comparison *comparison, const struct hsm_translation_state *state)
{
	struct hsm_planner *planner = comparison->planner;
	struct wanted wanted = { .version = find_active(planner, state), .language = state->translation->language };
	size_t count;
	if (!wanted.version)
		return;
	const char *name = wanted.version->live->name;
	const struct hsm_live_response *found = hsm_responses_find(comparison->live, name, wanted.language, &count);
	struct hsm_message message =
		hsm_versions_read_message(planner->arena, planner->history, state->template, wanted.version);
	const char *problem = hsm_canned_make(planner->arena, name, wanted.language, &message, &wanted.canned);
	if (problem) {
		settle(comparison, found, count);
		leave_out(comparison, &wanted, problem);
		return;
	}
	wanted.content = hsm_canned_read_content(planner->arena, &wanted.canned);
	const struct hsm_live_response *nearest = find_nearest(found, count, &wanted.content);
	if (nearest && hsm_canned_equals(&nearest->content, &wanted.content)) {
		planner->summary.in_sync.value++;
	} else if (nearest) {
		plan_update(comparison, &wanted, nearest);
	} else if (count < 2) {
		plan_create(comparison, &wanted, found, count);
	} else {
		plan_several(comparison, &wanted, found, count);
		settle(comparison, found, count);
	}
	if (nearest)
		settle(comparison, nearest, 1);
}

static const char *find_hold(const struct hsm_planner *planner, const struct hsm_live_response *response)
{
	if (response->users)
		return hsm_arena_format(planner->arena, "used by %s", response->users);
	return response->library_count > 1 ? "it stands in another library, too" : NULL;
}

const char *hsm_responses_find_hold(struct hsm_planner *planner, const struct hsm_live_template *live)
{
	size_t count = 0;
	const struct hsm_live_response *found =
		planner->live->responses ?
			hsm_responses_find(planner->live->responses, live->name, live->language, &count) : NULL;
	for (size_t i = 0; i < count; i++)
		if (found[i].users)
			return hsm_arena_format(planner->arena, "its response is used by %s", found[i].users);
	return NULL;
}

/* Whether the version it names is git's, or was; it may be gone at the account. */
static bool is_ours(const struct hsm_planner *planner, const char *base, const struct hsm_live_response *response)
{
	const struct hsm_desired_template *template = hsm_desired_find(planner->desired, base, strlen(base));
	const struct hsm_desired_translation *translation =
		template ? hsm_desired_find_translation(template, response->language) : NULL;
	const struct hsm_version *version =
		find_version(hsm_versions_find(&planner->versions, base, response->language), response->template);
	size_t entries;
	if (version)
		return hsm_versions_find_names(planner->history, template, version) != NULL;
	hsm_history_find(planner->history, base, response->language, &entries);
	return translation || entries;
}

/* Why it is not needed: "order_v2 is active"; NULL: it may be. While nothing is active (a
 * pause, a review) nothing takes its place. */
static const char *find_successor(const struct hsm_planner *planner, const char *base,
				  const struct hsm_live_response *response)
{
	const struct hsm_desired_template *template = hsm_desired_find(planner->desired, base, strlen(base));
	const struct hsm_decision *decisions =
		template ? planner->decisions[template - planner->desired->templates] : NULL;
	for (size_t i = 0; template && i < template->count; i++) {
		if (strcmp(template->translations[i].language, response->language) != 0)
			continue;
		const struct hsm_version *active = decisions ? find_active(planner, decisions[i].state) : NULL;
		if (!active)
			return NULL;
		if (strcmp(active->live->name, response->template) == 0)
			return "another one takes its place";
		return hsm_arena_format(planner->arena, "%s is active", active->live->name);
	}
	return "git has no more of it";
}

static void remove_one(struct comparison *comparison, const char *base, int64_t number,
		       const struct hsm_live_response *response, const char *successor)
{
	struct hsm_planner *planner = comparison->planner;
	const char *hold = find_hold(planner, response);
	struct hsm_plan_change *change = add_row(comparison, hold ? HSM_ACTION_BLOCKED : HSM_ACTION_DELETE, base,
						 response->template, hold ? hold : successor);
	change->version = (struct hsm_integer){ .value = number, .present = true };
	hsm_rows_add_language(planner, change, response->language);
	add_live(comparison, change, response);
	if (!change->origin.node.present)
		change->origin = (struct hsm_plan_origin){ .node.present = true, .kind.text = "git-ahead" };
}

static void remove_others(struct comparison *comparison)
{
	struct hsm_planner *planner = comparison->planner;
	for (size_t i = 0; planner->options->prune && i < comparison->live->count; i++) {
		const struct hsm_live_response *response = &comparison->live->items[i];
		int64_t number;
		size_t length = hsm_name_split(response->template, &number, NULL);
		const char *base = hsm_arena_copy(planner->arena, response->template, length);
		if (comparison->settled[i] || !hsm_plan_is_targeted(planner->options, base) ||
		    !is_ours(planner, base, response))
			continue;
		const char *successor = find_successor(planner, base, response);
		if (successor)
			remove_one(comparison, base, number, response, successor);
	}
	for (size_t i = comparison->first; planner->unsettled && i < planner->change_count; i++)
		if (planner->changes[i]->action.value == HSM_ACTION_DELETE)
			hsm_rows_wait(planner, planner->changes[i]);
}

static void name_left_out(const struct comparison *comparison, struct hsm_plan *plan)
{
	size_t more = comparison->left_out > SHOWN_MAX ? comparison->left_out - SHOWN_MAX : 0;
	if (comparison->left_out)
		plan->responses.text = more ? hsm_arena_format(comparison->planner->arena, "%s and %zu more",
							       comparison->left_out_names, more) :
					      comparison->left_out_names;
}

void hsm_responses_compare(struct hsm_planner *planner, struct hsm_plan *plan)
{
	const struct hsm_live_responses *live = planner->live->responses;
	const struct hsm_desired *desired = planner->desired;
	struct comparison comparison = { .planner = planner, .live = live, .first = planner->change_count,
					 .left_out_names = "" };
	comparison.settled = hsm_arena_allocate_array(planner->arena, live->count, sizeof(*comparison.settled));
	plan->library.text = live->library;
	plan->library_id.text = live->library_id;
	for (size_t i = 0; i < desired->count; i++)
		for (size_t j = 0; planner->decisions[i] && j < desired->templates[i].count; j++)
			compare_translation(&comparison, planner->decisions[i][j].state);
	remove_others(&comparison);
	name_left_out(&comparison, plan);
	if (comparison.creates && !live->library_id)
		hsm_rows_add(planner, HSM_ACTION_CREATE, HSM_KIND_LIBRARY, NULL, live->library);
}

size_t hsm_responses_list_bases(struct hsm_arena *arena, const struct hsm_desired *desired,
				const struct hsm_live_responses *responses, const struct hsm_versions *versions,
				const char **bases)
{
	size_t count = 0, lists;
	for (size_t i = 0; i < responses->count; i++) {
		int64_t number;
		size_t length = hsm_name_split(responses->items[i].template, &number, NULL);
		const char *base = hsm_arena_copy(arena, responses->items[i].template, length);
		/* Those of a base mostly stand together; one twice is read once. */
		bool again = count && strcmp(bases[count - 1], base) == 0;
		if (!again && !hsm_desired_find(desired, base, length) && !hsm_versions_find_base(versions, base, &lists))
			bases[count++] = base;
	}
	return count;
}

const char **hsm_plan_list_removed_responses(struct hsm_arena *arena, const struct hsm_plan *plan, size_t *count)
{
	size_t room = 0;
	*count = 0;
	for (size_t i = 0; i < plan->changes.count; i++)
		room += HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i)->live_responses.count;
	const char **ids = hsm_arena_allocate_array(arena, room, sizeof(*ids));
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		bool removes = change->action.value == HSM_ACTION_DELETE && !change->waiting.value;
		for (size_t j = 0; removes && j < change->live_responses.count; j++)
			ids[(*count)++] = HSM_LIST_ITEM(change->live_responses, struct hsm_plan_response, j)->id.text;
	}
	return ids;
}
