#ifndef HSM_EMULATOR_FORMS_H
#define HSM_EMULATOR_FORMS_H

#include <cJSON.h>
#include <stdbool.h>

struct hsm_emu_request;

enum hsm_emu_form_kind {
	EMU_FORM_TEXT,
	EMU_FORM_NUMBER, /* whole, not less than 0 */
	EMU_FORM_SWITCH,
	EMU_FORM_OBJECT,
	EMU_FORM_LIST,      /* of objects */
	EMU_FORM_TEXT_LIST,
	EMU_FORM_ANY,
};

/* A member of an object; a table of them ends with one without a name. */
struct hsm_emu_form {
	const char *name;
	enum hsm_emu_form_kind kind;
	bool required; /* there and not empty */
	const char *const *words;          /* the texts that are allowed, up to NULL; NULL: any */
	const struct hsm_emu_form *fields; /* of EMU_FORM_OBJECT and EMU_FORM_LIST */
};

/* The body: an object that has these members and no others, null being as good as absent. NULL: answered with 400. */
cJSON *hsm_emu_form_read(struct hsm_emu_request *request, const struct hsm_emu_form *fields);

/* Answers with 400: what a field of the body lacks or may not be. */
void hsm_emu_form_fail(struct hsm_emu_request *request, const char *code, const char *field);

#endif
