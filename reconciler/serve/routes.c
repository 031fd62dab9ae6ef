#include "reconciler/serve/routes.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define HISTORY_MAX 100
#define EVENTS_MAX 50

#define TEMPLATES_PATH "/v1/templates/"

enum MHD_Result hsm_controller_refuse(struct hsm_request *request, unsigned status, const char *format, ...)
{
	struct hsm_buffer message = HSM_BUFFER_INIT(4096), text = HSM_BUFFER_INIT(65536);
	struct hsm_json_writer writer = { .buffer = &text };
	va_list arguments;
	va_start(arguments, format);
	hsm_buffer_append_arguments(&message, format, arguments);
	va_end(arguments);
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "message", hsm_buffer_text(&message));
	hsm_json_end_object(&writer);
	hsm_buffer_append_char(&text, '\n');
	struct MHD_Response *response = hsm_response_make(hsm_buffer_text(&text), text.length, "application/json");
	if (status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
					strcmp(request->path, "/") == 0 ? "Basic realm=\"hsmctl\"" : "Bearer");
	enum MHD_Result result = hsm_request_answer(request, status, response);
	MHD_destroy_response(response);
	hsm_buffer_release(&message);
	hsm_buffer_release(&text);
	return result;
}

static enum MHD_Result answer_text(struct hsm_request *request, const struct hsm_buffer *text,
				   const char *content_type)
{
	struct MHD_Response *response = hsm_response_make(hsm_buffer_text(text), text->length, content_type);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	enum MHD_Result result = hsm_request_answer(request, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

/* All tokens are compared, all of their bytes. */
static bool is_token(const struct hsm_tokens *tokens, const char *given)
{
	char padded[HSM_TOKEN_MAX + 1] = "";
	bool good = false;
	if (strlen(given) > HSM_TOKEN_MAX || !*given)
		return false;
	memcpy(padded, given, strlen(given));
	for (size_t i = 0; i < tokens->count; i++)
		good |= CRYPTO_memcmp(padded, tokens->items[i], sizeof(padded)) == 0;
	return good;
}

static bool is_any_token(struct hsm_controller *controller, const char *given, bool sends)
{
	pthread_rwlock_rdlock(&controller->lock);
	bool good = is_token(&controller->send_tokens, given);
	good |= !sends && is_token(&controller->tokens, given);
	pthread_rwlock_unlock(&controller->lock);
	return good;
}

static const char *read_bearer(const struct hsm_request *request)
{
	static const char bearer[] = "Bearer ";
	const char *header = hsm_request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);
	return header && strncmp(header, bearer, sizeof(bearer) - 1) == 0 ? header + sizeof(bearer) - 1 : NULL;
}

bool hsm_controller_may_read(struct hsm_controller *controller, const struct hsm_request *request)
{
	const char *bearer = read_bearer(request);
	bool good = false;
	pthread_rwlock_rdlock(&controller->lock); /* while tokens are renewed there are none */
	bool everybody = !controller->tokens.count;
	pthread_rwlock_unlock(&controller->lock);
	if (everybody)
		return true; /* on loopback only */
	if (bearer)
		return is_any_token(controller, bearer, false);
	/* A browser's: any name, the token as the password. */
	char *password = NULL, *name = MHD_basic_auth_get_username_password(request->connection, &password);
	good = password && is_any_token(controller, password, false);
	MHD_free(name);
	MHD_free(password);
	return good;
}

bool hsm_controller_may_send(struct hsm_controller *controller, const struct hsm_request *request)
{
	const char *bearer = read_bearer(request);
	return bearer && is_any_token(controller, bearer, true);
}

/* The name in /v1/templates/{name} or /v1/templates/{name}/history. */
static const char *read_name(const struct hsm_request *request, char *name, size_t size)
{
	const char *start = request->path + strlen(TEMPLATES_PATH);
	size_t length = strcspn(start, "/");
	if (length >= size)
		return NULL;
	memcpy(name, start, length);
	name[length] = '\0';
	return name;
}

static struct MHD_Response *make_answer(const struct hsm_answer *answer)
{
	struct MHD_Response *response = hsm_response_make(answer->body, answer->length, "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, answer->etag);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	return response;
}

static enum MHD_Result answer_unchanged(struct hsm_request *request, const char *etag)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	if (!response)
		hsm_memory_exhausted();
	MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, etag);
	enum MHD_Result result = hsm_request_answer(request, MHD_HTTP_NOT_MODIFIED, response);
	MHD_destroy_response(response);
	return result;
}

/* One of the tags that the client has; weak ones count as well. */
static bool has_tag(const struct hsm_request *request, const char *etag)
{
	const char *tags = hsm_request_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH);
	return tags && (strcmp(tags, "*") == 0 || strstr(tags, etag));
}

