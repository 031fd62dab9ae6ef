#include "schema/config.h"

#include <string.h>

#include "schema/base/text.h"
#include "schema/name.h"
#include "schema/template.h"

const char *const hsm_backend_words[] = { "genesys", "meta", NULL };

static const struct hsm_pattern url_pattern = { "^https?://[^\\s]+$", "an http or https URL" };
static const struct hsm_pattern variable_pattern = {
	"^[A-Za-z_][A-Za-z0-9_]*$",
	"a name of letters, digits and '_'",
};
static const struct hsm_pattern environment_pattern = {
	"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
	"a name of letters, digits, '_', '.' and '-'",
};
static const struct hsm_pattern number_pattern = { "^[0-9]{1,32}$", "the digits of an id" };
static const struct hsm_pattern version_pattern = { "^v[0-9]{1,3}\\.[0-9]{1,2}$", "a version such as " HSM_CONFIG_GRAPH_VERSION };
/* Nothing outside the folder of hsmctl.yaml, in no form. */
static const struct hsm_pattern folder_pattern = {
	"^(?!.*(^|/)\\.\\.?(/|$))[^/\\\\]+(/[^/\\\\]+)*$",
	"a folder below hsmctl.yaml's, without '..'",
};

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct hsm_field credentials_fields[] = {
	{ "client_id", HSM_TYPE_STRING, HSM_FIELD_GENESYS | HSM_FIELD_NAMES_SECRET, AT(hsm_credentials, client_id),
	  .pattern = &variable_pattern, .help = "Name of the environment variable that holds the OAuth client's id.",
	  .example = "\"PROD_GC_ID\"" },
	{ "client_secret", HSM_TYPE_STRING, HSM_FIELD_GENESYS | HSM_FIELD_NAMES_SECRET, AT(hsm_credentials, client_secret),
	  .pattern = &variable_pattern, .help = "Name of the environment variable that holds its secret.",
	  .example = "\"PROD_GC_SECRET\"" },
	{ "access_token", HSM_TYPE_STRING, HSM_FIELD_META | HSM_FIELD_NAMES_SECRET, AT(hsm_credentials, access_token),
	  .pattern = &variable_pattern,
	  .help = "Name of the environment variable that holds the access token of Meta's Graph API; META_ACCESS_TOKEN "
		  "unless given.",
	  .example = "\"PROD_META_TOKEN\"" },
};
static const struct hsm_object credentials_object = {
	"credentials", 0, sizeof(struct hsm_credentials), HSM_OBJECT_FIELDS(credentials_fields),
	.help = "Where this environment's credentials are found; a secret itself never stands in a file.",
};

static const struct hsm_field event_element = { "event", HSM_TYPE_STRING, .minimum = 1 };
static const struct hsm_field webhook_fields[] = {
	{ "name", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_webhook, name), .minimum = 1, .maximum = 256,
	  .help = "Webhooks are matched by name.", .example = "\"whatsapp_template_lifecycle_handler\"" },
	{ "url", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_VARIABLES, AT(hsm_webhook, url),
	  .pattern = &url_pattern, .help = "Where events are posted.",
	  .example = "\"https://hooks.example.com/webhooks/whatsapp\"" },
	{ "events", HSM_TYPE_LIST, HSM_FIELD_REQUIRED, AT(hsm_webhook, events), sizeof(struct hsm_string),
	  &event_element, .minimum = 1, .maximum = 100, .help = "What it is told of.",
	  .example = "[\"whatsapp_status_update\"]" },
	{ "enabled", HSM_TYPE_BOOLEAN, 0, AT(hsm_webhook, enabled), .help = "true unless given." },
	{ "secret", HSM_TYPE_STRING, HSM_FIELD_NAMES_SECRET, AT(hsm_webhook, secret), .pattern = &variable_pattern,
	  .help = "Name of the environment variable that holds the key of its signatures; sent with every write.",
	  .example = "\"HOOK_SECRET\"" },
};
static const struct hsm_object webhook_object = {
	"webhook", 0, sizeof(struct hsm_webhook), HSM_OBJECT_FIELDS(webhook_fields),
	.help = "A webhook that this environment should have.",
};

static const struct hsm_field language_element = { "language", HSM_TYPE_STRING,
						   .pattern = &hsm_name_language_pattern };
