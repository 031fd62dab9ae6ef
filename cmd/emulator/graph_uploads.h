#ifndef HSM_EMULATOR_GRAPH_UPLOADS_H
#define HSM_EMULATOR_GRAPH_UPLOADS_H

#include <stdbool.h>

struct hsm_emu;
struct hsm_emu_request;

/* Meta's resumable uploads: a session, its bytes from some offset on, and the handle that they become. */
void hsm_emu_graph_upload_start(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_upload_continue(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_upload_get(struct hsm_emu *emu, struct hsm_emu_request *request);

/* What is wrong with a handle for a header of this format, or NULL. Those of other places are taken as they are. */
const char *hsm_emu_graph_handle_check(const struct hsm_emu *emu, const char *handle, const char *format);

bool hsm_emu_graph_uploads_load(struct hsm_emu *emu);
void hsm_emu_graph_uploads_release(struct hsm_emu *emu);

#endif
