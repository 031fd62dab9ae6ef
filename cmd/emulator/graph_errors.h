#ifndef HSM_EMULATOR_GRAPH_ERRORS_H
#define HSM_EMULATOR_GRAPH_ERRORS_H

struct hsm_emu_request;

/*
 * Makes the error of a request to Meta's API Meta's own: everything that refuses calls
 * hsm_emu_fail, with one of the contract's codes or with Meta's number as text, "190"
 * or "190/463", and this is done once, at the end.
 */
void hsm_emu_graph_error_translate(struct hsm_emu_request *request);

#endif
