#include "schema/rule.h"

#include <string.h>

#include "schema/finding.h"
#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define TEMPLATE "name: order_update\ncategory: UTILITY\n"
#define PARAMETERS "parameters:\n  order: {type: TEXT, default: ORD-1}\n"
#define EN "translations:\n  en_US:\n"

/* What loading and compiling enforce. */
const struct hsm_rule hsm_rules[HSM_RULE_MAX_] = {
	[HSM_RULE_FILE] = {
		"HSM001", "file", E, "a file is UTF-8 text of at most 1 MiB, without NUL bytes",
		.protects = "the file can be read at all", .source = "YAML 1.1; hsmctl",
		.fix = "save the file as UTF-8, or split it",
	},
	[HSM_RULE_YAML_SYNTAX] = {
		"HSM002", "yaml-syntax", E, "a file is YAML",
		.protects = "the file means what it seems to mean", .source = "YAML 1.1",
		.fix = "put texts with ':' or '{' in quotes, indent with spaces",
		.good = TEMPLATE EN "    body: \"Note: your order is packed.\"\n",
		.bad = TEMPLATE EN "    body: Note: your order is packed.\n",
	},
	[HSM_RULE_YAML_FEATURE] = {
		"HSM003", "yaml-feature", E, "no aliases, anchors, tags, merge keys, second documents or deep nesting",
		.protects = "a reviewer sees the text where it is", .source = "hsmctl's design",
		.fix = "write the value out where it is used",
		.good = TEMPLATE EN "    body: Your order is packed.\n",
		.bad = TEMPLATE EN "    body: &text Your order is packed.\n",
	},
	[HSM_RULE_UNKNOWN_KEY] = {
		"HSM004", "unknown-key", E, "every key is one that is known at its place",
		.protects = "a misspelt key does not drop a footer in silence", .source = "hsmctl's file format",
		.fix = "correct the key, or remove it",
		.good = TEMPLATE EN "    body: Your order is packed.\n    footer: Acme\n",
		.bad = TEMPLATE EN "    body: Your order is packed.\n    foter: Acme\n",
	},
	[HSM_RULE_DUPLICATE_KEY] = {
		"HSM005", "duplicate-key", E, "a key stands once in a mapping",
		.protects = "the second value does not hide the first", .source = "YAML 1.1",
		.fix = "keep the one that is meant",
		.good = TEMPLATE EN "    body: Your order is packed.\n",
		.bad = TEMPLATE EN "    body: Your order is packed.\n    body: Your order left.\n",
	},
	[HSM_RULE_MISSING_KEY] = {
		"HSM006", "missing-key", E, "required keys are there",
		.protects = "the API takes the template", .source = "the API's contract",
		.fix = "write the key", .good = TEMPLATE EN "    body: Your order is packed.\n",
		.bad = "name: order_update\n" EN "    body: Your order is packed.\n",
	},
	[HSM_RULE_TYPE] = {
		"HSM007", "type", E, "a value has the type of its key",
		.protects = "a list or a number does not become a text by accident", .source = "hsmctl's file format",
		.fix = "write the value as its key wants it; quote what is a text",
		.good = TEMPLATE EN "    body: \"2026\"\n", .bad = TEMPLATE EN "    body: 2026\n",
	},
	[HSM_RULE_VALUE] = {
		"HSM008", "value", E, "a value has the form and size of its key",
		.protects = "the API takes the template", .source = "Meta's limits; the API's contract",
		.fix = "shorten or correct the value", .good = TEMPLATE EN "    body: Your order is packed.\n",
		.bad = "name: Order-Update\ncategory: UTILITY\n" EN "    body: Your order is packed.\n",
	},
	[HSM_RULE_COMMENT_CUTS] = {
		"HSM009", "comment-cuts-text", E, "no comment cuts an unquoted text short",
		.protects = "customers get the whole text", .source = "YAML 1.1: ' #' begins a comment",
		.fix = "put the text in quotes",
		.good = TEMPLATE PARAMETERS EN "    header: \"Order #{{order}}\"\n    body: Your order is packed.\n",
		.bad = TEMPLATE PARAMETERS EN "    header: Order #{{order}}\n    body: \"Your order {{order}} is packed.\"\n",
	},
	[HSM_RULE_PLACEHOLDER] = {
		"HSM010", "placeholder", E, "a placeholder is {{name}} of a declared parameter",
		.protects = "senders fill every value in", .source = "hsmctl's file format",
		.fix = "declare the parameter, or correct the name",
		.good = TEMPLATE PARAMETERS EN "    body: \"Your order {{order}} is packed.\"\n",
		.bad = TEMPLATE PARAMETERS EN "    body: \"Your order {{ordr}} is packed.\"\n",
	},
	[HSM_RULE_VARIABLE] = {
		"HSM011", "variable", E, "every ${name} is a variable of hsmctl.yaml",
		.protects = "no customer reads ${brand}", .source = "hsmctl's file format",
		.fix = "add the variable to hsmctl.yaml, or write $${ for a literal ${",
		.good = TEMPLATE EN "    body: It costs $${5} at most.\n",
		.bad = TEMPLATE EN "    body: Welcome to ${brand}.\n",
	},
	[HSM_RULE_DEFAULT] = {
		"HSM012", "default", E, "a parameter has a default for each language that uses it",
		.protects = "reviewers see a sample, without which Meta refuses", .source = "Meta, components: examples",
		.fix = "add the language to 'default', or give one for all",
		.good = TEMPLATE "parameters:\n  who: {default: {en_US: Ana}}\n" EN "    body: \"Hello {{who}}, welcome.\"\n",
		.bad = TEMPLATE "parameters:\n  who: {default: {es_ES: Ana}}\n" EN "    body: \"Hello {{who}}, welcome.\"\n",
	},
	[HSM_RULE_DUPLICATE_NAME] = {
		"HSM013", "duplicate-name", E, "one file defines a template or translation",
		.protects = "one name does not mean two texts", .source = "hsmctl's file format",
		.fix = "rename one of them",
		.good = TEMPLATE EN "    body: Your order is packed.\n",
		.bad = TEMPLATE EN "    body: Your order is packed.\n---\n" TEMPLATE EN "    body: Your order left.\n",
	},
	[HSM_RULE_ORPHAN] = {
		"HSM014", "orphan-translation", E, "a translation's file stands beside its template",
		.protects = "no translation is left out in silence", .source = "hsmctl's file format",
		.fix = "move the file into the folder named like its template",
	},
	[HSM_RULE_PIN] = {
		"HSM015", "pin", E, "with several environments every translation has a version",
		.protects = "the same commit gives the same names everywhere", .source = "hsmctl's design",
		.fix = "run hsmctl bump",
	},
	[HSM_RULE_BUMP] = {
		"HSM016", "bump", E, "a changed translation has a new version",
		.protects = "a number never names two contents", .source = "hsmctl's design",
		.fix = "run hsmctl bump",
	},
	[HSM_RULE_CONFIG] = {
		"HSM017", "config", E, "hsmctl.yaml does not contradict itself",
		.protects = "it is clear where templates go", .source = "hsmctl's file format",
		.fix = "keep the one that is meant",
	},
	[HSM_RULE_IGNORE_REASON] = {
		"HSM018", "ignore-reason", W, "a comment that ignores a finding says why",
		.protects = "the next reader knows whether it still holds", .source = "hsmctl's file format",
		.fix = "write the reason after the rule's id",
		.good = TEMPLATE EN "    body: Wide    gap. # hsmctl: ignore HSM107 it is a table\n",
		.bad = TEMPLATE EN "    body: Wide    gap. # hsmctl: ignore HSM107\n",
	},
	[HSM_RULE_IGNORE_UNUSED] = {
		"HSM019", "ignore-unused", W, "a comment that ignores a finding still has one to ignore",
		.protects = "nothing new is hidden by an old comment", .source = "hsmctl's file format",
		.fix = "remove the comment",
		.good = TEMPLATE EN "    # hsmctl: ignore HSM107 it is a table\n    body: Wide    gap.\n",
		.bad = TEMPLATE EN "    body: Narrow gap. # hsmctl: ignore HSM107 it is a table\n",
	},
	[HSM_RULE_STALE] = {
		"HSM020", "stale-translation", W, "a translation is changed with the first language, or after it",
		.protects = "all languages say the same", .source = "git's history",
		.fix = "translate it again, or say that it still holds: # hsmctl: ignore HSM020 why",
	},
	[HSM_RULE_REPRESENTABLE] = {
		"HSM021", "representable", E, "what is imported has what a file can say",
		.protects = "nothing of a template is dropped in silence", .source = "hsmctl's file format",
		.fix = "keep it out of git, or make it of the components that the files know",
	},
	[HSM_RULE_BLOCKED] = {
		"HSM022", "blocked", E, "a review accepts what git says, and its version is not another text's",
		.protects = "the template becomes usable", .source = "plan: the reviewer's status and reason",
		.fix = "change the text, or bump its version; apply --resubmit submits the same text anew",
	},
	[HSM_RULE_CONFLICT] = {
		"HSM023", "conflict", E, "what is live is what some commit had",
		.protects = "an unrelated merge does not undo what somebody changed outside git",
		.source = "plan: no commit ever had what is live",
		.fix = "take it over with import --adopt, or replace it with apply --overwrite",
	},
	[HSM_RULE_RECATEGORISED] = {
		"HSM024", "recategorised", W, "the live category is the file's",
		.protects = "nobody pays for, or lacks consent to, marketing unknowingly",
		.source = "plan: Meta moves templates to other categories",
		.fix = "write the live category to accept it, or change the text",
	},
	[HSM_RULE_BREAKING] = {
		"HSM025", "breaking", W, "a new version takes the parameters and buttons of the one before",
		.protects = "flows that fill values in by position go on working", .source = "plan: the signatures differ",
		.fix = "keep the signature, or make the flows ready and write accept_breaking",
	},
	[HSM_RULE_POLICY] = {
		"HSM026", "policy", E, "a plan is within hsmctl.yaml's policy",
		.protects = "one merge does not replace or delete half of an account", .source = "hsmctl.yaml: policy",
		.fix = "split the change, or name the policy with --exceed",
	},
	[HSM_RULE_BACKEND] = {
		"HSM027", "backend", E, "the API of an environment can carry what a template holds",
		.protects = "nothing of a message is dropped in silence", .source = "the APIs' contracts",
		.fix = "leave it out, or take the API that has it", .good = TEMPLATE EN "    body: Your order is packed.\n",
		.bad = TEMPLATE EN "    body: Your order is packed.\n"
		       "    buttons:\n      - catalog: {title: View catalogue}\n",
	},
	[HSM_RULE_MEDIA] = {
		"HSM028", "media", E, "the sample of a header is a file that it can show",
		.protects = "an apply does not end halfway at an upload", .source = "Meta, resumable uploads; components: header",
		.fix = "put the file beside hsmctl.yaml, or correct its path",
	},
};
static const size_t loading_count = HSM_RULE_MAX_;

