#include "reconciler/live/oauth.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/json.h"

/* A token is not used in its last minute: the request must arrive in time. */
#define SPARE_SECONDS 60
#define TOKEN_MAX 16384

struct answer {
	struct hsm_node node;
	struct hsm_string token;
	struct hsm_integer expires;
};

static const struct hsm_field answer_fields[] = {
	{ "access_token", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, .offset = offsetof(struct answer, token) },
	{ "expires_in", HSM_TYPE_INTEGER, 0, .offset = offsetof(struct answer, expires) },
};
static const struct hsm_object answer_object = { "token", 0, sizeof(struct answer), HSM_OBJECT_FIELDS(answer_fields),
						 .help = NULL };

static void forget(struct hsm_oauth *oauth)
{
	if (oauth->token)
		memset(oauth->token, 0, strlen(oauth->token));
	free(oauth->token);
	oauth->token = NULL;
}

/* A token goes into a header: nothing in it may end the line. */
static bool is_usable(const char *token)
{
	size_t length = strlen(token);
	for (size_t i = 0; i < length; i++)
		if (token[i] <= ' ' || token[i] > '~')
			return false;
	return length && length <= TOKEN_MAX;
}

static int read_token(struct hsm_oauth *oauth, const struct hsm_http_answer *answer, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct answer read = { 0 };
	cJSON *json = NULL;
	int rc = hsm_json_parse(&json, answer->body, answer->length, error);
	if (!rc)
		rc = hsm_json_read(&arena, json, &answer_object, &read, error);
	if (!rc && !is_usable(read.token.text))
		rc = hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "the token cannot be used");
	if (!rc) {
		int64_t seconds = read.expires.present ? read.expires.value : 0;
		forget(oauth);
		oauth->token = hsm_memory_copy_string(read.token.text);
		/* Of a token that lives shorter than the spare time half is used. */
		oauth->expires = seconds <= 0 ? 0 :
				 hsm_http_now() + (seconds > 2 * SPARE_SECONDS ? (double)(seconds - SPARE_SECONDS) :
										 (double)seconds / 2);
	}
	cJSON_Delete(json);
	hsm_arena_release(&arena);
	return rc ? hsm_error_prefix(error, "%s", answer->request) : 0;
}

static void token_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_oauth *oauth = user;
	oauth->asked = false;
	oauth->error = answer->error;
	if (answer->error.class == HSM_OK)
		read_token(oauth, answer, &oauth->error);
	/* invalid_client comes as a 400, too. */
	if (answer->end == HSM_HTTP_ANSWERED && (answer->status == 400 || answer->status == 401))
		hsm_error_set(&oauth->error, HSM_ERROR_AUTH,
			      "%s; check the OAuth client of environment '%s' and its region (%s)", answer->error.message,
			      oauth->settings->environment, oauth->settings->login_url);
}

static void ask(struct hsm_oauth *oauth)
{
	const struct hsm_settings *settings = oauth->settings;
	struct hsm_arena arena = { 0 };
	struct hsm_http_request request = {
		.method = "POST",
		.base = settings->login_url,
		.path = "/oauth/token",
		.body = "grant_type=client_credentials",
		.content_type = "application/x-www-form-urlencoded",
		.basic = hsm_arena_format(&arena, "%s:%s", settings->client_id, settings->client_secret),
		.done = token_done,
		.user = oauth,
	};
	oauth->asked = true;
	hsm_http_send(oauth->http, &request);
	hsm_arena_release(&arena);
}

static const char *get(void *user, struct hsm_error *error)
{
	struct hsm_oauth *oauth = user;
	if (oauth->settings->access_token)
		return oauth->settings->access_token;
	if (oauth->error.class) {
		*error = oauth->error;
		return NULL;
	}
	if (oauth->token && (!oauth->expires || hsm_http_now() < oauth->expires))
		return oauth->token;
	if (!oauth->asked)
		ask(oauth);
	return NULL;
}

static bool refuse(void *user, const char *token)
{
	struct hsm_oauth *oauth = user;
	if (oauth->settings->access_token)
		return false;
	/* Several requests may hear that the same token is no longer good. */
	if (oauth->token && strcmp(oauth->token, token) == 0)
		forget(oauth);
	return true;
}

struct hsm_http_tokens hsm_oauth_tokens(struct hsm_oauth *oauth)
{
	return (struct hsm_http_tokens){ .get = get, .refuse = refuse, .user = oauth };
}

void hsm_oauth_release(struct hsm_oauth *oauth)
{
	forget(oauth);
}
