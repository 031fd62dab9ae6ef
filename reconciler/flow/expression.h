#ifndef HSM_FLOW_EXPRESSION_H
#define HSM_FLOW_EXPRESSION_H

#include "schema/base/buffer.h"
#include "schema/content.h"

/*
 * Architect's expressions. Whatever stands in a literal, nothing of it is read as
 * anything else.
 */

/* "a \"text\"": quotes, backslashes, newlines and tabs are escaped. */
void hsm_expression_append_literal(struct hsm_buffer *buffer, const char *text);

/* "NAME == literal" */
void hsm_expression_append_equal(struct hsm_buffer *buffer, const char *name, const char *text);

/* A message's header, body and footer, each on lines of its own, with a variable for
 * each parameter: Append("Hi ", State.parameter_customer, "."). prefix is what stands
 * before a parameter's name. */
void hsm_expression_append_message(struct hsm_buffer *buffer, const struct hsm_message *message, const char *prefix);

/*
 * Of a template's languages (at least one, sorted) the one that a customer gets whose
 * own is in the variable: that, else it without its region, else `other`.
 */
void hsm_expression_append_language(struct hsm_buffer *buffer, const char *variable, const char *const *languages,
				    size_t count, const char *other);

#endif
