#ifndef HSM_YAML_WRITE_H
#define HSM_YAML_WRITE_H

#include "schema/base/buffer.h"
#include "schema/field.h"

/* Writes a struct as the YAML that hsm_yaml_load reads back: block style, in the
 * table's order, texts in quotes unless they are plain words. */
void hsm_yaml_write(struct hsm_buffer *buffer, const struct hsm_object *object, const void *base);

#endif
