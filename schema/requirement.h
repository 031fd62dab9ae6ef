#ifndef HSM_REQUIREMENT_H
#define HSM_REQUIREMENT_H

#include "schema/field.h"

/* What a flow needs of templates: the file of `check --requires`. */

struct hsm_requirement { /* key: base name */
	struct hsm_node node;
	struct hsm_list languages;  /* struct hsm_string; absent: every one that git has */
	struct hsm_integer version; /* at least */
	struct hsm_list parameters; /* struct hsm_string: names in the order of the sender's array */
	struct hsm_list buttons;    /* struct hsm_string: ids of reply buttons */
};

struct hsm_requirements {
	struct hsm_node node;
	struct hsm_list templates; /* struct hsm_requirement */
};

extern const struct hsm_object hsm_requirements_object;

#endif
