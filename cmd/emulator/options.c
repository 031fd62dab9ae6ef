#include "cmd/emulator/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/oauth.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

enum kind { TEXT, NUMBER, RATE, LIST, SCOPE, SWITCH };

/* Where a row's value goes. */
#define AT(member) offsetof(struct hsm_emu_options, member)

static const struct row {
	const char *name;
	enum kind kind;
	size_t offset;
	int64_t minimum, maximum;
	const char *argument, *help;
} rows[] = {
	{ "port", NUMBER, AT(port), 0, 65535, "PORT", "port to listen on; 0 picks a free one (default 8080)" },
	{ "listen", TEXT, AT(listen), 0, 0, "ADDRESS", "IPv4 address to listen on (default 127.0.0.1)" },
	{ "data", TEXT, AT(data), 0, 0, "FILE", "keep everything in this file (default: in memory only)" },
	{ "review", TEXT, AT(review), 0, 0, "approve|manual|FILE", "what becomes of new templates (default approve)" },
	{ "review-delay", NUMBER, AT(review_delay), 0, 31536000000, "MS",
	  "approve after this time (default 0: in the create's answer)" },
	{ "latency", NUMBER, AT(latency), 0, 3600000, "MS", "every answer leaves this much later" },
	{ "rate", RATE, AT(rate), 1, 1000000000, "N/min|N/s", "requests that a token may make (default: no limit)" },
	{ "limit-templates", NUMBER, AT(limit_templates), 1, 1000000000, "N", "templates that an account holds" },
	{ "limit-hourly", NUMBER, AT(limit_hourly), 1, 1000000000, "N", "creates an hour" },
	{ "limit-datatable-rows", NUMBER, AT(limit_datatable_rows), 1, 1000000, "N", "rows of a data table (default 5000)" },
	{ "fault", LIST, AT(faults), 0, 0, "SPEC", "let requests go wrong; see below; repeatable" },
	{ "graph-token", LIST, AT(graph_tokens), 0, 0, "TOKEN", "an access token of Meta's API; default: any; repeatable" },
	{ "graph-token-lifetime", NUMBER, AT(graph_token_lifetime), 0, 1000000000, "S",
	  "such a token expires so long after its first use (default 0: never)" },
	{ "graph-app-secret", TEXT, AT(graph_app_secret), 0, 0, "SECRET",
	  "signs Meta's webhooks (default emulated-app-secret)" },
	{ "graph-callback", TEXT, AT(graph_callback), 0, 0, "URL", "where they go without override_callback_uri" },
	{ "graph-locale", TEXT, AT(graph_locale), 0, 0, "LOCALE", "of error_user_title and error_user_msg (default en_US; pt_BR)" },
	{ "graph-strict-handles", SWITCH, AT(graph_strict_handles), 0, 0, NULL,
	  "refuse header handles that no upload here gave" },
	{ "limit-graph-page", NUMBER, AT(limit_graph_page), 1, 100000, "N", "largest limit= of a listing (default 255)" },
	{ "limit-graph-calls", NUMBER, AT(limit_graph_calls), 1, 1000000000, "N", "calls an hour about one of Meta's accounts" },
	{ "seed", NUMBER, AT(seed), 0, 1000000000000, "N", "start of the random numbers of faults (default 1)" },
	{ "client", LIST, AT(clients), 0, 0, "ID:SECRET", "the only ones that get a token (default: any); repeatable" },
	{ "no-scope", SCOPE, 0, 0, 0, "SCOPE", "leave a scope out of tokens; repeatable" },
	{ "token-lifetime", NUMBER, AT(token_lifetime), 1, 1000000000, "SECONDS", "how long tokens live (default 86400)" },
	{ "organization", TEXT, AT(organization), 0, 0, "ID", "id of the organization" },
	{ "delivery-delay", NUMBER, AT(delivery_delay), 0, 31536000000, "MS",
	  "messages are SENT after this time, DELIVERED after twice (default 500)" },
	{ "webhook-retries", NUMBER, AT(webhook_retries), 0, 1000, "N", "retries of an event (default 5)" },
	{ "webhook-backoff", NUMBER, AT(webhook_backoff), 1, 60000, "MS", "before the first retry, then doubled (default 250)" },
	{ "verbose", SWITCH, AT(verbose), 0, 0, NULL, "a line for every request on stderr" },
	{ "help", SWITCH, AT(help), 0, 0, NULL, "this text" },
	{ "version", SWITCH, AT(version), 0, 0, NULL, "the version" },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static void *find_value(struct hsm_emu_options *options, const struct row *row)
{
	return (char *)options + row->offset;
}

static int set_number(struct hsm_emu_options *options, const struct row *row, const char *text, struct hsm_error *error)
{
	size_t length = strlen(text);
	int64_t number = length <= 15 ? strtoll(text, NULL, 10) : -1;
	if (!length || strspn(text, "0123456789") != length || number < row->minimum || number > row->maximum)
		return hsm_error_set(error, HSM_ERROR_USAGE, "--%s wants a number from %lld to %lld, not '%s'", row->name,
				     (long long)row->minimum, (long long)row->maximum, text);
	if (row->offset == AT(port))
		options->port = (int)number;
	else
		memcpy(find_value(options, row), &number, sizeof(number));
	return 0;
}

static int set_rate(struct hsm_emu_options *options, const struct row *row, const char *text, struct hsm_error *error)
{
	const char *slash = strchr(text, '/');
	char number[32];
	bool minute = slash && strcmp(slash, "/min") == 0;
	if (!slash || slash - text >= (long)sizeof(number) || (!minute && strcmp(slash, "/s") != 0))
		return hsm_error_set(error, HSM_ERROR_USAGE, "--rate wants N/min or N/s, not '%s'", text);
	snprintf(number, sizeof(number), "%.*s", (int)(slash - text), text);
	options->rate_window = minute ? 60000 : 1000;
	return set_number(options, row, number, error);
}

static int set_option(struct hsm_emu_options *options, const struct row *row, const char *text, struct hsm_error *error)
{
	switch (row->kind) {
	case TEXT:
		*(const char **)find_value(options, row) = text;
		return *text ? 0 : hsm_error_set(error, HSM_ERROR_USAGE, "--%s wants a value", row->name);
	case NUMBER:
		return set_number(options, row, text, error);
	case RATE:
		return set_rate(options, row, text, error);
	case SWITCH:
		*(bool *)find_value(options, row) = true;
		return 0;
	case SCOPE:
		options->scopes &= ~(unsigned)hsm_emu_scope_find(text);
		return hsm_emu_scope_find(text) ? 0 :
					      hsm_error_set(error, HSM_ERROR_USAGE,
							    "--no-scope: there is no scope '%s'; one is messaging:template:write",
							    text);
	case LIST: {
		struct hsm_emu_values *values = find_value(options, row);
		if (row->offset == AT(clients) && !strchr(text, ':'))
			return hsm_error_set(error, HSM_ERROR_USAGE, "--client wants ID:SECRET");
		HSM_MEMORY_GROW(values->items, values->count, values->capacity);
		values->items[values->count++] = text;
		return 0;
	}
	}
	return 0;
}

static int report_unknown(const char *argument, struct hsm_error *error)
{
	const char *names[ROWS];
	char name[64];
	for (size_t i = 0; i < ROWS; i++)
		names[i] = rows[i].name;
	argument += strspn(argument, "-");
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(argument, "="), argument);
	const char *similar = hsm_text_find_similar(name, names, ROWS);
	return hsm_error_set(error, HSM_ERROR_USAGE, "there is no option --%s%s%s%s", name,
			     similar ? "; did you mean --" : "", similar ? similar : "", similar ? "?" : "");
}

