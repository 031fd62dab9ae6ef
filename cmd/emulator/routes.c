#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/admin.h"
#include "cmd/emulator/graph_errors.h"
#include "cmd/emulator/graph_nodes.h"
#include "cmd/emulator/graph_messages.h"
#include "cmd/emulator/graph_templates.h"
#include "cmd/emulator/graph_uploads.h"
#include "cmd/emulator/graph_webhooks.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/limits.h"
#include "cmd/emulator/public.h"
#include "cmd/emulator/request.h"
#include "cmd/emulator/templates.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

enum access {
	TOKEN, /* and the scope of the row */
	OPEN,  /* /oauth/token */
	ADMIN, /* neither logged nor harmed by faults */
};

struct hsm_emu_route {
	const char *method, *path;
	enum access access;
	enum hsm_emu_scope scope;
	void (*handle)(struct hsm_emu *emu, struct hsm_emu_request *request);
};

#define SEGMENTS_MAXIMUM 8 /* more than any route has */
#define DATATABLES "/api/v2/flows/datatables"
#define GRAPH "/" GRAPH_VERSION
#define GRAPH_VERSION "vN.N" /* any: /v23.0 */
#define MANAGEMENT EMU_SCOPE_WHATSAPP_MANAGEMENT
#define INTEGRATIONS "/api/v2/conversations/messaging/integrations/whatsapp"
#define LIBRARIES "/api/v2/responsemanagement/libraries"
#define RESPONSES "/api/v2/responsemanagement/responses"
#define MESSAGES "/api/v2/conversations/messages"
#define TEMPLATES "/api/v2/messaging/providers/{providerId}/templates"

