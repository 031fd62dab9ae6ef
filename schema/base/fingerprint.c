#include "schema/base/fingerprint.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>

#include "schema/base/memory.h"

/* Looking it up by its name each time takes longer than a short text's digest. */
static EVP_MD *sha256;

static void fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

void hsm_fingerprint_compute(const void *data, size_t length, char fingerprint[HSM_FINGERPRINT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[SHA256_DIGEST_LENGTH];
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, fetch);
	if (!EVP_Digest(data, length, digest, NULL, sha256, NULL))
		hsm_memory_exhausted();
	for (size_t i = 0; i < sizeof(digest); i++) {
		fingerprint[2 * i] = digits[digest[i] >> 4];
		fingerprint[2 * i + 1] = digits[digest[i] & 15];
	}
	fingerprint[HSM_FINGERPRINT_SIZE - 1] = '\0';
}
