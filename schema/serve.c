#include "schema/serve.h"

#include "schema/name.h"

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct hsm_pattern variable_pattern = { "^[A-Za-z_][A-Za-z0-9_]*$",
						     "the name of an environment variable: letters, digits and '_'" };
static const struct hsm_pattern listen_pattern = { "^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$",
						   "an address and a port such as 127.0.0.1:8090 or [::]:8443" };
static const struct hsm_pattern registry_pattern = { "^(sqlite:.+|postgres(ql)?://.+)$",
						     "sqlite:FILE or postgres://USER@HOST/DATABASE" };
/* Not ext::, which runs what it names, nor an option. */
static const struct hsm_pattern repository_pattern = { "^(https://|ssh://|file://|/|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:)[^\\s]+$",
						       "an https, ssh or file URL, or a path that begins with '/'" };
static const struct hsm_pattern branch_pattern = { "^(?!-)(?!.*\\.\\.)[A-Za-z0-9._/-]+$", "a branch's name" };
static const struct hsm_pattern folder_pattern = { "^(?!.*(^|/)\\.\\.?(/|$))[^/\\\\]+(/[^/\\\\]+)*$",
						   "a folder of the repository, without '..'" };
static const struct hsm_pattern table_pattern = { "^[A-Za-z0-9 _-]{1,200}$",
						  "a data table's name: letters, digits, blanks, '_' and '-'" };

static const struct hsm_field secret_fields[] = {
	{ NULL, HSM_TYPE_STRING, HSM_FIELD_SHORTHAND | HSM_FIELD_NAMES_SECRET, AT(hsm_secret, variable),
	  .pattern = &variable_pattern, .help = "Name of the environment variable that holds it." },
	{ "file", HSM_TYPE_STRING, 0, AT(hsm_secret, file), .minimum = 1,
	  .help = "A file whose first line it is; read again on SIGHUP.", .example = "\"/run/credentials/hook\"" },
};
static const struct hsm_object secret_object = {
	"secret", HSM_OBJECT_ONE_OF, sizeof(struct hsm_secret), HSM_OBJECT_FIELDS(secret_fields),
	.help = "Where a secret is found: an environment variable's name, or a file.",
};

static const struct hsm_field tls_fields[] = {
	{ "certificate", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_serve_tls, certificate), .minimum = 1,
	  .help = "A PEM file with the certificate and those that signed it." },
	{ "key", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_serve_tls, key), .minimum = 1,
	  .help = "A PEM file with its key." },
};
static const struct hsm_object tls_object = {
	"tls", 0, sizeof(struct hsm_serve_tls), HSM_OBJECT_FIELDS(tls_fields),
	.help = "Serve https. The files are read again on SIGHUP.",
};

static const struct hsm_field webhook_fields[] = {
	{ "secret", HSM_TYPE_OBJECT, HSM_FIELD_REQUIRED, AT(hsm_serve_webhook, secret), .object = &secret_object,
	  .help = "The key of the signatures: Meta's app secret, or the webhook's secret in hsmctl.yaml." },
	{ "verify_token", HSM_TYPE_OBJECT, 0, AT(hsm_serve_webhook, verify_token), .object = &secret_object,
	  .help = "What Meta must know when it verifies the address." },
};
static const struct hsm_object webhook_object = {
	"webhook", 0, sizeof(struct hsm_serve_webhook), HSM_OBJECT_FIELDS(webhook_fields),
	.help = "POST /webhooks/whatsapp: what the provider tells. Without it such requests are refused.",
};

static const struct hsm_field push_fields[] = {
	{ "secret", HSM_TYPE_OBJECT, HSM_FIELD_REQUIRED, AT(hsm_serve_push, secret), .object = &secret_object,
	  .help = "GitHub's webhook secret, or GitLab's secret token." },
};
static const struct hsm_object push_object = {
	"push", 0, sizeof(struct hsm_serve_push), HSM_OBJECT_FIELDS(push_fields),
	.help = "POST /webhooks/push: GitHub's and GitLab's push webhooks. Without it such requests are refused.",
};

