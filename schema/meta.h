#ifndef HSM_META_H
#define HSM_META_H

#include <cjson/cJSON.h>

#include "schema/content.h"

/*
 * Templates as Meta's Graph API has them: what is created, and what lists answer.
 * Its components become those of the messaging API (wire.h), so that everything
 * else knows one kind.
 */
struct hsm_meta_template {
	const char *name, *language, *category;
	const char *status; /* NULL: a create body has none */
	struct hsm_list components; /* struct hsm_wire_component, canonical */
	const char **names; /* of the parameters in the sender's order; NULL where they have numbers only */
	size_t name_count;
	size_t invented; /* samples that are missing there */
};

/* HSM_ERROR_INVALID where something in it has no place here; *problem says what. In
 * the arena. */
int hsm_meta_read(struct hsm_arena *arena, const cJSON *json, struct hsm_meta_template *template,
		  const char **problem);

#endif
