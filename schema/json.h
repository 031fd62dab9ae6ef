#ifndef HSM_JSON_H
#define HSM_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "schema/base/arena.h"
#include "schema/base/buffer.h"
#include "schema/base/error.h"
#include "schema/field.h"

/*
 * JSON both ways over the field tables. Reading goes through cJSON. Writing has
 * an emitter of its own, for two reasons: cJSON prints integers beyond 15 digits
 * wrong (numbers are doubles there), and fingerprints and plan hashes need bytes
 * that no library's next release changes.
 */

/*
 * Parses text from outside: the whole of it must be one JSON value of valid
 * UTF-8 without \u0000, nested at most 64 deep. cJSON_Delete the result. On
 * failure HSM_ERROR_UNAVAILABLE, the error saying what is wrong with it.
 */
int hsm_json_parse(cJSON **json, const char *text, size_t length, struct hsm_error *error);

/* Likewise, and an integer that a double does not hold is a string of its digits. */
int hsm_json_parse_exact(cJSON **json, const char *text, size_t length, struct hsm_error *error);

/* Likewise, for who tells lines and columns: NULL, or what it is, and its offset. */
const char *hsm_json_parse_at(cJSON **json, const char *text, size_t length, size_t *at);

/*
 * Fills the struct from a JSON object, copying text into the arena. Unknown keys
 * are ignored and null is absent, as a client must; a required key that is
 * missing or a value of the wrong type fails with HSM_ERROR_UNAVAILABLE. Words
 * match in any case.
 */
int hsm_json_read(struct hsm_arena *arena, const cJSON *json, const struct hsm_object *object, void *base,
		  struct hsm_error *error);

/* As above, for a list field's items alone. */
int hsm_json_read_list(struct hsm_arena *arena, const cJSON *json, const struct hsm_field *element,
		       size_t item_size, struct hsm_list *list, struct hsm_error *error);

/*
 * The emitter. Keys are NULL inside arrays and at the top. Control characters
 * are escaped, DEL and C1 too, so that JSON is safe on a terminal. indent 0
 * writes one line without spaces: the canonical form.
 */
struct hsm_json_writer {
	struct hsm_buffer *buffer;
	unsigned indent;
	unsigned depth;
	bool has_items;
};

void hsm_json_begin_object(struct hsm_json_writer *writer, const char *key);
void hsm_json_end_object(struct hsm_json_writer *writer);
void hsm_json_begin_array(struct hsm_json_writer *writer, const char *key);
void hsm_json_end_array(struct hsm_json_writer *writer);
void hsm_json_write_string(struct hsm_json_writer *writer, const char *key, const char *text);
void hsm_json_write_integer(struct hsm_json_writer *writer, const char *key, int64_t value);
void hsm_json_write_boolean(struct hsm_json_writer *writer, const char *key, bool value);
/* text is JSON already. */
void hsm_json_write_raw(struct hsm_json_writer *writer, const char *key, const char *text);
/* What was parsed; a number is read back as the same double. */
void hsm_json_write_value(struct hsm_json_writer *writer, const char *key, const cJSON *json);

/* The present fields of a struct, in the table's order; without those that are
 * the server's. */
void hsm_json_write(struct hsm_json_writer *writer, const char *key, const struct hsm_object *object,
		    const void *base);

/* Likewise, a list's items. */
void hsm_json_write_list(struct hsm_json_writer *writer, const char *key, const struct hsm_field *element,
			 size_t item_size, const struct hsm_list *list);

#endif
