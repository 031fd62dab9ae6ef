#include "schema/base/fingerprint.h"

#include <openssl/sha.h>

void hsm_fingerprint_compute(const void *data, size_t length, char fingerprint[HSM_FINGERPRINT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[SHA256_DIGEST_LENGTH];
	SHA256(data, length, digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		fingerprint[2 * i] = digits[digest[i] >> 4];
		fingerprint[2 * i + 1] = digits[digest[i] & 15];
	}
	fingerprint[HSM_FINGERPRINT_SIZE - 1] = '\0';
}
