#ifndef HSM_EMULATOR_GRAPH_FORM_H
#define HSM_EMULATOR_GRAPH_FORM_H

#include <cJSON.h>

/* Enums are taken in any case: makes those of a create upper case. */
void hsm_emu_graph_normalize(cJSON *create);

/*
 * Makes components what Meta's listings tell of them: handles of uploads become URLs of a
 * CDN, AUTHENTICATION gets its text, members stand in Meta's order.
 */
void hsm_emu_graph_rewrite(cJSON *components, const char *language);

#endif
