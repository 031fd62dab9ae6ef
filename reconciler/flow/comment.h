#ifndef HSM_FLOW_COMMENT_H
#define HSM_FLOW_COMMENT_H

#include "reconciler/flow/collect.h"

/* The comment on top of a flow: what it wants to find, what it leaves, and what Archy must confirm. */
void hsm_flow_append_comment(struct hsm_arena *arena, const struct hsm_flow_material *material,
			     struct hsm_buffer *buffer);

#endif
