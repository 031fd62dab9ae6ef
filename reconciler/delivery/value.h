#ifndef HSM_VALUE_H
#define HSM_VALUE_H

#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/template.h"

/*
 * The typed values of parameters: read as senders write them, and written as the API
 * and as people read them.
 */
struct hsm_value {
	const char *wire;  /* of the array: TEXT itself, DATE as YYYY-MM-DD, DATE_TIME as RFC 3339; CURRENCY as shown */
	const char *shown; /* for people, in the language: "1 November 2023", "12,99 €" */
	const char *code;  /* of a CURRENCY; else NULL */
	int64_t amount_1000;
};

/*
 * DATE: YYYY-MM-DD that is a day. DATE_TIME: RFC 3339 with its offset, shown as the
 * clock at that offset. CURRENCY: "12.99 EUR", "EUR 12.99", or "12.99" where code (the
 * file's, else NULL) tells the currency; never more decimals than the currency has.
 *
 * language is Meta's code ("es_MX"): dates and amounts are written as CLDR has them.
 * Texts go into the arena or are borrowed. HSM_ERROR_INVALID says what is wanted and
 * does not hold the value. Any thread.
 */
int hsm_value_read(struct hsm_arena *arena, enum hsm_parameter_type type, const char *language, const char *code,
		   const char *text, struct hsm_value *value, struct hsm_error *error);

#endif