static enum MHD_Result answer_lookup(struct hsm_request *request, struct hsm_answer *answer)
{
	answer->used = hsm_clock_now();
	if (has_tag(request, answer->etag))
		return answer_unchanged(request, answer->etag);
	if (!answer->attachment)
		answer->attachment = make_answer(answer);
	return hsm_request_answer(request, MHD_HTTP_OK, answer->attachment);
}

static enum MHD_Result get_template(struct hsm_controller *controller, struct hsm_request *request)
{
	struct hsm_answers *answers = hsm_keeper_answers(controller->keeper);
	const char *language = hsm_request_query(request, "language");
	char buffer[520];
	const char *name = read_name(request, buffer, sizeof(buffer));
	enum MHD_Result result;
	controller->counts.lookups++;
	if (!language)
		language = controller->options.default_language ? controller->options.default_language : "";
	pthread_rwlock_rdlock(&answers->lock);
	struct hsm_answer *answer =
		name ? hsm_answers_find(answers, name, language, controller->options.default_language) : NULL;
	if (answer) {
		result = answer_lookup(request, answer);
	} else {
		bool known = name && hsm_answers_has(answers, name);
		controller->counts.unknown++;
		result = hsm_controller_refuse(request, MHD_HTTP_NOT_FOUND, known ? *language ? "the template has not the language '%s'" :
							   "say which language: ?language=en_US%s" :
						       "there is no template of that name%s",
					       known && *language ? language : "");
	}
	pthread_rwlock_unlock(&answers->lock);
	return result;
}

static enum MHD_Result list_templates(struct hsm_controller *controller, struct hsm_request *request)
{
	struct hsm_answers *answers = hsm_keeper_answers(controller->keeper);
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	char etag[64];
	enum MHD_Result result;
	pthread_rwlock_rdlock(&answers->lock);
	snprintf(etag, sizeof(etag), "\"%llx-%llx\"", (unsigned long long)controller->started,
		 (unsigned long long)answers->generation);
	bool unchanged = has_tag(request, etag);
	if (!unchanged)
		hsm_answers_append(answers, &text);
	pthread_rwlock_unlock(&answers->lock);
	if (unchanged)
		return answer_unchanged(request, etag);
	struct MHD_Response *response = hsm_response_make(hsm_buffer_text(&text), text.length, "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, etag);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	result = hsm_request_answer(request, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	hsm_buffer_release(&text);
	return result;
}

/* What is read from the database, in the keeper's thread. */
struct reading {
	struct hsm_work work;
	struct hsm_controller *controller;
	struct hsm_request *request;
	struct hsm_arena arena;
	char name[520]; /* of the template; "": events for the page */
	const char *json;
};

static int run_reading(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct reading *reading = (struct reading *)work;
	if (*reading->name)
		return hsm_store_read_history(hsm_keeper_store(keeper), &reading->arena, reading->name, HISTORY_MAX,
					      &reading->json, error);
	return hsm_store_read_events(hsm_keeper_store(keeper), &reading->arena, EVENTS_MAX, &reading->json, error);
}

static struct MHD_Response *make_page(struct hsm_controller *controller, const char *events)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_controller_append_page(controller, events, &text);
	struct MHD_Response *response =
		hsm_response_make(hsm_buffer_text(&text), text.length, "text/html; charset=utf-8");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "X-Frame-Options", "DENY");
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	hsm_buffer_release(&text);
	return response;
}

static void end_reading(struct hsm_work *work, int rc, const struct hsm_error *error)
{
	static const char failed[] = "{\"message\":\"the registry cannot be read now\"}\n";
	struct reading *reading = (struct reading *)work;
	(void)error;
	/* The page says itself that the database is away. */
	if (!*reading->name)
		hsm_request_resume(reading->request, MHD_HTTP_OK,
				   make_page(reading->controller, rc ? "[]" : reading->json));
	else if (rc)
		hsm_request_resume(reading->request, MHD_HTTP_SERVICE_UNAVAILABLE,
				   hsm_response_make(failed, sizeof(failed) - 1, "application/json"));
	else
		hsm_request_resume(reading->request, MHD_HTTP_OK,
				   hsm_response_make(reading->json, strlen(reading->json), "application/json"));
	hsm_arena_release(&reading->arena);
	free(reading);
}

static enum MHD_Result start_reading(struct hsm_controller *controller, struct hsm_request *request, const char *name)
{
	struct reading *reading = hsm_memory_allocate(sizeof(*reading));
	reading->work = (struct hsm_work){ .run = run_reading, .done = end_reading, .reads = true };
	reading->controller = controller;
	reading->request = request;
	memcpy(reading->name, name, strlen(name) + 1);
	hsm_request_suspend(request);
	hsm_keeper_queue(controller->keeper, &reading->work);
	return MHD_YES;
}

