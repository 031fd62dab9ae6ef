#ifndef HSM_CMD_MEMORY_H
#define HSM_CMD_MEMORY_H

/*
 * Lends hsm_memory_allocate to the libraries that do not tell, or not soundly, when
 * memory is out: there too it is there, or ends the program. Call it before any of
 * them is used.
 */
void hsm_memory_lend(void);

#endif
