#include "cmd/emulator/oauth.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define CREDENTIAL_MAXIMUM 1024
#define TOKENS_MAXIMUM 100000
#define GRAPH "graph:" /* and the fingerprint of the token, which is kept nowhere */

static const struct {
	enum hsm_emu_scope scope;
	const char *name;
} scopes[] = {
	{ EMU_SCOPE_PROVIDER_READ, "messaging:provider:read" },
	{ EMU_SCOPE_PROVIDER_WRITE, "messaging:provider:write" },
	{ EMU_SCOPE_TEMPLATE_READ, "messaging:template:read" },
	{ EMU_SCOPE_TEMPLATE_WRITE, "messaging:template:write" },
	{ EMU_SCOPE_CONVERSATION_READ, "messaging:conversation:read" },
	{ EMU_SCOPE_CONVERSATION_WRITE, "messaging:conversation:write" },
	{ EMU_SCOPE_ARCHITECT, "architect" },
	{ EMU_SCOPE_WHATSAPP_MANAGEMENT, "whatsapp_business_management" },
	{ EMU_SCOPE_WHATSAPP_MESSAGING, "whatsapp_business_messaging" },
	{ EMU_MAY_VIEW_INTEGRATIONS, "messaging:integration:view" },
	{ EMU_MAY_VIEW_LIBRARIES, "responses:library:view" },
	{ EMU_MAY_ADD_LIBRARIES, "responses:library:add" },
	{ EMU_MAY_EDIT_LIBRARIES, "responses:library:edit" },
	{ EMU_MAY_DELETE_LIBRARIES, "responses:library:delete" },
	{ EMU_MAY_VIEW_RESPONSES, "responses:response:view" },
	{ EMU_MAY_ADD_RESPONSES, "responses:response:add" },
	{ EMU_MAY_EDIT_RESPONSES, "responses:response:edit" },
	{ EMU_MAY_DELETE_RESPONSES, "responses:response:delete" },
	{ EMU_MAY_VIEW_DEPENDENCIES, "architect:dependencyTracking:view" },
	{ EMU_MAY_VIEW_CAMPAIGNS, "outbound:messagingCampaign:view" },
	{ EMU_MAY_CREATE_MESSAGES, "conversation:message:create" },
	{ EMU_MAY_VIEW_MESSAGES, "conversation:message:view" },
};

const char *hsm_emu_scope_name(enum hsm_emu_scope scope)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++)
		if (scopes[i].scope == scope)
			return scopes[i].name;
	return "";
}

enum hsm_emu_scope hsm_emu_scope_find(const char *name)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++)
		if (strcmp(scopes[i].name, name) == 0)
			return scopes[i].scope;
	return EMU_SCOPE_NONE;
}

void hsm_emu_oauth_fail(struct hsm_emu_request *request, unsigned status, const char *code, const char *description)
{
	request->status = status;
	hsm_buffer_clear(&request->answer);
	hsm_buffer_append_char(&request->answer, '{');
	hsm_emu_json_append_member(&request->answer, "error", code);
	hsm_emu_json_append_member(&request->answer, "description", description);
	hsm_emu_json_append_member(&request->answer, "error_description", description);
	hsm_buffer_append_char(&request->answer, '}');
}

static int read_hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* The value of a field of a form, decoded into value; false: not there, or too long. */
static bool read_field(const char *form, const char *key, char value[CREDENTIAL_MAXIMUM])
{
	size_t key_length = strlen(key);
	for (const char *at = form; *at;) {
		size_t length = strcspn(at, "&");
		if (length > key_length && strncmp(at, key, key_length) == 0 && at[key_length] == '=') {
			const char *end = at + length;
			size_t used = 0;
			for (at += key_length + 1; at < end && used < CREDENTIAL_MAXIMUM - 1; at++) {
				char c = *at == '+' ? ' ' : *at;
				if (c == '%' && end - at > 2 && read_hex(at[1]) >= 0 && read_hex(at[2]) >= 0) {
					c = (char)(read_hex(at[1]) * 16 + read_hex(at[2]));
					at += 2;
				}
				value[used++] = c;
			}
			value[used] = '\0';
			return at == end;
		}
		at += length + (at[length] == '&');
	}
	return false;
}