static const struct hsm_field glob_element = { "glob", HSM_TYPE_STRING, .minimum = 1 };
static const struct hsm_field variable_element = { "variable", HSM_TYPE_STRING_BY_KEY,
						   AT(hsm_keyed_string_by_key, value),
						   .key_pattern = &hsm_name_language_pattern };
static const struct hsm_field webhook_element = { "webhook", HSM_TYPE_OBJECT, .object = &webhook_object };

static const struct hsm_pattern day_pattern = { "^(mon|tue|wed|thu|fri|sat|sun)$",
						"a day: mon, tue, wed, thu, fri, sat or sun" };
static const struct hsm_pattern time_pattern = { "^([01][0-9]|2[0-3]):[0-5][0-9]$", "a time of day such as 09:00" };
static const struct hsm_pattern timezone_pattern = {
	"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$",
	"a name of the tz database such as Europe/Madrid",
};
static const struct hsm_field day_element = { "day", HSM_TYPE_STRING, .pattern = &day_pattern };
static const struct hsm_field window_fields[] = {
	{ "days", HSM_TYPE_LIST, 0, AT(hsm_window, days), sizeof(struct hsm_string), &day_element, .minimum = 1,
	  .maximum = 7, .help = "mon to sun; every day unless given.", .example = "[\"mon\", \"tue\"]" },
	{ "from", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_window, from), .pattern = &time_pattern,
	  .help = "The first minute.", .example = "\"09:00\"" },
	{ "to", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_window, to), .pattern = &time_pattern,
	  .help = "The minute after the last; where it is before from, of the next day.", .example = "\"17:00\"" },
	{ "timezone", HSM_TYPE_STRING, 0, AT(hsm_window, timezone), .pattern = &timezone_pattern,
	  .help = "A name of the tz database; UTC unless given.", .example = "\"Europe/Madrid\"" },
};
const struct hsm_object hsm_window_object = {
	"apply_window", 0, sizeof(struct hsm_window), HSM_OBJECT_FIELDS(window_fields),
	.help = "When an apply may begin.",
};

/* Where an organisation of Genesys Cloud is: of an environment, and of what stands beside an account of Meta's. */
#define ORGANIZATION_ROWS(type)                                                                                      \
	{ "region", HSM_TYPE_STRING, HSM_FIELD_GENESYS, AT(type, region), .minimum = 1,                               \
	  .help = "The Genesys Cloud region; or base_url and login_url.", .example = "\"eu-west-1\"" },               \
	{ "base_url", HSM_TYPE_STRING, 0, AT(type, base_url), .pattern = &url_pattern,                                \
	  .help = "The API's address where it is not the region's, or not Meta's.",                                   \
	  .example = "\"http://127.0.0.1:8080\"" },                                                                   \
	{ "login_url", HSM_TYPE_STRING, HSM_FIELD_GENESYS, AT(type, login_url), .pattern = &url_pattern,              \
	  .help = "The login host's address; base_url unless given." },                                               \
	{ "organization", HSM_TYPE_STRING, HSM_FIELD_GENESYS, AT(type, organization), .minimum = 1,                   \
	  .help = "The organisation's id: with credentials of another one hsmctl refuses to go on." }

static const struct hsm_field genesys_fields[] = {
	ORGANIZATION_ROWS(hsm_genesys),
	{ "credentials", HSM_TYPE_OBJECT, 0, AT(hsm_genesys, credentials), .object = &credentials_object },
	{ "library", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_genesys, library), .minimum = 1, .maximum = 256,
	  .help = "Name of the library that holds the canned responses of this account's templates; made where it is "
		  "not there.",
	  .example = "\"WhatsApp prod\"" },
};
static const struct hsm_object genesys_object = {
	"genesys", 0, sizeof(struct hsm_genesys), HSM_OBJECT_FIELDS(genesys_fields),
	.help = "The Genesys Cloud organisation whose agents, flows and campaigns use this account's templates: each "
		"active one has a canned response there.",
};

