#ifndef HSM_EMULATOR_GRAPH_RULES_H
#define HSM_EMULATOR_GRAPH_RULES_H

#include <cJSON.h>
#include <stdbool.h>

#include "cmd/emulator/rules.h"

struct hsm_emu;

/* What Meta refuses in a template, with the codes of graph_errors.c. */
struct hsm_emu_graph_check {
	const struct hsm_emu *emu;
	struct hsm_emu_findings findings;
	const char *category; /* NULL: none of Meta's */
	bool partial;  /* an edit: it need not have components */
	bool old;      /* versions before v17.0: more categories, and authentication with a text of one's own */
	bool named;    /* parameters */
	bool offer;    /* has a LIMITED_TIME_OFFER */
	bool rejected; /* it is taken, and the review will say INVALID_FORMAT */
};

#define EMU_GRAPH_OLD_BEFORE 17

/* Checks the body of a create whose enums hsm_emu_graph_normalize made upper case. */
void hsm_emu_graph_rules_check(struct hsm_emu_graph_check *check, const cJSON *create);

/* Checks text for variables of the template's format; how many different ones, -1: they are wrong, or of the other format. */
int hsm_emu_graph_variables_check(struct hsm_emu_graph_check *check, const char *text, const char *path, const char *code);

void hsm_emu_graph_rules_check_buttons(struct hsm_emu_graph_check *check, const cJSON *component, const char *path,
				       bool is_card);
void hsm_emu_graph_rules_check_carousel(struct hsm_emu_graph_check *check, const cJSON *component, const char *path);
void hsm_emu_graph_rules_check_header(struct hsm_emu_graph_check *check, const cJSON *header, const char *path, bool is_card);
void hsm_emu_graph_rules_check_card_body(struct hsm_emu_graph_check *check, const cJSON *body, const char *path);

bool hsm_emu_graph_is_authentication(const struct hsm_emu_graph_check *check);

#endif
