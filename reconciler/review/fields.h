#ifndef HSM_FIELDS_H
#define HSM_FIELDS_H

#include "schema/content.h"
#include "schema/field.h"

/*
 * A message in the words of somebody who reads it on a phone: what stands where,
 * parameters by their names.
 */

struct hsm_review_field {
	const char *label; /* "header", "body", "footer", "button 1", ... */
	const char *text;
};

struct hsm_review_fields {
	struct hsm_review_field *items; /* in the arena, in the order of the phone */
	size_t count;
};

/* The message of a content's JSON and its parameters' names (struct hsm_string; none: not known). Zeroed
 * where the JSON is none. */
struct hsm_message hsm_review_read_message(struct hsm_arena *arena, const char *content,
					   const struct hsm_list *parameters);

void hsm_review_list_fields(struct hsm_arena *arena, const struct hsm_message *message, const char *language,
			    struct hsm_review_fields *fields);

/* "ONE_TAP, for com.example.app"; "flow 1234, screen FIRST". */
const char *hsm_review_describe_otp(struct hsm_arena *arena, const struct hsm_wire_otp *otp);
const char *hsm_review_describe_flow(struct hsm_arena *arena, const struct hsm_wire_flow *flow);

/* NULL where there is none of the label. */
const char *hsm_review_find_field(const struct hsm_review_fields *fields, const char *label);

/* What a sender must fill, in order: "header: order_id; body: customer, eta (DATE)"; "" where it is nothing. */
const char *hsm_review_format_array(struct hsm_arena *arena, const struct hsm_message *message);

#endif
