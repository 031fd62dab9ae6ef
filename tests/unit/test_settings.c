/* Where requests and secrets go: what hsm_settings_resolve takes and refuses. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/live/live.h"

static const char *const variables[] = {
	"GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET", "GENESYSCLOUD_ACCESS_TOKEN",
	"GENESYSCLOUD_REGION", "HSMCTL_ALLOW_HOSTS", "PROD_ID", "PROD_SECRET", "META_ACCESS_TOKEN", "PROD_TOKEN",
};

static void set_well_known(void)
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		unsetenv(variables[i]);
	setenv("GENESYSCLOUD_OAUTHCLIENT_ID", "known-id", 1);
	setenv("GENESYSCLOUD_OAUTHCLIENT_SECRET", "known-secret", 1);
}

/* Resolves and keeps nothing but the error. */
static int resolve(const struct hsm_environment *environment, struct hsm_settings *settings, struct hsm_arena *arena,
		   struct hsm_error *error)
{
	struct hsm_environment named = *environment;
	named.node.key.text = "prod";
	*error = (struct hsm_error){ 0 };
	return hsm_settings_resolve(arena, &named, settings, error);
}

struct host_case {
	const char *region, *base_url, *login_url; /* of hsmctl.yaml */
	const char *variable, *allowed;            /* GENESYSCLOUD_REGION, HSMCTL_ALLOW_HOSTS */
	const char *api, *login;                   /* NULL: refused */
};

static void check_hosts(const struct host_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct host_case *c = &cases[i];
		struct hsm_environment environment = { .region.text = c->region, .base_url.text = c->base_url,
						       .login_url.text = c->login_url };
		struct hsm_settings settings = { 0 };
		struct hsm_arena arena = { 0 };
		struct hsm_error error;
		set_well_known();
		if (c->variable)
			setenv("GENESYSCLOUD_REGION", c->variable, 1);
		if (c->allowed)
			setenv("HSMCTL_ALLOW_HOSTS", c->allowed, 1);
		int status = resolve(&environment, &settings, &arena, &error);
		if (status != (c->api ? 0 : HSM_ERROR_CONFIG))
			fail_msg("case %zu (%s %s): class %d, %s", i, c->region ? c->region : "",
				 c->base_url ? c->base_url : "", status, error.message);
		if (c->api) {
			assert_string_equal(settings.base_url, c->api);
			assert_string_equal(settings.login_url, c->login);
		} else {
			assert_non_null(strstr(error.message, "environment 'prod': "));
		}
		hsm_arena_release(&arena);
	}
}
#define CHECK_HOSTS(cases) check_hosts(cases, sizeof(cases) / sizeof(*(cases)))

static void regions_have_their_hosts(void **state)
{
	static const struct host_case cases[] = {
		{ .region = "eu-west-1", .api = "https://api.mypurecloud.ie", .login = "https://login.mypurecloud.ie" },
		{ .region = "us-east-1", .api = "https://api.mypurecloud.com", .login = "https://login.mypurecloud.com" },
		{ .region = "ap_northeast_3", .api = "https://api.apne3.pure.cloud",
		  .login = "https://login.apne3.pure.cloud" },
		{ .region = "mypurecloud.com.au", .api = "https://api.mypurecloud.com.au",
		  .login = "https://login.mypurecloud.com.au" },
		{ .variable = "usw2.pure.cloud", .api = "https://api.usw2.pure.cloud",
		  .login = "https://login.usw2.pure.cloud" },
		{ .region = "eu-west-1", .variable = "mypurecloud.ie", .api = "https://api.mypurecloud.ie",
		  .login = "https://login.mypurecloud.ie" },
		{ .region = "eu-west-1", .variable = "", .api = "https://api.mypurecloud.ie",
		  .login = "https://login.mypurecloud.ie" },
		{ .region = "eu-west-9" },
		{ .region = "evil.com" },
		{ .region = "eu-west-" },
		{ .region = "" },
		{ 0 },
		{ .region = "eu-west-1", .variable = "us-east-1" },
		{ .region = "eu-west-1", .variable = "nowhere" },
		{ .region = "eu-west-1", .base_url = "https://api.mypurecloud.ie" },
	};
	(void)state;
	CHECK_HOSTS(cases);
}

