#ifndef HSM_JSON_SCHEMA_H
#define HSM_JSON_SCHEMA_H

#include "schema/base/buffer.h"
#include "schema/field.h"

/*
 * The JSON Schema (draft 2020-12) of a kind, from its table, as indented JSON
 * with a newline at the end. Editors complete and check files with it; hsmctl
 * itself checks by the table.
 */
void hsm_json_schema_append(const struct hsm_object *object, struct hsm_buffer *buffer);

#endif
