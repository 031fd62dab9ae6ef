/* GET /v1/routes: where buttons lead. */
#include <string.h>

#include "reconciler/serve/controller_state.h"

static enum MHD_Result answer(struct hsm_request *request, unsigned status, const struct hsm_buffer *text)
{
	struct MHD_Response *response = hsm_response_make(hsm_buffer_text(text), text->length, "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	enum MHD_Result result = hsm_request_answer(request, status, response);
	MHD_destroy_response(response);
	return result;
}

static const struct {
	unsigned status;
	const char *message; /* NULL: it says all itself */
} outcomes[] = {
	[HSM_ROUTING_UNKNOWN] = { MHD_HTTP_NOT_FOUND, "no template has, or had, a button that sends this" },
	[HSM_ROUTING_CURRENT] = { MHD_HTTP_OK, NULL },
	[HSM_ROUTING_STALE] = { MHD_HTTP_GONE, "a button of this template sends it, or did once, and its routes do not have it" },
	[HSM_ROUTING_AMBIGUOUS] = { MHD_HTTP_CONFLICT, "templates lead it to different targets: say which, ?template=NAME" },
};

/* What is not known may be anything, and is not repeated. */
static void append_answer(const struct hsm_routing *routing, const char *sent, const char *base,
			  enum hsm_routing_state *state, struct hsm_buffer *text)
{
	struct hsm_arena arena = { 0 };
	struct hsm_json_writer writer = { .buffer = text };
	struct hsm_payload payload = hsm_payload_decode(&arena, sent);
	struct hsm_routing_answer found = hsm_routing_find(routing, payload.id, base);
	*state = found.state;
	hsm_json_begin_object(&writer, NULL);
	if (outcomes[found.state].message)
		hsm_json_write_string(&writer, "message", outcomes[found.state].message);
	if (found.state == HSM_ROUTING_UNKNOWN)
		hsm_json_write_string(&writer, "state", hsm_routing_state_words[found.state]);
	else
		hsm_routing_write(&writer, sent, &payload, &found);
	hsm_json_end_object(&writer);
	hsm_buffer_append_char(text, '\n');
	hsm_arena_release(&arena);
}

enum MHD_Result hsm_controller_get_route(struct hsm_controller *controller, struct hsm_request *request)
{
	struct hsm_routing *routing = hsm_keeper_routing(controller->keeper);
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	enum hsm_routing_state state;
	const char *sent = request->path + strlen(HSM_ROUTES_PATH);
	pthread_rwlock_rdlock(&routing->lock);
	append_answer(routing, sent, hsm_request_query(request, "template"), &state, &text);
	pthread_rwlock_unlock(&routing->lock);
	enum MHD_Result result = answer(request, outcomes[state].status, &text);
	hsm_buffer_release(&text);
	return result;
}

enum MHD_Result hsm_controller_list_routes(struct hsm_controller *controller, struct hsm_request *request)
{
	struct hsm_routing *routing = hsm_keeper_routing(controller->keeper);
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	pthread_rwlock_rdlock(&routing->lock);
	hsm_routing_append(routing, &text);
	pthread_rwlock_unlock(&routing->lock);
	enum MHD_Result result = answer(request, MHD_HTTP_OK, &text);
	hsm_buffer_release(&text);
	return result;
}
