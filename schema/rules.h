#ifndef HSM_RULES_H
#define HSM_RULES_H

#include "schema/config.h"
#include "schema/finding.h"
#include "schema/template.h"

/*
 * Checks templates, by name, that were loaded and compile: everything that Meta, Genesys or
 * a flow would refuse, or that customers should not read. Findings point into the
 * templates' sources. environment NULL: the first of the config's that has a
 * template says its variables.
 */
void hsm_rules_check(const struct hsm_config *config, const struct hsm_environment *environment,
		     const struct hsm_template *const *templates, size_t count, struct hsm_findings *findings);

/*
 * The same in pieces, of a template each: check more until it is false, or not to the
 * end. What is given must stay.
 */
struct hsm_checker *hsm_rules_begin_check(const struct hsm_config *config, const struct hsm_environment *environment,
					  const struct hsm_template *const *templates, size_t count,
					  struct hsm_findings *findings);
bool hsm_rules_check_more(struct hsm_checker *checker);
void hsm_rules_end_check(struct hsm_checker *checker);

/*
 * What people say of findings, after all checks: policy.rules of hsmctl.yaml makes
 * a rule's findings errors, warnings or nothing, per path; a comment "# hsmctl:
 * ignore HSM123 reason" drops them on its line, or on the next where it stands
 * alone. `unused`: a comment that drops nothing becomes a finding itself. What
 * keeps a file from loading stays.
 */
void hsm_rules_control(const struct hsm_config *config, const struct hsm_source *const *sources, size_t count,
		       bool unused, struct hsm_findings *findings);

/* Whether the policy's rules are there, and the expressions of hsmctl.yaml are some. */
void hsm_rules_check_config(const struct hsm_config *config, struct hsm_findings *findings);

#endif
