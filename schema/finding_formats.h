#ifndef HSM_FINDING_FORMATS_H
#define HSM_FINDING_FORMATS_H

#include "schema/finding.h"

/* Sorted findings for programs. prefix goes before each path: the folder that
 * hsmctl works in, as the repository's top names it ("" or "messages/"). */

/* An object with format_version "1", valid, counts and diagnostics. */
void hsm_findings_append_json(const struct hsm_findings *findings, struct hsm_buffer *buffer);

/* SARIF 2.1.0, with the rules that are in it: for code scanning. */
void hsm_findings_append_sarif(const struct hsm_findings *findings, const char *prefix, struct hsm_buffer *buffer);

/* GitHub's workflow commands, a line each. Errors first: it shows ten of a kind. */
void hsm_findings_append_github(const struct hsm_findings *findings, const char *prefix, struct hsm_buffer *buffer);

/* GitLab's code quality report: an array of issues. */
void hsm_findings_append_gitlab(const struct hsm_findings *findings, const char *prefix, struct hsm_buffer *buffer);

#endif
