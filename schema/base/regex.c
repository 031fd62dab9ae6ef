#define PCRE2_CODE_UNIT_WIDTH 8
#include "schema/base/regex.h"

#include <pcre2.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "schema/base/memory.h"

/* (a+)+$ takes exponential time: names are short, so that an honest one needs far less. */
#define MATCH_LIMIT 100000
#define CHARACTER_MATCH_LIMIT 10000
#define HEAP_LIMIT_KIB 1024

/* Without PCRE2_NEVER_BACKSLASH_C a \C could stop inside a character. */
#define OPTIONS (PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C)

struct hsm_regex {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

/* NULL and the error where it is none. */
static pcre2_code *compile(const char *text, uint32_t options, pcre2_compile_context *context, struct hsm_error *error)
{
	int number;
	PCRE2_SIZE offset;
	PCRE2_UCHAR message[128] = "";
	pcre2_code *code =
		pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, OPTIONS | options, &number, &offset, context);
	if (code)
		return code;
	if (number == PCRE2_ERROR_HEAP_FAILED)
		hsm_memory_exhausted();
	pcre2_get_error_message(number, message, sizeof(message));
	hsm_error_set(error, HSM_ERROR_INVALID, "not a regular expression: %s after %zu bytes", (const char *)message,
		      offset);
	return NULL;
}

int hsm_regex_make(struct hsm_regex **regex, const char *text, struct hsm_error *error)
{
	pcre2_code *code = compile(text, 0, NULL, error);
	if (!code)
		return HSM_ERROR_INVALID;
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

#define ASCII 128
#define VERDICTS 1024 /* of characters beyond ASCII; a power of 2: a text has few that differ */

struct hsm_allowed {
	pcre2_code *code;
	pcre2_match_context *limits;
	bool ascii[ASCII];
	/* What was asked last: code point * 2 + verdict, at its low bits. Each is whole by
	 * itself, so that threads need no lock. */
	_Atomic uint32_t *verdicts;
};

static void *allocate(PCRE2_SIZE size, void *arena)
{
	return hsm_arena_allocate(arena, size);
}

static void leave(void *memory, void *arena)
{
	(void)memory;
	(void)arena;
}

static bool matches_character(const struct hsm_allowed *allowed, int32_t code_point)
{
	utf8proc_uint8_t character[4];
	utf8proc_ssize_t length = utf8proc_encode_char(code_point, character);
	pcre2_match_data *match = pcre2_match_data_create(1, NULL);
	if (!match)
		hsm_memory_exhausted();
	int rc = pcre2_match(allowed->code, character, (PCRE2_SIZE)length, 0, 0, match, allowed->limits);
	if (rc == PCRE2_ERROR_NOMEMORY)
		hsm_memory_exhausted();
	pcre2_match_data_free(match);
	return rc >= 0;
}

int hsm_allowed_make(struct hsm_allowed **allowed, struct hsm_arena *arena, const char *text,
		     struct hsm_error *error)
{
	/* What PCRE2 keeps goes with the arena: nobody frees it. */
	pcre2_general_context *general = pcre2_general_context_create(allocate, leave, arena);
	pcre2_code *code = compile(text, PCRE2_UCP | PCRE2_ANCHORED | PCRE2_ENDANCHORED,
				   pcre2_compile_context_create(general), error);
	if (!code)
		return HSM_ERROR_INVALID;
	*allowed = hsm_arena_allocate(arena, sizeof(**allowed));
	(*allowed)->code = code;
	(*allowed)->limits = pcre2_match_context_create(general);
	pcre2_set_match_limit((*allowed)->limits, CHARACTER_MATCH_LIMIT);
	pcre2_set_heap_limit((*allowed)->limits, HEAP_LIMIT_KIB);
	(*allowed)->verdicts = hsm_arena_allocate_array(arena, VERDICTS, sizeof(*(*allowed)->verdicts));
	for (int32_t c = 0; c < ASCII; c++)
		(*allowed)->ascii[c] = matches_character(*allowed, c);
	return 0;
}

bool hsm_allowed_has(const struct hsm_allowed *allowed, int32_t code_point)
{
	if (code_point < ASCII)
		return allowed->ascii[code_point];
	_Atomic uint32_t *verdict = &allowed->verdicts[code_point % VERDICTS];
	uint32_t known = atomic_load_explicit(verdict, memory_order_relaxed);
	if (known / 2 == (uint32_t)code_point)
		return known % 2;
	bool has = matches_character(allowed, code_point);
	atomic_store_explicit(verdict, (uint32_t)code_point * 2 + has, memory_order_relaxed);
	return has;
}