static const struct hsm_field environment_fields[] = {
	{ "backend", HSM_TYPE_WORD, 0, AT(hsm_environment, backend), .words = hsm_backend_words,
	  .help = "The API that holds the templates here, where it is not the one of the whole file." },
	ORGANIZATION_ROWS(hsm_environment),
	{ "provider", HSM_TYPE_STRING, HSM_FIELD_GENESYS, AT(hsm_environment, provider), .minimum = 1,
	  .help = "Name or id of the WHATSAPP provider; the one active one unless given.",
	  .example = "\"Acme WhatsApp\"" },
	{ "account", HSM_TYPE_STRING, HSM_FIELD_META, AT(hsm_environment, account), .pattern = &number_pattern,
	  .help = "The id of the WhatsApp Business Account.", .example = "\"102290129340398\"" },
	{ "app", HSM_TYPE_STRING, HSM_FIELD_META, AT(hsm_environment, app), .pattern = &number_pattern,
	  .help = "The id of the Meta app that the access token is of: files of headers are uploaded to it.",
	  .example = "\"670843887433847\"" },
	{ "api_version", HSM_TYPE_STRING, HSM_FIELD_META, AT(hsm_environment, api_version),
	  .pattern = &version_pattern, .help = "The version of the Graph API; " HSM_CONFIG_GRAPH_VERSION " unless given.",
	  .example = "\"" HSM_CONFIG_GRAPH_VERSION "\"" },
	{ "credentials", HSM_TYPE_OBJECT, 0, AT(hsm_environment, credentials), .object = &credentials_object },
	{ "genesys", HSM_TYPE_OBJECT, HSM_FIELD_META, AT(hsm_environment, genesys), .object = &genesys_object },
	{ "languages", HSM_TYPE_LIST, 0, AT(hsm_environment, languages), sizeof(struct hsm_string), &language_element,
	  .help = "The languages that are here, where not all.", .example = "[\"en_US\", \"es_ES\"]" },
	{ "templates", HSM_TYPE_LIST, 0, AT(hsm_environment, templates), sizeof(struct hsm_string), &glob_element,
	  .help = "Globs of the base names that are here, where not all.", .example = "[\"order_*\"]" },
	{ "variables", HSM_TYPE_MAPPING, 0, AT(hsm_environment, variables), sizeof(struct hsm_keyed_string_by_key),
	  &variable_element, .key_pattern = &variable_pattern, .help = "Texts for ${name}, before everybody's." },
	{ "webhooks", HSM_TYPE_LIST, HSM_FIELD_GENESYS, AT(hsm_environment, webhooks), sizeof(struct hsm_webhook), &webhook_element,
	  .help = "Webhooks that this environment should have." },
	{ "apply_window", HSM_TYPE_OBJECT, 0, AT(hsm_environment, apply_window), .object = &hsm_window_object },
};
const struct hsm_object hsm_environment_object = {
	"environment", 0, sizeof(struct hsm_environment), HSM_OBJECT_FIELDS(environment_fields),
	.help = "A Genesys Cloud organisation, or an account at Meta, that the templates are applied to.",
};

static const struct hsm_pattern rule_pattern = { "^HSM[0-9]{3}$", "a rule's id such as HSM115" };
static const struct hsm_pattern path_pattern = { "^[^\\s]+$", "a path with * and ?, such as templates/old/*" };
static const struct hsm_pattern level_pattern = { "^(error|warn|off)$", "error, warn or off" };
static const struct hsm_field rule_element = { "rule", HSM_TYPE_STRING_BY_KEY, 0, AT(hsm_keyed_string_by_key, value),
					       .key_pattern = &path_pattern, .pattern = &level_pattern };

static const struct hsm_field policy_fields[] = {
	{ "max_change_percent", HSM_TYPE_INTEGER, 0, AT(hsm_policy, max_change_percent), .minimum = 0, .maximum = 100,
	  .help = "The share of the managed base names that one apply may replace, delete or retire." },
	{ "max_delete_percent", HSM_TYPE_INTEGER, 0, AT(hsm_policy, max_delete_percent), .minimum = 0, .maximum = 100,
	  .help = "The share of them that one apply may delete." },
	{ "min_existing", HSM_TYPE_INTEGER, 0, AT(hsm_policy, min_existing), .minimum = 0, .maximum = 1000000,
	  .help = "Percentages are not checked where fewer base names than this are live." },
	{ "protect", HSM_TYPE_LIST, 0, AT(hsm_policy, protect), sizeof(struct hsm_string), &glob_element,
	  .help = "Globs of base names that an apply may neither replace, delete nor retire.",
	  .example = "[\"legal_*\"]" },
	{ "names", HSM_TYPE_STRING, 0, AT(hsm_policy, names), .minimum = 1, .maximum = 1000,
	  .help = "A regular expression (PCRE2) that every base name must match.", .example = "\"^acme_\"" },
	{ "rules", HSM_TYPE_MAPPING, 0, AT(hsm_policy, rules), sizeof(struct hsm_keyed_string_by_key), &rule_element,
	  .key_pattern = &rule_pattern,
	  .help = "What a rule's findings are, by its id: error, warn or off; or one of them per path.",
	  .example = "{\"HSM115\": \"error\"}" },
};
static const struct hsm_object policy_object = {
	"policy", 0, sizeof(struct hsm_policy), HSM_OBJECT_FIELDS(policy_fields),
	.help = "Thresholds that stop an apply; each is off unless given.",
};

