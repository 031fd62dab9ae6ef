#ifndef HSM_IMPORT_KEEP_H
#define HSM_IMPORT_KEEP_H

#include "schema/config.h"
#include "schema/template.h"

/* What the API does not hold stays as git's file has it: settings, and on Meta the types of parameters, the samples of
 * headers, and the ids of replies, by which flows know them. */
void hsm_import_keep(enum hsm_backend_word backend, struct hsm_template *template, const struct hsm_template *file);

#endif
