/*
 * Compiled expressions are kept for the life of the process, found by the
 * address of their row: the patterns are the constants of the field tables, a
 * dozen, and compiling them for each of 60,000 values would cost more than all
 * else.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>

#include "schema/base/memory.h"
#include "schema/base/pattern.h"

#define PATTERNS_MAX 64

struct compiled {
	const struct hsm_pattern *pattern;
	pcre2_code *code;
	pcre2_match_data *match;
};

static struct compiled cache[PATTERNS_MAX];
static size_t cached;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of all of it: threads of the controller read files */

static void release_cache(void)
{
	for (size_t i = 0; i < cached; i++) {
		pcre2_match_data_free(cache[i].match);
		pcre2_code_free(cache[i].code);
	}
	cached = 0;
}

static const struct compiled *compile(const struct hsm_pattern *pattern)
{
	for (size_t i = 0; i < cached; i++)
		if (cache[i].pattern == pattern)
			return &cache[i];
	int code_number;
	PCRE2_SIZE offset;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern->regex, PCRE2_ZERO_TERMINATED,
					 PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY, &code_number, &offset,
					 NULL);
	if (!code && code_number == PCRE2_ERROR_HEAP_FAILED)
		hsm_memory_exhausted();
	if (!code || cached == PATTERNS_MAX)
		abort(); /* a wrong constant: no input leads here */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	if (!cached)
		atexit(release_cache);
	cache[cached] = (struct compiled){ pattern, code, pcre2_match_data_create_from_pattern(code, NULL) };
	if (!cache[cached].match)
		hsm_memory_exhausted();
	return &cache[cached++];
}

bool hsm_pattern_matches(const struct hsm_pattern *pattern, const char *text)
{
	pthread_mutex_lock(&mutex);
	const struct compiled *compiled = compile(pattern);
	int rc = pcre2_match(compiled->code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, PCRE2_NO_UTF_CHECK,
			     compiled->match, NULL);
	pthread_mutex_unlock(&mutex);
	if (rc == PCRE2_ERROR_NOMEMORY)
		hsm_memory_exhausted();
	return rc >= 0;
}
