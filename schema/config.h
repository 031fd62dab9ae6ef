#ifndef HSM_CONFIG_H
#define HSM_CONFIG_H

#include "schema/field.h"
#include "schema/finding.h"

/* hsmctl.yaml: the environments, and what holds for all of them. */

#define HSM_CONFIG_FILE "hsmctl.yaml"
#define HSM_CONFIG_GRAPH_VERSION "v23.0" /* of Meta's Graph API, unless an environment says another */

enum hsm_backend_word { HSM_BACKEND_GENESYS = 1, HSM_BACKEND_META };
extern const char *const hsm_backend_words[];

struct hsm_credentials { /* names of environment variables, never their values */
	struct hsm_node node;
	struct hsm_string client_id;
	struct hsm_string client_secret;
	struct hsm_string access_token;
};

struct hsm_webhook {
	struct hsm_node node;
	struct hsm_string name;
	struct hsm_string url;
	struct hsm_list events; /* struct hsm_string */
	struct hsm_boolean enabled;
	struct hsm_string secret; /* name of an environment variable */
};

struct hsm_window { /* when an apply may begin */
	struct hsm_node node;
	struct hsm_list days;       /* struct hsm_string: mon to sun; absent: all */
	struct hsm_string from, to; /* HH:MM; to may be before from: over midnight */
	struct hsm_string timezone; /* of the tz database; absent: UTC */
};

/* Beside an account of Meta's: who uses its templates. */
struct hsm_genesys {
	struct hsm_node node;
	struct hsm_string region;
	struct hsm_string base_url;
	struct hsm_string login_url;
	struct hsm_string organization;
	struct hsm_credentials credentials;
	struct hsm_string library; /* of canned responses, by name */
};

struct hsm_environment { /* key: its name */
	struct hsm_node node;
	struct hsm_word backend; /* in place of the file's */
	struct hsm_string region;
	struct hsm_string base_url;
	struct hsm_string login_url;
	struct hsm_string organization;
	struct hsm_string provider;
	struct hsm_string account;
	struct hsm_string app;
	struct hsm_string api_version;
	struct hsm_credentials credentials;
	struct hsm_genesys genesys;
	struct hsm_list languages; /* struct hsm_string; absent: all */
	struct hsm_list templates; /* struct hsm_string, globs; absent: all */
	struct hsm_list variables; /* struct hsm_keyed_string_by_key */
	struct hsm_list webhooks;  /* struct hsm_webhook */
	struct hsm_window apply_window; /* absent: always */
};

struct hsm_policy {
	struct hsm_node node;
	struct hsm_integer max_change_percent;
	struct hsm_integer max_delete_percent;
	struct hsm_integer min_existing;
	struct hsm_list protect; /* struct hsm_string, globs of base names */
	struct hsm_string names; /* a regular expression */
	struct hsm_list rules;   /* struct hsm_keyed_string_by_key: a rule's id to error, warn, off, or per path */
};

struct hsm_delivery_defaults { /* of parameters that say nothing themselves */
	struct hsm_node node;
	struct hsm_word emoji; /* enum hsm_emoji */
	struct hsm_string allowed;
};

struct hsm_config {
	struct hsm_node node;
	struct hsm_string templates;
	struct hsm_word backend;
	struct hsm_list environments; /* struct hsm_environment */
	struct hsm_list variables;    /* struct hsm_keyed_string_by_key */
	struct hsm_string registry;
	struct hsm_policy policy;
	struct hsm_delivery_defaults delivery;
};

extern const struct hsm_object hsm_config_object;
extern const struct hsm_object hsm_window_object;
extern const struct hsm_object hsm_environment_object;

/* The folder of the templates: "templates" unless the file says otherwise. */
const char *hsm_config_templates(const struct hsm_config *config);

/* The API that an environment's templates are on: its own, else the file's. environment may be NULL. */
enum hsm_backend_word hsm_config_find_backend(const struct hsm_config *config,
					      const struct hsm_environment *environment);

/* That an environment has what its API needs, and nothing that belongs to the other. */
void hsm_config_check_backend(const struct hsm_config *config, const struct hsm_environment *environment,
			      struct hsm_findings *findings);

/* NULL where there is none of that name. */
const struct hsm_environment *hsm_config_find_environment(const struct hsm_config *config, const char *name);

/*
 * The text of a variable for a language: the environment's before everybody's;
 * NULL where no such variable is, or none for this language. environment may be
 * NULL.
 */
const char *hsm_config_find_variable(const struct hsm_config *config, const struct hsm_environment *environment,
				     const char *name, size_t length, const char *language);

/* Whether the environment's subsets hold the template, or the language. */
bool hsm_environment_has_template(const struct hsm_environment *environment, const char *base);
bool hsm_environment_has_language(const struct hsm_environment *environment, const char *language);

#endif