static void base_urls_are_those_of_genesys_and_of_this_machine(void **state)
{
	static const struct host_case cases[] = {
		{ .base_url = "https://api.mypurecloud.ie/", .api = "https://api.mypurecloud.ie",
		  .login = "https://login.mypurecloud.ie" },
		{ .base_url = "https://API.MyPureCloud.com:443", .api = "https://api.mypurecloud.com:443",
		  .login = "https://login.mypurecloud.com" },
		{ .base_url = "http://127.0.0.1:8080", .api = "http://127.0.0.1:8080", .login = "http://127.0.0.1:8080" },
		{ .base_url = "http://localhost:1", .api = "http://localhost:1", .login = "http://localhost:1" },
		{ .base_url = "http://[::1]:8080", .api = "http://[::1]:8080", .login = "http://[::1]:8080" },
		{ .base_url = "http://127.0.0.1:8080", .login_url = "https://login.mypurecloud.ie",
		  .api = "http://127.0.0.1:8080", .login = "https://login.mypurecloud.ie" },
		/* no region can disagree with this machine */
		{ .base_url = "http://127.0.0.1:8080", .variable = "eu-west-1", .api = "http://127.0.0.1:8080",
		  .login = "http://127.0.0.1:8080" },
		{ .base_url = "https://api.mypurecloud.ie", .variable = "us-east-1" },
		{ .base_url = "http://api.mypurecloud.ie" },
		{ .base_url = "http://192.168.0.1" },
		{ .base_url = "http://10.0.0.127" },
		{ .base_url = "http://127.0.0.1.example.com" },
		{ .base_url = "http://localhost.example.com" },
		{ .base_url = "ftp://127.0.0.1" },
		{ .base_url = "file:///etc/passwd" },
		{ .base_url = "https://" },
		{ .base_url = "api.mypurecloud.ie" },
		{ .base_url = "http://127.0.0.1:8080", .login_url = "https://login.example.com" },
		{ .base_url = "http://127.0.0.1:8080", .login_url = "http://login.mypurecloud.ie" },
	};
	(void)state;
	CHECK_HOSTS(cases);
}

static void tricks_with_urls_do_not_lead_secrets_astray(void **state)
{
	static const struct host_case cases[] = {
		{ .base_url = "https://evil.com\xef\xbc\x8f.mypurecloud.ie" },
		{ .base_url = "https://evil.com\xe2\x84\x80.mypurecloud.ie" },
		{ .base_url = "https://api.mypurecloud.com@evil.com" },
		{ .base_url = "https://api.mypurecloud.com:x@evil.com/" },
		{ .base_url = "https://user@api.mypurecloud.com" },
		{ .base_url = "https://evilmypurecloud.com" },
		{ .base_url = "https://api.mypurecloud.com.evil.com" },
		{ .base_url = "https://evil.com/api.mypurecloud.com" },
		{ .base_url = "https://evil.com#.mypurecloud.com" },
		{ .base_url = "https://evil.com?.mypurecloud.com" },
		{ .base_url = "https://evil.com\\.mypurecloud.com" },
		{ .base_url = "https://api.mypurecloud.com%2eevil.com" },
		{ .base_url = "https://api.mypurecloud.com%00.evil.com" },
		{ .base_url = "https://evil.com%2f.mypurecloud.com" },
		{ .base_url = "https://evil.com%23.mypurecloud.com" },
		{ .base_url = "https://evil.com%5c.mypurecloud.com" },
		{ .base_url = "https://x%40evil.com%3a.mypurecloud.com" },
		{ .base_url = "https://api.mypurecloud.com?x=1" },
		{ .base_url = "https://api.mypurecloud.com#x" },
		{ .base_url = "https://mypurecloud" },
		{ .base_url = "https://pure.cloud" },
		{ .base_url = "https://evil.com:443" },
	};
	(void)state;
	CHECK_HOSTS(cases);
}

static void other_hosts_must_be_allowed_by_name(void **state)
{
	static const struct host_case cases[] = {
		{ .base_url = "https://gateway.example.com/genesys/", .allowed = "a.example.com, Gateway.example.com",
		  .api = "https://gateway.example.com/genesys", .login = "https://gateway.example.com/genesys" },
		{ .base_url = "https://gateway.example.com", .allowed = "gateway.example.com", .variable = "eu-west-1",
		  .api = "https://gateway.example.com", .login = "https://gateway.example.com" },
		{ .base_url = "https://gateway.example.com" },
		{ .base_url = "https://gateway.example.com", .allowed = "example.com" },
		{ .base_url = "https://gateway.example.com", .allowed = "gateway.example.co" },
		{ .base_url = "https://gateway.example.com", .allowed = "gateway.example.com.evil.com" },
		{ .base_url = "http://gateway.example.com", .allowed = "gateway.example.com" },
	};
	(void)state;
	CHECK_HOSTS(cases);
}

