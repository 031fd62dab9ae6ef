#ifndef HSM_RULE_H
#define HSM_RULE_H

#include <stddef.h>

#include "schema/source.h"

/*
 * The rules: everything that a file may break. A row says all there is to say of
 * one: checks, findings, the reference page, `hsmctl explain` and the tests walk
 * the rows.
 */

enum hsm_severity { HSM_SEVERITY_ERROR, HSM_SEVERITY_WARNING };

struct hsm_checker;
struct hsm_checked_text;
struct hsm_checked_part;
struct hsm_checked_translation;
struct hsm_checked_template;
struct hsm_parameter;

struct hsm_rule {
	const char *id;   /* "HSM001": stable */
	const char *name; /* "yaml-syntax" */
	enum hsm_severity severity;
	const char *summary;  /* what is required, in a line */
	const char *protects; /* why: what goes wrong otherwise, or what it keeps right */
	const char *source;   /* where the fact is from */
	const char *fix;      /* what to write instead, in a line */
	/* Template files, the second and further ones after a line "---". NULL for what
	 * only a repository or hsmctl.yaml can break. */
	const char *good, *bad;
	int backend; /* enum hsm_backend_word: the only API that it is of; 0: of any */
	/* How it is checked: of each text that is there, each part (the message, each card of
	 * its carousel), each translation, each default, each template, all of them. None:
	 * loading and compiling do. */
	void (*check_text)(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
			   const struct hsm_checked_text *text);
	void (*check_part)(struct hsm_checker *checker, const struct hsm_checked_part *part);
	void (*check_translation)(struct hsm_checker *checker, const struct hsm_checked_translation *translation);
	void (*check_default)(struct hsm_checker *checker, const struct hsm_checked_template *template,
			      const struct hsm_parameter *parameter, const char *value, struct hsm_mark mark);
	void (*check_template)(struct hsm_checker *checker, const struct hsm_checked_template *template);
	void (*check_repository)(struct hsm_checker *checker, const struct hsm_checked_template *templates,
				 size_t count);
};

/* The rule after this one by id, or the first; NULL at the end. */
const struct hsm_rule *hsm_rule_next(const struct hsm_rule *rule);

/* NULL where there is none of that id. */
const struct hsm_rule *hsm_rule_find(const char *id);

/* A group of rows; groups are in the order of their ids. */
struct hsm_rule_group {
	const struct hsm_rule *rules;
	const size_t *count;
};

#endif
