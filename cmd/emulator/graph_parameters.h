#ifndef HSM_EMULATOR_GRAPH_PARAMETERS_H
#define HSM_EMULATOR_GRAPH_PARAMETERS_H

#include <cJSON.h>
#include <stdbool.h>

struct hsm_emu_request;
struct hsm_emu_template;

/* Whether the components of a message are what its template wants; false: answered with Meta's code. */
bool hsm_emu_graph_parameters_check(struct hsm_emu_request *request, const struct hsm_emu_template *template,
				    const cJSON *components);

/* The texts of all parameters, in their order. */
cJSON *hsm_emu_graph_parameters_flatten(const cJSON *components);

#endif