struct credential_case {
	bool own;                                       /* the environment names PROD_ID and PROD_SECRET */
	const char *id, *secret, *token;                /* the well-known ones */
	const char *own_id, *own_secret;
	const char *expected_id, *expected_secret, *expected_token;
	const char *wanted; /* refused: what the message asks for */
};

static void set_or_unset(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void assert_same(const char *actual, const char *expected)
{
	assert_string_equal(actual ? actual : "(none)", expected ? expected : "(none)");
}

static void credentials_come_from_the_variables_that_the_environment_means(void **state)
{
	static const struct credential_case cases[] = {
		{ .id = "i", .secret = "planted-s", .expected_id = "i", .expected_secret = "planted-s" },
		{ .token = "planted-t", .expected_token = "planted-t" },
		{ .id = "i", .secret = "planted-s", .token = "planted-t", .expected_token = "planted-t" },
		{ .own = true, .own_id = "o", .own_secret = "planted-p", .id = "i", .secret = "planted-s",
		  .token = "planted-t", .expected_id = "o", .expected_secret = "planted-p" },
		/* another organisation's are no stopgap */
		{ .own = true, .id = "i", .secret = "planted-s", .token = "planted-t", .wanted = "PROD_ID and PROD_SECRET" },
		{ .own = true, .own_id = "o", .secret = "planted-s", .wanted = "set PROD_SECRET to" },
		{ .own = true, .own_id = "o", .own_secret = "", .wanted = "set PROD_SECRET to" },
		{ .id = "i", .wanted = "set GENESYSCLOUD_OAUTHCLIENT_SECRET to" },
		{ .secret = "planted-s", .wanted = "set GENESYSCLOUD_OAUTHCLIENT_ID to" },
		{ .wanted = "GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET" },
		{ .token = "planted\r\nX: y", .wanted = "GENESYSCLOUD_ACCESS_TOKEN holds a blank" },
		{ .id = "i", .secret = "planted-s\n", .wanted = "GENESYSCLOUD_OAUTHCLIENT_SECRET holds a blank" },
		{ .id = "\xc3\xa9", .secret = "planted-s", .wanted = "GENESYSCLOUD_OAUTHCLIENT_ID holds a blank" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct credential_case *c = &cases[i];
		struct hsm_environment environment = { .region.text = "eu-west-1" };
		if (c->own)
			environment.credentials = (struct hsm_credentials){
				.node.present = true, .client_id.text = "PROD_ID", .client_secret.text = "PROD_SECRET" };
		set_well_known();
		set_or_unset("GENESYSCLOUD_OAUTHCLIENT_ID", c->id);
		set_or_unset("GENESYSCLOUD_OAUTHCLIENT_SECRET", c->secret);
		set_or_unset("GENESYSCLOUD_ACCESS_TOKEN", c->token);
		set_or_unset("PROD_ID", c->own_id);
		set_or_unset("PROD_SECRET", c->own_secret);
		struct hsm_settings settings = { .parallelism = 3 };
		struct hsm_arena arena = { 0 };
		struct hsm_error error;
		int status = resolve(&environment, &settings, &arena, &error);
		assert_null(strstr(error.message, "planted"));
		if (c->wanted) {
			assert_int_equal(status, HSM_ERROR_AUTH);
			if (!strstr(error.message, c->wanted))
				fail_msg("case %zu: no '%s' in '%s'", i, c->wanted, error.message);
		} else {
			assert_int_equal(status, 0);
			assert_same(settings.client_id, c->expected_id);
			assert_same(settings.client_secret, c->expected_secret);
			assert_same(settings.access_token, c->expected_token);
			assert_int_equal(settings.parallelism, 3);
		}
		hsm_arena_release(&arena);
	}
}

/* Meta's token goes to Meta's Graph host, and no other API's credentials do. */
static void a_meta_environment_has_its_own_host_and_token(void **state)
{
	static const struct {
		const char *account, *base_url, *variable, *allowed, *token, *own_token;
		int class;
		const char *expected; /* the address, or a part of the message */
	} cases[] = {
		{ .account = "1", .token = "planted-t", .expected = "https://graph.facebook.com" },
		{ .account = "1", .base_url = "https://GRAPH.facebook.com/", .token = "planted-t", .expected = "https://graph.facebook.com" },
		{ .account = "1", .base_url = "http://127.0.0.1:8080", .token = "planted-t", .expected = "http://127.0.0.1:8080" },
		{ .account = "1", .base_url = "https://proxy.example.com", .allowed = "proxy.example.com", .token = "planted-t",
		  .expected = "https://proxy.example.com" },
		{ .account = "1", .variable = "PROD_TOKEN", .own_token = "planted-o", .token = "planted-t",
		  .expected = "https://graph.facebook.com" },
		{ .account = "1", .base_url = "https://api.mypurecloud.ie", .token = "planted-t", .class = HSM_ERROR_CONFIG,
		  .expected = "no host of Meta's Graph API (graph.facebook.com)" },
		{ .account = "1", .base_url = "https://graph.facebook.com.evil.com", .token = "planted-t", .class = HSM_ERROR_CONFIG,
		  .expected = "evil.com" },
		{ .account = "1", .base_url = "https://evil.com/graph.facebook.com", .token = "planted-t", .class = HSM_ERROR_CONFIG,
		  .expected = "evil.com" },
		{ .account = "1", .base_url = "https://x.graph.facebook.com", .token = "planted-t", .class = HSM_ERROR_CONFIG,
		  .expected = "HSMCTL_ALLOW_HOSTS" },
		{ .account = "1", .base_url = "http://graph.facebook.com", .token = "planted-t", .class = HSM_ERROR_CONFIG,
		  .expected = "plain http" },
		{ .account = "1", .class = HSM_ERROR_AUTH, .expected = "set META_ACCESS_TOKEN to" },
		{ .account = "1", .token = "", .class = HSM_ERROR_AUTH, .expected = "set META_ACCESS_TOKEN to" },
		/* another account's is no stopgap */
		{ .account = "1", .variable = "PROD_TOKEN", .token = "planted-t", .class = HSM_ERROR_AUTH,
		  .expected = "set PROD_TOKEN to" },
		{ .account = "1", .token = "planted\r\nX: y", .class = HSM_ERROR_AUTH, .expected = "META_ACCESS_TOKEN holds a blank" },
		{ .token = "planted-t", .class = HSM_ERROR_CONFIG, .expected = "it has no account" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct hsm_environment environment = { .backend.value = HSM_BACKEND_META, .account.text = cases[i].account,
						       .base_url.text = cases[i].base_url,
						       .credentials.access_token.text = cases[i].variable };
		struct hsm_settings settings = { 0 };
		struct hsm_arena arena = { 0 };
		struct hsm_error error;
		set_well_known(); /* Genesys' are there, and are not taken */
		set_or_unset("HSMCTL_ALLOW_HOSTS", cases[i].allowed);
		set_or_unset("META_ACCESS_TOKEN", cases[i].token);
		set_or_unset("PROD_TOKEN", cases[i].own_token);
		int status = resolve(&environment, &settings, &arena, &error);
		assert_null(strstr(error.message, "planted"));
		if (status != cases[i].class)
			fail_msg("case %zu: class %d, %s", i, status, error.message);
		if (status && !strstr(error.message, cases[i].expected))
			fail_msg("case %zu: no '%s' in '%s'", i, cases[i].expected, error.message);
		if (!status) {
			assert_string_equal(settings.base_url, cases[i].expected);
			assert_string_equal(settings.access_token, cases[i].own_token ? cases[i].own_token : cases[i].token);
			assert_string_equal(settings.api_version, "v23.0");
			assert_null(settings.client_id);
			assert_null(settings.client_secret);
		}
		hsm_arena_release(&arena);
	}
	/* nor does Genesys get Meta's host */
	struct hsm_environment genesys = { .base_url.text = "https://graph.facebook.com" };
	struct hsm_settings settings = { 0 };
	struct hsm_arena arena = { 0 };
	struct hsm_error error;
	set_well_known();
	assert_int_equal(resolve(&genesys, &settings, &arena, &error), HSM_ERROR_CONFIG);
	hsm_arena_release(&arena);
}

static void secrets_in_an_address_are_not_shown(void **state)
{
	struct hsm_environment environment = { .base_url.text = "https://me:planted-pw@api.mypurecloud.com" };
	struct hsm_settings settings = { 0 };
	struct hsm_arena arena = { 0 };
	struct hsm_error error;
	(void)state;
	set_well_known();
	assert_int_equal(resolve(&environment, &settings, &arena, &error), HSM_ERROR_CONFIG);
	assert_null(strstr(error.message, "planted"));
	assert_non_null(strstr(error.message, "api.mypurecloud.com"));
	hsm_arena_release(&arena);
}

static void statuses_are_known_in_any_case_and_sorted(void **state)
{
	static const struct {
		const char *word;
		bool known, burnt, waiting;
	} cases[] = {
		{ "APPROVED", true, false, false }, { "approved", true, false, false },
		{ "PENDING", true, false, true },   { "IN_REVIEW", true, false, true },
		{ "IN_APPEAL", true, false, true }, { "PAUSED", true, false, true },
		{ "REJECTED", true, true, false },  { "DISABLED", true, true, false },
		{ "PENDING_DELETION", true, true, false }, { "DELETED", true, true, false },
		{ "ARCHIVED", true, false, false }, { "QUARANTINED", false, false, false },
		{ "", false, false, false },	    { NULL, false, false, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum hsm_status status = hsm_status_find(cases[i].word);
		assert_int_equal(status != HSM_STATUS_UNKNOWN, cases[i].known);
		assert_int_equal(hsm_status_is_burnt(status), cases[i].burnt);
		assert_int_equal(hsm_status_is_waiting(status), cases[i].waiting);
	}
	assert_int_equal(hsm_status_find("Archived"), HSM_STATUS_ARCHIVED);
}

/* Beside an account of Meta's: the organisation's own hosts and client, and no token of Meta's. */
static void the_organisation_beside_an_account_has_its_own_settings(void **state)
{
	struct hsm_arena arena = { 0 };
	struct hsm_settings settings = { 0 };
	struct hsm_error error = { 0 };
	struct hsm_environment environment = {
		.node.key.text = "prod",
		.backend.value = HSM_BACKEND_META,
		.base_url.text = "https://graph.facebook.com",
		.genesys = { .node.present = true, .region.text = "eu-west-1", .organization.text = "3f2a",
			     .credentials = { .node.present = true, .client_id.text = "BESIDE_ID",
					      .client_secret.text = "BESIDE_SECRET" } },
	};
	(void)state;
	unsetenv("GENESYSCLOUD_REGION");
	unsetenv("GENESYSCLOUD_ACCESS_TOKEN");
	unsetenv("BESIDE_SECRET");
	setenv("BESIDE_ID", "id", 1);
	assert_int_equal(hsm_settings_resolve_genesys(&arena, &environment, &settings, &error), HSM_ERROR_AUTH);
	assert_non_null(strstr(error.message, "environment 'prod': genesys: there are no credentials: set BESIDE_SECRET"));
	setenv("BESIDE_SECRET", "planted", 1);
	assert_int_equal(hsm_settings_resolve_genesys(&arena, &environment, &settings, &error), 0);
	assert_int_equal(settings.backend, HSM_BACKEND_GENESYS);
	assert_string_equal(settings.base_url, "https://api.mypurecloud.ie");
	assert_string_equal(settings.login_url, "https://login.mypurecloud.ie");
	assert_string_equal(settings.organization, "3f2a");
	assert_string_equal(settings.client_secret, "planted");
	assert_null(settings.access_token);
	environment.genesys.region.text = NULL;
	environment.genesys.base_url.text = "https://evil.example.com";
	assert_int_equal(hsm_settings_resolve_genesys(&arena, &environment, &settings, &error), HSM_ERROR_CONFIG);
	hsm_arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_organisation_beside_an_account_has_its_own_settings),
		cmocka_unit_test(regions_have_their_hosts),
		cmocka_unit_test(base_urls_are_those_of_genesys_and_of_this_machine),
		cmocka_unit_test(tricks_with_urls_do_not_lead_secrets_astray),
		cmocka_unit_test(other_hosts_must_be_allowed_by_name),
		cmocka_unit_test(credentials_come_from_the_variables_that_the_environment_means),
		cmocka_unit_test(a_meta_environment_has_its_own_host_and_token),
		cmocka_unit_test(secrets_in_an_address_are_not_shown),
		cmocka_unit_test(statuses_are_known_in_any_case_and_sorted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
