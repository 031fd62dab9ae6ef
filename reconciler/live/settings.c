#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/live/hosts.h"
#include "reconciler/live/live.h"

/* What CX as Code and the gc CLI read too. */
#define CLIENT_ID "GENESYSCLOUD_OAUTHCLIENT_ID"
#define CLIENT_SECRET "GENESYSCLOUD_OAUTHCLIENT_SECRET"
#define ACCESS_TOKEN "GENESYSCLOUD_ACCESS_TOKEN"
#define REGION "GENESYSCLOUD_REGION"
#define META_TOKEN "META_ACCESS_TOKEN"

/* An empty variable is as one that is not set: CI systems make those. */
static const char *read_variable(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

static int unknown_region(const char *source, const char *region, struct hsm_error *error)
{
	return hsm_error_set(error, HSM_ERROR_CONFIG,
			     "%s: there is no Genesys Cloud region '%s'; regions are like eu-west-1 or mypurecloud.ie",
			     source, region);
}

/* The domain that GENESYSCLOUD_REGION names; NULL where it is not set. */
static int read_region_variable(const char **domain, struct hsm_error *error)
{
	const char *region = read_variable(REGION);
	*domain = region ? hsm_hosts_find_domain(region) : NULL;
	return region && !*domain ? unknown_region(REGION, region, error) : 0;
}

static int check_region_agrees(const char *domain, const char *variable, struct hsm_error *error)
{
	if (!variable || strcmp(domain, variable) == 0)
		return 0;
	return hsm_error_set(error, HSM_ERROR_CONFIG,
			     REGION " is %s (%s) and hsmctl.yaml says %s: unset one, so that the credentials "
			     "of one organisation do not meet another", getenv(REGION), variable, domain);
}

static int resolve_region(struct hsm_arena *arena, const struct hsm_environment *environment,
			  const char *variable, struct hsm_settings *settings, struct hsm_error *error)
{
	const char *region = environment->region.text;
	const char *domain = region ? hsm_hosts_find_domain(region) : variable;
	if (region && !domain)
		return unknown_region("region", region, error);
	if (!domain)
		return hsm_error_set(error, HSM_ERROR_CONFIG, "it has neither region nor base_url, and " REGION
							      " is not set");
	int status = check_region_agrees(domain, variable, error);
	if (status)
		return status;
	settings->base_url = hsm_arena_format(arena, "https://api.%s", domain);
	settings->login_url = hsm_arena_format(arena, "https://login.%s", domain);
	return 0;
}

/* Loopback and hosts that HSMCTL_ALLOW_HOSTS names are in no region, so that no
 * GENESYSCLOUD_REGION can disagree with them. */
static int resolve_base_url(struct hsm_arena *arena, const struct hsm_environment *environment,
			    const char *variable, struct hsm_settings *settings, struct hsm_error *error)
{
	struct hsm_address address;
	if (environment->region.text)
		return hsm_error_set(error, HSM_ERROR_CONFIG, "it has both region and base_url: leave one out");
	int status = hsm_address_read(arena, environment->base_url.text, HSM_BACKEND_GENESYS, &address, error);
	if (status)
		return hsm_error_prefix(error, "base_url");
	if (address.domain && (status = check_region_agrees(address.domain, variable, error)))
		return status;
	settings->base_url = settings->login_url = address.url;
	if (address.domain && strcmp(address.host, hsm_arena_format(arena, "api.%s", address.domain)) == 0)
		settings->login_url = hsm_arena_format(arena, "https://login.%s", address.domain);
	return 0;
}

static int resolve_hosts(struct hsm_arena *arena, const struct hsm_environment *environment,
			 struct hsm_settings *settings, struct hsm_error *error)
{
	const char *variable;
	int status = read_region_variable(&variable, error);
	if (status)
		return status;
	status = environment->base_url.text ? resolve_base_url(arena, environment, variable, settings, error) :
					      resolve_region(arena, environment, variable, settings, error);
	if (status || !environment->login_url.text)
		return status;
	struct hsm_address address;
	status = hsm_address_read(arena, environment->login_url.text, HSM_BACKEND_GENESYS, &address, error);
	if (status)
		return hsm_error_prefix(error, "login_url");
	settings->login_url = address.url;
	return 0;
}

/* A line break in a credential would end the header that carries it. */
static int check_credential(const char *variable, const char *value, struct hsm_error *error)
{
	for (const char *c = value; c && *c; c++)
		if (!isgraph((unsigned char)*c))
			return hsm_error_set(error, HSM_ERROR_AUTH,
					     "%s holds a blank, a line break or another character that no credential "
					     "has; set it again", variable);
	return 0;
}

static int resolve_credentials(const struct hsm_environment *environment, struct hsm_settings *settings,
			       struct hsm_error *error)
{
	/* An environment that names its own takes no others: those might be another
	 * organisation's. */
	bool own = environment->credentials.node.present;
	const char *id = own ? environment->credentials.client_id.text : CLIENT_ID;
	const char *secret = own ? environment->credentials.client_secret.text : CLIENT_SECRET;
	settings->access_token = own ? NULL : read_variable(ACCESS_TOKEN);
	settings->client_id = settings->access_token ? NULL : read_variable(id);
	settings->client_secret = settings->access_token ? NULL : read_variable(secret);
	if (settings->access_token)
		return check_credential(ACCESS_TOKEN, settings->access_token, error);
	if (!settings->client_id || !settings->client_secret)
		return hsm_error_set(error, HSM_ERROR_AUTH,
				     "there are no credentials: set %s%s%s to those of an OAuth client of the type "
				     "client credentials%s",
				     settings->client_id ? "" : id,
				     settings->client_id || settings->client_secret ? "" : " and ",
				     settings->client_secret ? "" : secret, own ? "" : ", or " ACCESS_TOKEN);
	int status = check_credential(id, settings->client_id, error);
	return status ? status : check_credential(secret, settings->client_secret, error);
}

static int resolve_genesys(struct hsm_arena *arena, const struct hsm_environment *environment,
			   struct hsm_settings *settings, struct hsm_error *error)
{
	settings->organization = environment->organization.text;
	settings->provider = environment->provider.text;
	int status = resolve_hosts(arena, environment, settings, error);
	return status ? status : resolve_credentials(environment, settings, error);
}

static int resolve_meta(struct hsm_arena *arena, const struct hsm_environment *environment,
			struct hsm_settings *settings, struct hsm_error *error)
{
	const char *url = environment->base_url.text, *version = environment->api_version.text;
	const char *variable = environment->credentials.access_token.text;
	struct hsm_address address;
	if (!environment->account.text)
		return hsm_error_set(error, HSM_ERROR_CONFIG, "it has no account: the id of the WhatsApp Business Account");
	int status = hsm_address_read(arena, url ? url : "https://" HSM_HOSTS_GRAPH, HSM_BACKEND_META, &address, error);
	if (status)
		return hsm_error_prefix(error, "base_url");
	settings->base_url = address.url;
	settings->account = environment->account.text;
	settings->app = environment->app.text;
	settings->api_version = version ? version : HSM_CONFIG_GRAPH_VERSION;
	settings->token_variable = variable ? variable : META_TOKEN;
	settings->access_token = read_variable(settings->token_variable);
	if (!settings->access_token)
		return hsm_error_set(error, HSM_ERROR_AUTH,
				     "there are no credentials: set %s to an access token of a system user that has "
				     "whatsapp_business_management and this account", settings->token_variable);
	return check_credential(settings->token_variable, settings->access_token, error);
}

int hsm_settings_resolve(struct hsm_arena *arena, const struct hsm_environment *environment,
			 struct hsm_settings *settings, struct hsm_error *error)
{
	settings->environment = environment->node.key.text;
	settings->backend = environment->backend.value == HSM_BACKEND_META ? HSM_BACKEND_META : HSM_BACKEND_GENESYS;
	int status = settings->backend == HSM_BACKEND_META ? resolve_meta(arena, environment, settings, error) :
							     resolve_genesys(arena, environment, settings, error);
	return status ? hsm_error_prefix(error, "environment '%s'", settings->environment) : 0;
}

int hsm_settings_resolve_genesys(struct hsm_arena *arena, const struct hsm_environment *environment,
				 struct hsm_settings *settings, struct hsm_error *error)
{
	const struct hsm_genesys *genesys = &environment->genesys;
	struct hsm_environment *organization = hsm_arena_allocate(arena, sizeof(*organization));
	*organization = (struct hsm_environment){
		.region = genesys->region,
		.base_url = genesys->base_url,
		.login_url = genesys->login_url,
		.organization = genesys->organization,
		.credentials = genesys->credentials,
	};
	settings->environment = environment->node.key.text;
	settings->backend = HSM_BACKEND_GENESYS;
	int status = resolve_genesys(arena, organization, settings, error);
	return status ? hsm_error_prefix(error, "environment '%s': genesys", settings->environment) : 0;
}
