/* Templates of Meta's API: created, edited, deleted. */
#include "cmd/emulator/graph_templates.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/graph_form.h"
#include "cmd/emulator/graph_nodes.h"
#include "cmd/emulator/graph_rules.h"
#include "cmd/emulator/graph_webhooks.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/limits.h"
#include "cmd/emulator/request.h"
#include "cmd/emulator/templates.h"
#include "schema/base/text.h"

#define DAY ((int64_t)86400000)
#define EDITS_MONTHLY 10
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* What a create may say that is kept as it is. */
static const char *const kept[] = {
	"parameter_format", "sub_category", "display_format", "message_send_ttl_seconds", "allow_category_change",
	"cta_url_link_tracking_opted_out", "library_template_name", "degrees_of_freedom_spec",
};

/* The categories of before 2023, and what became of them. */
static const char *const old_categories[][2] = {
	{ "TRANSACTIONAL", "UTILITY" }, { "ACCOUNT_UPDATE", "UTILITY" }, { "APPOINTMENT_UPDATE", "UTILITY" },
	{ "PAYMENT_UPDATE", "UTILITY" }, { "SHIPPING_UPDATE", "UTILITY" }, { "TICKET_UPDATE", "UTILITY" },
	{ "ISSUE_RESOLUTION", "UTILITY" }, { "OTP", "AUTHENTICATION" },
};

/* Replaces a category of old; the one before, or NULL. */
static const char *replace_category(cJSON *create)
{
	const char *category = hsm_emu_json_string(create, "category");
	for (size_t i = 0; category && i < COUNT(old_categories); i++)
		if (strcmp(old_categories[i][0], category) == 0) {
			cJSON_ReplaceItemInObjectCaseSensitive(create, "category", cJSON_CreateString(old_categories[i][1]));
			return old_categories[i][0];
		}
	return NULL;
}

/* Checks a create, or what an edit would make; false: answered. */
static bool check(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *create, bool partial, bool *rejected)
{
	struct hsm_emu_graph_check check = { .emu = emu, .partial = partial, .old = request->graph < EMU_GRAPH_OLD_BEFORE };
	hsm_emu_graph_rules_check(&check, create);
	*rejected = check.rejected;
	if (!check.findings.count)
		return true;
	hsm_emu_findings_answer(request, &check.findings);
	return false;
}

static void keep(cJSON *graph, const cJSON *source, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hsm_emu_json_get(source, keys[i]))
			cJSON_AddItemToObject(graph, keys[i], cJSON_Duplicate(hsm_emu_json_get(source, keys[i]), 1));
}

cJSON *hsm_emu_graph_template_build(struct hsm_emu *emu, const cJSON *source, bool seeded)
{
	static const char *const only_seeded[] = { "previous_category", "correct_category", "quality_score" };
	cJSON *graph = cJSON_CreateObject();
	keep(graph, source, kept, COUNT(kept));
	keep(graph, source, only_seeded, seeded ? COUNT(only_seeded) : 0);
	if (!hsm_emu_json_get(graph, "parameter_format"))
		cJSON_AddStringToObject(graph, "parameter_format", "POSITIONAL");
	if (!hsm_emu_json_get(graph, "quality_score")) {
		cJSON *quality = cJSON_AddObjectToObject(graph, "quality_score");
		cJSON_AddStringToObject(quality, "score", "UNKNOWN");
		cJSON_AddNumberToObject(quality, "date", (double)(hsm_emu_now(emu) / 1000));
	}
	return graph;
}

/* Begins a review, or ends it at once. False: the template is gone. */
static bool review(struct hsm_emu *emu, struct hsm_emu_template *template, bool rejected)
{
	const struct hsm_emu_decision decision = { .status = "REJECTED", .reason = "INVALID_FORMAT" };
	if (rejected)
		return hsm_emu_review_decide(emu, template, &decision);
	return hsm_emu_review_start(emu, template);
}

/* The components as they will be told from now on, as text. */
static char *print_components(struct hsm_emu_request *request, cJSON *create)
{
	cJSON *components = hsm_emu_json_get(create, "components");
	hsm_emu_graph_rewrite(components, hsm_emu_json_string(create, "language"));
	hsm_emu_components_rewrite(request, components);
	return hsm_emu_json_print(components);
}

