/* Where and as whom: regions, hosts that may be spoken to, credentials. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "reconciler/live/live.h"
#include "schema/base/text.h"

/* The regions of Genesys Cloud and their domains, as its public SDKs list them. */
static const struct {
	const char *region, *domain;
} regions[] = {
	{ "us-east-1", "mypurecloud.com" },
	{ "us-east-2", "use2.us-gov-pure.cloud" },
	{ "us-west-2", "usw2.pure.cloud" },
	{ "ca-central-1", "cac1.pure.cloud" },
	{ "mx-central-1", "mxc1.pure.cloud" },
	{ "sa-east-1", "sae1.pure.cloud" },
	{ "eu-west-1", "mypurecloud.ie" },
	{ "eu-west-2", "euw2.pure.cloud" },
	{ "eu-central-1", "mypurecloud.de" },
	{ "eu-central-2", "euc2.pure.cloud" },
	{ "eusc-de-east-1", "edee1.eusc-pure.cloud" },
	{ "me-central-1", "mec1.pure.cloud" },
	{ "ap-south-1", "aps1.pure.cloud" },
	{ "ap-southeast-1", "apse1.pure.cloud" },
	{ "ap-southeast-2", "mypurecloud.com.au" },
	{ "ap-northeast-1", "mypurecloud.jp" },
	{ "ap-northeast-2", "apne2.pure.cloud" },
	{ "ap-northeast-3", "apne3.pure.cloud" },
	{ "dca", "inindca.com" },
	{ "tca", "inintca.com" },
};
#define REGIONS (sizeof(regions) / sizeof(regions[0]))

/* Both eu-west-1 and eu_west_1 are in use. */
static bool same_region(const char *known, const char *region)
{
	for (; *known && *region; known++, region++)
		if (*known != *region && !(*known == '-' && *region == '_'))
			return false;
	return !*known && !*region;
}

/* The domain of a region, or of a domain itself; NULL: none of Genesys'. */
static const char *find_domain(const char *region)
{
	for (size_t i = 0; i < REGIONS; i++)
		if (same_region(regions[i].region, region) || strcmp(regions[i].domain, region) == 0)
			return regions[i].domain;
	return NULL;
}

/* A host of one of Genesys' domains; *domain is that one. */
static bool is_genesys(const char *host, const char **domain)
{
	size_t length = strlen(host);
	for (size_t i = 0; i < REGIONS; i++) {
		size_t end = strlen(regions[i].domain);
		if (length > end + 1 && host[length - end - 1] == '.' &&
		    strcasecmp(host + length - end, regions[i].domain) == 0) {
			*domain = regions[i].domain;
			return true;
		}
	}
	return false;
}

static bool is_loopback(const char *host)
{
	struct in_addr address;
	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

static bool is_allowed(const char *host)
{
	const char *list = getenv("HSMCTL_ALLOW_HOSTS");
	size_t length = strlen(host);
	while (list && *list) {
		size_t size = strcspn(list, ", ");
		if (size == length && strncasecmp(list, host, length) == 0)
			return true;
		list += size + strspn(list + size, ", ");
	}
	return false;
}

struct address {
	const char *url; /* "https://host:port", normal form */
	const char *host;
	bool plain;
};

/* A URL's scheme and host, as libcurl will read them: nobody else's reading counts. */
static int parse_address(struct hsm_arena *arena, const char *text, struct address *address, struct hsm_error *error)
{
	static const struct {
		CURLUPart part;
		const char *what;
	} refused[] = { { CURLUPART_USER, "a user name" }, { CURLUPART_PASSWORD, "a password" },
			{ CURLUPART_QUERY, "a query" }, { CURLUPART_FRAGMENT, "a fragment" } };
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *path = NULL, *port = NULL, *part = NULL;
	int rc = 0;
	if (!url || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_PATH, &path, 0) != CURLUE_OK)
		rc = hsm_error_set(error, HSM_ERROR_CONFIG, "'%s' is no URL", text);
	for (size_t i = 0; !rc && i < sizeof(refused) / sizeof(refused[0]); i++)
		if (curl_url_get(url, refused[i].part, &part, 0) == CURLUE_OK) {
			rc = hsm_error_set(error, HSM_ERROR_CONFIG, "a base URL has no place for %s", refused[i].what);
			curl_free(part);
		}
	if (!rc && (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0))
		rc = hsm_error_set(error, HSM_ERROR_CONFIG, "'%s' is neither https nor http", text);
	if (!rc && strcmp(path, "/") != 0)
		rc = hsm_error_set(error, HSM_ERROR_CONFIG, "'%s' has a path: give the host alone", text);
	if (!rc) {
		bool has_port = curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK;
		address->plain = strcmp(scheme, "http") == 0;
		address->host = hsm_arena_copy_string(arena, host);
		address->url = hsm_arena_format(arena, "%s://%s%s%s", scheme, host, has_port ? ":" : "",
						has_port ? port : "");
	}
	curl_free(port);
	curl_free(path);
	curl_free(host);
	curl_free(scheme);
	curl_url_cleanup(url);
	return rc;
}

/* A secret goes to such a host; a pull request can write any. */
static int check_address(const struct address *address, struct hsm_error *error)
{
	const char *domain;
	if (is_loopback(address->host))
		return 0;
	if (address->plain)
		return hsm_error_set(error, HSM_ERROR_CONFIG, "'%s' is plain http: use https beyond this machine",
				     address->url);
	if (is_genesys(address->host, &domain) || is_allowed(address->host))
		return 0;
	return hsm_error_set(error, HSM_ERROR_CONFIG,
			     "'%s' is no host of Genesys Cloud: where it is to get your credentials, name it in "
			     "HSMCTL_ALLOW_HOSTS", address->host);
}