static const struct hsm_emu_route routes[] = {
	{ "POST", "/oauth/token", OPEN, EMU_SCOPE_NONE, hsm_emu_oauth_grant },
	{ "GET", "/api/v2/organizations/me", TOKEN, EMU_SCOPE_NONE, hsm_emu_organization_get },
	{ "GET", "/api/v2/messaging/providers", TOKEN, EMU_SCOPE_PROVIDER_READ, hsm_emu_providers_list },
	{ "GET", TEMPLATES, TOKEN, EMU_SCOPE_TEMPLATE_READ, hsm_emu_templates_list },
	{ "POST", TEMPLATES, TOKEN, EMU_SCOPE_TEMPLATE_WRITE, hsm_emu_templates_create },
	{ "GET", TEMPLATES "/{templateId}", TOKEN, EMU_SCOPE_TEMPLATE_READ, hsm_emu_templates_get },
	{ "DELETE", TEMPLATES "/{templateId}", TOKEN, EMU_SCOPE_TEMPLATE_WRITE, hsm_emu_templates_delete },
	{ "GET", "/api/v2/messaging/webhooks", TOKEN, EMU_SCOPE_PROVIDER_READ, hsm_emu_webhooks_list },
	{ "POST", "/api/v2/messaging/webhooks", TOKEN, EMU_SCOPE_PROVIDER_WRITE, hsm_emu_webhooks_create },
	{ "PUT", "/api/v2/messaging/webhooks/{webhookId}", TOKEN, EMU_SCOPE_PROVIDER_WRITE, hsm_emu_webhooks_replace },
	{ "DELETE", "/api/v2/messaging/webhooks/{webhookId}", TOKEN, EMU_SCOPE_PROVIDER_WRITE, hsm_emu_webhooks_delete },
	{ "GET", "/api/v2/messaging/conversations", TOKEN, EMU_SCOPE_CONVERSATION_READ, hsm_emu_conversations_list },
	{ "POST", "/api/v2/messaging/conversations", TOKEN, EMU_SCOPE_CONVERSATION_WRITE, hsm_emu_conversations_create },
	{ "GET", DATATABLES, TOKEN, EMU_SCOPE_ARCHITECT, hsm_emu_datatables_list },
	{ "POST", DATATABLES, TOKEN, EMU_SCOPE_ARCHITECT, hsm_emu_datatables_create },
	{ "GET", DATATABLES "/{datatableId}", TOKEN, EMU_SCOPE_ARCHITECT, hsm_emu_datatables_get },
	{ "PUT", DATATABLES "/{datatableId}", TOKEN, EMU_SCOPE_ARCHITECT, hsm_emu_datatables_replace },
	{ "DELETE", DATATABLES "/{datatableId}", TOKEN, EMU_SCOPE_ARCHITECT, hsm_emu_datatables_delete },
	{ "GET", DATATABLES "/{datatableId}/rows", TOKEN, EMU_SCOPE_ARCHITECT, hsm_emu_rows_list },
	{ "POST", DATATABLES "/{datatableId}/rows", TOKEN, EMU_SCOPE_ARCHITECT, hsm_emu_rows_create },
	{ "GET", DATATABLES "/{datatableId}/rows/{rowId}", TOKEN, EMU_SCOPE_ARCHITECT, hsm_emu_rows_get },
	{ "PUT", DATATABLES "/{datatableId}/rows/{rowId}", TOKEN, EMU_SCOPE_ARCHITECT, hsm_emu_rows_replace },
	{ "DELETE", DATATABLES "/{datatableId}/rows/{rowId}", TOKEN, EMU_SCOPE_ARCHITECT, hsm_emu_rows_delete },
	{ "GET", GRAPH "/me", TOKEN, EMU_SCOPE_NONE, hsm_emu_graph_get_me },
	{ "GET", GRAPH "/debug_token", TOKEN, EMU_SCOPE_NONE, hsm_emu_graph_debug_token },
	{ "GET", GRAPH "/{node}", TOKEN, MANAGEMENT, hsm_emu_graph_get_node },
	{ "POST", GRAPH "/{node}", TOKEN, MANAGEMENT, hsm_emu_graph_post_node },
	{ "GET", GRAPH "/{waba}/message_templates", TOKEN, MANAGEMENT, hsm_emu_graph_templates_list },
	{ "POST", GRAPH "/{waba}/message_templates", TOKEN, MANAGEMENT, hsm_emu_graph_templates_create },
	{ "DELETE", GRAPH "/{waba}/message_templates", TOKEN, MANAGEMENT, hsm_emu_graph_templates_delete },
	{ "GET", GRAPH "/{waba}/phone_numbers", TOKEN, MANAGEMENT, hsm_emu_graph_phone_numbers },
	{ "GET", GRAPH "/{waba}/subscribed_apps", TOKEN, MANAGEMENT, hsm_emu_graph_subscription_get },
	{ "POST", GRAPH "/{waba}/subscribed_apps", TOKEN, MANAGEMENT, hsm_emu_graph_subscription_create },
	{ "DELETE", GRAPH "/{waba}/subscribed_apps", TOKEN, MANAGEMENT, hsm_emu_graph_subscription_delete },
	{ "POST", GRAPH "/{app}/uploads", TOKEN, MANAGEMENT, hsm_emu_graph_upload_start },
	{ "POST", GRAPH "/{phone}/messages", TOKEN, EMU_SCOPE_WHATSAPP_MESSAGING, hsm_emu_graph_message_send },
	{ "GET", INTEGRATIONS, TOKEN, EMU_MAY_VIEW_INTEGRATIONS, hsm_emu_integrations_list },
	{ "GET", INTEGRATIONS "/{integrationId}", TOKEN, EMU_MAY_VIEW_INTEGRATIONS, hsm_emu_integrations_get },
	{ "GET", LIBRARIES, TOKEN, EMU_MAY_VIEW_LIBRARIES, hsm_emu_libraries_list },
	{ "POST", LIBRARIES, TOKEN, EMU_MAY_ADD_LIBRARIES, hsm_emu_libraries_create },
	{ "POST", LIBRARIES "/query", TOKEN, EMU_MAY_VIEW_LIBRARIES, hsm_emu_libraries_query },
	{ "GET", LIBRARIES "/{libraryId}", TOKEN, EMU_MAY_VIEW_LIBRARIES, hsm_emu_libraries_get },
	{ "PUT", LIBRARIES "/{libraryId}", TOKEN, EMU_MAY_EDIT_LIBRARIES, hsm_emu_libraries_replace },
	{ "DELETE", LIBRARIES "/{libraryId}", TOKEN, EMU_MAY_DELETE_LIBRARIES, hsm_emu_libraries_delete },
	{ "GET", RESPONSES, TOKEN, EMU_MAY_VIEW_RESPONSES, hsm_emu_responses_list },
	{ "POST", RESPONSES, TOKEN, EMU_MAY_ADD_RESPONSES, hsm_emu_responses_create },
	{ "POST", RESPONSES "/query", TOKEN, EMU_MAY_VIEW_RESPONSES, hsm_emu_responses_query },
	{ "GET", RESPONSES "/{responseId}", TOKEN, EMU_MAY_VIEW_RESPONSES, hsm_emu_responses_get },
	{ "PUT", RESPONSES "/{responseId}", TOKEN, EMU_MAY_EDIT_RESPONSES, hsm_emu_responses_replace },
	{ "DELETE", RESPONSES "/{responseId}", TOKEN, EMU_MAY_DELETE_RESPONSES, hsm_emu_responses_delete },
	{ "GET", "/api/v2/architect/dependencytracking/consumingresources", TOKEN, EMU_MAY_VIEW_DEPENDENCIES,
	  hsm_emu_dependencies_list },
	{ "GET", "/api/v2/outbound/messagingcampaigns", TOKEN, EMU_MAY_VIEW_CAMPAIGNS, hsm_emu_campaigns_list },
	{ "POST", MESSAGES "/agentless", TOKEN, EMU_MAY_CREATE_MESSAGES, hsm_emu_agentless_send },
	{ "GET", MESSAGES "/{messageId}/details", TOKEN, EMU_MAY_VIEW_MESSAGES, hsm_emu_messages_get },
	{ "GET", "/_emulator/state", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_get_state },
	{ "POST", "/_emulator/reset", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_reset },
	{ "POST", "/_emulator/clock", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_advance_clock },
	{ "POST", "/_emulator/templates", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_seed_templates },
	{ "DELETE", "/_emulator/templates/{template}", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_delete_template },
	{ "POST", "/_emulator/templates/{template}/review", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_review_template },
	{ "POST", "/_emulator/review", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_review_many },
	{ "GET", "/_emulator/requests", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_get_requests },
	{ "DELETE", "/_emulator/requests", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_delete_requests },
	{ "GET", "/_emulator/counters", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_get_counters },
	{ "GET", "/_emulator/faults", ADMIN, EMU_SCOPE_NONE, hsm_emu_faults_append },
	{ "POST", "/_emulator/faults", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_add_faults },
	{ "DELETE", "/_emulator/faults", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_clear_faults },
	{ "POST", "/_emulator/providers", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_set_providers },
	{ "POST", "/_emulator/wabas", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_set_wabas },
	{ "POST", "/_emulator/organization", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_set_organization },
	{ "GET", "/_emulator/conversations", ADMIN, EMU_SCOPE_NONE, hsm_emu_conversations_append },
	{ "POST", "/_emulator/outcomes", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_add_outcome },
	{ "DELETE", "/_emulator/outcomes", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_clear_outcomes },
	{ "POST", "/_emulator/conversations/{phone}/message", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_user_wrote },
	{ "POST", "/_emulator/integrations", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_set_integrations },
	{ "POST", "/_emulator/dependencies", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_set_dependencies },
	{ "POST", "/_emulator/campaigns", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_set_campaigns },
	{ "GET", "/_emulator/messages", ADMIN, EMU_SCOPE_NONE, hsm_emu_messages_append },
	{ "POST", "/_emulator/messages/{messageId}", ADMIN, EMU_SCOPE_NONE, hsm_emu_admin_set_message },
};

