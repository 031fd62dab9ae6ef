#ifndef HSM_SAVE_H
#define HSM_SAVE_H

#include "schema/base/buffer.h"
#include "schema/base/error.h"

/* Writes a file whole or not at all: nobody finds half of it. Devices and pipes are written to. */
int hsm_save_file(const char *path, const struct hsm_buffer *buffer, struct hsm_error *error);

/* Makes the folders above a file that are not there yet. */
int hsm_save_make_folders(const char *path, struct hsm_error *error);

#endif
