#ifndef HSM_YAML_WRITE_H
#define HSM_YAML_WRITE_H

#include "schema/base/buffer.h"
#include "schema/field.h"

/* Writes a struct as the YAML that hsm_yaml_load reads back: block style, in the
 * table's order, texts in quotes unless they are plain words. */
void hsm_yaml_write(struct hsm_buffer *buffer, const struct hsm_object *object, const void *base);

/*
 * The emitter under it, for documents that no table describes. Block style, two
 * blanks a level; keys and texts are in quotes unless they are plain words, and
 * then escaped as in JSON, so that none of them ends its line. Keys are NULL for the
 * scalars of a list. Something must stand in what is begun.
 */
struct hsm_yaml_writer {
	struct hsm_buffer *buffer;
	unsigned depth;
	bool dash; /* the next key stands behind one */
};

/* What stands below a key: keys, or items. */
void hsm_yaml_begin(struct hsm_yaml_writer *writer, const char *key);
void hsm_yaml_end(struct hsm_yaml_writer *writer);

/* A mapping in a list. */
void hsm_yaml_begin_item(struct hsm_yaml_writer *writer);
void hsm_yaml_end_item(struct hsm_yaml_writer *writer);

void hsm_yaml_write_text(struct hsm_yaml_writer *writer, const char *key, const char *text);
void hsm_yaml_write_integer(struct hsm_yaml_writer *writer, const char *key, int64_t value);
void hsm_yaml_write_boolean(struct hsm_yaml_writer *writer, const char *key, bool value);

#endif
