#include "schema/finding.h"

#define E HSM_SEVERITY_ERROR

const struct hsm_rule hsm_rules[HSM_RULE_MAX_] = {
	[HSM_RULE_FILE] = { "HSM001", "file", E, "a file is UTF-8 text of at most 1 MiB, without NUL bytes" },
	[HSM_RULE_YAML_SYNTAX] = { "HSM002", "yaml-syntax", E, "a file is YAML" },
	[HSM_RULE_YAML_FEATURE] = { "HSM003", "yaml-feature", E,
				    "no aliases, anchors, tags, merge keys, second documents or deep nesting" },
	[HSM_RULE_UNKNOWN_KEY] = { "HSM004", "unknown-key", E, "every key is one that is known at its place" },
	[HSM_RULE_DUPLICATE_KEY] = { "HSM005", "duplicate-key", E, "a key stands once in a mapping" },
	[HSM_RULE_MISSING_KEY] = { "HSM006", "missing-key", E, "required keys are there" },
	[HSM_RULE_TYPE] = { "HSM007", "type", E, "a value has the type of its key" },
	[HSM_RULE_VALUE] = { "HSM008", "value", E, "a value has the form and size of its key" },
	[HSM_RULE_COMMENT_CUTS] = { "HSM009", "comment-cuts-text", E, "no comment cuts an unquoted text short" },
	[HSM_RULE_PLACEHOLDER] = { "HSM010", "placeholder", E, "a placeholder is {{name}} of a declared parameter" },
	[HSM_RULE_VARIABLE] = { "HSM011", "variable", E, "every ${name} is a variable of hsmctl.yaml" },
	[HSM_RULE_DEFAULT] = { "HSM012", "default", E, "a parameter has a default for each language that uses it" },
	[HSM_RULE_DUPLICATE_NAME] = { "HSM013", "duplicate-name", E, "one file defines a template or translation" },
	[HSM_RULE_ORPHAN] = { "HSM014", "orphan-translation", E, "a translation's file stands beside its template" },
	[HSM_RULE_PIN] = { "HSM015", "pin", E, "with several environments every translation has a version" },
	[HSM_RULE_BUMP] = { "HSM016", "bump", E, "a changed translation has a new version" },
	[HSM_RULE_CONFIG] = { "HSM017", "config", E, "hsmctl.yaml does not contradict itself" },
};