static void create(struct hsm_emu *emu, struct hsm_emu_request *request, struct hsm_emu_account *account, cJSON *json,
		   const char *previous, bool rejected)
{
	char *components = print_components(request, json), id[EMU_ID_SIZE];
	cJSON *graph = hsm_emu_graph_template_build(emu, json, false);
	if (previous)
		cJSON_AddStringToObject(graph, "previous_category", previous);
	struct hsm_emu_template *template = hsm_emu_template_add(emu, account, &(struct hsm_emu_template_start){
		.name = hsm_emu_json_string(json, "name"),
		.language = hsm_emu_json_string(json, "language"),
		.category = hsm_emu_json_string(json, "category"),
		.components = components,
		.graph = graph,
	});
	memcpy(id, template->id, sizeof(id));
	hsm_emu_limits_count_create(account);
	bool alive = review(emu, template, rejected);
	hsm_buffer_append_char(&request->answer, '{');
	hsm_emu_json_append_member(&request->answer, "id", id);
	hsm_emu_json_append_member(&request->answer, "status", alive ? template->status : "DELETED");
	hsm_emu_json_append_member(&request->answer, "category",
				   alive ? template->category : hsm_emu_json_string(json, "category"));
	hsm_buffer_append_char(&request->answer, '}');
	free(components);
}

/* A template that is on its way out keeps its name. */
static bool check_name(struct hsm_emu *emu, struct hsm_emu_request *request, struct hsm_emu_account *account,
		       const char *name, const char *language)
{
	const struct hsm_emu_template *old = hsm_emu_account_find(account, name, language);
	if (!old || strcmp(old->status, "PENDING_DELETION") != 0)
		return hsm_emu_templates_check_name(emu, request, account, name, language);
	hsm_emu_fail(request, 400, "messaging.template.name.locked",
		     "New %s content can't be added while the existing content is being deleted. Try again in 4 weeks", language);
	return false;
}

void hsm_emu_graph_templates_create(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_waba *waba = hsm_emu_waba_captured(emu, request);
	cJSON *json = waba ? hsm_emu_graph_parameters(request) : NULL;
	if (!json)
		return;
	struct hsm_emu_account *account = hsm_emu_account_get(emu, hsm_emu_waba_id(waba));
	bool rejected;
	hsm_emu_graph_normalize(json);
	const char *previous = request->graph < EMU_GRAPH_OLD_BEFORE ? replace_category(json) : NULL;
	const char *name = hsm_emu_json_string(json, "name"), *category = hsm_emu_json_string(json, "category");
	if (check(emu, request, json, false, &rejected) &&
	    check_name(emu, request, account, name, hsm_emu_json_string(json, "language")) &&
	    hsm_emu_templates_check_category(request, account, name, category) &&
	    hsm_emu_limits_check_create(emu, request, account))
		create(emu, request, account, json, previous, rejected);
	cJSON_Delete(json);
}

/* What the template would be created with, had it been so from the start. */
static cJSON *build_create(const struct hsm_emu_template *template, cJSON *edit)
{
	cJSON *json = cJSON_Duplicate(template->graph, 1), *components;
	const char *category = hsm_emu_json_string(edit, "category");
	cJSON_AddStringToObject(json, "name", template->name->name);
	cJSON_AddStringToObject(json, "language", template->language);
	cJSON_AddStringToObject(json, "category", category ? category : template->category);
	components = cJSON_DetachItemFromObjectCaseSensitive(edit, "components");
	if (components)
		cJSON_AddItemToObject(json, "components", components);
	const cJSON *seconds = hsm_emu_json_get(edit, "message_send_ttl_seconds");
	if (seconds) {
		cJSON_DeleteItemFromObjectCaseSensitive(json, "message_send_ttl_seconds");
		cJSON_AddItemToObject(json, "message_send_ttl_seconds", cJSON_Duplicate(seconds, 1));
	}
	return json;
}

/* An APPROVED template may be edited once a day and ten times in thirty days. */
static bool edits_are_left(struct hsm_emu *emu, const struct hsm_emu_template *template)
{
	const cJSON *edit;
	int today = 0, monthly = 0;
	cJSON_ArrayForEach(edit, hsm_emu_json_get(template->graph, "edits")) {
		double age = (double)hsm_emu_now(emu) - edit->valuedouble;
		today += age < (double)DAY;
		monthly += age < 30.0 * (double)DAY;
	}
	return strcmp(template->status, "APPROVED") != 0 || (!today && monthly < EDITS_MONTHLY);
}

/* Whether the template may be edited so; false: answered. */
static bool check_edit(struct hsm_emu *emu, struct hsm_emu_request *request, const struct hsm_emu_template *template,
		       const cJSON *edit)
{
	const char *name = hsm_emu_json_string(edit, "name"), *language = hsm_emu_json_string(edit, "language");
	const char *category = hsm_emu_json_string(edit, "category"), *status = template->status;
	bool approved = strcmp(status, "APPROVED") == 0;
	if ((!approved && strcmp(status, "REJECTED") != 0 && strcmp(status, "PAUSED") != 0) || !edits_are_left(emu, template))
		hsm_emu_fail(request, 400, "graph.status", "The template is %s, or was edited too often", status);
	else if ((name && strcmp(name, template->name->name) != 0) || (language && strcmp(language, template->language) != 0))
		hsm_emu_fail(request, 400, "invalid.template", "The name and the language of a template cannot change");
	else if (category && approved && strcmp(category, template->category) != 0)
		hsm_emu_fail(request, 400, "invalid.template", "The category of an approved template cannot change");
	else
		return true;
	return false;
}

