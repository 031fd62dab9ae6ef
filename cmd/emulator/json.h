#ifndef HSM_EMULATOR_JSON_H
#define HSM_EMULATOR_JSON_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "schema/base/buffer.h"

/* Deeper than any template; deeper is refused. */
#define EMU_JSON_DEPTH 64

/*
 * Bytes from outside. cJSON takes invalid UTF-8, \u0000, raw control characters
 * and numbers such as 007: they are refused first. NULL and *why (a constant)
 * where it is no JSON.
 */
cJSON *hsm_emu_json_parse(const char *text, size_t length, const char **why);

/*
 * The bytes of the first member `key` of the object in text, which
 * hsm_emu_json_parse accepted: kept as sent, since cJSON would round numbers.
 * A copy, or NULL.
 */
char *hsm_emu_json_copy_member(const char *text, const char *key);

/* A string member, or NULL where it is missing or no string. Borrowed. */
const char *hsm_emu_json_string(const cJSON *object, const char *key);
cJSON *hsm_emu_json_get(const cJSON *object, const char *key);
/* A number member, or otherwise. */
double hsm_emu_json_number(const cJSON *object, const char *key, double otherwise);

/* Compact text, to be freed with free(). */
char *hsm_emu_json_print(const cJSON *json);
void hsm_emu_json_append(struct hsm_buffer *buffer, const cJSON *json);

/* A JSON string with its quotes; NULL is null. */
void hsm_emu_json_append_string(struct hsm_buffer *buffer, const char *text);
/* "key":"text", with the comma in front unless an object or array just opened. */
void hsm_emu_json_append_member(struct hsm_buffer *buffer, const char *key, const char *text);

#endif
