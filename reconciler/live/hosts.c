#include "reconciler/live/hosts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schema/base/text.h"

/* The regions that Genesys' CLI and Terraform provider know. */
static const struct region {
	const char *name, *domain;
} regions[] = {
	{ "us-east-1", "mypurecloud.com" },
	{ "us-east-2", "use2.us-gov-pure.cloud" },
	{ "us-west-2", "usw2.pure.cloud" },
	{ "eu-west-1", "mypurecloud.ie" },
	{ "eu-west-2", "euw2.pure.cloud" },
	{ "eu-central-1", "mypurecloud.de" },
	{ "eu-central-2", "euc2.pure.cloud" },
	{ "ap-southeast-1", "apse1.pure.cloud" },
	{ "ap-southeast-2", "mypurecloud.com.au" },
	{ "ap-northeast-1", "mypurecloud.jp" },
	{ "ap-northeast-2", "apne2.pure.cloud" },
	{ "ap-northeast-3", "apne3.pure.cloud" },
	{ "ap-south-1", "aps1.pure.cloud" },
	{ "ca-central-1", "cac1.pure.cloud" },
	{ "sa-east-1", "sae1.pure.cloud" },
	{ "me-central-1", "mec1.pure.cloud" },
	{ "mx-central-1", "mxc1.pure.cloud" },
	{ "eusc-de-east-1", "edee1.eusc-pure.cloud" },
	{ "dca", "inindca.com" },
	{ "tca", "inintca.com" },
};

#define REGION_COUNT (sizeof(regions) / sizeof(*regions))

/* Genesys' CLI spells some regions with underscores: both are right. */
static bool region_equals(const char *name, const char *text)
{
	for (; *name && *text; name++, text++)
		if (*name != (*text == '_' ? '-' : tolower((unsigned char)*text)))
			return false;
	return *name == *text;
}

const char *hsm_hosts_find_domain(const char *region)
{
	for (size_t i = 0; i < REGION_COUNT; i++)
		if (region_equals(regions[i].name, region) || strcasecmp(regions[i].domain, region) == 0)
			return regions[i].domain;
	return NULL;
}

/* The longest one, since a domain might be below another. */
static const char *find_domain_of(const char *host, enum hsm_backend_word backend)
{
	const char *best = NULL;
	if (backend == HSM_BACKEND_META)
		return strcmp(host, HSM_HOSTS_GRAPH) == 0 ? HSM_HOSTS_GRAPH : NULL;
	for (size_t i = 0; i < REGION_COUNT; i++) {
		const char *domain = regions[i].domain;
		size_t length = strlen(host), end = strlen(domain);
		bool below = length > end && host[length - end - 1] == '.' && hsm_text_ends_with(host, domain);
		if ((below || strcmp(host, domain) == 0) && (!best || end > strlen(best)))
			best = domain;
	}
	return best;
}

static bool is_loopback(const char *host)
{
	struct in_addr address;
	if (inet_pton(AF_INET, host, &address) == 1)
		return (ntohl(address.s_addr) >> 24) == 127;
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

/* HSMCTL_ALLOW_HOSTS: names with commas between. */
static bool is_allowed(const char *host)
{
	const char *name = getenv("HSMCTL_ALLOW_HOSTS");
	size_t length = strlen(host);
	while (name && *name) {
		name += strspn(name, ", \t");
		size_t end = strcspn(name, ", \t");
		if (end == length && strncasecmp(name, host, length) == 0)
			return true;
		name += end;
	}
	return false;
}

static char *take_part(struct hsm_arena *arena, CURLU *handle, CURLUPart part)
{
	char *text = NULL;
	if (curl_url_get(handle, part, &text, 0) != CURLUE_OK)
		return NULL;
	char *copy = hsm_arena_copy_string(arena, text);
	curl_free(text);
	return copy;
}

static int check_address(const struct hsm_address *address, const char *scheme, enum hsm_backend_word backend,
			 struct hsm_error *error)
{
	const char *url = address->url;
	bool plain = strcasecmp(scheme, "http") == 0;
	if (!plain && strcasecmp(scheme, "https") != 0)
		return hsm_error_set(error, HSM_ERROR_CONFIG, "'%s' is neither http nor https", url);
	if (plain && !address->loopback)
		return hsm_error_set(error, HSM_ERROR_CONFIG,
				     "'%s': plain http is for this machine only (127.0.0.1, localhost): say https", url);
	if (!address->loopback && !address->domain && !is_allowed(address->host))
		return hsm_error_set(error, HSM_ERROR_CONFIG,
				     "'%s': no credentials are sent to '%s', which is no host of %s; "
				     "where that is meant, set HSMCTL_ALLOW_HOSTS=%s in hsmctl's environment",
				     url, address->host,
				     backend == HSM_BACKEND_META ? "Meta's Graph API (" HSM_HOSTS_GRAPH ")" : "Genesys Cloud",
				     address->host);
	return 0;
}

static int read_parts(struct hsm_arena *arena, CURLU *handle, const char *url, enum hsm_backend_word backend,
		      struct hsm_address *address, struct hsm_error *error)
{
	static const CURLUPart unwanted[] = { CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS,
					      CURLUPART_QUERY, CURLUPART_FRAGMENT };
	CURLUcode code = curl_url_set(handle, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
	char *host = code == CURLUE_OK ? take_part(arena, handle, CURLUPART_HOST) : NULL;
	if (!host || !*host)
		return hsm_error_set(error, HSM_ERROR_CONFIG, "an address that is no URL: %s",
				     code == CURLUE_OK ? "it has no host" : curl_url_strerror(code));
	for (char *c = host; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	/* IDNA makes others into what they look like: a wide slash ends the host for a proxy. */
	if (strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-[]:") != strlen(host))
		return hsm_error_set(error, HSM_ERROR_CONFIG,
				     "an address whose host has other characters than a-z, 0-9, '-' and '.': write an "
				     "international name in its ASCII form (xn--)");
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(*unwanted); i++)
		if (take_part(arena, handle, unwanted[i])) /* not shown: it may hold a secret */
			return hsm_error_set(error, HSM_ERROR_CONFIG,
					     "the address on host '%s' has a user, a query or a fragment: write "
					     "https://HOST alone", host);
	const char *scheme = take_part(arena, handle, CURLUPART_SCHEME);
	const char *port = take_part(arena, handle, CURLUPART_PORT);
	char *path = take_part(arena, handle, CURLUPART_PATH);
	for (size_t length = path ? strlen(path) : 0; length && path[length - 1] == '/'; length--)
		path[length - 1] = '\0';
	*address = (struct hsm_address){
		.url = hsm_arena_format(arena, "%s://%s%s%s%s", scheme, host, port ? ":" : "", port ? port : "",
					path ? path : ""),
		.host = host,
		.domain = find_domain_of(host, backend),
		.loopback = is_loopback(host),
	};
	return check_address(address, scheme, backend, error);
}

int hsm_address_read(struct hsm_arena *arena, const char *url, enum hsm_backend_word backend,
		     struct hsm_address *address, struct hsm_error *error)
{
	CURLU *handle = curl_url();
	if (!handle)
		return hsm_error_set(error, HSM_ERROR_FAILED, "libcurl has no memory");
	int status = read_parts(arena, handle, url, backend, address, error);
	curl_url_cleanup(handle);
	return status;
}