/* "id:secret" of the Authorization header. */
static bool read_basic(const char *header, char credential[2 * CREDENTIAL_MAXIMUM])
{
	unsigned char decoded[2 * CREDENTIAL_MAXIMUM];
	if (!header || strncasecmp(header, "Basic ", 6) != 0)
		return false;
	header += 6 + strspn(header + 6, " ");
	size_t length = strlen(header);
	if (length > CREDENTIAL_MAXIMUM * 2 || length % 4)
		return false;
	int size = EVP_DecodeBlock(decoded, (const unsigned char *)header, (int)length);
	if (size < 0)
		return false;
	decoded[size] = '\0'; /* padding decodes to NUL bytes */
	memcpy(credential, decoded, (size_t)size + 1);
	return strchr(credential, ':') != NULL;
}

static bool credential_is_known(const struct hsm_emu *emu, const char *credential)
{
	const char *colon = strchr(credential, ':');
	for (size_t i = 0; i < emu->options.clients.count; i++)
		if (strcmp(emu->options.clients.items[i], credential) == 0)
			return true;
	return !emu->options.clients.count && colon > credential && colon[1];
}

static void forget(struct hsm_emu *emu, struct hsm_emu_token *token)
{
	hsm_emu_timer_cancel(emu, &token->timer);
	hsm_emu_map_remove(&emu->oauth.tokens, token->text);
	hsm_emu_store_delete(emu, "token", token->text);
	free(token);
}

static void expire(struct hsm_emu *emu, struct hsm_emu_timer *timer)
{
	forget(emu, EMU_TIMER_OWNER(timer, struct hsm_emu_token, timer));
}

static struct hsm_emu_token *add_token(struct hsm_emu *emu, const char *text, unsigned granted, int64_t expires)
{
	char digest[HSM_FINGERPRINT_SIZE];
	struct hsm_emu_token *token = hsm_memory_allocate(sizeof(*token));
	snprintf(token->text, sizeof(token->text), "%s", text);
	hsm_fingerprint_compute(text, strlen(text), digest);
	snprintf(token->log_id, sizeof(token->log_id), "%.8s", digest);
	token->scopes = granted;
	token->expires = expires;
	token->timer.fire = expire;
	hsm_emu_map_put(&emu->oauth.tokens, token->text, token);
	if (!hsm_text_starts_with(text, GRAPH)) /* those are known as expired, too */
		hsm_emu_timer_set(emu, &token->timer, expires);
	return token;
}

static void save(struct hsm_emu *emu, const struct hsm_emu_token *token)
{
	char json[64];
	snprintf(json, sizeof(json), "[%u,%lld]", token->scopes, (long long)token->expires);
	hsm_emu_store_put(emu, "token", token->text, 0, json);
}

static void issue(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	char first[EMU_ID_SIZE], second[EMU_ID_SIZE], text[2 * EMU_ID_SIZE];
	hsm_emu_id_generate(first);
	hsm_emu_id_generate(second);
	snprintf(text, sizeof(text), "%s%s", first, second);
	int64_t expires = hsm_emu_now(emu) + emu->options.token_lifetime * 1000;
	save(emu, add_token(emu, text, emu->options.scopes, expires));
	hsm_buffer_append_char(&request->answer, '{');
	hsm_emu_json_append_member(&request->answer, "access_token", text);
	hsm_emu_json_append_member(&request->answer, "token_type", "bearer");
	hsm_buffer_append_format(&request->answer, ",\"expires_in\":%lld}", (long long)emu->options.token_lifetime);
}

void hsm_emu_oauth_grant(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	char grant[CREDENTIAL_MAXIMUM], id[CREDENTIAL_MAXIMUM] = "", secret[CREDENTIAL_MAXIMUM] = "";
	char credential[2 * CREDENTIAL_MAXIMUM];
	const char *type = hsm_emu_request_header(request, "Content-Type");
	const char *form = hsm_buffer_text(&request->body);
	if (!type || strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0 ||
	    !read_field(form, "grant_type", grant)) {
		hsm_emu_oauth_fail(request, 400, "invalid_request", "a form with grant_type is wanted");
	} else if (strcmp(grant, "client_credentials") != 0) {
		hsm_emu_oauth_fail(request, 400, "unsupported_grant_type", "only client_credentials is supported");
	} else {
		if (!read_basic(hsm_emu_request_header(request, "Authorization"), credential)) {
			read_field(form, "client_id", id);
			read_field(form, "client_secret", secret);
			snprintf(credential, sizeof(credential), "%s:%s", id, secret);
		}
		if (strcmp(credential, ":") == 0)
			hsm_emu_oauth_fail(request, 400, "invalid_client", "client id and secret are missing");
		else if (!credential_is_known(emu, credential))
			hsm_emu_oauth_fail(request, 401, "invalid_client", "client id or secret is wrong");
		else if (emu->oauth.tokens.count >= TOKENS_MAXIMUM)
			hsm_emu_oauth_fail(request, 400, "invalid_request", "rate limit exceeded");
		else
			issue(emu, request);
	}
}