static void clear_captures(struct hsm_emu_request *request)
{
	for (size_t i = 0; i < EMU_CAPTURES; i++) {
		free(request->captures[i]);
		request->captures[i] = NULL;
	}
}

/*
 * The segments of a path as it was sent, each decoded by itself: a slash in a key
 * comes as %2F and separates nothing. 0 where no route can match.
 */
static size_t split_path(char *path, char *segments[SEGMENTS_MAXIMUM])
{
	size_t count = 0;
	for (char *segment; (segment = strsep(&path, "/")) != NULL;) {
		if (count == SEGMENTS_MAXIMUM)
			return 0;
		segments[count++] = segment;
		if (MHD_http_unescape(segment) != strlen(segment))
			return 0; /* a NUL */
	}
	return count;
}

int hsm_emu_route_version(const char *path)
{
	size_t major = *path == '/' && path[1] == 'v' ? strspn(path + 2, "0123456789") : 0;
	size_t minor = major && path[2 + major] == '.' ? strspn(path + 3 + major, "0123456789") : 0;
	return minor && major < 4 && strchr("/", path[3 + major + minor]) ? atoi(path + 2) : 0;
}

/* Whether segments have the route's form; fills the captures. */
static bool path_matches(struct hsm_emu_request *request, char *const *segments, size_t count, const char *pattern)
{
	size_t captured = 0;
	clear_captures(request);
	for (size_t i = 0; i < count; i++) {
		size_t length = strcspn(pattern, "/");
		if (*pattern == '{') {
			if (!*segments[i] || captured == EMU_CAPTURES)
				return false;
			request->captures[captured++] = hsm_memory_copy_string(segments[i]);
		} else if (i == 1 && length == strlen(GRAPH_VERSION) && strncmp(pattern, GRAPH_VERSION, length) == 0) {
			if (!request->graph)
				return false;
		} else if (strlen(segments[i]) != length || strncmp(pattern, segments[i], length) != 0) {
			return false;
		}
		pattern += length;
		if (!*pattern)
			return i + 1 == count;
		pattern++;
	}
	return false;
}

