#ifndef TESTS_LOADING_H
#define TESTS_LOADING_H

#include "schema/base/arena.h"
#include "schema/compile.h"
#include "schema/finding.h"

/* A document loaded from a text in a test: what it is, and what is wrong. */
struct loading {
	struct hsm_arena arena;
	struct hsm_findings findings;
};

/* Loads text as "test.yaml" into base; returns what the loader returns. */
int loading_yaml(struct loading *loading, const struct hsm_object *object, const char *text, void *base);

/* A template that must load without a finding. */
struct hsm_template *loading_template(struct loading *loading, const char *text);
struct hsm_config *loading_config(struct loading *loading, const char *text);

/* One translation of it compiled, without a finding. */
struct hsm_compiled loading_compile(struct loading *loading, const struct hsm_config *config,
				    const struct hsm_template *template, const char *language);

/* What the rules of an API find in templates, given as documents with a line "---" between:
 * "HSM110@5:12 HSM115@5:11", sorted; freed with the loading. */
const char *loading_check(struct loading *loading, enum hsm_backend_word backend, const char *text);

/* All findings as text, sorted; freed with the loading. */
const char *loading_report(struct loading *loading);

void loading_release(struct loading *loading);

#endif
