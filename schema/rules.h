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

#endif