static const struct hsm_field delivery_fields[] = {
	{ "emoji", HSM_TYPE_WORD, 0, AT(hsm_delivery_defaults, emoji), .words = hsm_emoji_words, .fallback = HSM_EMOJI_KEEP,
	  .help = "Whether emoji in values are sent, left out, or replaced by their English names." },
	{ "allowed", HSM_TYPE_STRING, 0, AT(hsm_delivery_defaults, allowed), .minimum = 1, .maximum = 1000,
	  .help = "A regular expression (PCRE2) that each character of a value must match; any unless given.",
	  .example = "\"[\\\\p{L}\\\\p{M}\\\\p{N}\\\\p{P} ]\"" },
};
static const struct hsm_object delivery_object = {
	"delivery", 0, sizeof(struct hsm_delivery_defaults), HSM_OBJECT_FIELDS(delivery_fields),
	.help = "How values of TEXT parameters are sent where the parameter does not say it itself.",
};

static const struct hsm_field environment_element = { "environment", HSM_TYPE_OBJECT, .object = &hsm_environment_object };

static const struct hsm_field config_fields[] = {
	{ "templates", HSM_TYPE_STRING, 0, AT(hsm_config, templates), .pattern = &folder_pattern,
	  .help = "The folder of the template files; templates unless given." },
	{ "backend", HSM_TYPE_WORD, 0, AT(hsm_config, backend), .words = hsm_backend_words,
	  .fallback = HSM_BACKEND_GENESYS, .help = "The API that holds the templates." },
	{ "environments", HSM_TYPE_MAPPING, HSM_FIELD_REQUIRED, AT(hsm_config, environments),
	  sizeof(struct hsm_environment), &environment_element, .key_pattern = &environment_pattern, .minimum = 1,
	  .help = "The organisations, by a name of your choice." },
	{ "variables", HSM_TYPE_MAPPING, 0, AT(hsm_config, variables), sizeof(struct hsm_keyed_string_by_key),
	  &variable_element, .key_pattern = &variable_pattern,
	  .help = "Texts for ${name} in every environment: one, or one per language." },
	{ "registry", HSM_TYPE_STRING, 0, AT(hsm_config, registry), .minimum = 1,
	  .help = "Where active versions are remembered: sqlite:FILE or postgres://...",
	  .example = "\"sqlite:hsmctl.db\"" },
	{ "policy", HSM_TYPE_OBJECT, 0, AT(hsm_config, policy), .object = &policy_object },
	{ "delivery", HSM_TYPE_OBJECT, 0, AT(hsm_config, delivery), .object = &delivery_object },
};
const struct hsm_object hsm_config_object = {
	"hsmctl", 0, sizeof(struct hsm_config), HSM_OBJECT_FIELDS(config_fields),
	.help = "hsmctl.yaml: the environments that the templates of this repository are applied to.",
};

const char *hsm_config_templates(const struct hsm_config *config)
{
	return config->templates.text ? config->templates.text : "templates";
}

enum hsm_backend_word hsm_config_find_backend(const struct hsm_config *config,
					      const struct hsm_environment *environment)
{
	int own = environment ? environment->backend.value : 0;
	int word = own ? own : config->backend.value;
	return word ? (enum hsm_backend_word)word : HSM_BACKEND_GENESYS;
}

