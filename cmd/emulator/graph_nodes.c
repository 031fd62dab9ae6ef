/* Meta's nodes: anything that has an id, and the fields of it that a request names. */
#include "cmd/emulator/graph_nodes.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/graph_templates.h"
#include "cmd/emulator/graph_uploads.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define USER "{\"id\":\"122105438219004567\",\"name\":\"hsmctl system user\"}"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void append_member(struct hsm_buffer *out, const void *node, const char *name)
{
	const cJSON *value = hsm_emu_json_get(node, name);
	if (value)
		hsm_emu_json_append(out, value);
}

static const struct hsm_emu_graph_field waba_fields[] = {
	{ "id", true, append_member },
	{ "name", true, append_member },
	{ "timezone_id", true, append_member },
	{ "message_template_namespace", true, append_member },
	{ "currency", false, append_member },
	{ "country", false, append_member },
	{ "owner_business_info", false, append_member },
	{ "on_behalf_of_business_info", false, append_member },
	{ "account_review_status", false, append_member },
	{ "business_verification_status", false, append_member },
	{ "ownership_type", false, append_member },
	{ "primary_business_location", false, append_member },
	{ "is_enabled_for_insights", false, append_member },
	{ "status", false, append_member },
};

static const struct hsm_emu_graph_field phone_fields[] = {
	{ "id", true, append_member },
	{ "display_phone_number", true, append_member },
	{ "verified_name", true, append_member },
	{ "code_verification_status", true, append_member },
	{ "quality_rating", true, append_member },
	{ "status", true, append_member },
	{ "platform_type", false, append_member },
	{ "throughput", false, append_member },
	{ "messaging_limit_tier", false, append_member },
	{ "name_status", false, append_member },
	{ "account_mode", false, append_member },
	{ "is_official_business_account", false, append_member },
};

static const struct hsm_emu_graph_field name_fields[] = {
	{ "id", true, append_member },
	{ "name", true, append_member },
	{ "link", false, append_member },
	{ "namespace", false, append_member },
};

const struct hsm_emu_graph_type hsm_emu_graph_waba_type = { "WhatsAppBusinessAccount", waba_fields, COUNT(waba_fields) };
const struct hsm_emu_graph_type hsm_emu_graph_phone_type = { "WhatsAppBusinessPhoneNumber", phone_fields, COUNT(phone_fields) };
static const struct hsm_emu_graph_type app_type = { "Application", name_fields, COUNT(name_fields) };
static const struct hsm_emu_graph_type user_type = { "User", name_fields, 2 };

/* Past one name of fields=, with what it asks of the field itself: quality_score{score}, data.limit(5). */
static size_t skip_field(const char *text)
{
	int depth = 0;
	size_t length = 0;
	for (; text[length] && (depth || text[length] != ','); length++)
		depth += text[length] == '{' || text[length] == '(' ? 1 : text[length] == '}' || text[length] == ')' ? -1 : 0;
	return length;
}

bool hsm_emu_graph_select(struct hsm_emu_request *request, const struct hsm_emu_graph_type *type, uint64_t *chosen)
{
	const char *text = hsm_emu_request_query(request, "fields");
	*chosen = 1;
	if (!text || !*text) {
		for (size_t i = 0; i < type->count; i++)
			*chosen |= type->fields[i].standard ? UINT64_C(1) << i : 0;
		return true;
	}
	for (size_t length; *text; text += length + (text[length] == ',')) {
		length = skip_field(text);
		size_t name = strcspn(text, ",{.("), field = 0;
		while (field < type->count && (strlen(type->fields[field].name) != name ||
					       strncmp(type->fields[field].name, text, name) != 0))
			field++;
		if (field == type->count) {
			hsm_emu_fail(request, 400, "bad.request", "Tried accessing nonexisting field (%.*s) on node type (%s)",
				     (int)(name < 100 ? name : 100), text, type->name);
			return false;
		}
		*chosen |= UINT64_C(1) << field;
	}
	return true;
}

