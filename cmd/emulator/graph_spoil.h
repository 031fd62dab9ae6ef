#ifndef HSM_EMULATOR_GRAPH_SPOIL_H
#define HSM_EMULATOR_GRAPH_SPOIL_H

struct hsm_emu_request;

/* The faults that are about what Meta's answers say. */
void hsm_emu_graph_spoil(struct hsm_emu_request *request);

#endif
