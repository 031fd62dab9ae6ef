#ifndef HSM_DECOMPILE_H
#define HSM_DECOMPILE_H

#include "schema/content.h"
#include "schema/template.h"

/*
 * The inverse of compile.h: from what an API holds to what people write. Numbered
 * parameters get names, from the words around them where nobody knows better.
 */

struct hsm_decompile_source { /* one translation */
	const char *language;
	int64_t version; /* to pin; 0: none */
	const struct hsm_list *components; /* struct hsm_wire_component, canonical */
	const char *const *names; /* of its parameters in the sender's order, each NULL where not known; NULL: none is */
	size_t name_count;
	const char *const *media; /* the samples of its media headers, in order; NULL: they stand in the components */
};

/*
 * Makes one template of translations of one base. What cannot be written down is
 * told in *problem (in the arena): HSM_ERROR_INVALID then. Compiling the result
 * gives the same contents.
 */
int hsm_decompile(struct hsm_arena *arena, const char *base, enum hsm_category category,
		  const struct hsm_decompile_source *sources, size_t count, struct hsm_template *template,
		  const char **problem);

#endif