static const struct hsm_field repository_fields[] = {
	{ "url", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_serve_repository, url), .pattern = &repository_pattern,
	  .help = "What is fetched, by git itself: credential helpers and ssh's configuration are git's.",
	  .example = "\"https://github.com/acme/messages.git\"" },
	{ "branch", HSM_TYPE_STRING, 0, AT(hsm_serve_repository, branch), .pattern = &branch_pattern,
	  .help = "main unless given.", .example = "\"main\"" },
	{ "folder", HSM_TYPE_STRING, 0, AT(hsm_serve_repository, folder), .pattern = &folder_pattern,
	  .help = "Where hsmctl.yaml stands in it; the top unless given.", .example = "\"messages\"" },
	{ "mirror", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_serve_repository, mirror), .minimum = 1,
	  .help = "The folder of the private copy.", .example = "\"/var/lib/hsmctl/messages.git\"" },
	{ "timeout", HSM_TYPE_INTEGER, 0, AT(hsm_serve_repository, timeout), .minimum = 1, .maximum = 3600,
	  .fallback = HSM_SERVE_FETCH_TIMEOUT_DEFAULT, .help = "Seconds that a fetch may take." },
};
static const struct hsm_object repository_object = {
	"repository", 0, sizeof(struct hsm_serve_repository), HSM_OBJECT_FIELDS(repository_fields),
	.help = "The repository to follow; the one of the working folder, at HEAD, unless given.",
};

static const struct hsm_field table_fields[] = {
	{ "name", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_serve_table, name), .pattern = &table_pattern,
	  .help = "The table's name; of several, name_1 and so on.", .example = "\"hsmctl_templates\"" },
	{ "tables", HSM_TYPE_INTEGER, 0, AT(hsm_serve_table, tables), .minimum = 1,
	  .maximum = HSM_SERVE_TABLES_MAX, .fallback = 1,
	  .help = "Over how many tables the rows are spread, by base name." },
	{ "rows", HSM_TYPE_INTEGER, 0, AT(hsm_serve_table, rows), .minimum = 1, .maximum = 1000000,
	  .fallback = HSM_SERVE_ROWS_DEFAULT, .help = "Rows that the organisation lets a table have." },
};
static const struct hsm_object table_object = {
	"data_table", 0, sizeof(struct hsm_serve_table), HSM_OBJECT_FIELDS(table_fields),
	.help = "An Architect data table.",
};

static const char *const format_words[] = { "json", "slack", "teams", NULL };
static const struct hsm_field text_element = { "text", HSM_TYPE_STRING, .minimum = 1 };
static const struct hsm_field alert_fields[] = {
	{ "url", HSM_TYPE_OBJECT, 0, AT(hsm_serve_alert, url), .object = &secret_object,
	  .help = "Where the message is posted; such addresses are secrets." },
	{ "command", HSM_TYPE_LIST, 0, AT(hsm_serve_alert, command), sizeof(struct hsm_string), &text_element,
	  .minimum = 1, .maximum = 100, .help = "A program and its arguments, which gets the message on stdin.",
	  .example = "[\"/usr/local/bin/page\", \"--team\", \"messaging\"]" },
	{ "format", HSM_TYPE_WORD, 0, AT(hsm_serve_alert, format), .words = format_words, .fallback = 1,
	  .help = "The message's shape.", .example = "\"slack\"" },
	{ "kinds", HSM_TYPE_LIST, 0, AT(hsm_serve_alert, kinds), sizeof(struct hsm_string), &text_element,
	  .minimum = 1, .help = "Only alerts of these kinds.", .example = "[\"fallback\", \"unavailable\"]" },
};
static const struct hsm_object alert_object = {
	"alert", 0, sizeof(struct hsm_serve_alert), HSM_OBJECT_FIELDS(alert_fields),
	.help = "Somebody who is told: a url or a command.",
};
static const struct hsm_field alert_element = { "alert", HSM_TYPE_OBJECT, .object = &alert_object };
static const struct hsm_field secret_element = { "secret", HSM_TYPE_OBJECT, .object = &secret_object };

