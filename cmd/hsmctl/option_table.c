#include "cmd/hsmctl/command.h"

/* The options, in the order in which help lists them. */

const char *const hsm_format_words[] = { "text", "json", "man", "markdown", "sarif", "github", "gitlab", "html", NULL };
static const char *const log_format_words[] = { "text", "json", NULL };
static const char *const policy_words[] = { "max_change_percent", "max_delete_percent", "protect", "apply_window", NULL };
static const char *const color_words[] = { "auto", "always", "never", NULL };

#define AT(member) offsetof(struct hsm_options, member)
#define ON(command) (1u << HSM_COMMAND_##command)

const struct hsm_option hsm_option_table[] = {
	{ "out", 0, HSM_OPTION_TEXT, AT(out), ON(PLAN) | ON(DRIFT) | ON(SNAPSHOT) | ON(FLOW), "FILE", HSM_ARGUMENT_FILE,
	  .help = "plan, drift: save it, for show FILE and apply FILE; snapshot: save it there (default: stdout); flow: a "
		  "folder for flow.yaml and the schemas of its data tables (default: the flow to stdout)" },
	{ "against", 0, HSM_OPTION_TEXT, AT(against), ON(PLAN), "FILE", HSM_ARGUMENT_FILE,
	  .help = "compare with what this snapshot holds: no credentials, no network" },
	{ "prune", 0, HSM_OPTION_SWITCH, AT(prune), ON(PLAN) | ON(APPLY),
	  .help = "delete what git had and has no more, versions beyond those to keep, and canned responses of versions that are "
		  "no longer active; never what a flow or a campaign uses" },
	{ "detailed-exitcode", 0, HSM_OPTION_SWITCH, AT(detailed_exitcode), ON(PLAN),
	  .help = "exit with 2 where anything differs" },
	{ "target", 0, HSM_OPTION_LIST, AT(targets), ON(PLAN) | ON(APPLY) | ON(DRIFT) | ON(WAIT), "GLOB",
	  HSM_ARGUMENT_TEXT, .help = "only templates whose base name matches; may be repeated" },
	{ "resubmit", 0, HSM_OPTION_LIST, AT(resubmit), ON(PLAN) | ON(APPLY), "NAME", HSM_ARGUMENT_TEXT,
	  .help = "submit this template's rejected, locked or recategorised content anew; may be repeated" },
	{ "overwrite", 0, HSM_OPTION_LIST, AT(overwrite), ON(PLAN) | ON(APPLY), "NAME", HSM_ARGUMENT_TEXT,
	  .help = "replace this template's content although git never had it; may be repeated" },
	{ "ignore", 0, HSM_OPTION_LIST, AT(ignore), ON(DRIFT), "GLOB:DATE", HSM_ARGUMENT_TEXT,
	  .help = "templates and webhooks of these names don't count as drift until this day is over; may be repeated" },
	{ "yes", 'y', HSM_OPTION_SWITCH, AT(yes), ON(APPLY) | ON(SEND), .help = "don't ask first" },
	{ "allow-dirty", 0, HSM_OPTION_SWITCH, AT(allow_dirty), ON(APPLY),
	  .help = "apply a work tree that differs from its commit" },
	{ "strict", 0, HSM_OPTION_SWITCH, AT(strict), ON(APPLY) | ON(VALIDATE),
	  .help = "apply: exit with 6 where a template is blocked, in conflict or recategorised; validate: warnings "
		  "fail, too" },
	{ "exceed", 0, HSM_OPTION_LIST, AT(exceed), ON(PLAN) | ON(APPLY), "POLICY", HSM_ARGUMENT_WORD,
	  policy_words,
	  .help = "go on although this policy refuses it (max_change_percent, max_delete_percent, protect, apply_window); may be "
		  "repeated" },
	{ "expect", 0, HSM_OPTION_TEXT, AT(expect), ON(APPLY), "HASH", HSM_ARGUMENT_TEXT,
	  .help = "apply only the plan of this hash, which plan shows" },
	{ "for", 0, HSM_OPTION_TEXT, AT(for_file), ON(WAIT), "FILE", HSM_ARGUMENT_FILE,
	  .help = "wait for what this saved plan submitted" },
	{ "interval", 0, HSM_OPTION_DURATION, AT(interval), ON(WAIT) | ON(APPLY), "DURATION", HSM_ARGUMENT_TEXT,
	  .help = "how long to wait between looks (default 10s)" },
	{ "diff", 0, HSM_OPTION_TEXT, AT(diff), ON(PREVIEW), "REV", HSM_ARGUMENT_TEXT,
	  .help = "only what differs from this revision, before and after" },
	{ "requires", 0, HSM_OPTION_TEXT, AT(requires), ON(CHECK), "FILE", HSM_ARGUMENT_FILE,
	  .help = "what is required: templates, languages, versions, parameters, buttons" },
	{ "from", 0, HSM_OPTION_LIST, AT(from), ON(IMPORT) | ON(SEND), "FILE", HSM_ARGUMENT_FILE,
	  .help = "import: the API payloads in this file, not what is live; may be repeated; send: to all in this .csv or .ndjson" },
	{ "to", 0, HSM_OPTION_TEXT, AT(to), ON(SEND), "PHONE", HSM_ARGUMENT_TEXT, .help = "one recipient, like +34600123456" },
	{ "value", 0, HSM_OPTION_LIST, AT(values), ON(SEND), "NAME=VALUE", HSM_ARGUMENT_TEXT,
	  .help = "of a parameter; may be repeated" },
	{ "language", 0, HSM_OPTION_TEXT, AT(language), ON(SEND), "CODE", HSM_ARGUMENT_TEXT,
	  .help = "en_US; es for es_MX where that is not there (default: the template's only one)" },
	{ "text", 0, HSM_OPTION_TEXT, AT(text), ON(SEND), "TEXT", HSM_ARGUMENT_TEXT,
	  .help = "send this, with {{name}} filled in, where the customer's 24 hours are open, and the template elsewhere" },
	{ "wait", 0, HSM_OPTION_DURATION, AT(patience), ON(SEND) | ON(APPLY), "DURATION", HSM_ARGUMENT_TEXT,
	  .help = "send: for a template that is not approved yet; apply: where an hour's creates are spent, go on as soon as "
		  "there is room, for so long (default: not at all)" },
	{ "follow", 0, HSM_OPTION_DURATION, AT(follow), ON(SEND), "DURATION", HSM_ARGUMENT_TEXT,
	  .help = "with --from: ask what became of the messages, so long at most, for the results" },
	{ "rate", 0, HSM_OPTION_NUMBER, AT(rate), ON(SEND), "N", HSM_ARGUMENT_TEXT, .minimum = 1, .maximum = 100000,
	  .help = "messages a minute at most (default: what the API allows)" },
	{ "dry-run", 0, HSM_OPTION_SWITCH, AT(dry_run), ON(SEND), .help = "print the requests' bodies and send nothing" },
	{ "results", 0, HSM_OPTION_TEXT, AT(results), ON(SEND), "FILE", HSM_ARGUMENT_FILE,
	  .help = "a line of JSON for each row (default: beside --from's, with .results.ndjson behind its name)" },
	{ "skip-invalid", 0, HSM_OPTION_SWITCH, AT(skip_invalid), ON(SEND),
	  .help = "send to the others although some rows are wrong" },
	{ "show-recipients", 0, HSM_OPTION_SWITCH, AT(show_recipients), ON(SEND), .help = "in the results, too" },
	{ "adopt", 0, HSM_OPTION_LIST, AT(adopt), ON(IMPORT), "NAME", HSM_ARGUMENT_TEXT,
	  .help = "write what is live over this template's file; may be repeated" },
	{ "serve", 0, HSM_OPTION_TEXT, AT(serve), ON(FLOW), "FILE", HSM_ARGUMENT_FILE,
	  .help = "the file of hsmctl serve: names and number of the data tables, and the default language (default: one "
		  "hsmctl_templates and one hsmctl_routes)" },
	{ "queue", 0, HSM_OPTION_TEXT, AT(queue), ON(FLOW), "NAME", HSM_ARGUMENT_TEXT,
	  .help = "the queue of customers whom the flow can't serve (default hsmctl_default)" },
	{ "name", 0, HSM_OPTION_TEXT, AT(name), ON(FLOW), "NAME", HSM_ARGUMENT_TEXT,
	  .help = "the flow's name (default hsmctl)" },
	{ "base", 0, HSM_OPTION_TEXT, AT(base), ON(VALIDATE) | ON(BUMP), "REV", HSM_ARGUMENT_TEXT,
	  .help = "the revision to compare versions with (bump: default the merge base with the remote's default branch)" },

	{ "directory", 'C', HSM_OPTION_TEXT, AT(directory), HSM_EVERY_COMMAND, "DIR", HSM_ARGUMENT_FOLDER,
	  .help = "work as if started in this folder" },
	{ "env", 'e', HSM_OPTION_TEXT, AT(environment), HSM_EVERY_COMMAND, "NAME", HSM_ARGUMENT_TEXT,
	  .variable = "HSMCTL_ENV", .help = "the environment of hsmctl.yaml (default: the only one); plan, drift, status: also several, dev,prod" },
	{ "rev", 0, HSM_OPTION_TEXT, AT(revision), HSM_EVERY_COMMAND, "REV", HSM_ARGUMENT_TEXT,
	  .help = "read hsmctl.yaml and the templates from a git revision (default: the work tree)" },
	{ "format", 'f', HSM_OPTION_WORD, AT(format), HSM_EVERY_COMMAND, "FORMAT", HSM_ARGUMENT_WORD,
	  hsm_format_words, .help = "format of the result" },
	{ "color", 0, HSM_OPTION_WORD, AT(color), HSM_EVERY_COMMAND, "WHEN", HSM_ARGUMENT_WORD, color_words,
	  .help = "auto (default: on a terminal, unless NO_COLOR is set), always or never" },
	{ "quiet", 'q', HSM_OPTION_SWITCH, AT(quiet), HSM_EVERY_COMMAND, .help = "log nothing but errors" },
	{ "verbose", 'v', HSM_OPTION_SWITCH, AT(verbose), HSM_EVERY_COMMAND, .help = "log more" },
	{ "log-format", 0, HSM_OPTION_WORD, AT(log_format), HSM_EVERY_COMMAND, "FORMAT", HSM_ARGUMENT_WORD,
	  log_format_words, .help = "log as text (default) or as JSON, an object a line" },
	{ "parallelism", 0, HSM_OPTION_NUMBER, AT(parallelism), HSM_EVERY_COMMAND, "N", HSM_ARGUMENT_TEXT,
	  .minimum = 1, .maximum = 64, .help = "requests under way at once, 1 to 64 (default 8)" },
	{ "timeout", 0, HSM_OPTION_DURATION, AT(timeout), HSM_EVERY_COMMAND, "DURATION", HSM_ARGUMENT_TEXT,
	  .help = "of the whole command: seconds, or 30s, 5m, 2h (default: none)" },
	{ "help", 'h', HSM_OPTION_SWITCH, AT(help), HSM_EVERY_COMMAND, .help = "how to use hsmctl, or a command" },
	{ "version", 0, HSM_OPTION_SWITCH, AT(version), HSM_EVERY_COMMAND, .help = "the version of hsmctl" },
};
const size_t hsm_option_table_count = sizeof(hsm_option_table) / sizeof(*hsm_option_table);
