#ifndef HSM_EMULATOR_GRAPH_NODES_H
#define HSM_EMULATOR_GRAPH_NODES_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/buffer.h"

struct hsm_emu;
struct hsm_emu_request;

/* What fields= may name of a node. */
struct hsm_emu_graph_field {
	const char *name;
	bool standard; /* told where the request has no fields= */
	void (*append)(struct hsm_buffer *out, const void *node, const char *name); /* its value; nothing: it has none */
};

/* At most 64 fields; the first is the id, which is always told. */
struct hsm_emu_graph_type {
	const char *name;
	const struct hsm_emu_graph_field *fields;
	size_t count;
};

#define EMU_GRAPH_ALL UINT64_MAX

extern const struct hsm_emu_graph_type hsm_emu_graph_waba_type, hsm_emu_graph_phone_type;

/* Reads fields=; false: it names one that is not there, and that is answered. */
bool hsm_emu_graph_select(struct hsm_emu_request *request, const struct hsm_emu_graph_type *type, uint64_t *chosen);
void hsm_emu_graph_append_node(struct hsm_buffer *out, const struct hsm_emu_graph_type *type, uint64_t chosen,
			       const void *node);

/* Meta's words for a node that is not there, or not to be seen. */
void hsm_emu_graph_fail_node(struct hsm_emu_request *request, const char *id);

/* The parameters of a POST as an object: body, be it JSON or a form, and query. NULL: answered. The caller frees it. */
cJSON *hsm_emu_graph_parameters(struct hsm_emu_request *request);

void hsm_emu_graph_get_me(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_debug_token(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_get_node(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_post_node(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_phone_numbers(struct hsm_emu *emu, struct hsm_emu_request *request);

#endif
