#ifndef HSM_FINDING_H
#define HSM_FINDING_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "schema/base/arena.h"
#include "schema/base/buffer.h"
#include "schema/rule.h"
#include "schema/source.h"

/*
 * What is wrong with a file, at a place. Checks add findings and go on, so that
 * one run shows all that is wrong with all files.
 */

/* Rules that loading and compiling a file enforce; each is a row of hsm_rules. */
enum hsm_rule_id {
	HSM_RULE_FILE,              /* size, encoding, NUL */
	HSM_RULE_YAML_SYNTAX,       /* libyaml refuses it */
	HSM_RULE_YAML_FEATURE,      /* aliases, anchors, tags, merge keys, a second document, depth */
	HSM_RULE_UNKNOWN_KEY,
	HSM_RULE_DUPLICATE_KEY,
	HSM_RULE_MISSING_KEY,
	HSM_RULE_TYPE,              /* a list where text is wanted, a number unquoted */
	HSM_RULE_VALUE,             /* form, length, range, not one of the words */
	HSM_RULE_COMMENT_CUTS,      /* a comment cuts a text short */
	HSM_RULE_PLACEHOLDER,       /* not {{name}}, or not declared */
	HSM_RULE_VARIABLE,          /* ${name} that hsmctl.yaml has not */
	HSM_RULE_DEFAULT,           /* a parameter without a default for a language */
	HSM_RULE_DUPLICATE_NAME,    /* two files define one template or translation */
	HSM_RULE_ORPHAN,            /* a translation's file without its template */
	HSM_RULE_PIN,               /* several environments need a version */
	HSM_RULE_BUMP,              /* content changed and its number did not */
	HSM_RULE_CONFIG,            /* hsmctl.yaml contradicts itself */
	HSM_RULE_IGNORE_REASON,     /* a comment that ignores a finding does not say why */
	HSM_RULE_IGNORE_UNUSED,     /* one that ignores nothing */
	HSM_RULE_STALE,             /* a translation that the first language left behind */
	HSM_RULE_REPRESENTABLE,     /* a file cannot say what is imported */
	HSM_RULE_BLOCKED,           /* these five are a plan's */
	HSM_RULE_CONFLICT,
	HSM_RULE_RECATEGORISED,
	HSM_RULE_BREAKING,
	HSM_RULE_POLICY,
	HSM_RULE_BACKEND,           /* the API can't carry it */
	HSM_RULE_MEDIA,             /* a sample that is not there, or not what its header shows */
	HSM_RULE_MAX_
};

extern const struct hsm_rule hsm_rules[HSM_RULE_MAX_];

struct hsm_finding {
	const struct hsm_rule *rule;
	enum hsm_severity severity;
	struct hsm_mark mark; /* mark.source is NULL for a file that could not be read */
	const char *path;
	const char *message; /* what is wrong and what to write instead */
};

/* The list owns its findings' texts; marks point into sources that must live as
 * long. Zero-initialise; release when done. */
struct hsm_findings {
	struct hsm_arena arena;
	struct hsm_finding *items;
	size_t count, capacity;
	size_t errors, warnings;
};

void hsm_findings_release(struct hsm_findings *findings);

void hsm_findings_add(struct hsm_findings *findings, enum hsm_rule_id rule, struct hsm_mark mark,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Of any rule. */
void hsm_findings_add_of(struct hsm_findings *findings, const struct hsm_rule *rule, struct hsm_mark mark,
			 const char *format, va_list arguments) __attribute__((format(printf, 4, 0)));

/* For a file that has no readable text. */
void hsm_findings_add_file(struct hsm_findings *findings, enum hsm_rule_id rule, const char *path,
			   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* For a place whose text is not at hand; line 0: the file. */
void hsm_findings_add_at(struct hsm_findings *findings, enum hsm_rule_id rule, const char *path, uint32_t line,
			 uint32_t column, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* By file, line, column, rule. */
void hsm_findings_sort(struct hsm_findings *findings);

/* "file:line:column: error HSM005: message" with the source line and a caret
 * below, all of it safe for a terminal. */
void hsm_finding_append_text(struct hsm_buffer *buffer, const struct hsm_finding *finding);

#endif
