#ifndef HSM_INIT_FILES_H
#define HSM_INIT_FILES_H

#include <stddef.h>

#include "schema/field.h"

/* What init writes. */
struct hsm_init_file {
	const char *path;
	const char *text;                /* or */
	const struct hsm_object *object; /* the JSON Schema of */
};

extern const struct hsm_init_file hsm_init_files[];
extern const size_t hsm_init_file_count;

#endif
