#ifndef HSM_YAML_H
#define HSM_YAML_H

#include <stddef.h>

#include "schema/base/arena.h"
#include "schema/field.h"
#include "schema/finding.h"

/* A template file or hsmctl.yaml is at most this large. */
#define HSM_YAML_SIZE_MAX ((size_t)1 << 20)

/*
 * Checks bytes from outside and makes a source of them: size, UTF-8, no NUL. The
 * text is copied into the arena. NULL, with a finding, where they are none.
 */
const struct hsm_source *hsm_yaml_source(struct hsm_arena *arena, const char *path, const char *data, size_t length,
					 struct hsm_findings *findings);

/*
 * Reads one YAML document into the struct that object describes. What is wrong
 * becomes findings; what is right is filled in all the same, so that later
 * checks find more. Returns 0 where the file gave no error, else
 * HSM_ERROR_INVALID.
 */
int hsm_yaml_load(struct hsm_arena *arena, const struct hsm_source *source, const struct hsm_object *object,
		  void *base, struct hsm_findings *findings);

/*
 * The value of a top-level scalar key, without checking anything else; NULL
 * where there is none. For asking thousands of old files which template they
 * define.
 */
char *hsm_yaml_peek(struct hsm_arena *arena, const char *data, size_t length, const char *key);

/* A narrower mark around the first `length` bytes at text + offset, where text
 * is the value that mark marks; the mark itself where it cannot be told. */
struct hsm_mark hsm_yaml_mark_inside(struct hsm_mark mark, const char *text, size_t offset, size_t length);

#endif
