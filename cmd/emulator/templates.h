#ifndef HSM_EMULATOR_TEMPLATES_H
#define HSM_EMULATOR_TEMPLATES_H

#include <cJSON.h>
#include <stdbool.h>

#include "cmd/emulator/rules.h"

struct hsm_emu;
struct hsm_emu_account;
struct hsm_emu_request;

#define EMU_LOCK_DURATION ((int64_t)30 * 86400000) /* of a deleted name */

void hsm_emu_templates_list(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_templates_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_templates_get(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_templates_delete(struct hsm_emu *emu, struct hsm_emu_request *request);

/* What either API asks of a new template; false: answered. */
bool hsm_emu_templates_check_name(struct hsm_emu *emu, struct hsm_emu_request *request, struct hsm_emu_account *account,
				  const char *name, const char *language);
bool hsm_emu_templates_check_category(struct hsm_emu_request *request, const struct hsm_emu_account *account,
				      const char *name, const char *category);

/* One error for the first finding, with all of them below. */
void hsm_emu_findings_answer(struct hsm_emu_request *request, const struct hsm_emu_findings *findings);

/* The fault "rewrite": a server that keeps something else than what it was sent. */
void hsm_emu_components_rewrite(struct hsm_emu_request *request, cJSON *components);

#endif