void hsm_emu_graph_append_node(struct hsm_buffer *out, const struct hsm_emu_graph_type *type, uint64_t chosen,
			       const void *node)
{
	hsm_buffer_append_char(out, '{');
	for (size_t i = 1; i <= type->count; i++) {
		const struct hsm_emu_graph_field *field = &type->fields[i % type->count]; /* the id stands last */
		size_t before = out->length;
		if (!(chosen >> (i % type->count) & 1))
			continue;
		hsm_buffer_append_format(out, "%s\"%s\":", out->data[before - 1] == '{' ? "" : ",", field->name);
		size_t value = out->length;
		field->append(out, node, field->name);
		if (out->length == value) {
			out->length = before;
			out->data[before] = '\0';
		}
	}
	hsm_buffer_append_char(out, '}');
}

void hsm_emu_graph_fail_node(struct hsm_emu_request *request, const char *id)
{
	hsm_emu_fail(request, 400, "not.found",
		     "Unsupported %s request. Object with ID '%.*s' does not exist, cannot be loaded due to missing permissions, "
		     "or does not support this operation",
		     strcmp(request->method, "GET") == 0 ? "get" : strcmp(request->method, "DELETE") == 0 ? "delete" : "post",
		     HSM_TEXT_FIT(id, 200));
}

/* A parameter of a form or a query: JSON where it is an object or an array. */
static void add_parameter(cJSON *parameters, const char *name, const char *value)
{
	const char *why;
	if (hsm_emu_json_get(parameters, name) || strcmp(name, "access_token") == 0)
		return;
	cJSON *json = *value == '{' || *value == '[' ? hsm_emu_json_parse(value, strlen(value), &why) : NULL;
	cJSON_AddItemToObject(parameters, name, json ? json : cJSON_CreateString(value));
}

static cJSON *read_form(const char *text)
{
	cJSON *parameters = cJSON_CreateObject();
	char *copy = hsm_memory_copy_string(text), *rest = copy, *name;
	for (char *at = copy; *at; at++)
		*at = *at == '+' ? ' ' : *at;
	while ((name = strsep(&rest, "&")) != NULL) {
		char *value = strchr(name, '=');
		if (!value)
			continue;
		*value++ = '\0';
		MHD_http_unescape(name);
		MHD_http_unescape(value);
		if (hsm_text_find_invalid(value, strlen(value)) == strlen(value))
			add_parameter(parameters, name, value);
	}
	free(copy);
	return parameters;
}

static enum MHD_Result add_query(void *parameters, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	if (value && hsm_text_find_invalid(value, strlen(value)) == strlen(value))
		add_parameter(parameters, name, value);
	return MHD_YES;
}

cJSON *hsm_emu_graph_parameters(struct hsm_emu_request *request)
{
	const char *type = hsm_emu_request_header(request, "Content-Type");
	bool form = !request->body.length || (type && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0);
	cJSON *parameters = form ? read_form(hsm_buffer_text(&request->body)) : hsm_emu_request_json(request);
	if (parameters)
		MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, add_query, parameters);
	return parameters;
}

static void answer(struct hsm_emu_request *request, const struct hsm_emu_graph_type *type, const void *node)
{
	uint64_t chosen;
	if (hsm_emu_graph_select(request, type, &chosen))
		hsm_emu_graph_append_node(&request->answer, type, chosen, node);
}

void hsm_emu_graph_get_me(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	(void)emu;
	cJSON *user = cJSON_Parse(USER);
	answer(request, &user_type, user);
	cJSON_Delete(user);
}