/* Keys of the other API, each at its place. */
static void check_keys(const struct hsm_object *object, const void *base, enum hsm_backend_word backend,
		       struct hsm_findings *findings)
{
	enum hsm_backend_word other = backend == HSM_BACKEND_META ? HSM_BACKEND_GENESYS : HSM_BACKEND_META;
	unsigned flag = other == HSM_BACKEND_META ? HSM_FIELD_META : HSM_FIELD_GENESYS;
	for (size_t i = 0; i < object->count; i++) {
		const struct hsm_field *field = &object->fields[i];
		if ((field->flags & flag) && hsm_field_is_present(field, base))
			hsm_findings_add(findings, HSM_RULE_CONFIG, hsm_field_mark(field, base),
					 "'%s' is for backend: %s, and this environment's is %s", field->key,
					 hsm_backend_words[other - 1], hsm_backend_words[backend - 1]);
	}
}

/* An OAuth client is its id and its secret. */
static void check_client(const struct hsm_credentials *credentials, struct hsm_findings *findings)
{
	if (credentials->node.present && !(credentials->client_id.text && credentials->client_secret.text))
		hsm_findings_add(findings, HSM_RULE_MISSING_KEY, credentials->node.mark, "missing key '%s' of credentials",
				 credentials->client_id.text ? "client_secret" : "client_id");
}

static void check_genesys(const struct hsm_genesys *genesys, struct hsm_findings *findings)
{
	const struct hsm_string *token = &genesys->credentials.access_token;
	if (token->text)
		hsm_findings_add(findings, HSM_RULE_CONFIG, token->mark,
				 "'access_token' is Meta's, and these are the credentials of Genesys Cloud");
	check_client(&genesys->credentials, findings);
}

void hsm_config_check_backend(const struct hsm_config *config, const struct hsm_environment *environment,
			      struct hsm_findings *findings)
{
	enum hsm_backend_word backend = hsm_config_find_backend(config, environment);
	const struct hsm_mark *mark = &environment->node.key.mark;
	check_keys(&hsm_environment_object, environment, backend, findings);
	check_keys(&credentials_object, &environment->credentials, backend, findings);
	if (backend == HSM_BACKEND_META && !environment->account.text)
		hsm_findings_add(findings, HSM_RULE_MISSING_KEY, *mark, "missing key 'account' of an environment with backend: meta");
	if (backend == HSM_BACKEND_GENESYS)
		check_client(&environment->credentials, findings);
	else
		check_genesys(&environment->genesys, findings);
}

const struct hsm_environment *hsm_config_find_environment(const struct hsm_config *config, const char *name)
{
	for (size_t i = 0; i < config->environments.count; i++) {
		const struct hsm_environment *environment =
			HSM_LIST_ITEM(config->environments, struct hsm_environment, i);
		if (strcmp(environment->node.key.text, name) == 0)
			return environment;
	}
	return NULL;
}

static const char *find_variable(const struct hsm_list *variables, const char *name, size_t length,
				 const char *language)
{
	for (size_t i = 0; i < variables->count; i++) {
		const struct hsm_keyed_string_by_key *variable =
			HSM_LIST_ITEM(*variables, struct hsm_keyed_string_by_key, i);
		if (strncmp(variable->key.text, name, length) != 0 || variable->key.text[length])
			continue;
		const struct hsm_string *text = hsm_string_by_key_find(&variable->value, language);
		return text ? text->text : NULL;
	}
	return NULL;
}

const char *hsm_config_find_variable(const struct hsm_config *config, const struct hsm_environment *environment,
				     const char *name, size_t length, const char *language)
{
	const char *text = environment ? find_variable(&environment->variables, name, length, language) : NULL;
	return text ? text : find_variable(&config->variables, name, length, language);
}

bool hsm_environment_has_template(const struct hsm_environment *environment, const char *base)
{
	for (size_t i = 0; i < environment->templates.count; i++)
		if (hsm_text_matches_glob(base, HSM_LIST_ITEM(environment->templates, struct hsm_string, i)->text))
			return true;
	return !environment->templates.present;
}

bool hsm_environment_has_language(const struct hsm_environment *environment, const char *language)
{
	for (size_t i = 0; i < environment->languages.count; i++)
		if (strcmp(language, HSM_LIST_ITEM(environment->languages, struct hsm_string, i)->text) == 0)
			return true;
	return !environment->languages.present;
}
