/* What the provider and the git host tell. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/serve/controller_state.h"
#include "schema/base/memory.h"

/* A request's events, until they are durable. */
struct taking {
	struct hsm_work work;
	struct hsm_controller *controller;
	struct hsm_request *request;
	struct hsm_arena arena;
	struct hsm_events events;
	int64_t received;
};

/* A message whose answer was lost was sent: Meta tells of it. */
static int settle_sends(struct hsm_keeper *keeper, const struct hsm_events *events, struct hsm_error *error)
{
	static const char answer[] = "{\"state\":\"sent\",\"message\":\"its answer was lost, and Meta's webhook told of it\"}";
	int rc = 0;
	for (size_t i = 0; !rc && i < events->receipt_count; i++)
		rc = hsm_store_settle_send(hsm_keeper_store(keeper), events->receipts[i].token, MHD_HTTP_OK, answer, error);
	return rc;
}

static int run_taking(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	const struct taking *taking = (struct taking *)work;
	int rc = hsm_keeper_take_events(keeper, &taking->events, "webhook", taking->received, error);
	return rc ? rc : settle_sends(keeper, &taking->events, error);
}

static struct MHD_Response *make_unavailable(void)
{
	static const char text[] = "{\"message\":\"the registry cannot be written now: send it again\"}\n";
	struct MHD_Response *response = hsm_response_make(text, sizeof(text) - 1, "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "5");
	return response;
}

static void end_taking(struct hsm_work *work, int rc, const struct hsm_error *error)
{
	struct taking *taking = (struct taking *)work;
	(void)error;
	if (rc) {
		taking->controller->counts.unavailable++;
		hsm_request_resume(taking->request, MHD_HTTP_SERVICE_UNAVAILABLE, make_unavailable());
	} else {
		taking->controller->counts.accepted++;
		hsm_dispatcher_note_receipts(taking->controller->dispatcher, taking->events.receipts,
					     taking->events.receipt_count);
		hsm_request_resume(taking->request, MHD_HTTP_OK, hsm_response_make("{}\n", 3, "application/json"));
	}
	hsm_arena_release(&taking->arena);
	free(taking);
}

static enum MHD_Result refuse_flood(struct hsm_controller *controller, struct hsm_request *request)
{
	static const char text[] = "{\"message\":\"too much is waiting to be written: send it again\"}\n";
	struct MHD_Response *response = hsm_response_make(text, sizeof(text) - 1, "application/json");
	controller->counts.floods++;
	MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "2");
	enum MHD_Result result = hsm_request_answer(request, MHD_HTTP_TOO_MANY_REQUESTS, response);
	MHD_destroy_response(response);
	return result;
}

static bool is_signed(struct hsm_controller *controller, const struct hsm_request *request)
{
	pthread_rwlock_rdlock(&controller->lock);
	bool good = hsm_event_signature_matches(hsm_request_header(request, "X-Hub-Signature-256"),
						hsm_buffer_text(&request->body), request->body.length,
						controller->webhook);
	pthread_rwlock_unlock(&controller->lock);
	return good;
}

enum MHD_Result hsm_controller_take_webhook(struct hsm_controller *controller, struct hsm_request *request)
{
	struct hsm_error error;
	if (!is_signed(controller, request)) {
		controller->counts.forged++;
		return hsm_controller_refuse(request, MHD_HTTP_UNAUTHORIZED,
					     "X-Hub-Signature-256 is missing or not that of this body");
	}
	struct taking *taking = hsm_memory_allocate(sizeof(*taking));
	taking->controller = controller;
	taking->request = request;
	taking->received = hsm_clock_now();
	taking->work = (struct hsm_work){ .run = run_taking, .done = end_taking,
					  .weight = request->body.length + sizeof(*taking) };
	if (hsm_events_read(&taking->arena, hsm_buffer_text(&request->body), request->body.length, &taking->events,
			    &error)) {
		controller->counts.malformed++;
		hsm_arena_release(&taking->arena);
		free(taking);
		return hsm_controller_refuse(request, MHD_HTTP_BAD_REQUEST, "%s", error.message);
	}
	if (!hsm_keeper_has_room(controller->keeper, taking->work.weight)) {
		hsm_arena_release(&taking->arena);
		free(taking);
		return refuse_flood(controller, request);
	}
	/* It may be answered before this returns. */
	hsm_request_suspend(request);
	hsm_keeper_queue(controller->keeper, &taking->work);
	return MHD_YES;
}

/* https://developers.facebook.com, "Create a webhook endpoint" */
enum MHD_Result hsm_controller_verify_webhook(struct hsm_controller *controller, struct hsm_request *request)
{
	const char *mode = hsm_request_query(request, "hub.mode");
	const char *token = hsm_request_query(request, "hub.verify_token");
	const char *challenge = hsm_request_query(request, "hub.challenge");
	pthread_rwlock_rdlock(&controller->lock);
	const char *wanted = controller->verify_token;
	bool good = wanted && mode && token && challenge && strcmp(mode, "subscribe") == 0 &&
		    strlen(token) == strlen(wanted) && CRYPTO_memcmp(token, wanted, strlen(wanted)) == 0;
	pthread_rwlock_unlock(&controller->lock);
	if (!good)
		return hsm_controller_refuse(request, MHD_HTTP_FORBIDDEN, "the verify token is not ours");
	struct MHD_Response *response = hsm_response_make(challenge, strlen(challenge), "text/plain; charset=utf-8");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	enum MHD_Result result = hsm_request_answer(request, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

/* GitHub signs the body; GitLab sends the secret itself. */
static bool is_push_genuine(struct hsm_controller *controller, const struct hsm_request *request)
{
	const char *token = hsm_request_header(request, "X-Gitlab-Token");
	pthread_rwlock_rdlock(&controller->lock);
	const char *secret = controller->push;
	bool good = hsm_event_signature_matches(hsm_request_header(request, "X-Hub-Signature-256"),
						hsm_buffer_text(&request->body), request->body.length, secret);
	if (!good && secret && *secret && token && strlen(token) == strlen(secret))
		good = CRYPTO_memcmp(token, secret, strlen(secret)) == 0;
	pthread_rwlock_unlock(&controller->lock);
	return good;
}

enum MHD_Result hsm_controller_take_push(struct hsm_controller *controller, struct hsm_request *request)
{
	if (!is_push_genuine(controller, request)) {
		controller->counts.forged++;
		return hsm_controller_refuse(request, MHD_HTTP_UNAUTHORIZED,
					     "neither X-Hub-Signature-256 nor X-Gitlab-Token is right");
	}
	hsm_follower_push(controller->follower);
	struct MHD_Response *response = hsm_response_make("{}\n", 3, "application/json");
	enum MHD_Result result = hsm_request_answer(request, MHD_HTTP_ACCEPTED, response);
	MHD_destroy_response(response);
	return result;
}
