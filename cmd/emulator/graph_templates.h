#ifndef HSM_EMULATOR_GRAPH_TEMPLATES_H
#define HSM_EMULATOR_GRAPH_TEMPLATES_H

#include <cJSON.h>
#include <stdbool.h>

#include "schema/base/buffer.h"

struct hsm_emu;
struct hsm_emu_request;
struct hsm_emu_template;

void hsm_emu_graph_templates_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_templates_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_templates_delete(struct hsm_emu *emu, struct hsm_emu_request *request);
/* Of the path; there is no other node that has its id. */
void hsm_emu_graph_template_get(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_template_edit(struct hsm_emu *emu, struct hsm_emu_request *request);

/* The template of the path, or NULL and the request is answered. */
struct hsm_emu_template *hsm_emu_graph_template_captured(struct hsm_emu *emu, struct hsm_emu_request *request);

/* What a template has besides, of a create or of a seed. */
cJSON *hsm_emu_graph_template_build(struct hsm_emu *emu, const cJSON *source, bool seeded);

/* A template of Meta's with all its fields, for the admin path. */
void hsm_emu_graph_template_append_all(struct hsm_buffer *out, const struct hsm_emu_template *template);

#endif