static enum MHD_Result get_history(struct hsm_controller *controller, struct hsm_request *request)
{
	struct hsm_answers *answers = hsm_keeper_answers(controller->keeper);
	char buffer[520];
	const char *name = read_name(request, buffer, sizeof(buffer));
	pthread_rwlock_rdlock(&answers->lock);
	bool known = name && *name && hsm_answers_has(answers, name);
	pthread_rwlock_unlock(&answers->lock);
	if (!known)
		return hsm_controller_refuse(request, MHD_HTTP_NOT_FOUND, "there is no template of that name");
	return start_reading(controller, request, name);
}

static enum MHD_Result get_page(struct hsm_controller *controller, struct hsm_request *request)
{
	return start_reading(controller, request, "");
}

static enum MHD_Result get_openapi(struct hsm_controller *controller, struct hsm_request *request)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	(void)controller;
	hsm_controller_append_openapi(&text);
	enum MHD_Result result = answer_text(request, &text, "application/json");
	hsm_buffer_release(&text);
	return result;
}

static enum MHD_Result get_metrics(struct hsm_controller *controller, struct hsm_request *request)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_controller_append_metrics(controller, &text);
	enum MHD_Result result = answer_text(request, &text, "text/plain; version=0.0.4; charset=utf-8");
	hsm_buffer_release(&text);
	return result;
}

static enum MHD_Result get_health(struct hsm_controller *controller, struct hsm_request *request)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(64);
	(void)controller;
	hsm_buffer_append_string(&text, "{\"status\":\"alive\"}\n");
	enum MHD_Result result = answer_text(request, &text, "application/json");
	hsm_buffer_release(&text);
	return result;
}

/* Ready: the registry can be written, and has something to answer. */
static enum MHD_Result get_readiness(struct hsm_controller *controller, struct hsm_request *request)
{
	struct hsm_answers *answers = hsm_keeper_answers(controller->keeper);
	struct hsm_buffer text = HSM_BUFFER_INIT(64);
	pthread_rwlock_rdlock(&answers->lock);
	bool empty = !answers->count;
	pthread_rwlock_unlock(&answers->lock);
	if (hsm_keeper_counts(controller->keeper)->down)
		return hsm_controller_refuse(request, MHD_HTTP_SERVICE_UNAVAILABLE, "the registry cannot be reached");
	if (empty)
		return hsm_controller_refuse(request, MHD_HTTP_SERVICE_UNAVAILABLE,
					     "git and the organisation have not been read yet");
	hsm_buffer_append_string(&text, "{\"status\":\"ready\"}\n");
	enum MHD_Result result = answer_text(request, &text, "application/json");
	hsm_buffer_release(&text);
	return result;
}

static const char *const language_query[] = { "language", "such as es_MX; es where there is no es_MX, then the default", NULL };
static const char *const template_query[] = { "template", "whose button it was, where several lead the payload elsewhere", NULL };
static const char *const verify_queries[] = { "hub.mode", "subscribe", "hub.verify_token", "the token that both know",
					      "hub.challenge", "is answered", NULL };

#define BODY_ANSWERS                                                                                         \
	"413", "The body is larger than 3 MiB", "429", "Too much is waiting to be written: see Retry-After"
static const char *const webhook_answers[] = { "400", "Not JSON", "401", "The signature is missing or not that of this body",
					       BODY_ANSWERS, "503",
					       "The registry cannot be written now: see Retry-After", NULL };
static const char *const push_answers[] = { "401", "The signature is missing or not that of this body", BODY_ANSWERS, NULL };
static const char *const template_answers[] = { "304", "It is what If-None-Match names", "404",
						"There is no such template, or not in this language", NULL };
static const char *const list_answers[] = { "304", "It is what If-None-Match names", NULL };
static const char *const history_answers[] = { "404", "There is no such template", NULL };
static const char *const route_answers[] = {
	"404", "Unknown: no template here has, or had, such a button",
	"409", "Ambiguous: several templates lead it to different targets",
	"410", "Stale: there is, or was, such a button, and git gives it no route any more", NULL,
};
static const char *const verify_answers[] = { "403", "The verify token is not ours", NULL };
static const char *const readiness_answers[] = { "503", "Not now: the message says why", NULL };
static const char *const send_answers[] = {
	"202", "It may have been sent, and nobody can tell: ask again with the same key, and it is looked up",
	"400", "Not the JSON that is wanted, or no Idempotency-Key",
	"404", "There is no such template, or not in this language",
	"409", "Nothing may be sent for the template now, or the same key is under way",
	"422", "A value is missing, too much or wrong, or the API refused it; or the key was another request's",
	BODY_ANSWERS,
	"503", "It was not sent, since the API or the registry is away: ask again", NULL,
};

