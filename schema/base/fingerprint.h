#ifndef HSM_FINGERPRINT_H
#define HSM_FINGERPRINT_H

#include <stddef.h>

/* SHA-256 as 64 lower-case hexadecimal digits and a NUL. */
#define HSM_FINGERPRINT_SIZE 65

void hsm_fingerprint_compute(const void *data, size_t length, char fingerprint[HSM_FINGERPRINT_SIZE]);

#endif