static const struct hsm_rule_group groups[] = {
	{ hsm_rules, &loading_count },
	{ hsm_text_rules, &hsm_text_rules_count },
	{ hsm_variables_rules, &hsm_variables_rules_count },
	{ hsm_parameters_rules, &hsm_parameters_rules_count },
	{ hsm_buttons_rules, &hsm_buttons_rules_count },
	{ hsm_unicode_rules, &hsm_unicode_rules_count },
	{ hsm_languages_rules, &hsm_languages_rules_count },
	{ hsm_translations_rules, &hsm_translations_rules_count },
	{ hsm_wording_rules, &hsm_wording_rules_count },
	{ hsm_repository_rules, &hsm_repository_rules_count },
	{ hsm_authentication_rules, &hsm_authentication_rules_count },
	{ hsm_carousel_rules, &hsm_carousel_rules_count },
	{ hsm_offers_rules, &hsm_offers_rules_count },
	{ hsm_options_rules, &hsm_options_rules_count },
	{ hsm_actions_rules, &hsm_actions_rules_count },
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

const struct hsm_rule *hsm_rule_next(const struct hsm_rule *rule)
{
	if (!rule)
		return groups[0].rules;
	for (size_t i = 0; i < GROUPS; i++)
		if (rule >= groups[i].rules && rule < groups[i].rules + *groups[i].count) {
			if (rule + 1 < groups[i].rules + *groups[i].count)
				return rule + 1;
			return i + 1 < GROUPS ? groups[i + 1].rules : NULL;
		}
	return NULL;
}

const struct hsm_rule *hsm_rule_find(const char *id)
{
	for (const struct hsm_rule *rule = hsm_rule_next(NULL); rule; rule = hsm_rule_next(rule))
		if (strcmp(rule->id, id) == 0)
			return rule;
	return NULL;
}