static void add_scopes(const struct hsm_emu *emu, cJSON *data, unsigned granted)
{
	static const enum hsm_emu_scope all[] = { EMU_SCOPE_WHATSAPP_MANAGEMENT, EMU_SCOPE_WHATSAPP_MESSAGING };
	cJSON *scopes = cJSON_AddArrayToObject(data, "scopes"), *granular = cJSON_AddArrayToObject(data, "granular_scopes");
	for (size_t i = 0; i < COUNT(all); i++) {
		if (!(granted & all[i]))
			continue;
		cJSON *scope = cJSON_CreateObject();
		cJSON_AddItemToArray(scopes, cJSON_CreateString(hsm_emu_scope_name(all[i])));
		cJSON_AddItemToArray(granular, scope);
		cJSON_AddStringToObject(scope, "scope", hsm_emu_scope_name(all[i]));
		cJSON *targets = cJSON_AddArrayToObject(scope, "target_ids");
		for (size_t j = 0; j < emu->graph.count; j++)
			cJSON_AddItemToArray(targets, cJSON_CreateString(hsm_emu_waba_id(emu->graph.wabas[j])));
	}
}

void hsm_emu_graph_debug_token(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *input = hsm_emu_request_query(request, "input_token");
	if (!input || !*input) {
		hsm_emu_fail(request, 400, "bad.request", "Requires input_token");
		return;
	}
	const struct hsm_emu_token *token = hsm_emu_oauth_graph_token(emu, input);
	int64_t now = hsm_emu_now(emu);
	cJSON *json = cJSON_CreateObject(), *data = cJSON_AddObjectToObject(json, "data");
	cJSON_AddStringToObject(data, "app_id", hsm_emu_json_string(emu->graph.app, "id"));
	cJSON_AddStringToObject(data, "type", "SYSTEM_USER");
	cJSON_AddStringToObject(data, "application", hsm_emu_json_string(emu->graph.app, "name"));
	cJSON_AddNumberToObject(data, "data_access_expires_at", 0);
	cJSON_AddNumberToObject(data, "expires_at", token && token->expires != EMU_TOKEN_ENDLESS ? (double)(token->expires / 1000) : 0);
	cJSON_AddBoolToObject(data, "is_valid", token && token->expires > now);
	add_scopes(emu, data, token ? token->scopes : 0);
	cJSON_AddStringToObject(data, "user_id", "122105438219004567");
	hsm_emu_json_append(&request->answer, json);
	cJSON_Delete(json);
}

void hsm_emu_graph_get_node(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *id = request->captures[0];
	const cJSON *phone;
	struct hsm_emu_waba *waba = hsm_emu_waba_find(emu, id);
	if (hsm_text_starts_with(id, "upload:"))
		hsm_emu_graph_upload_get(emu, request);
	else if (strcmp(id, "app") == 0 || strcmp(id, hsm_emu_json_string(emu->graph.app, "id")) == 0)
		answer(request, &app_type, emu->graph.app);
	else if (waba && hsm_emu_waba_count_call(emu, request, waba))
		answer(request, &hsm_emu_graph_waba_type, waba->node);
	else if (!waba && (waba = hsm_emu_waba_find_phone(emu, id, &phone)) && hsm_emu_waba_count_call(emu, request, waba))
		answer(request, &hsm_emu_graph_phone_type, phone);
	else if (!waba)
		hsm_emu_graph_template_get(emu, request);
}

void hsm_emu_graph_post_node(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	if (hsm_text_starts_with(request->captures[0], "upload:"))
		hsm_emu_graph_upload_continue(emu, request);
	else
		hsm_emu_graph_template_edit(emu, request);
}

void hsm_emu_graph_phone_numbers(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_waba *waba = hsm_emu_waba_captured(emu, request);
	const cJSON *phone;
	uint64_t chosen;
	if (!waba || !hsm_emu_graph_select(request, &hsm_emu_graph_phone_type, &chosen))
		return;
	hsm_buffer_append_string(&request->answer, "{\"data\":[");
	cJSON_ArrayForEach(phone, hsm_emu_json_get(waba->node, "phone_numbers")) {
		if (request->answer.data[request->answer.length - 1] != '[')
			hsm_buffer_append_char(&request->answer, ',');
		hsm_emu_graph_append_node(&request->answer, &hsm_emu_graph_phone_type, chosen, phone);
	}
	hsm_buffer_append_string(&request->answer, "],\"paging\":{\"cursors\":{\"before\":\"QVFIUMAZDZD\",\"after\":\"QVFIUMQZDZD\"}}}");
}
