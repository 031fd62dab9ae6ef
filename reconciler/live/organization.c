#include "reconciler/live/organization.h"

#include <strings.h>

#include "reconciler/live/answer.h"
#include "schema/json.h"

struct wire_organization {
	struct hsm_node node;
	struct hsm_string id;
	struct hsm_string name;
};

static const struct hsm_field organization_fields[] = {
	{ "id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, .offset = offsetof(struct wire_organization, id) },
	{ "name", HSM_TYPE_STRING, 0, .offset = offsetof(struct wire_organization, name) },
};
static const struct hsm_object organization_object = {
	"organization", 0, sizeof(struct wire_organization), HSM_OBJECT_FIELDS(organization_fields), .help = NULL,
};

struct request {
	const struct hsm_connection *connection;
	struct hsm_arena *arena;
	struct wire_organization found;
	int status;
	struct hsm_error *error;
};

static int read_organization(struct request *request, const struct hsm_http_answer *answer)
{
	cJSON *json;
	struct hsm_error why;
	if (!hsm_answer_is_good(answer))
		return hsm_answer_fail(request->connection, answer, hsm_answer_class(answer), NULL, request->error);
	int status = hsm_json_parse(&json, answer->body, answer->length, &why);
	if (!status) {
		status = hsm_json_read(request->arena, json, &organization_object, &request->found, &why);
		cJSON_Delete(json);
	}
	return status ? hsm_answer_unusable(answer, why.message, request->error) : 0;
}

static void organization_done(void *user, const struct hsm_http_answer *answer)
{
	struct request *request = user;
	request->status = read_organization(request, answer);
}

int hsm_organization_check(struct hsm_connection *connection, struct hsm_arena *arena,
			   struct hsm_organization *organization, struct hsm_error *error)
{
	const struct hsm_settings *settings = connection->settings;
	struct request request = { .connection = connection, .arena = arena, .error = error };
	*organization = (struct hsm_organization){ 0 };
	if (!settings->organization)
		return 0;
	hsm_http_send(connection->http, &(struct hsm_http_request){
		.method = "GET",
		.base = settings->base_url,
		.path = "/api/v2/organizations/me",
		.repeat = HSM_HTTP_READ,
		.done = organization_done,
		.user = &request,
	});
	hsm_http_run(connection->http);
	if (request.status)
		return request.status;
	*organization = (struct hsm_organization){ request.found.id.text, request.found.name.text };
	if (strcasecmp(organization->id, settings->organization) == 0)
		return 0;
	return hsm_error_set(error, HSM_ERROR_AUTH,
			     "environment '%s' is organization %s, and the credentials are those of %s (%s): "
			     "nothing was done; take the right credentials, or correct hsmctl.yaml",
			     settings->environment, settings->organization, organization->id,
			     organization->name ? organization->name : "it has no name");
}
