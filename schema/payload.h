#ifndef HSM_PAYLOAD_H
#define HSM_PAYLOAD_H

#include "schema/base/arena.h"
#include "schema/base/pattern.h"
#include "schema/field.h"

/*
 * What a tap on a reply button sends: the button's id, or, where the file gives it
 * data, a token that holds both. The token is "T1_" and the base64url, without
 * padding, of
 *
 *	CHECK_ORDER?step=2&tier=gold
 *
 * with its keys in order: letters, digits, '_' and '-', which no parser on its way
 * trips over. A token has one form only: whatever else begins with "T1_" is an id.
 */

enum {
	HSM_PAYLOAD_SIZE_MAX = 256,  /* bytes of an id or token: what WhatsApp takes */
	HSM_PAYLOAD_DATA_MAX = 8,    /* keys */
	HSM_PAYLOAD_VALUE_MAX = 32,  /* bytes */
};

extern const struct hsm_pattern hsm_payload_id_pattern;
extern const struct hsm_pattern hsm_payload_value_pattern; /* keys: hsm_name_parameter_pattern */

struct hsm_payload {
	const char *id;
	struct hsm_list data; /* struct hsm_keyed_string, by key */
	const char *text;     /* for people: "CHECK_ORDER?step=2&tier=gold", or the id alone */
};

/*
 * What a button with this id and data (struct hsm_keyed_string in any order, of the
 * patterns above) sends. The id itself where data is empty; NULL where the token
 * would be longer than a payload may be.
 */
const char *hsm_payload_encode(struct hsm_arena *arena, const char *id, const struct hsm_list *data);

/* What was sent, whatever it is. Borrows sent where it is no token. From any thread. */
struct hsm_payload hsm_payload_decode(struct hsm_arena *arena, const char *sent);

#endif