static const char *const mode_words[] = { "report", "apply", NULL };
static const struct hsm_field serve_fields[] = {
	{ "listen", HSM_TYPE_STRING, 0, AT(hsm_serve, listen), .pattern = &listen_pattern,
	  .help = HSM_SERVE_LISTEN_DEFAULT " unless given.", .example = "\"0.0.0.0:8443\"" },
	{ "tls", HSM_TYPE_OBJECT, 0, AT(hsm_serve, tls), .object = &tls_object },
	{ "environment", HSM_TYPE_STRING, 0, AT(hsm_serve, environment), .minimum = 1,
	  .help = "The environment of hsmctl.yaml, where --env does not say it.", .example = "\"prod\"" },
	{ "registry", HSM_TYPE_STRING, 0, AT(hsm_serve, registry), .pattern = &registry_pattern,
	  .help = "Where the registry is, where HSMCTL_REGISTRY does not say it; hsmctl.yaml's, or "
		  HSM_SERVE_REGISTRY_DEFAULT ", unless given.",
	  .example = "\"sqlite:/var/lib/hsmctl/prod.db\"" },
	{ "default_language", HSM_TYPE_STRING, 0, AT(hsm_serve, default_language),
	  .pattern = &hsm_name_language_pattern,
	  .help = "What is answered where a template has neither the language that is asked for nor its language "
		  "without a region.", .example = "\"en_US\"" },
	{ "tokens", HSM_TYPE_LIST, 0, AT(hsm_serve, tokens), sizeof(struct hsm_secret), &secret_element, .minimum = 1,
	  .maximum = 100, .help = "Bearer tokens, any of which may read; needed unless it listens on loopback.",
	  .example = "[\"FLOW_TOKEN\"]" },
	{ "send_tokens", HSM_TYPE_LIST, 0, AT(hsm_serve, send_tokens), sizeof(struct hsm_secret), &secret_element, .minimum = 1,
	  .maximum = 100, .help = "Bearer tokens, any of which may send (POST /v1/send) and read; without them nobody may send.",
	  .example = "[\"SEND_TOKEN\"]" },
	{ "webhook", HSM_TYPE_OBJECT, 0, AT(hsm_serve, webhook), .object = &webhook_object },
	{ "push", HSM_TYPE_OBJECT, 0, AT(hsm_serve, push), .object = &push_object },
	{ "repository", HSM_TYPE_OBJECT, 0, AT(hsm_serve, repository), .object = &repository_object },
	{ "mode", HSM_TYPE_WORD, 0, AT(hsm_serve, mode), .words = mode_words, .fallback = HSM_SERVE_REPORT,
	  .help = "report: plan and tell; apply: do it.", .example = "\"apply\"" },
	{ "interval", HSM_TYPE_INTEGER, 0, AT(hsm_serve, interval), .minimum = 10, .maximum = 86400,
	  .fallback = HSM_SERVE_INTERVAL_DEFAULT, .help = "Seconds between plans, where no push asks for one." },
	{ "data_table", HSM_TYPE_OBJECT, 0, AT(hsm_serve, data_table), .object = &table_object,
	  .help = "The Architect data table that is kept equal to what flows are answered; none unless given." },
	{ "routes_table", HSM_TYPE_OBJECT, 0, AT(hsm_serve, routes_table), .object = &table_object,
	  .help = "The one that says where each button's payload leads; none unless given.",
	  .example = "{\"name\": \"hsmctl_routes\"}" },
	{ "alerts", HSM_TYPE_LIST, 0, AT(hsm_serve, alerts), sizeof(struct hsm_serve_alert), &alert_element,
	  .help = "Who is told of what." },
};
const struct hsm_object hsm_serve_object = {
	"serve", 0, sizeof(struct hsm_serve), HSM_OBJECT_FIELDS(serve_fields),
	.help = "What a controller listens to, follows and tells. It belongs to the machine, not to the repository.",
};
