#ifndef HSM_EMULATOR_NOISE_H
#define HSM_EMULATOR_NOISE_H

#include "cmd/emulator/emulator.h"

/*
 * Says what an answer says in other bytes, as a server may from one day to the
 * next. which: a word of faults.c, or "all".
 *
 * order   members, and components, in another order
 * fields  members that the contract does not name, empty ones that it does
 * text    decomposed (NFD), CR LF, a newline at the end, \u escapes, blanks between
 * times   dateModified is another, and has no milliseconds
 */
void hsm_emu_noise_add(struct hsm_emu *emu, struct hsm_buffer *answer, const char *which);

#endif
