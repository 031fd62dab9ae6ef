#include "cmd/emulator/organization.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"

static void add_provider(struct hsm_emu_organization *organization, const char *id, const char *name, const char *type,
			 const char *status)
{
	struct hsm_emu_provider provider = { 0 };
	hsm_emu_text_set(&provider.id, id);
	hsm_emu_text_set(&provider.name, name);
	hsm_emu_text_set(&provider.type, type);
	hsm_emu_text_set(&provider.status, status);
	HSM_MEMORY_GROW(organization->providers, organization->count, organization->capacity);
	organization->providers[organization->count++] = provider;
}

static void clear_providers(struct hsm_emu_organization *organization)
{
	for (size_t i = 0; i < organization->count; i++) {
		struct hsm_emu_provider *provider = &organization->providers[i];
		free(provider->id);
		free(provider->name);
		free(provider->type);
		free(provider->status);
	}
	organization->count = 0;
}

void hsm_emu_organization_fill(struct hsm_emu *emu)
{
	struct hsm_emu_organization *organization = &emu->organization;
	hsm_emu_text_set(&organization->id, emu->options.organization);
	hsm_emu_text_set(&organization->name, "Emulated Organization");
	clear_providers(organization);
	add_provider(organization, "5c1b6f1e-emulated-facebook", "Acme Facebook", "FACEBOOK", "ACTIVE");
	add_provider(organization, "7f3a2d90-emulated-whatsapp", "Acme WhatsApp", "WHATSAPP", "ACTIVE");
}

void hsm_emu_organization_release(struct hsm_emu *emu)
{
	clear_providers(&emu->organization);
	free(emu->organization.providers);
	free(emu->organization.id);
	free(emu->organization.name);
	emu->organization = (struct hsm_emu_organization){ 0 };
}

const struct hsm_emu_provider *hsm_emu_provider_find(const struct hsm_emu *emu, const char *id)
{
	for (size_t i = 0; i < emu->organization.count; i++)
		if (strcmp(emu->organization.providers[i].id, id) == 0)
			return &emu->organization.providers[i];
	return NULL;
}

bool hsm_emu_provider_is_whatsapp(const struct hsm_emu_provider *provider)
{
	return strcmp(provider->type, "WHATSAPP") == 0;
}

bool hsm_emu_provider_is_active(const struct hsm_emu_provider *provider)
{
	return !provider->status || strcmp(provider->status, "ACTIVE") == 0;
}

const struct hsm_emu_provider *hsm_emu_provider_first(const struct hsm_emu *emu)
{
	for (size_t i = 0; i < emu->organization.count; i++)
		if (hsm_emu_provider_is_whatsapp(&emu->organization.providers[i]))
			return &emu->organization.providers[i];
	return NULL;
}

static void append_provider(struct hsm_buffer *out, const struct hsm_emu_provider *provider)
{
	hsm_buffer_append_char(out, '{');
	hsm_emu_json_append_member(out, "id", provider->id);
	if (provider->name)
		hsm_emu_json_append_member(out, "name", provider->name);
	hsm_emu_json_append_member(out, "type", provider->type);
	if (provider->status)
		hsm_emu_json_append_member(out, "status", provider->status);
	hsm_buffer_append_char(out, '}');
}

static void append_providers(struct hsm_buffer *out, const struct hsm_emu_organization *organization)
{
	hsm_buffer_append_char(out, '[');
	for (size_t i = 0; i < organization->count; i++) {
		if (i)
			hsm_buffer_append_char(out, ',');
		append_provider(out, &organization->providers[i]);
	}
	hsm_buffer_append_char(out, ']');
}

void hsm_emu_providers_append(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	append_providers(&request->answer, &emu->organization);
}

void hsm_emu_organization_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_buffer *out = &request->answer;
	hsm_buffer_append_char(out, '{');
	hsm_emu_json_append_member(out, "id", emu->organization.id);
	hsm_emu_json_append_member(out, "name", emu->organization.name);
	hsm_buffer_append_string(out, ",\"selfUri\":\"/api/v2/organizations/me\"}");
}

void hsm_emu_providers_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_page page;
	if (!hsm_emu_page_begin(request, emu->organization.count, &page))
		return;
	hsm_emu_page_open(request);
	for (size_t i = page.first; i < page.end; i++) {
		if (i > page.first)
			hsm_buffer_append_char(&request->answer, ',');
		append_provider(&request->answer, &emu->organization.providers[i]);
	}
	hsm_emu_page_close(request, &page);
}

static void save(struct hsm_emu *emu)
{
	struct hsm_emu_organization *organization = &emu->organization;
	struct hsm_buffer json = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_char(&json, '{');
	hsm_emu_json_append_member(&json, "id", organization->id);
	hsm_emu_json_append_member(&json, "name", organization->name);
	hsm_buffer_append_string(&json, ",\"providers\":");
	append_providers(&json, organization);
	hsm_buffer_append_char(&json, '}');
	hsm_emu_store_put(emu, "organization", "", 0, json.data);
	hsm_buffer_release(&json);
}

static bool providers_are_good(const cJSON *providers)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, providers) {
		const char *id = hsm_emu_json_string(item, "id"), *type = hsm_emu_json_string(item, "type");
		if (!id || !*id || !type || !*type)
			return false;
	}
	return cJSON_IsArray(providers);
}

static void set_providers(struct hsm_emu *emu, const cJSON *providers)
{
	const cJSON *item;
	clear_providers(&emu->organization);
	cJSON_ArrayForEach(item, providers)
		add_provider(&emu->organization, hsm_emu_json_string(item, "id"), hsm_emu_json_string(item, "name"),
			     hsm_emu_json_string(item, "type"), hsm_emu_json_string(item, "status"));
}

static bool load(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	(void)id;
	(void)sequence;
	cJSON *document = cJSON_Parse(json), *providers = hsm_emu_json_get(document, "providers");
	bool good = providers_are_good(providers);
	if (good) {
		hsm_emu_text_set(&emu->organization.id, hsm_emu_json_string(document, "id"));
		hsm_emu_text_set(&emu->organization.name, hsm_emu_json_string(document, "name"));
		set_providers(emu, providers);
	}
	cJSON_Delete(document);
	return good;
}

bool hsm_emu_organization_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "organization", load);
}

void hsm_emu_admin_set_organization(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json(request);
	if (!json)
		return;
	const char *id = hsm_emu_json_string(json, "id"), *name = hsm_emu_json_string(json, "name");
	if (id)
		hsm_emu_text_set(&emu->organization.id, id);
	if (name)
		hsm_emu_text_set(&emu->organization.name, name);
	save(emu);
	cJSON_Delete(json);
	hsm_emu_organization_get(emu, request);
}

void hsm_emu_admin_set_providers(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json_any(request);
	if (!json)
		return;
	if (providers_are_good(json)) {
		set_providers(emu, json);
		save(emu);
		hsm_emu_json_append(&request->answer, json);
	} else {
		hsm_emu_fail(request, 400, "bad.request", "providers are an array of objects with id and type");
	}
	cJSON_Delete(json);
}
