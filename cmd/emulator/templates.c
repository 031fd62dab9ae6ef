#include "cmd/emulator/templates.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/limits.h"
#include "cmd/emulator/request.h"
#include "schema/base/text.h"

/* The account of the provider in the path, or NULL and the request is answered. */
static struct hsm_emu_account *find_account(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_provider *provider = hsm_emu_provider_find(emu, request->captures[0]);
	if (!provider)
		hsm_emu_fail(request, 404, "not.found", "There is no such messaging provider");
	else if (!hsm_emu_provider_is_whatsapp(provider))
		hsm_emu_fail(request, 400, "bad.request", "The provider is of type %s: only WHATSAPP has templates", provider->type);
	else
		return hsm_emu_account_get(emu, provider->id);
	return NULL;
}

static struct hsm_emu_template *find_template(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_account *account = find_account(emu, request);
	struct hsm_emu_template *template = account ? hsm_emu_map_get(&emu->accounts.ids, request->captures[1]) : NULL;
	if (!account || (template && template->account == account))
		return template;
	hsm_emu_fail(request, 404, "not.found", "There is no such template");
	return NULL;
}

void hsm_emu_templates_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_account *account = find_account(emu, request);
	if (!account)
		return;
	const char *name = hsm_emu_request_query(request, "name");
	struct hsm_emu_name *group = name ? hsm_emu_account_name(account, name) : NULL;
	struct hsm_emu_template **templates = name ? (group ? group->templates : NULL) : account->templates;
	struct hsm_emu_page page;
	if (!hsm_emu_page_begin(request, name ? (group ? group->count : 0) : account->count, &page))
		return;
	hsm_emu_page_open(request);
	for (size_t i = page.first; i < page.end; i++) {
		if (i > page.first)
			hsm_buffer_append_char(&request->answer, ',');
		hsm_buffer_append_string(&request->answer, templates[i]->json);
	}
	hsm_emu_page_close(request, &page);
}

void hsm_emu_templates_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_template *template = find_template(emu, request);
	if (template)
		hsm_buffer_append_string(&request->answer, template->json);
}

void hsm_emu_templates_delete(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_template *template = find_template(emu, request);
	if (!template)
		return;
	hsm_emu_account_lock(emu, template->account, template->name->name, template->language,
			 hsm_emu_now(emu) + EMU_LOCK_DURATION);
	hsm_emu_template_remove(emu, template);
	request->status = 204;
}

void hsm_emu_findings_answer(struct hsm_emu_request *request, const struct hsm_emu_findings *findings)
{
	cJSON *error = hsm_emu_fail(request, 400, "invalid.template", "%s", findings->items[0].message);
	cJSON *errors = hsm_emu_json_get(error, "errors");
	for (size_t i = 0; i < findings->count; i++) {
		const struct hsm_emu_finding *finding = &findings->items[i];
		hsm_emu_fail_detail(error, finding->code, finding->field);
		cJSON *item = cJSON_CreateObject();
		cJSON_AddStringToObject(item, "message", finding->message);
		cJSON_AddStringToObject(item, "code", "invalid.template");
		cJSON_AddNumberToObject(item, "status", 400);
		cJSON_AddArrayToObject(item, "details");
		hsm_emu_fail_detail(item, finding->code, finding->field);
		cJSON_AddItemToArray(errors, item);
	}
}

bool hsm_emu_templates_check_name(struct hsm_emu *emu, struct hsm_emu_request *request, struct hsm_emu_account *account,
				  const char *name, const char *language)
{
	if (hsm_emu_account_find(account, name, language)) {
		cJSON *error = hsm_emu_fail(request, 409, "messaging.template.duplicate",
					"Template '%s' has content in %s already", name, language);
		hsm_emu_fail_detail(error, "duplicate.value", "name");
		return false;
	}
	int64_t until = hsm_emu_account_locked_until(emu, account, name, language);
	if (!until)
		return true;
	char time[EMU_TIME_SIZE];
	hsm_emu_time_format(until, time);
	cJSON *error = hsm_emu_fail(request, 409, "messaging.template.name.locked",
				"New %s content can't be added to '%s' while the existing content is being deleted. "
				"Try again after %s",
				language, name, time);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(error, "messageParams"), "until", time);
	hsm_emu_fail_detail(error, "locked.value", "name");
	return false;
}