int hsm_emu_options_parse(struct hsm_emu_options *options, int argc, char **argv, struct hsm_error *error)
{
	struct option longs[ROWS + 1] = { { 0 } };
	*options = (struct hsm_emu_options){
		.listen = "127.0.0.1", .port = 8080, .review = "approve", .token_lifetime = 86400, .webhook_retries = 5,
		.webhook_backoff = 250, .delivery_delay = 500, .seed = 1, .scopes = EMU_SCOPE_ALL, .limit_datatable_rows = 5000,
		.organization = "9d0e1c2a-emulated-organization", .graph_app_secret = "emulated-app-secret",
		.graph_locale = "en_US", .limit_graph_page = 255,
	};
	for (size_t i = 0; i < ROWS; i++)
		longs[i] = (struct option){ rows[i].name, rows[i].kind == SWITCH ? no_argument : required_argument, NULL, 0 };
	opterr = 0;
	for (;;) {
		int index = 0, before = optind, option = getopt_long(argc, argv, ":", longs, &index);
		if (option == -1)
			break;
		if (option == ':')
			return hsm_error_set(error, HSM_ERROR_USAGE, "%s wants a value", argv[before]);
		if (option == '?')
			return report_unknown(argv[before], error);
		int failed = set_option(options, &rows[index], optarg, error);
		if (failed)
			return failed;
	}
	if (optind < argc)
		return hsm_error_set(error, HSM_ERROR_USAGE, "what is '%s'? Every option begins with --", argv[optind]);
	return 0;
}

void hsm_emu_options_release(struct hsm_emu_options *options)
{
	free(options->faults.items);
	free(options->clients.items);
	free(options->graph_tokens.items);
}

void hsm_emu_options_print_help(void)
{
	printf("usage: genesys-emulator [OPTION]...\n\n"
	       "An offline stand-in for the Genesys Cloud messaging API, and for Meta's.\n\n");
	for (size_t i = 0; i < ROWS; i++) {
		char left[64];
		snprintf(left, sizeof(left), "--%s%s%s", rows[i].name, rows[i].argument ? " " : "",
			 rows[i].argument ? rows[i].argument : "");
		printf("  %-30s %s\n", left, rows[i].help);
	}
	printf("\nA fault is METHOD:PATH:KIND[=ARGUMENT][:SELECTOR=N]...; METHOD may be *, PATH is a glob over\n"
	       "the path, or over path and query.\n\n"
	       "  before the server acts: reset-before status=CODE 429[=RETRY_AFTER] html[=200|502]\n"
	       "                          deep[=LEVELS] huge[=BYTES] (0: endless) expire-token\n"
	       "  after it acted:         reset-after status-after=CODE truncate garbage slow[=BYTES/S] delay=MS\n"
	       "                          unknown-status[=TEXT] rewrite[=TEXT|trim]\n"
	       "                          shift-listing[=delete|insert|total]\n"
	       "                          noise[=order|fields|text|times]\n"
	       "  of Meta's API:          graph-error=CODE[/SUBCODE] (before) cursors[=loop|repeat] number-ids lower-case\n"
	       "                          unknown-part[=component|button]\n"
	       "  selectors:              at=N times=N every=N probability=0.05 retry-after=SECONDS\n\n"
	       "  --fault 'POST:*/templates:reset-after:at=3'   the third create is done, its answer is lost\n"
	       "  --fault '*:/api/*:status=503:probability=5%%:retry-after=2'\n\n"
	       "The admin path /_emulator/ seeds, reviews and inspects: cmd/emulator/README.md tells.\n");
}