static bool graph_token_is_known(const struct hsm_emu *emu, const char *text)
{
	const struct hsm_emu_values *tokens = &emu->options.graph_tokens;
	for (size_t i = 0; i < tokens->count; i++)
		if (strcmp(tokens->items[i], text) == 0)
			return true;
	return !tokens->count && *text;
}

struct hsm_emu_token *hsm_emu_oauth_graph_token(struct hsm_emu *emu, const char *text)
{
	char digest[HSM_FINGERPRINT_SIZE], key[sizeof(GRAPH) + HSM_FINGERPRINT_SIZE];
	hsm_fingerprint_compute(text, strlen(text), digest);
	snprintf(key, sizeof(key), GRAPH "%s", digest);
	struct hsm_emu_token *token = hsm_emu_map_get(&emu->oauth.tokens, key);
	if (token || !graph_token_is_known(emu, text) || emu->oauth.tokens.count >= TOKENS_MAXIMUM)
		return token;
	int64_t lifetime = emu->options.graph_token_lifetime * 1000;
	token = add_token(emu, key, emu->options.scopes, lifetime ? hsm_emu_now(emu) + lifetime : EMU_TOKEN_ENDLESS);
	save(emu, token);
	return token;
}

static bool check_graph(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *header = hsm_emu_request_header(request, "Authorization");
	size_t scheme = !header				? 0 :
			strncasecmp(header, "Bearer ", 7) == 0 ? 7 :
			strncasecmp(header, "OAuth ", 6) == 0  ? 6 :
								 0;
	const char *text = scheme ? header + scheme + strspn(header + scheme, " ") : hsm_emu_request_query(request, "access_token");
	struct hsm_emu_token *token = text ? hsm_emu_oauth_graph_token(emu, text) : NULL;
	if (!text)
		hsm_emu_fail(request, 401, "authentication.required", "An access token is required to request this resource.");
	else if (!token)
		hsm_emu_fail(request, 401, "190", "Invalid OAuth access token - Cannot parse access token");
	else if (token->expires <= hsm_emu_now(emu))
		hsm_emu_fail(request, 401, "bad.credentials", "Error validating access token: Session has expired");
	else
		request->token = token;
	return request->token != NULL;
}

bool hsm_emu_oauth_check(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	if (request->graph)
		return check_graph(emu, request);
	const char *header = hsm_emu_request_header(request, "Authorization");
	if (!header || strncasecmp(header, "Bearer ", 7) != 0) {
		hsm_emu_fail(request, 401, "authentication.required", "No authentication bearer token specified in authorization header.");
		return false;
	}
	request->token = hsm_emu_map_get(&emu->oauth.tokens, header + 7 + strspn(header + 7, " "));
	if (request->token && request->token->expires > hsm_emu_now(emu))
		return true;
	request->token = NULL;
	hsm_emu_fail(request, 401, "bad.credentials", "Invalid login credentials.");
	return false;
}

void hsm_emu_oauth_revoke(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	if (request->token && request->graph) {
		request->token->expires = hsm_emu_now(emu);
		save(emu, request->token);
	} else if (request->token) {
		forget(emu, request->token);
	}
	request->token = NULL;
}

static bool load(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	(void)sequence;
	unsigned granted;
	long long expires;
	if (sscanf(json, "[%u,%lld]", &granted, &expires) != 2 || strlen(id) >= 2 * EMU_ID_SIZE)
		return false;
	add_token(emu, id, granted, expires);
	return true;
}

bool hsm_emu_oauth_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "token", load);
}

static void free_token(void *value, void *context)
{
	struct hsm_emu_token *token = value;
	hsm_emu_timer_cancel(context, &token->timer);
	free(token);
}

void hsm_emu_oauth_release(struct hsm_emu *emu)
{
	hsm_emu_map_visit(&emu->oauth.tokens, free_token, emu);
	hsm_emu_map_release(&emu->oauth.tokens);
}
