/* The steps of canned responses: what is done already, what moved, what is written. */
#include <string.h>

#include "reconciler/apply/steps.h"

static bool has_fingerprint(const struct hsm_live_response *live, const struct hsm_plan_response *response)
{
	struct hsm_arena arena = { 0 };
	bool same = strcmp(hsm_canned_fingerprint(&arena, &live->content), response->fingerprint.text) == 0;
	hsm_arena_release(&arena);
	return same;
}

static const struct hsm_live_response *find_equal(const struct hsm_live_responses *live, const char *template,
						  const struct hsm_plan_response *response)
{
	size_t count;
	const struct hsm_live_response *found = hsm_responses_find(live, template, response->language.text, &count);
	for (size_t i = 0; i < count; i++)
		if (has_fingerprint(&found[i], response))
			return &found[i];
	return NULL;
}

bool hsm_steps_response_is_done(const struct hsm_live_responses *live, const struct hsm_step *step)
{
	if (step->change->kind.value == HSM_KIND_LIBRARY)
		return live->library_id != NULL;
	if (!step->live_response)
		return find_equal(live, step->name, step->response) != NULL;
	const struct hsm_live_response *found = hsm_responses_get(live, step->live_response->id.text);
	return step->response ? found && has_fingerprint(found, step->response) : !found;
}

static bool was_seen(const struct hsm_plan_response *response, const char *id)
{
	for (size_t i = 0; i < response->seen.count; i++)
		if (strcmp(HSM_LIST_ITEM(response->seen, struct hsm_string, i)->text, id) == 0)
			return true;
	return false;
}

static void check_create(const struct hsm_live_responses *live, const struct hsm_plan_change *change,
			 const struct hsm_plan_response *response, hsm_moved *report, void *user)
{
	size_t count;
	const struct hsm_live_response *found =
		hsm_responses_find(live, change->name.text, response->language.text, &count);
	for (size_t i = 0; i < count; i++)
		if (!was_seen(response, found[i].id) && !has_fingerprint(&found[i], response))
			report(user, change->name.text, response->language.text, "(response) was created since");
}

static void check_seen(const struct hsm_live_responses *live, const struct hsm_plan_change *change,
		       const struct hsm_plan_response *seen, const struct hsm_plan_response *wanted, hsm_moved *report,
		       void *user)
{
	const struct hsm_live_response *found = hsm_responses_get(live, seen->id.text);
	const char *what = NULL;
	if (!found)
		what = wanted ? "(response) is gone since" : NULL; /* a delete is done already */
	else if (wanted && has_fingerprint(found, wanted))
		what = NULL; /* done already */
	else if (!has_fingerprint(found, seen))
		what = "(response) was changed since";
	else if (!wanted && found->users)
		what = "(response) is used since";
	if (what)
		report(user, change->name.text, seen->language.text, what);
}

void hsm_steps_check_responses(const struct hsm_live_responses *live, const struct hsm_plan_change *change,
			       hsm_moved *report, void *user)
{
	for (size_t i = 0; i < change->languages.count; i++) {
		const struct hsm_plan_response *wanted =
			i < change->responses.count ? HSM_LIST_ITEM(change->responses, struct hsm_plan_response, i) : NULL;
		if (i < change->live_responses.count)
			check_seen(live, change, HSM_LIST_ITEM(change->live_responses, struct hsm_plan_response, i), wanted,
				   report, user);
		else if (wanted)
			check_create(live, change, wanted, report, user);
	}
}

void hsm_steps_write_response(struct hsm_connection *connection, const struct hsm_step *step, const char *library_id,
			      hsm_write_done *done, void *user)
{
	const struct hsm_plan_response *wanted = step->response, *live = step->live_response;
	struct hsm_arena arena = { 0 };
	if (step->change->kind.value == HSM_KIND_LIBRARY) {
		hsm_responses_create_library(connection, step->name, done, user);
		return;
	}
	if (!wanted) {
		hsm_responses_delete(connection, live->id.text, done, user);
		return;
	}
	size_t count = live ? live->libraries.count : 1;
	const char **libraries = hsm_arena_allocate_array(&arena, count, sizeof(*libraries));
	for (size_t i = 0; i < count; i++)
		libraries[i] = live ? HSM_LIST_ITEM(live->libraries, struct hsm_string, i)->text : library_id;
	struct hsm_response_write write = { .name = wanted->name.text, .content = wanted->content.text,
					    .libraries = libraries, .library_count = count,
					    .fingerprint = wanted->fingerprint.text };
	if (live) {
		write.id = live->id.text;
		write.version = live->version.value;
		write.before = live->fingerprint.text;
		hsm_responses_update(connection, &write, done, user);
	} else {
		hsm_responses_create(connection, &write, done, user);
	}
	hsm_arena_release(&arena);
}