const struct hsm_route hsm_routes[] = {
	{ "GET", "/v1/templates/{name}", HSM_ACCESS_TOKEN, get_template,
	  "What a flow should send for a template in a language", "application/json", language_query, 200, template_answers },
	{ "GET", "/v1/templates", HSM_ACCESS_TOKEN, list_templates, "All of them", "application/json", NULL, 200, list_answers },
	{ "GET", "/v1/templates/{name}/history", HSM_ACCESS_TOKEN, get_history,
	  "What was in use when, and the events that were told", "application/json", NULL, 200, history_answers },
	{ "GET", HSM_ROUTES_PATH "{payload}", HSM_ACCESS_TOKEN, hsm_controller_get_route,
	  "Where a button leads, by the payload that its tap sent", "application/json", template_query, 200, route_answers },
	{ "GET", "/v1/routes", HSM_ACCESS_TOKEN, hsm_controller_list_routes, "Where all buttons lead", "application/json",
	  NULL, 200, NULL },
	{ "POST", "/v1/send", HSM_ACCESS_SEND, hsm_controller_take_send,
	  "Sends what is in use for a template, once for each Idempotency-Key: {template, language, to, values: {name: value}, text}",
	  "application/json", NULL, 200, send_answers },
	{ "POST", "/webhooks/whatsapp", HSM_ACCESS_SIGNED, hsm_controller_take_webhook,
	  "A StatusEvent of the messaging API, or Meta's envelope", "application/json", NULL, 200, webhook_answers },
	{ "GET", "/webhooks/whatsapp", HSM_ACCESS_SIGNED, hsm_controller_verify_webhook, "Meta's verification",
	  "text/plain", verify_queries, 200, verify_answers },
	{ "POST", "/webhooks/push", HSM_ACCESS_SIGNED, hsm_controller_take_push,
	  "GitHub's or GitLab's push webhook: git moved", "application/json", NULL, 202, push_answers },
	{ "GET", "/openapi.json", HSM_ACCESS_OPEN, get_openapi, "This document", "application/json", NULL, 200, NULL },
	{ "GET", "/healthz", HSM_ACCESS_OPEN, get_health, "Whether the process is alive", "application/json", NULL, 200, NULL },
	{ "GET", "/readyz", HSM_ACCESS_OPEN, get_readiness, "Whether it can answer and take webhooks",
	  "application/json", NULL, 200, readiness_answers },
	{ "GET", "/metrics", HSM_ACCESS_OPEN, get_metrics, "Figures for Prometheus", "text/plain", NULL, 200, NULL },
	{ "GET", "/", HSM_ACCESS_TOKEN, get_page, "A page for people", "text/html", NULL, 200, NULL },
};
const size_t hsm_route_count = sizeof(hsm_routes) / sizeof(hsm_routes[0]);

/* "{...}" matches a segment that is not empty; a payload may have any character, a slash too. */
static bool matches(const char *pattern, const char *path)
{
	while (*pattern && *path) {
		if (*pattern == '{') {
			size_t length = hsm_text_starts_with(pattern, "{payload}") ? strlen(path) : strcspn(path, "/");
			if (!length)
				return false;
			pattern = strchr(pattern, '}') + 1;
			path += length;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*pattern && !*path;
}

enum MHD_Result hsm_controller_handle(void *user, struct hsm_request *request)
{
	struct hsm_controller *controller = user;
	const char *method = strcmp(request->method, "HEAD") == 0 ? "GET" : request->method;
	bool known = false;
	for (size_t i = 0; i < hsm_route_count; i++) {
		const struct hsm_route *route = &hsm_routes[i];
		if (!matches(route->path, request->path))
			continue;
		known = true;
		if (strcmp(route->method, method) != 0)
			continue;
		if (route->access == HSM_ACCESS_TOKEN && !hsm_controller_may_read(controller, request)) {
			controller->counts.denied++;
			return hsm_controller_refuse(request, MHD_HTTP_UNAUTHORIZED, "a bearer token is needed");
		}
		if (route->access == HSM_ACCESS_SEND && !hsm_controller_may_send(controller, request)) {
			controller->counts.denied++;
			return hsm_controller_refuse(request, MHD_HTTP_UNAUTHORIZED, "one of send_tokens is needed");
		}
		return route->handle(controller, request);
	}
	return known ? hsm_controller_refuse(request, MHD_HTTP_METHOD_NOT_ALLOWED, "not by this method") :
		       hsm_controller_refuse(request, MHD_HTTP_NOT_FOUND, "there is nothing here");
}
