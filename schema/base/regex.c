#define PCRE2_CODE_UNIT_WIDTH 8
#include "schema/base/regex.h"

#include <pcre2.h>
#include <stdlib.h>

#include "schema/base/memory.h"

/* (a+)+$ takes exponential time: names are short, so that an honest one needs far less. */
#define MATCH_LIMIT 100000
#define HEAP_LIMIT_KIB 1024

struct hsm_regex {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

int hsm_regex_make(struct hsm_regex **regex, const char *text, struct hsm_error *error)
{
	int number;
	PCRE2_SIZE offset;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &number,
					 &offset, NULL);
	if (!code && number == PCRE2_ERROR_HEAP_FAILED)
		hsm_memory_exhausted();
	if (!code) {
		PCRE2_UCHAR message[128] = "";
		pcre2_get_error_message(number, message, sizeof(message));
		return hsm_error_set(error, HSM_ERROR_INVALID, "not a regular expression: %s after %zu bytes",
				     (const char *)message, offset);
	}
	*regex = hsm_memory_allocate(sizeof(**regex));
	(*regex)->code = code;
	(*regex)->match = pcre2_match_data_create_from_pattern(code, NULL);
	(*regex)->limits = pcre2_match_context_create(NULL);
	if (!(*regex)->match || !(*regex)->limits)
		hsm_memory_exhausted();
	pcre2_set_match_limit((*regex)->limits, MATCH_LIMIT);
	pcre2_set_heap_limit((*regex)->limits, HEAP_LIMIT_KIB);
	return 0;
}

void hsm_regex_free(struct hsm_regex *regex)
{
	if (!regex)
		return;
	pcre2_match_context_free(regex->limits);
	pcre2_match_data_free(regex->match);
	pcre2_code_free(regex->code);
	free(regex);
}

bool hsm_regex_matches(const struct hsm_regex *regex, const char *text)
{
	int rc = pcre2_match(regex->code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, 0, regex->match, regex->limits);
	if (rc == PCRE2_ERROR_NOMEMORY)
		hsm_memory_exhausted();
	return rc >= 0;
}