bool hsm_emu_templates_check_category(struct hsm_emu_request *request, const struct hsm_emu_account *account,
				      const char *name, const char *category)
{
	const struct hsm_emu_name *group = hsm_emu_account_name(account, name);
	if (!group || strcmp(group->templates[0]->category, category) == 0)
		return true;
	cJSON *error = hsm_emu_fail(request, 400, "invalid.template",
				"All languages of a template have one category: '%s' is %s", name,
				group->templates[0]->category);
	hsm_emu_fail_detail(error, "category.mismatch", "category");
	return false;
}

static bool check_content(struct hsm_emu_request *request, struct hsm_emu_account *account, const char *name,
			  const char *category, const cJSON *components)
{
	char content[HSM_FINGERPRINT_SIZE];
	hsm_emu_content_compute(components, content);
	const struct hsm_emu_template *same = strcmp(category, "AUTHENTICATION") == 0 ?
						  NULL :
						  hsm_emu_account_find_content(account, name, content);
	if (!same)
		return true;
	cJSON *error = hsm_emu_fail(request, 400, "messaging.template.content.duplicate",
				"Body and footer are those of template '%s' (%s)", same->name->name, same->language);
	hsm_emu_fail_detail(error, "duplicate.value", "components");
	cJSON *details = hsm_emu_json_get(error, "details"), *detail = cJSON_GetArrayItem(details, 0);
	cJSON_AddStringToObject(detail, "entityId", same->id);
	cJSON_AddStringToObject(detail, "entityName", same->name->name);
	return false;
}

void hsm_emu_components_rewrite(struct hsm_emu_request *request, cJSON *components)
{
	cJSON *component;
	if (!request->fault || request->fault->kind != EMU_FAULT_REWRITE)
		return;
	cJSON_ArrayForEach(component, components) {
		const char *type = hsm_emu_json_string(component, "type");
		if (type && strcmp(type, "BODY") == 0)
			hsm_emu_fault_rewrite(request->fault, component, "text");
	}
}

static void create(struct hsm_emu *emu, struct hsm_emu_request *request, struct hsm_emu_account *account, cJSON *json)
{
	cJSON *components = hsm_emu_json_get(json, "components");
	bool faithful = !request->fault || request->fault->kind != EMU_FAULT_REWRITE;
	char *text = faithful ? hsm_emu_json_copy_member(hsm_buffer_text(&request->body), "components") : NULL;
	if (!text) {
		hsm_emu_components_rewrite(request, components);
		text = hsm_emu_json_print(components);
	}
	struct hsm_emu_template *template = hsm_emu_template_add(emu, account, &(struct hsm_emu_template_start){
		.name = hsm_emu_json_string(json, "name"),
		.language = hsm_emu_json_string(json, "language"),
		.category = hsm_emu_json_string(json, "category"),
		.components = text,
	});
	free(text);
	hsm_emu_limits_count_create(account);
	hsm_emu_review_start(emu, template);
	hsm_buffer_append_string(&request->answer, template->json);
}

void hsm_emu_templates_create(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_account *account = find_account(emu, request);
	cJSON *json = account ? hsm_emu_request_json(request) : NULL;
	if (!json)
		return;
	struct hsm_emu_findings findings;
	findings.count = 0;
	hsm_emu_rules_check(json, &findings);
	const char *name = hsm_emu_json_string(json, "name"), *language = hsm_emu_json_string(json, "language");
	if (findings.count)
		hsm_emu_findings_answer(request, &findings);
	else if (!hsm_emu_provider_is_active(hsm_emu_provider_find(emu, account->provider)))
		hsm_emu_fail(request, 400, "bad.request", "The provider is not ACTIVE");
	else if (hsm_emu_templates_check_name(emu, request, account, name, language) &&
		 hsm_emu_templates_check_category(request, account, name, hsm_emu_json_string(json, "category")) &&
		 check_content(request, account, name, hsm_emu_json_string(json, "category"),
			       hsm_emu_json_get(json, "components")) &&
		 hsm_emu_limits_check_create(emu, request, account))
		create(emu, request, account, json);
	cJSON_Delete(json);
}
