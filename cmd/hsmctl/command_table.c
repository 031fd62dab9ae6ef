#include "cmd/hsmctl/command.h"

#define TEXT_JSON ((1u << HSM_FORMAT_TEXT) | (1u << HSM_FORMAT_JSON))
#define FINDINGS ((1u << HSM_FORMAT_SARIF) | (1u << HSM_FORMAT_GITHUB) | (1u << HSM_FORMAT_GITLAB))
#define REVIEW (TEXT_JSON | (1u << HSM_FORMAT_MARKDOWN) | (1u << HSM_FORMAT_HTML) | FINDINGS)

static const char *const schema_words[] = { "template", "config", "requirements", "serve", NULL };
static const char *const shell_words[] = { "bash", "zsh", "fish", NULL };

/* In the order in which help lists them. */
const struct hsm_command hsm_commands[HSM_COMMAND_MAX_] = {
	[HSM_COMMAND_INIT] = {
		.name = "init",
		.summary = "scaffold a repository: config, a sample template, GitHub workflows",
		.description =
			"Writes hsmctl.yaml, a sample template, and GitHub workflows that plan in pull requests, apply on "
			"merge to main, and look for drift every six hours. Nothing that exists is overwritten: where one of the "
			"files is there already, nothing is written.",
		.examples = { { "hsmctl init", "scaffold the current folder" },
			      { "hsmctl -C messages init", "scaffold the folder messages" } },
		.run = hsm_command_init,
	},
	[HSM_COMMAND_DOCTOR] = {
		.name = "doctor",
		.formats = TEXT_JSON,
		.summary = "find what would stop an apply: credentials, scopes, provider, limits, clock, history",
		.description =
			"Checks the repository and the organisation, and says what is wrong and what to do about it. Nothing is "
			"changed. A check that fails stops only those that need it. The exit code is that of the worst problem. "
			"Names that are locked after a deletion show only when they are created.",
		.examples = { { "hsmctl doctor --env prod", "would an apply to prod work?" } },
		.run = hsm_command_doctor,
	},
	[HSM_COMMAND_VALIDATE] = {
		.name = "validate",
		.arguments = "[PATH...]",
		.argument_kind = HSM_ARGUMENT_FILE,
		.maximum = SIZE_MAX,
		.formats = TEXT_JSON | FINDINGS,
		.summary = "check the files, offline",
		.description =
			"Checks hsmctl.yaml and all templates for every environment (with --env for that one) and shows each "
			"finding at file:line:column. With PATHs only findings in those files and folders count. With --base it "
			"is an error where content differs from that revision's and its version does not.",
		.examples = { { "hsmctl validate", "check everything" },
			      { "hsmctl validate templates/order_confirmation.yaml", "what is wrong with one file" },
			      { "hsmctl validate --base origin/main --format json",
				"for a pull request: is a bump missing, too?" } },
		.run = hsm_command_validate,
	},
	[HSM_COMMAND_BUMP] = {
		.name = "bump",
		.summary = "write the version numbers that a change needs",
		.description =
			"Gives every translation whose content differs from the base revision's, and whose version does not, one "
			"more than the highest version that any ref ever had for its template. Those lines are edited and nothing "
			"else. Prints each as file:line, old and new version.",
		.examples = { { "hsmctl bump", "number what changed on this branch" },
			      { "hsmctl bump --base HEAD", "number what is not committed yet" } },
		.run = hsm_command_bump,
	},
	[HSM_COMMAND_PLAN] = {
		.name = "plan",
		.formats = REVIEW,
		.summary = "show what an apply would do, and change nothing",
		.description =
			"Compares git with the organisation and shows each change, why, and whose it is: git-ahead with the commit "
			"that made it, or out-of-band where no commit ever had what is live. With several environments (--env "
			"dev,prod) a table: what differs, a column for each.",
		.examples = { { "hsmctl plan --env prod", "what would an apply to prod do?" },
			      { "hsmctl plan --env prod --out prod.plan", "save it, for hsmctl apply prod.plan" },
			      { "hsmctl plan --env prod --against prod.snapshot.json", "without credentials, as of a snapshot" },
			      { "hsmctl plan --detailed-exitcode --format json", "for scripts: exit code 2 where anything differs" } },
		.run = hsm_command_plan,
	},
	[HSM_COMMAND_SHOW] = {
		.name = "show",
		.arguments = "FILE",
		.argument_kind = HSM_ARGUMENT_FILE,
		.minimum = 1,
		.maximum = 1,
		.formats = REVIEW,
		.summary = "show a saved plan",
		.description = "Shows a plan that plan --out saved. Needs no repository, no credentials and no network.",
		.examples = { { "hsmctl show prod.plan", "read a saved plan" },
			      { "hsmctl show prod.plan --format json", "the same for machines" } },
		.run = hsm_command_show,
	},
	[HSM_COMMAND_APPLY] = {
		.name = "apply",
		.arguments = "[FILE]",
		.argument_kind = HSM_ARGUMENT_FILE,
		.maximum = 1,
		.formats = TEXT_JSON,
		.summary = "make the organisation equal to git",
		.description =
			"Plans, asks, and submits exactly what changed; or does what the saved plan FILE says, unless something "
			"that it touches has moved since (exit code 4). With --expect, for pipelines that can't carry a file, it "
			"plans anew and goes on only where that is the plan of this hash. Asks on a terminal, elsewhere it needs --yes. It can be "
			"stopped at any moment and run again.",
		.examples = { { "hsmctl apply --env dev", "plan, ask, apply" },
			      { "hsmctl apply prod.plan --yes", "do what was reviewed" },
			      { "hsmctl apply --expect 5f0c2a9e1b7d4c36 --yes", "do it only where it is the plan of this hash" },
			      { "hsmctl apply --env dev --yes --prune", "delete what git has no more, too" } },
		.run = hsm_command_apply,
	},
	[HSM_COMMAND_DRIFT] = {
		.name = "drift",
		.formats = REVIEW,
		.summary = "tell when the organisation moved away from git",
		.description =
			"Like plan, for schedules: changes nothing, says whose each difference is, and exits with 2 where there "
			"is one. Known ones can be ignored until a day. apply undoes what somebody changed, import --adopt takes "
			"it over into git.",
		.examples = { { "hsmctl drift --env prod", "did anybody change prod?" },
			      { "hsmctl drift --env prod --ignore 'promo_*:2027-01-31'", "without what is known, until that day" },
			      { "hsmctl drift --env prod --rev origin/main", "compare with what is on main" } },
		.run = hsm_command_drift,
	},
	[HSM_COMMAND_STATUS] = {
		.name = "status",
		.formats = TEXT_JSON,
		.summary = "list every template, language and version with its review",
		.description = "Lists each version of each translation: status, active or not, reason and age. With several environments "
			"(--env dev,prod) a row per translation and a column for each.",
		.examples = { { "hsmctl status --env prod", "how far are the reviews?" },
			      { "hsmctl status --env prod --format json", "the same for machines" } },
		.run = hsm_command_status,
	},
	[HSM_COMMAND_WAIT] = {
		.name = "wait",
		.formats = TEXT_JSON,
		.summary = "wait until nothing that equals git is pending",
		.description =
			"Looks again and again until the reviews of what git has are done. Exits with 6 where one ended in a "
			"rejection, with 75 where some are pending at the --timeout.",
		.examples = { { "hsmctl wait --env prod --timeout 2h", "wait for the reviews, two hours at most" },
			      { "hsmctl wait --for prod.plan", "wait for what a saved plan submitted" } },
		.run = hsm_command_wait,
	},
	[HSM_COMMAND_CHECK] = {
		.name = "check",
		.formats = TEXT_JSON,
		.summary = "say whether the templates that a flow needs are active",
		.description =
			"Compares the active versions with what FILE requires (hsmctl schema requirements describes it). Put it "
			"before the deployment of a flow: exits with 6 where something is missing, with 75 where only a review is "
			"awaited.",
		.examples = { { "hsmctl check --env prod --requires flows/orders.requires.yaml", "may this flow go live?" } },
		.run = hsm_command_check,
	},
	[HSM_COMMAND_HISTORY] = {
		.name = "history",
		.arguments = "NAME",
		.argument_kind = HSM_ARGUMENT_TEXT,
		.minimum = 1,
		.maximum = 1,
		.formats = TEXT_JSON,
		.summary = "list a template's versions beside the commits that made them",
		.description =
			"Lists each live version of the template NAME with its status, and the commit, date and author that made "
			"it; then what commits wanted and is not live.",
		.examples = { { "hsmctl history order_confirmation --env prod", "who made which version, and when?" } },
		.run = hsm_command_history,
	},
	[HSM_COMMAND_DIFF] = {
		.name = "diff",
		.arguments = "NAME OLD NEW",
		.argument_kind = HSM_ARGUMENT_TEXT,
		.minimum = 3,
		.maximum = 3,
		.formats = TEXT_JSON,
		.summary = "show how two versions of a template differ",
		.description =
			"Shows two versions of the template NAME in all their languages, and whether the second breaks what "
			"depends on the first. A version is v2, or git for what git says. What is live no more is taken from the "
			"newest commit that pinned that number.",
		.examples = { { "hsmctl diff order_confirmation v2 v3", "what changed from v2 to v3?" },
			      { "hsmctl diff order_confirmation v3 git", "what is not applied yet?" } },
		.run = hsm_command_diff,
	},
	[HSM_COMMAND_IMPORT] = {
		.name = "import",
		.arguments = "[FILE...]",
		.argument_kind = HSM_ARGUMENT_FILE,
		.maximum = SIZE_MAX,
		.formats = TEXT_JSON,
		.summary = "write template files for what is live, or for API payloads",
		.description =
			"Writes a file for each live template that git does not have; with --from for the templates in payload "
			"files: create bodies and lists of the messaging API, or Meta's. Versions are split from names, "
			"parameters get names. Planning what was imported shows no difference. What cannot be written down is "
			"named and left out (exit code 65). A file that exists stays, unless --adopt names its template.",
		.examples = { { "hsmctl import --env prod", "begin with what is there" },
			      { "hsmctl import --env prod --adopt order_confirmation", "take over what somebody changed by hand" },
			      { "hsmctl import --from create.json", "a payload that a script sent so far" } },
		.run = hsm_command_import,
	},
	[HSM_COMMAND_SNAPSHOT] = {
		.name = "snapshot",
		.summary = "save what is live, for plan --against",
		.description =
			"Writes what is live (templates and webhooks, no secret) as JSON, so that whoever has no credentials, such "
			"as a pull request from a fork, can plan against it.",
		.examples = { { "hsmctl snapshot --env prod --out prod.snapshot.json", "on main, on a schedule" },
			      { "hsmctl plan --env prod --against prod.snapshot.json", "in a pull request, without credentials" } },
		.run = hsm_command_snapshot,
	},
	[HSM_COMMAND_PREVIEW] = {
		.name = "preview",
		.arguments = "[NAME...]",
		.argument_kind = HSM_ARGUMENT_TEXT,
		.maximum = SIZE_MAX,
		.formats = (1u << HSM_FORMAT_TEXT) | (1u << HSM_FORMAT_HTML),
		.summary = "show how templates look on a phone",
		.description =
			"Draws each translation of the templates whose base names match (all without NAME) as WhatsApp shows it, "
			"with the sample values filled in; where files have errors those that are right. HTML is one page that loads nothing and runs nothing.",
		.examples = { { "hsmctl preview order_confirmation", "in the terminal" },
			      { "hsmctl preview 'order_*' --format html > preview.html", "a page for a browser" },
			      { "hsmctl preview --diff origin/main --format html > preview.html",
				"what this branch changes, before and after" } },
		.run = hsm_command_preview,
	},
	[HSM_COMMAND_SEND] = {
		.name = "send",
		.arguments = "TEMPLATE",
		.argument_kind = HSM_ARGUMENT_TEXT,
		.minimum = 1,
		.maximum = 1,
		.formats = TEXT_JSON,
		.summary = "send a template to one recipient, or to all in a file",
		.description =
			"Sends the version of TEMPLATE (a base name) that is in use, with values by their parameters' names. Its "
			"status is read just before: what is not approved, or not in the category that git accepts, is not sent; "
			"the file's fallback is, or with --wait it is waited for. Values are made what the provider takes (NFC, no "
			"control characters, no runs of blanks), and what was changed is told; what would be wrong all the same is "
			"refused by its parameter's name.\n\n"
			"--from takes a CSV file with column names, or NDJSON: recipient, a column per parameter, and language "
			"where rows differ in it. All rows are checked before the first is sent. A send that was killed is gone on "
			"with by the same command: FILE.journal knows what may have been sent, and that is looked up first. Running "
			"it once more sends nothing: remove the journal to send the file again. No recipient and no value stands in "
			"a log, the journal or the results.",
		.examples = { { "hsmctl send order_confirmation --to +34600123456 --value order_id=A-1 --value eta=2026-12-01",
				"a test message" },
			      { "hsmctl send order_confirmation --from customers.csv --dry-run", "what would be sent?" },
			      { "hsmctl send order_confirmation --from customers.csv --rate 200 --yes", "to all, 200 a minute" } },
		.run = hsm_command_send,
	},
	[HSM_COMMAND_SERVE] = {
		.name = "serve",
		.arguments = "[FILE]",
		.argument_kind = HSM_ARGUMENT_FILE,
		.maximum = 1,
		.summary = "follow approvals and rejections: webhooks in, registry, reconcile loop",
		.description =
			"Runs until SIGTERM. Takes the provider's webhooks and keeps a registry of which version flows should use: a "
			"version that is approved in every language comes into use, one that is rejected, paused, disabled or moved "
			"to another category is replaced by an earlier one or by the file's fallback, and comes back when it "
			"recovers. Follows git, plans, and with mode: apply does it. FILE says what it listens to, follows and tells "
			"(hsmctl schema serve describes it); without it it serves the repository of the working folder on "
			"127.0.0.1:8090. SIGHUP reads secrets, certificates, mode and interval again.",
		.examples = { { "hsmctl serve --env dev", "try it here: http://127.0.0.1:8090" },
			      { "hsmctl serve /etc/hsmctl/serve.yaml --log-format json", "as a service" } },
		.run = hsm_command_serve,
	},
	[HSM_COMMAND_FLOW] = {
		.name = "flow",
		.arguments = "[NAME...]",
		.argument_kind = HSM_ARGUMENT_TEXT,
		.maximum = SIZE_MAX,
		.summary = "write an Architect flow: what to send, by window and fallback, and where buttons lead",
		.description =
			"Writes an Architect flow for inbound messages, as YAML for Archy, from the templates whose base names match "
			"(all without NAME). It looks up in serve's data tables what to send now and where a button leads, sends a "
			"message in an open session and the template, or what stands in for it, in a closed one, and hands what it "
			"does not know to a queue. A route's target is a queue's name, or flow: and a bot flow's. With --out also "
			"the schemas of the data tables. The comment on top lists what it wants to find, and what Archy must confirm: "
			"it has not been run through it. Write it anew when templates change.",
		.examples = { { "hsmctl flow --env prod > flow.yaml", "of all templates" },
			      { "hsmctl flow 'support_*' --queue 'Support, general' --out flows/support",
				"flow.yaml, templates.schema.json and routes.schema.json in a folder" },
			      { "hsmctl flow --serve /etc/hsmctl/serve.yaml", "with the data tables that this controller keeps" } },
		.run = hsm_command_flow,
	},
	[HSM_COMMAND_SCHEMA] = {
		.name = "schema",
		.arguments = "template|config|requirements|serve",
		.argument_kind = HSM_ARGUMENT_WORD,
		.words = schema_words,
		.minimum = 1,
		.maximum = 1,
		.summary = "print the JSON Schema of a kind of file",
		.description = "Prints the JSON Schema (draft 2020-12) with which editors complete and check a file.",
		.examples = { { "hsmctl schema template", "the schema of templates/*.yaml" },
			      { "hsmctl schema config", "the schema of hsmctl.yaml" },
			      { "hsmctl schema requirements", "the schema of what check --requires reads" },
			      { "hsmctl schema serve", "the schema of serve's file" } },
		.run = hsm_command_schema,
	},
	[HSM_COMMAND_EXPLAIN] = {
		.name = "explain",
		.arguments = "[RULE]",
		.argument_kind = HSM_ARGUMENT_TEXT,
		.maximum = 1,
		.formats = (1u << HSM_FORMAT_TEXT) | (1u << HSM_FORMAT_MARKDOWN),
		.summary = "explain a rule, or list them all",
		.description =
			"Prints what a rule requires, what it protects, where the fact is from, how to fix a finding, and an "
			"example of both. Without RULE all rules.",
		.examples = { { "hsmctl explain HSM104", "what does this finding want?" },
			      { "hsmctl explain", "the rules, a line each" } },
		.run = hsm_command_explain,
	},
	[HSM_COMMAND_COMPLETION] = {
		.name = "completion",
		.arguments = "bash|zsh|fish",
		.argument_kind = HSM_ARGUMENT_WORD,
		.words = shell_words,
		.minimum = 1,
		.maximum = 1,
		.summary = "print the completions of a shell",
		.description = "Prints a script that lets the shell complete commands, options and their values.",
		.examples = { { "source <(hsmctl completion bash)", "in ~/.bashrc" },
			      { "hsmctl completion zsh > ~/.zfunc/_hsmctl", "a folder of zsh's $fpath" },
			      { "hsmctl completion fish | source", "in ~/.config/fish/config.fish" } },
		.run = hsm_command_completion,
	},
	[HSM_COMMAND_VERSION] = {
		.name = "version",
		.formats = TEXT_JSON,
		.summary = "print the version",
		.description = "Prints the version of hsmctl.",
		.examples = { { "hsmctl version", "which hsmctl is this?" } },
		.run = hsm_command_version,
	},
	[HSM_COMMAND_HELP] = {
		.name = "help",
		.arguments = "[COMMAND]",
		.argument_kind = HSM_ARGUMENT_COMMAND,
		.maximum = 1,
		.formats = (1u << HSM_FORMAT_TEXT) | (1u << HSM_FORMAT_MAN),
		.summary = "explain hsmctl, or a command",
		.description = "Lists the commands, or explains one. With --format man the whole manual page.",
		.examples = { { "hsmctl help apply", "what apply does" },
			      { "hsmctl help --format man > hsmctl.1", "the manual page" } },
		.run = hsm_command_help,
	},
};

bool hsm_command_has_format(const struct hsm_command *command, int format)
{
	return command->formats ? command->formats & (1u << format) : format == HSM_FORMAT_TEXT;
}