static void edit(struct hsm_emu *emu, struct hsm_emu_request *request, struct hsm_emu_template *template, cJSON *json,
		 bool rejected)
{
	static const char *const lifetime[] = { "message_send_ttl_seconds" };
	cJSON *edits = hsm_emu_json_get(template->graph, "edits");
	if (strcmp(template->status, "APPROVED") == 0) {
		edits = edits ? edits : cJSON_AddArrayToObject(template->graph, "edits");
		cJSON_AddItemToArray(edits, cJSON_CreateNumber((double)hsm_emu_now(emu)));
	}
	cJSON_DeleteItemFromObjectCaseSensitive(template->graph, *lifetime);
	keep(template->graph, json, lifetime, 1);
	hsm_emu_timer_cancel(emu, &template->timer);
	hsm_emu_template_clear_steps(template);
	hsm_emu_text_set(&template->category, hsm_emu_json_string(json, "category"));
	hsm_emu_text_set(&template->status, "PENDING");
	if (hsm_emu_json_get(json, "components")) {
		char *components = print_components(request, json);
		hsm_emu_template_set_components(emu, template, components);
		hsm_emu_graph_announce_components(emu, template);
		free(components);
	}
	review(emu, template, rejected);
	hsm_buffer_append_string(&request->answer, "{\"success\":true}");
}

void hsm_emu_graph_template_edit(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_template *template = hsm_emu_graph_template_captured(emu, request);
	cJSON *parameters = template ? hsm_emu_graph_parameters(request) : NULL;
	bool rejected;
	if (!parameters)
		return;
	hsm_emu_graph_normalize(parameters);
	if (check_edit(emu, request, template, parameters)) {
		cJSON *json = build_create(template, parameters);
		if (check(emu, request, json, true, &rejected))
			edit(emu, request, template, json, rejected);
		cJSON_Delete(json);
	}
	cJSON_Delete(parameters);
}

/* Deletes one; what is still on its way to somebody goes later. */
static void delete(struct hsm_emu *emu, struct hsm_emu_template *template)
{
	const struct hsm_emu_decision gone = { .status = "DELETED" }, going = { .status = "PENDING_DELETION" };
	int64_t now = hsm_emu_now(emu);
	bool busy = (double)now < hsm_emu_json_number(template->graph, "undelivered_until", 0);
	bool was_approved = strcmp(template->status, "REJECTED") != 0 && strcmp(template->status, "PENDING") != 0;
	if (was_approved)
		hsm_emu_account_lock(emu, template->account, template->name->name, template->language, now + EMU_LOCK_DURATION);
	if (!busy) {
		hsm_emu_review_decide(emu, template, &gone);
		return;
	}
	hsm_emu_review_decide(emu, template, &going);
	hsm_emu_review_schedule(emu, template, now + EMU_LOCK_DURATION, &gone);
}

/* The templates that a DELETE means: all languages of a name, or the one with this id; each once. */
static bool is_named(const struct hsm_emu_template *template, const char *id)
{
	return (!id || strcmp(template->id, id) == 0) && strcmp(template->status, "PENDING_DELETION") != 0;
}

void hsm_emu_graph_templates_delete(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_waba *waba = hsm_emu_waba_captured(emu, request);
	const char *name = hsm_emu_request_query(request, "name"), *id = hsm_emu_request_query(request, "hsm_id");
	if (!waba)
		return;
	struct hsm_emu_account *account = hsm_emu_account_get(emu, hsm_emu_waba_id(waba));
	struct hsm_emu_name *group = name ? hsm_emu_account_name(account, name) : NULL;
	size_t found = 0, disabled = 0;
	for (size_t i = 0; group && i < group->count; i++) {
		found += is_named(group->templates[i], id);
		disabled += is_named(group->templates[i], id) && strcmp(group->templates[i]->status, "DISABLED") == 0;
	}
	if (!name)
		hsm_emu_fail(request, 400, "bad.request", "The parameter name is required.");
	else if (!found)
		hsm_emu_fail(request, 400, "bad.request", "The message template was not found");
	else if (disabled)
		hsm_emu_fail(request, 400, "graph.status", "A template that is DISABLED cannot be deleted");
	else
		hsm_buffer_append_string(&request->answer, "{\"success\":true}");
	/* From the last: a template that goes leaves its place, and the last takes the group along. */
	for (size_t i = request->error ? 0 : group->count; i-- > 0;)
		if (is_named(group->templates[i], id))
			delete(emu, group->templates[i]);
}
