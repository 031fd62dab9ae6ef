#include "reconciler/live/oauth.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "reconciler/live/answer.h"
#include "schema/json.h"

struct token {
	struct hsm_node node;
	struct hsm_string access_token;
	struct hsm_integer expires_in;
};

static const struct hsm_field token_fields[] = {
	{ "access_token", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, .offset = offsetof(struct token, access_token) },
	{ "expires_in", HSM_TYPE_INTEGER, 0, .offset = offsetof(struct token, expires_in) },
};
static const struct hsm_object token_object = {
	"token", 0, sizeof(struct token), HSM_OBJECT_FIELDS(token_fields), .help = NULL,
};

/* Genesys limits how many tokens are minted, and says so with a 400. */
static enum hsm_http_verdict judge(const struct hsm_http_answer *answer)
{
	return answer->status == 400 && strcasestr(answer->body, "rate limit exceeded") ? HSM_HTTP_REPEAT :
											 HSM_HTTP_AS_STATUS;
}

static bool is_printable(const char *text)
{
	const char *c = text;
	while (isgraph((unsigned char)*c))
		c++;
	return c != text && !*c;
}

static int read_token(struct hsm_arena *arena, const struct hsm_http_answer *answer, struct token *token,
		      struct hsm_error *error)
{
	cJSON *json;
	int status = hsm_json_parse(&json, answer->body, answer->length, error);
	if (!status) {
		status = hsm_json_read(arena, json, &token_object, token, error);
		cJSON_Delete(json);
	}
	if (!status && !is_printable(token->access_token.text))
		status = hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "the token is empty or no text");
	if (!status)
		return 0;
	struct hsm_error why = *error;
	return hsm_answer_unusable(answer, why.message, error);
}

static int refuse(const struct hsm_connection *connection, const struct hsm_http_answer *answer,
		  struct hsm_error *error)
{
	bool limited = answer->fate == HSM_HTTP_ANSWERED && judge(answer) == HSM_HTTP_REPEAT;
	bool refused = answer->fate == HSM_HTTP_ANSWERED && !limited &&
		       (answer->status == 400 || answer->status == 401 || answer->status == 403);
	enum hsm_error_class class = refused ? HSM_ERROR_AUTH :
				     limited ? HSM_ERROR_UNAVAILABLE :
					       hsm_answer_class(answer);
	hsm_answer_fail(connection, answer, class, error);
	if (refused)
		hsm_error_prefix(error, "environment '%s': %s does not accept the OAuth client's id and secret",
				 connection->settings->environment, connection->settings->login_url);
	return class;
}

static void done(void *user, const struct hsm_http_answer *answer)
{
	const struct hsm_connection *connection = user;
	struct hsm_arena arena = { 0 };
	struct token token = { 0 };
	struct hsm_error error;
	int status = hsm_answer_is_good(answer) ? read_token(&arena, answer, &token, &error) :
						  refuse(connection, answer, &error);
	if (status)
		hsm_http_refuse(connection->http, &error);
	else
		hsm_http_set_token(connection->http, token.access_token.text, (double)token.expires_in.value);
	hsm_arena_release(&arena);
}

static void authorize(void *user)
{
	const struct hsm_connection *connection = user;
	hsm_http_send(connection->http, &(struct hsm_http_request){
		.method = "POST",
		.base = connection->settings->login_url,
		.path = "/oauth/token",
		.content_type = "application/x-www-form-urlencoded",
		.body = "grant_type=client_credentials",
		.username = connection->settings->client_id,
		.password = connection->settings->client_secret,
		.repeat = HSM_HTTP_READ, /* a token more does no harm */
		.judge = judge,
		.done = done,
		.user = user,
	});
}

void hsm_oauth_attach(struct hsm_connection *connection)
{
	if (connection->settings->access_token)
		hsm_http_set_token(connection->http, connection->settings->access_token, 0);
	else
		hsm_http_set_authorizer(connection->http, authorize, connection);
}
