#ifndef HSM_FLOW_COLLECT_H
#define HSM_FLOW_COLLECT_H

#include "reconciler/flow/flow.h"

/* What a flow is made of, out of the templates. */

enum hsm_flow_target { HSM_FLOW_TO_NOTHING, HSM_FLOW_TO_QUEUE, HSM_FLOW_TO_FLOW };

struct hsm_flow_route {
	const char *payload;  /* what a tap on the button sends */
	const char *target;   /* as the file has it */
	const char *template; /* base */
	enum hsm_flow_target kind;
	const char *name; /* of the queue or flow */
};

struct hsm_flow_translation {
	const char *language;
	struct hsm_message message;
	bool is_text; /* a message without buttons and media says the same */
};

struct hsm_flow_template {
	const char *base;
	struct hsm_flow_translation *translations; /* by language */
	const char *const *languages;              /* theirs */
	size_t count;
	const char *other; /* the language of customers that none fits */
};

/* All of it lives in the arena, or is borrowed from the templates. */
struct hsm_flow_material {
	const struct hsm_flow_options *options;
	struct hsm_flow_template *templates; /* by name */
	size_t template_count;
	struct hsm_flow_route *routes; /* by payload, each once */
	size_t route_count;
	const char **parameters; /* names, sorted, each once */
	size_t parameter_count;
};

/* The table with the rows of a base name or payload. */
const char *hsm_flow_find_table(struct hsm_arena *arena, const struct hsm_flow_table *table, const char *base);

/* Fails as hsm_flow_append does. */
int hsm_flow_collect(struct hsm_arena *arena, const struct hsm_desired_template *const *templates, size_t count,
		     const struct hsm_flow_options *options, struct hsm_flow_material *material,
		     struct hsm_error *error);

#endif