static const char *read_variable(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

static int unknown_region(const char *region, const char *where, struct hsm_error *error)
{
	const char *names[REGIONS];
	for (size_t i = 0; i < REGIONS; i++)
		names[i] = regions[i].region;
	const char *similar = hsm_text_find_similar(region, names, REGIONS);
	return hsm_error_set(error, HSM_ERROR_CONFIG, "%s: no region '%s'%s%s%s", where, region,
			     similar ? ": did you mean '" : " (as in eu-west-1)", similar ? similar : "",
			     similar ? "'?" : "");
}

/* GENESYSCLOUD_REGION, which must not mean another place than the file does. */
static int check_region_variable(const char *domain, struct hsm_error *error)
{
	const char *region = read_variable("GENESYSCLOUD_REGION");
	if (!region)
		return 0;
	const char *other = find_domain(region);
	if (!other)
		return unknown_region(region, "GENESYSCLOUD_REGION", error);
	if (domain && strcmp(domain, other) != 0)
		return hsm_error_set(error, HSM_ERROR_CONFIG,
				     "GENESYSCLOUD_REGION is %s (%s) and hsmctl.yaml says %s: unset it, or change the file",
				     region, other, domain);
	return 0;
}

static void use_domain(struct hsm_arena *arena, const char *domain, struct hsm_settings *settings)
{
	settings->base_url = hsm_arena_format(arena, "https://api.%s", domain);
	settings->login_url = hsm_arena_format(arena, "https://login.%s", domain);
}

static int resolve_region(struct hsm_arena *arena, const struct hsm_environment *environment,
			  struct hsm_settings *settings, struct hsm_error *error)
{
	const char *region = environment->region.text;
	const char *named = region ? region : read_variable("GENESYSCLOUD_REGION");
	if (!named)
		return hsm_error_set(error, HSM_ERROR_CONFIG,
				     "no region: write region (or base_url) in hsmctl.yaml, or set GENESYSCLOUD_REGION");
	const char *domain = find_domain(named);
	if (!domain)
		return unknown_region(named, region ? "region" : "GENESYSCLOUD_REGION", error);
	use_domain(arena, domain, settings);
	return check_region_variable(domain, error);
}

/* The login host that belongs to an API host where none is given. */
static const char *derive_login(struct hsm_arena *arena, const struct address *base)
{
	const char *domain;
	return is_genesys(base->host, &domain) ? hsm_arena_format(arena, "https://login.%s", domain) : base->url;
}

static int resolve_urls(struct hsm_arena *arena, const struct hsm_environment *environment,
			struct hsm_settings *settings, struct hsm_error *error)
{
	struct address base, login;
	const char *domain = NULL;
	int rc = parse_address(arena, environment->base_url.text, &base, error);
	if (!rc)
		rc = check_address(&base, error);
	if (rc)
		return hsm_error_prefix(error, "base_url");
	const char *login_url = environment->login_url.text ? environment->login_url.text : derive_login(arena, &base);
	rc = parse_address(arena, login_url, &login, error);
	if (!rc)
		rc = check_address(&login, error);
	if (rc)
		return hsm_error_prefix(error, "login_url");
	settings->base_url = base.url;
	settings->login_url = login.url;
	/* An emulator has no region, whatever the shell says. */
	return is_genesys(base.host, &domain) ? check_region_variable(domain, error) : 0;
}

static int read_credentials(const struct hsm_environment *environment, struct hsm_settings *settings,
			    struct hsm_error *error)
{
	const struct hsm_credentials *named = &environment->credentials;
	const char *id = "GENESYSCLOUD_OAUTHCLIENT_ID", *secret = "GENESYSCLOUD_OAUTHCLIENT_SECRET";
	if (named->node.present) {
		id = named->client_id.text;
		secret = named->client_secret.text;
	} else {
		settings->access_token = read_variable("GENESYSCLOUD_ACCESS_TOKEN");
	}
	settings->client_id = read_variable(id);
	settings->client_secret = read_variable(secret);
	if (settings->client_id && settings->client_secret) {
		settings->access_token = NULL;
		return 0;
	}
	if (settings->access_token)
		return 0;
	return hsm_error_set(error, HSM_ERROR_AUTH, "no credentials: %s%s%s %s not set%s",
			     settings->client_id ? "" : id, settings->client_id || settings->client_secret ? "" : " and ",
			     settings->client_secret ? "" : secret,
			     settings->client_id || settings->client_secret ? "is" : "are",
			     named->node.present ? "" : " (nor GENESYSCLOUD_ACCESS_TOKEN)");
}

int hsm_settings_resolve(struct hsm_arena *arena, const struct hsm_environment *environment,
			 struct hsm_settings *settings, struct hsm_error *error)
{
	*settings = (struct hsm_settings){ .environment = environment->node.key.text,
					   .organization = environment->organization.text,
					   .provider = environment->provider.text };
	int rc = environment->base_url.text ? resolve_urls(arena, environment, settings, error) :
					      resolve_region(arena, environment, settings, error);
	if (!rc)
		rc = read_credentials(environment, settings, error);
	return rc ? hsm_error_prefix(error, "environment '%s'", settings->environment) : 0;
}
