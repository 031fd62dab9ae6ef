#ifndef HSM_COMPILE_H
#define HSM_COMPILE_H

#include "schema/config.h"
#include "schema/content.h"
#include "schema/finding.h"
#include "schema/template.h"

/*
 * From the file's kind to the wire's: variables are replaced, named parameters
 * numbered per component by first appearance, defaults filled in for the
 * language, and what an API does not hold left out. Meta holds no types of
 * parameters, no ids of quick replies (the sender gives them with each message), and
 * answers with another address of a sample than the one that it was given.
 */
struct hsm_compiled_media {
	const char *format;     /* of its header: "IMAGE" */
	struct hsm_string path; /* of a file, beside hsmctl.yaml */
};

struct hsm_compiled {
	struct hsm_content content;
	const char *const *names; /* of the parameters, in the order of the sender's array */
	size_t name_count;
	/* Meta: the samples of the headers, the message's own and then the cards'. */
	const struct hsm_compiled_media *media;
	size_t media_count;
	/* Meta: what the quick replies answer with, the message's own and then the cards'. */
	const char *const *payloads;
	size_t payload_count;
};

/*
 * Compiles one translation for an API, with the variables of an environment (NULL:
 * only everybody's). What is wrong, or what the API can't carry, becomes findings,
 * and HSM_ERROR_INVALID is returned; compiled NULL: for these alone.
 */
int hsm_compile(struct hsm_arena *arena, enum hsm_backend_word backend, const struct hsm_config *config,
		const struct hsm_environment *environment, const struct hsm_template *template,
		const struct hsm_translation *translation, struct hsm_compiled *compiled,
		struct hsm_findings *findings);

/*
 * A text with its variables replaced: ${name}, and $${ for a literal ${. NULL
 * and a finding where one is not known or not closed. Borrows the string's own
 * text where it has none.
 */
const char *hsm_compile_variables(struct hsm_arena *arena, const struct hsm_config *config,
				  const struct hsm_environment *environment, const char *language,
				  const struct hsm_string *string, struct hsm_findings *findings);

#endif