/* NULL where there is none: *allow then says whether other methods have one. */
static const struct hsm_emu_route *find_route(struct hsm_emu_request *request, const char **allow)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };
	static const char *const lists[] = {
		NULL, "GET", "POST", "GET, POST", "PUT", "GET, PUT", "POST, PUT", "GET, POST, PUT",
		"DELETE", "GET, DELETE", "POST, DELETE", "GET, POST, DELETE", "PUT, DELETE",
		"GET, PUT, DELETE", "POST, PUT, DELETE", "GET, POST, PUT, DELETE",
	};
	unsigned others = 0;
	const struct hsm_emu_route *found = NULL;
	char *path = hsm_memory_copy_string(request->target), *segments[SEGMENTS_MAXIMUM];
	path[strcspn(path, "?")] = '\0';
	size_t count = split_path(path, segments);
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes) && !found; i++) {
		if (!path_matches(request, segments, count, routes[i].path))
			continue;
		if (strcmp(routes[i].method, request->method) == 0)
			found = &routes[i];
		for (unsigned bit = 0; bit < sizeof(methods) / sizeof(*methods); bit++)
			if (strcmp(methods[bit], routes[i].method) == 0)
				others |= 1u << bit;
	}
	*allow = lists[others];
	free(path);
	return found;
}

static bool check_scope(struct hsm_emu_request *request)
{
	enum hsm_emu_scope scope = request->route->scope;
	if ((request->token->scopes & scope) == scope)
		return true;
	bool permission = scope & EMU_SCOPE_PERMISSIONS;
	const char *name = hsm_emu_scope_name(scope);
	cJSON *error = hsm_emu_fail(request, 403, permission ? "missing.permissions" :
				    scope == EMU_SCOPE_WHATSAPP_MESSAGING ? "not.authorized.messaging" : "not.authorized",
				    "Unable to perform the requested action. You %s: %s%s%s",
				    permission ? "are missing the following permission(s)" :
						 "must have at least one of the following scopes",
				    permission ? "" : "[", name, permission ? "" : "]");
	cJSON_AddStringToObject(cJSON_AddObjectToObject(error, "messageParams"), permission ? "permissions" : "scopes", name);
	return false;
}

static void handle(struct hsm_emu *emu, struct hsm_emu_request *request, const char *allow)
{
	const struct hsm_emu_route *route = request->route;
	if (request->oversize) {
		hsm_emu_fail(request, 413, "request.too.large", "The request body is larger than %d bytes", EMU_BODY_MAXIMUM);
	} else if (!route && allow) {
		request->allow = allow;
		hsm_emu_fail(request, 405, "method.not.allowed", "The method is not allowed here: %s is", allow);
	} else if (!route) {
		hsm_emu_fail(request, 404, "not.found", "The requested resource does not exist");
	} else if (route->access != TOKEN || (hsm_emu_oauth_check(emu, request) && hsm_emu_limits_check_rate(emu, request) &&
					      check_scope(request))) {
		route->handle(emu, request);
	}
}

static void finish(struct hsm_emu_request *request)
{
	if (!request->error)
		return;
	if (request->graph)
		hsm_emu_graph_error_translate(request);
	hsm_buffer_clear(&request->answer);
	hsm_emu_json_append(&request->answer, request->error);
	cJSON_Delete(request->error);
	request->error = NULL;
}

void hsm_emu_route(struct hsm_emu_request *request)
{
	struct hsm_emu *emu = request->emu;
	const char *allow = NULL;
	bool admin = hsm_text_starts_with(request->path, "/_emulator/");
	request->status = 200;
	request->route = find_route(request, &allow);
	request->fault = admin ? NULL : hsm_emu_faults_pick(emu, request);
	if (!request->fault || !hsm_emu_fault_before(emu, request)) {
		handle(emu, request, allow);
		finish(request);
		if (request->fault)
			hsm_emu_fault_after(emu, request);
	}
	finish(request);
	if (!admin) {
		request->delay += emu->options.latency;
		hsm_emu_log_add(emu, request, request->route ? request->route->path : "unknown");
	}
	hsm_emu_graph_note_usage(request);
	request->fault = NULL;
	request->token = NULL;
	clear_captures(request);
}
